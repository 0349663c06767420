// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/view.hpp"
#include "foretell/metrics/mode.hpp"
#include "foretell/metrics/positions.hpp"
#include "foretell/metrics/ranking.hpp"

namespace foretell {

enum class Curve { roc, pr };
constexpr auto enum_names(Curve) { return std::array<std::string_view, 2>{"roc", "pr"}; }

struct AUCOptions {
  Curve curve = Curve::roc;
  std::string name{};  ///< empty: "auc", or "pr_auc" for the precision-recall curve
};

/// Area under the ROC curve, or under the precision-recall curve as average precision: exact, since every score is kept
/// (16 bytes each), with ties and sample weights counted as they should be. Truth above 0.5 is positive; several
/// outputs are pooled. NaN, which means undefined, while one class is missing (positives, for Curve::pr) and after a
/// NaN among the scores; roc_auc_score throws DataError then. keras.metrics.AUC counts in 200 thresholds, by default,
/// and gives 0 then.
class AUC {
 public:
  static constexpr Mode mode = Mode::max;
  explicit AUC(AUCOptions options = {}) : options_(std::move(options)) {}

  std::string name() const { return std::string(label()); }
  template <class T>
  void update(In<T> truth, In<T> prediction, const T* weights) {
    detail::for_each_pair(label(), truth, prediction, weights, [&](double t, double p, double weight) {
      if (std::isnan(p)) broken_ = true;
      if (weight > 0) items_.push_back({p, detail::says_yes(label(), t) ? weight : -weight});
    });
  }
  double result() const {
    if (broken_) return std::numeric_limits<double>::quiet_NaN();
    std::vector<detail::Ranked> ranked = items_;
    detail::rank(ranked);
    return options_.curve == Curve::roc ? detail::roc_area(ranked) : detail::average_precision(ranked);
  }
  void reset() {
    items_.clear();
    broken_ = false;
  }
  void merge(const AUC& other) {
    items_.insert(items_.end(), other.items_.begin(), other.items_.end());
    broken_ = broken_ || other.broken_;
  }
  void reserve(std::size_t rows) { items_.reserve(rows); }
  void fields(auto&& f) {
    f("curve", options_.curve);
    f("name", options_.name);
  }

 private:
  std::string_view label() const {
    if (!options_.name.empty()) return options_.name;
    return options_.curve == Curve::roc ? "auc" : "pr_auc";
  }

  AUCOptions options_;
  std::vector<detail::Ranked> items_;
  bool broken_ = false;
};

}  // namespace foretell

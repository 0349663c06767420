// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include "foretell/preprocessing/feature_scores.hpp"
#include "foretell/preprocessing/selection.hpp"

namespace foretell {

/// What a column is worth: the F value of its means in the classes of the target, or of a regression of the target on
/// it; chi-squared of its sums in the classes, for counts and flags; mutual information with classes or with a
/// quantity.
enum class FeatureScore : std::uint8_t { f_classif, f_regression, chi2, mutual_info_classif, mutual_info_regression };
constexpr auto enum_names(FeatureScore) {
  return std::array<std::string_view, 5>{"f_classif", "f_regression", "chi2", "mutual_info_classif",
                                         "mutual_info_regression"};
}

struct SelectKBestOptions {
  FeatureScore score = FeatureScore::f_classif;
  std::size_t k = 10;              ///< how many columns stay; all when there are fewer
  std::size_t n_neighbors = 3;     ///< for mutual information
  bool discrete_features = false;  ///< for mutual information: columns are classes, not quantities
  std::uint64_t seed = 0;          ///< of the noise that tells equal quantities apart in mutual information
};

namespace detail {

class BestSelecting : public Selecting {
 public:
  static constexpr std::string_view type = "SelectKBest";

  explicit BestSelecting(const SelectKBestOptions& options = {}) : options_(options) {}

  /// What each column is worth.
  const std::vector<double>& scores() const { return scores_; }

  /// Throws StateError without a target, ConfigError for k or n_neighbors 0, DataError for a target of one value or,
  /// with chi2, a negative number.
  Schema learn(const Frame& x) {
    const Target& target = x.target(type);
    if (options_.k == 0) throw ConfigError("SelectKBest: expected k > 0, received 0.");
    if (options_.n_neighbors == 0) throw ConfigError("SelectKBest: expected n_neighbors > 0, received 0.");
    need_numbers(x.schema(), type);
    const bool of_classes =
        options_.score != FeatureScore::f_regression && options_.score != FeatureScore::mutual_info_regression;
    const std::vector<double> distinct = target.distinct();
    if (distinct.size() < 2)
      throw DataError(text("SelectKBest: expected a target of two ", of_classes ? "classes" : "values",
                           " or more, received one; no column says anything about it."));
    const std::vector<std::size_t> classes = of_classes ? class_of_rows(target, distinct) : std::vector<std::size_t>();
    scores_.assign(x.columns(), 0);
    for_each_column(x, [&](std::size_t c, std::span<double> cells) {
      std::vector<double> values, y;
      std::vector<std::size_t> k;
      for (std::size_t r = 0; r < cells.size(); ++r) {
        if (!std::isfinite(cells[r])) continue;
        if (options_.score == FeatureScore::chi2 && cells[r] < 0)
          throw DataError(text("SelectKBest: column \"", x.schema()[c].name, "\" holds ", cells[r],
                               ", but chi2 takes numbers that are not negative; use another score."));
        values.push_back(cells[r]);
        if (of_classes)
          k.push_back(classes[r]);
        else
          y.push_back(target.values()[r]);
      }
      if (options_.score != FeatureScore::chi2) scale(values), scale(y);
      scores_[c] = values.empty() ? 0 : score(c, values, y, k, distinct.size());
    });
    std::vector<std::size_t> order(x.columns());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores_[a] < scores_[b]; });
    std::vector<bool> support(x.columns());
    for (std::size_t i = order.size() - std::min(options_.k, order.size()); i < order.size(); ++i)
      support[order[i]] = true;
    return keep(x.schema(), support);
  }

  void fields(auto&& f) {
    f("score", options_.score);
    f("k", options_.k);
    f("n_neighbors", options_.n_neighbors);
    f("discrete_features", options_.discrete_features);
    f("seed", options_.seed);
    f("scores", scores_);
    list(f);
  }

 private:
  /// Numbers whose squares a double does not hold, in other units.
  static void scale(std::vector<double>& values) {
    double most = 0;
    for (const double v : values) most = std::max(most, std::abs(v));
    if (most == 0 || (most > 1e-100 && most < 1e100)) return;
    for (double& v : values) v /= most;
  }
  double score(std::size_t c, std::span<const double> x, std::span<const double> y,
               std::span<const std::size_t> classes, std::size_t class_count) const {
    if (options_.score == FeatureScore::f_classif) return f_classif(x, classes, class_count);
    if (options_.score == FeatureScore::f_regression) return f_regression(x, y);
    if (options_.score == FeatureScore::chi2) return chi2(x, classes, class_count);
    const Random random = Random(options_.seed).stream(type);
    const bool of_classes = options_.score == FeatureScore::mutual_info_classif;
    if (!options_.discrete_features) {
      const std::vector<double> apart = told_apart(x, random.stream(c + 1));
      if (of_classes) return mutual_information(apart, classes, class_count, options_.n_neighbors);
      return mutual_information(apart, told_apart(y, random.stream(0)), options_.n_neighbors);
    }
    std::vector<double> distinct(x.begin(), x.end());
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    std::vector<std::size_t> own;
    for (const double v : x)
      own.push_back(static_cast<std::size_t>(std::lower_bound(distinct.begin(), distinct.end(), v) - distinct.begin()));
    if (of_classes) return mutual_information(own, distinct.size(), classes, class_count);
    return mutual_information(told_apart(y, random.stream(0)), own, distinct.size(), options_.n_neighbors);
  }

  SelectKBestOptions options_;
  std::vector<double> scores_;
};

}  // namespace detail

/// Keeps the k columns that say most about the target, each looked at alone: fit(x, y). Of equal ones the later stay.
/// Rows where a column is missing are left out of its score.
template <class T = float>
class SelectKBest : public Estimator<SelectKBest<T>, detail::BestSelecting, T> {
 public:
  explicit SelectKBest(SelectKBestOptions options = {}) : SelectKBest::Estimator(options) {}
};

}  // namespace foretell

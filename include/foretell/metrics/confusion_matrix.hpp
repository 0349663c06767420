// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/data/table_text.hpp"
#include "foretell/metrics/arguments.hpp"
#include "foretell/metrics/fixed.hpp"

namespace foretell {

/// How often the class of row i was predicted as the class of column j, classes ascending. An array-like of shape (k,
/// k).
class ConfusionMatrix {
 public:
  ConfusionMatrix() = default;
  explicit ConfusionMatrix(std::vector<double> labels)
      : labels_(std::move(labels)), counts_(labels_.size() * labels_.size()) {}

  const std::vector<double>& labels() const { return labels_; }
  std::size_t classes() const { return labels_.size(); }
  /// Places among `labels`; both throw DataError for one that does not exist.
  double operator()(std::size_t truth, std::size_t prediction) const { return counts_[place(truth, prediction)]; }
  double& operator()(std::size_t truth, std::size_t prediction) { return counts_[place(truth, prediction)]; }

  std::size_t size() const { return counts_.size(); }
  std::vector<std::size_t> sizes() const { return {classes(), classes()}; }
  const double* data() const { return counts_.data(); }
  auto begin() const { return counts_.begin(); }
  auto end() const { return counts_.end(); }

  /// A table with the truth downwards and the predictions across; `names` instead of the labels when there are as many.
  std::string to_string(const std::vector<std::string>& names = {}) const {
    std::vector<std::vector<std::string>> columns(classes() + 1);
    columns[0] = {"truth \\ predicted"};
    for (std::size_t i = 0; i < classes(); ++i) {
      const std::string name = names.size() == classes() ? names[i] : detail::short_number(labels_[i]);
      columns[0].push_back(name);
      columns[i + 1] = {name};
      for (std::size_t t = 0; t < classes(); ++t) columns[i + 1].push_back(detail::short_number((*this)(t, i)));
    }
    return detail::aligned(columns, std::vector<bool>(columns.size(), true));
  }

 private:
  std::size_t place(std::size_t truth, std::size_t prediction) const {
    if (truth >= classes() || prediction >= classes()) [[unlikely]]
      throw DataError(
          text("ConfusionMatrix: expected places below ", classes(), ", received ", truth, " and ", prediction, "."));
    return truth * classes() + prediction;
  }

  std::vector<double> labels_, counts_;
};

namespace detail {

/// Truth and prediction as places in one ascending list of labels.
struct Encoded {
  std::vector<double> labels;
  std::vector<std::size_t> truth, prediction;  ///< labels.size(): a label that is not in the list
};

/// `labels`: the list; empty: all that occur. Throws ShapeError, and DataError for NaN and for numbers that are not
/// whole.
template <Numbers Truth, Numbers Prediction>
Encoded encode(std::string_view who, const Truth& truth, const Prediction& prediction, const SampleWeight& weights,
               std::vector<double> labels = {}) {
  constexpr std::string_view advice = "; of probabilities or one-hot rows take the class ids first";
  const Array<double> t = column(who, "truth", truth, advice), p = column(who, "prediction", prediction, advice);
  same_rows(who, t, p);
  check_weights(who, weights, t.rows());
  for (const Array<double>* side : {&t, &p})
    for (std::size_t row = 0; row < side->rows(); ++row)
      if ((*side)[row] != std::floor((*side)[row]) || std::isinf((*side)[row]))
        throw DataError(text(who, ": expected classes, which are whole numbers, received ", (*side)[row], " in row ",
                             row, " of the ", side == &t ? "truth" : "prediction",
                             ", counted from 0; compare probabilities with a threshold first."));
  Encoded out{std::move(labels), {}, {}};
  if (out.labels.empty()) {
    out.labels.assign(t.begin(), t.end());
    out.labels.insert(out.labels.end(), p.begin(), p.end());
    std::sort(out.labels.begin(), out.labels.end());
    out.labels.erase(std::unique(out.labels.begin(), out.labels.end()), out.labels.end());
  }
  const bool ascending = std::is_sorted(out.labels.begin(), out.labels.end());
  const auto place = [&](double label) {
    const auto first = out.labels.begin(), last = out.labels.end();
    const auto found = ascending ? std::lower_bound(first, last, label) : std::find(first, last, label);
    return found == last || *found != label ? out.labels.size() : static_cast<std::size_t>(found - first);
  };
  std::transform(t.begin(), t.end(), std::back_inserter(out.truth), place);
  std::transform(p.begin(), p.end(), std::back_inserter(out.prediction), place);
  return out;
}

}  // namespace detail

enum class Normalize { none, truth, prediction, all };

struct ConfusionMatrixOptions {
  std::vector<double>
      labels{};  ///< the classes and their order; rows of other classes are left out. Empty: all, ascending
  Normalize normalize =
      Normalize::none;  ///< divide by the sums of the rows (truth), the columns (prediction) or by all
  SampleWeight sample_weight{};
};

/// Counts (or summed weights) of each pair of true and predicted class. Throws ShapeError for lengths that differ,
/// DataError for NaN, for numbers that are not whole and when none of `labels` is in the truth.
template <detail::Numbers Truth, detail::Numbers Prediction>
ConfusionMatrix confusion_matrix(const Truth& truth, const Prediction& prediction,
                                 const ConfusionMatrixOptions& options = {}) {
  const auto encoded = detail::encode("confusion_matrix", truth, prediction, options.sample_weight, options.labels);
  const std::size_t k = encoded.labels.size();
  if (std::all_of(encoded.truth.begin(), encoded.truth.end(), [k](std::size_t t) { return t == k; }))
    throw DataError("confusion_matrix: none of the given labels occurs in the truth.");
  ConfusionMatrix matrix(encoded.labels);
  for (std::size_t row = 0; row < encoded.truth.size(); ++row)
    if (encoded.truth[row] < k && encoded.prediction[row] < k)
      matrix(encoded.truth[row], encoded.prediction[row]) += options.sample_weight[row];
  if (options.normalize == Normalize::none) return matrix;

  std::vector<double> rows(k), columns(k);
  double all = 0;
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j < k; ++j) rows[i] += matrix(i, j), columns[j] += matrix(i, j), all += matrix(i, j);
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j < k; ++j) {
      const double sum = options.normalize == Normalize::truth        ? rows[i]
                         : options.normalize == Normalize::prediction ? columns[j]
                                                                      : all;
      matrix(i, j) = sum > 0 ? matrix(i, j) / sum : 0;
    }
  return matrix;
}

}  // namespace foretell

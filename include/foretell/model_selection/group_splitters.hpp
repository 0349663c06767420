// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/error.hpp"
#include "foretell/core/random.hpp"
#include "foretell/model_selection/splitters.hpp"

// Splits in which a group, a user say, is never on both sides. split(labels, groups): a label and a group for each row;
// cross_validate takes the groups from a column.

namespace foretell {

namespace detail {

/// Places of the values of an array among its distinct values, in ascending order.
template <ArrayLike X>
std::vector<std::size_t> places_of(const X& x, std::size_t rows, std::string_view who, std::string_view what) {
  const Array<double> values = as_array<double>(x);
  if (values.size() != rows)
    throw ShapeError(text(who, ": expected a ", what, " for each of ", rows, " rows, received ", values.size()));
  std::vector<double> distinct(values.begin(), values.end());
  for (std::size_t row = 0; row < rows; ++row)
    if (std::isnan(distinct[row]))
      throw DataError(text(who, ": expected a ", what, " in every row, received NaN in row ", row));
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<std::size_t> places(rows);
  for (std::size_t row = 0; row < rows; ++row)
    places[row] =
        static_cast<std::size_t>(std::lower_bound(distinct.begin(), distinct.end(), values[row]) - distinct.begin());
  return places;
}

inline std::size_t count_of(const std::vector<std::size_t>& places) {
  return places.empty() ? 0 : *std::max_element(places.begin(), places.end()) + 1;
}

}  // namespace detail

/// Folds of about equal numbers of rows: the largest groups first, each to the smallest fold. As scikit-learn's,
/// without chance; `shuffle` and `seed` are not used.
class GroupKFold {
 public:
  explicit GroupKFold(FoldOptions options = {}) : options_(options) {}
  const FoldOptions& options() const { return options_; }
  /// Throws ConfigError when n_splits is below 2, DataError when there are fewer groups than folds.
  template <ArrayLike Labels, ArrayLike Groups>
  std::vector<IndexSplit> split(const Labels& labels, const Groups& groups) const {
    const std::size_t rows = as_array<double>(labels).rows(), folds = options_.n_splits;
    const std::vector<std::size_t> group = detail::places_of(groups, rows, "GroupKFold", "group");
    const std::size_t count = detail::count_of(group);
    detail::check_splits("GroupKFold", folds, rows);
    if (count < folds)
      throw DataError(text("GroupKFold: ", count, " groups cannot make ", folds, " folds; lower n_splits."));
    std::vector<std::size_t> sizes(count), order(count), fold_size(folds), fold_of_group(count), fold_of(rows);
    for (const std::size_t g : group) ++sizes[g];
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sizes[a] < sizes[b]; });
    for (std::size_t i = count; i-- > 0;) {
      const auto lightest =
          static_cast<std::size_t>(std::min_element(fold_size.begin(), fold_size.end()) - fold_size.begin());
      fold_size[lightest] += sizes[order[i]];
      fold_of_group[order[i]] = lightest;
    }
    for (std::size_t row = 0; row < rows; ++row) fold_of[row] = fold_of_group[group[row]];
    return detail::folds_from(fold_of, folds);
  }

 private:
  FoldOptions options_;
};

/// Folds in which classes are as frequent as groups that stay whole allow: groups of the most uneven classes first,
/// each to the fold that makes the folds the most alike. As scikit-learn's; with `shuffle` groups that are alike are
/// taken in random order. A fold may have to test without a rare class, but none trains without one: that is an error
/// here and silent in scikit-learn.
class StratifiedGroupKFold {
 public:
  explicit StratifiedGroupKFold(FoldOptions options = {}) : options_(options) {}
  const FoldOptions& options() const { return options_; }
  /// Throws ConfigError when n_splits is below 2, DataError when there are fewer groups than folds, or all rows of a
  /// class are in one fold.
  template <ArrayLike Labels, ArrayLike Groups>
  std::vector<IndexSplit> split(const Labels& labels, const Groups& groups) const {
    const std::size_t rows = as_array<double>(labels).rows(), folds = options_.n_splits;
    const std::vector<std::size_t> label = detail::places_of(labels, rows, "StratifiedGroupKFold", "class"),
                                   group = detail::places_of(groups, rows, "StratifiedGroupKFold", "group");
    const std::size_t classes = detail::count_of(label), count = detail::count_of(group);
    detail::check_splits("StratifiedGroupKFold", folds, rows);
    if (count < folds)
      throw DataError(text("StratifiedGroupKFold: ", count, " groups cannot make ", folds, " folds; lower n_splits."));
    std::vector<std::vector<double>> of_group(count, std::vector<double>(classes)),
        of_fold(folds, std::vector<double>(classes));
    std::vector<double> of_class(classes);
    for (std::size_t row = 0; row < rows; ++row) ++of_group[group[row]][label[row]], ++of_class[label[row]];
    std::vector<std::size_t> order(count), fold_of_group(count), fold_of(rows);
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (options_.shuffle) Random(options_.seed).stream("StratifiedGroupKFold").shuffle(order);
    std::vector<double> spread(count);
    for (std::size_t g = 0; g < count; ++g) spread[g] = deviation(of_group[g]);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return spread[a] > spread[b]; });
    for (const std::size_t g : order) {
      double least = std::numeric_limits<double>::infinity(), least_rows = least;
      std::size_t best = 0;
      for (std::size_t f = 0; f < folds; ++f) {
        const auto add = [&](double sign) {
          for (std::size_t c = 0; c < classes; ++c) of_fold[f][c] += sign * of_group[g][c];
        };
        add(1);
        double unlike = 0;
        for (std::size_t c = 0; c < classes; ++c) {
          std::vector<double> shares;
          for (const auto& counts : of_fold) shares.push_back(counts[c] / of_class[c]);
          unlike += deviation(shares) / static_cast<double>(classes);
        }
        const double in_fold = std::accumulate(of_fold[f].begin(), of_fold[f].end(), 0.0);
        add(-1);
        const bool alike = std::abs(unlike - least) <= 1e-8 + 1e-5 * std::abs(least);
        if (!(unlike < least) && !(alike && in_fold < least_rows)) continue;
        least = unlike, least_rows = in_fold, best = f;
      }
      for (std::size_t c = 0; c < classes; ++c) of_fold[best][c] += of_group[g][c];
      fold_of_group[g] = best;
    }
    const Array<double> names = as_array<double>(labels);
    for (std::size_t row = 0; row < rows; ++row)
      if (of_fold[fold_of_group[group[row]]][label[row]] == of_class[label[row]] && classes > 1)
        throw DataError(text("StratifiedGroupKFold: all rows of the class ", names[row], " are in one fold of ", folds,
                             ", which would train without it; lower n_splits, or use GroupKFold."));
    for (std::size_t row = 0; row < rows; ++row) fold_of[row] = fold_of_group[group[row]];
    return detail::folds_from(fold_of, folds);
  }

 private:
  static double deviation(const std::vector<double>& values) {
    const auto n = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
    double squares = 0;
    for (const double v : values) squares += (v - mean) * (v - mean);
    return std::sqrt(squares / n);
  }
  FoldOptions options_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/error.hpp"
#include "foretell/core/random.hpp"
#include "foretell/data/split.hpp"

namespace foretell {

struct FoldOptions {
  std::size_t n_splits = 5;
  bool shuffle = true;  ///< false, scikit-learn's default: the first fold tests on the first rows
  std::uint64_t seed = 0;
};

namespace detail {

inline void check_splits(std::string_view who, std::size_t n_splits, std::size_t rows) {
  if (n_splits < 2) throw ConfigError(text(who, ": n_splits is at least 2, received ", n_splits, "."));
  if (rows < n_splits)
    throw DataError(text(who, ": ", rows, rows == 1 ? " row" : " rows", " cannot make ", n_splits,
                         " folds; lower n_splits or bring more rows."));
}

/// The folds when fold_of[i] is the fold that tests row i.
inline std::vector<IndexSplit> folds_from(const std::vector<std::size_t>& fold_of, std::size_t n_splits) {
  std::vector<IndexSplit> folds(n_splits);
  for (std::size_t f = 0; f < n_splits; ++f)
    for (std::size_t row = 0; row < fold_of.size(); ++row)
      (fold_of[row] == f ? folds[f].test : folds[f].train).push_back(row);
  return folds;
}

}  // namespace detail

/// Each row is tested in exactly one fold and trained on in all others; the row numbers of a part ascend.
///
/// Cuts the rows into n_splits parts whose sizes differ by one at most, the first ones being the larger.
class KFold {
 public:
  explicit KFold(FoldOptions options = {}) : options_(options) {}

  const FoldOptions& options() const { return options_; }
  /// Throws ConfigError when n_splits is below 2, DataError when there are fewer rows than folds.
  std::vector<IndexSplit> split(std::size_t rows) const {
    detail::check_splits("KFold", options_.n_splits, rows);
    std::vector<std::size_t> order(rows), fold_of(rows);
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (options_.shuffle) Random(options_.seed).stream("KFold").shuffle(order);
    const std::size_t size = rows / options_.n_splits, larger = rows % options_.n_splits;
    for (std::size_t i = 0; i < rows; ++i) {
      const bool early = i < larger * (size + 1);
      fold_of[order[i]] = early ? i / (size + 1) : larger + (i - larger * (size + 1)) / size;
    }
    return detail::folds_from(fold_of, options_.n_splits);
  }
  /// The same for as many rows as there are labels; what the labels are does not matter.
  template <ArrayLike Labels>
  std::vector<IndexSplit> split(const Labels& labels) const {
    return split(as_array<double>(labels).rows());
  }

 private:
  FoldOptions options_;
};

/// Cuts the rows into n_splits parts in each of which every class is as frequent as in the whole, to one row: the
/// counts are scikit-learn's, and without shuffling the rows too. A class of fewer rows than folds is an error, where
/// scikit-learn warns, unless all are, and leaves folds without it.
class StratifiedKFold {
 public:
  explicit StratifiedKFold(FoldOptions options = {}) : options_(options) {}

  const FoldOptions& options() const { return options_; }
  /// `labels`: one class for each row, any whole or other number. Throws ConfigError when n_splits is below 2,
  /// ShapeError for several numbers a row, DataError for NaN and for a class with fewer rows than folds, which some
  /// fold would be without.
  template <ArrayLike Labels>
  std::vector<IndexSplit> split(const Labels& labels) const {
    const Array<double> values = as_array<double>(labels);
    if (values.size() != values.rows())
      throw ShapeError(text("StratifiedKFold: expected one class a row, received rows of shape ",
                            to_string(values.row_shape()), "; of one-hot rows take the class ids."));
    const std::size_t rows = values.size(), folds = options_.n_splits;
    detail::check_splits("StratifiedKFold", folds, rows);
    for (std::size_t row = 0; row < rows; ++row)
      if (std::isnan(values[row]))
        throw DataError(text("StratifiedKFold: the label of row ", row, ", counted from 0, is NaN."));

    std::vector<double> classes(values.begin(), values.end());
    std::sort(classes.begin(), classes.end());
    classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
    std::vector<std::vector<std::size_t>> members(classes.size());
    std::vector<std::size_t> by_appearance;
    for (std::size_t row = 0; row < rows; ++row) {
      const auto c =
          static_cast<std::size_t>(std::lower_bound(classes.begin(), classes.end(), values[row]) - classes.begin());
      if (members[c].empty()) by_appearance.push_back(c);
      members[c].push_back(row);
    }

    // Classes laid out one after the other, in the order of their first rows, and dealt like cards: fold f gets every
    // place that is f modulo the number of folds. That settles how many rows of each class a fold tests.
    std::vector<std::size_t> fold_of(rows);
    std::size_t place = 0;
    for (std::size_t k = 0; k < by_appearance.size(); ++k) {
      const std::vector<std::size_t>& own = members[by_appearance[k]];
      if (own.size() < folds)
        throw DataError(text("StratifiedKFold: the class ", classes[by_appearance[k]], " has ", own.size(),
                             own.size() == 1 ? " row" : " rows", ", too few for ", folds,
                             " folds; lower n_splits, merge rare classes, or use KFold."));
      std::vector<std::size_t> dealt;
      for (std::size_t f = 0; f < folds; ++f) {
        const std::size_t first = (f + folds - place % folds) % folds;
        if (first < own.size()) dealt.insert(dealt.end(), (own.size() - first - 1) / folds + 1, f);
      }
      if (options_.shuffle) Random(options_.seed).stream("StratifiedKFold").stream(k).shuffle(dealt);
      for (std::size_t i = 0; i < own.size(); ++i) fold_of[own[i]] = dealt[i];
      place += own.size();
    }
    return detail::folds_from(fold_of, folds);
  }

 private:
  FoldOptions options_;
};

}  // namespace foretell

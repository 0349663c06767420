// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/random.hpp"
#include "foretell/core/whole_rows.hpp"
#include "foretell/data/table.hpp"

namespace foretell {

struct SplitOptions {
  /// Share of the rows, above 0 and below 1; rounded up to whole rows. 0.07 of 100 are 7; scikit-learn 1.9.1, which
  /// rounds up the product of two doubles, takes one more in such cases.
  double test_size = 0.25;
  std::string stratify{};  ///< column whose values are to be equally frequent in both parts
  std::uint64_t seed = 0;
  bool shuffle = true;  ///< false: the last rows are the test part
};

/// `const auto [train, test] = train_test_split(...)`
struct TableSplit {
  Table train, test;
};

/// Row numbers of the two parts, in the order in which the rows are to be taken.
struct IndexSplit {
  std::vector<std::size_t> train, test;
};

/// The class of each row as a number from 0, for stratifying: one class for each value, and one for the missing ones.
inline std::vector<std::int32_t> classes_of(const Column& column) {
  std::vector<std::int32_t> classes(column.size());
  if (column.kind() == Kind::number) {
    std::vector<double> values = column.sorted_numbers();
    values.erase(std::unique(values.begin(), values.end()), values.end());
    for (std::size_t i = 0; i < classes.size(); ++i) {
      const auto place =
          column.missing(i) ? values.end() : std::lower_bound(values.begin(), values.end(), column.number(i));
      classes[i] = static_cast<std::int32_t>(place - values.begin());
    }
  } else {
    const auto none = static_cast<std::int32_t>(column.dictionary().size());
    for (std::size_t i = 0; i < classes.size(); ++i) classes[i] = column.missing(i) ? none : column.code(i);
  }
  return classes;
}

namespace detail {

/// `total` rows dealt to classes in proportion to their counts: whole shares first, then one more to the largest
/// remainders; equal remainders in random order. No class gets more than its count.
inline std::vector<std::size_t> proportional(const std::vector<std::size_t>& counts, std::size_t total, Random random) {
  const std::size_t all = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
  std::vector<std::size_t> shares(counts.size()), remainders(counts.size());
  std::size_t dealt = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    shares[c] = counts[c] * total / all;
    remainders[c] = counts[c] * total % all;
    dealt += shares[c];
  }
  std::vector<std::size_t> order = random.permutation(counts.size());
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  for (std::size_t i = 0; dealt < total; i = (i + 1) % order.size())
    if (shares[order[i]] < counts[order[i]]) ++shares[order[i]], ++dealt;
  return shares;
}

}  // namespace detail

/// Splits the rows 0 .. rows - 1. With `classes` (a number from 0 for each row) both parts have the same share of each
/// class, to one row. The same seed gives the same split everywhere. Throws ConfigError for options out of range,
/// DataError when a part would be empty or a class has too few rows.
inline IndexSplit split_indices(std::size_t rows, const SplitOptions& options = {},
                                const std::vector<std::int32_t>& classes = {}) {
  if (!(options.test_size > 0 && options.test_size < 1))
    throw ConfigError(
        text("train_test_split: test_size is a share above 0 and below 1, received ", options.test_size, "."));
  const std::size_t tests = std::min(rows, detail::rows_up(options.test_size * static_cast<double>(rows)));
  const std::size_t trains = rows - tests;
  if (trains == 0 || tests == 0)
    throw DataError(text("train_test_split: ", rows, rows == 1 ? " row" : " rows", " with test_size ",
                         options.test_size, " would leave ", trains, " to train on and ", tests,
                         " to test on; both parts need rows."));
  IndexSplit split;
  if (!options.shuffle) {
    if (!classes.empty()) throw ConfigError("train_test_split: stratify needs shuffle = true.");
    split.train.resize(trains);
    split.test.resize(tests);
    std::iota(split.train.begin(), split.train.end(), std::size_t{0});
    std::iota(split.test.begin(), split.test.end(), trains);
    return split;
  }
  const Random random = Random(options.seed).stream("train_test_split");
  std::vector<std::size_t> order = random.permutation(rows);
  if (classes.empty()) {
    split.test.assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(tests));
    split.train.assign(order.begin() + static_cast<std::ptrdiff_t>(tests), order.end());
    return split;
  }
  if (classes.size() != rows)
    throw DataError(text("train_test_split: ", classes.size(), " classes for ", rows, " rows."));
  std::vector<std::size_t> counts;
  for (const std::int32_t c : classes) {
    if (c < 0) throw DataError("train_test_split: classes are numbered from 0.");
    if (counts.size() <= static_cast<std::size_t>(c)) counts.resize(static_cast<std::size_t>(c) + 1);
    ++counts[static_cast<std::size_t>(c)];
  }
  const auto present =
      static_cast<std::size_t>(std::count_if(counts.begin(), counts.end(), [](std::size_t n) { return n > 0; }));
  const auto lonely = std::find(counts.begin(), counts.end(), std::size_t{1});
  if (lonely != counts.end())
    throw DataError(text("train_test_split: stratify needs each class at least twice, one class has a single row (row ",
                         std::find(classes.begin(), classes.end(), lonely - counts.begin()) - classes.begin(),
                         ", counted from 0); merge or drop rare classes, or split without stratify."));
  if (tests < present || trains < present)
    throw DataError(text("train_test_split: ", tests, " test rows and ", trains, " training rows cannot hold all ",
                         present, " classes; change test_size, or split without stratify."));
  const std::vector<std::size_t> train_shares = detail::proportional(counts, trains, random.stream(1));
  for (std::size_t c = 0; c < counts.size(); ++c) counts[c] -= train_shares[c];
  const std::vector<std::size_t> test_shares = detail::proportional(counts, tests, random.stream(2));
  std::vector<std::size_t> left = test_shares;
  for (const std::size_t row : order) {
    std::size_t& n = left[static_cast<std::size_t>(classes[row])];
    if (n > 0)
      --n, split.test.push_back(row);
    else
      split.train.push_back(row);
  }
  return split;
}

/// Splits a table at random into a part to train on and a part to test on, as scikit-learn's function of that name.
///
/// With `stratify` naming a column of any kind, its values (missing being one of them) are as frequent in both parts.
/// Throws as `split_indices` does, and DataError when the column does not exist.
inline TableSplit train_test_split(const Table& table, const SplitOptions& options = {}) {
  const IndexSplit rows = options.stratify.empty()
                              ? split_indices(table.rows(), options)
                              : split_indices(table.rows(), options, classes_of(table.column(options.stratify)));
  return {table.take(rows.train), table.take(rows.test)};
}

}  // namespace foretell

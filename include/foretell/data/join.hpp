// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/data/concat.hpp"
#include "foretell/data/key_index.hpp"
#include "foretell/data/table.hpp"

namespace foretell {

/// Which rows a join keeps: those with a partner, all of the left table, all of both.
enum class How : std::uint8_t { inner, left, outer };

struct JoinOptions {
  How how = How::inner;
  std::vector<std::string> right_on{};              ///< the key columns' names in the right table; none: as in the left
  std::array<std::string, 2> suffixes{"_x", "_y"};  ///< for columns of both tables that are no shared keys
  bool unique_right = false;                        ///< a key that the right table has twice is an error
};

/// How far and in which direction an as-of join looks.
enum class Direction : std::uint8_t { backward, forward, nearest };

struct AsofOptions {
  std::vector<std::string> by{};  ///< columns that have to be equal
  Direction direction = Direction::backward;
  double tolerance = std::numeric_limits<double>::infinity();  ///< how far apart the two times may be
  bool allow_exact_matches = true;
  std::array<std::string, 2> suffixes{"_x", "_y"};
};

namespace detail {

/// The columns of the left rows, then those of the right rows that are no keys.
inline Table side_by_side(const Table& left, const std::vector<std::size_t>& left_rows, const Table& right,
                          const std::vector<std::size_t>& right_rows, const std::vector<std::string>& keys,
                          const std::vector<std::string>& right_keys, const std::array<std::string, 2>& suffixes) {
  const auto among = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const auto in_both = [&](const std::string& name) {
    return left.contains(name) && right.contains(name) && !among(right_keys, name);
  };
  const bool right_only = std::find(left_rows.begin(), left_rows.end(), Column::no_row) != left_rows.end();
  Table out;
  for (const Column& column : left) {
    const auto key = std::find(keys.begin(), keys.end(), column.name());
    const std::string name = in_both(column.name()) ? column.name() + suffixes[0] : column.name();
    if (key == keys.end() || !right_only) {
      out.add(name, column.pick(left_rows));
      continue;
    }
    std::vector<std::size_t> rows(left_rows);
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (rows[i] == Column::no_row) rows[i] = left.rows() + right_rows[i];
    const Column& other = right.column(right_keys[static_cast<std::size_t>(key - keys.begin())]);
    out.add(name, concat(std::vector<Column>{column, other}).pick(rows));
  }
  for (const Column& column : right)
    if (!among(right_keys, column.name()))
      out.add(in_both(column.name()) ? column.name() + suffixes[1] : column.name(), column.pick(right_rows));
  return out;
}

}  // namespace detail

/// The rows of two tables that agree in the key columns, side by side, in the order of the left table and then of the
/// right; rows of the right table without a partner (outer) come last. The columns are the left ones, then those of the
/// right table that are no keys.
///
/// As pandas.merge, with these differences: a missing key agrees with nothing, where pandas joins it with every missing
/// key; outer keeps that order, where pandas sorts by the keys; key columns of other names on the right are left out.
///
/// Throws DataError for columns that do not exist, keys of different kinds, names that come up twice, and a repeated
/// key with `unique_right`; ConfigError for another number of keys on the right.
inline Table join(const Table& left, const Table& right, const Names& on, const JoinOptions& options = {}) {
  const std::vector<std::string>& right_on = options.right_on.empty() ? on.list() : options.right_on;
  const detail::KeyIndex index("join", right, right_on);
  const std::vector<std::int32_t> found = index.find(left, on);
  const detail::GroupRows groups(index.ids(), index.size());
  if (options.unique_right && groups.rows.size() > index.size())
    for (std::size_t g = 0; g < index.size(); ++g)
      if (const std::size_t first = groups.starts[g]; groups.starts[g + 1] > first + 1)
        throw DataError(text("join: expected each key once in the right table, received rows ", groups.rows[first],
                             " and ", groups.rows[first + 1], " with the same; aggregate it first, see GroupBy."));
  std::vector<std::size_t> left_rows, right_rows;
  std::vector<bool> used(index.size());
  for (std::size_t row = 0; row < found.size(); ++row) {
    if (found[row] < 0) {
      if (options.how == How::inner) continue;
      left_rows.push_back(row);
      right_rows.push_back(Column::no_row);
      continue;
    }
    const auto g = static_cast<std::size_t>(found[row]);
    used[g] = true;
    for (std::size_t i = groups.starts[g]; i < groups.starts[g + 1]; ++i) {
      left_rows.push_back(row);
      right_rows.push_back(groups.rows[i]);
    }
  }
  if (options.how == How::outer)
    for (std::size_t row = 0; row < right.rows(); ++row)
      if (const std::int32_t id = index.ids()[row]; id < 0 || !used[static_cast<std::size_t>(id)]) {
        left_rows.push_back(Column::no_row);
        right_rows.push_back(row);
      }
  return detail::side_by_side(left, left_rows, right, right_rows, on.list(), right_on, options.suffixes);
}

/// For each row of the left table the row of the right one whose number in `on`, a time say, is the nearest at or
/// before it (backward), at or after it, or in either direction, among those that agree in the columns `by`; missing
/// values where there is none. Neither table has to be sorted. Of several at one time it is the last (after it: the
/// first), and of two as near the earlier. As pandas.merge_asof, but that a missing value in `by` agrees with nothing
/// (in pandas with missing ones), and a missing time has no partner (pandas refuses it, and tables that are not
/// sorted).
///
/// Throws DataError for columns that do not exist or are of the wrong kind, ConfigError for a negative tolerance.
inline Table asof_join(const Table& left, const Table& right, const std::string& on, const AsofOptions& options = {}) {
  if (!(options.tolerance >= 0))
    throw ConfigError(text("asof_join: expected a tolerance of 0 or more, received ", options.tolerance, "."));
  const std::vector<double>&time = left.column(on).numbers(), &times = right.column(on).numbers();
  std::vector<std::int32_t> group(left.rows()), groups(right.rows());
  std::size_t count = 1;
  if (!options.by.empty()) {
    const detail::KeyIndex index("asof_join", right, options.by);
    group = index.find(left, options.by);
    groups = index.ids();
    count = index.size();
  }
  for (std::size_t row = 0; row < groups.size(); ++row)
    if (std::isnan(times[row])) groups[row] = -1;
  detail::GroupRows sorted(groups, count);
  for (std::size_t g = 0; g < count; ++g)
    std::stable_sort(sorted.rows.begin() + static_cast<std::ptrdiff_t>(sorted.starts[g]),
                     sorted.rows.begin() + static_cast<std::ptrdiff_t>(sorted.starts[g + 1]),
                     [&](std::size_t a, std::size_t b) { return times[a] < times[b]; });
  std::vector<std::size_t> left_rows(left.rows()), right_rows(left.rows(), Column::no_row);
  for (std::size_t row = 0; row < left.rows(); ++row) {
    left_rows[row] = row;
    if (group[row] < 0 || std::isnan(time[row])) continue;
    const auto g = static_cast<std::size_t>(group[row]);
    const auto first = sorted.rows.begin() + static_cast<std::ptrdiff_t>(sorted.starts[g]),
               last = sorted.rows.begin() + static_cast<std::ptrdiff_t>(sorted.starts[g + 1]);
    const double t = time[row];
    const auto at_least = std::lower_bound(first, last, t, [&](std::size_t r, double x) { return times[r] < x; });
    const auto above = std::upper_bound(at_least, last, t, [&](double x, std::size_t r) { return x < times[r]; });
    const auto end_of_before = options.allow_exact_matches ? above : at_least,
               begin_of_after = options.allow_exact_matches ? at_least : above;
    std::size_t best = Column::no_row;
    if (options.direction != Direction::forward && end_of_before != first) best = *(end_of_before - 1);
    if (options.direction != Direction::backward && begin_of_after != last &&
        (best == Column::no_row || times[*begin_of_after] - t < t - times[best]))
      best = *begin_of_after;
    if (best == Column::no_row) continue;
    if (times[best] == t || std::abs(times[best] - t) <= options.tolerance)
      right_rows[row] = best;  // both infinite too
  }
  std::vector<std::string> keys = options.by;
  keys.push_back(on);
  return detail::side_by_side(left, left_rows, right, right_rows, keys, keys, options.suffixes);
}

}  // namespace foretell

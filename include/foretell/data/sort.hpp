// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/data/table.hpp"

namespace foretell {

struct SortOptions {
  std::vector<bool> descending{};  ///< one for each column, or one for all
  bool missing_first = false;      ///< in either direction; otherwise missing values come last
};

namespace detail {

/// The key of a missing value that comes last, which no other value has.
constexpr std::uint64_t missing_key = std::numeric_limits<std::uint64_t>::max();

/// A whole number for each row that ascends as the rows are to be sorted: numbers by value, booleans false first, texts
/// by their bytes.
inline std::vector<std::uint64_t> sort_keys(const Column& column, bool descending = false, bool missing_first = false) {
  std::vector<std::uint64_t> keys(column.size());
  const std::uint64_t turn = descending ? missing_key : 0, missing = missing_first ? 0 : missing_key;
  if (column.kind() == Kind::number) {  // the bits of a double, turned so that they ascend with it
    std::transform(column.numbers().begin(), column.numbers().end(), keys.begin(), [&](double value) {
      const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);
      return std::isnan(value) ? missing : turn ^ (bits >> 63 ? ~bits : bits | std::uint64_t{1} << 63);
    });
  } else if (column.kind() == Kind::boolean) {
    std::transform(column.booleans().begin(), column.booleans().end(), keys.begin(),
                   [&](std::int8_t flag) { return flag < 0 ? missing : turn ^ static_cast<std::uint64_t>(flag + 1); });
  } else {
    std::vector<std::size_t> order(column.dictionary().size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return column.dictionary()[a] < column.dictionary()[b]; });
    std::vector<std::uint64_t> ranks(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) ranks[order[i]] = i + 1;
    std::transform(column.codes().begin(), column.codes().end(), keys.begin(), [&](std::int32_t code) {
      return code < 0 ? missing : turn ^ ranks[static_cast<std::size_t>(code)];
    });
  }
  return keys;
}

}  // namespace detail

/// The rows in the order that sorts the table by those columns, the first one deciding; equal rows keep their order.
/// Throws DataError for a column that does not exist, ConfigError for no columns and for another number of directions.
inline std::vector<std::size_t> sort_order(const Table& table, const Names& names, const SortOptions& options = {}) {
  const std::size_t directions = options.descending.size();
  if (names.size() == 0 || (directions > 1 && directions != names.size()))
    throw ConfigError(text("sort_by: expected columns, and a direction for each or one for all, received ",
                           names.size(), " columns and ", directions, " directions."));
  std::vector<std::vector<std::uint64_t>> keys;
  for (const auto& name : names) {
    const bool descending = directions == 0 ? false : options.descending[directions == 1 ? 0 : keys.size()];
    keys.push_back(detail::sort_keys(table.column(name), descending, options.missing_first));
  }
  std::vector<std::pair<std::uint64_t, std::size_t>> rows(table.rows());
  for (std::size_t row = 0; row < rows.size(); ++row) rows[row] = {keys[0][row], row};
  std::sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    for (std::size_t k = 1; k < keys.size(); ++k)
      if (keys[k][a.second] != keys[k][b.second]) return keys[k][a.second] < keys[k][b.second];
    return a.second < b.second;
  });
  std::vector<std::size_t> order(rows.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = rows[i].second;
  return order;
}

/// The table sorted by those columns: sort_by(visits, {"user", "time"}), sort_by(items, "price", {.descending =
/// {true}}).
inline Table sort_by(const Table& table, const Names& names, const SortOptions& options = {}) {
  return table.take(sort_order(table, names, options));
}

/// The different values of a column, in ascending order; missing is none of them. (pandas.unique: in the order of their
/// first rows, missing among them.)
inline Column unique(const Column& column) {
  const std::vector<std::uint64_t> keys = detail::sort_keys(column);
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < keys.size(); ++row)
    if (keys[row] != detail::missing_key) rows.push_back(row);
  std::sort(rows.begin(), rows.end(),
            [&](std::size_t a, std::size_t b) { return std::pair(keys[a], a) < std::pair(keys[b], b); });
  rows.erase(std::unique(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return keys[a] == keys[b]; }),
             rows.end());
  return column.take(rows);
}

}  // namespace foretell

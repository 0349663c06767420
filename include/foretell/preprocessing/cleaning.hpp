// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "foretell/data/table.hpp"
#include "foretell/preprocessing/statistics.hpp"

namespace foretell {

/// Which of equal rows stay: the first, the last, or none of them.
enum class KeepDuplicate : std::uint8_t { first, last, none };
constexpr auto enum_names(KeepDuplicate) { return std::array<std::string_view, 3>{"first", "last", "none"}; }

struct DropDuplicatesOptions {
  std::vector<std::string> columns{};  ///< which columns are compared; none: all
  KeepDuplicate keep = KeepDuplicate::first;
};

/// The table without rows that repeat another, in the order they had. Missing values are equal to each other. Throws
/// DataError for a column that does not exist.
inline Table drop_duplicates(const Table& table, const DropDuplicatesOptions& options = {}) {
  const Table compared = options.columns.empty() ? table : table.select(options.columns);
  const auto cell = [](const Column& column, std::size_t row) {
    if (column.missing(row)) return ~std::uint64_t{0};
    return column.kind() == Kind::number ? std::bit_cast<std::uint64_t>(column.number(row) + 0.0)
                                         : static_cast<std::uint64_t>(column.code(row));
  };
  std::vector<std::uint64_t> hashes(table.rows());
  for (const Column& column : compared)
    for (std::size_t r = 0; r < hashes.size(); ++r) {
      const std::uint64_t mixed = (hashes[r] ^ cell(column, r)) * 0x9e3779b97f4a7c15u;
      hashes[r] = mixed ^ mixed >> 29;
    }
  const auto order_of = [&](std::size_t a, std::size_t b) {  // below, equal, above
    if (hashes[a] != hashes[b]) return hashes[a] < hashes[b] ? -1 : 1;
    for (const Column& column : compared)
      if (const auto x = cell(column, a), y = cell(column, b); x != y) return x < y ? -1 : 1;
    return 0;
  };
  std::vector<std::size_t> order(table.rows());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const int compare = order_of(a, b);
    return compare != 0 ? compare < 0 : a < b;
  });
  std::vector<bool> stays(table.rows());
  for (std::size_t first = 0, next = 0; first < order.size(); first = next) {
    while (next < order.size() && order_of(order[first], order[next]) == 0) ++next;
    if (options.keep == KeepDuplicate::first) stays[order[first]] = true;
    if (options.keep == KeepDuplicate::last) stays[order[next - 1]] = true;
    if (options.keep == KeepDuplicate::none && next - first == 1) stays[order[first]] = true;
  }
  return table.filter(stays);
}

struct DropOutliersOptions {
  std::vector<std::string> columns{};  ///< which number columns are looked at; none: all of them
  double threshold = 3;                ///< how many standard deviations from the mean a value may be
};

/// The table without rows in which a number is farther from the mean of its column than `threshold` standard
/// deviations; missing values are no outliers, nor are those of a constant column. Throws ConfigError when the
/// threshold is not positive, DataError for a column that does not exist or holds no numbers.
inline Table drop_outliers(const Table& table, const DropOutliersOptions& options = {}) {
  if (!(options.threshold > 0))
    throw ConfigError(text("drop_outliers: expected threshold > 0, received ", options.threshold, "."));
  std::vector<bool> stays(table.rows(), true);
  for (const Column& column : options.columns.empty() ? table : table.select(options.columns)) {
    if (column.kind() != Kind::number) {
      if (options.columns.empty()) continue;
      throw DataError(text("drop_outliers: column \"", column.name(), "\" holds no numbers; leave it out."));
    }
    std::vector<double> values = column.numbers();
    const detail::Moments moments(detail::present(values));
    if (moments.constant()) continue;
    const double most = options.threshold * std::sqrt(moments.variance);
    for (std::size_t r = 0; r < stays.size(); ++r)
      if (std::abs(column.number(r) - moments.mean) > most) stays[r] = false;
  }
  return table.filter(stays);
}

}  // namespace foretell

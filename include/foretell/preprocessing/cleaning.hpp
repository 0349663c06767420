// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "foretell/data/key_index.hpp"
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
  const std::vector<std::string> compared = options.columns.empty() ? table.names() : options.columns;
  if (compared.empty()) return table;
  const detail::KeyIndex index("drop_duplicates", table, compared, detail::MissingKeys::keep);
  const detail::GroupRows groups(index.ids(), index.size());
  std::vector<bool> stays(table.rows());
  for (std::size_t g = 0; g < index.size(); ++g) {
    const std::size_t first = groups.starts[g], last = groups.starts[g + 1];
    if (options.keep != KeepDuplicate::none || last - first == 1)
      stays[groups.rows[options.keep == KeepDuplicate::last ? last - 1 : first]] = true;
  }
  return table.filter(stays);
}

struct DropOutliersOptions {
  std::vector<std::string> columns{};  ///< which number columns are looked at; none: all of them
  double threshold = 3;                ///< how many standard deviations from the mean a value may be
};

/// The table without rows in which a number is farther from the mean of its column than `threshold` standard
/// deviations; missing values are no outliers, nor are those of a constant column. Throws ConfigError when the
/// threshold is not positive, DataError for a column that does not exist, holds no numbers or infinite ones.
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
    if (!std::isfinite(moments.mean) || !std::isfinite(moments.variance))
      throw DataError(text("drop_outliers: column \"", column.name(),
                           "\" holds infinite numbers, or ones whose spread is, of which none would be an outlier; "
                           "leave those rows out first, see Table::filter."));
    if (moments.constant()) continue;
    const double most = options.threshold * std::sqrt(moments.variance);
    for (std::size_t r = 0; r < stays.size(); ++r)
      if (std::abs(column.number(r) - moments.mean) > most) stays[r] = false;
  }
  return table.filter(stays);
}

}  // namespace foretell

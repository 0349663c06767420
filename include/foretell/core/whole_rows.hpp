// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>

namespace foretell::detail {

/// `rows`, a share times a number of rows, or the whole number that it is but for the rounding of both: 0.07 * 100 is a
/// little above 7, 0.29 * 100 a little below 29.
inline double meant(double rows) {
  const double whole = std::round(rows);
  return std::abs(rows - whole) <= 4 * std::numeric_limits<double>::epsilon() * whole ? whole : rows;
}

/// A share of rows, not negative, in whole rows.
inline std::size_t rows_down(double rows) { return static_cast<std::size_t>(std::floor(meant(rows))); }
inline std::size_t rows_up(double rows) { return static_cast<std::size_t>(std::ceil(meant(rows))); }
/// The least number of rows that an option asks for: a share of all below 1, else rows.
inline double least_rows(double least, std::size_t all) {
  return least < 1 ? static_cast<double>(rows_up(least * static_cast<double>(all))) : least;
}

}  // namespace foretell::detail

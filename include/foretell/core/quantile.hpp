// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace foretell::detail {

/// The value at share q of sorted values, between neighbours as numpy's "linear" does; NaN of none.
inline double quantile_of_sorted(std::span<const double> sorted, double q) {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double place = q * static_cast<double>(sorted.size() - 1), below = std::floor(place), t = place - below;
  const auto i = static_cast<std::size_t>(below);
  const double a = sorted[i], b = sorted[std::min(i + 1, sorted.size() - 1)], step = b - a;
  if (a == b || t == 0) return a;
  return t < 0.5 ? a + step * t : b - step * (1 - t);
}

}  // namespace foretell::detail

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <charconv>
#include <cmath>
#include <string>

namespace foretell::detail {

/// A number with four digits (or `places`) after the point, whatever the locale; "undefined" for NaN.
inline std::string fixed(double value, int places = 4) {
  if (std::isnan(value)) return "undefined";
  char digits[400];
  return {digits, std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, places).ptr};
}

}  // namespace foretell::detail

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

#include "foretell/core/error.hpp"

namespace foretell::detail {

/// Whole numbers nearer to 0 than this are all different in T; larger ones merge.
template <class T>
inline constexpr double exact_below = sizeof(T) == 4 ? 0x1p24 : 0x1p53;

/// Whether a number is none of the whole ones beyond 2^53 that no double is.
template <class N>
bool is_double(N value) {
  if constexpr (std::is_integral_v<N> && std::numeric_limits<N>::digits > std::numeric_limits<double>::digits) {
    const auto number = static_cast<double>(value);
    const bool beyond = number >= std::ldexp(1.0, std::numeric_limits<N>::digits);  // rounded up to what no N is
    return !beyond && static_cast<N>(number) == value;
  }
  return true;
}
/// A number as a double. Throws DataError for one that is none.
template <class N>
double as_double(N value, std::string_view who) {
  const auto number = static_cast<double>(value);
  if (!is_double(value)) [[unlikely]]
    throw DataError(text(who, ": expected numbers that a double holds, received ", value, ", which becomes ", number,
                         "; make texts of such ids."));
  return number;
}

/// Reads a text that is nothing but a whole number as it is written: digits without zeros before them, "-" before those
/// of a negative one.
template <class T>
bool read_whole(std::string_view s, T& value) {
  const std::string_view digits = s.substr(!s.empty() && s[0] == '-');
  if (digits.empty() || (digits[0] == '0' && s.size() > 1)) return false;
  const auto read = std::from_chars(s.data(), s.data() + s.size(), value);
  return read.ec == std::errc() && read.ptr == s.data() + s.size();
}

/// A double as a T. Throws DataError for one that a whole T does not hold.
template <class T>
T as_scalar(double value, std::string_view who) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    const double least = static_cast<double>(std::numeric_limits<T>::min()),
                 end = std::ldexp(1.0, std::numeric_limits<T>::digits);
    if (!(value >= least && value < end && value == std::floor(value))) [[unlikely]]
      throw DataError(text(who, ": expected whole numbers that the type asked for holds, received ",
                           std::isnan(value) ? std::string("a missing value") : text(value),
                           "; ask for float or double."));
  }
  return static_cast<T>(value);
}

}  // namespace foretell::detail

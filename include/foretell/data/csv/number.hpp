// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace foretell::detail {

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

inline std::string_view trimmed(std::string_view s) {
  while (!s.empty() && is_blank(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_blank(s.back())) s.remove_suffix(1);
  return s;
}

/// What a field says when read as a number. `code`: digits that a double would not keep and that no program writes for
/// a number:
///   08123, 00e5           a whole number with leading zeros, or one with an exponent
///   9007199254740993      a whole number beyond 2^53
///   73928e05, 0e462097    an exponent without a sign after a whole number of several digits or after a zero, 0e0
///                         aside; numbers are written 7.3928e+09, 1e-05, 1.5E3, 2e10, 12e-5
///   1e400                 beyond the largest double
enum class NumberRead { no, yes, code };

/// Reads all of `s`, without blanks around it, as a decimal number, correctly rounded; "inf" and "infinity" count. A
/// code is read too, rounded or infinite.
inline NumberRead read_number(std::string_view s, double& value) {
  const char* p = s.data();
  const char* const end = p + s.size();
  if (p == end) return NumberRead::no;
  const bool negative = *p == '-';
  if (negative || *p == '+') ++p;
  const char* const first = p;
  std::uint64_t digits = 0;
  while (p != end && is_digit(*p))
    digits = digits * 10 + static_cast<std::uint64_t>(*p++ - '0');  // may wrap: see below
  const auto whole = p - first;
  std::ptrdiff_t fraction = 0, power = 0;
  bool plain = true;  // neither point nor exponent
  bool code = false;
  if (p != end && *p == '.') {
    plain = false;
    const char* const point = ++p;
    while (p != end && is_digit(*p)) digits = digits * 10 + static_cast<std::uint64_t>(*p++ - '0');
    fraction = p - point;
  }
  if (whole + fraction == 0) {  // not a digit: only a word can be a number
    if (!plain || first == end || (*first != 'i' && *first != 'I')) return NumberRead::no;
    const auto read = std::from_chars(first, end, value);
    if (read.ec != std::errc() || read.ptr != end) return NumberRead::no;
    if (negative) value = -value;
    return NumberRead::yes;
  }
  if (p != end && (*p == 'e' || *p == 'E')) {
    const char* e = p + 1;
    const bool down = e != end && *e == '-', sign = down || (e != end && *e == '+');
    if (sign) ++e;
    if (e == end) return NumberRead::no;
    for (p = e; p != end && is_digit(*p); ++p) power = power < 1000000 ? power * 10 + (*p - '0') : power;
    if (p == e) return NumberRead::no;
    if (plain) code = *first == '0' ? whole > 1 || (!sign && power != 0) : whole > 1 && !sign;
    plain = false;
    if (down) power = -power;
  }
  if (p != end) return NumberRead::no;

  constexpr std::uint64_t exact = std::uint64_t{1} << 53;
  const bool all_digits = whole + fraction <= 19;  // fits 64 bits
  const std::ptrdiff_t scale = power - fraction;
  if (all_digits && digits <= exact && scale >= -22 && scale <= 22) {
    static constexpr double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    value = static_cast<double>(digits);  // exact, so is the power: one rounding
    value = scale < 0 ? value / powers[-scale] : value * powers[scale];
    if (negative) value = -value;
  } else {
    const auto read = std::from_chars(first, end, value);
    if (read.ec == std::errc::result_out_of_range) {  // as far from zero, or as near, as the first digit says
      const char* q = first;
      std::ptrdiff_t magnitude = whole + power;
      while (q != end && (*q == '0' || *q == '.')) magnitude -= *q++ == '0';
      code |= magnitude > 0;
      value = magnitude > 0 ? std::numeric_limits<double>::infinity() : 0.0;
    } else if (read.ec != std::errc() || read.ptr != end) {
      return NumberRead::no;
    }
    if (negative) value = -value;
  }
  if (plain ? (whole > 1 && *first == '0') || !all_digits || digits > exact : code) return NumberRead::code;
  return NumberRead::yes;
}

/// `read_number` for another decimal mark and, when not '\0', marks between thousands: three digits stand behind the
/// last mark, two or three (1,00,000) between two of them, one to three before the first.
inline NumberRead read_number(std::string_view s, char decimal, char thousands, double& value) {
  if (decimal == '.' && thousands == '\0') return read_number(s, value);
  std::string plain;
  plain.reserve(s.size());
  std::size_t group = 0;  // digits since the mark before
  bool marks = false, whole = true;
  const auto end_whole = [&] { return !std::exchange(whole, false) || !marks || group == 3; };
  for (const char c : s) {
    if (c == decimal) {
      if (!end_whole()) return NumberRead::no;
      plain += '.';
    } else if (thousands != '\0' && c == thousands) {
      if (!whole || group > 3 || group < (marks ? 2 : 1)) return NumberRead::no;
      marks = true;
      group = 0;
    } else if (c == '.') {
      return NumberRead::no;
    } else {
      if (is_digit(c))
        group += whole;
      else if (group > 0 && !end_whole())
        return NumberRead::no;
      plain += c;
    }
  }
  return end_whole() ? read_number(plain, value) : NumberRead::no;
}

}  // namespace foretell::detail

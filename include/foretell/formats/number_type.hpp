// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

// The types of numbers that safetensors files hold.

namespace foretell::detail {

/// The value of an IEEE half.
inline double half_value(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const double value = exponent == 0    ? std::ldexp(fraction, -24)
                       : exponent == 31 ? (fraction ? NAN : INFINITY)
                                        : std::ldexp(1024 + fraction, exponent - 25);
  return bits >> 15 ? -value : value;
}

struct NumberType {
  std::string_view name;
  std::size_t bits;
  double (*read)(const unsigned char*);  ///< null for what is not read here; NaN for an integer that no double is
  bool whole;                            ///< integers
};

template <class N>
double stored_number(const unsigned char* from) {
  N n;
  std::memcpy(&n, from, sizeof n);
  const auto value = static_cast<double>(n);
  if constexpr (std::numeric_limits<N>::is_integer && sizeof(N) == 8)
    if (!(std::abs(value) < 0x1p63) || static_cast<N>(value) != n) return std::numeric_limits<double>::quiet_NaN();
  return value;
}

/// The type of that name as the safetensors format has it; null for one that is not known.
inline const NumberType* number_type(std::string_view name) {
  constexpr auto half = [](const unsigned char* p) { return half_value(static_cast<std::uint16_t>(p[0] | p[1] << 8)); };
  constexpr auto bfloat = [](const unsigned char* p) {
    const unsigned char wide[4] = {0, 0, p[0], p[1]};
    return stored_number<float>(wide);
  };
  constexpr auto truth = [](const unsigned char* p) { return *p ? 1.0 : 0.0; };
  static constexpr std::array<NumberType, 22> types{{{"F32", 32, stored_number<float>, false},
                                                     {"F64", 64, stored_number<double>, false},
                                                     {"F16", 16, half, false},
                                                     {"BF16", 16, bfloat, false},
                                                     {"BOOL", 8, truth, true},
                                                     {"U8", 8, stored_number<std::uint8_t>, true},
                                                     {"I8", 8, stored_number<std::int8_t>, true},
                                                     {"U16", 16, stored_number<std::uint16_t>, true},
                                                     {"I16", 16, stored_number<std::int16_t>, true},
                                                     {"U32", 32, stored_number<std::uint32_t>, true},
                                                     {"I32", 32, stored_number<std::int32_t>, true},
                                                     {"U64", 64, stored_number<std::uint64_t>, true},
                                                     {"I64", 64, stored_number<std::int64_t>, true},
                                                     {"C64", 64, nullptr, false},
                                                     {"F4", 4, nullptr, false},
                                                     {"F6_E2M3", 6, nullptr, false},
                                                     {"F6_E3M2", 6, nullptr, false},
                                                     {"F8_E4M3", 8, nullptr, false},
                                                     {"F8_E5M2", 8, nullptr, false},
                                                     {"F8_E8M0", 8, nullptr, false},
                                                     {"F8_E4M3FNUZ", 8, nullptr, false},
                                                     {"F8_E5M2FNUZ", 8, nullptr, false}}};
  for (const NumberType& type : types)
    if (type.name == name) return &type;
  return nullptr;
}

}  // namespace foretell::detail

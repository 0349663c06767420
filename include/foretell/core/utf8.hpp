// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace foretell::detail {

/// The length of the UTF-8 sequence at the beginning of `s`, 0 when it is not valid (overlong, surrogate, cut off).
inline std::size_t utf8_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0u; };
  const auto next = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned a = byte(0);
  if (a < 0x80) return 1;
  if (a >= 0xC2 && a <= 0xDF) return next(1) ? 2 : 0;
  if (a >= 0xE0 && a <= 0xEF) {
    const unsigned low = a == 0xE0 ? 0xA0u : 0x80u, high = a == 0xED ? 0x9Fu : 0xBFu;
    return byte(1) >= low && byte(1) <= high && next(2) ? 3 : 0;
  }
  if (a >= 0xF0 && a <= 0xF4) {
    const unsigned low = a == 0xF0 ? 0x90u : 0x80u, high = a == 0xF4 ? 0x8Fu : 0xBFu;
    return byte(1) >= low && byte(1) <= high && next(2) && next(3) ? 4 : 0;
  }
  return 0;
}

/// The place of the first byte that is not UTF-8; the size when all is well.
inline std::size_t invalid_utf8(std::string_view s) {
  std::size_t i = 0;
  while (i < s.size()) {
    std::uint64_t word;
    if (s.size() - i >= 8 && (std::memcpy(&word, s.data() + i, 8), (word & 0x8080808080808080u) == 0)) {
      i += 8;
      continue;
    }
    const std::size_t length = utf8_length(s.substr(i, 4));
    if (length == 0) return i;
    i += length;
  }
  return i;
}

}  // namespace foretell::detail

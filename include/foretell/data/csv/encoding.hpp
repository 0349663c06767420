// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "foretell/core/error.hpp"
#include "foretell/data/csv/scan.hpp"

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

inline std::string utf8_from_latin1(std::string_view s) {
  std::string out;
  out.reserve(s.size() + s.size() / 8);
  for (const char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return out;
}

/// The text without its byte order mark; throws DataError when it is not UTF-8 text: compressed, UTF-16, binary,
/// Latin-1.
inline std::string_view checked_text(std::string_view bytes, std::string_view source) {
  const auto refuse = [&](auto... what) { throw DataError(text("CSV ", source, ": ", what...)); };
  const auto begins = [&](std::string_view magic) { return bytes.substr(0, magic.size()) == magic; };
  if (begins("\x1f\x8b"))
    refuse("the file is compressed with gzip, and foretell was installed without zlib; unpack it first (gunzip -k).");
  if (begins("BZh")) refuse("the file is compressed with bzip2; unpack it first (bunzip2 -k).");
  if (begins("\xfd"
             "7zXZ"))
    refuse("the file is compressed with xz; unpack it first (unxz -k).");
  if (begins("\x28\xb5\x2f\xfd")) refuse("the file is compressed with zstd; unpack it first (unzstd -k).");
  if (begins("PK\x03\x04")) refuse("the file is a zip archive or a spreadsheet; unpack it, or save the sheet as CSV.");
  if (begins("\xff\xfe") || begins("\xfe\xff"))
    refuse("the file is UTF-16; convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8).");
  if (begins("\xef\xbb\xbf")) bytes.remove_prefix(3);
  const std::size_t nul = bytes.empty() ? std::string_view::npos : bytes.find('\0');
  if (nul != std::string_view::npos)
    refuse("line ", line_of(bytes, nul),
           " holds a zero byte: the file is binary or UTF-16, expected UTF-8 text; convert it first (iconv).");
  return bytes;
}

}  // namespace foretell::detail

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include "foretell/core/error.hpp"
#include "foretell/core/utf8.hpp"
#include "foretell/data/csv/scan.hpp"

namespace foretell::detail {

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

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace foretell::detail {

/// How many letters wide a UTF-8 text prints: code points, those of East Asian scripts counting two.
inline std::size_t display_width(std::string_view s) {
  std::size_t width = 0;
  for (const char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) width += byte >= 0xE3 && byte <= 0xED ? 2 : 1;
  }
  return width;
}

/// The text on one line, cut to at most `most` letters.
inline std::string one_line(std::string_view s, std::size_t most) {
  std::string line;
  for (std::size_t i = 0, letters = 0; i < s.size(); ++i) {
    if ((static_cast<unsigned char>(s[i]) & 0xC0) != 0x80 && ++letters > most - 1 && display_width(s) > most)
      return line + "…";
    line += s[i] == '\n' || s[i] == '\r' || s[i] == '\t' ? ' ' : s[i];
  }
  return line;
}

/// A number in at most six significant digits; whole numbers up to 2^53 in full.
inline std::string short_number(double value) {
  char digits[40];
  const bool whole = std::abs(value) <= 9007199254740992 && value == std::floor(value);
  const auto end = whole ? std::to_chars(digits, digits + 40, value, std::chars_format::fixed)
                         : std::to_chars(digits, digits + 40, value, std::chars_format::general, 6);
  return {digits, end.ptr};
}

/// Lines of cells, padded to common widths, the first line being the header; `right[c]` aligns column c to the right.
inline std::string aligned(const std::vector<std::vector<std::string>>& columns, const std::vector<bool>& right) {
  std::string out;
  std::vector<std::size_t> widths;
  for (const auto& cells : columns) {
    std::size_t width = 0;
    for (const auto& cell : cells) width = std::max(width, display_width(cell));
    widths.push_back(width);
  }
  for (std::size_t line = 0; !columns.empty() && line < columns[0].size(); ++line) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::string& cell = columns[c][line];
      const std::string padding(widths[c] - display_width(cell), ' ');
      if (c) out += "  ";
      out += right[c] ? padding + cell : cell + padding;
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    out += '\n';
  }
  return out;
}

}  // namespace foretell::detail

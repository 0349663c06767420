// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "foretell/core/utf8.hpp"
#include "foretell/preprocessing/text/unicode_tables.hpp"

namespace foretell::detail {

constexpr char32_t replacement_letter = 0xFFFD;

/// Takes the first letter off a UTF-8 text that is not empty; a byte that belongs to none is U+FFFD.
inline char32_t next_letter(std::string_view& s) {
  const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(s[i])); };
  const std::size_t length = utf8_length(s);
  char32_t letter = replacement_letter;
  if (length == 1)
    letter = byte(0);
  else if (length == 2)
    letter = (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
  else if (length == 3)
    letter = (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
  else if (length == 4)
    letter = (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  s.remove_prefix(length ? length : 1);
  return letter;
}

inline void append_letter(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

/// What the tables say of a letter.
class LetterSort {
 public:
  static LetterSort of(char32_t c) {
    if (c < 0x80) return LetterSort(ascii[c]);
    const std::uint32_t* around = std::begin(letter_sorts);
    return of(c, around);
  }
  /// The same; `around` is where the letter before was found, which most letters of a text are near.
  static LetterSort of(char32_t c, const std::uint32_t*& around) {
    if (c < 0x80) return LetterSort(ascii[c]);
    if (c < around[0] >> 7 || c >= around[1] >> 7)
      around = std::prev(std::upper_bound(std::begin(letter_sorts), std::end(letter_sorts), c << 7 | 0x7F));
    return LetterSort(*around);
  }
  /// A letter, a digit or the underscore, of any script: \w of Python.
  bool is_word() const { return bits_ >> 6 & 1; }
  bool is_cased() const { return (bits_ >> 4 & 3) == 1; }
  /// Passed over when one looks whether the letter before or after has case: marks, apostrophes.
  bool is_case_ignorable() const { return (bits_ >> 4 & 3) == 2; }
  WordPart part() const { return static_cast<WordPart>(bits_ & 15); }

 private:
  explicit LetterSort(std::uint32_t bits) : bits_(bits) {}
  static constexpr std::array<std::uint8_t, 128> ascii = [] {
    std::array<std::uint8_t, 128> out{};
    for (std::size_t i = 0; letter_sorts[i] >> 7 < 128; ++i)
      for (std::size_t c = letter_sorts[i] >> 7; c < 128; ++c) out[c] = letter_sorts[i] & 0x7F;
    return out;
  }();
  std::uint32_t bits_;
};

inline bool is_space_letter(char32_t c) {
  return c == ' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/// Ideographs, kana and their marks: scripts that put no blanks between words.
inline bool is_cjk_letter(char32_t c) {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x323AF) || c == 0x3005 || c == 0x3007;
}

/// The punctuation of ASCII, all 32 of it.
inline bool is_ascii_punctuation(char32_t c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

}  // namespace foretell::detail

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>

#include "foretell/preprocessing/text/unicode.hpp"

namespace foretell::detail {

/// As they are; str.lower and str.casefold of Python; the 26 letters of ASCII alone.
enum class Casing : std::uint8_t { kept, lower, folded, ascii_lower };

/// The other case of a letter that is in the table, else 0.
inline char32_t change_case(std::span<const CaseRange> table, char32_t c) {
  const auto above = std::upper_bound(table.begin(), table.end(), c,
                                      [](char32_t x, const CaseRange& range) { return x < range.first; });
  if (above == table.begin()) return 0;
  const CaseRange& range = *std::prev(above);
  if (c > range.last || (c - range.first) % range.step != 0) return 0;
  return static_cast<char32_t>(static_cast<std::int32_t>(c) + range.add);
}

/// Whether the next letter that case does not pass over has case: a sigma before it is not the last of its word.
inline bool cased_letter_follows(std::string_view rest) {
  while (!rest.empty()) {
    const LetterSort sort = LetterSort::of(next_letter(rest));
    if (!sort.is_case_ignorable()) return sort.is_cased();
  }
  return false;
}
/// The same of the letter before.
inline bool cased_letter_precedes(std::string_view before) {
  while (!before.empty()) {
    std::size_t length = 1;
    while (length < std::min<std::size_t>(4, before.size()) && utf8_length(before.substr(before.size() - length)) == 0)
      ++length;
    std::string_view last = before.substr(before.size() - length);
    if (utf8_length(last) != length) return false;  // a byte that is no letter
    const LetterSort sort = LetterSort::of(next_letter(last));
    if (!sort.is_case_ignorable()) return sort.is_cased();
    before.remove_suffix(length);
  }
  return false;
}

/// Calls f(letter) for what folding makes of one.
template <class F>
void fold(char32_t c, const F& f) {
  const auto* several =
      std::lower_bound(std::begin(letters_folded_to_several), std::end(letters_folded_to_several), c,
                       [](const SeveralLetters& entry, char32_t x) { return static_cast<char32_t>(entry.from) < x; });
  if (several != std::end(letters_folded_to_several) && several->from == c) {
    for (const char32_t one : several->to)
      if (one) f(one);
    return;
  }
  const char32_t folded = change_case(folded_letters, c), small = change_case(capital_letters, c);
  f(folded ? folded : small ? small : c);
}

/// Calls f(letter, its sort) for each letter of a UTF-8 text. A sigma that ends its word becomes the final one in lower
/// case, and U+0130, the I with a dot, two letters; folding makes up to three of one, such as "ss" of a sharp s.
template <class F>
void each_letter(std::string_view text, Casing casing, const F& f) {
  constexpr char32_t capital_sigma = 0x3A3, small_sigma = 0x3C3, final_sigma = 0x3C2, dotted_i = 0x130;
  std::string_view rest = text;
  const std::uint32_t* around = std::begin(letter_sorts);
  while (!rest.empty()) {
    char32_t c = next_letter(rest);
    const LetterSort sort = LetterSort::of(c, around);
    if (c < 0x80) {
      if (casing != Casing::kept && c >= 'A' && c <= 'Z') c += 32;
    } else if (casing == Casing::folded || (casing == Casing::lower && c == dotted_i)) {
      fold(c, [&](char32_t one) { f(one, LetterSort::of(one)); });
      continue;
    } else if (casing == Casing::lower && c == capital_sigma) {
      const std::string_view before = text.substr(0, text.size() - rest.size() - 2);
      c = cased_letter_precedes(before) && !cased_letter_follows(rest) ? final_sigma : small_sigma;
    } else if (casing == Casing::lower && sort.is_cased()) {
      if (const char32_t small = change_case(capital_letters, c)) c = small;
    }
    f(c, sort);
  }
}

}  // namespace foretell::detail

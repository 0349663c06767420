// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "foretell/preprocessing/text/unicode.hpp"

namespace foretell {

/// What a word is.
enum class WordRule : std::uint8_t {
  letters,       ///< a run of letters, digits and underscores of any script, with the marks that follow them
  unicode,       ///< UAX 29: "don't", "3.14" and "foo_bar" are words too, kana and other letters keep apart
  scikit_learn,  ///< (?u)\b\w+\b of Python: as letters, but marks divide words
  keras,         ///< of TextVectorization: what stands between blanks of ASCII once its punctuation is taken out
};
constexpr auto enum_names(WordRule) {
  return std::array<std::string_view, 4>{"letters", "unicode", "scikit-learn", "keras"};
}

namespace detail {

/// A letter of a text: where its bytes begin, and what it is to words.
struct Place {
  std::size_t at = 0;
  WordPart part = WordPart::other;
};

inline bool is_mark(WordPart part) { return part == WordPart::mark || part == WordPart::vowel_sign; }
inline bool is_letter(WordPart part) { return part == WordPart::letter || part == WordPart::hebrew_letter; }
inline bool begins_word(WordPart part) {
  return (part >= WordPart::letter && part <= WordPart::connector) || part == WordPart::unclassified ||
         part == WordPart::single;
}

/// Whether it is one of the letters of a word; accents, underscores of UAX 29 and apostrophes are none.
inline bool counts(WordPart part) {
  return (part >= WordPart::letter && part <= WordPart::number) || part >= WordPart::vowel_sign;
}

/// Whether a word goes on from one letter to the next: rules 5, 8 to 10, 13, 13a and 13b of UAX 29. Letters without a
/// class hold together as well, which the rules leave to dictionaries.
inline bool joined(WordPart a, WordPart b) {
  const auto counted = [](WordPart part) { return is_letter(part) || part == WordPart::number; };
  if (counted(a) && counted(b)) return true;
  if (a == WordPart::connector || b == WordPart::connector)
    return begins_word(a) && begins_word(b) && a != WordPart::unclassified && b != WordPart::unclassified &&
           a != WordPart::single && b != WordPart::single;
  return a == b && (a == WordPart::katakana || a == WordPart::unclassified);
}

/// Whether a word goes on across one letter between two: rules 6, 7, 7b, 7c, 11 and 12.
inline bool bridged(WordPart a, WordPart between, WordPart b) {
  const bool both = between == WordPart::mid_both || between == WordPart::quote;
  if (is_letter(a) && is_letter(b))
    return both || between == WordPart::mid_letter ||
           (between == WordPart::double_quote && a == WordPart::hebrew_letter && b == a);
  return a == WordPart::number && b == a && (both || between == WordPart::mid_number);
}

/// The place behind the word that begins at `first`; its marks belong to it (rule 4). The last place is `other`.
inline std::size_t word_end(std::span<const Place> places, std::size_t first) {
  const auto next = [&](std::size_t i) {
    do ++i;
    while (is_mark(places[i].part));
    return i;
  };
  for (std::size_t last = first;;) {
    if (places[last].part == WordPart::letter)
      while (places[last + 1].part == WordPart::letter) ++last;
    const std::size_t end = next(last);
    const WordPart a = places[last].part, b = places[end].part;
    if (joined(a, b)) {
      last = end;
    } else if (b >= WordPart::mid_letter && b <= WordPart::double_quote && bridged(a, b, places[next(end)].part)) {
      last = next(end);
    } else {
      return a == WordPart::hebrew_letter && b == WordPart::quote ? next(end) : end;  // rule 7a
    }
  }
}

}  // namespace detail
}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/data/dictionary.hpp"
#include "foretell/preprocessing/text/letter_case.hpp"
#include "foretell/preprocessing/text/words.hpp"

namespace foretell {

/// What a token is: a word, a run of letters of any kind, or such a run within a word (with a blank on either side).
enum class Analyzer : std::uint8_t { word, character, character_wb };
constexpr auto enum_names(Analyzer) { return std::array<std::string_view, 3>{"word", "char", "char_wb"}; }

struct TokenizerOptions {
  Analyzer analyzer = Analyzer::word;
  WordRule word_rule = WordRule::letters;        ///< of Analyzer::word
  std::array<std::size_t, 2> ngram_range{1, 1};  ///< least and most words, or letters, of a token
  bool lowercase = true;        ///< as str.lower of Python; with WordRule::keras the letters of ASCII alone
  bool casefold = false;        ///< instead as str.casefold, where "ß" is "ss" and a ligature its letters
  std::size_t min_letters = 2;  ///< of a word: shorter ones are left out, as in scikit-learn; accents are no letters
  bool split_cjk = false;       ///< each ideograph or kana is a word, of one letter
  std::vector<std::string> stop_words{};  ///< words to leave out, as they are after lowercase

  void fields(auto&& f) {
    std::size_t least = ngram_range[0], most = ngram_range[1];
    f("analyzer", analyzer);
    f("word_rule", word_rule);
    f("ngram_min", least);
    f("ngram_max", most);
    f("lowercase", lowercase);
    f("casefold", casefold);
    f("min_letters", min_letters);
    f("split_cjk", split_cjk);
    f("stop_words", stop_words);
    ngram_range = {least, most};
  }
};

/// Cuts texts into tokens: words by one of four rules, or runs of letters as scikit-learn's analyzers have them. UTF-8;
/// each byte that is none is U+FFFD, which like NUL is no letter. Nothing is normalised: an accented letter of one code
/// point and the same of two are different. Const: any number of threads may use one.
///
/// Beside scikit-learn, WordRule::letters keeps words with marks whole, such as the vowel signs of Hindi or accents
/// that are letters of their own; words without marks are the same. Beside UAX 29, whose words are taken to be its
/// segments with a letter or digit: of the 1,823 lines of WordBreakTest of Unicode 15 WordRule::unicode differs in 2
/// (it leaves off a pictogram that a joiner ties to a letter), WordRule::letters in 190, since it divides at
/// apostrophes and points within words and not at kana, and takes an underscore alone for a word. Both keep runs of
/// Chinese, Japanese or Thai letters together, where UAX 29 without a dictionary cuts letter by letter.
class Tokenizer {
 public:
  /// Throws ConfigError for an n-gram range that is empty or begins at 0, or casefold where Keras has none.
  explicit Tokenizer(TokenizerOptions options = {}) : options_(std::move(options)) {
    const auto [least, most] = options_.ngram_range;
    if (least < 1 || most < least || most > 64)
      throw ConfigError(
          text("Tokenizer: expected an ngram_range of 1 <= least <= most <= 64, received ", least, " and ", most, "."));
    if (options_.casefold && options_.word_rule == WordRule::keras)
      throw ConfigError("Tokenizer: expected lowercase alone with WordRule::keras, received casefold; leave it out.");
    for (const auto& word : options_.stop_words) stop_.add(word);
    for (char32_t c = 0; c < ascii_.size(); ++c) ascii_[c] = part_of(c, detail::LetterSort::of(c));
  }
  const TokenizerOptions& options() const { return options_; }

  /// What is filled anew for each text, and kept so that nothing is allocated.
  struct Memory {
    std::string letters;                ///< of the text, lower case when asked for
    std::vector<detail::Place> places;  ///< where each begins
    std::string run;
    std::vector<detail::Place> run_places;
    std::vector<std::string_view> words;
  };

  /// Calls f(token) for each; the token is valid during the call.
  template <class F>
  void each(std::string_view source, const F& f) const {
    Memory memory;
    each(source, memory, f);
  }
  /// The same in memory of the caller's.
  template <class F>
  void each(std::string_view source, Memory& memory, const F& f) const {
    read(source, memory);
    if (options_.analyzer == Analyzer::word)
      words(memory, f);
    else if (options_.analyzer == Analyzer::character)
      runs(memory.letters, memory.places, 0, memory.places.size() - 1, f);
    else
      runs_within_words(memory, f);
  }
  std::vector<std::string> tokens(std::string_view source) const {
    std::vector<std::string> out;
    each(source, [&](std::string_view token) { out.emplace_back(token); });
    return out;
  }

 private:
  using Place = detail::Place;
  using Part = detail::WordPart;

  bool is_keras() const { return options_.analyzer == Analyzer::word && options_.word_rule == WordRule::keras; }
  detail::Casing casing() const {
    if (options_.casefold) return detail::Casing::folded;
    if (!options_.lowercase) return detail::Casing::kept;
    return is_keras() ? detail::Casing::ascii_lower : detail::Casing::lower;
  }
  Part part_of(char32_t c, detail::LetterSort sort) const {
    if (options_.analyzer != Analyzer::word) return detail::is_space_letter(c) ? Part::blank : Part::other;
    if (options_.split_cjk && sort.is_word() && detail::is_cjk_letter(c)) return Part::single;
    switch (options_.word_rule) {
      case WordRule::unicode:
        return sort.part();
      case WordRule::keras:
        return c == ' ' || (c >= '\t' && c <= '\r') ? Part::other : Part::letter;
      case WordRule::letters:
        if (detail::is_mark(sort.part())) return sort.part();
        break;
      case WordRule::scikit_learn:
        break;
    }
    return sort.is_word() ? Part::letter : Part::other;
  }

  void read(std::string_view source, Memory& memory) const {
    std::string& letters = memory.letters;
    std::vector<Place>& places = memory.places;
    letters.clear();
    letters.reserve(source.size());
    places.resize(source.size() + 1);  // folding alone makes more
    std::size_t count = 0;
    const bool no_punctuation = is_keras();
    detail::each_letter(source, casing(), [&](char32_t c, detail::LetterSort sort) {
      if (no_punctuation && detail::is_ascii_punctuation(c)) return;
      if (count + 1 == places.size()) places.resize(2 * places.size());
      places[count++] = {letters.size(), c < ascii_.size() ? ascii_[c] : part_of(c, sort)};
      detail::append_letter(letters, c);
    });
    places.resize(count + 1);
    places[count] = {letters.size(), Part::other};
    if (options_.analyzer == Analyzer::character) squeeze(memory);
  }
  /// Two or more blanks become one, ' '.
  static void squeeze(Memory& memory) {
    auto& [letters, places, out, kept, words] = memory;
    out.clear();
    kept.clear();
    for (std::size_t i = 0; i + 1 < places.size();) {
      std::size_t end = i + 1;
      if (places[i].part == Part::blank)
        while (places[end].part == Part::blank) ++end;
      kept.push_back({out.size(), places[i].part});
      if (end > i + 1)
        out += ' ';
      else
        out.append(letters, places[i].at, places[i + 1].at - places[i].at);
      i = end;
    }
    kept.push_back({out.size(), Part::other});
    letters.swap(out);
    places.swap(kept);
  }

  template <class F>
  void words(Memory& memory, const F& f) const {
    auto& [letters, places, joined, run_places, found] = memory;
    found.clear();
    const std::string_view all = letters;
    for (std::size_t i = 0; i + 1 < places.size();) {
      if (!detail::begins_word(places[i].part)) {
        ++i;
        continue;
      }
      const std::size_t end = detail::word_end(places, i);
      std::size_t missing = std::max<std::size_t>(1, options_.min_letters);
      for (std::size_t k = i; k < end && missing > 0; ++k) missing -= detail::counts(places[k].part);
      const std::string_view word = all.substr(places[i].at, places[end].at - places[i].at);
      if ((missing == 0 || places[i].part == Part::single) && stop_.find(word) < 0) found.push_back(word);
      i = end;
    }
    for (std::size_t n = options_.ngram_range[0]; n <= options_.ngram_range[1]; ++n)
      for (std::size_t i = 0; i + n <= found.size(); ++i) {
        if (n == 1) {
          f(found[i]);
          continue;
        }
        joined = found[i];
        for (std::size_t k = 1; k < n; ++k) (joined += ' ') += found[i + k];
        f(std::string_view(joined));
      }
  }
  template <class F>
  void runs(const std::string& letters, const std::vector<Place>& places, std::size_t first, std::size_t last,
            const F& f) const {
    for (std::size_t n = options_.ngram_range[0]; n <= options_.ngram_range[1]; ++n)
      for (std::size_t i = first; i + n <= last; ++i)
        f(std::string_view(letters).substr(places[i].at, places[i + n].at - places[i].at));
  }
  /// Each word between blanks; one shorter than n with its blanks is a token once.
  template <class F>
  void runs_within_words(Memory& memory, const F& f) const {
    auto& [letters, places, padded, at, words] = memory;
    for (std::size_t i = 0; i + 1 < places.size();) {
      if (places[i].part == Part::blank) {
        ++i;
        continue;
      }
      padded = " ";
      at.assign(1, {0, Part::blank});
      for (; i + 1 < places.size() && places[i].part != Part::blank; ++i) {
        at.push_back({padded.size(), Part::other});
        padded.append(letters, places[i].at, places[i + 1].at - places[i].at);
      }
      at.push_back({padded.size(), Part::blank});
      padded += ' ';
      at.push_back({padded.size(), Part::other});
      const std::size_t length = at.size() - 1;
      for (std::size_t n = options_.ngram_range[0]; n <= options_.ngram_range[1]; ++n) {
        if (n >= length) {
          f(std::string_view(padded));
          break;
        }
        for (std::size_t k = 0; k + n <= length; ++k)
          f(std::string_view(padded).substr(at[k].at, at[k + n].at - at[k].at));
      }
    }
  }

  TokenizerOptions options_;
  Dictionary stop_;
  std::array<Part, 128> ascii_{};  // what part_of says of each
};

}  // namespace foretell

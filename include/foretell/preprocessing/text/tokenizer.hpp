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
#include "foretell/preprocessing/text/unicode.hpp"

namespace foretell {

/// What a token is: a word, a run of letters of any kind, or such a run within a word (with a blank on either side).
enum class Analyzer : std::uint8_t { word, character, character_wb };
constexpr auto enum_names(Analyzer) { return std::array<std::string_view, 3>{"word", "char", "char_wb"}; }

struct TokenizerOptions {
  Analyzer analyzer = Analyzer::word;
  std::array<std::size_t, 2> ngram_range{1, 1};  ///< least and most words, or letters, of a token
  bool lowercase = true;
  std::size_t min_letters = 2;  ///< of a word: shorter ones are left out, as in scikit-learn
  bool split_cjk = false;       ///< each ideograph or kana is a word, of one letter
  std::vector<std::string> stop_words{};

  void fields(auto&& f) {
    std::size_t least = ngram_range[0], most = ngram_range[1];
    f("analyzer", analyzer);
    f("ngram_min", least);
    f("ngram_max", most);
    f("lowercase", lowercase);
    f("min_letters", min_letters);
    f("split_cjk", split_cjk);
    f("stop_words", stop_words);
    ngram_range = {least, most};
  }
};

/// Cuts texts into tokens: words are runs of letters, digits and underscores of any script, as \w+ of Python; character
/// tokens are as of scikit-learn's analyzers. UTF-8; a byte that is none is U+FFFD. Const: any number of threads may
/// use one.
class Tokenizer {
 public:
  /// Throws ConfigError for an n-gram range that is empty or begins at 0.
  explicit Tokenizer(TokenizerOptions options = {}) : options_(std::move(options)) {
    const auto [least, most] = options_.ngram_range;
    if (least < 1 || most < least || most > 64)
      throw ConfigError(
          text("Tokenizer: expected an ngram_range of 1 <= least <= most <= 64, received ", least, " and ", most, "."));
    for (const auto& word : options_.stop_words) stop_.add(word);
  }
  const TokenizerOptions& options() const { return options_; }

  /// Calls f(token) for each; the token is valid during the call.
  template <class F>
  void each(std::string_view source, const F& f) const {
    // The letters, lower case when asked for, and where each begins.
    std::string letters;
    std::vector<Place> places;
    read(source, letters, places);
    if (options_.analyzer == Analyzer::word)
      words(letters, places, f);
    else if (options_.analyzer == Analyzer::character)
      runs(letters, places, 0, places.size() - 1, f);
    else
      runs_within_words(letters, places, f);
  }
  std::vector<std::string> tokens(std::string_view source) const {
    std::vector<std::string> out;
    each(source, [&](std::string_view token) { out.emplace_back(token); });
    return out;
  }

 private:
  enum class Sort : std::uint8_t { other, word, cjk, space };
  struct Place {
    std::size_t at = 0;
    Sort sort = Sort::other;
  };

  void read(std::string_view source, std::string& letters, std::vector<Place>& places) const {
    letters.reserve(source.size());
    places.reserve(source.size() + 1);
    const bool words = options_.analyzer == Analyzer::word;
    while (!source.empty()) {
      char32_t c = detail::next_letter(source);
      if (options_.lowercase) c = detail::lower_letter(c);
      Sort sort = Sort::other;
      if (words)
        sort = !detail::is_word_letter(c)                       ? Sort::other
               : options_.split_cjk && detail::is_cjk_letter(c) ? Sort::cjk
                                                                : Sort::word;
      else if (detail::is_space_letter(c))
        sort = Sort::space;
      places.push_back({letters.size(), sort});
      detail::append_letter(letters, c);
    }
    places.push_back({letters.size(), Sort::other});
    if (options_.analyzer == Analyzer::character) squeeze(letters, places);
  }
  /// Two or more blanks become one, ' '.
  static void squeeze(std::string& letters, std::vector<Place>& places) {
    std::string out;
    std::vector<Place> kept;
    for (std::size_t i = 0; i + 1 < places.size();) {
      std::size_t end = i + 1;
      if (places[i].sort == Sort::space)
        while (places[end].sort == Sort::space) ++end;
      kept.push_back({out.size(), places[i].sort});
      if (end > i + 1)
        out += ' ';
      else
        out.append(letters, places[i].at, places[i + 1].at - places[i].at);
      i = end;
    }
    kept.push_back({out.size(), Sort::other});
    letters = std::move(out);
    places = std::move(kept);
  }

  template <class F>
  void words(const std::string& letters, const std::vector<Place>& places, const F& f) const {
    std::vector<std::string_view> found;
    const std::string_view all = letters;
    for (std::size_t i = 0; i + 1 < places.size();) {
      if (places[i].sort == Sort::other) {
        ++i;
        continue;
      }
      std::size_t end = i + 1;
      if (places[i].sort == Sort::word)
        while (places[end].sort == Sort::word) ++end;
      const std::string_view word = all.substr(places[i].at, places[end].at - places[i].at);
      if ((places[i].sort == Sort::cjk || end - i >= options_.min_letters) && stop_.find(word) < 0)
        found.push_back(word);
      i = end;
    }
    std::string joined;
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
  void runs_within_words(const std::string& letters, const std::vector<Place>& places, const F& f) const {
    std::string padded;
    std::vector<Place> at;
    for (std::size_t i = 0; i + 1 < places.size();) {
      if (places[i].sort == Sort::space) {
        ++i;
        continue;
      }
      padded = " ";
      at = {{0, Sort::space}};
      for (; i + 1 < places.size() && places[i].sort != Sort::space; ++i) {
        at.push_back({padded.size(), Sort::other});
        padded.append(letters, places[i].at, places[i + 1].at - places[i].at);
      }
      at.push_back({padded.size(), Sort::space});
      padded += ' ';
      at.push_back({padded.size(), Sort::other});
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
};

}  // namespace foretell

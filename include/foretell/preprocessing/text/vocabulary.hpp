// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/data/dictionary.hpp"
#include "foretell/preprocessing/text/text_column.hpp"
#include "foretell/preprocessing/text/tokenizer.hpp"

namespace foretell {

struct VocabularyOptions {
  TokenizerOptions tokenizer{.min_letters = 1};
  std::size_t max_tokens = 0;    ///< the most frequent only, the two slots included, so 3 or more; 0: all
  std::size_t min_count = 1;     ///< how often a token has to come up
  bool descending_ties = false;  ///< equally frequent tokens from the last in bytes to the first, as Keras has them

  void fields(auto&& f) {
    tokenizer.fields(f);
    f("max_tokens", max_tokens);
    f("min_count", min_count);
    f("descending_ties", descending_ties);
  }
};

/// Numbers of tokens for Embedding: 0 is padding, 1 a token that fit did not see, then the tokens by how often they
/// come up, equally frequent ones in the order of their bytes. keras.layers.TextVectorization takes punctuation out
/// ("don't" is "dont", "3.14" is "314"), lower-cases ASCII alone and turns ties round: with
/// {.tokenizer = {.word_rule = WordRule::keras, .min_letters = 1}, .descending_ties = true} the numbers are its own.
class Vocabulary {
 public:
  static constexpr std::string_view type = "Vocabulary";
  static constexpr std::int32_t padding = 0, unknown = 1;

  /// Throws ConfigError for a max_tokens of 1 or 2, which leaves no room for a token.
  explicit Vocabulary(VocabularyOptions options = {}) : options_(std::move(options)), tokenizer_(options_.tokenizer) {
    if (options_.max_tokens == 1 || options_.max_tokens == 2)
      throw ConfigError(
          text("Vocabulary: expected max_tokens of 0, or of 3 or more since two numbers are padding and "
               "unknown, received ",
               options_.max_tokens, "."));
  }
  /// Of tokens that are known, numbered from 2 in their order, such as those of a Keras model (without its "" and
  /// "[UNK]"). Throws DataError for one that occurs twice or is empty, and when there are none.
  static Vocabulary from_tokens(const std::vector<std::string>& tokens, VocabularyOptions options = {}) {
    Vocabulary out(std::move(options));
    out.number(tokens);
    if (!out.fitted()) throw DataError("Vocabulary: expected tokens, received none.");
    return out;
  }

  /// Learns the tokens of a std::vector of texts or a category column. Throws DataError when none is left.
  template <class Texts>
  Vocabulary& fit(const Texts& texts) {
    Dictionary all;
    std::vector<std::size_t> times;
    detail::each_text(texts, [&](std::string_view one) {
      tokenizer_.each(one, [&](std::string_view token) {
        const auto number = static_cast<std::size_t>(all.add(token));
        if (number == times.size()) times.push_back(0);
        ++times[number];
      });
    });
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < times.size(); ++i)
      if (times[i] >= options_.min_count) order.push_back(i);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      if (times[a] != times[b]) return times[a] > times[b];
      return options_.descending_ties ? all.values()[a] > all.values()[b] : all.values()[a] < all.values()[b];
    });
    if (order.empty())
      throw DataError(text("Vocabulary: expected texts with tokens, received ", all.size(),
                           " different ones of which none is left; lower min_count or check the tokenizer."));
    if (options_.max_tokens > 0) order.resize(std::min(order.size(), options_.max_tokens - 2));
    std::vector<std::string> kept;
    for (const std::size_t i : order) kept.push_back(all.values()[i]);
    number(kept);
    return *this;
  }
  bool fitted() const { return tokens_.size() > 0; }
  /// How many numbers there are, padding and unknown among them: Embedding's input_dim. Throws StateError before fit,
  /// as what follows does.
  std::size_t size() const {
    need_fitted("size");
    return tokens_.size() + 2;
  }
  const std::vector<std::string>& tokens() const { return tokens_.values(); }
  std::int32_t id(std::string_view token) const {
    need_fitted("id");
    const std::int32_t found = tokens_.find(token);
    return found < 0 ? unknown : found + 2;
  }
  /// A text's numbers, token after token. Throws DataError where T cannot hold them all: a float ends at 2^24.
  template <class T = float>
  std::vector<T> sequence(std::string_view one) const {
    need_fitted("sequence");
    constexpr auto most = std::uint64_t{1} << std::min(std::numeric_limits<T>::digits, 62);
    if (tokens_.size() + 1 > most - std::is_integral_v<T>)
      throw DataError(text("Vocabulary: expected at most ", most, " numbers of this type, received ",
                           tokens_.size() + 2, "; set max_tokens, or ask for a wider type."));
    std::vector<T> ids;
    Tokenizer::Memory memory;
    each_id(one, memory, [&](std::int32_t number) { ids.push_back(static_cast<T>(number)); });
    return ids;
  }
  /// Calls f(number) for each token of a text, in memory of the caller's.
  template <class F>
  void each_id(std::string_view one, Tokenizer::Memory& memory, const F& f) const {
    tokenizer_.each(one, memory, [&](std::string_view token) { f(id(token)); });
  }
  /// What pad_sequences takes.
  template <class T = float, class Texts>
  std::vector<std::vector<T>> texts_to_sequences(const Texts& texts) const {
    std::vector<std::vector<T>> out;
    detail::each_text(texts, [&](std::string_view one) { out.push_back(sequence<T>(one)); });
    return out;
  }
  void fields(auto&& f) {
    std::vector<std::string> tokens = tokens_.values();
    options_.fields(f);
    f("tokens", tokens);
    *this = Vocabulary(std::move(options_));
    number(tokens);
  }

 private:
  void need_fitted(std::string_view who) const {
    if (!fitted()) throw StateError(text("Vocabulary: expected fit before ", who, "; call fit first, or from_tokens."));
  }
  void number(const std::vector<std::string>& tokens) {
    if (std::find(tokens.begin(), tokens.end(), "") != tokens.end())
      throw DataError("Vocabulary: expected tokens that are not empty, received \"\"; padding has its own number, 0.");
    tokens_ = Dictionary(tokens);
  }

  VocabularyOptions options_;
  Tokenizer tokenizer_;
  Dictionary tokens_;
};

}  // namespace foretell

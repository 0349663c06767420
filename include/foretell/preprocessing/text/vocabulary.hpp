// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/preprocessing/text/tokenizer.hpp"
#include "foretell/preprocessing/text/vectorizer.hpp"

namespace foretell {

struct VocabularyOptions {
  TokenizerOptions tokenizer{.min_letters = 1};
  std::size_t max_tokens = 0;  ///< the most frequent only, the two slots included; 0: all
  std::size_t min_count = 1;   ///< how often a token has to come up

  void fields(auto&& f) {
    tokenizer.fields(f);
    f("max_tokens", max_tokens);
    f("min_count", min_count);
  }
};

/// Numbers of tokens for Embedding: 0 is padding, 1 a token that fit did not see, then the tokens by how often they
/// come up, equally frequent ones in the order of their bytes. As keras.layers.TextVectorization.
class Vocabulary {
 public:
  static constexpr std::string_view type = "Vocabulary";
  static constexpr std::int32_t padding = 0, unknown = 1;

  explicit Vocabulary(VocabularyOptions options = {}) : options_(std::move(options)), tokenizer_(options_.tokenizer) {}

  /// Learns the tokens of a std::vector of texts or a category column.
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
      return times[a] != times[b] ? times[a] > times[b] : all.values()[a] < all.values()[b];
    });
    if (options_.max_tokens > 0)
      order.resize(std::min(order.size(), std::max<std::size_t>(2, options_.max_tokens) - 2));
    tokens_ = Dictionary();
    for (const std::size_t i : order) tokens_.add(all.values()[i]);
    return *this;
  }
  /// How many numbers there are, padding and unknown among them: Embedding's input_dim.
  std::size_t size() const { return tokens_.size() + 2; }
  const std::vector<std::string>& tokens() const { return tokens_.values(); }
  std::int32_t id(std::string_view token) const {
    const std::int32_t found = tokens_.find(token);
    return found < 0 ? unknown : found + 2;
  }
  /// A text's numbers, token after token.
  template <class T = float>
  std::vector<T> sequence(std::string_view one) const {
    std::vector<T> ids;
    tokenizer_.each(one, [&](std::string_view token) { ids.push_back(static_cast<T>(id(token))); });
    return ids;
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
    tokenizer_ = Tokenizer(options_.tokenizer);
    tokens_ = Dictionary(tokens);
  }

 private:
  VocabularyOptions options_;
  Tokenizer tokenizer_;
  Dictionary tokens_;
};

}  // namespace foretell

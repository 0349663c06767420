// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/preprocessing/pad_sequences.hpp"
#include "foretell/preprocessing/text/text_column.hpp"
#include "foretell/preprocessing/text/vocabulary.hpp"

namespace foretell {

struct TextVectorizationOptions {
  std::size_t max_tokens = 0;              ///< the most frequent only, padding and unknown included; 0: all
  std::size_t output_sequence_length = 0;  ///< numbers of a text: longer ones lose their end; 1 or more
  Side padding = Side::post;               ///< where shorter ones are filled up with 0; Keras: post
  TokenizerOptions tokenizer{.word_rule = WordRule::keras, .min_letters = 1};
  std::size_t min_count = 1;    ///< how often a token has to come up
  bool descending_ties = true;  ///< as VocabularyOptions has it
};

namespace detail {

class TextNumbering {
 public:
  static constexpr std::string_view type = "TextVectorization";

  explicit TextNumbering(TextVectorizationOptions options = {})
      : vocabulary_({std::move(options.tokenizer), options.max_tokens, options.min_count, options.descending_ties}),
        length_(options.output_sequence_length),
        padding_(options.padding) {}

  /// The tokens; its size() is the input_dim of Embedding.
  const Vocabulary& vocabulary() const { return vocabulary_; }

  Schema learn(const Frame& x) {
    if (length_ == 0) throw ConfigError(text(type, ": expected an output_sequence_length of 1 or more, received 0."));
    vocabulary_.fit(texts_of(x, type));
    Schema output;
    for (std::size_t i = 0; i < length_; ++i) output.add({text(x.schema()[0].name, "_", i)});
    return output;
  }
  void apply(Block in, MutableBlock out, Scratch& scratch) const {
    auto& memory = scratch.kept<Tokenizer::Memory>();
    for (std::size_t r = 0; r < in.rows; ++r) {
      double *const y = out.row(r), *const end = y + length_, *next = y;
      vocabulary_.each_id(text_in(in.row(r)[0]), memory, [&](std::int32_t number) {
        if (next != end) *next++ = number;
      });
      std::fill(next, end, double{Vocabulary::padding});
      if (padding_ == Side::pre) std::rotate(y, next, end);
    }
  }
  std::vector<std::string> reads_texts(std::vector<std::string> names) const { return names; }
  bool fits(std::size_t in, std::size_t out) const { return in == 1 && out == length_ && vocabulary_.fitted(); }

  void fields(auto&& f) {
    f("vocabulary", vocabulary_);
    f("output_sequence_length", length_);
    f("padding", padding_);
  }

 private:
  Vocabulary vocabulary_;
  std::size_t length_;
  Side padding_;
};

}  // namespace detail

/// One text column to the numbers of its tokens, as many for each text, for Embedding: 0 is padding, 1 a token that fit
/// did not see. As keras.layers.TextVectorization with output_mode "int", number for number with its defaults; the
/// tokenizer has what standardize and split choose there, and more. A missing text is nothing but padding. A float
/// tells 2^24 numbers apart.
template <class T = float>
class TextVectorization : public Estimator<TextVectorization<T>, detail::TextNumbering, T> {
 public:
  /// Throws ConfigError as Vocabulary does, fit when output_sequence_length is 0.
  explicit TextVectorization(TextVectorizationOptions options = {})
      : TextVectorization::Estimator(std::move(options)) {}
};

}  // namespace foretell

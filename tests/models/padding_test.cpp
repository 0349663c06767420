// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include "support/golden.hpp"

namespace ft = foretell;

namespace {

const std::vector<std::vector<float>> sessions{
    {1, 2, 3, 4, 5, 6, 7}, {3}, {5, 1, 5}, {9, 8, 7, 6, 5, 4, 3, 2, 1, 9}, {2, 4}};

/// How much padding there is behind changes no bit of the answer.
void same(const std::vector<ft::Layer<float>>& layers, ft::Side side = ft::Side::post) {
  std::vector<ft::Layer<float>> all{ft::Embedding<float>(10, 8, {.mask_zero = true})};
  all.insert(all.end(), layers.begin(), layers.end());
  ft::Sequential<float> model(all);
  model.build({10}, 3);
  CAPTURE(std::string(layers[0].type()));
  const auto answers = [&](std::size_t length) {
    return model.predict(ft::pad_sequences<float>(sessions, {.max_length = length, .padding = side}));
  };
  const ft::Tensor<float> tight = answers(10);
  CHECK(answers(11) == tight);
  CHECK(answers(16) == tight);
  CHECK(answers(31) == tight);
  for (std::size_t i = 0; i < sessions.size() && side == ft::Side::post; ++i) {  // alone, without any padding
    const ft::Tensor<float> alone = model.predict(ft::make_tensor<float>({1, sessions[i].size()}, sessions[i].data()));
    for (std::size_t j = 0; j < alone.size(); ++j) CHECK(alone(0, j) == tight(i, j));
  }
}

}  // namespace

TEST_CASE("Padding: its amount changes no bit, behind recurrent, convolutional, pooling and attention layers") {
  const ft::Conv1DOptions same_width{.padding = ft::Padding::same},
      causal{.padding = ft::Padding::causal, .dilation_rate = 2};
  same({ft::LSTM<float>(7)});
  same({ft::GRU<float>(7)});
  same({ft::GRU<float>(7, {.reset_after = false})});
  same({ft::SimpleRNN<float>(7)});
  same({ft::Bidirectional(ft::LSTM<float>(5))});
  same({ft::Bidirectional(ft::GRU<float>(5, {.return_sequences = true})), ft::LSTM<float>(3)});
  same({ft::LSTM<float>(7, {.go_backwards = true})});
  same({ft::GRU<float>(7, {.return_sequences = true, .go_backwards = true}), ft::GlobalMaxPooling1D<float>()});
  same({ft::LSTM<float>(5, {.return_sequences = true, .go_backwards = true}), ft::GRU<float>(3)});
  same({ft::Conv1D<float>(6, 3, same_width), ft::Conv1D<float>(6, 5, same_width), ft::GlobalMaxPooling1D<float>()});
  same({ft::Conv1D<float>(6, 3, causal), ft::GlobalAveragePooling1D<float>()});
  same({ft::Conv1D<float>(6, 1), ft::GlobalSumPooling1D<float>()});
  same({ft::DepthwiseConv1D<float>(3, {.padding = ft::Padding::same}), ft::GlobalMaxPooling1D<float>()});
  same({ft::SeparableConv1D<float>(3, 3, {.padding = ft::Padding::causal}), ft::GlobalMaxPooling1D<float>()});
  same({ft::TransformerEncoder<float>({.heads = 2}), ft::GlobalAveragePooling1D<float>()});
  same({ft::PositionalEmbedding<float>(31),
        ft::TransformerEncoder<float>({.heads = 1, .norm_first = true, .causal = true}), ft::GRU<float>(4)});
  same({ft::MultiHeadAttention<float>(2, 3), ft::AttentionPooling<float>(5)});
  same({ft::TimeDistributed(ft::Dense<float>(3)), ft::GlobalAveragePooling1D<float>()});
  same({ft::LayerNormalization<float>(), ft::AttentionPooling<float>(4)});
  same({ft::FactorizationMachine<float>()});
  same({ft::GRU<float>(7)}, ft::Side::pre);
  same({ft::PositionalEmbedding<float>(31), ft::TransformerEncoder<float>({.heads = 2}),
        ft::GlobalAveragePooling1D<float>()},
       ft::Side::pre);
}

TEST_CASE("Padding: pooling over windows and a valid convolution see real steps only") {
  std::vector<ft::Layer<float>> layers{ft::Conv1D<float>(6, 3), ft::GlobalMaxPooling1D<float>()};
  const auto check = [&](std::vector<ft::Layer<float>> made) {
    made.insert(made.begin(), ft::Embedding<float>(10, 8, {.mask_zero = true}));
    ft::Sequential<float> model(made);
    model.build({10}, 3);
    const std::vector<std::vector<float>> rows{{1, 2, 3, 4, 5, 6}, {9, 8, 7, 6, 5, 4, 3, 2}};
    CHECK(model.predict(ft::pad_sequences<float>(rows, {.max_length = 10, .padding = ft::Side::post})) ==
          model.predict(ft::pad_sequences<float>(rows, {.max_length = 24, .padding = ft::Side::post})));
  };
  check(layers);
  check({ft::MaxPooling1D<float>(2), ft::GRU<float>(4)});
  check({ft::AveragePooling1D<float>(2), ft::GRU<float>(4)});
  check({ft::SumPooling1D<float>(3, {.strides = 1}), ft::GlobalAveragePooling1D<float>()});
}

TEST_CASE("pad_sequences: as Keras, in front by default, behind when asked, cut where asked") {
  const std::vector<std::vector<float>> rows{{1, 2, 3}, {4}};
  const auto list = [](const ft::Tensor<float>& t) { return std::vector<float>(t.begin(), t.end()); };
  CHECK(list(ft::pad_sequences<float>(rows)) == std::vector<float>{1, 2, 3, 0, 0, 4});
  CHECK(list(ft::pad_sequences<float>(rows, {.max_length = 2})) == std::vector<float>{2, 3, 0, 4});
  CHECK(list(ft::pad_sequences<float>(
            rows, {.max_length = 2, .padding = ft::Side::post, .truncating = ft::Side::post, .value = -1})) ==
        std::vector<float>{1, 2, 4, -1});
  CHECK(ft::pad_sequences<float>(std::vector<std::vector<float>>()).shape(0) == 0);
}

TEST_CASE("pad_sequences: what Keras gives, for all sides, lengths and empty sequences") {
  const ft::golden::File file("padding");
  for (const auto& c : file.cases()) {
    CAPTURE(c.name());
    const auto side = [&](const char* option) {
      return c.option<std::string>(option) == "pre" ? ft::Side::pre : ft::Side::post;
    };
    const std::vector<double> values = c.tensor("x").data;
    std::vector<std::vector<double>> sequences;
    auto next = values.begin();
    for (const std::size_t length : c.option<std::vector<std::size_t>>("lengths")) {
      sequences.emplace_back(next, next + static_cast<std::ptrdiff_t>(length));
      next += static_cast<std::ptrdiff_t>(length);
    }
    const ft::Tensor<double> y = ft::pad_sequences(sequences, {.max_length = c.option<std::size_t>("max_length"),
                                                               .padding = side("padding"),
                                                               .truncating = side("truncating"),
                                                               .value = c.option<double>("value")});
    const auto expected = c.tensor("y");
    CHECK(std::equal(expected.shape.begin(), expected.shape.end(), y.shape().begin(), y.shape().end()));
    CHECK(std::equal(expected.data.begin(), expected.data.end(), y.begin(), y.end()));
  }
}

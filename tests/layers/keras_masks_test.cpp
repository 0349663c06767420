// SPDX-License-Identifier: BSD-3-Clause
// What layers make of padding: as Keras where they are told to, better where they are not.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <foretell/layers/bidirectional.hpp>
#include <foretell/layers/conv1d.hpp>
#include <foretell/layers/gru.hpp>
#include <foretell/layers/lstm.hpp>
#include <foretell/layers/multi_head_attention.hpp>
#include <foretell/layers/pooling.hpp>
#include <foretell/layers/resample.hpp>
#include <foretell/layers/separable_conv1d.hpp>
#include <foretell/layers/simple_rnn.hpp>
#include <foretell/layers/unit_normalization.hpp>
#include <foretell/testing/check_layer.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/golden.hpp"

using namespace foretell;

namespace {

Layer<double> as_keras(const std::string& name) {
  const std::map<std::string, Layer<double>> layers{
      {"attention", MultiHeadAttention<double>(2, 3, {.mean_of_nothing = true})},
      {"attention_causal", MultiHeadAttention<double>(2, 3, {.causal = true, .mean_of_nothing = true})},
      {"attention_with_dropout", MultiHeadAttention<double>(2, 3, {.dropout = 0.25})},
      {"attention_with_dropout_causal", MultiHeadAttention<double>(2, 3, {.dropout = 0.25, .causal = true})},
      {"max", MaxPooling1D<double>(2, {.padding = Padding::same, .masked = false})},
      {"average", AveragePooling1D<double>(2, {.strides = 1, .masked = false})},
      {"global_max", GlobalMaxPooling1D<double>({.masked = false})},
      {"global_average", GlobalAveragePooling1D<double>()},
      {"up", UpSampling1D<double>(2, {.masked = false})},
      {"zeros", ZeroPadding1D<double>(1, 2, {.masked = false})},
      {"crop", Cropping1D<double>(1, 1, {.masked = false})},
      {"conv", Conv1D<double>(3, 2, {.masked = false})},
      {"conv_same", Conv1D<double>(3, 3, {.padding = Padding::same, .masked = false})},
      {"depthwise", DepthwiseConv1D<double>(2, {.masked = false})},
      {"separable", SeparableConv1D<double>(3, 2, {.masked = false})},
      {"lstm", LSTM<double>(2, {.return_sequences = true})},
      {"gru", GRU<double>(2, {.return_sequences = true})},
      {"simple_rnn", SimpleRNN<double>(2, {.return_sequences = true})},
      {"lstm_backwards", LSTM<double>(2, {.return_sequences = true, .go_backwards = true})},
      {"bidirectional", Bidirectional<double>(LSTM<double>(2, {.return_sequences = true}))},
      {"bidirectional_last", Bidirectional<double>(LSTM<double>(2))},
      {"unit_normalization", UnitNormalization<double>()},
  };
  REQUIRE(layers.count(name) == 1);
  return layers.at(name);
}

/// What a layer makes of a case, whose padding may hold another number than there.
std::vector<double> answer(const golden::Case& c, const Layer<double>& layer, std::optional<double> padding = {}) {
  const auto shape = c.tensor("x").shape;
  testing::detail::Rig<double> rig(layer, {Shape(shape.begin() + 1, shape.end())}, {.rows = shape[0], .masked = true});
  std::copy_n(c.tensor("x").data.begin(), c.tensor("x").size(), rig.x(0).begin());
  const std::vector<double> mask = c.tensor("mask").data;
  REQUIRE(mask.size() == shape[0] * shape[1]);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    rig.mask()[i] = mask[i] != 0;
    if (padding && mask[i] == 0)
      std::fill_n(rig.x(0).begin() + static_cast<std::ptrdiff_t>(i * shape[2]), shape[2], *padding);
  }
  for (const auto& info : rig.parameters()) {
    const golden::Tensor from = c.tensor(info.name.substr(info.name.find('/') + 1));
    std::copy(from.data.begin(), from.data.end(), rig.weights().data() + info.offset);
  }
  return rig.forward(0, shape[0], false);
}

}  // namespace

TEST_CASE("Layers told to treat padding as Keras give its answers") {
  const golden::File file("keras_masks");
  for (const golden::Case& c : file.cases()) {
    CAPTURE(c.name());
    std::vector<double> y = answer(c, as_keras(c.name()));
    golden::Tensor expected = c.tensor("y");
    if (c.name() == "global_average") {  // NaN there where no step is real, 0 here
      CHECK(std::isnan(expected.data[6]));
      CHECK(y[6] == 0);
      expected.data[6] = expected.data[7] = 0;
    }
    const bool in_float = c.name() == "attention" || c.name() == "attention_causal";  // the shares, there
    CHECK(golden::close(y, expected, in_float ? 1e-5 : 1e-10, in_float ? 1e-6 : 1e-12));
  }
}

TEST_CASE("Layers not told so do not: padding never counts") {
  const golden::File file("keras_masks");
  const auto check = [&](const char* name, const Layer<double>& layer) {
    CAPTURE(name);
    const golden::Case& c = file[name];
    const std::vector<double> y = answer(c, layer);
    CHECK(answer(c, layer, 1e3) == y);
    CHECK_FALSE(golden::close(y, c.tensor("y"), 1e-6, 1e-6));  // Keras lets it count
    CHECK(answer(c, as_keras(name), 1e3) != answer(c, as_keras(name)));
  };
  check("attention", MultiHeadAttention<double>(2, 3));
  check("max", MaxPooling1D<double>(2, {.padding = Padding::same}));
  check("global_max", GlobalMaxPooling1D<double>());
  check("conv", Conv1D<double>(3, 2));
  check("depthwise", DepthwiseConv1D<double>(2));
  check("separable", SeparableConv1D<double>(3, 2));
}

TEST_CASE("Layers told to treat padding as Keras keep the contract, and say that the mask ends there") {
  for (const bool masked : {false, true}) {
    const testing::CheckLayerOptions options{.rows = 3, .masked = masked};
    for (const bool causal : {false, true}) {
      CHECK_NOTHROW(testing::check_layer(MultiHeadAttention<double>(2, 2, {.causal = causal, .mean_of_nothing = true}),
                                         Shape{4, 3}, options));
      CHECK_NOTHROW(testing::check_layer(MultiHeadAttention<double>(2, 2, {.causal = causal, .mean_of_nothing = true}),
                                         std::vector<Shape>{{4, 3}, {5, 2}, {5, 4}}, options));
    }
    CHECK_NOTHROW(testing::check_layer(MaxPooling1D<double>(2, {.masked = false}), Shape{5, 2}, options));
    CHECK_NOTHROW(testing::check_layer(GlobalMaxPooling1D<double>({.masked = false}), Shape{5, 2}, options));
    CHECK_NOTHROW(testing::check_layer(UpSampling1D<double>(2, {.masked = false}), Shape{3, 2}, options));
    CHECK_NOTHROW(testing::check_layer(Conv1D<double>(3, 2, {.masked = false}), Shape{4, 2}, options));
    CHECK_NOTHROW(testing::check_layer(DepthwiseConv1D<double>(2, {.masked = false}), Shape{4, 2}, options));
    CHECK_NOTHROW(testing::check_layer(SeparableConv1D<double>(3, 2, {.masked = false}), Shape{4, 2}, options));
  }
  for (const char* name : {"max", "global_max", "up", "zeros", "crop", "conv", "conv_same", "depthwise", "separable"}) {
    Layer<double> layer = as_keras(name);
    auto parameters = ParameterTable::of<double>(), states = parameters;
    LayerBuild build({"layer", "layer", "", {Shape{5, 2}}, {true}}, parameters, states);
    (void)layer.build(build);
    CHECK(build.mask_flow() == MaskFlow::drop);
  }
}

TEST_CASE("MultiHeadAttention: a query that is padding gives the bias, wherever it stands") {
  const golden::File file("keras_masks");
  const golden::Case& c = file["attention"];
  const std::vector<double> made = answer(c, MultiHeadAttention<double>(2, 3));
  const std::vector<double> bias = c.tensor("attention_output/bias").data, masked = c.tensor("mask").data;
  const std::size_t width = bias.size();
  REQUIRE(made.size() == masked.size() * width);
  for (std::size_t i = 0; i < masked.size(); ++i)
    for (std::size_t j = 0; j < width && masked[i] == 0; ++j) CHECK(made[i * width + j] == bias[j]);

  MultiHeadAttention<double> layer(1, 2);  // its bias is 0
  testing::detail::Rig<double> rig(layer, {Shape{4, 2}}, {.rows = 1, .masked = true});
  std::vector<double> y;
  for (const std::vector<std::uint8_t>& mask :
       std::vector<std::vector<std::uint8_t>>{{1, 0, 1, 0}, {0, 1, 0, 1}, {0, 0, 0, 0}}) {
    std::copy(mask.begin(), mask.end(), rig.mask().begin());
    y = rig.forward(0, 1, false);
    for (std::size_t t = 0; t < 4; ++t) CHECK(((y[2 * t] == 0 && y[2 * t + 1] == 0) == !mask[t]));
  }
}

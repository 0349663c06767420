// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/graph/workspace.hpp>
#include <foretell/io/registry.hpp>
#include <foretell/layers/batch_normalization.hpp>
#include <foretell/layers/bidirectional.hpp>
#include <foretell/layers/dense.hpp>
#include <foretell/layers/dropout.hpp>
#include <foretell/layers/gru.hpp>
#include <foretell/layers/lstm.hpp>
#include <foretell/layers/masking.hpp>
#include <foretell/layers/simple_rnn.hpp>
#include <foretell/layers/time_distributed.hpp>
#include <foretell/testing/check_layer.hpp>

namespace ft = foretell;
using ft::testing::check_layer;

TEST_CASE("Recurrent layers keep the contract, with and without masks") {
  ft::Registry<double> registry;
  registry.add<ft::GRU<double>, ft::LSTM<double>, ft::Dense<double>, ft::Dropout<double>>();
  for (const bool masked : {false, true}) {
    const ft::testing::CheckLayerOptions options{.rows = 4, .registry = &registry, .masked = masked};
    CAPTURE(masked);
    for (const bool sequences : {false, true}) {
      for (const bool backwards : {false, true}) {
        CAPTURE(sequences);
        CAPTURE(backwards);
        CHECK_NOTHROW(check_layer(ft::LSTM<double>(3, {.return_sequences = sequences, .go_backwards = backwards}),
                                  ft::Shape{5, 2}, options));
        CHECK_NOTHROW(check_layer(ft::GRU<double>(3, {.return_sequences = sequences, .go_backwards = backwards}),
                                  ft::Shape{5, 2}, options));
        CHECK_NOTHROW(check_layer(
            ft::GRU<double>(3, {.return_sequences = sequences, .go_backwards = backwards, .reset_after = false}),
            ft::Shape{5, 2}, options));
        CHECK_NOTHROW(check_layer(ft::SimpleRNN<double>(3, {.return_sequences = sequences, .go_backwards = backwards}),
                                  ft::Shape{5, 2}, options));
      }
      for (const auto mode : {ft::MergeMode::concat, ft::MergeMode::sum, ft::MergeMode::mul, ft::MergeMode::ave})
        CHECK_NOTHROW(
            check_layer(ft::Bidirectional(ft::GRU<double>(2, {.return_sequences = sequences}), {.merge_mode = mode}),
                        ft::Shape{5, 2}, options));
    }
    CHECK_NOTHROW(check_layer(ft::LSTM<double>(3, {.return_state = true}), ft::Shape{5, 2}, options));
    CHECK_NOTHROW(check_layer(ft::GRU<double>(3, {.return_state = true}), ft::Shape{5, 2}, options));
    CHECK_NOTHROW(check_layer(ft::LSTM<double>(3), std::vector<ft::Shape>{{4, 2}, {6}}, options));
    CHECK_NOTHROW(check_layer(ft::GRU<double>(3), std::vector<ft::Shape>{{4, 2}, {3}}, options));
    CHECK_NOTHROW(
        check_layer(ft::LSTM<double>(3, {.dropout = 0.3, .recurrent_dropout = 0.4}), ft::Shape{4, 2}, options));
    CHECK_NOTHROW(
        check_layer(ft::GRU<double>(3, {.dropout = 0.3, .recurrent_dropout = 0.4}), ft::Shape{4, 2}, options));
    CHECK_NOTHROW(
        check_layer(ft::GRU<double>(3, {.reset_after = false, .recurrent_dropout = 0.4}), ft::Shape{4, 2}, options));
    CHECK_NOTHROW(check_layer(ft::SimpleRNN<double>(3, {.recurrent_dropout = 0.4}), ft::Shape{4, 2}, options));
    CHECK_NOTHROW(check_layer(
        ft::LSTM<double>(3, {.activation = ft::softplus, .recurrent_activation = ft::hard_sigmoid, .use_bias = false}),
        ft::Shape{4, 2}, options));
    CHECK_NOTHROW(check_layer(
        ft::GRU<double>(3, {.activation = ft::leaky_relu, .recurrent_activation = ft::sigmoid, .use_bias = false}),
        ft::Shape{4, 2}, options));
    CHECK_NOTHROW(check_layer(ft::LSTM<double>(1), ft::Shape{1, 1}, options));
    CHECK_NOTHROW(
        check_layer(ft::TimeDistributed(ft::Dense<double>(3, {.activation = ft::tanh})), ft::Shape{4, 2}, options));
    CHECK_NOTHROW(check_layer(ft::TimeDistributed(ft::Dropout<double>(0.3)), ft::Shape{4, 2, 2}, options));
    CHECK_NOTHROW(check_layer(ft::TimeDistributed(ft::LSTM<double>(2)), ft::Shape{3, 4, 2}, options));
  }
}

TEST_CASE("Recurrent layers take every activation of single numbers") {
  for (const bool masked : {false, true})
    for (const auto f : {ft::linear, ft::relu, ft::elu, ft::selu, ft::gelu, ft::silu, ft::softplus, ft::softsign,
                         ft::hard_sigmoid, ft::mish, ft::tanh, ft::sigmoid}) {
      CAPTURE(std::string(ft::name(f.kind)));
      const ft::testing::CheckLayerOptions options{.rows = 3, .masked = masked};
      const ft::Shape shape{3, 2};
      CHECK_NOTHROW(check_layer(ft::SimpleRNN<double>(2, {.activation = f}), shape, options));
      CHECK_NOTHROW(check_layer(ft::LSTM<double>(2, {.activation = f}), shape, options));
      CHECK_NOTHROW(check_layer(ft::LSTM<double>(2, {.recurrent_activation = f}), shape, options));
      CHECK_NOTHROW(check_layer(ft::GRU<double>(2, {.activation = f}), shape, options));
      CHECK_NOTHROW(check_layer(ft::GRU<double>(2, {.recurrent_activation = f}), shape, options));
      CHECK_NOTHROW(check_layer(ft::GRU<double>(2, {.activation = f, .recurrent_activation = f, .reset_after = false}),
                                shape, options));
    }
}

TEST_CASE("Recurrent layers: odd sizes, and shapes that are longer than what one product takes") {
  for (const std::size_t units : {1u, 5u, 17u})
    for (const std::size_t n : {1u, 7u}) {
      const ft::testing::CheckLayerOptions options{.rows = 2, .masked = true};
      CHECK_NOTHROW(check_layer(ft::LSTM<double>(units, {.return_sequences = true}), ft::Shape{2, n}, options));
      CHECK_NOTHROW(check_layer(ft::GRU<double>(units), ft::Shape{1, n}, options));
      CHECK_NOTHROW(check_layer(ft::SimpleRNN<double>(units), ft::Shape{2, n}, options));
    }
}

TEST_CASE("Recurrent layers: states of masked steps are those before them; go_backwards moves the mask along") {
  ft::testing::detail::Rig<float> rig(ft::Layer<float>(ft::GRU<float>(4, {.return_sequences = true})),
                                      {ft::Shape{5, 3}}, {.rows = 4, .masked = true});
  const std::vector<float> y = rig.forward(0, 4, false);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t t = 1; t < 5; ++t)
      if (!rig.mask()[i * 5 + t])
        CHECK(std::equal(y.begin() + static_cast<std::ptrdiff_t>((i * 5 + t) * 4),
                         y.begin() + static_cast<std::ptrdiff_t>((i * 5 + t + 1) * 4),
                         y.begin() + static_cast<std::ptrdiff_t>((i * 5 + t - 1) * 4)));

  ft::Network<float> network(ft::Graph<float>::chain(
      {ft::Masking<float>(), ft::LSTM<float>(3, {.return_sequences = true, .go_backwards = true})}));
  network.build({{4, 1}}, 1);
  ft::Workspace<float> workspace(
      std::make_shared<const ft::Program>(network.program(ft::PassMode::inference, {{4, 1}})), 2);
  const float x[] = {1, 2, 0, 0, 1, 2, 3, 0};
  const void* inputs[] = {x};
  workspace.forward(network.context(), inputs, 2);
  const std::uint8_t expected[] = {0, 0, 1, 1, 0, 1, 1, 1};
  CHECK(std::equal(std::begin(expected), std::end(expected), workspace.output(0).mask()));
}

TEST_CASE("TimeDistributed says of itself what its layer is") {
  const ft::Layer<float> normal{ft::TimeDistributed(ft::BatchNormalization<float>())};
  CHECK(normal.traits().couples_rows);
  CHECK_FALSE(ft::Layer<float>(ft::TimeDistributed(ft::Dense<float>(2))).traits().couples_rows);
  const ft::Layer<float> dense{ft::TimeDistributed(ft::Dense<float>(2, {.activation = ft::sigmoid}))};
  CHECK(dense.output_activation() == ft::sigmoid);
}

namespace {
void build(const ft::Layer<float>& layer, const ft::Shape& shape) {
  ft::Network<float> network(ft::Graph<float>::chain({layer}));
  network.build({shape}, 0);
}
}  // namespace

TEST_CASE("Recurrent layers: wrong options and shapes are named with the layer") {
  const ft::Shape shape{4, 2};
  CHECK_THROWS_WITH_AS(build(ft::LSTM<float>(0), shape),
                       "layer 0 \"lstm\" (LSTM): expected units of at least 1, received 0; say how long the hidden "
                       "state is",
                       ft::ConfigError);
  CHECK_THROWS_WITH_AS(build(ft::GRU<float>(2, {.dropout = 1}), shape),
                       "layer 0 \"gru\" (GRU): expected a dropout in [0, 1), received 1", ft::ConfigError);
  CHECK_THROWS_WITH_AS(build(ft::SimpleRNN<float>(2, {.recurrent_dropout = -0.5}), shape),
                       "layer 0 \"simple_rnn\" (SimpleRNN): expected a recurrent_dropout in [0, 1), received -0.5",
                       ft::ConfigError);
  CHECK_THROWS_WITH_AS(build(ft::GRU<float>(2, {.return_sequences = true, .return_state = true}), shape),
                       "layer 0 \"gru\" (GRU): expected return_sequences or return_state, received both; apply the "
                       "layer twice with share() to have both",
                       ft::ConfigError);
  CHECK_THROWS_WITH_AS(build(ft::LSTM<float>(2, {.activation = ft::softmax}), shape),
                       "layer 0 \"lstm\" (LSTM): expected an activation of single numbers, such as tanh or sigmoid, "
                       "received softmax",
                       ft::ConfigError);
  CHECK_THROWS_WITH_AS(build(ft::LSTM<float>(2), {4}),
                       "layer 0 \"lstm\" (LSTM): expected steps of at least one number (*, steps, n), received (*, 4) "
                       "from input \"input\"; put Reshape or Embedding in front",
                       ft::ShapeError);
  CHECK_THROWS_WITH_AS(build(ft::Bidirectional<float>(), shape),
                       "layer 0 \"bidirectional\" (Bidirectional): expected a recurrent layer, received none",
                       ft::ConfigError);
  CHECK_THROWS_WITH_AS(build(ft::Bidirectional(ft::GRU<float>(2)), {4}),
                       doctest::Contains("(Bidirectional): expected steps (*, steps, n), received (*, 4)"),
                       ft::ShapeError);
  CHECK_THROWS_WITH_AS(build(ft::TimeDistributed<float>(), shape),
                       "layer 0 \"time_distributed\" (TimeDistributed): expected a layer to apply to each step, "
                       "received none",
                       ft::ConfigError);
  ft::Graph<float> graph;
  const auto x = graph.input("x", shape), first = graph.input("first", {3});
  graph.output("y", graph.add(ft::LSTM<float>(3), {x, first}));
  CHECK_THROWS_WITH_AS(ft::Network<float>(graph).build({shape, {3}}, 0),
                       doctest::Contains("(LSTM): expected a sequence and, at most, a first state (*, 6), received "
                                         "(*, 4, 2) and (*, 3)"),
                       ft::ShapeError);
  ft::Graph<float> turned;
  turned.output("y", turned.add(ft::Bidirectional(ft::GRU<float>(3, {.return_sequences = true, .go_backwards = true})),
                                turned.add(ft::Masking<float>(), turned.input("x", shape))));
  CHECK_THROWS_WITH_AS(ft::Network<float>(turned).build({shape}, 0), doctest::Contains("go_backwards"),
                       ft::ConfigError);
}

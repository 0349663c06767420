// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/io/registry.hpp>
#include <foretell/layers/bidirectional.hpp>
#include <foretell/layers/dense.hpp>
#include <foretell/layers/dropout.hpp>
#include <foretell/layers/gru.hpp>
#include <foretell/layers/lstm.hpp>
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

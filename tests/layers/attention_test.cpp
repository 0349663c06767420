// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/layers/multi_head_attention.hpp>
#include <foretell/layers/positional_embedding.hpp>
#include <foretell/layers/transformer_encoder.hpp>
#include <foretell/testing/check_layer.hpp>

namespace ft = foretell;
using ft::testing::check_layer;

TEST_CASE("Attention layers keep the contract, with and without masks") {
  for (const bool masked : {false, true}) {
    CAPTURE(masked);
    const ft::testing::CheckLayerOptions options{.rows = 3, .masked = masked};
    for (const bool causal : {false, true}) {
      CAPTURE(causal);
      CHECK_NOTHROW(check_layer(ft::MultiHeadAttention<double>(2, 3, {.causal = causal}), ft::Shape{4, 5}, options));
      CHECK_NOTHROW(check_layer(
          ft::MultiHeadAttention<double>(1, 2, {.value_dim = 1, .output_dim = 3, .use_bias = false, .causal = causal}),
          ft::Shape{3, 2}, options));
      for (const bool first : {false, true})
        CHECK_NOTHROW(check_layer(
            ft::TransformerEncoder<double>({.heads = 2, .feed_forward = 5, .norm_first = first, .causal = causal}),
            ft::Shape{4, 4}, options));
    }
    CHECK_NOTHROW(check_layer(ft::MultiHeadAttention<double>(2, 2), std::vector<ft::Shape>{{4, 3}, {5, 2}}, options));
    CHECK_NOTHROW(
        check_layer(ft::MultiHeadAttention<double>(2, 2), std::vector<ft::Shape>{{4, 3}, {5, 2}, {5, 4}}, options));
    CHECK_NOTHROW(check_layer(ft::MultiHeadAttention<double>(2, 2, {.dropout = 0.3}), ft::Shape{4, 3}, options));
    CHECK_NOTHROW(
        check_layer(ft::TransformerEncoder<double>({.heads = 1, .key_dim = 3, .dropout = 0.3, .activation = ft::gelu}),
                    ft::Shape{3, 4}, options));
    CHECK_NOTHROW(check_layer(ft::TransformerEncoder<double>({.heads = 2, .dropout = 0.3, .norm_first = true}),
                              ft::Shape{3, 2}, options));
    CHECK_NOTHROW(check_layer(ft::PositionalEmbedding<double>(5), ft::Shape{4, 3}, options));
    CHECK_NOTHROW(check_layer(ft::PositionalEmbedding<double>(5, {.sinusoidal = true}), ft::Shape{4, 3}, options));
  }
}

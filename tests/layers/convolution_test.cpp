// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/layers/conv1d.hpp>
#include <foretell/layers/conv2d.hpp>
#include <foretell/layers/pooling.hpp>
#include <foretell/layers/resample.hpp>
#include <foretell/layers/separable_conv1d.hpp>
#include <foretell/testing/check_layer.hpp>

namespace ft = foretell;
using ft::testing::check_layer;

TEST_CASE("Conv1D and pooling keep the contract, with and without masks") {
  for (const bool masked : {false, true}) {
    CAPTURE(masked);
    const ft::testing::CheckLayerOptions options{.rows = 3, .masked = masked};
    for (const auto padding : {ft::Padding::valid, ft::Padding::same, ft::Padding::causal})
      for (const std::size_t strides : {1u, 2u})
        for (const std::size_t dilation : {1u, 2u}) {
          if (strides > 1 && dilation > 1) continue;
          CHECK_NOTHROW(check_layer(
              ft::Conv1D<double>(
                  3, 3, {.strides = strides, .padding = padding, .dilation_rate = dilation, .activation = ft::tanh}),
              ft::Shape{7, 2}, options));
          CHECK_NOTHROW(check_layer(ft::Conv1D<double>(4, 2,
                                                       {.strides = strides,
                                                        .padding = padding,
                                                        .dilation_rate = dilation,
                                                        .groups = 2,
                                                        .activation = ft::gelu,
                                                        .use_bias = false}),
                                    ft::Shape{6, 4}, options));
        }
    for (const auto padding : {ft::Padding::valid, ft::Padding::same, ft::Padding::causal}) {
      CHECK_NOTHROW(check_layer(
          ft::DepthwiseConv1D<double>(3, {.padding = padding, .depth_multiplier = 2, .activation = ft::silu}),
          ft::Shape{5, 2}, options));
      CHECK_NOTHROW(
          check_layer(ft::SeparableConv1D<double>(3, 2, {.strides = 2, .padding = padding}), ft::Shape{5, 2}, options));
    }
    CHECK_NOTHROW(check_layer(ft::UpSampling1D<double>(3), ft::Shape{3, 2}, options));
    CHECK_NOTHROW(check_layer(ft::ZeroPadding1D<double>(1, 2), ft::Shape{3, 2}, options));
    CHECK_NOTHROW(check_layer(ft::Cropping1D<double>(1, 2), ft::Shape{5, 2}, options));
    CHECK_NOTHROW(check_layer(ft::Conv1D<double>(2, 1, {.activation = ft::softmax}), ft::Shape{1, 1}, options));
    for (const auto padding : {ft::Padding::valid, ft::Padding::same})
      for (const std::size_t strides : {0u, 1u, 3u}) {
        CHECK_NOTHROW(check_layer(ft::MaxPooling1D<double>(2, {.strides = strides, .padding = padding}),
                                  ft::Shape{7, 2}, options));
        CHECK_NOTHROW(check_layer(ft::AveragePooling1D<double>(3, {.strides = strides, .padding = padding}),
                                  ft::Shape{7, 2}, options));
        CHECK_NOTHROW(check_layer(ft::SumPooling1D<double>(3, {.strides = strides, .padding = padding}),
                                  ft::Shape{5, 1}, options));
      }
    CHECK_NOTHROW(check_layer(ft::GlobalMaxPooling1D<double>(), ft::Shape{4, 3}, options));
    CHECK_NOTHROW(check_layer(ft::GlobalAveragePooling1D<double>(), ft::Shape{4, 3}, options));
    CHECK_NOTHROW(check_layer(ft::GlobalSumPooling1D<double>(), ft::Shape{4, 3}, options));
  }
  for (const auto padding : {ft::Padding::valid, ft::Padding::same}) {
    for (const std::size_t strides : {1u, 2u})
      CHECK_NOTHROW(check_layer(
          ft::Conv2D<double>(2, {3, 2}, {.strides = {strides, 1}, .padding = padding, .activation = ft::tanh}),
          ft::Shape{5, 4, 2}));
    CHECK_NOTHROW(check_layer(
        ft::Conv2D<double>(2, 2, {.padding = padding, .dilation_rate = {1, 2}, .groups = 2, .activation = ft::gelu}),
        ft::Shape{4, 5, 2}));
    CHECK_NOTHROW(check_layer(ft::MaxPooling2D<double>(2, {.padding = padding}), ft::Shape{5, 4, 2}));
    CHECK_NOTHROW(
        check_layer(ft::AveragePooling2D<double>({3, 2}, {.strides = 2, .padding = padding}), ft::Shape{5, 4, 2}));
    CHECK_NOTHROW(check_layer(ft::SumPooling2D<double>(2, {.padding = padding}), ft::Shape{3, 3, 1}));
  }
  CHECK_NOTHROW(check_layer(ft::GlobalMaxPooling2D<double>(), ft::Shape{3, 2, 2}));
  CHECK_NOTHROW(check_layer(ft::GlobalAveragePooling2D<double>(), ft::Shape{3, 2, 2}));
  CHECK_NOTHROW(check_layer(ft::GlobalSumPooling2D<double>(), ft::Shape{3, 2, 2}));
}

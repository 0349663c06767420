// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/layers/activation.hpp>
#include <foretell/layers/batch_normalization.hpp>
#include <foretell/layers/dense.hpp>
#include <foretell/layers/dropout.hpp>
#include <foretell/layers/layer_normalization.hpp>
#include <foretell/layers/merge.hpp>
#include <foretell/layers/reshape.hpp>
#include <foretell/testing/check_layer.hpp>

namespace ft = foretell;
using ft::testing::check_layer;

TEST_CASE("Layers: every built-in layer keeps the contract") {
  for (const std::size_t n : {1u, 3u, 7u}) {
    CAPTURE(n);
    for (const auto f : {ft::linear, ft::relu, ft::leaky_relu(0.1), ft::elu, ft::selu, ft::gelu, ft::silu, ft::softplus,
                         ft::softsign, ft::hard_sigmoid, ft::mish, ft::squareplus, ft::exponential, ft::tanh,
                         ft::sigmoid, ft::softmax, ft::log_softmax}) {
      CAPTURE(std::string(ft::name(f.kind)));
      CHECK_NOTHROW(check_layer(ft::Activation<double>(f), ft::Shape{n}));
      CHECK_NOTHROW(check_layer(ft::Dense<double>(5, {.activation = f}), ft::Shape{n}));
    }
    CHECK_NOTHROW(check_layer(ft::Dense<double>(1, {.use_bias = false}), ft::Shape{n}));
    CHECK_NOTHROW(check_layer(ft::Dense<double>(2), ft::Shape{4, n}));
    CHECK_NOTHROW(check_layer(ft::Dropout<double>(0.4), ft::Shape{n, 2}));
    CHECK_NOTHROW(check_layer(ft::BatchNormalization<double>(), ft::Shape{n}));
    CHECK_NOTHROW(check_layer(ft::BatchNormalization<double>({.center = false, .scale = false}), ft::Shape{2, n}));
    CHECK_NOTHROW(check_layer(ft::BatchNormalization<double>(), ft::Shape{4, n}, {.masked = true}));
    CHECK_NOTHROW(check_layer(ft::LayerNormalization<double>(), ft::Shape{n}));
    CHECK_NOTHROW(check_layer(ft::LayerNormalization<double>({.center = false}), ft::Shape{3, n}));
    CHECK_NOTHROW(check_layer(ft::Flatten<double>(), ft::Shape{2, n}));
    CHECK_NOTHROW(check_layer(ft::Reshape<double>({n, 0}), ft::Shape{2, n}));
    CHECK_NOTHROW(check_layer(ft::Input<double>({n}), ft::Shape{n}));
    CHECK_NOTHROW(check_layer(ft::Concatenate<double>(), std::vector<ft::Shape>{{2, n}, {2, 3}, {2, 1}}));
    CHECK_NOTHROW(check_layer(ft::Add<double>(), std::vector<ft::Shape>{{n}, {n}, {n}}));
  }
}

namespace {
template <class T>
struct Wrong {
  static constexpr std::string_view type = "test.Wrong";
  bool clears = true;     // forgets that parameter gradients accumulate
  bool promises = false;  // to assign them where it is told to, and forgets to ask
  ft::Parameter gain{};
  ft::Shape build(ft::Build<T>& b) {
    gain = b.parameter("gain", {1}, ft::Ones(), {.assigns_gradient = promises});
    return b.input();
  }
  void forward(const ft::Pass<T>& pass, ft::In<T> x, ft::Out<T> y) const {
    for (std::size_t i = 0; i < x.size(); ++i) y.data()[i] = x.data()[i] * pass[gain].data()[0];
  }
  void backward(const ft::Pass<T>& pass, ft::In<T> x, ft::In<T>, ft::Out<T> dy, ft::Out<T> dx) const {
    if (clears) pass.gradient(gain).data()[0] = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      pass.gradient(gain).data()[0] += dy.data()[i] * x.data()[i];
      if (dx) dx.data()[i] = dy.data()[i] * pass[gain].data()[0];
    }
  }
  void fields(auto&&) {}
};
}  // namespace

TEST_CASE("check_layer: a broken layer is told what it breaks") {
  CHECK_THROWS_WITH_AS(check_layer(Wrong<double>{}, ft::Shape{3}), doctest::Contains("parameter \"layer/gain\""),
                       ft::testing::ContractError);
  CHECK_THROWS_WITH_AS(check_layer(Wrong<double>{.clears = false, .promises = true}, ft::Shape{3}),
                       doctest::Contains("\"layer/gain\"[0] to be assigned"), ft::testing::ContractError);
  CHECK_NOTHROW(check_layer(Wrong<double>{.clears = false}, ft::Shape{3}));
}

TEST_CASE("Dropout: keeps the mean, zeroes its share, repeats with the seed") {
  ft::testing::CheckLayerOptions options{.rows = 200};
  ft::testing::detail::Rig<double> rig(ft::Layer<double>(ft::Dropout<double>(0.25)), {ft::Shape{50}}, options);
  std::fill(rig.x(0).begin(), rig.x(0).end(), 1.0);
  const auto y = rig.forward(0, 200, true);
  const auto zeros = std::count(y.begin(), y.end(), 0.0);
  CHECK(static_cast<double>(zeros) / 10000.0 == doctest::Approx(0.25).epsilon(0.06));
  for (const double v : y) CHECK((v == 0.0 || v == doctest::Approx(1 / 0.75)));
  CHECK(rig.forward(0, 200, false) == std::vector<double>(10000, 1.0));
}

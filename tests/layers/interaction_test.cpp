// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/layers/arrange.hpp>
#include <foretell/layers/attention_pooling.hpp>
#include <foretell/layers/elementwise_layer.hpp>
#include <foretell/layers/embedding.hpp>
#include <foretell/layers/embedding_bag.hpp>
#include <foretell/layers/feature_scale.hpp>
#include <foretell/layers/field_embedding.hpp>
#include <foretell/layers/hashed_embedding.hpp>
#include <foretell/layers/interaction.hpp>
#include <foretell/layers/item_scores.hpp>
#include <foretell/layers/merge.hpp>
#include <foretell/layers/noise.hpp>
#include <foretell/layers/numeric_embedding.hpp>
#include <foretell/layers/prelu.hpp>
#include <foretell/layers/unit_normalization.hpp>
#include <foretell/testing/check_layer.hpp>

#include <algorithm>
#include <cmath>

namespace ft = foretell;
using ft::testing::check_layer;
using Shapes = std::vector<ft::Shape>;

TEST_CASE("Merging layers keep the contract") {
  for (const std::size_t n : {1u, 3u, 7u}) {
    const Shapes three{{n}, {n}, {n}}, two{{2, n}, {2, n}};
    CHECK_NOTHROW(check_layer(ft::Average<double>(), three));
    CHECK_NOTHROW(check_layer(ft::Multiply<double>(), three));
    CHECK_NOTHROW(check_layer(ft::Subtract<double>(), two));
    CHECK_NOTHROW(check_layer(ft::Maximum<double>(), three));
    CHECK_NOTHROW(check_layer(ft::Minimum<double>(), two));
    for (const bool normalize : {false, true}) {
      CHECK_NOTHROW(check_layer(ft::Dot<double>({.normalize = normalize}), Shapes{{n}, {n}}));
      CHECK_NOTHROW(check_layer(ft::Dot<double>({.normalize = normalize}), Shapes{{2, n}, {n}}));
      CHECK_NOTHROW(check_layer(ft::Dot<double>({.normalize = normalize}), Shapes{{n}, {3, n}}));
      CHECK_NOTHROW(check_layer(ft::Dot<double>({.normalize = normalize}), Shapes{{2, n}, {3, n}}));
    }
    CHECK_NOTHROW(check_layer(ft::Concatenate<double>({.axis = 1}), Shapes{{2, n}, {3, n}}, {.masked = true}));
    CHECK_NOTHROW(check_layer(ft::Concatenate<double>({.axis = 2}), Shapes{{2, n, 2}, {2, 1, 2}}));
    CHECK_NOTHROW(check_layer(ft::Concatenate<double>({.axis = -3}), Shapes{{2, n, 2}, {1, n, 2}}));
  }
}

TEST_CASE("Layers that multiply features keep the contract") {
  for (const std::size_t thin : {0u, 2u}) {
    CHECK_NOTHROW(check_layer(ft::Cross<double>({.projection_dim = thin}), ft::Shape{5}));
    CHECK_NOTHROW(check_layer(ft::Cross<double>({.projection_dim = thin, .use_bias = false}), Shapes{{3}, {3}}));
  }
  for (const bool sum : {false, true})
    for (const bool masked : {false, true})
      CHECK_NOTHROW(
          check_layer(ft::FactorizationMachine<double>({.reduce_sum = sum}), ft::Shape{4, 3}, {.masked = masked}));
  CHECK_NOTHROW(
      check_layer(ft::MixtureOfExperts<double>(3, {.experts = 2, .tasks = 2, .activation = ft::tanh}), ft::Shape{4}));
  for (const bool softmax : {false, true})
    CHECK_NOTHROW(
        check_layer(ft::TargetAttention<double>({.hidden_units = 3, .softmax = softmax}), Shapes{{2}, {4, 2}}));
  for (const bool masked : {false, true})
    CHECK_NOTHROW(check_layer(ft::AttentionPooling<double>(3), ft::Shape{4, 2}, {.masked = masked}));
}

TEST_CASE("Layers that arrange, normalise and disturb keep the contract") {
  for (const bool masked : {false, true}) {
    const ft::testing::CheckLayerOptions options{.rows = 4, .masked = masked};
    CHECK_NOTHROW(check_layer(ft::Slice<double>(1, 3), ft::Shape{2, 4}, options));
    CHECK_NOTHROW(check_layer(ft::Slice<double>(1, 3, {.axis = 1}), ft::Shape{4, 2}, options));
    CHECK_NOTHROW(check_layer(ft::Gather<double>({2, 0, 2}), ft::Shape{2, 3}, options));
    CHECK_NOTHROW(check_layer(ft::Permute<double>({2, 1}), ft::Shape{2, 3}, options));
    CHECK_NOTHROW(check_layer(ft::Permute<double>({3, 1, 2}), ft::Shape{2, 3, 4}, options));
    CHECK_NOTHROW(check_layer(ft::SpatialDropout1D<double>(0.4), ft::Shape{3, 4}, options));
    CHECK_NOTHROW(check_layer(ft::UnitNormalization<double>(), ft::Shape{2, 3}, options));
    CHECK_NOTHROW(
        check_layer(ft::FeatureScale<double>({.scale_initializer = ft::Constant(0.7)}), ft::Shape{2, 3}, options));
    CHECK_NOTHROW(check_layer(ft::PReLU<double>({.alpha_initializer = ft::Constant(0.3)}), ft::Shape{2, 3}, options));
  }
  CHECK_NOTHROW(check_layer(ft::RepeatVector<double>(3), ft::Shape{2}));
  CHECK_NOTHROW(check_layer(ft::GaussianNoise<double>(0.5), ft::Shape{7}));
  CHECK_NOTHROW(check_layer(ft::GaussianDropout<double>(0.3), ft::Shape{7}));
  CHECK_NOTHROW(check_layer(ft::AlphaDropout<double>(0.3), ft::Shape{7}));
  CHECK_NOTHROW(check_layer(ft::PeriodicEmbedding<double>(3), ft::Shape{4}));
  CHECK_NOTHROW(check_layer(ft::PiecewiseLinearEncoding<double>({-1, -0.3, 0.2, 1.5}), ft::Shape{5}));
}

TEST_CASE("FeatureScale: each feature times its number") {
  ft::testing::detail::Rig<double> rig(ft::FeatureScale<double>(), {ft::Shape{2, 2}}, {.rows = 1});
  const std::vector<double> x{1, 2, -3, 4};
  std::copy(x.begin(), x.end(), rig.x(0).begin());
  rig.weights()[0] = 3;
  rig.weights()[1] = 0.5;
  CHECK(rig.forward(0, 1, false) == std::vector<double>{3, 1, -9, 2});
}

TEST_CASE("Embeddings of bags, hashes and fields keep the contract") {
  for (const auto combiner : {ft::Combiner::mean, ft::Combiner::sum, ft::Combiner::max})
    CHECK_NOTHROW(check_layer(ft::EmbeddingBag<double>(10, 3, {.combiner = combiner}), ft::Shape{4}, {.ids = true}));
  CHECK_NOTHROW(check_layer(ft::HashedEmbedding<double>(7, 3), ft::Shape{4}, {.ids = true}));
  CHECK_NOTHROW(check_layer(ft::FieldEmbedding<double>({3, 20}, 2), ft::Shape{2}, {.ids = true}));
  CHECK_NOTHROW(check_layer(ft::FieldEmbedding<double>({3, 20}, 2, {.oov_slot = false}), ft::Shape{2}, {.ids = true}));
}

TEST_CASE("Noise has the mean and spread it says, and is the same in any shard") {
  constexpr std::size_t n = 40000;
  const auto run = [&](ft::Layer<double> layer, double fill) {
    ft::testing::detail::Rig<double> rig(std::move(layer), {ft::Shape{n / 4}}, {.rows = 4});
    for (double& x : rig.x(0)) x = fill;
    return rig.forward(0, 4, true);
  };
  const auto moments = [](const std::vector<double>& y) {
    double mean = 0, square = 0;
    for (const double v : y) mean += v / static_cast<double>(y.size());
    for (const double v : y) square += (v - mean) * (v - mean) / static_cast<double>(y.size());
    return std::pair(mean, std::sqrt(square));
  };
  const auto noise = moments(run(ft::GaussianNoise<double>(0.5), 2));
  CHECK(noise.first == doctest::Approx(2).epsilon(0.01));
  CHECK(noise.second == doctest::Approx(0.5).epsilon(0.02));
  const auto dropout = moments(run(ft::GaussianDropout<double>(0.2), 1));
  CHECK(dropout.first == doctest::Approx(1).epsilon(0.01));
  CHECK(dropout.second == doctest::Approx(0.5).epsilon(0.02));
  ft::testing::detail::Rig<double> rig(ft::AlphaDropout<double>(0.3), {ft::Shape{n / 4}}, {.rows = 4});
  const auto alpha = moments(rig.forward(0, 4, true));  // of standard normal numbers
  CHECK(alpha.first == doctest::Approx(0).epsilon(0.03));
  CHECK(alpha.second == doctest::Approx(1).epsilon(0.03));
}

TEST_CASE("ItemScores: the table of an Embedding scores all items; gradients meet in it") {
  auto parameters = ft::ParameterTable::of<double>(), states = parameters;
  ft::LayerBuild first({"items", "layer 0", "", {ft::Shape{2}}}, parameters, states);
  ft::Embedding<double> items(4, 3, {.row_sparse = false});
  (void)items.build(first);
  ft::LayerBuild second({"scores", "layer 1 \"scores\" (ItemScores)", "", {ft::Shape{2, 3}}}, parameters, states);
  ft::ItemScores<double> scores("items");
  CHECK(scores.build(second) == ft::Shape{2, 4});
  CHECK(parameters.entries().size() == 1);
  ft::LayerBuild third({"wrong", "layer 1 \"wrong\" (ItemScores)", "", {ft::Shape{2}}}, parameters, states);
  CHECK_THROWS_AS((void)ft::ItemScores<double>("items").build(third), ft::ShapeError);
  CHECK_THROWS_AS((void)ft::ItemScores<double>("nobody").build(third), ft::ConfigError);
}

namespace {
struct Cube {
  static constexpr std::string_view name = "test.Cube";
  template <class T>
  T operator()(T x) const {
    return x * x * x;
  }
  template <class T>
  T derivative(T x) const {
    return 3 * x * x;
  }
};
}  // namespace

TEST_CASE("elementwise_layer: a formula and its derivative are a layer") {
  ft::testing::detail::Rig<double> rig(ft::elementwise_layer<double>(Cube()), {ft::Shape{3}}, {});
  CHECK_NOTHROW(ft::testing::detail::check_gradients(rig, {}));
  CHECK(rig.layer().type() == "test.Cube");
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/graph/network.hpp>
#include <foretell/layers/batch_normalization.hpp>
#include <foretell/layers/dense.hpp>
#include <foretell/layers/dropout.hpp>
#include <foretell/layers/masking.hpp>
#include <foretell/layers/merge.hpp>

namespace ft = foretell;

namespace {
void build(std::vector<ft::Layer<float>> layers, ft::Shape shape) {
  ft::Network<float> network(ft::Graph<float>::chain(layers));
  network.build({shape}, 0);
}
}  // namespace

TEST_CASE("Layers: wrong options are named with the layer") {
  CHECK_THROWS_WITH_AS(build({ft::Dense(0)}, {3}),
                       doctest::Contains("layer 0 \"dense\" (Dense): expected units of at least 1, received 0"),
                       ft::ConfigError);
  CHECK_THROWS_WITH_AS(build({ft::Dense(3), ft::Dropout(1.0)}, {3}),
                       doctest::Contains("layer 1 \"dropout\" (Dropout): expected a rate in [0, 1), received 1"),
                       ft::ConfigError);
  CHECK_THROWS_WITH_AS(build({ft::BatchNormalization({.epsilon = 0})}, {3}), doctest::Contains("epsilon"),
                       ft::ConfigError);
  CHECK_THROWS_WITH_AS(build({ft::Masking(std::nan(""))}, {3, 1}),
                       doctest::Contains("expected a mask_value that a number can equal"), ft::ConfigError);
}

TEST_CASE("Layers: wrong shapes say what was expected, what came and from whom") {
  CHECK_THROWS_WITH_AS(build({ft::Input({4}), ft::named("hidden", ft::Dense(3)), ft::Reshape({2, 2})}, {4}),
                       doctest::Contains("received (*, 3) from layer 0 \"hidden\" (Dense)"), ft::ShapeError);
  CHECK_THROWS_WITH_AS(build({ft::Input({4}), ft::Dense(3)}, {5}),
                       doctest::Contains("expected (*, 4), received (*, 5)"), ft::ShapeError);
  ft::Graph<float> graph;
  const auto a = graph.input("a", {2}), b = graph.input("b", {3});
  graph.output("sum", graph.add(ft::Add(), {a, b}));
  ft::Network<float> network(graph);
  CHECK_THROWS_WITH_AS(
      network.build({{2}, {3}}, 0),
      doctest::Contains(
          "(Add): expected inputs of one shape, received (*, 2) and (*, 3) from input \"a\" and input \"b\""),
      ft::ShapeError);
}

TEST_CASE("Graph: names, arity and nodes are checked when they are given") {
  ft::Graph<float> graph;
  const auto x = graph.input("x", {2});
  CHECK_THROWS_AS(graph.input("x"), ft::ConfigError);
  CHECK_THROWS_WITH_AS(graph.add(ft::Dense(1), {x, x}), doctest::Contains("Concatenate"), ft::ConfigError);
  CHECK_THROWS_AS(graph.add(ft::Dense(1), ft::Node{17}), ft::ConfigError);
  graph.output("y", graph.add(ft::Dense(1), x));
  CHECK_THROWS_AS(graph.output("y", graph.add(ft::Dense(1), x)), ft::ConfigError);
  CHECK_THROWS_WITH_AS(graph.output("z", x), doctest::Contains("received input \"x\""), ft::ConfigError);
  CHECK_THROWS_WITH_AS(graph.output("z", ft::Node{graph.outputs()[0].node}), doctest::Contains("of output \"y\""),
                       ft::ConfigError);
  CHECK_THROWS_AS(ft::Network<float>(ft::Graph<float>()), ft::ConfigError);
}

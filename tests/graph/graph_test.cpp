// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/graph/workspace.hpp>
#include <foretell/layers/activation.hpp>
#include <foretell/layers/batch_normalization.hpp>
#include <foretell/layers/dense.hpp>
#include <foretell/layers/dropout.hpp>
#include <foretell/layers/layer_normalization.hpp>
#include <foretell/layers/merge.hpp>
#include <foretell/layers/reshape.hpp>

#include <cmath>

namespace ft = foretell;

namespace {

/// Two inputs, fan-out, a shared layer, a node used twice by one merge, views, two outputs.
ft::Graph<double> web() {
  ft::Graph<double> g;
  const auto a = g.input("a", {4, 3}), b = g.input("b", {5});
  const auto h = g.add(ft::Dense(6, {.activation = ft::gelu}), g.add(ft::Flatten(), a), "h");
  const auto c = g.add(ft::Concatenate(), {h, g.add(ft::Dense(6, {.activation = ft::tanh}), b)});
  const auto n = g.add(ft::LayerNormalization(), c);
  const auto s = g.add(ft::Dense(12), g.add(ft::BatchNormalization(), n), "shared");
  const auto again = g.share(s, s);
  const auto sum = g.add(ft::Add(), {s, again, n, s});
  const auto d = g.add(ft::Dropout(0.3), g.add(ft::Reshape({3, 0}), sum));
  g.output("o", g.add(ft::Dense(2, {.activation = ft::softmax}), d));
  g.output("p", g.add(ft::Activation(ft::silu), again));
  return g;
}

struct Run {
  static constexpr std::size_t rows = 7;
  ft::Network<double> network{web()};
  std::vector<double> a = std::vector<double>(rows * 12), b = std::vector<double>(rows * 5);
  ft::Random random{3};
  ft::Arena<double> gradients;

  Run() {
    network.build({{4, 3}, {5}}, 1);
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = random.normal(i);
    for (std::size_t i = 0; i < b.size(); ++i) b[i] = random.stream(1).normal(i);
    gradients = ft::Arena<double>(network.weights().size());
  }
  double weight(std::size_t output, std::size_t i) const { return random.stream(50 + output).normal(i); }
  double operator()(ft::Workspace<double>& workspace, bool backward) {
    ft::Arena<double> state = network.state();
    ft::PassContext<double> context = network.context();
    context.gradients = gradients.data();
    context.state = context.state_update = state.data();
    context.training = true;
    context.random = ft::Random(9);
    const void* inputs[] = {a.data(), b.data()};
    workspace.forward(context, inputs, rows);
    double sum = 0;
    for (std::size_t o = 0; o < 2; ++o)
      for (std::size_t i = 0; i < workspace.output(o).size(); ++i) {
        sum += weight(o, i) * workspace.output(o).data()[i];
        if (backward) workspace.output_gradient(o).data()[i] = weight(o, i);
      }
    if (backward) workspace.backward(context);
    return sum;
  }
};

}  // namespace

TEST_CASE("Graph: gradients through fan-out, merges, shared layers and several outputs agree with finite differences") {
  Run run;
  ft::Workspace<double> workspace(
      std::make_shared<const ft::Program>(run.network.program(ft::PassMode::training, {{4, 3}, {5}})), Run::rows);
  run(workspace, true);
  for (const auto& info : run.network.parameters())
    for (std::size_t i = 0; i < info.shape.size(); ++i) {
      double& w = run.network.weights()[info.offset + i];
      const double kept = w, step = 1e-5;
      w = kept + step;
      const double above = run(workspace, false);
      w = kept - step;
      const double below = run(workspace, false);
      w = kept;
      CAPTURE(info.name);
      CHECK(run.gradients[info.offset + i] == doctest::Approx((above - below) / (2 * step)).epsilon(1e-6));
    }
}

TEST_CASE("Plan: inference reuses memory and gives the same answers as keeping everything") {
  Run run;
  const auto inference =
      std::make_shared<const ft::Program>(run.network.program(ft::PassMode::inference, {{4, 3}, {5}}));
  ft::Workspace<double> workspace(inference, Run::rows);
  std::size_t one_buffer_each = 0;
  for (const auto& shape : inference->shapes) one_buffer_each += shape.size() * Run::rows * sizeof(double);
  CHECK(workspace.bytes() < one_buffer_each);
  const void* inputs[] = {run.a.data(), run.b.data()};
  workspace.forward(run.network.context(), inputs, Run::rows);
  const std::vector<double> together(workspace.output(0).data(),
                                     workspace.output(0).data() + workspace.output(0).size());
  for (std::size_t i = 0; i < Run::rows; ++i) {
    const void* row[] = {run.a.data() + 12 * i, run.b.data() + 5 * i};
    workspace.forward(run.network.context(), row, 1);
    for (std::size_t j = 0; j < workspace.output(0).size(); ++j)
      CHECK(workspace.output(0).data()[j] == together[i * workspace.output(0).size() + j]);
  }
  workspace.forward(run.network.context(), inputs, 0);
  CHECK(workspace.output(0).rows() == 0);
}

TEST_CASE("Network: a copy is deep, a built network takes other lengths its parameters fit") {
  Run run;
  ft::Network<double> copy = run.network;
  copy.weights()[0] += 1;
  CHECK(copy.weights()[0] != run.network.weights()[0]);
  ft::Graph<float> graph;
  graph.output("y", graph.add(ft::Dense(2), graph.input("x")));
  ft::Network<float> network(graph);
  CHECK_THROWS_AS((void)network.program(ft::PassMode::inference, {{3}}), ft::StateError);
  network.build({{4, 3}}, 0);
  CHECK(network.program(ft::PassMode::inference, {{9, 3}}).shapes.back() == ft::Shape{9, 2});
  CHECK_THROWS_WITH_AS((void)network.program(ft::PassMode::inference, {{9, 5}}),
                       doctest::Contains("\"dense/kernel\" the shape (3, 2)"), ft::ShapeError);
}

TEST_CASE("Workspace: a program of another scalar is refused") {
  ft::Network<float> network(ft::Graph<float>::chain({ft::Dense(2)}));
  network.build({{3}}, 1);
  const auto program =
      std::make_shared<const ft::Program>(network.program(ft::PassMode::inference, network.input_shapes()));
  CHECK_NOTHROW(ft::Workspace<float>(program, 1));
  CHECK_THROWS_WITH_AS(ft::Workspace<double>(program, 1),
                       doctest::Contains("expected a program of numbers of 8 bytes, received one of 4"),
                       ft::StateError);
}

TEST_CASE("Network: the same seed gives the same first weights, another seed others") {
  const auto weights = [](std::uint64_t seed) {
    ft::Network<float> network(ft::Graph<float>::chain({ft::Dense(4), ft::Dense(2)}));
    network.build({{3}}, seed);
    return network.weights();
  };
  CHECK(weights(1) == weights(1));
  CHECK(!(weights(1) == weights(2)));
}

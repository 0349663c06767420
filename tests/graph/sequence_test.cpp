// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/layers/dense.hpp>
#include <foretell/layers/embedding.hpp>
#include <foretell/layers/masking.hpp>
#include <foretell/layers/merge.hpp>
#include <foretell/layers/reshape.hpp>
#include <foretell/losses/regression.hpp>
#include <foretell/optimizers/adagrad.hpp>
#include <foretell/optimizers/adam.hpp>
#include <foretell/optimizers/sgd.hpp>
#include <foretell/testing/check_layer.hpp>
#include <foretell/training/step.hpp>

namespace ft = foretell;

namespace {

std::vector<double> numbers(std::size_t n, std::uint64_t seed) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = ft::Random(seed).normal(i);
  return values;
}

ft::Dataset<double> dataset(const std::vector<double>& x, const ft::Shape& row, const std::vector<double>& y,
                            const ft::Shape& target) {
  ft::Dataset<double> data;
  data.inputs.resize(1);
  data.inputs[0].data = x.data();
  data.inputs[0].rows = x.size() / row.size();
  data.inputs[0].shape = row;
  data.targets.resize(1);
  data.targets[0].data = y.data();
  data.targets[0].rows = y.size() / target.size();
  data.targets[0].shape = target;
  return data;
}

/// Some steps at the end of each row are zeros.
void pad(std::vector<double>& x, std::size_t steps, std::size_t width) {
  for (std::size_t row = 0; row < x.size() / (steps * width); ++row)
    for (std::size_t t = 1 + row % steps; t < steps; ++t)
      std::fill_n(x.begin() + static_cast<std::ptrdiff_t>((row * steps + t) * width), width, 0.0);
}

struct Trained {
  double loss;
  ft::Arena<double> weights;
};
template <class Optimizer>
Trained train(const std::vector<ft::Layer<double>>& layers, const ft::Dataset<double>& data, Optimizer optimizer,
              std::size_t threads, std::size_t steps = 3, std::size_t batch = 0) {
  ft::Network<double> network(ft::Graph<double>::chain(layers));
  network.build(ft::rows_of(data.inputs), 5);
  ft::Objective<double> objective;
  objective.outputs.push_back({"output", ft::MeanSquaredError(), 1, {}});
  ft::Optimizer<double> erased(optimizer);
  const std::size_t rows = batch ? batch : data.rows();
  ft::TrainStep<double> step(network, objective, erased, data, rows, 1, ft::Executor(threads));
  double loss = 0;
  for (std::size_t s = 0; s < steps; ++s) loss = step.run({s * rows % (data.rows() - rows + 1), rows});
  return {loss, network.weights()};
}

}  // namespace

TEST_CASE("Masks: Masking and Embedding make one, layers on steps keep it, others drop it") {
  ft::Graph<double> graph;
  const auto x = graph.input("x", {4, 3});
  const auto masked = graph.add(ft::Masking(), x);
  const auto dense = graph.add(ft::Dense(3), masked), flat = graph.add(ft::Flatten(), dense);
  const auto both = graph.add(ft::Add(), {x, dense});
  const auto ids = graph.add(ft::Embedding(9, 2, {.mask_zero = true}), graph.input("ids", {4}));
  graph.output("flat", flat);
  graph.output("both", both);
  graph.output("ids", ids);
  ft::Network<double> network(graph);
  network.build({{4, 3}, {4}}, 1);
  const auto program =
      std::make_shared<const ft::Program>(network.program(ft::PassMode::inference, network.input_shapes()));
  CHECK(program->masks[dense.index] == masked.index);
  CHECK(program->masks[both.index] == masked.index);
  CHECK(program->masks[flat.index] == ft::Program::unmasked);
  CHECK(program->masks[ids.index] == ids.index);
  CHECK(program->masks_from_inputs());

  ft::Workspace<double> workspace(program, 2);
  std::vector<double> values = numbers(24, 1);
  std::fill_n(values.begin() + 6, 6, 0.0);  // the last two steps of row 0
  const double rows[] = {3, 0, 5, 0, 0, 0, 0, 8};
  const void* inputs[] = {values.data(), rows};
  workspace.forward(network.context(), inputs, 2);
  const auto mask_of = [&](ft::In<double> view) {
    std::string text;
    for (std::size_t i = 0; i < 8; ++i) text += view.mask()[i] ? '1' : '0';
    return text;
  };
  CHECK(workspace.output(0).mask() == nullptr);
  CHECK(mask_of(workspace.output(1)) == "11001111");
  CHECK(mask_of(workspace.output(2)) == "10100001");
  CHECK(workspace.real_steps(1, network.context(), inputs, 2) == 6);
  CHECK(workspace.real_steps(2, network.context(), inputs, 2) == 3);
}

TEST_CASE("Masks: a loss over real steps is the same in one piece, in shards and on threads") {
  constexpr std::size_t steps = 5, rows = 200;
  std::vector<double> x = numbers(rows * steps * 3, 2);
  pad(x, steps, 3);
  const std::vector<double> y = numbers(rows * steps * 2, 3);
  const std::vector<ft::Layer<double>> layers{ft::Masking<double>(), ft::Dense<double>(2)};
  const auto data = dataset(x, {steps, 3}, y, {steps, 2});
  const Trained one = train(layers, data, ft::SGD({.learning_rate = 0.1}), 1, 1);
  const Trained two = train(layers, data, ft::SGD({.learning_rate = 0.1}), 2, 1);
  CHECK(one.weights == two.weights);
  CHECK(one.loss == two.loss);
  // by hand: sum(mask loss) / sum(mask)
  ft::Network<double> network(ft::Graph<double>::chain(layers));
  network.build({{steps, 3}}, 5);
  double sum = 0, real = 0;
  const double *kernel = network.weights().data(), *bias = kernel + network.parameters()[1].offset;
  for (std::size_t i = 0; i < rows * steps; ++i) {
    if (x[i * 3] == 0) continue;
    ++real;
    for (std::size_t j = 0; j < 2; ++j) {
      double value = bias[j];
      for (std::size_t k = 0; k < 3; ++k) value += x[i * 3 + k] * kernel[k * 2 + j];
      sum += (value - y[i * 2 + j]) * (value - y[i * 2 + j]) / 2;
    }
  }
  CHECK(one.loss == doctest::Approx(sum / real).epsilon(1e-12));
}

TEST_CASE("Row-sparse parameters: what SGD and Adagrad learn is the same as with dense gradients") {
  constexpr std::size_t rows = 150, ids = 40;
  std::vector<double> x(rows * 3);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(ft::Random(4).below(i, ids));
  const std::vector<double> y = numbers(rows, 5);
  const auto data = dataset(x, {3}, y, {1});
  const auto layers = [](bool sparse) {
    return std::vector<ft::Layer<double>>{ft::Embedding<double>(ids, 4, {.row_sparse = sparse}), ft::Flatten<double>(),
                                          ft::Dense<double>(1)};
  };
  for (const std::size_t threads : {1u, 2u})
    for (const std::size_t batch : {10u, 150u}) {
      CAPTURE(threads);
      CAPTURE(batch);
      CHECK(train(layers(true), data, ft::SGD({.learning_rate = 0.5}), threads, 8, batch).weights ==
            train(layers(false), data, ft::SGD({.learning_rate = 0.5}), threads, 8, batch).weights);
      CHECK(train(layers(true), data, ft::Adagrad({.learning_rate = 0.5}), threads, 8, batch).weights ==
            train(layers(false), data, ft::Adagrad({.learning_rate = 0.5}), threads, 8, batch).weights);
      CHECK(train(layers(true), data, ft::Adam({.learning_rate = 0.5, .use_ema = true}), threads, 8, batch).weights ==
            train(layers(false), data, ft::Adam({.learning_rate = 0.5, .use_ema = true}), threads, 8, batch).weights);
    }
  const auto clipped = [&](bool sparse, auto options) {
    return train(layers(sparse), data, ft::SGD(options), 1, 8, 10).weights;
  };
  const auto close = [](const ft::Arena<double>& a, const ft::Arena<double>& b) {
    for (std::size_t i = 0; i < a.size(); ++i)
      if (std::abs(a[i] - b[i]) > 1e-14) return false;
    return true;
  };
  CHECK(close(clipped(true, ft::SGDOptions{.learning_rate = 0.5, .global_clip_norm = 0.1}),
              clipped(false, ft::SGDOptions{.learning_rate = 0.5, .global_clip_norm = 0.1})));
  CHECK(close(clipped(true, ft::SGDOptions{.learning_rate = 0.5, .clip_norm = 0.1}),
              clipped(false, ft::SGDOptions{.learning_rate = 0.5, .clip_norm = 0.1})));
}

TEST_CASE("Row-sparse parameters: so many touched rows that they are updated in blocks and by threads") {
  constexpr std::size_t rows = 8000, ids = 40000;  // some 18,000 rows of 4
  std::vector<double> x(rows * 3);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(ft::Random(6).below(i, ids));
  const std::vector<double> y = numbers(rows, 7);
  const auto data = dataset(x, {3}, y, {1});
  const auto trained = [&](bool sparse, std::size_t threads) {
    return train({ft::Embedding<double>(ids, 4, {.row_sparse = sparse}), ft::Flatten<double>(), ft::Dense<double>(1)},
                 data, ft::Adagrad({.learning_rate = 0.5}), threads, 2, rows)
        .weights;
  };
  const ft::Arena<double> dense = trained(false, 1);
  for (const std::size_t threads : {1u, 2u, 3u}) CHECK(trained(true, threads) == dense);
}

TEST_CASE("Row-sparse parameters: Adam leaves rows alone that no id of the batch names") {
  std::vector<double> x{1, 2, 1, 2}, y{1, 2, 3, 4};
  const auto data = dataset(x, {1}, y, {1});
  const std::vector<ft::Layer<double>> layers{ft::Embedding<double>(5, 2), ft::Flatten<double>(), ft::Dense<double>(1)};
  ft::Network<double> network(ft::Graph<double>::chain(layers));
  network.build({{1}}, 5);
  const ft::Arena<double> before = network.weights();
  const ft::Arena<double> after = train(layers, data, ft::Adam({.learning_rate = 0.5}), 1, 5).weights;
  for (const std::size_t row : {0u, 3u, 4u})
    for (std::size_t j = 0; j < 2; ++j) CHECK(before[row * 2 + j] == after[row * 2 + j]);
  for (const std::size_t row : {1u, 2u}) CHECK(before[row * 2] != after[row * 2]);
}

TEST_CASE(
    "Embedding: keeps the contract of a layer; refuses ids outside the table, or sends them to a row of their own") {
  CHECK_NOTHROW(
      ft::testing::check_layer(ft::Embedding<double>(10, 3, {.mask_zero = true}), ft::Shape{4}, {.ids = true}));
  CHECK_NOTHROW(
      ft::testing::check_layer(ft::Embedding<double>(4, 3, {.oov_slot = true}), ft::Shape{4, 2}, {.ids = true}));
  CHECK_NOTHROW(ft::testing::check_layer(ft::Masking<double>(0.5), ft::Shape{4, 2}));
  const std::vector<double> x{1, 2, 7, 0.5};
  const ft::Shape shape{1};
  CHECK_THROWS_WITH_AS(ft::Embedding<double>(5, 2).validate(ft::In<double>(x.data(), 4, shape),
                                                            "fit, layer 0 \"embedding\" (Embedding)"),
                       "fit, layer 0 \"embedding\" (Embedding): expected whole numbers from 0 to 4, received 7 in row "
                       "2; give the layer a "
                       "larger input_dim, or .oov_slot = true for ids it has not seen",
                       ft::DataError);
  CHECK_NOTHROW(ft::Embedding<double>(5, 2, {.oov_slot = true}).validate(ft::In<double>(x.data(), 3, shape), ""));
}

TEST_CASE("Frozen layers: their parameters stay, nothing below them is run backward") {
  const std::vector<double> x = numbers(60, 6), y = numbers(20, 7);
  const auto data = dataset(x, {3}, y, {1});
  ft::Graph<double> graph =
      ft::Graph<double>::chain({ft::named("a", ft::Dense<double>(4)), ft::named("b", ft::Dense<double>(4)),
                                ft::named("c", ft::Dense<double>(1))});
  graph.set_trainable(graph.find("a"), false);
  ft::Network<double> network(graph);
  network.build({{3}}, 5);
  network.set_trainable("b", false);
  const auto program = network.program(ft::PassMode::training, network.input_shapes());
  CHECK_FALSE(program.steps[1].runs_backward);
  CHECK_FALSE(program.steps[2].runs_backward);
  CHECK(program.steps[3].runs_backward);
  CHECK_FALSE(program.steps[3].wants_gradient[0]);
  const ft::Arena<double> before = network.weights();
  ft::Objective<double> objective;
  objective.outputs.push_back({"output", ft::MeanSquaredError(), 1, {}});
  ft::Optimizer<double> optimizer(ft::SGD({.learning_rate = 0.1}));
  ft::TrainStep<double>(network, objective, optimizer, data, 20, 1).run({0, 20});
  for (const auto& info : network.parameters()) {
    const bool same = std::equal(before.data() + info.offset, before.data() + info.offset + info.shape.size(),
                                 network.weights().data() + info.offset);
    CHECK(same == (info.name[0] != 'c'));
  }
}

TEST_CASE("Graph: up_to cuts, add of a graph splices, transfer_from takes over what has the same name") {
  ft::Graph<double> encoder = ft::Graph<double>::chain(
      {ft::named("a", ft::Dense<double>(4, {.activation = ft::tanh})), ft::named("b", ft::Dense<double>(2))});
  ft::Network<double> whole(encoder);
  whole.build({{3}}, 5);
  ft::Network<double> part(encoder.up_to("a"));
  part.build({{3}}, 9);
  CHECK(part.transfer_from(whole) == 2);
  CHECK(part.graph().entries().size() == 2);
  CHECK(std::equal(part.weights().begin(), part.weights().end(), whole.weights().begin()));
  CHECK_THROWS_WITH_AS((void)encoder.up_to("z"), "Graph: expected one of \"input\", \"a\", \"b\", received \"z\"",
                       ft::ConfigError);

  ft::Graph<double> two;
  const auto left = two.input("left"), right = two.input("right");
  const auto first = two.add(encoder.up_to("a"), left, "left_"), second = two.add(encoder.up_to("a"), right, "right_");
  two.output("sum", two.add(ft::Add(), {first, second}));
  CHECK(two.entries()[first.index].name == "left_a");
  CHECK(two.entries()[second.index].name == "right_a");
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>
#include <foretell/testing/allocations.hpp>

namespace ft = foretell;

TEST_CASE("TrainStep: no heap after it is made; prediction neither") {
  const ft::Tensor<float> x = ft::random_normal<float>({64, 5}, 1), y = ft::zeros<float>({64, 1});
  ft::Sequential<float> model{ft::Dense(64, {.activation = ft::relu, .kernel_regularizer = ft::L2(1e-3)}),
                              ft::BatchNormalization(),
                              ft::Dropout(0.2),
                              ft::LayerNormalization(),
                              ft::Dense(8, {.activation = ft::gelu}),
                              ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam({.global_clip_norm = 1.0}), ft::BinaryCrossentropy(), {ft::BinaryAccuracy(), ft::AUC()});
  model.build({5}, 1);
  ft::Objective<float> objective = model.model().objective();
  ft::Dataset<float> data{{ft::Rows<float>(ft::as_array<float>(x))}, {ft::Rows<float>(ft::as_array<float>(y))}, {}};
  ft::TrainStep<float> step(model.network(), objective, model.optimizer(), data, 32, 1);
  const std::vector<std::size_t> order = ft::Random(1).permutation(64);
  const auto run = [&](std::size_t first) { (void)step.run({first, 32, order.data()}); };
  step.tally().reserve(11 * 32);
  run(0);
  CHECK(ft::testing::allocations_of([&] {
          for (int i = 0; i < 10; ++i) run(i % 2 ? 0 : 32);
        }) == 0);

  ft::Workspace<float> workspace(
      std::make_shared<const ft::Program>(model.network().program(ft::PassMode::inference, {{5}})), 64);
  const auto context = model.network().context();
  const void* inputs[] = {x.data()};
  workspace.forward(context, inputs, 64);
  CHECK(ft::testing::allocations_of([&] {
          workspace.forward(context, inputs, 64);
          workspace.forward(context, inputs, 1);
        }) == 0);
}

TEST_CASE("Trainer: no heap after the first step, whatever the rows, the weights and the names") {
  const ft::Tensor<float> x = ft::random_normal<float>({32, 5}, 1), y = ft::zeros<float>({32, 1});
  const ft::Tensor<float> few = ft::random_normal<float>({7, 5}, 1), answers = ft::ones<float>({7, 1});
  const ft::Tensor<double> wide = ft::random_normal<double>({32, 5}, 1);  // converted
  const std::vector<float> weights(32, 0.5f);
  ft::Sequential<float> chain{ft::Dense(64, {.activation = ft::relu}), ft::Dropout(0.2),
                              ft::Dense(1, {.activation = ft::sigmoid})};
  chain.compile(ft::Adam({.global_clip_norm = 1.0}), ft::BinaryCrossentropy(), {ft::AUC()});
  ft::Trainer<float> trainer(chain);
  (void)trainer.step(wide, y);
  CHECK(ft::testing::allocations_of([&] {
          (void)trainer.step(x, y);
          (void)trainer.step(x, y, weights);
          (void)trainer.step(few, answers);
          (void)trainer.step(wide, y);
          (void)trainer.differentiate(x, y);
          trainer.update();
          (void)trainer.gradients("dense/kernel");
          (void)trainer.gradients();
        }) == 0);

  ft::Graph<float> graph;
  const auto a = graph.input("a"), b = graph.input("b");
  const auto joined = graph.add(ft::Concatenate(), {a, b});
  graph.output("one", graph.add(ft::Dense(1), joined));
  graph.output("two", graph.add(ft::Dense(1), joined));
  ft::Model<float> model(graph);
  model.compile(ft::SGD(), {{"one", ft::MeanSquaredError(), {.learn_weight = true}}, {"two", ft::Huber()}});
  const ft::Tensors<float> inputs{{"b", x}, {"a", x}}, targets{{"two", y}, {"one", y}};
  ft::Trainer<float> named(model);
  (void)named.step(inputs, targets);
  CHECK(ft::testing::allocations_of([&] { (void)named.step(inputs, targets); }) == 0);
}

TEST_CASE("TrainStep, Stream: no heap for sequences either") {
  ft::Tensor<float> x = ft::zeros<float>({32, 10}), y = ft::zeros<float>({32, 1});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i * 7 % 12);
  ft::Sequential<float> model{ft::Embedding(12, 8, {.mask_zero = true}),
                              ft::PositionalEmbedding(10),
                              ft::TransformerEncoder({.heads = 2, .dropout = 0.1}),
                              ft::Conv1D(8, 3, {.padding = ft::Padding::same}),
                              ft::Bidirectional(ft::LSTM(4, {.return_sequences = true})),
                              ft::GRU(6, {.recurrent_dropout = 0.2}),
                              ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam(), ft::BinaryCrossentropy());
  model.build({10}, 1);
  ft::Dataset<float> data{{ft::Rows<float>(ft::as_array<float>(x))}, {ft::Rows<float>(ft::as_array<float>(y))}, {}};
  ft::TrainStep<float> step(model.network(), model.model().objective(), model.optimizer(), data, 32, 1);
  (void)step.run({0, 32, nullptr});
  CHECK(ft::testing::allocations_of([&] { (void)step.run({0, 32, nullptr}); }) == 0);

  ft::Sequential<float> events{ft::Embedding(12, 8), ft::LSTM(7), ft::Dense(2)};
  events.build({10}, 1);
  ft::Stream<float> stream(events.network());
  (void)stream(std::span<const float>(x.data(), 1));
  CHECK(ft::testing::allocations_of([&] { (void)stream(std::span<const float>(x.data() + 1, 1)); }) == 0);
}

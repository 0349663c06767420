// SPDX-License-Identifier: BSD-3-Clause
// Whole steps: training with shuffled batches gathered, loss and update, and prediction of single rows.
#include "training/networks.hpp"

#include <benchmark/benchmark.h>

#include <memory>

namespace ft = foretell;

namespace {

void train(benchmark::State& state, ft::Sequential<float> model, std::size_t width, std::size_t batch,
           std::size_t threads = 1) {
  bench::Bench bench(std::move(model), width, batch, threads);
  const double first = bench.run();
  for (int i = 0; i < 200; ++i) (void)bench.run();
  if (!(bench.run() < first)) return state.SkipWithError("the loss does not fall");
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(bench.run());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}

/// The same network and rows, batch by batch through a Trainer, or through partial_fit.
void step_by_step(benchmark::State& state, ft::Sequential<float> model, std::size_t width, std::size_t batch,
                  bool trainer) {
  std::vector<ft::Tensor<float>> x, y;
  for (std::size_t i = 0; i < 64; ++i) {
    x.push_back(ft::random_normal<float>({batch, width}, i));
    y.push_back(ft::zeros<float>({batch, 1}));
    for (std::size_t r = 0; r < batch; ++r) y[i](r, 0) = x[i](r, 0) > 0;
  }
  ft::Trainer<float> steps(model, {.batch_size = batch, .seed = 1});
  std::size_t next = 0;
  const auto run = [&] {
    const std::size_t i = next++ % x.size();
    if (trainer) return steps.step(x[i], y[i]);
    return model.partial_fit(x[i], y[i], {.batch_size = batch, .shuffle = false, .seed = 1})["loss"][0];
  };
  const double first = run();
  for (int i = 0; i < 200; ++i) (void)run();
  if (!(run() < first)) return state.SkipWithError("the loss does not fall");
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(run());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}

void predict(benchmark::State& state, ft::Sequential<float> model, std::size_t width, std::size_t rows) {
  model.build({width}, 1);
  const ft::Network<float>& network = model.network();
  ft::Workspace<float> workspace(
      std::make_shared<const ft::Program>(network.program(ft::PassMode::inference, network.input_shapes())), rows);
  const ft::Tensor<float> x = ft::random_normal<float>({rows, width}, 1);
  const auto context = network.context();
  const float* inputs[] = {x.data()};
  workspace.forward(context, inputs, rows);
  if (workspace.output(0).data()[0] != model.predict(x)(0, 0))
    return state.SkipWithError("the answer differs from predict");
  for ([[maybe_unused]] auto _ : state) {
    workspace.forward(context, inputs, rows);
    benchmark::DoNotOptimize(workspace.output(0).data()[0]);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(rows));
}

}  // namespace

BENCHMARK_CAPTURE(train, seed_network_batch_32, bench::seed_network(), 5, 32);
BENCHMARK_CAPTURE(step_by_step, seed_network_batch_32_trainer, bench::seed_network(), 5, 32, true);
BENCHMARK_CAPTURE(step_by_step, seed_network_batch_32_partial_fit, bench::seed_network(), 5, 32, false);
BENCHMARK_CAPTURE(train, table_network_batch_256, bench::table_network(), 64, 256);
BENCHMARK_CAPTURE(train, table_network_batch_256_two_threads, bench::table_network(), 64, 256, 2)->UseRealTime();
BENCHMARK_CAPTURE(train, seed_network_batch_32_two_threads, bench::seed_network(), 5, 32, 2)->UseRealTime();
BENCHMARK_CAPTURE(predict, seed_network_one_row, bench::seed_network(), 5, 1);
BENCHMARK_CAPTURE(predict, seed_network_1024_rows, bench::seed_network(), 5, 1024);
BENCHMARK_CAPTURE(predict, table_network_one_row, bench::table_network(), 64, 1);
BENCHMARK_CAPTURE(predict, table_network_1024_rows, bench::table_network(), 64, 1024);

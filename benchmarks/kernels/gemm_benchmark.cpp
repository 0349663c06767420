// SPDX-License-Identifier: BSD-3-Clause
// Dense-layer products, ours beside cblas_sgemm and a vectorised bias+relu pass; GFLOP/s in the counters.
#include <benchmark/benchmark.h>

#include <string>

#include "layers.hpp"

namespace {

void run(benchmark::State& state, DenseProduct product, bool ours) {
  const foretell::kernels::blas::SingleThread one;
  DenseRun work(product);
  if (!work.agree()) return state.SkipWithError("ours and BLAS disagree");
  for (auto _ : state) {
    ours ? work.ours() : work.blas();
    benchmark::ClobberMemory();
  }
  state.counters["GFLOP/s"] = benchmark::Counter(product.flops() * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace

int main(int argc, char** argv) {
  for (const auto& s : layer_shapes)
    for (auto op : {DenseProduct::forward, DenseProduct::weights, DenseProduct::inputs}) {
      const DenseProduct product{op, s[0], s[1], s[2]};
      if (op != DenseProduct::forward && product.batch == 1) continue;
      for (bool ours : {true, false}) {
        const std::string name = std::string(product.name()) + "/" + std::to_string(s[0]) + "x" + std::to_string(s[1]) +
                                 "x" + std::to_string(s[2]) + (ours ? "/ours" : "/blas");
        benchmark::RegisterBenchmark(name.c_str(), run, product, ours);
      }
    }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}

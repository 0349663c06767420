// SPDX-License-Identifier: BSD-3-Clause
// The dense-layer products as one table of ratios: ours and cblas_sgemm + pass in turns, medians of 15 rounds of
// processor time, so that other programs on the machine count less; the geometric mean below. An optional argument
// keeps only the shapes with that batch.
#include <cstdio>
#include <cstdlib>

#include "in_turns.hpp"
#include "layers.hpp"

int main(int argc, char** argv) {
  const foretell::kernels::blas::SingleThread one;
  const std::size_t only = argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 0;
  std::printf("variant %s\n%-18s %5s %5s %5s %12s %8s %12s %8s %6s\n",
              foretell::kernels::name(foretell::kernels::active_isa()).data(), "product", "batch", "in", "out",
              "ours ns", "GFLOP/s", "blas ns", "GFLOP/s", "ratio");
  double log_sum = 0;
  double worst = 1e9;
  int count = 0;
  for (const auto& s : layer_shapes)
    for (auto op : {DenseProduct::forward, DenseProduct::weights, DenseProduct::inputs}) {
      const DenseProduct product{op, s[0], s[1], s[2]};
      if ((op != DenseProduct::forward && product.batch == 1) || (only && product.batch != only)) continue;
      DenseRun work(product);
      if (!work.agree()) return std::printf("%s: ours and BLAS disagree\n", product.name()), 1;
      const int times = static_cast<int>(std::clamp(1e7 / product.flops(), 1.0, 20000.0));
      const auto [ours, blas, ratio] = in_turns::measure([&] { work.ours(); }, [&] { work.blas(); }, times);
      std::printf("%-18s %5zu %5zu %5zu %12.1f %8.1f %12.1f %8.1f %6.2f\n", product.name(), s[0], s[1], s[2], ours,
                  product.flops() / ours, blas, product.flops() / blas, ratio);
      log_sum += std::log(ratio);
      worst = std::min(worst, ratio);
      ++count;
    }
  std::printf("geometric mean %.2f, least %.2f\n", std::exp(log_sum / count), worst);
}

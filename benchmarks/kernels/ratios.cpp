// SPDX-License-Identifier: BSD-3-Clause
// The dense-layer products as one table of ratios: ours and cblas_sgemm + pass in turns, medians of 15 rounds of
// processor time, so that other programs on the machine count less; the geometric mean below. An optional argument
// keeps only the shapes with that batch.
#include <time.h>

#include <cstdio>
#include <cstdlib>

#include "layers.hpp"

namespace {

double processor_nanoseconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

template <class Work>
double nanoseconds(Work work, int times) {
  work();
  const double start = processor_nanoseconds();
  for (int i = 0; i < times; ++i) work();
  return (processor_nanoseconds() - start) / times;
}

double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return x[x.size() / 2];
}

}  // namespace

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
      std::vector<double> ours, blas, ratio;
      for (int round = 0; round < 15; ++round) {
        ours.push_back(nanoseconds([&] { work.ours(); }, times));
        blas.push_back(nanoseconds([&] { work.blas(); }, times));
        ratio.push_back(blas.back() / ours.back());
      }
      std::printf("%-18s %5zu %5zu %5zu %12.1f %8.1f %12.1f %8.1f %6.2f\n", product.name(), s[0], s[1], s[2],
                  median(ours), product.flops() / median(ours), median(blas), product.flops() / median(blas),
                  median(ratio));
      log_sum += std::log(median(ratio));
      worst = std::min(worst, median(ratio));
      ++count;
    }
  std::printf("geometric mean %.2f, least %.2f\n", std::exp(log_sum / count), worst);
}

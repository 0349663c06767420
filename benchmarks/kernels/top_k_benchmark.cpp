// SPDX-License-Identifier: BSD-3-Clause
// The ten best of 100,000 items of 64 numbers, and the place of one target, for 1 to 256 queries: beside reading the
// table once, and beside a product of as many operations at the best speed there is (1024 x 1024 x 1024). In turns;
// above 1 the floor is faster.
#include <cstdio>

#include <foretell/kernels/ref/top_k.hpp>
#include <foretell/kernels/top_k.hpp>

#include "floor.hpp"
#include "in_turns.hpp"

namespace {

namespace kernels = foretell::kernels;
constexpr std::size_t items = 100000, width = 64, k = 10, most = 256, edge = 1024;

struct Run {
  std::vector<float> vectors = floor_of::numbers(items * width), queries = floor_of::numbers(most * width, -2, 1),
                     scores = std::vector<float>(most * k), left = floor_of::numbers(edge * edge),
                     right = floor_of::numbers(edge * edge), product = std::vector<float>(edge * edge);
  std::vector<std::uint32_t> ids = std::vector<std::uint32_t>(most * k), nans = std::vector<std::uint32_t>(most),
                             targets = std::vector<std::uint32_t>(most);
  std::vector<std::size_t> offsets = std::vector<std::size_t>(most + 1), ahead = std::vector<std::size_t>(most);
  std::vector<std::uint8_t> broken = std::vector<std::uint8_t>(most);
  foretell::ItemTable<float> table{vectors, width};
  volatile float seen = 0;

  Run() {
    for (std::size_t q = 0; q < most; ++q) {
      targets[q] = static_cast<std::uint32_t>(q * 389 % items);
      offsets[q + 1] = q + 1;
    }
  }
  void top_k(std::size_t rows) {
    kernels::top_k(table, queries.data(), rows, k, {}, ids.data(), scores.data(), nans.data());
  }
  void places(std::size_t rows) {
    kernels::count_ahead(table, queries.data(), rows,
                         {std::span(offsets).first(rows + 1), std::span(targets).first(rows)}, {}, scores.data(),
                         ahead.data(), broken.data());
  }
  void read() { seen = floor_of::read(vectors.size(), vectors.data()); }
  void multiply() {
    kernels::gemm_nn(edge, edge, edge, left.data(), edge, right.data(), edge, product.data(), edge, false);
  }
  /// Whether the answers are those of all scores.
  bool agree(std::size_t rows) {
    top_k(rows);
    std::vector<float> all(rows * items);
    kernels::gemm_nt(rows, items, width, queries.data(), width, vectors.data(), width, all.data(), items, false);
    for (std::size_t q = 0; q < rows; ++q) {
      const auto want = kernels::ref::top_k(items, all.data() + q * items, k);
      if (!std::equal(want.begin(), want.end(), ids.data() + q * k)) return false;
    }
    return true;
  }
};

}  // namespace

int main() {
  static Run run;
  std::printf("variant %s, %zu items of %zu numbers, k %zu\n%-8s %8s %12s %10s %12s %8s\n",
              kernels::name(kernels::active_isa()).data(), items, width, k, "work", "queries", "ours us", "GFLOP/s",
              "floor us", "ratio");
  for (const bool places : {false, true})
    for (const std::size_t rows : {1u, 2u, 8u, 16u, 64u, 256u}) {
      if (!run.agree(std::min<std::size_t>(rows, 16))) return std::printf("not the best items\n"), 1;
      const double flops = 2.0 * static_cast<double>(rows * items * width), cube = 2.0 * edge * edge * edge;
      const auto ours = [&] { places ? run.places(rows) : run.top_k(rows); };
      const auto row = [&](const in_turns::Pair& pair, double scale, const char* floor) {
        std::printf("%-8s %8zu %12.0f %10.1f %12.0f %8.2f of %s\n", places ? "places" : "top_k", rows, pair.ours / 1e3,
                    flops / pair.ours, pair.theirs * scale / 1e3, 1 / (pair.ratio * scale), floor);
      };
      if (rows <= 16)
        row(in_turns::measure(
                ours, [&] { run.read(); }, 1),
            1, "reading");
      if (rows >= 8)
        row(in_turns::measure(
                ours, [&] { run.multiply(); }, 1),
            flops / cube, "multiplying");
    }
}

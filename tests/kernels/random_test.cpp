// SPDX-License-Identifier: BSD-3-Clause
#include <foretell/kernels/random.hpp>
#include <foretell/kernels/ref/random.hpp>

#include "levels.hpp"

using namespace kernel_tests;

TEST_CASE("random_bits: every level draws what the plain generator draws, from any counter, for any number") {
  at_every_level([](Isa) {
    for (const auto& random : {foretell::Random(), foretell::Random(7).stream("shuffle").stream(3),
                               foretell::Random(~std::uint64_t{0}, std::uint64_t{1} << 63)})
      for (const std::uint64_t first :
           {std::uint64_t{0}, std::uint64_t{3}, (std::uint64_t{1} << 32) - 2, ~std::uint64_t{0} - 5})
        for (const std::size_t n : odd_sizes) {
          std::vector<std::uint64_t> out(n + 1, 42), want(n + 1, 42);
          kernels::random_bits(random, first, n, out.data());
          kernels::ref::random_bits(random, first, n, want.data());
          CHECK(out == want);
        }
  });
}

TEST_CASE("shuffle: the order is that of Random::shuffle") {
  at_every_level([](Isa) {
    const foretell::Random random = foretell::Random(5).stream("shuffle");
    for (const std::size_t n : std::initializer_list<std::size_t>{0, 1, 2, 3, 5, 255, 256, 257, 258, 259, 1000, 4099}) {
      std::vector<int> items(n);
      for (std::size_t i = 0; i < n; ++i) items[i] = static_cast<int>(i);
      auto want = items;
      kernels::shuffle(random, items);
      random.shuffle(want);
      CHECK(items == want);
    }
  });
}

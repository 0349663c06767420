// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "foretell/core/random.hpp"
#include "foretell/kernels/simd.hpp"

#define FORETELL_KERNEL_FILE "foretell/kernels/isa/random.inl"
#include "foretell/kernels/isa/each.hpp"

namespace foretell::kernels {

/// out[i] = random.bits(first + i)
inline void random_bits(const Random& random, std::uint64_t first, std::size_t n, std::uint64_t* out) noexcept {
  FORETELL_DISPATCH(random_bits(random.seed(), random.stream_number(), first, n, out));
}

/// random.shuffle(items), the same order, with many draws at a time.
template <class Container>
void shuffle(const Random& random, Container& items) {
  constexpr std::size_t most = 256;
  std::uint64_t bits[most];
  for (std::size_t end = items.size() + 1; end > 2;) {  // counters below `end` are to come, the first is 2
    const std::size_t count = std::min(most, end - 2), first = end - count;
    random_bits(random, first, count, bits);
    for (std::size_t i = end - 1; i >= first; --i) {
      using std::swap;
      swap(items[i - 1], items[Random::below_of(bits[i - first], i)]);
    }
    end = first;
  }
}

}  // namespace foretell::kernels

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

#include "foretell/core/random.hpp"

namespace foretell::kernels::ref {

inline void random_bits(const Random& random, std::uint64_t first, std::size_t n, std::uint64_t* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = random.bits(first + i);
}

}  // namespace foretell::kernels::ref

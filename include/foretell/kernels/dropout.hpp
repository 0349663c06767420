// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

#include "foretell/kernels/dropout_word.hpp"
#include "foretell/kernels/simd.hpp"

#define FORETELL_KERNEL_512
#define FORETELL_KERNEL_FILE "foretell/kernels/isa/dropout.inl"
#include "foretell/kernels/isa/each.hpp"

namespace foretell::kernels {

/// y = x / (1 - rate) where the element is kept, else 0 (also for NaN). Element i is number first_element + i of the
/// stream; its fate depends on the key and that number alone, so any split of a range and the backward pass (x = dy)
/// draw the same mask.
template <class T>
void dropout(std::size_t n, double rate, DropoutKey key, std::uint64_t first_element, const T* x, T* y) noexcept {
  FORETELL_DISPATCH_512(T, n, dropout<T>(n, rate, key, first_element, x, y));
}

}  // namespace foretell::kernels

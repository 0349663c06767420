// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

#include "foretell/kernels/dropout_word.hpp"

namespace foretell::kernels::ref {

template <class T>
void dropout(std::size_t n, double rate, DropoutKey key, std::uint64_t first_element, const T* x, T* y) {
  const std::uint32_t threshold = dropout_threshold(rate);
  const T scale = static_cast<T>(dropout_scale(rate));
  for (std::size_t i = 0; i < n; ++i) y[i] = dropout_draw(key, first_element + i) >= threshold ? x[i] * scale : T(0);
}

}  // namespace foretell::kernels::ref

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "foretell/kernels/simd.hpp"

#define FORETELL_KERNEL_512
#define FORETELL_KERNEL_FILE "foretell/kernels/isa/reduce.inl"
#include "foretell/kernels/isa/each.hpp"

/// Sums over n values; those that return double accumulate in double.
namespace foretell::kernels {

template <class T>
double sum(std::size_t n, const T* x) noexcept {
  FORETELL_DISPATCH(sum<T>(n, x));
}

template <class T>
double sum_of_squares(std::size_t n, const T* x) noexcept {
  FORETELL_DISPATCH(dot<T>(n, x, x));
}

template <class T>
double dot(std::size_t n, const T* a, const T* b) noexcept {
  FORETELL_DISPATCH(dot<T>(n, a, b));
}

/// No NaN and no infinity among them.
template <class T>
bool all_finite(std::size_t n, const T* x) noexcept {
  FORETELL_DISPATCH(all_finite<T>(n, x));
}

/// The largest value; NaN when there is one; minus infinity when n is 0.
template <class T>
T max(std::size_t n, const T* x) noexcept {
  FORETELL_DISPATCH(max<T>(n, x));
}

/// out[c] += the sum of column c; rows are `stride` apart.
template <class T>
void column_sum_add(std::size_t rows, std::size_t cols, const T* x, std::size_t stride, T* out) noexcept {
  FORETELL_DISPATCH(column_sum_add<T>(rows, cols, x, stride, out));
}

/// out[r] = the sum of row r; rows are `stride` apart.
template <class T>
void row_sum(std::size_t rows, std::size_t cols, const T* x, std::size_t stride, T* out) noexcept {
  for (std::size_t r = 0; r < rows; ++r) out[r] = static_cast<T>(kernels::sum(cols, x + r * stride));
}

/// The index of the first largest value (of the first NaN when there is one); 0 when there are no columns.
template <class T>
std::size_t argmax_row(std::size_t cols, const T* x) noexcept {
  constexpr std::size_t block = 512;
  std::size_t best = 0;
  if (cols >= 64) {  // the block it is in
    T top = kernels::max(cols < block ? cols : block, x);
    for (std::size_t c = block; c < cols && top == top; c += block) {
      const T here = kernels::max(cols - c < block ? cols - c : block, x + c);
      if (here <= top) continue;
      top = here;
      best = c;
    }
    while (x[best] != top && (top == top || x[best] == x[best])) ++best;
    return best;
  }
  for (std::size_t c = 1; c < cols; ++c)
    if (!(x[c] <= x[best]) && x[best] == x[best]) best = c;
  return best;
}

}  // namespace foretell::kernels

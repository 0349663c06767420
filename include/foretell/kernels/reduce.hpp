// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "foretell/kernels/ref/reduce.hpp"

/// Sums over n values; those that return double accumulate in double.
namespace foretell::kernels {

template <class T>
double sum(std::size_t n, const T* x) noexcept {
  return ref::sum(n, x);
}

template <class T>
double sum_of_squares(std::size_t n, const T* x) noexcept {
  return ref::dot(n, x, x);
}

template <class T>
double dot(std::size_t n, const T* a, const T* b) noexcept {
  return ref::dot(n, a, b);
}

/// No NaN and no infinity among them.
template <class T>
bool all_finite(std::size_t n, const T* x) noexcept {
  return ref::all_finite(n, x);
}

/// The largest value; NaN when there is one; minus infinity when n is 0.
template <class T>
T max(std::size_t n, const T* x) noexcept {
  return ref::max(n, x);
}

/// out[c] += the sum of column c; rows are `stride` apart.
template <class T>
void column_sum_add(std::size_t rows, std::size_t cols, const T* x, std::size_t stride, T* out) noexcept {
  ref::column_sum_add(rows, cols, x, stride, out);
}

/// out[r] = the sum of row r; rows are `stride` apart.
template <class T>
void row_sum(std::size_t rows, std::size_t cols, const T* x, std::size_t stride, T* out) noexcept {
  ref::row_sum(rows, cols, x, stride, out);
}

/// The index of the first largest value (of the first NaN when there is one); 0 when there are no columns.
template <class T>
std::size_t argmax_row(std::size_t cols, const T* x) noexcept {
  return ref::argmax_row(cols, x);
}

}  // namespace foretell::kernels

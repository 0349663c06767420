// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>

namespace foretell::kernels::ref {

template <class T>
double sum(std::size_t n, const T* x) {
  double total = 0;
  for (std::size_t i = 0; i < n; ++i) total += static_cast<double>(x[i]);
  return total;
}

template <class T>
double dot(std::size_t n, const T* a, const T* b) {
  double total = 0;
  for (std::size_t i = 0; i < n; ++i) total += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return total;
}

template <class T>
bool all_finite(std::size_t n, const T* x) {
  for (std::size_t i = 0; i < n; ++i)
    if (!std::isfinite(x[i])) return false;
  return true;
}

template <class T>
T max(std::size_t n, const T* x) {
  T top = -HUGE_VAL;
  for (std::size_t i = 0; i < n; ++i) top = x[i] > top || std::isnan(x[i]) ? x[i] : top;
  return top;
}

template <class T>
void column_sum_add(std::size_t rows, std::size_t cols, const T* x, std::size_t stride, T* out) {
  for (std::size_t c = 0; c < cols; ++c) {
    double total = 0;
    for (std::size_t r = 0; r < rows; ++r) total += static_cast<double>(x[r * stride + c]);
    out[c] += static_cast<T>(total);
  }
}

template <class T>
void row_sum(std::size_t rows, std::size_t cols, const T* x, std::size_t stride, T* out) {
  for (std::size_t r = 0; r < rows; ++r) out[r] = static_cast<T>(sum(cols, x + r * stride));
}

template <class T>
std::size_t argmax_row(std::size_t cols, const T* x) {
  std::size_t best = 0;
  for (std::size_t c = 1; c < cols; ++c)
    if (!std::isnan(x[best]) && (x[c] > x[best] || std::isnan(x[c]))) best = c;
  return best;
}

}  // namespace foretell::kernels::ref

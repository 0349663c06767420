// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "foretell/kernels/ref/activation.hpp"
#include "foretell/kernels/ref/reduce.hpp"

namespace foretell::kernels::ref {

template <class T>
void activate(ActivationFunction f, std::size_t n, const T* x, T* y) {
  for (std::size_t i = 0; i < n; ++i) y[i] = activate_one(f, x[i]);
}

template <class T>
void activate_backward(ActivationFunction f, std::size_t n, const T* y, const T* z, const T* dy, T* dx) {
  for (std::size_t i = 0; i < n; ++i) dx[i] = dy[i] * derivative_one(f, y[i], z ? z[i] : T(0));
}

template <class T>
void activate_backward_sum(ActivationFunction f, std::size_t rows, std::size_t cols, const T* y, const T* z,
                           const T* dy, T* dx, T* sums) {
  activate_backward(f, rows * cols, y, z, dy, dx);
  column_sum_add(rows, cols, dx, cols, sums);
}

template <class T>
void activate_rows(ActivationFunction f, std::size_t rows, std::size_t cols, const T* x, T* y) {
  for (std::size_t r = 0; r < rows; ++r, x += cols, y += cols) {
    T top = cols ? x[0] : T(0);
    for (std::size_t c = 1; c < cols; ++c) top = x[c] > top ? x[c] : top;
    double total = 0;
    for (std::size_t c = 0; c < cols; ++c) total += std::exp(static_cast<double>(x[c]) - static_cast<double>(top));
    for (std::size_t c = 0; c < cols; ++c) {
      const double shifted = static_cast<double>(x[c]) - static_cast<double>(top);
      y[c] = static_cast<T>(f.kind == ActivationKind::softmax ? std::exp(shifted) / total : shifted - std::log(total));
    }
  }
}

template <class T>
void activate_rows_backward(ActivationFunction f, std::size_t rows, std::size_t cols, const T* y, const T* dy, T* dx) {
  for (std::size_t r = 0; r < rows; ++r, y += cols, dy += cols, dx += cols) {
    double total = 0;
    for (std::size_t c = 0; c < cols; ++c)
      total += static_cast<double>(dy[c]) * (f.kind == ActivationKind::softmax ? static_cast<double>(y[c]) : 1.0);
    for (std::size_t c = 0; c < cols; ++c) {
      const double p = static_cast<double>(y[c]);
      const double g = static_cast<double>(dy[c]);
      dx[c] = static_cast<T>(f.kind == ActivationKind::softmax ? p * (g - total) : g - std::exp(p) * total);
    }
  }
}

template <class T>
void add(std::size_t n, const T* x, T* y) {
  for (std::size_t i = 0; i < n; ++i) y[i] += x[i];
}

template <class T>
void add_to(std::size_t n, const T* a, const T* b, T* y) {
  for (std::size_t i = 0; i < n; ++i) y[i] = a[i] + b[i];
}

template <class T>
void multiply(std::size_t n, const T* a, const T* b, T* y) {
  for (std::size_t i = 0; i < n; ++i) y[i] = a[i] * b[i];
}

template <class T>
void maximum(std::size_t n, const T* a, const T* b, T* y) {
  for (std::size_t i = 0; i < n; ++i) y[i] = a[i] > b[i] ? a[i] : b[i];
}

template <class T>
void move_where_equal(std::size_t n, const T* a, const T* b, T* from, T* to) {
  for (std::size_t i = 0; i < n; ++i) {
    if (a[i] != b[i]) continue;
    to[i] += from[i];
    from[i] = T(0);
  }
}

template <class T>
void scale(std::size_t n, double alpha, T* y) {
  for (std::size_t i = 0; i < n; ++i) y[i] *= static_cast<T>(alpha);
}

template <class T>
void axpy(std::size_t n, double alpha, const T* x, T* y) {
  for (std::size_t i = 0; i < n; ++i) y[i] += static_cast<T>(alpha) * x[i];
}

template <class T>
void add_row(std::size_t rows, std::size_t cols, const T* row, T* y) {
  for (std::size_t i = 0; i < rows * cols; ++i) y[i] += row[i % cols];
}

}  // namespace foretell::kernels::ref

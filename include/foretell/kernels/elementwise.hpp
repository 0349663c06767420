// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstring>

#include "foretell/kernels/activation.hpp"
#include "foretell/kernels/math.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/kernels/simd.hpp"

#define FORETELL_KERNEL_512
#define FORETELL_KERNEL_FILE "foretell/kernels/isa/elementwise.inl"
#include "foretell/kernels/isa/each.hpp"

/// Loops over n values. y may be x (or a, or b); other overlaps are not allowed.
namespace foretell::kernels {

/// y = f(x) for an elementwise f.
template <class T>
void activate(ActivationFunction f, std::size_t n, const T* x, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, n, activate<T>(f, n, x, y));
}

/// dx = dy f'(.), from the output y, or from the input z where `derivative_from_output(f.kind)` is false (null
/// otherwise).
template <class T>
void activate_backward(ActivationFunction f, std::size_t n, const T* y, const T* z, const T* dy, T* dx) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, n, activate_backward<T>(f, n, y, z, dy, dx));
}

/// activate_backward of `rows` rows that lie side by side; the sums of the columns of dx are added to `sums`.
template <class T>
void activate_backward_sum(ActivationFunction f, std::size_t rows, std::size_t cols, const T* y, const T* z,
                           const T* dy, T* dx, T* sums) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, cols, activate_backward_sum<T>(f, rows, cols, y, z, dy, dx, sums));
}

/// softmax or log_softmax of every row, shifted by the row's maximum.
template <class T>
void activate_rows(ActivationFunction f, std::size_t rows, std::size_t cols, const T* x, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, cols, activate_rows<T>(f, rows, cols, x, y));
}

/// The gradient of `activate_rows` from its output.
template <class T>
void activate_rows_backward(ActivationFunction f, std::size_t rows, std::size_t cols, const T* y, const T* dy,
                            T* dx) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, cols, activate_rows_backward<T>(f, rows, cols, y, dy, dx));
}

/// y = exp(x - top)
template <class T>
void shifted_exp(std::size_t n, const T* x, T top, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, n, shifted_exp<T>(n, x, top, y));
}

/// y += x
template <class T>
void add(std::size_t n, const T* x, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT(T, add_to<T>(n, x, y, y));
}

/// y = a + b
template <class T>
void add_to(std::size_t n, const T* a, const T* b, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT(T, add_to<T>(n, a, b, y));
}

/// y = a b
template <class T>
void multiply(std::size_t n, const T* a, const T* b, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT(T, multiply<T>(n, a, b, y));
}

/// y = max(a, b), b where neither is greater
template <class T>
void maximum(std::size_t n, const T* a, const T* b, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT(T, maximum<T>(n, a, b, y));
}

/// Where a = b, `from` is added to `to` and becomes 0.
template <class T>
void move_where_equal(std::size_t n, const T* a, const T* b, T* from, T* to) noexcept {
  FORETELL_DISPATCH_FLOAT(T, move_where_equal<T>(n, a, b, from, to));
}

/// y *= alpha
template <class T>
void scale(std::size_t n, double alpha, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT(T, scale<T>(n, static_cast<T>(alpha), y));
}

/// y += alpha x
template <class T>
void axpy(std::size_t n, double alpha, const T* x, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT(T, axpy<T>(n, static_cast<T>(alpha), x, y));
}

/// y = value
template <class T>
void fill(std::size_t n, double value, T* y) noexcept {
  const T v = static_cast<T>(value);
  for (std::size_t i = 0; i < n; ++i) y[i] = v;
}

/// y = x
template <class T>
void copy(std::size_t n, const T* x, T* y) noexcept {
  if (n && x != y) std::memcpy(y, x, n * sizeof(T));
}

/// Adds `row` to each of the rows of y.
template <class T>
void add_row(std::size_t rows, std::size_t cols, const T* row, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT(T, add_row<T>(rows, cols, row, y));
}

}  // namespace foretell::kernels

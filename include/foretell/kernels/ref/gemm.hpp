// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "foretell/kernels/ref/activation.hpp"

namespace foretell::kernels::ref {

/// C (+)= A B with A(i, p) = a[i * a_row + p * a_col] and B(p, j) = b[p * b_row + j * b_col], then bias and activation.
template <class T>
void gemm(std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t a_row, std::size_t a_col, const T* b,
          std::size_t b_row, std::size_t b_col, T* c, std::size_t ldc, bool accumulate, const T* bias = nullptr,
          ActivationFunction f = {}, T* pre = nullptr, std::size_t pre_stride = 0) {
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      T sum = (accumulate ? c[i * ldc + j] : T(0)) + (bias ? bias[j] : T(0));
      for (std::size_t p = 0; p < k; ++p) sum += a[i * a_row + p * a_col] * b[p * b_row + j * b_col];
      if (pre) pre[i * pre_stride + j] = sum;
      c[i * ldc + j] = activate_one(f, sum);
    }
}

template <class T>
void transpose(std::size_t rows, std::size_t cols, const T* in, std::size_t ld_in, T* out, std::size_t ld_out) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < cols; ++c) out[c * ld_out + r] = in[r * ld_in + c];
}

}  // namespace foretell::kernels::ref

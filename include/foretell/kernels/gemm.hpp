// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <type_traits>

#include "foretell/kernels/activation.hpp"
#include "foretell/kernels/ref/gemm.hpp"

namespace foretell::kernels {

/// What happens to a product before it is stored: C = activation(AB + bias). Elementwise activations only.
template <class T>
struct Epilogue {
  const T* bias = nullptr;          ///< [n], added to every row
  ActivationFunction activation{};
  T* pre_activation = nullptr;      ///< receives the value before the activation, rows `pre_stride` apart
  std::size_t pre_stride = 0;
};

/// C[m,n] = A[m,k] B[k,n], row-major, rows lda, ldb, ldc apart; with `accumulate` the old C is added before the activation.
/// C overlaps neither A nor B. The products of one element of C are summed in the order of k, whatever m.
template <class T>
void gemm_nn(std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b, std::size_t ldb, T* c,
             std::size_t ldc, bool accumulate, const std::type_identity_t<Epilogue<T>>& e = {}) noexcept {
  ref::gemm(m, n, k, a, lda, 1, b, ldb, 1, c, ldc, accumulate, e.bias, e.activation, e.pre_activation, e.pre_stride);
}

/// C[m,n] (+)= A[k,m]^T B[k,n].
template <class T>
void gemm_tn(std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b, std::size_t ldb, T* c,
             std::size_t ldc, bool accumulate) noexcept {
  ref::gemm(m, n, k, a, 1, lda, b, ldb, 1, c, ldc, accumulate);
}

/// C[m,n] = A[m,k] B[n,k]^T.
template <class T>
void gemm_nt(std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b, std::size_t ldb, T* c,
             std::size_t ldc, bool accumulate, const std::type_identity_t<Epilogue<T>>& e = {}) noexcept {
  ref::gemm(m, n, k, a, lda, 1, b, 1, ldb, c, ldc, accumulate, e.bias, e.activation, e.pre_activation, e.pre_stride);
}

}  // namespace foretell::kernels

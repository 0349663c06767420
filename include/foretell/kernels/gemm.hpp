// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <type_traits>

#include "foretell/kernels/activation.hpp"
#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/pack_memory.hpp"
#include "foretell/kernels/simd.hpp"

namespace foretell::kernels {

/// What happens to a product before it is stored: C = activation(AB + bias). Elementwise activations only.
template <class T>
struct Epilogue {
  const T* bias = nullptr;  ///< [n], added to every row
  ActivationFunction activation{};
  T* pre_activation = nullptr;  ///< receives the value before the activation, rows `pre_stride` apart
  std::size_t pre_stride = 0;
};

/// Whether A B^T, A of m rows and B of n, both of k columns, is computed as (B A^T)^T: where A is much smaller.
constexpr bool turns_left_side(std::size_t m, std::size_t n, std::size_t k) {
  return m <= 128 && 3 * m * (n + k) < 2 * n * k;
}

}  // namespace foretell::kernels

#define FORETELL_KERNEL_FILE "foretell/kernels/isa/row.inl"
#include "foretell/kernels/isa/each.hpp"

#define FORETELL_KERNEL_512
#define FORETELL_KERNEL_FILE "foretell/kernels/isa/gemm.inl"
#include "foretell/kernels/isa/each.hpp"

#define FORETELL_KERNEL_512
#define FORETELL_KERNEL_FILE "foretell/kernels/isa/dots.inl"
#include "foretell/kernels/isa/each.hpp"

namespace foretell::kernels {

/// C[m,n] = A[m,k] B[k,n], row-major, rows lda, ldb, ldc apart; with `accumulate` the old C is added before the
/// activation. C overlaps neither A nor B. The products of one element of C are summed in the order of k, whatever m.
template <class T>
void gemm_nn(std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b, std::size_t ldb,
             T* c, std::size_t ldc, bool accumulate, const std::type_identity_t<Epilogue<T>>& e = {}) noexcept {
  if (m == 1) {
    FORETELL_DISPATCH(gemm_row<T>(e.activation, n, k, a, b, ldb, c, e.bias, e.pre_activation, accumulate));
  }
  const bool rectify = e.activation.kind == ActivationKind::relu && !e.pre_activation;
  FORETELL_DISPATCH_512(T, n,
                        gemm<T>({m, n, k, a, lda, 1, b, ldb, false, c, ldc, e.bias, accumulate, rectify}, e.activation,
                                e.pre_activation, e.pre_stride));
}

/// The same for one row, y[n] = activation(x[k] B[k,n] + bias), where a call must cost little.
template <class T>
void gemm_row(ActivationFunction f, std::size_t n, std::size_t k, const T* x, const T* b, T* y,
              const T* bias) noexcept {
  FORETELL_DISPATCH(gemm_row<T>(f, n, k, x, b, n, y, bias, nullptr, false));
}

/// out[cols, rows] = in[rows, cols]^T; rows lie ld_in and ld_out apart.
template <class T>
void transpose(std::size_t rows, std::size_t cols, const T* in, std::size_t ld_in, T* out,
               std::size_t ld_out) noexcept {
  FORETELL_DISPATCH(transpose<T>(rows, cols, in, ld_in, out, ld_out));
}

/// C[m,n] (+)= A[k,m]^T B[k,n].
template <class T>
void gemm_tn(std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b, std::size_t ldb,
             T* c, std::size_t ldc, bool accumulate) noexcept {
  FORETELL_DISPATCH_512(T, n, multiply<T>({m, n, k, a, 1, lda, b, ldb, false, c, ldc, nullptr, accumulate, false}));
}

/// C[m,n] = A[m,k] B[n,k]^T.
template <class T>
void gemm_nt(std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b, std::size_t ldb,
             T* c, std::size_t ldc, bool accumulate, const std::type_identity_t<Epilogue<T>>& e = {}) noexcept {
  const bool rectify = e.activation.kind == ActivationKind::relu && !e.pre_activation;
  const std::size_t columns = !e.bias && turns_left_side(m, n, k) ? m : n;
  FORETELL_DISPATCH_512(T, columns,
                        gemm<T>({m, n, k, a, lda, 1, b, ldb, true, c, ldc, e.bias, accumulate, rectify}, e.activation,
                                e.pre_activation, e.pre_stride));
}

/// Whether `gemm_nt_dots` is faster than `gemm_nt`: few columns or few rows do not pay for turning a side round.
template <class T>
bool prefers_dots(std::size_t m, std::size_t n, std::size_t k) noexcept {
  const bool wide = sizeof(T) == 4 && active_isa() == Isa::avx512;
  return n > 1 && k >= 16 && (wide ? n < 16 || m <= 12 : n < 8 || m <= 4);
}

/// C[m,n] (+)= A[m,k] B[n,k]^T as dot products, whose sums are not in the order of k; for gradients.
template <class T>
void gemm_nt_dots(std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b, std::size_t ldb,
                  T* c, std::size_t ldc, bool accumulate) noexcept {
  FORETELL_DISPATCH_512(T, k, multiply_dots<T>({m, n, k, a, lda, b, ldb, c, ldc, accumulate}));
}

/// C[m,n] (+)= A[m,k] B[n,k]^T for gradients, by the faster of the two for `columns` columns: those of the whole
/// product where threads share it, so that the bits do not depend on how.
template <class T>
void gemm_nt_gradient(std::size_t m, std::size_t n, std::size_t k, const T* a, std::size_t lda, const T* b,
                      std::size_t ldb, T* c, std::size_t ldc, bool accumulate, std::size_t columns) noexcept {
  if (prefers_dots<T>(m, columns, k)) return gemm_nt_dots(m, n, k, a, lda, b, ldb, c, ldc, accumulate);
  gemm_nt(m, n, k, a, lda, b, ldb, c, ldc, accumulate);
}

}  // namespace foretell::kernels

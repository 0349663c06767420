// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// The BLAS the program is linked with, when FORETELL_HAVE_CBLAS is defined (by the CMake target, for every translation
/// unit alike). Bound by assembler names: <cblas.h> and xtensor-blas declare the same functions differently and exclude
/// each other.
#if defined(FORETELL_HAVE_CBLAS)

#if defined(__APPLE__)
#define FORETELL_SYMBOL(name) __asm__("_" name)
#else
#define FORETELL_SYMBOL(name) __asm__(name)
#endif

extern "C" {
void foretell_cblas_sgemm(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float* a,
                          int lda, const float* b, int ldb, float beta, float* c, int ldc)
    FORETELL_SYMBOL("cblas_sgemm");
void foretell_cblas_dgemm(int order, int trans_a, int trans_b, int m, int n, int k, double alpha, const double* a,
                          int lda, const double* b, int ldb, double beta, double* c, int ldc)
    FORETELL_SYMBOL("cblas_dgemm");
void foretell_cblas_sgemv(int order, int trans, int m, int n, float alpha, const float* a, int lda, const float* x,
                          int incx, float beta, float* y, int incy) FORETELL_SYMBOL("cblas_sgemv");
__attribute__((weak)) void foretell_openblas_set_num_threads(int)
    FORETELL_SYMBOL("openblas_set_num_threads");  // null without OpenBLAS
__attribute__((weak)) int foretell_openblas_get_num_threads() FORETELL_SYMBOL("openblas_get_num_threads");
}
#undef FORETELL_SYMBOL

namespace foretell::kernels::blas {

enum class Transpose : int { no = 111, yes = 112 };

/// C[m,n] = op(A) op(B) + beta C, row-major.
inline void gemm(Transpose a_form, Transpose b_form, int m, int n, int k, const float* a, int lda, const float* b,
                 int ldb, float beta, float* c, int ldc) noexcept {
  foretell_cblas_sgemm(101, static_cast<int>(a_form), static_cast<int>(b_form), m, n, k, 1, a, lda, b, ldb, beta, c,
                       ldc);
}
inline void gemm(Transpose a_form, Transpose b_form, int m, int n, int k, const double* a, int lda, const double* b,
                 int ldb, double beta, double* c, int ldc) noexcept {
  foretell_cblas_dgemm(101, static_cast<int>(a_form), static_cast<int>(b_form), m, n, k, 1, a, lda, b, ldb, beta, c,
                       ldc);
}

/// OpenBLAS on one thread while it lives; the number before comes back afterwards. The setting is the process's: two
/// guards that overlap in time on different threads would restore each other's value, so one belongs to the caller that
/// owns the whole stretch of work, never inside a prediction. Does nothing with another BLAS.
class SingleThread {
 public:
  SingleThread() noexcept {
    if (!foretell_openblas_set_num_threads || !foretell_openblas_get_num_threads) return;
    before_ = foretell_openblas_get_num_threads();
    if (before_ != 1) foretell_openblas_set_num_threads(1);
  }
  SingleThread(const SingleThread&) = delete;
  SingleThread& operator=(const SingleThread&) = delete;
  ~SingleThread() {
    if (before_ > 1) foretell_openblas_set_num_threads(before_);
  }

 private:
  int before_ = 1;
};

}  // namespace foretell::kernels::blas

#endif  // FORETELL_HAVE_CBLAS

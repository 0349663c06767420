// SPDX-License-Identifier: BSD-3-Clause
// Exit codes: 0 a CBLAS that multiplies rightly and is one of the tuned ones, 2 a wrong product, 3 a right product from
// an unknown (reference) BLAS. Declared here and not from cblas.h, because a BLAS may be installed without that header.
extern "C" {
void cblas_sgemm(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float* a, int lda,
                 const float* b, int ldb, float beta, float* c, int ldc);
#ifndef __APPLE__
void openblas_get_config() __attribute__((weak));
void MKL_Get_Version() __attribute__((weak));
void bli_info_get_version_str() __attribute__((weak));
void armplversion() __attribute__((weak));
void ATL_buildinfo() __attribute__((weak));
#endif
}

int main() {
  constexpr int row_major = 101, no_trans = 111, trans = 112;
  const float a[6] = {1, 2, 3, 4, 5, 6};                     // 2 x 3
  const float b[12] = {1, 0, 2, 0, 1, 1, 1, 1, 1, 2, 0, 3};  // 4 x 3, used transposed
  const float expected[8] = {7, 5, 6, 11, 16, 11, 15, 26};
  float c[8] = {};
  cblas_sgemm(row_major, no_trans, trans, 2, 4, 3, 1.0f, a, 3, b, 3, 0.0f, c, 4);
  for (int i = 0; i < 8; ++i)
    if (c[i] != expected[i]) return 2;
#ifdef __APPLE__
  return 0;
#else
  return openblas_get_config || MKL_Get_Version || bli_info_get_version_str || armplversion || ATL_buildinfo ? 0 : 3;
#endif
}

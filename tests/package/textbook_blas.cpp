// SPDX-License-Identifier: BSD-3-Clause
// A row-major sgemm as the textbook has it: right and slow, or, with WRONG_wrong, wrong.
extern "C" void cblas_sgemm(int, int trans_a, int trans_b, int m, int n, int k, float alpha, const float* a, int lda,
                            const float* b, int ldb, float beta, float* c, int ldc) {
  constexpr int no_trans = 111;
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      float sum = 0;
      for (int p = 0; p < k; ++p)
        sum += (trans_a == no_trans ? a[i * lda + p] : a[p * lda + i]) *
               (trans_b == no_trans ? b[p * ldb + j] : b[j * ldb + p]);
#ifdef WRONG_wrong
      sum += 1;
#endif
      c[i * ldc + j] = alpha * sum + beta * c[i * ldc + j];
    }
}

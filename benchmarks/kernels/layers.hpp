// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <foretell/kernels/blas.hpp>
#include <foretell/kernels/gemm.hpp>

#include "floor.hpp"

/// The three products of a dense layer with `in` inputs and `out` outputs on `batch` rows, ours and cblas_sgemm's.
struct DenseProduct {
  enum Op { forward, weights, inputs } op;
  std::size_t batch, in, out;

  std::size_t m() const { return op == weights ? in : batch; }
  std::size_t n() const { return op == inputs ? in : out; }
  std::size_t k() const { return op == forward ? in : op == weights ? batch : out; }
  double flops() const { return 2.0 * static_cast<double>(batch * in * out); }
  const char* name() const { return op == forward ? "forward+bias+relu" : op == weights ? "dW" : "dX"; }
};

class DenseRun {
 public:
  explicit DenseRun(DenseProduct p)
      : p_(p),
        a_(floor_of::numbers(p.m() * p.k())),
        b_(floor_of::numbers(p.k() * p.n())),
        bias_(floor_of::numbers(p.n())),
        c_(p.m() * p.n()),
        floor_(c_.size()) {}

  void ours() {
    using namespace foretell::kernels;
    const auto [m, n, k] = sizes();
    if (p_.op == DenseProduct::forward)
      gemm_nn(m, n, k, a_.data(), k, b_.data(), n, c_.data(), n, false,
              {.bias = bias_.data(), .activation = foretell::relu});
    else if (p_.op == DenseProduct::weights)
      gemm_tn(m, n, k, a_.data(), m, b_.data(), n, c_.data(), n, false);
    else
      gemm_nt_gradient(m, n, k, a_.data(), k, b_.data(), k, c_.data(), n, false, n);
  }

  /// cblas_sgemm, for one row cblas_sgemv, and the vectorised pass.
  void blas() {
    using foretell::kernels::blas::Transpose;
    const auto [m, n, k] = sizes();
    const int im = static_cast<int>(m), in = static_cast<int>(n), ik = static_cast<int>(k);
    if (p_.op == DenseProduct::forward && m == 1)
      foretell_cblas_sgemv(101, 112, ik, in, 1, b_.data(), in, a_.data(), 1, 0, floor_.data(), 1);
    else if (p_.op == DenseProduct::inputs && m == 1)
      foretell_cblas_sgemv(101, 111, in, ik, 1, b_.data(), ik, a_.data(), 1, 0, floor_.data(), 1);
    else if (p_.op == DenseProduct::forward)
      foretell::kernels::blas::gemm(Transpose::no, Transpose::no, im, in, ik, a_.data(), ik, b_.data(), in, 0,
                                    floor_.data(), in);
    else if (p_.op == DenseProduct::weights)
      foretell::kernels::blas::gemm(Transpose::yes, Transpose::no, im, in, ik, a_.data(), im, b_.data(), in, 0,
                                    floor_.data(), in);
    else
      foretell::kernels::blas::gemm(Transpose::no, Transpose::yes, im, in, ik, a_.data(), ik, b_.data(), ik, 0,
                                    floor_.data(), in);
    if (p_.op == DenseProduct::forward) floor_of::bias_relu(m, n, bias_.data(), floor_.data());
  }

  /// Both give the same answer to rounding.
  bool agree() {
    ours();
    blas();
    for (std::size_t i = 0; i < c_.size(); ++i)
      if (!(std::abs(c_[i] - floor_[i]) <= 1e-5 * (std::sqrt(static_cast<double>(p_.k())) + std::abs(floor_[i]))))
        return false;
    return true;
  }

 private:
  struct Sizes {
    std::size_t m, n, k;
  };
  Sizes sizes() const { return {p_.m(), p_.n(), p_.k()}; }

  DenseProduct p_;
  std::vector<float> a_, b_, bias_, c_, floor_;
};

/// The layer shapes that are measured: batch, inputs, outputs.
inline constexpr std::size_t layer_shapes[][3] = {
    {1, 5, 64},        {1, 64, 1},      {1, 64, 64},      {1, 64, 256},      {1, 256, 128}, {1, 256, 256},
    {1, 1024, 1024},   {8, 64, 64},     {8, 256, 256},    {8, 64, 1024},     {32, 5, 64},   {32, 64, 1},
    {32, 64, 64},      {32, 128, 10},   {256, 64, 256},   {256, 256, 128},   {256, 128, 1}, {128, 784, 1024},
    {128, 1024, 1024}, {128, 1024, 10}, {32, 1024, 1024}, {1024, 1024, 1024}};

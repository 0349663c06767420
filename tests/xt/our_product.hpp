// SPDX-License-Identifier: BSD-3-Clause
// Our headers that stand beside a user's BLAS headers, and a product through them to compare with the user's.
#include <foretell/kernels/gemm.hpp>
#if __has_include(<foretell/kernels/blas.hpp>)
#include <foretell/kernels/blas.hpp>
#endif
#include <foretell/xt/tensor.hpp>

namespace {

inline xt::xarray<double> our_product(const xt::xarray<double>& a, const xt::xarray<double>& b) {
  auto c = foretell::zeros<double>({a.shape(0), b.shape(1)});
  foretell::kernels::gemm_nn(a.shape(0), b.shape(1), b.shape(0), a.data(), a.shape(1), b.data(), b.shape(1), c.data(),
                             b.shape(1), false);
  return c;
}

}  // namespace

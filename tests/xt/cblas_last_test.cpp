// SPDX-License-Identifier: BSD-3-Clause
// A user who calls BLAS, and includes its header after ours.
#include "our_product.hpp"
#if defined(FORETELL_HAVE_CBLAS) && __has_include(<cblas.h>)
#include <cblas.h>
#endif

#include <doctest/doctest.h>

TEST_CASE("<cblas.h> after foretell: both compile and agree") {
  const xt::xarray<double> a = {{1, 2, 3}, {4, 5, 6}}, b = {{1, 2}, {3, 4}, {5, 6}};
  xt::xarray<double> expected = {{22, 28}, {49, 64}};
#if defined(FORETELL_HAVE_CBLAS) && __has_include(<cblas.h>)
  expected.fill(0);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, 2, 2, 3, 1.0, a.data(), 3, b.data(), 2, 0.0, expected.data(),
              2);
#else
  MESSAGE("no <cblas.h> here: compared with the product by hand");
#endif
  CHECK(our_product(a, b) == expected);
}

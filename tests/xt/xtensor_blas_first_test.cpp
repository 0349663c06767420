// SPDX-License-Identifier: BSD-3-Clause
// A user of xtensor-blas, which has its own declarations of BLAS, before our headers.
#if defined(FORETELL_HAVE_CBLAS) && __has_include(<xtensor-blas/xlinalg.hpp>)
#include <xtensor-blas/xlinalg.hpp>
#endif
#include "our_product.hpp"

#include <doctest/doctest.h>

TEST_CASE("xtensor-blas before foretell: both compile and agree") {
  const xt::xarray<double> a = {{1, 2, 3}, {4, 5, 6}}, b = {{1, 2}, {3, 4}, {5, 6}};
#if defined(FORETELL_HAVE_CBLAS) && __has_include(<xtensor-blas/xlinalg.hpp>)
  const xt::xarray<double> expected = xt::linalg::dot(a, b);
#else
  MESSAGE("no xtensor-blas here: compared with the product by hand");
  const xt::xarray<double> expected = {{22, 28}, {49, 64}};
#endif
  CHECK(our_product(a, b) == expected);
}

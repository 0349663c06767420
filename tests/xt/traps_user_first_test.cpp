// SPDX-License-Identifier: BSD-3-Clause
// A user who includes xtensor, and code that uses it in templates, before foretell.
#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xarray.hpp>
#include <xtensor/containers/xtensor.hpp>
#include <xtensor/core/xeval.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/io/xio.hpp>
#include <xtensor/misc/xsort.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xeval.hpp>
#include <xtensor/xio.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xsort.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>
#endif

template <class E>
auto centred_rows(const E& e) {
  return xt::eval(e - xt::mean(e, {1}, xt::keep_dims));
}

#include <foretell/xt/tensor.hpp>

using T = double;
#include "traps.hpp"

TEST_CASE("xtensor included before foretell: temporaries of array expressions are arrays of any rank") {
  temporaries_of_arrays_are_arrays();
}
TEST_CASE("xtensor included before foretell: a lazy reduction that keeps its axes broadcasts over them") {
  kept_axes_broadcast();
}

TEST_CASE("xtensor included before foretell: a user's template from before the rim is right") {
  const xt::xarray<T> a = {{1, 3}, {5, 9}};
  const auto centred = centred_rows(a);
  CHECK(sizes(centred) == Sizes{2, 2});
  CHECK(values(centred) == Numbers{-1, 1, -2, 2});
}

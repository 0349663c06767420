// SPDX-License-Identifier: BSD-3-Clause
// A user who includes foretell before, or instead of, xtensor.
#include <foretell/xt/tensor.hpp>

#if __has_include(<xtensor/containers/xarray.hpp>)
#include <xtensor/core/xeval.hpp>
#include <xtensor/io/xio.hpp>
#include <xtensor/misc/xsort.hpp>
#else
#include <xtensor/xeval.hpp>
#include <xtensor/xio.hpp>
#include <xtensor/xsort.hpp>
#endif

using T = double;
#include "traps.hpp"

TEST_CASE("foretell included before xtensor: temporaries of array expressions are arrays of any rank") {
  temporaries_of_arrays_are_arrays();
}
TEST_CASE("foretell included before xtensor: a lazy reduction that keeps its axes broadcasts over them") {
  kept_axes_broadcast();
}

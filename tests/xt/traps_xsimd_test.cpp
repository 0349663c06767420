// SPDX-License-Identifier: BSD-3-Clause
// The same under XTENSOR_USE_XSIMD, which changes the type xt::xarray<float>: no other file of this program may use it.
#if __has_include(<xsimd/xsimd.hpp>)
#define XTENSOR_USE_XSIMD
#endif
#include <foretell/xt/as_xt.hpp>
#include <foretell/xt/tensor.hpp>

using T = float;
#include "traps.hpp"

TEST_CASE("XTENSOR_USE_XSIMD: temporaries of array expressions are arrays of any rank") {
  temporaries_of_arrays_are_arrays();
}
TEST_CASE("XTENSOR_USE_XSIMD: a lazy reduction that keeps its axes broadcasts over them") { kept_axes_broadcast(); }

TEST_CASE("as_xt: vectorised assignment of one row and of many equals a loop") {
  for (const std::size_t rows : {1u, 5u, 64u}) {
    const foretell::Shape shape{7}, weights_shape{7};
    std::vector<float> x(rows * 7 + 1), y(rows * 7 + 1, 0.0f), w(8);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 23) - 11;
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<float>(i) + 0.5f;
    // one element behind the allocation: memory that no vector unit finds aligned
    const foretell::In<float> in(x.data() + 1, rows, shape);
    const foretell::Out<float> out(y.data() + 1, rows, shape);
    const foretell::Values<const float> weights(w.data() + 1, weights_shape);
    xt::noalias(foretell::as_xt(out)) = foretell::as_xt(in) * foretell::as_xt(weights);
    for (std::size_t i = 0; i < rows * 7; ++i) CHECK(y[i + 1] == x[i + 1] * w[i % 7 + 1]);
    xt::noalias(foretell::as_xt(out)) = foretell::as_xt(in) + foretell::as_xt(in);
    for (std::size_t i = 0; i < rows * 7; ++i) CHECK(y[i + 1] == 2 * x[i + 1]);
  }
}

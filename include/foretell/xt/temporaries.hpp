// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Included by xt/xtensor.hpp, after the headers of xtensor.

#if XTENSOR_VERSION_MAJOR == 0 && XTENSOR_VERSION_MINOR < 26 && __cplusplus > 201703L
namespace xt::detail {

/// Before 0.26, in C++20, a compiler that matches template template parameters by P0522 (g++ does) takes the small
/// vector that holds an xarray's shape for a shape of fixed rank 4, so that xt::eval(a + b) of xarrays is a broken
/// xtensor<T, 4>. This is the specialisation that xtensor has for C++17 only.
template <template <class, std::size_t, class, bool> class SmallVector, class I, std::size_t N, class A, bool init>
struct xtype_for_shape<SmallVector<I, N, A, init>> {
  template <class T, layout_type layout>
  using type = xarray<T, layout>;
};

}  // namespace xt::detail
#endif

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "foretell/kernels/math.hpp"
#include "foretell/kernels/simd.hpp"
#include "foretell/kernels/steps.hpp"

#define FORETELL_KERNEL_FILE "foretell/kernels/isa/update.inl"
#include "foretell/kernels/isa/each.hpp"

/// Optimizer steps over flat arrays, as in keras.optimizers. Scalars are rounded to T once.
namespace foretell::kernels {

/// One step over n weights w with gradients g and R::slots state arrays.
template <class R, class T>
void apply_rule(const R& rule, std::size_t n, T* w, const T* g, T* const* slots) noexcept {
  if constexpr (requires { R::plain; }) {
    FORETELL_DISPATCH_FLOAT(T, apply_rule<R, T>(rule, n, w, g, slots));
  } else {
    FORETELL_DISPATCH(apply_rule<R, T>(rule, n, w, g, slots));
  }
}

/// Limits every value to [-limit, limit]; NaN stays.
template <class T>
void clip_by_value(std::size_t n, double limit, T* g) noexcept {
  FORETELL_DISPATCH_FLOAT(T, clip_by_value<T>(n, static_cast<T>(limit), g));
}

}  // namespace foretell::kernels

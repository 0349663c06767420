// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "foretell/kernels/formula.hpp"
#include "foretell/kernels/math.hpp"
#include "foretell/kernels/simd.hpp"

#define FORETELL_KERNEL_512
#define FORETELL_KERNEL_FILE "foretell/kernels/isa/loss.inl"
#include "foretell/kernels/isa/each.hpp"

namespace foretell::kernels::loss {

/// A formula of n single numbers, and its slopes by the prediction, without weights. `losses` and `slopes` may be the
/// inputs.
template <class F, class T>
void apply(const F& f, std::size_t n, const T* truth, const T* prediction, T* losses, T* slopes) noexcept {
  FORETELL_DISPATCH_512(T, n, loss::apply<F, T>(f, n, truth, prediction, losses, slopes));
}

}  // namespace foretell::kernels::loss

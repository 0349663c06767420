// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "foretell/kernels/math.hpp"
#include "foretell/kernels/simd.hpp"

#define FORETELL_KERNEL_FILE "foretell/losses/isa/loss.inl"
#include "foretell/kernels/isa/each.hpp"

/// Losses of n single numbers, and their slopes by the prediction, without weights. `losses` and `slopes` may be the
/// inputs.
namespace foretell::kernels::loss {

/// e^2, with e = prediction - truth here and below
template <class T>
void squared(std::size_t n, const T* truth, const T* prediction, T* losses, T* slopes) noexcept {
  FORETELL_DISPATCH(loss::squared<T>(n, truth, prediction, losses, slopes));
}

/// |e|, with slope 0 at 0
template <class T>
void absolute(std::size_t n, const T* truth, const T* prediction, T* losses, T* slopes) noexcept {
  FORETELL_DISPATCH(loss::absolute<T>(n, truth, prediction, losses, slopes));
}

/// e^2 / 2 up to |e| = delta, delta |e| - delta^2 / 2 beyond
template <class T>
void huber(std::size_t n, const T* truth, const T* prediction, double delta, T* losses, T* slopes) noexcept {
  FORETELL_DISPATCH(loss::huber<T>(n, truth, prediction, static_cast<T>(delta), losses, slopes));
}

/// log(cosh(e))
template <class T>
void log_cosh(std::size_t n, const T* truth, const T* prediction, T* losses, T* slopes) noexcept {
  FORETELL_DISPATCH(loss::log_cosh<T>(n, truth, prediction, losses, slopes));
}

/// Binary cross-entropy of sigmoid(logits) against truth * keep + base: max(z, 0) - t z + log(1 + exp(-|z|))
template <class T>
void logistic(std::size_t n, const T* truth, const T* logits, double keep, double base, T* losses, T* slopes) noexcept {
  FORETELL_DISPATCH(loss::logistic<T>(n, truth, logits, static_cast<T>(keep), static_cast<T>(base), losses, slopes));
}

/// y = exp(x - top)
template <class T>
void shifted_exp(std::size_t n, const T* x, T top, T* y) noexcept {
  FORETELL_DISPATCH(loss::shifted_exp<T>(n, x, top, y));
}

}  // namespace foretell::kernels::loss

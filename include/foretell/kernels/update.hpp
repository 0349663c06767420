// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "foretell/kernels/simd.hpp"
#include "foretell/kernels/steps.hpp"

#define FORETELL_KERNEL_FILE "foretell/kernels/isa/update.inl"
#include "foretell/kernels/isa/each.hpp"

/// Optimizer steps over flat arrays of weights w, gradients g and states, as in keras.optimizers. Scalars are rounded
/// to T once.
namespace foretell::kernels {

/// w -= lr g
template <class T>
void sgd(std::size_t n, T* w, const T* g, double lr, double gradient_scale = 1) noexcept {
  FORETELL_DISPATCH_FLOAT(T, sgd<T>(n, w, g, lr, gradient_scale));
}

/// v = momentum v - lr g; then w += v, or with Nesterov w += momentum v - lr g.
template <class T>
void momentum(std::size_t n, T* w, const T* g, T* v, double lr, double momentum, bool nesterov,
              double gradient_scale = 1) noexcept {
  FORETELL_DISPATCH_FLOAT(T, momentum<T>(n, w, g, v, lr, momentum, nesterov, gradient_scale));
}

/// m += (g - m)(1 - beta_1); v += (g^2 - v)(1 - beta_2); w -= lr m / (sqrt(v) + epsilon), after the decoupled decay.
template <class T>
void adam(std::size_t n, T* w, const T* g, T* m, T* v, const AdamStep& step) noexcept {
  FORETELL_DISPATCH_FLOAT(T, adam<T>(n, w, g, m, v, step));
}

/// v = rho v + (1 - rho) g^2; w -= lr g / sqrt(v + epsilon). With `mean_grad` (centered) its square is taken from v
/// first; with `mom` (momentum) the move is accumulated in it. Either may be null.
template <class T>
void rmsprop(std::size_t n, T* w, const T* g, T* v, T* mom, T* mean_grad, const RmspropStep& step) noexcept {
  FORETELL_DISPATCH_FLOAT(T, rmsprop<T>(n, w, g, v, mom, mean_grad, step));
}

/// Limits every value to [-limit, limit]; NaN stays.
template <class T>
void clip_by_value(std::size_t n, double limit, T* g) noexcept {
  FORETELL_DISPATCH_FLOAT(T, clip_by_value<T>(n, static_cast<T>(limit), g));
}

}  // namespace foretell::kernels

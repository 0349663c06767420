// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "foretell/kernels/ref/update.hpp"
#include "foretell/kernels/steps.hpp"

/// Optimizer steps over flat arrays of weights w, gradients g and states, as in keras.optimizers. Scalars are rounded to T once.
namespace foretell::kernels {

/// w -= lr g
template <class T>
void sgd(std::size_t n, T* w, const T* g, double lr, double gradient_scale = 1) noexcept {
  ref::sgd(n, w, g, lr, gradient_scale);
}

/// v = momentum v - lr g; then w += v, or with Nesterov w += momentum v - lr g.
template <class T>
void momentum(std::size_t n, T* w, const T* g, T* v, double lr, double momentum, bool nesterov,
              double gradient_scale = 1) noexcept {
  ref::momentum(n, w, g, v, lr, momentum, nesterov, gradient_scale);
}

/// m += (g - m)(1 - beta_1); v += (g^2 - v)(1 - beta_2); w -= lr m / (sqrt(v) + epsilon), after the decoupled decay.
template <class T>
void adam(std::size_t n, T* w, const T* g, T* m, T* v, const AdamStep& step) noexcept {
  ref::adam(n, w, g, m, v, step);
}

/// v = rho v + (1 - rho) g^2; w -= lr g / sqrt(v + epsilon). With `mean_grad` (centered) its square is taken from v first; with
/// `mom` (momentum) the move is accumulated in it. Either may be null.
template <class T>
void rmsprop(std::size_t n, T* w, const T* g, T* v, T* mom, T* mean_grad, const RmspropStep& step) noexcept {
  ref::rmsprop(n, w, g, v, mom, mean_grad, step);
}

/// Limits every value to [-limit, limit]; NaN stays.
template <class T>
void clip_by_value(std::size_t n, double limit, T* g) noexcept {
  ref::clip_by_value(n, limit, g);
}

}  // namespace foretell::kernels

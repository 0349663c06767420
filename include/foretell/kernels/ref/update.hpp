// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>

#include "foretell/kernels/steps.hpp"

namespace foretell::kernels::ref {

template <class T>
void sgd(std::size_t n, T* w, const T* g, double lr, double gradient_scale = 1) {
  for (std::size_t i = 0; i < n; ++i) w[i] -= static_cast<T>(lr * gradient_scale) * g[i];
}

template <class T>
void momentum(std::size_t n, T* w, const T* g, T* v, double lr, double momentum, bool nesterov,
              double gradient_scale = 1) {
  const T rate = static_cast<T>(lr * gradient_scale);
  const T keep = static_cast<T>(momentum);
  for (std::size_t i = 0; i < n; ++i) {
    v[i] = keep * v[i] - rate * g[i];
    w[i] += nesterov ? keep * v[i] - rate * g[i] : v[i];
  }
}

template <class T>
void adam(std::size_t n, T* w, const T* g, T* m, T* v, const AdamStep& s) {
  for (std::size_t i = 0; i < n; ++i) {
    const T slope = g[i] * static_cast<T>(s.gradient_scale);
    w[i] -= static_cast<T>(s.weight_decay_times_lr) * w[i];
    m[i] += (slope - m[i]) * static_cast<T>(1 - s.beta_1);
    v[i] += (slope * slope - v[i]) * static_cast<T>(1 - s.beta_2);
    w[i] -= static_cast<T>(s.lr) * m[i] / (std::sqrt(v[i]) + static_cast<T>(s.epsilon));
  }
}

template <class T>
void rmsprop(std::size_t n, T* w, const T* g, T* v, T* mom, T* mean_grad, const RmspropStep& s) {
  const T rho = static_cast<T>(s.rho);
  const T fresh = static_cast<T>(1 - s.rho);
  for (std::size_t i = 0; i < n; ++i) {
    const T slope = g[i] * static_cast<T>(s.gradient_scale);
    w[i] -= static_cast<T>(s.weight_decay_times_lr) * w[i];
    v[i] = rho * v[i] + fresh * slope * slope;
    T spread = v[i] + static_cast<T>(s.epsilon);
    if (mean_grad) {
      mean_grad[i] = rho * mean_grad[i] + fresh * slope;
      spread = v[i] - mean_grad[i] * mean_grad[i] + static_cast<T>(s.epsilon);
    }
    T move = static_cast<T>(s.lr) * slope / std::sqrt(spread);
    if (mom) move = mom[i] = static_cast<T>(s.momentum) * mom[i] + move;
    w[i] -= move;
  }
}

template <class T>
void clip_by_value(std::size_t n, double limit, T* g) {
  const T top = static_cast<T>(limit);
  for (std::size_t i = 0; i < n; ++i) g[i] = g[i] > top ? top : g[i] < -top ? -top : g[i];
}

}  // namespace foretell::kernels::ref

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>

#include "foretell/kernels/steps.hpp"

namespace foretell::kernels::ref {

/// One weight w of gradient g, and its states s.
inline void step(const rule::Sgd& r, double g, double& w, double*) { w -= r.rate * g; }

inline void step(const rule::Momentum& r, double g, double& w, double* s) {
  double& v = s[0];
  v = r.keep * v - r.rate * g;
  w += r.nesterov ? r.keep * v - r.rate * g : v;
}

inline void step(const rule::Adam& r, double g, double& w, double* s) {
  double &m = s[0], &v = s[1];
  w *= 1 - r.decay;
  m = r.beta_1 * m + (1 - r.beta_1) * g;
  v = r.beta_2 * v + (1 - r.beta_2) * g * g;
  w -= r.rate * m / (std::sqrt(v) + r.epsilon);
}

inline void step(const rule::Rmsprop& r, double g, double& w, double* s) {
  double& v = s[0];
  v = r.rho * v + (1 - r.rho) * g * g;
  s[2] = r.centered ? r.rho * s[2] + (1 - r.rho) * g : v;
  const double spread = r.centered ? v - s[2] * s[2] : v;
  const double move = r.rate * g / std::sqrt(spread + r.epsilon);
  s[1] = r.with_momentum ? r.momentum * s[1] + move : v;
  w -= r.with_momentum ? s[1] : move;
}

inline void step(const rule::Adagrad& r, double g, double& w, double* s) {
  s[0] += g * g;
  w -= r.rate * g / std::sqrt(r.initial + s[0] + r.epsilon);
}

inline void step(const rule::Adadelta& r, double g, double& w, double* s) {
  double &squares = s[0], &moves = s[1];
  squares = r.rho * squares + (1 - r.rho) * g * g;
  const double move = std::sqrt(moves + r.epsilon) / std::sqrt(squares + r.epsilon) * g;
  moves = r.rho * moves + (1 - r.rho) * move * move;
  w -= r.rate * move;
}

inline void step(const rule::Adamax& r, double g, double& w, double* s) {
  double &m = s[0], &top = s[1];
  m = r.beta_1 * m + (1 - r.beta_1) * g;
  top = std::fmax(r.beta_2 * top, std::abs(g));
  w -= r.rate * m / (top + r.epsilon);
}

inline void step(const rule::Nadam& r, double g, double& w, double* s) {
  double &m = s[0], &v = s[1];
  m = r.beta_1 * m + (1 - r.beta_1) * g;
  v = r.beta_2 * v + (1 - r.beta_2) * g * g;
  w -= (r.rate_of_mean * m + r.rate_of_gradient * g) / (std::sqrt(v * r.correction) + r.epsilon);
}

inline void step(const rule::Ftrl& r, double g, double& w, double* s) {
  double &squares = s[0], &line = s[1];
  const double before = std::pow(squares + r.initial, r.power);
  squares += g * g;
  const double after = std::pow(squares + r.initial, r.power);
  line += g + 2 * r.shrinkage * w - (after - before) / r.rate * w;
  const double curve = after / r.rate + 2 * r.l2;
  if (curve != 0) w = std::abs(line) <= r.l1 ? 0 : ((line > 0 ? r.l1 : -r.l1) - line) / curve;
}

inline void step(const rule::Lion& r, double g, double& w, double* s) {
  double& m = s[0];
  const double push = r.beta_1 * m + (1 - r.beta_1) * g;
  if (push != 0) w -= push > 0 ? r.rate : -r.rate;
  m = r.beta_2 * m + (1 - r.beta_2) * g;
}

template <class R, class T>
void apply_rule(const R& rule, std::size_t n, T* w, const T* g, T* const* slots) {
  for (std::size_t i = 0; i < n; ++i) {
    double weight = static_cast<double>(w[i]), states[R::slots + 1];
    for (std::size_t k = 0; k < R::slots; ++k) states[k] = static_cast<double>(slots[k][i]);
    step(rule, static_cast<double>(g[i]), weight, states);
    w[i] = static_cast<T>(weight);
    for (std::size_t k = 0; k < R::slots; ++k) slots[k][i] = static_cast<T>(states[k]);
  }
}

}  // namespace foretell::kernels::ref

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "foretell/kernels/activation.hpp"

/// Naive twins of the kernels: one plain loop each, the oracle of their tests.
namespace foretell::kernels::ref {

template <class T>
T sigmoid_of(T x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

template <class T>
T softplus_of(T x) {
  return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}

/// f(x) for an elementwise f.
template <class T>
T activate_one(ActivationFunction f, T x) {
  const T a = static_cast<T>(f.alpha);
  switch (f.kind) {
    case ActivationKind::relu:
      return x < 0 ? 0 : x;
    case ActivationKind::leaky_relu:
      return x < 0 ? a * x : x;
    case ActivationKind::elu:
      return x < 0 ? a * std::expm1(x) : x;
    case ActivationKind::selu:
      return static_cast<T>(selu_scale) * (x < 0 ? static_cast<T>(selu_alpha) * std::expm1(x) : x);
    case ActivationKind::gelu:
      return T(0.5) * x * std::erfc(-x * static_cast<T>(0.70710678118654752440));
    case ActivationKind::silu:
      return x * sigmoid_of(x);
    case ActivationKind::softplus:
      return softplus_of(x);
    case ActivationKind::softsign:
      return x / (1 + std::abs(x));
    case ActivationKind::hard_sigmoid:
      return x < -3 ? 0 : x > 3 ? 1 : (x + 3) / 6;
    case ActivationKind::mish:
      return x * std::tanh(softplus_of(x));
    case ActivationKind::squareplus:
      return x < 0 ? 2 / (std::hypot(x, T(2)) - x) : (x + std::hypot(x, T(2))) / 2;
    case ActivationKind::exponential:
      return std::exp(x);
    case ActivationKind::tanh:
      return std::tanh(x);
    case ActivationKind::sigmoid:
      return sigmoid_of(x);
    case ActivationKind::linear:
    case ActivationKind::softmax:
    case ActivationKind::log_softmax:
      break;
  }
  return x;
}

/// f'(z), from y = f(z) or from z, as `derivative_from_output` says.
template <class T>
T derivative_one(ActivationFunction f, T y, T z) {
  const T a = static_cast<T>(f.alpha);
  switch (f.kind) {
    case ActivationKind::relu:
      return y > 0 ? 1 : 0;
    case ActivationKind::leaky_relu:
      return y > 0 ? 1 : a;
    case ActivationKind::elu:
      return z > 0 ? 1 : a * std::exp(z);
    case ActivationKind::selu:
      return static_cast<T>(selu_scale) * (z > 0 ? 1 : static_cast<T>(selu_alpha) * std::exp(z));
    case ActivationKind::gelu:
      return T(0.5) * std::erfc(-z * static_cast<T>(0.70710678118654752440)) +
             z * std::exp(-z * z / 2) * static_cast<T>(0.39894228040143267794);
    case ActivationKind::silu:
      return sigmoid_of(z) * (1 + z * sigmoid_of(-z));
    case ActivationKind::softplus:
      return -std::expm1(-y);
    case ActivationKind::softsign:
      return 1 / ((1 + std::abs(z)) * (1 + std::abs(z)));
    case ActivationKind::hard_sigmoid:
      return y > 0 && y < 1 ? T(1) / 6 : 0;
    case ActivationKind::mish: {
      const T t = std::tanh(softplus_of(z));
      return t + z * (1 - t * t) * sigmoid_of(z);
    }
    case ActivationKind::squareplus:
      return 1 / (1 + (1 / y) * (1 / y));
    case ActivationKind::exponential:
      return y;
    case ActivationKind::tanh:
      return (1 - y) * (1 + y);
    case ActivationKind::sigmoid:
      return y * (1 - y);
    case ActivationKind::linear:
    case ActivationKind::softmax:
    case ActivationKind::log_softmax:
      break;
  }
  return 1;
}

}  // namespace foretell::kernels::ref

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

/// The numbers of one step of an optimizer over weights w with gradients g; `slots` states, which start at 0, go with
/// them. `plain`: in double without fused multiply-adds on every machine.
namespace foretell::kernels::rule {

/// w -= rate g
struct Sgd {
  static constexpr std::size_t slots = 0;
  static constexpr bool plain = true;
  double rate;
};
/// v = keep v - rate g; then w += v, or with Nesterov w += keep v - rate g.
struct Momentum {
  static constexpr std::size_t slots = 1;
  static constexpr bool plain = true;
  double rate, keep;
  bool nesterov;
};
/// m += (g - m)(1 - beta_1); v += (g^2 - v)(1 - beta_2); w -= rate m / (sqrt(v) + epsilon). `rate` includes the bias
/// correction as in Keras: lr sqrt(1 - beta_2^t) / (1 - beta_1^t).
struct Adam {
  static constexpr std::size_t slots = 2;
  static constexpr bool plain = true;
  double rate = 0.001, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
  double decay = 0;  ///< decoupled: w -= decay w before the step
};
/// v = rho v + (1 - rho) g^2; w -= rate g / sqrt(v + epsilon). `centered`: the square of the third state, the mean of
/// g, is taken from v first. `with_momentum`: the move is accumulated in the second state. A state that is not used is
/// v once more.
struct Rmsprop {
  static constexpr std::size_t slots = 3;
  static constexpr bool plain = true;
  double rate, rho, momentum, epsilon;
  bool with_momentum, centered;
};
struct Adagrad {
  static constexpr std::size_t slots = 1;
  double rate, initial, epsilon;
};
struct Adadelta {
  static constexpr std::size_t slots = 2;
  double rate, rho, epsilon;
};
/// `rate` includes the bias correction.
struct Adamax {
  static constexpr std::size_t slots = 2;
  double rate, beta_1, beta_2, epsilon;
};
/// w -= (rate_of_mean m + rate_of_gradient g) / (sqrt(v correction) + epsilon)
struct Nadam {
  static constexpr std::size_t slots = 2;
  double rate_of_mean, rate_of_gradient, correction, beta_1, beta_2, epsilon;
};
/// `power`: what the sums of squares are raised to, 0.5 in the usual form; `initial` is added to the sums.
struct Ftrl {
  static constexpr std::size_t slots = 2;
  double rate, power, initial, l1, l2, shrinkage;
};
struct Lion {
  static constexpr std::size_t slots = 1;
  double rate, beta_1, beta_2;
};

}  // namespace foretell::kernels::rule

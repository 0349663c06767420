// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "foretell/kernels/math.hpp"
#include "foretell/kernels/simd.hpp"

/// The numbers of one step of an optimizer; what each does with a weight and its states stands in isa/rules.inl.
namespace foretell::kernels::rule {

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
struct Ftrl {
  static constexpr std::size_t slots = 2;
  double rate, power, initial, l1, l2, shrinkage;
};
struct Lion {
  static constexpr std::size_t slots = 1;
  double rate, beta_1, beta_2;
};

}  // namespace foretell::kernels::rule

#define FORETELL_KERNEL_FILE "foretell/optimizers/isa/rules.inl"
#include "foretell/kernels/isa/each.hpp"

namespace foretell::kernels {

/// One step over n weights w with gradients g and R::slots state arrays.
template <class R, class T>
void apply_rule(const R& rule, std::size_t n, T* w, const T* g, T* const* slots) noexcept {
  FORETELL_DISPATCH(rules::apply<R, T>(rule, n, w, g, slots));
}

}  // namespace foretell::kernels

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "foretell/kernels/loss.hpp"
#include "foretell/losses/sum.hpp"
#include "foretell/losses/truth.hpp"

namespace foretell::detail {

/// All of a loss but its name, its options and `formula()`, one of kernels::formula. L derives from this.
template <class L>
class FormulaLoss {
 public:
  static constexpr bool signed_weights = true;

  template <class T>
  double operator()(const LossCall<T>& call) const {
    return sum(call, static_cast<const L&>(*this).formula());
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    check_truth(L::name, truth, prediction);
  }
  void fields(auto&&) {}

 protected:
  template <class T, class F>
  static double sum(const LossCall<T>& call, const F& formula) {
    return sum_kernel(L::name, call, [&](std::size_t n, const T* truth, const T* prediction, T* losses, T* slopes) {
      kernels::loss::apply(formula, n, truth, prediction, losses, slopes);
    });
  }
};

}  // namespace foretell::detail

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "foretell/losses/sum.hpp"
#include "foretell/losses/truth.hpp"

namespace foretell {

/// The loss of a formula of one truth and one prediction, made by `elementwise_loss`.
template <class F>
class ElementwiseLoss {
 public:
  static constexpr std::string_view name = F::name;
  static constexpr bool signed_weights = true;

  ElementwiseLoss() = default;
  explicit ElementwiseLoss(F formula) : formula_(std::move(formula)) {}

  template <class T>
  double operator()(const LossCall<T>& call) const {
    return detail::sum_elements(name, call,
                                [&](std::size_t n, const T* truth, const T* prediction, T* losses, T* gradient) {
                                  for (std::size_t i = 0; i < n; ++i) {
                                    T slope{};
                                    losses[i] = formula_(truth[i], prediction[i], slope);
                                    if (gradient) gradient[i] = slope;
                                  }
                                });
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    if constexpr (requires { formula_.validate(truth, prediction); })
      formula_.validate(truth, prediction);
    else
      detail::check_truth(name, truth, prediction);
  }
  void check_output(const OutputFacts& output) const {
    if constexpr (requires { formula_.check_output(output); }) formula_.check_output(output);
  }
  bool takes_logits() const {
    if constexpr (requires { formula_.takes_logits(); }) return formula_.takes_logits();
    return false;
  }
  void check() const {
    if constexpr (requires { formula_.check(); }) formula_.check();
  }
  void fields(auto&& f) {
    if constexpr (HasFields<F>) formula_.fields(f);
  }

 private:
  F formula_{};
};

/// A loss from a struct with a `name` and `template <class T> T operator()(T truth, T prediction, T& gradient) const`,
/// which returns the loss and assigns its derivative by the prediction. `check`, `validate`, `check_output`,
/// `takes_logits` and `fields` as in any loss.
template <HasName F>
ElementwiseLoss<F> elementwise_loss(F formula) {
  return ElementwiseLoss<F>(std::move(formula));
}

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "foretell/kernels/update.hpp"
#include "foretell/optimizers/optimizer_options.hpp"

namespace foretell {

struct RMSpropOptions {
  LearningRate learning_rate = 1e-3;
  double rho = 0.9;
  double momentum = 0;
  double epsilon = 1e-7;
  bool centered = false;  ///< divide by the running variance, not the running mean of squares
  double weight_decay = 0;
  FORETELL_SHARED_OPTIONS;
};

/// Gradients divided by the root of a running mean of their squares. As keras.optimizers.RMSprop.
class RMSprop : public detail::WithOptions<RMSprop, RMSpropOptions> {
 public:
  static constexpr std::string_view name = "rmsprop";
  RMSprop(RMSpropOptions options = {}) : WithOptions(std::move(options)) {}

  std::size_t slots() const { return 1 + has_momentum() + options_.centered; }
  template <class T>
  void update(const UpdateCall<T>& call) const {
    const kernels::rule::Rmsprop step{call.learning_rate, options_.rho,           options_.momentum,
                                      options_.epsilon,   options_.momentum != 0, options_.centered};
    T* const slots[] = {call.slots[0], call.slots[has_momentum()],
                        call.slots[options_.centered ? 1 + has_momentum() : 0]};
    kernels::apply_rule(step, call.weights.size(), call.weights.data(), call.gradients.data(), slots);
  }
  void check() const {
    detail::check_factor(name, "rho", options_.rho);
    detail::check_factor(name, "momentum", options_.momentum);
    detail::check_not_negative(name, "epsilon", options_.epsilon);
  }
  void own_fields(auto&& f) {
    f("rho", options_.rho);
    f("momentum", options_.momentum);
    f("epsilon", options_.epsilon);
    f("centered", options_.centered);
  }

 private:
  std::size_t has_momentum() const { return options_.momentum != 0 ? 1 : 0; }
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "foretell/optimizers/optimizer_options.hpp"

namespace foretell {

struct AdadeltaOptions {
  LearningRate learning_rate = 1e-3;
  double rho = 0.95;
  double epsilon = 1e-7;
  double weight_decay = 0;
  FORETELL_SHARED_OPTIONS;
};

/// Moves as large as the recent ones, whatever the scale of the gradients (Zeiler 2012). As keras.optimizers.Adadelta;
/// the paper has learning_rate 1.
class Adadelta : public detail::WithOptions<Adadelta, AdadeltaOptions> {
 public:
  static constexpr std::string_view name = "adadelta";
  Adadelta(AdadeltaOptions options = {}) : WithOptions(std::move(options)) {}

  std::size_t slots() const { return kernels::rule::Adadelta::slots; }
  template <class T>
  void update(const UpdateCall<T>& call) const {
    apply(call, kernels::rule::Adadelta{call.learning_rate, options_.rho, options_.epsilon});
  }
  void check() const {
    detail::check_factor(name, "rho", options_.rho);
    detail::check_not_negative(name, "epsilon", options_.epsilon);
  }
  void own_fields(auto&& f) {
    f("rho", options_.rho);
    f("epsilon", options_.epsilon);
  }
};

}  // namespace foretell

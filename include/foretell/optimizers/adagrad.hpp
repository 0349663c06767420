// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "foretell/optimizers/optimizer_options.hpp"

namespace foretell {

struct AdagradOptions {
  LearningRate learning_rate = 1e-3;
  double initial_accumulator_value = 0.1;
  double epsilon = 1e-7;
  double weight_decay = 0;
  FORETELL_SHARED_OPTIONS;
};

/// Gradients divided by the root of the sum of all their squares (Duchi and others 2011): rare features keep learning.
/// As keras.optimizers.Adagrad; the state is the sum without initial_accumulator_value.
class Adagrad : public detail::WithOptions<Adagrad, AdagradOptions> {
 public:
  static constexpr std::string_view name = "adagrad";
  Adagrad(AdagradOptions options = {}) : WithOptions(std::move(options)) {}

  std::size_t slots() const { return kernels::rule::Adagrad::slots; }
  template <class T>
  void update(const UpdateCall<T>& call) const {
    apply(call, kernels::rule::Adagrad{call.learning_rate, options_.initial_accumulator_value, options_.epsilon});
  }
  void check() const {
    detail::check_not_negative(name, "initial_accumulator_value", options_.initial_accumulator_value);
    detail::check_not_negative(name, "epsilon", options_.epsilon);
  }
  void own_fields(auto&& f) {
    f("initial_accumulator_value", options_.initial_accumulator_value);
    f("epsilon", options_.epsilon);
  }
};

}  // namespace foretell

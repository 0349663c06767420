// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "foretell/optimizers/optimizer_options.hpp"

namespace foretell {

struct LionOptions {
  LearningRate learning_rate = 1e-3;
  double beta_1 = 0.9;   ///< of the mean that gives the sign
  double beta_2 = 0.99;  ///< of the mean that is kept
  double weight_decay = 0;
  FORETELL_SHARED_OPTIONS;
};

/// The sign of a running mean of gradients (Chen and others 2023): each weight moves by learning_rate exactly, which
/// should be 3 to 10 times less than Adam's. As keras.optimizers.Lion.
class Lion : public detail::WithOptions<Lion, LionOptions> {
 public:
  static constexpr std::string_view name = "lion";
  Lion(LionOptions options = {}) : WithOptions(std::move(options)) {}

  std::size_t slots() const { return kernels::rule::Lion::slots; }
  template <class T>
  void update(const UpdateCall<T>& call) const {
    apply(call, kernels::rule::Lion{call.learning_rate, options_.beta_1, options_.beta_2});
  }
  void check() const {
    detail::check_factor(name, "beta_1", options_.beta_1);
    detail::check_factor(name, "beta_2", options_.beta_2);
  }
  void own_fields(auto&& f) {
    f("beta_1", options_.beta_1);
    f("beta_2", options_.beta_2);
  }
};

}  // namespace foretell

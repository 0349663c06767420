// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>

#include "foretell/optimizers/optimizer_options.hpp"

namespace foretell {

struct AdamaxOptions {
  LearningRate learning_rate = 1e-3;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  double weight_decay = 0;
  FORETELL_SHARED_OPTIONS;
};

/// Adam with the largest recent gradient in place of the root of their squares (Kingma and Ba 2015). As
/// keras.optimizers.Adamax.
class Adamax : public detail::WithOptions<Adamax, AdamaxOptions> {
 public:
  static constexpr std::string_view name = "adamax";
  Adamax(AdamaxOptions options = {}) : WithOptions(std::move(options)) {}

  std::size_t slots() const { return kernels::rule::Adamax::slots; }
  template <class T>
  void update(const UpdateCall<T>& call) const {
    const double rate = call.learning_rate / detail::bias_correction(options_.beta_1, call.iteration);
    apply(call, kernels::rule::Adamax{rate, options_.beta_1, options_.beta_2, options_.epsilon});
  }
  void check() const {
    detail::check_factor(name, "beta_1", options_.beta_1);
    detail::check_factor(name, "beta_2", options_.beta_2);
    detail::check_not_negative(name, "epsilon", options_.epsilon);
  }
  void own_fields(auto&& f) {
    f("beta_1", options_.beta_1);
    f("beta_2", options_.beta_2);
    f("epsilon", options_.epsilon);
  }
};

}  // namespace foretell

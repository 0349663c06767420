// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "foretell/optimizers/optimizer_options.hpp"

namespace foretell {

struct NadamOptions {
  LearningRate learning_rate = 1e-3;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  double weight_decay = 0;
  FORETELL_SHARED_OPTIONS;
};

/// Adam with Nesterov momentum whose factor warms up (Dozat 2016). As keras.optimizers.Nadam.
class Nadam : public detail::WithOptions<Nadam, NadamOptions> {
 public:
  static constexpr std::string_view name = "nadam";
  Nadam(NadamOptions options = {}) : WithOptions(std::move(options)) {}

  std::size_t slots() const { return kernels::rule::Nadam::slots; }
  template <class T>
  void update(const UpdateCall<T>& call) const {
    const auto factor = [&](std::uint64_t t) {
      return options_.beta_1 * (1 - 0.5 * std::pow(0.96, static_cast<double>(t)));
    };
    const double now = factor(call.iteration), next = factor(call.iteration + 1);
    double all = 1;  // product of all factors up to now, until it is as good as 0
    for (std::uint64_t t = 1; t <= call.iteration && all > 1e-20; ++t) all *= factor(t);
    apply(call,
          kernels::rule::Nadam{call.learning_rate * next / (1 - all * next), call.learning_rate * (1 - now) / (1 - all),
                               1 / detail::bias_correction(options_.beta_2, call.iteration), options_.beta_1,
                               options_.beta_2, options_.epsilon});
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

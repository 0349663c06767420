// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>

#include "foretell/optimizers/optimizer_options.hpp"

namespace foretell {

struct AdamOptions {
  LearningRate learning_rate = 1e-3;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  double weight_decay = 0;
  FORETELL_SHARED_OPTIONS;
};

struct AdamWOptions {
  LearningRate learning_rate = 1e-3;
  double weight_decay = 0.004;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  FORETELL_SHARED_OPTIONS;
};

namespace detail {

/// Adam with decoupled weight decay in the same pass.
template <class O, class Options>
class AdamBase : public WithOptions<O, Options> {
 public:
  std::size_t slots() const { return 2; }
  StepPlan plan() const {
    StepPlan plan = WithOptions<O, Options>::plan();
    plan.weight_decay = 0;
    return plan;
  }
  template <class T>
  void update(const UpdateCall<T>& call) const {
    const Options& options = this->options_;
    kernels::rule::Adam step;
    step.rate = call.learning_rate * std::sqrt(bias_correction(options.beta_2, call.iteration)) /
                bias_correction(options.beta_1, call.iteration);
    step.beta_1 = options.beta_1;
    step.beta_2 = options.beta_2;
    step.epsilon = options.epsilon;
    step.decay = call.decay ? options.weight_decay * call.learning_rate : 0;
    this->apply(call, step);
  }
  void check() const {
    check_factor(O::name, "beta_1", this->options_.beta_1);
    check_factor(O::name, "beta_2", this->options_.beta_2);
    check_not_negative(O::name, "epsilon", this->options_.epsilon);
    check_not_negative(O::name, "weight_decay", this->options_.weight_decay);
  }
  void own_fields(auto&& f) {
    f("beta_1", this->options_.beta_1);
    f("beta_2", this->options_.beta_2);
    f("epsilon", this->options_.epsilon);
  }

 protected:
  using WithOptions<O, Options>::WithOptions;
};

}  // namespace detail

/// Kingma and Ba 2015, as keras.optimizers.Adam: epsilon is added to the root of the uncorrected second moment.
class Adam : public detail::AdamBase<Adam, AdamOptions> {
 public:
  static constexpr std::string_view name = "adam";
  Adam(AdamOptions options = {}) : AdamBase(std::move(options)) {}
};

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019): w -= learning_rate weight_decay w before each step.
class AdamW : public detail::AdamBase<AdamW, AdamWOptions> {
 public:
  static constexpr std::string_view name = "adamw";
  AdamW(AdamWOptions options = {}) : AdamBase(std::move(options)) {}
};

}  // namespace foretell

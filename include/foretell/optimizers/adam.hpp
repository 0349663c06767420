// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>

#include "foretell/kernels/update.hpp"
#include "foretell/optimizers/optimizer.hpp"

namespace foretell {

struct AdamOptions {
  double learning_rate = 1e-3;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  double clip_norm = 0;
  double clip_value = 0;
  double global_clip_norm = 0;
};

struct AdamWOptions {
  double learning_rate = 1e-3;
  double weight_decay = 0.004;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  double clip_norm = 0;
  double clip_value = 0;
  double global_clip_norm = 0;
};

namespace detail {

template <class Options>
class AdamBase {
 public:
  const Options& options() const { return options_; }
  double learning_rate() const { return options_.learning_rate; }
  Clipping clipping() const { return clipping_of(options_); }
  std::size_t slots() const { return 2; }

 protected:
  explicit AdamBase(const Options& options) : options_(options) {}

  template <class T>
  void step(const UpdateCall<T>& call, double weight_decay) const {
    const double t = static_cast<double>(call.iteration);
    kernels::AdamStep step;
    step.lr = call.learning_rate * std::sqrt(1 - std::pow(options_.beta_2, t)) / (1 - std::pow(options_.beta_1, t));
    step.beta_1 = options_.beta_1;
    step.beta_2 = options_.beta_2;
    step.epsilon = options_.epsilon;
    step.weight_decay_times_lr = call.decay ? weight_decay * call.learning_rate : 0;
    kernels::adam(call.weights.size(), call.weights.data(), call.gradients.data(), call.slots[0], call.slots[1], step);
  }
  void check_as(std::string_view name) const {
    check_factor(name, "beta_1", options_.beta_1);
    check_factor(name, "beta_2", options_.beta_2);
    check_not_negative(name, "epsilon", options_.epsilon);
  }
  void common_fields(auto&& f) {
    f("beta_1", options_.beta_1);
    f("beta_2", options_.beta_2);
    f("epsilon", options_.epsilon);
    clip_fields(options_, f);
  }

  Options options_;
};

}  // namespace detail

/// Kingma and Ba 2015, as keras.optimizers.Adam: epsilon is added to the root of the uncorrected second moment.
class Adam : public detail::AdamBase<AdamOptions> {
 public:
  static constexpr std::string_view name = "adam";
  Adam(AdamOptions options = {}) : AdamBase(options) {}

  template <class T>
  void update(const UpdateCall<T>& call) const {
    step(call, 0);
  }
  void check() const { check_as(name); }
  void fields(auto&& f) {
    f("learning_rate", options_.learning_rate);
    common_fields(f);
  }
};

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019): w -= learning_rate weight_decay w before each step.
class AdamW : public detail::AdamBase<AdamWOptions> {
 public:
  static constexpr std::string_view name = "adamw";
  AdamW(AdamWOptions options = {}) : AdamBase(options) {}

  template <class T>
  void update(const UpdateCall<T>& call) const {
    step(call, options_.weight_decay);
  }
  void check() const {
    check_as(name);
    detail::check_not_negative(name, "weight_decay", options_.weight_decay);
  }
  void fields(auto&& f) {
    f("learning_rate", options_.learning_rate);
    f("weight_decay", options_.weight_decay);
    common_fields(f);
  }
};

}  // namespace foretell

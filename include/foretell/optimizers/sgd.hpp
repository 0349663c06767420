// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "foretell/optimizers/optimizer_options.hpp"

namespace foretell {

struct SGDOptions {
  LearningRate learning_rate = 0.01;
  double momentum = 0;
  bool nesterov = false;
  double weight_decay = 0;
  double clip_norm = 0;
  double clip_value = 0;
  double global_clip_norm = 0;
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::size_t ema_overwrite_frequency = 0;
  std::size_t gradient_accumulation_steps = 1;
};

/// Gradient descent, with momentum when that is not 0. As keras.optimizers.SGD.
class SGD : public detail::WithOptions<SGD, SGDOptions> {
 public:
  static constexpr std::string_view name = "sgd";
  SGD(SGDOptions options = {}) : WithOptions(std::move(options)) {}

  std::size_t slots() const { return options_.momentum != 0 ? 1 : 0; }
  template <class T>
  void update(const UpdateCall<T>& call) const {
    if (options_.momentum == 0)
      apply(call, kernels::rule::Sgd{call.learning_rate});
    else
      apply(call, kernels::rule::Momentum{call.learning_rate, options_.momentum, options_.nesterov});
  }
  void check() const { detail::check_factor(name, "momentum", options_.momentum); }
  void own_fields(auto&& f) {
    f("momentum", options_.momentum);
    f("nesterov", options_.nesterov);
  }
};

}  // namespace foretell

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
  FORETELL_SHARED_OPTIONS;
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

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string_view>

#include "foretell/kernels/update.hpp"
#include "foretell/optimizers/optimizer.hpp"

namespace foretell {

struct SGDOptions {
  double learning_rate = 0.01;
  double momentum = 0;
  bool nesterov = false;
  double clip_norm = 0;
  double clip_value = 0;
  double global_clip_norm = 0;
};

/// Gradient descent, with momentum when that is not 0. As keras.optimizers.SGD.
class SGD {
 public:
  static constexpr std::string_view name = "sgd";
  SGD(SGDOptions options = {}) : options_(options) {}

  const SGDOptions& options() const { return options_; }
  double learning_rate() const { return options_.learning_rate; }
  Clipping clipping() const { return detail::clipping_of(options_); }
  std::size_t slots() const { return options_.momentum != 0 ? 1 : 0; }
  template <class T>
  void update(const UpdateCall<T>& call) const {
    if (options_.momentum == 0)
      kernels::sgd(call.weights.size(), call.weights.data(), call.gradients.data(), call.learning_rate);
    else
      kernels::momentum(call.weights.size(), call.weights.data(), call.gradients.data(), call.slots[0],
                        call.learning_rate, options_.momentum, options_.nesterov);
  }
  void check() const { detail::check_factor(name, "momentum", options_.momentum); }
  void fields(auto&& f) {
    f("learning_rate", options_.learning_rate);
    f("momentum", options_.momentum);
    f("nesterov", options_.nesterov);
    detail::clip_fields(options_, f);
  }

 private:
  SGDOptions options_;
};

}  // namespace foretell

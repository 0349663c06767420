// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace foretell {

/// How an optimizer treats the parameters of a layer.
struct ParameterGroup {
  double learning_rate_multiplier = 1;  ///< of the optimizer's learning rate: 0.1 for a tenth of it
  bool weight_decay = true;             ///< whether decoupled weight decay applies

  void fields(auto&& f) {
    f("learning_rate_multiplier", learning_rate_multiplier);
    f("weight_decay", weight_decay);
  }
  friend bool operator==(const ParameterGroup&, const ParameterGroup&) = default;
};

}  // namespace foretell

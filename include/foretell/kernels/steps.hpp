// SPDX-License-Identifier: BSD-3-Clause
#pragma once

namespace foretell::kernels {

/// One Adam step. `lr` is already bias-corrected as in Keras: lr sqrt(1 - beta_2^t) / (1 - beta_1^t).
struct AdamStep {
  double lr = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  double weight_decay_times_lr = 0;  ///< decoupled decay: w -= this * w before the step
  double gradient_scale = 1;         ///< the gradient is multiplied by it first (clipping by norm, mean of a batch)
};

/// One RMSprop step.
struct RmspropStep {
  double lr = 0.001;
  double rho = 0.9;
  double momentum = 0;
  double epsilon = 1e-7;
  double weight_decay_times_lr = 0;
  double gradient_scale = 1;
};

}  // namespace foretell::kernels

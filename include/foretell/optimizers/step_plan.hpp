// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>

#include "foretell/optimizers/clipping.hpp"

namespace foretell {

/// A running mean of the weights, kept beside them: mean = momentum mean + (1 - momentum) w after each update, the
/// weights themselves after the first.
struct Averaging {
  bool on = false;
  double momentum = 0.99;
  std::size_t overwrite_frequency = 0;  ///< put the mean into the weights after this many updates; 0 for never
};

/// What happens around the update of an optimizer.
struct StepPlan {
  Clipping clipping{};
  double weight_decay = 0;  ///< w -= learning_rate weight_decay w first, where the segment decays
  Averaging averaging{};
  std::size_t accumulation_steps = 1;  ///< gradients of this many calls are averaged for one update

  void check(std::string_view optimizer) const {
    clipping.check(optimizer);
    detail::check_not_negative(optimizer, "weight_decay", weight_decay);
    if (!(averaging.momentum >= 0 && averaging.momentum <= 1))
      throw ConfigError(
          text("optimizer ", optimizer, ": expected an ema_momentum within 0 .. 1, received ", averaging.momentum));
    if (averaging.overwrite_frequency > 0 && !averaging.on)
      throw ConfigError(text("optimizer ", optimizer, ": expected ema_overwrite_frequency with use_ema, received ",
                             averaging.overwrite_frequency, " without; say .use_ema = true"));
    if (accumulation_steps == 0)
      throw ConfigError(
          text("optimizer ", optimizer, ": expected gradient_accumulation_steps of at least 1, received 0"));
  }
};

}  // namespace foretell

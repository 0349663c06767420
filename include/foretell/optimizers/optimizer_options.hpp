// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "foretell/kernels/update.hpp"
#include "foretell/optimizers/clipping.hpp"
#include "foretell/optimizers/optimizer.hpp"

// Options that every optimizer has, named and meant as in Keras, with 0 where Keras has None:
//
//   learning_rate                a number or a schedule
//   weight_decay                 decoupled: w -= learning_rate weight_decay w before each update
//   clip_norm, clip_value, global_clip_norm    see Clipping
//   use_ema, ema_momentum, ema_overwrite_frequency    see Averaging; validation, callbacks at the end of an epoch and
//                                what they keep see the averaged weights, and training ends with them (Callback)
//   gradient_accumulation_steps  batches whose gradients are averaged for one update; a schedule counts batches

// Those that stand last, with the same values, in every struct of options. No base: C++20 cannot name the members of
// one in {.learning_rate = 1e-3, .clip_norm = 1}.
#define FORETELL_SHARED_OPTIONS            \
  double clip_norm = 0;                    \
  double clip_value = 0;                   \
  double global_clip_norm = 0;             \
  bool use_ema = false;                    \
  double ema_momentum = 0.99;              \
  std::size_t ema_overwrite_frequency = 0; \
  std::size_t gradient_accumulation_steps = 1

namespace foretell::detail {

/// 1 - beta^t for beta in [0, 1), with the same bits; 1 without asking pow, once that is what it rounds to.
inline double bias_correction(double beta, std::uint64_t t) {
  const double steps = static_cast<double>(t);
  return steps * (1 - beta) > 45 ? 1 : 1 - std::pow(beta, steps);
}

/// What all optimizers do with the options that all have. O derives from this and gives `own_fields(f)`.
template <class O, class Options>
class WithOptions {
 public:
  const Options& options() const { return options_; }
  const LearningRate& learning_rate() const { return options_.learning_rate; }
  StepPlan plan() const {
    return {{options_.clip_norm, options_.clip_value, options_.global_clip_norm},
            options_.weight_decay,
            {options_.use_ema, options_.ema_momentum, options_.ema_overwrite_frequency},
            options_.gradient_accumulation_steps};
  }
  void fields(auto&& f) {
    f("learning_rate", options_.learning_rate);
    static_cast<O&>(*this).own_fields(f);
    f("weight_decay", options_.weight_decay);
    f("clip_norm", options_.clip_norm);
    f("clip_value", options_.clip_value);
    f("global_clip_norm", options_.global_clip_norm);
    f("use_ema", options_.use_ema);
    f("ema_momentum", options_.ema_momentum);
    f("ema_overwrite_frequency", options_.ema_overwrite_frequency);
    f("gradient_accumulation_steps", options_.gradient_accumulation_steps);
  }

 protected:
  explicit WithOptions(Options options) : options_(std::move(options)) {}

  template <class T, class R>
  static void apply(const UpdateCall<T>& call, const R& rule) {
    kernels::apply_rule(rule, call.weights.size(), call.weights.data(), call.gradients.data(), call.slots);
  }

  Options options_;
};

}  // namespace foretell::detail

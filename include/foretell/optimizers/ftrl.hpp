// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>

#include "foretell/optimizers/optimizer_options.hpp"

namespace foretell {

struct FtrlOptions {
  LearningRate learning_rate = 1e-3;
  double learning_rate_power = -0.5;  ///< 0 for a rate that stays
  double initial_accumulator_value = 0.1;
  double l1_regularization_strength = 0;
  double l2_regularization_strength = 0;
  double l2_shrinkage_regularization_strength = 0;  ///< as a gradient, not in the solution
  double beta = 0;                                  ///< adds beta / (2 learning_rate) to l2_regularization_strength
  double weight_decay = 0;
  FORETELL_SHARED_OPTIONS;
};

/// Follow the regularised leader (McMahan and others 2013), for click models: with l1_regularization_strength most
/// weights are exactly 0. As keras.optimizers.Ftrl; the state is the sum of squares without initial_accumulator_value.
/// A step with learning rate 0 changes nothing.
class Ftrl : public detail::WithOptions<Ftrl, FtrlOptions> {
 public:
  static constexpr std::string_view name = "ftrl";
  Ftrl(FtrlOptions options = {}) : WithOptions(std::move(options)) {}

  std::size_t slots() const { return kernels::rule::Ftrl::slots; }
  template <class T>
  void update(const UpdateCall<T>& call) const {
    if (call.learning_rate == 0) return;
    apply(call, kernels::rule::Ftrl{call.learning_rate, -options_.learning_rate_power,
                                    options_.initial_accumulator_value, options_.l1_regularization_strength,
                                    options_.l2_regularization_strength + options_.beta / (2 * call.learning_rate),
                                    options_.l2_shrinkage_regularization_strength});
  }
  void check() const {
    if (!(options_.learning_rate_power <= 0) || !std::isfinite(options_.learning_rate_power))
      throw ConfigError(text("optimizer ftrl: expected a finite learning_rate_power of at most 0, received ",
                             options_.learning_rate_power));
    detail::check_not_negative(name, "initial_accumulator_value", options_.initial_accumulator_value);
    detail::check_not_negative(name, "l1_regularization_strength", options_.l1_regularization_strength);
    detail::check_not_negative(name, "l2_regularization_strength", options_.l2_regularization_strength);
    detail::check_not_negative(name, "l2_shrinkage_regularization_strength",
                               options_.l2_shrinkage_regularization_strength);
    detail::check_not_negative(name, "beta", options_.beta);
  }
  void own_fields(auto&& f) {
    f("learning_rate_power", options_.learning_rate_power);
    f("initial_accumulator_value", options_.initial_accumulator_value);
    f("l1_regularization_strength", options_.l1_regularization_strength);
    f("l2_regularization_strength", options_.l2_regularization_strength);
    f("l2_shrinkage_regularization_strength", options_.l2_shrinkage_regularization_strength);
    f("beta", options_.beta);
  }
};

}  // namespace foretell

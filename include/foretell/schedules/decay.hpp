// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/schedules/checks.hpp"

namespace foretell {

struct DecayOptions {
  bool staircase = false;  ///< count whole decay_steps only
};

namespace detail {

/// initial_learning_rate, decay_steps, decay_rate, staircase; S derives from this and gives `factor(rate, periods)`.
template <class S>
class RateDecay {
 public:
  RateDecay() = default;
  RateDecay(double initial_learning_rate, std::size_t decay_steps, double decay_rate, DecayOptions options = {})
      : initial_(initial_learning_rate), steps_(decay_steps), rate_(decay_rate), options_(options) {}

  double operator()(std::uint64_t step) const {
    const double periods = static_cast<double>(step) / static_cast<double>(steps_);
    return initial_ * S::factor(rate_, options_.staircase ? std::floor(periods) : periods);
  }
  void check() const {
    check_schedule_rate(S::name, "initial_learning_rate", initial_);
    check_schedule_steps(S::name, "decay_steps", steps_);
    check_schedule_rate(S::name, "decay_rate", rate_);
  }
  void fields(auto&& f) {
    f("initial_learning_rate", initial_);
    f("decay_steps", steps_);
    f("decay_rate", rate_);
    f("staircase", options_.staircase);
  }

 private:
  double initial_ = 0.001;
  std::size_t steps_ = 1;
  double rate_ = 1;
  DecayOptions options_;
};

}  // namespace detail

/// initial_learning_rate decay_rate^(step / decay_steps)
class ExponentialDecay : public detail::RateDecay<ExponentialDecay> {
 public:
  static constexpr std::string_view name = "exponential_decay";
  using RateDecay::RateDecay;
  static double factor(double rate, double periods) { return std::pow(rate, periods); }
};

/// initial_learning_rate / (1 + decay_rate step / decay_steps)
class InverseTimeDecay : public detail::RateDecay<InverseTimeDecay> {
 public:
  static constexpr std::string_view name = "inverse_time_decay";
  using RateDecay::RateDecay;
  static double factor(double rate, double periods) { return 1 / (1 + rate * periods); }
};

struct PolynomialDecayOptions {
  double end_learning_rate = 1e-4;
  double power = 1;
  bool cycle = false;  ///< start anew, over ever more decay_steps, instead of staying at the end
};

/// From initial_learning_rate to end_learning_rate as (1 - step / decay_steps)^power, in a straight line for power 1.
class PolynomialDecay {
 public:
  static constexpr std::string_view name = "polynomial_decay";
  PolynomialDecay() = default;
  PolynomialDecay(double initial_learning_rate, std::size_t decay_steps, PolynomialDecayOptions options = {})
      : initial_(initial_learning_rate), steps_(decay_steps), options_(options) {}

  double operator()(std::uint64_t step) const {
    const double steps = static_cast<double>(steps_), now = static_cast<double>(step);
    const double cycles = options_.cycle ? std::max(1.0, std::ceil(now / steps)) : 1;
    const double left = 1 - std::min(1.0, now / (steps * cycles));
    return options_.end_learning_rate + (initial_ - options_.end_learning_rate) * std::pow(left, options_.power);
  }
  void check() const {
    detail::check_schedule_rate(name, "initial_learning_rate", initial_);
    detail::check_schedule_rate(name, "end_learning_rate", options_.end_learning_rate);
    detail::check_schedule_steps(name, "decay_steps", steps_);
    detail::check_schedule_above(name, "power", options_.power, 0);
  }
  void fields(auto&& f) {
    f("initial_learning_rate", initial_);
    f("decay_steps", steps_);
    f("end_learning_rate", options_.end_learning_rate);
    f("power", options_.power);
    f("cycle", options_.cycle);
  }

 private:
  double initial_ = 0.001;
  std::size_t steps_ = 1;
  PolynomialDecayOptions options_;
};

/// values[0] up to step boundaries[0] and that one included, then values[1], and so on.
class PiecewiseConstantDecay {
 public:
  static constexpr std::string_view name = "piecewise_constant_decay";
  PiecewiseConstantDecay() = default;
  PiecewiseConstantDecay(std::vector<std::size_t> boundaries, std::vector<double> values)
      : boundaries_(std::move(boundaries)), values_(std::move(values)) {}

  double operator()(std::uint64_t step) const {
    const auto passed = std::lower_bound(boundaries_.begin(), boundaries_.end(), step) - boundaries_.begin();
    return values_[static_cast<std::size_t>(passed)];
  }
  void check() const {
    if (values_.size() != boundaries_.size() + 1)
      throw ConfigError(text("schedule ", name, ": expected one value more than boundaries, received ",
                             boundaries_.size(), " boundaries and ", values_.size(), " values"));
    for (std::size_t i = 1; i < boundaries_.size(); ++i)
      if (boundaries_[i] <= boundaries_[i - 1])
        throw ConfigError(text("schedule ", name, ": expected boundaries that rise, received ", boundaries_[i],
                               " after ", boundaries_[i - 1]));
    for (const double value : values_) detail::check_schedule_rate(name, "value", value);
  }
  void fields(auto&& f) {
    f("boundaries", boundaries_);
    f("values", values_);
  }

 private:
  std::vector<std::size_t> boundaries_;
  std::vector<double> values_{0.001};
};

}  // namespace foretell

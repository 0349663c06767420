// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string_view>

#include "foretell/schedules/checks.hpp"

namespace foretell {

namespace detail {
/// From 1 to 0 over half a period of the cosine.
inline double half_cosine(double done) { return (1 + std::cos(std::numbers::pi * done)) / 2; }
}  // namespace detail

struct CosineDecayOptions {
  double alpha = 0;              ///< the share of the rate that is left at the end
  double warmup_target = 0;      ///< first rise in a straight line to this rate and decay from there; 0 for none
  std::size_t warmup_steps = 0;  ///< before the decay_steps
};

/// From initial_learning_rate along a cosine to alpha times it over decay_steps (Loshchilov and Hutter 2017), after a
/// warm-up when there is a warmup_target.
class CosineDecay {
 public:
  static constexpr std::string_view name = "cosine_decay";
  CosineDecay() = default;
  CosineDecay(double initial_learning_rate, std::size_t decay_steps, CosineDecayOptions options = {})
      : initial_(initial_learning_rate), steps_(decay_steps), options_(options) {}

  double operator()(std::uint64_t step) const {
    const bool warms = options_.warmup_target > 0;
    const double warmup = warms ? static_cast<double>(options_.warmup_steps) : 0, now = static_cast<double>(step);
    const double from = warms ? options_.warmup_target : initial_;
    if (now < warmup) return initial_ + (from - initial_) * now / warmup;
    const double done = std::min(1.0, (now - warmup) / static_cast<double>(steps_));
    return from * (options_.alpha + (1 - options_.alpha) * detail::half_cosine(done));
  }
  void check() const {
    detail::check_schedule_rate(name, "initial_learning_rate", initial_);
    detail::check_schedule_steps(name, "decay_steps", steps_);
    detail::check_schedule_rate(name, "alpha", options_.alpha);
    detail::check_schedule_rate(name, "warmup_target", options_.warmup_target);
    if (options_.warmup_steps > 0 && options_.warmup_target == 0)
      throw ConfigError(text("schedule ", name, ": expected a warmup_target for ", options_.warmup_steps,
                             " warmup_steps, received none; say .warmup_target, the rate to rise to"));
  }
  void fields(auto&& f) {
    f("initial_learning_rate", initial_);
    f("decay_steps", steps_);
    f("alpha", options_.alpha);
    f("warmup_target", options_.warmup_target);
    f("warmup_steps", options_.warmup_steps);
  }

 private:
  double initial_ = 0.001;
  std::size_t steps_ = 1;
  CosineDecayOptions options_;
};

struct CosineDecayRestartsOptions {
  double t_mul = 2;  ///< each period is this much longer than the one before
  double m_mul = 1;  ///< and starts at this much of its rate
  double alpha = 0;  ///< the share of initial_learning_rate that is left at the end of a period
};

/// CosineDecay that starts anew, first after first_decay_steps.
class CosineDecayRestarts {
 public:
  static constexpr std::string_view name = "cosine_decay_restarts";
  CosineDecayRestarts() = default;
  CosineDecayRestarts(double initial_learning_rate, std::size_t first_decay_steps,
                      CosineDecayRestartsOptions options = {})
      : initial_(initial_learning_rate), steps_(first_decay_steps), options_(options) {}

  double operator()(std::uint64_t step) const {
    double left = static_cast<double>(step), period = static_cast<double>(steps_), restarts = 0;
    if (options_.t_mul == 1) {
      restarts = std::floor(left / period);
      left -= restarts * period;
    } else {
      for (; left >= period; period *= options_.t_mul, ++restarts) left -= period;
    }
    const double height = std::pow(options_.m_mul, restarts) * detail::half_cosine(left / period);
    return initial_ * (options_.alpha + (1 - options_.alpha) * height);
  }
  void check() const {
    detail::check_schedule_rate(name, "initial_learning_rate", initial_);
    detail::check_schedule_steps(name, "first_decay_steps", steps_);
    detail::check_schedule_rate(name, "m_mul", options_.m_mul);
    detail::check_schedule_rate(name, "alpha", options_.alpha);
    if (!(options_.t_mul >= 1) || !std::isfinite(options_.t_mul))
      throw ConfigError(text("schedule ", name, ": expected a finite t_mul of at least 1, received ", options_.t_mul));
  }
  void fields(auto&& f) {
    f("initial_learning_rate", initial_);
    f("first_decay_steps", steps_);
    f("t_mul", options_.t_mul);
    f("m_mul", options_.m_mul);
    f("alpha", options_.alpha);
  }

 private:
  double initial_ = 0.001;
  std::size_t steps_ = 1;
  CosineDecayRestartsOptions options_;
};

/// How OneCycle moves between its rates.
enum class Anneal : std::uint8_t { cosine, line };
constexpr auto enum_names(Anneal) { return std::array<std::string_view, 2>{"cosine", "line"}; }

struct OneCycleOptions {
  double pct_start = 0.3;  ///< the share of the steps in which the rate rises
  Anneal anneal = Anneal::cosine;
  double div_factor = 25;         ///< start at max_learning_rate / div_factor
  double final_div_factor = 1e4;  ///< end at that start / final_div_factor
  bool three_phase = false;       ///< come down as slowly as it went up, then to the end
};

/// Up to max_learning_rate and down again over total_steps (Smith and Topin 2018), then staying at the end. As
/// torch.optim.lr_scheduler.OneCycleLR, but for momentum, which stays.
class OneCycle {
 public:
  static constexpr std::string_view name = "one_cycle";
  OneCycle() = default;
  OneCycle(double max_learning_rate, std::size_t total_steps, OneCycleOptions options = {})
      : max_(max_learning_rate), steps_(total_steps), options_(options) {}

  double operator()(std::uint64_t step) const {
    const double now = static_cast<double>(step), total = static_cast<double>(steps_);
    const double start = max_ / options_.div_factor, end = start / options_.final_div_factor;
    const double top = options_.pct_start * total - 1, last = total - 1;
    if (now <= top) return between(start, max_, now / top);
    if (!options_.three_phase) return between(max_, end, std::min(1.0, (now - top) / (last - top)));
    const double down = 2 * options_.pct_start * total - 2;
    if (now <= down) return between(max_, start, (now - top) / (down - top));
    return between(start, end, std::min(1.0, (now - down) / (last - down)));
  }
  void check() const {
    detail::check_schedule_rate(name, "max_learning_rate", max_);
    detail::check_schedule_above(name, "div_factor", options_.div_factor, 0);
    detail::check_schedule_above(name, "final_div_factor", options_.final_div_factor, 0);
    if (!(options_.pct_start > 0 && options_.pct_start <= (options_.three_phase ? 0.5 : 1.0)))
      throw ConfigError(text("schedule ", name, ": expected a pct_start above 0 and up to ",
                             options_.three_phase ? "0.5, half of the steps with three_phase" : "1", ", received ",
                             options_.pct_start));
    if (!(options_.pct_start * static_cast<double>(steps_) > 1))
      throw ConfigError(text("schedule ", name, ": expected total_steps times pct_start above 1, received ", steps_,
                             " and ", options_.pct_start));
  }
  void fields(auto&& f) {
    f("max_learning_rate", max_);
    f("total_steps", steps_);
    f("pct_start", options_.pct_start);
    f("anneal", options_.anneal);
    f("div_factor", options_.div_factor);
    f("final_div_factor", options_.final_div_factor);
    f("three_phase", options_.three_phase);
  }

 private:
  double between(double from, double to, double done) const {
    return options_.anneal == Anneal::line ? from + (to - from) * done : to + (from - to) * detail::half_cosine(done);
  }

  double max_ = 0.001;
  std::size_t steps_ = 10;
  OneCycleOptions options_;
};

}  // namespace foretell

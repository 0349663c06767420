// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "foretell/schedules/schedule.hpp"

namespace foretell {

/// What an optimizer's learning_rate takes: a number, which callbacks may change, or a schedule, which follows the
/// steps. Stored as "learning_rate": 0.001 or as "learning_rate_schedule": {...}.
class LearningRate {
 public:
  template <class N>
  requires(std::integral<N> || std::floating_point<N>)
      LearningRate(N number)  // NOLINT(google-explicit-constructor): .learning_rate = 1e-3 is the point
      : number_(static_cast<double>(number)) {}
  template <class S>
  requires(std::constructible_from<Schedule, S>) LearningRate(S&& schedule)  // NOLINT(google-explicit-constructor)
      : schedule_(std::forward<S>(schedule)) {}

  /// The number, or null for a schedule.
  const double* number() const { return schedule_ ? nullptr : &number_; }
  /// Empty for a number.
  const Schedule& schedule() const { return schedule_; }
  double operator()(std::uint64_t step) const { return schedule_ ? schedule_(step) : number_; }

  friend void visit_field(FieldVisitor& visitor, std::string_view name, LearningRate& rate) {
    const std::string scheduled = std::string(name) + "_schedule";
    if (!visitor.reading()) {
      if (rate.schedule_)
        visit_field(visitor, scheduled, rate.schedule_);
      else
        visitor.value(name, rate.number_);
      return;
    }
    double number = std::numeric_limits<double>::quiet_NaN();
    visitor.value(name, number);
    if (!std::isnan(number))
      rate = number;
    else
      visit_field(visitor, scheduled, rate.schedule_);
  }

 private:
  double number_ = 0;
  Schedule schedule_;
};

}  // namespace foretell

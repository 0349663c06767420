// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "foretell/core/erased.hpp"
#include "foretell/core/factory.hpp"
#include "foretell/core/has_name.hpp"

// The contract of a schedule: a small copyable value, a function of the step.
//
//   static constexpr std::string_view name = "acme.warmup";
//   double operator()(std::uint64_t step) const;
//
// and, where it has them, void check() const (ConfigError for options that make no sense) and void fields(auto&& f).
// Steps count from 0; the optimizer counts them. Formulas and names are those of keras.optimizers.schedules.

namespace foretell {

namespace detail {

/// What a type of schedule does.
struct ScheduleOps : ValueOps {
  double (*at)(const void*, std::uint64_t step) = nullptr;
};

template <class S>
const ValueOps& schedule_ops() {
  static constexpr ScheduleOps ops = [] {
    auto table = begin_ops<ScheduleOps, S>();
    table.at = [](const void* schedule, std::uint64_t step) -> double {
      return (*static_cast<const S*>(schedule))(step);
    };
    return table;
  }();
  return ops;
}

}  // namespace detail

/// Any schedule as one value type.
class Schedule {
 public:
  Schedule() = default;
  template <class S>
  requires(!std::same_as<std::remove_cvref_t<S>, Schedule> && HasName<std::remove_cvref_t<S>> &&
           std::is_invocable_r_v<double, const std::remove_cvref_t<S>&, std::uint64_t>)
      Schedule(S&& schedule)  // NOLINT(google-explicit-constructor): a schedule stands where a Schedule is expected
      : self_(detail::ErasedValue::of(detail::schedule_ops<std::remove_cvref_t<S>>(), std::forward<S>(schedule))) {
    self_.check();
  }
  /// The default of a type, by its table.
  explicit Schedule(const detail::ValueOps& ops) : self_(detail::ErasedValue::made(ops)) {}
  explicit operator bool() const { return static_cast<bool>(self_); }
  std::string_view name() const { return self_->name; }
  std::string_view type() const { return name(); }
  double operator()(std::uint64_t step) const { return self_->at(self_.get(), step); }
  void visit(FieldVisitor& visitor) {
    self_.visit(visitor);
    if (visitor.reading()) self_.check();
  }

  /// The table of its type.
  const detail::ValueOps* ops() const { return self_.ops(); }
  /// The schedule inside when it is an S, else null.
  template <class S>
  const S* as() const {
    return self_.template as<S>();
  }

 private:
  detail::Erased<detail::ScheduleOps> self_;
};

inline void visit_field(FieldVisitor& visitor, std::string_view name, Schedule& schedule) {
  visit_erased(visitor, name, schedule);
}

}  // namespace foretell

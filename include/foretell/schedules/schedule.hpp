// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
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

/// Any schedule as one value type.
class Schedule {
 public:
  Schedule() = default;
  template <class S>
  requires(!std::same_as<std::remove_cvref_t<S>, Schedule> && HasName<std::remove_cvref_t<S>> &&
           std::is_invocable_r_v<double, const std::remove_cvref_t<S>&, std::uint64_t>)
      Schedule(S&& schedule)  // NOLINT(google-explicit-constructor): a schedule stands where a Schedule is expected
      : self_(std::make_unique<Model<std::remove_cvref_t<S>>>(std::forward<S>(schedule))) {
    self_->check();
  }
  explicit operator bool() const { return static_cast<bool>(self_); }
  std::string_view name() const { return self_->name(); }
  std::string_view type() const { return name(); }
  double operator()(std::uint64_t step) const { return self_->at(step); }
  void visit(FieldVisitor& visitor) {
    self_->visit(visitor);
    if (visitor.reading()) self_->check();
  }

  /// The schedule inside when it is an S, else null.
  template <class S>
  const S* as() const {
    return self_.template as<S>();
  }

 private:
  struct Concept : detail::Erasable<Concept> {
    virtual std::string_view name() const = 0;
    virtual double at(std::uint64_t) const = 0;
    virtual void check() const = 0;
    virtual void visit(FieldVisitor&) = 0;
  };

  template <class S>
  struct Model final : detail::Held<Concept, Model<S>, S> {
    using Held = detail::Held<Concept, Model<S>, S>;
    using Held::Held;
    using Held::value;

    std::string_view name() const override { return S::name; }
    double at(std::uint64_t step) const override { return value(step); }
    void check() const override {
      if constexpr (requires { value.check(); }) value.check();
    }
    void visit(FieldVisitor& visitor) override {
      if constexpr (HasFields<S>) visit_fields(visitor, value);
    }
  };

  detail::Erased<Concept> self_;
};

inline void visit_field(FieldVisitor& visitor, std::string_view name, Schedule& schedule) {
  visit_erased(visitor, name, schedule);
}

}  // namespace foretell

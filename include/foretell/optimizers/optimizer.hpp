// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/arena.hpp"
#include "foretell/core/erased.hpp"
#include "foretell/core/factory.hpp"
#include "foretell/core/has_name.hpp"
#include "foretell/core/segment.hpp"
#include "foretell/optimizers/clipping.hpp"

// The contract of an optimizer: a small copyable value, options and no state.
//
//   static constexpr std::string_view name = "acme.lion";
//   std::size_t slots() const;
//   double learning_rate() const;
//   template <class T> void update(const UpdateCall<T>& call) const;
//
// and, where it has them,
//
//   Clipping clipping() const;
//   void check() const;
//   void fields(auto&& f);
//
// slots: how many arrays as long as the weights it keeps; they start at zero.
// learning_rate: the one it starts with; each call brings the one to use.
// update: neither allocates nor throws, and treats every element alike, for a call may cover many parameters.
// clipping: done before update. check: ConfigError for options that make no sense. fields: the options.

namespace foretell {

/// One step over a run of neighbouring weights. `slots[k]` is the part of state array k that belongs to these weights.
template <class T>
struct UpdateCall {
  std::span<T> weights;
  std::span<T> gradients;
  T* const* slots = nullptr;
  std::uint64_t iteration = 1;  ///< 1 for the first step
  double learning_rate = 0;
  bool decay = true;  ///< whether decoupled weight decay applies here
};

/// What an optimizer has gathered: all that must be kept to go on with training, besides its options.
template <class T>
struct OptimizerState {
  std::uint64_t iterations = 0;
  double learning_rate = 0;
  std::vector<Arena<T>> slots;
};

/// Any optimizer as one value type, with its state: a copy is a deep copy.
template <class T>
class Optimizer {
 public:
  static constexpr std::size_t most_slots = 8;

  Optimizer() = default;
  template <class O>
  requires(!std::same_as<std::remove_cvref_t<O>, Optimizer> && HasName<std::remove_cvref_t<O>>)
      Optimizer(O&& optimizer)  // NOLINT(google-explicit-constructor): compile(Adam(), MeanSquaredError()) is the point
      : self_(std::make_unique<Model<std::remove_cvref_t<O>>>(std::forward<O>(optimizer))) {
    check();
    state_.learning_rate = self_->learning_rate();
  }
  explicit operator bool() const { return static_cast<bool>(self_); }
  std::string_view name() const { return self_->name(); }
  std::string_view type() const { return name(); }
  /// Options only; the state is not among them.
  void visit(FieldVisitor& visitor) {
    self_->visit(visitor);
    if (!visitor.reading()) return;
    check();
    state_.learning_rate = self_->learning_rate();
  }

  /// The rate of the next step; callbacks may set it.
  double learning_rate() const { return state_.learning_rate; }
  void set_learning_rate(double rate) { state_.learning_rate = rate; }
  std::uint64_t iterations() const { return state_.iterations; }
  const OptimizerState<T>& state() const { return state_; }
  /// For n weights; throws StateError when the state is of another optimizer or another model.
  void set_state(OptimizerState<T> state, std::size_t n) {
    if (state.slots.size() != self_->slots() ||
        std::any_of(state.slots.begin(), state.slots.end(), [n](const auto& slot) { return slot.size() != n; }))
      throw StateError(text("optimizer ", name(), ": expected a state of ", self_->slots(), " arrays of ", n,
                            " numbers; give it one that was saved by ", name(),
                            " with the same options for the same model"));
    state_ = std::move(state);
    size_ = n;
  }

  /// Makes room for n weights and starts at step 0, unless it has been done for n weights before.
  void attach(std::size_t n) {
    if (size_ == n && state_.slots.size() == self_->slots()) return;
    state_.slots.assign(self_->slots(), Arena<T>(n));
    state_.iterations = 0;
    size_ = n;
  }

  /// Clips, then updates the trainable segments, neighbours of equal flags (and the padding between them) at once. The
  /// gradients may be changed. Throws StateError unless attached to that many weights.
  void step(std::span<T> weights, std::span<T> gradients, std::span<const Segment> segments) {
    if (weights.size() != size_ || gradients.size() != size_)
      throw StateError(text("optimizer ", name(), ": expected ", size_, " weights and gradients, received ",
                            weights.size(), " and ", gradients.size(), "; call attach(n) first"));
    clip(self_->clipping(), gradients, segments);
    ++state_.iterations;
    UpdateCall<T> call;
    std::array<T*, most_slots> slots{};
    call.slots = slots.data();
    call.iteration = state_.iterations;
    call.learning_rate = rate(state_.iterations);
    for_each_run(segments, true, [&](const Segment& run) {
      call.weights = weights.subspan(run.offset, run.size);
      call.gradients = gradients.subspan(run.offset, run.size);
      call.decay = run.decay;
      for (std::size_t k = 0; k < state_.slots.size(); ++k) slots[k] = state_.slots[k].data() + run.offset;
      self_->update(call);
    });
  }

  /// The optimizer inside when it is an O, else null.
  template <class O>
  const O* as() const {
    return self_.template as<O>();
  }

 private:
  struct Concept : detail::Erasable<Concept> {
    virtual std::string_view name() const = 0;
    virtual std::size_t slots() const = 0;
    virtual void update(const UpdateCall<T>&) const = 0;
    virtual double learning_rate() const = 0;
    virtual Clipping clipping() const = 0;
    virtual void check() const = 0;
    virtual void visit(FieldVisitor&) = 0;
  };

  template <class O>
  struct Model final : detail::Held<Concept, Model<O>, O> {
    using Held = detail::Held<Concept, Model<O>, O>;
    using Held::Held;
    using Held::value;
    static_assert(std::copyable<O>, "foretell: an optimizer must be copyable");
    static_assert(
        requires(const O& o) {
          { o.slots() } -> std::convertible_to<std::size_t>;
        },
        "foretell: an optimizer needs `std::size_t slots() const`");
    static_assert(
        requires(const O& o, const UpdateCall<T>& call) { o.update(call); },
        "foretell: an optimizer needs `void update(const UpdateCall<T>&) const` for the model's scalar type T");
    static_assert(
        requires(const O& o) {
          { o.learning_rate() } -> std::convertible_to<double>;
        },
        "foretell: an optimizer needs `double learning_rate() const`");

    std::string_view name() const override { return O::name; }
    std::size_t slots() const override { return value.slots(); }
    void update(const UpdateCall<T>& call) const override { value.update(call); }
    double learning_rate() const override { return value.learning_rate(); }
    Clipping clipping() const override {
      if constexpr (requires { value.clipping(); }) return value.clipping();
      return {};
    }
    void check() const override {
      if constexpr (requires { value.check(); }) value.check();
    }
    void visit(FieldVisitor& visitor) override {
      if constexpr (HasFields<O>) visit_fields(visitor, value);
    }
  };

  /// The learning rate of a step; a schedule is a function of `iteration` and belongs here.
  double rate(std::uint64_t) const { return state_.learning_rate; }

  void check() const {
    self_->check();
    self_->clipping().check(name());
    detail::check_learning_rate(name(), self_->learning_rate());
    if (self_->slots() > most_slots)
      throw ConfigError(
          text("optimizer ", name(), ": expected at most ", most_slots, " slots, received ", self_->slots()));
  }

  detail::Erased<Concept> self_;
  OptimizerState<T> state_;
  std::size_t size_ = 0;
};

template <class T>
void visit_field(FieldVisitor& visitor, std::string_view name, Optimizer<T>& optimizer) {
  visit_erased(visitor, name, optimizer);
}

}  // namespace foretell

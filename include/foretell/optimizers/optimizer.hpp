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
#include "foretell/core/parallel.hpp"
#include "foretell/core/segment.hpp"
#include "foretell/kernels/elementwise.hpp"
#include "foretell/optimizers/step_plan.hpp"
#include "foretell/schedules/learning_rate.hpp"

// The contract of an optimizer: a small copyable value, options and no state.
//
//   static constexpr std::string_view name = "acme.lion";
//   std::size_t slots() const;
//   LearningRate learning_rate() const;
//   template <class T> void update(const UpdateCall<T>& call) const;
//
// and, where it has them,
//
//   StepPlan plan() const;
//   void check() const;
//   void fields(auto&& f);
//
// slots: how many arrays as long as the weights it keeps; they start at zero.
// learning_rate: a number to start with or a schedule; each call brings the one to use.
// update: neither allocates nor throws, and treats every element alike, for a call may cover many parameters.
// plan: clipping, weight decay, averaging and accumulation around update. check: ConfigError for options that make no
// sense. fields: the options.

namespace foretell {

/// One step over a run of neighbouring weights. `slots[k]` is the part of state array k that belongs to these weights.
template <class T>
struct UpdateCall {
  std::span<T> weights;
  std::span<T> gradients;
  T* const* slots = nullptr;
  std::uint64_t iteration = 1;  ///< 1 for the first update
  double learning_rate = 0;
  bool decay = true;  ///< whether decoupled weight decay applies here
};

/// What an optimizer has gathered: all that must be kept to go on with training, besides its options.
template <class T>
struct OptimizerState {
  std::uint64_t iterations = 0;
  double learning_rate = 0;     ///< unless a schedule says it
  std::vector<Arena<T>> slots;  ///< the optimizer's, then the averaged weights, then the accumulated gradients
};

namespace detail {

/// What a type of optimizer does; null where it does nothing.
template <class T>
struct OptimizerOps : ValueOps {
  std::size_t (*slots)(const void*) = nullptr;
  void (*update)(const void*, const UpdateCall<T>&) = nullptr;
  LearningRate (*learning_rate)(const void*) = nullptr;
  StepPlan (*plan)(const void*) = nullptr;
};

template <class O, class T>
struct OptimizerFunctions {
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
        { o.learning_rate() } -> std::convertible_to<LearningRate>;
      },
      "foretell: an optimizer needs `LearningRate learning_rate() const`, a number or a schedule");

  static const O& of(const void* optimizer) { return *static_cast<const O*>(optimizer); }
  static std::size_t slots(const void* optimizer) { return of(optimizer).slots(); }
  static void update(const void* optimizer, const UpdateCall<T>& call) { of(optimizer).update(call); }
  static LearningRate learning_rate(const void* optimizer) { return of(optimizer).learning_rate(); }
  static StepPlan plan(const void* optimizer) { return of(optimizer).plan(); }
};

template <class O, class T>
constexpr OptimizerOps<T> make_optimizer_ops() {
  using F = OptimizerFunctions<O, T>;
  auto ops = begin_ops<OptimizerOps<T>, O>();
  ops.slots = F::slots;
  ops.update = F::update;
  ops.learning_rate = F::learning_rate;
  if constexpr (requires(const O& o) { o.plan(); }) ops.plan = F::plan;
  return ops;
}
/// The table of a type of optimizer.
template <class O, class T>
const ValueOps& optimizer_ops() {
  static constexpr OptimizerOps<T> ops = make_optimizer_ops<O, T>();
  return ops;
}

}  // namespace detail

/// Any optimizer as one value type, with its state: a copy is a deep copy.
template <class T>
class Optimizer {
 public:
  static constexpr std::size_t most_slots = 8;

  Optimizer() = default;
  template <class O>
  requires(!std::same_as<std::remove_cvref_t<O>, Optimizer> && HasName<std::remove_cvref_t<O>>)
      Optimizer(O&& optimizer)  // NOLINT(google-explicit-constructor): compile(Adam(), MeanSquaredError()) is the point
      : self_(detail::ErasedValue::of(detail::optimizer_ops<std::remove_cvref_t<O>, T>(), std::forward<O>(optimizer))) {
    prepare();
  }
  /// The default of a type, by its table.
  explicit Optimizer(const detail::ValueOps& ops) : self_(detail::ErasedValue::made(ops)) { prepare(); }
  explicit operator bool() const { return static_cast<bool>(self_); }
  std::string_view name() const { return self_->name; }
  std::string_view type() const { return name(); }
  /// Options only; the state is not among them.
  void visit(FieldVisitor& visitor) {
    self_.visit(visitor);
    if (visitor.reading()) prepare();
  }

  /// The rate of the next step.
  double learning_rate() const { return rate_.number() ? state_.learning_rate : rate_(state_.iterations); }
  /// For callbacks; throws StateError when a schedule sets it.
  void set_learning_rate(double rate) {
    if (!rate_.number())
      throw StateError(text("optimizer ", name(), ": expected a number as .learning_rate to set it to ", rate,
                            ", received the schedule ", rate_.schedule().name(), "; leave one of the two out"));
    detail::check_learning_rate(name(), rate);
    state_.learning_rate = rate;
  }
  /// How often `step` was called.
  std::uint64_t iterations() const { return state_.iterations; }
  const OptimizerState<T>& state() const { return state_; }
  /// For n weights; throws StateError when the state is of another optimizer or another model.
  void set_state(OptimizerState<T> state, std::size_t n) {
    if (state.slots.size() != slots() ||
        std::any_of(state.slots.begin(), state.slots.end(), [n](const auto& slot) { return slot.size() != n; }))
      throw StateError(text("optimizer ", name(), ": expected a state of ", slots(), " arrays of ", n,
                            " numbers; give it one that was saved by ", name(),
                            " with the same options for the same model"));
    state_ = std::move(state);
    size_ = n;
  }

  /// Whether it can update the touched rows of a row-sparse parameter alone: not with averaged weights or
  /// accumulated gradients, which need all rows.
  bool steps_by_rows() const { return !plan_.averaging.on && plan_.accumulation_steps == 1; }

  /// Makes room for n weights and starts at step 0, unless it has been done for n weights before.
  void attach(std::size_t n) {
    if (size_ == n && state_.slots.size() == slots()) return;
    state_.slots.assign(slots(), Arena<T>(n));
    state_.iterations = 0;
    size_ = n;
  }

  /// Clips, then updates the trainable segments, neighbours of equal flags (and the padding between them) at once. The
  /// gradients may be changed. With gradient_accumulation_steps only every so many calls update. Throws StateError
  /// unless attached to that many weights. Long runs are shared between the threads of `executor`.
  void step(std::span<T> weights, std::span<T> gradients, std::span<const Segment> segments,
            const Executor& executor = {}, std::span<const RowSegment<T>> row_segments = {}) {
    if (weights.size() != size_ || gradients.size() != size_)
      throw StateError(text("optimizer ", name(), ": expected ", size_, " weights and gradients, received ",
                            weights.size(), " and ", gradients.size(), "; call attach(n) first"));
    UpdateCall<T> call;
    call.learning_rate = learning_rate();
    detail::check_learning_rate(name(), call.learning_rate);
    ++state_.iterations;
    if (!accumulate(gradients, segments)) return;
    clip(plan_.clipping, gradients, segments, row_segments);
    call.iteration = state_.iterations / plan_.accumulation_steps;
    for_each_run(segments, true, [&](const Segment& run) {
      split_range<T>(executor, run.offset, run.size, [&](std::size_t offset, std::size_t size) {
        UpdateCall<T> part = call;
        std::array<T*, most_slots> slots;
        for (std::size_t k = 0; k < state_.slots.size(); ++k) slots[k] = state_.slots[k].data() + offset;
        part.weights = weights.subspan(offset, size);
        part.gradients = gradients.subspan(offset, size);
        part.slots = slots.data();
        update(part, run.group);
        if (plan_.averaging.on) average(part, slots[self_->slots(self_.get())]);
      });
    });
    for (const RowSegment<T>& segment : row_segments)
      if (segment.trainable) step_rows(call, weights, segment, executor);
  }

  /// The averaged weights of use_ema, or null without it or before the first update.
  const Arena<T>* averages() const {
    const bool known = plan_.averaging.on && state_.iterations >= plan_.accumulation_steps;
    return known && state_.slots.size() == slots() ? &state_.slots[self_->slots(self_.get())] : nullptr;
  }
  /// Exchanges the trainable weights with their averages, where there are some; twice is as never.
  void swap_averages(std::span<T> weights, std::span<const Segment> segments) {
    if (!averages()) return;
    T* averaged = state_.slots[self_->slots(self_.get())].data();
    for_each_run(segments, false, [&](const Segment& run) {
      std::swap_ranges(averaged + run.offset, averaged + run.offset + run.size, weights.data() + run.offset);
    });
  }
  /// What use_ema does at the end of training: the averaged weights replace the trainable ones.
  void finalize(std::span<T> weights, std::span<const Segment> segments) const {
    if (const Arena<T>* averaged = averages())
      for_each_run(segments, false, [&](const Segment& run) {
        std::copy_n(averaged->data() + run.offset, run.size, weights.data() + run.offset);
      });
  }

  /// The table of its type.
  const detail::ValueOps* ops() const { return self_.ops(); }
  /// The optimizer inside when it is an O, else null.
  template <class O>
  const O* as() const {
    return self_.template as<O>();
  }

 private:
  std::size_t slots() const {
    return self_->slots(self_.get()) + (plan_.averaging.on ? 1 : 0) + (plan_.accumulation_steps > 1 ? 1 : 0);
  }

  /// Adds the gradients to those of the calls before; true when it is time for an update, with the mean of all in
  /// `gradients`.
  bool accumulate(std::span<T> gradients, std::span<const Segment> segments) {
    if (plan_.accumulation_steps < 2) return true;
    const bool full = state_.iterations % plan_.accumulation_steps == 0;
    for_each_run(segments, false, [&](const Segment& run) {
      T *sums = state_.slots.back().data() + run.offset, *g = gradients.data() + run.offset;
      kernels::axpy(run.size, 1, g, sums);
      if (!full) return;
      std::copy_n(sums, run.size, g);
      kernels::scale(run.size, 1 / static_cast<double>(plan_.accumulation_steps), g);
      std::fill_n(sums, run.size, T(0));
    });
    return full;
  }

  /// The touched rows of a table, some at a time in a small place of their own, where one update serves them all.
  void step_rows(const UpdateCall<T>& call, std::span<T> weights, const RowSegment<T>& segment,
                 const Executor& executor) {
    constexpr std::size_t room = 1024;
    const std::size_t n = segment.gradients->row_size(), count = segment.gradients->rows().size();
    const std::size_t block = std::max<std::size_t>(1, room / n), blocks = (count + block - 1) / block;
    const auto run = [&](std::size_t b) {
      const std::span<const std::uint32_t> rows =
          segment.gradients->rows().subspan(b * block, std::min(block, count - b * block));
      T* gradients = segment.gradients->values().data() + b * block * n;
      T gathered[room], kept[most_slots][room];
      std::array<T*, most_slots> slots;
      UpdateCall<T> part = call;
      part.slots = slots.data();
      part.gradients = {gradients, rows.size() * n};
      const bool alone = n > room / 2;  // long rows are updated where they stand
      const auto place = [&](T* base, std::size_t i) { return base + segment.offset + rows[i] * n; };
      if (alone) {
        part.weights = {place(weights.data(), 0), n};
        for (std::size_t k = 0; k < state_.slots.size(); ++k) slots[k] = place(state_.slots[k].data(), 0);
      } else {
        part.weights = {gathered, rows.size() * n};
        for (std::size_t k = 0; k < state_.slots.size(); ++k) slots[k] = kept[k];
        const std::span<const std::uint32_t> later = segment.gradients->rows().subspan(b * block + rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
          if (i < later.size()) {  // the next block is far away
            const std::size_t at = segment.offset + later[i] * n;
            __builtin_prefetch(weights.data() + at, 1);
            for (const Arena<T>& slot : state_.slots) __builtin_prefetch(slot.data() + at, 1);
          }
          std::copy_n(place(weights.data(), i), n, gathered + i * n);
          for (std::size_t k = 0; k < state_.slots.size(); ++k)
            std::copy_n(place(state_.slots[k].data(), i), n, kept[k] + i * n);
        }
      }
      update(part, segment.group);
      if (alone) return;
      for (std::size_t i = 0; i < rows.size(); ++i) std::copy_n(gathered + i * n, n, place(weights.data(), i));
      for (std::size_t k = 0; k < state_.slots.size(); ++k)
        for (std::size_t i = 0; i < rows.size(); ++i) std::copy_n(kept[k] + i * n, n, place(state_.slots[k].data(), i));
    };
    const std::size_t parts = count * n < 65536 ? 1 : executor.threads();  // of blocks that follow one another
    executor.run(parts, [&](std::size_t part) {
      for (std::size_t b = part * blocks / parts; b < (part + 1) * blocks / parts; ++b) run(b);
    });
  }

  /// The update of weights of one group, after their decay.
  void update(UpdateCall<T>& call, const ParameterGroup& group) const {
    call.learning_rate *= group.learning_rate_multiplier;
    call.decay = group.weight_decay;
    if (plan_.weight_decay > 0 && call.decay)
      kernels::scale(call.weights.size(), 1 - plan_.weight_decay * call.learning_rate, call.weights.data());
    self_->update(self_.get(), call);
  }

  void average(const UpdateCall<T>& call, T* averaged) const {
    const Averaging& how = plan_.averaging;
    const double momentum = call.iteration == 1 ? 0 : how.momentum;
    kernels::scale(call.weights.size(), momentum, averaged);
    kernels::axpy(call.weights.size(), 1 - momentum, call.weights.data(), averaged);
    if (how.overwrite_frequency && call.iteration % how.overwrite_frequency == 0)
      std::copy_n(averaged, call.weights.size(), call.weights.data());
  }

  /// Takes over what the options say, or throws ConfigError.
  void prepare() {
    self_.check();
    plan_ = self_->plan ? self_->plan(self_.get()) : StepPlan();
    plan_.check(name());
    rate_ = self_->learning_rate(self_.get());
    state_.learning_rate = rate_(0);
    detail::check_learning_rate(name(), state_.learning_rate);
    if (slots() > most_slots)
      throw ConfigError(text("optimizer ", name(), ": expected at most ", most_slots, " slots, received ", slots()));
  }

  detail::Erased<detail::OptimizerOps<T>> self_;
  StepPlan plan_;
  LearningRate rate_ = 0;
  OptimizerState<T> state_;
  std::size_t size_ = 0;
};

template <class T>
void visit_field(FieldVisitor& visitor, std::string_view name, Optimizer<T>& optimizer) {
  visit_erased(visitor, name, optimizer);
}

}  // namespace foretell

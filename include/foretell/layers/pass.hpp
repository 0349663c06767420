// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>

#include "foretell/core/error.hpp"
#include "foretell/core/parallel.hpp"
#include "foretell/core/random.hpp"
#include "foretell/core/row_gradients.hpp"
#include "foretell/core/rows.hpp"
#include "foretell/core/view.hpp"
#include "foretell/layers/parameter.hpp"

namespace foretell {

/// A number or an id that a layer could not take.
struct Received {
  double number = 0;
  std::int64_t id = 0;
  bool is_id = false;

  Received() = default;
  template <std::floating_point T>
  Received(T value) : number(static_cast<double>(value)) {}  // NOLINT(google-explicit-constructor)
  Received(std::int64_t value)                               // NOLINT(google-explicit-constructor)
      : number(static_cast<double>(value)), id(value), is_id(true) {}

  bool missing() const { return is_id ? id == missing_id : number != number; }
  std::string shown() const { return !is_id ? text(number) : missing() ? std::string("a missing one") : text(id); }
};

/// What a layer said of the first number that it could not take in a pass: a pass throws nothing, who ran it does.
struct Refusal {
  /// "expected ..., received 12 in row 3; ..." of the number, a limit of the layer's and " in row 3".
  using Sentence = std::string (*)(const Received& received, std::size_t limit, const std::string& where);
  static constexpr std::size_t no_field = static_cast<std::size_t>(-1);

  Sentence sentence = nullptr;  ///< null: nothing was refused
  std::size_t node = 0, row = 0, field = no_field;
  Received received{};
  std::size_t limit = 0;
};

/// What all layers share during one pass over one shard of a batch.
template <class T>
struct PassContext {
  const ParameterInfo* parameters = nullptr;
  const ParameterInfo* states = nullptr;
  const T* weights = nullptr;
  T* gradients = nullptr;                  ///< laid out as the weights; null in inference
  const std::uint8_t* assigned = nullptr;  ///< of each parameter: whether its gradient was not cleared; null: all were
  RowGradients<T>* by_rows = nullptr;      ///< of each parameter, in training; null where none is row-sparse
  const T* state = nullptr;
  T* state_update = nullptr;  ///< the same memory as `state`, in training only
  bool training = false;
  bool keeps = false;                  ///< a backward pass may follow, in training anyway
  const Executor* executor = nullptr;  ///< threads that a layer may use within its pass, when there are any
  Random random{};                     ///< of this step
  std::uint64_t first_row = 0;         ///< number of the shard's first row within the batch
  Refusal* refusal = nullptr;          ///< where a layer says what it cannot take; null where nobody asks
};

/// What one layer sees in forward and backward: its parameters, states and planned memory.
template <class T>
class Pass {
 public:
  Pass() = default;
  Pass(const PassContext<T>& context, std::uint64_t node, T* const* stash, T* const* scratch, T* const* carry = nullptr)
      : context_(&context), node_(node), stash_(stash), scratch_(scratch), carry_(carry) {}

  Values<const T> operator[](Parameter p) const {
    const ParameterInfo& info = context_->parameters[p.index()];
    return {context_->weights + info.offset, info.shape};
  }
  /// Accumulate here.
  Values<T> gradient(Parameter p) const {
    const ParameterInfo& info = context_->parameters[p.index()];
    return {context_->gradients + info.offset, info.shape};
  }
  /// Whether to assign instead, for a parameter declared with assigns_gradient: what stands there is left over.
  bool assigns(Parameter p) const { return context_->assigned && context_->assigned[p.index()]; }
  /// Accumulate one row of a parameter (its first axis) here; the way to write into one that is row-sparse.
  T* gradient_row(Parameter p, std::size_t row) const {
    if (context_->by_rows && context_->by_rows[p.index()].used()) return context_->by_rows[p.index()][row];
    const ParameterInfo& info = context_->parameters[p.index()];
    return context_->gradients + info.offset + row * (info.shape.size() / info.shape.front());
  }
  /// Tells the processor that gradient_row is about to be called.
  [[gnu::always_inline]] void prefetch_row(Parameter p, std::size_t row) const {
    if (context_->by_rows && context_->by_rows[p.index()].used()) context_->by_rows[p.index()].prefetch(row);
  }
  Values<const T> operator[](State s) const {
    const ParameterInfo& info = context_->states[s.index()];
    return {context_->state + info.offset, info.shape};
  }
  /// For writing, in training passes only.
  Values<T> update(State s) const {
    const ParameterInfo& info = context_->states[s.index()];
    return {context_->state_update + info.offset, info.shape};
  }
  T* operator[](Stash s) const { return stash_[s.index()]; }
  T* operator[](LayerScratch s) const { return scratch_[s.index()]; }
  /// What the last call left here, for reading and writing; null where every call starts anew.
  T* operator[](Carry c) const { return carry_ ? carry_[c.index()] : nullptr; }

  /// Whether it is a pass of training: noise, statistics of the batch.
  bool training() const { return context_->training; }
  /// Whether a backward pass may follow, for which a layer leaves what it needs in a Stash.
  bool keeps() const { return context_->training || context_->keeps; }
  /// Calls f(first, last) for parts of 0 .. n, on the threads there are, when `work` (multiply-adds, say) is worth it:
  /// each a multiple of `step` long, but the last. What f computes must not depend on how it is cut.
  template <class F>
  void split(std::size_t n, std::size_t step, std::size_t work, const F& f) const {
    const std::size_t threads = context_->executor ? context_->executor->threads() : 1;
    if (threads < 2 || work < 500'000 || n < 2 * step) return f(std::size_t(0), n);
    const std::size_t each = ((n + threads - 1) / threads + step - 1) / step * step, parts = (n + each - 1) / each;
    context_->executor->run(parts, [&](std::size_t i) { f(i * each, std::min(n, (i + 1) * each)); });
  }
  /// Of this step and this node; the same in forward and backward.
  Random random() const { return context_->random.stream(node_); }
  /// The number within the batch of this pass's first row.
  std::uint64_t first_row() const { return context_->first_row * rows_per_row_; }

  /// Says that `received`, in a row of this pass, is no number that the layer has an answer to: whoever runs the pass
  /// throws DataError with that sentence. The first one stands.
  [[gnu::cold]] void refuse(Refusal::Sentence sentence, const Received& received, std::size_t limit, std::size_t row,
                            std::size_t field = Refusal::no_field) const {
    if (context_->refusal && !context_->refusal->sentence)
      *context_->refusal = {sentence, static_cast<std::uint32_t>(node_), row / rows_per_row_, field, received, limit};
  }

  /// What the layer within this one that was adopted at `place` sees.
  Pass inner(const InnerPlace& place) const {
    Pass pass(*context_, node_ + (std::uint64_t(place.number) << 32), stash_ + place.stash, scratch_ + place.scratch,
              carry_ && place.remembers ? carry_ + place.carry : nullptr);
    pass.rows_per_row_ = rows_per_row_ * place.rows_per_row;
    return pass;
  }

 private:
  const PassContext<T>* context_ = nullptr;
  std::uint64_t node_ = 0;
  T* const* stash_ = nullptr;
  T* const* scratch_ = nullptr;
  T* const* carry_ = nullptr;
  std::uint64_t rows_per_row_ = 1;
};

}  // namespace foretell

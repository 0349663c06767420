// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/graph/network.hpp"
#include "foretell/graph/plan.hpp"
#include "foretell/kernels/elementwise.hpp"

namespace foretell {

/// Whether a workspace remembers sequences: with `kept`, each forward pass goes on where the last one ended.
enum class Memory : std::uint8_t { fresh, kept };

/// One thread's planned memory, and the executor that runs a program in it. Nothing allocates after construction. Not
/// copyable: views into it are handed out.
template <class T>
class Workspace {
 public:
  Workspace(std::shared_ptr<const Program> program, std::size_t rows, Memory memory = Memory::fresh)
      : program_(std::move(program)), plan_(*program_, rows), memory_(plan_.size) {
    if (program_->scalar_bytes != sizeof(T))
      throw StateError(text("Workspace: expected a program of numbers of ", sizeof(T), " bytes, received one of ",
                            program_->scalar_bytes, "; a network's programs run in workspaces of its own scalar type"));
    const std::size_t n = program_->steps.size();
    stash_.resize(n);
    scratch_.resize(n);
    carry_.resize(n);
    value_.resize(n);
    mask_.resize(n);
    make_room_for_masks();
    if (memory == Memory::kept) make_room_for_carries();
    std::size_t arity = 1;
    for (std::size_t i = 0; i < n; ++i) {
      for (const std::size_t offset : plan_.stash[i]) stash_[i].push_back(memory_.data() + offset);
      for (const std::size_t offset : plan_.scratch[i]) scratch_[i].push_back(memory_.data() + offset);
      if (plan_.value[i] != Plan::nowhere) value_[i] = memory_.data() + plan_.value[i];
      arity = std::max(arity, program_->steps[i].inputs.size());
    }
    outs_.resize(arity);
    for (std::size_t i = 0; i < n; ++i) {
      const Step& step = program_->steps[i];
      if (!step.layer || (step.view && (!step.runs_backward || step.gradient_view))) continue;
      calls_.push_back(
          {&detail::ops_of<T>(step.layer).on(step.reads),
           step.layer.get(),
           i,
           step.inputs.size(),
           Pass<T>(context_, i, stash_[i].data(), scratch_[i].data(), carry_[i].empty() ? nullptr : carry_[i].data()),
           step.makes_mask ? mask_[i] : nullptr,
           {}});
      for (const std::size_t input : step.inputs) sources_.push_back(input);
    }
    ins_.resize(sources_.size());
    point_views();
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  const Program& program() const { return *program_; }
  std::size_t rows() const { return plan_.rows; }
  std::size_t bytes() const { return plan_.size * sizeof(T); }

  /// What is remembered of sequences (Memory::kept), zero at first: to be put aside and back between passes.
  std::span<T> kept() { return kept_; }

  /// Runs every layer on `rows` rows (at most rows()); `inputs` point to the rows of each graph input: T, std::int64_t
  /// or one SparseRows<T>, as the program's kinds say.
  void forward(const PassContext<T>& context, std::span<const void* const> inputs, std::size_t rows) {
    set_context(context);
    forward(inputs, rows);
  }
  /// The same with the context that set_context has set: for one row, copying it is a part of the time.
  void forward(std::span<const void* const> inputs, std::size_t rows) {
    refusal_.sentence = nullptr;
    point_to(inputs, rows);
    const In<T>* ins = ins_.data();
    for (const Call& call : calls_) {
      if (call.mask) call.ops->make_mask(call.layer, call.pass, {ins, call.arity}, call.mask);
      call.ops->forward(call.layer, call.pass, {ins, call.arity}, call.y);
      ins += call.arity;
    }
  }

  /// Throws DataError when a layer refused what it read in the last forward pass, whose first row was `first_row`.
  void expect_accepted(std::string_view who, std::size_t first_row = 0) const {
    if (refusal_.sentence) fail(who, first_row);
  }

  void set_context(const PassContext<T>& context) {
    context_ = context;
    context_.refusal = &refusal_;
  }

  /// How many steps of output `i` are real for these inputs, without running the layers; for a program that
  /// masks_from_inputs().
  std::size_t real_steps(std::size_t i, const PassContext<T>& context, std::span<const void* const> inputs,
                         std::size_t rows) {
    const std::size_t output = program_->outputs[i], source = program_->masks[output];
    const std::size_t steps = rows * program_->shapes[output].front();
    if (source == Program::unmasked) return steps;
    set_context(context);
    point_to(inputs, rows);
    const In<T>* ins = ins_.data();
    for (const Call& call : calls_) {
      if (call.node == source) call.ops->make_mask(call.layer, call.pass, {ins, call.arity}, call.mask);
      ins += call.arity;
    }
    return steps - static_cast<std::size_t>(std::count(mask_[source], mask_[source] + steps, std::uint8_t(0)));
  }

  /// After forward, with every output's gradient written: accumulates parameter gradients.
  void backward(const PassContext<T>& context) {
    set_context(context);
    const In<T>* ins = ins_.data() + ins_.size();
    for (std::size_t c = calls_.size(); c-- > 0;) {
      const Call& call = calls_[c];
      const Step& step = program_->steps[call.node];
      ins -= call.arity;
      if (!step.runs_backward) continue;
      for (std::size_t k = 0; k < call.arity; ++k) outs_[k] = target(step, k);
      call.ops->backward(call.layer, call.pass, {ins, call.arity}, call.y, gradient(call.node),
                         {outs_.data(), call.arity});
      for (std::size_t k = 0; k < call.arity; ++k)
        if (step.wants_gradient[k] && !step.first_gradient[k]) add(step, k);
    }
  }

  In<T> output(std::size_t i) const { return value(program_->outputs[i]); }
  /// Empty for an output that nothing trainable leads to.
  Out<T> output_gradient(std::size_t i) {
    const std::size_t node = program_->outputs[i];
    return program_->steps[node].runs_backward ? gradient(node) : Out<T>();
  }
  /// After backward, of the program's gradients_at[i].
  In<T> gradient_at(std::size_t i) const {
    const std::size_t node = program_->gradients_at[i];
    return In<T>(memory_.data() + plan_.gradient[node], used_, program_->shapes[node]);
  }
  In<T> value(std::size_t node) const { return In<T>(value_[node], used_, program_->shapes[node], mask_of(node)); }

 private:
  using Step = Program::Step;

  [[noreturn]] void fail(std::string_view who, std::size_t first_row) const {
    const std::string field = refusal_.field == Refusal::no_field ? std::string() : text(", field ", refusal_.field);
    throw DataError(
        text(who, ", ", program_->names[refusal_.node], field, ": ",
             refusal_.sentence(refusal_.received, refusal_.limit, text(" in row ", first_row + refusal_.row))));
  }

  /// One layer's call: everything but the number of rows and the inputs' places is known when the workspace is made.
  struct Call {
    const detail::LayerPasses<T>* ops;
    const void* layer;
    std::size_t node, arity;
    Pass<T> pass;
    std::uint8_t* mask;  ///< where the layer writes one
    Out<T> y;
  };

  std::uint8_t* mask_of(std::size_t node) const {
    const std::size_t source = program_->masks[node];
    return source == Program::unmasked ? nullptr : mask_[source];
  }
  void make_room_for_masks() {
    std::size_t size = 0;
    const auto each = [&](auto&& f) {
      for (std::size_t i = 0; i < mask_.size(); ++i)
        if (program_->steps[i].makes_mask) f(i, plan_.rows * program_->shapes[i].front());
    };
    each([&](std::size_t, std::size_t steps) { size += steps; });
    masks_ = Arena<std::uint8_t>(size);
    std::uint8_t* place = masks_.data();
    each([&](std::size_t i, std::size_t steps) {
      mask_[i] = place;
      place += steps;
    });
  }
  void make_room_for_carries() {
    std::size_t size = 0;
    for (const Step& step : program_->steps)
      for (const Extent& extent : step.carry) size += aligned_size<T>(extent.size(plan_.rows));
    kept_ = Arena<T>(size);
    T* place = kept_.data();
    for (std::size_t i = 0; i < carry_.size(); ++i)
      for (const Extent& extent : program_->steps[i].carry) {
        carry_[i].push_back(place);
        place += aligned_size<T>(extent.size(plan_.rows));
      }
  }
  void point_to(std::span<const void* const> inputs, std::size_t rows) {
    const bool same = rows == used_;
    used_ = rows;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const std::size_t node = program_->inputs[i];
      if (value_[node] == inputs[i]) continue;
      value_[node] = static_cast<T*>(const_cast<void*>(inputs[i]));  // only ever read, as what it is
      if (!same) continue;
      for (std::size_t k = 0; k < ins_.size(); ++k)  // the rest stays where it is: one row is answered in few steps
        if (sources_[k] == node) ins_[k] = value(node);
    }
    if (!same) point_views();
  }

  void point_views() {
    for (std::size_t k = 0; k < ins_.size(); ++k) ins_[k] = value(sources_[k]);
    for (Call& call : calls_)
      call.y = Out<T>(value_[call.node], used_, program_->shapes[call.node], mask_of(call.node));
  }
  Out<T> gradient(std::size_t i) { return Out<T>(memory_.data() + plan_.gradient[i], used_, program_->shapes[i]); }
  /// Where input k's gradient goes: its own place, or beside it when there is something already.
  Out<T> target(const Step& step, std::size_t k) {
    if (!step.wants_gradient[k]) return {};
    if (step.first_gradient[k]) return gradient(step.inputs[k]);
    return Out<T>(memory_.data() + plan_.contribution + k * plan_.contribution_size, used_,
                  program_->shapes[step.inputs[k]]);
  }
  void add(const Step& step, std::size_t k) {
    const Out<T> sum = gradient(step.inputs[k]);
    kernels::add(sum.size(), outs_[k].data(), sum.data());
  }

  std::shared_ptr<const Program> program_;
  Plan plan_;
  Arena<T> memory_;
  Arena<T> kept_;
  Arena<std::uint8_t> masks_;
  std::vector<std::vector<T*>> stash_, scratch_, carry_;
  std::vector<T*> value_;
  std::vector<std::uint8_t*> mask_;  ///< of the nodes that make one
  PassContext<T> context_;
  Refusal refusal_;
  std::vector<Call> calls_;           ///< of the layers that do something, in order
  std::vector<std::size_t> sources_;  ///< the nodes that ins_ are the values of
  std::vector<In<T>> ins_;            ///< of all calls, one after the other
  std::vector<Out<T>> outs_;
  std::size_t used_ = 0;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "foretell/graph/network.hpp"
#include "foretell/graph/plan.hpp"
#include "foretell/kernels/elementwise.hpp"

namespace foretell {

/// One thread's planned memory, and the executor that runs a program in it. Nothing allocates after construction. Not
/// copyable: views into it are handed out.
template <class T>
class Workspace {
 public:
  Workspace(std::shared_ptr<const Program<T>> program, std::size_t rows)
      : program_(std::move(program)), plan_(*program_, rows), memory_(plan_.size) {
    const std::size_t n = program_->steps.size();
    stash_.resize(n);
    scratch_.resize(n);
    value_.resize(n);
    std::size_t arity = 1;
    for (std::size_t i = 0; i < n; ++i) {
      for (const std::size_t offset : plan_.stash[i]) stash_[i].push_back(memory_.data() + offset);
      for (const std::size_t offset : plan_.scratch[i]) scratch_[i].push_back(memory_.data() + offset);
      if (plan_.value[i] != Plan::nowhere) value_[i] = memory_.data() + plan_.value[i];
      arity = std::max(arity, program_->steps[i].inputs.size());
    }
    ins_.resize(arity);
    outs_.resize(arity);
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  const Program<T>& program() const { return *program_; }
  std::size_t rows() const { return plan_.rows; }
  std::size_t bytes() const { return plan_.size * sizeof(T); }

  /// Runs every layer on `rows` rows (at most rows()); `inputs` point to the rows of each graph input.
  void forward(const PassContext<T>& context, std::span<const T* const> inputs, std::size_t rows) {
    used_ = rows;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      value_[program_->inputs[i]] = const_cast<T*>(inputs[i]);  // only ever read
    for (std::size_t i = 0; i < program_->steps.size(); ++i) {
      const auto& step = program_->steps[i];
      if (step.layer) step.layer.forward(pass(context, i), ins(step), Out<T>(value_[i], rows, program_->shapes[i]));
    }
  }

  /// After forward, with every output's gradient written: accumulates parameter gradients.
  void backward(const PassContext<T>& context) {
    for (std::size_t i = program_->steps.size(); i-- > 0;) {
      const auto& step = program_->steps[i];
      if (!step.runs_backward) continue;
      for (std::size_t k = 0; k < step.inputs.size(); ++k) outs_[k] = target(step, k);
      const std::span<const Out<T>> dx(outs_.data(), step.inputs.size());
      step.layer.backward(pass(context, i), ins(step), In<T>(value_[i], used_, program_->shapes[i]), gradient(i), dx);
      for (std::size_t k = 0; k < step.inputs.size(); ++k)
        if (step.wants_gradient[k] && !step.first_gradient[k]) add(step, k);
    }
  }

  In<T> output(std::size_t i) const { return value(program_->outputs[i]); }
  Out<T> output_gradient(std::size_t i) { return gradient(program_->outputs[i]); }
  In<T> value(std::size_t node) const { return In<T>(value_[node], used_, program_->shapes[node]); }

 private:
  using Step = typename Program<T>::Step;

  Pass<T> pass(const PassContext<T>& context, std::size_t i) const {
    return {context, i, stash_[i].data(), scratch_[i].data()};
  }
  Ins<T> ins(const Step& step) {
    for (std::size_t k = 0; k < step.inputs.size(); ++k) ins_[k] = value(step.inputs[k]);
    return {ins_.data(), step.inputs.size()};
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

  std::shared_ptr<const Program<T>> program_;
  Plan plan_;
  Arena<T> memory_;
  std::vector<std::vector<T*>> stash_, scratch_;
  std::vector<T*> value_;
  std::vector<In<T>> ins_;
  std::vector<Out<T>> outs_;
  std::size_t used_ = 0;
};

}  // namespace foretell

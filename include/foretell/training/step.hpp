// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/graph/gradients.hpp"
#include "foretell/optimizers/optimizer.hpp"
#include "foretell/training/objective.hpp"
#include "foretell/training/reducer.hpp"
#include "foretell/training/shards.hpp"

namespace foretell {

/// The training step of every kind of training: forward, loss, backward, update, in planned memory. A batch is cut into
/// shards of a fixed size whose gradients are summed in order, so the bits are the same at any number of threads.
/// Allocates only when made.
template <class T>
class TrainStep {
 public:
  /// Batches are of at most `rows` rows of `data`, which the step keeps reading. `shard_rows`: of a run that goes on
  /// from a checkpoint; 0 for those that the rule for shards gives.
  TrainStep(Network<T>& network, const Objective<T>& objective, Optimizer<T>& optimizer, const Dataset<T>& data,
            std::size_t rows, std::uint64_t seed, Executor executor = {}, bool by_rows = true,
            std::size_t shard_rows = 0)
      : network_(network),
        optimizer_(optimizer),
        program_(std::make_shared<const Program>(
            network.program(PassMode::training, rows_of(data.inputs), {.peel = objective.peel(network.graph())}))),
        shard_rows_(program_->couples_rows || objective.whole_batch() || !program_->masks_from_inputs() ? rows
                    : shard_rows > 0 ? std::min(shard_rows, rows)
                                     : detail::rows_of_shard(*program_, rows)),
        crew_(program_, data, objective.outputs.size(), rows, shard_rows_, std::move(executor)),
        tally_(network, objective, *program_, shard_rows_),
        gradients_(network, shard_rows_ * shards(rows), program_->assigned, by_rows && optimizer.steps_by_rows()),
        random_(Random(seed).stream("training")),
        rows_per_real_step_(objective.outputs.size()),
        counts_(1 + objective.outputs.size()) {
    if (shard_rows_ < rows)
      for (std::size_t w = 0; w < crew_.size(); ++w)
        further_gradients_.push_back(std::make_unique<Gradients<T>>(network, shard_rows_, program_->assigned,
                                                                    by_rows && optimizer.steps_by_rows()));
    optimizer_.attach(network.weights().size());
  }

  /// One batch. A loss that is not finite is returned without an update: the weights stay as they were.
  double run(const RowChoice& rows) {
    const double loss = differentiate(rows);
    if (std::isfinite(loss)) update();
    return loss;
  }

  /// The loss of a batch; its gradients are in gradients(), the weights stay as they are.
  double differentiate(const RowChoice& rows) {
    PassContext<T> context = network_.context();
    context.state_update = network_.state().data();
    context.training = true;
    context.assigned = program_->assigned.data();
    context.random = random_.stream(optimizer_.iterations());
    if (rows.count <= shard_rows_) context.executor = &crew_.executor();
    gradients_.clear(crew_.executor());
    if (rows.count == 0) std::fill(gradients_.values().begin(), gradients_.values().end(), T(0));
    const double regular = penalty(network_, reducer_ ? nullptr : gradients_.data());
    const bool masked = program_->masks_outputs() && (reducer_ || shard_rows_ < rows.count);
    const std::size_t batch_rows = count(context, rows, masked);
    tally_.weigh(network_);
    double sum = 0;
    bool first = true;
    crew_.run(
        rows, shard_rows_,
        [&](ShardWorker<T>& worker, std::size_t shard) {
          PassContext<T> mine = context;
          mine.first_row = shard * shard_rows_;
          Gradients<T>& gradients = shard > 0 ? *further_gradients_[shard % crew_.size()] : gradients_;
          if (shard > 0) gradients.clear({});
          mine.gradients = gradients.data();
          mine.by_rows = gradients.by_rows();
          worker.workspace.forward(mine, worker.batch.inputs(), worker.batch.rows());
          tally_.losses(worker.workspace, worker.batch, batch_rows, true, worker.losses.data(),
                        masked ? rows_per_real_step_.data() : nullptr);
          worker.workspace.backward(mine);
        },
        [&](ShardWorker<T>& worker, std::size_t w) {
          sum += tally_.add(worker.workspace, worker.batch, worker.losses.data());
          tally_.add_weight_gradients(worker.losses.data(), worker.batch.rows(), batch_rows, gradients_.data());
          if (!first) gradients_.add(*further_gradients_[w], crew_.executor());
          first = false;
        });
    tally_.add_penalty(regular, rows.count);
    double loss = sum / static_cast<double>(batch_rows);
    if (reducer_) reduce(loss);
    return loss + regular;
  }

  /// Moves the weights by what is in gradients(), which may change.
  void update() {
    optimizer_.step(network_.weights(), gradients_.values(), gradients_.segments(), crew_.executor(),
                    gradients_.row_segments());
  }

  /// Adds up over processes from here on; null for none. Throws ConfigError where a mask is not known before the pass.
  void set_reducer(Reducer<T>* reducer) {
    if (reducer && program_->masks_outputs() && !program_->masks_from_inputs())
      throw ConfigError(
          "Reducer: expected masks that follow from the inputs, received a model in which a layer makes one of what "
          "other layers give; train it in one process");
    reducer_ = reducer;
  }

  Tally<T>& tally() { return tally_; }
  const Program& program() const { return *program_; }
  std::size_t shard_rows() const { return shard_rows_; }
  /// Of the last batch, laid out as the weights; those of row-sparse parameters are in row_gradients() alone.
  Arena<T>& gradients() { return gradients_.values(); }
  const std::vector<RowSegment<T>>& row_gradients() const { return gradients_.row_segments(); }
  /// Where the last forward pass first stopped being finite: "layer 2 "hidden" (Dense)", or empty.
  std::string first_not_finite() const {
    for (std::size_t i = 0; i < program_->steps.size(); ++i) {
      if (!program_->steps[i].layer) continue;
      for (std::size_t w = 0; w < crew_.size(); ++w) {
        const In<T> y = crew_.worker(w).workspace.value(i);
        if (!std::all_of(y.data(), y.data() + y.size(), [](T v) { return std::isfinite(v); }))
          return program_->names[i];
      }
    }
    return {};
  }
  /// The error of a loss that is not finite; `when` says where in the training it came.
  [[noreturn]] void fail_not_finite(double loss, std::string_view who, std::string_view when = {}) const {
    const std::string where = first_not_finite();
    throw NumericError(text(who, ": expected a finite loss, received ", loss, when,
                            where.empty() ? std::string() : text(", where ", where, " is the first that is not finite"),
                            "; lower the learning rate, scale the inputs or clip gradients (clip_norm)"));
  }

 private:
  /// The rows of the whole batch, those of all processes; with `masked`, rows_per_real_step_ becomes its.
  std::size_t count(const PassContext<T>& context, const RowChoice& rows, bool masked) {
    std::fill(counts_.begin(), counts_.end(), 0.0);
    counts_[0] = static_cast<double>(rows.count);
    if (masked) count_real_steps(context, rows);
    if (reducer_) reducer_->sum_numbers(counts_);
    for (std::size_t i = 0; masked && i < rows_per_real_step_.size(); ++i)
      rows_per_real_step_[i] = counts_[0] / std::max(counts_[1 + i], 1.0);
    return static_cast<std::size_t>(counts_[0]);
  }
  void count_real_steps(const PassContext<T>& context, const RowChoice& rows) {
    crew_.run(
        rows, shard_rows_,
        [&](ShardWorker<T>& worker, std::size_t) {
          for (std::size_t i = 0; i < worker.losses.size(); ++i)
            worker.losses[i] = static_cast<double>(
                worker.workspace.real_steps(i, context, worker.batch.inputs(), worker.batch.rows()));
        },
        [&](ShardWorker<T>& worker, std::size_t) {
          for (std::size_t i = 0; i < worker.losses.size(); ++i) counts_[1 + i] += worker.losses[i];
        });
  }
  void reduce(double& loss) {
    reducer_->sum_numbers({&loss, 1});
    for (const auto& [first, numbers] : gradients_.stretches())
      reducer_->sum_gradients({gradients_.data() + first, numbers});
    for (const RowSegment<T>& table : gradients_.row_segments()) reducer_->sum_rows(*table.gradients);
    (void)penalty(network_, gradients_.data());
  }
  std::size_t shards(std::size_t rows) const {
    return (rows + shard_rows_ - 1) / std::max<std::size_t>(1, shard_rows_);
  }

  Network<T>& network_;
  Optimizer<T>& optimizer_;
  std::shared_ptr<const Program> program_;
  std::size_t shard_rows_;
  Crew<T> crew_;
  Tally<T> tally_;
  Gradients<T> gradients_;
  std::vector<std::unique_ptr<Gradients<T>>> further_gradients_;  ///< of each worker, for shards after the first
  Random random_;
  std::vector<double> rows_per_real_step_;  ///< of this batch, for each output
  std::vector<double> counts_;              ///< of this batch: its rows, the real steps of each output
  Reducer<T>* reducer_ = nullptr;
};

}  // namespace foretell

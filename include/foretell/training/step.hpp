// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "foretell/graph/gradients.hpp"
#include "foretell/optimizers/optimizer.hpp"
#include "foretell/training/objective.hpp"

namespace foretell {

/// The training step of one run: forward, loss, backward, update, in planned memory. A batch is cut into shards of a
/// fixed size whose gradients are summed in order, so the bits are the same at any number of threads. Allocates only
/// when made.
template <class T>
class TrainStep {
 public:
  /// Batches are of at most `rows` rows of `data`, which the step keeps reading.
  TrainStep(Network<T>& network, const Objective<T>& objective, Optimizer<T>& optimizer, const Dataset<T>& data,
            std::size_t rows, std::uint64_t seed, Executor executor = {}, bool by_rows = true)
      : network_(network),
        optimizer_(optimizer),
        program_(std::make_shared<const Program>(
            network.program(PassMode::training, input_shapes(data), objective.peel(network.graph())))),
        shard_rows_(program_->couples_rows || objective.whole_batch() || !program_->masks_from_inputs()
                        ? rows
                        : shard_size(*program_, rows)),
        crew_(program_, data, objective.outputs.size(), shard_rows_, std::move(executor)),
        tally_(network, objective, *program_, shard_rows_),
        gradients_(network, shard_rows_ * shards(rows), program_->assigned, by_rows && optimizer.steps_by_rows()),
        random_(Random(seed).stream("training")),
        rows_per_real_step_(objective.outputs.size()) {
    if (shard_rows_ < rows)
      for (std::size_t w = 0; w < crew_.size(); ++w)
        further_gradients_.push_back(std::make_unique<Gradients<T>>(network, shard_rows_, program_->assigned,
                                                                    by_rows && optimizer.steps_by_rows()));
    optimizer_.attach(network.weights().size());
  }

  /// One batch. A loss that is not finite is returned without an update: the weights stay as they were.
  double run(const RowChoice& rows) {
    const double loss = differentiate(rows);
    if (std::isfinite(loss))
      optimizer_.step(network_.weights(), gradients_.values(), gradients_.segments(), crew_.executor(),
                      gradients_.row_segments());
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
    const double regular = penalty(network_, gradients_.data());
    const bool masked = shard_rows_ < rows.count && program_->masks_outputs();
    if (masked) count_real_steps(context, rows);
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
          tally_.losses(worker.workspace, worker.batch, rows.count, true, worker.losses.data(),
                        masked ? rows_per_real_step_.data() : nullptr);
          worker.workspace.backward(mine);
        },
        [&](ShardWorker<T>& worker, std::size_t w) {
          sum += tally_.add(worker.workspace, worker.batch, worker.losses.data());
          tally_.add_weight_gradients(worker.losses.data(), worker.batch.rows(), rows.count, gradients_.data());
          if (!first) gradients_.add(*further_gradients_[w], crew_.executor());
          first = false;
        });
    tally_.add_penalty(regular, rows.count);
    return sum / static_cast<double>(rows.count) + regular;
  }

  Tally<T>& tally() { return tally_; }
  const Program& program() const { return *program_; }
  /// The gradients of the last step.
  const Arena<T>& gradients() const { return gradients_.values(); }
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

 private:
  void count_real_steps(const PassContext<T>& context, const RowChoice& rows) {
    std::fill(rows_per_real_step_.begin(), rows_per_real_step_.end(), 0.0);
    crew_.run(
        rows, shard_rows_,
        [&](ShardWorker<T>& worker, std::size_t) {
          for (std::size_t i = 0; i < rows_per_real_step_.size(); ++i)
            worker.losses[i] = static_cast<double>(
                worker.workspace.real_steps(i, context, worker.batch.inputs(), worker.batch.rows()));
        },
        [&](ShardWorker<T>& worker, std::size_t) {
          for (std::size_t i = 0; i < rows_per_real_step_.size(); ++i) rows_per_real_step_[i] += worker.losses[i];
        });
    for (double& share : rows_per_real_step_) share = static_cast<double>(rows.count) / std::max(share, 1.0);
  }
  std::size_t shards(std::size_t rows) const {
    return (rows + shard_rows_ - 1) / std::max<std::size_t>(1, shard_rows_);
  }
  /// At most eight shards, of at least 128 rows (16, where a row has several positions) for the sake of the products,
  /// and no more than what makes the sums over their gradients some 4 % of the work: a network of many weights and few
  /// rows is one shard, and its threads share the columns of its products. A rule of the network and the rows alone.
  static std::size_t shard_size(const Program& program, std::size_t rows) {
    const double products = 6 * static_cast<double>(rows) * static_cast<double>(program.multiply_adds) / 85;
    const double bytes = static_cast<double>(program.weights) * sizeof(T);
    const double sum = static_cast<double>(program.weights) * (bytes < 256e3 ? 0.15 : bytes < 1e6 ? 0.4 : 1);
    const std::size_t least = program.positions < 4 ? 128 : 16;
    std::size_t shards = 8;
    while (shards > 1 && (rows < shards * least || static_cast<double>(shards - 1) * sum > 0.04 * products))
      shards /= 2;
    return std::min(rows, ((rows + shards - 1) / shards + 7) / 8 * 8);
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
};

}  // namespace foretell

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

#include "foretell/core/segment.hpp"
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
            std::size_t rows, std::uint64_t seed, Executor executor = {})
      : network_(network),
        optimizer_(optimizer),
        program_(std::make_shared<const Program<T>>(
            network.program(PassMode::training, input_shapes(data), objective.peel(network.graph())))),
        shard_rows_(program_->couples_rows ? rows : shard_size(rows)),
        crew_(program_, data, objective.outputs.size(), shard_rows_, std::move(executor)),
        tally_(objective, *program_, shard_rows_),
        gradients_(network.weights().size()),
        random_(Random(seed).stream("training")) {
    if (shard_rows_ < rows)
      for (std::size_t w = 0; w < crew_.size(); ++w) further_gradients_.emplace_back(gradients_.size());
    for (const ParameterInfo& info : network.parameters())
      segments_.push_back({info.offset, info.shape.size(), info.options.trainable, info.options.decay});
    optimizer_.attach(network.weights().size());
  }

  /// One batch. A loss that is not finite is returned without an update: the weights stay as they were.
  double run(const RowChoice& rows) {
    PassContext<T> context = network_.context();
    context.state_update = network_.state().data();
    context.training = true;
    context.random = random_.stream(optimizer_.iterations());
    std::fill(gradients_.begin(), gradients_.end(), T(0));
    const double regular = penalty(network_, gradients_.data());
    double sum = 0;
    bool first = true;
    crew_.run(
        rows, shard_rows_,
        [&](ShardWorker<T>& worker, std::size_t shard) {
          PassContext<T> mine = context;
          mine.first_row = shard * shard_rows_;
          mine.gradients = gradients_.data();
          if (shard > 0) {
            Arena<T>& further = further_gradients_[shard % crew_.size()];
            std::fill(further.begin(), further.end(), T(0));
            mine.gradients = further.data();
          }
          worker.workspace.forward(mine, worker.batch.inputs(), worker.batch.rows());
          tally_.losses(worker.workspace, worker.batch, rows.count, true, worker.losses.data());
          worker.workspace.backward(mine);
        },
        [&](ShardWorker<T>& worker, std::size_t w) {
          sum += tally_.add(worker.workspace, worker.batch, worker.losses.data());
          if (!first) kernels::add(gradients_.size(), further_gradients_[w].data(), gradients_.data());
          first = false;
        });
    tally_.add_penalty(regular, rows.count);
    const double loss = sum / static_cast<double>(rows.count) + regular;
    if (std::isfinite(loss)) optimizer_.step(network_.weights(), gradients_, segments_);
    return loss;
  }

  Tally<T>& tally() { return tally_; }
  const Program<T>& program() const { return *program_; }
  /// The gradients of the last step.
  const Arena<T>& gradients() const { return gradients_; }
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
  /// At least 64 rows, for the sake of the products; at most eight shards, for the sake of the sums over them.
  static std::size_t shard_size(std::size_t rows) {
    const std::size_t eighth = (rows + 7) / 8;
    return std::min(rows, std::max<std::size_t>(64, (eighth + 7) / 8 * 8));
  }

  Network<T>& network_;
  Optimizer<T>& optimizer_;
  std::shared_ptr<const Program<T>> program_;
  std::size_t shard_rows_;
  Crew<T> crew_;
  Tally<T> tally_;
  Arena<T> gradients_;
  std::vector<Arena<T>> further_gradients_;  ///< of each worker, for shards after the first
  Random random_;
  std::vector<Segment> segments_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "foretell/core/segment.hpp"
#include "foretell/optimizers/optimizer.hpp"
#include "foretell/training/objective.hpp"

namespace foretell {

/// The training step of one run: forward, loss, backward, update, in planned memory. Allocates only when made.
template <class T>
class TrainStep {
 public:
  TrainStep(Network<T>& network, const Objective<T>& objective, Optimizer<T>& optimizer,
            const std::vector<Shape>& inputs, std::size_t rows, std::uint64_t seed)
      : network_(network),
        optimizer_(optimizer),
        program_(std::make_shared<const Program<T>>(
            network.program(PassMode::training, inputs, objective.peel(network.graph())))),
        workspace_(program_, rows),
        gradients_(network.weights().size()),
        tally_(objective, *program_, rows),
        random_(Random(seed).stream("training")) {
    for (const ParameterInfo& info : network.parameters())
      segments_.push_back({info.offset, info.shape.size(), info.options.trainable, info.options.decay});
    optimizer_.attach(network.weights().size());
  }

  /// One batch. A loss that is not finite is returned without an update: the weights stay as they were.
  double run(const Batch<T>& batch) {
    PassContext<T> context = network_.context();
    context.gradients = gradients_.data();
    context.state_update = network_.state().data();
    context.training = true;
    context.random = random_.stream(optimizer_.iterations());
    std::fill(gradients_.begin(), gradients_.end(), T(0));
    const double regular = penalty(network_, gradients_.data());
    workspace_.forward(context, batch.inputs(), batch.rows());
    const double loss = tally_.batch(workspace_, batch, regular, true);
    if (!std::isfinite(loss)) return loss;
    workspace_.backward(context);
    optimizer_.step(network_.weights(), gradients_, segments_);
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
      const In<T> y = workspace_.value(i);
      if (!std::all_of(y.data(), y.data() + y.size(), [](T v) { return std::isfinite(v); })) return program_->names[i];
    }
    return {};
  }

 private:
  Network<T>& network_;
  Optimizer<T>& optimizer_;
  std::shared_ptr<const Program<T>> program_;
  Workspace<T> workspace_;
  Arena<T> gradients_;
  Tally<T> tally_;
  Random random_;
  std::vector<Segment> segments_;
};

}  // namespace foretell

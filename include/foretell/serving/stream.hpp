// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "foretell/graph/workspace.hpp"

namespace foretell {

/// A model of sequences, one event after the other: each call takes the numbers of one step and gives the answer that
/// the sequence so far has, with the same bits as the whole sequence at once. A backend keeps state() for each user and
/// hands it back with set_state(). One thread's; after construction nothing is allocated. The network must outlive it.
template <class T = float>
class Stream {
 public:
  /// Throws ConfigError for a network of several inputs or with a layer that needs more than one step at a time.
  explicit Stream(const Network<T>& network) : context_(network.context()) {
    if (network.input_shapes().size() != 1)
      throw ConfigError(text("Stream: expected a model of one input, received one of ", network.input_shapes().size()));
    const Shape& built = network.input_shapes()[0];
    if (built.rank() == 0) throw ConfigError("Stream: expected an input of steps, received rows without axes");
    Shape step{1};
    for (std::size_t axis = 1; axis < built.rank(); ++axis) step.push_back(built[axis]);
    auto program = std::make_shared<const Program<T>>(network.program(PassMode::inference, {step}));
    if (program->not_stepwise != Program<T>::unmasked)
      throw ConfigError(text("Stream: expected layers that take one step at a time, received ",
                             program->names[program->not_stepwise],
                             "; predict whole sequences with this model, or give it causal layers"));
    width_ = step.size();
    workspace_ = std::make_unique<Workspace<T>>(std::move(program), 1, Memory::kept);
  }

  /// Numbers of one step.
  std::size_t width() const { return width_; }
  /// The first output after one more step; valid until the next call.
  std::span<const T> operator()(std::span<const T> step) {
    if (step.size() != width_)
      throw ShapeError(text("Stream: expected the ", width_, " numbers of one step, received ", step.size()));
    const T* input = step.data();
    workspace_->forward(context_, std::span<const T* const>(&input, 1), 1);
    const In<T> y = workspace_->output(0);
    return {y.data(), y.size()};
  }
  /// Begins a new sequence.
  void reset() { std::fill(workspace_->kept().begin(), workspace_->kept().end(), T(0)); }

  /// All that is remembered of the sequence: to be stored for a user.
  std::span<const T> state() const { return workspace_->kept(); }
  /// Goes on with a sequence whose state was stored. Throws ShapeError for one of another model.
  void set_state(std::span<const T> state) {
    if (state.size() != workspace_->kept().size())
      throw ShapeError(text("Stream: expected a state of ", workspace_->kept().size(), " numbers, received ",
                            state.size(), "; it is of another model"));
    std::copy(state.begin(), state.end(), workspace_->kept().begin());
  }

 private:
  PassContext<T> context_;
  std::unique_ptr<Workspace<T>> workspace_;
  std::size_t width_ = 0;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "foretell/graph/workspace.hpp"
#include "foretell/preprocessing/transformer.hpp"
#include "foretell/serving/answer.hpp"
#include "foretell/serving/check_cells.hpp"
#include "foretell/serving/row.hpp"

namespace foretell {

struct ServingOptions {
  bool strict = false;  ///< a value of another kind than its column's is an error, not a missing or unknown one
};

/// A model of sequences, one event after the other: each call takes one step, its numbers or a Row of columns, and
/// gives the answer that the sequence so far has, with the same bits as the whole sequence at once. A backend keeps
/// state() for each user and hands it back with set_state(). One thread's; after the first call nothing is allocated.
template <class T = float>
class Stream {
 public:
  /// Of a network that outlives the stream. Throws ConfigError for one of several inputs or with a layer that needs
  /// more than one step at a time.
  explicit Stream(const Network<T>& network)
      : Stream(std::shared_ptr<const Network<T>>(std::shared_ptr<void>(), &network)) {}
  /// With preprocessing that gives the numbers of one step.
  explicit Stream(std::shared_ptr<const Network<T>> network,
                  std::shared_ptr<const Transformer<T>> preprocessing = nullptr, ServingOptions options = {})
      : network_(std::move(network)),
        preprocessing_(std::move(preprocessing)),
        strict_(options.strict),
        fingerprint_(preprocessing_ ? preprocessing_->input_schema().fingerprint() : 0) {
    if (!network_->built() || network_->input_shapes().size() != 1)
      throw ConfigError(text("Stream: expected a model of one input that was built, received one of ",
                             network_->graph().inputs().size(), network_->built() ? "" : " that was not"));
    const Shape step = one_step(*network_);
    auto program = std::make_shared<const Program>(
        network_->program(PassMode::inference, {step}, {}, network_->input_shapes()[0].front()));
    if (program->not_stepwise != Program::unmasked)
      throw ConfigError(text("Stream: expected layers that take one step at a time, received ",
                             program->names[program->not_stepwise],
                             "; predict whole sequences with this model, or give it causal layers (GRU, attention "
                             "with .causal = true)"));
    width_ = program->shapes[program->inputs[0]].size();
    workspace_ = std::make_unique<Workspace<T>>(std::move(program), 1, Memory::kept);
    workspace_->set_context(network_->context());
    features_.resize(preprocessing_ ? width_ : 0);
  }

  /// Numbers of one step.
  std::size_t width() const { return width_; }
  /// The first output after one more step; valid until the next call.
  std::span<const T> operator()(std::span<const T> step) {
    if (step.size() != width_)
      throw ShapeError(text("Stream: expected the ", width_, " numbers of one step, received ", step.size()));
    return run(step.data());
  }
  /// The same from columns, through the preprocessing of a model file. Throws DataError as Predictor does; the sequence
  /// is then where it was.
  std::span<const T> operator()(const Row& row) {
    const Schema& schema = steps().input_schema();
    row.answered_ = true;
    if (row.fingerprint_ != fingerprint_) [[unlikely]]
      detail::refuse_schema("Stream", schema, row.schema());
    const Block cells(row.cells().data(), 1, row.cells().size());
    const detail::Asked asked{"Stream"};
    if (strict_) detail::check_readable(asked, schema, cells);
    preprocessing_->transform_cells(cells, features_.data(), width_, scratch_);
    detail::check_features(asked, 0, *preprocessing_, cells, features_.data(), width_);
    return run(features_.data());
  }
  /// The same, with what the event stood on.
  Answer<T> answer(const Row& row) { return Answer<T>((*this)(row), row.schema(), row.cells()); }
  /// An empty event.
  Row row() const { return Row(std::shared_ptr<const Schema>(preprocessing_, &steps().input_schema()), fingerprint_); }

  /// Begins a new sequence.
  void reset() {
    std::fill(workspace_->kept().begin(), workspace_->kept().end(), T(0));
    refused_ = false;
  }
  /// All that is remembered of the sequence: to be stored for a user. Throws StateError after a step that was refused,
  /// when it is of no sequence.
  std::span<const T> state() const {
    if (refused_)
      throw StateError("Stream: expected reset or set_state after a step that was refused, received a call of state");
    return workspace_->kept();
  }
  /// Goes on with a sequence whose state was stored. Throws ShapeError for one of another size; whether it is of this
  /// model cannot be seen: states of a model that was trained anew begin anew.
  void set_state(std::span<const T> state) {
    if (state.size() != workspace_->kept().size())
      throw ShapeError(text("Stream: expected a state of ", workspace_->kept().size(), " numbers, received ",
                            state.size(), "; it is of another model"));
    std::copy(state.begin(), state.end(), workspace_->kept().begin());
    refused_ = false;
  }

 private:
  static Shape one_step(const Network<T>& network) {
    Shape step = network.input_shapes()[0];
    if (step.rank() == 0) throw ConfigError("Stream: expected an input of steps, received rows without axes");
    return step.with_front(1);
  }
  const Transformer<T>& steps() const {
    if (!preprocessing_)
      throw StateError(
          "Stream: expected a model file with preprocessing, this one has none; give the stream the numbers of a step");
    if (preprocessing_->output_schema().size() != width_)
      throw ShapeError(text("Stream: expected preprocessing that gives the ", width_,
                            " numbers of one step, received one that gives ", preprocessing_->output_schema().size(),
                            "; give the stream the numbers of a step"));
    return *preprocessing_;
  }
  std::span<const T> run(const T* step) {
    if (refused_)
      throw StateError("Stream: expected reset or set_state after a step that was refused, received one more step");
    workspace_->forward(std::span<const T* const>(&step, 1), 1);
    refused_ = true;
    workspace_->expect_accepted("Stream");
    refused_ = false;
    const In<T> y = workspace_->output(0);
    return {y.data(), y.size()};
  }

  std::shared_ptr<const Network<T>> network_;
  std::shared_ptr<const Transformer<T>> preprocessing_;
  bool strict_;
  std::uint64_t fingerprint_;
  std::unique_ptr<Workspace<T>> workspace_;
  std::size_t width_ = 0;
  bool refused_ = false;  ///< the last step: what is remembered then is of no sequence
  std::vector<T> features_;
  Scratch scratch_;
};

}  // namespace foretell

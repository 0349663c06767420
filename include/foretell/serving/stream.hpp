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
#include "foretell/serving/answer.hpp"
#include "foretell/serving/check_cells.hpp"
#include "foretell/serving/post_processing.hpp"
#include "foretell/serving/preparation.hpp"
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
      : Stream(std::shared_ptr<const Network<T>>(std::shared_ptr<void>(), &network),
               std::make_shared<const detail::RequestPlan<T>>(plan_of(network)), {}) {}
  /// Of a model file, with the preprocessing that makes the numbers of one step.
  explicit Stream(std::shared_ptr<const detail::Served<T>> served, ServingOptions options = {})
      : Stream(std::shared_ptr<const Network<T>>(served, &served->network),
               std::shared_ptr<const detail::RequestPlan<T>>(served, &served->plan), options) {}

  /// Numbers of one step.
  std::size_t width() const { return inputs_->width(0); }
  /// The first output after one more step; valid until the next call.
  std::span<const T> operator()(std::span<const T> step) {
    need_width(step.size());
    inputs_->numbers("Stream", step.data(), 1);
    run();
    return answers_->one(0, *workspace_);
  }
  /// The same of ids.
  std::span<const T> operator()(std::span<const std::int64_t> step) {
    need_width(step.size());
    inputs_->ids(step.data(), 1);
    run();
    return answers_->one(0, *workspace_);
  }
  /// The same from columns, through the preprocessing of a model file. Throws DataError as Predictor does; the sequence
  /// is then where it was.
  std::span<const T> operator()(const Row& row) {
    ask(row);
    return answers_->one(0, *workspace_);
  }
  /// The same, with the other outputs, and what the event stood on.
  Answer<T> answer(const Row& row) {
    ask(row);
    return Answer<T>(answers_->answers(*workspace_), plan_->outputs, row.schema(), row.cells());
  }
  /// An empty event.
  Row row() const {
    (void)steps();
    return Row(plan_->fields);
  }

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
  static detail::RequestPlan<T> plan_of(const Network<T>& network) {
    check(network);
    return detail::RequestPlan<T>(network, {}, {});
  }
  static void check(const Network<T>& network) {
    if (!network.built() || network.input_shapes().size() != 1)
      throw ConfigError(text("Stream: expected a model of one input that was built, received one of ",
                             network.graph().inputs().size(), network.built() ? "" : " that was not"));
  }
  Stream(std::shared_ptr<const Network<T>> network, std::shared_ptr<const detail::RequestPlan<T>> plan,
         ServingOptions options)
      : network_(std::move(network)), plan_(std::move(plan)), strict_(options.strict) {
    check(*network_);
    const Shape step = one_step(*network_);
    auto program =
        std::make_shared<const Program>(network_->program(PassMode::inference, {{step}, network_->inputs().kinds},
                                                          {.remembered_steps = network_->input_shapes()[0].front()}));
    if (program->not_stepwise != Program::unmasked)
      throw ConfigError(text("Stream: expected layers that take one step at a time, received ",
                             program->names[program->not_stepwise],
                             "; predict whole sequences with this model, or give it causal layers (GRU, attention "
                             "with .causal = true)"));
    inputs_ = std::make_unique<detail::Preparation<T>>(*plan_, 1, std::vector<std::size_t>{step.size()});
    answers_ = std::make_unique<detail::PostProcessing<T>>(*plan_, *program);
    workspace_ = std::make_unique<Workspace<T>>(std::move(program), 1, Memory::kept);
    workspace_->set_context(network_->context());
  }
  static Shape one_step(const Network<T>& network) {
    Shape step = network.input_shapes()[0];
    if (step.rank() == 0) throw ConfigError("Stream: expected an input of steps, received rows without axes");
    return step.with_front(1);
  }
  /// Throws StateError where no columns make a step, ShapeError where they make something else.
  const RequestFields& steps() const {
    const auto& input = plan_->inputs[0];
    if (input.array != detail::InputPlan<T>::none)
      throw StateError(
          "Stream: expected a model file with preprocessing, this one has none; give the stream the numbers of a step");
    if (input.given() != width())
      throw ShapeError(text("Stream: expected preprocessing that gives the ", width(),
                            " numbers of one step, received one that gives ", input.given(),
                            "; give the stream the numbers of a step"));
    return *plan_->fields;
  }
  void need_width(std::size_t numbers) const {
    if (numbers != width())
      throw ShapeError(text("Stream: expected the ", width(), " numbers of one step, received ", numbers));
  }
  void ask(const Row& row) {
    const RequestFields& fields = steps();
    row.answered_ = true;
    if (row.fields().fingerprint != fields.fingerprint) [[unlikely]]
      detail::refuse_schema("Stream", fields, row.fields());
    const Block cells(row.cells().data(), 1, row.cells().size());
    const detail::Asked asked{"Stream"};
    if (strict_) detail::check_readable(asked, fields.columns, cells);
    inputs_->columns(asked, 0, cells);
    run();
  }
  void run() {
    if (refused_)
      throw StateError("Stream: expected reset or set_state after a step that was refused, received one more step");
    workspace_->forward(inputs_->places(), 1);
    refused_ = true;
    workspace_->expect_accepted("Stream");
    refused_ = false;
  }

  std::shared_ptr<const Network<T>> network_;
  std::shared_ptr<const detail::RequestPlan<T>> plan_;
  bool strict_;
  std::unique_ptr<detail::Preparation<T>> inputs_;
  std::unique_ptr<detail::PostProcessing<T>> answers_;
  std::unique_ptr<Workspace<T>> workspace_;
  bool refused_ = false;  ///< the last step: what is remembered then is of no sequence
};

}  // namespace foretell

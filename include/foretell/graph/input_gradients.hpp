// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/arena.hpp"
#include "foretell/graph/workspace.hpp"

namespace foretell {

struct GradientOptions {
  std::string output{};            ///< whose gradients; may be left out where there is one
  std::size_t index = 0;           ///< which of its numbers
  bool before_activation = false;  ///< of the number before the output's last activation: a logit
  std::vector<std::string> at{};   ///< layers, by what they give; inputs of numbers where there are none
};

/// Gradients of one output number by inputs, or by what layers give, of a network as it predicts: without dropout, with
/// the statistics that normalisation has gathered. One thread's; allocates only when made.
template <class T>
class InputGradients {
 public:
  /// For up to `rows` rows of `inputs` of a network that outlives this. Throws ConfigError for names that are none, an
  /// index beyond the output, an input of ids or sparse rows by name, and layers that were loaded to predict.
  InputGradients(const Network<T>& network, const InputRows& inputs, std::size_t rows, const GradientOptions& options)
      : network_(network), gradients_(network.weights().size()), index_(options.index) {
    const auto& graph = network.graph();
    std::vector<std::string> names;
    for (const auto& output : graph.outputs()) {
      if (output.name == options.output || (options.output.empty() && graph.outputs().size() == 1))
        output_ = names.size();
      names.push_back(output.name);
    }
    if (output_ == none)
      throw ConfigError(text("input_gradients: expected one of the outputs ", quoted_list(names), ", received \"",
                             options.output, "\""));
    ProgramOptions how;
    how.peel.assign(names.size(), false);
    how.peel[output_] = options.before_activation;
    for (const std::string& name : options.at) how.gradients_at.push_back(graph.find(name).index);
    if (options.at.empty())
      for (std::size_t i = 0; i < graph.inputs().size(); ++i)
        if (inputs.kinds.empty() || inputs.kinds[i] == InputKind::numbers)
          how.gradients_at.push_back(graph.inputs()[i]);
    auto program = std::make_shared<const Program>(network.program(PassMode::gradients, inputs, how));
    for (const std::size_t node : program->gradients_at) {
      const auto input = std::find(program->inputs.begin(), program->inputs.end(), node) - program->inputs.begin();
      if (static_cast<std::size_t>(input) < program->inputs.size() &&
          program->kinds[static_cast<std::size_t>(input)] != InputKind::numbers)
        throw ConfigError(text("input_gradients: expected inputs of numbers, received ", program->names[node],
                               "; ask for the gradients at the layer that reads it"));
      names_.push_back(graph.entries()[node].name);
    }
    if (names_.empty())
      throw ConfigError("input_gradients: expected an input of numbers, received none; name a layer in .at");
    const std::size_t size = program->shapes[program->outputs[output_]].size();
    if (index_ >= size)
      throw ConfigError(text("input_gradients: expected an index below ", size, ", received ", index_));
    workspace_ = std::make_unique<Workspace<T>>(std::move(program), rows);
  }

  /// Of `rows` rows, each input's at a place as Workspace::forward takes them. Throws DataError as predict does.
  void run(std::span<const void* const> inputs, std::size_t rows, std::size_t first_row = 0) {
    PassContext<T> context = network_.context();
    context.keeps = true;
    context.gradients = gradients_.data();
    workspace_->forward(context, inputs, rows);
    workspace_->expect_accepted("input_gradients", first_row);
    for (std::size_t o = 0; o < workspace_->program().outputs.size(); ++o) {
      const Out<T> dy = workspace_->output_gradient(o);
      if (!dy) continue;
      std::fill_n(dy.data(), dy.size(), T(0));
      for (std::size_t r = 0; o == output_ && r < rows; ++r) dy.row(r)[index_] = 1;
    }
    workspace_->backward(context);
  }

  /// What the gradients are by.
  const std::vector<std::string>& names() const { return names_; }
  /// Of the last run by names()[i]; zeros where the output does not depend on it.
  In<T> gradient(std::size_t i) const { return workspace_->gradient_at(i); }
  /// The output number of each row of the last run.
  In<T> output() const { return workspace_->output(output_); }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  const Network<T>& network_;
  Arena<T> gradients_;  ///< of the parameters, which nobody asks for
  std::size_t output_ = none, index_;
  std::vector<std::string> names_;
  std::unique_ptr<Workspace<T>> workspace_;
};

}  // namespace foretell

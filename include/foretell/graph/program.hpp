// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "foretell/graph/graph.hpp"

namespace foretell {

enum class PassMode : std::uint8_t { inference, training };

/// A graph built for given input shapes: each node's own built layer, the shapes, and who hands gradients to whom. A
/// pure value; any number of workspaces run it.
template <class T>
struct Program {
  struct Step {
    Layer<T> layer;
    std::vector<std::size_t> inputs;
    std::vector<bool> wants_gradient;  ///< of each input
    std::vector<bool> first_gradient;  ///< whether this is the first contribution to that input's gradient
    bool runs_backward = false;
    bool view = false;           ///< y is the memory of x
    bool gradient_view = false;  ///< dx is the memory of dy
    std::vector<Extent> stash, scratch;
  };

  PassMode mode = PassMode::inference;
  std::vector<Shape> shapes;                 ///< of each node
  std::vector<Step> steps;                   ///< of each node; without a layer for inputs
  std::vector<std::size_t> inputs, outputs;  ///< nodes
  std::vector<std::string> names;            ///< of each node, as Graph::describe says them
  std::vector<ActivationFunction> peeled;    ///< of each output: the final activation that was left to the loss
  bool couples_rows = false;

  /// Builds every layer of `graph`. `peel`: for each output, whether its final activation is left out (when nothing
  /// else reads that output). Parameters and states are declared in the tables, or found there.
  Program(const Graph<T>& graph, const std::vector<Shape>& input_shapes, PassMode mode_, ParameterTable<T>& parameters,
          ParameterTable<T>& states, const std::vector<bool>& peel = {})
      : mode(mode_), shapes(graph.entries().size()), steps(graph.entries().size()), inputs(graph.inputs()) {
    const auto& entries = graph.entries();
    for (std::size_t i = 0; i < inputs.size(); ++i) shapes[inputs[i]] = input_shapes[i];
    std::vector<std::size_t> readers(entries.size());
    for (const auto& entry : entries)
      for (const std::size_t input : entry.inputs) ++readers[input];
    for (const auto& output : graph.outputs()) {
      outputs.push_back(output.node);
      ++readers[output.node];
      peeled.push_back(linear);
    }
    for (std::size_t i = 0; i < entries.size(); ++i) {
      names.push_back(graph.describe(i));
      if (!entries[i].layer) continue;
      Step& step = steps[i];
      step.layer = entries[i].layer;
      step.inputs = entries[i].inputs;
      for (std::size_t o = 0; o < outputs.size(); ++o) {
        if (outputs[o] != i || readers[i] != 1 || o >= peel.size() || !peel[o]) continue;
        peeled[o] = step.layer.output_activation();
        step.layer.set_output_activation(linear);
      }
      std::vector<Shape> from;
      std::string origin;
      for (const std::size_t input : step.inputs) {
        from.push_back(shapes[input]);
        origin += text(origin.empty() ? "" : " and ", names[input]);
      }
      Build<T> build(entries[entries[i].shares.value_or(i)].name, names[i], std::move(from), std::move(origin),
                     parameters, states);
      shapes[i] = step.layer.build(build);
      step.stash = build.stashes();
      step.scratch = build.scratches();
      step.view = step.layer.is_view(mode == PassMode::training) && steps[step.inputs[0]].layer;
      couples_rows = couples_rows || step.layer.couples_rows();
    }
    if (mode == PassMode::training) plan_gradients(readers);
  }

 private:
  void plan_gradients(const std::vector<std::size_t>& readers) {
    std::vector<bool> written(steps.size());
    for (const std::size_t output : outputs) written[output] = true;
    for (std::size_t i = steps.size(); i-- > 0;) {
      Step& step = steps[i];
      if (!step.layer || !written[i]) continue;
      if (!step.layer.differentiable())
        throw ConfigError(text(names[i],
                               ": expected a backward pass to train through, received a layer without one; give the "
                               "layer `void backward(...)`"));
      step.runs_backward = true;
      for (const std::size_t input : step.inputs) {
        const bool wanted = static_cast<bool>(steps[input].layer);
        step.wants_gradient.push_back(wanted);
        step.first_gradient.push_back(wanted && !written[input]);
        if (wanted) written[input] = true;
      }
      step.gradient_view = step.view && readers[step.inputs[0]] == 1;
    }
  }
};

}  // namespace foretell

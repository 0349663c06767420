// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/rows.hpp"
#include "foretell/graph/graph.hpp"

namespace foretell {

/// gradients: a prediction behind which gradients go back to inputs.
enum class PassMode : std::uint8_t { inference, training, gradients };

/// What a program is built for.
struct InputRows {
  std::vector<Shape> shapes;       ///< of a row of each input
  std::vector<InputKind> kinds{};  ///< of each input; as LayerGraph::usual_kinds where there are none

  InputRows() = default;
  InputRows(std::vector<Shape> rows, std::vector<InputKind> kind = {})  // NOLINT(google-explicit-constructor)
      : shapes(std::move(rows)), kinds(std::move(kind)) {}
  InputRows(std::initializer_list<Shape> rows) : shapes(rows) {}
};
struct ProgramOptions {
  std::vector<bool> peel{};                 ///< of each output, whether its final activation is left out
  std::size_t remembered_steps = 0;         ///< the longest sequence, for a program that is run step by step
  std::vector<std::size_t> gradients_at{};  ///< the nodes whose gradients are wanted, of PassMode::gradients
};

/// A graph built for given input shapes: each node's own built layer, the shapes, and who hands gradients to whom. A
/// pure value; any number of workspaces run it.
struct Program {
  struct Step {
    LayerSpec layer;
    std::vector<std::size_t> inputs;
    std::vector<bool> wants_gradient;  ///< of each input
    std::vector<bool> first_gradient;  ///< whether this is the first contribution to that input's gradient
    bool runs_backward = false;
    bool view = false;           ///< y is the memory of x
    bool gradient_view = false;  ///< dx is the memory of dy
    bool makes_mask = false;
    bool learns = false;  ///< has a trainable parameter, or reads from a step that learns
    InputKind reads = InputKind::numbers;
    std::vector<Extent> stash, scratch, carry;
  };
  static constexpr std::size_t unmasked = static_cast<std::size_t>(-1);

  PassMode mode = PassMode::inference;
  std::size_t scalar_bytes;                  ///< of the type that the layers are carried out in
  std::vector<Shape> shapes;                 ///< of each node
  std::vector<Step> steps;                   ///< of each node; without a layer for inputs
  std::vector<std::size_t> masks;            ///< of each node: the node whose mask it carries, or `unmasked`
  std::vector<std::size_t> inputs, outputs;  ///< nodes
  std::vector<InputKind> kinds;              ///< of each input
  std::vector<std::size_t> gradients_at;     ///< nodes whose gradients are there when the backward pass has ended
  std::vector<std::string> names;            ///< of each node, as Graph::describe says them
  std::vector<ActivationFunction> peeled;    ///< of each output: the final activation that was left to the loss
  std::vector<std::uint8_t> assigned;        ///< of each parameter: whether one backward pass assigns its gradient
  bool couples_rows = false;
  std::size_t positions = 1;  ///< the most places of one row that a layer treats alike, such as the steps of a sequence
  std::size_t weights = 0;    ///< numbers in the parameters that are not row-sparse, each use of a shared one counted
  std::size_t multiply_adds = 0;        ///< of one row, about: each weight at each position
  std::size_t not_stepwise = unmasked;  ///< a node that cannot be run step by step, if there is one

  /// Builds every layer of `graph`. A final activation is left out only when nothing else reads that output. Parameters
  /// and states are declared in the tables, or found there.
  Program(const LayerGraph& graph, const InputRows& rows, PassMode mode_, ParameterTable& parameters,
          ParameterTable& states, const ProgramOptions& options = {})
      : mode(mode_),
        scalar_bytes(parameters.scalar_bytes()),
        shapes(graph.entries().size()),
        steps(graph.entries().size()),
        masks(graph.entries().size(), unmasked),
        inputs(graph.inputs()),
        kinds(rows.kinds.empty() ? graph.usual_kinds() : rows.kinds),
        gradients_at(options.gradients_at) {
    const auto& entries = graph.entries();
    std::vector<InputKind> kind(entries.size(), InputKind::numbers);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      shapes[inputs[i]] = rows.shapes[i];
      kind[inputs[i]] = kinds[i];
    }
    std::vector<std::size_t> readers(entries.size());
    std::vector<Use> uses;
    for (const std::size_t node : gradients_at) steps[node].learns = true;
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
        if (outputs[o] != i || readers[i] != 1 || o >= options.peel.size() || !options.peel[o]) continue;
        peeled[o] = step.layer.output_activation();
        step.layer.set_output_activation(linear);
      }
      BuildPlace place{entries[entries[i].shares.value_or(i)].name,
                       names[i],
                       {},
                       {},
                       {},
                       entries[i].trainable,
                       mode != PassMode::inference,
                       entries[i].group,
                       options.remembered_steps,
                       {}};
      for (const std::size_t input : step.inputs) {
        place.inputs.push_back(shapes[input]);
        place.kinds.push_back(kind[input]);
        place.masked.push_back(masks[input] != unmasked);
        place.origin += text(place.origin.empty() ? "" : " and ", names[input]);
        step.learns = step.learns || steps[input].learns;
      }
      LayerBuild build(std::move(place), parameters, states);
      shapes[i] = step.layer.build(build);
      step.stash = build.stashes();
      step.scratch = build.scratches();
      step.carry = build.carries();
      if (mode != PassMode::gradients) step.learns = step.learns || build.learns();
      for (const auto& use : build.uses()) uses.push_back({use.parameter, i, use.assigns});
      step.makes_mask = build.mask_flow() == MaskFlow::make;
      masks[i] = step.makes_mask ? i : build.mask_flow() == MaskFlow::keep ? kept_mask(i) : unmasked;
      if (!step.layer.traits().stepwise) not_stepwise = i;
      const auto count = [](const Shape& shape) { return shape.back() ? shape.size() / shape.back() : 0; };
      const std::size_t places = std::max(count(shapes[i]), count(shapes[step.inputs[0]]));
      positions = std::max(positions, places);
      weights += build.weights();
      multiply_adds += build.weights() * places;
      step.view = step.layer.is_view(mode == PassMode::training) && steps[step.inputs[0]].layer;
      step.reads = kind[step.inputs[0]];
      couples_rows = couples_rows || step.layer.traits().couples_rows;
    }
    if (mode != PassMode::inference) {
      plan_gradients(readers);
      find_assigned(uses, parameters.entries().size());
    }
  }

  /// Whether the masks of all outputs follow from the inputs alone, without running the layers.
  bool masks_from_inputs() const {
    for (const std::size_t output : outputs) {
      if (masks[output] == unmasked) continue;
      for (const std::size_t input : steps[masks[output]].inputs)
        if (steps[input].layer) return false;
    }
    return true;
  }
  bool masks_outputs() const {
    return std::any_of(outputs.begin(), outputs.end(), [&](std::size_t output) { return masks[output] != unmasked; });
  }

 private:
  struct Use {
    std::uint32_t parameter;
    std::size_t step;
    bool assigns;
  };
  void find_assigned(const std::vector<Use>& uses, std::size_t parameters) {
    std::vector<std::size_t> count(parameters);
    assigned.resize(parameters);
    for (const Use& use : uses)
      assigned[use.parameter] = ++count[use.parameter] == 1 && use.assigns && steps[use.step].runs_backward;
  }
  std::size_t kept_mask(std::size_t i) const {
    for (const std::size_t input : steps[i].inputs)
      if (masks[input] != unmasked && shapes[input].rank() == shapes[i].rank() &&
          shapes[input].front() == shapes[i].front())
        return masks[input];
    return unmasked;
  }
  void plan_gradients(const std::vector<std::size_t>& readers) {
    std::vector<bool> written(steps.size());
    for (const std::size_t output : outputs) written[output] = true;
    for (std::size_t i = steps.size(); i-- > 0;) {
      Step& step = steps[i];
      if (!step.layer || !written[i] || !step.learns) continue;
      if (mode == PassMode::gradients &&
          std::none_of(step.inputs.begin(), step.inputs.end(), [&](std::size_t input) { return steps[input].learns; }))
        continue;
      if (!step.layer.traits().differentiable)
        throw ConfigError(text(names[i], ": expected a backward pass to train through, received a layer ",
                               step.layer.traits().predicts_only
                                   ? "that was loaded to predict; load the file with Model or Sequential::load"
                                   : "without one; give the layer `void backward(...)`"));
      step.runs_backward = true;
      for (const std::size_t input : step.inputs) {
        const bool wanted = steps[input].learns;
        step.wants_gradient.push_back(wanted);
        step.first_gradient.push_back(wanted && !written[input]);
        if (wanted) written[input] = true;
      }
      step.gradient_view = step.view && readers[step.inputs[0]] == 1;
    }
  }
};

}  // namespace foretell

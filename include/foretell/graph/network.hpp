// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/arena.hpp"
#include "foretell/core/input_array.hpp"
#include "foretell/core/random.hpp"
#include "foretell/core/segment.hpp"
#include "foretell/core/watched.hpp"
#include "foretell/graph/program.hpp"

namespace foretell {

/// A graph and the numbers it owns: parameters in one flat array, states in another. A value: copies are deep.
template <class T>
class Network {
 public:
  Network() = default;
  explicit Network(Graph<T> graph) : graph_(std::move(graph)) {
    if (graph_.inputs().empty() || graph_.outputs().empty())
      throw ConfigError(text("Graph: expected at least one input and one output, received ", graph_.inputs().size(),
                             " and ", graph_.outputs().size()));
  }

  const Graph<T>& graph() const { return graph_; }
  bool built() const { return !inputs_.shapes.empty(); }
  /// Renewed when parameters are declared, or are treated otherwise by training.
  const Stamp& layout() const { return layout_; }
  /// The input shapes the network was built with.
  const std::vector<Shape>& input_shapes() const { return inputs_.shapes; }
  /// And what it was built from.
  const InputRows& inputs() const { return inputs_; }

  /// Declares all parameters for inputs of these rows, with zeros. Throws FormatError when they are more than `most`
  /// numbers.
  void declare(InputRows inputs, std::size_t most = static_cast<std::size_t>(-1)) {
    check_inputs(inputs.shapes);
    if (inputs.kinds.empty()) inputs.kinds = graph_.usual_kinds();
    auto [parameters, states] = tables(inputs);
    std::size_t numbers = 0;
    for (const auto* table : {&parameters, &states})
      for (const ParameterInfo& info : table->entries()) numbers += info.shape.size();
    if (numbers > most)
      throw FormatError(text("Model: expected at most ", most,
                             " parameters, which is what the file holds, received a graph of ", numbers));
    parameters_ = std::move(parameters);
    states_ = std::move(states);
    weights_ = Arena<T>(parameters_.size());
    state_ = Arena<T>(states_.size());
    inputs_ = std::move(inputs);
    layout_.renew();
    probes_.clear();
  }
  /// Declares all parameters and draws their first values from `seed`.
  void build(InputRows inputs, std::uint64_t seed) {
    declare(std::move(inputs));
    const Random random = Random(seed).stream("initializers");
    initialize(parameters_, weights_, random);
    initialize(states_, state_, random);
  }

  /// Whether training may change a layer, all layers when `name` is empty. A frozen BatchNormalization keeps its
  /// statistics, too.
  void set_trainable(std::string_view name, bool trainable) {
    change(name, [&](Node node) { graph_.set_trainable(node, trainable); });
  }
  /// How the optimizer treats the parameters of a layer, or of all layers when `name` is empty.
  void set_parameter_group(std::string_view name, const ParameterGroup& group) {
    change(name, [&](Node node) { graph_.set_parameter_group(node, group); });
  }

  /// Single numbers that are trained and saved behind the parameters of the layers, by name, zeros at first: what an
  /// objective learns for itself. All others keep their values.
  void set_further_parameters(std::vector<std::string> names) {
    if (names == further_) return;
    further_ = std::move(names);
    if (!built()) return;
    const Network before = *this;
    declare(inputs_);
    transfer_from(before);
    probes_ = before.probes_;
  }

  /// Copies what `other` has of the same name and shape, parameters and states; returns how many there were.
  std::size_t transfer_from(const Network& other) {
    const auto copy = [](const ParameterTable& from, const Arena<T>& source, const ParameterTable& to,
                         Arena<T>& target) {
      std::size_t copied = 0;
      for (const ParameterInfo& info : to.entries())
        for (const ParameterInfo& found : from.entries()) {
          if (found.name != info.name || !(found.shape == info.shape)) continue;
          std::copy_n(source.data() + found.offset, info.shape.size(), target.data() + info.offset);
          ++copied;
        }
      return copied;
    };
    return copy(other.parameters_, other.weights_, parameters_, weights_) +
           copy(other.states_, other.state_, states_, state_);
  }

  /// The built steps for inputs of these rows (those of `build`, or others the same parameters fit, such as a longer
  /// sequence).
  Program program(PassMode mode, const InputRows& inputs, const ProgramOptions& options = {}) const {
    if (!built())
      throw StateError(
          "Model: expected a model that was built, received one without shapes; call fit, build or load first");
    check_inputs(inputs.shapes);
    ParameterTable parameters = parameters_, states = states_;
    Program program(graph_, inputs, mode, parameters, states, options);
    if (parameters.size() != parameters_.size() || states.size() != states_.size())
      throw ShapeError(
          "Model: expected input for which the layers have the parameters they were built with; make a new model for "
          "this shape");
    return program;
  }
  /// For the rows it was built with.
  Program program(PassMode mode) const { return program(mode, inputs_); }

  const std::vector<ParameterInfo>& parameters() const { return parameters_.entries(); }
  const std::vector<ParameterInfo>& states() const { return states_.entries(); }
  /// All parameters, for what is done to whole weights.
  std::vector<Segment> segments() const {
    std::vector<Segment> all;
    for (const ParameterInfo& info : parameters())
      all.push_back({info.offset, info.shape.size(), info.options.trainable, info.options.group});
    return all;
  }
  Arena<T>& weights() { return weights_; }
  const Arena<T>& weights() const { return weights_; }
  Arena<T>& state() { return state_; }
  const Arena<T>& state() const { return state_; }

  /// A few rows of each input, saved with their answers so that a loaded model can be checked. Empty unless they were
  /// asked for (FitOptions::probe_rows): then what is saved are made-up rows.
  const std::vector<InputArray<T>>& probes() const { return probes_; }
  std::size_t probe_rows() const {
    const std::size_t rows = probes_.empty() ? 0 : probes_[0].rows().rows;
    for (std::size_t i = 0; i < probes_.size(); ++i)
      if (probes_[i].rows().rows != rows || !(probes_[i].rows().shape == inputs_.shapes[i]) ||
          probes_[i].rows().kind != inputs_.kinds[i])
        return 0;
    return rows;
  }
  void set_probes(std::vector<InputArray<T>> probes) { probes_ = std::move(probes); }

  /// What passes read; gradients and permission to update states are added by a training step.
  PassContext<T> context() const {
    PassContext<T> context;
    context.parameters = parameters_.entries().data();
    context.states = states_.entries().data();
    context.weights = weights_.data();
    context.state = state_.data();
    return context;
  }

 private:
  /// f(node) of the layer of that name, of all when it is empty; then what parameters say of training is as the graph
  /// has it.
  template <class F>
  void change(std::string_view name, const F& f) {
    if (name.empty()) {
      for (std::size_t i = 0; i < graph_.entries().size(); ++i)
        if (graph_.entries()[i].layer) f(Node{i});
    } else {
      f(graph_.find(name));
    }
    if (!built()) return;
    parameters_ = tables(inputs_).first;  // the same but for the flags
    layout_.renew();
  }

  /// All parameters and all states for inputs of these rows.
  std::pair<ParameterTable, ParameterTable> tables(const InputRows& inputs) const {
    ParameterTable parameters = ParameterTable::of<T>(), states = parameters;
    (void)Program(graph_, inputs, PassMode::inference, parameters, states);
    for (const std::string& name : further_)
      (void)parameters.declare(name, {1}, Zeros(), {.group = {.weight_decay = false}}, name);
    return {std::move(parameters), std::move(states)};
  }

  void check_inputs(const std::vector<Shape>& shapes) const {
    const auto& inputs = graph_.inputs();
    if (shapes.size() != inputs.size())
      throw ShapeError(text("Model: expected ", inputs.size(), " inputs, received ", shapes.size()));
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const auto& entry = graph_.entries()[inputs[i]];
      if (entry.shape && !(*entry.shape == shapes[i]))
        throw ShapeError(text("input \"", entry.name, "\": expected ", rows_text(*entry.shape), ", received ",
                              rows_text(shapes[i])));
    }
  }
  static void initialize(const ParameterTable& table, Arena<T>& values, const Random& random) {
    for (const ParameterInfo& info : table.entries()) info.initialize(values.data(), random);
  }

  Graph<T> graph_;
  std::vector<std::string> further_;  ///< parameters of no layer
  InputRows inputs_;
  ParameterTable parameters_ = ParameterTable::of<T>(), states_ = parameters_;
  Arena<T> weights_, state_;
  Stamp layout_;
  std::vector<InputArray<T>> probes_;
};

}  // namespace foretell

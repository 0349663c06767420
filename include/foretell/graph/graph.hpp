// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/parameter_group.hpp"
#include "foretell/layers/layer.hpp"
#include "foretell/layers/reshape.hpp"

namespace foretell {

/// A place in a Graph: an input or the result of a layer.
struct Node {
  std::size_t index = 0;
};

/// The structure of a model: named inputs, layers in the order they were added, named outputs. A layer may have several
/// readers, merging layers several inputs; `share` applies a layer again with the same parameters. What it holds has no
/// scalar; layers are added by Graph<T>.
class LayerGraph {
 public:
  struct Entry {
    std::string name;
    LayerSpec layer;                    ///< empty for an input
    std::vector<std::size_t> inputs;    ///< earlier entries
    std::optional<Shape> shape;         ///< of an input; without it the first data decides
    std::optional<std::size_t> shares;  ///< the entry whose parameters this one uses
    bool trainable = true;              ///< false for a layer that training leaves as it is
    ParameterGroup group{};             ///< how the optimizer treats the layer's parameters

    /// The same in another graph, where entry i stands at place[i].
    Entry moved(const std::vector<std::size_t>& place) const {
      Entry entry = *this;
      for (std::size_t& input : entry.inputs) input = place[input];
      if (entry.shares) entry.shares = place[*entry.shares];
      return entry;
    }
  };
  struct Output {
    std::string name;
    std::size_t node = 0;
  };

  Node input(std::string name) { return add_entry({std::move(name), {}, {}, std::nullopt, std::nullopt}, true); }
  Node input(std::string name, const Shape& shape) {
    return add_entry({std::move(name), {}, {}, shape, std::nullopt}, true);
  }

  /// The layer of `first` once more, on other inputs, with the same parameters.
  Node share(Node first, const std::vector<Node>& inputs, std::string name = {}) {
    Entry entry{std::move(name), at(first).layer, indices(inputs), std::nullopt,
                at(first).shares.value_or(first.index)};
    if (!entry.layer) throw ConfigError("Graph: an input cannot be shared; use its node again");
    const Entry& owner = entries_[*entry.shares];
    entry.trainable = owner.trainable;
    entry.group = owner.group;
    if (entry.name.empty()) entry.name = free_name(owner.name);
    return add_entry(std::move(entry), false);
  }
  Node share(Node first, Node input, std::string name = {}) {
    return share(first, std::vector<Node>{input}, std::move(name));
  }

  /// The layer, input or output of that name. Throws ConfigError when there is none.
  Node find(std::string_view name) const {
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (entries_[i].name == name) return {i};
    for (const Output& output : outputs_)
      if (output.name == name) return {output.node};
    std::vector<std::string> names;
    for (const Entry& entry : entries_) names.push_back(entry.name);
    throw ConfigError(text("Graph: expected one of ", quoted_list(names, 50), ", received \"", name, "\""));
  }
  /// Whether training may change the layer; one that shares parameters follows the first.
  void set_trainable(Node node, bool trainable) {
    change(node, [&](Entry& entry) { entry.trainable = trainable; });
  }
  /// How the optimizer treats a layer's parameters. Throws ConfigError for a multiplier below 0 or not finite.
  void set_parameter_group(Node node, const ParameterGroup& group) {
    if (!(group.learning_rate_multiplier >= 0 && std::isfinite(group.learning_rate_multiplier)))
      throw ConfigError(text("Graph: expected a finite learning_rate_multiplier of at least 0 for ",
                             describe(node.index), ", received ", group.learning_rate_multiplier));
    change(node, [&](Entry& entry) { entry.group = group; });
  }

  /// Names the result of a layer as an output. A node is one output at most: a second loss on it takes a layer of its
  /// own, Activation(linear).
  void output(std::string name, Node node) {
    if (!at(node).layer)
      throw ConfigError(
          text("Graph: expected output \"", name, "\" to be the result of a layer, received ", describe(node.index)));
    for (const Output& other : outputs_)
      if (other.node == node.index)
        throw ConfigError(text("Graph: expected output \"", name,
                               "\" to be a node of its own, received that of output \"", other.name,
                               "\"; put Activation(linear) behind it"));
    if (name.empty() || std::any_of(outputs_.begin(), outputs_.end(), [&](const Output& o) { return o.name == name; }))
      throw ConfigError(text("Graph: expected a new name for an output, received \"", name, "\""));
    outputs_.push_back({std::move(name), node.index});
  }

  /// As what an input that is given rows of a kind reaches its readers: as such where all can take them, else as what
  /// they can. Throws ShapeError, in the name of `who`, for a SparseMatrix and a layer that cannot read one, or the
  /// other way round.
  InputKind kind_of_input(std::size_t input, InputKind given, const std::string& who) const {
    const auto all = [&](InputKind kind) {
      return std::all_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return std::find(entry.inputs.begin(), entry.inputs.end(), inputs_[input]) == entry.inputs.end() ||
               entry.layer.traits().can_read(kind);
      });
    };
    if (all(given)) return given;
    const InputKind other = given == InputKind::numbers ? InputKind::ids : InputKind::numbers;
    if (given != InputKind::sparse && all(other)) return other;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const Entry& entry = entries_[i];
      if (std::find(entry.inputs.begin(), entry.inputs.end(), inputs_[input]) == entry.inputs.end() ||
          entry.layer.traits().can_read(given))
        continue;
      throw ShapeError(text(who, ", ", describe(i),
                            given == InputKind::sparse
                                ? ": expected an array, received a SparseMatrix; begin the model with SparseDense"
                                : ": expected a SparseMatrix, received an array; make a SparseMatrix of it, or begin "
                                  "the model with Dense"));
    }
    return given;
  }
  /// The kinds of all inputs where nothing was given yet: numbers, where they can be read.
  std::vector<InputKind> usual_kinds() const {
    std::vector<InputKind> kinds(inputs_.size(), InputKind::numbers);
    for (std::size_t i = 0; i < kinds.size(); ++i)
      for (const Entry& entry : entries_)
        if (std::find(entry.inputs.begin(), entry.inputs.end(), inputs_[i]) != entry.inputs.end() &&
            !entry.layer.traits().can_read(InputKind::numbers))
          kinds[i] = entry.layer.traits().can_read(InputKind::ids) ? InputKind::ids : InputKind::sparse;
    return kinds;
  }

  const std::vector<Entry>& entries() const { return entries_; }
  const std::vector<Output>& outputs() const { return outputs_; }
  const std::vector<std::size_t>& inputs() const { return inputs_; }

  /// `layer 2 "hidden" (Dense)`, for messages.
  std::string describe(std::size_t i) const {
    const Entry& entry = entries_[i];
    if (!entry.layer) return text("input \"", entry.name, "\"");
    std::size_t number = 0;
    for (std::size_t j = 0; j < i; ++j) number += entries_[j].layer ? 1 : 0;
    return text("layer ", number, " \"", entry.name, "\" (", entry.layer.type(), ")");
  }

 protected:
  LayerGraph() = default;

  Node add_layer(LayerSpec layer, const std::vector<Node>& inputs, std::string name) {
    if (!layer) throw ConfigError("Graph: expected a layer, received an empty one");
    if (name.empty()) name = layer.name();
    if (name.empty()) name = free_name(snake_case(layer.type()));
    if (inputs.empty() || (inputs.size() > 1 && !layer.traits().merges))
      throw ConfigError(text("Graph: layer \"", name, "\" (", layer.type(), ") expected ",
                             layer.traits().merges ? "one or more inputs" : "one input", ", received ", inputs.size(),
                             "; join several with Concatenate or Add"));
    return add_entry({std::move(name), std::move(layer), indices(inputs), std::nullopt, std::nullopt}, false);
  }
  Node add_graph(const LayerGraph& other, const std::vector<Node>& inputs, const std::string& prefix) {
    if (inputs.size() != other.inputs_.size() || other.outputs_.size() != 1)
      throw ConfigError(text("Graph: expected a graph of ", inputs.size(), " inputs and one output, received one of ",
                             other.inputs_.size(), " and ", other.outputs_.size(), "; cut it with up_to(name)"));
    std::vector<std::size_t> place(other.entries_.size());
    for (std::size_t k = 0; k < inputs.size(); ++k) place[other.inputs_[k]] = (void(at(inputs[k])), inputs[k].index);
    for (std::size_t i = 0; i < other.entries_.size(); ++i) {
      if (!other.entries_[i].layer) continue;
      Entry entry = other.entries_[i].moved(place);
      entry.name = free_name(prefix + entry.name);
      place[i] = add_entry(std::move(entry), false).index;
    }
    return {place[other.outputs_[0].node]};
  }
  /// The part of `whole` that `name` needs becomes this graph, which must be empty.
  void take_part(const LayerGraph& whole, std::string_view name) {
    const std::size_t last = whole.find(name).index;
    if (!whole.entries_[last].layer)
      throw ConfigError(text("Graph: expected a layer to cut at, received ", whole.describe(last)));
    std::vector<bool> needed(last + 1);
    needed[last] = true;
    for (std::size_t i = last + 1; i-- > 0;) {
      if (!needed[i]) continue;
      for (const std::size_t input : whole.entries_[i].inputs) needed[input] = true;
      if (whole.entries_[i].shares) needed[*whole.entries_[i].shares] = true;
    }
    for (std::size_t i = last + 1; i-- > 0;)  // what a shared layer was first applied to
      if (needed[i])
        for (const std::size_t input : whole.entries_[i].inputs) needed[input] = true;
    std::vector<std::size_t> place(last + 1);
    for (std::size_t i = 0; i <= last; ++i)
      if (needed[i]) place[i] = add_entry(whole.entries_[i].moved(place), !whole.entries_[i].layer).index;
    output(std::string(name), {place[last]});
  }

 private:
  /// f(entry) of a layer and of those that share its parameters.
  template <class F>
  void change(Node node, const F& f) {
    Entry& entry = entries_[at(node).shares.value_or(node.index)];
    if (!entry.layer) throw ConfigError(text("Graph: expected a layer to change, received ", describe(node.index)));
    f(entry);
    for (Entry& other : entries_)
      if (other.shares && &entries_[*other.shares] == &entry) f(other);
  }
  const Entry& at(Node node) const {
    if (node.index >= entries_.size())
      throw ConfigError(
          text("Graph: expected a node of this graph, received number ", node.index, " of ", entries_.size()));
    return entries_[node.index];
  }
  std::vector<std::size_t> indices(const std::vector<Node>& nodes) const {
    std::vector<std::size_t> result;
    for (const Node node : nodes) {
      (void)at(node);
      result.push_back(node.index);
    }
    return result;
  }
  bool taken(std::string_view name) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.name == name; });
  }
  std::string free_name(const std::string& base) const {
    std::string name = base;
    for (std::size_t i = 1; taken(name); ++i) name = text(base, "_", i);
    return name;
  }
  Node add_entry(Entry entry, bool is_input) {
    if (entry.name.empty() || entry.name.find('/') != std::string::npos || taken(entry.name))
      throw ConfigError(text("Graph: expected a new name without '/', received \"", entry.name, "\""));
    entries_.push_back(std::move(entry));
    if (is_input) inputs_.push_back(entries_.size() - 1);
    return {entries_.size() - 1};
  }
  static std::string snake_case(std::string_view type) {
    std::string name;
    for (std::size_t i = 0; i < type.size(); ++i) {
      const char c = type[i];
      const bool upper = c >= 'A' && c <= 'Z';
      if (upper && i > 0 && type[i - 1] >= 'a' && type[i - 1] <= 'z') name += '_';
      name += upper ? static_cast<char>(c - 'A' + 'a') : c == '.' || c == '/' ? '_' : c;
    }
    return name;
  }

  std::vector<Entry> entries_;
  std::vector<Output> outputs_;
  std::vector<std::size_t> inputs_;
};

/// A LayerGraph whose layers are carried out in the scalar T.
template <class T = float>
class Graph : public LayerGraph {
 public:
  Node add(Layer<T> layer, Node input, std::string name = {}) {
    return add_layer(std::move(layer), {input}, std::move(name));
  }
  Node add(Layer<T> layer, std::initializer_list<Node> inputs, std::string name = {}) {
    return add_layer(std::move(layer), std::vector<Node>(inputs), std::move(name));
  }
  Node add(Layer<T> layer, const std::vector<Node>& inputs, std::string name = {}) {
    return add_layer(std::move(layer), inputs, std::move(name));
  }
  /// Another graph of one output within this one, read from `inputs` in the order of its own: the place of its output.
  /// Its layers keep their names behind `prefix`; its weights are not part of a graph, see Model::transfer_from.
  Node add(const Graph& other, const std::vector<Node>& inputs, const std::string& prefix = {}) {
    return add_graph(other, inputs, prefix);
  }
  Node add(const Graph& other, Node input, const std::string& prefix = {}) { return add_graph(other, {input}, prefix); }

  /// The part that `name` needs, a layer or an output, with that as the only output.
  Graph up_to(std::string_view name) const {
    Graph part;
    part.take_part(*this, name);
    return part;
  }

  /// A chain with one input "input" and one output "output": what Sequential is.
  static Graph chain(const std::vector<Layer<T>>& layers) {
    if (layers.empty()) throw ConfigError("Sequential: expected at least one layer, received none");
    Graph graph;
    const Input<T>* declared = layers.front().template as<Input<T>>();
    Node node = declared ? graph.input("input", declared->shape()) : graph.input("input");
    for (std::size_t i = declared ? 1 : 0; i < layers.size(); ++i) node = graph.add(layers[i], node);
    graph.output("output", node);
    return graph;
  }
};

}  // namespace foretell

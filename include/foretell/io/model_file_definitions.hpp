// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "foretell/formats/safetensors.hpp"
#include "foretell/io/json.hpp"
#include "foretell/io/model_file.hpp"
#include "foretell/io/probes.hpp"
#include "foretell/version.hpp"

// How model files are written and read.

namespace foretell {

namespace detail {

inline Json shape_json(const Shape& shape) { return std::vector<std::size_t>(shape.begin(), shape.end()); }

inline Shape read_shape(const Json& json, const std::string& path) {
  if (!json.is_array() || json.size() > Shape::most)
    throw FormatError(text(path, ": expected a shape of at most ", Shape::most, " axes"));
  Shape shape;
  for (const Json& axis : json.values()) {
    if (!axis.is_integer() || axis.integer() < 0 || axis.integer() > (std::int64_t{1} << 40))
      throw FormatError(text(path, ": expected sizes, received ", axis.shown()));
    shape.push_back(static_cast<std::size_t>(axis.integer()));
  }
  return shape;
}

template <class T>
Json graph_json(const Network<T>& network) {
  const auto& graph = network.graph();
  const auto& entries = graph.entries();
  Json nodes = Json::array(), outputs = Json::array();
  std::size_t input = 0;
  for (const auto& entry : entries) {
    Json node = Json::object({{"name", entry.name}});
    if (!entry.layer) {
      node.add("type", "input");
      if (entry.shape) node.add("shape", shape_json(*entry.shape));
      node.add("built_shape", shape_json(network.inputs().shapes[input]));
      if (const InputKind kind = network.inputs().kinds[input++]; kind != InputKind::numbers)
        node.add("kind", enum_names(kind)[static_cast<std::size_t>(kind)]);
    } else {
      node.add("type", std::string(entry.layer.type()));
      Json inputs = Json::array();
      for (const std::size_t i : entry.inputs) inputs.push_back(entries[i].name);
      node.add("inputs", std::move(inputs));
      if (entry.shares) node.add("shares", entries[*entry.shares].name);
      node.add("config", write_json(entry.layer));
      if (!entry.trainable) node.add("trainable", false);
      if (entry.group != ParameterGroup{}) node.add("parameter_group", write_json(entry.group));
    }
    nodes.push_back(std::move(node));
  }
  for (const auto& output : graph.outputs())
    outputs.push_back(Json::object({{"name", output.name}, {"node", entries[output.node].name}}));
  return Json::object({{"nodes", std::move(nodes)}, {"outputs", std::move(outputs)}});
}

/// Format 1 had the width of the widest row that was seen in place of the columns of a SparseMatrix.
inline void correct_sparse_shapes(const LayerGraph& graph, InputRows& inputs) {
  for (std::size_t i = 0; i < inputs.kinds.size(); ++i)
    for (const auto& entry : graph.entries())
      if (inputs.kinds[i] == InputKind::sparse && entry.inputs == std::vector<std::size_t>{graph.inputs()[i]})
        if (const Json config = write_json(entry.layer); config.contains("features"))
          inputs.shapes[i] = {static_cast<std::size_t>(config["features"].integer())};
}

/// The graph and what it was built for.
template <class T>
std::pair<Graph<T>, InputRows> read_graph(const Json& json, const Registry<T>& registry) {
  Graph<T> graph;
  InputRows rows;
  std::vector<std::optional<InputKind>> kinds;
  std::map<std::string, Node> nodes;
  const auto member = [](const Json& object, std::string_view key, const std::string& path) -> const Json& {
    const Json* found = object.find(key);
    if (!found) throw FormatError(text(path, ": expected the field \"", key, "\""));
    return *found;
  };
  const auto word = [&](const Json& object, std::string_view key, const std::string& path) {
    const Json& value = member(object, key, path);
    if (!value.is_string()) throw FormatError(text(path, ".", key, ": expected a string"));
    return value.string();
  };
  const auto list = [&](const Json& object, std::string_view key, const std::string& path) -> const std::vector<Json>& {
    const Json& value = member(object, key, path);
    if (!value.is_array()) throw FormatError(text(path, ".", key, ": expected a list"));
    return value.values();
  };
  const auto lookup = [&](const std::string& name, const std::string& path) {
    const auto found = nodes.find(name);
    if (found == nodes.end())
      throw FormatError(text(path, ": expected the name of an earlier node, received \"", name, "\""));
    return found->second;
  };
  std::size_t i = 0;
  for (const Json& node : list(json, "nodes", "$")) {
    const std::string path = text("$.nodes[", i++, "]"), name = word(node, "name", path),
                      type = word(node, "type", path);
    if (type == "input") {
      nodes[name] =
          node.contains("shape") ? graph.input(name, read_shape(node["shape"], path + ".shape")) : graph.input(name);
      rows.shapes.push_back(read_shape(member(node, "built_shape", path), path + ".built_shape"));
      kinds.emplace_back();
      if (!node.contains("kind")) continue;
      const auto names = enum_names(InputKind());
      const auto found = std::find(names.begin(), names.end(), word(node, "kind", path));
      if (found == names.end())
        throw FormatError(
            text(path, ".kind: expected one of ", quoted_list(names), ", received ", node["kind"].shown()));
      kinds.back() = static_cast<InputKind>(found - names.begin());
      continue;
    }
    std::vector<Node> inputs;
    for (const Json& input : list(node, "inputs", path))
      inputs.push_back(lookup(input.is_string() ? input.string() : std::string(), path + ".inputs"));
    Layer<T> layer;
    if (!registry.make(type, layer))
      throw ConfigError(text(path, ": the layer type ", registry.template unknown<Layer<T>>(type)));
    read_json(member(node, "config", path), path + ".config", layer, &registry);
    nodes[name] = node.contains("shares") ? graph.share(lookup(word(node, "shares", path), path), inputs, name)
                                          : graph.add(std::move(layer), inputs, name);
    if (node.contains("trainable") && node["trainable"] == Json(false)) graph.set_trainable(nodes[name], false);
    if (node.contains("parameter_group")) {
      ParameterGroup group;
      read_json(node["parameter_group"], path + ".parameter_group", group);
      graph.set_parameter_group(nodes[name], group);
    }
  }
  for (const Json& output : list(json, "outputs", "$"))
    graph.output(word(output, "name", "$.outputs"), lookup(word(output, "node", "$.outputs"), "$.outputs"));
  rows.kinds = graph.usual_kinds();
  for (std::size_t k = 0; k < kinds.size(); ++k)
    if (kinds[k]) rows.kinds[k] = *kinds[k];
  return {std::move(graph), std::move(rows)};
}

inline const std::string& metadata_entry(const SafetensorsFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end())
    throw FormatError(text("\"", file.path(), "\": expected a file written by foretell, received one without \"", key,
                           "\"; weights of other programs are read with SafetensorsFile"));
  return found->second;
}

/// The tensors of all parameters or states, straight to where they belong.
template <class T>
void read_tensors(SafetensorsFile& file, const std::vector<ParameterInfo>& infos, Arena<T>& values) {
  for (const ParameterInfo& info : infos) {
    const auto found = file.entries().find(info.name);
    if (found == file.entries().end())
      file.fail(text("expected a tensor \"", info.name, "\" of shape ", to_string(info.shape),
                     ", received none of that name"));
    const Shape shape(
        found->second.shape.begin(),
        found->second.shape.begin() + static_cast<std::ptrdiff_t>(std::min(found->second.shape.size(), Shape::most)));
    if (found->second.shape.size() > Shape::most || !(shape == info.shape))
      file.fail(text("expected \"", info.name, "\" of shape ", to_string(info.shape), ", received ", to_string(shape)));
    file.read(found->second, values.data() + info.offset);
  }
}

}  // namespace detail

template <class T>
void save_model(const std::string& path, const Network<T>& network, std::map<std::string, std::string> metadata,
                std::vector<TensorToWrite> tensors) {
  if (!network.built())
    throw StateError("save: expected a model that was built, received one without weights; call fit or build first");
  metadata["foretell.format"] = text(model_format);
  metadata["foretell.version"] = version;
  metadata["graph"] = json_text(detail::graph_json(network), "save");
  const auto add = [&](const std::vector<ParameterInfo>& infos, const Arena<T>& values) {
    for (const ParameterInfo& info : infos)
      tensors.emplace_back(info.name, std::vector<std::size_t>(info.shape.begin(), info.shape.end()),
                           values.data() + info.offset);
  };
  add(network.parameters(), network.weights());
  add(network.states(), network.state());
  const detail::Probes<T> probes = detail::probes_of(network);
  std::vector<std::vector<std::int64_t>> offsets;
  detail::add_probes(tensors, probes, offsets);
  if (network.probe_rows()) metadata["foretell.probes"] = "given";
  write_safetensors(path, std::move(tensors), std::move(metadata));
}

template <class T>
ModelFile<T> load_model(InputFile source, const Registry<T>& registry) {
  const std::string path = source.path();
  SafetensorsFile file(std::move(source));
  const std::string& format = detail::metadata_entry(file, "foretell.format");
  if (format != text(model_format) && format != "1")
    throw FormatError(text("\"", path, "\": expected format ", model_format, " or an older one, received format ",
                           format, " written by foretell ", detail::metadata_entry(file, "foretell.version"),
                           "; update the library"));
  const Json graph = parse_json(detail::metadata_entry(file, "graph"), text("\"", path, "\", graph"));
  auto [structure, rows] = detail::read_graph(graph, registry);
  if (format == "1") detail::correct_sparse_shapes(structure, rows);
  Network<T> network(std::move(structure));
  std::size_t declared = 0;
  for (const auto& [name, entry] : file.entries()) declared += entry.size;
  network.declare(rows, declared);
  detail::read_tensors(file, network.parameters(), network.weights());
  detail::read_tensors(file, network.states(), network.state());

  detail::Probes<T> probes = detail::read_probes<T>(file, network);
  for (const auto& entry : file.entries()) {
    const std::string& name = entry.first;
    const auto named = [&](const ParameterInfo& info) { return info.name == name; };
    if (name.rfind("foretell.", 0) != 0 &&
        std::none_of(network.parameters().begin(), network.parameters().end(), named) &&
        std::none_of(network.states().begin(), network.states().end(), named))
      file.fail(text("no layer of the graph has the tensor \"", name, "\""));
  }
  file.check_rest();
  detail::check_probes(file, network, std::move(probes));
  return {std::move(network), file.metadata()};
}

}  // namespace foretell

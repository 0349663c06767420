// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "foretell/formats/safetensors.hpp"
#include "foretell/graph/check_inputs.hpp"
#include "foretell/graph/workspace.hpp"
#include "foretell/io/json.hpp"
#include "foretell/io/model_file.hpp"
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
      node.add("built_shape", shape_json(network.input_shapes()[input++]));
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

/// The graph and the input shapes it was built for.
template <class T>
std::pair<Graph<T>, std::vector<Shape>> read_graph(const Json& json, const Registry<T>& registry) {
  Graph<T> graph;
  std::vector<Shape> shapes;
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
      shapes.push_back(read_shape(member(node, "built_shape", path), path + ".built_shape"));
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
  return {std::move(graph), std::move(shapes)};
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

/// Rows of each input and what the network answers to them, output by output.
template <class T>
struct Probes {
  std::vector<std::vector<T>> inputs, answers;
  std::size_t rows = 0;
};

template <class T>
std::vector<std::vector<T>> probe_answers(const Network<T>& network, const std::vector<const T*>& inputs,
                                          std::size_t rows) {
  Workspace<T> workspace(std::make_shared<const Program>(network.program(PassMode::inference, network.input_shapes())),
                         rows);
  const PassContext<T> context = network.context();
  workspace.forward(context, inputs, rows);
  workspace.expect_accepted("probe rows");
  std::vector<std::vector<T>> answers;
  for (std::size_t o = 0; o < workspace.program().outputs.size(); ++o) {
    const In<T> y = workspace.output(o);
    answers.emplace_back(y.data(), y.data() + y.size());
  }
  return answers;
}
template <class T>
std::vector<const T*> pointers_to(const std::vector<std::vector<T>>& rows) {
  std::vector<const T*> pointers;
  for (const auto& part : rows) pointers.push_back(part.data());
  return pointers;
}

/// The network's own probes, or three made-up rows: numbers 0, 1 and -0.5 in turn, each place another in each row; 0, 1
/// and 2, or the first of them, where a layer reads ids. None for a network that refuses them all.
template <class T>
Probes<T> probes_of(const Network<T>& network) {
  if (const std::size_t rows = network.probe_rows())
    return {network.probes(), probe_answers(network, pointers_to(network.probes()), rows), rows};
  constexpr std::size_t rows = 3;
  constexpr double turns[][3] = {{0, 1, -0.5}, {0, 1, 2}, {0, 1, 0}, {0, 0, 0}};
  const Program program = network.program(PassMode::inference, network.input_shapes());
  for (const auto& turn : turns) try {
      Probes<T> probes;
      std::vector<Rows<T>> inputs;
      for (const Shape& shape : network.input_shapes()) {
        std::vector<T>& values = probes.inputs.emplace_back(rows * shape.size());
        for (std::size_t i = 0; i < values.size(); ++i)
          values[i] = static_cast<T>(turn[(i / shape.size() + i % shape.size()) % 3]);
        inputs.emplace_back();
        inputs.back().data = values.data();
        inputs.back().rows = rows;
        inputs.back().shape = shape;
      }
      validate_inputs(program, inputs, "save");
      probes.answers = probe_answers(network, pointers_to(probes.inputs), rows);
      probes.rows = rows;
      return probes;
    } catch (const DataError&) {  // no rows for these layers: others may be
    }
  return {};
}

}  // namespace detail

template <class T>
void save_model(const std::string& path, const Network<T>& network, std::map<std::string, std::string> metadata,
                std::vector<TensorToWrite<T>> tensors) {
  if (!network.built())
    throw StateError("save: expected a model that was built, received one without weights; call fit or build first");
  metadata["foretell.format"] = text(model_format);
  metadata["foretell.version"] = version;
  metadata["graph"] = json_text(detail::graph_json(network), "save");
  const auto add = [&](const std::vector<ParameterInfo>& infos, const Arena<T>& values) {
    for (const ParameterInfo& info : infos)
      tensors.push_back({info.name, {info.shape.begin(), info.shape.end()}, values.data() + info.offset});
  };
  add(network.parameters(), network.weights());
  add(network.states(), network.state());
  const detail::Probes<T> probes = detail::probes_of(network);
  for (std::size_t i = 0; i < probes.inputs.size(); ++i) {
    const Shape& shape = network.input_shapes()[i];
    std::vector<std::size_t> sizes{probes.rows};
    sizes.insert(sizes.end(), shape.begin(), shape.end());
    tensors.push_back({text("foretell.probe/input/", i), std::move(sizes), probes.inputs[i].data()});
  }
  for (std::size_t o = 0; o < probes.answers.size(); ++o)
    tensors.push_back({text("foretell.probe/output/", o),
                       {probes.rows, probes.answers[o].size() / probes.rows},
                       probes.answers[o].data()});
  if (network.probe_rows()) metadata["foretell.probes"] = "given";
  write_safetensors(path, std::move(tensors), std::move(metadata));
}

template <class T>
ModelFile<T> load_model(const std::string& path, const Registry<T>& registry) {
  SafetensorsFile file(path);
  const std::string& format = detail::metadata_entry(file, "foretell.format");
  if (format != text(model_format))
    throw FormatError(text("\"", path, "\": expected format ", model_format, ", received format ", format,
                           " written by foretell ", detail::metadata_entry(file, "foretell.version"),
                           "; update the library"));
  const Json graph = parse_json(detail::metadata_entry(file, "graph"), text("\"", path, "\", graph"));
  auto [structure, shapes] = detail::read_graph(graph, registry);
  Network<T> network(std::move(structure));
  std::size_t declared = 0;
  for (const auto& [name, entry] : file.entries()) declared += entry.size;
  network.declare(shapes, declared);

  std::size_t used = network.parameters().size() + network.states().size();
  detail::read_tensors(file, network.parameters(), network.weights());
  detail::read_tensors(file, network.states(), network.state());

  std::vector<std::vector<T>> probes, answers;
  const auto read_probes = [&](std::string_view kind, std::vector<std::vector<T>>& into, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto found = file.entries().find(text("foretell.probe/", kind, "/", i));
      if (found == file.entries().end()) return;
      into.emplace_back(found->second.size);
      file.read(found->second, into.back().data());
      ++used;
    }
  };
  read_probes("input", probes, network.input_shapes().size());
  read_probes("output", answers, network.graph().outputs().size());
  if (used != file.entries().size())
    for (const auto& entry : file.entries()) {
      const std::string& name = entry.first;
      const auto named = [&](const ParameterInfo& info) { return info.name == name; };
      if (name.rfind("foretell.", 0) != 0 &&
          std::none_of(network.parameters().begin(), network.parameters().end(), named) &&
          std::none_of(network.states().begin(), network.states().end(), named))
        file.fail(text("no layer of the graph has the tensor \"", name, "\""));
    }
  file.check_rest();
  if (!probes.empty()) {
    network.set_probes(std::move(probes));
    if (network.probes().size() != network.input_shapes().size() || network.probe_rows() == 0)
      file.fail("expected probe rows for every input, equally many");
    if (answers.size() != network.graph().outputs().size()) file.fail("expected the answers of its probes");
    const auto now = detail::probe_answers(network, detail::pointers_to(network.probes()), network.probe_rows());
    const auto alike = [](double a, double b) {  // other CPUs round otherwise
      return a == b || (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= 1e-4 * (1 + std::abs(b));
    };
    for (std::size_t o = 0; o < now.size(); ++o) {
      bool same = now[o].size() == answers[o].size();
      for (std::size_t i = 0; same && i < now[o].size(); ++i) same = alike(double(now[o][i]), double(answers[o][i]));
      if (!same)
        file.fail(text("output \"", network.graph().outputs()[o].name,
                       "\" does not answer the stored probe rows as it did when it was saved"));
    }
    if (!file.metadata().count("foretell.probes")) network.set_probes({});
  }
  return {std::move(network), file.metadata()};
}

}  // namespace foretell

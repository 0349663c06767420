// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
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

/// Rows of each input and what the network answers to them, output by output.
template <class T>
struct Probes {
  std::vector<InputArray<T>> inputs;
  std::vector<std::vector<T>> answers{};
  std::size_t rows = 0;
};

template <class T>
std::vector<std::vector<T>> probe_answers(const Network<T>& network, const std::vector<InputArray<T>>& inputs,
                                          std::size_t rows) {
  Workspace<T> workspace(std::make_shared<const Program>(network.program(PassMode::inference)), rows);
  std::vector<RowReader<T>> readers(inputs.size());
  std::vector<const void*> places;
  for (std::size_t i = 0; i < inputs.size(); ++i) places.push_back(readers[i].slice(inputs[i].rows(), 0, rows));
  workspace.forward(network.context(), places, rows);
  workspace.expect_accepted("probe rows");
  std::vector<std::vector<T>> answers;
  for (std::size_t o = 0; o < workspace.program().outputs.size(); ++o) {
    const In<T> y = workspace.output(o);
    answers.emplace_back(y.data(), y.data() + y.size());
  }
  return answers;
}

/// Made-up rows of an input: the numbers of `turn` in turn, each place another in each row; of a SparseMatrix, one
/// number in every row but the last.
template <class T>
InputArray<T> made_up_rows(const Shape& shape, InputKind kind, std::size_t rows, const double (&turn)[3]) {
  if (kind == InputKind::sparse) {
    SparseMatrix<T> matrix(shape.size());
    for (std::size_t r = 0; r < rows; ++r) {
      std::vector<std::pair<std::size_t, T>> pairs;
      if (r + 1 < rows) pairs.emplace_back(r * 7 % shape.size(), T(1 + r));
      matrix.add_row(pairs);
    }
    return InputArray<T>::of(matrix).copy();
  }
  const auto fill = [&](auto& values) {
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] =
          static_cast<std::remove_reference_t<decltype(values[i])>>(turn[(i / shape.size() + i % shape.size()) % 3]);
  };
  std::vector<T> numbers(kind == InputKind::numbers ? rows * shape.size() : 0);
  std::vector<std::int64_t> ids(kind == InputKind::ids ? rows * shape.size() : 0);
  fill(numbers);
  fill(ids);
  return InputArray<T>::copy(kind == InputKind::numbers ? Rows<T>(numbers.data(), rows, shape)
                                                        : Rows<T>(ids.data(), rows, shape));
}

/// The network's own probes, or three made-up rows: numbers 0, 1 and -0.5 in turn; 0, 1 and 2, or the first of them,
/// where a layer reads ids. None for a network that refuses them all.
template <class T>
Probes<T> probes_of(const Network<T>& network) {
  if (const std::size_t rows = network.probe_rows())
    return {network.probes(), probe_answers(network, network.probes(), rows), rows};
  constexpr std::size_t rows = 3;
  constexpr double turns[][3] = {{0, 1, -0.5}, {0, 1, 2}, {0, 1, 0}, {0, 0, 0}};
  const Program program = network.program(PassMode::inference);
  for (const auto& turn : turns) try {
      Probes<T> probes{{}, {}, rows};
      std::vector<Rows<T>> inputs;
      for (std::size_t i = 0; i < program.inputs.size(); ++i) {
        probes.inputs.push_back(made_up_rows<T>(network.inputs().shapes[i], network.inputs().kinds[i], rows, turn));
        inputs.push_back(probes.inputs.back().rows());
      }
      validate_inputs(program, inputs, "save");
      probes.answers = probe_answers(network, probes.inputs, rows);
      return probes;
    } catch (const DataError&) {  // no rows for these layers: others may be
    }
  return {};
}

/// The probes as tensors, which borrow from `probes` and `offsets`.
template <class T>
void add_probes(std::vector<TensorToWrite>& tensors, const Probes<T>& probes,
                std::vector<std::vector<std::int64_t>>& offsets) {
  for (std::size_t i = 0; i < probes.inputs.size(); ++i) {
    const Rows<T>& rows = probes.inputs[i].rows();
    const std::string name = text("foretell.probe/input/", i);
    std::vector<std::size_t> sizes{rows.rows};
    sizes.insert(sizes.end(), rows.shape.begin(), rows.shape.end());
    if (rows.kind == InputKind::numbers) tensors.emplace_back(name, std::move(sizes), rows.data);
    if (rows.kind == InputKind::ids) tensors.emplace_back(name, std::move(sizes), rows.ids);
    if (rows.kind != InputKind::sparse) continue;
    std::vector<std::int64_t>& starts = offsets.emplace_back(1);
    for (std::size_t r = 0; r < rows.rows; ++r) starts.push_back(starts.back() + std::int64_t(rows.sparse.size(r)));
    const auto numbers = static_cast<std::size_t>(starts.back());
    tensors.emplace_back(name + "/offsets", std::vector{rows.rows + 1}, starts.data());
    tensors.emplace_back(name + "/columns", std::vector{numbers}, rows.sparse.all_columns);
    tensors.emplace_back(name + "/values", std::vector{numbers}, rows.sparse.all_values);
  }
  for (std::size_t o = 0; o < probes.answers.size(); ++o)
    tensors.emplace_back(text("foretell.probe/output/", o),
                         std::vector{probes.rows, probes.answers[o].size() / probes.rows}, probes.answers[o].data());
}

/// The tensor of that name as numbers N; nothing when there is none.
template <class N>
std::optional<std::vector<N>> read_numbers(SafetensorsFile& file, const std::string& name) {
  const auto found = file.entries().find(name);
  if (found == file.entries().end()) return std::nullopt;
  std::vector<N> numbers(found->second.size);
  file.read(found->second, numbers.data());
  return numbers;
}

/// The pairs of (column + 1, value) that format 1 had of a sparse row, ended by a 0; a column may come up twice.
template <class T>
SparseMatrix<T> matrix_of_pairs(const std::vector<T>& pairs, std::size_t rows, std::size_t columns) {
  SparseMatrix<T> matrix(columns);
  const std::size_t n = rows ? pairs.size() / rows : 0;
  for (std::size_t r = 0; r < rows; ++r) {
    std::map<std::size_t, T> row;
    for (std::size_t i = r * n; i + 1 < (r + 1) * n && pairs[i] >= 1; i += 2)
      row[static_cast<std::size_t>(pairs[i]) - 1] += pairs[i + 1];
    matrix.add_row(row);
  }
  return matrix;
}

/// The probe rows of input i; nothing when the file has none, FormatError for some that are none.
template <class T>
std::optional<InputArray<T>> read_probe(SafetensorsFile& file, const InputRows& inputs, std::size_t i) {
  const std::string name = text("foretell.probe/input/", i);
  const Shape& shape = inputs.shapes[i];
  const auto rows = [&](std::size_t numbers) { return shape.size() ? numbers / shape.size() : 0; };
  switch (inputs.kinds[i]) {
    case InputKind::numbers:
      if (const auto x = read_numbers<T>(file, name)) return InputArray<T>::copy({x->data(), rows(x->size()), shape});
      break;
    case InputKind::ids:
      if (const auto x = read_numbers<std::int64_t>(file, name))
        return InputArray<T>::copy({x->data(), rows(x->size()), shape});
      break;
    case InputKind::sparse: {
      const auto pairs = file.entries().find(name);
      if (pairs != file.entries().end()) {  // of format 1
        const std::size_t count = pairs->second.shape.empty() ? 0 : pairs->second.shape[0];
        return InputArray<T>::of(matrix_of_pairs(*read_numbers<T>(file, name), count, shape.size())).copy();
      }
      const auto offsets = read_numbers<std::int64_t>(file, name + "/offsets");
      auto columns = read_numbers<std::uint32_t>(file, name + "/columns");
      auto values = read_numbers<T>(file, name + "/values");
      if (!offsets || !columns || !values) break;
      try {
        const SparseMatrix<T> matrix(shape.size(), {offsets->begin(), offsets->end()}, std::move(*columns),
                                     std::move(*values));
        return InputArray<T>::of(matrix).copy();
      } catch (const DataError& problem) {
        file.fail(problem.what());
      }
    }
  }
  return std::nullopt;
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

  std::vector<InputArray<T>> probes;
  std::vector<std::vector<T>> answers;
  for (std::size_t i = 0; i < rows.shapes.size(); ++i)
    if (auto probe = detail::read_probe<T>(file, rows, i)) probes.push_back(std::move(*probe));
  for (std::size_t o = 0; o < network.graph().outputs().size(); ++o)
    if (auto answer = detail::read_numbers<T>(file, text("foretell.probe/output/", o)))
      answers.push_back(std::move(*answer));
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
    if (network.probes().size() != rows.shapes.size() || network.probe_rows() == 0)
      file.fail("expected probe rows for every input, equally many");
    if (answers.size() != network.graph().outputs().size()) file.fail("expected the answers of its probes");
    const auto now = detail::probe_answers(network, network.probes(), network.probe_rows());
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

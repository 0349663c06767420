// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/data/near_match.hpp"
#include "foretell/io/bundle_file.hpp"
#include "foretell/io/json.hpp"
#include "foretell/io/model_file.hpp"
#include "foretell/io/request_plan.hpp"

// How what is served stands in a model file.

namespace foretell {

namespace detail {

/// Whether the network can run step by step, each of so many numbers.
template <class T>
bool takes_steps(const Network<T>& network, std::size_t numbers) {
  const Shape& input = network.input_shapes()[0];
  if (network.input_shapes().size() != 1 || input.rank() == 0 || input.with_front(1).size() != numbers) return false;
  try {
    return network.program(PassMode::inference, {{input.with_front(1)}, network.inputs().kinds}).not_stepwise ==
           Program::unmasked;
  } catch (const ShapeError&) {
    return false;
  }
}

/// What is served gives the rows of the network or, where it can run step by step, its steps.
template <class T>
void check_served(const ServedInputs& served, const Network<T>& network, const std::string& who) {
  const auto& graph = network.graph();
  for (const ServedInput& input : served) {
    std::size_t i = 0;
    while (i < graph.inputs().size() && graph.entries()[graph.inputs()[i]].name != input.name) ++i;
    if (i == graph.inputs().size() && input.name.empty() && i == 1) i = 0;
    if (i == graph.inputs().size()) {
      std::vector<std::string> names;
      for (const std::size_t node : graph.inputs()) names.push_back(graph.entries()[node].name);
      throw ConfigError(text(who, ": expected preprocessing for the network's inputs ", quoted_list(names),
                             ", received it for \"", input.name, "\""));
    }
    if (std::count_if(served.begin(), served.end(),
                      [&](const ServedInput& other) { return other.name == input.name; }) > 1)
      throw ConfigError(text(who, ": expected each input once, received two for \"", input.name, "\""));
    if (input.transformer && !input.transformer.fitted())
      throw FormatError(text(who, ": expected fitted preprocessing with a schema"));
    const std::size_t given = input.transformer ? input.transformer.output_schema().size() : input.columns.size();
    if (network.input_shapes()[i].size() != given && !takes_steps(network, given))
      throw ShapeError(text(who, ": expected a network with the ", given,
                            " features the preprocessing gives in input \"", graph.entries()[graph.inputs()[i]].name,
                            "\", received one of ", rows_text(network.input_shapes()[i])));
  }
}

/// The fields of "serving".
struct ServingRecord {
  ServedInputs inputs{};
  std::vector<ServedOutput> outputs{};

  void fields(auto&& f) {
    f("inputs", inputs);
    f("outputs", outputs);
  }
};

inline constexpr std::string_view part_prefix = "part/", user_prefix = "user/";

template <class T>
void save_bundle(const std::string& path, const ServedInputs& inputs, const Network<T>& network,
                 const SaveOptions& options) {
  std::map<std::string, std::string> metadata;
  if (network.built()) {
    check_served(inputs, network, "save");
    const RequestPlan<T> plan(network, inputs, options.outputs);
    std::vector<Shape> shapes;
    const Program program = network.program(PassMode::inference);
    for (const std::size_t output : program.outputs) shapes.push_back(program.shapes[output]);
    check_outputs(plan.outputs, shapes);
  }
  if (!inputs.empty() || !options.outputs.empty()) {
    ServingRecord record{inputs, options.outputs};
    metadata["serving"] = json_text(write_json(record), "save");
  }
  for (const Part& part : options.parts) {
    const Json json = Json::object({{"type", part.type()}, {"config", write_json(part)}});
    if (!metadata.emplace(text(part_prefix, part.name()), json_text(json, "save")).second)
      throw ConfigError(
          text("save: expected each part under a name of its own, received two of the name \"", part.name(), "\""));
  }
  for (const auto& [key, value] : options.metadata) metadata[text(user_prefix, key)] = value;
  if (!options.version.empty()) metadata["model.version"] = options.version;
  save_model(path, network, std::move(metadata));
}

template <class T>
void read_part(const StoredParts& parts, const std::string& name, std::string_view type,
               const std::function<void(FieldVisitor&)>& visit) {
  const auto found = parts.find(name);
  if (found == parts.end()) {
    std::vector<std::string> names;
    for (const auto& part : parts) names.push_back(part.first);
    throw ConfigError(text("Bundle: expected one of the parts ", quoted_list(names), " of the file, received \"", name,
                           "\"", did_you_mean(name, names)));
  }
  const std::string who = text("part \"", name, "\"");
  const Json json = parse_json(found->second, who);
  if (!json.contains("type") || !json.contains("config"))
    throw FormatError(text(who, ": expected the fields \"type\" and \"config\""));
  if (!(json["type"] == Json(type)))
    throw ConfigError(text(who, ": expected the type ", type, " as asked for, the file has ", json["type"].shown()));
  read_json(json["config"], who, visit);
}

}  // namespace detail

template <class T>
BundleFile<T> load_bundle(InputFile source, const Registry<T>& registry) {
  const std::string path = source.path();
  ModelFile<T> file = load_model<T>(std::move(source), registry);
  BundleFile<T> bundle{std::move(file.network)};
  for (auto& [key, value] : file.metadata) {
    if (key.starts_with(detail::part_prefix))
      bundle.parts.emplace(key.substr(detail::part_prefix.size()), std::move(value));
    else if (key.starts_with(detail::user_prefix))
      bundle.metadata.emplace(key.substr(detail::user_prefix.size()), std::move(value));
    else if (key == "model.version")
      bundle.version = std::move(value);
  }
  if (const auto found = file.metadata.find("serving"); found != file.metadata.end()) {
    detail::ServingRecord record;
    read_json(parse_json(found->second, text("\"", path, "\", serving")), "$", record, &registry);
    bundle.inputs = std::move(record.inputs);
    bundle.outputs = std::move(record.outputs);
  } else if (const auto old = file.metadata.find("preprocessing"); old != file.metadata.end()) {  // of format 1
    ServedInput input;
    const auto visit = [&](FieldVisitor& visitor) { visit_field(visitor, "transformer", input.transformer); };
    read_json(parse_json(old->second, text("\"", path, "\", preprocessing")), "$", visit, &registry);
    bundle.inputs.push_back(std::move(input));
  }
  detail::check_served(bundle.inputs, bundle.network, text("\"", path, "\""));
  return bundle;
}

}  // namespace foretell

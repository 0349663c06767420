// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/data/near_match.hpp"
#include "foretell/io/bundle_file.hpp"
#include "foretell/io/json.hpp"
#include "foretell/io/model_file.hpp"

// How preprocessing stands in a model file.

namespace foretell {

namespace detail {

/// Whether the network can run step by step, each of so many numbers.
template <class T>
bool takes_steps(const Network<T>& network, std::size_t numbers) {
  const Shape& input = network.input_shapes()[0];
  if (input.rank() == 0 || input.with_front(1).size() != numbers) return false;
  try {
    return network.program(PassMode::inference, {input.with_front(1)}).not_stepwise == Program::unmasked;
  } catch (const ShapeError&) {
    return false;
  }
}

/// Preprocessing gives the rows of the network or, where it can run step by step, its steps.
template <class T>
void check_widths(std::size_t features, const Network<T>& network, const std::string& who) {
  const std::vector<Shape>& inputs = network.input_shapes();
  if (inputs.size() != 1 || (inputs[0].size() != features && !takes_steps(network, features)))
    throw ShapeError(text(who, ": expected a network of one input with the ", features,
                          " features the preprocessing gives, received one of ", inputs.size(), " inputs, the first ",
                          rows_text(inputs.empty() ? Shape() : inputs[0])));
}

inline constexpr std::string_view part_prefix = "part/";

template <class T>
void save_bundle(const std::string& path, const Transformer<T>& preprocessing, const Network<T>& network,
                 const Parts& parts) {
  std::map<std::string, std::string> metadata;
  if (preprocessing) {
    if (network.built()) check_widths(preprocessing.output_schema().size(), network, "save");
    Transformer<T> transformer = preprocessing;
    const auto visit = [&](FieldVisitor& visitor) { visit_field(visitor, "transformer", transformer); };
    metadata["preprocessing"] = json_text(write_json(visit), "save");
  }
  for (const Part& part : parts) {
    const Json json = Json::object({{"type", part.type()}, {"config", write_json(part)}});
    if (!metadata.emplace(text(part_prefix, part.name()), json_text(json, "save")).second)
      throw ConfigError(
          text("save: expected each part under a name of its own, received two of the name \"", part.name(), "\""));
  }
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
BundleFile<T> load_bundle(const std::string& path, const Registry<T>& registry) {
  ModelFile<T> file = load_model<T>(path, registry);
  BundleFile<T> bundle{{}, std::move(file.network)};
  for (auto& [key, value] : file.metadata)
    if (key.starts_with(detail::part_prefix))
      bundle.parts.emplace(key.substr(detail::part_prefix.size()), std::move(value));
  const auto found = file.metadata.find("preprocessing");
  if (found == file.metadata.end()) return bundle;
  const Json json = parse_json(found->second, text("\"", path, "\", preprocessing"));
  const auto visit = [&](FieldVisitor& visitor) { visit_field(visitor, "transformer", bundle.preprocessing); };
  read_json(json, "$", visit, &registry);
  if (!bundle.preprocessing || !bundle.preprocessing.fitted())
    throw FormatError(text("\"", path, "\": expected fitted preprocessing with a schema"));
  detail::check_widths(bundle.preprocessing.output_schema().size(), bundle.network, text("\"", path, "\""));
  return bundle;
}

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>

#include "foretell/io/model_file.hpp"
#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

/// What a backend needs in one value: the fitted preprocessing (empty when there is none) and the network behind it.
template <class T>
struct BundleFile {
  Transformer<T> preprocessing;
  Network<T> network;
};

namespace detail {

inline void check_widths(std::size_t features, const std::vector<Shape>& inputs, const std::string& who) {
  if (inputs.size() != 1 || inputs[0].size() != features)
    throw ShapeError(text(who, ": expected a network of one input with the ", features,
                          " features the preprocessing gives, received one of ", inputs.size(), " inputs, the first ",
                          rows_text(inputs.empty() ? Shape() : inputs[0])));
}

}  // namespace detail

/// Writes preprocessing and model into one file, atomically. `model` is a Sequential or Model that was fitted on what
/// `preprocessing` makes of a table.
template <class P, class M>
requires requires(const M& model) { model.network().weights(); }
void save(const std::string& path, const P& preprocessing, const M& model) {
  using T = std::remove_cvref_t<decltype(model.network().weights()[0])>;
  Transformer<T> transformer(preprocessing);
  if (!transformer.fitted())
    throw StateError(
        "save: expected preprocessing that was fitted, received one that was not; call fit or fit_transform first");
  if (model.network().built())
    detail::check_widths(transformer.output_schema().size(), model.network().input_shapes(), "save");
  Json json;
  JsonWriter writer(json);
  visit_erased(writer, "transformer", transformer);
  save_model(path, model.network(), {{"preprocessing", json.dump()}});
}

/// Reads what `save` wrote, or a plain model file.
template <class T>
BundleFile<T> load_bundle(const std::string& path, const Registry<T>& registry) {
  ModelFile<T> file = load_model<T>(path, registry);
  BundleFile<T> bundle{{}, std::move(file.network)};
  const auto found = file.metadata.find("preprocessing");
  if (found == file.metadata.end()) return bundle;
  const Json json = parse_json(found->second, text("\"", path, "\", preprocessing"));
  JsonReader reader(json, "$", &registry);
  visit_erased(reader, "transformer", bundle.preprocessing);
  if (!bundle.preprocessing || !bundle.preprocessing.fitted())
    throw FormatError(text("\"", path, "\": expected fitted preprocessing with a schema"));
  detail::check_widths(bundle.preprocessing.output_schema().size(), bundle.network.input_shapes(),
                       text("\"", path, "\""));
  return bundle;
}

}  // namespace foretell

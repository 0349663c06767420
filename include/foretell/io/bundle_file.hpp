// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "foretell/io/model_file.hpp"
#include "foretell/io/part.hpp"
#include "foretell/io/served.hpp"
#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

/// What a backend needs in one value: how requests become inputs, the network, what its outputs become, and what else
/// was put into the file.
template <class T>
struct BundleFile {
  Network<T> network;
  ServedInputs inputs{};
  std::vector<ServedOutput> outputs{};
  StoredParts parts{};
  std::map<std::string, std::string> metadata{};
  std::string version{};
};

namespace detail {

template <class T>
void save_bundle(const std::string& path, const ServedInputs& inputs, const Network<T>& network,
                 const SaveOptions& options);

/// Reads the part of that name. Throws ConfigError when there is none, or one of another type or with other fields.
template <class T>
void read_part(const StoredParts& parts, const std::string& name, std::string_view type,
               const std::function<void(FieldVisitor&)>& visit);

template <class M>
concept TrainedModel = requires(const M& model) {
  model.network().weights();
};

template <class M>
using scalar_of = std::remove_cvref_t<decltype(std::declval<const M&>().network().weights()[0])>;

}  // namespace detail

/// Writes a model and the preprocessing that makes its inputs of named columns into one file, atomically. `model` is a
/// Sequential or Model. An input that is not listed is an array of each request. Throws ConfigError for names that the
/// model has not, and for outputs that are served as what they are not.
template <detail::TrainedModel M>
void save(const std::string& path, const ServedInputs& inputs, const M& model, const SaveOptions& options = {}) {
  detail::save_bundle<detail::scalar_of<M>>(path, inputs, model.network(), options);
}
/// The same for a model of one input.
template <class P, detail::TrainedModel M>
requires std::convertible_to<const P&, detail::AnyTransformer>
void save(const std::string& path, const P& preprocessing, const M& model, const SaveOptions& options) {
  save(path, ServedInputs{{std::string(), preprocessing}}, model, options);
}
/// `parts` stand beside them, for Bundle::part.
template <class P, detail::TrainedModel M>
requires std::convertible_to<const P&, detail::AnyTransformer>
void save(const std::string& path, const P& preprocessing, const M& model, const Parts& parts = {}) {
  save(path, ServedInputs{{std::string(), preprocessing}}, model, {.parts = parts});
}
/// Writes a model whose inputs are arrays, and what belongs to it, such as the vectorizer that makes its rows of texts.
template <detail::TrainedModel M>
void save(const std::string& path, const M& model, const SaveOptions& options) {
  save(path, ServedInputs{}, model, options);
}
template <detail::TrainedModel M>
void save(const std::string& path, const M& model, const Parts& parts = {}) {
  save(path, ServedInputs{}, model, {.parts = parts});
}

/// Reads what `save` wrote, or a plain model file.
template <class T>
BundleFile<T> load_bundle(InputFile file, const Registry<T>& registry);

}  // namespace foretell

#ifndef FORETELL_COMPILED
#include "foretell/io/bundle_file_definitions.hpp"
#endif

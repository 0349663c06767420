// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

#include "foretell/io/model_file.hpp"
#include "foretell/io/part.hpp"
#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

/// What a backend needs in one value: the fitted preprocessing (empty when there is none), the network behind it, and
/// what else was put into the file.
template <class T>
struct BundleFile {
  Transformer<T> preprocessing;
  Network<T> network;
  StoredParts parts{};
};

namespace detail {

/// `preprocessing` is fitted, or empty.
template <class T>
void save_bundle(const std::string& path, const Transformer<T>& preprocessing, const Network<T>& network,
                 const Parts& parts);

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

/// Writes preprocessing and model into one file, atomically. `model` is a Sequential or Model that was fitted on what
/// `preprocessing` makes of a table; `parts` stand beside them, for Bundle::part.
template <class P, detail::TrainedModel M>
void save(const std::string& path, const P& preprocessing, const M& model, const Parts& parts = {}) {
  using T = detail::scalar_of<M>;
  const Transformer<T> transformer(preprocessing);
  if (!transformer.fitted())
    throw StateError(
        "save: expected preprocessing that was fitted, received one that was not; call fit or fit_transform first");
  detail::save_bundle<T>(path, transformer, model.network(), parts);
}

/// Writes a model and what belongs to it, such as the vectorizer that makes its rows of texts.
template <detail::TrainedModel M>
void save(const std::string& path, const M& model, const Parts& parts = {}) {
  detail::save_bundle<detail::scalar_of<M>>(path, {}, model.network(), parts);
}

/// Reads what `save` wrote, or a plain model file.
template <class T>
BundleFile<T> load_bundle(const std::string& path, const Registry<T>& registry);

}  // namespace foretell

#ifndef FORETELL_COMPILED
#include "foretell/io/bundle_file_definitions.hpp"
#endif

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <type_traits>

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

/// `preprocessing` is fitted.
template <class T>
void save_bundle(const std::string& path, const Transformer<T>& preprocessing, const Network<T>& network);

}  // namespace detail

/// Writes preprocessing and model into one file, atomically. `model` is a Sequential or Model that was fitted on what
/// `preprocessing` makes of a table.
template <class P, class M>
requires requires(const M& model) { model.network().weights(); }
void save(const std::string& path, const P& preprocessing, const M& model) {
  using T = std::remove_cvref_t<decltype(model.network().weights()[0])>;
  const Transformer<T> transformer(preprocessing);
  if (!transformer.fitted())
    throw StateError(
        "save: expected preprocessing that was fitted, received one that was not; call fit or fit_transform first");
  detail::save_bundle<T>(path, transformer, model.network());
}

/// Reads what `save` wrote, or a plain model file.
template <class T>
BundleFile<T> load_bundle(const std::string& path, const Registry<T>& registry);

}  // namespace foretell

#ifndef FORETELL_COMPILED
#include "foretell/io/bundle_file_definitions.hpp"
#endif

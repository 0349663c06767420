// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "foretell/io/builtin_types.hpp"
#include "foretell/serving/bundle.hpp"

// What a program that links foretell::compiled does not compile itself: each built-in layer and transformer behind its
// erased type, for prediction, the graph and its executor, model files and serving. Extern is `extern`, or nothing in
// the one translation unit that has the instantiations.

#define FORETELL_LAYER_INSTANCE(Part, Extern, T, purpose) \
  Extern template const detail::ValueOps& detail::layer_ops<Part<T>, T, purpose>();
#define FORETELL_TRANSFORMER_INSTANCE(Part, Extern, purpose) \
  Extern template const detail::ValueOps& detail::transformer_ops<detail::Part, purpose>();

#define FORETELL_SERVING_INSTANCES(Extern, T)                                                                \
  namespace foretell {                                                                                       \
  FORETELL_LAYER_TYPES(FORETELL_LAYER_INSTANCE, Extern, T, Purpose::prediction)                              \
  FORETELL_TRANSFORMER_TYPES(FORETELL_TRANSFORMER_INSTANCE, Extern, Purpose::prediction)                     \
  Extern template class Graph<T>;                                                                            \
  Extern template class Network<T>;                                                                          \
  Extern template class Workspace<T>;                                                                        \
  Extern template void save_model(const std::string&, const Network<T>&, std::map<std::string, std::string>, \
                                  std::vector<TensorToWrite>);                                               \
  Extern template ModelFile<T> load_model(InputFile, const Registry<T>&);                                    \
  Extern template void detail::save_bundle(const std::string&, const ServedInputs&, const Network<T>&,       \
                                           const SaveOptions&);                                              \
  Extern template void detail::read_part<T>(const StoredParts&, const std::string&, std::string_view,        \
                                            const std::function<void(FieldVisitor&)>&);                      \
  Extern template BundleFile<T> load_bundle(InputFile, const Registry<T>&);                                  \
  Extern template struct detail::Served<T>;                                                                  \
  Extern template class Predictor<T>;                                                                        \
  Extern template class Stream<T>;                                                                           \
  Extern template Registry<T> Registry<T>::for_prediction();                                                 \
  Extern template Bundle<T> load(const std::string&, const Registry<T>&);                                    \
  Extern template Bundle<T> load(std::span<const std::byte>, const Registry<T>&);                            \
  Extern template class Bundle<T>;                                                                           \
  }

#ifdef FORETELL_COMPILED
FORETELL_SERVING_INSTANCES(extern, float)
#endif

// What a scalar type needs that is not compiled as a whole: the functions whose definitions no header shows.
#define FORETELL_FILE_INSTANCES(T)                                                                                   \
  namespace foretell {                                                                                               \
  template void save_model(const std::string&, const Network<T>&, std::map<std::string, std::string>,                \
                           std::vector<TensorToWrite>);                                                              \
  template ModelFile<T> load_model(InputFile, const Registry<T>&);                                                   \
  template void detail::save_bundle(const std::string&, const ServedInputs&, const Network<T>&, const SaveOptions&); \
  template void detail::read_part<T>(const StoredParts&, const std::string&, std::string_view,                       \
                                     const std::function<void(FieldVisitor&)>&);                                     \
  template BundleFile<T> load_bundle(InputFile, const Registry<T>&);                                                 \
  }

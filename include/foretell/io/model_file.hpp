// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "foretell/core/file.hpp"
#include "foretell/formats/tensor_to_write.hpp"
#include "foretell/graph/network.hpp"
#include "foretell/io/registry.hpp"

namespace foretell {

// A model file is a safetensors file. Tensors: "node/parameter" and "node/state"; "foretell.probe/input/i" and
// ".../output/i", a few rows, made up unless the network was given some, with their answers; others below "foretell."
// belong to other parts. __metadata__: "foretell.format" (a whole number), "foretell.version", "graph" (JSON), and what
// other parts add, such as "preprocessing".

inline constexpr int model_format = 2;

template <class T>
struct ModelFile {
  Network<T> network;
  std::map<std::string, std::string> metadata;
};

/// Writes the network, atomically; `metadata` and `tensors` are further entries, the names of the latter begin with
/// "foretell.". Throws StateError before the network is built.
template <class T>
void save_model(const std::string& path, const Network<T>& network, std::map<std::string, std::string> metadata = {},
                std::vector<TensorToWrite> tensors = {});

/// Reads a model file; custom layers come from `registry`. Throws FormatError for a damaged or newer file, ConfigError
/// for an unknown layer type. The stored probes must be answered as they were when the file was written.
template <class T>
ModelFile<T> load_model(InputFile file, const Registry<T>& registry);
template <class T>
ModelFile<T> load_model(const std::string& path, const Registry<T>& registry) {
  return load_model<T>(InputFile(path), registry);
}

}  // namespace foretell

#ifndef FORETELL_COMPILED
#include "foretell/io/model_file_definitions.hpp"
#endif

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "foretell/models/model.hpp"

namespace foretell {

/// Layers one after the other: the chain, written into a graph of one input and one output. As keras.Sequential.
/// Without an Input layer the input shape is that of the first data seen.
template <class T = float>
class Sequential : public Model<T> {
 public:
  Sequential() = default;
  Sequential(std::initializer_list<Layer<T>> layers) : Model<T>(Graph<T>::chain(layers)) {}
  explicit Sequential(const std::vector<Layer<T>>& layers) : Model<T>(Graph<T>::chain(layers)) {}
  explicit Sequential(Network<T> network) : Model<T>(std::move(network)) {}
  explicit Sequential(Model<T> chain) : Model<T>(std::move(chain)) {}

  void build(const Shape& input_shape, std::uint64_t seed = 0) { Model<T>::build({input_shape}, seed); }
  Sequential up_to(std::string_view name) const { return Sequential(Model<T>::up_to(name)); }
  /// The chain as a graph, to become part of a larger one.
  const Graph<T>& graph() const { return this->network().graph(); }
  const Model<T>& model() const { return *this; }

  /// Throws ConfigError when the file holds a graph that is not a chain; use Model<T>::load for those.
  static Sequential load(const std::string& path, const Registry<T>& registry = Registry<T>::builtin()) {
    Network<T> network = load_model<T>(path, registry).network;
    const auto& entries = network.graph().entries();
    bool chain = network.graph().inputs().size() == 1 && network.graph().outputs().size() == 1;
    for (std::size_t i = 1; i < entries.size(); ++i)
      chain = chain && entries[i].inputs.size() == 1 && entries[i].inputs[0] == i - 1;
    if (!chain)
      throw ConfigError(text("Sequential: expected a chain of layers in \"", path,
                             "\", received a graph; load it with Model<T>::load"));
    return Sequential(std::move(network));
  }
};

}  // namespace foretell

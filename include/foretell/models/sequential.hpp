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
class Sequential {
 public:
  Sequential() = default;
  Sequential(std::initializer_list<Layer<T>> layers) : model_(Graph<T>::chain(layers)) {}
  explicit Sequential(const std::vector<Layer<T>>& layers) : model_(Graph<T>::chain(layers)) {}
  explicit Sequential(Network<T> network) : model_(std::move(network)) {}
  explicit Sequential(Model<T> chain) : model_(std::move(chain)) {}

  void compile(Optimizer<T> optimizer, Loss<T> loss, std::initializer_list<Metric<T>> metrics = {}) {
    model_.compile(std::move(optimizer), std::move(loss), std::vector<Metric<T>>(metrics));
  }
  void build(const Shape& input_shape, std::uint64_t seed = 0) { model_.build({input_shape}, seed); }
  bool built() const { return model_.built(); }

  template <InputLike X, ArrayLike Y>
  History fit(const X& x, const Y& y, const FitOptions<T>& options = {}) {
    return model_.fit(x, y, options);
  }
  History fit(ExampleStream<T> stream, const FitOptions<T>& options = {}) {
    return model_.fit(std::move(stream), options);
  }
  template <InputLike X, ArrayLike Y>
  History partial_fit(const X& x, const Y& y, FitOptions<T> options = {}) {
    return model_.partial_fit(x, y, std::move(options));
  }
  template <InputLike X, ArrayLike Y>
  LBFGSResult minimize(const X& x, const Y& y, const LBFGSOptions& how = {}, const FitOptions<T>& options = {}) {
    return model_.minimize(x, y, how, options);
  }
  template <InputLike X, ArrayLike Y>
  Scores evaluate(const X& x, const Y& y, const PredictOptions& options = {}) const {
    return model_.evaluate(x, y, options);
  }
  template <InputLike X>
  Tensor<T> predict(const X& x, const PredictOptions& options = {}) const {
    return model_.predict(x, options);
  }

  void set_trainable(std::string_view layer, bool trainable) { model_.set_trainable(layer, trainable); }
  void set_trainable(bool trainable) { model_.set_trainable(trainable); }
  void set_parameter_group(std::string_view layer, const ParameterGroup& group) {
    model_.set_parameter_group(layer, group);
  }
  void set_parameter_group(const ParameterGroup& group) { model_.set_parameter_group(group); }
  std::size_t transfer_from(const Sequential& other) { return model_.transfer_from(other.model_); }
  Sequential up_to(std::string_view name) const { return Sequential(model_.up_to(name)); }
  /// The chain as a graph, to become part of a larger one.
  const Graph<T>& graph() const { return network().graph(); }

  std::string summary() const { return model_.summary(); }
  const Network<T>& network() const { return model_.network(); }
  Network<T>& network() { return model_.network(); }
  Optimizer<T>& optimizer() { return model_.optimizer(); }
  const Model<T>& model() const { return model_; }

  void save(const std::string& path) const { model_.save(path); }
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

 private:
  Model<T> model_;
};

}  // namespace foretell

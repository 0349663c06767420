// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "foretell/graph/input_gradients.hpp"
#include "foretell/graph/predictions.hpp"
#include "foretell/io/model_file.hpp"
#include "foretell/metrics/scores.hpp"
#include "foretell/models/summary.hpp"
#include "foretell/training/checkpoint.hpp"
#include "foretell/training/fit.hpp"

namespace foretell {

struct OutputLossOptions {
  double weight = 1;
  bool learn_weight = false;  ///< the losses of several outputs weigh themselves, by the variance they are seen with
};
/// The loss of one named output: {"spend", MeanSquaredError(), {.weight = 0.5}}. With learn_weight training minimises
/// exp(-s) weight loss + s / 2, s a parameter that starts at 0 (Kendall, Gal and Cipolla 2018).
template <class T>
struct OutputLoss {
  std::string name;
  Loss<T> loss;
  OutputLossOptions options{};
};
/// A metric of one named output: {"buys", AUC()}.
template <class T>
struct OutputMetric {
  std::string name;
  Metric<T> metric;
};

struct PredictOptions {
  std::size_t batch_size = 256;
  std::size_t threads = 1;  ///< they end with the call; each row's answer is the same for any number
  Executor executor{};      ///< instead of `threads`: a team that is kept, or the application's pool

  Executor chosen() const { return executor.threads() > 1 ? executor : Executor(threads); }
};

template <class T>
class Trainer;

/// A graph to train, evaluate, save and predict with: any number of named inputs and outputs. A value: a copy is a deep
/// copy. As keras.Model.
template <class T = float>
class Model : private Followed {
 public:
  Model() = default;
  explicit Model(Graph<T> graph) : network_(std::move(graph)) {}
  explicit Model(Network<T> network) : network_(std::move(network)) {}

  void compile(Optimizer<T> optimizer, std::initializer_list<OutputLoss<T>> losses,
               std::initializer_list<OutputMetric<T>> metrics = {});
  /// For a model of one output.
  void compile(Optimizer<T> optimizer, Loss<T> loss, std::vector<Metric<T>> metrics = {});
  bool compiled() const { return objective_.compiled(); }

  /// Fixes the input shapes (one row each, in the graph's order) and draws the first weights.
  void build(const std::vector<Shape>& input_shapes, std::uint64_t seed = 0) { network_.build(input_shapes, seed); }
  bool built() const { return network_.built(); }

  /// x: rows first; whole numbers where layers of ids read them, or a SparseMatrix<T> when the model begins with
  /// SparseDense.
  template <InputLike X, ArrayLike Y>
  History fit(const X& x, const Y& y, const FitOptions<T>& options = {}) {
    return fit_arrays(named_inputs<T>(x), named_inputs<T>(y), options, false);
  }
  History fit(const Tensors<T>& x, const Tensors<T>& y, const FitOptions<T>& options = {}) {
    return fit_arrays(named_inputs(x), named_inputs(y), options, false);
  }
  /// Trains on batches that come one after the other and need not fit into memory together.
  History fit(ExampleStream<T> stream, const FitOptions<T>& options = {});
  /// One quiet pass over new rows: weights and optimizer go on from where they are, and a class of class_weight may be
  /// absent. With use_ema the weights stay those that are trained, not the averages, as after Keras' train_on_batch;
  /// optimizer().finalize(...) puts the averages in. As scikit-learn's partial_fit. Many small batches cost less with a
  /// Trainer.
  template <InputLike X, ArrayLike Y>
  History partial_fit(const X& x, const Y& y, FitOptions<T> options = {}) {
    return fit_arrays(named_inputs<T>(x), named_inputs<T>(y), one_pass(std::move(options)), true);
  }
  History partial_fit(const Tensors<T>& x, const Tensors<T>& y, FitOptions<T> options = {}) {
    return fit_arrays(named_inputs(x), named_inputs(y), one_pass(std::move(options)), true);
  }

  /// Trains on all rows at once with L-BFGS in place of the compiled optimizer: for small tables, where it finds a
  /// minimum in few passes. `options` gives weights, threads and seed; dropout keeps the mask of one step.
  template <InputLike X, ArrayLike Y>
  LBFGSResult minimize(const X& x, const Y& y, const LBFGSOptions& how = {}, const FitOptions<T>& options = {}) {
    expect_compiled("minimize");
    Dataset<T> data(inputs(named_inputs<T>(x)), targets(named_inputs<T>(y)));
    if (!built()) network_.build(rows_of(data.inputs), options.seed);
    return foretell::minimize(network_, objective_, optimizer_, std::move(data), how, options);
  }

  /// "loss" and the metrics.
  template <InputLike X, ArrayLike Y>
  Scores evaluate(const X& x, const Y& y, const PredictOptions& options = {}) const {
    return evaluate_arrays(named_inputs<T>(x), named_inputs<T>(y), options);
  }
  Scores evaluate(const Tensors<T>& x, const Tensors<T>& y, const PredictOptions& options = {}) const {
    return evaluate_arrays(named_inputs(x), named_inputs(y), options);
  }

  /// Answers of a model of one input and one output, rows first.
  template <InputLike X>
  Tensor<T> predict(const X& x, const PredictOptions& options = {}) const {
    return predict_one(named_inputs<T>(x), options);
  }
  Tensors<T> predict(const Tensors<T>& x, const PredictOptions& options = {}) const;

  /// How one number of an output changes with each number of the inputs (or of what layers give: options.at), row by
  /// row, by name: gradients of predict, without dropout and with gathered statistics. Throws ConfigError for names
  /// that are none, for inputs of ids by name, and for a model that was loaded to predict.
  Tensors<T> input_gradients(const Tensors<T>& x, const GradientOptions& options = {}) const {
    return gradients_of(named_inputs(x), options);
  }
  template <InputLike X>
  Tensors<T> input_gradients(const X& x, const GradientOptions& options = {}) const {
    return gradients_of(named_inputs<T>(x), options);
  }

  /// Whether training may change a layer, or all without a name: to fine-tune the rest. Frozen layers keep their
  /// parameters and statistics.
  void set_trainable(std::string_view layer, bool trainable) { network_.set_trainable(layer, trainable); }
  void set_trainable(bool trainable) { network_.set_trainable({}, trainable); }
  /// A learning rate of its own for a layer, as a multiple of the optimizer's, and whether weight decay applies to it;
  /// all layers without a name. `minimize` knows neither.
  void set_parameter_group(std::string_view layer, const ParameterGroup& group) {
    network_.set_parameter_group(layer, group);
  }
  void set_parameter_group(const ParameterGroup& group) { network_.set_parameter_group({}, group); }
  /// Takes over the parameters of another model's layers of the same names and shapes; returns how many numbers arrays
  /// were found. Build this model first, or give it the other's input shapes.
  std::size_t transfer_from(const Model& other) {
    if (!built()) network_.build(other.network().inputs(), 0);
    return network_.transfer_from(other.network());
  }
  /// The part of this model that ends in a layer or output of that name, with its parameters: the features of a trained
  /// network.
  Model up_to(std::string_view name) const;

  std::string summary() const { return foretell::summary(network_); }
  const Network<T>& network() const { return network_; }
  Network<T>& network() { return network_; }
  Optimizer<T>& optimizer() { return optimizer_; }
  const Objective<T>& objective() const { return objective_; }

  /// Writes one safetensors file, atomically. Loading gives the same answers bit for bit; compile again to train on.
  void save(const std::string& path) const { save_model(path, network_); }
  static Model load(const std::string& path, const Registry<T>& registry = Registry<T>::builtin()) {
    return Model(load_model<T>(path, registry).network);
  }

 private:
  friend class Trainer<T>;
  using Named = std::vector<NamedInput<T>>;

  static std::string names_of(std::initializer_list<OutputLoss<T>> losses) {
    std::vector<std::string> names;
    for (const auto& loss : losses) names.push_back(loss.name);
    return quoted_list(names);
  }
  std::size_t output_index(const std::string& name, std::string_view what) const {
    std::vector<std::string> names;
    const auto& outputs = network_.graph().outputs();
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i].name == name) return i;
      names.push_back(outputs[i].name);
    }
    throw ConfigError(text("compile: expected a ", what, " for one of the outputs ", quoted_list(names),
                           ", received \"", name, "\""));
  }
  std::vector<InputArray<T>> inputs(const Named& arrays) const {
    std::vector<std::string> names;
    for (const std::size_t i : network_.graph().inputs()) names.push_back(network_.graph().entries()[i].name);
    std::vector<InputArray<T>> result = in_order(arrays, names, "Model", "inputs");
    convert_inputs(network_.graph(), result, "Model");
    return result;
  }
  std::vector<InputArray<T>> targets(const Named& arrays) const {
    std::vector<std::string> names;
    for (const auto& output : network_.graph().outputs()) names.push_back(output.name);
    std::vector<InputArray<T>> result = in_order(arrays, names, "Model", "targets");
    for (std::size_t o = 0; o < result.size(); ++o)
      result[o] = result[o].as(InputKind::numbers, text("Model, target of output \"", names[o], "\""));
    return result;
  }
  static FitOptions<T> one_pass(FitOptions<T> options) {
    options.epochs = 1;
    options.verbose = 0;
    return options;
  }
  void expect_compiled(std::string_view who) const {
    if (!compiled())
      throw StateError(text(who, ": expected a compiled model; call compile(optimizer, loss, metrics) first"));
  }
  Tensors<T> gradients_of(const Named& arrays, const GradientOptions& options) const;
  Tensor<T> predict_one(const Named& array, const PredictOptions& options) const;
  History fit_arrays(const Named& x, const Named& y, const FitOptions<T>& options, bool partial);
  Scores evaluate_arrays(const Named& x, const Named& y, const PredictOptions& options) const;

  Network<T> network_;
  Objective<T> objective_;
  Optimizer<T> optimizer_;
  Stamp compiled_;
};

// Not inline, so that a program that links foretell::compiled does not compile them.

template <class T>
void Model<T>::compile(Optimizer<T> optimizer, std::initializer_list<OutputLoss<T>> losses,
                       std::initializer_list<OutputMetric<T>> metrics) {
  Objective<T> objective;
  for (const auto& output : network_.graph().outputs()) {
    const OutputLoss<T>* found = nullptr;
    for (const auto& loss : losses) {
      if (loss.name != output.name) continue;
      if (found) throw ConfigError(text("compile: expected one loss for output \"", output.name, "\", received two"));
      found = &loss;
    }
    if (!found)
      throw ConfigError(
          text("compile: expected a loss for output \"", output.name, "\", received losses for ", names_of(losses)));
    objective.outputs.push_back({output.name, found->loss, found->options.weight, {}, found->options.learn_weight});
  }
  for (const auto& loss : losses) (void)output_index(loss.name, "loss");
  for (const auto& metric : metrics)
    objective.outputs[output_index(metric.name, "metric")].metrics.push_back(metric.metric);
  objective.check(network_.graph());
  network_.set_further_parameters(objective.parameters());
  objective_ = std::move(objective);
  optimizer_ = std::move(optimizer);
  compiled_.renew();
}

template <class T>
void Model<T>::compile(Optimizer<T> optimizer, Loss<T> loss, std::vector<Metric<T>> metrics) {
  const auto& outputs = network_.graph().outputs();
  if (outputs.empty()) throw StateError("compile: expected a model with layers, received an empty one");
  if (outputs.size() != 1)
    throw ConfigError(text("compile: expected a loss by name for each of ", outputs.size(),
                           " outputs, received one; write {{\"", outputs.front().name, "\", ", loss.name(), "}, ...}"));
  Objective<T> objective;
  objective.outputs = {{outputs.front().name, std::move(loss), 1, std::move(metrics)}};
  objective.check(network_.graph());
  network_.set_further_parameters({});
  objective_ = std::move(objective);
  optimizer_ = std::move(optimizer);
  compiled_.renew();
}

template <class T>
History Model<T>::fit(ExampleStream<T> stream, const FitOptions<T>& options) {
  expect_compiled("fit");
  const auto order = [this](const Examples<T>& examples) {
    return Dataset<T>(inputs(examples.inputs()), targets(examples.targets()));
  };
  std::optional<Dataset<T>> validation;
  if (!options.validation_data.empty()) {
    validation = order(options.validation_data);
    validation->weights = options.validation_data.weights();
  }
  return foretell::fit<T>(network_, objective_, optimizer_, std::move(stream), order, std::move(validation), options);
}

template <class T>
Tensors<T> Model<T>::predict(const Tensors<T>& x, const PredictOptions& options) const {
  const Dataset<T> data(inputs(named_inputs(x)), {});
  const Predictions<T> result(network_, data.inputs, options.batch_size, options.chosen());
  Tensors<T> answers;
  for (std::size_t o = 0; o < result.values.size(); ++o)
    answers.set(network_.graph().outputs()[o].name,
                make_tensor<T>(result.sizes(o, data.rows()), result.values[o].data()));
  return answers;
}

template <class T>
Tensors<T> Model<T>::gradients_of(const Named& arrays, const GradientOptions& options) const {
  const Dataset<T> data(inputs(arrays), {});
  const std::size_t rows = data.rows(), batch = std::min<std::size_t>(256, std::max<std::size_t>(rows, 1));
  InputGradients<T> gradients(network_, rows_of(data.inputs), batch, options);
  std::vector<std::vector<T>> values(gradients.names().size());
  std::vector<std::vector<std::size_t>> sizes(values.size(), {rows});
  std::vector<RowReader<T>> readers(data.inputs.size());
  std::vector<const void*> places(readers.size());
  for (std::size_t first = 0; first == 0 || first < rows; first += batch) {
    const std::size_t count = std::min(batch, rows - first);
    for (std::size_t i = 0; i < places.size(); ++i) places[i] = readers[i].slice(data.inputs[i], first, count);
    gradients.run(places, count, first);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const In<T> part = gradients.gradient(i);
      values[i].insert(values[i].end(), part.data(), part.data() + part.size());
      if (first == 0) sizes[i].insert(sizes[i].end(), part.shape().begin(), part.shape().end());
    }
  }
  Tensors<T> result;
  for (std::size_t i = 0; i < values.size(); ++i)
    result.set(gradients.names()[i], make_tensor<T>(sizes[i], values[i].data()));
  return result;
}

template <class T>
Model<T> Model<T>::up_to(std::string_view name) const {
  Model part(network_.graph().up_to(name));
  if (!built()) return part;
  InputRows rows;
  for (const std::size_t input : part.network_.graph().inputs()) {
    const auto& inputs = network_.graph().inputs();
    const std::size_t node = network_.graph().find(part.network_.graph().entries()[input].name).index;
    const auto at = static_cast<std::size_t>(std::find(inputs.begin(), inputs.end(), node) - inputs.begin());
    rows.shapes.push_back(network_.inputs().shapes[at]);
    rows.kinds.push_back(network_.inputs().kinds[at]);
  }
  part.network_.build(std::move(rows), 0);
  part.network_.transfer_from(network_);
  return part;
}

template <class T>
Tensor<T> Model<T>::predict_one(const Named& array, const PredictOptions& options) const {
  const Dataset<T> data(inputs(array), {});
  const Predictions<T> result(network_, data.inputs, options.batch_size, options.chosen());
  if (result.values.size() != 1)
    throw StateError(text("predict: expected a model of one output, this one has ", result.values.size(),
                          "; give the inputs by name and read the answers by name"));
  return make_tensor<T>(result.sizes(0, data.rows()), result.values[0].data());
}

template <class T>
History Model<T>::fit_arrays(const Named& x, const Named& y, const FitOptions<T>& options, bool partial) {
  expect_compiled("fit");
  Dataset<T> data(inputs(x), targets(y));
  std::optional<Dataset<T>> validation;
  if (!options.validation_data.empty())
    validation = Dataset<T>(inputs(options.validation_data.inputs()), targets(options.validation_data.targets()),
                            options.validation_data.weights());
  if (!built()) network_.build(rows_of(data.inputs), options.seed);
  return foretell::fit(network_, objective_, optimizer_, std::move(data), std::move(validation), options, partial);
}

template <class T>
Scores Model<T>::evaluate_arrays(const Named& x, const Named& y, const PredictOptions& options) const {
  expect_compiled("evaluate");
  const Dataset<T> data(inputs(x), targets(y));
  detail::check_data(network_, objective_, data, "evaluate");
  Scores scores;
  Evaluation<T> evaluation(network_, objective_, data, options.batch_size, options.chosen());
  for (const auto& [name, value] : evaluation.run()) scores.set(name, value);
  return scores;
}

}  // namespace foretell

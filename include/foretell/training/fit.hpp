// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "foretell/training/options.hpp"
#include "foretell/training/progress.hpp"
#include "foretell/training/step.hpp"

namespace foretell {

namespace detail {

/// Targets that the losses can use, found out before the first step.
template <class T>
void check_data(const Network<T>& network, const Objective<T>& objective, const Dataset<T>& data,
                const std::string& who) {
  const auto& graph = network.graph();
  const auto row_count = [&](const Rows<T>& part, const std::string& name) {
    if (part.rows != data.rows())
      throw ShapeError(text(who, ": expected as many rows in every array, received ", data.rows(), " in ",
                            graph.describe(graph.inputs()[0]), " and ", part.rows, " in ", name));
  };
  if (data.rows() == 0) throw DataError(text(who, ": expected at least one row, received none"));
  for (std::size_t i = 0; i < data.inputs.size(); ++i) {
    const std::string name = graph.describe(graph.inputs()[i]);
    row_count(data.inputs[i], name);
    check_finite(data.inputs[i], text(who, ", ", name));
  }
  const Program<T> program = network.program(PassMode::inference, input_shapes(data));
  validate_inputs(program, data.inputs, who);
  for (std::size_t i = 0; i < data.targets.size(); ++i) {
    const Rows<T>& target = data.targets[i];
    const std::string name = text("target of output \"", graph.outputs()[i].name, "\"");
    row_count(target, name);
    check_finite(target, text(who, ", ", name));
    objective.outputs[i].loss.validate(In<T>(target.data, target.rows, target.shape),
                                       program.shapes[program.outputs[i]]);
  }
  if (!data.weights.empty() && data.weights.size() != data.rows())
    throw ShapeError(text(who, ": expected one sample weight a row, received ", data.weights.size(), " weights for ",
                          data.rows(), " rows"));
}

/// Row weights from sample weights and the class of the first target.
template <class T>
std::vector<T> row_weights(const Dataset<T>& data, const FitOptions<T>& options) {
  if (!options.sample_weight.empty() && options.sample_weight.size() != data.rows())
    throw ShapeError(text("fit: expected one sample_weight a row, received ", options.sample_weight.size(), " for ",
                          data.rows(), " rows"));
  for (const double w : options.sample_weight)
    if (!(w >= 0) || !std::isfinite(w))
      throw DataError(text("fit: expected sample weights that are finite and not negative, received ", w));
  if (options.sample_weight.empty() && options.class_weight.empty()) return {};
  std::vector<T> weights(data.rows(), T(1));
  const Rows<T>& target = data.targets.at(0);
  const std::size_t n = target.shape.size();
  for (std::size_t i = 0; i < data.rows(); ++i) {
    if (!options.sample_weight.empty()) weights[i] = static_cast<T>(options.sample_weight[i]);
    const T* row = target.row(i);
    const double label =
        n == 1 ? static_cast<double>(row[0]) : static_cast<double>(std::max_element(row, row + n) - row);
    for (const auto& [name, weight] : options.class_weight)
      if (name == label) weights[i] *= static_cast<T>(weight);
  }
  return weights;
}

/// The first rows, when they have the shapes the network was built for, become its probes.
template <class T>
void keep_probes(Network<T>& network, const Dataset<T>& data) {
  const std::size_t rows = std::min<std::size_t>(3, data.rows());
  std::vector<std::vector<T>> probes;
  for (std::size_t i = 0; i < data.inputs.size(); ++i) {
    if (!(data.inputs[i].shape == network.input_shapes()[i])) return;
    probes.emplace_back(data.inputs[i].data, data.inputs[i].row(rows));
  }
  network.set_probes(std::move(probes));
}

}  // namespace detail

/// Trains `network` on `data`: the loop behind Model::fit and Sequential::fit. Callbacks' on_train_end runs in every
/// way training can end. Throws before the first step for data that does not fit, NumericError for a loss that is not
/// finite.
template <class T>
History fit(Network<T>& network, const Objective<T>& objective, Optimizer<T>& optimizer, Dataset<T> data,
            std::optional<Dataset<T>> validation, const FitOptions<T>& options) {
  if (options.batch_size == 0) throw ConfigError("fit: expected a batch_size of at least 1, received 0");
  if (!(options.validation_split >= 0 && options.validation_split < 1))
    throw ConfigError(text("fit: expected a validation_split in [0, 1), received ", options.validation_split));
  data.weights = detail::row_weights(data, options);
  detail::check_data(network, objective, data, "fit");
  if (validation) {
    detail::check_data(network, objective, *validation, "fit, validation_data");
  } else if (options.validation_split > 0) {
    const auto kept =
        static_cast<std::size_t>(std::floor(static_cast<double>(data.rows()) * (1 - options.validation_split)));
    if (kept == 0 || kept == data.rows())
      throw DataError(text("fit: expected a validation_split that leaves rows on both sides, received ",
                           options.validation_split, " of ", data.rows(), " rows"));
    validation = data.range(kept, data.rows() - kept);
    data = data.range(0, kept);
  }

  detail::keep_probes(network, data);
  const std::size_t rows = data.rows(), size = std::min(options.batch_size, rows), batches = (rows + size - 1) / size;
  const Executor executor = options.executor.threads() > 1 ? options.executor : Executor(options.threads);
  TrainStep<T> step(network, objective, optimizer, data, size, options.seed, executor);
  std::optional<Evaluation<T>> evaluation;
  if (validation) evaluation.emplace(network, objective, *validation, std::max<std::size_t>(size, 256), executor);
  step.tally().reserve(rows);
  std::vector<std::size_t> order(rows);
  const Random shuffles = Random(options.seed).stream("shuffle");
  Progress progress(options.verbose, options.epochs, batches);
  std::vector<Callback<T>> callbacks = options.callbacks;
  Training<T> training{network, optimizer, options.epochs, options.verbose};
  History history;

  bool stop = false;
  const auto tell = [&](auto&& call) {
    for (auto& callback : callbacks)
      if (call(callback) == Flow::stop) stop = true;
  };
  const bool tolerant =
      std::any_of(callbacks.begin(), callbacks.end(), [](const auto& c) { return c.tolerates_nan(); });
  const auto run = [&] {
    tell([&](auto& c) { return c.on_train_begin(training); });
    for (std::size_t epoch = 0; epoch < options.epochs && !stop; ++epoch) {
      tell([&](auto& c) { return c.on_epoch_begin(training, epoch); });
      progress.epoch_begin(epoch);
      std::iota(order.begin(), order.end(), std::size_t(0));
      if (options.shuffle) shuffles.stream(epoch).shuffle(order);
      step.tally().reset();
      for (std::size_t b = 0; b < batches && !stop; ++b) {
        const std::size_t first = b * size;
        const double loss = step.run({first, std::min(size, rows - first), options.shuffle ? order.data() : nullptr});
        if (!std::isfinite(loss) && !tolerant) {
          const std::string where = step.first_not_finite();
          throw NumericError(
              text("fit: expected a finite loss, received ", loss, " in epoch ", epoch + 1, ", batch ", b + 1,
                   where.empty() ? std::string() : text(", where ", where, " is the first that is not finite"),
                   "; lower the learning rate, scale the inputs or clip gradients (clip_norm)"));
        }
        progress.batch_end(b, loss);
        tell([&](auto& c) { return c.on_batch_end(training, b, loss); });
      }
      EpochLogs logs(epoch);
      step.tally().results([&](std::string name, double value) { logs.set(std::move(name), value); });
      if (evaluation) evaluation->run([&](const std::string& name, double value) { logs.set("val_" + name, value); });
      progress.epoch_end(logs);
      tell([&](auto& c) { return c.on_epoch_end(training, logs); });
      history.add(std::move(logs));
    }
  };
  try {
    run();
  } catch (...) {
    tell([&](auto& c) { return c.on_train_end(training); });
    throw;
  }
  tell([&](auto& c) { return c.on_train_end(training); });
  return history;
}

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/whole_rows.hpp"
#include "foretell/training/check_data.hpp"
#include "foretell/training/feed.hpp"
#include "foretell/training/lbfgs.hpp"
#include "foretell/training/options.hpp"
#include "foretell/training/progress.hpp"
#include "foretell/training/step.hpp"

namespace foretell {

namespace detail {

/// So many of the first rows, when they have the shapes the network was built for, become its probes.
template <class T>
void keep_probes(Network<T>& network, const Dataset<T>& data, std::size_t wanted) {
  if (wanted == 0) return;
  std::vector<InputArray<T>> probes;
  for (std::size_t i = 0; i < data.inputs.size(); ++i) {
    if (!(data.inputs[i].shape == network.input_shapes()[i])) return;
    probes.push_back(InputArray<T>::copy(data.inputs[i].range(0, std::min(wanted, data.rows()))));
  }
  network.set_probes(std::move(probes));
}

template <class T>
void check_options(const FitOptions<T>& options) {
  if (options.batch_size == 0) throw ConfigError("fit: expected a batch_size of at least 1, received 0");
  if (options.epochs == 0) throw ConfigError("fit: expected epochs of at least 1, received 0, which trains nothing");
  if (!(options.validation_split >= 0 && options.validation_split < 1))
    throw ConfigError(text("fit: expected a validation_split in [0, 1), received ", options.validation_split));
  if (options.validation_split > 0 && !options.validation_data.empty())
    throw ConfigError("fit: expected validation_data or a validation_split, received both; leave one of them out");
}

/// Takes over a checkpoint of this run.
template <class T>
TrainingPlace resume(Network<T>& network, Optimizer<T>& optimizer, std::vector<Callback<T>>& callbacks,
                     const FitOptions<T>& options) {
  const TrainingPlace place = options.resume_from.read(network, optimizer, callbacks);
  if (place.seed != options.seed)
    throw ConfigError(text("fit: expected the seed ", place.seed, " of the run that \"", options.resume_from,
                           "\" is of, received ", options.seed));
  return place;
}

}  // namespace detail

/// The loop behind every fit: trains `network` on what `feed` gives. Callbacks' on_train_end runs in every way training
/// can end. `partial`: training goes on in another call, so that use_ema leaves the trained weights. Throws
/// NumericError for a loss that is not finite.
template <class T>
History fit(Network<T>& network, const Objective<T>& objective, Optimizer<T>& optimizer, Feed<T>& feed,
            const std::optional<Dataset<T>>& validation, const FitOptions<T>& options, bool partial = false) {
  detail::check_trainable(network, "fit");
  const Executor executor = options.executor.threads() > 1 ? options.executor : Executor(options.threads);
  std::optional<TrainStep<T>> step;
  const auto make_step = [&](std::size_t shard_rows) {
    step.emplace(network, objective, optimizer, feed.data(), feed.batch_rows(), options.seed, executor, true,
                 shard_rows);
    if (feed.batches() > 0) step->tally().reserve(feed.data().rows());
  };
  make_step(0);
  constexpr std::size_t rows_at_once = 256;  // of validation, at least: its sums are cut there
  std::optional<Evaluation<T>> evaluation;
  if (validation)
    evaluation.emplace(network, objective, *validation, std::max(feed.batch_rows(), rows_at_once), executor);
  Progress progress(options.verbose, options.epochs, feed.batches());
  std::vector<Callback<T>> callbacks = options.callbacks;
  Training<T> training{network, optimizer, callbacks, options.epochs, options.verbose};
  training.place.seed = options.seed;
  training.logs = objective.entries();
  if (validation)
    for (const LogEntry& entry : objective.entries()) training.logs.push_back({"val_" + entry.name, entry.mode});
  for (auto& callback : callbacks) callback.on_fit_begin(training);
  History history;

  const auto tell = [&](auto&& call) {
    for (auto& callback : callbacks)
      if (call(callback) == Flow::stop) training.place.stopped = true;
  };
  const bool tolerant =
      std::any_of(callbacks.begin(), callbacks.end(), [](const auto& c) { return c.tolerates_nan(); });
  const auto batches = [&](std::size_t epoch) {
    std::size_t b = 0;
    for (; b < training.place.batch; ++b) (void)feed.next();  // of an epoch that is resumed within
    for (std::optional<RowChoice> rows; !training.place.stopped && (rows = feed.next()); ++b) {
      const double loss = step->run(*rows);
      if (!std::isfinite(loss) && !tolerant)
        step->fail_not_finite(loss, "fit", text(" in epoch ", epoch + 1, ", batch ", b + 1));
      progress.batch_end(b, loss);
      training.place.batch = b + 1;
      tell([&](auto& c) { return c.on_batch_end(training, b, loss); });
    }
  };
  const auto run = [&] {
    if (options.resume_from.empty())
      tell([&](auto& c) { return c.on_train_begin(training); });
    else
      training.place = detail::resume(network, optimizer, callbacks, options);
    if (training.place.shard_rows > 0 && training.place.shard_rows != step->shard_rows())
      make_step(training.place.shard_rows);
    training.place.shard_rows = step->shard_rows();
    training.show_averages(false);
    for (std::size_t epoch = training.place.epoch; epoch < options.epochs && !training.place.stopped; ++epoch) {
      if (training.place.batch == 0) tell([&](auto& c) { return c.on_epoch_begin(training, epoch); });
      progress.epoch_begin(epoch);
      step->tally().reset();
      feed.open(epoch);
      batches(epoch);
      EpochLogs logs(epoch);
      for (auto& [name, value] : step->tally().results()) logs.set(std::move(name), value);
      training.show_averages(true);
      if (evaluation)
        for (const auto& [name, value] : evaluation->run()) logs.set("val_" + name, value);
      progress.epoch_end(logs);
      tell([&](auto& c) { return c.on_epoch_end(training, logs); });
      training.place.epoch = epoch + 1;
      training.place.batch = 0;
      tell([&](auto& c) { return c.on_epoch_settled(training, logs); });
      history.add(std::move(logs));
      training.show_averages(false);
    }
    if (!partial) optimizer.finalize(network.weights(), network.segments());
  };
  try {
    run();
  } catch (...) {
    training.show_averages(false);
    tell([&](auto& c) { return c.on_train_end(training); });
    throw;
  }
  tell([&](auto& c) { return c.on_train_end(training); });
  return history;
}

/// Trains on arrays, which are all rows there are unless `partial`. Throws before the first step for data that does not
/// fit.
template <class T>
History fit(Network<T>& network, const Objective<T>& objective, Optimizer<T>& optimizer, Dataset<T> data,
            std::optional<Dataset<T>> validation, const FitOptions<T>& options, bool partial = false) {
  detail::check_options(options);
  detail::ClassWeighting classes(options.class_weight, objective.outputs.size());
  data.weights.assign(options.sample_weight.begin(), options.sample_weight.end());
  const Shape prediction = detail::check_data(network, objective, data, "fit", options.signed_weights);
  if (validation) {
    detail::check_data(network, objective, *validation, "fit, validation_data");
  } else if (options.validation_split > 0) {
    const std::size_t kept = data.rows() - detail::rows_up(options.validation_split * static_cast<double>(data.rows()));
    if (kept == 0 || kept == data.rows())
      throw DataError(text("fit: expected a validation_split that leaves rows on both sides, received ",
                           options.validation_split, " of ", data.rows(), " rows"));
    validation = data.range(kept, data.rows() - kept);
    data = data.range(0, kept);
  }
  classes.apply(data, prediction);  // steers training; validation is as evaluate has it
  if (!partial) {
    classes.check_seen();
    detail::check_reach(network, objective, data);
  }
  detail::check_weight(detail::has_weight(data), "fit");
  if (validation) detail::check_weight(detail::has_weight(*validation), "fit, validation");
  detail::keep_probes(network, data, options.probe_rows);
  ArrayFeed<T> feed(data, options.batch_size, options.shuffle, options.seed);
  return fit(network, objective, optimizer, feed, validation, options, partial);
}

/// All rows at once, with L-BFGS. Frozen parameters stay.
template <class T>
LBFGSResult minimize(Network<T>& network, const Objective<T>& objective, Optimizer<T>& optimizer, Dataset<T> data,
                     const LBFGSOptions& how, const FitOptions<T>& options) {
  if (options.validation_split > 0 || !options.validation_data.empty() || !options.callbacks.empty() ||
      !options.resume_from.empty())
    throw ConfigError(
        "minimize: expected weights, threads and a seed as options, received validation, callbacks or resume_from; use "
        "fit for those");
  detail::ClassWeighting classes(options.class_weight, objective.outputs.size());
  data.weights.assign(options.sample_weight.begin(), options.sample_weight.end());
  classes.apply(data, detail::check_data(network, objective, data, "minimize", options.signed_weights));
  classes.check_seen();
  detail::check_reach(network, objective, data);
  detail::check_weight(detail::has_weight(data), "minimize");
  detail::keep_probes(network, data, options.probe_rows);
  const Executor executor = options.executor.threads() > 1 ? options.executor : Executor(options.threads);
  TrainStep<T> step(network, objective, optimizer, data, data.rows(), options.seed, executor, false);
  const std::vector<Segment> segments = network.segments();
  Arena<T> best = network.weights();
  const LBFGSResult result = LBFGS<T>(how).minimize(best, [&](const Arena<T>& weights, Arena<T>& gradient) {
    network.weights() = weights;
    const double loss = step.differentiate({0, data.rows(), nullptr});
    gradient = step.gradients();
    for (const Segment& segment : segments)
      if (!segment.trainable) std::fill_n(gradient.data() + segment.offset, segment.size, T(0));
    return loss;
  });
  network.weights() = best;
  return result;
}

/// Trains on a stream; `order` gives the arrays of examples in the model's order.
template <class T>
History fit(Network<T>& network, const Objective<T>& objective, Optimizer<T>& optimizer, ExampleStream<T> stream,
            const std::function<Dataset<T>(const Examples<T>&)>& order, std::optional<Dataset<T>> validation,
            const FitOptions<T>& options) {
  detail::check_options(options);
  if (options.validation_split > 0 || !options.sample_weight.empty())
    throw ConfigError(
        "fit: expected neither validation_split nor sample_weight for a stream; give validation_data, and weights with "
        "the examples");
  if (!options.resume_from.empty() && options.shuffle && options.shuffle_buffer == 0)
    throw ConfigError("fit: expected a shuffle_buffer of at least 1 row, or shuffle = false, received 0");
  std::optional<Program> program;
  detail::ClassWeighting classes(options.class_weight, objective.outputs.size());
  bool counted = false;
  const auto view = [&](const Examples<T>& examples) {
    Dataset<T> data = order(examples);
    data.weights = examples.weights();
    if (!network.built()) network.build(rows_of(data.inputs), options.seed);
    if (!program) {
      detail::keep_probes(network, data, options.probe_rows);
      program.emplace(network.program(PassMode::inference, rows_of(data.inputs)));
      objective.check(network.graph(), &program->shapes);
    }
    detail::check_data(network.graph(), *program, objective, data, "fit", options.signed_weights);
    classes.apply(data, program->shapes[program->outputs[0]]);
    counted = counted || detail::has_weight(data);
    return data;
  };
  const auto ended = [&] {
    classes.check_seen();
    detail::check_weight(counted, "fit");
  };
  StreamFeed<T> feed(std::move(stream), view, ended, options.batch_size, options.shuffle ? options.shuffle_buffer : 0,
                     options.prefetch, options.seed);
  if (validation) {
    detail::check_data(network, objective, *validation, "fit, validation_data");
    detail::check_weight(detail::has_weight(*validation), "fit, validation_data");
  }
  return fit(network, objective, optimizer, feed, validation, options);
}

}  // namespace foretell

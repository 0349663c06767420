// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/graph/check_inputs.hpp"
#include "foretell/graph/workspace.hpp"
#include "foretell/losses/loss.hpp"
#include "foretell/metrics/metric.hpp"
#include "foretell/training/crew.hpp"
#include "foretell/training/history.hpp"
#include "foretell/training/output_facts.hpp"

namespace foretell {

/// What training minimises and reports: for each graph output a loss with its weight, and metrics.
template <class T>
struct Objective {
  struct Output {
    std::string name;
    Loss<T> loss;
    double weight = 1;
    std::vector<Metric<T>> metrics;
    bool learns_weight = false;

    /// The parameter of a learned weight.
    std::string log_variance() const { return text("foretell.loss/", name, "/log_variance"); }
  };
  std::vector<Output> outputs;

  bool compiled() const { return !outputs.empty(); }
  /// What it learns for itself: Network::set_further_parameters.
  std::vector<std::string> parameters() const {
    std::vector<std::string> names;
    for (const Output& output : outputs)
      if (output.learns_weight) names.push_back(output.log_variance());
    return names;
  }
  /// What is reported: "loss", then, with several outputs, "buys_loss", ...; metrics likewise. A name that is there
  /// already gets "_1" and so on, as in Keras.
  std::vector<LogEntry> entries() const {
    const bool several = outputs.size() > 1;
    std::vector<LogEntry> all{{"loss", Mode::min}};
    const auto add = [&](const std::string& name, Mode mode) {
      std::string free = name;
      const auto taken = [&](const LogEntry& entry) { return entry.name == free; };
      for (std::size_t k = 1; std::any_of(all.begin(), all.end(), taken); ++k) free = text(name, "_", k);
      all.push_back({free, mode});
    };
    for (const Output& output : outputs)
      if (several) add(output.name + "_loss", Mode::min);
    for (const Output& output : outputs)
      for (const auto& metric : output.metrics)
        add(several ? text(output.name, "_", metric.name()) : metric.name(), metric.mode());
    return all;
  }
  /// Throws ConfigError for losses and metrics that cannot be meant for the graph's outputs, and for names that
  /// validation has. `shapes` of all nodes, where they are known.
  void check(const LayerGraph& graph, const std::vector<Shape>* shapes = nullptr) const {
    const std::vector<LogEntry> all = entries();
    for (const LogEntry& entry : all)
      for (const LogEntry& other : all)
        if (entry.name == "val_" + other.name)
          throw ConfigError(text("compile: expected \"", entry.name, "\" to be the \"", other.name,
                                 "\" of validation, received a metric or output of that name; rename it"));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const Output& output = outputs[i];
      if (!(output.weight >= 0) || !std::isfinite(output.weight))
        throw ConfigError(text("compile: expected a finite loss weight of at least 0 for output \"", output.name,
                               "\", received ", output.weight));
      OutputFacts facts = output_facts(graph, graph.outputs()[i].node, shapes);
      if (facts.one)
        throw ConfigError(
            text("compile: expected a softmax over at least two numbers, received one over a single number, "
                 "which is always 1, in ",
                 facts.origin, "; write sigmoid there, or give it a unit for each class"));
      facts.logits = output.loss.takes_logits();
      output.loss.check_output(facts);
      facts.last = false;
      for (const auto& metric : output.metrics) metric.check_output(facts);
    }
  }
  /// Whether a loss compares the rows of a batch with one another.
  bool whole_batch() const {
    return std::any_of(outputs.begin(), outputs.end(), [](const Output& output) { return output.loss.whole_batch(); });
  }
  /// Throws ConfigError unless every loss takes weights of rows below 0. A learned weight does not: the variance that
  /// it stands for could only fall.
  void check_signed_weights(std::string_view who) const {
    for (const Output& output : outputs)
      if (!output.loss.signed_weights() || output.learns_weight)
        throw ConfigError(text(who, ": expected weights of at least 0 for output \"", output.name,
                               "\", received some below 0, which ",
                               output.learns_weight ? "learn_weight" : output.loss.name(),
                               " does not take; weigh it by numbers above 0, or take a loss of each row by itself"));
  }
  /// For each output: whether its loss takes the values before the final activation.
  std::vector<bool> peel(const LayerGraph& graph) const {
    std::vector<bool> result;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const LayerSpec& last = graph.entries()[graph.outputs()[i].node].layer;
      result.push_back(last && last.output_activation() != linear && outputs[i].loss.fuses(last.output_activation()));
    }
    return result;
  }
};

/// Losses and metrics over the batches of one epoch or evaluation. What is minimised is the sum of weight * loss or, of
/// an output with a learned weight, exp(-s) weight loss + s / 2, where s, a parameter, stands for the logarithm of the
/// variance that the output is seen with (Kendall, Gal and Cipolla 2018).
template <class T>
class Tally {
 public:
  Tally(const Network<T>& network, const Objective<T>& objective, const Program& program, std::size_t rows)
      : objective_(objective),
        program_(program),
        losses_(objective.outputs.size()),
        weights_(objective.outputs.size()),
        offsets_(objective.outputs.size()),
        log_variances_(objective.outputs.size(), none) {
    for (std::size_t i = 0; i < losses_.size(); ++i) {
      if (objective_.outputs[i].learns_weight) log_variances_[i] = offset_of(objective_.outputs[i], network);
      const bool needed = !objective_.outputs[i].metrics.empty() && program.peeled[i] != linear;
      activated_.emplace_back(needed ? rows * program.shapes[program.outputs[i]].size() : 0);
      if (!objective_.outputs[i].metrics.empty()) magnitudes_.resize(rows);
    }
  }

  /// So that metrics which keep every row do not grow within an epoch of that many.
  void reserve(std::size_t rows) {
    for (auto& output : objective_.outputs)
      for (auto& metric : output.metrics) metric.reserve(rows);
  }
  void reset() {
    rows_ = 0;
    losses_.assign(losses_.size(), 0.0);
    total_ = 0;
    for (auto& output : objective_.outputs)
      for (auto& metric : output.metrics) metric.reset();
  }

  /// The weights of the losses as they are now; before the first call of `losses` and after each update.
  void weigh(const Network<T>& network) {
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      weights_[i] = objective_.outputs[i].weight;
      if (log_variances_[i] == none) continue;
      const double s = static_cast<double>(network.weights()[log_variances_[i]]);
      weights_[i] *= std::exp(-s);
      offsets_[i] = s / 2;
    }
  }

  /// The losses of a shard that `workspace` has just run forward, summed over its rows, one for each output; with
  /// `gradients` the output gradients too, for a batch of `batch_rows`. `rows_per_real_step` of the batch, for each
  /// output, when the shard is not all of it. Re-entrant.
  void losses(Workspace<T>& workspace, const Batch<T>& shard, std::size_t batch_rows, bool gradients, double* sums,
              const double* rows_per_real_step = nullptr) const {
    for (std::size_t i = 0; i < losses_.size(); ++i) {
      const In<T> prediction = workspace.output(i);
      LossCall<T> call{fit_shape(shard.target(i), prediction), prediction, program_.peeled[i], shard.weights()};
      if (rows_per_real_step) call.rows_per_real_step = rows_per_real_step[i];
      if (gradients) {
        call.gradient = workspace.output_gradient(i);
        call.scale = weights_[i] / static_cast<double>(batch_rows);
      }
      sums[i] = objective_.outputs[i].loss(call);
    }
  }
  /// Counts such a shard and shows it to the metrics. Shards in order, one at a time. Returns its weighted loss sum.
  double add(const Workspace<T>& workspace, const Batch<T>& shard, const double* sums) {
    double total = 0;
    const T* counts = magnitudes(shard);
    for (std::size_t i = 0; i < losses_.size(); ++i) {
      auto& output = objective_.outputs[i];
      losses_[i] += sums[i];
      total += weights_[i] * sums[i] + offsets_[i] * static_cast<double>(shard.rows());
      if (output.metrics.empty()) continue;
      const In<T> prediction = workspace.output(i), truth = fit_shape(shard.target(i), prediction);
      const In<T> shown = activate(i, prediction);
      for (auto& metric : output.metrics) metric.update(truth, shown, counts);
    }
    rows_ += shard.rows();
    total_ += total;
    return total;
  }
  /// What such a shard adds to the gradients of the learned weights.
  void add_weight_gradients(const double* sums, std::size_t rows, std::size_t batch_rows, T* gradients) const {
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      if (log_variances_[i] == none) continue;
      const double gradient = static_cast<double>(rows) / 2 - weights_[i] * sums[i];
      gradients[log_variances_[i]] += static_cast<T>(gradient / static_cast<double>(batch_rows));
    }
  }
  /// The regularizers' share in the loss of a batch.
  void add_penalty(double penalty, std::size_t batch_rows) { total_ += penalty * static_cast<double>(batch_rows); }

  /// "loss" and the others, as Objective::entries has them.
  NamedValues results() const {
    const double rows = rows_ ? static_cast<double>(rows_) : 1.0;
    NamedValues named;
    for (LogEntry& entry : objective_.entries()) named.emplace_back(std::move(entry.name), 0);
    std::size_t place = 0;
    named[place++].second = total_ / rows;
    for (std::size_t i = 0; losses_.size() > 1 && i < losses_.size(); ++i) named[place++].second = losses_[i] / rows;
    for (const auto& output : objective_.outputs)
      for (const auto& metric : output.metrics) named[place++].second = metric.result();
    return named;
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  static std::size_t offset_of(const typename Objective<T>::Output& output, const Network<T>& network) {
    for (const ParameterInfo& info : network.parameters())
      if (info.name == output.log_variance()) return info.offset;
    throw StateError(text("Objective: expected a network with the parameter \"", output.log_variance(),
                          "\", received one without; give it set_further_parameters(objective.parameters())"));
  }
  /// The weights of rows as metrics see them: never below 0.
  const T* magnitudes(const Batch<T>& shard) {
    const T* weights = shard.weights();
    if (!weights || magnitudes_.empty() || std::none_of(weights, weights + shard.rows(), [](T w) { return w < 0; }))
      return weights;
    std::transform(weights, weights + shard.rows(), magnitudes_.begin(), [](T w) { return std::abs(w); });
    return magnitudes_.data();
  }
  /// Truth in the prediction's shape when it has as many numbers: (n) labels against (n, 1) predictions.
  static In<T> fit_shape(In<T> truth, In<T> prediction) {
    return truth.row_size() == prediction.row_size() ? In<T>(truth.data(), truth.rows(), prediction.shape()) : truth;
  }
  In<T> activate(std::size_t i, In<T> logits) {
    const ActivationFunction f = program_.peeled[i];
    if (f == linear) return logits;
    T* out = activated_[i].data();
    if (kernels::is_rowwise(f.kind))
      kernels::activate_rows(f, logits.flat_rows(), logits.back(), logits.data(), out);
    else
      kernels::activate(f, logits.size(), logits.data(), out);
    return In<T>(out, logits.rows(), logits.shape(), logits.mask());
  }

  Objective<T> objective_;
  const Program& program_;
  std::vector<double> losses_;
  std::vector<double> weights_, offsets_;   ///< of this batch, for each output
  std::vector<std::size_t> log_variances_;  ///< of each output: where its parameter is, or none
  std::vector<Arena<T>> activated_;
  std::vector<T> magnitudes_;
  double total_ = 0;
  std::size_t rows_ = 0;
};

/// The regularizers' share of the loss, and their gradient.
template <class T>
double penalty(const Network<T>& network, T* gradients = nullptr) {
  double sum = 0;
  for (const ParameterInfo& info : network.parameters()) {
    if (!info.options.regularizer) continue;
    const std::span<const T> weights(network.weights().data() + info.offset, info.shape.size());
    sum += info.options.regularizer.penalty(weights);
    if (gradients)
      info.options.regularizer.add_gradient(weights, std::span<T>(gradients + info.offset, info.shape.size()));
  }
  return sum;
}

/// Runs `data` through the network in inference and tallies losses and metrics.
template <class T>
class Evaluation {
 public:
  Evaluation(const Network<T>& network, const Objective<T>& objective, const Dataset<T>& data, std::size_t batch_size,
             const Executor& executor = {})
      : network_(network),
        data_(data),
        rows_(std::max<std::size_t>(1, std::min(batch_size, data.rows()))),
        program_(std::make_shared<const Program>(
            network.program(PassMode::inference, rows_of(data.inputs), {.peel = objective.peel(network.graph())}))),
        crew_(program_, data, objective.outputs.size(), data.rows(), rows_, executor),
        tally_(network, objective, *program_, rows_) {
    tally_.reserve(data.rows());
  }

  /// "loss" and the metrics.
  NamedValues run() {
    tally_.reset();
    tally_.weigh(network_);
    const PassContext<T> context = network_.context();
    crew_.run(
        {0, data_.rows()}, rows_,
        [&](ShardWorker<T>& worker, std::size_t) {
          worker.workspace.forward(context, worker.batch.inputs(), worker.batch.rows());
          tally_.losses(worker.workspace, worker.batch, worker.batch.rows(), false, worker.losses.data());
        },
        [&](ShardWorker<T>& worker, std::size_t) { tally_.add(worker.workspace, worker.batch, worker.losses.data()); });
    tally_.add_penalty(penalty(network_), data_.rows());
    return tally_.results();
  }

 private:
  const Network<T>& network_;
  const Dataset<T>& data_;
  std::size_t rows_;
  std::shared_ptr<const Program> program_;
  Crew<T> crew_;
  Tally<T> tally_;
};

}  // namespace foretell

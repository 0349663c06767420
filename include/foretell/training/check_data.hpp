// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/graph/check_inputs.hpp"
#include "foretell/training/objective.hpp"

// What is looked at before the first step: data that layers and losses can use, and weights of rows and classes.

namespace foretell {

namespace detail {

/// Throws StateError for a network of which nothing would change.
template <class T>
void check_trainable(const Network<T>& network, std::string_view who) {
  const std::vector<Segment> segments = network.segments();
  if (std::none_of(segments.begin(), segments.end(), [](const Segment& s) { return s.trainable && s.size > 0; }))
    throw StateError(text(who, ": expected parameters to train, received none that set_trainable has not frozen"));
}

/// Throws for weights of rows that cannot be used. `with_sign`: they may be below 0, where the objective takes such.
template <class T>
void check_row_weights(const Objective<T>& objective, const Dataset<T>& data, const std::string& who, bool with_sign) {
  if (!data.weights.empty() && data.weights.size() != data.rows())
    throw ShapeError(
        text(who, ": expected one sample_weight a row, received ", data.weights.size(), " for ", data.rows(), " rows"));
  bool below = false;
  for (std::size_t i = 0; i < data.weights.size(); ++i) {
    const T weight = data.weights[i];
    below = below || weight < 0;
    if (!std::isfinite(weight) || (weight < 0 && !with_sign))
      throw DataError(text(who, ": expected sample weights that are finite", with_sign ? "" : " and not negative",
                           ", received ", weight, " in row ", i, ", counted from 0",
                           std::isfinite(weight)
                               ? "; set signed_weights where weights below 0 are meant, as advantages are"
                               : "; leave such rows out, or give them a weight of 0"));
  }
  if (below) objective.check_signed_weights(who);
}

/// Throws for inputs, targets and row weights that cannot be used. `program` is one for these rows.
template <class T>
void check_data(const LayerGraph& graph, const Program& program, const Objective<T>& objective, const Dataset<T>& data,
                const std::string& who, bool with_sign = false) {
  const auto row_count = [&](const Rows<T>& part, const std::string& name) {
    if (part.rows != data.rows())
      throw ShapeError(text(who, ": expected as many rows in every array, received ", data.rows(), " in ",
                            graph.describe(graph.inputs()[0]), " and ", part.rows, " in ", name));
  };
  const auto fine = [&](const Rows<T>& part) { return part.rows == data.rows() && all_finite(part); };
  for (std::size_t i = 0; i < data.inputs.size(); ++i) {
    if (fine(data.inputs[i])) continue;
    const std::string name = graph.describe(graph.inputs()[i]);
    row_count(data.inputs[i], name);
    check_finite(data.inputs[i], text(who, ", ", name));
  }
  validate_inputs(program, data.inputs, who);
  for (std::size_t i = 0; i < data.targets.size(); ++i) {
    const Rows<T>& target = data.targets[i];
    if (!fine(target)) {
      const std::string name = text("target of output \"", graph.outputs()[i].name, "\"");
      row_count(target, name);
      check_finite(target, text(who, ", ", name));
    }
    objective.outputs[i].loss.validate(In<T>(target.data, target.rows, target.shape),
                                       program.shapes[program.outputs[i]]);
  }
  check_row_weights(objective, data, who, with_sign);
}

/// Returns the row shape of the first output, too.
template <class T>
Shape check_data(const Network<T>& network, const Objective<T>& objective, const Dataset<T>& data,
                 const std::string& who, bool with_sign = false) {
  if (data.rows() == 0) throw DataError(text(who, ": expected at least one row, received none"));
  const Program program = network.program(PassMode::inference, rows_of(data.inputs));
  check_data(network.graph(), program, objective, data, who, with_sign);
  objective.check(network.graph(), &program.shapes);
  return program.shapes[program.outputs[0]];
}

/// Throws DataError when an activation keeps every number of a target out of reach of a regression: a sigmoid and
/// amounts, say. Some that cannot be reached are no error.
template <class T>
void check_reach(const Network<T>& network, const Objective<T>& objective, const Dataset<T>& data) {
  for (std::size_t o = 0; o < objective.outputs.size(); ++o) {
    const auto& output = objective.outputs[o];
    const OutputFacts facts = output_facts(network.graph(), network.graph().outputs()[o].node);
    if (!facts.activation ||
        !is_among(output.loss.name(), {"mean_squared_error", "mean_absolute_error", "huber", "log_cosh", "quantile"}))
      continue;
    constexpr double far = std::numeric_limits<double>::infinity();
    const Range range = range_of(facts.activation->kind);
    const double low = range == Range::any || range == Range::logarithms ? -far : range == Range::around_zero ? -1 : 0;
    const double high = range == Range::any || range == Range::above_zero ? far : range == Range::logarithms ? 0 : 1;
    const T* target = data.targets[o].data;
    const std::size_t size = data.targets[o].rows * data.targets[o].shape.size();
    const auto reached = [&](T t) { return static_cast<double>(t) >= low && static_cast<double>(t) <= high; };
    if (size > 0 && std::none_of(target, target + size, reached))
      throw DataError(text("fit, target of output \"", output.name, "\": expected one within ", low, " .. ", high,
                           " in some row, received ", target[0], " in the first and none in reach of ", facts.origin,
                           " with activation ", name(facts.activation->kind),
                           "; scale the target, or end the model in a linear layer"));
  }
}

/// Whether a row counts.
template <class T>
bool has_weight(const Dataset<T>& data) {
  return data.weights.empty() || std::any_of(data.weights.begin(), data.weights.end(), [](T w) { return w != 0; });
}
inline void check_weight(bool some, std::string_view who) {
  if (!some)
    throw DataError(text(who,
                         ": expected a row with a weight above 0, received rows of weight 0 alone, by sample_weight "
                         "or class_weight"));
}

/// The class_weight of a run, and which of its classes have been seen.
class ClassWeighting {
 public:
  /// Throws ConfigError for several outputs, for a class named twice and for weights that are none.
  ClassWeighting(std::vector<std::pair<double, double>> weights, std::size_t outputs)
      : weights_(std::move(weights)), seen_(weights_.size()) {
    if (!weights_.empty() && outputs > 1)
      throw ConfigError(text("fit: expected class_weight for a model of one output, received one for ", outputs,
                             "; weigh the rows by sample_weight"));
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      const auto [label, weight] = weights_[i];
      if (!(weight >= 0) || !std::isfinite(weight))
        throw ConfigError(text("fit: expected class weights that are finite and not negative, received ", weight,
                               " for class ", label));
      for (std::size_t j = 0; j < i; ++j)
        if (weights_[j].first == label)
          throw ConfigError(text("fit: expected one weight a class, received two for class ", label));
    }
  }

  /// Multiplies each row's weight by that of its class: the only number of its target, or the place of the 1 in one-hot
  /// classes. Throws where a row has several labels, or one between two classes. `prediction`: the row shape of what
  /// the targets are compared with.
  template <class T>
  void apply(Dataset<T>& data, const Shape& prediction) {
    if (weights_.empty()) return;
    const Rows<T>& target = data.targets.at(0);
    const std::size_t n = target.shape.size();
    if (n != 1 && prediction.size() != prediction.back())
      throw ConfigError(text("fit: expected one label a row for class_weight, received rows of ",
                             rows_text(target.shape), "; weigh the rows by sample_weight"));
    if (data.weights.empty()) data.weights.assign(data.rows(), T(1));
    for (std::size_t i = 0; i < data.rows(); ++i) {
      const double label = label_of(target.data + i * n, n, i);
      if (label != std::floor(label) &&
          std::none_of(weights_.begin(), weights_.end(), [&](const auto& w) { return w.first == label; }))
        throw DataError(text("fit: expected classes, whole numbers, as labels for class_weight, received ", label,
                             " in row ", i, ", counted from 0; weigh the rows by sample_weight"));
      for (std::size_t k = 0; k < weights_.size(); ++k) {
        if (weights_[k].first != label) continue;
        data.weights[i] *= static_cast<T>(weights_[k].second);
        seen_[k] = 1;
      }
      if (!std::isfinite(data.weights[i]))
        throw DataError(text("fit: expected sample_weight times class_weight to be finite, received ", data.weights[i],
                             " in row ", i, ", counted from 0"));
    }
  }
  /// Throws ConfigError when a class has had no row.
  void check_seen() const {
    for (std::size_t k = 0; k < weights_.size(); ++k)
      if (!seen_[k])
        throw ConfigError(text("fit: expected class weights of classes that occur, received one for class ",
                               weights_[k].first,
                               ", which no row of training has; leave it out or look at the labels"));
  }

 private:
  template <class T>
  static double label_of(const T* target, std::size_t n, std::size_t row) {
    if (n == 1) return static_cast<double>(*target);
    const T* one = std::find(target, target + n, T(1));
    const auto others = static_cast<std::size_t>(std::count(target, target + n, T(0)));
    if (one == target + n || others != n - 1)
      throw DataError(
          text("fit: expected one label a row for class_weight, a single number or one-hot classes, received ",
               "neither in row ", row, ", counted from 0; weigh the rows by sample_weight"));
    return static_cast<double>(one - target);
  }

  std::vector<std::pair<double, double>> weights_;
  std::vector<char> seen_;
};

}  // namespace detail

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <limits>
#include <string>
#include <utility>

namespace foretell::detail {

/// A mean that is collected in parts; NaN while nothing with a weight above zero was seen, and after a NaN with one.
class WeightedMean {
 public:
  void add(double value, double weight) {
    if (weight != 0) add_sum(weight * value, weight);
  }
  void add_sum(double sum, double weight) {
    sum_ += sum;
    weight_ += weight;
  }
  void merge(const WeightedMean& other) { add_sum(other.sum_, other.weight_); }
  double result() const { return weight_ > 0 ? sum_ / weight_ : std::numeric_limits<double>::quiet_NaN(); }

 private:
  double sum_ = 0, weight_ = 0;
};

/// What metrics that are a mean have in common; the options have a `name`.
template <class Options>
class MeanMetric {
 public:
  explicit MeanMetric(Options options = {}) : options_(std::move(options)) {}

  std::string name() const { return options_.name; }
  double result() const { return mean_.result(); }
  void reset() { mean_ = {}; }
  void merge(const MeanMetric& other) { mean_.merge(other.mean_); }

 protected:
  Options options_;
  WeightedMean mean_;
};

}  // namespace foretell::detail

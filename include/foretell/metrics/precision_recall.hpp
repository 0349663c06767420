// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>

#include "foretell/core/view.hpp"
#include "foretell/metrics/positions.hpp"

namespace foretell {

namespace detail {

/// 0 of nothing: the value of precision, recall and F1 when there is nothing to divide by.
inline double ratio(double part, double whole, double of_nothing = 0) { return whole > 0 ? part / whole : of_nothing; }

/// What metrics have in common that count yes and no; the options have a `threshold` and a `name`.
template <class Options>
class CountingMetric {
 public:
  explicit CountingMetric(Options options = {}) : options_(std::move(options)) {}

  std::string name() const { return options_.name; }
  template <class T>
  void update(In<T> truth, In<T> prediction, const T* weights) {
    for_each_pair(options_.name, truth, prediction, weights, [&](double t, double p, double weight) {
      const bool yes = p > options_.threshold;
      if (t > 0.5)
        (yes ? true_positives_ : false_negatives_) += weight;
      else if (yes)
        false_positives_ += weight;
    });
  }
  void reset() { true_positives_ = false_positives_ = false_negatives_ = 0; }
  void merge(const CountingMetric& other) {
    true_positives_ += other.true_positives_;
    false_positives_ += other.false_positives_;
    false_negatives_ += other.false_negatives_;
  }
  void fields(auto&& f) {
    f("threshold", options_.threshold);
    f("name", options_.name);
  }

 protected:
  Options options_;
  double true_positives_ = 0, false_positives_ = 0, false_negatives_ = 0;
};

}  // namespace detail

struct PrecisionOptions {
  double threshold = 0.5;  ///< a prediction above it says yes
  std::string name = "precision";
};

/// Share of the predicted positives that are positive (truth above 0.5), over all outputs; 0 when nothing is predicted
/// positive.
class Precision : public detail::CountingMetric<PrecisionOptions> {
 public:
  using CountingMetric::CountingMetric;
  double result() const { return detail::ratio(true_positives_, true_positives_ + false_positives_); }
};

struct RecallOptions {
  double threshold = 0.5;  ///< a prediction above it says yes
  std::string name = "recall";
};

/// Share of the positives (truth above 0.5) that are predicted positive, over all outputs; 0 when nothing is positive.
class Recall : public detail::CountingMetric<RecallOptions> {
 public:
  using CountingMetric::CountingMetric;
  double result() const { return detail::ratio(true_positives_, true_positives_ + false_negatives_); }
};

struct F1ScoreOptions {
  double threshold = 0.5;  ///< a prediction above it says yes
  std::string name = "f1_score";
};

/// Harmonic mean of precision and recall, over all outputs; 0 when nothing is positive or predicted positive.
class F1Score : public detail::CountingMetric<F1ScoreOptions> {
 public:
  using CountingMetric::CountingMetric;
  double result() const {
    return detail::ratio(2 * true_positives_, 2 * true_positives_ + false_positives_ + false_negatives_);
  }
};

}  // namespace foretell

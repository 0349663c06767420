// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "foretell/core/view.hpp"
#include "foretell/losses/output_facts.hpp"
#include "foretell/metrics/class_counts.hpp"
#include "foretell/metrics/confusion_counts.hpp"
#include "foretell/metrics/mode.hpp"
#include "foretell/metrics/positions.hpp"

// Precision, recall and F1 over a data set that is seen batch by batch. AverageMode::binary counts yes (prediction
// above the threshold, truth above 0.5) over all outputs. The other averages are over classes: the greatest score is
// the predicted class, truth is class ids or one-hot; classes that never occur are left out. NaN after a NaN among the
// scores.

namespace foretell {

namespace detail {

/// The options have `average`, `threshold` and `name`.
template <class Options, ClassScore score>
class CountingMetric {
 public:
  static constexpr Mode mode = Mode::max;
  explicit CountingMetric(Options options = {}) : options_(std::move(options)) {}

  std::string name() const { return options_.name; }
  template <class T>
  void update(In<T> truth, In<T> prediction, const T* weights) {
    if (options_.average != AverageMode::binary)
      return counts_.update(options_.name, truth, prediction, weights, options_.threshold);
    for_each_pair(options_.name, truth, prediction, weights, [&](double t, double p, double weight) {
      const bool yes = p > options_.threshold, is = says_yes(options_.name, t);
      broken_ = broken_ || std::isnan(p);
      yes_ += {is ? weight : 0, yes ? weight : 0, is && yes ? weight : 0};
    });
  }
  double result() const {
    if (broken_ || counts_.broken()) return std::numeric_limits<double>::quiet_NaN();
    return options_.average == AverageMode::binary ? (yes_.*score)(0)
                                                   : averaged(counts_.by_seen_class(), options_.average, score, 0);
  }
  void reset() {
    yes_ = {};
    broken_ = false;
    counts_.reset();
  }
  void merge(const CountingMetric& other) {
    yes_ += other.yes_;
    broken_ = broken_ || other.broken_;
    counts_.merge(options_.name, other.counts_);
  }
  void check_output(const OutputFacts& output) const {
    if (options_.average == AverageMode::binary || output.width == 1)
      check_threshold(options_.name, output, options_.threshold);
  }
  void fields(auto&& f) {
    f("average", options_.average);
    f("threshold", options_.threshold);
    f("name", options_.name);
  }

 private:
  Options options_;
  ClassCount yes_;
  bool broken_ = false;
  ConfusionCounts counts_;
};

}  // namespace detail

struct PrecisionOptions {
  AverageMode average = AverageMode::binary;
  double threshold = 0.5;  ///< a prediction above it says yes
  std::string name = "precision";
};

/// Share of the predicted positives that are positive; 0 when nothing is predicted positive.
class Precision : public detail::CountingMetric<PrecisionOptions, &detail::ClassCount::precision> {
 public:
  using CountingMetric::CountingMetric;
};

struct RecallOptions {
  AverageMode average = AverageMode::binary;
  double threshold = 0.5;  ///< a prediction above it says yes
  std::string name = "recall";
};

/// Share of the positives that are predicted positive; 0 when nothing is positive.
class Recall : public detail::CountingMetric<RecallOptions, &detail::ClassCount::recall> {
 public:
  using CountingMetric::CountingMetric;
};

struct F1ScoreOptions {
  AverageMode average = AverageMode::binary;
  double threshold = 0.5;  ///< a prediction above it says yes
  std::string name = "f1_score";
};

/// Harmonic mean of precision and recall; 0 when nothing is positive or predicted positive. keras.metrics.F1Score, by
/// default without an average, gives one number a class, by the greatest score; their mean here, without classes that
/// never occur, is AverageMode::macro.
class F1Score : public detail::CountingMetric<F1ScoreOptions, &detail::ClassCount::f1> {
 public:
  using CountingMetric::CountingMetric;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>

#include "foretell/core/view.hpp"
#include "foretell/losses/output_facts.hpp"
#include "foretell/metrics/confusion_counts.hpp"
#include "foretell/metrics/mode.hpp"

// How far predicted and true classes agree, over a data set that is seen batch by batch. Scores of several classes go
// by the greatest, a single number by the threshold; truth as class ids or one-hot. NaN of no rows and after a NaN.

namespace foretell {

namespace detail {

/// M derives from this and gives `score(counts)`; the options have a `threshold` and a `name`.
template <class M, class Options>
class ConfusionMetric {
 public:
  static constexpr Mode mode = Mode::max;
  explicit ConfusionMetric(Options options = {}) : options_(std::move(options)) {}

  std::string name() const { return options_.name; }
  template <class T>
  void update(In<T> truth, In<T> prediction, const T* weights) {
    counts_.update(options_.name, truth, prediction, weights, options_.threshold);
  }
  double result() const {
    return counts_.classes() && !counts_.broken() ? static_cast<const M&>(*this).score(counts_)
                                                  : std::numeric_limits<double>::quiet_NaN();
  }
  void reset() { counts_.reset(); }
  void merge(const ConfusionMetric& other) { counts_.merge(options_.name, other.counts_); }
  void check_output(const OutputFacts& output) const {
    if (output.width == 1) check_threshold(options_.name, output, options_.threshold);
  }
  void fields(auto&& f) {
    f("threshold", options_.threshold);
    f("name", options_.name);
  }
  /// The weight of rows of class `truth` that were predicted as class `prediction`, both below classes().
  double count(std::size_t truth, std::size_t prediction) const { return counts_(truth, prediction); }
  std::size_t classes() const { return counts_.classes(); }

 protected:
  Options options_;
  ConfusionCounts counts_;
};

}  // namespace detail

struct MatthewsCorrelationOptions {
  double threshold = 0.5;
  std::string name = "matthews_correlation";
};

/// As matthews_corrcoef.
class MatthewsCorrelation : public detail::ConfusionMetric<MatthewsCorrelation, MatthewsCorrelationOptions> {
 public:
  using ConfusionMetric::ConfusionMetric;
  static double score(const detail::ConfusionCounts& counts) { return detail::matthews(counts.by_class()); }
};

struct CohenKappaOptions {
  KappaWeights weights = KappaWeights::equal;
  double threshold = 0.5;
  std::string name = "cohen_kappa";
};

/// As cohen_kappa_score.
class CohenKappa : public detail::ConfusionMetric<CohenKappa, CohenKappaOptions> {
 public:
  using ConfusionMetric::ConfusionMetric;
  double score(const detail::ConfusionCounts& counts) const {
    double observed = 0;
    for (std::size_t t = 0; t < counts.classes(); ++t)
      for (std::size_t p = 0; p < counts.classes(); ++p)
        observed += counts(t, p) * detail::kappa_cost(options_.weights, t, p);
    return detail::kappa(counts.by_class(), options_.weights, observed);
  }
  void fields(auto&& f) {
    f("weights", options_.weights);
    ConfusionMetric::fields(f);
  }
};

struct BalancedAccuracyMetricOptions {
  bool adjusted = false;  ///< true: 0 is chance, 1 perfect
  double threshold = 0.5;
  std::string name = "balanced_accuracy";
};

/// As balanced_accuracy_score.
class BalancedAccuracy : public detail::ConfusionMetric<BalancedAccuracy, BalancedAccuracyMetricOptions> {
 public:
  using ConfusionMetric::ConfusionMetric;
  double score(const detail::ConfusionCounts& counts) const {
    return detail::balanced_accuracy(counts.by_class(), options_.adjusted);
  }
  void fields(auto&& f) {
    f("adjusted", options_.adjusted);
    ConfusionMetric::fields(f);
  }
};

}  // namespace foretell

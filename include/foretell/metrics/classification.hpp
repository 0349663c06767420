// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <string_view>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/metrics/arguments.hpp"
#include "foretell/metrics/confusion_matrix.hpp"
#include "foretell/metrics/precision_recall.hpp"

// Scores of predicted classes against true ones, both whole numbers, (n) or (n, 1), with scikit-learn's names and
// meanings. All throw ShapeError for lengths that differ, and DataError for NaN, for no rows and for numbers that are
// not whole.

namespace foretell {

struct AccuracyOptions {
  bool normalize = true;  ///< false: the number (or weight) of right rows instead of their share
  SampleWeight sample_weight{};
};

struct WeightOptions {
  SampleWeight sample_weight{};
};

/// How the scores of several classes become one: of the positive class alone, the plain mean, from the pooled counts,
/// or the mean weighted with how often each class is true.
enum class Average { binary, macro, micro, weighted };
constexpr auto enum_names(Average) { return std::array<std::string_view, 4>{"binary", "macro", "micro", "weighted"}; }

struct ClassScoreOptions {
  Average average = Average::binary;
  double positive = 1;       ///< the class that counts under Average::binary
  double zero_division = 0;  ///< the score where there is nothing to divide by
  SampleWeight sample_weight{};
};

struct BalancedAccuracyOptions {
  bool adjusted = false;  ///< true: 0 is chance, 1 perfect
  SampleWeight sample_weight{};
};

/// What confusing class i with class j costs: 1, |i - j| ("linear" to scikit-learn) or its square ("quadratic").
enum class KappaWeights { equal, distance, squared };

struct KappaOptions {
  KappaWeights weights = KappaWeights::equal;
  SampleWeight sample_weight{};
};

/// Per class, classes ascending.
struct ClassScores {
  std::vector<double> labels, precision, recall, f1, support;
};

namespace detail {

/// Weights of one class: rows that are it, rows predicted as it, rows that are both.
struct ClassCount {
  double truth = 0, prediction = 0, both = 0;

  double precision(double zero_division) const { return ratio(both, prediction, zero_division); }
  double recall(double zero_division) const { return ratio(both, truth, zero_division); }
  double f1(double zero_division) const { return ratio(2 * both, truth + prediction, zero_division); }
  void operator+=(const ClassCount& other) { truth += other.truth, prediction += other.prediction, both += other.both; }
};

inline std::vector<ClassCount> class_counts(const Encoded& encoded, const SampleWeight& weights) {
  std::vector<ClassCount> counts(encoded.labels.size());
  for (std::size_t row = 0; row < encoded.truth.size(); ++row) {
    const std::size_t t = encoded.truth[row], p = encoded.prediction[row];
    counts[t].truth += weights[row];
    counts[p].prediction += weights[row];
    if (t == p) counts[t].both += weights[row];
  }
  return counts;
}

inline ClassCount sum(const std::vector<ClassCount>& counts) {
  ClassCount total;
  for (const ClassCount& count : counts) total += count;
  return total;
}

template <Numbers Truth, Numbers Prediction>
double averaged(std::string_view who, const Truth& truth, const Prediction& prediction,
                const ClassScoreOptions& options, double (ClassCount::*score)(double) const) {
  const Encoded encoded = encode(who, truth, prediction, options.sample_weight);
  const std::vector<ClassCount> counts = class_counts(encoded, options.sample_weight);
  if (options.average == Average::binary) {
    const auto found = std::find(encoded.labels.begin(), encoded.labels.end(), options.positive);
    if (encoded.labels.size() > 2)
      throw DataError(
          text(who, ": ", encoded.labels.size(),
               " classes cannot be averaged as Average::binary; choose Average::macro, micro or weighted."));
    if (found == encoded.labels.end() && encoded.labels.size() == 2)
      throw DataError(text(who, ": the positive class ", options.positive, " does not occur; the classes are ",
                           encoded.labels[0], " and ", encoded.labels[1], "; name one with .positive."));
    const ClassCount count =
        found == encoded.labels.end() ? ClassCount() : counts[static_cast<std::size_t>(found - encoded.labels.begin())];
    return (count.*score)(options.zero_division);
  }
  if (options.average == Average::micro) return (sum(counts).*score)(options.zero_division);
  double total = 0, weight = 0;
  for (const ClassCount& count : counts) {
    const double share = options.average == Average::weighted ? count.truth : 1;
    total += share * (count.*score)(options.zero_division);
    weight += share;
  }
  return total / weight;
}

}  // namespace detail

/// Share of rows whose predicted class is the true one.
template <detail::Numbers Truth, detail::Numbers Prediction>
double accuracy_score(const Truth& truth, const Prediction& prediction, const AccuracyOptions& options = {}) {
  const auto encoded = detail::encode("accuracy_score", truth, prediction, options.sample_weight);
  const auto total = detail::sum(detail::class_counts(encoded, options.sample_weight));
  return options.normalize ? total.both / total.truth : total.both;
}

/// true positives / (true positives + false positives)
template <detail::Numbers Truth, detail::Numbers Prediction>
double precision_score(const Truth& truth, const Prediction& prediction, const ClassScoreOptions& options = {}) {
  return detail::averaged("precision_score", truth, prediction, options, &detail::ClassCount::precision);
}

/// true positives / (true positives + false negatives)
template <detail::Numbers Truth, detail::Numbers Prediction>
double recall_score(const Truth& truth, const Prediction& prediction, const ClassScoreOptions& options = {}) {
  return detail::averaged("recall_score", truth, prediction, options, &detail::ClassCount::recall);
}

/// 2 true positives / (2 true positives + false positives + false negatives)
template <detail::Numbers Truth, detail::Numbers Prediction>
double f1_score(const Truth& truth, const Prediction& prediction, const ClassScoreOptions& options = {}) {
  return detail::averaged("f1_score", truth, prediction, options, &detail::ClassCount::f1);
}

/// Precision, recall, F1 and support (how often, or with what weight, it is true) of each class. Only zero_division and
/// sample_weight of the options count.
template <detail::Numbers Truth, detail::Numbers Prediction>
ClassScores precision_recall_fscore_support(const Truth& truth, const Prediction& prediction,
                                            const ClassScoreOptions& options = {}) {
  const auto encoded = detail::encode("precision_recall_fscore_support", truth, prediction, options.sample_weight);
  ClassScores scores;
  scores.labels = encoded.labels;
  for (const detail::ClassCount& count : detail::class_counts(encoded, options.sample_weight)) {
    scores.precision.push_back(count.precision(options.zero_division));
    scores.recall.push_back(count.recall(options.zero_division));
    scores.f1.push_back(count.f1(options.zero_division));
    scores.support.push_back(count.truth);
  }
  return scores;
}

/// Mean recall of the classes that occur in the truth.
template <detail::Numbers Truth, detail::Numbers Prediction>
double balanced_accuracy_score(const Truth& truth, const Prediction& prediction,
                               const BalancedAccuracyOptions& options = {}) {
  const auto encoded = detail::encode("balanced_accuracy_score", truth, prediction, options.sample_weight);
  double total = 0, classes = 0;
  for (const detail::ClassCount& count : detail::class_counts(encoded, options.sample_weight)) {
    if (!(count.truth > 0)) continue;
    total += count.both / count.truth;
    ++classes;
  }
  const double mean = total / classes;
  return options.adjusted ? (mean - 1 / classes) / (1 - 1 / classes) : mean;
}

/// Correlation of truth and prediction, -1 to 1, for any number of classes (Gorodkin 2004); 0 when either has one class
/// only.
template <detail::Numbers Truth, detail::Numbers Prediction>
double matthews_corrcoef(const Truth& truth, const Prediction& prediction, const WeightOptions& options = {}) {
  const auto encoded = detail::encode("matthews_corrcoef", truth, prediction, options.sample_weight);
  const auto counts = detail::class_counts(encoded, options.sample_weight);
  const auto total = detail::sum(counts);
  double both = total.both * total.truth, truths = total.truth * total.truth, predictions = truths;
  for (const detail::ClassCount& count : counts) {
    both -= count.truth * count.prediction;
    truths -= count.truth * count.truth;
    predictions -= count.prediction * count.prediction;
  }
  return truths > 0 && predictions > 0 ? both / std::sqrt(truths * predictions) : 0;
}

/// Agreement beyond chance (Cohen 1960): 1 - observed cost / cost expected by chance. NaN, undefined, when only one
/// class occurs.
template <detail::Numbers Truth, detail::Numbers Prediction>
double cohen_kappa_score(const Truth& truth, const Prediction& prediction, const KappaOptions& options = {}) {
  const auto encoded = detail::encode("cohen_kappa_score", truth, prediction, options.sample_weight);
  const auto counts = detail::class_counts(encoded, options.sample_weight);
  const auto cost = [&](std::size_t i, std::size_t j) {
    const double distance = std::abs(static_cast<double>(i) - static_cast<double>(j));
    if (options.weights == KappaWeights::equal) return i == j ? 0.0 : 1.0;
    return options.weights == KappaWeights::distance ? distance : distance * distance;
  };
  double observed = 0, expected = 0;
  for (std::size_t row = 0; row < encoded.truth.size(); ++row)
    observed += options.sample_weight[row] * cost(encoded.truth[row], encoded.prediction[row]);
  for (std::size_t i = 0; i < counts.size(); ++i)
    for (std::size_t j = 0; j < counts.size(); ++j) expected += counts[i].truth * counts[j].prediction * cost(i, j);
  return expected > 0 ? 1 - observed * detail::sum(counts).truth / expected : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace foretell

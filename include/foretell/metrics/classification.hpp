// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/metrics/arguments.hpp"
#include "foretell/metrics/class_counts.hpp"
#include "foretell/metrics/confusion_matrix.hpp"

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

struct ClassScoreOptions {
  AverageMode average = AverageMode::binary;
  double positive = 1;       ///< the class that counts under AverageMode::binary
  double zero_division = 0;  ///< the score where there is nothing to divide by
  SampleWeight sample_weight{};
};

struct BalancedAccuracyOptions {
  bool adjusted = false;  ///< true: 0 is chance, 1 perfect
  SampleWeight sample_weight{};
};

struct KappaOptions {
  KappaWeights weights = KappaWeights::equal;
  SampleWeight sample_weight{};
};

/// Per class, classes ascending.
struct ClassScores {
  std::vector<double> labels, precision, recall, f1, support;
};

namespace detail {

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

template <Numbers Truth, Numbers Prediction>
double averaged(std::string_view who, const Truth& truth, const Prediction& prediction,
                const ClassScoreOptions& options, ClassScore score) {
  const Encoded encoded = encode(who, truth, prediction, options.sample_weight);
  const std::vector<ClassCount> counts = class_counts(encoded, options.sample_weight);
  if (options.average == AverageMode::binary) {
    const auto found = std::find(encoded.labels.begin(), encoded.labels.end(), options.positive);
    if (encoded.labels.size() > 2)
      throw DataError(
          text(who, ": ", encoded.labels.size(),
               " classes cannot be averaged as AverageMode::binary; choose AverageMode::macro, micro or weighted."));
    if (found == encoded.labels.end() && encoded.labels.size() == 2)
      throw DataError(text(who, ": the positive class ", options.positive, " does not occur; the classes are ",
                           encoded.labels[0], " and ", encoded.labels[1], "; name one with .positive."));
    const ClassCount count =
        found == encoded.labels.end() ? ClassCount() : counts[static_cast<std::size_t>(found - encoded.labels.begin())];
    return (count.*score)(options.zero_division);
  }
  return averaged(counts, options.average, score, options.zero_division);
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

/// Mean recall of the classes that occur in the truth. Adjusted, it is NaN when that is one class only, where
/// scikit-learn gives NaN or -infinity.
template <detail::Numbers Truth, detail::Numbers Prediction>
double balanced_accuracy_score(const Truth& truth, const Prediction& prediction,
                               const BalancedAccuracyOptions& options = {}) {
  const auto encoded = detail::encode("balanced_accuracy_score", truth, prediction, options.sample_weight);
  return detail::balanced_accuracy(detail::class_counts(encoded, options.sample_weight), options.adjusted);
}

/// Correlation of truth and prediction, -1 to 1, for any number of classes (Gorodkin 2004); 0 when either has one class
/// only.
template <detail::Numbers Truth, detail::Numbers Prediction>
double matthews_corrcoef(const Truth& truth, const Prediction& prediction, const WeightOptions& options = {}) {
  const auto encoded = detail::encode("matthews_corrcoef", truth, prediction, options.sample_weight);
  return detail::matthews(detail::class_counts(encoded, options.sample_weight));
}

/// Agreement beyond chance (Cohen 1960): 1 - observed cost / cost expected by chance. NaN, undefined, when only one
/// class occurs.
template <detail::Numbers Truth, detail::Numbers Prediction>
double cohen_kappa_score(const Truth& truth, const Prediction& prediction, const KappaOptions& options = {}) {
  const auto encoded = detail::encode("cohen_kappa_score", truth, prediction, options.sample_weight);
  const auto counts = detail::class_counts(encoded, options.sample_weight);
  double observed = 0;
  for (std::size_t row = 0; row < encoded.truth.size(); ++row)
    observed +=
        options.sample_weight[row] * detail::kappa_cost(options.weights, encoded.truth[row], encoded.prediction[row]);
  return detail::kappa(counts, options.weights, observed);
}

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

namespace foretell {

/// How the scores of several classes become one: of the positive class alone, the plain mean, from the pooled counts,
/// or the mean weighted with how often each class is true.
enum class AverageMode { binary, macro, micro, weighted };
constexpr auto enum_names(AverageMode) {
  return std::array<std::string_view, 4>{"binary", "macro", "micro", "weighted"};
}

/// What confusing class i with class j costs: 1, |i - j| ("linear" to scikit-learn) or its square ("quadratic").
enum class KappaWeights { equal, distance, squared };
constexpr auto enum_names(KappaWeights) { return std::array<std::string_view, 3>{"equal", "distance", "squared"}; }

namespace detail {

/// 0 of nothing: the value of precision, recall and F1 when there is nothing to divide by.
inline double ratio(double part, double whole, double of_nothing = 0) { return whole > 0 ? part / whole : of_nothing; }

/// Weights of one class: rows that are it, rows predicted as it, rows that are both.
struct ClassCount {
  double truth = 0, prediction = 0, both = 0;

  double precision(double zero_division) const { return ratio(both, prediction, zero_division); }
  double recall(double zero_division) const { return ratio(both, truth, zero_division); }
  double f1(double zero_division) const { return ratio(2 * both, truth + prediction, zero_division); }
  void operator+=(const ClassCount& other) { truth += other.truth, prediction += other.prediction, both += other.both; }
};

using ClassScore = double (ClassCount::*)(double zero_division) const;

inline ClassCount sum(const std::vector<ClassCount>& counts) {
  ClassCount total;
  for (const ClassCount& count : counts) total += count;
  return total;
}

/// The average of a score over all `counts`, other than AverageMode::binary; NaN of none.
inline double averaged(const std::vector<ClassCount>& counts, AverageMode average, ClassScore score,
                       double zero_division) {
  if (average == AverageMode::micro) return (sum(counts).*score)(zero_division);
  double total = 0, weight = 0;
  for (const ClassCount& count : counts) {
    const double share = average == AverageMode::weighted ? count.truth : 1;
    total += share * (count.*score)(zero_division);
    weight += share;
  }
  return total / weight;
}

/// Mean recall of the classes that occur in the truth; NaN of none, and adjusted for chance of one.
inline double balanced_accuracy(const std::vector<ClassCount>& counts, bool adjusted) {
  double total = 0, classes = 0;
  for (const ClassCount& count : counts) {
    if (!(count.truth > 0)) continue;
    total += count.both / count.truth;
    ++classes;
  }
  const double mean = total / classes;
  if (!adjusted) return mean;
  return classes > 1 ? (mean - 1 / classes) / (1 - 1 / classes) : std::numeric_limits<double>::quiet_NaN();
}

inline double matthews(const std::vector<ClassCount>& counts) {
  const ClassCount total = sum(counts);
  double both = total.both * total.truth, truths = total.truth * total.truth, predictions = truths;
  for (const ClassCount& count : counts) {
    both -= count.truth * count.prediction;
    truths -= count.truth * count.truth;
    predictions -= count.prediction * count.prediction;
  }
  return truths > 0 && predictions > 0 ? both / std::sqrt(truths * predictions) : 0;
}

inline double kappa_cost(KappaWeights weights, std::size_t i, std::size_t j) {
  const double distance = std::abs(static_cast<double>(i) - static_cast<double>(j));
  if (weights == KappaWeights::equal) return i == j ? 0.0 : 1.0;
  return weights == KappaWeights::distance ? distance : distance * distance;
}

/// 1 - the observed cost, a sum over rows, / the one expected by chance; NaN when only one class occurs.
inline double kappa(const std::vector<ClassCount>& counts, KappaWeights weights, double observed) {
  double expected = 0;
  for (std::size_t i = 0; i < counts.size(); ++i)
    for (std::size_t j = 0; j < counts.size(); ++j)
      expected += counts[i].truth * counts[j].prediction * kappa_cost(weights, i, j);
  return expected > 0 ? 1 - observed * sum(counts).truth / expected : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace detail

}  // namespace foretell

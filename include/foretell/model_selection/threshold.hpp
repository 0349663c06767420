// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/error.hpp"
#include "foretell/model_selection/calibrators.hpp"

// From which score on a row counts as positive (score >= threshold). Choose it on rows that are neither trained nor
// tested on: out-of-fold predictions, a validation part. Only scores that come up are looked at, and infinity for
// "none".

namespace foretell {

struct Threshold {
  static constexpr std::string_view type = "Threshold";
  double threshold = 0.5;
  double value = 0;  ///< of what was asked for, at this threshold
  double true_positives = 0, false_positives = 0, false_negatives = 0, true_negatives = 0;

  double precision() const {
    return true_positives + false_positives > 0 ? true_positives / (true_positives + false_positives) : 0;
  }
  double recall() const {
    return true_positives + false_negatives > 0 ? true_positives / (true_positives + false_negatives) : 0;
  }
  /// Throws DataError for NaN, which is neither.
  bool operator()(double score) const {
    if (std::isnan(score)) throw DataError("Threshold: expected a score, received NaN; impute what is missing first");
    return score >= threshold;
  }

  void fields(auto&& f) {
    f("threshold", threshold);
    f("value", value);
    f("true_positives", true_positives);
    f("false_positives", false_positives);
    f("false_negatives", false_negatives);
    f("true_negatives", true_negatives);
  }
};

namespace detail {

/// The threshold of the greatest value(at); of equal ones the highest.
template <ArrayLike Y, ArrayLike S, class Value>
Threshold best_threshold(const Y& labels, const S& scores, std::string_view who, const Value& value) {
  const ScoredLabels rows = scored_labels(scores, labels, who);
  std::vector<std::pair<double, bool>> sorted;
  Threshold at;
  at.threshold = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < rows.scores.size(); ++i) {
    sorted.emplace_back(rows.scores[i], rows.positive[i]);
    ++(rows.positive[i] ? at.false_negatives : at.true_negatives);
  }
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  at.value = value(at);
  Threshold best = at;
  for (std::size_t i = 0; i < sorted.size();) {
    at.threshold = sorted[i].first;
    for (; i < sorted.size() && sorted[i].first == at.threshold; ++i)
      sorted[i].second ? (++at.true_positives, --at.false_negatives) : (++at.false_positives, --at.true_negatives);
    at.value = value(at);
    if (at.value > best.value) best = at;
  }
  return best;
}

}  // namespace detail

/// The threshold of the greatest F-beta: beta above 1 cares more for recall. Throws as the calibrators do, DataError
/// when there are no positive rows, ConfigError when beta is not positive and finite.
template <ArrayLike Y, ArrayLike S>
Threshold threshold_for_fbeta(const Y& labels, const S& scores, double beta = 1) {
  if (!(beta > 0 && std::isfinite(beta)))
    throw ConfigError(text("threshold_for_fbeta: expected a finite beta above 0, received ", beta));
  const Threshold best = detail::best_threshold(labels, scores, "threshold_for_fbeta", [&](const Threshold& t) {
    const double b = beta * beta, all = (1 + b) * t.true_positives + b * t.false_negatives + t.false_positives;
    return all > 0 ? (1 + b) * t.true_positives / all : 0;
  });
  if (!(best.true_positives > 0)) throw DataError("threshold_for_fbeta: expected positive rows, received none");
  return best;
}

/// The threshold at which wrong answers cost the least; `value` is that cost. Without positive rows that is infinity.
/// Throws ConfigError for a cost that is negative or not finite.
template <ArrayLike Y, ArrayLike S>
Threshold threshold_for_cost(const Y& labels, const S& scores, double false_positive_cost, double false_negative_cost) {
  if (!(false_positive_cost >= 0 && false_negative_cost >= 0 &&
        std::isfinite(false_positive_cost + false_negative_cost)))
    throw ConfigError(text("threshold_for_cost: expected finite costs of 0 or more, received ", false_positive_cost,
                           " and ", false_negative_cost));
  Threshold best = detail::best_threshold(labels, scores, "threshold_for_cost", [&](const Threshold& t) {
    return -(t.false_positives * false_positive_cost + t.false_negatives * false_negative_cost);
  });
  best.value = 0 - best.value;
  return best;
}

/// Of the thresholds with at least that precision the one of the greatest recall; `value` is it. Throws DataError when
/// none has that precision, ConfigError for a precision outside [0, 1].
template <ArrayLike Y, ArrayLike S>
Threshold threshold_for_precision(const Y& labels, const S& scores, double precision) {
  if (!(precision >= 0 && precision <= 1))
    throw ConfigError(text("threshold_for_precision: expected a precision in [0, 1], received ", precision));
  const Threshold best = detail::best_threshold(labels, scores, "threshold_for_precision", [&](const Threshold& t) {
    return t.true_positives > 0 && t.precision() >= precision ? t.recall() : -1;
  });
  if (best.value < 0)
    throw DataError(text("threshold_for_precision: no threshold has a precision of ", precision, "; ask for less"));
  return best;
}

/// Of the thresholds with at least that recall the one of the greatest precision; `value` is it. Throws DataError when
/// there are no positive rows, ConfigError for a recall outside [0, 1].
template <ArrayLike Y, ArrayLike S>
Threshold threshold_for_recall(const Y& labels, const S& scores, double recall) {
  if (!(recall >= 0 && recall <= 1))
    throw ConfigError(text("threshold_for_recall: expected a recall in [0, 1], received ", recall));
  const Threshold best = detail::best_threshold(labels, scores, "threshold_for_recall", [&](const Threshold& t) {
    return t.true_positives > 0 && t.recall() >= recall ? t.precision() : -1;
  });
  if (best.value < 0) throw DataError("threshold_for_recall: expected positive rows, received none");
  return best;
}

}  // namespace foretell

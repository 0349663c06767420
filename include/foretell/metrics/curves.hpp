// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/metrics/arguments.hpp"
#include "foretell/metrics/classification.hpp"
#include "foretell/metrics/ranking.hpp"

// Scores of rankings, with scikit-learn's names and meanings. Truth of 0 and 1 (or -1 and 1, or any two with
// .positive), scores of (n) or (n, 1). All throw ShapeError for lengths that differ, DataError for NaN and for no rows.

namespace foretell {

struct RocCurveOptions {
  std::optional<double> positive{};  ///< the label of the positive class
  bool drop_intermediate = true;     ///< leave out points on a straight line between their neighbours
  SampleWeight sample_weight{};
};

/// One point for each threshold, descending from infinity: the rates of rows whose score is at least the threshold.
struct RocCurve {
  std::vector<double> false_positive_rate, true_positive_rate, thresholds;
};

struct PrecisionRecallCurveOptions {
  std::optional<double> positive{};
  SampleWeight sample_weight{};
};

/// One point for each threshold, ascending, and a last point (1, 0) without one.
struct PrecisionRecallCurve {
  std::vector<double> precision, recall, thresholds;
};

struct RankingOptions {
  AverageMode average = AverageMode::macro;  ///< of several classes: macro, micro or weighted
  std::optional<double> positive{};          ///< the label of the positive class when there are two
  SampleWeight sample_weight{};
};

namespace detail {

/// Which classes must occur for a number to be defined.
enum class Needs { positives, both };

inline void check_classes(std::string_view who, std::string_view which, const std::vector<Ranked>& items, Needs needs) {
  const ClassWeights weight = class_weights(items);
  const bool no_positive = !(weight.positive > 0), no_negative = !(weight.negative > 0);
  if (no_positive || (no_negative && needs == Needs::both))
    throw DataError(text(who, ": ", which, no_positive ? " has no positive rows" : " has no negative rows",
                         ", which leaves the score undefined; use more rows, or a stratified split."));
}

template <Numbers Truth, Numbers Score>
std::vector<Ranked> ranked_items(std::string_view who, const Truth& truth, const Score& score,
                                 const std::optional<double>& positive, const SampleWeight& weights, Needs needs) {
  const Array<double> t = column(who, "truth", truth), s = column(who, "score", score);
  same_rows(who, t, s);
  check_weights(who, weights, t.rows());
  const std::vector<char> yes = positives(who, t, positive);
  std::vector<Ranked> items;
  for (std::size_t row = 0; row < yes.size(); ++row)
    if (weights[row] > 0) items.push_back({s[row], yes[row] ? weights[row] : -weights[row]});
  check_classes(who, "the truth", items, needs);
  rank(items);
  return items;
}

/// A ranking score of two classes, or of several as the average over the classes, each against the rest.
template <Numbers Truth, Numbers Score, class F>
double one_against_rest(std::string_view who, const Truth& truth, const Score& score, const RankingOptions& options,
                        Needs needs, F f) {
  const Array<double> s = numbers(who, "score", score);
  const std::size_t rows = s.rows(), classes = s.row_size();
  if (classes == 1) return f(ranked_items(who, truth, s, options.positive, options.sample_weight, needs));
  const Array<double> t = numbers(who, "truth", truth);
  same_rows(who, t, s);
  check_weights(who, options.sample_weight, rows);
  if (options.average == AverageMode::binary && !(classes == 2 && t.row_size() == 1))
    throw ConfigError(
        text(who, ": ", classes,
             " classes cannot be averaged as AverageMode::binary; choose AverageMode::macro, micro or weighted."));
  if (classes == 2 && t.row_size() == 1) {
    std::vector<double> second(rows);
    for (std::size_t row = 0; row < rows; ++row) second[row] = s[2 * row + 1];
    return f(ranked_items(who, t, second, options.positive, options.sample_weight, needs));
  }
  // Truth of (n, classes) says yes or no for each class on its own: one-hot rows, or several labels a row.
  std::vector<char> yes;
  if (t.row_size() == classes) {
    yes = positives(who, t, options.positive);
  } else {
    yes.assign(rows * classes, 0);
    const std::vector<std::size_t> ids = class_ids(who, t, classes);
    for (std::size_t row = 0; row < rows; ++row) yes[row * classes + ids[row]] = 1;
  }
  std::vector<Ranked> items;
  double total = 0, total_weight = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    if (options.average != AverageMode::micro) items.clear();
    double support = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      const double weight = options.sample_weight[row];
      if (!(weight > 0)) continue;
      items.push_back({s[row * classes + c], yes[row * classes + c] ? weight : -weight});
      if (yes[row * classes + c]) support += weight;
    }
    if (options.average == AverageMode::micro) continue;
    check_classes(who, text("class ", c), items, needs);
    rank(items);
    const double share = options.average == AverageMode::weighted ? support : 1;
    total += share * f(items);
    total_weight += share;
  }
  if (options.average != AverageMode::micro) return total / total_weight;
  check_classes(who, "the truth", items, needs);
  rank(items);
  return f(items);
}

}  // namespace detail

/// The ROC curve. Throws DataError when one class is missing.
template <detail::Numbers Truth, detail::Numbers Score>
RocCurve roc_curve(const Truth& truth, const Score& score, const RocCurveOptions& options = {}) {
  const auto items =
      detail::ranked_items("roc_curve", truth, score, options.positive, options.sample_weight, detail::Needs::both);
  std::vector<double> thresholds, x, y;
  detail::for_each_threshold(items, [&](double threshold, double positive, double negative) {
    thresholds.push_back(threshold);
    x.push_back(negative);
    y.push_back(positive);
  });
  const auto bends = [](const std::vector<double>& v, std::size_t i) { return v[i + 1] - v[i] != v[i] - v[i - 1]; };
  RocCurve curve{{0}, {0}, {std::numeric_limits<double>::infinity()}};
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (options.drop_intermediate && i > 0 && i + 1 < x.size() && !bends(x, i) && !bends(y, i)) continue;
    curve.false_positive_rate.push_back(x[i] / x.back());
    curve.true_positive_rate.push_back(y[i] / y.back());
    curve.thresholds.push_back(thresholds[i]);
  }
  return curve;
}

/// The precision-recall curve. Throws DataError when the positive class is missing.
template <detail::Numbers Truth, detail::Numbers Score>
PrecisionRecallCurve precision_recall_curve(const Truth& truth, const Score& score,
                                            const PrecisionRecallCurveOptions& options = {}) {
  const auto items = detail::ranked_items("precision_recall_curve", truth, score, options.positive,
                                          options.sample_weight, detail::Needs::positives);
  const double positives = detail::class_weights(items).positive;
  PrecisionRecallCurve curve{{1}, {0}, {}};
  detail::for_each_threshold(items, [&](double threshold, double positive, double negative) {
    curve.precision.push_back(positive / (positive + negative));
    curve.recall.push_back(positive / positives);
    curve.thresholds.push_back(threshold);
  });
  for (std::vector<double>* values : {&curve.precision, &curve.recall, &curve.thresholds})
    std::reverse(values->begin(), values->end());
  return curve;
}

/// Area under the ROC curve: how likely a positive row has a greater score than a negative one, ties counting one half.
/// Scores (n, k) of k classes with truth as class ids or as (n, k) of 0 and 1: the average over the classes, each
/// against the rest; with two columns and ids, the area of the second. Throws DataError when a class is missing.
template <detail::Numbers Truth, detail::Numbers Score>
double roc_auc_score(const Truth& truth, const Score& score, const RankingOptions& options = {}) {
  return detail::one_against_rest("roc_auc_score", truth, score, options, detail::Needs::both, detail::roc_area);
}

/// Average precision, the area under the precision-recall curve as steps: the sum over thresholds of the gain in recall
/// times the precision. Several classes as in roc_auc_score. Throws DataError when a class has no positive rows.
template <detail::Numbers Truth, detail::Numbers Score>
double average_precision_score(const Truth& truth, const Score& score, const RankingOptions& options = {}) {
  return detail::one_against_rest("average_precision_score", truth, score, options, detail::Needs::positives,
                                  detail::average_precision);
}

}  // namespace foretell

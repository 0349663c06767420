// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace foretell::detail {

/// One score with its weight, which is below zero for the negative class.
struct Ranked {
  double score = 0;
  double weight = 0;
};

/// Greatest score first. Equal scores are ordered too, so that sums do not depend on the order of the input.
inline void rank(std::vector<Ranked>& items) {
  std::sort(items.begin(), items.end(), [](const Ranked& a, const Ranked& b) {
    return a.score != b.score ? a.score > b.score : a.weight > b.weight;
  });
}

struct ClassWeights {
  double positive = 0, negative = 0;
};
inline ClassWeights class_weights(const std::vector<Ranked>& items) {
  ClassWeights total;
  for (const Ranked& item : items) (item.weight > 0 ? total.positive : total.negative) += std::abs(item.weight);
  return total;
}

/// Calls f(threshold, true positives, false positives) for each distinct score, from the greatest: the weights of the
/// two classes whose score is at least the threshold. `items` are ranked.
template <class F>
void for_each_threshold(const std::vector<Ranked>& items, F f) {
  double positive = 0, negative = 0;
  for (std::size_t i = 0; i < items.size();) {
    const double score = items[i].score;
    for (; i < items.size() && items[i].score == score; ++i)
      (items[i].weight > 0 ? positive : negative) += std::abs(items[i].weight);
    f(score, positive, negative);
  }
}

/// Area under the ROC curve: the probability that a positive ranks above a negative, ties counting one half. NaN when
/// one class is missing.
inline double roc_area(const std::vector<Ranked>& items) {
  double area = 0, last_positive = 0, last_negative = 0;
  for_each_threshold(items, [&](double, double positive, double negative) {
    area += (negative - last_negative) * (positive + last_positive) / 2;
    last_positive = positive;
    last_negative = negative;
  });
  if (!(last_positive > 0 && last_negative > 0)) return std::numeric_limits<double>::quiet_NaN();
  return area / (last_positive * last_negative);
}

/// Average precision: the sum over thresholds of the gain in recall times the precision. NaN without positives.
inline double average_precision(const std::vector<Ranked>& items) {
  double sum = 0, last_positive = 0;
  for_each_threshold(items, [&](double, double positive, double negative) {
    if (positive > last_positive) sum += (positive - last_positive) * positive / (positive + negative);
    last_positive = positive;
  });
  return last_positive > 0 ? sum / last_positive : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace foretell::detail

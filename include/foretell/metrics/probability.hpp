// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/metrics/arguments.hpp"

namespace foretell {

struct ProbabilityOptions {
  std::optional<double> positive{};  ///< the label of the positive class when there are two
  SampleWeight sample_weight{};
};

namespace detail {

/// The weighted mean over the rows of cost(probabilities of the row, number of classes, true class). Probabilities of
/// yes, (n) or (n, 1), count as two classes. Throws ShapeError, and DataError for NaN, no probabilities, rows that do
/// not sum to 1.
template <Numbers Truth, Numbers Probability, class F>
double mean_cost(std::string_view who, const Truth& truth, const Probability& probability,
                 const ProbabilityOptions& options, F cost) {
  const Array<double> p = numbers(who, "probability", probability), t = numbers(who, "truth", truth);
  same_rows(who, t, p);
  check_probabilities(who, p);
  check_weights(who, options.sample_weight, p.rows());
  const std::size_t rows = p.rows(), classes = p.row_size();
  std::vector<std::size_t> ids;
  if (classes == 1) {
    const std::vector<char> yes = positives(who, column(who, "truth", t), options.positive);
    ids.assign(yes.begin(), yes.end());
  } else {
    ids = class_ids(who, t, classes);
  }
  double sum = 0, weight = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const double pair[2] = {1 - p[row * classes], p[row * classes]};
    const double* of_row = classes == 1 ? pair : p.data() + row * classes;
    double total = 0;
    for (std::size_t c = 0; c < classes; ++c) total += of_row[c];
    if (classes > 1 && std::abs(total - 1) > 1e-3)
      throw DataError(text(who, ": the probabilities of row ", row, ", counted from 0, sum to ", total,
                           " instead of 1; end the model in softmax."));
    sum += options.sample_weight[row] * cost(of_row, std::max<std::size_t>(classes, 2), ids[row]);
    weight += options.sample_weight[row];
  }
  return sum / weight;
}

template <class X>
constexpr double epsilon_of() {
  using V = element_of<X>;
  if constexpr (std::is_floating_point_v<V>)
    return static_cast<double>(std::numeric_limits<V>::epsilon());
  else
    return std::numeric_limits<double>::epsilon();
}

}  // namespace detail

/// Mean of -log(probability of the true class), the probability clipped to [eps, 1 - eps] with the eps of its scalar
/// type. Probabilities of the positive class, (n) or (n, 1), or of all classes, (n, k), with truth as class ids or
/// one-hot rows. Throws ShapeError, and DataError for NaN, for numbers that are no probabilities and for rows that do
/// not sum to 1.
template <detail::Numbers Truth, detail::Numbers Probability>
double log_loss(const Truth& truth, const Probability& probability, const ProbabilityOptions& options = {}) {
  const double eps = detail::epsilon_of<Probability>();
  return detail::mean_cost("log_loss", truth, probability, options,
                           [eps](const double* p, std::size_t, std::size_t id) {
                             return -std::log(std::min(std::max(p[id], eps), 1 - eps));
                           });
}

/// Mean squared distance of the probability of the positive class from what came true (Brier 1950); for more than two
/// classes the sum of that over the classes. Arguments and errors as log_loss.
template <detail::Numbers Truth, detail::Numbers Probability>
double brier_score_loss(const Truth& truth, const Probability& probability, const ProbabilityOptions& options = {}) {
  return detail::mean_cost("brier_score_loss", truth, probability, options,
                           [](const double* p, std::size_t classes, std::size_t id) {
                             double sum = 0;
                             for (std::size_t c = 0; c < classes; ++c)
                               sum += (p[c] - (c == id ? 1 : 0)) * (p[c] - (c == id ? 1 : 0));
                             return classes == 2 ? sum / 2 : sum;
                           });
}

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/metrics/arguments.hpp"
#include "foretell/metrics/classification.hpp"

// Scores of predicted numbers, with scikit-learn's names and meanings: truth and prediction of (n), (n, 1) or (n, k),
// of which the plain mean over the k outputs is taken. All throw ShapeError for shapes that differ, DataError for NaN
// and for no rows.

namespace foretell {

namespace detail {

struct Targets {
  Array<double> truth, prediction;
};

template <Numbers Truth, Numbers Prediction>
Targets targets(std::string_view who, const Truth& truth, const Prediction& prediction, const SampleWeight& weights) {
  Targets out{numbers(who, "truth", truth), numbers(who, "prediction", prediction)};
  same_rows(who, out.truth, out.prediction);
  if (out.truth.row_size() != out.prediction.row_size())
    throw ShapeError(text(who, ": truth is ", sizes_text(out.truth), " and the prediction ", sizes_text(out.prediction),
                          "; each row needs as many numbers in both."));
  check_weights(who, weights, out.truth.rows());
  return out;
}

/// The weighted mean over all rows, and the plain one over the outputs, of cost(prediction - truth).
template <Numbers Truth, Numbers Prediction, class F>
double mean_error(std::string_view who, const Truth& truth, const Prediction& prediction, const WeightOptions& options,
                  F cost) {
  const Targets both = targets(who, truth, prediction, options.sample_weight);
  const std::size_t width = both.truth.row_size();
  double sum = 0, weight = 0;
  for (std::size_t row = 0; row < both.truth.rows(); ++row) {
    double of_row = 0;
    for (std::size_t i = row * width; i < (row + 1) * width; ++i) of_row += cost(both.prediction[i] - both.truth[i]);
    sum += options.sample_weight[row] * of_row;
    weight += options.sample_weight[row];
  }
  return sum / (weight * static_cast<double>(width));
}

}  // namespace detail

template <detail::Numbers Truth, detail::Numbers Prediction>
double mean_squared_error(const Truth& truth, const Prediction& prediction, const WeightOptions& options = {}) {
  return detail::mean_error("mean_squared_error", truth, prediction, options, [](double e) { return e * e; });
}

template <detail::Numbers Truth, detail::Numbers Prediction>
double mean_absolute_error(const Truth& truth, const Prediction& prediction, const WeightOptions& options = {}) {
  return detail::mean_error("mean_absolute_error", truth, prediction, options, [](double e) { return std::abs(e); });
}

/// 1 - squared error / squared distance of the truth from its mean. When the truth is constant: 1 for a perfect
/// prediction, else 0. NaN, undefined, of a single row.
template <detail::Numbers Truth, detail::Numbers Prediction>
double r2_score(const Truth& truth, const Prediction& prediction, const WeightOptions& options = {}) {
  const detail::Targets both = detail::targets("r2_score", truth, prediction, options.sample_weight);
  const std::size_t rows = both.truth.rows(), width = both.truth.row_size();
  if (rows < 2) return std::numeric_limits<double>::quiet_NaN();
  double total = 0;
  for (std::size_t c = 0; c < width; ++c) {
    double mean = 0, weight = 0, error = 0, spread = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      mean += options.sample_weight[row] * both.truth[row * width + c];
      weight += options.sample_weight[row];
    }
    mean /= weight;
    for (std::size_t row = 0; row < rows; ++row) {
      const double t = both.truth[row * width + c], p = both.prediction[row * width + c];
      error += options.sample_weight[row] * (p - t) * (p - t);
      spread += options.sample_weight[row] * (t - mean) * (t - mean);
    }
    total += spread > 0 ? 1 - error / spread : error > 0 ? 0 : 1;
  }
  return total / static_cast<double>(width);
}

}  // namespace foretell

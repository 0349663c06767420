// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/metrics/arguments.hpp"
#include "foretell/metrics/classification.hpp"

// Scores of predicted numbers, with scikit-learn's names and meanings: truth and prediction of (n), (n, 1) or (n, k),
// of which the plain mean over the k outputs is taken. All throw ShapeError for shapes that differ, DataError for NaN,
// for infinite numbers and for no rows.

namespace foretell {

namespace detail {

struct Targets {
  Array<double> truth, prediction;
};

template <Numbers Truth, Numbers Prediction>
Targets targets(std::string_view who, const Truth& truth, const Prediction& prediction, const SampleWeight& weights) {
  Targets out{numbers(who, "truth", truth), numbers(who, "prediction", prediction)};
  need_finite(who, "truth", out.truth);
  need_finite(who, "prediction", out.prediction);
  same_rows(who, out.truth, out.prediction);
  if (out.truth.row_size() != out.prediction.row_size())
    throw ShapeError(text(who, ": truth is ", sizes_text(out.truth), " and the prediction ", sizes_text(out.prediction),
                          "; each row needs as many numbers in both."));
  check_weights(who, weights, out.truth.rows());
  return out;
}

/// The weighted mean over the rows of cost(truth, prediction), for each output; then the plain mean of `finish` of
/// these over the outputs.
template <Numbers Truth, Numbers Prediction, class F, class Finish>
double mean_cost_of(std::string_view who, const Truth& truth, const Prediction& prediction, const SampleWeight& weights,
                    F cost, Finish finish) {
  const Targets both = targets(who, truth, prediction, weights);
  const std::size_t width = both.truth.row_size();
  std::vector<double> sums(width);
  double weight = 0, total = 0;
  for (std::size_t row = 0; row < both.truth.rows(); ++row) {
    for (std::size_t c = 0; c < width; ++c)
      sums[c] += weights[row] * cost(both.truth[row * width + c], both.prediction[row * width + c]);
    weight += weights[row];
  }
  for (const double sum : sums) total += finish(sum / weight);
  return total / static_cast<double>(width);
}
template <Numbers Truth, Numbers Prediction, class F>
double mean_cost_of(std::string_view who, const Truth& truth, const Prediction& prediction, const SampleWeight& weights,
                    F cost) {
  return mean_cost_of(who, truth, prediction, weights, cost, [](double mean) { return mean; });
}

inline double squared_cost(double t, double p) { return (p - t) * (p - t); }
inline double absolute_cost(double t, double p) { return std::abs(p - t); }
inline double root(double mean) { return std::sqrt(mean); }

/// (log(1 + p) - log(1 + t))^2; throws DataError for numbers of -1 or below.
inline auto squared_log_cost(std::string_view who) {
  return [who](double t, double p) {
    if (t <= -1 || p <= -1)
      throw DataError(text(who, ": expected numbers above -1, received ", t <= -1 ? t : p,
                           "; use a score without logarithms for such numbers."));
    return squared_cost(std::log1p(t), std::log1p(p));
  };
}

}  // namespace detail

template <detail::Numbers Truth, detail::Numbers Prediction>
double mean_squared_error(const Truth& truth, const Prediction& prediction, const WeightOptions& options = {}) {
  return detail::mean_cost_of("mean_squared_error", truth, prediction, options.sample_weight, detail::squared_cost);
}

template <detail::Numbers Truth, detail::Numbers Prediction>
double root_mean_squared_error(const Truth& truth, const Prediction& prediction, const WeightOptions& options = {}) {
  return detail::mean_cost_of("root_mean_squared_error", truth, prediction, options.sample_weight, detail::squared_cost,
                              detail::root);
}

template <detail::Numbers Truth, detail::Numbers Prediction>
double mean_absolute_error(const Truth& truth, const Prediction& prediction, const WeightOptions& options = {}) {
  return detail::mean_cost_of("mean_absolute_error", truth, prediction, options.sample_weight, detail::absolute_cost);
}

/// Mean of (log(1 + prediction) - log(1 + truth))^2. Throws DataError for numbers of -1 or below, as the next.
template <detail::Numbers Truth, detail::Numbers Prediction>
double mean_squared_log_error(const Truth& truth, const Prediction& prediction, const WeightOptions& options = {}) {
  return detail::mean_cost_of("mean_squared_log_error", truth, prediction, options.sample_weight,
                              detail::squared_log_cost("mean_squared_log_error"));
}

template <detail::Numbers Truth, detail::Numbers Prediction>
double root_mean_squared_log_error(const Truth& truth, const Prediction& prediction,
                                   const WeightOptions& options = {}) {
  return detail::mean_cost_of("root_mean_squared_log_error", truth, prediction, options.sample_weight,
                              detail::squared_log_cost("root_mean_squared_log_error"), detail::root);
}

/// Mean of |prediction - truth| / |truth|: a share, not percents as in Keras. A truth of 0 counts as 2.2e-16, so that
/// one such row makes it some 1e15.
template <detail::Numbers Truth, detail::Numbers Prediction>
double mean_absolute_percentage_error(const Truth& truth, const Prediction& prediction,
                                      const WeightOptions& options = {}) {
  return detail::mean_cost_of("mean_absolute_percentage_error", truth, prediction, options.sample_weight,
                              [](double t, double p) {
                                return std::abs(p - t) / std::max(std::abs(t), std::numeric_limits<double>::epsilon());
                              });
}

/// Mean of 2 |prediction - truth| / (|prediction| + |truth|), 0 where both are 0: a share, 0 to 2. Twice
/// utilsforecast's, a hundredth of that of the M4 competition.
template <detail::Numbers Truth, detail::Numbers Prediction>
double symmetric_mean_absolute_percentage_error(const Truth& truth, const Prediction& prediction,
                                                const WeightOptions& options = {}) {
  return detail::mean_cost_of(
      "symmetric_mean_absolute_percentage_error", truth, prediction, options.sample_weight,
      [](double t, double p) { return p == t ? 0 : 2 * std::abs(p - t) / (std::abs(p) + std::abs(t)); });
}

struct PinballOptions {
  double alpha = 0.5;  ///< the quantile that the predictions are of
  SampleWeight sample_weight{};
};

/// The error of predicted quantiles: alpha (truth - prediction) where that is above 0, else (1 - alpha)(prediction -
/// truth).
template <detail::Numbers Truth, detail::Numbers Prediction>
double mean_pinball_loss(const Truth& truth, const Prediction& prediction, const PinballOptions& options = {}) {
  const double alpha = options.alpha;
  if (!(alpha >= 0 && alpha <= 1))
    throw ConfigError(text("mean_pinball_loss: expected an alpha within 0 .. 1, received ", alpha));
  return detail::mean_cost_of("mean_pinball_loss", truth, prediction, options.sample_weight,
                              [alpha](double t, double p) { return t > p ? alpha * (t - p) : (1 - alpha) * (p - t); });
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
    for (std::size_t row = 0; row < rows; ++row) {  // of the distances from the first: 0, exactly, when all are equal
      mean += options.sample_weight[row] * (both.truth[row * width + c] - both.truth[c]);
      weight += options.sample_weight[row];
    }
    mean = both.truth[c] + mean / weight;
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

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>

#include "foretell/core/error.hpp"
#include "foretell/metrics/regression.hpp"

// Errors of forecasts in units of the error of the naive forecast, the value one season before, within the training
// series (Hyndman and Koehler 2006).

namespace foretell {

struct NaiveErrors {
  double absolute = 0;  ///< mean absolute error
  double squared = 0;   ///< root mean squared error
};

/// How far the values of a series, (n) or (n, 1), are from those `seasonality` steps before. Zeros in front count like
/// other values: cut a series that begins with its first sale, as the M5 competition does, beforehand. Throws
/// ShapeError, and DataError for NaN, for infinite numbers, for a series that is not longer than a season and for one
/// whose seasons are all equal, where utilsforecast answers infinity or NaN.
template <detail::Numbers Series>
NaiveErrors naive_error(const Series& training, std::size_t seasonality = 1) {
  const Array<double> y = detail::column("naive_error", "training", training);
  detail::need_finite("naive_error", "training", y);
  if (seasonality == 0 || y.rows() <= seasonality)
    throw DataError(text("naive_error: expected a training series longer than a seasonality of at least 1, received ",
                         y.rows(), " values and ", seasonality, "."));
  NaiveErrors out;
  for (std::size_t i = seasonality; i < y.rows(); ++i) {
    const double e = y[i] - y[i - seasonality];
    out.absolute += std::abs(e);
    out.squared += e * e;
  }
  if (!(out.squared > 0))
    throw DataError("naive_error: the training series repeats itself exactly; errors in units of it are undefined.");
  const double steps = static_cast<double>(y.rows() - seasonality);
  return {out.absolute / steps, std::sqrt(out.squared / steps)};
}

struct ScaledErrorOptions {
  std::size_t seasonality = 1;  ///< steps of a season in `training`, such as 7 for days of weeks
  SampleWeight sample_weight{};
};

/// Mean absolute error / that of the naive forecast in training (MASE).
template <detail::Numbers Truth, detail::Numbers Prediction, detail::Numbers Series>
double mean_absolute_scaled_error(const Truth& truth, const Prediction& prediction, const Series& training,
                                  const ScaledErrorOptions& options = {}) {
  return mean_absolute_error(truth, prediction, {.sample_weight = options.sample_weight}) /
         naive_error(training, options.seasonality).absolute;
}

/// Root mean squared error / that of the naive forecast in training (RMSSE).
template <detail::Numbers Truth, detail::Numbers Prediction, detail::Numbers Series>
double root_mean_squared_scaled_error(const Truth& truth, const Prediction& prediction, const Series& training,
                                      const ScaledErrorOptions& options = {}) {
  return root_mean_squared_error(truth, prediction, {.sample_weight = options.sample_weight}) /
         naive_error(training, options.seasonality).squared;
}

}  // namespace foretell

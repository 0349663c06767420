// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <string_view>

#include "foretell/losses/counts.hpp"
#include "foretell/losses/formula_loss.hpp"

// Losses of a number; e is prediction - truth. Formulas as keras.losses and, for quantiles, sklearn.metrics.

namespace foretell {

/// e^2
class MeanSquaredError : public detail::FormulaLoss<MeanSquaredError> {
 public:
  static constexpr std::string_view name = "mean_squared_error";
  kernels::formula::Squared formula() const { return {}; }
};

/// |e|, with slope 0 at 0.
class MeanAbsoluteError : public detail::FormulaLoss<MeanAbsoluteError> {
 public:
  static constexpr std::string_view name = "mean_absolute_error";
  kernels::formula::Absolute formula() const { return {}; }
};

/// log(cosh(e)): e^2 / 2 for small e, |e| - log 2 for large.
class LogCosh : public detail::FormulaLoss<LogCosh> {
 public:
  static constexpr std::string_view name = "log_cosh";
  kernels::formula::LogCosh formula() const { return {}; }
};

struct HuberOptions {
  double delta = 1;  ///< where the square turns into a line
};

/// e^2 / 2 up to |e| = delta, delta |e| - delta^2 / 2 beyond.
class Huber : public detail::FormulaLoss<Huber> {
 public:
  static constexpr std::string_view name = "huber";
  Huber(HuberOptions options = {}) : options_(options) {}

  kernels::formula::Huber formula() const { return {options_.delta}; }
  void check() const {
    if (!(options_.delta > 0) || !std::isfinite(options_.delta))
      throw ConfigError(text("huber: expected a finite delta above 0, received ", options_.delta));
  }
  void fields(auto&& f) { f("delta", options_.delta); }

 private:
  HuberOptions options_;
};

struct QuantileOptions {
  double quantile = 0.5;  ///< the share of truths that should lie below the prediction
};

/// The pinball loss: (1 - quantile) e above the truth, -quantile e below. Its least expectation is at that quantile;
/// for 0.5, half the absolute error, at the median. As sklearn.metrics.mean_pinball_loss.
class Quantile : public detail::FormulaLoss<Quantile> {
 public:
  static constexpr std::string_view name = "quantile";
  Quantile(QuantileOptions options = {}) : options_(options) {}

  kernels::formula::Quantile formula() const { return {options_.quantile}; }
  void check() const {
    if (!(options_.quantile > 0 && options_.quantile < 1))
      throw ConfigError(text("quantile: expected a quantile between 0 and 1, received ", options_.quantile));
  }
  void fields(auto&& f) { f("quantile", options_.quantile); }

 private:
  QuantileOptions options_;
};

}  // namespace foretell

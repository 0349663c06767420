// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/view.hpp"
#include "foretell/losses/output_facts.hpp"
#include "foretell/metrics/mean.hpp"
#include "foretell/metrics/mode.hpp"
#include "foretell/metrics/positions.hpp"

// Errors of predicted numbers, over a data set that is seen batch by batch. For squared, absolute, Huber and pinball
// (Quantile) errors use the losses themselves.

namespace foretell {

namespace detail {

/// The weighted mean of M's `cost(truth, prediction)` over all numbers, of which M may take more in `result`.
template <class M, class Options>
class ErrorMetric : public MeanMetric<Options> {
 public:
  static constexpr Mode mode = Mode::min;
  using MeanMetric<Options>::MeanMetric;
  template <class T>
  void update(In<T> truth, In<T> prediction, const T* weights) {
    for_each_pair(this->options_.name, truth, prediction, weights, [&](double t, double p, double weight) {
      this->mean_.add(static_cast<const M&>(*this).cost(t, p), weight);
    });
  }
  void fields(auto&& f) { f("name", this->options_.name); }
};

}  // namespace detail

struct MeanAbsolutePercentageErrorOptions {
  std::string name = "mean_absolute_percentage_error[percent]";
};

/// 100 |prediction - truth| / |truth|, the truth at least 1e-7, in percent as keras.metrics, which its name says.
/// mean_absolute_percentage_error returns the share, with scikit-learn's least truth of 2.2e-16; utilsforecast's mape
/// leaves rows of truth 0 out.
class MeanAbsolutePercentageError
    : public detail::ErrorMetric<MeanAbsolutePercentageError, MeanAbsolutePercentageErrorOptions> {
 public:
  using ErrorMetric::ErrorMetric;
  static double cost(double t, double p) { return 100 * std::abs(p - t) / std::max(std::abs(t), 1e-7); }
};

struct SymmetricMeanAbsolutePercentageErrorOptions {
  std::string name = "symmetric_mean_absolute_percentage_error[0-2]";
};

/// 2 |prediction - truth| / (|prediction| + |truth|), 0 where both are 0 (Makridakis 1993): 0 to 2, which its name
/// says, as symmetric_mean_absolute_percentage_error. Times 100 it is that of the M4 competition, by 2 utilsforecast's.
class SymmetricMeanAbsolutePercentageError
    : public detail::ErrorMetric<SymmetricMeanAbsolutePercentageError, SymmetricMeanAbsolutePercentageErrorOptions> {
 public:
  using ErrorMetric::ErrorMetric;
  static double cost(double t, double p) { return p == t ? 0 : 2 * std::abs(p - t) / (std::abs(p) + std::abs(t)); }
};

struct RootMeanSquaredErrorOptions {
  std::string name = "root_mean_squared_error";
};

/// The root of the mean squared error over all outputs.
class RootMeanSquaredError : public detail::ErrorMetric<RootMeanSquaredError, RootMeanSquaredErrorOptions> {
 public:
  using ErrorMetric::ErrorMetric;
  static double cost(double t, double p) { return (p - t) * (p - t); }
  double result() const { return std::sqrt(mean_.result()); }
};

struct RootMeanSquaredLogErrorOptions {
  std::string name = "root_mean_squared_log_error";
};

/// The root of the mean of (log(1 + prediction) - log(1 + truth))^2; numbers below 0 count as 0 (in Keras'
/// MeanSquaredLogarithmicError as 1e-7), where root_mean_squared_log_error takes them as they are, above -1.
class RootMeanSquaredLogError : public detail::ErrorMetric<RootMeanSquaredLogError, RootMeanSquaredLogErrorOptions> {
 public:
  using ErrorMetric::ErrorMetric;
  static double cost(double t, double p) {
    const double e = std::log1p(p < 0 ? 0 : p) - std::log1p(t < 0 ? 0 : t);
    return e * e;
  }
  double result() const { return std::sqrt(mean_.result()); }
};

namespace detail {

/// Options with a `scale`, which must be above 0.
template <class M, class Options>
class ScaledErrorMetric : public ErrorMetric<M, Options> {
 public:
  explicit ScaledErrorMetric(Options options = {}) : ErrorMetric<M, Options>(std::move(options)) {
    const double scale = this->options_.scale;
    if (!(scale > 0) || !std::isfinite(scale))
      throw ConfigError(text("metric \"", this->options_.name, "\": expected a finite scale above 0, received ", scale,
                             "; take naive_error of the training series."));
  }
  void fields(auto&& f) {
    f("scale", this->options_.scale);
    ErrorMetric<M, Options>::fields(f);
  }
};

}  // namespace detail

struct MeanAbsoluteScaledErrorOptions {
  double scale = 1;  ///< the mean absolute error of the naive forecast, as naive_error has it
  std::string name = "mean_absolute_scaled_error";
};

/// Mean absolute error / scale: below 1, better than the naive forecast in training (Hyndman and Koehler 2006).
class MeanAbsoluteScaledError
    : public detail::ScaledErrorMetric<MeanAbsoluteScaledError, MeanAbsoluteScaledErrorOptions> {
 public:
  using ScaledErrorMetric::ScaledErrorMetric;
  double cost(double t, double p) const { return std::abs(p - t) / options_.scale; }
};

struct RootMeanSquaredScaledErrorOptions {
  double scale = 1;  ///< the root mean squared error of the naive forecast, as naive_error has it
  std::string name = "root_mean_squared_scaled_error";
};

/// Root mean squared error / scale.
class RootMeanSquaredScaledError
    : public detail::ScaledErrorMetric<RootMeanSquaredScaledError, RootMeanSquaredScaledErrorOptions> {
 public:
  using ScaledErrorMetric::ScaledErrorMetric;
  double cost(double t, double p) const { return (p - t) / options_.scale * ((p - t) / options_.scale); }
  double result() const { return std::sqrt(mean_.result()); }
};

struct BrierScoreOptions {
  std::string name = "brier_score";
};

/// Mean squared distance of probabilities from what came true: of yes, or summed over the classes of a softmax (half of
/// that for two), with truth one-hot or as class ids. As brier_score_loss. Throws DataError for numbers that are no
/// probabilities; NaN after a NaN.
class BrierScore : public detail::MeanMetric<BrierScoreOptions> {
 public:
  static constexpr Mode mode = Mode::min;
  using MeanMetric::MeanMetric;
  template <class T>
  void update(In<T> truth, In<T> prediction, const T* weights) {
    const std::size_t classes = prediction.back();
    const bool ids = classes > 1 && truth.row_size() * classes == prediction.row_size();
    if (truth.rows() != prediction.rows() || !(ids || truth.row_size() == prediction.row_size()))
      detail::wrong_truth(options_.name,
                          "truth in the shape of the predictions, or one class id for each vector of them", truth,
                          prediction);
    detail::for_each_position(prediction, classes, weights, [&](std::size_t i, double weight) {
      const std::size_t id =
          ids ? detail::class_id(options_.name, static_cast<double>(truth.data()[i]), classes) : classes;
      double sum = 0;
      for (std::size_t c = 0; c < classes; ++c) {
        const double t = ids ? (c == id ? 1 : 0) : static_cast<double>(truth.data()[i * classes + c]);
        if (!(t >= 0 && t <= 1)) (void)detail::class_id(options_.name, t, 2);
        const double p = static_cast<double>(prediction.data()[i * classes + c]);
        sum += (detail::probability(options_.name, p) - t) * (p - t);
      }
      mean_.add(classes == 2 ? sum / 2 : sum, weight);
    });
  }
  void check_output(const OutputFacts& output) const { detail::check_no_logits(options_.name, output); }
  void fields(auto&& f) { f("name", options_.name); }
};

struct R2ScoreOptions {
  std::string name = "r2_score";
};

/// As r2_score: for each output on the last axis 1 - squared error / squared distance of the truth from its mean, and
/// the plain mean over the outputs. NaN of fewer than two rows with a weight. When the truth is constant: 1 for a
/// perfect prediction, else 0; keras.metrics.R2Score is NaN and 0 there, also of one row.
class R2Score {
 public:
  static constexpr Mode mode = Mode::max;
  explicit R2Score(R2ScoreOptions options = {}) : options_(std::move(options)) {}

  std::string name() const { return options_.name; }
  template <class T>
  void update(In<T> truth, In<T> prediction, const T* weights) {
    if (truth.rows() != prediction.rows() || truth.row_size() != prediction.row_size())
      detail::wrong_truth(options_.name, "truth in the shape of the predictions", truth, prediction);
    const std::size_t outputs = prediction.back();
    grow(outputs);
    detail::for_each_position(prediction, outputs, weights, [&](std::size_t i, double weight) {
      if (!(weight > 0)) return;
      ++rows_;
      for (std::size_t c = 0; c < outputs; ++c) {
        const double t = static_cast<double>(truth.data()[i * outputs + c]);
        const double e = static_cast<double>(prediction.data()[i * outputs + c]) - t;
        outputs_[c].merge({weight, t, 0, weight * e * e});
      }
    });
  }
  double result() const {
    if (rows_ < 2) return std::numeric_limits<double>::quiet_NaN();
    double total = 0;
    for (const Output& o : outputs_) total += o.spread > 0 ? 1 - o.error / o.spread : o.error > 0 ? 0 : 1;
    return total / static_cast<double>(outputs_.size());
  }
  void reset() {
    outputs_.clear();
    rows_ = 0;
  }
  void merge(const R2Score& other) {
    if (other.rows_ == 0) return;
    grow(other.outputs_.size());
    for (std::size_t c = 0; c < outputs_.size(); ++c) outputs_[c].merge(other.outputs_[c]);
    rows_ += other.rows_;
  }
  void fields(auto&& f) { f("name", options_.name); }

 private:
  /// Weight, mean and squared distance from the mean of the truth, and squared error (Chan, Golub and LeVeque 1983).
  struct Output {
    double weight = 0, mean = 0, spread = 0, error = 0;
    void merge(const Output& o) {
      error += o.error;
      if (!(o.weight > 0)) return;
      const double all = weight + o.weight, away = o.mean - mean;
      spread += o.spread + away * away * (weight / all) * o.weight;
      mean += away * (o.weight / all);
      weight = all;
    }
  };
  void grow(std::size_t outputs) {
    if (!outputs_.empty() && outputs_.size() != outputs)
      throw ShapeError(text("metric \"", options_.name, "\": expected ", outputs_.size(),
                            " outputs as before, received ", outputs, "; reset it before it sees another model."));
    outputs_.resize(outputs);
  }

  R2ScoreOptions options_;
  std::vector<Output> outputs_;
  std::size_t rows_ = 0;
};

}  // namespace foretell

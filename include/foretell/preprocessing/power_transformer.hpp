// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "foretell/preprocessing/statistics.hpp"
#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

/// Yeo and Johnson (2000), for all numbers; Box and Cox (1964), for positive ones.
enum class PowerMethod : std::uint8_t { yeo_johnson, box_cox };
constexpr auto enum_names(PowerMethod) { return std::array<std::string_view, 2>{"yeo_johnson", "box_cox"}; }

struct PowerTransformerOptions {
  PowerMethod method = PowerMethod::yeo_johnson;
  bool standardize = true;  ///< to mean 0 and variance 1 afterwards
};

namespace detail {

/// ((e^l)^p - 1) / p, which is l where p is 0, its derivative by p, and its inverse in l.
inline double power_of_log(double l, double p) { return std::abs(p) < 1e-300 ? l : std::expm1(p * l) / p; }
inline double power_of_log_slope(double l, double p) {
  const double z = p * l;
  if (std::abs(z) > 0.1) return (l * std::exp(z) - std::expm1(z) / p) / p;
  double sum = 0, term = 1;
  for (int k = 0; k < 12; term *= z / ++k) sum += term / (k + 2);
  return l * l * sum;
}
inline double log_of_power(double t, double p) { return std::abs(p) < 1e-300 ? t : std::log1p(p * t) / p; }

inline double yeo_johnson(double x, double lambda) {
  return x >= 0 ? power_of_log(std::log1p(x), lambda) : -power_of_log(std::log1p(-x), 2 - lambda);
}
inline double yeo_johnson_inverse(double y, double lambda) {
  return y >= 0 ? std::expm1(log_of_power(y, lambda)) : -std::expm1(log_of_power(-y, 2 - lambda));
}
inline double box_cox(double x, double lambda) { return power_of_log(std::log(x), lambda); }
inline double box_cox_inverse(double y, double lambda) { return std::exp(log_of_power(y, lambda)); }

/// The power under which values are most likely normal: where the derivative of the profile likelihood is zero. It is
/// -n cov(t, dt) / var(t) + sum, with the transformed values t, their derivatives dt by the power and the sum of the
/// logarithms of the derivatives of t by x.
class PowerSearch {
 public:
  PowerSearch(std::span<const double> values, PowerMethod method) {
    for (const double v : values) {
      const bool below = method == PowerMethod::yeo_johnson && v < 0;
      const double l = method == PowerMethod::box_cox ? std::log(v) : std::log1p(std::abs(v));
      logs_.push_back(l);
      below_.push_back(below);
      sum_ += below ? -l : l;
    }
  }

  double best() const {
    double low = -2, high = 2, at_low = slope(low), at_high = slope(high);
    for (; at_low < 0 && low > -most; at_low = slope(low)) high = low, at_high = at_low, low *= 2;
    for (; at_high > 0 && high < most; at_high = slope(high)) low = high, at_low = at_high, high *= 2;
    if (!(at_low > 0 && at_high < 0)) return at_low == 0 ? low : at_high == 0 ? high : at_high > 0 ? high : low;
    int side = 0;
    for (int i = 0; i < 200 && high - low > 1e-14 * std::max(1.0, std::abs(low)); ++i) {
      double p = (at_low * high - at_high * low) / (at_low - at_high);
      if (i % 3 == 2 || !(p > low && p < high)) p = low + (high - low) / 2;
      const double at = slope(p);
      if (at == 0 || p == low || p == high) return p;
      if (at > 0) {
        low = p, at_low = at;
        if (side == 1) at_high /= 2;
        side = 1;
      } else {
        high = p, at_high = at;
        if (side == -1) at_low /= 2;
        side = -1;
      }
    }
    return low + (high - low) / 2;
  }

 private:
  static constexpr double most = 1024;

  double slope(double p) const {
    const double n = static_cast<double>(logs_.size());
    double shift = 0;
    for (std::size_t i = 0; i < logs_.size(); ++i) shift = std::max(shift, power(i, p) * logs_[i]);
    if (shift < 300) shift = 0;
    const auto value = [&](std::size_t i) {
      const double q = power(i, p), l = logs_[i];
      const double t = shift > 0 ? (std::exp(q * l - shift) - std::exp(-shift)) / q : power_of_log(l, q);
      return below_[i] ? -t : t;
    };
    const auto change = [&](std::size_t i) {
      const double q = power(i, p), l = logs_[i];
      if (shift == 0) return power_of_log_slope(l, q);
      return (l * std::exp(q * l - shift) - (std::exp(q * l - shift) - std::exp(-shift)) / q) / q;
    };
    double mean = 0, mean_change = 0, square = 0, product = 0;
    for (std::size_t i = 0; i < logs_.size(); ++i) mean += value(i), mean_change += change(i);
    mean /= n, mean_change /= n;
    for (std::size_t i = 0; i < logs_.size(); ++i) {
      const double d = value(i) - mean;
      square += d * d;
      product += d * (change(i) - mean_change);
    }
    return square > 0 ? sum_ - n * product / square : 0;
  }
  double power(std::size_t i, double p) const { return below_[i] ? 2 - p : p; }

  std::vector<double> logs_;
  std::vector<bool> below_;
  double sum_ = 0;
};

class PowerTransforming {
 public:
  static constexpr std::string_view type = "PowerTransformer";

  explicit PowerTransforming(const PowerTransformerOptions& options) : options_(options) {}

  /// The learned powers, one a column.
  const std::vector<double>& lambdas() const { return lambdas_; }

  /// Throws DataError when Box-Cox meets a number that is not positive, here and in transform.
  Schema learn(const Frame& x) {
    need_numbers(x.schema(), type);
    lambdas_.assign(x.columns(), 1);
    mean_.assign(x.columns(), 0);
    scale_.assign(x.columns(), 1);
    for_each_column(x, [&](std::size_t c, std::span<double> cells) {
      const auto end = std::partition(cells.begin(), cells.end(), [](double cell) { return std::isfinite(cell); });
      const std::span<double> values(cells.begin(), end);
      if (options_.method == PowerMethod::box_cox)
        for (const double v : values)
          if (!(v > 0)) throw_not_positive(x.schema()[c].name, v);
      if (!values.empty() && !Moments(values).constant()) lambdas_[c] = PowerSearch(values, options_.method).best();
      if (!options_.standardize || values.empty()) return;
      for (double& v : values) v = power(v, lambdas_[c]);
      const Moments moments(values);
      mean_[c] = moments.mean;
      scale_[c] = moments.scale();
    });
    return as_numbers(x.schema());
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c) {
        const double v = in(r, c);
        if (options_.method == PowerMethod::box_cox && v <= 0) throw_not_positive(text("number ", c), v);
        out(r, c) = (power(v, lambdas_[c]) - mean_[c]) / scale_[c];
      }
  }
  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t r = 0; r < out.rows; ++r)
      for (std::size_t c = 0; c < out.columns; ++c) {
        const double v = out(r, c) * scale_[c] + mean_[c];
        in(r, c) = options_.method == PowerMethod::box_cox ? box_cox_inverse(v, lambdas_[c])
                                                           : yeo_johnson_inverse(v, lambdas_[c]);
      }
  }

  bool fits(std::size_t in, std::size_t out) const {
    return in == out && in == lambdas_.size() && in == mean_.size() && in == scale_.size();
  }

  void fields(auto&& f) {
    f("method", options_.method);
    f("standardize", options_.standardize);
    f("lambdas", lambdas_);
    f("mean", mean_);
    f("scale", scale_);
  }

 private:
  double power(double x, double lambda) const {
    return options_.method == PowerMethod::box_cox ? box_cox(x, lambda) : yeo_johnson(x, lambda);
  }
  [[noreturn]] static void throw_not_positive(std::string_view column, double value) {
    throw DataError(text("PowerTransformer: column \"", column, "\" holds ", value,
                         ", but Box-Cox takes positive numbers only; use PowerMethod::yeo_johnson."));
  }

  PowerTransformerOptions options_;
  std::vector<double> lambdas_, mean_, scale_;
};

}  // namespace detail

/// Raises each column to the power that makes it most like a normal distribution, by maximum likelihood. Missing values
/// are left out and stay missing; a constant column keeps the power 1.
template <class T = float>
class PowerTransformer : public Estimator<PowerTransformer<T>, T>, public detail::PowerTransforming {
 public:
  explicit PowerTransformer(PowerTransformerOptions options = {}) : PowerTransforming(options) {}
};

}  // namespace foretell

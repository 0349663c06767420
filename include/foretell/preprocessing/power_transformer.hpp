// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
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
  if (lambda == 1) return x;
  return x >= 0 ? power_of_log(std::log1p(x), lambda) : -power_of_log(std::log1p(-x), 2 - lambda);
}
inline double yeo_johnson_inverse(double y, double lambda) {
  if (lambda == 1) return y;
  return y >= 0 ? std::expm1(log_of_power(y, lambda)) : -std::expm1(log_of_power(-y, 2 - lambda));
}
inline double box_cox(double x, double lambda) { return power_of_log(std::log(x), lambda); }
inline double box_cox_inverse(double y, double lambda) { return std::exp(log_of_power(y, lambda)); }

/// The power under which values are most likely normal: where the derivative of the profile likelihood is zero. It is
/// -n cov(t, dt) / var(t) + sum, with the transformed values t, their derivatives dt by the power and the sum of the
/// logarithms of the derivatives of t by x.
///
/// Values on one side of 0 are looked at in units of their geometric mean, of 1 + |x| or, for Box-Cox, of x: that moves
/// and stretches t, which changes no power, and leaves of numbers that differ little how they differ.
class PowerSearch {
 public:
  PowerSearch(std::span<const double> values, PowerMethod method) : unit_(method == PowerMethod::box_cox ? 0 : 1) {
    const bool signs = method == PowerMethod::yeo_johnson;
    mixed_ = signs && std::any_of(values.begin(), values.end(), [](double v) { return v < 0; }) &&
             std::any_of(values.begin(), values.end(), [](double v) { return v > 0; });
    mirrored_ = signs && !mixed_ && std::any_of(values.begin(), values.end(), [](double v) { return v < 0; });
    double sum = 0, largest = 0, smallest = std::numeric_limits<double>::infinity();
    for (const double v : values) {
      sum += unit_ > 0 ? std::log1p(std::abs(v)) : std::log(v);
      largest = std::max(largest, std::abs(v));
      smallest = std::min(smallest, std::abs(v));
    }
    const double middle = sum / static_cast<double>(values.size());
    if (!mixed_) origin_ = unit_ > 0 ? std::expm1(middle) : std::exp(middle);
    for (const double v : values) {
      logs_.push_back(mixed_ ? std::log1p(std::abs(v)) : log_ratio(std::abs(v), origin_, unit_));
      below_.push_back(mixed_ && v < 0);
      sum_ += mixed_ ? std::copysign(logs_.back(), v) : logs_.back();
      away_ = std::max(away_, std::abs(logs_.back()));
    }
    // The square of t of a number 20 times as far out is still a double, as in scipy.stats.yeojohnson_normmax.
    const double far = unit_ > 0 ? std::log1p(20 * std::min(largest, 1e306))
                                 : std::log(20.0) + std::max(std::abs(std::log(largest)), std::abs(std::log(smallest)));
    high_ = std::log(std::sqrt(std::numeric_limits<double>::max() * epsilon)) / std::max(far, away_);
    low_ = std::log(std::sqrt(std::numeric_limits<double>::min() / epsilon)) / std::max(far, away_);
    if (mixed_) low_ = std::max(low_, std::min(2 - high_, 1.0)), high_ = 2 - low_;
  }

  /// log((unit + x) / (unit + origin)), exact where they are close.
  static double log_ratio(double x, double origin, double unit) {
    const double share = (x - origin) / (unit + origin);
    if (std::abs(share) < 0.5) return std::log1p(share);
    return unit > 0 ? std::log1p(x) - std::log1p(origin) : std::log(x) - std::log(origin);
  }

  /// What the values are measured in, with their sign: the geometric mean; 0 where they have two signs.
  double origin() const { return mirrored_ ? -origin_ : origin_; }
  /// Whether t by the power p, of x and not of its share of the origin, would lose more than some five digits of what
  /// tells the values apart.
  bool needs_origin(double p) const {
    const double q = mirrored_ ? 2 - p : p, l = unit_ > 0 ? std::log1p(origin_) : std::log(origin_);
    return !mixed_ && (away_ < 0.01 || std::abs(q * l) > 8);
  }

  /// `plain`: of powers under which t itself, of x and not of its share, tells the values apart to 8 digits at least.
  double best(bool plain = false) const {
    double least = low_, most = high_;
    if (const double l = unit_ > 0 ? std::log1p(origin_) : std::log(origin_); plain && !mixed_ && l != 0)
      (l > 0 ? least : most) = l > 0 ? std::max(least, log_of_digits / l) : std::min(most, log_of_digits / l);
    const double p = zero(least, most);
    return mirrored_ ? 2 - p : p;
  }

 private:
  static constexpr double epsilon = std::numeric_limits<double>::epsilon(), log_of_digits = -18.420680743952367;

  double zero(double least, double most) const {
    double low = std::max(least, -2.0), high = std::min(most, 2.0), at_low = slope(low), at_high = slope(high);
    for (double step = 2; at_low < 0 && low > least; step *= 2)
      high = low, at_high = at_low, low = std::max(least, low - step), at_low = slope(low);
    for (double step = 2; at_high > 0 && high < most; step *= 2)
      low = high, at_low = at_high, high = std::min(most, high + step), at_high = slope(high);
    if (!(at_low > 0 && at_high < 0)) return at_high >= 0 ? high : low;
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

  double slope(double p) const {
    const double n = static_cast<double>(logs_.size());
    const auto value = [&](std::size_t i) {
      const double t = power_of_log(logs_[i], power(i, p));
      return below_[i] ? -t : t;
    };
    const auto change = [&](std::size_t i) { return power_of_log_slope(logs_[i], power(i, p)); };
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

  double unit_, origin_ = 0, sum_ = 0, low_ = 0, high_ = 0, away_ = 0;
  bool mixed_ = false, mirrored_ = false;
  std::vector<double> logs_;
  std::vector<bool> below_;
};

class PowerTransforming {
 public:
  static constexpr std::string_view type = "PowerTransformer";

  explicit PowerTransforming(const PowerTransformerOptions& options = {}) : options_(options) {}

  /// The learned powers, one a column.
  const std::vector<double>& lambdas() const { return lambdas_; }

  /// Throws DataError when Box-Cox meets a number that is not positive, here and in transform.
  Schema learn(const Frame& x) {
    need_numbers(x.schema(), type);
    lambdas_.assign(x.columns(), 1);
    mean_.assign(x.columns(), 0);
    scale_.assign(x.columns(), 1);
    origin_.assign(x.columns(), no_origin());
    for_each_column(x, [&](std::size_t c, std::span<double> cells) {
      const auto end = std::partition(cells.begin(), cells.end(), [](double cell) { return std::isfinite(cell); });
      const std::span<double> values(cells.begin(), end);
      if (options_.method == PowerMethod::box_cox)
        for (const double v : values)
          if (!(v > 0)) throw_not_positive(x.schema()[c].name, v);
      if (values.empty()) return;
      if (!Moments(values).constant()) {
        const PowerSearch search(values, options_.method);
        lambdas_[c] = search.best(!options_.standardize);
        if (options_.standardize && search.needs_origin(lambdas_[c])) origin_[c] = search.origin();
      }
      if (!options_.standardize) return;
      for (double& v : values) v = forward(c, v);
      const Moments moments(values);
      mean_[c] = moments.mean;
      scale_[c] = moments.scale();
      need_finite(type, x.schema()[c], mean_[c] + scale_[c]);
    });
    return as_numbers(x.schema());
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c) {
        const double v = in(r, c);
        if (options_.method == PowerMethod::box_cox && v <= 0) throw_not_positive(text("number ", c), v);
        out(r, c) = (forward(c, v) - mean_[c]) / scale_[c];
      }
  }
  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t r = 0; r < out.rows; ++r)
      for (std::size_t c = 0; c < out.columns; ++c) in(r, c) = backward(c, out(r, c) * scale_[c] + mean_[c]);
  }

  bool fits(std::size_t in, std::size_t out) const {
    return in == out && in == lambdas_.size() && in == mean_.size() && in == scale_.size() && in == origin_.size();
  }

  void fields(auto&& f) {
    f("method", options_.method);
    f("standardize", options_.standardize);
    f("lambdas", lambdas_);
    f("mean", mean_);
    f("scale", scale_);
    f("origin", origin_);
    if (origin_.empty()) origin_.assign(lambdas_.size(), no_origin());  // files written before there was one
  }

 private:
  bool box_cox() const { return options_.method == PowerMethod::box_cox; }
  double unit() const { return box_cox() ? 0 : 1; }
  /// The origin in which nothing is moved or stretched.
  double no_origin() const { return box_cox() ? 1 : 0; }

  /// x raised to the power of column c, in units of its origin: ((e^d)^p - 1) / p with d = log of x over the origin.
  double forward(std::size_t c, double x) const {
    const double p = lambdas_[c], origin = origin_[c];
    if (origin == no_origin()) return box_cox() ? detail::box_cox(x, p) : yeo_johnson(x, p);
    if (!box_cox() && (origin < 0 || x < 0)) {
      if (origin > 0) return stretched(yeo_johnson(x, p), std::log1p(origin), p);
      if (x > 0) return -stretched(-yeo_johnson(x, p), std::log1p(-origin), 2 - p);
      return -power_of_log(PowerSearch::log_ratio(-x, -origin, 1), 2 - p);
    }
    return power_of_log(PowerSearch::log_ratio(x, origin, unit()), p);
  }
  double backward(std::size_t c, double y) const {
    const double p = lambdas_[c], origin = origin_[c];
    if (origin == no_origin()) return box_cox() ? box_cox_inverse(y, p) : yeo_johnson_inverse(y, p);
    const bool mirrored = origin < 0;
    const double q = mirrored ? 2 - p : p, size = std::abs(origin), z = mirrored ? -y : y;
    double x;
    if (!box_cox() && z < power_of_log(-std::log1p(size), q))  // beyond 0
      x = yeo_johnson_inverse(unstretched(z, std::log1p(size), q), q);
    else
      x = size + (unit() + size) * std::expm1(log_of_power(z, q));
    return mirrored ? -x : x;
  }
  /// From t of x to t in units of an origin of logarithm l, and back.
  static double stretched(double t, double l, double p) { return std::exp(-p * l) * t + power_of_log(-l, p); }
  static double unstretched(double y, double l, double p) { return (y - power_of_log(-l, p)) * std::exp(p * l); }

  [[noreturn]] static void throw_not_positive(std::string_view column, double value) {
    throw DataError(text("PowerTransformer: column \"", column, "\" holds ", value,
                         ", but Box-Cox takes positive numbers only; use PowerMethod::yeo_johnson."));
  }

  PowerTransformerOptions options_;
  std::vector<double> lambdas_, mean_, scale_, origin_;
};

}  // namespace detail

/// Raises each column to the power that makes it most like a normal distribution, by maximum likelihood. Missing and
/// infinite values are left out of the search and stay what they are; a constant column keeps the power 1. As
/// sklearn.preprocessing.PowerTransformer, whose search stops about 1e-8 from the power and which refuses infinite
/// values; columns whose numbers lie close together far from 0 keep their differences here where there they may all
/// become 0. Without `standardize` the power stops where it would leave fewer than 8 digits of such differences.
template <class T = float>
class PowerTransformer : public Estimator<PowerTransformer<T>, detail::PowerTransforming, T> {
 public:
  explicit PowerTransformer(PowerTransformerOptions options = {}) : PowerTransformer::Estimator(options) {}
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "foretell/core/quantile.hpp"

namespace foretell::detail {

/// The cells that are not missing, brought to the front.
inline std::span<double> present(std::span<double> cells) {
  const auto end = std::partition(cells.begin(), cells.end(), [](double cell) { return !std::isnan(cell); });
  return {cells.begin(), end};
}

/// The same, sorted.
inline std::span<double> sorted_present(std::span<double> cells) {
  const std::span<double> values = present(cells);
  std::sort(values.begin(), values.end());
  return values;
}

/// The smallest value that a share of at least q does not exceed, the mean of it and the next one where the share is q
/// exactly: numpy's "averaged_inverted_cdf".
inline double inverted_cdf(std::span<const double> sorted, double q) {
  const double place = q * static_cast<double>(sorted.size()), below = std::floor(place);
  const auto last = sorted.size() - 1;
  const auto i = static_cast<std::size_t>(below);
  if (place > below) return sorted[std::min(i, last)];
  return std::midpoint(sorted[i == 0 ? 0 : std::min(i - 1, last)], sorted[std::min(i, last)]);
}

/// Count, mean and variance (divided by the count) of values, by two passes.
struct Moments {
  double count = 0, mean = 0, variance = 0;

  Moments() = default;
  explicit Moments(std::span<const double> values) : count(static_cast<double>(values.size())) {
    if (values.empty()) return;
    double sum = 0, rest = 0, squares = 0;
    const double origin = values[0];
    for (const double v : values) sum += v - origin;
    const double shift = sum / count;
    for (const double v : values) {
      const double d = v - origin - shift;
      rest += d;
      squares += d * d;
    }
    mean = origin + shift + rest / count;
    const double square = (squares - rest * rest / count) / count;
    variance = square < 0 ? 0 : square;  // NaN stays
  }

  /// The variance is nothing but rounding. It is infinite, or NaN, of numbers that lie too far apart for a double.
  bool constant() const {
    constexpr double epsilon = std::numeric_limits<double>::epsilon();
    const double shift = count * mean * epsilon;
    return std::isfinite(variance) && variance <= count * epsilon * variance + shift * shift;
  }
  /// What a value is divided by to have unit variance; 1 for a constant.
  double scale() const { return constant() ? 1 : std::sqrt(variance); }
};

/// The standard normal distribution.
inline double normal_cdf(double x) { return 0.5 * std::erfc(-x / 1.4142135623730951); }

/// Its inverse, to 16 digits (Wichura 1988, algorithm AS 241).
inline double normal_quantile(double p) {
  const auto ratio = [](double r, const double(&a)[8], const double(&b)[8]) {
    double above = a[7], below = b[7];
    for (int i = 6; i >= 0; --i) above = above * r + a[i], below = below * r + b[i];
    return above / below;
  };
  static constexpr double a[8] = {3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                                  1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                  3.3430575583588128105e+4, 2.5090809287301226727e+3};
  static constexpr double b[8] = {1,
                                  4.2313330701600911252e+1,
                                  6.8718700749205790830e+2,
                                  5.3941960214247511077e+3,
                                  2.1213794301586595867e+4,
                                  3.9307895800092710610e+4,
                                  2.8729085735721942674e+4,
                                  5.2264952788528545610e+3};
  static constexpr double c[8] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                                  3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                                  2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static constexpr double d[8] = {1,
                                  2.05319162663775882187e0,
                                  1.67638483018380384940e0,
                                  6.89767334985100004550e-1,
                                  1.48103976427480074590e-1,
                                  1.51986665636164571966e-2,
                                  5.47593808499534494600e-4,
                                  1.05075007164441684324e-9};
  static constexpr double e[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                                  2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                  2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static constexpr double f[8] = {1,
                                  5.99832206555887937690e-1,
                                  1.36929880922735805310e-1,
                                  1.48753612908506148525e-2,
                                  7.86869131145613259100e-4,
                                  1.84631831751005468180e-5,
                                  1.42151175831644588870e-7,
                                  2.04426310338993978564e-15};
  if (!(p > 0 && p < 1))
    return p == 0   ? -std::numeric_limits<double>::infinity()
           : p == 1 ? std::numeric_limits<double>::infinity()
                    : std::numeric_limits<double>::quiet_NaN();
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) return q * ratio(0.180625 - q * q, a, b);
  const double r = std::sqrt(-std::log(q < 0 ? p : 1 - p)), x = r <= 5 ? ratio(r - 1.6, c, d) : ratio(r - 5, e, f);
  return q < 0 ? -x : x;
}

/// The derivative of log Gamma, for x > 0.
inline double digamma(double x) {
  double result = 0;
  for (; x < 10; ++x) result -= 1 / x;
  const double y = 1 / (x * x);
  return result + std::log(x) - 0.5 / x -
         y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y * (1.0 / 132 - y * 691.0 / 32760)))));
}

}  // namespace foretell::detail

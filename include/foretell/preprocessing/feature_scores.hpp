// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/core/random.hpp"
#include "foretell/preprocessing/statistics.hpp"

// How much one column says about the target: x and y of equal length, finite; classes are 0, 1, ... count - 1.

namespace foretell::detail {

/// The F value of a one-way analysis of variance.
inline double f_classif(std::span<const double> x, std::span<const std::size_t> classes, std::size_t class_count) {
  const Moments all(x);
  std::vector<double> sum(class_count), count(class_count);
  for (std::size_t i = 0; i < x.size(); ++i) sum[classes[i]] += x[i] - all.mean, count[classes[i]] += 1;
  double between = 0, within = 0, groups = 0;
  for (std::size_t k = 0; k < class_count; ++k)
    if (count[k] > 0) between += sum[k] * sum[k] / count[k], groups += 1;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double d = x[i] - all.mean - sum[classes[i]] / count[classes[i]];
    within += d * d;
  }
  const double f = between / (groups - 1) / (within / (all.count - groups));
  return std::isnan(f) ? 0 : f;
}

/// The F value of a regression on this column alone.
inline double f_regression(std::span<const double> x, std::span<const double> y) {
  const Moments of_x(x), of_y(y);
  if (of_x.constant() || of_y.constant()) return 0;
  double product = 0;
  for (std::size_t i = 0; i < x.size(); ++i) product += (x[i] - of_x.mean) * (y[i] - of_y.mean);
  const double r = product / of_x.count / std::sqrt(of_x.variance * of_y.variance), square = std::min(r * r, 1.0);
  const double f = square / (1 - square) * (of_x.count - 2);
  return std::isfinite(f) ? f : std::numeric_limits<double>::max();
}

/// Chi-squared between the sum of x in each class and what the sizes of the classes let expect; x is not negative.
inline double chi2(std::span<const double> x, std::span<const std::size_t> classes, std::size_t class_count) {
  std::vector<double> sum(class_count), count(class_count);
  double total = 0, result = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum[classes[i]] += x[i], count[classes[i]] += 1, total += x[i];
  if (total == 0) return 0;
  for (std::size_t k = 0; k < class_count; ++k) {
    const double expected = total * count[k] / static_cast<double>(x.size());
    if (expected > 0) result += (sum[k] - expected) / expected * (sum[k] - expected);
  }
  return result;
}

/// Mutual information of two lists of classes, in nats.
inline double mutual_information(std::span<const std::size_t> a, std::size_t a_count, std::span<const std::size_t> b,
                                 std::size_t b_count) {
  std::vector<double> both(a_count * b_count), of_a(a_count), of_b(b_count);
  for (std::size_t i = 0; i < a.size(); ++i) both[a[i] * b_count + b[i]] += 1, of_a[a[i]] += 1, of_b[b[i]] += 1;
  const auto n = static_cast<double>(a.size());
  double sum = 0;
  for (std::size_t i = 0; i < a_count; ++i)
    for (std::size_t j = 0; j < b_count; ++j)
      if (const double c = both[i * b_count + j]; c > 0) sum += c / n * std::log(c * n / (of_a[i] * of_b[j]));
  return std::max(0.0, sum);
}

/// Sorted numbers, asked how many lie within a distance of one of them.
class Neighbours {
 public:
  explicit Neighbours(std::span<const double> values) : sorted_(values.begin(), values.end()) {
    std::sort(sorted_.begin(), sorted_.end());
  }
  /// Itself included.
  double within(double x, double radius) const {
    const auto first = std::partition_point(sorted_.begin(), sorted_.end(), [&](double v) { return x - v > radius; });
    const auto last = std::partition_point(sorted_.begin(), sorted_.end(), [&](double v) { return v - x <= radius; });
    return static_cast<double>(last - first);
  }
  /// The distance to the k-th nearest other one, 0 < k < count.
  double distance(double x, std::size_t k) const {
    const auto here = static_cast<std::size_t>(std::lower_bound(sorted_.begin(), sorted_.end(), x) - sorted_.begin());
    std::size_t below = here, above = here + 1;  // the next to take are below - 1 and above
    double last = 0;
    for (; k > 0; --k) {
      const bool down = above >= sorted_.size() || (below > 0 && x - sorted_[below - 1] <= sorted_[above] - x);
      last = down ? x - sorted_[--below] : sorted_[above++] - x;
    }
    return last;
  }

 private:
  std::vector<double> sorted_;
};

inline double below(double radius) { return std::nextafter(radius, 0.0); }

/// Mutual information of numbers and classes by the k-th nearest neighbours (Ross 2014). x has no two equal values.
inline double mutual_information(std::span<const double> x, std::span<const std::size_t> classes,
                                 std::size_t class_count, std::size_t k) {
  std::vector<std::vector<double>> members(class_count);
  for (std::size_t i = 0; i < x.size(); ++i) members[classes[i]].push_back(x[i]);
  std::vector<double> shared;
  for (const auto& values : members)
    if (values.size() > 1) shared.insert(shared.end(), values.begin(), values.end());
  if (shared.empty()) return 0;
  const Neighbours all(shared);
  double sum = 0;
  for (const auto& values : members) {
    if (values.size() < 2) continue;
    const Neighbours own(values);
    const std::size_t near = std::min(k, values.size() - 1);
    for (const double v : values)
      sum += digamma(static_cast<double>(near)) - digamma(static_cast<double>(values.size())) -
             digamma(all.within(v, below(own.distance(v, near))));
  }
  const auto n = static_cast<double>(shared.size());
  return std::max(0.0, digamma(n) + sum / n);
}

/// Mutual information of two lists of numbers by the k-th nearest neighbours (Kraskov, Stoegbauer and Grassberger
/// 2004). Neither has two equal values.
inline double mutual_information(std::span<const double> x, std::span<const double> y, std::size_t k) {
  const std::size_t n = x.size();
  if (n <= k) return 0;
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return x[a] < x[b]; });
  const Neighbours of_x(x), of_y(y);
  std::vector<double> nearest(k);
  double sum = 0;
  for (std::size_t place = 0; place < n; ++place) {
    const double a = x[order[place]], b = y[order[place]];
    std::fill(nearest.begin(), nearest.end(), std::numeric_limits<double>::infinity());
    const auto offer = [&](std::size_t other) {
      const double distance = std::max(std::abs(x[order[other]] - a), std::abs(y[order[other]] - b));
      if (distance >= nearest.back()) return;
      nearest.back() = distance;
      for (std::size_t i = k - 1; i > 0 && nearest[i] < nearest[i - 1]; --i) std::swap(nearest[i], nearest[i - 1]);
    };
    std::size_t left = place, right = place + 1;
    for (bool more = true; more;) {
      more = false;
      if (left > 0 && a - x[order[left - 1]] < nearest.back()) offer(--left), more = true;
      if (right < n && x[order[right]] - a < nearest.back()) offer(right++), more = true;
    }
    const double radius = below(nearest.back());
    sum += digamma(of_x.within(a, radius)) + digamma(of_y.within(b, radius));
  }
  return std::max(0.0,
                  digamma(static_cast<double>(n)) + digamma(static_cast<double>(k)) - sum / static_cast<double>(n));
}

/// Divided by the standard deviation, with a little noise so that no two are equal.
inline std::vector<double> told_apart(std::span<const double> values, const Random& random) {
  const double scale = Moments(values).scale();
  std::vector<double> result(values.begin(), values.end());
  double size = 0;
  for (double& v : result) size += std::abs(v /= scale);
  size = std::max(1.0, size / static_cast<double>(values.size()));
  for (std::size_t i = 0; i < result.size(); ++i) result[i] += 1e-10 * size * random.normal(i);
  return result;
}

}  // namespace foretell::detail

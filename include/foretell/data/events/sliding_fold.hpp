// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace foretell::detail {

/// What the items of a window come to, when both ends of the window only ever go forward. Items are put together with
/// part.add(later), at most three times an item, and nothing is ever taken away again, so that an item that has left
/// the window leaves no rounding behind. Part{} is that of no item.
template <class Part>
class SlidingFold {
 public:
  /// The items first ... last - 1; part_of(i) is the Part of one. Neither end may be below that of the call before.
  template <class PartOf>
  Part fold(std::size_t first, std::size_t last, const PartOf& part_of) {
    if (first >= middle_) {  // no sum that is kept begins inside the window: sum from its end to each item
      older_.resize(last - first);
      Part sum;
      for (std::size_t i = last; i-- > first; older_[i - first] = sum) {
        Part part = part_of(i);
        part.add(sum);
        sum = part;
      }
      start_ = first;
      middle_ = end_ = last;
      newer_ = Part();
    }
    for (; end_ < last; ++end_) newer_.add(part_of(end_));
    Part part = first < middle_ ? older_[first - start_] : Part();
    part.add(newer_);
    return part;
  }

 private:
  std::vector<Part> older_;  ///< older_[i - start_]: the items i ... middle_ - 1
  Part newer_{};             ///< the items middle_ ... end_ - 1
  std::size_t start_ = 0, middle_ = 0, end_ = 0;
};

/// A number of values and their sum, which is kept in two doubles: rounded once, when it is asked for.
struct SumPart {
  double count = 0, high = 0, low = 0;

  static SumPart of(double value) { return {1, value, 0}; }
  void add(const SumPart& other) {
    const double sum = high + other.high, back = sum - high;
    low += (high - (sum - back)) + (other.high - back) + other.low;
    high = sum;
    count += other.count;
  }
  double sum() const { return std::isfinite(high) ? high + low : high; }
  double mean() const { return sum() / count; }
};

/// The same with the squared distances from the mean (Chan, Golub and LeVeque 1983).
struct SpreadPart {
  SumPart values;
  double squares = 0;

  static SpreadPart of(double value) { return {SumPart::of(value), 0}; }
  void add(const SpreadPart& other) {
    const double n = values.count, m = other.values.count;
    if (n > 0 && m > 0) {
      const double mean = values.high / n, other_mean = other.values.high / m,
                   below = (std::fma(-mean, n, values.high) + values.low) / n,
                   other_below = (std::fma(-other_mean, m, other.values.high) + other.values.low) / m;
      const double apart = (other_mean - mean) + (other_below - below);
      if (!(std::abs(apart) <= 0x1p-90 * std::abs(mean))) squares += apart * apart * (n / (n + m) * m);
    }
    squares += other.squares;
    values.add(other.values);
  }
  double variance() const {
    return values.count > 1 ? squares / (values.count - 1) : std::numeric_limits<double>::quiet_NaN();
  }
};

/// The least or the greatest value; NaN of none.
template <bool greatest>
struct ExtremePart {
  double value = std::numeric_limits<double>::quiet_NaN();

  static ExtremePart of(double value) { return {value}; }
  void add(const ExtremePart& other) {
    if (!(greatest ? value >= other.value : value <= other.value) && !std::isnan(other.value)) value = other.value;
  }
};

}  // namespace foretell::detail

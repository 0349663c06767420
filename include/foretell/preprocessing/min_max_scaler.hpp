// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

struct MinMaxScalerOptions {
  double low = 0, high = 1;  ///< the range that the columns are brought to
  bool clip = false;         ///< cut later values that lie outside
};

namespace detail {

class MinMaxScaling {
 public:
  static constexpr std::string_view type = "MinMaxScaler";

  explicit MinMaxScaling(const MinMaxScalerOptions& options = {}) : options_(options) {}

  /// The learned values, one a column; the output is (x - data_min) * scale + low, which is x * scale + min.
  const std::vector<double>& data_min() const { return data_min_; }
  const std::vector<double>& data_max() const { return data_max_; }
  const std::vector<double>& scale() const { return scale_; }
  const std::vector<double>& min() const { return min_; }

  /// Throws ConfigError when low is not below high, DataError for infinite numbers and a range that is infinite.
  Schema learn(const Frame& x) {
    if (!(options_.low < options_.high))
      throw ConfigError(
          text("MinMaxScaler: expected low < high, received low ", options_.low, " and high ", options_.high, "."));
    data_min_.assign(x.columns(), std::numeric_limits<double>::infinity());
    data_max_.assign(x.columns(), -std::numeric_limits<double>::infinity());
    learn_more(x);
    return as_numbers(x.schema());
  }

  void learn_more(const Frame& x) {
    need_numbers(x.schema(), type);
    for_each_block(x, [&](Block block) {
      for (std::size_t r = 0; r < block.rows; ++r)
        for (std::size_t c = 0; c < block.columns; ++c) {
          const double v = block(r, c);
          data_min_[c] = v < data_min_[c] ? v : data_min_[c];
          data_max_[c] = v > data_max_[c] ? v : data_max_[c];
        }
    });
    scale_.resize(x.columns());
    min_.resize(x.columns());
    for (std::size_t c = 0; c < x.columns(); ++c) {
      const bool seen = data_min_[c] <= data_max_[c];
      const double range = seen ? data_max_[c] - data_min_[c] : 0;
      const bool constant = range < 10 * std::numeric_limits<double>::epsilon();
      scale_[c] = seen ? (options_.high - options_.low) / (constant ? 1 : range) : 1;
      if (seen) need_finite(type, x.schema()[c], range + data_min_[c]);
      min_[c] = options_.low - (seen ? data_min_[c] * scale_[c] : 0);
    }
    place();
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r) {
      const double* x = in.row(r);
      double* y = out.row(r);
      for (std::size_t c = 0; c < in.columns; ++c) y[c] = (x[c] - origin_[c]) * scale_[c] + options_.low;
      if (!options_.clip) continue;
      for (std::size_t c = 0; c < in.columns; ++c)
        y[c] = y[c] < options_.low ? options_.low : y[c] > options_.high ? options_.high : y[c];
    }
  }

  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t r = 0; r < out.rows; ++r)
      for (std::size_t c = 0; c < out.columns; ++c) in(r, c) = (out(r, c) - options_.low) / scale_[c] + origin_[c];
  }

  bool fits(std::size_t in, std::size_t out) const {
    return in == out && in == data_min_.size() && in == data_max_.size() && in == scale_.size() && in == min_.size();
  }

  void fields(auto&& f) {
    f("low", options_.low);
    f("high", options_.high);
    f("clip", options_.clip);
    f("data_min", data_min_);
    f("data_max", data_max_);
    f("scale", scale_);
    f("min", min_);
    place();
  }

 private:
  void place() {
    origin_.resize(data_min_.size());
    for (std::size_t c = 0; c < origin_.size(); ++c) origin_[c] = std::isfinite(data_min_[c]) ? data_min_[c] : 0;
  }

  MinMaxScalerOptions options_;
  std::vector<double> data_min_, data_max_, scale_, min_;
  std::vector<double> origin_;  ///< data_min, or 0 where no value was seen
};

}  // namespace detail

/// Brings each column from its smallest and largest value to [low, high]; a constant column goes to low, as does, with
/// scikit-learn, one whose range is below 2.2e-15. Missing values are left out of the statistics and stay missing; a
/// column of nothing else is only shifted by low.
template <class T = float>
class MinMaxScaler : public Estimator<MinMaxScaler<T>, detail::MinMaxScaling, T> {
 public:
  explicit MinMaxScaler(MinMaxScalerOptions options = {}) : MinMaxScaler::Estimator(options) {}
};

}  // namespace foretell

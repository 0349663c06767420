// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

struct StandardScalerOptions {
  bool with_mean = true;  ///< subtract the mean
  bool with_std = true;   ///< divide by the standard deviation
};

namespace detail {

class StandardScaling {
 public:
  static constexpr std::string_view type = "StandardScaler";

  explicit StandardScaling(const StandardScalerOptions& options = {}) : options_(options) {}

  /// The learned values, one a column; the count leaves out missing values.
  const std::vector<double>& mean() const { return mean_; }
  const std::vector<double>& var() const { return var_; }
  const std::vector<double>& scale() const { return scale_; }
  const std::vector<double>& n_samples_seen() const { return count_; }

  /// Throws DataError for infinite numbers and for ones whose variance is infinite.
  Schema learn(const Frame& x) {
    for (auto* values : {&count_, &mean_, &var_, &scale_}) values->assign(x.columns(), 0);
    learn_more(x);
    return as_numbers(x.schema());
  }

  /// Adds blocks of rows to the statistics: two passes over each block, then the pairwise update of Chan, Golub and
  /// LeVeque. All of it is relative to a value of the column, so that nothing is lost far from zero.
  void learn_more(const Frame& x) {
    need_numbers(x.schema(), type);
    const std::size_t columns = x.columns();
    std::vector<double> origin = mean_, total_mean(columns), count(columns), mean(columns), squares(columns),
                        rest(columns);
    for_each_block(x, [&](Block block) {
      for (auto* values : {&count, &mean, &squares, &rest}) values->assign(columns, 0);
      for (std::size_t c = 0; c < columns; ++c)
        for (std::size_t r = 0; count_[c] == 0 && r < block.rows; ++r)
          if (const double v = block(r, c); v == v) {
            origin[c] = v;
            break;
          }
      for (std::size_t r = 0; r < block.rows; ++r)
        for (std::size_t c = 0; c < columns; ++c) {
          const double v = block(r, c) - origin[c];
          const bool there = v == v;
          count[c] += there;
          mean[c] += there ? v : 0;
        }
      for (std::size_t c = 0; c < columns; ++c) mean[c] /= std::max(count[c], 1.0);
      for (std::size_t r = 0; r < block.rows; ++r)
        for (std::size_t c = 0; c < columns; ++c) {
          const double v = block(r, c) - origin[c], d = v == v ? v - mean[c] : 0;
          rest[c] += d;
          squares[c] += d * d;
        }
      for (std::size_t c = 0; c < columns; ++c) {
        if (count[c] == 0) continue;
        mean[c] += rest[c] / count[c];
        squares[c] -= rest[c] * rest[c] / count[c];
        const double total = count_[c] + count[c], step = mean[c] - total_mean[c];
        squares[c] += var_[c] * count_[c] + step * step * count_[c] * count[c] / total;
        total_mean[c] += step * count[c] / total;
        var_[c] = squares[c] / total;
        count_[c] = total;
      }
    });
    for (std::size_t c = 0; c < columns; ++c) {
      mean_[c] = origin[c] + total_mean[c];
      scale_[c] = is_constant(c) || !options_.with_std ? 1 : std::sqrt(var_[c]);
      need_finite(type, x.schema()[c], mean_[c] + scale_[c]);
    }
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r) {
      const double *x = in.row(r), *mean = mean_.data(), *scale = scale_.data();
      double* y = out.row(r);
      if (options_.with_mean)
        for (std::size_t c = 0; c < in.columns; ++c) y[c] = (x[c] - mean[c]) / scale[c];
      else
        for (std::size_t c = 0; c < in.columns; ++c) y[c] = x[c] / scale[c];
    }
  }

  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t r = 0; r < out.rows; ++r)
      for (std::size_t c = 0; c < out.columns; ++c)
        in(r, c) = out(r, c) * scale_[c] + (options_.with_mean ? mean_[c] : 0);
  }

  bool fits(std::size_t in, std::size_t out) const {
    return in == out && in == count_.size() && in == mean_.size() && in == var_.size() && in == scale_.size();
  }

  void fields(auto&& f) {
    f("with_mean", options_.with_mean);
    f("with_std", options_.with_std);
    f("count", count_);
    f("mean", mean_);
    f("var", var_);
    f("scale", scale_);
  }

 private:
  /// The variance is nothing but rounding.
  bool is_constant(std::size_t c) const {
    constexpr double epsilon = std::numeric_limits<double>::epsilon();
    const double shift = count_[c] * mean_[c] * epsilon;
    return std::isfinite(var_[c]) && var_[c] <= count_[c] * epsilon * var_[c] + shift * shift;
  }

  StandardScalerOptions options_;
  std::vector<double> count_, mean_, var_, scale_;
};

}  // namespace detail

/// (x - mean) / std by column. The variance divides by the count; a constant column is divided by 1. Missing values are
/// left out of the statistics and stay missing; a column of nothing else keeps its values as they are. Numbers whose
/// differences have a square below the smallest double, 1e-160 for one, are constant.
template <class T = float>
class StandardScaler : public Estimator<StandardScaler<T>, detail::StandardScaling, T> {
 public:
  explicit StandardScaler(StandardScalerOptions options = {}) : StandardScaler::Estimator(options) {}
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "foretell/preprocessing/statistics.hpp"
#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

struct RobustScalerOptions {
  bool with_centering = true;      ///< subtract the median
  bool with_scaling = true;        ///< divide by the distance of two quantiles
  double low = 0.25, high = 0.75;  ///< which quantiles
  bool unit_variance = false;      ///< scale further, so that normally distributed columns have variance 1
};

namespace detail {

class RobustScaling {
 public:
  static constexpr std::string_view type = "RobustScaler";

  explicit RobustScaling(const RobustScalerOptions& options = {}) : options_(options) {}

  /// The learned values, one a column; the output is (x - center) / scale.
  const std::vector<double>& center() const { return center_; }
  const std::vector<double>& scale() const { return scale_; }

  /// Throws ConfigError unless 0 <= low < high <= 1, and for 0 or 1 with unit_variance, DataError when a quantile or
  /// the distance is infinite.
  Schema learn(const Frame& x) {
    if (!(0 <= options_.low && options_.low < options_.high && options_.high <= 1))
      throw ConfigError(text("RobustScaler: expected 0 <= low < high <= 1, received low ", options_.low, " and high ",
                             options_.high, "."));
    if (options_.unit_variance && (options_.low == 0 || options_.high == 1))
      throw ConfigError(
          text("RobustScaler: expected 0 < low and high < 1 for unit_variance, of which a normal "
               "distribution has a distance, received low ",
               options_.low, " and high ", options_.high, "."));
    need_numbers(x.schema(), type);
    center_.assign(x.columns(), 0);
    scale_.assign(x.columns(), 1);
    const double norm = options_.unit_variance ? normal_quantile(options_.high) - normal_quantile(options_.low) : 1;
    for_each_column(x, [&](std::size_t c, std::span<double> cells) {
      const std::span<double> values = sorted_present(cells);
      if (values.empty()) return;
      if (options_.with_centering) center_[c] = quantile_of_sorted(values, 0.5);
      const double range = quantile_of_sorted(values, options_.high) - quantile_of_sorted(values, options_.low);
      if (options_.with_scaling && range >= 10 * std::numeric_limits<double>::epsilon()) scale_[c] = range;
      if (options_.with_scaling) scale_[c] /= norm;
      need_finite(type, x.schema()[c], range + center_[c]);
    });
    return as_numbers(x.schema());
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c) out(r, c) = (in(r, c) - center_[c]) / scale_[c];
  }
  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t r = 0; r < out.rows; ++r)
      for (std::size_t c = 0; c < out.columns; ++c) in(r, c) = out(r, c) * scale_[c] + center_[c];
  }

  bool fits(std::size_t in, std::size_t out) const { return in == out && in == center_.size() && in == scale_.size(); }

  void fields(auto&& f) {
    f("with_centering", options_.with_centering);
    f("with_scaling", options_.with_scaling);
    f("low", options_.low);
    f("high", options_.high);
    f("unit_variance", options_.unit_variance);
    f("center", center_);
    f("scale", scale_);
  }

 private:
  RobustScalerOptions options_;
  std::vector<double> center_, scale_;
};

}  // namespace detail

/// (x - median) / (distance of two quantiles) by column: what outliers hardly move. A column without such a distance is
/// divided by 1, as is one whose distance is below 2.2e-15. Missing values are left out of the statistics and stay
/// missing.
template <class T = float>
class RobustScaler : public Estimator<RobustScaler<T>, detail::RobustScaling, T> {
 public:
  explicit RobustScaler(RobustScalerOptions options = {}) : RobustScaler::Estimator(options) {}
};

}  // namespace foretell

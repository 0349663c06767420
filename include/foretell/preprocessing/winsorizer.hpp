// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "foretell/preprocessing/statistics.hpp"
#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

/// Where a Winsorizer cuts: at two quantiles, or some interquartile ranges beyond the quartiles.
enum class Fence : std::uint8_t { quantile, iqr };
constexpr auto enum_names(Fence) { return std::array<std::string_view, 2>{"quantile", "iqr"}; }

struct WinsorizerOptions {
  Fence fence = Fence::quantile;
  double low = 0.05, high = 0.95;  ///< for `quantile`: the shares at which to cut; 0 or 1 leaves that side open
  double factor = 1.5;             ///< for `iqr`: how many interquartile ranges beyond the quartiles
};

namespace detail {

class Winsorizing {
 public:
  static constexpr std::string_view type = "Winsorizer";

  explicit Winsorizing(const WinsorizerOptions& options = {}) : options_(options) {}

  /// The learned ends, one a column.
  const std::vector<double>& lower() const { return lower_; }
  const std::vector<double>& upper() const { return upper_; }

  /// Throws ConfigError unless 0 <= low < high <= 1 and factor >= 0, DataError when infinite numbers, or the distance
  /// of two quantiles, leave an end undefined.
  Schema learn(const Frame& x) {
    if (!(0 <= options_.low && options_.low < options_.high && options_.high <= 1))
      throw ConfigError(text("Winsorizer: expected 0 <= low < high <= 1, received low ", options_.low, " and high ",
                             options_.high, "."));
    if (!(options_.factor >= 0))
      throw ConfigError(text("Winsorizer: expected factor >= 0, received ", options_.factor, "."));
    need_numbers(x.schema(), type);
    lower_.assign(x.columns(), -std::numeric_limits<double>::infinity());
    upper_.assign(x.columns(), std::numeric_limits<double>::infinity());
    for_each_column(x, [&](std::size_t c, std::span<double> cells) {
      const std::span<double> values = sorted_present(cells);
      if (values.empty()) return;
      if (options_.fence == Fence::iqr) {
        const double first = quantile_of_sorted(values, 0.25), third = quantile_of_sorted(values, 0.75);
        lower_[c] = first - options_.factor * (third - first);
        upper_[c] = third + options_.factor * (third - first);
      } else {
        if (options_.low > 0) lower_[c] = quantile_of_sorted(values, options_.low);
        if (options_.high < 1) upper_[c] = quantile_of_sorted(values, options_.high);
      }
      if (!(lower_[c] <= upper_[c])) need_finite(type, x.schema()[c], missing_cell);
    });
    return as_numbers(x.schema());
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c) {
        const double v = in(r, c);
        out(r, c) = v < lower_[c] ? lower_[c] : v > upper_[c] ? upper_[c] : v;
      }
  }

  bool fits(std::size_t in, std::size_t out) const { return in == out && in == lower_.size() && in == upper_.size(); }

  void fields(auto&& f) {
    f("fence", options_.fence);
    f("low", options_.low);
    f("high", options_.high);
    f("factor", options_.factor);
    f("lower", lower_);
    f("upper", upper_);
  }

 private:
  WinsorizerOptions options_;
  std::vector<double> lower_, upper_;
};

}  // namespace detail

/// Moves values beyond the ends of their column to the ends: outliers stay in the data without pulling at it. Missing
/// values stay missing.
template <class T = float>
class Winsorizer : public Estimator<Winsorizer<T>, detail::Winsorizing, T> {
 public:
  explicit Winsorizer(WinsorizerOptions options = {}) : Winsorizer::Estimator(options) {}
};

}  // namespace foretell

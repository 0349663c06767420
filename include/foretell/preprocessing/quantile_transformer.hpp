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

/// How the values of a column are spread afterwards.
enum class OutputDistribution : std::uint8_t { uniform, normal };
constexpr auto enum_names(OutputDistribution) { return std::array<std::string_view, 2>{"uniform", "normal"}; }

struct QuantileTransformerOptions {
  std::size_t n_quantiles = 1000;  ///< how many landmarks of a column are kept; at most one a row
  OutputDistribution output = OutputDistribution::uniform;
};

namespace detail {

class QuantileMapping {
 public:
  static constexpr std::string_view type = "QuantileTransformer";

  explicit QuantileMapping(const QuantileTransformerOptions& options = {}) : options_(options) {}

  /// The landmarks, those of column 0 first; each column has quantiles().size() / columns of them.
  const std::vector<double>& quantiles() const { return quantiles_; }

  /// Throws ConfigError for no quantiles, DataError for infinite numbers and a range that is infinite.
  Schema learn(const Frame& x) {
    if (options_.n_quantiles == 0) throw ConfigError("QuantileTransformer: expected n_quantiles > 0, received 0.");
    need_numbers(x.schema(), type);
    count_ = std::min(options_.n_quantiles, x.rows());
    quantiles_.assign(count_ * x.columns(), missing_cell);
    for_each_column(x, [&](std::size_t c, std::span<double> cells) {
      const std::span<double> values = sorted_present(cells);
      double* const q = quantiles_.data() + c * count_;
      for (std::size_t i = 0; i < count_; ++i) {
        q[i] = quantile_of_sorted(values, reference(i) * 100 / 100);  // in percent, as numpy rounds it
        if (i > 0) q[i] = std::max(q[i], q[i - 1]);
      }
      if (!values.empty()) need_finite(type, x.schema()[c], values.back() - values.front());
    });
    return as_numbers(x.schema());
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t c = 0; c < in.columns; ++c) {
      const double* const q = quantiles_.data() + c * count_;
      for (std::size_t r = 0; r < in.rows; ++r) out(r, c) = forward(q, in(r, c));
    }
  }
  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t c = 0; c < in.columns; ++c) {
      const double* const q = quantiles_.data() + c * count_;
      for (std::size_t r = 0; r < in.rows; ++r) in(r, c) = backward(q, out(r, c));
    }
  }

  bool fits(std::size_t in, std::size_t out) const {
    return in == out && count_ > 0 && quantiles_.size() % count_ == 0 && in == quantiles_.size() / count_;
  }

  void fields(auto&& f) {
    f("n_quantiles", options_.n_quantiles);
    f("output", options_.output);
    f("count", count_);
    f("quantiles", quantiles_);
  }

 private:
  static constexpr double edge = 1e-7;  ///< how near to an end a share, or a value of a wide column, counts as the end

  double reference(std::size_t i) const {
    if (i == 0) return 0;
    return i + 1 == count_ ? 1 : static_cast<double>(i) * (1 / static_cast<double>(count_ - 1));
  }

  double forward(const double* q, double x) const {
    if (std::isnan(x) || std::isnan(q[0])) return x;
    const bool normal = options_.output == OutputDistribution::normal;
    const double lowest = q[0], highest = q[count_ - 1], close = normal ? edge * std::min(1.0, highest - lowest) : 0;
    double y = 0;
    if (x <= lowest || (normal && x - lowest < close))
      y = 0;
    else if (x == highest || (normal && (x > highest || highest - x < close)))
      y = 1;
    else
      y = (from_below(q, x) + from_above(q, x)) / 2;
    if (!normal) return y;
    static const double most = normal_quantile(1 - (edge - 0x1p-52)), least = normal_quantile(edge - 0x1p-52);
    return std::clamp(normal_quantile(y), least, most);
  }

  double backward(const double* q, double y) const {
    if (std::isnan(y) || std::isnan(q[0])) return y;
    const bool normal = options_.output == OutputDistribution::normal;
    if (normal) y = normal_cdf(y);
    if (normal ? y - edge < 0 : y <= 0) return q[0];
    if (normal ? y + edge > 1 : y >= 1) return q[count_ - 1];
    if (count_ == 1) return q[0];
    auto i = std::min(static_cast<std::size_t>(y * static_cast<double>(count_ - 1)), count_ - 2);
    while (i > 0 && reference(i) > y) --i;
    while (i + 2 < count_ && reference(i + 1) <= y) ++i;
    return q[i] + (q[i + 1] - q[i]) / (reference(i + 1) - reference(i)) * (y - reference(i));
  }

  /// The share that belongs to x, from the last landmark that is not above it; from the first that is not below it.
  /// They differ where landmarks are equal.
  double from_below(const double* q, double x) const {
    const auto i = static_cast<std::size_t>(std::upper_bound(q, q + count_, x) - q);
    if (i == 0) return 0;
    if (i == count_) return reference(count_ - 1);
    return reference(i - 1) + (reference(i) - reference(i - 1)) * ((x - q[i - 1]) / (q[i] - q[i - 1]));
  }
  double from_above(const double* q, double x) const {
    const auto i = static_cast<std::size_t>(std::lower_bound(q, q + count_, x) - q);
    if (i == 0) return 0;
    if (i == count_) return reference(count_ - 1);
    return reference(i) - (reference(i) - reference(i - 1)) * ((q[i] - x) / (q[i] - q[i - 1]));
  }

  QuantileTransformerOptions options_;
  std::size_t count_ = 0;
  std::vector<double> quantiles_;
};

}  // namespace detail

/// Spreads each column evenly over [0, 1], or normally, by its quantiles; later values beyond those of fit go to the
/// ends. All rows are used. Next to an end is, for `normal`, what is nearer than 1e-7, or 1e-7 of the range where that
/// is less than 1; to scikit-learn, which sends a column narrower than 1e-7 to its ends altogether, always 1e-7.
/// Missing values are left out and stay missing; a column of nothing else keeps its values as they are.
template <class T = float>
class QuantileTransformer : public Estimator<QuantileTransformer<T>, detail::QuantileMapping, T> {
 public:
  explicit QuantileTransformer(QuantileTransformerOptions options = {}) : QuantileTransformer::Estimator(options) {}
};

}  // namespace foretell

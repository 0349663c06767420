// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "foretell/preprocessing/selection.hpp"
#include "foretell/preprocessing/statistics.hpp"

namespace foretell {

struct VarianceThresholdOptions {
  double threshold = 0;  ///< columns of a larger variance stay; 0 drops constant ones
};

namespace detail {

class VarianceSelecting : public Selecting {
 public:
  static constexpr std::string_view type = "VarianceThreshold";

  explicit VarianceSelecting(const VarianceThresholdOptions& options = {}) : options_(options) {}

  /// The variance of each column, divided by the count; for threshold 0 the range where that is smaller.
  const std::vector<double>& variances() const { return variances_; }

  /// Throws ConfigError for a negative threshold, DataError when no column stays, and for infinite variances.
  Schema learn(const Frame& x) {
    if (!(options_.threshold >= 0))
      throw ConfigError(text("VarianceThreshold: expected threshold >= 0, received ", options_.threshold, "."));
    need_numbers(x.schema(), type);
    variances_.assign(x.columns(), 0);
    std::vector<bool> support(x.columns());
    for_each_column(x, [&](std::size_t c, std::span<double> cells) {
      const std::span<double> values = present(cells);
      if (values.empty()) return;
      variances_[c] = Moments(values).variance;
      if (options_.threshold == 0) {
        const auto [low, high] = std::minmax_element(values.begin(), values.end());
        variances_[c] = std::min(variances_[c], *high - *low);
      }
      need_finite(type, x.schema()[c], variances_[c]);
      support[c] = variances_[c] > options_.threshold;
    });
    if (std::find(support.begin(), support.end(), true) == support.end())
      throw DataError(text("VarianceThreshold: none of ", x.columns(), " columns has a variance above ",
                           options_.threshold, "; lower the threshold."));
    return keep(x.schema(), support);
  }

  void fields(auto&& f) {
    f("threshold", options_.threshold);
    f("variances", variances_);
    list(f);
  }

 private:
  VarianceThresholdOptions options_;
  std::vector<double> variances_;
};

}  // namespace detail

/// Keeps the columns whose variance is larger than a threshold. Missing values are left out of it.
template <class T = float>
class VarianceThreshold : public Estimator<VarianceThreshold<T>, detail::VarianceSelecting, T> {
 public:
  explicit VarianceThreshold(VarianceThresholdOptions options = {}) : VarianceThreshold::Estimator(options) {}
};

}  // namespace foretell

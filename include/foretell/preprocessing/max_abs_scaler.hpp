// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

namespace detail {

class MaxAbsScaling {
 public:
  static constexpr std::string_view type = "MaxAbsScaler";

  /// The learned values, one a column; the output is x / scale.
  const std::vector<double>& max_abs() const { return max_abs_; }
  const std::vector<double>& scale() const { return scale_; }

  Schema learn(const Frame& x) {
    max_abs_.assign(x.columns(), 0);
    learn_more(x);
    return as_numbers(x.schema());
  }

  void learn_more(const Frame& x) {
    need_numbers(x.schema(), type);
    for_each_block(x, [&](Block block) {
      for (std::size_t r = 0; r < block.rows; ++r)
        for (std::size_t c = 0; c < block.columns; ++c) {
          const double v = std::abs(block(r, c));
          max_abs_[c] = v > max_abs_[c] ? v : max_abs_[c];
        }
    });
    scale_ = max_abs_;
    for (std::size_t c = 0; c < scale_.size(); ++c) need_finite(type, x.schema()[c], scale_[c]);
    for (double& scale : scale_)
      if (scale < 10 * std::numeric_limits<double>::epsilon()) scale = 1;
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c) out(r, c) = in(r, c) / scale_[c];
  }
  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t r = 0; r < out.rows; ++r)
      for (std::size_t c = 0; c < out.columns; ++c) in(r, c) = out(r, c) * scale_[c];
  }

  bool fits(std::size_t in, std::size_t out) const { return in == out && in == max_abs_.size() && in == scale_.size(); }

  void fields(auto&& f) {
    f("max_abs", max_abs_);
    f("scale", scale_);
  }

 private:
  std::vector<double> max_abs_, scale_;
};

}  // namespace detail

/// Divides each column by its largest absolute value, so that zeros stay zeros; a column of zeros stays as it is.
/// So does one of nothing above 2.2e-15. Infinite numbers are refused. Missing values are left out of the statistics
/// and stay missing.
template <class T = float>
class MaxAbsScaler : public Estimator<MaxAbsScaler<T>, detail::MaxAbsScaling, T> {};

}  // namespace foretell

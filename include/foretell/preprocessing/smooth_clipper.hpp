// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>

#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

struct SmoothClipperOptions {
  double limit = 3;  ///< what no number passes; above 0
};

namespace detail {

class SmoothClipping {
 public:
  static constexpr std::string_view type = "SmoothClipper";

  explicit SmoothClipping(const SmoothClipperOptions& options = {}) : options_(options) {
    if (!(options.limit > 0 && std::isfinite(options.limit)))
      throw ConfigError(text(type, ": expected a finite limit above 0, received ", options.limit));
  }

  Schema learn(const Frame& x) {
    need_numbers(x.schema(), type);
    return as_numbers(x.schema());
  }
  void apply(Block in, MutableBlock out, Scratch&) const {
    each(in, out, [limit = options_.limit](double x) {
      const double a = std::abs(x) / limit;  // no square overflows
      return a > 1 ? std::copysign(limit / std::sqrt(1 + 1 / a / a), x) : x / std::sqrt(1 + a * a);
    });
  }
  void invert(Block out, MutableBlock in, Scratch&) const {
    each(out, in, [limit = options_.limit](double y) { return y / std::sqrt((1 - y / limit) * (1 + y / limit)); });
  }
  bool fits(std::size_t in, std::size_t out) const { return in == out; }
  void fields(auto&& f) { f("limit", options_.limit); }

 private:
  static void each(Block from, MutableBlock to, auto&& f) {
    for (std::size_t r = 0; r < from.rows; ++r)
      for (std::size_t c = 0; c < from.columns; ++c) to(r, c) = f(from(r, c));
  }

  SmoothClipperOptions options_;
};

}  // namespace detail

/// x / sqrt(1 + (x / limit)^2): small numbers stay nearly as they are, none passes the limit, and order is kept. Behind
/// RobustScaler it is the preparation of numbers of RealMLP (Holzmüller, Grinsztajn and Steinwart 2024). Infinite
/// numbers become the limit; missing values stay missing. The way back from the limit itself is infinite, and from
/// beyond it NaN.
template <class T = float>
class SmoothClipper : public Estimator<SmoothClipper<T>, detail::SmoothClipping, T> {
 public:
  explicit SmoothClipper(SmoothClipperOptions options = {}) : SmoothClipper::Estimator(options) {}
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "foretell/losses/raw_parameters.hpp"

namespace foretell {

/// -log of the likelihood of an amount that is 0 or lognormal: the lifetime value of customers (Wang and others 2019).
/// The last axis of the prediction has three raw numbers, as from a linear layer: probability above 0 =
/// sigmoid(first), location = second, scale = softplus(third), at least sqrt(1e-7); one truth for each three.
class ZeroInflatedLognormal {
 public:
  static constexpr std::string_view name = "zero_inflated_lognormal";
  static constexpr bool signed_weights = true;

  static double probability(double first) { return detail::stable_sigmoid(first); }
  static double scale(double third) { return std::max(detail::stable_softplus(third), smallest_scale); }
  /// The expected amount, for ranking and for decisions.
  static double mean(double first, double second, double third) {
    const double sigma = scale(third);
    return probability(first) * std::exp(second + sigma * sigma / 2);
  }

  template <class T>
  double operator()(const LossCall<T>& call) const {
    return detail::sum_likelihoods(name, call, 3, of);
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_likelihood(name, truth, prediction, 3, "raw probability, location and raw scale",
                             "amounts, at least 0");
  }
  void check_output(const OutputFacts& output) const { detail::check_raw(name, output); }
  void fields(auto&&) {}

 private:
  static constexpr double smallest_scale = 3.16227766016837933e-4;

  static double of(double y, const double* raw, double* slopes) {
    slopes[0] = y > 0 ? -detail::stable_sigmoid(-raw[0]) : detail::stable_sigmoid(raw[0]);
    slopes[1] = slopes[2] = 0;
    const double none = detail::stable_softplus(y > 0 ? -raw[0] : raw[0]);
    if (!(y > 0)) return none;
    const double sigma = scale(raw[2]), off = (std::log(y) - raw[1]) / sigma;
    slopes[1] = -off / sigma;
    if (sigma > smallest_scale) slopes[2] = (1 - off * off) / sigma * detail::stable_sigmoid(raw[2]);
    return none + std::log(y) + std::log(sigma) + 0.918938533204672741780 + off * off / 2;
  }
};

}  // namespace foretell

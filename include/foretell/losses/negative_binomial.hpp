// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>

#include "foretell/losses/log_gamma.hpp"
#include "foretell/losses/raw_parameters.hpp"

namespace foretell {

/// -log of the negative binomial likelihood of a count: demand whose variance mean + dispersion mean^2 is above its
/// mean. The last axis of the prediction has two raw numbers, as from a linear layer: mean = softplus(first) and
/// dispersion = softplus(second), at least 1e-8 (Salinas and others 2017); one truth for each pair.
class NegativeBinomial {
 public:
  static constexpr std::string_view name = "negative_binomial";
  static constexpr bool signed_weights = true;

  static double mean(double first) { return detail::stable_softplus(first); }
  static double dispersion(double second) { return std::max(detail::stable_softplus(second), 1e-8); }

  template <class T>
  double operator()(const LossCall<T>& call) const {
    return detail::sum_likelihoods(name, call, 2, of);
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_likelihood(name, truth, prediction, 2, "raw mean and raw dispersion", "counts, at least 0");
  }
  void check_output(const OutputFacts& output) const { detail::check_raw(name, output); }
  void fields(auto&&) {}

 private:
  static double of(double y, const double* raw, double* slopes) {
    const double mu = mean(raw[0]), log_mu = raw[0] < -30 ? raw[0] : std::log(mu);
    const double alpha = dispersion(raw[1]), r = 1 / alpha, v = mu * alpha;
    const detail::GammaRise rise = detail::gamma_rise(r, y);
    slopes[0] = (mu - y) / (1 + v) * (raw[0] < -30 ? 1 : detail::stable_sigmoid(raw[0]) / mu);
    const double by_r = detail::log1p_rest(v) + v * (mu - y) / (r + mu) - rise.slope;
    slopes[1] = alpha > 1e-8 ? -by_r * r * r * detail::stable_sigmoid(raw[1]) : 0;
    return detail::log_gamma(y + 1) - rise.value + (r + y) * std::log1p(v) - y * log_mu;
  }
};

}  // namespace foretell

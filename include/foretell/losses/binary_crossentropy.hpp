// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>

#include "foretell/kernels/math.hpp"
#include "foretell/losses/probabilities.hpp"
#include "foretell/losses/sum.hpp"
#include "foretell/losses/truth.hpp"

namespace foretell {

struct BinaryCrossentropyOptions {
  bool from_logits = false;    ///< the model ends in a linear layer whose values go through a sigmoid here
  double label_smoothing = 0;  ///< truth t counts as t (1 - s) + s / 2
};

/// -t log(p) - (1 - t) log(1 - p), t within 0 .. 1. A final sigmoid is fused: max(z, 0) - t z + log(1 + exp(-|z|)), exact for any z.
/// Probabilities are clipped to 1e-7 .. 1 - 1e-7 as in Keras.
class BinaryCrossentropy {
 public:
  static constexpr std::string_view name = "binary_crossentropy";
  BinaryCrossentropy(BinaryCrossentropyOptions options = {}) : options_(options) {}

  bool fuses(ActivationFunction f) const {
    if (f != sigmoid) return false;
    if (options_.from_logits) detail::fail_logits(name, "sigmoid");
    return true;
  }
  template <class T>
  double operator()(const LossCall<T>& call) const {
    const T keep = static_cast<T>(1 - options_.label_smoothing), base = static_cast<T>(options_.label_smoothing / 2);
    const bool logits = options_.from_logits || call.fused == sigmoid;
    return detail::sum_elements(name, call, [&](std::size_t n, const T* truth, const T* prediction, T* losses, T* gradient) {
      T y[detail::loss_block];
      for (std::size_t i = 0; i < n; ++i) y[i] = truth[i] * keep + base;
      logits ? of_logits(n, y, prediction, losses, gradient) : of_probabilities(n, y, prediction, losses, gradient);
    });
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_truth_shape(name, truth, prediction, prediction, "for several classes use CategoricalCrossentropy or SparseCategoricalCrossentropy");
    detail::check_truth_values(name, truth, "truth within 0 .. 1", 0, 1, "write the two classes as 0 and 1");
  }
  void check() const { detail::check_label_smoothing(name, options_.label_smoothing); }
  void fields(auto&& f) {
    f("from_logits", options_.from_logits);
    f("label_smoothing", options_.label_smoothing);
  }

 private:
  /// With q = sigmoid(-|z|) no digits are lost where the prediction is sure and right.
  template <class T>
  static void of_logits(std::size_t n, const T* y, const T* z, T* losses, T* gradient) {
    T below[detail::loss_block];
    for (std::size_t i = 0; i < n; ++i) below[i] = -std::abs(z[i]);
    kernels::softplus(n, below, losses);
    for (std::size_t i = 0; i < n; ++i) losses[i] += z[i] * ((z[i] > 0 ? T(1) : T(0)) - y[i]);
    if (!gradient) return;
    kernels::sigmoid(n, below, gradient);
    for (std::size_t i = 0; i < n; ++i) {
      const T side = z[i] > 0 ? T(1) : T(0);
      gradient[i] = (side - y[i]) + (1 - 2 * side) * gradient[i];
    }
  }
  template <class T>
  static void of_probabilities(std::size_t n, const T* y, const T* p, T* losses, T* gradient) {
    T yes[detail::loss_block], no[detail::loss_block];
    for (std::size_t i = 0; i < n; ++i) {
      yes[i] = detail::clip_probability(p[i]);
      no[i] = -yes[i];
    }
    if (gradient)
      for (std::size_t i = 0; i < n; ++i) gradient[i] = yes[i] == p[i] ? (p[i] - y[i]) / (p[i] * (1 - p[i])) : T(0);
    kernels::log(n, yes, yes);
    kernels::log1p(n, no, no);
    for (std::size_t i = 0; i < n; ++i) losses[i] = -(y[i] * yes[i] + (1 - y[i]) * no[i]);
  }

  BinaryCrossentropyOptions options_;
};

}  // namespace foretell

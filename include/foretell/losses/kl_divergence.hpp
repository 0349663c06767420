// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "foretell/kernels/math.hpp"
#include "foretell/losses/probabilities.hpp"
#include "foretell/losses/sum.hpp"
#include "foretell/losses/truth.hpp"

namespace foretell {

/// sum t_c log(t_c / p_c) over the last axis, of distributions; both are clipped to 1e-7 .. 1 as in Keras.
class KLDivergence {
 public:
  static constexpr std::string_view name = "kl_divergence";
  static constexpr bool signed_weights = true;

  template <class T>
  double operator()(const LossCall<T>& call) const {
    const std::size_t width = call.prediction.back();
    return detail::sum_losses(
        name, call, width, width, [&](std::size_t n, const T* truth, const T* prediction, T* losses, T* gradient) {
          for (std::size_t i = 0; i < n; ++i)
            losses[i] = static_cast<T>(divergence(width, truth + i * width, prediction + i * width,
                                                  gradient ? gradient + i * width : nullptr));
        });
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_truth_shape(name, truth, prediction, prediction);
    detail::check_truth_values(name, truth, "probabilities, within 0 .. 1", 0, 1, "divide each row by its sum");
  }
  void check_output(const OutputFacts& output) const {
    detail::check_probabilities(name, output, "end the model in .activation = softmax");
  }
  void fields(auto&&) {}

 private:
  template <class T>
  static double divergence(std::size_t width, const T* truth, const T* prediction, T* gradient) {
    double sum = 0;
    T t[detail::loss_block], ratio[detail::loss_block];
    for (std::size_t first = 0; first < width; first += detail::loss_block) {
      const std::size_t n = std::min(detail::loss_block, width - first);
      for (std::size_t i = 0; i < n; ++i) {
        const T p = prediction[first + i], clipped = detail::clip_probability(p, T(1));
        t[i] = detail::clip_probability(truth[first + i], T(1));
        ratio[i] = t[i] / clipped;
        if (gradient) gradient[first + i] = p == clipped ? -ratio[i] : T(0);
      }
      kernels::log(n, ratio, ratio);
      sum += kernels::dot(n, t, ratio);
    }
    return sum;
  }
};

}  // namespace foretell

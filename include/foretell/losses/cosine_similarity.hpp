// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "foretell/kernels/reduce.hpp"
#include "foretell/losses/sum.hpp"
#include "foretell/losses/truth.hpp"

namespace foretell {

/// Minus the cosine of the angle between truth and prediction along the last axis: -1 for the same direction. Vectors
/// shorter than 1e-7 count as that long. As keras.losses.CosineSimilarity.
class CosineSimilarity {
 public:
  static constexpr std::string_view name = "cosine_similarity";
  static constexpr bool signed_weights = true;

  template <class T>
  double operator()(const LossCall<T>& call) const {
    const std::size_t width = call.prediction.back();
    return detail::sum_losses(
        name, call, width, width, [&](std::size_t n, const T* truth, const T* prediction, T* losses, T* gradient) {
          for (std::size_t i = 0; i < n; ++i)
            losses[i] = static_cast<T>(
                -cosine(width, truth + i * width, prediction + i * width, gradient ? gradient + i * width : nullptr));
        });
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_truth(name, truth, prediction);
  }
  void fields(auto&&) {}

 private:
  template <class T>
  static double cosine(std::size_t n, const T* t, const T* p, T* g) {
    constexpr double shortest = 1e-7;
    const double length = std::sqrt(kernels::sum_of_squares(n, p));
    const double inverse_t = 1 / std::max(std::sqrt(kernels::sum_of_squares(n, t)), shortest);
    const double inverse_p = 1 / (length < shortest ? shortest : length);
    const double cosine = kernels::dot(n, t, p) * inverse_t * inverse_p;
    if (g) {
      const double along = length < shortest ? 0 : cosine * inverse_p * inverse_p;
      for (std::size_t i = 0; i < n; ++i)
        g[i] = static_cast<T>(along * static_cast<double>(p[i]) - inverse_t * inverse_p * static_cast<double>(t[i]));
    }
    return cosine;
  }
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>

#include "foretell/losses/sum.hpp"
#include "foretell/losses/truth.hpp"

// What losses share whose prediction is not a number but the raw parameters of a distribution, on the last axis.

namespace foretell::detail {

inline double stable_sigmoid(double x) {
  const double e = std::exp(-std::abs(x));
  return x > 0 ? 1 / (1 + e) : e / (1 + e);
}
inline double stable_softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

/// `formula(truth, raw, slopes)` returns -log of the likelihood of one truth and assigns its derivatives by the
/// `width` raw parameters.
template <class T, class F>
double sum_likelihoods(std::string_view name, const LossCall<T>& call, std::size_t width, F formula) {
  if (call.prediction.back() != width)
    throw ShapeError(text(name, ": expected predictions of ", width, " numbers on the last axis, received ",
                          rows_text(call.prediction.shape())));
  return sum_losses(name, call, width, 1,
                    [&](std::size_t n, const T* truth, const T* prediction, T* losses, T* gradient) {
                      double raw[4], slopes[4];
                      for (std::size_t i = 0; i < n; ++i) {
                        std::copy_n(prediction + i * width, width, raw);
                        losses[i] = static_cast<T>(formula(static_cast<double>(truth[i]), raw, slopes));
                        for (std::size_t k = 0; gradient && k < width; ++k)
                          gradient[i * width + k] = static_cast<T>(slopes[k]);
                      }
                    });
}

/// One truth of at least 0 for each `width` numbers on the last axis, which are `meaning`.
template <class T>
void check_likelihood(std::string_view loss, In<T> truth, const Shape& prediction, std::size_t width,
                      std::string_view meaning, std::string_view expected) {
  if (prediction.rank() == 0 || prediction.back() != width)
    throw ShapeError(text(loss, ": expected predictions of ", width, " numbers on the last axis, ", meaning,
                          ", received ", rows_text(prediction), "; end the model in a linear layer of ", width,
                          " units"));
  check_truth_shape(loss, truth, Shape(prediction.begin(), prediction.end() - 1), prediction,
                    "give each position one number");
  check_truth_values(loss, truth, expected, 0, std::numeric_limits<double>::infinity(),
                     "choose another loss for numbers below 0");
}

}  // namespace foretell::detail

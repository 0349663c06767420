// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>

#include "foretell/kernels/math.hpp"
#include "foretell/kernels/update.hpp"
#include "foretell/losses/sum.hpp"
#include "foretell/losses/truth.hpp"

// Losses of a number, formulas as keras.losses; e is prediction - truth.

namespace foretell {

namespace detail {

/// e = prediction - truth
template <class T>
void differences(std::size_t n, const T* truth, const T* prediction, T* e) {
  for (std::size_t i = 0; i < n; ++i) e[i] = prediction[i] - truth[i];
}

}  // namespace detail

/// e^2
class MeanSquaredError {
 public:
  static constexpr std::string_view name = "mean_squared_error";

  template <class T>
  double operator()(const LossCall<T>& call) const {
    return detail::sum_elements(name, call, [](std::size_t n, const T* truth, const T* prediction, T* losses, T* gradient) {
      T* e = gradient ? gradient : losses;
      detail::differences(n, truth, prediction, e);
      kernels::multiply(n, e, e, losses);
      if (gradient) kernels::scale(n, 2, gradient);
    });
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_truth(name, truth, prediction);
  }
  void fields(auto&&) {}
};

/// |e|, with slope 0 at 0.
class MeanAbsoluteError {
 public:
  static constexpr std::string_view name = "mean_absolute_error";

  template <class T>
  double operator()(const LossCall<T>& call) const {
    return detail::sum_elements(name, call, [](std::size_t n, const T* truth, const T* prediction, T* losses, T* gradient) {
      detail::differences(n, truth, prediction, losses);
      if (gradient)
        for (std::size_t i = 0; i < n; ++i) gradient[i] = static_cast<T>((losses[i] > 0) - (losses[i] < 0));
      for (std::size_t i = 0; i < n; ++i) losses[i] = std::abs(losses[i]);
    });
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_truth(name, truth, prediction);
  }
  void fields(auto&&) {}
};

/// log(cosh(e)): e^2 / 2 for small e, |e| - log 2 for large.
class LogCosh {
 public:
  static constexpr std::string_view name = "log_cosh";

  template <class T>
  double operator()(const LossCall<T>& call) const {
    return detail::sum_elements(name, call, [](std::size_t n, const T* truth, const T* prediction, T* losses, T* gradient) {
      constexpr T log_2 = static_cast<T>(0.693147180559945309417);
      T e[detail::loss_block], slope[detail::loss_block], near[detail::loss_block];
      detail::differences(n, truth, prediction, e);
      kernels::tanh(n, e, slope);
      if (gradient) kernels::copy(n, slope, gradient);
      for (std::size_t i = 0; i < n; ++i) {
        near[i] = -slope[i] * slope[i];
        losses[i] = -2 * std::abs(e[i]);
      }
      kernels::log1p(n, near, near);           // log(cosh(e)) = -log(1 - tanh(e)^2) / 2 keeps its digits near 0,
      kernels::softplus(n, losses, losses);    // |e| + log(1 + exp(-2 |e|)) - log 2 far from it
      for (std::size_t i = 0; i < n; ++i) {
        const T size = std::abs(e[i]);
        losses[i] = size < T(0.5) ? near[i] / -2 : size - log_2 + losses[i];
      }
    });
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_truth(name, truth, prediction);
  }
  void fields(auto&&) {}
};

struct HuberOptions {
  double delta = 1;  ///< where the square turns into a line
};

/// e^2 / 2 up to |e| = delta, delta |e| - delta^2 / 2 beyond.
class Huber {
 public:
  static constexpr std::string_view name = "huber";
  Huber(HuberOptions options = {}) : options_(options) {}

  template <class T>
  double operator()(const LossCall<T>& call) const {
    const T delta = static_cast<T>(options_.delta);
    return detail::sum_elements(name, call, [&](std::size_t n, const T* truth, const T* prediction, T* losses, T* gradient) {
      detail::differences(n, truth, prediction, losses);
      if (gradient) {
        kernels::copy(n, losses, gradient);
        kernels::clip_by_value(n, options_.delta, gradient);
      }
      for (std::size_t i = 0; i < n; ++i) {
        const T size = std::abs(losses[i]), inner = delta < size ? delta : size;
        losses[i] = inner * (size - inner / 2);
      }
    });
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_truth(name, truth, prediction);
  }
  void check() const {
    if (!(options_.delta > 0) || !std::isfinite(options_.delta))
      throw ConfigError(text("huber: expected a finite delta above 0, received ", options_.delta));
  }
  void fields(auto&& f) { f("delta", options_.delta); }

 private:
  HuberOptions options_;
};

/// prediction - truth log(prediction): counts, with predictions above 0 (from exponential or softplus).
class Poisson {
 public:
  static constexpr std::string_view name = "poisson";

  template <class T>
  double operator()(const LossCall<T>& call) const {
    return detail::sum_elements(name, call, [](std::size_t n, const T* truth, const T* prediction, T* losses, T* gradient) {
      T shifted[detail::loss_block];
      for (std::size_t i = 0; i < n; ++i) shifted[i] = prediction[i] + T(1e-7);
      kernels::log(n, shifted, losses);
      for (std::size_t i = 0; i < n; ++i) losses[i] = prediction[i] - truth[i] * losses[i];
      if (gradient)
        for (std::size_t i = 0; i < n; ++i) gradient[i] = 1 - truth[i] / shifted[i];
    });
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_truth_shape(name, truth, prediction, prediction);
    detail::check_truth_values(name, truth, "counts, at least 0", 0, std::numeric_limits<double>::infinity(), "choose another loss for numbers below 0");
  }
  void fields(auto&&) {}
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>

#include "foretell/kernels/math.hpp"
#include "foretell/losses/kernels.hpp"
#include "foretell/losses/sum.hpp"
#include "foretell/losses/truth.hpp"

// Losses of a number, formulas as keras.losses; e is prediction - truth.

namespace foretell {

/// e^2
class MeanSquaredError {
 public:
  static constexpr std::string_view name = "mean_squared_error";

  template <class T>
  double operator()(const LossCall<T>& call) const {
    return detail::sum_kernel(name, call, [](std::size_t n, const T* truth, const T* prediction, T* losses, T* slopes) {
      kernels::loss::squared(n, truth, prediction, losses, slopes);
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
    return detail::sum_kernel(name, call, [](std::size_t n, const T* truth, const T* prediction, T* losses, T* slopes) {
      kernels::loss::absolute(n, truth, prediction, losses, slopes);
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
    return detail::sum_kernel(name, call, [](std::size_t n, const T* truth, const T* prediction, T* losses, T* slopes) {
      kernels::loss::log_cosh(n, truth, prediction, losses, slopes);
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
    return detail::sum_kernel(name, call,
                              [&](std::size_t n, const T* truth, const T* prediction, T* losses, T* slopes) {
                                kernels::loss::huber(n, truth, prediction, options_.delta, losses, slopes);
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
    return detail::sum_elements(name, call,
                                [](std::size_t n, const T* truth, const T* prediction, T* losses, T* gradient) {
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
    detail::check_truth_values(name, truth, "counts, at least 0", 0, std::numeric_limits<double>::infinity(),
                               "choose another loss for numbers below 0");
  }
  void fields(auto&&) {}
};

}  // namespace foretell

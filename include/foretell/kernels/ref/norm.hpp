// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>

namespace foretell::kernels::ref {

/// Mean, and 1 / sqrt(variance + epsilon), of n values `step` apart. The variance (biased) goes to *variance when
/// given.
template <class T>
void moments(std::size_t n, const T* x, std::size_t step, double epsilon, T* mean, T* rstd, T* variance = nullptr) {
  double total = 0;
  double spread = 0;
  for (std::size_t i = 0; i < n; ++i) total += static_cast<double>(x[i * step]);
  total /= static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double d = static_cast<double>(x[i * step]) - total;
    spread += d * d;
  }
  spread /= static_cast<double>(n);
  *mean = static_cast<T>(total);
  *rstd = static_cast<T>(1 / std::sqrt(spread + epsilon));
  if (variance) *variance = static_cast<T>(spread);
}

template <class T>
void layer_norm(std::size_t rows, std::size_t cols, const T* x, const T* gamma, const T* beta, double epsilon, T* y,
                T* mean, T* rstd) {
  for (std::size_t r = 0; r < rows; ++r, x += cols, y += cols) {
    moments(cols, x, 1, epsilon, mean + r, rstd + r);
    for (std::size_t c = 0; c < cols; ++c)
      y[c] = (x[c] - mean[r]) * rstd[r] * (gamma ? gamma[c] : T(1)) + (beta ? beta[c] : T(0));
  }
}

/// The gradient through x_hat = (x - mean) rstd over n values `step` apart, `weight_step` the stride of gamma.
template <class T>
void moments_backward(std::size_t n, std::size_t step, const T* x, const T* gamma, std::size_t weight_step, T mean,
                      T rstd, const T* dy, T* dx) {
  double sum = 0;
  double sum_hat = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double g = static_cast<double>(dy[i * step]) * (gamma ? static_cast<double>(gamma[i * weight_step]) : 1.0);
    sum += g;
    sum_hat += g * (static_cast<double>(x[i * step]) - static_cast<double>(mean)) * static_cast<double>(rstd);
  }
  sum /= static_cast<double>(n);
  sum_hat /= static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double g = static_cast<double>(dy[i * step]) * (gamma ? static_cast<double>(gamma[i * weight_step]) : 1.0);
    const double hat = (static_cast<double>(x[i * step]) - static_cast<double>(mean)) * static_cast<double>(rstd);
    dx[i * step] = static_cast<T>(static_cast<double>(rstd) * (g - sum - hat * sum_hat));
  }
}

template <class T>
void layer_norm_backward(std::size_t rows, std::size_t cols, const T* x, const T* gamma, const T* mean, const T* rstd,
                         const T* dy, T* dx, T* dgamma, T* dbeta) {
  for (std::size_t c = 0; c < cols; ++c) {
    double for_gamma = 0;
    double for_beta = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t i = r * cols + c;
      for_beta += static_cast<double>(dy[i]);
      for_gamma += static_cast<double>(dy[i]) * static_cast<double>(x[i] - mean[r]) * static_cast<double>(rstd[r]);
    }
    if (dgamma) dgamma[c] += static_cast<T>(for_gamma);
    if (dbeta) dbeta[c] += static_cast<T>(for_beta);
  }
  for (std::size_t r = 0; dx && r < rows; ++r)
    moments_backward(cols, 1, x + r * cols, gamma, 1, mean[r], rstd[r], dy + r * cols, dx + r * cols);
}

template <class T>
void batch_norm(std::size_t rows, std::size_t channels, const T* x, const T* gamma, const T* beta, double epsilon, T* y,
                T* mean, T* variance, T* rstd) {
  for (std::size_t c = 0; c < channels; ++c) {
    moments(rows, x + c, channels, epsilon, mean + c, rstd + c, variance + c);
    for (std::size_t i = c; i < rows * channels; i += channels)
      y[i] = (x[i] - mean[c]) * rstd[c] * (gamma ? gamma[c] : T(1)) + (beta ? beta[c] : T(0));
  }
}

template <class T>
void batch_norm_backward(std::size_t rows, std::size_t channels, const T* x, const T* gamma, const T* mean,
                         const T* rstd, const T* dy, T* dx, T* dgamma, T* dbeta) {
  for (std::size_t c = 0; c < channels; ++c) {
    double for_gamma = 0;
    double for_beta = 0;
    for (std::size_t i = c; i < rows * channels; i += channels) {
      for_beta += static_cast<double>(dy[i]);
      for_gamma += static_cast<double>(dy[i]) * static_cast<double>(x[i] - mean[c]) * static_cast<double>(rstd[c]);
    }
    if (dgamma) dgamma[c] += static_cast<T>(for_gamma);
    if (dbeta) dbeta[c] += static_cast<T>(for_beta);
    if (dx) moments_backward(rows, channels, x + c, gamma ? gamma + c : nullptr, 0, mean[c], rstd[c], dy + c, dx + c);
  }
}

template <class T>
void scale_shift(std::size_t rows, std::size_t channels, const T* x, const T* scale, const T* shift, T* y) {
  for (std::size_t i = 0; i < rows * channels; ++i) y[i] = x[i] * scale[i % channels] + shift[i % channels];
}

}  // namespace foretell::kernels::ref

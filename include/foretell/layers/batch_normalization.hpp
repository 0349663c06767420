// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>

#include "foretell/kernels/norm.hpp"
#include "foretell/layers/affine.hpp"

namespace foretell {

struct BatchNormalizationOptions {
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  Initializer beta_initializer = Zeros();
  Initializer gamma_initializer = Ones();
  Regularizer beta_regularizer{};
  Regularizer gamma_regularizer{};
};

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta for each channel (last axis): in training with the statistics
/// of the batch (biased variance), which also move the running ones, in inference with the running ones. As
/// keras.layers.BatchNormalization (Ioffe and Szegedy 2015). A frozen one keeps to the running statistics in training;
/// masked steps are left out of those of a batch.
template <class T = float>
class BatchNormalization {
 public:
  static constexpr std::string_view type = "BatchNormalization";
  static constexpr bool stepwise = true;
  static constexpr bool couples_rows = true;
  BatchNormalization() = default;
  explicit BatchNormalization(BatchNormalizationOptions options) : options_(std::move(options)) {}

  Shape build(Build<T>& b) {
    if (!(options_.epsilon > 0)) b.fail_option(text("expected an epsilon above 0, received ", options_.epsilon));
    if (!(options_.momentum >= 0 && options_.momentum <= 1))
      b.fail_option(text("expected a momentum in [0, 1], received ", options_.momentum));
    if (b.input().rank() == 0 || b.input().back() == 0) b.fail_shape("at least one channel (*, n)");
    const std::size_t n = b.input().back();
    frozen_ = !b.trainable();
    affine_.build(b, n, options_);
    moving_mean_ = b.state("moving_mean", {n}, Zeros());
    moving_variance_ = b.state("moving_variance", {n}, Ones());
    mean_ = b.stash(0, n);
    variance_ = b.stash(0, n);
    rstd_ = b.stash(0, n);
    fold_ = b.scratch(0, 2 * n);
    return b.input();
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const std::size_t n = x.back();
    const T* gamma = affine_.gamma(pass);
    const T* beta = affine_.beta(pass);
    if (!pass.training() || frozen_) {
      T* scale = fold(pass, gamma, n);
      T* shift = scale + n;
      for (std::size_t j = 0; j < n; ++j) shift[j] = (beta ? beta[j] : T(0)) - pass[moving_mean_].data()[j] * scale[j];
      return kernels::scale_shift(x.flat_rows(), n, x.data(), scale, shift, y.data());
    }
    if (x.rows() == 0) return;
    if (x.mask()) {
      if (!masked_forward(pass, x, y)) return;
    } else
      kernels::batch_norm(x.flat_rows(), n, x.data(), gamma, beta, options_.epsilon, y.data(), pass[mean_],
                          pass[variance_], pass[rstd_]);
    move(pass.update(moving_mean_), pass[mean_]);
    move(pass.update(moving_variance_), pass[variance_]);
  }
  void backward(const Pass<T>& pass, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    if (frozen_ || !pass.training()) {
      T* scale = fold(pass, affine_.gamma(pass), x.back());
      std::fill_n(scale + x.back(), x.back(), T(0));
      if (dx) kernels::scale_shift(x.flat_rows(), x.back(), dy.data(), scale, scale + x.back(), dx.data());
      return;
    }
    if (x.mask()) return masked_backward(pass, x, dy, dx);
    kernels::batch_norm_backward(x.flat_rows(), x.back(), x.data(), affine_.gamma(pass), pass[mean_], pass[rstd_],
                                 dy.data(), dx.data(), affine_.gamma_gradient(pass), affine_.beta_gradient(pass));
  }
  void fields(auto&& f) {
    f("momentum", options_.momentum);
    detail::Affine<T>::fields(options_, f);
  }

 private:
  /// f(number of the position, whether it is real) for all positions.
  template <class F>
  static std::size_t for_each_position(In<T> x, const F& f) {
    const std::size_t steps = x.rows() * x.shape().front(), each = steps ? x.flat_rows() / steps : 0;
    std::size_t real = 0;
    for (std::size_t i = 0; i < steps * each; ++i) {
      const bool counts = x.mask()[i / each] != 0;
      f(i, counts);
      real += counts ? 1 : 0;
    }
    return real;
  }
  /// The statistics of real positions, for all; false when there are none, which leaves the running ones as they are.
  bool masked_forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const std::size_t n = x.back();
    const T *gamma = affine_.gamma(pass), *beta = affine_.beta(pass);
    std::size_t real = 0;
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0, spread = 0;
      const auto at = [&](std::size_t i) { return static_cast<double>(x.data()[i * n + j]); };
      real = for_each_position(x, [&](std::size_t i, bool counts) { sum += counts ? at(i) : 0; });
      const double count = static_cast<double>(real ? real : 1), mean = sum / count;
      for_each_position(x, [&](std::size_t i, bool counts) { spread += counts ? (at(i) - mean) * (at(i) - mean) : 0; });
      const double variance = spread / count, rstd = 1 / std::sqrt(variance + options_.epsilon);
      pass[mean_][j] = static_cast<T>(mean);
      pass[variance_][j] = static_cast<T>(variance);
      pass[rstd_][j] = static_cast<T>(rstd);
      for_each_position(x, [&](std::size_t i, bool) {
        y.data()[i * n + j] = static_cast<T>((at(i) - mean) * rstd * (gamma ? static_cast<double>(gamma[j]) : 1) +
                                             (beta ? static_cast<double>(beta[j]) : 0));
      });
    }
    return real > 0;
  }
  void masked_backward(const Pass<T>& pass, In<T> x, Out<T> dy, Out<T> dx) const {
    const std::size_t n = x.back();
    const T* gamma = affine_.gamma(pass);
    T *d_gamma = affine_.gamma_gradient(pass), *d_beta = affine_.beta_gradient(pass);
    for (std::size_t j = 0; j < n; ++j) {
      const double mean = static_cast<double>(pass[mean_][j]), rstd = static_cast<double>(pass[rstd_][j]);
      const auto unit = [&](std::size_t i) { return (static_cast<double>(x.data()[i * n + j]) - mean) * rstd; };
      double sum = 0, along = 0;
      const std::size_t real = for_each_position(x, [&](std::size_t i, bool) {
        const double d = static_cast<double>(dy.data()[i * n + j]);
        sum += d;
        along += d * unit(i);
      });
      if (d_gamma) d_gamma[j] += static_cast<T>(along);
      if (d_beta) d_beta[j] += static_cast<T>(sum);
      const double scale = rstd * (gamma ? static_cast<double>(gamma[j]) : 1),
                   count = static_cast<double>(real ? real : 1);
      if (!dx) continue;
      for_each_position(x, [&](std::size_t i, bool counts) {
        const double d = static_cast<double>(dy.data()[i * n + j]);
        dx.data()[i * n + j] = static_cast<T>(scale * (d - (counts ? (sum + unit(i) * along) / count : 0)));
      });
    }
  }
  /// gamma / sqrt(moving variance + epsilon), in scratch, with room for as many numbers behind.
  T* fold(const Pass<T>& pass, const T* gamma, std::size_t n) const {
    T* scale = pass[fold_];
    for (std::size_t j = 0; j < n; ++j)
      scale[j] = (gamma ? gamma[j] : T(1)) / std::sqrt(pass[moving_variance_].data()[j] + T(options_.epsilon));
    return scale;
  }
  void move(Values<T> running, const T* batch) const {
    for (std::size_t j = 0; j < running.size(); ++j)
      running.data()[j] = static_cast<T>(running.data()[j] * options_.momentum + batch[j] * (1 - options_.momentum));
  }

  BatchNormalizationOptions options_;
  detail::Affine<T> affine_;
  State moving_mean_, moving_variance_;
  Stash mean_, variance_, rstd_;
  LayerScratch fold_;
  bool frozen_ = false;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "foretell/kernels/dropout.hpp"
#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/dropout.hpp"

// Noise in training, nothing in inference. What is drawn is a function of seed, step and element, so it is the same for
// any number of threads. As keras.layers.

namespace foretell {

namespace detail {

/// The normal number of element i.
template <class T>
double normal_noise(const Pass<T>& pass, std::size_t row_size, std::size_t i) {
  return pass.random().normal(pass.first_row() * row_size + i);
}

}  // namespace detail

/// Adds normal noise of standard deviation `stddev`.
template <class T = float>
class GaussianNoise {
 public:
  static constexpr std::string_view type = "GaussianNoise";
  static constexpr bool stepwise = true;
  explicit GaussianNoise(double stddev = 0) : stddev_(stddev) {}
  Shape build(Build<T>& b) {
    if (!(stddev_ >= 0) || !std::isfinite(stddev_))
      b.fail_option(text("expected a stddev of at least 0, received ", stddev_));
    return b.input();
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    kernels::copy(x.size(), x.data(), y.data());
    for (std::size_t i = 0; pass.training() && i < x.size(); ++i)
      y.data()[i] += static_cast<T>(stddev_ * detail::normal_noise(pass, x.row_size(), i));
  }
  void backward(const Pass<T>&, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    if (dx) kernels::copy(x.size(), dy.data(), dx.data());
  }
  void fields(auto&& f) { f("stddev", stddev_); }
  bool is_view(bool training) const { return !training || stddev_ == 0; }

 private:
  double stddev_;
};

/// Multiplies with normal noise of mean 1 and standard deviation sqrt(rate / (1 - rate)).
template <class T = float>
class GaussianDropout : public detail::ScalingNoise<GaussianDropout<T>, T> {
 public:
  static constexpr std::string_view type = "GaussianDropout";
  explicit GaussianDropout(double rate = 0) : detail::ScalingNoise<GaussianDropout, T>(rate) {}
  void scale(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const double stddev = std::sqrt(this->rate_ / (1 - this->rate_));
    for (std::size_t i = 0; i < x.size(); ++i)
      y.data()[i] = x.data()[i] * static_cast<T>(1 + stddev * detail::normal_noise(pass, x.row_size(), i));
  }
};

/// Dropout that keeps mean and variance of what a selu gives: dropped numbers become the value selu tends to, then all
/// are scaled and shifted.
template <class T = float>
class AlphaDropout : public detail::RateNoise<T> {
  using detail::RateNoise<T>::rate_;

 public:
  static constexpr std::string_view type = "AlphaDropout";
  using detail::RateNoise<T>::is_view;
  explicit AlphaDropout(double rate = 0) : detail::RateNoise<T>(rate) {}
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    if (is_view(pass.training())) return kernels::copy(x.size(), x.data(), y.data());
    const double low = -kernels::selu_scale * kernels::selu_alpha;
    const double a = scale(), b = -a * low * rate_;
    for_each(pass, x.row_size(), x.size(), [&](std::size_t i, bool keeps) {
      y.data()[i] = static_cast<T>(a * (keeps ? static_cast<double>(x.data()[i]) : low) + b);
    });
  }
  void backward(const Pass<T>& pass, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    if (!dx) return;
    if (is_view(pass.training())) return kernels::copy(x.size(), dy.data(), dx.data());
    for_each(pass, x.row_size(), x.size(),
             [&](std::size_t i, bool keeps) { dx.data()[i] = keeps ? static_cast<T>(scale()) * dy.data()[i] : T(0); });
  }

 private:
  double scale() const {
    const double low = -kernels::selu_scale * kernels::selu_alpha;
    return 1 / std::sqrt((1 - rate_) * (1 + rate_ * low * low));
  }
  template <class F>
  void for_each(const Pass<T>& pass, std::size_t row_size, std::size_t n, const F& f) const {
    const Random random = pass.random();
    for (std::size_t i = 0; i < n; ++i) f(i, random.uniform(pass.first_row() * row_size + i) >= rate_);
  }
};

/// Dropout of whole channels: (steps, channels), the same for all steps.
template <class T = float>
class SpatialDropout1D : public detail::ScalingNoise<SpatialDropout1D<T>, T> {
 public:
  static constexpr std::string_view type = "SpatialDropout1D";
  explicit SpatialDropout1D(double rate = 0) : detail::ScalingNoise<SpatialDropout1D, T>(rate) {}
  Shape build(Build<T>& b) {
    const Shape input = detail::RateNoise<T>::build(b);
    if (input.rank() != 2) b.fail_shape("steps of channels (*, steps, channels)");
    kept_ = b.scratch(input.back());
    return input;
  }
  void scale(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const std::size_t n = x.back(), steps = x.shape().front();
    T* kept = pass[kept_];
    kernels::fill(x.rows() * n, 1, kept);
    const auto words = pass.random().block(0);
    kernels::dropout(x.rows() * n, this->rate_, {words[0], words[1]}, pass.first_row() * n, kept, kept);
    for (std::size_t i = 0; i < x.rows() * steps; ++i)
      kernels::multiply(n, x.data() + i * n, kept + i / steps * n, y.data() + i * n);
  }

 private:
  LayerScratch kept_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>

#include "foretell/layers/activation_gradient.hpp"
#include "foretell/layers/conv1d.hpp"

namespace foretell {

struct DepthwiseConv1DOptions {
  std::size_t strides = 1;
  Padding padding = Padding::valid;
  std::size_t depth_multiplier = 1;  ///< filters of each channel
  std::size_t dilation_rate = 1;
  ActivationFunction activation = linear;
  bool use_bias = true;
  Initializer depthwise_initializer = GlorotUniform();
  Initializer bias_initializer = Zeros();
  Regularizer depthwise_regularizer{};
  Regularizer bias_regularizer{};
  bool masked = true;  ///< false: padding counts as it is, and the mask ends here, as in Keras
};

/// Conv1D of each channel by itself: (steps, channels) -> (new steps, channels depth_multiplier). Kernel (kernel_size,
/// channels, depth_multiplier). Masks as in Conv1D. As keras.layers.DepthwiseConv1D.
template <class T = float>
class DepthwiseConv1D {
 public:
  static constexpr std::string_view type = "DepthwiseConv1D";
  DepthwiseConv1D() = default;
  explicit DepthwiseConv1D(std::size_t kernel_size, DepthwiseConv1DOptions options = {})
      : size_(kernel_size), options_(options) {}

  Shape build(Build<T>& b) { return build_named(b, "kernel"); }
  Shape build_named(Build<T>& b, std::string_view kernel) {
    if (b.input().rank() != 2 || b.input().back() == 0) b.fail_shape("steps of channels (*, steps, channels)");
    if (options_.depth_multiplier == 0 || options_.depth_multiplier > 65536)
      b.fail_option(text("expected a depth_multiplier of at least 1, received ", options_.depth_multiplier));
    channels_ = b.input().back();
    window_ = detail::window(b, b.input().front(), size_, options_.strides, options_.dilation_rate, options_.padding);
    const std::size_t out = channels_ * options_.depth_multiplier;
    kernel_ = b.parameter(kernel, {size_, channels_, options_.depth_multiplier}, options_.depthwise_initializer,
                          {.regularizer = options_.depthwise_regularizer});
    if (options_.use_bias)
      bias_ = b.parameter("bias", {out}, options_.bias_initializer, {.regularizer = options_.bias_regularizer});
    const Shape output{window_.out, out};
    if (!derivative_from_output(options_.activation.kind)) before_ = b.stash(output.size());
    detail::set_slid_mask(b, window_, options_.padding, options_.masked);
    return output;
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const std::size_t out = y.back(), m = options_.depth_multiplier;
    const T* kernel = pass[kernel_].data();
    if (bias_)
      for (std::size_t i = 0; i < y.flat_rows(); ++i) kernels::copy(out, pass[bias_].data(), y.data() + i * out);
    else
      kernels::fill(y.size(), 0, y.data());
    for_each_pair(x, [&](std::size_t r, std::size_t t, std::size_t k, std::size_t at) {
      const T *from = x.row(r) + at * channels_, *w = kernel + k * out;
      T* to = y.row(r) + t * out;
      for (std::size_t c = 0; c < channels_; ++c)
        for (std::size_t j = 0; j < m; ++j) to[c * m + j] += from[c] * w[c * m + j];
    });
    if (before_) kernels::copy(y.size(), y.data(), pass[before_]);
    if (is_rowwise(options_.activation.kind))
      kernels::activate_rows(options_.activation, y.flat_rows(), out, y.data(), y.data());
    else
      kernels::activate(options_.activation, y.size(), y.data(), y.data());
  }
  void backward(const Pass<T>& pass, In<T> x, In<T> y, Out<T> dy, Out<T> dx) const {
    const std::size_t out = y.back(), m = options_.depth_multiplier;
    const ActivationFunction f = options_.activation;
    if (is_rowwise(f.kind))
      kernels::activate_rows_backward(f, y.flat_rows(), out, y.data(), dy.data(), dy.data());
    else if (f != linear)
      kernels::activate_backward(f, y.size(), y.data(), before_ ? pass[before_] : nullptr, dy.data(), dy.data());
    if (bias_) kernels::column_sum_add(y.flat_rows(), out, dy.data(), out, pass.gradient(bias_).data());
    if (dx) kernels::fill(x.size(), 0, dx.data());
    const T* kernel = pass[kernel_].data();
    T* dw = pass.gradient(kernel_).data();
    for_each_pair(x, [&](std::size_t r, std::size_t t, std::size_t k, std::size_t at) {
      const T *from = x.row(r) + at * channels_, *d = dy.row(r) + t * out, *w = kernel + k * out;
      T *to = dx ? dx.row(r) + at * channels_ : nullptr, *dk = dw + k * out;
      for (std::size_t c = 0; c < channels_; ++c)
        for (std::size_t j = 0; j < m; ++j) {
          dk[c * m + j] += from[c] * d[c * m + j];
          if (to) to[c] += d[c * m + j] * w[c * m + j];
        }
    });
  }
  void make_mask(const Pass<T>&, In<T> x, std::uint8_t* mask) const {
    detail::slide_mask(window_, options_.padding, x, mask);
  }
  void fields(auto&& f) {
    f("kernel_size", size_);
    f("strides", options_.strides);
    f("padding", options_.padding);
    f("depth_multiplier", options_.depth_multiplier);
    f("dilation_rate", options_.dilation_rate);
    f("activation", options_.activation);
    f("use_bias", options_.use_bias);
    f("depthwise_initializer", options_.depthwise_initializer);
    f("bias_initializer", options_.bias_initializer);
    f("depthwise_regularizer", options_.depthwise_regularizer);
    f("bias_regularizer", options_.bias_regularizer);
    f("masked", options_.masked);
  }
  ActivationFunction output_activation() const { return options_.activation; }
  void set_output_activation(ActivationFunction f) { options_.activation = f; }

 private:
  /// f(row, step of the output, place in the window, step of the input) where that is there and real.
  template <class F>
  void for_each_pair(In<T> x, const F& f) const {
    for (std::size_t r = 0; r < x.rows(); ++r)
      for (std::size_t t = 0; t < window_.out; ++t)
        for (std::size_t k = 0; k < size_; ++k) {
          const std::size_t at = t * window_.stride + k * window_.dilation;
          if (at < window_.before || at - window_.before >= window_.in) continue;
          const std::size_t step = at - window_.before;
          if (!options_.masked || !x.mask() || x.mask()[r * window_.in + step]) f(r, t, k, step);
        }
  }

  std::size_t size_ = 1;
  DepthwiseConv1DOptions options_;
  std::size_t channels_ = 0;
  detail::Window window_;
  Parameter kernel_, bias_;
  Stash before_;
};

struct SeparableConv1DOptions {
  std::size_t strides = 1;
  Padding padding = Padding::valid;
  std::size_t dilation_rate = 1;
  std::size_t depth_multiplier = 1;
  ActivationFunction activation = linear;
  bool use_bias = true;
  Initializer depthwise_initializer = GlorotUniform();
  Initializer pointwise_initializer = GlorotUniform();
  Initializer bias_initializer = Zeros();
  bool masked = true;  ///< false: padding counts as it is, and the mask ends here, as in Keras
};

/// DepthwiseConv1D, then a product over the channels: (steps, channels) -> (new steps, filters). As
/// keras.layers.SeparableConv1D.
template <class T = float>
class SeparableConv1D {
 public:
  static constexpr std::string_view type = "SeparableConv1D";
  SeparableConv1D() = default;
  SeparableConv1D(std::size_t filters, std::size_t kernel_size, SeparableConv1DOptions options = {})
      : filters_(filters), size_(kernel_size), options_(options) {}

  Shape build(Build<T>& b) {
    if (filters_ == 0) b.fail_option("expected at least one filter, received 0");
    depthwise_ = DepthwiseConv1D<T>(size_, {.strides = options_.strides,
                                            .padding = options_.padding,
                                            .depth_multiplier = options_.depth_multiplier,
                                            .dilation_rate = options_.dilation_rate,
                                            .use_bias = false,
                                            .depthwise_initializer = options_.depthwise_initializer,
                                            .masked = options_.masked});
    Build<T> inner = b.inner({}, b.inputs());
    between_ = depthwise_.build_named(inner, "depthwise_kernel");
    place_ = b.adopt(inner);
    b.set_mask(inner.mask_flow());
    kernel_ = b.parameter("pointwise_kernel", {between_.back(), filters_}, options_.pointwise_initializer);
    if (options_.use_bias) bias_ = b.parameter("bias", {filters_}, options_.bias_initializer);
    kept_ = b.stash(between_.size());
    if (b.training()) d_kept_ = b.scratch(between_.size());
    const Shape output = between_.with_back(filters_);
    if (!derivative_from_output(options_.activation.kind)) before_ = b.stash(output.size());
    return output;
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const Out<T> between(pass[kept_], x.rows(), between_);
    depthwise_.forward(pass.inner(place_), x, between);
    kernels::Epilogue<T> e;
    if (bias_) e.bias = pass[bias_].data();
    const bool rowwise = is_rowwise(options_.activation.kind);
    if (!rowwise) e.activation = options_.activation;
    if (before_) {
      e.pre_activation = pass[before_];
      e.pre_stride = filters_;
    }
    const std::size_t n = between_.back();
    kernels::gemm_nn(y.flat_rows(), filters_, n, between.data(), n, pass[kernel_].data(), filters_, y.data(), filters_,
                     false, e);
    if (rowwise) kernels::activate_rows(options_.activation, y.flat_rows(), filters_, y.data(), y.data());
  }
  void backward(const Pass<T>& pass, In<T> x, In<T> y, Out<T> dy, Out<T> dx) const {
    const std::size_t rows = y.flat_rows(), n = between_.back();
    detail::through_activation(options_.activation, rows, filters_, y, before_ ? pass[before_] : nullptr, dy,
                               bias_ ? pass.gradient(bias_).data() : nullptr);
    const Out<T> between(pass[kept_], x.rows(), between_), d(pass[d_kept_], x.rows(), between_);
    kernels::gemm_tn(n, filters_, rows, between.data(), n, dy.data(), filters_, pass.gradient(kernel_).data(), filters_,
                     true);
    kernels::gemm_nt(rows, n, filters_, dy.data(), filters_, pass[kernel_].data(), filters_, d.data(), n, false);
    depthwise_.backward(pass.inner(place_), x, between, d, dx);
  }
  void make_mask(const Pass<T>& pass, In<T> x, std::uint8_t* mask) const {
    depthwise_.make_mask(pass.inner(place_), x, mask);
  }
  void fields(auto&& f) {
    f("filters", filters_);
    f("kernel_size", size_);
    f("strides", options_.strides);
    f("padding", options_.padding);
    f("dilation_rate", options_.dilation_rate);
    f("depth_multiplier", options_.depth_multiplier);
    f("activation", options_.activation);
    f("use_bias", options_.use_bias);
    f("depthwise_initializer", options_.depthwise_initializer);
    f("pointwise_initializer", options_.pointwise_initializer);
    f("bias_initializer", options_.bias_initializer);
    f("masked", options_.masked);
  }
  ActivationFunction output_activation() const { return options_.activation; }
  void set_output_activation(ActivationFunction f) { options_.activation = f; }

 private:
  std::size_t filters_ = 0, size_ = 1;
  SeparableConv1DOptions options_;
  DepthwiseConv1D<T> depthwise_;
  Shape between_;
  InnerPlace place_;
  Parameter kernel_, bias_;
  Stash kept_, before_;
  LayerScratch d_kept_;
};

}  // namespace foretell

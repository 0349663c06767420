// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/gemm.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/layers/activation_gradient.hpp"
#include "foretell/layers/convolution.hpp"

namespace foretell {

struct Conv2DOptions {
  std::array<std::size_t, 2> strides{1, 1};
  Padding padding = Padding::valid;
  std::array<std::size_t, 2> dilation_rate{1, 1};
  std::size_t groups = 1;  ///< channels are cut into so many parts, each seen by its own filters
  ActivationFunction activation = linear;
  bool use_bias = true;
  Initializer kernel_initializer = GlorotUniform();
  Initializer bias_initializer = Zeros();
  Regularizer kernel_regularizer{};
  Regularizer bias_regularizer{};
};

/// A window that slides over pictures: (height, width, channels) -> (new height, new width, filters). Kernel (height,
/// width, channels / groups, filters). As keras.layers.Conv2D. A line of the window lies in one piece in the input, so
/// each line of the output is the sum of as many products as the window has lines, without copies of windows.
template <class T = float>
class Conv2D {
 public:
  static constexpr std::string_view type = "Conv2D";
  Conv2D() = default;
  Conv2D(std::size_t filters, std::array<std::size_t, 2> kernel_size, Conv2DOptions options = {})
      : filters_(filters), size_(kernel_size), options_(options) {}
  Conv2D(std::size_t filters, std::size_t kernel_size, Conv2DOptions options = {})
      : Conv2D(filters, {kernel_size, kernel_size}, options) {}

  Shape build(Build<T>& b) {
    if (filters_ == 0 || filters_ > (std::size_t(1) << 24))
      b.fail_option(text("expected at least one filter, received ", filters_));
    if (options_.padding == Padding::causal) b.fail_option("expected padding valid or same, received causal");
    if (b.input().rank() != 3 || b.input().back() == 0)
      b.fail_shape("pictures of channels (*, height, width, channels)");
    channels_ = b.input().back();
    if (options_.groups == 0 || channels_ % options_.groups != 0 || filters_ % options_.groups != 0)
      b.fail_option(text("expected groups that divide ", channels_, " channels and ", filters_, " filters, received ",
                         options_.groups));
    for (std::size_t axis = 0; axis < 2; ++axis)
      windows_[axis] = detail::window(b, b.input()[axis], size_[axis], options_.strides[axis],
                                      options_.dilation_rate[axis], options_.padding);
    kernel_ = b.parameter("kernel", {size_[0], size_[1], channels_ / options_.groups, filters_},
                          options_.kernel_initializer, {.regularizer = options_.kernel_regularizer});
    if (options_.use_bias)
      bias_ = b.parameter("bias", {filters_}, options_.bias_initializer, {.regularizer = options_.bias_regularizer});
    const Shape output{windows_[0].out, windows_[1].out, filters_};
    if (!derivative_from_output(options_.activation.kind)) before_ = b.stash(output.size());
    copies_ = length(0) > windows_[0].in || length(1) > windows_[1].in;
    if (copies_) padded_ = b.stash(length(0) * length(1) * channels_);
    if (b.training()) {
      d_padded_ = b.scratch(0, length(0) * length(1) * channels_);
      turned_ = b.scratch(0, kernel_rows() * filters_);
    }
    b.set_mask(MaskFlow::drop);
    return output;
  }

  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const bool rowwise = is_rowwise(options_.activation.kind);
    const std::size_t line = windows_[1].out * filters_;
    for (std::size_t r = 0; r < x.rows(); ++r) {
      const T* from = padded(pass, x, r);
      for (std::size_t i = 0; i < windows_[0].out; ++i) {
        T* to = y.row(r) + i * line;
        for_each_product([&](std::size_t first, std::size_t last, std::size_t in, std::size_t at, std::size_t weights,
                             std::size_t filter, std::size_t out) {
          kernels::Epilogue<T> e;
          if (first && bias_) e.bias = pass[bias_].data() + filter;
          if (last && !rowwise) e.activation = options_.activation;
          if (last && before_ && pass.keeps()) {
            e.pre_activation = pass[before_] + (r * windows_[0].out + i) * line + filter;
            e.pre_stride = filters_;
          }
          kernels::gemm_nn(windows_[1].out, out, in, from + i * options_.strides[0] * length(1) * channels_ + at,
                           options_.strides[1] * channels_, pass[kernel_].data() + weights, filters_, to + filter,
                           filters_, !first, e);
        });
      }
    }
    if (rowwise) kernels::activate_rows(options_.activation, y.flat_rows(), filters_, y.data(), y.data());
  }

  void backward(const Pass<T>& pass, In<T> x, In<T> y, Out<T> dy, Out<T> dx) const {
    detail::through_activation(options_.activation, y.flat_rows(), filters_, y, before_ ? pass[before_] : nullptr, dy,
                               bias_ ? pass.gradient(bias_).data() : nullptr);
    const std::size_t line = windows_[1].out * filters_, size = length(0) * length(1) * channels_;
    T *dw = pass.gradient(kernel_).data(), *turned = pass[turned_];
    if (dx) kernels::transpose(kernel_rows(), filters_, pass[kernel_].data(), filters_, turned, kernel_rows());
    for (std::size_t r = 0; r < x.rows(); ++r) {
      const T* from = copies_ ? pass[padded_] + r * size : x.row(r);
      T* to = pass[d_padded_];
      if (dx) kernels::fill(size, 0, to);
      for (std::size_t i = 0; i < windows_[0].out; ++i) {
        const T* d = dy.row(r) + i * line;
        const std::size_t top = i * options_.strides[0] * length(1) * channels_;
        for_each_product([&](std::size_t, std::size_t, std::size_t in, std::size_t at, std::size_t weights,
                             std::size_t filter, std::size_t out) {
          kernels::gemm_tn(in, out, windows_[1].out, from + top + at, options_.strides[1] * channels_, d + filter,
                           filters_, dw + weights, filters_, true);
        });
        if (dx)  // windows overlap: each place of the window by itself
          for_each_place([&](std::size_t in, std::size_t at, std::size_t weights, std::size_t filter, std::size_t out) {
            kernels::gemm_nn(windows_[1].out, in, out, d + filter, filters_,
                             turned + filter * kernel_rows() + weights / filters_, kernel_rows(), to + top + at,
                             options_.strides[1] * channels_, true);
          });
      }
      if (dx)
        for (std::size_t i = 0; i < windows_[0].in; ++i)
          kernels::copy(windows_[1].in * channels_,
                        to + ((windows_[0].before + i) * length(1) + windows_[1].before) * channels_,
                        dx.row(r) + i * windows_[1].in * channels_);
    }
  }

  void fields(auto&& f) {
    f("filters", filters_);
    f("kernel_height", size_[0]);
    f("kernel_width", size_[1]);
    f("strides_height", options_.strides[0]);
    f("strides_width", options_.strides[1]);
    f("padding", options_.padding);
    f("dilation_height", options_.dilation_rate[0]);
    f("dilation_width", options_.dilation_rate[1]);
    f("groups", options_.groups);
    f("activation", options_.activation);
    f("use_bias", options_.use_bias);
    f("kernel_initializer", options_.kernel_initializer);
    f("bias_initializer", options_.bias_initializer);
    f("kernel_regularizer", options_.kernel_regularizer);
    f("bias_regularizer", options_.bias_regularizer);
  }

  ActivationFunction output_activation() const { return options_.activation; }
  void set_output_activation(ActivationFunction f) { options_.activation = f; }

 private:
  std::size_t length(std::size_t axis) const {
    return std::max(windows_[axis].padded(), windows_[axis].before + windows_[axis].in);
  }
  /// Of the kernel as a matrix of `filters` columns.
  std::size_t kernel_rows() const { return size_[0] * size_[1] * channels_ / options_.groups; }
  /// f(channels, their place from the window's corner, place in the kernel, first filter, filters) of each place of the
  /// window and each group.
  template <class F>
  void for_each_place(const F& f) const {
    const std::size_t in = channels_ / options_.groups, out = filters_ / options_.groups;
    for (std::size_t i = 0; i < size_[0]; ++i)
      for (std::size_t j = 0; j < size_[1]; ++j)
        for (std::size_t g = 0; g < options_.groups; ++g)
          f(in, (i * options_.dilation_rate[0] * length(1) + j * options_.dilation_rate[1]) * channels_ + g * in,
            (i * size_[1] + j) * in * filters_ + g * out, g * out, out);
  }
  /// f(is first, is last, numbers, place, place in the kernel, first filter, filters): whole lines of the window where
  /// they lie in one piece.
  template <class F>
  void for_each_product(const F& f) const {
    if (options_.groups == 1 && options_.dilation_rate[1] == 1) {
      for (std::size_t i = 0; i < size_[0]; ++i)
        f(i == 0, i + 1 == size_[0], size_[1] * channels_, i * options_.dilation_rate[0] * length(1) * channels_,
          i * size_[1] * channels_ * filters_, 0, filters_);
      return;
    }
    const std::size_t all = size_[0] * size_[1] * options_.groups;
    std::size_t done = 0;
    for_each_place([&](std::size_t in, std::size_t at, std::size_t weights, std::size_t filter, std::size_t out) {
      f(done < options_.groups, done + options_.groups >= all, in, at, weights, filter, out);
      ++done;
    });
  }
  const T* padded(const Pass<T>& pass, In<T> x, std::size_t r) const {
    if (!copies_) return x.row(r);
    const std::size_t size = length(0) * length(1) * channels_;
    T* to = pass[padded_] + r * size;
    kernels::fill(size, 0, to);
    for (std::size_t i = 0; i < windows_[0].in; ++i)
      kernels::copy(windows_[1].in * channels_, x.row(r) + i * windows_[1].in * channels_,
                    to + ((windows_[0].before + i) * length(1) + windows_[1].before) * channels_);
    return to;
  }

  std::size_t filters_ = 0;
  std::array<std::size_t, 2> size_{1, 1};
  Conv2DOptions options_;
  std::size_t channels_ = 0;
  std::array<detail::Window, 2> windows_;
  bool copies_ = false;
  Parameter kernel_, bias_;
  Stash before_, padded_;
  LayerScratch d_padded_, turned_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/gemm.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/layers/activation_gradient.hpp"
#include "foretell/layers/convolution.hpp"

namespace foretell {

struct Conv1DOptions {
  std::size_t strides = 1;
  Padding padding = Padding::valid;
  std::size_t dilation_rate = 1;
  std::size_t groups = 1;  ///< channels are cut into so many parts, each seen by its own filters
  ActivationFunction activation = linear;
  bool use_bias = true;
  Initializer kernel_initializer = GlorotUniform();
  Initializer bias_initializer = Zeros();
  Regularizer kernel_regularizer{};
  Regularizer bias_regularizer{};
  bool masked = true;  ///< false: padding counts as it is, and the mask ends here, as in Keras
};

/// A window of kernel_size steps that slides over a sequence: (steps, channels) -> (new steps, filters). Kernel
/// (kernel_size, channels / groups, filters). Masked steps count as zeros; with strides 1 and padding same or causal
/// the mask stays, else a step is real when its window (valid) or the step it stands on is. As keras.layers.Conv1D,
/// which does not know masks: `masked` false.
template <class T = float>
class Conv1D {
 public:
  static constexpr std::string_view type = "Conv1D";
  Conv1D() = default;
  Conv1D(std::size_t filters, std::size_t kernel_size, Conv1DOptions options = {})
      : filters_(filters), size_(kernel_size), options_(options) {}

  Shape build(Build<T>& b) {
    if (filters_ == 0 || filters_ > (std::size_t(1) << 24))
      b.fail_option(text("expected at least one filter, received ", filters_));
    if (b.input().rank() != 2 || b.input().back() == 0) b.fail_shape("steps of channels (*, steps, channels)");
    channels_ = b.input().back();
    if (options_.groups == 0 || channels_ % options_.groups != 0 || filters_ % options_.groups != 0)
      b.fail_option(text("expected groups that divide ", channels_, " channels and ", filters_, " filters, received ",
                         options_.groups));
    window_ = detail::window(b, b.input().front(), size_, options_.strides, options_.dilation_rate, options_.padding);
    kernel_ = b.parameter("kernel", {size_, channels_ / options_.groups, filters_}, options_.kernel_initializer,
                          {.regularizer = options_.kernel_regularizer});
    if (options_.use_bias)
      bias_ = b.parameter("bias", {filters_}, options_.bias_initializer, {.regularizer = options_.bias_regularizer});
    const Shape output{window_.out, filters_};
    if (!derivative_from_output(options_.activation.kind)) before_ = b.stash(output.size());
    // The input with zeros around it and in masked steps; in place where there is nothing to add.
    copies_ = (b.masked() && options_.masked) || window_.before > 0 || window_.padded() > window_.in;
    if (copies_) padded_ = b.stash(length() * channels_);
    if (b.training()) {
      d_padded_ = b.scratch(0, length() * channels_);
      turned_ = b.scratch(0, size_ * channels_ / options_.groups * filters_);
    }
    detail::set_slid_mask(b, window_, options_.padding, options_.masked);
    return output;
  }

  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const std::size_t in = channels_ / options_.groups, out = filters_ / options_.groups;
    const bool rowwise = is_rowwise(options_.activation.kind);
    for (std::size_t r = 0; r < x.rows(); ++r) {
      const T* from = padded(pass, x, r);
      for (std::size_t g = 0; g < options_.groups; ++g) {
        kernels::Epilogue<T> last;
        if (!rowwise) last.activation = options_.activation;
        if (before_ && pass.keeps()) {
          last.pre_activation = pass[before_] + r * y.row_size() + g * out;
          last.pre_stride = filters_;
        }
        kernels::Epilogue<T> first;
        if (bias_) first.bias = pass[bias_].data() + g * out;
        T* to = y.row(r) + g * out;
        if (one_product()) {  // windows overlap in memory: rows of the product are `stride` steps apart
          first.activation = last.activation;
          first.pre_activation = last.pre_activation;
          first.pre_stride = last.pre_stride;
          kernels::gemm_nn(window_.out, filters_, size_ * channels_, from, options_.strides * channels_,
                           pass[kernel_].data(), filters_, to, filters_, false, first);
          continue;
        }
        for (std::size_t k = 0; k < size_; ++k)
          kernels::gemm_nn(window_.out, out, in, from + k * options_.dilation_rate * channels_ + g * in,
                           options_.strides * channels_, pass[kernel_].data() + k * in * filters_ + g * out, filters_,
                           to, filters_, k > 0, tap(k, first, last));
      }
    }
    if (rowwise) kernels::activate_rows(options_.activation, y.flat_rows(), filters_, y.data(), y.data());
  }

  void backward(const Pass<T>& pass, In<T> x, In<T> y, Out<T> dy, Out<T> dx) const {
    const std::size_t in = channels_ / options_.groups, out = filters_ / options_.groups;
    detail::through_activation(options_.activation, y.flat_rows(), filters_, y, before_ ? pass[before_] : nullptr, dy,
                               bias_ ? pass.gradient(bias_).data() : nullptr);
    T* dw = pass.gradient(kernel_).data();
    if (dx) kernels::transpose(size_ * in, filters_, pass[kernel_].data(), filters_, pass[turned_], size_ * in);
    for (std::size_t r = 0; r < x.rows(); ++r) {
      const T *from = copies_ ? pass[padded_] + r * length() * channels_ : x.row(r), *d = dy.row(r);
      if (one_product())
        kernels::gemm_tn(size_ * channels_, filters_, window_.out, from, options_.strides * channels_, d, filters_, dw,
                         filters_, true);
      else
        for (std::size_t k = 0; k < size_; ++k)
          for (std::size_t g = 0; g < options_.groups; ++g)
            kernels::gemm_tn(in, out, window_.out, from + k * options_.dilation_rate * channels_ + g * in,
                             options_.strides * channels_, d + g * out, filters_, dw + k * in * filters_ + g * out,
                             filters_, true);
      if (dx) input_gradient(pass, x, r, d, dx.row(r));
    }
  }

  void make_mask(const Pass<T>&, In<T> x, std::uint8_t* mask) const {
    detail::slide_mask(window_, options_.padding, x, mask);
  }
  void fields(auto&& f) {
    f("filters", filters_);
    f("kernel_size", size_);
    f("strides", options_.strides);
    f("padding", options_.padding);
    f("dilation_rate", options_.dilation_rate);
    f("groups", options_.groups);
    f("activation", options_.activation);
    f("use_bias", options_.use_bias);
    f("kernel_initializer", options_.kernel_initializer);
    f("bias_initializer", options_.bias_initializer);
    f("kernel_regularizer", options_.kernel_regularizer);
    f("bias_regularizer", options_.bias_regularizer);
    f("masked", options_.masked);
  }

  ActivationFunction output_activation() const { return options_.activation; }
  void set_output_activation(ActivationFunction f) { options_.activation = f; }

 private:
  const std::uint8_t* mask_of(In<T> x) const { return options_.masked ? x.mask() : nullptr; }
  std::size_t length() const { return std::max(window_.padded(), window_.before + window_.in); }
  bool one_product() const { return options_.groups == 1 && options_.dilation_rate == 1; }
  /// Bias goes before the first tap, the activation behind the last.
  kernels::Epilogue<T> tap(std::size_t k, kernels::Epilogue<T> first, kernels::Epilogue<T> last) const {
    if (k > 0) first.bias = nullptr;
    if (k + 1 == size_) {
      first.activation = last.activation;
      first.pre_activation = last.pre_activation;
      first.pre_stride = last.pre_stride;
    }
    return first;
  }
  const T* padded(const Pass<T>& pass, In<T> x, std::size_t r) const {
    if (!copies_) return x.row(r);
    T* to = pass[padded_] + r * length() * channels_;
    const std::uint8_t* mask = mask_of(x);
    kernels::fill(window_.before * channels_, 0, to);
    for (std::size_t t = 0; t < window_.in; ++t) {
      T* step = to + (window_.before + t) * channels_;
      if (!mask || mask[r * window_.in + t])
        kernels::copy(channels_, x.row(r) + t * channels_, step);
      else
        kernels::fill(channels_, 0, step);
    }
    const std::size_t end = window_.before + window_.in;
    kernels::fill((length() - end) * channels_, 0, to + end * channels_);
    return to;
  }
  void input_gradient(const Pass<T>& pass, In<T> x, std::size_t r, const T* d, T* dx) const {
    const std::size_t in = channels_ / options_.groups, out = filters_ / options_.groups;
    T* to = pass[d_padded_];
    kernels::fill(length() * channels_, 0, to);
    for (std::size_t k = 0; k < size_; ++k)
      for (std::size_t g = 0; g < options_.groups; ++g)
        kernels::gemm_nn(window_.out, in, out, d + g * out, filters_, pass[turned_] + (g * out * size_ + k) * in,
                         size_ * in, to + k * options_.dilation_rate * channels_ + g * in, options_.strides * channels_,
                         true);
    kernels::copy(window_.in * channels_, to + window_.before * channels_, dx);
    const std::uint8_t* mask = mask_of(x);
    for (std::size_t t = 0; mask && t < window_.in; ++t)
      if (!mask[r * window_.in + t]) kernels::fill(channels_, 0, dx + t * channels_);
  }

  std::size_t filters_ = 0, size_ = 1;
  Conv1DOptions options_;
  std::size_t channels_ = 0;
  detail::Window window_;
  bool copies_ = false;
  Parameter kernel_, bias_;
  Stash before_, padded_;
  LayerScratch d_padded_, turned_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/gemm.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/layers/activation_gradient.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell {

struct DenseOptions {
  ActivationFunction activation = linear;
  bool use_bias = true;
  Initializer kernel_initializer = GlorotUniform();
  Initializer bias_initializer = Zeros();
  Regularizer kernel_regularizer{};
  Regularizer bias_regularizer{};

  void fields(auto&& f) {
    f("activation", activation);
    f("use_bias", use_bias);
    f("kernel_initializer", kernel_initializer);
    f("bias_initializer", bias_initializer);
    f("kernel_regularizer", kernel_regularizer);
    f("bias_regularizer", bias_regularizer);
  }
};

/// y = activation(x W + b) on the last axis: (..., n) -> (..., units). Kernel (n, units), bias (units). As
/// keras.layers.Dense.
template <class T = float>
class Dense {
 public:
  static constexpr std::string_view type = "Dense";
  static constexpr bool stepwise = true;
  Dense() = default;
  explicit Dense(std::size_t units, DenseOptions options = {}) : units_(units), options_(std::move(options)) {}

  Shape build(Build<T>& b) {
    if (units_ == 0 || units_ > (std::size_t(1) << 31))
      b.fail_option(text("expected units of at least 1, received ", units_, "; say how many outputs the layer has"));
    if (b.input().rank() == 0 || b.input().back() == 0) b.fail_shape("at least one feature (*, n)");
    kernel_ = b.parameter("kernel", {b.input().back(), units_}, options_.kernel_initializer,
                          {.regularizer = options_.kernel_regularizer, .assigns_gradient = true});
    if (options_.use_bias)
      bias_ = b.parameter("bias", {units_}, options_.bias_initializer, {.regularizer = options_.bias_regularizer});
    const Shape output = b.input().with_back(units_);
    if (!kernels::derivative_from_output(options_.activation.kind)) before_ = b.stash(output.size());
    return output;
  }

  /// By reference: with one row, copies of the views would be a part of the time.
  void forward(const Pass<T>& pass, const In<T>& x, const Out<T>& y) const {
    if (y.flat_rows() == 1 && !pass.keeps() && !kernels::is_rowwise(options_.activation.kind))
      return kernels::gemm_row(options_.activation, units_, x.back(), x.data(), pass[kernel_].data(), y.data(),
                               bias_ ? pass[bias_].data() : nullptr);
    forward_rows(pass, x, y);
  }
  void backward(const Pass<T>& pass, In<T> x, In<T> y, Out<T> dy, Out<T> dx) const {
    const std::size_t rows = y.flat_rows(), n = x.back();
    detail::through_activation(options_.activation, rows, units_, y, before_ ? pass[before_] : nullptr, dy,
                               bias_ ? pass.gradient(bias_).data() : nullptr);
    T* dw = pass.gradient(kernel_).data();
    const bool accumulate = !pass.assigns(kernel_);
    pass.split(units_, columns, rows * units_ * n, [&](std::size_t first, std::size_t last) {
      kernels::gemm_tn(n, last - first, rows, x.data(), n, dy.data() + first, units_, dw + first, units_, accumulate);
    });
    if (!dx) return;
    const T* kernel = pass[kernel_].data();
    pass.split(n, inputs, rows * units_ * n, [&](std::size_t first, std::size_t last) {
      kernels::gemm_nt_gradient(rows, last - first, units_, dy.data(), units_, kernel + first * units_, units_,
                                dx.data() + first, n, false, n);
    });
  }

  void fields(auto&& f) {
    f("units", units_);
    options_.fields(f);
  }

  ActivationFunction output_activation() const { return options_.activation; }
  void set_output_activation(ActivationFunction f) { options_.activation = f; }
  std::size_t units() const { return units_; }

 private:
  [[gnu::noinline]] void forward_rows(const Pass<T>& pass, const In<T>& x, const Out<T>& y) const {
    const std::size_t rows = y.flat_rows(), n = x.back();
    kernels::Epilogue<T> epilogue;
    if (bias_) epilogue.bias = pass[bias_].data();
    const bool rowwise = kernels::is_rowwise(options_.activation.kind);
    if (!rowwise) epilogue.activation = options_.activation;
    if (before_ && pass.keeps()) {
      epilogue.pre_activation = pass[before_];
      epilogue.pre_stride = units_;
    }
    const T* kernel = pass[kernel_].data();
    pass.split(units_, columns, rows * units_ * n, [&](std::size_t first, std::size_t last) {
      kernels::Epilogue<T> part = epilogue;
      if (part.bias) part.bias += first;
      if (part.pre_activation) part.pre_activation += first;
      kernels::gemm_nn(rows, last - first, n, x.data(), n, kernel + first, units_, y.data() + first, units_, false,
                       part);
    });
    if (rowwise) kernels::activate_rows(options_.activation, rows, units_, y.data(), y.data());
  }

  static constexpr std::size_t columns = 96, inputs = 32;  ///< of a part that one thread takes, at least

  std::size_t units_ = 0;
  DenseOptions options_;
  Parameter kernel_, bias_;
  Stash before_;
};

}  // namespace foretell

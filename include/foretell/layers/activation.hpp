// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell {

/// y = f(x), elementwise, or over the last axis for softmax and log_softmax. As keras.layers.Activation.
template <class T = float>
class Activation {
 public:
  static constexpr std::string_view type = "Activation";
  static constexpr bool stepwise = true;
  Activation() = default;
  explicit Activation(ActivationFunction function) : function_(function) {}

  Shape build(Build<T>& b) {
    if (kernels::is_rowwise(function_.kind) && (b.input().rank() == 0 || b.input().back() == 0))
      b.fail_shape("at least one class on the last axis");
    return b.input();
  }
  void forward(const Pass<T>&, In<T> x, Out<T> y) const {
    if (kernels::is_rowwise(function_.kind))
      kernels::activate_rows(function_, x.flat_rows(), x.back(), x.data(), y.data());
    else if (function_ == linear)
      kernels::copy(x.size(), x.data(), y.data());
    else
      kernels::activate(function_, x.size(), x.data(), y.data());
  }
  void backward(const Pass<T>&, In<T> x, In<T> y, Out<T> dy, Out<T> dx) const {
    if (!dx) return;
    if (kernels::is_rowwise(function_.kind))
      kernels::activate_rows_backward(function_, x.flat_rows(), x.back(), y.data(), dy.data(), dx.data());
    else if (function_ == linear)
      kernels::copy(x.size(), dy.data(), dx.data());
    else
      kernels::activate_backward(function_, x.size(), y.data(), x.data(), dy.data(), dx.data());
  }
  void fields(auto&& f) { f("activation", function_); }

  bool is_view(bool) const { return function_ == linear; }
  ActivationFunction output_activation() const { return function_; }
  void set_output_activation(ActivationFunction f) { function_ = f; }

 private:
  ActivationFunction function_ = linear;
};

}  // namespace foretell

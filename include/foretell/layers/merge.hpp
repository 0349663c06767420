// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell {

/// Joins its inputs along the last axis: (..., a), (..., b) -> (..., a + b). As keras.layers.Concatenate.
template <class T = float>
class Concatenate {
 public:
  static constexpr std::string_view type = "Concatenate";
  static constexpr bool stepwise = true;

  Shape build(Build<T>& b) {
    std::size_t width = 0;
    for (const Shape& shape : b.inputs()) {
      if (shape.rank() == 0 || !(shape.with_back(1) == b.input().with_back(1)))
        b.fail_shape("inputs that differ in the last axis only");
      width += shape.back();
    }
    return b.input().with_back(width);
  }
  void forward(const Pass<T>&, Ins<T> x, Out<T> y) const {
    std::size_t column = 0;
    for (const In<T>& part : x) {
      const std::size_t n = part.back();
      for (std::size_t i = 0; i < y.flat_rows(); ++i)
        kernels::copy(n, part.data() + i * n, y.data() + i * y.back() + column);
      column += n;
    }
  }
  void backward(const Pass<T>&, Ins<T> x, In<T> y, Out<T> dy, Outs<T> dx) const {
    std::size_t column = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      const std::size_t n = x[k].back();
      for (std::size_t i = 0; dx[k] && i < y.flat_rows(); ++i)
        kernels::copy(n, dy.data() + i * y.back() + column, dx[k].data() + i * n);
      column += n;
    }
  }
  void fields(auto&&) {}
};

/// The sum of its inputs, which have one shape. As keras.layers.Add.
template <class T = float>
class Add {
 public:
  static constexpr std::string_view type = "Add";
  static constexpr bool stepwise = true;

  Shape build(Build<T>& b) {
    for (const Shape& shape : b.inputs())
      if (!(shape == b.input())) b.fail_shape("inputs of one shape");
    return b.input();
  }
  void forward(const Pass<T>&, Ins<T> x, Out<T> y) const {
    kernels::copy(y.size(), x[0].data(), y.data());
    for (std::size_t k = 1; k < x.size(); ++k) kernels::add(y.size(), x[k].data(), y.data());
  }
  void backward(const Pass<T>&, Ins<T> x, In<T> y, Out<T> dy, Outs<T> dx) const {
    for (std::size_t k = 0; k < x.size(); ++k)
      if (dx[k]) kernels::copy(y.size(), dy.data(), dx[k].data());
  }
  void fields(auto&&) {}
};

}  // namespace foretell

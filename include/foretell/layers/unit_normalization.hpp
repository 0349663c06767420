// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell {

/// Vectors along the last axis made 1 long. As keras.layers.UnitNormalization.
template <class T = float>
class UnitNormalization {
 public:
  static constexpr std::string_view type = "UnitNormalization";
  static constexpr bool stepwise = true;

  Shape build(Build<T>& b) {
    if (b.input().rank() == 0 || b.input().back() == 0) b.fail_shape("at least one feature (*, n)");
    return b.input();
  }
  void forward(const Pass<T>&, In<T> x, Out<T> y) const {
    const std::size_t n = x.back();
    for (std::size_t i = 0; i < x.flat_rows(); ++i) {
      kernels::copy(n, x.data() + i * n, y.data() + i * n);
      kernels::scale(n, 1 / length(n, x.data() + i * n), y.data() + i * n);
    }
  }
  void backward(const Pass<T>&, In<T> x, In<T> y, Out<T> dy, Out<T> dx) const {
    if (!dx) return;
    const std::size_t n = x.back();
    for (std::size_t i = 0; i < x.flat_rows(); ++i) {
      const T* unit = y.data() + i * n;
      T* d = dx.data() + i * n;
      kernels::copy(n, dy.data() + i * n, d);
      if (kernels::sum_of_squares(n, x.data() + i * n) > least) kernels::axpy(n, -kernels::dot(n, unit, d), unit, d);
      kernels::scale(n, 1 / length(n, x.data() + i * n), d);
    }
  }
  void fields(auto&&) {}

 private:
  static constexpr double least = 1e-12;
  static double length(std::size_t n, const T* x) { return std::sqrt(std::max(kernels::sum_of_squares(n, x), least)); }
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell {

/// Marks the steps whose numbers are all `mask_value` as padding and gives zeros for them: (steps, ...) -> the same. As
/// keras.layers.Masking.
template <class T = float>
class Masking {
 public:
  static constexpr std::string_view type = "Masking";
  static constexpr bool stepwise = true;
  explicit Masking(double mask_value = 0) : mask_value_(mask_value) {}

  Shape build(Build<T>& b) {
    if (b.input().rank() < 2) b.fail_shape("steps of numbers (*, steps, n)");
    if (std::isnan(mask_value_)) b.fail_option("expected a mask_value that a number can equal, received nan");
    b.set_mask(MaskFlow::make);
    return b.input();
  }
  void forward(const Pass<T>&, In<T> x, Out<T> y) const { keep_real(y.mask(), x, x.data(), y.data()); }
  void backward(const Pass<T>&, In<T> x, In<T> y, Out<T> dy, Out<T> dx) const {
    if (dx) keep_real(y.mask(), x, dy.data(), dx.data());
  }
  void make_mask(const Pass<T>&, In<T> x, std::uint8_t* mask) const {
    for (std::size_t i = 0; i < x.rows() * x.shape().front(); ++i) mask[i] = real(x, i);
  }
  void fields(auto&& f) { f("mask_value", mask_value_); }

 private:
  bool real(In<T> x, std::size_t step) const {
    const std::size_t n = x.row_size() / x.shape().front();
    const T* from = x.data() + step * n;
    return std::any_of(from, from + n, [&](T v) { return v != static_cast<T>(mask_value_); });
  }
  /// Without a mask on y (a layer that is run by hand) the steps are looked at once more.
  void keep_real(const std::uint8_t* mask, In<T> x, const T* from, T* to) const {
    const std::size_t steps = x.rows() * x.shape().front(), n = steps ? x.size() / steps : 0;
    for (std::size_t i = 0; i < steps; ++i)
      if (mask ? mask[i] != 0 : real(x, i))
        kernels::copy(n, from + i * n, to + i * n);
      else
        kernels::fill(n, 0, to + i * n);
  }

  double mask_value_ = 0;
};

}  // namespace foretell

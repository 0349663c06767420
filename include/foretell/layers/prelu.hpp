// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "foretell/layers/layer.hpp"

namespace foretell {

struct PReLUOptions {
  Initializer alpha_initializer = Zeros();
  Regularizer alpha_regularizer{};
};

/// x, or alpha x below 0, with a learned alpha for each number of a row. As keras.layers.PReLU.
template <class T = float>
class PReLU {
 public:
  static constexpr std::string_view type = "PReLU";
  explicit PReLU(PReLUOptions options = {}) : options_(options) {}

  Shape build(Build<T>& b) {
    if (b.input().rank() == 0) b.fail_shape("at least one axis");
    alpha_ = b.parameter("alpha", b.input(), options_.alpha_initializer, {.regularizer = options_.alpha_regularizer});
    return b.input();
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const T* alpha = pass[alpha_].data();
    const std::size_t n = x.row_size();
    for (std::size_t r = 0; r < x.rows(); ++r)
      for (std::size_t j = 0; j < n; ++j) y.row(r)[j] = x.row(r)[j] * (x.row(r)[j] < 0 ? alpha[j] : T(1));
  }
  void backward(const Pass<T>& pass, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    const T* alpha = pass[alpha_].data();
    T* d_alpha = pass.gradient(alpha_).data();
    const std::size_t n = x.row_size();
    for (std::size_t r = 0; r < x.rows(); ++r)
      for (std::size_t j = 0; j < n; ++j) {
        const bool below = x.row(r)[j] < 0;
        if (below) d_alpha[j] += dy.row(r)[j] * x.row(r)[j];
        if (dx) dx.row(r)[j] = dy.row(r)[j] * (below ? alpha[j] : T(1));
      }
  }
  void fields(auto&& f) {
    f("alpha_initializer", options_.alpha_initializer);
    f("alpha_regularizer", options_.alpha_regularizer);
  }

 private:
  PReLUOptions options_;
  Parameter alpha_;
};

}  // namespace foretell

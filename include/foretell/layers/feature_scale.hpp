// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "foretell/layers/layer.hpp"

namespace foretell {

struct FeatureScaleOptions {
  Initializer scale_initializer = Ones();
  Regularizer scale_regularizer{};
};

/// Each feature of the last axis times a learned number of its own, 1 at first: features that do not help fade away. As
/// the scaling layer in front of RealMLP (Holzmüller, Grinsztajn and Steinwart 2024, "Better by default").
template <class T = float>
class FeatureScale {
 public:
  static constexpr std::string_view type = "FeatureScale";
  static constexpr bool stepwise = true;
  explicit FeatureScale(FeatureScaleOptions options = {}) : options_(options) {}

  Shape build(Build<T>& b) {
    if (b.input().rank() == 0 || b.input().back() == 0) b.fail_shape("at least one feature (*, n)");
    scale_ = b.parameter("scale", {b.input().back()}, options_.scale_initializer,
                         {.regularizer = options_.scale_regularizer});
    return b.input();
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const T* scale = pass[scale_].data();
    for (std::size_t i = 0, n = x.back(); i < x.size(); ++i) y.data()[i] = x.data()[i] * scale[i % n];
  }
  void backward(const Pass<T>& pass, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    const T* scale = pass[scale_].data();
    T* d_scale = pass.gradient(scale_).data();
    for (std::size_t i = 0, n = x.back(); i < x.size(); ++i) {
      d_scale[i % n] += dy.data()[i] * x.data()[i];
      if (dx) dx.data()[i] = dy.data()[i] * scale[i % n];
    }
  }
  void fields(auto&& f) {
    f("scale_initializer", options_.scale_initializer);
    f("scale_regularizer", options_.scale_regularizer);
  }

 private:
  FeatureScaleOptions options_;
  Parameter scale_;
};

}  // namespace foretell

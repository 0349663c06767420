// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "foretell/kernels/norm.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell {

struct LayerNormalizationOptions {
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  Initializer beta_initializer = Zeros();
  Initializer gamma_initializer = Ones();
  Regularizer beta_regularizer{};
  Regularizer gamma_regularizer{};
};

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, each position's statistics over its last axis (biased variance). As
/// keras.layers.LayerNormalization with axis -1.
template <class T = float>
class LayerNormalization {
 public:
  static constexpr std::string_view type = "LayerNormalization";
  LayerNormalization() = default;
  explicit LayerNormalization(LayerNormalizationOptions options) : options_(std::move(options)) {}

  Shape build(Build<T>& b) {
    if (!(options_.epsilon > 0)) b.fail_option(text("expected an epsilon above 0, received ", options_.epsilon));
    if (b.input().rank() == 0 || b.input().back() == 0) b.fail_shape("at least one feature (*, n)");
    const std::size_t n = b.input().back(), positions = b.input().size() / n;
    if (options_.scale) gamma_ = b.parameter("gamma", {n}, options_.gamma_initializer, {.regularizer = options_.gamma_regularizer});
    if (options_.center) beta_ = b.parameter("beta", {n}, options_.beta_initializer, {.regularizer = options_.beta_regularizer});
    mean_ = b.stash(positions);
    rstd_ = b.stash(positions);
    return b.input();
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    kernels::layer_norm(x.flat_rows(), x.back(), x.data(), gamma_ ? pass[gamma_].data() : nullptr, beta_ ? pass[beta_].data() : nullptr,
                        options_.epsilon, y.data(), pass[mean_], pass[rstd_]);
  }
  void backward(const Pass<T>& pass, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    kernels::layer_norm_backward(x.flat_rows(), x.back(), x.data(), gamma_ ? pass[gamma_].data() : nullptr, pass[mean_], pass[rstd_], dy.data(),
                                 dx.data(), gamma_ ? pass.gradient(gamma_).data() : nullptr, beta_ ? pass.gradient(beta_).data() : nullptr);
  }
  void fields(auto&& f) {
    f("epsilon", options_.epsilon);
    f("center", options_.center);
    f("scale", options_.scale);
    f("beta_initializer", options_.beta_initializer);
    f("gamma_initializer", options_.gamma_initializer);
    f("beta_regularizer", options_.beta_regularizer);
    f("gamma_regularizer", options_.gamma_regularizer);
  }

 private:
  LayerNormalizationOptions options_;
  Parameter gamma_, beta_;
  Stash mean_, rstd_;
};

}  // namespace foretell

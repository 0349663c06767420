// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "foretell/kernels/norm.hpp"
#include "foretell/layers/affine.hpp"

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

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, each position's statistics over its last axis (biased
/// variance). As keras.layers.LayerNormalization with axis -1.
template <class T = float>
class LayerNormalization {
 public:
  static constexpr std::string_view type = "LayerNormalization";
  static constexpr bool stepwise = true;
  LayerNormalization() = default;
  explicit LayerNormalization(LayerNormalizationOptions options) : options_(std::move(options)) {}

  Shape build(Build<T>& b) {
    if (!(options_.epsilon > 0)) b.fail_option(text("expected an epsilon above 0, received ", options_.epsilon));
    if (b.input().rank() == 0 || b.input().back() == 0) b.fail_shape("at least one feature (*, n)");
    const std::size_t n = b.input().back(), positions = b.input().size() / n;
    affine_.build(b, n, options_);
    mean_ = b.stash(positions);
    rstd_ = b.stash(positions);
    return b.input();
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    kernels::layer_norm(x.flat_rows(), x.back(), x.data(), affine_.gamma(pass), affine_.beta(pass), options_.epsilon,
                        y.data(), pass[mean_], pass[rstd_]);
  }
  void backward(const Pass<T>& pass, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    kernels::layer_norm_backward(x.flat_rows(), x.back(), x.data(), affine_.gamma(pass), pass[mean_], pass[rstd_],
                                 dy.data(), dx.data(), affine_.gamma_gradient(pass), affine_.beta_gradient(pass));
  }
  void fields(auto&& f) { detail::Affine<T>::fields(options_, f); }

 private:
  LayerNormalizationOptions options_;
  detail::Affine<T> affine_;
  Stash mean_, rstd_;
};

}  // namespace foretell

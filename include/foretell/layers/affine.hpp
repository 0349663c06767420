// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "foretell/layers/layer.hpp"

namespace foretell::detail {

/// The learned scale (gamma) and shift (beta) of a normalisation, each of n numbers, each there or not.
template <class T>
class Affine {
 public:
  template <class Options>
  void build(Build<T>& b, std::size_t n, const Options& options) {
    if (options.scale)
      gamma_ = b.parameter("gamma", {n}, options.gamma_initializer, {.regularizer = options.gamma_regularizer});
    if (options.center)
      beta_ = b.parameter("beta", {n}, options.beta_initializer, {.regularizer = options.beta_regularizer});
  }
  /// Null where there is none.
  const T* gamma(const Pass<T>& pass) const { return gamma_ ? pass[gamma_].data() : nullptr; }
  const T* beta(const Pass<T>& pass) const { return beta_ ? pass[beta_].data() : nullptr; }
  T* gamma_gradient(const Pass<T>& pass) const { return gamma_ ? pass.gradient(gamma_).data() : nullptr; }
  T* beta_gradient(const Pass<T>& pass) const { return beta_ ? pass.gradient(beta_).data() : nullptr; }

  template <class Options>
  static void fields(Options& options, auto&& f) {
    f("epsilon", options.epsilon);
    f("center", options.center);
    f("scale", options.scale);
    f("beta_initializer", options.beta_initializer);
    f("gamma_initializer", options.gamma_initializer);
    f("beta_regularizer", options.beta_regularizer);
    f("gamma_regularizer", options.gamma_regularizer);
  }

 private:
  Parameter gamma_, beta_;
};

}  // namespace foretell::detail

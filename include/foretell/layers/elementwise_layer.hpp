// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>
#include <utility>

#include "foretell/layers/layer.hpp"

namespace foretell {

/// A layer from a formula of one number and its derivative: an F with `static constexpr std::string_view name`, `T
/// operator()(T x) const` and `T derivative(T x) const`, templates of T. Stored by its name; `registry.add<Elementwise<
/// float, F>>()` lets files that have it load.
template <class T, class F>
class Elementwise {
 public:
  static constexpr std::string_view type = F::name;
  static constexpr bool stepwise = true;
  Elementwise() = default;
  explicit Elementwise(F f) : f_(std::move(f)) {}

  Shape build(Build<T>& b) const { return b.input(); }
  void forward(const Pass<T>&, In<T> x, Out<T> y) const {
    for (std::size_t i = 0; i < x.size(); ++i) y.data()[i] = f_(x.data()[i]);
  }
  void backward(const Pass<T>&, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    for (std::size_t i = 0; dx && i < x.size(); ++i) dx.data()[i] = dy.data()[i] * f_.derivative(x.data()[i]);
  }
  void fields(auto&& f) {
    if constexpr (requires { f_.fields(f); }) f_.fields(f);
  }

 private:
  F f_;
};

/// elementwise_layer<float>(Cube()), the layer of a formula.
template <class T = float, class F>
Elementwise<T, F> elementwise_layer(F f) {
  return Elementwise<T, F>(std::move(f));
}

}  // namespace foretell

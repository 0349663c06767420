// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "foretell/kernels/dropout.hpp"
#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell {

namespace detail {

/// What layers share that in training disturb a share of the numbers.
template <class T>
class RateNoise {
 public:
  static constexpr bool stepwise = true;
  explicit RateNoise(double rate) : rate_(rate) {}
  Shape build(Build<T>& b) {
    if (!(rate_ >= 0 && rate_ < 1)) b.fail_option(text("expected a rate in [0, 1), received ", rate_));
    return b.input();
  }
  void fields(auto&& f) { f("rate", rate_); }
  bool is_view(bool training) const { return !training || rate_ == 0; }

 protected:
  double rate_;
};

/// Of these the ones that multiply, by numbers that are the same on the way back: Self::scale(pass, x, y).
template <class Self, class T>
class ScalingNoise : public RateNoise<T> {
 public:
  using RateNoise<T>::RateNoise;
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const { apply(pass, x, y); }
  void backward(const Pass<T>& pass, In<T>, In<T>, Out<T> dy, Out<T> dx) const {
    if (dx) apply(pass, dy, dx);
  }

 private:
  void apply(const Pass<T>& pass, In<T> x, Out<T> y) const {
    if (this->is_view(pass.training())) return kernels::copy(x.size(), x.data(), y.data());
    static_cast<const Self&>(*this).scale(pass, x, y);
  }
};

}  // namespace detail

/// In training each element is zero with probability `rate`, else x / (1 - rate); in inference y = x. The mask is a
/// function of seed, step and element, so it is the same for any number of threads. As keras.layers.Dropout.
template <class T = float>
class Dropout : public detail::ScalingNoise<Dropout<T>, T> {
 public:
  static constexpr std::string_view type = "Dropout";
  explicit Dropout(double rate = 0) : detail::ScalingNoise<Dropout, T>(rate) {}
  void scale(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const auto words = pass.random().block(0);
    kernels::dropout(x.size(), this->rate_, {words[0], words[1]}, pass.first_row() * x.row_size(), x.data(), y.data());
  }
};

}  // namespace foretell

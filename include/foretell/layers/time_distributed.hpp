// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <utility>

#include "foretell/layers/layer.hpp"

namespace foretell {

/// A layer for each step by itself, with the same parameters: (steps, ...) -> (steps, ...). A recurrent layer in it
/// begins anew with every step. As keras.layers.TimeDistributed.
template <class T = float>
class TimeDistributed {
 public:
  static constexpr std::string_view type = "TimeDistributed";
  static constexpr bool stepwise = true;
  TimeDistributed() = default;
  template <class L>
  requires(HasType<L> && !std::same_as<std::remove_cvref_t<L>, TimeDistributed>) explicit TimeDistributed(L&& layer)
      : layer_(std::forward<L>(layer)) {}
  explicit TimeDistributed(Layer<T> layer) : layer_(std::move(layer)) {}

  Shape build(Build<T>& b) {
    if (!layer_) b.fail_option("expected a layer to apply to each step, received none");
    if (b.input().rank() == 0) b.fail_shape("steps (*, steps, ...)");
    in_ = Shape(b.input().begin() + 1, b.input().end());
    if (in_.rank() == 0) in_ = {1};
    Build<T> inner = b.inner({}, {in_});
    out_ = layer_.build(inner);
    place_ = b.adopt(inner, b.input().front(), false);
    Shape output{b.input().front()};
    for (const std::size_t axis : out_) output.push_back(axis);
    if (output.rank() != b.input().rank()) keep_mask(b);
    return output;
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const std::size_t rows = x.rows() * x.shape().front();
    const In<T> in(x.data(), rows, in_);
    layer_.forward(pass.inner(place_), {&in, 1}, Out<T>(y.data(), rows, out_));
  }
  void backward(const Pass<T>& pass, In<T> x, In<T> y, Out<T> dy, Out<T> dx) const {
    const std::size_t rows = x.rows() * x.shape().front();
    const In<T> in(x.data(), rows, in_);
    const Out<T> out = dx ? Out<T>(dx.data(), rows, in_) : Out<T>();
    layer_.backward(pass.inner(place_), {&in, 1}, In<T>(y.data(), rows, out_), Out<T>(dy.data(), rows, out_),
                    {&out, 1});
  }
  void make_mask(const Pass<T>&, In<T> x, std::uint8_t* mask) const {
    std::copy_n(x.mask(), x.rows() * x.shape().front(), mask);
  }
  void fields(auto&& f) { f("layer", layer_); }

  bool does_couple_rows() const { return layer_ && layer_.traits().couples_rows; }
  ActivationFunction output_activation() const { return layer_ ? layer_.output_activation() : linear; }
  void set_output_activation(ActivationFunction f) {
    if (layer_) layer_.set_output_activation(f);
  }

 private:
  /// The executor keeps masks where the number of axes stays; here it is the steps that do.
  static void keep_mask(Build<T>& b) {
    if (b.masked()) b.set_mask(MaskFlow::make);
  }

  Layer<T> layer_;
  Shape in_, out_;
  InnerPlace place_;
};
template <template <class> class L, class T>
TimeDistributed(L<T>) -> TimeDistributed<T>;

}  // namespace foretell

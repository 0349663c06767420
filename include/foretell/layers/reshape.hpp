// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <vector>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell {

namespace detail {

/// The passes of every layer that changes the shape and leaves the numbers where they are.
template <class T>
struct ViewPasses {
  void forward(const Pass<T>&, In<T> x, Out<T> y) const { kernels::copy(x.size(), x.data(), y.data()); }
  void backward(const Pass<T>&, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    if (dx) kernels::copy(x.size(), dy.data(), dx.data());
  }
  bool is_view(bool) const { return true; }
};

}  // namespace detail

/// (a, b, c) -> (a * b * c); a mask ends here. As keras.layers.Flatten.
template <class T = float>
class Flatten : public detail::ViewPasses<T> {
 public:
  static constexpr std::string_view type = "Flatten";
  Shape build(Build<T>& b) { return {b.input().size()}; }
  void fields(auto&&) {}
};

/// The row's numbers in another shape; one axis may be 0: whatever is left. As keras.layers.Reshape (which writes -1).
template <class T = float>
class Reshape : public detail::ViewPasses<T> {
 public:
  static constexpr std::string_view type = "Reshape";
  Reshape() = default;
  explicit Reshape(const Shape& shape) : axes_(shape.begin(), shape.end()) {}

  Shape build(Build<T>& b) {
    std::size_t known = 1, open = 0;
    for (const std::size_t axis : axes_) axis ? known *= axis : ++open;
    const std::size_t size = b.input().size();
    if (open > 1 || (open ? size % known != 0 : size != known))
      b.fail_shape(
          text("as many numbers a row as the target shape ", to_string(Shape(axes_.begin(), axes_.end())), " holds"),
          "at most one axis may be 0, for whatever is left");
    Shape shape;
    for (const std::size_t axis : axes_) shape.push_back(axis ? axis : size / known);
    return shape;
  }
  void fields(auto&& f) { f("target_shape", axes_); }

 private:
  std::vector<std::size_t> axes_;
};

/// The shape of one input row, for the first place of a Sequential: without it the shape is taken from the first data
/// seen.
template <class T = float>
class Input : public detail::ViewPasses<T> {
 public:
  static constexpr std::string_view type = "Input";
  Input() = default;
  explicit Input(const Shape& shape) : axes_(shape.begin(), shape.end()) {}

  Shape build(Build<T>& b) {
    if (!(b.input() == shape())) b.fail_shape(rows_text(shape()));
    return b.input();
  }
  void fields(auto&& f) { f("shape", axes_); }
  Shape shape() const { return Shape(axes_.begin(), axes_.end()); }

 private:
  std::vector<std::size_t> axes_;
};

}  // namespace foretell

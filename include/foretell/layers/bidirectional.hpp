// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell {

/// How the answers of the two directions become one.
enum class MergeMode : std::uint8_t { concat, sum, mul, ave };
constexpr auto enum_names(MergeMode) { return std::array<std::string_view, 4>{"concat", "sum", "mul", "ave"}; }

struct BidirectionalOptions {
  MergeMode merge_mode = MergeMode::concat;
};

/// A recurrent layer once forwards and, with parameters of its own, once backwards: (steps, n) -> what the layer gives,
/// twice as wide with concat. Sequences of the second are turned round, so that steps meet; what is padding stays where
/// it is, and is zeros. As keras.layers.Bidirectional.
template <class T = float>
class Bidirectional {
 public:
  static constexpr std::string_view type = "Bidirectional";
  Bidirectional() = default;
  template <class L>
  requires(HasType<L> && !std::same_as<std::remove_cvref_t<L>, Bidirectional>) explicit Bidirectional(
      L&& layer, BidirectionalOptions options = {})
      : layer_(std::forward<L>(layer)), options_(options) {}
  explicit Bidirectional(Layer<T> layer, BidirectionalOptions options = {})
      : layer_(std::move(layer)), options_(options) {}

  Shape build(Build<T>& b) {
    if (!layer_) b.fail_option("expected a recurrent layer, received none");
    if (b.input().rank() < 2) b.fail_shape("steps (*, steps, n)");
    in_ = b.input();
    ways_ = {layer_, layer_};
    constexpr std::string_view names[] = {"forward", "backward"};
    for (std::size_t w = 0; w < 2; ++w) {
      Build<T> inner = b.inner(names[w], {in_});
      out_ = ways_[w].build(inner);
      if (inner.mask_flow() == MaskFlow::make)
        b.fail_option(
            "expected a layer that keeps the mask of its input, received one that moves it, such as one with "
            "go_backwards; give it without, both directions are taken anyway");
      places_[w] = b.adopt(inner);
      y_[w] = b.stash(out_.size());
    }
    sequences_ = out_.rank() == in_.rank() && out_.front() == in_.front();
    turned_x_ = b.stash(in_.size());
    turned_dx_ = b.scratch(in_.size());
    dy_ = b.scratch(out_.size());
    if (!sequences_) b.set_mask(MaskFlow::drop);
    return options_.merge_mode == MergeMode::concat ? out_.with_back(2 * out_.back()) : out_;
  }

  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const std::size_t rows = x.rows();
    turn(x.mask(), rows, in_, x.data(), pass[turned_x_]);
    const In<T> ins[] = {In<T>(x.data(), rows, in_, x.mask()), In<T>(pass[turned_x_], rows, in_, x.mask())};
    for (std::size_t w = 0; w < 2; ++w)
      ways_[w].forward(pass.inner(places_[w]), {&ins[w], 1}, Out<T>(pass[y_[w]], rows, out_));
    if (sequences_) turn_in_place(x.mask(), rows, out_, pass[y_[1]], pass[dy_]);
    const T *a = pass[y_[0]], *b = pass[y_[1]];
    const std::size_t n = out_.back(), size = rows * out_.size();
    switch (options_.merge_mode) {
      case MergeMode::concat:
        for (std::size_t i = 0; i < size / n; ++i) {
          kernels::copy(n, a + i * n, y.data() + 2 * i * n);
          kernels::copy(n, b + i * n, y.data() + (2 * i + 1) * n);
        }
        break;
      case MergeMode::mul:
        kernels::multiply(size, a, b, y.data());
        break;
      case MergeMode::sum:
      case MergeMode::ave:
        kernels::add_to(size, a, b, y.data());
        if (options_.merge_mode == MergeMode::ave) kernels::scale(size, 0.5, y.data());
    }
    clear_padding(x.mask(), y);
  }

  void backward(const Pass<T>& pass, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    const std::size_t rows = x.rows(), n = out_.back(), size = rows * out_.size();
    const In<T> ins[] = {In<T>(x.data(), rows, in_, x.mask()), In<T>(pass[turned_x_], rows, in_, x.mask())};
    clear_padding(x.mask(), dy);
    for (std::size_t w = 0; w < 2; ++w) {
      T* d = pass[dy_];
      switch (options_.merge_mode) {
        case MergeMode::concat:
          for (std::size_t i = 0; i < size / n; ++i) kernels::copy(n, dy.data() + (2 * i + w) * n, d + i * n);
          break;
        case MergeMode::mul:
          kernels::multiply(size, dy.data(), pass[y_[1 - w]], d);
          break;
        case MergeMode::sum:
        case MergeMode::ave:
          kernels::copy(size, dy.data(), d);
          if (options_.merge_mode == MergeMode::ave) kernels::scale(size, 0.5, d);
      }
      if (w == 1 && sequences_) {  // the other way's answer is not needed any more: its place is room to turn in
        turn(x.mask(), rows, out_, d, pass[y_[0]]);
        kernels::copy(size, pass[y_[0]], d);
      }
      Out<T> to;
      if (dx) to = Out<T>(w == 0 ? dx.data() : pass[turned_dx_], rows, in_);
      ways_[w].backward(pass.inner(places_[w]), {&ins[w], 1}, In<T>(pass[y_[w]], rows, out_), Out<T>(d, rows, out_),
                        {&to, 1});
    }
    if (!dx) return;
    turn_in_place(x.mask(), rows, in_, pass[turned_dx_], pass[turned_x_]);
    kernels::add(rows * in_.size(), pass[turned_dx_], dx.data());
  }
  void fields(auto&& f) {
    f("layer", layer_);
    f("merge_mode", options_.merge_mode);
  }
  bool does_couple_rows() const { return layer_ && layer_.traits().couples_rows; }

 private:
  /// The real steps of each row in reverse, all of them without a mask. They change places among themselves: the mask
  /// stays.
  static void turn(const std::uint8_t* mask, std::size_t rows, const Shape& shape, const T* from, T* to) {
    const std::size_t steps = shape.front(), n = steps ? shape.size() / steps : 0;
    for (std::size_t r = 0; r < rows; ++r, from += steps * n, to += steps * n) {
      std::size_t back = steps;
      for (std::size_t t = 0; t < steps; ++t) {
        if (mask && !mask[r * steps + t]) {
          kernels::copy(n, from + t * n, to + t * n);
          continue;
        }
        do --back;
        while (mask && !mask[r * steps + back]);
        kernels::copy(n, from + t * n, to + back * n);
      }
    }
  }
  void clear_padding(const std::uint8_t* mask, Out<T> y) const {
    if (!mask || !sequences_) return;
    const std::size_t steps = y.rows() * y.shape().front(), n = y.row_size() / y.shape().front();
    for (std::size_t t = 0; t < steps; ++t)
      if (!mask[t]) kernels::fill(n, 0, y.data() + t * n);
  }
  static void turn_in_place(const std::uint8_t* mask, std::size_t rows, const Shape& shape, T* values, T* room) {
    turn(mask, rows, shape, values, room);
    kernels::copy(rows * shape.size(), room, values);
  }

  Layer<T> layer_;
  BidirectionalOptions options_;
  std::array<Layer<T>, 2> ways_;
  std::array<InnerPlace, 2> places_;
  std::array<Stash, 2> y_;
  Shape in_, out_;
  Stash turned_x_;
  LayerScratch turned_dx_, dy_;
  bool sequences_ = false;
};
template <template <class> class L, class T>
Bidirectional(L<T>) -> Bidirectional<T>;
template <template <class> class L, class T>
Bidirectional(L<T>, BidirectionalOptions) -> Bidirectional<T>;

}  // namespace foretell

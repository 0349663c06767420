// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstdint>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/layers/layer.hpp"

// Layers that make one of several inputs. As keras.layers, but for masks: of inputs whose masks differ the first one's
// stays here, where in Keras a step is real that is so in any of them; and Dot keeps none there.

namespace foretell {

struct ConcatenateOptions {
  int axis = -1;  ///< counted as Keras does: 0 is the batch, 1 the first axis of a row, -1 the last
};

/// Joins its inputs along an axis: (..., a), (..., b) -> (..., a + b). Along the first axis masks are joined, too.
template <class T = float>
class Concatenate {
 public:
  static constexpr std::string_view type = "Concatenate";
  static constexpr bool stepwise = true;
  explicit Concatenate(ConcatenateOptions options = {}) : options_(options) {}

  Shape build(Build<T>& b) {
    axis_ = b.axis(options_.axis);
    Shape output;
    for (std::size_t a = 0; a < b.input().rank(); ++a) {
      std::size_t size = 0;
      for (const Shape& shape : b.inputs()) {
        if (shape.rank() != b.input().rank() || (a != axis_ && shape[a] != b.input()[a]))
          b.fail_shape(axis_ + 1 == b.input().rank() ? "inputs that differ in the last axis only"
                                                     : "inputs that differ in the joined axis only");
        size += shape[a];
      }
      output.push_back(a == axis_ ? size : b.input()[a]);
    }
    bool masked = false;
    for (std::size_t k = 0; k < b.inputs().size(); ++k) masked = masked || b.masked(k);
    if (axis_ == 0) b.set_mask(masked && b.input().rank() > 1 ? MaskFlow::make : MaskFlow::drop);
    return output;
  }
  void forward(const Pass<T>&, Ins<T> x, Out<T> y) const {
    std::size_t at = 0;
    for (const In<T>& part : x) {
      const std::size_t n = chunk(part.shape()), all = chunk(y.shape());
      for (std::size_t i = 0; n && i < part.size() / n; ++i)
        kernels::copy(n, part.data() + i * n, y.data() + i * all + at);
      at += n;
    }
  }
  void backward(const Pass<T>&, Ins<T> x, In<T> y, Out<T> dy, Outs<T> dx) const {
    std::size_t at = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      const std::size_t n = chunk(x[k].shape()), all = chunk(y.shape());
      for (std::size_t i = 0; n && dx[k] && i < x[k].size() / n; ++i)
        kernels::copy(n, dy.data() + i * all + at, dx[k].data() + i * n);
      at += n;
    }
  }
  void make_mask(const Pass<T>&, Ins<T> x, std::uint8_t* mask) const {
    for (std::size_t r = 0; r < x[0].rows(); ++r)
      for (const In<T>& part : x) {
        const std::size_t steps = part.shape().front();
        for (std::size_t t = 0; t < steps; ++t) *mask++ = part.mask() ? part.mask()[r * steps + t] : 1;
      }
  }
  void fields(auto&& f) { f("axis", options_.axis); }

 private:
  /// Numbers from the joined axis on.
  std::size_t chunk(const Shape& shape) const {
    std::size_t size = 1;
    for (std::size_t a = axis_; a < shape.rank(); ++a) size *= shape[a];
    return size;
  }

  ConcatenateOptions options_;
  std::size_t axis_ = 0;
};

namespace detail {

/// Inputs of one shape, number by number.
template <class T>
class ElementwiseMerge {
 public:
  static constexpr bool stepwise = true;
  Shape build(Build<T>& b) {
    for (const Shape& shape : b.inputs())
      if (!(shape == b.input())) b.fail_shape("inputs of one shape");
    return b.input();
  }
  void fields(auto&&) {}
};

template <class T>
class SumMerge : public ElementwiseMerge<T> {
 public:
  void forward(const Pass<T>&, Ins<T> x, Out<T> y) const {
    kernels::copy(y.size(), x[0].data(), y.data());
    for (std::size_t k = 1; k < x.size(); ++k) kernels::add(y.size(), x[k].data(), y.data());
  }
  void backward(const Pass<T>&, Ins<T> x, In<T> y, Out<T> dy, Outs<T> dx) const {
    for (std::size_t k = 0; k < x.size(); ++k)
      if (dx[k]) kernels::copy(y.size(), dy.data(), dx[k].data());
  }
};

/// The greatest, or with `sign` -1 the least; of equal ones the first has the gradient.
template <class T, int sign>
class ExtremeMerge : public ElementwiseMerge<T> {
 public:
  void forward(const Pass<T>&, Ins<T> x, Out<T> y) const {
    for (std::size_t i = 0; i < y.size(); ++i) y.data()[i] = x[first(x, i)].data()[i];
  }
  void backward(const Pass<T>&, Ins<T> x, In<T>, Out<T> dy, Outs<T> dx) const {
    for (std::size_t i = 0; i < dy.size(); ++i) {
      const std::size_t best = first(x, i);
      for (std::size_t k = 0; k < x.size(); ++k)
        if (dx[k]) dx[k].data()[i] = k == best ? dy.data()[i] : T(0);
    }
  }

 private:
  static std::size_t first(Ins<T> x, std::size_t i) {
    std::size_t best = 0;
    for (std::size_t k = 1; k < x.size(); ++k)
      if (sign * x[k].data()[i] > sign * x[best].data()[i]) best = k;
    return best;
  }
};

}  // namespace detail

/// The sum of its inputs.
template <class T = float>
class Add : public detail::SumMerge<T> {
 public:
  static constexpr std::string_view type = "Add";
};

/// The mean of its inputs.
template <class T = float>
class Average : public detail::SumMerge<T> {
 public:
  static constexpr std::string_view type = "Average";
  void forward(const Pass<T>& pass, Ins<T> x, Out<T> y) const {
    detail::SumMerge<T>::forward(pass, x, y);
    kernels::scale(y.size(), 1 / static_cast<double>(x.size()), y.data());
  }
  void backward(const Pass<T>& pass, Ins<T> x, In<T> y, Out<T> dy, Outs<T> dx) const {
    kernels::scale(y.size(), 1 / static_cast<double>(x.size()), dy.data());
    detail::SumMerge<T>::backward(pass, x, y, dy, dx);
  }
};

/// The first of two inputs less the second.
template <class T = float>
class Subtract : public detail::ElementwiseMerge<T> {
 public:
  static constexpr std::string_view type = "Subtract";
  Shape build(Build<T>& b) {
    if (b.inputs().size() != 2) b.fail_shape("two inputs");
    return detail::ElementwiseMerge<T>::build(b);
  }
  void forward(const Pass<T>&, Ins<T> x, Out<T> y) const {
    kernels::copy(y.size(), x[0].data(), y.data());
    kernels::axpy(y.size(), -1, x[1].data(), y.data());
  }
  void backward(const Pass<T>&, Ins<T>, In<T> y, Out<T> dy, Outs<T> dx) const {
    if (dx[0]) kernels::copy(y.size(), dy.data(), dx[0].data());
    if (!dx[1]) return;
    kernels::copy(y.size(), dy.data(), dx[1].data());
    kernels::scale(y.size(), -1, dx[1].data());
  }
};

/// The product of its inputs.
template <class T = float>
class Multiply : public detail::ElementwiseMerge<T> {
 public:
  static constexpr std::string_view type = "Multiply";
  void forward(const Pass<T>&, Ins<T> x, Out<T> y) const {
    kernels::copy(y.size(), x[0].data(), y.data());
    for (std::size_t k = 1; k < x.size(); ++k) kernels::multiply(y.size(), x[k].data(), y.data(), y.data());
  }
  void backward(const Pass<T>&, Ins<T> x, In<T> y, Out<T> dy, Outs<T> dx) const {
    for (std::size_t k = 0; k < x.size(); ++k) {
      if (!dx[k]) continue;
      kernels::copy(y.size(), dy.data(), dx[k].data());
      for (std::size_t other = 0; other < x.size(); ++other)
        if (other != k) kernels::multiply(y.size(), x[other].data(), dx[k].data(), dx[k].data());
    }
  }
};

/// The greatest of its inputs, number by number.
template <class T = float>
class Maximum : public detail::ExtremeMerge<T, 1> {
 public:
  static constexpr std::string_view type = "Maximum";
};

/// The least of its inputs, number by number.
template <class T = float>
class Minimum : public detail::ExtremeMerge<T, -1> {
 public:
  static constexpr std::string_view type = "Minimum";
};

struct DotOptions {
  bool normalize = false;  ///< cosines instead: vectors are made 1 long first
};

/// The product of two inputs over their last axis: (n), (n) -> (1); (a, n), (n) -> (a); (a, n), (b, n) -> (a, b). As
/// keras.layers.Dot with axes -1.
template <class T = float>
class Dot {
 public:
  static constexpr std::string_view type = "Dot";
  explicit Dot(DotOptions options = {}) : options_(options) {}

  Shape build(Build<T>& b) {
    if (b.inputs().size() != 2 || b.input(0).rank() == 0 || b.input(1).rank() == 0 || b.input(0).rank() > 2 ||
        b.input(1).rank() > 2 || b.input(0).back() != b.input(1).back() || b.input(0).back() == 0)
      b.fail_shape("two inputs (*, n) or (*, a, n) with the same last axis");
    n_ = b.input().back();
    rows_[0] = b.input(0).size() / n_;
    rows_[1] = b.input(1).size() / n_;
    unit_[0] = b.stash(b.input(0).size());
    unit_[1] = b.stash(b.input(1).size());
    length_ = b.stash(rows_[0] + rows_[1]);
    if (b.input(0).rank() == 1) b.set_mask(MaskFlow::drop);
    if (b.input(0).rank() == 1) return {rows_[1]};
    if (b.input(1).rank() == 1) return {rows_[0]};
    return {rows_[0], rows_[1]};
  }
  void forward(const Pass<T>& pass, Ins<T> x, Out<T> y) const {
    const std::size_t a = rows_[0], c = rows_[1];
    for (std::size_t k = 0; k < 2; ++k) normalise(pass, k, x[k]);
    for (std::size_t r = 0; r < y.rows(); ++r)
      for (std::size_t i = 0; i < a; ++i)
        for (std::size_t j = 0; j < c; ++j)
          y.row(r)[i * c + j] =
              static_cast<T>(kernels::dot(n_, pass[unit_[0]] + (r * a + i) * n_, pass[unit_[1]] + (r * c + j) * n_));
  }
  void backward(const Pass<T>& pass, Ins<T> x, In<T>, Out<T> dy, Outs<T> dx) const {
    const std::size_t a = rows_[0], c = rows_[1];
    for (std::size_t k = 0; k < 2; ++k) {
      if (!dx[k]) continue;
      kernels::fill(x[k].size(), 0, dx[k].data());
      for (std::size_t r = 0; r < dy.rows(); ++r) {
        for (std::size_t i = 0; i < a; ++i)
          for (std::size_t j = 0; j < c; ++j) {
            const std::size_t mine = k ? r * c + j : r * a + i, other = k ? r * a + i : r * c + j;
            kernels::axpy(n_, static_cast<double>(dy.row(r)[i * c + j]), pass[unit_[1 - k]] + other * n_,
                          dx[k].data() + mine * n_);
          }
      }
      if (options_.normalize) through_length(pass, k, x[k], dx[k]);
    }
  }
  void fields(auto&& f) { f("normalize", options_.normalize); }

 private:
  static constexpr double least = 1e-12;

  T* lengths(const Pass<T>& pass, std::size_t k, std::size_t batch) const {
    return pass[length_] + (k ? batch * rows_[0] : 0);
  }
  void normalise(const Pass<T>& pass, std::size_t k, In<T> x) const {
    T* unit = pass[unit_[k]];
    kernels::copy(x.size(), x.data(), unit);
    T* length = lengths(pass, k, x.rows());
    for (std::size_t i = 0; options_.normalize && i < x.size() / n_; ++i) {
      const double l = std::sqrt(std::max(kernels::sum_of_squares(n_, unit + i * n_), least));
      length[i] = static_cast<T>(l);
      kernels::scale(n_, 1 / l, unit + i * n_);
    }
  }
  void through_length(const Pass<T>& pass, std::size_t k, In<T> x, Out<T> dx) const {
    const T *unit = pass[unit_[k]], *length = lengths(pass, k, x.rows());
    for (std::size_t i = 0; i < x.size() / n_; ++i) {
      T* d = dx.data() + i * n_;
      kernels::axpy(n_, -kernels::dot(n_, unit + i * n_, d), unit + i * n_, d);
      kernels::scale(n_, 1 / static_cast<double>(length[i]), d);
    }
  }

  DotOptions options_;
  std::size_t n_ = 1;
  std::size_t rows_[2]{1, 1};
  Stash unit_[2], length_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <vector>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/layer.hpp"

// Layers that take numbers out of a row, or arrange them anew: each number of the output is one of the input.

namespace foretell {

namespace detail {

/// The passes: `from[i]` is the place in a row of x that number i of a row of y comes from.
template <class T>
class Arranged {
 public:
  void forward(const Pass<T>&, In<T> x, Out<T> y) const {
    for (std::size_t r = 0; r < x.rows(); ++r)
      for (std::size_t i = 0; i < from_.size(); ++i) y.row(r)[i] = x.row(r)[from_[i]];
  }
  void backward(const Pass<T>&, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    if (!dx) return;
    kernels::fill(x.size(), 0, dx.data());
    for (std::size_t r = 0; r < x.rows(); ++r)
      for (std::size_t i = 0; i < from_.size(); ++i) dx.row(r)[from_[i]] += dy.row(r)[i];
  }

 protected:
  std::vector<std::size_t> from_;
};

}  // namespace detail

struct SliceOptions {
  int axis = -1;  ///< counted as Keras does: 0 is the batch, 1 the first axis of a row, -1 the last
};

/// Numbers first to last - 1 of an axis: (..., n) -> (..., last - first). A mask follows its steps.
template <class T = float>
class Slice : public detail::Arranged<T> {
 public:
  static constexpr std::string_view type = "Slice";
  Slice() = default;
  Slice(std::size_t first, std::size_t last, SliceOptions options = {})
      : first_(first), last_(last), options_(options) {}

  Shape build(Build<T>& b) {
    const std::size_t at = b.axis(options_.axis);
    if (first_ >= last_ || last_ > b.input()[at])
      b.fail_shape(text("an axis of at least ", last_, " numbers"), text("the slice is ", first_, " to ", last_));
    Shape output;
    std::size_t behind = 1;
    for (std::size_t a = 0; a < b.input().rank(); ++a) {
      output.push_back(a == at ? last_ - first_ : b.input()[a]);
      if (a > at) behind *= b.input()[a];
    }
    const std::size_t n = b.input()[at];
    this->from_.clear();
    for (std::size_t i = 0; i < output.size(); ++i) {
      const std::size_t block = i / (behind * (last_ - first_)), inside = i % (behind * (last_ - first_));
      this->from_.push_back((block * n + first_) * behind + inside);
    }
    steps_ = at == 0 ? n : 0;
    if (at == 0) b.set_mask(b.masked() && b.input().rank() > 1 ? MaskFlow::make : MaskFlow::drop);
    return output;
  }
  void make_mask(const Pass<T>&, In<T> x, std::uint8_t* mask) const {
    for (std::size_t r = 0; r < x.rows(); ++r)
      mask = std::copy(x.mask() + r * steps_ + first_, x.mask() + r * steps_ + last_, mask);
  }
  void fields(auto&& f) {
    f("first", first_);
    f("last", last_);
    f("axis", options_.axis);
  }

 private:
  std::size_t first_ = 0, last_ = 1;
  SliceOptions options_;
  std::size_t steps_ = 0;
};

/// Chosen numbers of the last axis, in the order given: (..., n) -> (..., columns).
template <class T = float>
class Gather : public detail::Arranged<T> {
 public:
  static constexpr std::string_view type = "Gather";
  static constexpr bool stepwise = true;
  Gather() = default;
  explicit Gather(std::vector<std::size_t> columns) : columns_(std::move(columns)) {}

  Shape build(Build<T>& b) {
    if (columns_.empty()) b.fail_option("expected at least one column, received none");
    for (const std::size_t column : columns_)
      if (b.input().rank() == 0 || column >= b.input().back()) b.fail_shape(text("a last axis longer than ", column));
    const std::size_t n = b.input().back();
    this->from_.clear();
    for (std::size_t i = 0; i < b.input().size() / n; ++i)
      for (const std::size_t column : columns_) this->from_.push_back(i * n + column);
    return b.input().with_back(columns_.size());
  }
  void fields(auto&& f) { f("columns", columns_); }

 private:
  std::vector<std::size_t> columns_;
};

/// The axes of a row in another order; dims count from 1: Permute({2, 1}) turns (a, b) into (b, a). As
/// keras.layers.Permute.
template <class T = float>
class Permute : public detail::Arranged<T> {
 public:
  static constexpr std::string_view type = "Permute";
  Permute() = default;
  explicit Permute(std::vector<std::size_t> dims) : dims_(std::move(dims)) {}

  Shape build(Build<T>& b) {
    std::vector<std::size_t> sorted = dims_;
    std::sort(sorted.begin(), sorted.end());
    bool good = dims_.size() == b.input().rank();
    for (std::size_t a = 0; a < sorted.size(); ++a) good = good && sorted[a] == a + 1;
    if (!good) b.fail_shape(text("as many axes as the permutation of ", dims_.size(), " names, each once from 1"));
    Shape output;
    for (const std::size_t dim : dims_) output.push_back(b.input()[dim - 1]);
    this->from_.assign(b.input().size(), 0);
    for (std::size_t i = 0; i < this->from_.size(); ++i) {
      std::size_t rest = i, place = 0;
      for (std::size_t a = dims_.size(); a-- > 0; rest /= output[a]) {
        std::size_t stride = 1;
        for (std::size_t later = dims_[a]; later < b.input().rank(); ++later) stride *= b.input()[later];
        place += rest % output[a] * stride;
      }
      this->from_[i] = place;
    }
    b.set_mask(MaskFlow::drop);
    return output;
  }
  void fields(auto&& f) { f("dims", dims_); }

 private:
  std::vector<std::size_t> dims_;
};

/// The row n times, as steps: (features) -> (n, features). As keras.layers.RepeatVector.
template <class T = float>
class RepeatVector : public detail::Arranged<T> {
 public:
  static constexpr std::string_view type = "RepeatVector";
  explicit RepeatVector(std::size_t n = 1) : n_(n) {}

  Shape build(Build<T>& b) {
    if (n_ == 0) b.fail_option("expected n of at least 1, received 0");
    if (b.input().rank() != 1) b.fail_shape("features (*, n)");
    this->from_.clear();
    for (std::size_t i = 0; i < n_ * b.input().size(); ++i) this->from_.push_back(i % b.input().size());
    return {n_, b.input().size()};
  }
  void fields(auto&& f) { f("n", n_); }

 private:
  std::size_t n_;
};

}  // namespace foretell

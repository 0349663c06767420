// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/layer.hpp"
#include "foretell/layers/mask_options.hpp"

// Layers that repeat, add or leave out steps: (steps, ...) -> (new steps, ...), each step of the output one of the
// input or zeros. Masks follow their steps; added steps are padding where there is a mask. As keras.layers, but for
// masks, which end there: `masked` false.

namespace foretell {

namespace detail {

/// L has `resample(steps)`, the new number, and `source(step, steps)`, the step of the input or `none`.
template <class T, class L>
class Resample {
 public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  Shape build(Build<T>& b) {
    if (b.input().rank() != 2) b.fail_shape("steps of channels (*, steps, channels)");
    steps_ = b.input().front();
    new_steps_ = self().resample(b, steps_);
    if (b.masked()) b.set_mask(options_.masked ? MaskFlow::make : MaskFlow::drop);
    return {new_steps_, b.input().back()};
  }
  void forward(const Pass<T>&, In<T> x, Out<T> y) const {
    const std::size_t n = x.back();
    for (std::size_t r = 0; r < x.rows(); ++r)
      for (std::size_t t = 0; t < new_steps_; ++t) {
        const std::size_t from = self().source(t, steps_);
        if (from == none)
          kernels::fill(n, 0, y.row(r) + t * n);
        else
          kernels::copy(n, x.row(r) + from * n, y.row(r) + t * n);
      }
  }
  void backward(const Pass<T>&, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    if (!dx) return;
    const std::size_t n = x.back();
    kernels::fill(x.size(), 0, dx.data());
    for (std::size_t r = 0; r < x.rows(); ++r)
      for (std::size_t t = 0; t < new_steps_; ++t) {
        const std::size_t from = self().source(t, steps_);
        if (from != none) kernels::add(n, dy.row(r) + t * n, dx.row(r) + from * n);
      }
  }
  void make_mask(const Pass<T>&, In<T> x, std::uint8_t* mask) const {
    for (std::size_t r = 0; r < x.rows(); ++r)
      for (std::size_t t = 0; t < new_steps_; ++t) {
        const std::size_t from = self().source(t, steps_);
        *mask++ = from == none ? 0 : x.mask()[r * steps_ + from];
      }
  }

 protected:
  explicit Resample(MaskOptions options) : options_(options) {}
  void list(auto&& f) { f("masked", options_.masked); }

 private:
  const L& self() const { return static_cast<const L&>(*this); }

  MaskOptions options_;
  std::size_t steps_ = 0, new_steps_ = 0;
};

}  // namespace detail

/// Each step `size` times.
template <class T = float>
class UpSampling1D : public detail::Resample<T, UpSampling1D<T>> {
 public:
  static constexpr std::string_view type = "UpSampling1D";
  explicit UpSampling1D(std::size_t size = 2, MaskOptions options = {})
      : detail::Resample<T, UpSampling1D<T>>(options), size_(size) {}

  std::size_t resample(Build<T>& b, std::size_t steps) const {
    if (size_ == 0 || size_ > (std::size_t(1) << 20))
      b.fail_option(text("expected a size of at least 1, received ", size_));
    return steps * size_;
  }
  std::size_t source(std::size_t step, std::size_t) const { return step / size_; }
  void fields(auto&& f) {
    f("size", size_);
    this->list(f);
  }

 private:
  std::size_t size_;
};

/// Steps of zeros in front and behind.
template <class T = float>
class ZeroPadding1D : public detail::Resample<T, ZeroPadding1D<T>> {
 public:
  static constexpr std::string_view type = "ZeroPadding1D";
  explicit ZeroPadding1D(std::size_t padding = 1) : ZeroPadding1D(padding, padding) {}
  ZeroPadding1D(std::size_t left, std::size_t right, MaskOptions options = {})
      : detail::Resample<T, ZeroPadding1D<T>>(options), left_(left), right_(right) {}

  std::size_t resample(Build<T>& b, std::size_t steps) const {
    if (left_ > (std::size_t(1) << 20) || right_ > (std::size_t(1) << 20))
      b.fail_option(text("expected at most 2^20 steps on a side, received ", left_, " and ", right_));
    return left_ + steps + right_;
  }
  std::size_t source(std::size_t step, std::size_t steps) const {
    return step < left_ || step - left_ >= steps ? this->none : step - left_;
  }
  void fields(auto&& f) {
    f("left", left_);
    f("right", right_);
    this->list(f);
  }

 private:
  std::size_t left_, right_;
};

/// Without the first and the last steps.
template <class T = float>
class Cropping1D : public detail::Resample<T, Cropping1D<T>> {
 public:
  static constexpr std::string_view type = "Cropping1D";
  explicit Cropping1D(std::size_t cropping = 1) : Cropping1D(cropping, cropping) {}
  Cropping1D(std::size_t left, std::size_t right, MaskOptions options = {})
      : detail::Resample<T, Cropping1D<T>>(options), left_(left), right_(right) {}

  std::size_t resample(Build<T>& b, std::size_t steps) const {
    if (left_ >= steps || right_ >= steps - left_)
      b.fail_shape(text("more steps than the ", left_, " and ", right_, " that are cropped"));
    return steps - left_ - right_;
  }
  std::size_t source(std::size_t step, std::size_t) const { return step + left_; }
  void fields(auto&& f) {
    f("left", left_);
    f("right", right_);
    this->list(f);
  }

 private:
  std::size_t left_, right_;
};

}  // namespace foretell

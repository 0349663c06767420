// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/convolution.hpp"
#include "foretell/layers/mask_options.hpp"

// Pooling of (steps, channels) and of (height, width, channels): the greatest, the mean or the sum of a window, or of
// all there is, for each channel. Masked steps are passed over; a window without a real step gives 0. As keras.layers,
// but for masks: those of windows and GlobalMaxPooling1D take padding for real steps, which is `masked` false here;
// GlobalAveragePooling1D passes over it too, but gives NaN of nothing else.

namespace foretell {

struct PoolingOptions {
  std::size_t strides = 0;  ///< 0: the size of the window
  Padding padding = Padding::valid;
  bool masked = true;  ///< false: padding counts, and the mask ends here, as in Keras; of pictures there is none
};

namespace detail {

enum class Pool : std::uint8_t { max, average, sum };

/// `visit(f)` calls f(i) for each position that counts, in order; x and dx are rows of positions of `channels` numbers.
template <Pool P, class T, class Visit>
void pool(std::size_t channels, const T* x, T* y, const Visit& visit) {
  std::size_t count = 0;
  visit([&](std::size_t i) {
    const T* from = x + i * channels;
    if (count++ == 0)
      kernels::copy(channels, from, y);
    else if constexpr (P == Pool::max)
      kernels::maximum(channels, from, static_cast<const T*>(y), y);
    else
      kernels::add(channels, from, y);
  });
  if (count == 0) kernels::fill(channels, 0, y);
  if (P == Pool::average && count > 1) kernels::scale(channels, 1 / static_cast<double>(count), y);
}
/// Adds to dx. Of equally great ones the first takes the gradient, which is then 0 in dy.
template <Pool P, class T, class Visit>
void pool_backward(std::size_t channels, const T* x, const T* y, T* dy, T* dx, const Visit& visit) {
  if constexpr (P == Pool::max) {
    visit([&](std::size_t i) { kernels::move_where_equal(channels, x + i * channels, y, dy, dx + i * channels); });
  } else {
    std::size_t count = 0;
    visit([&](std::size_t) { ++count; });
    const double share = P == Pool::average && count ? 1 / static_cast<double>(count) : 1;
    visit([&](std::size_t i) { kernels::axpy(channels, share, dy, dx + i * channels); });
  }
}

/// The passes of every pooling layer: L has windows(x row shape), and visit(x, row, window, f).
template <class T, Pool P, class L>
class PoolingPasses {
 public:
  void forward(const Pass<T>&, In<T> x, Out<T> y) const {
    const std::size_t n = x.back(), windows = y.row_size() / std::max<std::size_t>(n, 1);
    for (std::size_t r = 0; r < x.rows(); ++r)
      for (std::size_t w = 0; w < windows; ++w)
        pool<P>(n, x.row(r), y.row(r) + w * n, [&](const auto& f) { self().visit(x, r, w, f); });
  }
  void backward(const Pass<T>&, In<T> x, In<T> y, Out<T> dy, Out<T> dx) const {
    if (!dx) return;
    const std::size_t n = x.back(), windows = y.row_size() / std::max<std::size_t>(n, 1);
    kernels::fill(x.size(), 0, dx.data());
    for (std::size_t r = 0; r < x.rows(); ++r)
      for (std::size_t w = 0; w < windows; ++w)
        pool_backward<P>(n, x.row(r), y.row(r) + w * n, dy.row(r) + w * n, dx.row(r),
                         [&](const auto& f) { self().visit(x, r, w, f); });
  }

 private:
  const L& self() const { return static_cast<const L&>(*this); }
};

template <class T, Pool P>
class Pooling1D : public PoolingPasses<T, P, Pooling1D<T, P>> {
 public:
  Shape build(Build<T>& b) {
    if (b.input().rank() != 2) b.fail_shape("steps of channels (*, steps, channels)");
    if (options_.padding == Padding::causal) b.fail_option("expected padding valid or same, received causal");
    window_ = window(b, b.input().front(), size_, options_.strides ? options_.strides : size_, 1, options_.padding);
    if (b.masked()) b.set_mask(options_.masked ? MaskFlow::make : MaskFlow::drop);
    return {window_.out, b.input().back()};
  }
  void make_mask(const Pass<T>&, In<T> x, std::uint8_t* mask) const {
    for (std::size_t r = 0; r < x.rows(); ++r)
      for (std::size_t w = 0; w < window_.out; ++w, ++mask) {
        *mask = 0;
        visit(x, r, w, [&](std::size_t) { *mask = 1; });
      }
  }
  void fields(auto&& f) {
    f("pool_size", size_);
    f("strides", options_.strides);
    f("padding", options_.padding);
    f("masked", options_.masked);
  }
  template <class F>
  void visit(In<T> x, std::size_t r, std::size_t w, const F& f) const {
    const std::size_t start = w * window_.stride, end = std::min(start + window_.size, window_.before + window_.in);
    for (std::size_t at = std::max(start, window_.before); at < end; ++at)
      if (!options_.masked || !x.mask() || x.mask()[r * window_.in + at - window_.before]) f(at - window_.before);
  }

 protected:
  Pooling1D() = default;
  Pooling1D(std::size_t pool_size, PoolingOptions options) : size_(pool_size), options_(options) {}

 private:
  std::size_t size_ = 2;
  PoolingOptions options_;
  Window window_;
};

template <class T, Pool P>
class Pooling2D : public PoolingPasses<T, P, Pooling2D<T, P>> {
 public:
  Shape build(Build<T>& b) {
    if (b.input().rank() != 3) b.fail_shape("pictures of channels (*, height, width, channels)");
    if (options_.padding == Padding::causal) b.fail_option("expected padding valid or same, received causal");
    for (std::size_t axis = 0; axis < 2; ++axis)
      windows_[axis] = window(b, b.input()[axis], size_[axis], options_.strides ? options_.strides : size_[axis], 1,
                              options_.padding);
    b.set_mask(MaskFlow::drop);
    return {windows_[0].out, windows_[1].out, b.input().back()};
  }
  void fields(auto&& f) {
    f("pool_height", size_[0]);
    f("pool_width", size_[1]);
    f("strides", options_.strides);
    f("padding", options_.padding);
  }
  template <class F>
  void visit(In<T>, std::size_t, std::size_t w, const F& f) const {
    const auto range = [](const Window& window, std::size_t i) {
      const std::size_t start = i * window.stride;
      return std::array<std::size_t, 2>{std::max(start, window.before) - window.before,
                                        std::min(start + window.size, window.before + window.in) - window.before};
    };
    const auto rows = range(windows_[0], w / windows_[1].out), columns = range(windows_[1], w % windows_[1].out);
    for (std::size_t i = rows[0]; i < rows[1]; ++i)
      for (std::size_t j = columns[0]; j < columns[1]; ++j) f(i * windows_[1].in + j);
  }

 protected:
  Pooling2D() = default;
  Pooling2D(std::array<std::size_t, 2> pool_size, PoolingOptions options) : size_(pool_size), options_(options) {}

 private:
  std::array<std::size_t, 2> size_{2, 2};
  PoolingOptions options_;
  std::array<Window, 2> windows_;
};

/// All positions: (..., channels) -> (channels).
template <class T, Pool P, std::size_t Axes>
class GlobalPooling : public PoolingPasses<T, P, GlobalPooling<T, P, Axes>> {
 public:
  Shape build(Build<T>& b) {
    if (b.input().rank() != Axes + 1)
      b.fail_shape(Axes == 1 ? "steps of channels (*, steps, channels)"
                             : "pictures of channels (*, height, width, channels)");
    b.set_mask(MaskFlow::drop);
    return {b.input().back()};
  }
  void fields(auto&& f) {
    if constexpr (Axes == 1) f("masked", options_.masked);
  }
  template <class F>
  void visit(In<T> x, std::size_t r, std::size_t, const F& f) const {
    const std::size_t positions = x.back() ? x.row_size() / x.back() : 0;
    for (std::size_t i = 0; i < positions; ++i)
      if (Axes > 1 || !options_.masked || !x.mask() || x.mask()[r * positions + i]) f(i);
  }

 protected:
  explicit GlobalPooling(MaskOptions options = {}) : options_(options) {}

 private:
  MaskOptions options_;
};

}  // namespace detail

/// The greatest of each window: (steps, channels) -> (new steps, channels).
template <class T = float>
class MaxPooling1D : public detail::Pooling1D<T, detail::Pool::max> {
 public:
  static constexpr std::string_view type = "MaxPooling1D";
  explicit MaxPooling1D(std::size_t pool_size = 2, PoolingOptions options = {})
      : detail::Pooling1D<T, detail::Pool::max>(pool_size, options) {}
};

/// The mean of each window: (steps, channels) -> (new steps, channels).
template <class T = float>
class AveragePooling1D : public detail::Pooling1D<T, detail::Pool::average> {
 public:
  static constexpr std::string_view type = "AveragePooling1D";
  explicit AveragePooling1D(std::size_t pool_size = 2, PoolingOptions options = {})
      : detail::Pooling1D<T, detail::Pool::average>(pool_size, options) {}
};

/// The sum of each window: (steps, channels) -> (new steps, channels).
template <class T = float>
class SumPooling1D : public detail::Pooling1D<T, detail::Pool::sum> {
 public:
  static constexpr std::string_view type = "SumPooling1D";
  explicit SumPooling1D(std::size_t pool_size = 2, PoolingOptions options = {})
      : detail::Pooling1D<T, detail::Pool::sum>(pool_size, options) {}
};

/// The greatest of each window: (height, width, channels) -> (new height, new width, channels).
template <class T = float>
class MaxPooling2D : public detail::Pooling2D<T, detail::Pool::max> {
 public:
  static constexpr std::string_view type = "MaxPooling2D";
  explicit MaxPooling2D(std::size_t pool_size = 2, PoolingOptions options = {})
      : MaxPooling2D({pool_size, pool_size}, options) {}
  MaxPooling2D(std::array<std::size_t, 2> pool_size, PoolingOptions options = {})
      : detail::Pooling2D<T, detail::Pool::max>(pool_size, options) {}
};

/// The mean of each window: (height, width, channels) -> (new height, new width, channels).
template <class T = float>
class AveragePooling2D : public detail::Pooling2D<T, detail::Pool::average> {
 public:
  static constexpr std::string_view type = "AveragePooling2D";
  explicit AveragePooling2D(std::size_t pool_size = 2, PoolingOptions options = {})
      : AveragePooling2D({pool_size, pool_size}, options) {}
  AveragePooling2D(std::array<std::size_t, 2> pool_size, PoolingOptions options = {})
      : detail::Pooling2D<T, detail::Pool::average>(pool_size, options) {}
};

/// The sum of each window: (height, width, channels) -> (new height, new width, channels).
template <class T = float>
class SumPooling2D : public detail::Pooling2D<T, detail::Pool::sum> {
 public:
  static constexpr std::string_view type = "SumPooling2D";
  explicit SumPooling2D(std::size_t pool_size = 2, PoolingOptions options = {})
      : SumPooling2D({pool_size, pool_size}, options) {}
  SumPooling2D(std::array<std::size_t, 2> pool_size, PoolingOptions options = {})
      : detail::Pooling2D<T, detail::Pool::sum>(pool_size, options) {}
};

/// The greatest of every real step, for each channel.
template <class T = float>
class GlobalMaxPooling1D : public detail::GlobalPooling<T, detail::Pool::max, 1> {
 public:
  static constexpr std::string_view type = "GlobalMaxPooling1D";
  explicit GlobalMaxPooling1D(MaskOptions options = {}) : detail::GlobalPooling<T, detail::Pool::max, 1>(options) {}
};

/// The mean of every real step, for each channel.
template <class T = float>
class GlobalAveragePooling1D : public detail::GlobalPooling<T, detail::Pool::average, 1> {
 public:
  static constexpr std::string_view type = "GlobalAveragePooling1D";
  explicit GlobalAveragePooling1D(MaskOptions options = {})
      : detail::GlobalPooling<T, detail::Pool::average, 1>(options) {}
};

/// The sum of every real step, for each channel.
template <class T = float>
class GlobalSumPooling1D : public detail::GlobalPooling<T, detail::Pool::sum, 1> {
 public:
  static constexpr std::string_view type = "GlobalSumPooling1D";
  explicit GlobalSumPooling1D(MaskOptions options = {}) : detail::GlobalPooling<T, detail::Pool::sum, 1>(options) {}
};

/// The greatest of every position, for each channel.
template <class T = float>
class GlobalMaxPooling2D : public detail::GlobalPooling<T, detail::Pool::max, 2> {
 public:
  static constexpr std::string_view type = "GlobalMaxPooling2D";
};

/// The mean of every position, for each channel.
template <class T = float>
class GlobalAveragePooling2D : public detail::GlobalPooling<T, detail::Pool::average, 2> {
 public:
  static constexpr std::string_view type = "GlobalAveragePooling2D";
};

/// The sum of every position, for each channel.
template <class T = float>
class GlobalSumPooling2D : public detail::GlobalPooling<T, detail::Pool::sum, 2> {
 public:
  static constexpr std::string_view type = "GlobalSumPooling2D";
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "foretell/layers/layer.hpp"

namespace foretell {

/// What stands beyond the edges of an input: nothing, zeros on both sides so that there are as many positions as before
/// (divided by the stride), or zeros in front only, so that a step sees itself and what was before it.
enum class Padding : std::uint8_t { valid, same, causal };
constexpr auto enum_names(Padding) { return std::array<std::string_view, 3>{"valid", "same", "causal"}; }

namespace detail {

/// One axis of a window that slides over an input, as Keras counts it.
struct Window {
  std::size_t in = 0, out = 0;
  std::size_t size = 1, stride = 1, dilation = 1;
  std::size_t before = 0;  ///< zeros in front

  std::size_t span() const { return (size - 1) * dilation + 1; }
  /// Zeros in front and behind, as far as a window reaches.
  std::size_t padded() const { return out ? (out - 1) * stride + span() : 0; }
};

inline Window window(const LayerBuild& b, std::size_t in, std::size_t size, std::size_t stride, std::size_t dilation,
                     Padding padding) {
  constexpr std::size_t most = std::size_t(1) << 20;
  if (size == 0 || stride == 0 || dilation == 0 || size > most || stride > most || dilation > most)
    b.fail_option(text("expected a window, strides and a dilation of at least 1, received ", size, ", ", stride,
                       " and ", dilation));
  Window w{in, 0, size, stride, dilation, 0};
  if (padding == Padding::valid) {
    if (in < w.span())
      b.fail_shape(text("at least ", w.span(), " steps for a window of ", w.span()), "or use padding same");
    w.out = (in - w.span()) / stride + 1;
    return w;
  }
  w.out = (in + stride - 1) / stride;
  if (padding == Padding::causal) {
    w.before = w.span() - 1;
  } else if (in > 0) {
    const std::size_t reach = (w.out - 1) * stride + w.span();
    w.before = reach > in ? (reach - in) / 2 : 0;
  }
  return w;
}

/// Where a mask of steps goes that windows slide over: kept where they stand on each step, dropped without `masked`.
inline void set_slid_mask(LayerBuild& b, const Window& window, Padding padding, bool masked) {
  if (!b.masked()) return;
  if (!masked)
    b.set_mask(MaskFlow::drop);
  else if (window.out != window.in || window.stride > 1 || padding == Padding::valid)
    b.set_mask(MaskFlow::make);
}

/// The mask behind a sliding window: for valid a step is real when its window is, else when the step it stands on is.
template <class T>
void slide_mask(const Window& window, Padding padding, In<T> x, std::uint8_t* mask) {
  for (std::size_t r = 0; r < x.rows(); ++r) {
    const std::uint8_t* from = x.mask() + r * window.in;
    for (std::size_t t = 0; t < window.out; ++t) {
      const std::size_t at = t * window.stride;
      bool real = padding == Padding::valid || from[at];
      for (std::size_t k = 0; padding == Padding::valid && k < window.size; ++k)
        real = real && from[at + k * window.dilation];
      *mask++ = real;
    }
  }
}

}  // namespace detail

}  // namespace foretell

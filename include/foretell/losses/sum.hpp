// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "foretell/core/error.hpp"
#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/losses/loss.hpp"

namespace foretell::detail {

/// Positions whose losses are computed at once: small enough for buffers on the stack.
inline constexpr std::size_t loss_block = 256;

/// The factor of each position, in order: the row's weight over the positions in a row, or, with a mask, 0 for padding
/// and as much more for the others as makes the mean one over real positions: sum(mask weight loss) / sum(mask), as
/// Keras has it.
template <class T>
class PositionFactors {
 public:
  PositionFactors(const LossCall<T>& call, const std::uint8_t* mask, std::size_t each)
      : weight_(call.weights),
        mask_(mask),
        steps_(mask ? call.prediction.shape().front() : 1),
        per_step_(each / steps_) {
    double real = static_cast<double>(call.prediction.rows() * steps_);
    if (mask) real -= static_cast<double>(std::count(mask, mask + call.prediction.rows() * steps_, std::uint8_t(0)));
    const double rows = static_cast<double>(call.prediction.rows());
    const double rows_per_real_step =
        mask && call.rows_per_real_step > 0 ? call.rows_per_real_step : rows / std::max(real, 1.0);
    share_ = rows_per_real_step / static_cast<double>(per_step_);
  }

  /// The next n; true when some of them are 0.
  bool next(std::size_t n, T* out) {
    bool zero = false;
    for (std::size_t i = 0; i < n;) {
      if (left_ == 0) start_step();
      const std::size_t run = std::min(left_, n - i);
      for (const std::size_t end = i + run; i < end; ++i) out[i] = factor_;
      left_ -= run;
      zero = zero || factor_ == 0;
    }
    return zero;
  }

 private:
  void start_step() {
    if (step_ == 0) row_factor_ = static_cast<T>(weight_ ? static_cast<double>(*weight_++) * share_ : share_);
    factor_ = !mask_ || *mask_++ ? row_factor_ : T(0);
    left_ = per_step_;
    if (++step_ == steps_) step_ = 0;
  }

  const T* weight_;
  const std::uint8_t* mask_;
  std::size_t steps_, per_step_, step_ = 0, left_ = 0;
  double share_;
  T row_factor_ = 0, factor_ = 0;
};

/// The whole of a loss but its formula. A position is `width` neighbouring numbers of the prediction and `truth_width`
/// of the truth; `formula(n, truth, prediction, losses, gradient)` assigns the losses of n <= loss_block positions and,
/// unless `gradient` is null, their gradients, both without weights. Throws ShapeError when the truth has not the size
/// it must have.
template <class T, class F>
double sum_losses(std::string_view name, const LossCall<T>& call, std::size_t width, std::size_t truth_width,
                  F formula) {
  const std::size_t rows = call.prediction.rows(), size = call.prediction.row_size(), each = width ? size / width : 0;
  if (call.truth.rows() != rows || call.truth.row_size() != each * truth_width)
    throw ShapeError(text(name, ": expected truth of ", rows, " rows of ", each * truth_width, " numbers, received ",
                          call.truth.rows(), " rows of ", call.truth.row_size()));
  const std::uint8_t* mask = call.prediction.shape().rank() > (width > 1 ? 1u : 0u) ? call.prediction.mask() : nullptr;
  if (mask && (call.prediction.shape().front() == 0 || each % call.prediction.shape().front() != 0)) mask = nullptr;
  const bool even = !call.weights && !mask;
  PositionFactors<T> factors(call, mask, each);
  T losses[loss_block], factor[loss_block];
  double total = 0;
  const std::size_t block =
      std::clamp<std::size_t>(16384 / std::max<std::size_t>(1, width), 1, loss_block);  // in cache
  for (std::size_t first = 0, positions = rows * each; first < positions; first += block) {
    const std::size_t n = std::min(block, positions - first);
    T* gradient = call.gradient ? call.gradient.data() + first * width : nullptr;
    formula(n, call.truth.data() + first * truth_width, call.prediction.data() + first * width, losses, gradient);
    if (even) {
      total += kernels::sum(n, losses);
      if (gradient) kernels::scale(n * width, call.scale / static_cast<double>(each), gradient);
      continue;
    }
    if (factors.next(n, factor))  // whatever stands there, it does not count: not even NaN
      for (std::size_t i = 0; i < n; ++i) {
        if (factor[i] != 0) continue;
        losses[i] = 0;
        if (gradient) std::fill_n(gradient + i * width, width, T(0));
      }
    total += kernels::dot(n, losses, factor);
    if (!gradient) continue;
    if (width == 1) {
      kernels::multiply(n, gradient, factor, gradient);
      kernels::scale(n, call.scale, gradient);
    } else {
      for (std::size_t i = 0; i < n; ++i)
        kernels::scale(width, static_cast<double>(factor[i]) * call.scale, gradient + i * width);
    }
  }
  return even && each ? total / static_cast<double>(each) : total;
}

/// A loss of single numbers.
template <class T, class F>
double sum_elements(std::string_view name, const LossCall<T>& call, F formula) {
  return sum_losses(name, call, 1, 1, formula);
}

/// The same for a formula that always assigns slopes.
template <class T, class F>
double sum_kernel(std::string_view name, const LossCall<T>& call, F formula) {
  return sum_elements(name, call, [&](std::size_t n, const T* truth, const T* prediction, T* losses, T* gradient) {
    T slopes[loss_block];
    formula(n, truth, prediction, losses, gradient ? gradient : slopes);
  });
}

}  // namespace foretell::detail

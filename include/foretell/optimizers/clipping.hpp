// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>

#include "foretell/core/error.hpp"
#include "foretell/core/segment.hpp"
#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/kernels/update.hpp"

namespace foretell {

/// How gradients are limited before a step; at most one number is not 0.
struct Clipping {
  double norm = 0;         ///< of each parameter's gradient: shortened to this Euclidean length
  double value = 0;        ///< of each number
  double global_norm = 0;  ///< of all gradients as one vector

  void check(std::string_view optimizer) const {
    const double options[] = {norm, value, global_norm};
    int set = 0;
    for (const double option : options) {
      if (!(option >= 0) || !std::isfinite(option))
        throw ConfigError(
            text("optimizer ", optimizer,
                 ": expected clip_norm, clip_value and global_clip_norm above 0, or 0 for none, received ", option));
      set += option > 0;
    }
    if (set > 1)
      throw ConfigError(text("optimizer ", optimizer,
                             ": expected one of clip_norm, clip_value and global_clip_norm, received ", set,
                             "; leave the others out"));
  }
};

/// Calls f(row) for each touched row of a row-sparse segment.
template <class F>
void for_each_row(const Segment& segment, F f) {
  for (const std::uint32_t row : segment.touched->rows())
    f(Segment{segment.offset + row * segment.row_size, segment.row_size, segment.trainable, segment.decay});
}

/// Calls f(run) for runs of neighbouring trainable segments, with equal `decay` when that matters, and for each touched
/// row of those that are row-sparse.
template <class F>
void for_each_run(std::span<const Segment> segments, bool by_decay, F f) {
  Segment run;
  const auto end_run = [&] {
    if (run.size) f(run);
    run = Segment{};
  };
  for (const Segment& next : segments) {
    if (next.size == 0) continue;
    const bool joins = run.size && next.trainable && !next.touched && next.offset >= run.offset + run.size &&
                       (!by_decay || next.decay == run.decay);
    if (joins) {
      run.size = next.offset + next.size - run.offset;
      continue;
    }
    end_run();
    if (next.trainable && next.touched)
      for_each_row(next, f);
    else if (next.trainable)
      run = next;
  }
  end_run();
}

/// Limits the gradients of the trainable segments.
template <class T>
void clip(const Clipping& clipping, std::span<T> gradients, std::span<const Segment> segments) {
  if (clipping.value > 0)
    for_each_run(segments, false, [&](const Segment& run) {
      kernels::clip_by_value(run.size, clipping.value, gradients.data() + run.offset);
    });
  if (clipping.norm > 0)
    for (const Segment& segment : segments) {
      if (!segment.trainable) continue;
      const std::span<const Segment> alone(&segment, 1);
      double squares = 0;
      for_each_run(alone, false, [&](const Segment& run) {
        squares += kernels::sum_of_squares(run.size, gradients.data() + run.offset);
      });
      const double norm = std::sqrt(squares);
      if (!(norm <= clipping.norm))
        for_each_run(alone, false, [&](const Segment& run) {
          kernels::scale(run.size, clipping.norm / norm, gradients.data() + run.offset);
        });
    }
  if (clipping.global_norm > 0) {
    double squares = 0;
    for_each_run(segments, false, [&](const Segment& run) {
      squares += kernels::sum_of_squares(run.size, gradients.data() + run.offset);
    });
    const double norm = std::sqrt(squares);
    if (!(norm <= clipping.global_norm))
      for_each_run(segments, false, [&](const Segment& run) {
        kernels::scale(run.size, clipping.global_norm / norm, gradients.data() + run.offset);
      });
  }
}

namespace detail {

inline void check_learning_rate(std::string_view optimizer, double rate) {
  if (!(rate >= 0) || !std::isfinite(rate))
    throw ConfigError(
        text("optimizer ", optimizer, ": expected a finite learning_rate of at least 0, received ", rate));
}
/// A factor of a running mean, such as beta_1.
inline void check_factor(std::string_view optimizer, std::string_view option, double factor) {
  if (!(factor >= 0 && factor < 1))
    throw ConfigError(
        text("optimizer ", optimizer, ": expected ", option, " of at least 0 and below 1, received ", factor));
}
inline void check_not_negative(std::string_view optimizer, std::string_view option, double number) {
  if (!(number >= 0) || !std::isfinite(number))
    throw ConfigError(
        text("optimizer ", optimizer, ": expected a finite ", option, " of at least 0, received ", number));
}

}  // namespace detail

}  // namespace foretell

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

/// Calls f(run) for runs of neighbouring trainable segments: of equal groups when that matters.
template <class F>
void for_each_run(std::span<const Segment> segments, bool by_group, F f) {
  Segment run;
  for (const Segment& next : segments) {
    const bool joins =
        run.size && next.trainable && next.offset >= run.offset + run.size && (!by_group || next.group == run.group);
    if (joins || next.size == 0) {
      if (next.size) run.size = next.offset + next.size - run.offset;
      continue;
    }
    if (run.size) f(run);
    run = next.trainable ? next : Segment{};
  }
  if (run.size) f(run);
}

/// Limits the gradients of the trainable segments.
template <class T>
void clip(const Clipping& clipping, std::span<T> gradients, std::span<const Segment> segments,
          std::span<const RowSegment<T>> row_segments = {}) {
  const auto each_parameter = [&](const auto& f) {
    for (const Segment& segment : segments)
      if (segment.trainable) f(gradients.subspan(segment.offset, segment.size));
    for (const RowSegment<T>& segment : row_segments)
      if (segment.trainable) f(segment.gradients->values());
  };
  const auto shorten = [](std::span<T> values, double norm, double most) {
    if (!(norm <= most)) kernels::scale(values.size(), most / norm, values.data());
  };
  const auto squares = [](std::span<T> values) { return kernels::sum_of_squares(values.size(), values.data()); };
  if (clipping.value > 0)
    each_parameter([&](std::span<T> g) { kernels::clip_by_value(g.size(), clipping.value, g.data()); });
  if (clipping.norm > 0) each_parameter([&](std::span<T> g) { shorten(g, std::sqrt(squares(g)), clipping.norm); });
  if (clipping.global_norm > 0) {
    double sum = 0;
    each_parameter([&](std::span<T> g) { sum += squares(g); });
    each_parameter([&](std::span<T> g) { shorten(g, std::sqrt(sum), clipping.global_norm); });
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

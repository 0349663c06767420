// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "foretell/kernels/activation.hpp"
#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/losses/probabilities.hpp"
#include "foretell/losses/sum.hpp"
#include "foretell/losses/truth.hpp"

namespace foretell::detail {

/// log(sum exp(z)) = top + log1p(rest), where z[place] = top is the largest: no overflow, and no digits lost where one
/// is far ahead.
struct LogSumExp {
  std::size_t place;
  double top, rest;
};

/// `shifted`, unless it is null, becomes exp(z - top).
template <class T>
LogSumExp log_sum_exp(std::size_t n, const T* z, T* shifted) {
  const std::size_t place = kernels::argmax_row(n, z);
  const T top = z[place];
  double rest = 0;
  constexpr std::size_t block = 1024;
  T buffer[block];
  for (std::size_t first = 0; first < n; first += block) {
    const std::size_t m = std::min(block, n - first);
    T* out = shifted ? shifted + first : buffer;
    kernels::shifted_exp(m, z + first, top, out);
    if (place - first < m) out[place - first] = 0;
    rest += kernels::sum(m, out);
  }
  if (shifted) shifted[place] = 1;
  return {place, static_cast<double>(top), top - top == 0 ? rest : static_cast<double>(top - top)};
}

/// -log softmax(z)[id]; `g`, unless it is null, becomes its slopes.
template <class T>
double cross_entropy_of_logits(std::size_t classes, std::size_t id, const T* z, T* g) {
  const LogSumExp all = log_sum_exp(classes, z, g);
  if (g) {
    kernels::scale(classes, 1 / (1 + all.rest), g);
    g[id] = id == all.place ? static_cast<T>(-all.rest / (1 + all.rest)) : g[id] - 1;
  }
  return (all.top - static_cast<double>(z[id])) + std::log1p(all.rest);
}

/// Whether a cross-entropy over the last axis takes the values before `f`. Throws ConfigError when it expects logits
/// and `f` is softmax.
inline bool fuses_softmax(std::string_view loss, bool from_logits, ActivationFunction f) {
  if (f == softmax && from_logits) fail_logits(loss, "softmax");
  return kernels::is_rowwise(f.kind);
}

inline void check_classes(std::string_view loss, const Shape& prediction) {
  if (prediction.rank() == 0 || prediction.back() < 2)
    throw ShapeError(text(loss, ": expected predictions for at least two classes on the last axis, received ",
                          rows_text(prediction),
                          "; for two classes in one number use sigmoid with BinaryCrossentropy"));
}

}  // namespace foretell::detail

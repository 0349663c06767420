// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/error.hpp"
#include "foretell/core/random.hpp"
#include "foretell/core/whole_rows.hpp"

// Training rows made of training rows.

namespace foretell {

namespace detail {

/// The logarithm of a draw from the gamma distribution of that shape and scale 1 (Marsaglia and Tsang 2000), by numbers
/// of `random`: a small shape's draws are below every double. More than nine of ten candidates are taken, at any shape.
inline double log_gamma_draw(const Random& random, double shape) {
  const bool small = shape < 1;
  const double d = shape + small - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (std::uint64_t i = 0;; ++i) {
    const double x = random.normal(2 * i), v = std::pow(1 + c * x, 3);
    if (v <= 0 || std::log(random.uniform(2 * i + 1)) >= 0.5 * x * x + d - d * v + d * std::log(v)) continue;
    return std::log(d * v) + (small ? std::log(random.stream("boost").uniform(i)) / shape : 0);
  }
}

}  // namespace detail

/// Each row mixed with another, chosen at random: l x + (1 - l) x', and its labels alike, l from Beta(alpha, alpha) for
/// each row (Zhang et al. 2018). Labels are numbers or one-hot rows. Throws ConfigError when alpha is not positive and
/// finite, ShapeError for another number of labels.
template <class T, ArrayLike X, ArrayLike Y>
std::pair<Tensor<T>, Tensor<T>> mixup(const X& x, const Y& y, double alpha = 0.2, std::uint64_t seed = 0) {
  if (!(alpha > 0 && std::isfinite(alpha)))
    throw ConfigError(text("mixup: expected a finite alpha above 0, received ", alpha));
  const Array<double> rows = as_array<double>(x), labels = as_array<double>(y);
  if (rows.rows() != labels.rows())
    throw ShapeError(text("mixup: expected as many labels as rows, received ", labels.rows(), " and ", rows.rows()));
  const Random random = Random(seed).stream("mixup");
  const std::vector<std::size_t> partner = random.permutation(rows.rows());
  std::vector<double> mixed_x(rows.size()), mixed_y(labels.size());
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const double a = detail::log_gamma_draw(random.stream(2 * row), alpha),
                 b = detail::log_gamma_draw(random.stream(2 * row + 1), alpha);
    const double l = a == b ? 0.5 : 1 / (1 + std::exp(b - a));
    const auto mix = [&](const Array<double>& from, std::vector<double>& to) {
      const std::size_t n = from.row_size();
      for (std::size_t j = 0; j < n; ++j)
        to[row * n + j] = l * from[row * n + j] + (1 - l) * from[partner[row] * n + j];
    };
    mix(rows, mixed_x);
    mix(labels, mixed_y);
  }
  return {make_tensor<T>(rows.sizes(), mixed_x.data()), make_tensor<T>(labels.sizes(), mixed_y.data())};
}

namespace detail {
inline void check_share(double share, std::string_view who) {
  if (!(share >= 0 && share <= 1)) throw ConfigError(text(who, ": expected a share in [0, 1], received ", share));
}
}  // namespace detail

// Of sequences of items (Xie et al. 2022, CL4SRec); `random` is a stream of one's own for each sequence and epoch.

/// A share of the items, each with that probability, becomes `mask`.
template <class Item>
std::vector<Item> mask_items(std::vector<Item> sequence, double share, Item mask, const Random& random) {
  detail::check_share(share, "mask_items");
  for (std::size_t i = 0; i < sequence.size(); ++i)
    if (random.uniform(i) < share) sequence[i] = mask;
  return sequence;
}

/// A run of that share of the items, at least one, from a random place.
template <class Item>
std::vector<Item> crop_items(const std::vector<Item>& sequence, double share, const Random& random) {
  detail::check_share(share, "crop_items");
  if (sequence.empty()) return sequence;
  const std::size_t length = std::max<std::size_t>(1, detail::rows_down(share * static_cast<double>(sequence.size())));
  const auto first = static_cast<std::ptrdiff_t>(random.below(0, sequence.size() - length + 1));
  return {sequence.begin() + first, sequence.begin() + first + static_cast<std::ptrdiff_t>(length)};
}

/// A run of that share of the items, from a random place, in random order.
template <class Item>
std::vector<Item> reorder_items(std::vector<Item> sequence, double share, const Random& random) {
  detail::check_share(share, "reorder_items");
  const auto length = detail::rows_down(share * static_cast<double>(sequence.size()));
  if (length < 2) return sequence;
  const std::size_t first = random.below(0, sequence.size() - length + 1);
  std::vector<Item> run(sequence.begin() + static_cast<std::ptrdiff_t>(first),
                        sequence.begin() + static_cast<std::ptrdiff_t>(first + length));
  random.stream("order").shuffle(run);
  std::copy(run.begin(), run.end(), sequence.begin() + static_cast<std::ptrdiff_t>(first));
  return sequence;
}

}  // namespace foretell

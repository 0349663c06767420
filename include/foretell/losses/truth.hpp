// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>

#include "foretell/core/error.hpp"
#include "foretell/core/view.hpp"

namespace foretell::detail {

/// The same axes, but for axes of size 1.
inline bool same_axes(const Shape& a, const Shape& b) {
  std::size_t i = 0, j = 0;
  for (;; ++i, ++j) {
    while (i < a.rank() && a[i] == 1) ++i;
    while (j < b.rank() && b[j] == 1) ++j;
    if (i == a.rank() || j == b.rank()) return i == a.rank() && j == b.rank();
    if (a[i] != b[j]) return false;
  }
}

/// Throws ShapeError unless the truth has the shape `wanted`, leaving out axes of size 1.
template <class T>
void check_truth_shape(std::string_view loss, In<T> truth, const Shape& wanted, const Shape& prediction,
                       std::string_view advice = {}) {
  if (same_axes(truth.shape(), wanted)) return;
  throw ShapeError(text(loss, ": expected truth of shape ", rows_text(wanted), " for predictions of shape ",
                        rows_text(prediction), ", received ", rows_text(truth.shape()),
                        advice.empty() ? "; give each prediction its truth" : "; ", advice));
}

/// Throws DataError unless all numbers are finite and within low .. high, which `expected` describes.
template <class T>
void check_truth_values(std::string_view loss, In<T> truth, std::string_view expected = "finite truth",
                        double low = -std::numeric_limits<double>::infinity(),
                        double high = std::numeric_limits<double>::infinity(),
                        std::string_view advice = "check the target column") {
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const double value = static_cast<double>(truth.data()[i]);
    if (!std::isfinite(value))
      throw DataError(text(loss, ": expected finite truth, received ", value, " in row ", i / truth.row_size(),
                           ", counted from 0; drop the rows without a label"));
    if (value < low || value > high)
      throw DataError(text(loss, ": expected ", expected, ", received ", value, " in row ", i / truth.row_size(),
                           ", counted from 0; ", advice));
  }
}

/// What any loss of single numbers wants: the prediction's shape, finite.
template <class T>
void check_truth(std::string_view loss, In<T> truth, const Shape& prediction) {
  check_truth_shape(loss, truth, prediction, prediction);
  check_truth_values(loss, truth);
}

}  // namespace foretell::detail

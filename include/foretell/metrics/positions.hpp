// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "foretell/core/error.hpp"
#include "foretell/core/view.hpp"

namespace foretell::detail {

template <class T>
[[noreturn]] void wrong_truth(std::string_view metric, std::string_view expected, In<T> truth, In<T> prediction) {
  throw ShapeError(text("metric \"", metric, "\": expected ", expected, ", received truth of ", truth.rows(),
                        " rows of shape ", to_string(truth.shape()), " for predictions of ", prediction.rows(),
                        " rows of shape ", to_string(prediction.shape()), "."));
}

/// Calls f(position, weight) for each run of `width` numbers in the prediction whose step is not masked. Throws
/// DataError for a weight that is negative or not finite.
template <class T, class F>
void for_each_position(In<T> prediction, std::size_t width, const T* weights, F f) {
  const std::size_t each = width ? prediction.row_size() / width : 0;
  const std::size_t steps = prediction.shape().rank() ? std::max<std::size_t>(prediction.shape().front(), 1) : 1;
  const std::size_t per_step = std::max<std::size_t>(each / steps, 1);
  for (std::size_t row = 0; row < prediction.rows(); ++row) {
    const double weight = weights ? static_cast<double>(weights[row]) : 1.0;
    if (!(weight >= 0 && std::isfinite(weight)))
      throw DataError(text("metrics: expected weights that are finite and not below 0, received ", weight, " in row ",
                           row, " of a batch."));
    for (std::size_t i = 0; i < each; ++i)
      if (!prediction.mask() || each < steps || prediction.mask()[row * steps + i / per_step])
        f(row * each + i, weight);
  }
}

/// Calls f(truth, prediction, weight) for each number of the prediction whose step is not masked.
template <class T, class F>
void for_each_pair(std::string_view metric, In<T> truth, In<T> prediction, const T* weights, F f) {
  if (truth.rows() != prediction.rows() || truth.row_size() != prediction.row_size())
    wrong_truth(metric, "truth in the shape of the predictions", truth, prediction);
  for_each_position(prediction, 1, weights, [&](std::size_t i, double weight) {
    f(static_cast<double>(truth.data()[i]), static_cast<double>(prediction.data()[i]), weight);
  });
}

/// The class id in `value`, below `classes`. Throws DataError when it is none.
inline std::size_t class_id(std::string_view metric, double value, std::size_t classes) {
  if (value >= 0 && value < static_cast<double>(classes) &&
      value == static_cast<double>(static_cast<std::size_t>(value)))
    return static_cast<std::size_t>(value);
  throw DataError(text(metric, ": expected class ids 0 to ", classes - 1, ", received ", value, "."));
}

/// Whether a truth above 0.5 says yes. Throws DataError outside -1 .. 1, where it is neither yes nor no.
inline bool says_yes(std::string_view metric, double truth) {
  if (truth >= -1 && truth <= 1) return truth > 0.5;
  throw DataError(text("metric \"", metric, "\": expected a truth of 0 and 1 (or -1 and 1), received ", truth,
                       "; number the classes first, see LabelEncoder."));
}

/// A number that ought to be a probability, but for the rounding of a float. Throws DataError when it is none; NaN
/// stays.
inline double probability(std::string_view metric, double p) {
  if (p < -1e-6 || p > 1 + 1e-6)
    throw DataError(text("metric \"", metric, "\": expected probabilities, received ", p,
                         "; end the model in sigmoid or softmax."));
  return p;
}

/// The place of the greatest value, the first one of equals; of the first NaN when there is one.
template <class T>
std::size_t argmax(const T* values, std::size_t size) {
  std::size_t best = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (values[i] != values[i]) return i;
    if (values[i] > values[best]) best = i;
  }
  return best;
}

/// The class of a one-hot or soft truth, the greatest; `classes`, which is none, of zeros alone. Throws DataError for
/// several labels, of which the greatest would be the first.
template <class T>
std::size_t labelled_class(std::string_view metric, const T* truth, std::size_t classes) {
  double sum = 0;
  for (std::size_t c = 0; c < classes; ++c) sum += static_cast<double>(truth[c]);
  if (sum > 1 + 1e-3)
    throw DataError(text("metric \"", metric,
                         "\": expected one label, one-hot or shares that sum to 1, received a truth "
                         "that sums to ",
                         sum, "; of several labels BinaryAccuracy, AUC and AverageMode::binary tell."));
  return sum > 0 ? argmax(truth, classes) : classes;
}

}  // namespace foretell::detail

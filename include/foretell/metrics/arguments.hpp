// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/error.hpp"
#include "foretell/metrics/positions.hpp"

namespace foretell {

/// One weight a row, from any array-like; none by default, which is one for each row.
class SampleWeight {
 public:
  SampleWeight() = default;
  SampleWeight(std::initializer_list<double> values) : values_(values) {}
  template <class X>
  requires(!std::same_as<std::remove_cvref_t<X>, SampleWeight> && ArrayLike<X>)
      SampleWeight(const X& x) {  // NOLINT(google-explicit-constructor): {.sample_weight = w} is the point
    const Array<double> values = as_array<double>(x);
    values_.assign(values.begin(), values.end());
  }

  bool empty() const { return values_.empty(); }
  std::size_t size() const { return values_.size(); }
  double operator[](std::size_t row) const { return values_.empty() ? 1.0 : values_[row]; }

 private:
  std::vector<double> values_;
};

namespace detail {

template <class X>
concept Numbers = ArrayLike<X> && requires(const X& x) {
  static_cast<double>(*x.begin());
};

/// `x` as numbers without NaN. Throws DataError for NaN and for no rows.
template <Numbers X>
Array<double> numbers(std::string_view who, std::string_view what, const X& x) {
  Array<double> values = as_array<double>(x);
  if (values.size() == 0) throw DataError(text(who, ": ", what, " has no rows."));
  const std::size_t width = values.row_size();
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::isnan(values[i]))
      throw DataError(
          text(who, ": ", what, " is NaN in row ", i / width, ", counted from 0; drop or repair such rows first."));
  return values;
}

/// Throws DataError for an infinite number.
inline void need_finite(std::string_view who, std::string_view what, const Array<double>& x) {
  for (std::size_t i = 0; i < x.size(); ++i)
    if (std::isinf(x[i]))
      throw DataError(text(who, ": ", what, " is infinite in row ", i / x.row_size(),
                           ", counted from 0; drop or repair such rows first."));
}

inline std::string sizes_text(const Array<double>& x) {
  std::string out = "(";
  for (const std::size_t size : x.sizes()) out += text(out.size() > 1 ? ", " : "", size);
  return out + ")";
}

/// `x` as one number a row: (n) or (n, 1).
template <Numbers X>
Array<double> column(std::string_view who, std::string_view what, const X& x, std::string_view advice = {}) {
  Array<double> values = numbers(who, what, x);
  if (values.rows() != values.size())
    throw ShapeError(
        text(who, ": expected ", what, " of shape (n) or (n, 1), received ", sizes_text(values), advice, "."));
  return values;
}

inline void same_rows(std::string_view who, const Array<double>& truth, const Array<double>& prediction) {
  if (truth.rows() != prediction.rows())
    throw ShapeError(text(who, ": truth has ", truth.rows(), " rows and the prediction ", prediction.rows(),
                          "; they must be equal."));
}

inline void check_weights(std::string_view who, const SampleWeight& weights, std::size_t rows) {
  if (weights.empty()) return;
  if (weights.size() != rows) throw ShapeError(text(who, ": ", weights.size(), " sample weights for ", rows, " rows."));
  double sum = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    if (!(weights[row] >= 0 && std::isfinite(weights[row])))
      throw DataError(text(who, ": the sample weight of row ", row, ", counted from 0, is ", weights[row],
                           "; weights are finite and not below 0."));
    sum += weights[row];
  }
  if (!(sum > 0)) throw DataError(text(who, ": all sample weights are 0."));
}

/// Throws DataError when a number is outside 0 .. 1.
inline void check_probabilities(std::string_view who, const Array<double>& p) {
  for (std::size_t i = 0; i < p.size(); ++i)
    if (!(p[i] >= 0 && p[i] <= 1))
      throw DataError(text(who, ": expected probabilities, received ", p[i], " in row ", i / p.row_size(),
                           ", counted from 0; end the model in sigmoid or softmax, or apply it to the scores."));
}

/// 1 for the rows of the positive class, 0 for the others. Without a `positive` the truth must consist of 0 and 1 or of
/// -1 and 1; with one, of one class or of several with it. Throws DataError.
inline std::vector<char> positives(std::string_view who, const Array<double>& truth,
                                   const std::optional<double>& positive) {
  std::vector<char> out(truth.size());
  bool zero = false, minus = false;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const double t = truth[i];
    out[i] = t == positive.value_or(1.0) ? 1 : 0;
    if (positive) continue;
    zero = zero || t == 0;
    minus = minus || t == -1;
    if ((t != 0 && t != 1 && t != -1) || (zero && minus))
      throw DataError(text(who, ": expected a truth of 0 and 1 (or -1 and 1), received ", t, " in row ", i,
                           ", counted from 0; name the positive class with .positive."));
  }
  if (positive && truth.size() > 0 && std::find(out.begin(), out.end(), 1) == out.end() &&
      std::find_if(truth.begin(), truth.end(), [&](double t) { return t != truth[0]; }) != truth.end())
    throw DataError(text(who, ": the positive class ", *positive,
                         " does not occur in a truth of several classes, such as ", truth[0],
                         "; name one of them with .positive."));
  return out;
}

/// The class id of each row below `classes`: from ids, (n) or (n, 1), or from one-hot rows, (n, classes). Throws
/// ShapeError and DataError.
inline std::vector<std::size_t> class_ids(std::string_view who, const Array<double>& truth, std::size_t classes) {
  const std::size_t rows = truth.rows(), width = truth.row_size();
  if (width != 1 && width != classes)
    throw ShapeError(text(who, ": expected class ids of shape (n) or one-hot rows of shape (n, ", classes,
                          "), received ", sizes_text(truth), "."));
  std::vector<std::size_t> ids(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const double* t = truth.data() + row * width;
    if (width == 1) {
      ids[row] = class_id(who, *t, classes);
      continue;
    }
    ids[row] = argmax(t, width);
    for (std::size_t c = 0; c < width; ++c)
      if (t[c] != (c == ids[row] ? 1 : 0))
        throw DataError(text(who, ": expected one-hot rows, received ", t[c], " for class ", c, " in row ", row,
                             ", counted from 0."));
  }
  return ids;
}

}  // namespace detail

}  // namespace foretell

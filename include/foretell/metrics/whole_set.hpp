// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/error.hpp"
#include "foretell/core/view.hpp"
#include "foretell/metrics/metric.hpp"

namespace foretell {

/// A metric that a function computes from all rows at once. The function gets the truth and the predictions as tensors,
/// the truth in the shape of the predictions when it has as many numbers; and as a third argument, when it takes three,
/// the sample weights, one a row. NaN of no rows. Throws DataError for masked steps, which it could not leave out.
template <class T, class F>
class WholeSet {
 public:
  WholeSet(std::string name, F function, Mode mode)
      : name_(std::move(name)), function_(std::move(function)), mode_(mode) {}

  std::string name() const { return name_; }
  Mode mode() const { return mode_; }
  void update(In<T> truth, In<T> prediction, const T* weights) {
    if (truth.rows() != prediction.rows())
      throw ShapeError(
          text("metric \"", name_, "\": ", truth.rows(), " rows of truth for ", prediction.rows(), " predictions."));
    if (const std::uint8_t* mask = prediction.mask();
        mask && std::count(mask, mask + prediction.rows() * prediction.shape().front(), std::uint8_t(0)) > 0)
      throw DataError(text("metric \"", name_,
                           "\": expected rows without padding, received masked steps, which a function of whole rows "
                           "would count; write a metric whose update looks at prediction.mask()."));
    if (rows_ == 0) {
      truth_shape_ = truth.row_size() == prediction.row_size() ? prediction.shape() : truth.shape();
      prediction_shape_ = prediction.shape();
    }
    if (prediction.shape() != prediction_shape_ || truth.row_size() != truth_shape_.size())
      throw ShapeError(text("metric \"", name_, "\": rows of shape ", to_string(prediction.shape()),
                            " after rows of shape ", to_string(prediction_shape_),
                            "; a metric over the whole set needs equal rows."));
    rows_ += prediction.rows();
    truth_.insert(truth_.end(), truth.data(), truth.data() + truth.size());
    prediction_.insert(prediction_.end(), prediction.data(), prediction.data() + prediction.size());
    if (!weighted) return;
    if (weights)
      weights_.insert(weights_.end(), weights, weights + prediction.rows());
    else
      weights_.resize(rows_, T(1));
  }
  double result() const {
    if (rows_ == 0) return std::numeric_limits<double>::quiet_NaN();
    const auto truth = tensor(truth_, truth_shape_), prediction = tensor(prediction_, prediction_shape_);
    if constexpr (weighted)
      return static_cast<double>(function_(truth, prediction, tensor(weights_, Shape())));
    else
      return static_cast<double>(function_(truth, prediction));
  }
  void reset() {
    rows_ = 0;
    truth_.clear();
    prediction_.clear();
    weights_.clear();
  }
  void merge(const WholeSet& other) {
    if (other.rows_ == 0) return;
    update(In<T>(other.truth_.data(), other.rows_, other.truth_shape_),
           In<T>(other.prediction_.data(), other.rows_, other.prediction_shape_),
           other.weights_.empty() ? nullptr : other.weights_.data());
  }

 private:
  static constexpr bool weighted = std::is_invocable_v<const F&, const Tensor<T>&, const Tensor<T>&, const Tensor<T>&>;
  static_assert(weighted || std::is_invocable_v<const F&, const Tensor<T>&, const Tensor<T>&>,
                "foretell: the function of metric(name, function) takes (const Tensor<T>& truth, const Tensor<T>& "
                "prediction) and returns a number");

  Tensor<T> tensor(const std::vector<T>& values, const Shape& shape) const {
    std::vector<std::size_t> sizes{rows_};
    sizes.insert(sizes.end(), shape.begin(), shape.end());
    return make_tensor<T>(sizes, values.data());
  }

  std::string name_;
  F function_;
  Mode mode_;
  std::size_t rows_ = 0;
  Shape truth_shape_, prediction_shape_;
  std::vector<T> truth_, prediction_, weights_;
};

/// What `metric` returns; becomes a Metric<T> of the T that is asked for.
template <class F>
struct NamedFunction {
  std::string name;
  F function;
  Mode mode = Mode::automatic;

  template <class T>
  operator Metric<T>() const {
    return WholeSet<T, F>(name, function, mode);
  }
};

/// metric("largest_error", [](const Tensor<float>& truth, const Tensor<float>& guess) { return ...; },
/// Mode::min). Only what watches the metric, such as EarlyStopping, asks for the mode.
template <class F>
NamedFunction<F> metric(std::string name, F function, Mode mode = Mode::automatic) {
  return {std::move(name), std::move(function), mode};
}

}  // namespace foretell

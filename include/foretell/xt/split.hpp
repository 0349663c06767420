// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/data/split.hpp"
#include "foretell/xt/tensor.hpp"

namespace foretell {

struct ArraySplitOptions {
  double test_size = 0.25;  ///< share of the rows, above 0 and below 1; rounded up to whole rows
  bool stratify = false;    ///< whether the values of y are to be equally frequent in both parts
  std::uint64_t seed = 0;
  bool shuffle = true;  ///< false: the last rows are the test part
};

/// `const auto [x_train, x_test, y_train, y_test] = train_test_split(x, y)`
template <class X, class Y>
struct ArraySplit {
  Tensor<X> x_train, x_test;
  Tensor<Y> y_train, y_test;
};

namespace detail {

/// What an array of T is read as: std::vector<bool> has no memory to borrow.
template <class T>
using readable = std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>;

template <class T>
Tensor<T> take_rows(const Array<readable<T>>& values, const std::vector<std::size_t>& rows) {
  std::vector<std::size_t> sizes = values.sizes();
  sizes[0] = rows.size();
  auto taken = tensor_of<T>::make(sizes);
  const std::size_t row_size = values.row_size();
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::copy_n(values.data() + rows[i] * row_size, row_size, taken.data() + i * row_size);
  return taken;
}

template <class T>
std::vector<std::int32_t> classes_of_rows(const Array<T>& y) {
  if (y.row_size() != 1)
    throw ShapeError(text("train_test_split: stratify needs one class a row, y has ", y.row_size(),
                          " values a row; leave stratify out."));
  std::vector<T> values(y.begin(), y.end());
  const auto nan = std::find_if(values.begin(), values.end(), [](T value) { return value != value; });
  if (nan != values.end())
    throw DataError(text("train_test_split: stratify needs a class for each row, y is NaN in row ",
                         nan - values.begin(), ", counted from 0."));
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  std::vector<std::int32_t> classes(y.rows());
  for (std::size_t i = 0; i < classes.size(); ++i)
    classes[i] = static_cast<std::int32_t>(std::lower_bound(values.begin(), values.end(), y[i]) - values.begin());
  return classes;
}

}  // namespace detail

/// Splits the rows of x and y, kept together, at random into a part to train on and a part to test on, as
/// scikit-learn's function of that name. Both keep their element types. Throws ShapeError when the rows differ in
/// number, and as `split_indices` does.
template <ArrayLike X, ArrayLike Y>
ArraySplit<detail::element_of<X>, detail::element_of<Y>> train_test_split(const X& x, const Y& y,
                                                                          const ArraySplitOptions& options = {}) {
  using XElement = detail::element_of<X>;
  using YElement = detail::element_of<Y>;
  const auto inputs = as_array<detail::readable<XElement>>(x);
  const auto targets = as_array<detail::readable<YElement>>(y);
  if (inputs.rank() == 0 || targets.rank() == 0)
    throw ShapeError("train_test_split: expected arrays with rows, received a single number.");
  if (inputs.rows() != targets.rows())
    throw ShapeError(text("train_test_split: x has ", inputs.rows(), " rows and y has ", targets.rows(),
                          "; every row of x needs one of y."));
  const SplitOptions plain{.test_size = options.test_size, .seed = options.seed, .shuffle = options.shuffle};
  const IndexSplit rows = options.stratify ? split_indices(inputs.rows(), plain, detail::classes_of_rows(targets))
                                           : split_indices(inputs.rows(), plain);
  return {detail::take_rows<XElement>(inputs, rows.train), detail::take_rows<XElement>(inputs, rows.test),
          detail::take_rows<YElement>(targets, rows.train), detail::take_rows<YElement>(targets, rows.test)};
}

}  // namespace foretell

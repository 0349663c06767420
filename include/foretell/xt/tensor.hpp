// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/random.hpp"
#include "foretell/xt/xtensor.hpp"

namespace foretell {

template <class T>
struct tensor_of {
  using type = xt::xarray<T, xt::layout_type::row_major>;  // xt::xarray<T>, unless a macro changed xtensor's default
  static type make(const std::vector<std::size_t>& sizes) {
    return type(typename type::shape_type(sizes.begin(), sizes.end()), T());
  }
};

/// Sizes of a new tensor, rows first: {512, 3}, or another tensor's shape().
class Sizes {
 public:
  Sizes(std::initializer_list<std::size_t> sizes) : values_(sizes) {}
  template <class Range>
  requires requires(const Range& r) { static_cast<std::size_t>(*r.begin()); }
  Sizes(const Range& sizes) {
    for (const auto size : sizes) values_.push_back(static_cast<std::size_t>(size));
  }
  const std::vector<std::size_t>& values() const { return values_; }

 private:
  std::vector<std::size_t> values_;
};

template <class T = float>
Tensor<T> zeros(const Sizes& sizes) {
  return tensor_of<T>::make(sizes.values());
}

template <class T = float>
Tensor<T> full(const Sizes& sizes, double value) {
  auto tensor = zeros<T>(sizes);
  std::fill_n(tensor.data(), tensor.size(), static_cast<T>(value));
  return tensor;
}

template <class T = float>
Tensor<T> ones(const Sizes& sizes) {
  return full<T>(sizes, 1);
}

/// Independent normal numbers; the same seed gives the same numbers on every machine, to the rounding of its maths
/// library.
template <class T = float>
Tensor<T> random_normal(const Sizes& sizes, std::uint64_t seed = 0, double mean = 0, double stddev = 1) {
  auto tensor = zeros<T>(sizes);
  const Random random(seed);
  for (std::size_t i = 0; i < tensor.size(); ++i) tensor.data()[i] = static_cast<T>(mean + stddev * random.normal(i));
  return tensor;
}

/// Independent numbers, uniform on [low, high).
template <class T = float>
Tensor<T> random_uniform(const Sizes& sizes, std::uint64_t seed = 0, double low = 0, double high = 1) {
  auto tensor = zeros<T>(sizes);
  const Random random(seed);
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    const T value = static_cast<T>(random.uniform(i, low, high)), end = static_cast<T>(high);
    tensor.data()[i] = value < end || end == static_cast<T>(low) ? value : std::nextafter(end, static_cast<T>(low));
  }
  return tensor;
}

/// A tensor of its own with the values and sizes of anything array-like: an expression, a view, a std::vector, a span.
template <class T = float, ArrayLike X>
Tensor<T> to_tensor(const X& x) {
  const Array<T> values = as_array<T>(x);
  return make_tensor<T>(values.sizes(), values.data());
}

}  // namespace foretell

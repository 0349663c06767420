// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/shape.hpp"

namespace foretell {

/// The user's array type: the rim (xt/) makes it xt::xarray<T>. `type`, and `make(sizes)`: an array of zeros.
template <class T>
struct tensor_of;
template <class T>
using Tensor = typename tensor_of<T>::type;

template <class X>
concept ArrayLike = requires(const X& x) {
  x.begin();
  x.end();
  x.size();
}
&&!std::convertible_to<X, std::string_view>;

namespace detail {
/// The type of an array-like's numbers.
template <class X>
using element_of = std::remove_cvref_t<decltype(*std::declval<const X&>().begin())>;
/// A number as another type has it. Throws DataError for a whole one that no whole T is.
template <class T, class V>
T converted(V value) {
  if constexpr (std::is_integral_v<T> && std::is_integral_v<V> &&
                std::numeric_limits<V>::digits > std::numeric_limits<T>::digits)
    if (static_cast<V>(static_cast<T>(value)) != value || (static_cast<T>(value) < T()) != (value < V())) [[unlikely]]
      throw DataError(text("expected whole numbers up to ", std::numeric_limits<T>::max(), ", received ", value));
  return static_cast<T>(value);
}
}  // namespace detail

/// Any array-like argument (xtensor containers, views and expressions, std::vector, std::span, our own arrays) seen as
/// contiguous row-major numbers of type T: borrowed where it is already that, else a converted copy.
template <class T>
class Array {
 public:
  Array() = default;
  Array(const T* data, std::vector<std::size_t> sizes) : data_(data), sizes_(std::move(sizes)) {}
  Array(std::vector<T> values, std::vector<std::size_t> sizes)
      : values_(std::move(values)), data_(values_.data()), sizes_(std::move(sizes)) {}
  Array(Array&& other) noexcept { *this = std::move(other); }
  Array& operator=(Array&& other) noexcept {
    const bool owned = other.data_ == other.values_.data();
    values_ = std::move(other.values_);
    data_ = owned ? values_.data() : other.data_;
    sizes_ = std::move(other.sizes_);
    return *this;
  }

  /// Shows x from now on; memory of what it showed before is used again.
  template <ArrayLike X>
  void show(const X& x) {
    sizes_.clear();
    if constexpr (requires { x.shape().begin(); }) {
      for (const auto size : x.shape()) sizes_.push_back(static_cast<std::size_t>(size));
    } else if constexpr (requires { x.sizes(); }) {
      const auto& sizes = x.sizes();  // by value, maybe
      sizes_.assign(sizes.begin(), sizes.end());
    } else {
      sizes_.push_back(x.size());
    }
    if constexpr (requires {
                    { x.data() } -> std::convertible_to<const T*>;
                  }) {
      if constexpr (requires {
                      x.strides().begin();
                      x.data_offset();
                    }) {
        std::size_t expected = 1;
        bool contiguous = x.size() > 0;
        for (std::size_t i = sizes_.size(); i-- > 0; expected *= sizes_[i])
          contiguous = contiguous && (sizes_[i] == 1 || static_cast<std::size_t>(x.strides()[i]) == expected);
        data_ = static_cast<const T*>(x.data()) + x.data_offset();
        if (contiguous) return;
      } else if constexpr (!requires { x.shape(); }) {
        data_ = static_cast<const T*>(x.data());
        if (x.size() > 0) return;
      }
    }
    values_.clear();
    values_.reserve(x.size());
    for (const auto& value : x) values_.push_back(detail::converted<T>(value));
    data_ = values_.data();
  }

  const T* data() const { return data_; }
  const std::vector<std::size_t>& sizes() const { return sizes_; }
  std::size_t rank() const { return sizes_.size(); }
  std::size_t rows() const { return sizes_.empty() ? 1 : sizes_[0]; }
  std::size_t size() const {
    std::size_t product = 1;
    for (const std::size_t size : sizes_) product *= size;
    return product;
  }
  std::size_t row_size() const {
    std::size_t product = 1;
    for (std::size_t i = 1; i < sizes_.size(); ++i) product *= sizes_[i];
    return product;
  }
  /// The axes after the first; (1) for an array of one axis: n numbers are n rows of one.
  Shape row_shape() const { return sizes_.size() < 2 ? Shape{1} : Shape(sizes_.begin() + 1, sizes_.end()); }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size(); }
  const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  std::vector<T> values_;
  const T* data_ = nullptr;
  std::vector<std::size_t> sizes_;
};

/// `x` as Array<T>. Throws DataError for a whole number that no whole T is; NaN and Inf pass through.
template <class T, ArrayLike X>
Array<T> as_array(const X& x) {
  Array<T> array;
  array.show(x);
  return array;
}

/// A new tensor of the given sizes with the given values.
template <class T, class U>
Tensor<T> make_tensor(const std::vector<std::size_t>& sizes, const U* values) {
  auto tensor = tensor_of<T>::make(sizes);
  std::transform(values, values + tensor.size(), tensor.data(), [](U value) { return static_cast<T>(value); });
  return tensor;
}

}  // namespace foretell

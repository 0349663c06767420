// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "foretell/core/shape.hpp"

namespace foretell {

/// Borrowed rows of equal shape, contiguous and row-major: rows x shape. Empty (false) when nobody wants the values.
/// `mask`, when there is one, says for each row and step (first axis of the shape) whether the step is real (1) or
/// padding (0).
template <class T>
class View {
 public:
  View() = default;
  View(T* data, std::size_t rows, const Shape& shape, const std::uint8_t* mask = nullptr)
      : data_(data), rows_(rows), shape_(&shape), mask_(mask) {}
  operator View<const T>() const requires(!std::is_const_v<T>) {
    return data_ ? View<const T>(data_, rows_, *shape_, mask_) : View<const T>();
  }

  explicit operator bool() const { return data_ != nullptr; }
  T* data() const { return data_; }
  std::size_t rows() const { return rows_; }
  const Shape& shape() const { return *shape_; }
  std::size_t row_size() const { return shape_->size(); }
  std::size_t size() const { return rows_ * shape_->size(); }
  std::size_t back() const { return shape_->back(); }
  /// All axes but the last, times the rows: the rows of the matrix that a layer on the last axis sees.
  std::size_t flat_rows() const {
    if (shape_->rank() == 1) return shape_->back() ? rows_ : 0;
    return shape_->back() ? size() / shape_->back() : 0;
  }
  T* row(std::size_t i) const { return data_ + i * shape_->size(); }
  const std::uint8_t* mask() const { return mask_; }

 private:
  T* data_ = nullptr;
  std::size_t rows_ = 0;
  const Shape* shape_ = nullptr;
  const std::uint8_t* mask_ = nullptr;
};

/// What a layer reads and what it writes.
template <class T>
using In = View<const T>;
template <class T>
using Out = View<T>;

/// The several inputs (or input gradients) of a merging layer.
template <class T>
using Ins = std::span<const In<T>>;
template <class T>
using Outs = std::span<const Out<T>>;

/// Values of one parameter or state, without a batch axis.
template <class T>
class Values {
 public:
  Values() = default;
  Values(T* data, const Shape& shape) : data_(data), shape_(&shape) {}
  explicit operator bool() const { return data_ != nullptr; }
  T* data() const { return data_; }
  const Shape& shape() const { return *shape_; }
  std::size_t size() const { return shape_->size(); }
  operator T*() const { return data_; }

 private:
  T* data_ = nullptr;
  const Shape* shape_ = nullptr;
};

}  // namespace foretell

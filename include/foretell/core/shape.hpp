// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>

#include "foretell/core/error.hpp"
#include "foretell/core/print.hpp"

namespace foretell {

/// The shape of one row (one sample): the batch axis is never part of it. At most six axes, held in place.
class Shape {
 public:
  static constexpr std::size_t most = 6;

  constexpr Shape() = default;
  constexpr Shape(std::initializer_list<std::size_t> sizes) : Shape(sizes.begin(), sizes.end()) {}
  template <class Iterator>
  constexpr Shape(Iterator first, Iterator last) {
    for (; first != last; ++first) push_back(static_cast<std::size_t>(*first));
  }

  constexpr std::size_t rank() const { return rank_; }
  constexpr std::size_t operator[](std::size_t axis) const { return sizes_[axis]; }
  /// The first and the last axis; 1 where there is none.
  constexpr std::size_t front() const { return rank_ ? sizes_[0] : 1; }
  constexpr std::size_t back() const { return rank_ ? sizes_[rank_ - 1] : 1; }
  constexpr const std::size_t* begin() const { return sizes_.data(); }
  constexpr const std::size_t* end() const { return sizes_.data() + rank_; }

  /// Elements in one row: the product of all axes, 1 for rank 0.
  constexpr std::size_t size() const { return size_; }

  /// The same axes but the last, which becomes `size`.
  constexpr Shape with_back(std::size_t size) const { return with_axis(rank_ ? rank_ - 1 : 0, size); }
  /// The same axes but the first.
  constexpr Shape with_front(std::size_t size) const { return with_axis(0, size); }

  constexpr void push_back(std::size_t size) {
    constexpr std::size_t largest = std::size_t(1) << 48;
    if (size_ && size > largest / size_)
      throw ShapeError(
          text("Shape: expected at most 2^48 numbers a row, received an axis of ", size, " beside ", size_));
    if (rank_ == most)
      throw ShapeError(text("Shape: expected at most ", most, " axes; join some of them with Reshape"));
    sizes_[rank_++] = size;
    size_ *= size;
  }

  friend constexpr bool operator==(const Shape& a, const Shape& b) {
    if (a.rank_ != b.rank_) return false;
    for (std::size_t i = 0; i < a.rank_; ++i)
      if (a.sizes_[i] != b.sizes_[i]) return false;
    return true;
  }

 private:
  constexpr Shape with_axis(std::size_t axis, std::size_t size) const {
    Shape shape = *this;
    if (shape.rank_ == 0) shape.rank_ = 1;
    shape.sizes_[axis] = size;
    shape.size_ = 1;
    for (const std::size_t each : shape) shape.size_ *= each;
    return shape;
  }

  std::array<std::size_t, most> sizes_{};
  std::size_t rank_ = 0, size_ = 1;
};

/// "(30)" or "(20, 16)"; `lead` stands before the axes, such as "*" for any number of rows: "(*, 30)".
inline std::string to_string(const Shape& shape, std::string_view lead = {}) {
  std::string out(1, '(');
  out += lead;
  std::string_view separator = "";
  for (const std::size_t size : shape) {
    out += text(separator, size);
    separator = ", ";
  }
  return out + ")";
}

/// The shape of any number of such rows: "(*, 30)".
inline std::string rows_text(const Shape& shape) { return to_string(shape, shape.rank() ? "*, " : "*"); }

}  // namespace foretell

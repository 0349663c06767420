// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "foretell/core/arena.hpp"

namespace foretell {

/// Gradients of the rows of a big table that a step has touched, one after the other in the order of the first touch:
/// all that is done with them costs those rows, never the table.
template <class T>
class RowGradients {
 public:
  RowGradients() = default;
  /// Allocates only when more than `expected` rows are touched.
  RowGradients(std::size_t rows, std::size_t row_size, std::size_t expected)
      : row_size_(row_size), places_(rows), values_(std::min(rows, expected) * row_size) {
    list_.reserve(std::min(rows, expected));
  }

  /// Whether the table is kept this way.
  bool used() const { return row_size_ > 0; }
  std::size_t row_size() const { return row_size_; }
  std::span<const std::uint32_t> rows() const { return list_; }
  /// Of rows()[0], rows()[1], ...
  std::span<T> values() { return {values_.data(), list_.size() * row_size_}; }
  std::span<const T> values() const { return {values_.data(), list_.size() * row_size_}; }

  /// Where the gradients of a row are accumulated; zeros at the first touch. Valid until the next call.
  T* operator[](std::size_t row) {
    std::uint32_t& place = places_[row];
    if (place == 0) {
      list_.push_back(static_cast<std::uint32_t>(row));
      place = static_cast<std::uint32_t>(list_.size());
      if (list_.size() * row_size_ > values_.size())
        values_.resize(std::max(list_.size(), 2 * list_.size()) * row_size_);
      std::fill_n(values_.data() + (place - 1) * row_size_, row_size_, T(0));
    }
    return values_.data() + (place - 1) * row_size_;
  }
  void clear() {
    for (const std::uint32_t row : list_) places_[row] = 0;
    list_.clear();
  }
  void add(const RowGradients& other) {
    constexpr std::size_t ahead = 32;
    for (std::size_t i = 0; i < other.list_.size(); ++i) {
      if (i + ahead < other.list_.size()) prefetch(other.list_[i + ahead]);
      T* to = (*this)[other.list_[i]];
      const T* from = other.values_.data() + i * row_size_;
      for (std::size_t j = 0; j < row_size_; ++j) to[j] += from[j];
    }
  }
  /// Tells the processor that a row is about to be touched. Always inline: g++ drops a call that has no other effect.
  [[gnu::always_inline]] void prefetch(std::size_t row) const { __builtin_prefetch(places_.data() + row, 1); }

 private:
  std::size_t row_size_ = 0;
  Arena<std::uint32_t> places_;  ///< 1 + the row's place in the list, or 0
  std::vector<std::uint32_t> list_;
  Arena<T> values_;
};

}  // namespace foretell

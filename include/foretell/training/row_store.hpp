// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "foretell/core/arena.hpp"
#include "foretell/core/rows.hpp"

namespace foretell {

/// Places for so many rows of one input or target, filled one at a time. Of sparse rows each place is as wide as the
/// widest row so far.
template <class T>
class RowStore {
 public:
  RowStore(const Rows<T>& like, std::size_t rows) : rows_(like) {
    rows_.rows = rows_.sparse.rows = rows;
    const std::size_t size = rows * like.shape.size();
    if (like.kind == InputKind::numbers) numbers_ = Arena<T>(size);
    if (like.kind == InputKind::ids) ids_ = Arena<std::int64_t>(size);
    if (like.kind == InputKind::sparse) {
      starts_ = Arena<std::size_t>(rows);
      ends_ = Arena<std::size_t>(rows);
    }
    point();
  }

  /// Row `row` of `from` in place `to`.
  void put(std::size_t to, const Rows<T>& from, std::size_t row) {
    const std::size_t n = from.shape.size();
    if (from.kind == InputKind::numbers) std::copy_n(from.data + row * n, n, numbers_.data() + to * n);
    if (from.kind == InputKind::ids) std::copy_n(from.ids + row * n, n, ids_.data() + to * n);
    if (from.kind != InputKind::sparse) return;
    const std::size_t count = from.sparse.size(row);
    if (count > width_) widen(std::max(count, 2 * width_));
    starts_[to] = to * width_;
    ends_[to] = starts_[to] + count;
    std::copy_n(from.sparse.columns(row).data(), count, columns_.data() + starts_[to]);
    std::copy_n(from.sparse.values(row).data(), count, numbers_.data() + starts_[to]);
  }
  /// All places; valid until the next put.
  const Rows<T>& rows() const { return rows_; }

 private:
  void widen(std::size_t width) {
    Arena<std::uint32_t> columns(rows_.rows * width);
    Arena<T> values(rows_.rows * width);
    for (std::size_t r = 0; r < rows_.rows; ++r) {
      const std::size_t count = ends_[r] - starts_[r];
      std::copy_n(columns_.data() + starts_[r], count, columns.data() + r * width);
      std::copy_n(numbers_.data() + starts_[r], count, values.data() + r * width);
      starts_[r] = r * width;
      ends_[r] = starts_[r] + count;
    }
    columns_ = std::move(columns);
    numbers_ = std::move(values);
    width_ = width;
    point();
  }
  void point() {
    rows_.data = rows_.kind == InputKind::numbers ? numbers_.data() : nullptr;
    rows_.ids = ids_.data();
    if (rows_.kind == InputKind::sparse)
      rows_.sparse = {starts_.data(), ends_.data(), columns_.data(), numbers_.data(), rows_.rows, rows_.sparse.width};
  }

  Rows<T> rows_;
  Arena<T> numbers_;
  Arena<std::int64_t> ids_;
  Arena<std::size_t> starts_, ends_;
  Arena<std::uint32_t> columns_;
  std::size_t width_ = 0;
};

}  // namespace foretell

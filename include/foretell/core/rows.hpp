// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>

#include "foretell/core/array.hpp"
#include "foretell/core/sparse_matrix.hpp"

namespace foretell {

/// Rows of one input or target: borrowed numbers and the shape of a row. Of a sparse matrix the rows are pairs, as
/// SparseDense reads them, which are written where they are asked for.
template <class T>
struct Rows {
  const T* data = nullptr;
  const SparseMatrix<T>* sparse = nullptr;
  std::size_t first = 0;  ///< row of the sparse matrix
  std::size_t rows = 0;
  Shape shape{};

  Rows() = default;
  explicit Rows(const Array<T>& array) : data(array.data()), rows(array.rows()), shape(array.row_shape()) {}
  explicit Rows(const SparseMatrix<T>& matrix)
      : sparse(&matrix), rows(matrix.rows()), shape({2 * std::max<std::size_t>(1, matrix.widest_row())}) {}

  /// `count` rows from row i on: where they stand, or written into `room`.
  const T* row(std::size_t i, std::size_t count, T* room) const {
    if (!sparse) return data + i * shape.size();
    for (std::size_t k = 0; k < count; ++k) copy_row(i + k, room + k * shape.size());
    return room;
  }
  void copy_row(std::size_t i, T* to) const {
    const std::size_t n = shape.size();
    if (!sparse) {
      std::copy_n(data + i * n, n, to);
      return;
    }
    const auto columns = sparse->indices(first + i);
    const auto values = sparse->values(first + i);
    for (std::size_t k = 0; k < columns.size(); ++k) {
      to[2 * k] = static_cast<T>(columns[k] + 1);
      to[2 * k + 1] = values[k];
    }
    if (2 * columns.size() < n) to[2 * columns.size()] = 0;
  }
  /// Room that `row` needs for so many rows.
  std::size_t room(std::size_t count) const { return sparse ? count * shape.size() : 0; }
  Rows range(std::size_t from, std::size_t count) const {
    Rows part = *this;
    if (sparse)
      part.first += from;
    else
      part.data += from * shape.size();
    part.rows = count;
    return part;
  }
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/error.hpp"
#include "foretell/core/rows.hpp"

namespace foretell {

/// A matrix of which only the numbers that are not 0 are kept, row after row (CSR): of row i the columns
/// indices(i) in ascending order and their values(i). As scipy.sparse.csr_matrix.
template <class T = float>
class SparseMatrix {
 public:
  SparseMatrix() = default;
  /// `columns` wide, without rows yet.
  explicit SparseMatrix(std::size_t columns) : columns_(columns) { check_width(); }
  /// Throws DataError when offsets, indices and values do not make a matrix.
  SparseMatrix(std::size_t columns, std::vector<std::size_t> offsets, std::vector<std::uint32_t> indices,
               std::vector<T> values)
      : columns_(columns), offsets_(std::move(offsets)), indices_(std::move(indices)), values_(std::move(values)) {
    check_width();
    bool good = !offsets_.empty() && offsets_.front() == 0 && offsets_.back() == indices_.size() &&
                indices_.size() == values_.size() && std::is_sorted(offsets_.begin(), offsets_.end());
    for (std::size_t row = 0; good && row < rows(); ++row)
      for (std::size_t i = offsets_[row]; good && i < offsets_[row + 1]; ++i)
        good = indices_[i] < columns_ && (i == offsets_[row] || indices_[i - 1] < indices_[i]);
    if (!good)
      throw DataError(text(
          "SparseMatrix: expected offsets from 0 that ascend to the number of values, and within each row ascending "
          "columns below ",
          columns_, ", received others"));
  }

  /// A copy of borrowed rows.
  explicit SparseMatrix(const SparseRows<T>& rows) : columns_(rows.width) {
    for (std::size_t r = 0; r < rows.rows; ++r) {
      indices_.insert(indices_.end(), rows.columns(r).begin(), rows.columns(r).end());
      values_.insert(values_.end(), rows.values(r).begin(), rows.values(r).end());
      offsets_.push_back(indices_.size());
    }
  }

  std::size_t rows() const { return offsets_.size() - 1; }
  std::size_t columns() const { return columns_; }
  /// How many numbers are kept.
  std::size_t nnz() const { return values_.size(); }
  /// The most that a row has.
  std::size_t widest_row() const {
    std::size_t most = 0;
    for (std::size_t row = 0; row < rows(); ++row) most = std::max(most, offsets_[row + 1] - offsets_[row]);
    return most;
  }
  /// The columns of a row, and their values; both throw DataError for a row that does not exist.
  std::span<const std::uint32_t> indices(std::size_t row) const {
    check(row);
    return std::span(indices_).subspan(offsets_[row], offsets_[row + 1] - offsets_[row]);
  }
  std::span<const T> values(std::size_t row) const {
    check(row);
    return std::span(values_).subspan(offsets_[row], offsets_[row + 1] - offsets_[row]);
  }
  /// Where each row begins, and the columns and values of all rows, one after the other.
  std::span<const std::size_t> offsets() const { return offsets_; }
  std::span<const std::uint32_t> all_indices() const { return indices_; }
  std::span<const T> all_values() const { return values_; }
  /// All rows, borrowed; valid until the matrix changes.
  SparseRows<T> sparse_rows() const {
    return {offsets_.data(), offsets_.data() + 1, indices_.data(), values_.data(), rows(), columns_};
  }

  /// Adds a row of (column, value) pairs in ascending order of the columns. Throws DataError for others, and adds
  /// nothing.
  template <class Pairs>
  void add_row(const Pairs& pairs) {
    for (const auto& [column, value] : pairs) {
      if (column >= columns_ || (indices_.size() > offsets_.back() && indices_.back() >= column)) {
        indices_.resize(offsets_.back());
        values_.resize(offsets_.back());
        throw DataError(text("SparseMatrix: expected ascending columns below ", columns_, ", received ", column));
      }
      indices_.push_back(static_cast<std::uint32_t>(column));
      values_.push_back(static_cast<T>(value));
    }
    offsets_.push_back(indices_.size());
  }
  /// The given rows in the given order; throws DataError when one does not exist.
  SparseMatrix take(const std::vector<std::size_t>& chosen) const {
    SparseMatrix out(columns_);
    for (const std::size_t row : chosen) {
      out.indices_.insert(out.indices_.end(), indices(row).begin(), indices(row).end());
      out.values_.insert(out.values_.end(), values(row).begin(), values(row).end());
      out.offsets_.push_back(out.indices_.size());
    }
    return out;
  }
  /// All numbers, row after row: rows x columns of them.
  std::vector<T> to_dense() const {
    std::vector<T> out(rows() * columns_);
    for (std::size_t row = 0; row < rows(); ++row)
      for (std::size_t i = offsets_[row]; i < offsets_[row + 1]; ++i) out[row * columns_ + indices_[i]] = values_[i];
    return out;
  }
  /// The rows of two matrices side by side; throws DataError for different numbers of rows.
  static SparseMatrix hstack(const SparseMatrix& left, const SparseMatrix& right) {
    if (left.rows() != right.rows())
      throw DataError(
          text("SparseMatrix: expected as many rows on both sides, received ", left.rows(), " and ", right.rows()));
    SparseMatrix out(left.columns_ + right.columns_);
    for (std::size_t row = 0; row < left.rows(); ++row) {
      out.indices_.insert(out.indices_.end(), left.indices(row).begin(), left.indices(row).end());
      out.values_.insert(out.values_.end(), left.values(row).begin(), left.values(row).end());
      for (const std::uint32_t column : right.indices(row))
        out.indices_.push_back(static_cast<std::uint32_t>(left.columns_ + column));
      out.values_.insert(out.values_.end(), right.values(row).begin(), right.values(row).end());
      out.offsets_.push_back(out.indices_.size());
    }
    return out;
  }
  friend bool operator==(const SparseMatrix&, const SparseMatrix&) = default;

 private:
  void check(std::size_t row) const {
    if (row >= rows()) [[unlikely]]
      throw DataError(text("SparseMatrix: row ", row, " of ", rows(), " does not exist."));
  }
  void check_width() const {
    if (columns_ > (std::size_t{1} << 31))
      throw DataError(text("SparseMatrix: expected at most 2^31 columns, received ", columns_));
  }
  std::size_t columns_ = 0;
  std::vector<std::size_t> offsets_{0};
  std::vector<std::uint32_t> indices_;
  std::vector<T> values_;
};

namespace detail {
template <class X>
inline constexpr bool is_sparse_matrix = false;
template <class T>
inline constexpr bool is_sparse_matrix<SparseMatrix<T>> = true;
}  // namespace detail

/// What a model may be given: an array, rows first, or a sparse matrix.
template <class X>
concept InputLike = ArrayLike<X> || detail::is_sparse_matrix<X>;

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "foretell/core/exact.hpp"
#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/layer.hpp"

// What layers of ids share. Ids travel as numbers of the network's kind, which tells whole numbers apart up to a size;
// an id that a layer has no vector for is an error wherever it comes from, see Pass::refuse.

namespace foretell::detail {

/// What to do with a number that is no id at all; `otherwise` with a whole one.
inline std::string_view id_advice(double id, std::string_view otherwise) {
  return id != id               ? "; fill missing ids first, with an id of their own, say"
         : id == std::floor(id) ? otherwise
                                : "; number the categories first, with OrdinalEncoder, say";
}
/// "expected whole numbers from 0 to 9, received 12 in row 3; ..."
inline std::string unknown_id(double id, std::size_t count, const std::string& where) {
  return text("expected whole numbers from 0 to ", count - 1, ", received ", id, where,
              id_advice(id, "; give the layer a larger input_dim, or .oov_slot = true for ids it has not seen"));
}
inline std::string inexact_id(double id, std::size_t below, const std::string& where) {
  return text("expected whole numbers from -", below - 1, " to ", below - 1, ", received ", id, where,
              id_advice(id, "; larger ids need a network of double, for float takes neighbours for one"));
}
inline std::string unknown_column(double column, std::size_t columns, const std::string& where) {
  if (!(column >= 0) || column != std::floor(column))
    return text("expected a SparseMatrix of ", columns, " columns, received numbers", where,
                " that are no pairs of one: ", column + 1, " as a column; make a SparseMatrix of them");
  return text("expected a SparseMatrix of ", columns, " columns, received one with column ", column, where,
              "; transform it with the vectorizer that the model was trained with");
}

/// The ids that a table has rows for.
template <class T>
struct IdRange {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  std::size_t count = 0;  ///< ids 0 .. count - 1
  bool oov_slot = false;  ///< one more row, the last, for whole numbers beyond and for missing ones (NaN)

  std::size_t rows() const { return count + (oov_slot ? 1 : 0); }
  /// `none` for an id without a row.
  std::size_t row_of(T id) const {
    if (id >= 0 && id < static_cast<T>(static_cast<std::int64_t>(count))) {
      const auto row = static_cast<std::int64_t>(id);
      if (static_cast<T>(row) == id) [[likely]]
        return static_cast<std::size_t>(row);
      return none;
    }
    return oov_slot && (id != id || id == std::floor(id)) ? count : none;
  }
  void check(const Build<T>& b, std::size_t output_dim) const {
    constexpr std::size_t most = std::size_t(1) << 31;
    if (count == 0 || output_dim == 0 || count >= most || output_dim >= most)
      b.fail_option(text("expected an input_dim and an output_dim of at least 1, received ", count, " and ", output_dim,
                         "; say how many ids there are and how long their vectors are"));
    if (static_cast<double>(count) > exact_below<T>)
      b.fail_option(text("expected an input_dim of at most ", static_cast<std::size_t>(exact_below<T>), ", received ",
                         count, "; ids of that size need a network of double, for float takes neighbours for one"));
  }
  void validate_one(T id, std::size_t row, const std::string& who) const {
    if (row_of(id) == none)
      throw DataError(text(who, ": ", unknown_id(static_cast<double>(id), count, text(" in row ", row))));
  }
  void validate(In<T> x, const std::string& who) const {
    for (std::size_t i = 0; i < x.size(); ++i) validate_one(x.data()[i], i / x.row_size(), who);
  }
};

/// y[i] = row row_of(i) of a table for i < count. Where there is none, zeros, and refuse(i). Rows are fetched ahead: a
/// large table is far away.
template <class T, class RowOf, class Refuse>
void gather_rows(std::size_t count, std::size_t width, const T* table, T* y, const RowOf& row_of,
                 const Refuse& refuse) {
  constexpr std::size_t ahead = 16;
  for (std::size_t i = 0; i < count; ++i, y += width) {
    if (i + ahead < count)
      if (const std::size_t next = row_of(i + ahead); next != IdRange<T>::none)
        __builtin_prefetch(table + next * width);
    if (const std::size_t row = row_of(i); row != IdRange<T>::none) {
      kernels::copy(width, table + row * width, y);
    } else {
      kernels::fill(width, 0, y);
      refuse(i);
    }
  }
}
/// What gather_rows passes back: the gradient of row row_of(i) grows by dy[i].
template <class T, class RowOf>
void scatter_rows(const Pass<T>& pass, Parameter table, std::size_t count, std::size_t width, const T* dy,
                  const RowOf& row_of) {
  constexpr std::size_t ahead = 16;
  for (std::size_t i = 0; i < count; ++i, dy += width) {
    if (i + ahead < count)
      if (const std::size_t next = row_of(i + ahead); next != IdRange<T>::none) pass.prefetch_row(table, next);
    if (const std::size_t row = row_of(i); row != IdRange<T>::none)
      kernels::add(width, dy, pass.gradient_row(table, row));
  }
}

/// A step is real when one of its ids is not 0.
template <class T>
void mark_not_zero(In<T> x, std::uint8_t* mask) {
  const std::size_t steps = x.rows() * x.shape().front(), each = steps ? x.size() / steps : 0;
  for (std::size_t i = 0; i < steps; ++i) {
    mask[i] = 0;
    for (std::size_t j = 0; j < each; ++j) mask[i] |= x.data()[i * each + j] != 0;
  }
}

}  // namespace foretell::detail

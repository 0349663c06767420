// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "foretell/core/exact.hpp"
#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/layer.hpp"

// What layers of ids share. Ids are whole numbers of 64 bits where an input of the model has them, and numbers of the
// network's kind, which tells whole numbers apart up to a size, where they come out of another layer or were given as
// such. An id that a layer has no vector for is an error wherever it comes from, see Pass::refuse.

namespace foretell::detail {

/// What to do with what is no id at all; `otherwise` with a whole number.
inline std::string_view id_advice(const Received& id, std::string_view otherwise) {
  return id.missing()                                     ? "; fill missing ids first, with an id of their own, say"
         : id.is_id || id.number == std::floor(id.number) ? otherwise
                                                          : "; number the categories first, with OrdinalEncoder, say";
}
/// "expected whole numbers from 0 to 9, received 12 in row 3; ..."
inline std::string unknown_id(const Received& id, std::size_t count, const std::string& where) {
  return text("expected whole numbers from 0 to ", count - 1, ", received ", id.shown(), where,
              id_advice(id, "; give the layer a larger input_dim, or .oov_slot = true for ids it has not seen"));
}
inline std::string inexact_id(const Received& id, std::size_t below, const std::string& where) {
  return text("expected whole numbers from -", below - 1, " to ", below - 1, ", received ", id.shown(), where,
              id_advice(id, "; give larger ids as integers of 64 bits, numbers of this kind take neighbours for one"));
}
inline std::string no_id(const Received& id, std::size_t, const std::string& where) {
  return text("expected ids, received ", id.shown(), where, id_advice(id, ""));
}

/// The ids that a table has rows for.
struct IdRange {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  std::size_t count = 0;  ///< ids 0 .. count - 1
  bool oov_slot = false;  ///< one more row, the last, for whole numbers beyond and for missing ones

  std::size_t rows() const { return count + (oov_slot ? 1 : 0); }
  /// `none` for an id without a row.
  std::size_t row_of(std::int64_t id) const {
    if (static_cast<std::uint64_t>(id) < count) [[likely]]
      return static_cast<std::size_t>(id);
    return oov_slot ? count : none;
  }
  template <std::floating_point T>
  std::size_t row_of(T id) const {
    if (id >= 0 && id < static_cast<T>(static_cast<std::int64_t>(count))) {
      const auto row = static_cast<std::int64_t>(id);
      if (static_cast<T>(row) == id) [[likely]]
        return static_cast<std::size_t>(row);
      return none;
    }
    return oov_slot && (id != id || id == std::floor(id)) ? count : none;
  }
  /// `exact`: below which the numbers of the network tell ids apart.
  void check(const LayerBuild& b, std::size_t output_dim, double exact) const {
    constexpr std::size_t most = std::size_t(1) << 31;
    if (count == 0 || output_dim == 0 || count >= most || output_dim >= most)
      b.fail_option(text("expected an input_dim and an output_dim of at least 1, received ", count, " and ", output_dim,
                         "; say how many ids there are and how long their vectors are"));
    if (static_cast<double>(count) > exact && b.input_kind() == InputKind::numbers)
      b.fail_option(text("expected an input_dim of at most ", static_cast<std::size_t>(exact), ", received ", count,
                         "; ids of that size have to be given as integers of 64 bits, numbers of this kind take "
                         "neighbours for one"));
  }
  template <class Id>
  void validate_one(Id id, std::size_t row, const std::string& who) const {
    if (row_of(id) == none) throw DataError(text(who, ": ", unknown_id(id, count, text(" in row ", row))));
  }
  template <class Id>
  void validate(View<const Id> x, const std::string& who) const {
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
      if (const std::size_t next = row_of(i + ahead); next != IdRange::none) __builtin_prefetch(table + next * width);
    if (const std::size_t row = row_of(i); row != IdRange::none) {
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
      if (const std::size_t next = row_of(i + ahead); next != IdRange::none) pass.prefetch_row(table, next);
    if (const std::size_t row = row_of(i); row != IdRange::none) kernels::add(width, dy, pass.gradient_row(table, row));
  }
}

/// A step is real when one of its ids is not 0.
template <class Id>
void mark_not_zero(View<const Id> x, std::uint8_t* mask) {
  const std::size_t steps = x.rows() * x.shape().front(), each = steps ? x.size() / steps : 0;
  for (std::size_t i = 0; i < steps; ++i) {
    mask[i] = 0;
    for (std::size_t j = 0; j < each; ++j) mask[i] |= x.data()[i * each + j] != 0;
  }
}

}  // namespace foretell::detail

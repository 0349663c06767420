// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "foretell/core/arena.hpp"
#include "foretell/core/array.hpp"
#include "foretell/core/error.hpp"
#include "foretell/core/exact.hpp"
#include "foretell/core/shape.hpp"
#include "foretell/core/view.hpp"

namespace foretell {

/// What the rows of a model's input are: numbers of the network's kind; ids, whole numbers of 64 bits; rows of a
/// SparseMatrix.
enum class InputKind : std::uint8_t { numbers, ids, sparse };
constexpr auto enum_names(InputKind) { return std::array<std::string_view, 3>{"numbers", "ids", "sparse"}; }

/// What a layer of ids reads: whole numbers, apart from one another up to 2^63 - 1.
using Ids = View<const std::int64_t>;
/// No id: what layers with an oov_slot take for one they have not seen, and others refuse.
inline constexpr std::int64_t missing_id = std::numeric_limits<std::int64_t>::min();

namespace detail {

/// The id that a number is, missing_id for NaN. Throws DataError, in which where() says whose it is, for a number that
/// is not whole, and for one so large that a T takes its neighbours for it.
template <class T, class Where>
std::int64_t id_of(T number, const Where& where) {
  if (number != number) return missing_id;
  if (!(std::abs(number) < static_cast<T>(exact_below<T>)) || number != std::floor(number)) [[unlikely]]
    throw DataError(text(where(), ": expected ids, whole numbers nearer to 0 than ",
                         static_cast<std::int64_t>(exact_below<T>), ", received ", static_cast<double>(number),
                         number == std::floor(number) ? "; give larger ids as integers of 64 bits"
                                                      : "; number the categories first, with OrdinalEncoder, say"));
  return static_cast<std::int64_t>(number);
}

}  // namespace detail

/// Borrowed rows of which only the numbers that are not 0 are there: of row r those at starts[r] .. ends[r] - 1, with
/// ascending columns below `width`.
template <class T>
struct SparseRows {
  const std::size_t *starts = nullptr, *ends = nullptr;
  const std::uint32_t* all_columns = nullptr;
  const T* all_values = nullptr;
  std::size_t rows = 0, width = 0;

  std::size_t size(std::size_t r) const { return ends[r] - starts[r]; }
  std::span<const std::uint32_t> columns(std::size_t r) const { return {all_columns + starts[r], size(r)}; }
  std::span<const T> values(std::size_t r) const { return {all_values + starts[r], size(r)}; }
  SparseRows range(std::size_t first, std::size_t count) const {
    return {starts + first, ends + first, all_columns, all_values, count, width};
  }
};

/// Rows of one input or target: borrowed, of the kind that says which of the three is there, and the shape of a row.
template <class T>
struct Rows {
  InputKind kind = InputKind::numbers;
  const T* data = nullptr;
  const std::int64_t* ids = nullptr;
  SparseRows<T> sparse{};
  std::size_t rows = 0;
  Shape shape{};

  Rows() = default;
  Rows(const T* numbers, std::size_t count, const Shape& row) : data(numbers), rows(count), shape(row) {}
  Rows(const std::int64_t* whole, std::size_t count, const Shape& row)
      : kind(InputKind::ids), ids(whole), rows(count), shape(row) {}
  explicit Rows(const Array<T>& array) : Rows(array.data(), array.rows(), array.row_shape()) {}
  explicit Rows(const SparseRows<T>& all) : kind(InputKind::sparse), sparse(all), rows(all.rows), shape({all.width}) {}

  /// Of an array that holds them.
  std::vector<std::size_t> sizes() const {
    std::vector<std::size_t> sizes{rows};
    sizes.insert(sizes.end(), shape.begin(), shape.end());
    return sizes;
  }
  Rows range(std::size_t first, std::size_t count) const {
    switch (kind) {
      case InputKind::ids:
        return {ids + first * shape.size(), count, shape};
      case InputKind::sparse:
        return Rows(sparse.range(first, count));
      default:
        return {data + first * shape.size(), count, shape};
    }
  }
};

/// Rows of one input as a pass reads them: where they stand, or gathered into memory of its own. What it gives is valid
/// until the next call.
template <class T>
class RowReader {
 public:
  RowReader() = default;
  /// To gather up to `rows` rows like those of `from`.
  RowReader(const Rows<T>& from, std::size_t rows) {
    if (from.kind == InputKind::numbers) numbers_ = Arena<T>(rows * from.shape.size());
    if (from.kind == InputKind::ids) ids_ = Arena<std::int64_t>(rows * from.shape.size());
    if (from.kind != InputKind::sparse) return;
    starts_ = Arena<std::size_t>(rows);
    ends_ = Arena<std::size_t>(rows);
  }

  /// `count` rows from `first` on.
  const void* slice(const Rows<T>& from, std::size_t first, std::size_t count) {
    const Rows<T> part = from.range(first, count);
    if (part.kind == InputKind::numbers) return part.data;
    if (part.kind == InputKind::ids) return part.ids;
    sparse_ = part.sparse;
    return &sparse_;
  }
  /// The rows order[0] .. order[count - 1].
  const void* gather(const Rows<T>& from, const std::size_t* order, std::size_t count) {
    const std::size_t n = from.shape.size();
    if (from.kind == InputKind::numbers) return gather(from.data, n, order, count, numbers_.data());
    if (from.kind == InputKind::ids) return gather(from.ids, n, order, count, ids_.data());
    for (std::size_t i = 0; i < count; ++i) {
      starts_[i] = from.sparse.starts[order[i]];
      ends_[i] = from.sparse.ends[order[i]];
    }
    sparse_ = {starts_.data(), ends_.data(), from.sparse.all_columns, from.sparse.all_values, count, from.sparse.width};
    return &sparse_;
  }

 private:
  template <class E>
  static const E* gather(const E* from, std::size_t n, const std::size_t* order, std::size_t count, E* to) {
    E* out = to;
    if (n > 16)
      for (std::size_t i = 0; i < count; ++i, out += n) std::copy_n(from + order[i] * n, n, out);
    else  // a call for each row would cost more than the row
      for (std::size_t i = 0; i < count; ++i)
        for (const E* in = from + order[i] * n, *end = in + n; in != end;) *out++ = *in++;
    return to;
  }

  Arena<T> numbers_;
  Arena<std::int64_t> ids_;
  Arena<std::size_t> starts_, ends_;
  SparseRows<T> sparse_;
};

}  // namespace foretell

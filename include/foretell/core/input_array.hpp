// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/exact.hpp"
#include "foretell/core/rows.hpp"
#include "foretell/core/sparse_matrix.hpp"

namespace foretell {

namespace detail {
template <class X>
inline constexpr bool holds_whole_numbers =
    std::is_integral_v<std::remove_cvref_t<decltype(*std::declval<const X&>().begin())>> &&
    !std::same_as<std::remove_cvref_t<decltype(*std::declval<const X&>().begin())>, bool>;
}  // namespace detail

/// What an input is given, rows first: numbers, whole numbers (ids, where layers of ids read them, numbers elsewhere)
/// or a SparseMatrix. Never changes, so copies share it.
template <class T>
class InputArray {
 public:
  InputArray() = default;

  /// Borrowed where it is what is needed already, else a converted copy. Throws DataError for a whole number beyond
  /// 2^63 - 1.
  template <ArrayLike X>
  static InputArray of(const X& x) {
    if constexpr (detail::holds_whole_numbers<X>) {
      using E = std::remove_cvref_t<decltype(*x.begin())>;
      if constexpr (std::is_unsigned_v<E> && sizeof(E) == 8)
        for (const E value : x)
          if (value > static_cast<E>(std::numeric_limits<std::int64_t>::max()))
            throw DataError(text("expected ids up to 2^63 - 1, received ", value));
      return keep(as_array<std::int64_t>(x));
    } else {
      return keep(as_array<T>(x));
    }
  }
  static InputArray of(const SparseMatrix<T>& x) {
    InputArray input;
    input.sizes_ = {x.rows(), x.columns()};
    input.rows_ = Rows<T>(x.sparse_rows());
    return input;
  }
  /// Of rows of its own.
  static InputArray copy(const Rows<T>& rows) {
    std::vector<std::size_t> sizes{rows.rows};
    sizes.insert(sizes.end(), rows.shape.begin(), rows.shape.end());
    return copy(rows, std::move(sizes));
  }
  InputArray copy() const { return copy(rows_, sizes_); }

  const Rows<T>& rows() const { return rows_; }
  const std::vector<std::size_t>& sizes() const { return sizes_; }

  /// The same for an input of another kind; whole numbers become numbers as static_cast makes them. Throws DataError
  /// for numbers that are no ids (see id_of), ShapeError between sparse rows and others.
  InputArray as(InputKind kind, const std::string& who) const {
    if (rows_.kind == kind) return *this;
    if (rows_.kind == InputKind::sparse)
      throw ShapeError(text(who, ": expected an array, received a SparseMatrix of ", rows_.sparse.width,
                            " columns; begin the model with SparseDense"));
    if (kind == InputKind::sparse)
      throw ShapeError(text(who, ": expected a SparseMatrix, received an array of rows ", rows_text(rows_.shape),
                            "; make a SparseMatrix of it, or begin the model with Dense"));
    if (kind == InputKind::numbers) return keep(Array<T>(std::vector<T>(rows_.ids, rows_.ids + size()), sizes_));
    std::vector<std::int64_t> ids(size());
    for (std::size_t i = 0; i < ids.size(); ++i)
      ids[i] = detail::id_of(rows_.data[i], [&] { return text(who, " in row ", i / rows_.shape.size()); });
    return keep(Array<std::int64_t>(std::move(ids), sizes_));
  }

 private:
  std::size_t size() const { return rows_.rows * rows_.shape.size(); }
  static InputArray copy(const Rows<T>& rows, std::vector<std::size_t> sizes) {
    const std::size_t size = rows.rows * rows.shape.size();
    if (rows.kind == InputKind::ids) return keep(Array<std::int64_t>(std::vector(rows.ids, rows.ids + size), sizes));
    if (rows.kind == InputKind::numbers) return keep(Array<T>(std::vector<T>(rows.data, rows.data + size), sizes));
    auto matrix = std::make_shared<const SparseMatrix<T>>(rows.sparse);
    InputArray input = of(*matrix);
    input.owner_ = std::move(matrix);
    return input;
  }
  template <class E>
  static InputArray keep(Array<E> array) {
    auto owner = std::make_shared<const Array<E>>(std::move(array));
    InputArray input;
    input.sizes_ = owner->sizes();
    input.rows_ = Rows<T>(owner->data(), owner->rows(), owner->row_shape());
    input.owner_ = std::move(owner);
    return input;
  }

  Rows<T> rows_;
  std::vector<std::size_t> sizes_;
  std::shared_ptr<const void> owner_;
};

}  // namespace foretell

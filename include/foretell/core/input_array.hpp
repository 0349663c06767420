// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
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
inline constexpr bool holds_whole_numbers = std::is_integral_v<element_of<X>> && !std::same_as<element_of<X>, bool>;
}  // namespace detail

/// What an input is given, rows first: numbers, whole numbers (ids, where layers of ids read them, numbers elsewhere)
/// or a SparseMatrix. Never changes, so copies share it.
template <class T>
class InputArray {
 public:
  InputArray() = default;

  /// Borrowed where it is what is needed already, else a converted copy. Throws as as_array does.
  template <ArrayLike X>
  static InputArray of(const X& x) {
    return keep(as_array<std::conditional_t<detail::holds_whole_numbers<X>, std::int64_t, T>>(x));
  }
  static InputArray of(const SparseMatrix<T>& x) {
    InputArray input;
    input.rows_ = Rows<T>(x.sparse_rows());
    return input;
  }
  /// Of rows of its own.
  static InputArray copy(const Rows<T>& rows) {
    const std::size_t size = rows.rows * rows.shape.size();
    if (rows.kind == InputKind::ids)
      return keep(Array<std::int64_t>(std::vector(rows.ids, rows.ids + size), rows.sizes()));
    if (rows.kind == InputKind::numbers)
      return keep(Array<T>(std::vector<T>(rows.data, rows.data + size), rows.sizes()));
    auto matrix = std::make_shared<const SparseMatrix<T>>(rows.sparse);
    InputArray input = of(*matrix);
    input.owner_ = std::move(matrix);
    return input;
  }

  const Rows<T>& rows() const { return rows_; }

  /// The same for an input of another kind; whole numbers become numbers as static_cast makes them. Throws DataError
  /// for numbers that are no ids (see id_of), ShapeError between sparse rows and others.
  InputArray as(InputKind kind, const std::string& who) const {
    if (rows_.kind == kind) return *this;
    if (rows_.kind == InputKind::sparse)
      throw ShapeError(text(who, ": expected an array, received a SparseMatrix of ", rows_.sparse.width,
                            " columns, which SparseDense alone reads; give an array"));
    if (kind == InputKind::sparse)
      throw ShapeError(text(who, ": expected a SparseMatrix, received an array of rows ", rows_text(rows_.shape),
                            "; make a SparseMatrix of it, or begin the model with Dense"));
    const std::size_t size = rows_.rows * rows_.shape.size();
    if (kind == InputKind::numbers) return keep(Array<T>(std::vector<T>(rows_.ids, rows_.ids + size), rows_.sizes()));
    std::vector<std::int64_t> ids(size);
    for (std::size_t i = 0; i < ids.size(); ++i)
      ids[i] = detail::id_of(rows_.data[i], [&] { return text(who, " in row ", i / rows_.shape.size()); });
    return keep(Array<std::int64_t>(std::move(ids), rows_.sizes()));
  }

 private:
  template <class E>
  static InputArray keep(Array<E> array) {
    auto owner = std::make_shared<const Array<E>>(std::move(array));
    InputArray input;
    input.rows_ = Rows<T>(owner->data(), owner->rows(), owner->row_shape());
    input.owner_ = std::move(owner);
    return input;
  }

  Rows<T> rows_;
  std::shared_ptr<const void> owner_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include "foretell/core/error.hpp"
#include "foretell/core/view.hpp"
#include "foretell/xt/xtensor.hpp"

namespace foretell::detail {

/// Memory of someone else as the storage of an xtensor adaptor. Assigning copies the values; xtensor's own class would
/// point elsewhere instead, so that `as_xt(y) = as_xt(x)` had no effect.
template <class T>
class BorrowedValues : public xt::xbuffer_adaptor<T*, xt::no_ownership, std::allocator<std::remove_const_t<T>>> {
 public:
  using Base = xt::xbuffer_adaptor<T*, xt::no_ownership, std::allocator<std::remove_const_t<T>>>;
  using Base::Base;
  BorrowedValues(const BorrowedValues&) = default;
  BorrowedValues& operator=(const BorrowedValues& other) {
    this->resize(other.size());  // throws when the sizes differ
    std::copy(other.data(), other.data() + other.size(), this->data());
    return *this;
  }
  BorrowedValues& operator=(typename Base::temporary_type&& values) {
    Base::operator=(std::move(values));
    return *this;
  }
};

}  // namespace foretell::detail

template <class T>
struct xt::temporary_container<foretell::detail::BorrowedValues<T>> {
  using type = typename foretell::detail::BorrowedValues<T>::temporary_type;
};

namespace foretell {

/// An xtensor container over memory that the model planned. Up to rank 4 it needs no heap.
template <class T>
using Adaptor =
    xt::xarray_adaptor<detail::BorrowedValues<T>, xt::layout_type::row_major, xt::dynamic_shape<std::size_t>>;

/// What a layer reads or writes, as an xtensor container of shape (rows, shape...): the rows are an axis also when
/// there is one, or none. Read-only for In<T>. Write with xt::noalias(as_xt(y)) = ..., which allocates nothing. Throws
/// StateError for an empty view.
template <class T>
Adaptor<T> as_xt(View<T> view) {
  if (!view) throw StateError("as_xt: expected a view of values, received an empty one; ask first: if (dx) ...");
  xt::dynamic_shape<std::size_t> sizes(view.shape().rank() + 1);
  sizes[0] = view.rows();
  std::copy(view.shape().begin(), view.shape().end(), sizes.begin() + 1);
  return {detail::BorrowedValues<T>(view.data(), view.size()), sizes};
}

/// A parameter, its gradient or a state, in its own shape; they have no batch axis.
template <class T>
Adaptor<T> as_xt(Values<T> values) {
  if (!values) throw StateError("as_xt: expected the values of a parameter or state, received an empty handle.");
  const xt::dynamic_shape<std::size_t> sizes(values.shape().begin(), values.shape().end());
  return {detail::BorrowedValues<T>(values.data(), values.size()), sizes};
}

}  // namespace foretell

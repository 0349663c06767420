// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell::detail {

/// What layers of the form activation(z + bias) share on the way back: turns `dy` into the gradient by z, rows of
/// `cols` numbers, and adds the sum of its rows to `db` unless that is null. `z` may be null where the derivative comes
/// from y.
template <class T>
void through_activation(ActivationFunction f, std::size_t rows, std::size_t cols, In<T> y, const T* z, Out<T> dy,
                        T* db) {
  if (kernels::is_rowwise(f.kind)) {
    kernels::activate_rows_backward(f, rows, cols, y.data(), dy.data(), dy.data());
  } else if (f != linear && db) {
    kernels::activate_backward_sum(f, rows, cols, y.data(), z, dy.data(), dy.data(), db);
    return;
  } else if (f != linear) {
    kernels::activate_backward(f, y.size(), y.data(), z, dy.data(), dy.data());
  }
  if (db) kernels::column_sum_add(rows, cols, dy.data(), cols, db);
}

}  // namespace foretell::detail

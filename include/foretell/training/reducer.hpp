// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <span>

#include "foretell/core/row_gradients.hpp"

namespace foretell {

/// What stands between the gradient of a batch and the update: adds up numbers over several processes (ranks) that
/// train copies of one model on rows of their own. A step then has the loss and the gradient of all ranks' rows as one
/// batch, by sums alone: the numbers of rows and of real steps are summed first, so that ranks may have batches of
/// unequal sizes, and a rank whose rows have run out may take part with none. This one does nothing: a process alone.
///
/// Each method is called on the thread that asks for the step, on all ranks in the same order, and must leave the same
/// bits on all of them. Layers and losses that compare rows (BatchNormalization, InfoNCE) see those of their rank;
/// running means are each rank's own.
template <class T>
class Reducer {
 public:
  virtual ~Reducer() = default;
  /// Each becomes its sum over all ranks: numbers of rows, losses. A few.
  virtual void sum_numbers(std::span<double>) {}
  /// Gradients of parameters that lie side by side, likewise: one call, and one more after each table.
  virtual void sum_gradients(std::span<T>) {}
  /// Gradients of the touched rows of a table: afterwards those that any rank has touched, in the same order.
  virtual void sum_rows(RowGradients<T>&) {}
};

}  // namespace foretell

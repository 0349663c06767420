// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "foretell/core/rows.hpp"
#include "foretell/graph/program.hpp"
#include "foretell/kernels/reduce.hpp"

namespace foretell {

/// Throws ShapeError when a layer that cannot read a SparseMatrix would receive one. Needs no shapes, so that a model
/// is not built for what it cannot learn from.
template <class T>
void check_sparse(const LayerGraph& graph, const std::vector<Rows<T>>& inputs, const std::string& who) {
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    if (!inputs[k].sparse) continue;
    for (std::size_t i = 0; i < graph.entries().size(); ++i) {
      const auto& entry = graph.entries()[i];
      for (const std::size_t node : entry.inputs)
        if (node == graph.inputs()[k] && !entry.layer.traits().reads_pairs)
          throw ShapeError(text(who, ", ", graph.describe(i), ": expected an array, received a SparseMatrix of ",
                                inputs[k].sparse->columns(), " columns; begin the model with SparseDense"));
    }
  }
}

/// Shows the layers that read inputs of the model what they are going to read; they throw DataError.
template <class T>
void validate_inputs(const Program& program, const std::vector<Rows<T>>& inputs, const std::string& who) {
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const auto& step = program.steps[i];
    if (!step.layer || !detail::ops_of<T>(step.layer).validate) continue;
    std::vector<In<T>> ins;
    std::vector<T> room;
    for (const std::size_t node : step.inputs)
      for (std::size_t k = 0; k < program.inputs.size(); ++k) {
        if (program.inputs[k] != node) continue;
        if (!inputs[k].sparse) {
          ins.emplace_back(inputs[k].data, inputs[k].rows, inputs[k].shape);
        } else {  // all columns are as good as the matrix's last: one row shows it
          room.assign(inputs[k].shape.size(), T(0));
          room[0] = static_cast<T>(inputs[k].sparse->columns());
          ins.emplace_back(room.data(), 1, inputs[k].shape);
        }
      }
    if (ins.size() != step.inputs.size()) continue;
    detail::ops_of<T>(step.layer).validate(step.layer.get(), ins, text(who, ", ", program.names[i]));
  }
}

/// Whether there is neither NaN nor Inf.
template <class T>
bool all_finite(const Rows<T>& values) {
  if (!values.sparse) return kernels::all_finite(values.rows * values.shape.size(), values.data);
  for (std::size_t r = 0; r < values.rows; ++r) {
    const auto row = values.sparse->values(values.first + r);
    if (!kernels::all_finite(row.size(), row.data())) return false;
  }
  return true;
}

/// Throws DataError for the first NaN or Inf, by row and column.
template <class T>
void check_finite(const Rows<T>& values, const std::string& who) {
  if (all_finite(values)) return;
  const std::size_t n = values.shape.size();
  if (values.sparse) {
    for (std::size_t r = 0; r < values.rows; ++r)
      for (const T value : values.sparse->values(values.first + r))
        if (!std::isfinite(value))
          throw DataError(text(who, ": expected finite numbers, received ", static_cast<double>(value), " in row ", r));
    return;
  }
  for (std::size_t i = 0; i < values.rows * n; ++i)
    if (!std::isfinite(values.data[i]))
      throw DataError(text(who, ": expected finite numbers, received ", static_cast<double>(values.data[i]), " in row ",
                           i / n, ", column ", i % n, "; remove such rows or fill them with SimpleImputer"));
}

}  // namespace foretell

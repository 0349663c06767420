// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "foretell/core/input_array.hpp"
#include "foretell/core/rows.hpp"
#include "foretell/graph/program.hpp"
#include "foretell/kernels/reduce.hpp"

namespace foretell {

/// The inputs as the layers that read them take them; see LayerGraph::kind_of_input. Needs no shapes, so that a model
/// is not built for what it cannot learn from.
template <class T>
void convert_inputs(const LayerGraph& graph, std::vector<InputArray<T>>& inputs, const std::string& who) {
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const InputKind kind = graph.kind_of_input(k, inputs[k].rows().kind, who);
    inputs[k] = inputs[k].as(kind, text(who, ", ", graph.describe(graph.inputs()[k])));
  }
}

/// What a program for these inputs is built for.
template <class T>
InputRows rows_of(const std::vector<Rows<T>>& inputs) {
  InputRows rows;
  for (const Rows<T>& input : inputs) {
    rows.shapes.push_back(input.shape);
    rows.kinds.push_back(input.kind);
  }
  return rows;
}

/// Shows the layers that read inputs of the model what they are going to read; they throw DataError.
template <class T>
void validate_inputs(const Program& program, const std::vector<Rows<T>>& inputs, const std::string& who) {
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const auto& step = program.steps[i];
    if (!step.layer || step.reads == InputKind::sparse) continue;
    const auto& passes = detail::ops_of<T>(step.layer).on(step.reads);
    if (!passes.validate) continue;
    std::vector<In<T>> ins;
    for (const std::size_t node : step.inputs)
      for (std::size_t k = 0; k < program.inputs.size(); ++k) {
        if (program.inputs[k] != node) continue;
        RowReader<T> reader;
        ins.emplace_back(static_cast<const T*>(reader.slice(inputs[k], 0, inputs[k].rows)), inputs[k].rows,
                         inputs[k].shape);
      }
    if (ins.size() != step.inputs.size()) continue;
    passes.validate(step.layer.get(), ins, text(who, ", ", program.names[i]));
  }
}

/// Whether there is neither NaN nor Inf.
template <class T>
bool all_finite(const Rows<T>& values) {
  if (values.kind == InputKind::ids) return true;
  if (values.kind == InputKind::numbers) return kernels::all_finite(values.rows * values.shape.size(), values.data);
  for (std::size_t r = 0; r < values.rows; ++r)
    if (!kernels::all_finite(values.sparse.size(r), values.sparse.values(r).data())) return false;
  return true;
}

/// Throws DataError for the first NaN or Inf, by row and column.
template <class T>
void check_finite(const Rows<T>& values, const std::string& who) {
  if (all_finite(values)) return;
  const std::size_t n = values.shape.size();
  if (values.kind == InputKind::sparse) {
    for (std::size_t r = 0; r < values.rows; ++r)
      for (const T value : values.sparse.values(r))
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

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/arena.hpp"
#include "foretell/core/array.hpp"
#include "foretell/core/sparse_matrix.hpp"
#include "foretell/core/view.hpp"
#include "foretell/graph/program.hpp"
#include "foretell/kernels/reduce.hpp"

namespace foretell {

/// Rows of one input or target: borrowed numbers and the shape of a row. Of a sparse matrix the rows are pairs, as
/// SparseDense reads them, which are written where they are asked for.
template <class T>
struct Rows {
  const T* data = nullptr;
  const SparseMatrix<T>* sparse = nullptr;
  std::size_t first = 0;  ///< row of the sparse matrix
  std::size_t rows = 0;
  Shape shape{};

  Rows() = default;
  explicit Rows(const Array<T>& array) : data(array.data()), rows(array.rows()), shape(array.row_shape()) {}
  explicit Rows(const SparseMatrix<T>& matrix)
      : sparse(&matrix), rows(matrix.rows()), shape({2 * std::max<std::size_t>(1, matrix.widest_row())}) {}

  /// `count` rows from row i on: where they stand, or written into `room`.
  const T* row(std::size_t i, std::size_t count, T* room) const {
    if (!sparse) return data + i * shape.size();
    for (std::size_t k = 0; k < count; ++k) copy_row(i + k, room + k * shape.size());
    return room;
  }
  void copy_row(std::size_t i, T* to) const {
    const std::size_t n = shape.size();
    if (!sparse) {
      std::copy_n(data + i * n, n, to);
      return;
    }
    const auto columns = sparse->indices(first + i);
    const auto values = sparse->values(first + i);
    for (std::size_t k = 0; k < columns.size(); ++k) {
      to[2 * k] = static_cast<T>(columns[k] + 1);
      to[2 * k + 1] = values[k];
    }
    if (2 * columns.size() < n) to[2 * columns.size()] = 0;
  }
  /// Room that `row` needs for so many rows.
  std::size_t room(std::size_t count) const { return sparse ? count * shape.size() : 0; }
  Rows range(std::size_t from, std::size_t count) const {
    Rows part = *this;
    if (sparse)
      part.first += from;
    else
      part.data += from * shape.size();
    part.rows = count;
    return part;
  }
};

/// Everything one training or evaluation reads: per graph input, per graph output, and a weight a row (or none).
template <class T>
struct Dataset {
  std::vector<Rows<T>> inputs, targets;
  std::vector<T> weights;

  std::size_t rows() const { return inputs.empty() ? 0 : inputs[0].rows; }
  Dataset range(std::size_t first, std::size_t count) const {
    Dataset part;
    for (const auto& input : inputs) part.inputs.push_back(input.range(first, count));
    for (const auto& target : targets) part.targets.push_back(target.range(first, count));
    if (!weights.empty())
      part.weights.assign(weights.begin() + static_cast<std::ptrdiff_t>(first),
                          weights.begin() + static_cast<std::ptrdiff_t>(first + count));
    return part;
  }
};

/// Rows of a dataset: `count` of them from `first` on, or those that stand there in `order`.
struct RowChoice {
  std::size_t first = 0, count = 0;
  const std::size_t* order = nullptr;

  RowChoice part(std::size_t offset, std::size_t rows) const { return {first + offset, rows, order}; }
};

/// One batch of a dataset in contiguous memory: gathered in the order given, or pointing into the dataset where rows
/// follow one another. Allocates once.
template <class T>
class Batch {
 public:
  Batch(const Dataset<T>& data, std::size_t rows) : data_(data), weights_(data.weights.empty() ? 0 : rows) {
    for (const auto& part : data.inputs) memory_.emplace_back(rows * part.shape.size());
    for (const auto& part : data.targets) memory_.emplace_back(rows * part.shape.size());
    inputs_.resize(data.inputs.size());
    targets_.resize(data.targets.size());
  }

  void read(const RowChoice& choice) {
    rows_ = choice.count;
    if (choice.order)
      gather(choice.order + choice.first);
    else
      slice(choice.first);
  }

  std::size_t rows() const { return rows_; }
  std::span<const T* const> inputs() const { return inputs_; }
  In<T> target(std::size_t i) const { return In<T>(targets_[i], rows_, data_.targets[i].shape); }
  const T* weights() const { return weights_now_; }

 private:
  void gather(const std::size_t* order) {
    std::size_t m = 0;
    for (std::size_t i = 0; i < inputs_.size(); ++i) inputs_[i] = gather(data_.inputs[i], order, memory_[m++]);
    for (std::size_t i = 0; i < targets_.size(); ++i) targets_[i] = gather(data_.targets[i], order, memory_[m++]);
    for (std::size_t i = 0; i < weights_.size() && i < rows_; ++i) weights_[i] = data_.weights[order[i]];
    weights_now_ = data_.weights.empty() ? nullptr : weights_.data();
  }
  void slice(std::size_t first) {
    std::size_t m = 0;
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      inputs_[i] = data_.inputs[i].row(first, rows_, memory_[m++].data());
    for (std::size_t i = 0; i < targets_.size(); ++i)
      targets_[i] = data_.targets[i].row(first, rows_, memory_[m++].data());
    weights_now_ = data_.weights.empty() ? nullptr : data_.weights.data() + first;
  }
  const T* gather(const Rows<T>& from, const std::size_t* order, Arena<T>& to) const {
    const std::size_t n = from.shape.size();
    T* out = to.data();
    if (from.sparse || n > 16) {
      for (std::size_t i = 0; i < rows_; ++i, out += n) from.copy_row(order[i], out);
    } else {  // a call for each row would cost more than the row
      for (std::size_t i = 0; i < rows_; ++i)
        for (const T* in = from.data + order[i] * n, *end = in + n; in != end;) *out++ = *in++;
    }
    return to.data();
  }

  const Dataset<T>& data_;
  std::vector<Arena<T>> memory_;
  std::vector<const T*> inputs_, targets_;
  Arena<T> weights_;
  const T* weights_now_ = nullptr;
  std::size_t rows_ = 0;
};

/// Shows the layers that read inputs of the model what they are going to read; they throw DataError.
template <class T>
void validate_inputs(const Program<T>& program, const std::vector<Rows<T>>& inputs, const std::string& who) {
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const auto& step = program.steps[i];
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
    if (step.layer && ins.size() == step.inputs.size()) step.layer.validate(ins, text(who, ", ", program.names[i]));
  }
}

/// Throws DataError for the first NaN or Inf, by row and column.
template <class T>
void check_finite(const Rows<T>& values, const std::string& who) {
  const std::size_t n = values.shape.size();
  if (values.sparse) {
    for (std::size_t r = 0; r < values.rows; ++r)
      for (const T value : values.sparse->values(values.first + r))
        if (!std::isfinite(value))
          throw DataError(text(who, ": expected finite numbers, received ", static_cast<double>(value), " in row ", r));
    return;
  }
  if (kernels::all_finite(values.rows * n, values.data)) return;
  for (std::size_t i = 0; i < values.rows * n; ++i)
    if (!std::isfinite(values.data[i]))
      throw DataError(text(who, ": expected finite numbers, received ", static_cast<double>(values.data[i]), " in row ",
                           i / n, ", column ", i % n, "; remove such rows or fill them with SimpleImputer"));
}

}  // namespace foretell

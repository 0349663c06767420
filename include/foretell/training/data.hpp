// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "foretell/core/arena.hpp"
#include "foretell/core/rows.hpp"
#include "foretell/core/view.hpp"

namespace foretell {

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

}  // namespace foretell

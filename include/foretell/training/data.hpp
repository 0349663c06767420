// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "foretell/core/arena.hpp"
#include "foretell/core/input_array.hpp"
#include "foretell/core/rows.hpp"
#include "foretell/core/view.hpp"

namespace foretell {

/// Everything one training or evaluation reads: per graph input, per graph output, and a weight a row (or none).
template <class T>
struct Dataset {
  std::vector<Rows<T>> inputs, targets;
  std::vector<T> weights{};
  std::vector<InputArray<T>> kept{};  ///< what the rows are borrowed from, where nobody else has it

  Dataset() = default;
  Dataset(std::vector<Rows<T>> x, std::vector<Rows<T>> y, std::vector<T> w = {})
      : inputs(std::move(x)), targets(std::move(y)), weights(std::move(w)) {}
  Dataset(const std::vector<InputArray<T>>& x, const std::vector<InputArray<T>>& y, std::vector<T> w = {})
      : weights(std::move(w)) {
    for (const auto& array : x) inputs.push_back(array.rows());
    for (const auto& array : y) targets.push_back(array.rows());
    kept = x;
    kept.insert(kept.end(), y.begin(), y.end());
  }

  std::size_t rows() const { return inputs.empty() ? 0 : inputs[0].rows; }
  Dataset range(std::size_t first, std::size_t count) const {
    Dataset part;
    part.kept = kept;
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
    for (const auto& part : data.inputs) readers_.emplace_back(part, rows);
    for (const auto& part : data.targets) readers_.emplace_back(part, rows);
    places_.resize(readers_.size());
  }

  void read(const RowChoice& choice) {
    rows_ = choice.count;
    const std::size_t* const order = choice.order ? choice.order + choice.first : nullptr;
    for (std::size_t i = 0; i < readers_.size(); ++i) {
      const Rows<T>& from = i < data_.inputs.size() ? data_.inputs[i] : data_.targets[i - data_.inputs.size()];
      places_[i] = order ? readers_[i].gather(from, order, rows_) : readers_[i].slice(from, choice.first, rows_);
    }
    for (std::size_t i = 0; order && i < weights_.size() && i < rows_; ++i) weights_[i] = data_.weights[order[i]];
    weights_now_ = data_.weights.empty() ? nullptr : order ? weights_.data() : data_.weights.data() + choice.first;
  }

  std::size_t rows() const { return rows_; }
  std::span<const void* const> inputs() const { return {places_.data(), data_.inputs.size()}; }
  In<T> target(std::size_t i) const {
    return In<T>(static_cast<const T*>(places_[data_.inputs.size() + i]), rows_, data_.targets[i].shape);
  }
  const T* weights() const { return weights_now_; }

 private:
  const Dataset<T>& data_;
  std::vector<RowReader<T>> readers_;  ///< of the inputs, then the targets
  std::vector<const void*> places_;
  Arena<T> weights_;
  const T* weights_now_ = nullptr;
  std::size_t rows_ = 0;
};

}  // namespace foretell

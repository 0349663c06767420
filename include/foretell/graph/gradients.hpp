// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "foretell/core/arena.hpp"
#include "foretell/core/parallel.hpp"
#include "foretell/core/segment.hpp"
#include "foretell/graph/network.hpp"
#include "foretell/kernels/elementwise.hpp"

namespace foretell {

/// The gradients of a network, laid out as its weights; those of row-sparse parameters stand by themselves, row by row.
template <class T>
class Gradients {
 public:
  /// For passes over `rows` rows at a time. With `by_rows` false, row-sparse parameters are treated as all others.
  /// `assigned` says of each parameter whether a backward pass assigns its gradient (Program).
  Gradients(const Network<T>& network, std::size_t rows, const std::vector<std::uint8_t>& assigned, bool by_rows = true)
      : values_(network.weights().size()), by_rows_(network.parameters().size()) {
    for (std::size_t i = 0; i < by_rows_.size(); ++i) {
      const ParameterInfo& info = network.parameters()[i];
      const ParameterOptions& options = info.options;
      if (!by_rows || options.touched_rows == 0 || info.shape.size() == 0) {
        segments_.push_back({info.offset, info.shape.size(), options.trainable, options.group});
        if (stretches_.empty() || stretches_.back().first + stretches_.back().second != info.offset)
          stretches_.emplace_back(info.offset, 0);
        stretches_.back().second += aligned_size<T>(info.shape.size());
        if (!assigned[i]) accumulated_.push_back({info.offset, info.shape.size()});
        continue;
      }
      by_rows_[i] =
          RowGradients<T>(info.shape.front(), info.shape.size() / info.shape.front(), options.touched_rows * rows);
      row_segments_.push_back({info.offset, options.trainable, options.group, &by_rows_[i]});
    }
  }
  Gradients(const Gradients&) = delete;
  Gradients& operator=(const Gradients&) = delete;

  T* data() { return values_.data(); }
  Arena<T>& values() { return values_; }
  const Arena<T>& values() const { return values_; }
  /// Of each parameter; null where none is row-sparse.
  RowGradients<T>* by_rows() { return row_segments_.empty() ? nullptr : by_rows_.data(); }
  const std::vector<Segment>& segments() const { return segments_; }
  const std::vector<RowSegment<T>>& row_segments() const { return row_segments_; }
  /// Offsets and sizes of all that is laid out as the weights: one stretch, and one more after each table.
  const std::vector<std::pair<std::size_t, std::size_t>>& stretches() const { return stretches_; }

  /// For the next pass: what it accumulates.
  void clear(const Executor& executor) {
    for (const auto& [first, numbers] : accumulated_)
      split_range<T>(executor, first, numbers,
                     [&](std::size_t offset, std::size_t size) { std::fill_n(values_.data() + offset, size, T(0)); });
    for (RowGradients<T>& rows : by_rows_) rows.clear();
  }
  /// Of the same network.
  void add(const Gradients& other, const Executor& executor) {
    for (const auto& [first, numbers] : stretches_)
      split_range<T>(executor, first, numbers, [&](std::size_t offset, std::size_t size) {
        kernels::add(size, other.values_.data() + offset, values_.data() + offset);
      });
    for (std::size_t i = 0; i < by_rows_.size(); ++i) by_rows_[i].add(other.by_rows_[i]);
  }

 private:
  Arena<T> values_;
  std::vector<RowGradients<T>> by_rows_;
  std::vector<Segment> segments_;
  std::vector<std::pair<std::size_t, std::size_t>> accumulated_, stretches_;  ///< offsets and sizes
  std::vector<RowSegment<T>> row_segments_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "foretell/core/arena.hpp"
#include "foretell/core/parallel.hpp"
#include "foretell/core/segment.hpp"
#include "foretell/graph/network.hpp"
#include "foretell/kernels/elementwise.hpp"

namespace foretell {

/// The gradients of a network, laid out as its weights. Of a row-sparse parameter only touched rows are ever not zero:
/// clearing and adding cost those rows, never the table.
template <class T>
class Gradients {
 public:
  /// With `by_rows` false, row-sparse parameters are treated as all others.
  explicit Gradients(const Network<T>& network, bool by_rows = true)
      : values_(network.weights().size()), touched_(network.parameters().size()) {
    for (std::size_t i = 0; i < touched_.size(); ++i) {
      const ParameterInfo& info = network.parameters()[i];
      Segment segment{info.offset, info.shape.size(), info.options.trainable, info.options.decay};
      if (by_rows && info.options.row_sparse && info.shape.front() > 0) {
        touched_[i] = TouchedRows(info.shape.front());
        segment.row_size = info.shape.size() / info.shape.front();
        segment.touched = &touched_[i];
        sparse_ = true;
      }
      segments_.push_back(segment);
    }
  }
  Gradients(const Gradients&) = delete;
  Gradients& operator=(const Gradients&) = delete;

  T* data() { return values_.data(); }
  Arena<T>& values() { return values_; }
  const Arena<T>& values() const { return values_; }
  /// Of each parameter; null where none is row-sparse.
  TouchedRows* touched() { return sparse_ ? touched_.data() : nullptr; }
  const std::vector<Segment>& segments() const { return segments_; }

  void clear(const Executor& executor) {
    for_each_part(*this, executor,
                  [&](std::size_t offset, std::size_t size) { std::fill_n(values_.data() + offset, size, T(0)); });
    if (sparse_)
      for (TouchedRows& rows : touched_) rows.clear();
  }
  /// Of the same network.
  void add(const Gradients& other, const Executor& executor) {
    for_each_part(other, executor, [&](std::size_t offset, std::size_t size) {
      kernels::add(size, other.values_.data() + offset, values_.data() + offset);
    });
    if (!sparse_) return;
    for (std::size_t i = 0; i < touched_.size(); ++i)
      for (const std::uint32_t row : other.touched_[i].rows()) touched_[i].touch(row);
  }

 private:
  /// f(offset, size) for all that may not be zero in `which`.
  template <class F>
  static void for_each_part(const Gradients& which, const Executor& executor, const F& f) {
    if (!which.sparse_) return split_range<T>(executor, 0, which.values_.size(), f);
    for (const Segment& segment : which.segments_) {
      if (!segment.touched) {
        split_range<T>(executor, segment.offset, segment.size, f);
        continue;
      }
      for (const std::uint32_t row : segment.touched->rows())
        f(segment.offset + row * segment.row_size, segment.row_size);
    }
  }

  Arena<T> values_;
  std::vector<TouchedRows> touched_;
  std::vector<Segment> segments_;
  bool sparse_ = false;
};

}  // namespace foretell

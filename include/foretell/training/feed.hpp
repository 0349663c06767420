// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/random.hpp"
#include "foretell/kernels/random.hpp"
#include "foretell/training/data.hpp"
#include "foretell/training/example_stream.hpp"
#include "foretell/training/row_store.hpp"

namespace foretell {

/// Where the batches of an epoch come from: rows of a dataset that stays in its place.
template <class T>
class Feed {
 public:
  virtual ~Feed() = default;
  virtual const Dataset<T>& data() const = 0;
  virtual std::size_t batch_rows() const = 0;
  /// Batches in an epoch; 0 when that is not known.
  virtual std::size_t batches() const = 0;
  virtual void open(std::size_t epoch) = 0;
  /// The next batch, read until the next call; nothing at the end of the epoch.
  virtual std::optional<RowChoice> next() = 0;
};

/// Rows of arrays, in order or shuffled anew each epoch.
template <class T>
class ArrayFeed final : public Feed<T> {
 public:
  ArrayFeed(const Dataset<T>& data, std::size_t batch_size, bool shuffle, std::uint64_t seed)
      : data_(data), rows_(std::min(batch_size, data.rows())), order_(shuffle ? data.rows() : 0), seed_(seed) {}

  const Dataset<T>& data() const override { return data_; }
  std::size_t batch_rows() const override { return rows_; }
  std::size_t batches() const override { return (data_.rows() + rows_ - 1) / rows_; }
  void open(std::size_t epoch) override {
    at_ = 0;
    std::iota(order_.begin(), order_.end(), std::size_t(0));
    kernels::shuffle(Random(seed_).stream("shuffle").stream(epoch), order_);
  }
  std::optional<RowChoice> next() override {
    if (at_ >= data_.rows()) return std::nullopt;
    const RowChoice choice{at_, std::min(rows_, data_.rows() - at_), order_.empty() ? nullptr : order_.data()};
    at_ += choice.count;
    return choice;
  }

 private:
  const Dataset<T>& data_;
  std::size_t rows_;
  std::vector<std::size_t> order_;
  std::uint64_t seed_;
  std::size_t at_ = 0;
};

/// Rows of a stream. A window of them is in memory; each batch is drawn from it at random, then its places are filled
/// with the next rows. Without shuffling the window is one batch.
template <class T>
class StreamFeed final : public Feed<T> {
 public:
  /// `view` gives the arrays of examples in the model's order, and checks them.
  using View = std::function<Dataset<T>(const Examples<T>&)>;

  /// `ended` is called whenever all rows have been seen.
  StreamFeed(ExampleStream<T> stream, View view, std::function<void()> ended, std::size_t batch_size,
             std::size_t shuffle_buffer, std::size_t prefetch, std::uint64_t seed)
      : source_(std::move(stream), prefetch),
        view_(std::move(view)),
        ended_(std::move(ended)),
        rows_(batch_size),
        window_(std::max(batch_size, shuffle_buffer)),
        shuffle_(shuffle_buffer > 0),
        seed_(seed) {
    source_.open(0);
    if (!advance()) throw DataError("fit: expected a stream of at least one row, received none");
    make_window();
  }

  const Dataset<T>& data() const override { return data_; }
  std::size_t batch_rows() const override { return rows_; }
  std::size_t batches() const override { return 0; }
  void open(std::size_t epoch) override {
    if (epoch > 0 || opened_) {
      source_.open(epoch);
      examples_.reset();
    }
    opened_ = true;
    draws_ = Random(seed_).stream("shuffle").stream(epoch);
    drawn_ = taken_ = 0;
    order_.clear();
    free_.resize(window_);
    std::iota(free_.rbegin(), free_.rend(), std::size_t(0));
  }
  std::optional<RowChoice> next() override {
    for (; taken_ > 0; --taken_) {  // the rows of the last batch are done with
      free_.push_back(order_.back());
      order_.pop_back();
    }
    while (!free_.empty() && advance()) {
      copy_row(free_.back());
      order_.push_back(free_.back());
      free_.pop_back();
    }
    if (order_.empty()) return std::nullopt;
    taken_ = std::min(rows_, order_.size());
    const std::size_t first = order_.size() - taken_;
    if (shuffle_)
      for (std::size_t i = order_.size(); i > first; --i) std::swap(order_[i - 1], order_[draws_.below(drawn_++, i)]);
    return RowChoice{first, taken_, order_.data()};
  }

 private:
  /// Whether there is a row at row_ of the examples in hand.
  bool advance() {
    while (!examples_ || row_ >= chunk_.rows()) {
      examples_ = source_.next();
      if (!examples_) {
        if (opened_) ended_();
        return false;
      }
      chunk_ = view_(*examples_);
      row_ = 0;
      check_shapes();
    }
    return true;
  }
  void make_window() {
    data_ = chunk_;
    data_.kept.clear();
    for (auto* parts : {&data_.inputs, &data_.targets})
      for (Rows<T>& part : *parts) {
        memory_.emplace_back(part, window_);
        part = memory_.back().rows();
      }
    if (!chunk_.weights.empty()) data_.weights.assign(window_, T(1));
  }
  void check_shapes() const {
    if (data_.inputs.empty()) return;
    const auto same = [](const std::vector<Rows<T>>& wanted, const std::vector<Rows<T>>& given) {
      for (std::size_t i = 0; i < wanted.size(); ++i)
        if (!(wanted[i].shape == given[i].shape) || wanted[i].kind != given[i].kind)
          throw ShapeError(text("fit: expected the shapes of the stream's first batch, received rows of ",
                                rows_text(given[i].shape), " where it had ", rows_text(wanted[i].shape)));
    };
    same(data_.inputs, chunk_.inputs);
    same(data_.targets, chunk_.targets);
    if (chunk_.weights.empty() != data_.weights.empty())
      throw DataError("fit: expected weights in all batches of the stream or in none");
  }
  void copy_row(std::size_t to) {
    std::size_t m = 0;
    const auto copy = [&](const std::vector<Rows<T>>& from, std::vector<Rows<T>>& window) {
      for (std::size_t i = 0; i < from.size(); ++i, ++m) {
        memory_[m].put(to, from[i], row_);
        window[i] = memory_[m].rows();
      }
    };
    copy(chunk_.inputs, data_.inputs);
    copy(chunk_.targets, data_.targets);
    if (!chunk_.weights.empty()) data_.weights[to] = chunk_.weights[row_];
    ++row_;
  }

  detail::Prefetch<T> source_;
  View view_;
  std::function<void()> ended_;
  std::size_t rows_, window_;
  bool shuffle_;
  std::uint64_t seed_;
  std::optional<Examples<T>> examples_;
  Dataset<T> chunk_, data_;
  std::size_t row_ = 0;
  std::vector<RowStore<T>> memory_;        ///< of the inputs, then the targets
  std::vector<std::size_t> order_, free_;  ///< filled places, the batch's last; places to fill
  std::size_t taken_ = 0;
  Random draws_;
  std::uint64_t drawn_ = 0;
  bool opened_ = false;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/preprocessing/block.hpp"
#include "foretell/preprocessing/schema.hpp"
#include "foretell/preprocessing/target.hpp"

namespace foretell {

/// What a transformer learns from: rows of cells that are read a block at a time, so that large data need not exist
/// twice, and the target when there is one. Not for several threads at once.
class Frame {
 public:
  Frame(Schema schema, std::size_t rows, const Target* target = nullptr)
      : schema_(std::move(schema)), rows_(rows), target_(target) {}
  virtual ~Frame() = default;

  const Schema& schema() const { return schema_; }
  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return schema_.size(); }
  /// What supervised transformers learn; null when fit received none.
  const Target* target() const { return target_; }
  /// The same; throws StateError when there is none.
  const Target& target(std::string_view who) const {
    if (!target_) throw StateError(text(who, ": it learns from the target too; call fit(x, y)."));
    return *target_;
  }
  /// `target` must outlive the frame. Throws ShapeError when it has another number of rows.
  void set_target(const Target* target, std::string_view who) {
    if (target && target->rows() != rows_)
      throw ShapeError(text(who, ": expected ", rows_, " targets, one a row, received ", target->rows(), "."));
    target_ = target;
  }

  /// Writes rows [first, first + out.rows) of all columns.
  virtual void read(std::size_t first, MutableBlock out) const = 0;

  /// Writes all rows of the columns [first, first + count), one column after the other.
  virtual void read_columns(std::size_t first, std::size_t count, double* out) const {
    std::vector<double> cells(std::min(rows_, block_rows(columns())) * columns());
    for (std::size_t row = 0; row < rows_;) {
      const std::size_t rows = std::min(rows_ - row, block_rows(columns()));
      const MutableBlock block(cells.data(), rows, columns());
      read(row, block);
      for (std::size_t c = 0; c < count; ++c)
        for (std::size_t r = 0; r < rows; ++r) out[c * rows_ + row + r] = block(r, first + c);
      row += rows;
    }
  }

  /// All rows of one column; throws DataError for one that does not exist.
  std::vector<double> column(std::size_t c) const {
    (void)schema_[c];
    std::vector<double> cells(rows_);
    read_columns(c, 1, cells.data());
    return cells;
  }

 private:
  Schema schema_;
  std::size_t rows_;
  const Target* target_;
};

/// Calls f(Block) for all rows in order, a block at a time.
template <class F>
void for_each_block(const Frame& frame, F f) {
  const std::size_t most = block_rows(frame.columns());
  std::vector<double> cells(std::min(frame.rows(), most) * frame.columns());
  for (std::size_t row = 0; row < frame.rows(); row += most) {
    const MutableBlock block(cells.data(), std::min(frame.rows() - row, most), frame.columns());
    frame.read(row, block);
    f(Block(block));
  }
}

/// Calls f(c, std::span<double> cells) for every column with all its rows, which f may reorder. Holds some 8 million
/// cells at most, or one column.
template <class F>
void for_each_column(const Frame& frame, F f) {
  const std::size_t rows = frame.rows(), columns = frame.columns();
  const std::size_t most =
      std::clamp<std::size_t>((std::size_t{1} << 23) / (rows + 1), 1, std::max<std::size_t>(columns, 1));
  std::vector<double> cells(rows * most);
  for (std::size_t c = 0; c < columns; c += most) {
    const std::size_t count = std::min(most, columns - c);
    frame.read_columns(c, count, cells.data());
    for (std::size_t i = 0; i < count; ++i) f(c + i, std::span<double>(cells.data() + i * rows, rows));
  }
}

/// An array of shape (rows, columns) or (rows) of float or double. Without a schema its columns are numbers x0, x1, ...
template <class N>
class ArrayFrame : public Frame {
 public:
  ArrayFrame(Array<N> array, std::string_view who) : ArrayFrame(checked(std::move(array), who), Schema(), who) {}

  /// Throws ShapeError when the array has another number of columns, DataError when one of the schema's is a text.
  ArrayFrame(Array<N> array, Schema schema, std::string_view who)
      : Frame(schema.empty() ? numbered(checked(array, who)) : std::move(schema),
              array.rank() == 0 ? 0 : array.rows()) {
    const std::size_t width = width_of(checked(array, who));
    if (width != columns())
      throw ShapeError(text(who, ": expected ", columns(), " columns, as fitted (",
                            quoted_list(this->schema().names(), 6), "), received ", width, "."));
    for (const Field& field : this->schema())
      if (field.kind == Kind::text)
        throw DataError(text(who, ": column \"", field.name, "\" is a text, which no array holds; give it a Table."));
    array_ = std::move(array);
  }

  void read(std::size_t first, MutableBlock out) const override {
    const N* from = array_.data() + first * columns();
    for (std::size_t r = 0; r < out.rows; ++r, from += columns())
      for (std::size_t c = 0; c < columns(); ++c) out(r, c) = static_cast<double>(from[c]);
    for (std::size_t c = 0; c < columns(); ++c)
      if (schema()[c].kind != Kind::number)
        for (std::size_t r = 0; r < out.rows; ++r) out(r, c) = schema().cell(c, out(r, c));
  }

 private:
  static std::size_t width_of(const Array<N>& array) { return array.rank() == 2 ? array.sizes()[1] : 1; }
  static const Array<N>& checked(const Array<N>& array, std::string_view who) {
    if (array.rank() != 1 && array.rank() != 2)
      throw ShapeError(text(who, ": expected an array of shape (rows, columns), received ", array.rank(), " axes."));
    return array;
  }
  static Array<N> checked(Array<N>&& array, std::string_view who) {
    (void)checked(std::as_const(array), who);
    return std::move(array);
  }
  static Schema numbered(const Array<N>& array) {
    Schema schema;
    for (std::size_t c = 0; c < width_of(array); ++c) schema.add({text("x", c)});
    return schema;
  }

  Array<N> array_;
};

/// Some columns of another frame, which must outlive this one.
class SelectedFrame : public Frame {
 public:
  SelectedFrame(const Frame& source, const std::vector<std::size_t>& columns)
      : Frame(picked(source.schema(), columns), source.rows(), source.target()), source_(source), places_(columns) {}

  void read(std::size_t first, MutableBlock out) const override {
    const Scratch::Mark mark(scratch_);
    const MutableBlock all = scratch_.block(out.rows, source_.columns());
    source_.read(first, all);
    for (std::size_t r = 0; r < out.rows; ++r)
      for (std::size_t c = 0; c < places_.size(); ++c) out(r, c) = all(r, places_[c]);
  }
  void read_columns(std::size_t first, std::size_t count, double* out) const override {
    for (std::size_t c = 0; c < count; ++c) source_.read_columns(places_[first + c], 1, out + c * rows());
  }

 private:
  static Schema picked(const Schema& schema, const std::vector<std::size_t>& columns) {
    Schema some;
    for (const std::size_t c : columns) some.add(schema[c]);
    return some;
  }

  const Frame& source_;
  std::vector<std::size_t> places_;
  mutable Scratch scratch_;
};

}  // namespace foretell

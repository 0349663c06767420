// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "foretell/core/arena.hpp"
#include "foretell/serving/check_cells.hpp"
#include "foretell/serving/row.hpp"
#include "foretell/serving/served.hpp"

namespace foretell::detail {

/// One thread's: makes the inputs of a network of up to so many requests. After the first call nothing is allocated.
template <class T>
class Preparation {
 public:
  /// `plan` outlives this. `widths`: how many numbers of each input a row has, where it is not its shape's (a step).
  Preparation(const RequestPlan<T>& plan, std::size_t rows, std::vector<std::size_t> widths = {})
      : plan_(plan), widths_(std::move(widths)), buffers_(plan.inputs.size()), places_(plan.inputs.size()) {
    for (std::size_t i = widths_.size(); i < plan.inputs.size(); ++i) widths_.push_back(plan.inputs[i].shape.size());
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
      Buffer& buffer = buffers_[i];
      const InputKind kind = plan.inputs[i].kind;
      if (kind == InputKind::numbers) buffer.numbers = Arena<T>(rows * widths_[i]);
      if (kind == InputKind::ids) buffer.ids = Arena<std::int64_t>(rows * widths_[i]);
      if (kind == InputKind::sparse) buffer.starts.resize(rows + 1);
    }
  }

  /// The inputs that columns make. Throws DataError for cells of which there is no number, ShapeError where
  /// preprocessing gives another width.
  void columns(const Asked& asked, std::size_t first, Block cells) {
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
      const InputPlan<T>& plan = plan_.inputs[i];
      if (plan.array == InputPlan<T>::none) fill(asked, first, plan, widths_[i], buffers_[i], cells, places_[i]);
    }
  }
  /// The inputs that are arrays of one request. Throws DataError for one that was not set.
  void arrays(const Asked& asked, std::span<const Row::ArrayValue> values) {
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
      const InputPlan<T>& plan = plan_.inputs[i];
      if (plan.array == InputPlan<T>::none) continue;
      const Row::ArrayValue& value = values[plan.array];
      if (!value.set)
        throw DataError(text(asked.who, ": expected a request with the array \"", plan.name,
                             "\", received one without; set it with row.set(\"", plan.name, "\", values)"));
      Buffer& buffer = buffers_[i];
      if (plan.kind == InputKind::ids) {
        places_[i] = value.ids.data();
      } else if (plan.kind == InputKind::numbers) {
        for (std::size_t k = 0; k < value.numbers.size(); ++k) buffer.numbers[k] = static_cast<T>(value.numbers[k]);
        places_[i] = buffer.numbers.data();
      } else {
        buffer.begin();
        for (std::size_t k = 0; k < value.numbers.size(); ++k) buffer.add(k, static_cast<T>(value.numbers[k]));
        places_[i] = buffer.end(1, widths_[i]);
      }
    }
  }
  /// The only input, as numbers of the network's kind that are given; ids where it has ids.
  void numbers(std::string_view who, const T* x, std::size_t rows) {
    Buffer& buffer = buffers_[0];
    places_[0] = x;
    if (plan_.inputs[0].kind == InputKind::ids) {
      for (std::size_t i = 0; i < rows * widths_[0]; ++i)
        buffer.ids[i] = id_of(x[i], [&] { return text(who, " in row ", i / widths_[0]); });
      places_[0] = buffer.ids.data();
    }
    if (plan_.inputs[0].kind != InputKind::sparse) return;
    buffer.begin();
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < widths_[0]; ++c) buffer.add(c, x[r * widths_[0] + c]);
      buffer.ends(r);
    }
    places_[0] = buffer.end(rows, widths_[0]);
  }
  void ids(const std::int64_t* x, std::size_t rows) {
    places_[0] = x;
    if (plan_.inputs[0].kind != InputKind::numbers) return;
    for (std::size_t i = 0; i < rows * widths_[0]; ++i) buffers_[0].numbers[i] = static_cast<T>(x[i]);
    places_[0] = buffers_[0].numbers.data();
  }

  std::span<const void* const> places() const { return places_; }
  std::size_t width(std::size_t input) const { return widths_[input]; }

 private:
  struct Buffer {
    Arena<T> numbers;
    Arena<std::int64_t> ids;
    std::vector<std::size_t> starts;  ///< of sparse rows, and the end of the last
    std::vector<std::uint32_t> columns;
    std::vector<T> values;
    SparseRows<T> sparse;

    void begin() {
      columns.clear();
      values.clear();
      starts[0] = 0;
    }
    void add(std::size_t column, T value) {
      if (value == T(0)) return;
      columns.push_back(static_cast<std::uint32_t>(column));
      values.push_back(value);
    }
    void ends(std::size_t row) { starts[row + 1] = columns.size(); }
    const SparseRows<T>* end(std::size_t rows, std::size_t width) {
      ends(rows - 1);
      sparse = {starts.data(), starts.data() + 1, columns.data(), values.data(), rows, width};
      return &sparse;
    }
  };

  void fill(const Asked& asked, std::size_t first, const InputPlan<T>& plan, std::size_t width, Buffer& buffer,
            Block all, const void*& place) {
    if (plan.given() != width) [[unlikely]]
      throw StateError(text(asked.who, ": expected preprocessing that gives the ", width, " numbers of a row of \"",
                            plan.name, "\", that of this model gives ", plan.given(),
                            ", a step; use stream(), or give the network its numbers"));
    const Scratch::Mark mark(scratch_);
    const Block cells = plan.all_columns ? all : picked(plan, all);
    if (plan.kind == InputKind::numbers) {
      if (plan.transformer)
        plan.transformer.transform_cells(cells, buffer.numbers.data(), width, scratch_);
      else
        for (std::size_t r = 0; r < cells.rows; ++r)
          for (std::size_t c = 0; c < width; ++c) buffer.numbers[r * width + c] = static_cast<T>(cells(r, c));
      check_numbers(asked, first, plan, cells, buffer.numbers.data(), width);
      place = buffer.numbers.data();
      return;
    }
    if (!plan.transformer) {
      for (std::size_t r = 0; r < cells.rows; ++r)
        for (std::size_t c = 0; c < width; ++c) buffer.ids[r * width + c] = id_in(cells(r, c));
      place = buffer.ids.data();
      return;
    }
    if (plan.kind == InputKind::sparse) {
      buffer.begin();
      for (std::size_t r = 0; r < cells.rows; ++r) {
        plan.transformer.nonzeros_of(cells.row(r), scratch_, [&](std::size_t column, double value) {
          buffer.add(column, static_cast<T>(value));
        });
        buffer.ends(r);
      }
      place = buffer.end(cells.rows, width);
      return;
    }
    const MutableBlock out = scratch_.block(cells.rows, width);
    plan.transformer.transform_cells(cells, out.data, width, scratch_);
    for (std::size_t i = 0; i < cells.rows * width; ++i)
      buffer.ids[i] = id_of(
          out.data[i], [&] { return text(asked.who, ", input \"", plan.name, "\"", asked.row(first + i / width)); });
    place = buffer.ids.data();
  }
  Block picked(const InputPlan<T>& plan, Block all) {
    const MutableBlock some = scratch_.block(all.rows, plan.places.size());
    for (std::size_t r = 0; r < all.rows; ++r)
      for (std::size_t c = 0; c < plan.places.size(); ++c) some(r, c) = all(r, plan.places[c]);
    return some;
  }
  static void check_numbers(const Asked& asked, std::size_t first, const InputPlan<T>& plan, Block cells,
                            const T* numbers, std::size_t width) {
    if (plan.transformer) return check_features(asked, first, plan.transformer, cells, numbers, width);
    if (kernels::all_finite(cells.rows * width, numbers)) [[likely]]
      return;
    for (std::size_t i = 0; i < cells.rows * width; ++i)
      if (!std::isfinite(numbers[i]))
        throw DataError(text(asked.who, ": expected a number for column ", i % width, " of input \"", plan.name, "\"",
                             asked.row(first + i / width), ", received ",
                             std::isnan(numbers[i]) ? "a missing one" : text(numbers[i]), "; ", asked.mend(), "."));
  }

  const RequestPlan<T>& plan_;
  std::vector<std::size_t> widths_;
  std::vector<Buffer> buffers_;
  std::vector<const void*> places_;
  Scratch scratch_;
};

}  // namespace foretell::detail

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/data/near_match.hpp"
#include "foretell/data/table.hpp"
#include "foretell/io/request.hpp"
#include "foretell/preprocessing/table_frame.hpp"

namespace foretell {

/// One request, by the names of columns and of arrays. Cells that are not set are missing; a value the model has not
/// seen is unknown; neither is an error, and an Answer says how many there were. An array that is not set is an error.
///
/// Reuse it: after the first request of a size nothing here allocates. The first `set`, `set_missing` or `assign` after
/// an answer, or after one that was refused, begins the next request, which knows nothing of the one before; asking
/// again without them asks the same. `change` alters one value of the request that was asked: what if? A request that
/// is given up before it was asked ends with `clear`.
///
/// It belongs to one thread, also while a predictor reads it, and to every model of the same fields: a model loaded
/// anew takes it, one of other fields refuses it.
class Row {
 public:
  /// What an array holds: numbers, or ids.
  struct ArrayValue {
    std::vector<double> numbers;
    std::vector<std::int64_t> ids;
    bool set = false;
  };

  explicit Row(std::shared_ptr<const RequestFields> fields)
      : fields_(std::move(fields)),
        cells_(fields_->columns.size()),
        texts_(fields_->columns.size()),
        arrays_(fields_->arrays.size()) {
    clear();
  }
  /// Of columns alone.
  explicit Row(const Schema& columns) : Row(std::make_shared<const RequestFields>(columns)) {}
  Row(const Row& other) { *this = other; }
  Row(Row&&) = default;
  Row& operator=(const Row& other) {
    fields_ = other.fields_;
    cells_ = other.cells_;
    texts_ = other.texts_;
    arrays_ = other.arrays_;
    answered_ = other.answered_;
    for (std::size_t c = 0; c < cells_.size(); ++c)  // a text's cell is where this row keeps it
      if (field(c).kind == Kind::text && !std::isnan(cells_[c])) cells_[c] = text_cell(texts_[c]);
    return *this;
  }
  Row& operator=(Row&&) = default;

  /// The place of a column, for setting it without a search. Throws DataError for a column the model does not use.
  std::size_t index(std::string_view name) const {
    const std::size_t i = fields_->columns.find(name);
    if (i == fields_->columns.size()) refuse_name(name);
    return i;
  }
  void set(std::string_view name, double value) { set(index(name), value); }
  template <std::integral N>
  void set(std::string_view name, N value) {
    set(index(name), value);
  }
  void set(std::string_view name, std::string_view value) { set(index(name), value); }
  void set_missing(std::string_view name) { set_missing(index(name)); }
  /// By place; throws DataError for one that does not exist. Whole numbers are exact in columns of ids.
  void set(std::size_t column, double value) { put(column, cell_of_number(column, value)); }
  template <std::integral N>
  void set(std::size_t column, N value) {
    put(column, cell_of_whole(column, value));
  }
  void set(std::size_t column, std::string_view value) {
    begin();
    cells_[checked(column)] = cell_of_text(column, value);
  }
  void set_missing(std::size_t column) { put(column, missing_cell_of(field(column).kind)); }

  /// The numbers of an array of the request: as many as it has; fewer or more ids are taken as pad_sequences takes
  /// them, the last ones, behind zeros. Throws DataError for a name that is no array, ShapeError for another number.
  void set(std::string_view name, std::span<const double> values) { put_array(name, values); }
  void set(std::string_view name, std::span<const float> values) { put_array(name, values); }
  void set(std::string_view name, std::span<const std::int64_t> values) { put_array(name, values); }
  void set(std::string_view name, std::span<const std::int32_t> values) { put_array(name, values); }

  /// Another value in the same request, whether it was asked already or not; NaN makes the cell missing.
  void change(std::string_view name, double value) { change(index(name), value); }
  template <std::integral N>
  void change(std::string_view name, N value) {
    change(index(name), value);
  }
  void change(std::string_view name, std::string_view value) { change(index(name), value); }
  void change(std::size_t column, double value) { cells_[column] = cell_of_number(column, value); }
  template <std::integral N>
  void change(std::size_t column, N value) {
    cells_[column] = cell_of_whole(column, value);
  }
  void change(std::size_t column, std::string_view value) { cells_[checked(column)] = cell_of_text(column, value); }

  /// Begins a new request, of which nothing is known.
  void clear() {
    for (std::size_t c = 0; c < cells_.size(); ++c) cells_[c] = missing_cell_of(field(c).kind);
    for (ArrayValue& array : arrays_) array.set = false;
    answered_ = false;
  }

  /// A new request: row i of a table, by column name; columns the model does not use are passed over, columns the table
  /// lacks are missing, arrays are not set. Throws DataError for a row that does not exist.
  void assign(const Table& table, std::size_t i) {
    if (i >= table.rows()) throw DataError(text("Row: expected a row below ", table.rows(), ", received ", i));
    clear();
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      const Field& column = fields_->columns[c];
      if (!table.contains(column.name)) continue;
      const Column& values = table.column(column.name);
      if (column.kind == Kind::text) {
        NumberText room;
        if (!values.missing(i)) cells_[c] = cell_of_text(c, values.text(i, room));
      } else {
        cells_[c] = cell_of(column, values, i);
      }
    }
  }

  const RequestFields& fields() const { return *fields_; }
  const Schema& schema() const { return fields_->columns; }
  std::span<const double> cells() const { return cells_; }
  /// In the order of fields().arrays.
  std::span<const ArrayValue> arrays() const { return arrays_; }

 private:
  template <class T>
  friend class Predictor;
  template <class T>
  friend class Stream;

  std::size_t checked(std::size_t column) const {
    if (column >= cells_.size()) [[unlikely]]
      refuse(column);
    return column;
  }
  const Field& field(std::size_t column) const {
    return fields_->columns.begin()[static_cast<std::ptrdiff_t>(checked(column))];
  }
  double cell_of_number(std::size_t column, double value) {
    const Field& of = field(column);
    if (of.kind != Kind::text) return of.cell(value);
    NumberText room;
    return std::isnan(value) ? missing_cell : cell_of_text(column, text_of(value, room));
  }
  template <std::integral N>
  double cell_of_whole(std::size_t column, N value) {
    const Field& of = field(column);
    if (of.kind != Kind::id) return cell_of_number(column, detail::as_double(value, "Row"));
    if (!std::in_range<std::int64_t>(value))
      throw DataError(text("Row: expected ids up to 2^63 - 1, received ", value));
    return id_cell(static_cast<std::int64_t>(value));
  }
  double cell_of_text(std::size_t column, std::string_view value) {
    const Field& of = field(column);
    if (of.kind != Kind::text) return of.cell(value);
    texts_[column].assign(value);
    return text_cell(texts_[column]);
  }
  void begin() {
    if (answered_) [[unlikely]]
      clear();
  }
  void put(std::size_t column, double cell) {
    begin();
    cells_[column] = cell;
  }
  template <class N>
  void put_array(std::string_view name, std::span<const N> values) {
    std::size_t a = 0;
    while (a < arrays_.size() && fields_->arrays[a].name != name) ++a;
    if (a == arrays_.size()) refuse_name(name);
    begin();
    const RequestArray& of = fields_->arrays[a];
    const std::size_t size = of.shape.size();
    ArrayValue& to = arrays_[a];
    if (of.kind == InputKind::ids) {
      to.ids.assign(size, 0);
      const std::size_t count = std::min(size, values.size());
      for (std::size_t i = 0; i < count; ++i)
        to.ids[size - count + i] = id_of_value(values[values.size() - count + i], of);
    } else {
      if (values.size() != size)
        throw ShapeError(text("Row, \"", name, "\": expected ", size, " numbers, received ", values.size()));
      to.numbers.assign(values.begin(), values.end());
    }
    to.set = true;
  }
  template <class N>
  static std::int64_t id_of_value(N value, const RequestArray& of) {
    if constexpr (std::integral<N>)
      return value;
    else
      return detail::id_of(value, [&] { return text("Row, \"", of.name, "\""); });
  }
  [[noreturn, gnu::noinline]] void refuse(std::size_t column) const {
    throw DataError(text("Row: expected a column below ", cells_.size(), ", received ", column,
                         "; index(name) gives the place of a column."));
  }
  [[noreturn, gnu::noinline]] void refuse_name(std::string_view name) const {
    const std::vector<std::string> names = fields_->names();
    throw DataError(text("Row: expected one of the columns ", quoted_list(names, 50), ", received \"", name, "\".",
                         detail::did_you_mean(std::string(name), names)));
  }

  std::shared_ptr<const RequestFields> fields_;
  std::vector<double> cells_;
  std::vector<std::string> texts_;  ///< of columns of texts
  std::vector<ArrayValue> arrays_;
  mutable bool answered_ = false;  ///< set by who answers: what is set from now on is of the next request
};

}  // namespace foretell

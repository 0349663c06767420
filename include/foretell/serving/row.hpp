// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
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
#include "foretell/preprocessing/table_frame.hpp"

namespace foretell {

/// One request by column name. Cells that are not set are missing; a value the model has not seen is unknown; neither
/// is an error, and an Answer says how many there were.
///
/// Reuse it: nothing here allocates. The first `set`, `set_missing` or `assign` after an answer, or after one that was
/// refused, begins the next request, which knows nothing of the one before; asking again without them asks the same.
/// `change` alters one cell of the request that was asked: what if? A request that is given up before it was asked ends
/// with `clear`.
///
/// It belongs to one thread, also while a predictor reads it, and to every model of the same columns: a model loaded
/// anew takes it, one of other columns refuses it.
class Row {
 public:
  explicit Row(std::shared_ptr<const Schema> schema) : Row(schema, schema->fingerprint()) {}
  /// The same where the fingerprint of the schema is known.
  Row(std::shared_ptr<const Schema> schema, std::uint64_t fingerprint)
      : schema_(std::move(schema)), cells_(schema_->size(), missing_cell), fingerprint_(fingerprint) {}

  /// The place of a column, for setting it without a search. Throws DataError for a column the model does not use.
  std::size_t index(std::string_view name) const {
    const std::size_t i = schema_->find(name);
    if (i == schema_->size())
      throw DataError(text("Row: expected one of the columns ", quoted_list(schema_->names(), 50), ", received \"",
                           name, "\".", detail::did_you_mean(std::string(name), schema_->names())));
    return i;
  }
  void set(std::string_view name, double value) { set(index(name), value); }
  void set(std::string_view name, std::string_view value) { set(index(name), value); }
  void set_missing(std::string_view name) { set_missing(index(name)); }
  /// By place; throws DataError for one that does not exist.
  void set(std::size_t column, double value) { put(column, field(column).cell(value)); }
  void set(std::size_t column, std::string_view value) { put(column, field(column).cell(value)); }
  void set_missing(std::size_t column) {
    (void)field(column);
    put(column, missing_cell);
  }

  /// Another value in the same request, whether it was asked already or not; NaN makes the cell missing.
  void change(std::string_view name, double value) { change(index(name), value); }
  void change(std::string_view name, std::string_view value) { change(index(name), value); }
  void change(std::size_t column, double value) { cells_[column] = field(column).cell(value); }
  void change(std::size_t column, std::string_view value) { cells_[column] = field(column).cell(value); }

  /// Begins a new request, of which nothing is known.
  void clear() {
    std::fill(cells_.begin(), cells_.end(), missing_cell);
    answered_ = false;
  }

  /// A new request: row i of a table, by column name; columns the model does not use are passed over, columns the table
  /// lacks are missing. Throws DataError for a row that does not exist.
  void assign(const Table& table, std::size_t i) {
    if (i >= table.rows()) throw DataError(text("Row: expected a row below ", table.rows(), ", received ", i));
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      const Field& field = (*schema_)[c];
      cells_[c] = table.contains(field.name) ? cell_of(field, table.column(field.name), i) : missing_cell;
    }
    answered_ = false;
  }

  const Schema& schema() const { return *schema_; }
  std::span<const double> cells() const { return cells_; }

 private:
  template <class T>
  friend class Predictor;
  template <class T>
  friend class Stream;

  const Field& field(std::size_t column) const {
    if (column >= cells_.size()) [[unlikely]]
      refuse(column);
    return schema_->begin()[static_cast<std::ptrdiff_t>(column)];
  }
  [[noreturn, gnu::noinline]] void refuse(std::size_t column) const {
    throw DataError(text("Row: expected a column below ", cells_.size(), ", received ", column,
                         "; index(name) gives the place of a column."));
  }
  void put(std::size_t column, double cell) {
    if (answered_) [[unlikely]]
      clear();
    cells_[column] = cell;
  }

  std::shared_ptr<const Schema> schema_;
  std::vector<double> cells_;
  std::uint64_t fingerprint_;
  mutable bool answered_ = false;  ///< set by who answers: what is set from now on is of the next request
};

}  // namespace foretell

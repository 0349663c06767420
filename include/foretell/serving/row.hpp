// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
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
/// is an error. Reuse it: assign and set allocate nothing.
class Row {
 public:
  explicit Row(std::shared_ptr<const Schema> schema)
      : schema_(std::move(schema)), cells_(schema_->size(), missing_cell) {}

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
  void set_missing(std::string_view name) { cells_[index(name)] = missing_cell; }
  void set(std::size_t column, double value) { cells_.at(column) = (*schema_)[column].cell(value); }
  void set(std::size_t column, std::string_view value) { cells_.at(column) = (*schema_)[column].cell(value); }
  void clear() { std::fill(cells_.begin(), cells_.end(), missing_cell); }

  /// Row i of a table, by column name; columns the model does not use are passed over, columns the table lacks are
  /// missing.
  void assign(const Table& table, std::size_t i) {
    if (i >= table.rows()) throw DataError(text("Row: expected a row below ", table.rows(), ", received ", i));
    for (std::size_t c = 0; c < cells_.size(); ++c) {
      const Field& field = (*schema_)[c];
      cells_[c] = table.contains(field.name) ? cell_of(field, table.column(field.name), i) : missing_cell;
    }
  }
  std::span<const double> cells() const { return cells_; }

 private:
  std::shared_ptr<const Schema> schema_;
  std::vector<double> cells_;
};

}  // namespace foretell

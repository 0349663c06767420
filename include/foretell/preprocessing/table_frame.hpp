// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/data/table.hpp"
#include "foretell/preprocessing/frame.hpp"

namespace foretell {

/// The columns of a table as they stand.
inline Schema schema_of(const Table& table) {
  Schema schema;
  for (const Column& column : table) schema.add({column.name(), column.kind(), Categories(column.dictionary())});
  return schema;
}

/// One value of a column as a cell of `field`.
inline double cell_of(const Field& field, const Column& column, std::size_t row) {
  if (column.missing(row)) return missing_cell;
  if (column.kind() == Kind::number) return field.cell(column.number(row));
  const double cell = field.cell(column.text(row));
  if (column.kind() == Kind::boolean && (field.kind != Kind::category || is_unknown(cell)))
    return field.cell(column.number(row));
  return cell;
}

/// A table read through a schema, its own or one that was fitted before. Columns are found by name; a table whose
/// dictionaries or kinds differ is translated once, here, so that unknown and missing values are ordinary cells.
class TableFrame : public Frame {
 public:
  TableFrame(const Table& table, std::string_view who) : TableFrame(table, schema_of(table), who) {}

  /// Throws DataError that names the columns of the schema that the table lacks.
  TableFrame(const Table& table, Schema schema, std::string_view who) : Frame(std::move(schema), table.rows()) {
    std::vector<std::string> absent;
    for (const Field& field : this->schema()) {
      if (!table.contains(field.name))
        absent.push_back(field.name);
      else
        sources_.push_back(source(field, table.column(field.name)));
    }
    if (!absent.empty())
      throw DataError(text(who, ": the table lacks ", absent.size() == 1 ? "the column " : "the columns ",
                           quoted_list(absent), ".", detail::did_you_mean(absent[0], table.names()), " It has ",
                           quoted_list(table.names()), "."));
  }

  void read(std::size_t first, MutableBlock out) const override {
    for (std::size_t c = 0; c < sources_.size(); ++c) read_column(c, first, out.rows, out.data + c, out.stride);
  }
  void read_columns(std::size_t first, std::size_t count, double* out) const override {
    for (std::size_t c = 0; c < count; ++c) read_column(first + c, 0, rows(), out + c * rows(), 1);
  }

 private:
  struct Source {
    Column column;
    std::vector<double> cells;  ///< of every code and, last, of a missing value; empty for a number column
  };

  static Source source(const Field& field, const Column& column) {
    Source source{column, {}};
    if (column.kind() == Kind::number) return source;
    for (std::size_t code = 0; code < column.dictionary().size(); ++code) {
      double cell = field.cell(column.dictionary()[code]);
      if (column.kind() == Kind::boolean && (field.kind != Kind::category || is_unknown(cell)))
        cell = field.cell(static_cast<double>(code));
      source.cells.push_back(cell);
    }
    source.cells.push_back(missing_cell);
    return source;
  }

  void read_column(std::size_t c, std::size_t first, std::size_t count, double* out, std::size_t stride) const {
    const Column& column = sources_[c].column;
    const std::vector<double>& cells = sources_[c].cells;
    if (column.kind() == Kind::number) {
      const double* numbers = column.numbers().data() + first;
      for (std::size_t r = 0; r < count; ++r) out[r * stride] = numbers[r];
      if (schema()[c].kind != Kind::number)
        for (std::size_t r = 0; r < count; ++r) out[r * stride] = schema().cell(c, out[r * stride]);
      return;
    }
    const auto gather = [&](const auto* codes) {
      for (std::size_t r = 0; r < count; ++r)
        out[r * stride] = codes[r] < 0 ? missing_cell : cells[static_cast<std::size_t>(codes[r])];
    };
    if (column.kind() == Kind::category)
      gather(column.codes().data() + first);
    else
      gather(column.booleans().data() + first);
  }

  std::vector<Source> sources_;
};

}  // namespace foretell

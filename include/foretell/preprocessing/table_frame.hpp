// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/data/dictionary.hpp"
#include "foretell/data/table.hpp"
#include "foretell/preprocessing/frame.hpp"

namespace foretell {

/// The columns of a table as they stand, but those of `texts` as texts without a list of categories.
inline Schema schema_of(const Table& table, const std::vector<std::string>& texts = {}) {
  Schema schema;
  for (const Column& column : table)
    if (std::find(texts.begin(), texts.end(), column.name()) != texts.end())
      schema.add({column.name(), Kind::text});
    else
      schema.add({column.name(), column.kind(), Categories(column.dictionary())});
  return schema;
}

/// One value of a column as a cell of `field`, which is none of texts: see Field::cell.
inline double cell_of(const Field& field, const Column& column, std::size_t row) {
  if (column.missing(row)) return missing_cell_of(field.kind);
  if (column.kind() == Kind::number) return field.cell(column.number(row));
  const double cell = field.cell(column.text(row));
  if (column.kind() == Kind::boolean && (field.kind != Kind::category || is_unknown(cell)))
    return field.cell(column.number(row));
  return cell;
}

/// A table read through a schema, its own or one that was fitted before. Columns are found by name; a table whose
/// dictionaries or kinds differ is translated once, here, so that unknown and missing values are ordinary cells. The
/// cells of texts are addresses that are good as long as the frame or a copy of it is; numbers are spelled.
class TableFrame : public Frame {
 public:
  TableFrame(const Table& table, std::string_view who) : TableFrame(table, schema_of(table), who) {}

  /// Throws DataError that names the columns of the schema that the table lacks, or a value that is no id where the
  /// schema has one.
  TableFrame(const Table& table, Schema schema, std::string_view who) : Frame(std::move(schema), table.rows()) {
    std::vector<std::string> absent;
    for (const Field& field : this->schema()) {
      if (!table.contains(field.name))
        absent.push_back(field.name);
      else
        sources_.push_back(source(field, table.column(field.name), who));
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

    double cell(const Field& field, std::size_t row) const {
      if (column.kind() == Kind::number) return field.cell(column.number(row));
      const std::int32_t code = column.code(row);
      return code < 0 ? cells.back() : cells[static_cast<std::size_t>(code)];
    }
  };

  static Source source(const Field& field, const Column& column, std::string_view who) {
    const bool texts = field.kind == Kind::text;
    Source source{texts && column.kind() == Kind::number ? spelled(column) : column, {}};
    if (source.column.kind() != Kind::number) {
      for (std::size_t code = 0; code < source.column.dictionary().size(); ++code) {
        const std::string& value = source.column.dictionary()[code];
        double cell = texts ? text_cell(value) : field.cell(value);
        if (column.kind() == Kind::boolean && !texts && (field.kind != Kind::category || is_unknown(cell)))
          cell = field.cell(static_cast<double>(code));
        source.cells.push_back(cell);
      }
      source.cells.push_back(missing_cell_of(field.kind));
    }
    if (field.kind == Kind::id) check_ids(field, source, who);
    return source;
  }
  /// The category column of the texts of numbers.
  static Column spelled(const Column& column) {
    Dictionary texts;
    NumberText room;
    std::vector<std::int32_t> codes;
    codes.reserve(column.size());
    for (std::size_t row = 0; row < column.size(); ++row)
      codes.push_back(column.missing(row) ? -1 : texts.add(column.text(row, room)));
    return Column::from_codes(std::move(codes), std::move(texts).values());
  }
  static void check_ids(const Field& field, const Source& source, std::string_view who) {
    const Column& column = source.column;
    for (std::size_t row = 0; row < column.size(); ++row) {
      if (!is_unreadable(Kind::id, source.cell(field, row))) continue;
      NumberText room;
      throw DataError(text(who, ": expected an id, a whole number, in column \"", field.name, "\", row ", row,
                           ", received ", column.text(row, room),
                           column.kind() == Kind::number ? "; ids beyond 2^53 come as texts of their digits."
                                                         : "; OrdinalEncoder makes numbers of texts."));
    }
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
    const auto gather = [&, missing = cells.back()](const auto* codes) {
      for (std::size_t r = 0; r < count; ++r)
        out[r * stride] = codes[r] < 0 ? missing : cells[static_cast<std::size_t>(codes[r])];
    };
    if (column.kind() == Kind::category)
      gather(column.codes().data() + first);
    else
      gather(column.booleans().data() + first);
  }

  std::vector<Source> sources_;
};

}  // namespace foretell

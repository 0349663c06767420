// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/data/table.hpp"

namespace foretell {

/// The values of some columns of one kind, one column after the other, under the name of the first. Throws DataError
/// for columns of different kinds; one without any value is of every kind.
inline Column concat(const std::vector<Column>& columns) {
  if (columns.empty()) return {};
  const Column* kind_giver = &columns[0];
  for (const Column& column : columns)
    if (kind_giver->count_missing() == kind_giver->size()) kind_giver = &column;
  const Kind kind = kind_giver->kind();
  std::size_t rows = 0;
  for (const Column& column : columns) rows += column.size();
  std::vector<double> numbers;
  std::vector<std::int32_t> codes;
  std::vector<std::int8_t> flags;
  Dictionary dictionary;
  (kind == Kind::number ? numbers.reserve(rows) : kind == Kind::category ? codes.reserve(rows) : flags.reserve(rows));
  for (const Column& column : columns) {
    const bool blank = column.kind() != kind;
    if (blank && column.count_missing() < column.size())
      throw DataError(text("concat: expected columns \"", columns[0].name(), "\" of one kind, received a ",
                           name_of(kind), " and a ", name_of(column.kind()),
                           "; read them alike, see CsvOptions::dtypes."));
    if (kind == Kind::number) {
      for (std::size_t row = 0; row < column.size(); ++row) numbers.push_back(column.number(row));
    } else if (kind == Kind::boolean) {
      for (std::size_t row = 0; row < column.size(); ++row)
        flags.push_back(blank ? std::int8_t{-1} : static_cast<std::int8_t>(column.code(row)));
    } else {
      std::vector<std::int32_t> renumbered;
      if (!blank)
        for (const auto& value : column.dictionary()) renumbered.push_back(dictionary.add(value));
      for (std::size_t row = 0; row < column.size(); ++row) {
        const std::int32_t code = blank ? -1 : column.code(row);
        codes.push_back(code < 0 ? -1 : renumbered[static_cast<std::size_t>(code)]);
      }
    }
  }
  Column all = kind == Kind::number ? Column(std::move(numbers))
               : kind == Kind::category
                   ? Column::from_codes(std::move(codes), std::move(dictionary).values())
                   : Column::from_booleans(std::move(flags), kind_giver->dictionary()[0], kind_giver->dictionary()[1]);
  return std::move(all).named(columns[0].name());
}

/// The rows of some tables, one table after the other. Throws DataError when they do not have the same columns, in
/// whatever order, or columns of one name are of different kinds.
inline Table concat(const std::vector<Table>& tables) {
  if (tables.empty()) return {};
  Table all;
  for (const Table& table : tables)
    if (table.columns() != tables[0].columns())
      throw DataError(text("concat: expected tables of the same columns, received ", quoted_list(tables[0].names()),
                           " and ", quoted_list(table.names()), "; select those that all have."));
  for (const auto& name : tables[0].names()) {
    std::vector<Column> parts;
    for (const Table& table : tables) parts.push_back(table.column(name));
    all.add(name, concat(parts));
  }
  return all;
}

}  // namespace foretell

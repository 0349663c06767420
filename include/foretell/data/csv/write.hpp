// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "foretell/core/file.hpp"
#include "foretell/data/csv/number.hpp"
#include "foretell/data/table.hpp"

namespace foretell {

struct CsvWriteOptions {
  char delimiter = ',';
  bool header = true;
  std::string missing{};  ///< what stands for a missing value
};

namespace detail {

inline void append_csv_field(std::string& out, std::string_view s, char delimiter, bool quoted = false) {
  for (const char c : s) quoted |= c == delimiter || c == '"' || c == '\n' || c == '\r';
  if (!s.empty()) quoted |= is_blank(s.front()) || is_blank(s.back());
  quoted |= s.starts_with("\xEF\xBB\xBF");  // at the head of a file this is no text but says UTF-8
  if (!quoted) {
    out += s;
    return;
  }
  out += '"';
  for (const char c : s) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

/// Appends the rows [first, last) of the table.
inline void append_csv_rows(std::string& out, const Table& table, std::size_t first, std::size_t last,
                            const CsvWriteOptions& options) {
  NumberText room;
  for (std::size_t row = first; row < last; ++row) {
    for (std::size_t i = 0; i < table.columns(); ++i) {
      if (i) out += options.delimiter;
      const Column& column = table.column(i);
      const bool alone = table.columns() == 1;  // an empty line would be skipped
      if (column.missing(row))
        append_csv_field(out, options.missing, options.delimiter, alone && options.missing.empty());
      else
        append_csv_field(out, column.text(row, room), options.delimiter, alone && column.text(row, room).empty());
    }
    out += '\n';
  }
}

inline void append_csv_header(std::string& out, const Table& table, const CsvWriteOptions& options) {
  if (!options.header) return;
  for (std::size_t i = 0; i < table.columns(); ++i) {
    if (i) out += options.delimiter;
    append_csv_field(out, table.column(i).name(), options.delimiter,
                     table.columns() == 1 && table.column(i).name().empty());
  }
  out += '\n';
}

}  // namespace detail

/// The table as CSV text: fields quoted where they must be, numbers in the shortest form that reads back the same.
inline std::string to_csv(const Table& table, const CsvWriteOptions& options = {}) {
  std::string out;
  detail::append_csv_header(out, table, options);
  detail::append_csv_rows(out, table, 0, table.rows(), options);
  return out;
}

/// Writes the table as `to_csv` does; throws FormatError when the file cannot be written, and leaves then what stood
/// there before.
inline void write_csv(const std::string& path, const Table& table, const CsvWriteOptions& options = {}) {
  OutputFile file(path);
  std::string out;
  detail::append_csv_header(out, table, options);
  constexpr std::size_t block = 4096;
  for (std::size_t first = 0; first < table.rows() || !out.empty(); first += block, out.clear()) {
    if (first < table.rows())
      detail::append_csv_rows(out, table, first, std::min(first + block, table.rows()), options);
    file.write(out.data(), out.size());
  }
  file.commit();
}

}  // namespace foretell

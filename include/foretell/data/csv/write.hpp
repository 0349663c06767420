// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/file.hpp"
#include "foretell/data/csv/builder.hpp"
#include "foretell/data/csv/options.hpp"
#include "foretell/data/table.hpp"

namespace foretell {

struct CsvWriteOptions {
  char delimiter = ',';
  bool header = true;
  std::string missing{};  ///< what stands for a missing value; NA where it is empty and would make an empty line
};

namespace detail {

/// Writes the rows of one table as CSV text.
class CsvWriter {
 public:
  /// Throws ConfigError for a delimiter that cannot be one, DataError for a text that no reader takes.
  CsvWriter(const Table& table, const CsvWriteOptions& options) : table_(table), options_(options) {
    if (const char d = options.delimiter; d == '"' || d == '\n' || d == '\r' || d == '\0' || (d & 0x80) != 0)
      throw ConfigError("CsvWriteOptions: delimiter must be an ASCII letter, neither a quote nor a line end.");
    if (table.columns() == 1 && options_.missing.empty()) options_.missing = "NA";
    for (const Column& column : table) quoted_.push_back(texts_to_quote(column));
  }

  void append_header(std::string& out) const {
    if (!options_.header) return;
    for (std::size_t i = 0; i < table_.columns(); ++i) {
      if (i) out += options_.delimiter;
      append_field(out, table_.column(i).name(), table_.columns() == 1 && table_.column(i).name().empty());
    }
    out += '\n';
  }

  /// Appends the rows [first, last).
  void append_rows(std::string& out, std::size_t first, std::size_t last) const {
    NumberText room;
    for (std::size_t row = first; row < last; ++row) {
      for (std::size_t i = 0; i < table_.columns(); ++i) {
        if (i) out += options_.delimiter;
        const Column& column = table_.column(i);
        if (column.missing(row))
          append_field(out, options_.missing, false);
        else if (column.kind() == Kind::number)
          append_field(out, text_of(column.number(row), room), false);
        else
          append_field(out, column.text(row),
                       !quoted_[i].empty() && quoted_[i][static_cast<std::size_t>(column.code(row))]);
      }
      out += '\n';
    }
  }

 private:
  /// Which texts of a category column need quotes to be told from a missing value, and, where no other text tells that
  /// the column is category, from numbers and booleans. Empty for other kinds.
  std::vector<bool> texts_to_quote(const Column& column) const {
    if (column.kind() != Kind::category) return {};
    double value = 0;
    std::vector<bool> quote;
    bool category = false;
    for (const std::string& whole : column.dictionary()) {
      if (whole.find('\0') != std::string::npos)
        throw DataError(text("CSV: column \"", column.name(), "\" holds a text with a zero byte, \"",
                             whole.substr(0, whole.find('\0')), "...\", which no reader takes; replace it first."));
      const std::string_view s = trimmed(whole);
      quote.push_back(rules_.missing.contains(s) || s == options_.missing);
      category |= !quote.back() && !rules_.missing_number.contains(s) && rules_.boolean(s) < 0 &&
                  read_number(s, value) != NumberRead::yes;
    }
    return category ? quote : std::vector<bool>(quote.size(), true);
  }

  void append_field(std::string& out, std::string_view s, bool quoted) const {
    for (const char c : s) quoted |= c == options_.delimiter || c == '"' || c == '\n' || c == '\r';
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

  const Table& table_;
  CsvWriteOptions options_;
  CsvRules rules_{CsvOptions{}};
  std::vector<std::vector<bool>> quoted_;  ///< of each column, by code
};

}  // namespace detail

/// The table as CSV text: numbers in the shortest form that reads back the same, a missing value as an empty field. In
/// quotes stand texts with delimiters, quotes, line ends or blanks at an end, and those that would be read as another
/// kind or as missing: "1", "true", "NA", "".
///
/// read_csv with `quoted_is_text` gives the same table back, except that a column without any value, so every column of
/// no rows, is number; that an empty name becomes column_<place>; and that booleans spelled in a way of their own (Y,
/// N) need its `true_values` and `false_values`. Without that option texts like "1" and "NA" become numbers and missing
/// values, as pandas reads them. Throws ConfigError for a delimiter that cannot be one, DataError for texts with zero
/// bytes.
inline std::string to_csv(const Table& table, const CsvWriteOptions& options = {}) {
  const detail::CsvWriter writer(table, options);
  std::string out;
  writer.append_header(out);
  writer.append_rows(out, 0, table.rows());
  return out;
}

/// Writes the table as `to_csv` does; throws as it does, and FormatError when the file cannot be written; what stood
/// there before is lost only to a whole new file.
inline void write_csv(const std::string& path, const Table& table, const CsvWriteOptions& options = {}) {
  const detail::CsvWriter writer(table, options);
  OutputFile file(path);
  std::string out;
  writer.append_header(out);
  constexpr std::size_t block = 4096;
  for (std::size_t first = 0; first < table.rows() || !out.empty(); first += block, out.clear()) {
    if (first < table.rows()) writer.append_rows(out, first, std::min(first + block, table.rows()));
    file.write(out.data(), out.size());
  }
  file.commit();
}

}  // namespace foretell

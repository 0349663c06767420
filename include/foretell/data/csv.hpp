// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/data/csv/builder.hpp"
#include "foretell/data/csv/file.hpp"
#include "foretell/data/csv/options.hpp"
#include "foretell/data/csv/scan.hpp"
#include "foretell/data/csv/write.hpp"
#include "foretell/data/table.hpp"

namespace foretell {

namespace detail {

inline void check_csv_options(const CsvOptions& o) {
  const auto refuse = [](auto... what) { throw ConfigError(text("CsvOptions: ", what...)); };
  const char special[] = {o.delimiter, o.quote, o.comment};
  const char* const names[] = {"delimiter", "quote", "comment"};
  for (int i = 0; i < 3; ++i) {
    if (special[i] == '\n' || special[i] == '\r') refuse(names[i], " cannot be a line end.");
    if (static_cast<unsigned char>(special[i]) >= 0x80) refuse(names[i], " must be an ASCII letter.");
    for (int j = 0; j < i; ++j)
      if (special[i] != '\0' && special[i] == special[j]) refuse(names[j], " and ", names[i], " are the same letter.");
  }
  if (o.decimal == o.thousands || o.decimal == '\0' || is_digit(o.decimal) || is_digit(o.thousands))
    refuse("decimal and thousands must be two different marks, not digits.");
}

/// The delimiter that cuts the first lines into equally many fields, more than one and as many as possible.
inline char find_delimiter(std::string_view all, CsvOptions options, std::string_view source) {
  char best = ',';
  std::size_t most = 1;
  for (const char candidate : {',', ';', '\t', '|'}) {
    options.delimiter = candidate;
    std::vector<CsvField> fields;
    std::size_t width = 0;
    try {
      CsvScan scan(all, options, source);
      for (std::size_t i = 0; i < options.skip_rows; ++i) scan.skip_line();
      for (int record = 0; record < 20 && scan.next(fields); ++record, fields.clear()) {
        if (record > 0 && fields.size() != width) {
          width = 0;
          break;
        }
        width = fields.size();
      }
    } catch (const DataError&) {
      width = 0;  // its quotes do not fit
    }
    if (width > most) most = width, best = candidate;
  }
  return best;
}

/// Names made unique: an empty one becomes column_<place>, a repeated one gets ".1", ".2".
inline std::vector<std::string> unique_names(std::vector<std::string> names) {
  Dictionary all, done;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i].empty()) names[i] = text("column_", i);
  for (const auto& name : names) all.add(name);
  std::vector<std::size_t> repeats(all.size());
  for (auto& name : names) {
    if (done.find(name) >= 0) {
      std::size_t& n = repeats[static_cast<std::size_t>(all.find(name))];
      std::string other;
      do other = text(name, ".", ++n);
      while (all.find(other) >= 0 || done.find(other) >= 0);
      name = other;
    }
    done.add(name);
  }
  return names;
}

/// One reading of a text: the header, then the rows, block by block, each block column by column.
class CsvReader {
 public:
  CsvReader(std::string_view all, const CsvOptions& options, std::string_view source)
      : all_(all), options_(options), source_(source), rules_(options) {}

  Table read() {
    read_header();
    make_columns();
    pass();
    bool again = false;
    for (auto& column : columns_)
      if (column && column->again()) {
        column->restart();
        again = true;
      } else if (column) {
        finished_[static_cast<std::size_t>(&column - columns_.data())] = column->finish();
      }
    if (again) {
      pass();
      for (std::size_t i = 0; i < columns_.size(); ++i)
        if (columns_[i] && !finished_[i]) finished_[i] = columns_[i]->finish();
    }
    Table table;
    if (options_.columns.empty()) {
      for (auto& column : finished_) append(table, *column);
    } else {
      for (const auto& name : options_.columns) append(table, *finished_[place_of(name, "columns")]);
    }
    return table;
  }

 private:
  void append(Table& table, const Column& column) { table.add(column.name(), column); }

  void read_header() {
    CsvScan scan(all_, options_, source_);
    for (std::size_t i = 0; i < options_.skip_rows; ++i) scan.skip_line();
    first_row_ = scan.place();
    std::vector<CsvField> fields;
    if (!scan.next(fields))
      throw DataError(text("CSV ", source_, ": the file is empty", options_.skip_rows ? " after the skipped rows" : "",
                           "; expected a line with the names of the columns."));
    std::string room;
    std::vector<std::string> names;
    if (options_.header) {
      first_row_ = scan.place();
      for (const auto& field : fields) {
        const std::string_view name = field_text(field, options_.quote, room);
        names.emplace_back(options_.trim ? trimmed(name) : name);
      }
    } else {
      names.resize(fields.size());
    }
    if (!options_.names.empty()) {
      if (options_.names.size() != names.size())
        throw DataError(text("CSV ", source_, ": ", options_.names.size(), " names were given, the first line has ",
                             names.size(), " fields."));
      names = options_.names;
    }
    names_ = unique_names(std::move(names));
    for (const auto& name : names_) index_.add(name);
  }

  std::size_t place_of(const std::string& name, std::string_view option) const {
    const std::int32_t place = index_.find(name);
    if (place < 0)
      throw DataError(text("CSV ", source_, ": CsvOptions::", option, " names \"", name, "\", which is not there.",
                           did_you_mean(name, names_), " The columns are ", quoted_list(names_), "."));
    return static_cast<std::size_t>(place);
  }

  void make_columns() {
    std::vector<std::optional<Kind>> kinds(names_.size());
    if (!options_.infer) kinds.assign(names_.size(), Kind::category);
    for (const auto& [name, kind] : options_.dtypes) kinds[place_of(name, "dtypes")] = kind;
    std::vector<bool> wanted(names_.size(), options_.columns.empty());
    for (const auto& name : options_.columns) wanted[place_of(name, "columns")] = true;
    columns_.resize(names_.size());
    finished_.resize(names_.size());
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (wanted[i]) columns_[i].emplace(names_[i], kinds[i]);
  }

  /// Reads all rows into those columns that are not finished.
  void pass() {
    const std::size_t width = names_.size(), rows_in_block = std::max<std::size_t>(1, 16384 / width);
    CsvScan scan(all_, options_, source_, first_row_);
    std::vector<CsvField> fields;
    fields.reserve(rows_in_block * width + width);
    std::size_t rows = 0;
    bool more = true;
    while (more) {
      fields.clear();
      std::size_t block = 0;
      for (; block < rows_in_block; ++block) {
        const std::size_t before = fields.size();
        more = rows + block < options_.max_rows && scan.next(fields, width == 1);
        if (!more) break;
        if (fields.size() - before != width) ragged(fields.size() - before, scan.record());
      }
      for (std::size_t i = 0; block > 0 && i < width; ++i) {
        if (!columns_[i]) continue;
        const auto stuck = columns_[i]->append(fields.data() + i, width, block, rules_);
        if (stuck) unfit(i, fields[*stuck * width + i]);
      }
      if (rows == 0 && more) reserve(block, scan.place() - first_row_);
      rows += block;
    }
  }

  /// Makes room for all rows, judged by the bytes of the first; 32 MB a column at most, beyond that columns grow.
  void reserve(std::size_t rows, std::size_t bytes) {
    const double left = static_cast<double>(all_.size() - first_row_) / static_cast<double>(bytes);
    const double estimate = 1.05 * left * static_cast<double>(rows);
    const auto room = static_cast<std::size_t>(std::min({estimate, 4e6, static_cast<double>(options_.max_rows)}));
    for (auto& column : columns_)
      if (column) column->reserve(room);
  }

  [[noreturn]] void ragged(std::size_t got, std::size_t place) const {
    throw DataError(
        text("CSV ", source_, ", line ", line_of(all_, place), ": expected ", names_.size(),
             names_.size() == 1 ? " field" : " fields", " as in the ", options_.header ? "header" : "first line",
             ", received ", got, "; check the delimiter, here '",
             options_.delimiter == '\t' ? std::string_view("\\t") : std::string_view(&options_.delimiter, 1),
             "', and the quotes of that line, or set skip_rows when lines come before the header."));
  }

  [[noreturn]] void unfit(std::size_t i, const CsvField& field) const {
    const auto place = static_cast<std::size_t>(field.data - all_.data());
    Kind kind = Kind::number;
    for (const auto& [name, k] : options_.dtypes)
      if (name == names_[i]) kind = k;
    throw DataError(
        text("CSV ", source_, ", line ", line_of(all_, place), ", column \"", names_[i], "\": \"",
             one_line(field.raw(), 60), "\" is not a ", name_of(kind),
             ", as dtypes says; correct the file, add it to CsvOptions::missing, or read the column as category."));
  }

  std::string_view all_;
  const CsvOptions& options_;
  std::string source_;
  CsvRules rules_;
  std::size_t first_row_ = 0;
  std::vector<std::string> names_;
  Dictionary index_;
  std::vector<std::optional<CsvColumn>> columns_;
  std::vector<std::optional<Column>> finished_;
};

}  // namespace detail

/// Reads CSV text that is in memory already; `source` is what errors call it. Throws as `read_csv` does.
inline Table read_csv_text(std::string_view text, CsvOptions options = {}, std::string_view source = "text") {
  detail::check_csv_options(options);
  std::string converted;
  std::string_view all = detail::checked_text(text, source);
  if (options.encoding == Encoding::latin1) {
    all = converted = detail::utf8_from_latin1(all);
  } else if (const std::size_t bad = detail::invalid_utf8(all); bad < all.size()) {
    throw DataError(
        foretell::text("CSV ", source, ", line ", detail::line_of(all, bad),
                       ": the text is not UTF-8; convert it first (iconv), or set encoding = Encoding::latin1."));
  }
  if (options.delimiter == '\0') options.delimiter = detail::find_delimiter(all, options, source);
  return detail::CsvReader(all, options, source).read();
}

/// Reads a CSV file into a table; see CsvOptions for how. A file of a header alone gives a table without rows.
///
/// Throws FormatError when the file cannot be read, DataError, naming file and line, when it is empty, not UTF-8 text,
/// a quote is not closed, a row has another number of fields than the header, or a value is not of the kind given in
/// `dtypes`; ConfigError for options that contradict each other.
inline Table read_csv(const std::string& path, const CsvOptions& options = {}) {
  return read_csv_text(detail::read_file(path), options, path);
}

}  // namespace foretell

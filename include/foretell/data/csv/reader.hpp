// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/parallel.hpp"
#include "foretell/data/csv/builder.hpp"
#include "foretell/data/csv/encoding.hpp"
#include "foretell/data/csv/options.hpp"
#include "foretell/data/csv/scan.hpp"
#include "foretell/data/kind_from.hpp"
#include "foretell/data/table.hpp"

namespace foretell::detail {

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
  check_dtypes(o.dtypes, "CsvOptions");
  for (const auto& [name, format] : o.dates) {
    check_time_format(format);
    for (const auto& [other, kind] : o.dtypes)
      if (name == other) refuse("dates and dtypes both name \"", name, "\".");
  }
}

/// The delimiter that cuts the first lines into equally many fields, more than one and as many as possible.
inline char find_delimiter(std::string_view all, CsvOptions options, const CsvSource& source) {
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
  /// With `earlier`, a table of rows before these, of the columns to be read; `names` are then those of all columns of
  /// the file, and the text has rows only.
  CsvReader(std::string_view all, const CsvOptions& options, const CsvSource& source, const Table* earlier = nullptr,
            std::vector<std::string> names = {})
      : all_(all),
        options_(options),
        source_(source),
        rules_(options),
        earlier_(earlier),
        names_(std::move(names)),
        executor_(options.threads) {}

  Table read() {
    if (names_.empty()) read_header();
    for (const auto& name : names_) index_.add(name);
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

  /// The names of all columns of the file, and where in the text the rows read end.
  const std::vector<std::string>& names() const { return names_; }
  std::size_t place() const { return place_; }

 private:
  struct Block {
    std::vector<CsvField> fields;
    std::size_t rows = 0;
    std::exception_ptr problem;  ///< after these rows
  };

  void append(Table& table, const Column& column) { table.add(column.name(), column); }

  void read_header() {
    CsvScan scan(all_, options_, source_);
    for (std::size_t i = 0; i < options_.skip_rows; ++i) scan.skip_line();
    first_row_ = scan.place();
    std::vector<CsvField> fields;
    if (!scan.next(fields))
      throw DataError(text("CSV ", source_.name, ": the file is empty",
                           options_.skip_rows ? " after the skipped rows" : "",
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
        throw DataError(text("CSV ", source_.name, ": ", options_.names.size(),
                             " names were given, the first line has ", names.size(), " fields."));
      names = options_.names;
    }
    names_ = unique_names(std::move(names));
  }

  std::size_t place_of(const std::string& name, std::string_view option) const {
    const std::int32_t place = index_.find(name);
    if (place < 0)
      throw DataError(text("CSV ", source_.name, ": CsvOptions::", option, " names \"", name, "\", which is not there.",
                           did_you_mean(name, names_), " The columns are ", quoted_list(names_), "."));
    return static_cast<std::size_t>(place);
  }

  void make_columns() {
    std::vector<std::optional<Kind>> kinds(names_.size());
    std::vector<std::optional<std::string>> times(names_.size());
    std::vector<KindFrom> from(names_.size(), KindFrom::fields);
    const auto give = [&](std::size_t i, Kind kind, KindFrom who) {
      kinds[i] = kind;
      from[i] = who;
    };
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (!options_.infer)
        give(i, Kind::category, KindFrom::caller);
      else if (earlier_ && earlier_->contains(names_[i]))
        give(i, earlier_->column(names_[i]).kind(), KindFrom::earlier_rows);
    for (const auto& [name, kind] : options_.dtypes) give(place_of(name, "dtypes"), kind, KindFrom::caller);
    for (const auto& [name, format] : options_.dates) times[place_of(name, "dates")] = format;
    std::vector<bool> wanted(names_.size(), options_.columns.empty());
    for (const auto& name : options_.columns) wanted[place_of(name, "columns")] = true;
    columns_.resize(names_.size());
    finished_.resize(names_.size());
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (wanted[i]) columns_[i].emplace(names_[i], kinds[i], times[i] ? KindFrom::caller : from[i], times[i]);
  }

  /// Reads all rows into those columns that are not finished. With several threads one scans the next block while the
  /// others take in the columns of this one.
  void pass() {
    const std::size_t width = names_.size(), threads = executor_.threads();
    const std::size_t rows_in_block = std::max<std::size_t>(1, (threads > 1 ? 524288 : 16384) / width);
    CsvScan scan(all_, options_, source_, first_row_);
    Block blocks[2];
    std::vector<std::optional<std::size_t>> stuck;  // where a column could not take a field of the block
    std::size_t rows = 0;
    const auto fill = [&](Block& block) {
      block.fields.clear();
      block.rows = 0;
      try {
        for (; block.rows < rows_in_block && rows < options_.max_rows; ++block.rows, ++rows) {
          const std::size_t before = block.fields.size();
          if (!scan.next(block.fields, width == 1)) break;
          const std::size_t got = block.fields.size() - before;
          if (got < width && options_.fill)
            block.fields.resize(before + width, CsvField{all_.data() + scan.record()});
          else if (got != width)
            ragged(got, scan.record());
        }
      } catch (const Error&) {
        block.problem = std::current_exception();
      }
    };
    fill(blocks[0]);
    for (std::size_t turn = 0; blocks[turn % 2].rows > 0 || blocks[turn % 2].problem; ++turn) {
      Block& block = blocks[turn % 2];
      if (turn == 0 && !block.problem) reserve(block.rows, scan.place() - first_row_);
      stuck.assign(width, std::nullopt);
      const auto take = [&](std::size_t i) {
        if (columns_[i]) stuck[i] = columns_[i]->append(block.fields.data() + i, width, block.rows, rules_);
      };
      Block& next = blocks[(turn + 1) % 2];
      if (threads < 2 || block.problem) {
        for (std::size_t i = 0; i < width && block.rows > 0; ++i) take(i);
      } else {
        std::atomic<std::size_t> job{0};  // 0 is the scan
        executor_.run(threads, [&](std::size_t) {
          for (std::size_t i; (i = job.fetch_add(1, std::memory_order_relaxed)) <= width;)
            i == 0 ? fill(next) : take(i - 1);
        });
      }
      for (std::size_t i = 0; i < width; ++i)
        if (stuck[i]) unfit(i, block.fields[*stuck[i] * width + i]);
      if (block.problem) std::rethrow_exception(block.problem);
      if (threads < 2) fill(next);
    }
    place_ = scan.place();
  }

  /// Makes room for all rows, judged by the bytes of the first; 32 MB a column at most, beyond that columns grow.
  void reserve(std::size_t rows, std::size_t bytes) {
    const double left =
        static_cast<double>(all_.size() - first_row_) / static_cast<double>(std::max<std::size_t>(1, bytes));
    const double estimate = 1.05 * left * static_cast<double>(rows);
    const auto room = static_cast<std::size_t>(std::min({estimate, 4e6, static_cast<double>(options_.max_rows)}));
    for (auto& column : columns_)
      if (column) column->reserve(room);
  }

  [[noreturn]] void ragged(std::size_t got, std::size_t place) const {
    throw DataError(text(
        "CSV ", source_.where(all_, place), ": expected ", names_.size(), names_.size() == 1 ? " field" : " fields",
        " as in the ", options_.header ? "header" : "first line", ", received ", got, "; check the delimiter, here '",
        options_.delimiter == '\t' ? std::string_view("\\t") : std::string_view(&options_.delimiter, 1),
        "', and the quotes of that line, ", got < names_.size() ? "set fill when rows may end early, " : "",
        "or set skip_rows when lines come before the header."));
  }

  [[noreturn]] void unfit(std::size_t i, const CsvField& field) const {
    const auto place = static_cast<std::size_t>(field.data - all_.data());
    const std::string start = text("CSV ", source_.where(all_, place), ", column \"", names_[i], "\": ");
    const std::string field_text = one_line(field.raw(), 60);
    for (const auto& [name, format] : options_.dates)
      if (name == names_[i])
        throw DataError(text(start, "expected a time ", format.empty() ? "as in 2026-05-31 12:30:00" : "of the format ",
                             format, ", received \"", field_text, "\"; correct the file, or CsvOptions::dates."));
    for (const auto& [name, kind] : options_.dtypes)
      if (name == names_[i])
        throw DataError(text(start, "\"", field_text, "\" is not a ", name_of(kind),
                             ", as dtypes says; correct the file, add it to CsvOptions::missing, or read the column as "
                             "category."));
    double value = 0;
    const Kind kind = earlier_->column(names_[i]).kind();
    const bool code = kind == Kind::number && read_number(trimmed(field.raw()), value) == NumberRead::code;
    throw DataError(text(
        start, "\"", field_text, "\" is ", code ? "a code that a number would damage, not a " : "not a ", name_of(kind),
        ", as the first rows are; ", code ? "" : "correct the file, add it to CsvOptions::missing, or ",
        "read the column as category: CsvOptions::dtypes."));
  }

  std::string_view all_;
  const CsvOptions& options_;
  const CsvSource& source_;
  CsvRules rules_;
  const Table* earlier_;
  std::size_t first_row_ = 0, place_ = 0;
  std::vector<std::string> names_;
  Dictionary index_;
  Executor executor_;
  std::vector<std::optional<CsvColumn>> columns_;
  std::vector<std::optional<Column>> finished_;
};

/// `all` as UTF-8, converted into `room` where the options say so; throws DataError where it is not UTF-8.
inline std::string_view utf8_text(std::string_view all, const CsvOptions& options, const CsvSource& source,
                                  std::string& room) {
  if (options.encoding == Encoding::latin1) return room = utf8_from_latin1(all);
  const std::size_t bad = invalid_utf8(all);
  if (bad < all.size())
    throw DataError(text("CSV ", source.where(all, bad),
                         ": the text is not UTF-8; convert it first (iconv), or set encoding = Encoding::latin1."));
  return all;
}

}  // namespace foretell::detail

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/file.hpp"
#include "foretell/core/next_iterator.hpp"
#include "foretell/data/csv/number.hpp"
#include "foretell/data/kind_from.hpp"
#include "foretell/data/table.hpp"
#include "foretell/data/table_text.hpp"
#include "foretell/data/time.hpp"
#include "foretell/formats/byte_source.hpp"
#include "foretell/formats/json_text.hpp"

namespace foretell {

/// How to read JSON Lines, one object a line.
///
/// An object within an object gives columns with names like "device.os", a list a text of JSON. null, NaN, and a name
/// that a line does not have, is missing; Infinity and -Infinity are numbers, as Python's json writes them. A column is
/// number or boolean when all its values are, otherwise category, where a number stands in its shortest form; a text is
/// never a number, also where it spells one. Numbers that a double would damage make a column category, with their
/// digits: whole ones beyond 2^53, and those beyond the largest double. Empty lines are skipped; a name that gives two
/// values in one line is an error. docs/tables.md has the rules in one table, beside those of pandas.
struct JsonLinesOptions {
  std::vector<std::string> columns{};                  ///< names of the columns to read, in this order; all when empty
  std::vector<std::pair<std::string, Kind>> dtypes{};  ///< kinds that are known
  /// Columns of times, read to seconds since 1970 (see parse_time): {{"at", ""}} for ISO 8601.
  std::vector<std::pair<std::string, std::string>> dates{};
  std::size_t max_rows = std::numeric_limits<std::size_t>::max();
  std::size_t max_columns = 4096;  ///< a file of more is an error: its names are values
};

namespace detail {

inline void check_json_lines_options(const JsonLinesOptions& options) {
  check_dtypes(options.dtypes, "JsonLinesOptions");
  for (const auto& [name, format] : options.dates) {
    check_time_format(format);
    for (const auto& [other, kind] : options.dtypes)
      if (name == other) throw ConfigError(text("JsonLinesOptions: dates and dtypes both name \"", name, "\"."));
  }
}

/// Collects one column of values whose kind comes up with them.
class JsonColumn {
 public:
  /// With `kind`, the caller's choice.
  JsonColumn(std::string name, std::optional<Kind> kind, std::optional<std::string> time)
      : name_(std::move(name)),
        from_(kind || time ? KindFrom::caller : KindFrom::fields),
        time_(std::move(time)),
        kind_(time_ ? Kind::number : kind) {}

  const std::string& name() const { return name_; }
  std::optional<Kind> kind() const { return kind_; }
  KindFrom kind_from() const { return from_; }
  /// Whether this row has come up already; it has from now on.
  bool seen(std::size_t row) { return std::exchange(seen_, row + 1) == row + 1; }

  // Each puts a value into `row`, what was left out before it being missing; false when it cannot be of a kind that is
  // decided.

  /// A number and how it is written; with `code`, a double would damage it.
  bool put(std::size_t row, double value, bool code, std::string_view digits) {
    fill(row);
    if (time_) return false;
    if (kind_ == Kind::number || (!kind_ && !code)) {
      if (code && from_ != KindFrom::caller) return put_text(digits);
      take_kind(Kind::number);
      numbers_.push_back(value);
      return true;
    }
    if (kind_ == Kind::boolean && from_ == KindFrom::caller) {
      if (value != 0 && value != 1) return false;
      flags_.push_back(value != 0);
      return true;
    }
    NumberText room;
    return put_text(code ? digits : text_of(value, room));
  }
  bool put(std::size_t row, bool value) {
    fill(row);
    if (time_ || (kind_ == Kind::number && from_ == KindFrom::caller)) return false;
    if (kind_ && kind_ != Kind::boolean) return put_text(value ? "true" : "false");
    take_kind(Kind::boolean);
    flags_.push_back(value);
    return true;
  }
  bool put(std::size_t row, std::string_view value) {
    fill(row);
    if (!time_) return put_text(value);
    numbers_.push_back(read_time(value, *time_));
    return !std::isnan(numbers_.back());
  }
  /// The rows so far; those that come are of the same kind.
  Column finish(std::size_t rows) {
    fill(rows);
    if (!kind_) take_kind(Kind::number);
    if (from_ == KindFrom::fields) from_ = KindFrom::earlier_rows;
    seen_ = 0;
    Column column;
    if (kind_ == Kind::number)
      column = Column(std::exchange(numbers_, {}));
    else if (kind_ == Kind::boolean)
      column = Column::from_booleans(std::exchange(flags_, {}));
    else
      column = Column::from_codes(std::exchange(codes_, {}), std::exchange(dictionary_, {}).values());
    return std::move(column).named(name_);
  }

 private:
  void fill(std::size_t row) {
    if (!kind_)
      blanks_ = row;
    else if (kind_ == Kind::number)
      numbers_.resize(row, std::numeric_limits<double>::quiet_NaN());
    else if (kind_ == Kind::boolean)
      flags_.resize(row, -1);
    else
      codes_.resize(row, -1);
  }
  void take_kind(Kind kind) {
    kind_ = kind;
    const std::size_t blanks = std::exchange(blanks_, 0);
    if (blanks) fill(blanks);
  }
  bool put_text(std::string_view value) {
    if (kind_ != Kind::category) {  // what was read so far are texts after all
      if (from_ != KindFrom::fields) return false;
      const std::vector<double> numbers = std::move(numbers_);
      const std::vector<std::int8_t> flags = std::move(flags_);
      numbers_ = {};
      flags_ = {};
      take_kind(Kind::category);
      NumberText room;
      for (const double number : numbers)
        codes_.push_back(std::isnan(number) ? -1 : dictionary_.add(text_of(number, room)));
      for (const std::int8_t flag : flags) codes_.push_back(flag < 0 ? -1 : dictionary_.add(flag ? "true" : "false"));
    }
    codes_.push_back(dictionary_.add(value));
    return true;
  }

  std::string name_;
  KindFrom from_;
  std::optional<std::string> time_;
  std::optional<Kind> kind_;
  std::size_t blanks_ = 0, seen_ = 0;
  std::vector<double> numbers_;
  std::vector<std::int8_t> flags_;
  std::vector<std::int32_t> codes_;
  Dictionary dictionary_;
};

/// Takes in the lines of one table after the other.
class JsonLineHandler final : private JsonEvents {
 public:
  /// With the columns of the table before, if there was one.
  JsonLineHandler(const JsonLinesOptions& options, const std::string& source, std::vector<JsonColumn> columns = {})
      : options_(options), source_(source), columns_(std::move(columns)) {
    for (const auto& column : columns_) index_.add(column.name());
    if (columns_.empty())
      for (const auto& name : options.columns) column_of(name);
  }

  /// Throws DataError when the line is not one object of JSON, or holds what the options exclude.
  void line(std::string_view text, std::size_t number) {
    line_ = number;
    path_.clear();
    ends_.clear();
    list_.clear();
    depth_of_list_ = 0;
    next_ = 0;
    if (const auto problem = parser_.parse(text)) fail("valid JSON, one object a line", *problem);
    ++rows_;
  }
  std::size_t rows() const { return rows_; }
  Table finish() {
    Table table;
    for (auto& column : columns_) {
      Column done = column.finish(rows_);
      table.add(done.name(), done);
    }
    return table;
  }
  std::vector<JsonColumn> columns() && { return std::move(columns_); }

 private:
  void null() override {
    if (depth_of_list_) return item("null");
    value([](JsonColumn&) { return true; });
  }
  void boolean(bool v) override {
    if (depth_of_list_) return item(v ? "true" : "false");
    value([&](JsonColumn& c) { return c.put(rows_, v); });
  }
  void number(std::string_view digits) override {
    if (depth_of_list_) return item(digits);
    if (digits == "NaN") return null();
    double number = 0;
    const NumberRead read = read_number(digits, number);
    const bool whole = digits.find_first_of(".eE") == std::string_view::npos;  // 12e5 is no code where it is no text
    const bool code = read == NumberRead::code && (whole || std::isinf(number));
    value([&](JsonColumn& c) { return c.put(rows_, number, code, digits); });
  }
  void string(std::string_view v) override {
    if (depth_of_list_) {
      item({});
      return append_json_text(list_, v);
    }
    value([&](JsonColumn& c) { return c.put(rows_, v); });
  }
  void start_object() override {
    if (depth_of_list_) return open('{');
    ends_.push_back(path_.size());
  }
  void key(std::string_view name) override {
    if (depth_of_list_) {
      item({});
      append_json_text(list_, name);
      list_ += ':';
      return;
    }
    path_.resize(ends_.back());
    if (!path_.empty()) path_ += '.';
    path_ += name;
  }
  void end_object() override {
    if (depth_of_list_) return close('}');
    path_.resize(ends_.back());
    ends_.pop_back();
  }
  void start_array() override { open('['); }
  void end_array() override { close(']'); }

  [[noreturn]] void fail(std::string_view expected, std::string_view received) const {
    throw DataError(text("JSON Lines ", source_, ", line ", line_, ": expected ", expected, ", received ", received));
  }
  void item(std::string_view part) {
    if (!list_.empty() && list_.back() != '[' && list_.back() != '{' && list_.back() != ':') list_ += ',';
    list_ += part;
  }
  void open(char bracket) {
    if (ends_.empty()) fail("valid JSON, one object a line", "a list");
    ++depth_of_list_;
    item(std::string_view(&bracket, 1));
  }
  void close(char bracket) {
    list_ += bracket;
    if (--depth_of_list_ > 0) return;
    value([&](JsonColumn& c) { return c.put(rows_, std::string_view(list_)); });
    list_.clear();
  }
  template <class Put>
  void value(const Put& put) {
    if (ends_.empty()) fail("valid JSON, one object a line", "a value alone");
    JsonColumn* const column = wanted();
    if (!column) return;
    if (column->seen(rows_)) fail(text("each name once in an object"), text("\"", path_, "\" twice"));
    if (!put(*column)) unfit(*column);
  }
  [[noreturn]] void unfit(const JsonColumn& column) const {
    for (const auto& [name, format] : options_.dates)
      if (name == path_)
        fail(text("a time in column \"", path_, "\" ", format.empty() ? "as in 2026-05-31 12:30:00" : "of the format ",
                  format),
             "something else");
    if (column.kind_from() == KindFrom::caller)
      fail(text("a value of the kind that dtypes gives column \"", path_, "\""),
           "another; read the column as category");
    fail(text("a ", name_of(*column.kind()), " in column \"", path_, "\", as the lines before have"),
         "another value; read the column as category: JsonLinesOptions::dtypes");
  }
  /// The column of the path, most often the next one; null when it is not wanted.
  JsonColumn* wanted() {
    if (next_ < columns_.size() && columns_[next_].name() == path_) return &columns_[next_++];
    const std::int32_t found = index_.find(path_);
    if (found >= 0) {
      next_ = static_cast<std::size_t>(found) + 1;
      return &columns_[static_cast<std::size_t>(found)];
    }
    if (!options_.columns.empty()) return nullptr;
    if (columns_.size() >= options_.max_columns)
      fail(text("at most ", options_.max_columns, " columns"),
           text("\"", one_line(path_, 40), "\" as one more; name those wanted in JsonLinesOptions::columns"));
    return &column_of(path_);
  }
  JsonColumn& column_of(const std::string& name) {
    std::optional<Kind> kind;
    std::optional<std::string> time;
    for (const auto& [n, k] : options_.dtypes)
      if (n == name) kind = k;
    for (const auto& [n, format] : options_.dates)
      if (n == name) time = format;
    index_.add(name);
    return columns_.emplace_back(name, kind, time);
  }

  const JsonLinesOptions& options_;
  const std::string& source_;
  JsonParser parser_{*this, true};
  std::vector<JsonColumn> columns_;
  Dictionary index_;
  std::size_t rows_ = 0, line_ = 0, next_ = 0;
  std::string path_, list_;
  std::vector<std::size_t> ends_;  ///< lengths of the path in the objects that are open
  int depth_of_list_ = 0;
};

}  // namespace detail

/// The rows of a file of JSON Lines, `chunk_rows` at a time, in memory for one chunk; packed with gzip or not.
///
///   for (const Table& events : JsonLines("events.jsonl", 100000)) ...
///
/// A chunk has the columns of the one before it and, behind them, those that come up in its own lines. A column keeps
/// the kind that its first chunk gave it, number when it had no value there: a later value that would make another kind
/// of the whole file's column is an error; give its kind in `dtypes`. Throws FormatError when the file cannot be read,
/// DataError, naming file and line, for what is not one object of JSON a line or does not fit the kind; ConfigError for
/// options that contradict each other.
class JsonLines {
 public:
  explicit JsonLines(const std::string& path, std::size_t chunk_rows = 100000, JsonLinesOptions options = {})
      : source_(path), path_(path), options_(std::move(options)), rows_(chunk_rows), left_(options_.max_rows) {
    if (chunk_rows == 0) throw ConfigError("JsonLines: expected chunk_rows of 1 or more, received 0.");
    detail::check_json_lines_options(options_);
  }

  /// The next rows; nothing at the end of the file.
  std::optional<Table> next() {
    detail::JsonLineHandler handler(options_, path_, columns_);
    std::string_view line;
    while (handler.rows() < std::min(rows_, left_) && next_line(line)) {
      if (line_ == 1 && line.substr(0, 3) == "\xef\xbb\xbf") line.remove_prefix(3);
      if (line.find_first_not_of(" \t\r") != std::string_view::npos) handler.line(line, line_);
    }
    left_ -= handler.rows();
    if (handler.rows() == 0) return {};
    Table table = handler.finish();
    columns_ = std::move(handler).columns();
    return table;
  }

  auto begin() { return detail::NextIterator<JsonLines, Table>(this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  /// The next line, valid until the one after it is asked for.
  bool next_line(std::string_view& line) {
    for (std::size_t looked = 0;;) {
      const std::size_t end = buffer_.find('\n', place_ + looked);
      if (end != std::string::npos || (ended_ && place_ < buffer_.size())) {
        const std::size_t last = end == std::string::npos ? buffer_.size() : end;
        line = std::string_view(buffer_).substr(place_, last - place_);
        place_ = std::min(last + 1, buffer_.size());
        ++line_;
        return true;
      }
      if (ended_) return false;
      buffer_.erase(0, place_);
      place_ = 0;
      looked = buffer_.size();
      constexpr std::size_t longest = std::size_t{1} << 28;
      if (looked > longest)
        throw DataError(
            text("JSON Lines ", path_, ", line ", line_ + 1, ": expected lines below 256 MB, received a longer one"));
      const std::size_t room = std::max<std::size_t>(std::size_t{1} << 20, looked);
      buffer_.resize(looked + room);
      const std::size_t got = source_.read(buffer_.data() + looked, room);
      buffer_.resize(looked + got);
      ended_ = got == 0;
    }
  }

  detail::ByteSource source_;
  std::string path_;
  JsonLinesOptions options_;
  std::vector<detail::JsonColumn> columns_;  ///< of the chunks so far, without rows
  std::size_t rows_, left_, place_ = 0, line_ = 0;
  std::string buffer_;
  bool ended_ = false;
};

/// Reads a whole file of JSON Lines into a table; throws as JsonLines does, and DataError when it has no line.
inline Table read_json_lines(const std::string& path, const JsonLinesOptions& options = {}) {
  JsonLines lines(path, std::numeric_limits<std::size_t>::max(), options);
  auto table = lines.next();
  if (!table) throw DataError(text("JSON Lines ", path, ": expected an object a line, received an empty file"));
  return *std::move(table);
}

/// Reads JSON Lines that are in memory already; `source` is what errors call them. Throws as read_json_lines does.
inline Table read_json_lines_text(std::string_view lines, const JsonLinesOptions& options = {},
                                  const std::string& source = "text") {
  detail::check_json_lines_options(options);
  detail::JsonLineHandler handler(options, source);
  if (lines.substr(0, 3) == "\xef\xbb\xbf") lines.remove_prefix(3);
  std::size_t number = 0;
  while (!lines.empty() && handler.rows() < options.max_rows) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    ++number;
    if (const std::string_view line = lines.substr(0, end); line.find_first_not_of(" \t\r") != std::string_view::npos)
      handler.line(line, number);
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  if (handler.rows() == 0)
    throw DataError(text("JSON Lines ", source, ": expected an object a line, received an empty text"));
  return handler.finish();
}

/// The table as JSON Lines, without what is missing but in the first line, which names all columns. read_json_lines
/// gives the same table back, except that a column without any value is number, and that no rows are no table. Throws
/// DataError for what JSON has not: an infinite number, and a text that is not UTF-8.
inline std::string to_json_lines(const Table& table) {
  std::string out;
  std::vector<std::string> names;
  for (const Column& column : table) {
    detail::expect_utf8(column.name(), "to_json_lines");
    if (column.kind() == Kind::category)
      for (const std::string& value : column.dictionary())
        detail::expect_utf8(value, text("to_json_lines, column \"", column.name(), '"'));
    detail::append_json_text(names.emplace_back(), column.name());
    names.back() += ':';
  }
  NumberText room;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    out += '{';
    bool first = true;
    for (std::size_t c = 0; c < table.columns(); ++c) {
      const Column& column = table.column(c);
      if (row > 0 && column.missing(row)) continue;
      if (!std::exchange(first, false)) out += ',';
      out += names[c];
      if (column.missing(row))
        out += "null";
      else if (column.kind() == Kind::category)
        detail::append_json_text(out, column.text(row));
      else if (column.kind() == Kind::boolean)
        out += column.code(row) ? "true" : "false";
      else if (std::isinf(column.number(row)))
        throw DataError(text("to_json_lines: column \"", column.name(), "\", row ", row,
                             ": expected a finite number, received an infinite one; replace it first"));
      else
        out += text_of(column.number(row), room);
    }
    out += "}\n";
  }
  return out;
}

/// Writes the table as to_json_lines does; throws FormatError when the file cannot be written, and leaves then what
/// stood there before.
inline void write_json_lines(const std::string& path, const Table& table) {
  const std::string lines = to_json_lines(table);
  OutputFile file(path);
  file.write(lines.data(), lines.size());
  file.commit();
}

}  // namespace foretell

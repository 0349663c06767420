// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/file.hpp"
#include "foretell/core/next_iterator.hpp"
#include "foretell/data/byte_source.hpp"
#include "foretell/data/table.hpp"
#include "foretell/data/table_text.hpp"
#include "foretell/data/time.hpp"

namespace foretell {

/// How to read JSON Lines, one object a line.
///
/// An object within an object gives columns with names like "device.os", a list a text of JSON. null, and a name that a
/// line does not have, is missing. A column is number or boolean when all its values are, otherwise category; whole
/// numbers beyond 2^53 are codes a number would damage: they make a column category. Empty lines are skipped.
struct JsonLinesOptions {
  std::vector<std::string> columns{};                  ///< names of the columns to read, in this order; all when empty
  std::vector<std::pair<std::string, Kind>> dtypes{};  ///< kinds that are known
  /// Columns of times, read to seconds since 1970 (see parse_time): {{"at", ""}} for ISO 8601.
  std::vector<std::pair<std::string, std::string>> dates{};
  std::size_t max_rows = std::numeric_limits<std::size_t>::max();
  std::size_t max_columns = 4096;  ///< a file of more is an error: its names are values
};

namespace detail {

/// Collects one column of values whose kind comes up with them.
class JsonColumn {
 public:
  JsonColumn(std::string name, std::optional<Kind> forced, std::optional<std::string> time)
      : name_(std::move(name)), forced_(forced), time_(std::move(time)), kind_(forced) {}

  const std::string& name() const { return name_; }
  bool has(std::size_t row) const { return rows() > row; }
  /// Each puts a value into `row`, what was left out before it being missing; false when it cannot be of the kind
  /// given.
  bool put(std::size_t row, double value) {
    fill(row);
    if (time_ || (forced_ == Kind::boolean && value != 0 && value != 1)) return false;
    if (!kind_ || kind_ == Kind::number) {
      take_kind(Kind::number);
      numbers_.push_back(value);
    } else if (kind_ == Kind::boolean && forced_) {
      flags_.push_back(value != 0);
    } else {
      NumberText room;
      put_text(text_of(value, room));
    }
    return true;
  }
  bool put(std::size_t row, bool value) {
    fill(row);
    if (time_ || forced_ == Kind::number) return false;
    if (!kind_ || kind_ == Kind::boolean) {
      take_kind(Kind::boolean);
      flags_.push_back(value);
    } else {
      put_text(value ? "true" : "false");
    }
    return true;
  }
  bool put(std::size_t row, std::string_view value) {
    fill(row);
    if (time_) {
      take_kind(Kind::number);
      numbers_.push_back(read_time(value, *time_));
      return !std::isnan(numbers_.back());
    }
    if (forced_ && forced_ != Kind::category) return false;
    put_text(value);
    return true;
  }
  Column finish(std::size_t rows) && {
    fill(rows);
    if (!kind_ || kind_ == Kind::number) {
      numbers_.resize(rows, std::numeric_limits<double>::quiet_NaN());
      return Column(std::move(numbers_)).named(name_);
    }
    if (kind_ == Kind::boolean) return Column::from_booleans(std::move(flags_)).named(name_);
    return Column::from_codes(std::move(codes_), std::move(dictionary_).values()).named(name_);
  }

 private:
  std::size_t rows() const { return blanks_ + numbers_.size() + flags_.size() + codes_.size(); }
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
  void put_text(std::string_view value) {
    if (kind_ != Kind::category) {  // what was read so far are texts after all
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
  }

  std::string name_;
  std::optional<Kind> forced_;
  std::optional<std::string> time_;
  std::optional<Kind> kind_;
  std::size_t blanks_ = 0;
  std::vector<double> numbers_;
  std::vector<std::int8_t> flags_;
  std::vector<std::int32_t> codes_;
  Dictionary dictionary_;
};

/// Takes in the lines of one table: what nlohmann's parser calls with each part of a line.
class JsonLineHandler {
 public:
  JsonLineHandler(const JsonLinesOptions& options, const std::string& source) : options_(options), source_(source) {
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
    if (!nlohmann::json::sax_parse(text, this)) fail("valid JSON, one object a line", "something else");
    ++rows_;
  }
  Table finish() && {
    Table table;
    for (auto& column : columns_) {
      Column done = std::move(column).finish(rows_);
      table.add(done.name(), done);
    }
    if (columns_.empty()) table = Table();
    return table;
  }
  std::size_t rows() const { return rows_; }

  // The parser's side.
  bool null() {
    return depth_of_list_ ? item("null") : value([](JsonColumn&) { return true; });
  }
  bool boolean(bool v) {
    if (depth_of_list_) return item(v ? "true" : "false");
    return value([&](JsonColumn& c) { return c.put(rows_, v); });
  }
  bool number_integer(std::int64_t v) {
    if (depth_of_list_) return item(text(v));
    constexpr std::int64_t exact = std::int64_t{1} << 53;
    return value([&](JsonColumn& c) {
      return v < -exact || v > exact ? c.put(rows_, std::string_view(text(v))) : c.put(rows_, static_cast<double>(v));
    });
  }
  bool number_unsigned(std::uint64_t v) {
    if (depth_of_list_) return item(text(v));
    return value([&](JsonColumn& c) {
      return v > std::uint64_t{1} << 53 ? c.put(rows_, std::string_view(text(v)))
                                        : c.put(rows_, static_cast<double>(v));
    });
  }
  bool number_float(double v, const std::string& digits) {
    if (depth_of_list_) return item(digits);
    const bool whole = digits.find_first_of(".eE") == std::string::npos;  // beyond 64 bits
    return value([&](JsonColumn& c) { return whole ? c.put(rows_, std::string_view(digits)) : c.put(rows_, v); });
  }
  bool string(std::string& v) {
    if (depth_of_list_) return item(nlohmann::json(v).dump());
    return value([&](JsonColumn& c) { return c.put(rows_, std::string_view(v)); });
  }
  bool binary(std::vector<std::uint8_t>&) { return false; }
  bool start_object(std::size_t) {
    if (depth_of_list_) return open('{');
    if (ends_.size() >= 64) fail("at most 64 levels", "more");
    ends_.push_back(path_.size());
    return true;
  }
  bool key(std::string& name) {
    if (depth_of_list_) {
      item(nlohmann::json(name).dump());
      list_ += ':';
      return true;
    }
    path_.resize(ends_.back());
    if (!path_.empty()) path_ += '.';
    path_ += name;
    return true;
  }
  bool end_object() {
    if (depth_of_list_) return close('}');
    path_.resize(ends_.back());
    ends_.pop_back();
    return true;
  }
  bool start_array(std::size_t) { return open('['); }
  bool end_array() { return close(']'); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) { return false; }

 private:
  [[noreturn]] void fail(std::string_view expected, std::string_view received) const {
    throw DataError(text("JSON Lines ", source_, ", line ", line_, ": expected ", expected, ", received ", received));
  }
  bool item(std::string_view part) {
    if (!list_.empty() && list_.back() != '[' && list_.back() != '{' && list_.back() != ':') list_ += ',';
    list_ += part;
    return true;
  }
  bool open(char bracket) {
    if (ends_.empty()) return false;  // the line itself is a list
    if (++depth_of_list_ > 64) fail("at most 64 levels", "more");
    return item(std::string_view(&bracket, 1));
  }
  bool close(char bracket) {
    list_ += bracket;
    if (--depth_of_list_ > 0) return true;
    const std::string list = std::exchange(list_, {});
    return value([&](JsonColumn& c) { return c.put(rows_, std::string_view(list)); });
  }
  template <class Put>
  bool value(const Put& put) {
    if (ends_.empty()) return false;  // the line itself is a value
    JsonColumn* const column = wanted();
    if (!column) return true;
    if (column->has(rows_)) fail(text("each name once in an object"), text("\"", path_, "\" twice"));
    if (!put(*column)) {
      for (const auto& [name, format] : options_.dates)
        if (name == path_)
          fail(text("a time in column \"", path_, "\" ",
                    format.empty() ? "as in 2026-05-31 12:30:00" : "of the format ", format),
               "something else");
      fail(text("a value of the kind that dtypes gives column \"", path_, "\""),
           "another; read the column as category");
    }
    return true;
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
/// Each chunk has the columns that its own lines have, of the kinds they have; name those that all chunks are to have
/// in `columns` and `dtypes`. Throws FormatError when the file cannot be read, DataError, naming file and line, for
/// what is not one object of JSON a line or is not of the kind given; ConfigError for options that contradict each
/// other.
class JsonLines {
 public:
  explicit JsonLines(const std::string& path, std::size_t chunk_rows = 100000, JsonLinesOptions options = {})
      : source_(path), path_(path), options_(std::move(options)), rows_(chunk_rows), left_(options_.max_rows) {
    if (chunk_rows == 0) throw ConfigError("JsonLines: expected chunk_rows of 1 or more, received 0.");
    for (const auto& [name, format] : options_.dates) {
      detail::check_time_format(format);
      for (const auto& [other, kind] : options_.dtypes)
        if (name == other) throw ConfigError(text("JsonLinesOptions: dates and dtypes both name \"", name, "\"."));
    }
  }

  /// The next rows; nothing at the end of the file.
  std::optional<Table> next() {
    detail::JsonLineHandler handler(options_, path_);
    std::string_view line;
    while (handler.rows() < std::min(rows_, left_) && next_line(line)) {
      if (line_ == 1 && line.substr(0, 3) == "\xef\xbb\xbf") line.remove_prefix(3);
      if (line.find_first_not_of(" \t\r") != std::string_view::npos) handler.line(line, line_);
    }
    left_ -= handler.rows();
    if (handler.rows() == 0) return {};
    return std::move(handler).finish();
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
  for (const auto& [name, format] : options.dates) detail::check_time_format(format);
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
  return std::move(handler).finish();
}

/// The table as JSON Lines, without what is missing. Throws DataError for an infinite number, which JSON has not.
inline std::string to_json_lines(const Table& table) {
  std::string out;
  std::vector<std::string> names;
  for (const auto& name : table.names())
    names.push_back(nlohmann::json(name).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + ":");
  std::vector<std::vector<std::string>> texts(table.columns());
  for (std::size_t c = 0; c < table.columns(); ++c)
    for (const auto& value : table.column(c).dictionary())
      texts[c].push_back(nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  NumberText room;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    out += '{';
    bool first = true;
    for (std::size_t c = 0; c < table.columns(); ++c) {
      const Column& column = table.column(c);
      if (column.missing(row)) continue;
      if (!std::exchange(first, false)) out += ',';
      out += names[c];
      if (column.kind() == Kind::number) {
        if (std::isinf(column.number(row)))
          throw DataError(text("to_json_lines: column \"", column.name(), "\", row ", row,
                               ": expected a finite number, received an infinite one; replace it first"));
        out += text_of(column.number(row), room);
      } else if (column.kind() == Kind::boolean) {
        out += column.code(row) ? "true" : "false";
      } else {
        out += texts[c][static_cast<std::size_t>(column.code(row))];
      }
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

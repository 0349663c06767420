// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/next_iterator.hpp"
#include "foretell/data/csv/encoding.hpp"
#include "foretell/data/csv/reader.hpp"
#include "foretell/data/table.hpp"
#include "foretell/formats/byte_source.hpp"

namespace foretell {

/// The rows of a CSV file, `chunk_rows` at a time: memory for one chunk of a file of any length.
///
///   for (const Table& rows : CsvChunks("events.csv", 100000)) model.partial_fit(...);
///
/// All chunks have the columns of the first and their kinds, which the first chunk's rows decide where `dtypes` does
/// not. They are the kinds that read_csv gives the whole file: a later row that would make it decide otherwise (a text
/// or a code such as 08123 among numbers) is a DataError that names its line. Give the kind of a column that is empty
/// for long. Throws as read_csv does.
class CsvChunks {
 public:
  explicit CsvChunks(const std::string& path, std::size_t chunk_rows = 100000, CsvOptions options = {})
      : source_(path), options_(std::move(options)), rows_(chunk_rows), left_(options_.max_rows) {
    detail::check_csv_options(options_);
    if (chunk_rows == 0) throw ConfigError("CsvChunks: expected chunk_rows of 1 or more, received 0.");
    where_.name = path;
  }

  /// The next rows; nothing at the end of the file.
  std::optional<Table> next() {
    if (done_) return {};
    if (first_) start();
    options_.max_rows = std::min(rows_, left_);
    for (;;) {
      where_.to_the_end = ended_;
      // What may hold the rows wanted; unless that is all there is, the last record may be cut off.
      std::string room;
      const std::string_view all = detail::utf8_text(whole_letters(), options_, where_, room);
      if (first_ && options_.delimiter == '\0') options_.delimiter = detail::find_delimiter(all, options_, where_);
      if (!ended_ && first_ && !has_record(all)) {
        more();
        continue;
      }
      detail::CsvReader reader(all, options_, where_, first_ ? nullptr : &columns_, names_);
      Table table = reader.read();
      if (table.rows() < options_.max_rows && !ended_) {
        if (table.rows() > 0) {  // how much the rows wanted will be, judged by those there are
          const double bytes = static_cast<double>(reader.place()) / static_cast<double>(table.rows());
          usual_ = static_cast<std::size_t>(std::min(1.1 * bytes * static_cast<double>(options_.max_rows), 1e9));
        }
        more();
        continue;
      }
      return hand_out(std::move(table), reader, all);
    }
  }

  auto begin() { return detail::NextIterator<CsvChunks, Table>(this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  void start() {
    more();
    const std::string_view text = detail::checked_text(buffer_, where_.name);
    place_ = buffer_.size() - text.size();
  }
  /// Reads on: what a chunk usually takes, and at least half as much again as there is.
  void more() {
    const std::size_t before = buffer_.size(), have = before - place_;
    const std::size_t wish = std::max({usual_ > have ? usual_ - have : 0, std::size_t{1} << 20, have / 2});
    buffer_.resize(before + wish);
    std::size_t got = 0;
    while (got < wish) {
      const std::size_t n = source_.read(buffer_.data() + before + got, wish - got);
      if (n == 0) {
        ended_ = true;
        break;
      }
      got += n;
    }
    buffer_.resize(before + got);
    if (buffer_.find('\0', before) != std::string::npos)
      (void)detail::checked_text(std::string_view(buffer_).substr(place_), where_.name);  // throws
  }
  /// What is in the buffer, without a letter of several bytes that is cut off at its end.
  std::string_view whole_letters() const {
    std::string_view text = std::string_view(buffer_).substr(place_);
    if (ended_ || options_.encoding == Encoding::latin1) return text;
    for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
      const auto byte = static_cast<unsigned char>(text[text.size() - back]);
      if ((byte & 0xC0u) == 0x80u) continue;
      if (byte >= 0xC0) text.remove_suffix(back);
      break;
    }
    return text;
  }
  bool has_record(std::string_view all) const {
    detail::CsvScan scan(all, options_, where_);
    for (std::size_t i = 0; i < options_.skip_rows; ++i) scan.skip_line();
    std::vector<detail::CsvField> fields;
    return scan.next(fields);
  }
  std::optional<Table> hand_out(Table table, const detail::CsvReader& reader, std::string_view all) {
    const bool empty = table.rows() == 0;
    if (first_) {
      names_ = reader.names();
      columns_ = table.head(0);
    }
    // Bytes of the file, of which latin1 has one where UTF-8 may have two.
    const std::string_view read = all.substr(0, reader.place());
    std::size_t bytes = read.size();
    if (options_.encoding == Encoding::latin1)
      for (const char c : read) bytes -= (static_cast<unsigned char>(c) & 0xC0u) == 0x80u;
    where_.lines_before += detail::line_of(read, read.size()) - 1;
    left_ -= table.rows();
    place_ += bytes;
    usual_ = std::max(usual_, bytes + bytes / 8);
    buffer_.erase(0, place_);
    place_ = 0;
    done_ = left_ == 0 || (ended_ && table.rows() < rows_);
    const bool header_alone = std::exchange(first_, false) && empty;
    if (empty && !header_alone) return {};
    return table;
  }

  detail::ByteSource source_;
  CsvOptions options_;
  detail::CsvSource where_;
  std::size_t rows_, left_, place_ = 0, usual_ = 0;
  std::string buffer_;
  std::vector<std::string> names_;  ///< of all columns of the file
  Table columns_;                   ///< those read, without rows
  bool first_ = true, ended_ = false, done_ = false;
};

}  // namespace foretell

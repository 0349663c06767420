// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>

#include "foretell/data/csv/chunks.hpp"
#include "foretell/data/csv/encoding.hpp"
#include "foretell/data/csv/options.hpp"
#include "foretell/data/csv/reader.hpp"
#include "foretell/data/csv/write.hpp"
#include "foretell/data/table.hpp"
#include "foretell/formats/byte_source.hpp"

namespace foretell {

/// Reads CSV text that is in memory already; `source` is what errors call it. Throws as `read_csv` does.
inline Table read_csv_text(std::string_view text, CsvOptions options = {}, std::string_view source = "text") {
  detail::check_csv_options(options);
  std::string room;
  const detail::CsvSource where{std::string(source)};
  const std::string_view all = detail::utf8_text(detail::checked_text(text, source), options, where, room);
  if (options.delimiter == '\0') options.delimiter = detail::find_delimiter(all, options, where);
  return detail::CsvReader(all, options, where).read();
}

/// Reads a CSV file, packed with gzip or not, into a table; see CsvOptions for how. A file of a header alone gives a
/// table without rows.
///
/// Throws FormatError when the file cannot be read, DataError, naming file and line, when it is empty, not UTF-8 text,
/// a quote is not closed, a row has another number of fields than the header, or a value is not of the kind given in
/// `dtypes` or `dates`; ConfigError for options that contradict each other.
inline Table read_csv(const std::string& path, const CsvOptions& options = {}) {
  return read_csv_text(detail::read_file(path), options, path);
}

}  // namespace foretell

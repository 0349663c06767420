// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "foretell/data/column.hpp"
#include "foretell/data/missing_markers.hpp"

namespace foretell {

/// How the letters of a text file are encoded.
enum class Encoding { utf8, latin1 };

/// How to read a CSV file; the defaults suit a comma-separated file with a header.
///
/// Quoting follows RFC 4180: a field that begins with the quote ends at the next single quote, "" inside is one quote,
/// and it may hold delimiters and line ends. A quote further inside a field is an ordinary letter. Lines end with LF,
/// CRLF or CR; empty lines are skipped. Every row must have as many fields as the header, unless `fill`.
///
/// A column is *boolean* when all its values are spellings of true and false, *number* when all are numbers, otherwise
/// *category*; all rows are looked at. Codes that a number would damage make a column category: whole numbers with
/// leading zeros (08123) or beyond 2^53, digits with an e that no program writes for a number (73928e05, 0e462097), and
/// what is beyond the largest double (1e400). 0 and 1 are numbers. A column without any value is number.
/// docs/tables.md has the rules in one table, beside those of pandas.
struct CsvOptions {
  char delimiter = ',';  ///< '\0' finds it out: the one of , ; tab | that splits the first lines evenly
  char quote = '"';      ///< '\0' makes quotes ordinary letters
  char comment = '\0';   ///< lines that begin with it are skipped
  char decimal = '.';
  char thousands = '\0';  ///< ',' reads 1,234 as a number, 1,5 is none
  bool header = true;     ///< the first line holds the names; otherwise they are column_0, column_1 ...
  bool fill = false;      ///< rows with fewer fields than the header end in missing values
  bool trim = false;      ///< remove blanks around texts and names, and before an opening quote
  /// A field in quotes is a text, whatever it spells: never a number, a boolean or missing, but in a column that
  /// `dtypes` makes number or boolean or that `dates` names. Off as in pandas, since many programs quote all fields.
  /// What write_csv writes reads back with it as the table it was.
  bool quoted_is_text = false;
  bool infer = true;  ///< false: every column that `dtypes` does not name is category
  Encoding encoding = Encoding::utf8;
  std::size_t skip_rows = 0;                                       ///< lines to skip before the header
  std::size_t max_rows = std::numeric_limits<std::size_t>::max();  ///< rows to read at most
  std::vector<std::string> names{};                                ///< names to use instead of the header's
  std::vector<std::string> columns{};                  ///< names of the columns to read, in this order; all when empty
  std::vector<std::pair<std::string, Kind>> dtypes{};  ///< kinds that are known: {{"zip", Kind::category}}
  /// Columns of times, read to seconds since 1970 (see parse_time): {{"day", "%d.%m.%Y"}}; "" for ISO 8601.
  std::vector<std::pair<std::string, std::string>> dates{};
  std::size_t threads = 1;  ///< the calling one among them; the table is the same at any number
  /// Fields that stand for a missing value, blanks around them aside: "", "?", "NA", "N/A", "nan", "NULL", "null",
  /// "None" and the rest of detail::missing_markers, which are pandas' and "?" and "NAN". They come before all else:
  /// dates (1900-01-01) and booleans that are listed are missing; a number that is listed is so in number columns
  /// however it is written (-999, -999.0), in others as it is spelled.
  std::vector<std::string> missing{detail::missing_markers.begin(), detail::missing_markers.end()};
  /// More of them, in number columns only: "-", "--" and "." may well be labels.
  std::vector<std::string> missing_numbers{detail::missing_number_markers.begin(),
                                           detail::missing_number_markers.end()};
  std::vector<std::string> true_values{};   ///< spellings of true; true and yes in any case when empty
  std::vector<std::string> false_values{};  ///< spellings of false; false and no in any case when empty
};

}  // namespace foretell

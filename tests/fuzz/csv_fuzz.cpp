// SPDX-License-Identifier: BSD-3-Clause
// Any bytes under any options: read_csv_text gives a table or throws foretell::Error, and a table that was read is the
// same after writing and reading it again.
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -I include tests/fuzz/csv_fuzz.cpp -o csv_fuzz &&
//   ./csv_fuzz
#include <cstdint>
#include <cstdlib>
#include <foretell/data/csv.hpp>
#include <string_view>

using namespace foretell;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  CsvOptions options;
  options.delimiter = ",;\t|\0 "[data[0] % 6];
  options.header = data[0] & 64;
  options.trim = data[0] & 128;
  options.comment = data[1] & 1 ? '#' : '\0';
  if (data[1] & 2) options.quote = data[1] & 4 ? '\'' : '\0';
  if (data[1] & 8) options.decimal = '.', options.thousands = '\'' == options.quote ? '_' : '\'';
  options.encoding = data[1] & 16 ? Encoding::latin1 : Encoding::utf8;
  options.infer = !(data[1] & 32);
  options.skip_rows = data[1] >> 6;
  options.quoted_is_text = data[2] & 8;
  if (data[2] & 1) options.missing = {};
  if (data[2] & 2) options.max_rows = data[2] >> 4;
  if (data[2] & 4) options.missing = {"0", "x"};
  const std::string_view text(reinterpret_cast<const char*>(data) + 3, size - 3);
  try {
    const Table table = read_csv_text(text, options);
    for (const Column& column : table)
      if (column.size() != table.rows()) std::abort();
    (void)table.to_string(3);
    (void)table.describe();
    CsvOptions plain;
    plain.missing = {"<missing>"};
    for (const Column& column : table) plain.dtypes.emplace_back(column.name(), column.kind());
    plain.true_values = {"true"};
    plain.false_values = {"false"};
    Table canonical;
    for (const Column& column : table) {
      for (std::size_t i = 0; column.kind() == Kind::category && i < column.size(); ++i)
        if (detail::trimmed(column.text(i)) == "<missing>") return 0;
      canonical.add(column.name(), column.kind() == Kind::boolean ? Column::from_booleans(column.booleans()) : column);
    }
    if (!(read_csv_text(to_csv(canonical, {.missing = "<missing>"}), plain) == canonical)) std::abort();
    for (const Column& column : canonical)
      if (column.count_missing() == column.size()) return 0;  // of which kind is not written
    if (!(read_csv_text(to_csv(canonical), {.quoted_is_text = true}) == canonical)) std::abort();
  } catch (const Error&) {
  }
  return 0;
}

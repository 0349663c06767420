// SPDX-License-Identifier: BSD-3-Clause
// Any bytes: read_json_lines_text gives a table or throws foretell::Error, and a table that was read is the same after
// writing and reading it again.
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -I include tests/fuzz/json_lines_fuzz.cpp -o
//   json_lines_fuzz &&
//   ./json_lines_fuzz tests/fuzz/seeds/json_lines
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <foretell/data/json_lines.hpp>
#include <string>
#include <string_view>

using namespace foretell;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const Table table = read_json_lines_text(text, {.max_columns = 100});
    (void)table.to_string(3);
    JsonLinesOptions same;
    for (const Column& column : table) {
      if (column.size() != table.rows()) std::abort();
      for (std::size_t row = 0; column.kind() == Kind::number && row < column.size(); ++row)
        if (std::isinf(column.number(row))) return 0;
      same.columns.push_back(column.name());
      same.dtypes.emplace_back(column.name(), column.kind());
    }
    const std::string lines = to_json_lines(table);
    if (!(read_json_lines_text(lines, same) == table)) std::abort();
    for (const Column& column : table)
      if (column.count_missing() == column.size()) return 0;  // of which kind is not written
    if (!(read_json_lines_text(lines) == table)) std::abort();
  } catch (const Error&) {
  }
  return 0;
}

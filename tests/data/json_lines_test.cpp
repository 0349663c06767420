// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <foretell/core/random.hpp>
#include <foretell/data/concat.hpp>
#include <foretell/data/csv.hpp>
#include <foretell/data/json_lines.hpp>
#include <fstream>
#include <string>
#include <vector>

using namespace foretell;
namespace fs = std::filesystem;

namespace {

std::string problem(std::string_view lines, const JsonLinesOptions& options = {}) {
  try {
    (void)read_json_lines_text(lines, options, "f.jsonl");
  } catch (const Error& error) {
    return error.what();
  }
  return "no problem";
}

}  // namespace

TEST_CASE("read_json_lines: numbers, texts, booleans, missing, nested objects, lists") {
  const Table table = read_json_lines_text(
      "{\"user\":\"ann\",\"n\":1,\"ok\":true,\"device\":{\"os\":\"linux\",\"screen\":{\"w\":80}},\"tags\":[1,\"a\",{"
      "\"k\":[null,true,1.5]}]}\n"
      "\r\n"
      "{\"n\":2.5,\"user\":null,\"late\":\"x\"}\n"
      "  {\"user\":\"b\\u00f6b \\ud83d\\ude00\",\"ok\":false,\"device\":{},\"tags\":[]}");
  CHECK(table.names() == std::vector<std::string>{"user", "n", "ok", "device.os", "device.screen.w", "tags", "late"});
  REQUIRE(table.rows() == 3);
  CHECK(table.column("user").text(0) == "ann");
  CHECK(table.column("user").missing(1));
  CHECK(table.column("user").text(2) == "böb 😀");
  CHECK(table.column("n").number(1) == 2.5);
  CHECK(table.column("n").missing(2));
  CHECK(table.column("ok").kind() == Kind::boolean);
  CHECK(table.column("ok").missing(1));
  CHECK(table.column("ok").code(2) == 0);
  CHECK(table.column("device.screen.w").number(0) == 80);
  CHECK(table.column("tags").text(0) == "[1,\"a\",{\"k\":[null,true,1.5]}]");
  CHECK(table.column("tags").text(2) == "[]");
  CHECK(table.column("late").missing(0));
}

TEST_CASE("read_json_lines: mixed values are texts, and long whole numbers stay what they are") {
  const Table table = read_json_lines_text(
      "{\"a\":1,\"b\":true,\"c\":12345678901234567890,\"d\":9007199254740993,\"e\":123456789012345678901234}\n"
      "{\"a\":\"x\",\"b\":2.5,\"c\":1,\"d\":-3,\"e\":1e300}\n{\"a\":false}\n");
  CHECK(table.column("a").text(0) == "1");
  CHECK(table.column("a").text(2) == "false");
  CHECK(table.column("b").text(0) == "true");
  CHECK(table.column("b").text(1) == "2.5");
  CHECK(table.column("c").text(0) == "12345678901234567890");
  CHECK(table.column("d").text(0) == "9007199254740993");
  CHECK(table.column("d").text(1) == "-3");
  CHECK(table.column("e").text(0) == "123456789012345678901234");
  CHECK(table.column("e").text(1) == "1e+300");
}

TEST_CASE("read_json_lines: NaN is missing and Infinity a number, as Python writes them") {
  const Table table = read_json_lines_text(
      "{\"x\":NaN,\"t\":\"a\",\"b\":true,\"l\":[1,NaN,-Infinity]}\n{\"x\":Infinity,\"t\":NaN,\"b\":NaN}\n{\"x\":-"
      "Infinity}\n"
      "{\"x\":1.5}\n");
  CHECK(table.column("x") == Column{std::nan(""), HUGE_VAL, -HUGE_VAL, 1.5}.named("x"));
  CHECK(table.column("t").kind() == Kind::category);
  CHECK(table.column("t").missing(1));
  CHECK(table.column("b").kind() == Kind::boolean);
  CHECK(table.column("b").missing(1));
  CHECK(table.column("l").text(0) == "[1,NaN,-Infinity]");
}

TEST_CASE("read_json_lines: numbers that no double keeps are texts with their digits, whatever comes with them") {
  for (const char* digits : {"9007199254740993", "-9007199254740993", "18446744073709551616", "1e400", "-1.5e309"}) {
    CAPTURE(digits);
    CHECK(read_json_lines_text(text("{\"a\":1}\n{\"a\":", digits, "}\n")) == Table{{"a", {"1", digits}}});
    CHECK(read_json_lines_text(text("{\"a\":", digits, "}\n{\"a\":2.5}\n")) == Table{{"a", {digits, "2.5"}}});
    CHECK(read_json_lines_text(text("{\"a\":", digits, "}\n{\"a\":\"", digits, "\"}\n")).column("a").distinct() == 1);
    CHECK(read_json_lines_text(text("{\"a\":", digits, "}\n"), {.dtypes = {{"a", Kind::number}}}).column("a").kind() ==
          Kind::number);
  }
  CHECK(read_json_lines_text("{\"a\":9007199254740993}\n", {.dtypes = {{"a", Kind::number}}}).column("a").number(0) ==
        9007199254740992.0);
  // A number is one, however it is written; what reads as one in a text is none.
  CHECK(read_json_lines_text("{\"a\":73928e05,\"b\":\"1\"}\n{\"a\":0e5,\"b\":\"true\"}\n") ==
        Table{{"a", {7392800000.0, 0.0}}, {"b", {"1", "true"}}});
  CHECK(std::signbit(read_json_lines_text("{\"a\":-0}\n").column("a").number(0)));
  CHECK(read_json_lines_text("{\"user\":9007199254740995}\n") == read_csv_text("user\n9007199254740995\n"));
}

TEST_CASE("read_json_lines: options") {
  const std::string lines =
      "{\"at\":\"2026-05-31T12:30:15Z\",\"zip\":12,\"flag\":1,\"more\":3}\n{\"at\":null,\"zip\":\"x\",\"flag\":0}\n";
  const Table table = read_json_lines_text(lines, {.columns = {"flag", "zip", "at", "absent"},
                                                   .dtypes = {{"zip", Kind::category}, {"flag", Kind::boolean}},
                                                   .dates = {{"at", ""}}});
  CHECK(table.names() == std::vector<std::string>{"flag", "zip", "at", "absent"});
  CHECK(table.column("flag").kind() == Kind::boolean);
  CHECK(table.column("zip").text(0) == "12");
  CHECK(table.column("at").number(0) == 1780230615);
  CHECK(table.column("at").missing(1));
  CHECK(table.column("absent").count_missing() == 2);
  CHECK(read_json_lines_text(lines, {.max_rows = 1}).rows() == 1);
}

TEST_CASE("read_json_lines: errors name the line") {
  CHECK(problem("{\"a\":1}\n{\"a\":1\n") ==
        "JSON Lines f.jsonl, line 2: expected valid JSON, one object a line, received the end of the text at place 7 "
        "instead of "
        "',' or '}'");
  CHECK(problem("{\"a\":nan}") ==
        "JSON Lines f.jsonl, line 1: expected valid JSON, one object a line, received \"nan\" at place 6 instead of a "
        "value");
  for (const char* bad : {"[1]", "1", "\"a\"", "null", "NaN", "{\"a\":1} {\"a\":2}", "{a:1}", "{\"a\":-NaN}",
                          "{\"a\":inf}", "{\"a\":+1}", "{\"a\":01}", "{\"a\":.5}", "{\"a\":5.}", "{\"a\":1,5}",
                          "{\"a\":0x10}", "{\"a\":1_000}", "{\"a\":'x'}", "{\"a\":\"\xff\"}", "{\"a\":1,}"})
    CHECK(problem(bad).find("line 1: expected valid JSON") != std::string::npos);
  for (const char* twice : {"{\"a\":1,\"a\":2}", "{\"a\":null,\"a\":2}", "{\"a\":1,\"a\":null}", "{\"a\":1,\"a\":[]}"})
    CHECK(problem(twice).find("each name once in an object, received \"a\" twice") != std::string::npos);
  CHECK(problem("{\"a\":{\"b\":1},\"a.b\":2}").find("\"a.b\" twice") != std::string::npos);
  CHECK(problem("{\"a\":\"x\"}", {.dtypes = {{"a", Kind::number}}}).find("the kind that dtypes gives column \"a\"") !=
        std::string::npos);
  CHECK(problem("{\"a\":2}", {.dtypes = {{"a", Kind::boolean}}}).find("column \"a\"") != std::string::npos);
  CHECK(problem("{\"a\":\"yesterday\"}", {.dates = {{"a", ""}}}).find("a time in column \"a\" as in 2026-05-31") !=
        std::string::npos);
  CHECK(problem("{\"a\":5}", {.dates = {{"a", ""}}}).find("a time in column \"a\"") != std::string::npos);
  CHECK(problem("\n\n").find("received an empty text") != std::string::npos);
  CHECK(problem("{\"a\":1,\"b\":2}", {.max_columns = 1}).find("expected at most 1 columns") != std::string::npos);
  std::string deep, deep_list;
  for (int i = 0; i < 100000; ++i) deep += "{\"a\":", deep_list += "[";
  CHECK(problem(deep).find("at most 64 levels") != std::string::npos);
  CHECK(problem("{\"a\":" + deep_list).find("at most 64 levels") != std::string::npos);
  CHECK_THROWS_AS(JsonLines("/nonexistent.jsonl"), FormatError);
}

TEST_CASE("JsonLines: a file in chunks, and write_json_lines") {
  const fs::path path = fs::temp_directory_path() / "foretell_json_lines_test.jsonl";
  std::vector<std::string> texts;
  std::vector<double> numbers;
  for (int i = 0; i < 2500; ++i) {
    texts.push_back(i % 97 == 3 ? std::string(5000, 'x') : text("ü\"\n\\", i % 5));
    numbers.push_back(i % 7 == 2 ? std::nan("") : i / 8.0);
  }
  const Table table{{"text", texts}, {"x", numbers}, {"flag", std::vector<bool>(2500, true)}};
  write_json_lines(path, table);
  CHECK(read_json_lines(path) == table);
  std::size_t rows = 0, chunks = 0;
  for (const Table& part : JsonLines(path, 999, {.columns = {"x", "text"}})) {
    CHECK(part.column("text").text(0) == texts[rows]);
    rows += part.rows();
    ++chunks;
  }
  CHECK(rows == 2500);
  CHECK(chunks == 3);
  std::ofstream(path, std::ios::app) << "{\"x\":";
  JsonLines broken(path, 2500);
  CHECK(broken.next()->rows() == 2500);
  CHECK_THROWS_WITH_AS(broken.next(), doctest::Contains("line 2501"), DataError);
  fs::remove(path);
  CHECK(to_json_lines(Table{{"a", {std::nan(""), 2.0}}, {"b", {1.0, 3.0}}}) ==
        "{\"a\":null,\"b\":1}\n{\"a\":2,\"b\":3}\n");
  CHECK_THROWS_AS(to_json_lines(Table{{"x", {1.0 / 0.0}}}), DataError);
  CHECK_THROWS_WITH_AS(to_json_lines(Table{{"city", {"M\xfcnchen"}}}),
                       "to_json_lines, column \"city\": expected texts in UTF-8, received \"M\\xfcnchen\"; convert it, "
                       "or read its file with the encoding it has, CsvOptions::encoding",
                       DataError);
  CHECK_THROWS_AS(to_json_lines(Table{{"st\xe4", {1.0}}}), DataError);
}

TEST_CASE("write_json_lines: random tables read back the same") {
  const std::vector<std::string> texts{"NA",  "1",  "",   "true", " x ",  "007",    "null",
                                       "NaN", "\n", "\"", "\\",   "\x01", "größe 😀"};
  const std::vector<std::string> names{"a", "", "b.c", "d\"e", " ", "größe", "a.b"};
  for (std::uint64_t round = 0; round < 1000; ++round) {
    const Random random(round);
    std::uint64_t draw = 0;
    const auto below = [&](std::uint64_t n) { return random.below(draw++, n); };
    const std::size_t rows = 1 + below(6), columns = 1 + below(4), first_name = below(7);
    Table table;
    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t filled = below(rows);  // a row that is not missing
      const auto missing = [&](std::size_t row) { return row != filled && below(3) == 0; };
      const std::string& name = names[(first_name + c) % names.size()];
      const std::uint64_t kind = below(3);
      if (kind == 0) {
        std::vector<double> numbers;
        for (std::size_t r = 0; r < rows; ++r) {
          const double unit = random.uniform(draw++) - 0.5;
          numbers.push_back(missing(r) ? std::nan("")
                            : below(2) ? std::floor(unit * 1000)
                                       : std::ldexp(unit, static_cast<int>(below(2040)) - 1020));
        }
        table.add(name, numbers);
      } else if (kind == 1) {
        std::vector<std::int8_t> flags;
        for (std::size_t r = 0; r < rows; ++r)
          flags.push_back(missing(r) ? std::int8_t{-1} : static_cast<std::int8_t>(below(2)));
        table.add(name, Column::from_booleans(flags, "No", "Yes"));
      } else {
        Dictionary dictionary;
        std::vector<std::int32_t> codes;
        for (std::size_t r = 0; r < rows; ++r)
          codes.push_back(missing(r) ? -1 : dictionary.add(texts[below(texts.size())]));
        table.add(name, Column::from_codes(codes, dictionary.values()));
      }
    }
    const std::string lines = to_json_lines(table);
    CAPTURE(lines);
    if (!(read_json_lines_text(lines) == table)) FAIL_CHECK("differs");
  }
}

TEST_CASE("JsonLines: chunks have the kinds and columns of the whole file, or there is an error") {
  const std::vector<std::string> values{"1",   "2.5", "\"x\"", "true", "null", "9007199254740993",
                                        "NaN", "0",   "false", "[1]",  "1e400"};
  const fs::path path = fs::temp_directory_path() / "foretell_json_lines_kinds_test.jsonl";
  std::size_t same = 0, errors = 0;
  for (std::uint64_t round = 0; round < 2000; ++round) {
    const Random random(round);
    std::uint64_t draw = 2;
    const std::uint64_t variety = 1 + random.below(0, values.size()), start = random.below(1, values.size());
    std::string lines;
    for (std::uint64_t rows = 1 + random.below(draw++, 6); rows > 0; --rows) {
      lines += text("{\"n\":", rows);
      if (lines.size() < 8 || random.below(draw++, 4))
        lines += text(",\"a\":", values[(start + random.below(draw++, variety)) % values.size()]);
      lines += "}\n";
    }
    CAPTURE(lines);
    std::ofstream(path) << lines;
    try {
      std::vector<Table> parts;
      for (const Table& part : JsonLines(path, 1 + random.below(draw++, 3))) parts.push_back(part);
      CHECK(concat(parts) == read_json_lines(path));
      ++same;
    } catch (const DataError&) {
      ++errors;
    }
  }
  fs::remove(path);
  CHECK(same > 800);
  CHECK(errors > 100);
  const auto chunks_of = [&](const char* lines) {
    std::ofstream(path) << lines;
    JsonLines chunks(path, 1);
    while (chunks.next()) {
    }
  };
  CHECK_THROWS_WITH_AS(
      chunks_of("{\"a\":1}\n{\"a\":9007199254740993}\n"),
      doctest::Contains("line 2: expected a number in column \"a\", as the lines before have, received "
                        "another value; read the column as category: JsonLinesOptions::dtypes"),
      DataError);
  fs::remove(path);
}

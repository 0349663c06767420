// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <foretell/io/json_lines.hpp>
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
        "JSON Lines f.jsonl, line 2: expected valid JSON, one object a line, received something else");
  for (const char* bad :
       {"[1]", "1", "\"a\"", "null", "{\"a\":1} {\"a\":2}", "{a:1}", "{\"a\":NaN}", "{\"a\":\"\xff\"}", "{\"a\":1,}"})
    CHECK(problem(bad).find("line 1: expected valid JSON") != std::string::npos);
  CHECK(problem("{\"a\":1,\"a\":2}").find("\"a\" twice") != std::string::npos);
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
  CHECK_THROWS_AS(to_json_lines(Table{{"x", {1.0 / 0.0}}}), DataError);
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <foretell/core/random.hpp>
#include <foretell/data/concat.hpp>
#include <foretell/data/csv.hpp>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "support/folder.hpp"

using namespace foretell;
using support::Folder;

namespace {

using List = std::vector<std::string>;
const double gap = std::numeric_limits<double>::quiet_NaN();

std::string problem(const std::string& text, const CsvOptions& options = {}) {
  try {
    (void)read_csv_text(text, options, "f.csv");
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("read_csv: tells numbers, booleans and categories apart") {
  const Table table = read_csv_text("n,b,c,e\n1,true,x,\n-2.5,FALSE,y,\n,yes,\"x\",\n");
  CHECK(table ==
        Table{{"n", {1, -2.5, gap}}, {"b", {true, false, true}}, {"c", {"x", "y", "x"}}, {"e", {gap, gap, gap}}});
  CHECK(table.column("b").dictionary() == List{"FALSE", "true"});
}

TEST_CASE("read_csv: 0 and 1 are numbers, Yes and No booleans that remember their spelling") {
  const Table table = read_csv_text("a,b,c\n0,Yes,No\n1,,No\n");
  CHECK(table.column("a").kind() == Kind::number);
  CHECK(table.column("b").kind() == Kind::boolean);
  CHECK(table.column("b").missing(1));
  CHECK(table.column("b").text(0) == "Yes");
  CHECK(table.column("b").dictionary() == List{"No", "Yes"});
  CHECK(table.column("c").dictionary() == List{"No", "Yes"});
  CHECK(read_csv_text("a\nTRUE\n").column("a").dictionary() == List{"FALSE", "TRUE"});
  CHECK(read_csv_text("a\nfalse\n").column("a").dictionary() == List{"false", "true"});
}

TEST_CASE("read_csv: the kind is decided by all rows, the last one included") {
  for (const std::size_t rows : {3u, 20000u, 100000u}) {
    std::string text = "number,boolean,late,dash\n", last = "x,x,7,x\n";
    for (std::size_t i = 0; i < rows; ++i) text += i % 2 ? "1,yes,,-\n" : "2.50,No,,1\n";
    const Table table = read_csv_text(text + last);
    CHECK(table.column("number").kind() == Kind::category);
    CHECK(table.column("number").dictionary() == List{"2.50", "1", "x"});
    CHECK(table.column("boolean").dictionary() == List{"No", "yes", "x"});
    CHECK(table.column("late").kind() == Kind::number);
    CHECK(table.column("late").count_missing() == rows);
    CHECK(table.column("dash").dictionary() == List{"1", "-", "x"});
    CHECK(table.column("dash").size() == rows + 1);
    const Table numbers = read_csv_text(text);
    CHECK(numbers.column("dash").kind() == Kind::number);
    CHECK(numbers.column("dash").count_missing() == rows / 2);
  }
}

TEST_CASE("read_csv: a dash is missing among numbers and a label among texts") {
  CHECK(read_csv_text("a\n-\n3\n") == Table{{"a", {gap, 3.0}}});
  CHECK(read_csv_text("a\n-\n+\n") == Table{{"a", {"-", "+"}}});
  CHECK(read_csv_text("a\n-\nyes\n") == Table{{"a", {"-", "yes"}}});
}

TEST_CASE("read_csv: ids that a number would damage become categories") {
  const Table table =
      read_csv_text("big,zip,ok\n9007199254740993,08123,9007199254740992\n10000169349117863715,10115,0\n");
  CHECK(table.column("big").dictionary() == List{"9007199254740993", "10000169349117863715"});
  CHECK(table.column("zip").dictionary() == List{"08123", "10115"});
  CHECK(table.column("ok").numbers() == std::vector<double>{9007199254740992.0, 0});
  CHECK(read_csv_text("zip\n08123\n", {.dtypes = {{"zip", Kind::number}}}).column("zip").number(0) == 8123);
}

TEST_CASE("read_csv: ids that are all digits but for an e are categories") {
  CHECK(read_csv_text("id\n74095673\n73928e05\n7392800000\n") == Table{{"id", {"74095673", "73928e05", "7392800000"}}});
  CHECK(read_csv_text("id\n0047583311587E590003\n0047583311587E590004\n").column("id").distinct() == 2);
  CHECK(read_csv_text("id\n0e462097431906509019562988736854\n0e830400451993494058024219903391\n")
            .column("id")
            .distinct() == 2);
  CHECK(read_csv_text("id\n12345678\n7e123456\n7e123457\n").column("id").distinct() == 3);
  // Numbers stay numbers, as numpy, pandas, R, Java, Rust and spreadsheets write them.
  CHECK(read_csv_text("x\n1e-05\n0.5\n1.5E+3\n2e10\n1.0E10\n-3e+00\n0e0\n1e+05\n") ==
        Table{{"x", {1e-5, 0.5, 1500, 2e10, 1e10, -3, 0, 1e5}}});
  CHECK(read_csv_text("x\n10e6\n73928e05\n", {.dtypes = {{"x", Kind::number}}}) == Table{{"x", {1e7, 7392800000.0}}});
}

TEST_CASE("read_csv: numbers that no double holds are texts, not infinite ones") {
  CHECK(read_csv_text("x\n1\n1e400\n") == Table{{"x", {"1", "1e400"}}});
  CHECK(read_csv_text("x\n1\n1e-400\n") == Table{{"x", {1, 0}}});
  CHECK(read_csv_text("x\n1\n-inf\nInfinity\n") == Table{{"x", {1, -HUGE_VAL, HUGE_VAL}}});
  CHECK(read_csv_text("x\n1e400\n", {.dtypes = {{"x", Kind::number}}}) == Table{{"x", {HUGE_VAL}}});
}

TEST_CASE("read_csv: other notations are texts") {
  for (const char* s :
       {"0x10", "1_000", "\"1,234\"", "0b1", "1d5", "5%", "$5", "12:30", "\u0661\u0662", "\uFF11", "1e5.5", "++1"})
    CHECK_MESSAGE(read_csv_text(text("x\n", s, "\n1\n")).column("x").kind() == Kind::category, s);
  for (const char* s : {"+5", "5.", ".5", "-0", "0.0", "1.e5", " 7 ", "0012.5"})
    CHECK_MESSAGE(read_csv_text(text("x\n", s, "\n1\n")).column("x").kind() == Kind::number, s);
}

TEST_CASE("read_csv: missing markers, with blanks around them, in every kind of column") {
  const Table table = read_csv_text("n,b,c\n NA ,?,None\n1,yes,x\n ,N/A,\" \"\nnan,null,NaN\n");
  CHECK(table.column("n").count_missing() == 3);
  CHECK(table.column("b").count_missing() == 3);
  CHECK(table.column("c").count_missing() == 3);
  CHECK(table.column("c").dictionary() == List{"x"});
  const Table own = read_csv_text("n,c\n-999,NA\n1,x\n", {.missing = {"-999"}});
  CHECK(own == Table{{"n", {gap, 1.0}}, {"c", {"NA", "x"}}});
  CHECK(read_csv_text("c\n\"\"\nx\n", {.missing = {}}) == Table{{"c", {"", "x"}}});
}

TEST_CASE("read_csv: every marker of pandas is missing among numbers, booleans and texts") {
  for (const char* marker : {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
                             "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}) {
    CAPTURE(marker);
    const Table table = read_csv_text(text("n,b,c\n1,yes,x\n", marker, ",", marker, ",", marker, "\n"));
    CHECK(table.column("n").kind() == Kind::number);
    CHECK(table.column("b").kind() == Kind::boolean);
    for (const Column& column : table) CHECK(column.missing(1));
  }
  for (const char* s : {"na", "none", "Null", "NaT", "nil", "#N", "1.#INF", "n/A", "1.#"})
    CHECK_MESSAGE(read_csv_text(text("n\n1\n", s, "\n")).column("n").text(1) == s, s);
}

TEST_CASE("read_csv: with quoted_is_text what stands in quotes is a text") {
  const CsvOptions quoted{.quoted_is_text = true};
  CHECK(read_csv_text("a,b,c,d\n\"1\",1,\"true\",\"\"\n,NA,,x\n\"NA\",2,\"false\",\n", quoted) ==
        Table{{"a", Column::from_codes({0, -1, 1}, {"1", "NA"})},
              {"b", {1, gap, 2}},
              {"c", Column::from_codes({0, -1, 1}, {"true", "false"})},
              {"d", Column::from_codes({0, 1, -1}, {"", "x"})}});
  CHECK(read_csv_text("a,b\n1,yes\n\"2\",\"yes\"\n", quoted) == Table{{"a", {"1", "2"}}, {"b", {"yes", "yes"}}});
  CHECK(read_csv_text("a\n-\n\"-\"\n", quoted) == Table{{"a", {"-", "-"}}});
  // Not where the kind is given.
  CHECK(read_csv_text(
            "a,b,t\n\"1\",\"0\",\"1970-01-02\"\n\"\",\"yes\",\"\"\n",
            {.quoted_is_text = true, .dtypes = {{"a", Kind::number}, {"b", Kind::boolean}}, .dates = {{"t", ""}}}) ==
        Table{{"a", {1, gap}}, {"b", {false, true}}, {"t", {86400, gap}}});
}

TEST_CASE("read_csv: numbers may stand in quotes and between blanks") {
  CHECK(read_csv_text("a,b\n\"1\", 2\n\" 3 \",4 \n") == Table{{"a", {1, 3}}, {"b", {2, 4}}});
}

TEST_CASE("read_csv: quotes protect delimiters, line ends and doubled quotes") {
  const Table table = read_csv_text("\"a,1\",b\n\"x,\ny\",\"say \"\"hi\"\"\"\n\"\"\"\",plain \"text\" here\n\"\",z\n");
  CHECK(table.names() == List{"a,1", "b"});
  CHECK(table.column(0).text(0) == "x,\ny");
  CHECK(table.column(1).text(0) == "say \"hi\"");
  CHECK(table.column(0).text(1) == "\"");
  CHECK(table.column(1).text(1) == "plain \"text\" here");
  CHECK(table.column(0).missing(2));
  CHECK(read_csv_text("a,b\n\"x\" ,\"y\"\t\n") == Table{{"a", {"x"}}, {"b", {"y"}}});
  CHECK(read_csv_text("a,b\n\"x,y\n", {.quote = '\0'}) == Table{{"a", {"\"x"}}, {"b", {"y"}}});
}

TEST_CASE("read_csv: LF, CRLF and CR end lines, the last line needs no end, empty lines are skipped") {
  const Table expected{{"a", {1, 3}}, {"b", {"x", "y"}}};
  for (const char* text : {"a,b\n1,x\n3,y\n", "a,b\r\n1,x\r\n3,y\r\n", "a,b\r1,x\r3,y\r", "a,b\n1,x\n3,y",
                           "\n\na,b\n\n1,x\r\n\r\n3,y\n  \n\n",
                           "\xEF\xBB\xBF"
                           "a,b\n1,x\n3,y"})
    CHECK(read_csv_text(text) == expected);
  CHECK(read_csv_text("a,b\n1,\n3,") == Table{{"a", {1, 3}}, {"b", {gap, gap}}});
  CHECK(read_csv_text("a\n1\n\n \n2\n") == Table{{"a", {1, gap, 2}}});
}

TEST_CASE("read_csv: every alignment of quotes and line ends against the scanner's 64-byte steps") {
  for (std::size_t padding = 0; padding < 140; ++padding) {
    const std::string filler(padding, 'p');
    const Table table = read_csv_text("a,b\r\n" + filler + "q,\"1\"\"\r\n2\"\r\n\"\",5\r\n");
    REQUIRE(table.rows() == 2);
    CHECK(table.column("a").text(0) == filler + "q");
    CHECK(table.column("b").text(0) == "1\"\r\n2");
    CHECK(table.column("a").missing(1));
    CHECK(table.column("b").text(1) == "5");
  }
}

TEST_CASE("read_csv: empty names get numbers and repeated names endings") {
  CHECK(read_csv_text(",a,a,a.1,a,\n1,2,3,4,5,6\n").names() == List{"column_0", "a", "a.2", "a.1", "a.3", "column_5"});
}

TEST_CASE("read_csv: a header alone is a table without rows") {
  for (const char* text : {"a,b", "a,b\n", "a,b\r\n\r\n"}) {
    const Table table = read_csv_text(text);
    CHECK(table.rows() == 0);
    CHECK(table.names() == List{"a", "b"});
  }
}

TEST_CASE("read_csv: without a header columns are numbered, or named by the options") {
  CHECK(read_csv_text("1,x\n2,y\n", {.header = false}) == Table{{"column_0", {1, 2}}, {"column_1", {"x", "y"}}});
  CHECK(read_csv_text("1,x\n", {.header = false, .names = {"n", "c"}}) == Table{{"n", {1}}, {"c", {"x"}}});
  CHECK(read_csv_text("a,b\n1,x\n", {.names = {"n", "c"}}) == Table{{"n", {1}}, {"c", {"x"}}});
  CHECK_THROWS_AS(read_csv_text("1,x\n", {.header = false, .names = {"n"}}), DataError);
}

TEST_CASE("read_csv: options choose delimiter, comments, lines, columns and kinds") {
  CHECK(read_csv_text("a;b\n1,5;2\n", {.delimiter = ';', .decimal = ','}) == Table{{"a", {1.5}}, {"b", {2}}});
  CHECK(read_csv_text("a|b\n1,234|2\n", {.delimiter = '|', .thousands = ','}) == Table{{"a", {1234}}, {"b", {2}}});
  CHECK(read_csv_text("a|b\n1,5|2\n", {.delimiter = '|', .thousands = ','}).column("a").kind() == Kind::category);
  CHECK(read_csv_text("#x,\"\na\n#1\n2\n", {.comment = '#'}) == Table{{"a", {2}}});
  CHECK(read_csv_text("title \"\n\na\n1\n2\n3\n", {.skip_rows = 2, .max_rows = 2}) == Table{{"a", {1, 2}}});
  CHECK(read_csv_text("a,b,c\n1,2,3\n", {.columns = {"c", "a"}}) == Table{{"c", {3}}, {"a", {1}}});
  CHECK(read_csv_text("a,b\n1,0\n2,1\n", {.dtypes = {{"a", Kind::category}, {"b", Kind::boolean}}}) ==
        Table{{"a", {"1", "2"}}, {"b", {false, true}}});
  CHECK(read_csv_text("a,b\n1,yes\n", {.infer = false, .dtypes = {{"a", Kind::number}}}) ==
        Table{{"a", {1}}, {"b", {"yes"}}});
  CHECK(read_csv_text("a,b\n x , \"y,z\"\n", {.trim = true}) == Table{{"a", {"x"}}, {"b", {"y,z"}}});
  CHECK(read_csv_text("a,b\nY,N\nN,?\n", {.true_values = {"Y"}, .false_values = {"N"}}).column("b").kind() ==
        Kind::boolean);
  CHECK(read_csv_text("caf\xE9\n\xFC\n", {.encoding = Encoding::latin1}) == Table{{"café", {"ü"}}});
}

TEST_CASE("read_csv: finds out the delimiter when asked to") {
  const Table expected{{"a", {1, 3}}, {"b", {"x,y", "z"}}};
  CHECK(read_csv_text("a;b\n1;x,y\n3;z\n", {.delimiter = '\0'}) == expected);
  CHECK(read_csv_text("a\tb\n1\tx,y\n3\tz\n", {.delimiter = '\0'}) == expected);
  CHECK(read_csv_text("a|b\n1|x,y\n3|z\n", {.delimiter = '\0'}) == expected);
  CHECK(read_csv_text("a,b\n1,\"x,y\"\n3,z\n", {.delimiter = '\0'}) == expected);
  CHECK(read_csv_text("a\n1\n", {.delimiter = '\0'}) == Table{{"a", {1}}});
}

TEST_CASE("read_csv: ragged rows name the line and both numbers of fields") {
  CHECK(problem("a,b\n1,2\n3\n") ==
        "CSV f.csv, line 3: expected 2 fields as in the header, received 1; check the delimiter, here ',', and the "
        "quotes of that line, set fill when rows may end early, or "
        "set skip_rows when lines come before the header.");
  CHECK(problem("a,b\r\n\"x\r\ny\",2\r\n1,2,3\r\n")
            .find("CSV f.csv, line 4: expected 2 fields as in the header, received 3") == 0);
  CHECK(problem("a,b\n1,2\n3,4,\n").find("line 3: expected 2 fields") != std::string::npos);
}

TEST_CASE("read_csv: broken quotes name their line") {
  CHECK(problem("a,b\n1,2\n3,\"x\n4,5\n").find("CSV f.csv, line 3: the quote that opens field 2 is never closed") == 0);
  CHECK(problem("a,b\n1,2\n\"x\"y,5\n").find("CSV f.csv, line 3: field 1 goes on after its closing quote (\"x\")") ==
        0);
}

TEST_CASE("read_csv: text in a column given as number names line, column and text") {
  CHECK(problem("a,b\n1,2\n1,twenty\n", {.dtypes = {{"b", Kind::number}}}) ==
        "CSV f.csv, line 3, column \"b\": \"twenty\" is not a number, as dtypes says; correct the file, add it to "
        "CsvOptions::missing, or "
        "read the column as category.");
  CHECK(problem("a\n1\nmaybe\n", {.dtypes = {{"a", Kind::boolean}}})
            .find("line 3, column \"a\": \"maybe\" is not a boolean") != std::string::npos);
}

TEST_CASE("read_csv: files that are not UTF-8 text are refused with what to do") {
  CHECK(problem(std::string("\xFF\xFE"
                            "a\0",
                            4))
            .find("UTF-16") != std::string::npos);
  CHECK(problem(std::string("a,b\n1,\0\n", 8)).find("line 2 holds a zero byte") != std::string::npos);
  CHECK(problem("a\n\nb\xE9t\n").find("line 3: the text is not UTF-8") != std::string::npos);
  CHECK(problem("\x1f\x8b\x08").find("gzip") != std::string::npos);
  CHECK(problem("PK\x03\x04").find("spreadsheet") != std::string::npos);
  for (const char* bad : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"})
    CHECK(problem(bad).find("not UTF-8") != std::string::npos);
}

TEST_CASE("read_csv: an empty text is an error") {
  for (const char* text : {"", "\n", "\n\n  \n", "\xEF\xBB\xBF"})
    CHECK(problem(text).find("CSV f.csv: the file is empty") == 0);
  CHECK(problem("a\n", {.skip_rows = 5}).find("empty after the skipped rows") != std::string::npos);
}

TEST_CASE("read_csv: names in the options that are not in the file are errors") {
  CHECK(problem("abc,b\n", {.columns = {"abd"}})
            .find("CsvOptions::columns names \"abd\", which is not there. Did you mean \"abc\"?") != std::string::npos);
  CHECK(problem("a,b\n", {.dtypes = {{"z", Kind::number}}}).find("CsvOptions::dtypes") != std::string::npos);
}

TEST_CASE("read_csv: options that contradict each other are refused") {
  CHECK_THROWS_AS(read_csv_text("a", {.delimiter = '"'}), ConfigError);
  CHECK_THROWS_AS(read_csv_text("a", {.delimiter = '\n'}), ConfigError);
  CHECK_THROWS_AS(read_csv_text("a", {.delimiter = ',', .comment = ','}), ConfigError);
  CHECK_THROWS_AS(read_csv_text("a", {.decimal = ',', .thousands = ','}), ConfigError);
}

TEST_CASE("read_csv: a file that cannot be read is an error that names it") {
  CHECK_THROWS_WITH_AS(read_csv("no such file.csv"), "Cannot open \"no such file.csv\": No such file or directory.",
                       FormatError);
  CHECK_THROWS_AS(read_csv("/"), FormatError);
}

TEST_CASE("write_csv: what is written reads back the same") {
  const Table table{{"n", {0.1, gap, -1e300, 12345678.0}},
                    {"text", {"plain", "with, comma", "two\r\nlines and \"quotes\"", " blank "}},
                    {"flag", Column::from_booleans({1, 0, -1, 1}, "No", "Yes")},
                    {"a, name", {"x", "x", "y", "z"}}};
  CHECK(read_csv_text(to_csv(table)) == table);
  CHECK(to_csv(table.head(1)) == "n,text,flag,\"a, name\"\n0.1,plain,Yes,x\n");
  CHECK(to_csv(table.head(1).select("n"), {.header = false}) == "0.1\n");
  const Table alone{{"n", {1.0, gap, 2.0}}};
  CHECK(read_csv_text(to_csv(alone)) == alone);
  CHECK(to_csv(alone) == "n\n1\nNA\n2\n");  // an empty line is no row
  CHECK(to_csv(alone, {.missing = "?"}) == "n\n1\n?\n2\n");

  const Folder folder;
  write_csv(folder / "t.csv", table, {.delimiter = ';'});
  CHECK(read_csv(folder / "t.csv", {.delimiter = ';'}) == table);
  CHECK_THROWS_AS(write_csv("/no such folder/f.csv", table), FormatError);
  // A byte order mark that is a name, at the head of the file.
  const Table marks{{"\xEF\xBB\xBF", Column{"\xEF\xBB\xBF", "x"}}};
  CHECK(read_csv_text(to_csv(marks)) == marks);
}

TEST_CASE("write_csv: quotes texts that would be read as another kind") {
  CHECK(to_csv(Table{
            {"a", {"1", "2.5"}}, {"b", {"true", "no"}}, {"c", {"NA", "x"}}, {"d", {"1", "x"}}, {"e", {"007", "1"}}}) ==
        "a,b,c,d,e\n\"1\",\"true\",\"NA\",1,007\n\"2.5\",\"no\",x,x,1\n");
  CHECK(to_csv(Table{{"a", Column::from_codes({0, -1}, {""})}, {"b", {1, 2}}}) == "a,b\n\"\",1\n,2\n");
  CHECK(to_csv(Table{{"a", {"<gone>", "x"}}}, {.missing = "<gone>"}) == "a\n\"<gone>\"\nx\n");
  CHECK(to_csv(Table{{"code", {"007", "73928e05", "9007199254740993"}}}) == "code\n007\n73928e05\n9007199254740993\n");
  CHECK(to_csv(Table{{"x", {9007199254740992.0, -29901359133944372.0, 1e300, HUGE_VAL}}}) ==
        "x\n9007199254740992\n-2.9901359133944372e+16\n1e+300\ninf\n");
  for (const char delimiter : {'"', '\n', '\r', '\0', '\xFF'})
    CHECK_THROWS_AS(to_csv(Table{{"a", {1}}}, {.delimiter = delimiter}), ConfigError);
  CHECK_THROWS_WITH_AS(to_csv(Table{{"a", std::vector<std::string>{std::string("x\0y", 3)}}}),
                       doctest::Contains("column \"a\" holds a text with a zero byte"), DataError);
}

TEST_CASE("write_csv: random tables of all kinds read back the same") {
  const List texts{"NA",   "1",   "",     "true",     " x ",  "007",   "-",    "yes",   "No",
                   "?",    "1e5", "nan",  "inf",      "a,b",  "a\nb",  "\"",   "\"\"",  "x\"y\"z",
                   "\r\n", " ",   "\t",   "#NA",      "1.5",  "null",  "x",    "größe", ";",
                   "|",    "-1",  "2e10", "73928e05", "TRUE", "1e400", "0x10", "None",  "1 2"};
  const List names{"a", "b,c", "d\"e", "f\ng", " h ", "1", "NA", "größe", "x.1", "column_7"};
  const Folder folder;
  std::size_t same = 0, errors = 0;
  for (std::uint64_t round = 0; round < 2000; ++round) {
    const Random random(round);
    std::uint64_t draw = 2;
    const auto below = [&](std::uint64_t n) { return random.below(draw++, n); };
    const std::size_t rows = 1 + below(8), columns = 1 + below(4), first_name = below(10);
    Table table;
    for (std::size_t c = 0; c < columns; ++c) {
      const bool some_missing = below(2);
      const auto missing = [&](std::size_t row) { return some_missing && row > 0 && below(3) == 0; };
      const std::string& name = names[(first_name + c) % names.size()];
      const std::uint64_t kind = below(3);
      if (kind == 0) {
        std::vector<double> numbers;
        for (std::size_t r = 0; r < rows; ++r) {
          const double whole = static_cast<double>(below(1000)) - 500, unit = random.uniform(draw++);
          numbers.push_back(missing(r) ? gap
                            : below(2) ? whole
                                       : std::ldexp(unit, static_cast<int>(below(2040)) - 1020));
        }
        if (below(9) == 0) numbers[0] = below(2) ? HUGE_VAL : -HUGE_VAL;
        table.add(name, numbers);
      } else if (kind == 1) {
        std::vector<std::int8_t> flags;
        for (std::size_t r = 0; r < rows; ++r)
          flags.push_back(missing(r) ? std::int8_t{-1} : static_cast<std::int8_t>(below(2)));
        table.add(name, below(2) ? Column::from_booleans(flags, "No", "Yes") : Column::from_booleans(flags));
      } else {
        const std::uint64_t variety = 1 + below(texts.size()), start = below(texts.size());
        Dictionary dictionary;
        std::vector<std::int32_t> codes;
        for (std::size_t r = 0; r < rows; ++r)
          codes.push_back(missing(r) ? -1 : dictionary.add(texts[(start + below(variety)) % texts.size()]));
        table.add(name, Column::from_codes(codes, dictionary.values()));
      }
    }
    const char delimiter = ",;\t|"[below(4)];
    const std::string csv = to_csv(table, {.delimiter = delimiter, .missing = below(2) ? "" : "NA"});
    CAPTURE(csv);
    if (!(read_csv_text(csv, {.delimiter = delimiter, .quoted_is_text = true}) == table)) FAIL_CHECK("differs");
    // As the first rows decide, or with an error.
    if (round % 10 == 0) {
      const std::string path = folder / "t.csv";
      write_csv(path, table);
      try {
        std::vector<Table> parts;
        for (const Table& part : CsvChunks(path, 1 + below(3), {.quoted_is_text = true})) parts.push_back(part);
        CHECK(concat(parts) == table);
        ++same;
      } catch (const DataError&) {
        ++errors;
      }
    }
  }
  CHECK(same > 150);
  CHECK(errors > 8);
}

TEST_CASE("read_csv: random tables survive writing and reading") {
  const std::string letters = "ab,\"\n\r ;é";
  for (std::uint64_t round = 0; round < 300; ++round) {
    const Random random(round);
    const std::size_t rows = random.below(0, 40), columns = 1 + random.below(1, 4);
    Table table;
    std::uint64_t draw = 2;
    for (std::size_t c = 0; c < columns; ++c) {
      std::vector<std::string> cells;
      for (std::size_t r = 0; r < rows; ++r) {
        std::string cell = "t";
        for (std::uint64_t n = random.below(draw++, 6); n > 0; --n) {
          const std::size_t at = random.below(draw++, 9);
          cell += at < 8 ? letters.substr(at, 1) : letters.substr(8);
        }
        cells.push_back(cell);
      }
      table.add(text("c", c), cells);
    }
    CHECK(read_csv_text(to_csv(table), {.infer = false}) == table);
  }
}

TEST_CASE("write_csv: what stood there before is lost only to a whole new file") {
  const Folder folder;
  const std::string path = folder / "t.csv";
  write_csv(path, Table{{"a", {1}}});
  CHECK(read_csv(path) == Table{{"a", {1}}});
  write_csv(path, Table{{"a", {3}}});
  CHECK(read_csv(path) == Table{{"a", {3}}});
  CHECK_THROWS_AS(write_csv(path, Table{{"a", std::vector<std::string>{std::string("x\0y", 3)}}}), DataError);
  CHECK(read_csv(path) == Table{{"a", {3}}});
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), std::filesystem::directory_iterator()) == 1);
  CHECK_THROWS_AS(write_csv(folder / "none/t.csv", Table{{"a", {1}}}), FormatError);
  CHECK_NOTHROW(write_csv("/dev/null", Table{{"a", {1}}}));
  CHECK(std::filesystem::is_character_file("/dev/null"));
}

TEST_CASE("read_csv: missing markers are found in columns of every kind, whatever else they spell") {
  const CsvOptions never{.dates = {{"d", ""}}, .missing = {"", "1900-01-01"}};
  const Table dates = read_csv_text("d\n2020-01-01\n1900-01-01\n", never);
  CHECK(dates.column("d").missing(1));
  for (const std::string rows : {"Yes\nNo\nYes\n", "No\nYes\nYes\n"}) {
    const Table table = read_csv_text("b\n" + rows, {.missing = {"No"}});
    CAPTURE(rows);
    CHECK(table.column("b").kind() == Kind::boolean);
    CHECK(table.column("b").count_missing() == 1);
  }
  const Table forced = read_csv_text("b\n1\n0\n", {.dtypes = {{"b", Kind::boolean}}, .missing = {"0"}});
  CHECK(forced.column("b").missing(1));
}

TEST_CASE("read_csv: a number that is a missing marker is so in every spelling, in any row") {
  for (const std::string rows : {"5\n-999\n-999.0\n-9.99e2\n -999.00 \n", "-999.0\n-999\n -999.00 \n-9.99e2\n5\n"})
    for (const bool number_only : {false, true}) {
      CAPTURE(rows);
      CsvOptions options;
      (number_only ? options.missing_numbers : options.missing).push_back("-999");
      const Column column = read_csv_text("n\n" + rows, options).column("n");
      CHECK(column.kind() == Kind::number);
      CHECK(column.count_missing() == 4);
    }
  const Column texts = read_csv_text("t\n-999.0\nx\n-999\n-999.0\n", {.missing = {"", "-999"}}).column("t");
  CHECK(texts.dictionary() == List{"-999.0", "x"});
  CHECK(texts.missing(2));
  const Column comma =
      read_csv_text("n\n1,5\n-1,50\n", {.delimiter = ';', .decimal = ',', .missing = {"-1,5"}}).column("n");
  CHECK(comma.missing(1));
  const Column zip = read_csv_text("n\n0\n00000\n7\n", {.missing = {"00000"}}).column("n");
  CHECK(zip == Column{0.0, gap, 7.0}.named("n"));
}

TEST_CASE("read_csv: blanks around a marker do not matter") {
  CHECK(read_csv_text("n,m\n1, \n2,3\n", {.missing = {" "}}).column("m") == Column{gap, 3.0}.named("m"));
  CHECK(read_csv_text("b\nY\nN\n", {.true_values = {" Y"}, .false_values = {"N "}}).column("b").kind() ==
        Kind::boolean);
}

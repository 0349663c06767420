// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/data/table.hpp>
#include <limits>
#include <string>
#include <vector>

#include "data/plain_tensor.hpp"

using namespace foretell;

namespace {

const double gap = std::numeric_limits<double>::quiet_NaN();
using List = std::vector<std::string>;

Table people() {
  return {{"age", {31.0, gap, 45.0, 45.0}},
          {"city", {"Oslo", "Rome", "Oslo", "Oslo"}},
          {"member", {true, false, true, true}},
          {"visits", {1, 2, 3, 4}}};
}

}  // namespace

TEST_CASE("Table: knows its size, its names and its columns") {
  const Table table = people();
  CHECK(table.rows() == 4);
  CHECK(table.columns() == 4);
  CHECK(table.names() == List{"age", "city", "member", "visits"});
  CHECK(table.contains("city"));
  CHECK_FALSE(table.contains("City"));
  CHECK(table.column("visits").number(2) == 3.0);
  CHECK(&table.column(1) == &table.column("city"));
  CHECK(Table().empty());
}

TEST_CASE("Table: a missing column is an error that lists the names and guesses the one that was meant") {
  CHECK_THROWS_WITH_AS(people().column("citty"),
                       "Table: there is no column \"citty\". Did you mean \"city\"? The columns are \"age\", \"city\", "
                       "\"member\", \"visits\".",
                       DataError);
  CHECK_THROWS_WITH_AS(
      people().column("zzzzzz"),
      "Table: there is no column \"zzzzzz\". The columns are \"age\", \"city\", \"member\", \"visits\".", DataError);
  CHECK_THROWS_AS(people().column(4), DataError);
}

TEST_CASE("Table: select keeps the order of names, drop the order of the table") {
  CHECK(people().select({"visits", "age"}).names() == List{"visits", "age"});
  CHECK(people().select("age").names() == List{"age"});
  CHECK(people().drop({"age", "city"}).names() == List{"member", "visits"});
  CHECK_THROWS_AS(people().select({"age", "age"}), DataError);
  CHECK_THROWS_AS(people().drop("nobody"), DataError);
  CHECK(people().select(List{}).rows() == 4);
}

TEST_CASE("Table: drop takes a literal, a string, a list in braces and a vector") {
  const std::string name = "age";
  const std::string_view view = name;
  const List expected{"city", "member", "visits"};
  CHECK(people().drop("age").names() == expected);
  CHECK(people().drop(name).names() == expected);
  CHECK(people().drop(view).names() == expected);
  CHECK(people().drop({"age"}).names() == expected);
  CHECK(people().drop({name}).names() == expected);
  CHECK(people().drop(List{"age"}).names() == expected);
  CHECK(people().drop(people().names().front()).names() == expected);
  CHECK(people().drop({name, "city"}).names() == List{"member", "visits"});
}

TEST_CASE("Table: columns are added, replaced and renamed") {
  Table table = people();
  table.add("new", {5, 6, 7, 8});
  CHECK(table.names().back() == "new");
  CHECK_THROWS_AS(table.add("age", {1, 2, 3, 4}), DataError);
  CHECK_THROWS_WITH_AS(table.add("short", {1, 2}), "Table: column \"short\" has 2 values, the table has 4 rows.",
                       DataError);
  const Table other = table.with("age", {"a", "b", "c", "d"});
  CHECK(other.names() == table.names());
  CHECK(other.column("age").kind() == Kind::category);
  CHECK(table.column("age").kind() == Kind::number);
  CHECK_THROWS_AS(table.with("age", {1}), DataError);
  CHECK(table.rename("age", "years").names().front() == "years");
  CHECK_THROWS_AS(table.rename("age", "city"), DataError);
  CHECK(table.rename("age", "age") == table);
}

TEST_CASE("Table: take, filter, head and tail choose rows of every kind of column") {
  const Table taken = people().take({3, 0, 3});
  CHECK(taken == Table{{"age", {45.0, 31.0, 45.0}},
                       {"city", {"Oslo", "Oslo", "Oslo"}},
                       {"member", {true, true, true}},
                       {"visits", {4, 1, 4}}});
  CHECK(taken.column("city").dictionary() == List{"Oslo"});
  CHECK(people().filter({false, true, false, false}) == people().take({1}));
  CHECK(people().filter([](std::size_t row) { return row % 2 == 0; }) == people().take({0, 2}));
  CHECK(people().head(2) == people().take({0, 1}));
  CHECK(people().tail(1) == people().take({3}));
  CHECK(people().head(99) == people());
  CHECK(people().head(0).rows() == 0);
  CHECK(people().head(0).columns() == 4);
  CHECK_THROWS_AS(people().take({4}), DataError);
  CHECK_THROWS_AS(people().filter(std::vector<bool>(3)), DataError);
}

TEST_CASE("Table: as an array it is rows by columns, and text is an error that names the column") {
  const auto array = people().drop("city").to_array<long double>();
  CHECK(array.sizes == std::vector<std::size_t>{4, 3});
  CHECK(array.values[0] == 31.0L);
  CHECK(std::isnan(array.values[3]));
  CHECK(array.values[4] == 0.0L);
  CHECK(array.values[11] == 4.0L);
  CHECK_THROWS_WITH(people().to_array<long double>(),
                    doctest::Contains("Column \"city\": it holds text (e.g. \"Oslo\")"));
}

TEST_CASE("Table: comes from an array of one or two axes") {
  const std::vector<double> values{1, 2, 3};
  CHECK(Table::from_array(values) == Table{{"column_0", {1, 2, 3}}});
  CHECK(Table::from_array(values, {"x"}) == Table{{"x", {1, 2, 3}}});
  const Array<double> square(values.data(), {1, 3});
  CHECK(Table::from_array(square, {"a", "b", "c"}) == Table{{"a", {1}}, {"b", {2}}, {"c", {3}}});
  CHECK_THROWS_AS(Table::from_array(square, {"a"}), ShapeError);
  CHECK_THROWS_AS(Table::from_array(Array<double>(values.data(), {1, 1, 3})), ShapeError);
}

TEST_CASE("Table: describe counts and measures as pandas does") {
  const Table facts = people().describe();
  CHECK(facts.rows() == 4);
  CHECK(facts.column("column").text(1) == "city");
  CHECK(facts.column("kind").text(2) == "boolean");
  CHECK(facts.column("count").numbers() == std::vector<double>{3, 4, 4, 4});
  CHECK(facts.column("missing").numbers() == std::vector<double>{1, 0, 0, 0});
  CHECK(facts.column("distinct").numbers() == std::vector<double>{2, 2, 2, 4});
  CHECK(facts.column("mean").number(0) == doctest::Approx(121.0 / 3));
  CHECK(facts.column("mean").number(2) == 0.75);
  CHECK(facts.column("std").number(3) == doctest::Approx(1.2909944487358056));
  CHECK(facts.column("25%").number(3) == 1.75);
  CHECK(facts.column("50%").number(3) == 2.5);
  CHECK(facts.column("75%").number(3) == 3.25);
  CHECK(facts.column("min").number(0) == 31);
  CHECK(facts.column("max").number(0) == 45);
  CHECK(facts.column("top").text(1) == "Oslo");
  CHECK(facts.column("top").missing(0));
  CHECK(facts.column("top_count").number(1) == 3);
  CHECK(Table().describe().rows() == 0);
  CHECK(people().head(0).describe().column("mean").missing(0));
}

TEST_CASE("Table: prints aligned, shortened where it has to be") {
  CHECK(people().to_string() ==
        "age  city  member  visits\n"
        " 31  Oslo  true         1\n"
        "  -  Rome  false        2\n"
        " 45  Oslo  true         3\n"
        " 45  Oslo  true         4\n"
        "[4 rows x 4 columns]\n");
  CHECK(people().to_string(1) ==
        "age  city  member  visits\n 31  Oslo  true         1\n[4 rows x 4 columns, the first 1 shown]\n");
  CHECK(people().to_string(1, 12) ==
        "age  city\n 31  Oslo\n[4 rows x 4 columns, the first 1 shown, 2 columns not shown]\n");
  const Table odd{{"text", {"two\nlines", "a text that is far too long to be shown", "中国"}}};
  CHECK(odd.to_string() == "text\ntwo lines\na text that is far too …\n中国\n[3 rows x 1 column]\n");
  CHECK(Table().to_string() == "[0 rows x 0 columns]\n");
}

TEST_CASE("Table: whole numbers that no double is are kept as digits or refused, not merged") {
  const std::vector<std::int64_t> ids{1234567890123456788, 1234567890123456789};
  CHECK(Column{ids} == Column{"1234567890123456788", "1234567890123456789"});
  CHECK(Column{std::int64_t{9007199254740993}, std::int64_t{-1}} == Column{"9007199254740993", "-1"});
  CHECK_THROWS_WITH_AS(Table::from_array(ids),
                       "Table: expected numbers that a double holds, received 1234567890123456788, which becomes "
                       "1.2345678901234568e+18; make texts of such ids.",
                       DataError);
  CHECK_THROWS_AS(people().derive("id", [&](std::size_t) { return ids[1]; }), DataError);
  CHECK(Column{std::numeric_limits<std::int64_t>::max()} == Column{"9223372036854775807"});
  CHECK(Column{std::numeric_limits<std::uint64_t>::max()} == Column{"18446744073709551615"});
  CHECK(Column{std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min(), 9007199254740992}} ==
        Column{-0x1p63, 0x1p53});
}

TEST_CASE("Column: whole numbers of 64 bits come out exact, from digits too") {
  const auto of = [](const Column& column, auto type) {
    std::vector<decltype(type)> values(column.size());
    column.write_to(values.data(), 1);
    return values;
  };
  const std::int64_t whole = 0;
  const std::vector<std::int64_t> ids{9007199254740993, -9007199254740995, 0, std::numeric_limits<std::int64_t>::max(),
                                      std::numeric_limits<std::int64_t>::min()};
  CHECK(of(Column{ids}, whole) == ids);
  CHECK(of(Column{"18446744073709551615"}, std::uint64_t{})[0] == std::numeric_limits<std::uint64_t>::max());
  for (const char* no : {"x", "", "007", "+7", "1.0", " 7", "-", "-0", "9223372036854775808"})
    CHECK_THROWS_WITH_AS(of(Column{"7", no}, whole), doctest::Contains("holds text"), DataError);
  CHECK_THROWS_WITH_AS(of(Column{"7"}, std::int32_t{}), doctest::Contains("holds text"), DataError);
  CHECK_THROWS_WITH_AS(of(Column{"7"}, 0.0), doctest::Contains("holds text"), DataError);
  CHECK_THROWS_WITH_AS(of(Column{"-7"}, std::uint64_t{}), doctest::Contains("holds text"), DataError);
  CHECK_THROWS_WITH_AS(of(Column::from_codes({0, -1}, {"7"}), whole), doctest::Contains("a missing value"), DataError);
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <foretell/core/random.hpp>
#include <foretell/data/column.hpp>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include "data/plain_tensor.hpp"

using namespace foretell;

namespace {
const double gap = std::numeric_limits<double>::quiet_NaN();
}

TEST_CASE("Dictionary: numbers texts in the order they come, and finds them again") {
  Dictionary dictionary;
  std::vector<std::string> words;
  for (int i = 0; i < 5000; ++i)
    words.push_back(std::string(static_cast<std::size_t>(i % 23), 'x') + std::to_string(i));
  for (std::size_t i = 0; i < words.size(); ++i) CHECK(dictionary.add(words[i]) == static_cast<std::int32_t>(i));
  for (std::size_t i = 0; i < words.size(); ++i) CHECK(dictionary.add(words[i]) == static_cast<std::int32_t>(i));
  for (std::size_t i = 0; i < words.size(); ++i) CHECK(dictionary.find(words[i]) == static_cast<std::int32_t>(i));
  CHECK(dictionary.find("never seen") == -1);
  CHECK(dictionary.find("") == -1);
  CHECK(Dictionary().find("") == -1);
  CHECK(dictionary.values() == words);
}

TEST_CASE("Dictionary: values listed twice are refused") {
  CHECK(Dictionary(std::vector<std::string>{"a", "b"}).size() == 2);
  CHECK_THROWS_AS(Dictionary(std::vector<std::string>{"a", "a"}), DataError);
  CHECK_THROWS_AS(Dictionary(std::vector<std::string>{"a", "b", "a"}), DataError);
}

TEST_CASE("Column: numbers, booleans and categories say what they hold") {
  const Column number{1.5, gap, -2.0};
  CHECK(number.kind() == Kind::number);
  CHECK(number.size() == 3);
  CHECK(number.number(0) == 1.5);
  CHECK(number.missing(1));
  CHECK(number.count_missing() == 1);
  CHECK(number.distinct() == 2);

  const Column boolean{true, false, true};
  CHECK(boolean.kind() == Kind::boolean);
  CHECK(boolean.number(0) == 1.0);
  CHECK(boolean.number(1) == 0.0);
  CHECK(boolean.text(1) == "false");
  CHECK(boolean.distinct() == 2);

  const Column category{"Rome", "Oslo", "Rome"};
  CHECK(category.kind() == Kind::category);
  CHECK(category.codes() == std::vector<std::int32_t>{0, 1, 0});
  CHECK(category.dictionary() == std::vector<std::string>{"Rome", "Oslo"});
  CHECK(category.text(2) == "Rome");
  CHECK(std::isnan(category.number(0)));
}

TEST_CASE("Column: initialiser lists of mixed numbers and vectors of any number type are number columns") {
  CHECK(Column{1, 2.5}.numbers() == std::vector<double>{1, 2.5});
  CHECK(Column{1, 2}.numbers() == std::vector<double>{1, 2});
  CHECK(Column(std::vector<float>{0.5f}).numbers() == std::vector<double>{0.5});
  CHECK(Column(std::vector<int>{3}).numbers() == std::vector<double>{3});
  CHECK(Column(std::vector<bool>{true}).kind() == Kind::boolean);
}

TEST_CASE("Column: the dictionary holds exactly the values that occur") {
  const Column column = Column::from_codes({2, -1, 2, 0}, {"a", "never", "c"});
  CHECK(column.dictionary() == std::vector<std::string>{"a", "c"});
  CHECK(column.codes() == std::vector<std::int32_t>{1, -1, 1, 0});
  CHECK(column.missing(1));
  CHECK(column.text(1).empty());
  const Column taken = column.take({0, 2});
  CHECK(taken.dictionary() == std::vector<std::string>{"c"});
  CHECK(taken.codes() == std::vector<std::int32_t>{0, 0});
  CHECK_THROWS_AS(Column::from_codes({3}, {"a"}), DataError);
  CHECK_THROWS_AS(Column::from_codes({-2}, {"a"}), DataError);
  CHECK_THROWS_AS(Column::from_booleans({2}), DataError);
}

TEST_CASE("Column: the text of any kind of value needs no memory of its own") {
  NumberText room;
  CHECK(Column{2.0}.text(0, room) == "2");
  CHECK(Column{0.1}.text(0, room) == "0.1");
  CHECK(Column{-1.7976931348623157e308}.text(0, room) == "-1.7976931348623157e+308");
  CHECK(Column{-2.2250738585072014e-308}.text(0, room) == "-2.2250738585072014e-308");
  CHECK(Column{gap}.text(0, room).empty());
  CHECK(Column::from_booleans({1}, "No", "Yes").text(0, room) == "Yes");
  CHECK(Column{"x"}.text(0, room) == "x");
}

TEST_CASE("Numbers as texts: plain digits from 0.000001 to 2^53, an exponent beyond, here and in every text") {
  const std::vector<std::pair<double, std::string>> cases{{100000, "100000"},
                                                          {-2500000, "-2500000"},
                                                          {1e15, "1000000000000000"},
                                                          {9007199254740992, "9007199254740992"},
                                                          {9007199254740994, "9.007199254740994e+15"},
                                                          {1e17, "1e+17"},
                                                          {123456789.25, "123456789.25"},
                                                          {0.0001, "0.0001"},
                                                          {-0.000001, "-0.000001"},
                                                          {1e-7, "1e-07"},
                                                          {0, "0"},
                                                          {HUGE_VAL, "inf"}};
  for (const auto& [number, spelled] : cases) {
    NumberText room;
    CHECK(text_of(number, room) == spelled);
    CHECK(text(number) == spelled);
  }
  CHECK(text(100000.f) == "100000");
  CHECK(text(0.1f) == "0.1");
}

TEST_CASE("Numbers as texts: read back the same, whole numbers with the digits that integers have") {
  Random random = Random(1).stream("numbers");
  NumberText room;
  const auto read = [&](double number) {
    const std::string_view spelled = text_of(number, room);
    double back = 0;
    CHECK(std::from_chars(spelled.data(), spelled.data() + spelled.size(), back).ptr ==
          spelled.data() + spelled.size());
    return back;
  };
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const double any = std::bit_cast<double>(random.bits(3 * i));
    if (std::isfinite(any)) CHECK(read(any) == any);
    const double near = std::ldexp(random.uniform(3 * i + 1) - 0.5, static_cast<int>(i % 120) - 50);
    CHECK(read(near) == near);
    const auto whole = static_cast<std::int64_t>(random.bits(3 * i + 2) >> (11 + i % 50));
    CHECK(text_of(static_cast<double>(whole), room) == std::to_string(whole));
  }
}

TEST_CASE("Column: a row that does not exist and a text of a number column are errors, not foreign memory") {
  const Column number = Column{1.0}.named("n"), city{"Rome"}, flag{true};
  NumberText room;
  for (const Column& column : {number, city, flag, Column()}) {
    const std::size_t beyond = column.size();
    CHECK_THROWS_AS((void)column.missing(beyond), DataError);
    CHECK_THROWS_AS((void)column.number(beyond), DataError);
    CHECK_THROWS_AS((void)column.code(beyond), DataError);
    CHECK_THROWS_AS((void)column.text(beyond), DataError);
    CHECK_THROWS_AS((void)column.text(beyond, room), DataError);
    CHECK_THROWS_AS((void)column.text(static_cast<std::size_t>(-1), room), DataError);
    CHECK_THROWS_AS((void)column.take({beyond}), DataError);
    CHECK_THROWS_AS((void)column.pick({beyond}), DataError);
    CHECK(column.pick({Column::no_row}).missing(0));
    CHECK_THROWS_AS((void)column.take({Column::no_row}), DataError);
  }
  CHECK_THROWS_WITH_AS((void)number.number(7), "Column \"n\": row 7 of 1 does not exist.", DataError);
  CHECK_THROWS_WITH_AS((void)number.text(0),
                       "Column \"n\": it holds numbers, which have no texts; use number(row), or text(row, room) for a "
                       "number as text.",
                       DataError);
  CHECK_THROWS_WITH_AS((void)number.code(0), doctest::Contains("which have no codes"), DataError);
}

TEST_CASE("Column: a copy shares its cells and survives the original") {
  Column copy;
  const double* cells = nullptr;
  {
    const Column original{1.0, 2.0};
    cells = original.numbers().data();
    copy = original.named("other");
  }
  CHECK(copy.numbers().data() == cells);
  CHECK(copy.number(1) == 2.0);
  CHECK(copy.name() == "other");
}

TEST_CASE("Column: equal values are equal however the dictionary is numbered") {
  CHECK(Column::from_codes({0, 1, -1}, {"a", "b"}) == Column::from_codes({1, 0, -1}, {"b", "a"}));
  CHECK_FALSE(Column{"a"} == Column{"b"});
  CHECK_FALSE(Column{1.0} == Column{true});
  CHECK_FALSE(Column{1.0, gap} == Column{1.0, 2.0});
  CHECK(Column{1.0, gap} == Column{1.0, gap});
  CHECK_FALSE(Column{1.0}.named("a") == Column{1.0}.named("b"));
}

TEST_CASE("Column: as an array booleans are 0 and 1, missing is NaN, and text is an error that says what to do") {
  const auto array = Column::from_booleans({1, 0, -1}).to_array<long double>();
  CHECK(array.sizes == std::vector<std::size_t>{3});
  CHECK(array.values[0] == 1.0L);
  CHECK(array.values[1] == 0.0L);
  CHECK(std::isnan(array.values[2]));
  CHECK_THROWS_WITH_AS(
      Column{"Rome"}.named("city").to_array<long double>(),
      "Column \"city\": it holds text (e.g. \"Rome\"), an array needs numbers; encode it first with OneHotEncoder or "
      "OrdinalEncoder, a label with LabelEncoder, or drop it.",
      DataError);
}

TEST_CASE("Column: asking for cells of another kind is an error") {
  CHECK_THROWS_AS(Column{"a"}.numbers(), DataError);
  CHECK_THROWS_AS(Column{1.0}.codes(), DataError);
  CHECK_THROWS_WITH_AS(Column{1.0}.named("n").booleans(), "Column \"n\": expected kind boolean, it is number.",
                       DataError);
  CHECK_THROWS_AS(Column{1.0}.take({1}), DataError);
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
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

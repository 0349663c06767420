// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <algorithm>
#include <foretell/data/split.hpp>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

using namespace foretell;

namespace {

Table numbered(std::size_t rows) {
  std::vector<double> values(rows);
  std::iota(values.begin(), values.end(), 0.0);
  return Table{{"row", values}};
}

std::vector<std::size_t> all_of(const IndexSplit& split) {
  std::vector<std::size_t> all = split.train;
  all.insert(all.end(), split.test.begin(), split.test.end());
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::size_t> counted(const std::vector<std::size_t>& rows, const std::vector<std::int32_t>& classes) {
  std::vector<std::size_t> counts(static_cast<std::size_t>(*std::max_element(classes.begin(), classes.end())) + 1);
  for (const std::size_t row : rows) ++counts[static_cast<std::size_t>(classes[row])];
  return counts;
}

}  // namespace

TEST_CASE("train_test_split: every row is in one part, and the test part is rounded up") {
  for (const std::size_t rows : {2u, 3u, 10u, 101u, 12330u}) {
    const IndexSplit split = split_indices(rows, {.test_size = 0.2, .seed = 3});
    CHECK(split.test.size() == static_cast<std::size_t>(std::ceil(0.2 * static_cast<double>(rows))));
    std::vector<std::size_t> expected(rows);
    std::iota(expected.begin(), expected.end(), std::size_t{0});
    CHECK(all_of(split) == expected);
  }
}

TEST_CASE("train_test_split: a share that is whole rows but for the rounding of doubles is those rows") {
  CHECK(split_indices(100, {.test_size = 0.07}).test.size() == 7);
  CHECK(split_indices(100, {.test_size = 0.29}).test.size() == 29);
  CHECK(split_indices(25, {.test_size = 0.28}).test.size() == 7);
  CHECK(split_indices(10, {.test_size = 0.9}).train.size() == 1);
  CHECK(split_indices(100, {.test_size = 0.071}).test.size() == 8);
}

TEST_CASE("train_test_split: the same seed gives the same split, another seed another") {
  const Table table = numbered(200);
  const auto [train, test] = train_test_split(table, {.test_size = 0.2, .seed = 42});
  CHECK(train.rows() == 160);
  CHECK(test.rows() == 40);
  CHECK(train_test_split(table, {.test_size = 0.2, .seed = 42}).test == test);
  CHECK_FALSE(train_test_split(table, {.test_size = 0.2, .seed = 43}).test == test);
  CHECK_FALSE(std::is_sorted(test.column("row").numbers().begin(), test.column("row").numbers().end()));
}

TEST_CASE("train_test_split: without shuffling the last rows are the test part") {
  const auto [train, test] = train_test_split(numbered(10), {.test_size = 0.3, .shuffle = false});
  CHECK(train == numbered(7));
  CHECK(test.column("row").numbers() == std::vector<double>{7, 8, 9});
  CHECK_THROWS_AS(train_test_split(numbered(10), {.stratify = "row", .shuffle = false}), ConfigError);
}

TEST_CASE("train_test_split: strata keep their shares to one row") {
  std::vector<std::int32_t> classes;
  for (std::size_t i = 0; i < 1000; ++i) classes.push_back(i % 1000 < 845 ? 0 : i % 1000 < 993 ? 1 : 2);  // 845, 148, 7
  const IndexSplit split = split_indices(1000, {.test_size = 0.2, .seed = 1}, classes);
  CHECK(counted(split.test, classes) == std::vector<std::size_t>{169, 30, 1});
  CHECK(counted(split.train, classes) == std::vector<std::size_t>{676, 118, 6});
  CHECK(all_of(split).size() == 1000);
  const std::size_t ones = static_cast<std::size_t>(
      std::count_if(split.test.begin(), split.test.begin() + 100, [&](std::size_t row) { return classes[row] > 0; }));
  CHECK(ones > 3);  // the order is random too
  CHECK(ones < 40);
}

TEST_CASE("train_test_split: of classes with equal remainders chance says which gets the row") {
  const std::vector<std::int32_t> classes{0, 0, 0, 0, 0, 1, 1, 1, 1, 1};
  std::size_t twice = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const std::vector<std::size_t> counts =
        counted(split_indices(10, {.test_size = 0.3, .seed = seed}, classes).test, classes);
    REQUIRE(counts.size() == 2);
    CHECK(counts[0] + counts[1] == 3);
    CHECK((counts[0] == 1 || counts[0] == 2));
    twice += counts[0] == 2;
  }
  CHECK(twice >= 150);
  CHECK(twice <= 250);
}

TEST_CASE("train_test_split: every kind of column can give the strata, missing values being one") {
  const double gap = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> number;
  std::vector<std::string> category;
  std::vector<bool> boolean;
  for (int i = 0; i < 60; ++i) {
    number.push_back(i % 3 == 0 ? gap : i % 3);
    category.push_back(i % 3 == 0 ? "a" : "b");
    boolean.push_back(i % 3 == 0);
  }
  const Table table{{"number", number}, {"category", category}, {"boolean", boolean}};
  for (const char* name : {"number", "category", "boolean"}) {
    const auto [train, test] = train_test_split(table, {.test_size = 0.25, .stratify = name, .seed = 9});
    CHECK(test.rows() == 15);
    CHECK(test.column("number").count_missing() == 5);
    CHECK(train.column("number").count_missing() == 15);
  }
}

TEST_CASE("train_test_split: a split that cannot be made is an error") {
  const Table table = numbered(10).with("label", {"a", "a", "a", "a", "a", "b", "b", "b", "b", "c"});
  CHECK_THROWS_AS(train_test_split(table, {.test_size = 0}), ConfigError);
  CHECK_THROWS_AS(train_test_split(table, {.test_size = 1}), ConfigError);
  CHECK_THROWS_AS(train_test_split(table, {.test_size = std::numeric_limits<double>::quiet_NaN()}), ConfigError);
  CHECK_THROWS_WITH(train_test_split(table, {.stratify = "label"}),
                    doctest::Contains("one class has a single row (row 9, counted from 0)"));
  CHECK_THROWS_WITH(train_test_split(table.head(9), {.test_size = 0.1, .stratify = "label"}),
                    doctest::Contains("cannot hold all 2 classes"));
  CHECK_THROWS_WITH(train_test_split(table, {.stratify = "labl"}), doctest::Contains("Did you mean \"label\"?"));
  CHECK_THROWS_AS(train_test_split(numbered(1)), DataError);
  CHECK_THROWS_AS(train_test_split(Table()), DataError);
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/xt/split.hpp>

#include <algorithm>
#include <limits>
#include <type_traits>
#include <vector>

namespace {

using namespace foretell;

Tensor<double> numbered(std::size_t rows) {
  auto x = zeros<double>({rows, 2});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<double>(i);
  return x;
}

TEST_CASE("train_test_split: arrays are split by rows that stay together, each in one part") {
  const Tensor<double> x = numbered(10);
  const xt::xarray<int> y = xt::arange<int>(10);
  const auto [x_train, x_test, y_train, y_test] = train_test_split(x, y, {.test_size = 0.3, .seed = 1});
  static_assert(std::is_same_v<std::decay_t<decltype(y_test)>, xt::xarray<int>>);
  REQUIRE(x_train.shape(0) == 7);
  REQUIRE(x_test.shape(0) == 3);
  REQUIRE(x_test.shape(1) == 2);
  REQUIRE(y_train.dimension() == 1);
  std::vector<int> seen(y_train.begin(), y_train.end());
  seen.insert(seen.end(), y_test.begin(), y_test.end());
  std::sort(seen.begin(), seen.end());
  CHECK(seen == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  for (std::size_t i = 0; i < 7; ++i) CHECK(x_train(i, 1) == 2 * y_train(i) + 1);
  for (std::size_t i = 0; i < 3; ++i) CHECK(x_test(i, 0) == 2 * y_test(i));
  const auto again = train_test_split(x, y, {.test_size = 0.3, .seed = 1});
  CHECK(again.x_train == x_train);
  CHECK(train_test_split(x, y, {.test_size = 0.3, .seed = 2}).y_test != y_test);
}

TEST_CASE("train_test_split: arrays may be expressions, truths, vectors, and kept in order") {
  const Tensor<double> x = numbered(8);
  const auto parts = train_test_split(xt::view(x, xt::range(0, 8), xt::range(0, 2)), xt::view(x, xt::all(), 0) > 5.0,
                                      {.shuffle = false});
  static_assert(std::is_same_v<std::decay_t<decltype(parts.y_test)>, xt::xarray<bool>>);
  CHECK(parts.x_train == Tensor<double>{{0, 1}, {2, 3}, {4, 5}, {6, 7}, {8, 9}, {10, 11}});
  CHECK(parts.x_test == Tensor<double>{{12, 13}, {14, 15}});
  CHECK(parts.y_train == xt::xarray<bool>{false, false, false, true, true, true});
  CHECK(train_test_split(x, std::vector<long>{1, 2, 3, 4, 5, 6, 7, 8}, {.shuffle = false}).y_test ==
        xt::xarray<long>{7, 8});
}

TEST_CASE("train_test_split: stratify keeps the share of each value of y") {
  auto y = zeros<double>({100, 1});
  for (std::size_t i = 0; i < 20; ++i) y(5 * i, 0) = 1;
  const auto parts = train_test_split(numbered(100), y, {.test_size = 0.25, .stratify = true, .seed = 4});
  CHECK(xt::sum(parts.y_test)() == 5);
  CHECK(xt::sum(parts.y_train)() == 15);
}

TEST_CASE("train_test_split: wrong arrays are refused") {
  const Tensor<double> x = numbered(4);
  CHECK_THROWS_WITH_AS(train_test_split(x, numbered(3)),
                       "train_test_split: x has 4 rows and y has 3; every row of x needs one of y.", ShapeError);
  CHECK_THROWS_AS(train_test_split(Tensor<double>(1.0), x), ShapeError);
  CHECK_THROWS_AS(train_test_split(x, x, {.stratify = true}), ShapeError);
  CHECK_THROWS_AS(
      train_test_split(x, std::vector<double>{0, 1, 0, std::numeric_limits<double>::quiet_NaN()}, {.stratify = true}),
      DataError);
  CHECK_THROWS_AS(train_test_split(x, x, {.test_size = 1.5}), ConfigError);
  CHECK_THROWS_AS(train_test_split(zeros<double>({0, 2}), zeros<double>({0})), DataError);
}

}  // namespace

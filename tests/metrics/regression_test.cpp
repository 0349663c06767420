// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/metrics/regression.hpp>

#include <cmath>
#include <vector>

using namespace foretell;
using Numbers = std::vector<double>;

TEST_CASE("Regression scores: one output") {
  const Numbers t{3, -0.5, 2, 7}, p{2.5, 0, 2, 8};
  CHECK(mean_squared_error(t, p) == 0.375);
  CHECK(mean_absolute_error(t, p) == 0.5);
  CHECK(r2_score(t, p) == doctest::Approx(1 - 1.5 / (0.125 * 0.125 + 3.375 * 3.375 + 0.875 * 0.875 + 4.125 * 4.125)));
  CHECK(mean_absolute_error(t, p, {.sample_weight = {1, 0, 1, 2}}) == doctest::Approx(2.5 / 4));
  CHECK(mean_squared_error(Array<double>(t, {4, 1}), std::vector<float>(p.begin(), p.end())) == 0.375);
}

TEST_CASE("Regression scores: the mean over several outputs") {
  const Array<double> t({0.5, 1, -1, 1, 7, -6}, {3, 2}), p({0, 2, -1, 2, 8, -5}, {3, 2});
  CHECK(mean_squared_error(t, p) == doctest::Approx(4.25 / 6));
  CHECK(mean_absolute_error(t, p) == 0.75);
  CHECK(r2_score(t, p) == doctest::Approx(((1 - 1.25 / (36 + 1.0 / 6)) + (1 - 3.0 / (98.0 / 3))) / 2));
}

TEST_CASE("r2_score: a constant truth and a single row") {
  CHECK(r2_score(Numbers{2, 2}, Numbers{2, 2}) == 1);
  CHECK(r2_score(Numbers{2, 2}, Numbers{2, 3}) == 0);
  CHECK(std::isnan(r2_score(Numbers{2}, Numbers{2})));
}

TEST_CASE("Regression scores: wrong arguments are refused") {
  CHECK_THROWS_AS(mean_squared_error(Numbers{1, 2}, Numbers{1}), ShapeError);
  CHECK_THROWS_AS(mean_squared_error(Numbers{1, 2}, Array<double>({1, 2, 3, 4}, {2, 2})), ShapeError);
  CHECK_THROWS_AS(mean_absolute_error(Numbers{1, std::nan("")}, Numbers{1, 2}), DataError);
  CHECK_THROWS_AS(r2_score(Numbers{}, Numbers{}), DataError);
  CHECK_THROWS_AS(r2_score(Numbers{1, 2}, Numbers{1, 2}, {.sample_weight = {1, 1, 1}}), ShapeError);
}

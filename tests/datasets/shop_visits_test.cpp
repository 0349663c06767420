// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/datasets/shop_visits.hpp>
#include <vector>

using namespace foretell;

TEST_CASE("expected_auc: is the chance that a drawn buyer is ranked above a drawn other, ties counting half") {
  CHECK(datasets::expected_auc({0.3, 0.3, 0.3}) == 0.5);
  CHECK(datasets::expected_auc({0.0, 1.0}) == 1.0);
  // Pairs (i, j) weighted with p_i (1 - p_j), i = j counting as a tie: by hand.
  const std::vector<double> p{0.2, 0.5, 0.9};
  double won = 0, all = 0;
  for (const double a : p)
    for (const double b : p) won += a * (1 - b) * (a > b ? 1.0 : a == b ? 0.5 : 0.0), all += a * (1 - b);
  CHECK(datasets::expected_auc({0.9, 0.2, 0.5}) == doctest::Approx(won / all));
}

TEST_CASE("shop_visits: the same seed gives the same visits, another seed others") {
  const auto a = datasets::shop_visits(500, 3), b = datasets::shop_visits(500, 3), c = datasets::shop_visits(500, 4);
  CHECK(a.table == b.table);
  CHECK(a.probability == b.probability);
  CHECK_FALSE(a.table == c.table);
  CHECK(datasets::shop_visits(0).table.rows() == 0);
}

TEST_CASE("shop_visits: looks like a shop") {
  const auto visits = datasets::shop_visits(12000, 1);
  const Table& table = visits.table;
  CHECK(table.rows() == 12000);
  CHECK(table.names().back() == "purchased");
  double bought = 0, expected = 0;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const double p = visits.probability[i];
    REQUIRE(p > 0);
    REQUIRE(p < 1);
    bought += table.column("purchased").number(i);
    expected += p;
  }
  CHECK(bought / 12000 > 0.12);
  CHECK(bought / 12000 < 0.18);
  CHECK(std::abs(bought - expected) < 4 * std::sqrt(expected));  // the answers are drawn with the probabilities
  CHECK(visits.best_auc > 0.90);
  CHECK(visits.best_auc < 0.95);
  CHECK(visits.best_auc == datasets::expected_auc(visits.probability));

  const Column &days = table.column("days_since_last_visit"), &known = table.column("returning_visitor");
  for (std::size_t i = 0; i < table.rows(); ++i) CHECK(days.missing(i) == (known.number(i) == 0));
  CHECK(table.column("minutes").count_missing() > 300);
  CHECK(table.column("country").distinct() == 18);
  const Table facts = table.describe();
  for (std::size_t i = 0; i < facts.rows(); ++i)
    if (facts.column("kind").text(i) == "number") CHECK(facts.column("min").number(i) >= 0);
  CHECK(table.column("minutes").sorted_numbers().back() > 100);  // heavy tails
}

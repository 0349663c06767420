// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/datasets/small.hpp>

using namespace foretell;

TEST_CASE("two_moons: without noise every point is on its half circle") {
  const Table moons = datasets::two_moons(101, 0.0, 4);
  CHECK(moons.rows() == 101);
  for (std::size_t i = 0; i < 101; ++i) {
    const double label = moons.column("label").number(i), x = moons.column("x").number(i),
                 y = moons.column("y").number(i);
    CHECK(label == static_cast<double>(i % 2));
    CHECK(std::hypot(x - label, y - 0.5 * label) == doctest::Approx(1.0));
    CHECK((label == 0 ? y >= 0 : y <= 0.5));
  }
  CHECK(datasets::two_moons(50, 0.2, 1) == datasets::two_moons(50, 0.2, 1));
  CHECK_FALSE(datasets::two_moons(50, 0.2, 1) == datasets::two_moons(50, 0.2, 2));
}

TEST_CASE("linear: without noise the answer is the weighted sum") {
  const Table table = datasets::linear(20, {2, -1}, 3, 0.0, 8);
  for (std::size_t i = 0; i < 20; ++i)
    CHECK(table.column("y").number(i) ==
          doctest::Approx(3 + 2 * table.column("x0").number(i) - table.column("x1").number(i)));
}

TEST_CASE("blobs: points lie around the centres of their classes") {
  const Table table = datasets::blobs(300, 3, 2, 0.0, 5);
  for (std::size_t i = 3; i < 300; ++i) {
    CHECK(table.column("label").number(i) == static_cast<double>(i % 3));
    CHECK(table.column("x0").number(i) == table.column("x0").number(i % 3));
  }
  CHECK_FALSE(table.column("x0").number(0) == table.column("x0").number(1));
  CHECK_THROWS_AS(datasets::blobs(3, 0), ConfigError);
}

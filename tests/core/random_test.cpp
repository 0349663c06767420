// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/core/random.hpp>

#include <algorithm>
#include <cmath>

using foretell::Random;

TEST_CASE("Random: Philox 4x32-10 gives the published words of the zero key and counter") {
  // Salmon et al. 2011, known-answer test of philox4x32-10 with counter 0 and key 0.
  const auto words = Random(0, 0).block(0);
  CHECK(words[0] == 0x6627e8d5u);
  CHECK(words[1] == 0xe169c58du);
  CHECK(words[2] == 0xbc57ac4cu);
  CHECK(words[3] == 0x9b00dbd8u);
}

TEST_CASE("Random: a value depends on seed, stream and counter alone") {
  const Random a(7), b(7), c(8);
  CHECK(a.bits(3) == b.bits(3));
  CHECK(a.bits(3) != a.bits(4));
  CHECK(a.bits(3) != c.bits(3));
  CHECK(a.stream("x").bits(0) != a.stream("y").bits(0));
  CHECK(a.stream(0).bits(0) != a.stream(1).bits(0));
  CHECK(a.stream(0).bits(0) != a.bits(0));
}

TEST_CASE("Random: uniform and normal have their moments") {
  const Random random(42);
  double sum = 0, squares = 0, normal = 0, normal_squares = 0;
  const int n = 20000;
  for (int i = 0; i < n; ++i) {
    const double u = random.uniform(static_cast<std::uint64_t>(i)),
                 z = random.stream(1).normal(static_cast<std::uint64_t>(i));
    REQUIRE((u >= 0 && u < 1));
    sum += u;
    squares += u * u;
    normal += z;
    normal_squares += z * z;
  }
  CHECK(sum / n == doctest::Approx(0.5).epsilon(0.02));
  CHECK(squares / n == doctest::Approx(1.0 / 3).epsilon(0.02));
  CHECK(std::abs(normal / n) < 0.03);
  CHECK(normal_squares / n == doctest::Approx(1.0).epsilon(0.04));
}

TEST_CASE("Random: below stays below and permutation is one") {
  const Random random(5);
  for (std::uint64_t i = 0; i < 1000; ++i) CHECK(random.below(i, 7) < 7);
  auto order = random.permutation(101);
  CHECK(!std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (std::size_t i = 0; i < order.size(); ++i) CHECK(order[i] == i);
  CHECK(random.permutation(0).empty());
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/core/whole_rows.hpp>
#include <initializer_list>

using namespace foretell;

TEST_CASE("rows_down, rows_up: shares of two and three decimals as whole numbers have it") {
  for (const std::size_t parts : {100u, 1000u})
    for (std::size_t rows = 0; rows < 700; ++rows)
      for (std::size_t k = 0; k <= parts; ++k) {
        const double share = static_cast<double>(k) / static_cast<double>(parts),
                     product = share * static_cast<double>(rows);
        const std::size_t down = rows * k / parts, up = (rows * k + parts - 1) / parts;
        if (detail::rows_down(product) == down && detail::rows_up(product) == up) continue;
        CAPTURE(rows);
        CAPTURE(share);
        CHECK(detail::rows_down(product) == down);
        CHECK(detail::rows_up(product) == up);
      }
  CHECK(std::floor(0.29 * 100) == 28);  // what is mended
  CHECK(std::ceil(0.07 * 100) == 8);
}

TEST_CASE("rows_down, rows_up: many rows, and what is no whole number stays none") {
  CHECK(detail::rows_up(0.07 * 1e12) == 70000000000u);
  CHECK(detail::rows_down(0.29 * 1e12) == 290000000000u);
  CHECK(detail::rows_down(7.0001) == 7);
  CHECK(detail::rows_up(7.0001) == 8);
  CHECK(detail::rows_up(1e-9) == 1);
  CHECK(detail::rows_down(0.999999) == 0);
  CHECK(detail::rows_up(0) == 0);
}

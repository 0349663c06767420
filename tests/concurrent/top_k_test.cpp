// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/core/parallel.hpp>
#include <foretell/core/random.hpp>
#include <foretell/metrics/top_items.hpp>

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace ft = foretell;

TEST_CASE("Threads: the best items and the ranks of targets have the same bits on any number of threads") {
  const ft::Random random(1);
  const std::size_t width = 7, items = 3000;
  std::vector<float> vectors(items * width), queries(300 * width);
  for (std::size_t i = 0; i < vectors.size(); ++i) vectors[i] = static_cast<float>(random.uniform(i, -1, 1));
  for (std::size_t i = 0; i < queries.size(); ++i) queries[i] = static_cast<float>(random.uniform(i, -2, 1));
  vectors[5] = std::numeric_limits<float>::quiet_NaN();
  const ft::ItemTable<float> table{vectors, width};
  const ft::Executor threads(4);
  for (const std::size_t rows : {1u, 3u, 300u}) {
    const auto some = std::span(queries).first(rows * width);
    std::vector<std::size_t> offsets{0};
    std::vector<std::uint32_t> ids;
    for (std::size_t q = 0; q < rows; ++q) {
      ids.push_back(static_cast<std::uint32_t>(q * 7 % items));
      offsets.push_back(ids.size());
    }
    const auto alone = ft::top_k(some, table, 20), shared = ft::top_k(some, table, 20, {}, threads);
    CHECK(alone.ids == shared.ids);
    CHECK(alone.scores == shared.scores);
    CHECK(shared.nans == std::vector<std::uint32_t>(rows, 1));
    const std::vector<std::size_t> of_broken(rows, 0);
    CHECK(ft::ranks_of(some, table, {offsets, ids}, {}, threads) == of_broken);
    const ft::ItemTable<float> rest{std::span(vectors).subspan(width), width};
    CHECK(ft::ranks_of(some, rest, {offsets, ids}, {}, threads) == ft::ranks_of(some, rest, {offsets, ids}));
  }
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/core/random.hpp>
#include <foretell/core/sparse_matrix.hpp>
#include <foretell/metrics/top_items.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "support/message.hpp"

using namespace foretell;
using support::message_of;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Queries, items, what is left out and what is relevant; whole numbers make many equal scores.
struct Catalogue {
  std::size_t rows, items, width = 3;
  std::vector<double> queries, vectors, bias, weights, gains;
  std::vector<std::uint8_t> allowed;
  std::vector<std::size_t> out_offsets{0}, offsets{0};
  std::vector<std::uint32_t> out_ids, ids;

  Catalogue(std::size_t r, std::size_t n, bool whole, std::uint64_t seed) : rows(r), items(n) {
    auto uniform = [random = Random(seed), drawn = std::uint64_t(0)]() mutable { return random.uniform(drawn++); };
    const auto number = [&](double low, double high) {
      const double x = low + (high - low) * uniform();
      return whole ? std::round(x) : x;
    };
    for (std::size_t i = 0; i < rows * width; ++i) queries.push_back(number(-2, 2));
    for (std::size_t i = 0; i < items * width; ++i) vectors.push_back(number(-2, 2));
    for (std::size_t i = 0; i < items; ++i) bias.push_back(number(-1, 1));
    for (std::size_t i = 0; i < items; ++i) allowed.push_back(uniform() < 0.9);
    for (std::size_t q = 0; q < rows; ++q) {
      weights.push_back(std::floor(3 * uniform()));
      for (std::uint32_t i = 0; i < items; ++i) {
        if (uniform() < 0.1) out_ids.push_back(i);
        if (uniform() >= 0.05) continue;
        ids.push_back(i);
        gains.push_back(1 + std::floor(3 * uniform()));
      }
      out_offsets.push_back(out_ids.size());
      std::reverse(ids.begin() + static_cast<std::ptrdiff_t>(offsets.back()), ids.end());
      offsets.push_back(ids.size());
    }
  }
  ItemTable<double> table() const { return {vectors, width, bias, allowed}; }
  IdLists leave_out() const { return {out_offsets, out_ids}; }
  RelevantItems relevant() const { return {offsets, ids, gains}; }

  /// All scores, -infinity where left out.
  std::vector<double> scores() const {
    std::vector<double> all;
    for (std::size_t q = 0; q < rows; ++q)
      for (std::size_t i = 0; i < items; ++i) {
        double score = bias[i];
        for (std::size_t w = 0; w < width; ++w) score += queries[q * width + w] * vectors[i * width + w];
        const auto out = leave_out()[q];
        all.push_back(!allowed[i] || std::binary_search(out.begin(), out.end(), i) ? -infinity : score);
      }
    return all;
  }
  std::vector<double> truth() const {
    std::vector<double> all(rows * items);
    for (std::size_t q = 0; q < rows; ++q)
      for (std::size_t i = offsets[q]; i < offsets[q + 1]; ++i) all[q * items + ids[i]] = gains[i];
    return all;
  }
};

/// Calls f(metric) for each of the metrics at k.
template <class F>
void for_each_metric(std::size_t k, F f) {
  const RankingAtKOptions options{.k = k};
  f(HitRate(options));
  f(RecallAtK(options));
  f(PrecisionAtK(options));
  f(MRR(options));
  f(MAP(options));
  f(NDCG(options));
}

template <class M>
double of_matrix(M metric, const Catalogue& c, const std::vector<double>& scores) {
  const std::vector<double> truth = c.truth();
  const Shape shape{c.items};
  metric.update(In<double>(truth.data(), c.rows, shape), In<double>(scores.data(), c.rows, shape), c.weights.data());
  return metric.result();
}
template <class M>
double of_ranks(M metric, const Catalogue& c, const std::vector<std::size_t>& ranks) {
  metric.update_ranks(c.relevant(), ranks, c.weights);
  return metric.result();
}

}  // namespace

TEST_CASE("ranks_of: metrics of ranks are those of a matrix of all scores, to the bit") {
  for (const std::size_t items : {1u, 2u, 40u, 700u})
    for (const bool whole : {true, false}) {
      const Catalogue c(30, items, whole, items + whole);
      const std::vector<double> scores = c.scores();
      const auto ranks = ranks_of(c.queries, c.table(), c.relevant(), c.leave_out());
      for (const std::size_t k : {1u, 3u, 10u, 1000u})
        for_each_metric(k, [&](const auto& metric) {
          const double want = of_matrix(metric, c, scores), got = of_ranks(metric, c, ranks);
          CAPTURE(metric.name());
          CHECK((got == want || (std::isnan(got) && std::isnan(want))));
        });
    }
}

TEST_CASE("ranks_in: metrics of lists are those of a matrix where no scores are equal") {
  const Catalogue c(30, 300, false, 1);
  const std::vector<double> scores = c.scores();
  const auto lists = top_k(c.queries, c.table(), 10, c.leave_out());
  const auto ranks = ranks_in(lists, c.relevant());
  for (const std::size_t k : {1u, 10u}) {
    for_each_metric(k, [&](const auto& metric) { CHECK(of_ranks(metric, c, ranks) == of_matrix(metric, c, scores)); });
    Catalogue counting = c;
    counting.weights.assign(c.rows, 1);
    CatalogCoverage coverage({.k = k});
    coverage.update_ids(top_k(c.queries, c.table(), k, c.leave_out()).ids, c.items);
    CHECK(coverage.result() == of_matrix(CatalogCoverage({.k = k}), counting, scores));
  }
}

TEST_CASE("top_k: as many answers as can be had") {
  const std::vector<float> vectors{1, 3, 2, 3}, queries{1, -1};
  const ItemTable<float> table{vectors, 1};
  const TopItems<float> two = top_k(queries, table, 2);
  CHECK(two.ids == std::vector<std::uint32_t>{1, 3, 0, 2});
  CHECK(two.scores == std::vector<float>{3, 3, -1, -2});
  CHECK(two[1].size() == 2);

  const TopItems<float> many = top_k(queries, table, std::numeric_limits<std::size_t>::max());
  CHECK(many.k == 4);
  CHECK(many.ids == std::vector<std::uint32_t>{1, 3, 2, 0, 0, 2, 1, 3});

  CHECK(top_k(queries, table, 0).ids.empty());
  CHECK(top_k(queries, table, 0).queries() == 2);
  CHECK(top_k({}, table, 3).queries() == 0);
  CHECK(top_k(queries, ItemTable<float>{{}, 1}, 3)[0].empty());

  const std::vector<std::size_t> offsets{0, 4, 6};
  const std::vector<std::uint32_t> ids{0, 1, 2, 3, 0, 2};
  const TopItems<float> few = top_k(queries, table, 3, {offsets, ids});
  CHECK(few[0].empty());
  CHECK(few.ids == std::vector<std::uint32_t>{no_item, no_item, no_item, 1, 3, no_item});
  CHECK(few.scores[0] == -std::numeric_limits<float>::infinity());
  const SparseMatrix<float> seen(4, offsets, ids, std::vector<float>(ids.size(), 1));
  CHECK(top_k(queries, table, 3, {seen.offsets(), seen.all_indices()}).ids == few.ids);
  const std::vector<std::uint8_t> none(4);
  CHECK(top_k(queries, ItemTable<float>{vectors, 1, {}, none}, 3)[1].empty());
}

TEST_CASE("ranks: NaN makes a query's metrics NaN, from ranks and from lists") {
  std::vector<double> vectors{1, 2, 3};
  const std::vector<double> queries{1, 2};
  const std::vector<std::size_t> offsets{0, 1, 1};
  const std::vector<std::uint32_t> ids{1};
  const RelevantItems relevant{offsets, ids};
  CHECK(ranks_of(queries, ItemTable<double>{vectors, 1}, relevant) == std::vector<std::size_t>{2});
  vectors[0] = std::nan("");
  const ItemTable<double> table{vectors, 1};
  const TopItems<double> lists = top_k(queries, table, 2);
  CHECK(lists.ids == std::vector<std::uint32_t>{2, 1, 2, 1});
  CHECK(lists.nans == std::vector<std::uint32_t>{1, 1});
  for (const auto& ranks : {ranks_of(queries, table, relevant), ranks_in(lists, relevant)}) {
    CHECK(ranks == std::vector<std::size_t>{0});
    MRR metric;
    metric.update_ranks(relevant, ranks);
    CHECK(std::isnan(metric.result()));
  }
}

TEST_CASE("ranks: what does not belong together is refused") {
  const std::vector<double> vectors(6, 1.0), queries(4, 1.0), gains{1, 0}, bias(2);
  const ItemTable<double> table{vectors, 2};
  const std::vector<std::size_t> offsets{0, 1, 2}, short_offsets{0, 2}, one{0, 2, 2};
  const std::vector<std::uint32_t> ids{2, 1}, beyond{0, 3}, twice{1, 1};
  CHECK(message_of<ShapeError>([&] { top_k(std::span(queries).first(3), table, 1); }) ==
        "top_k: expected vectors and queries of whole rows, received 6 and 3 numbers for rows of 2.");
  CHECK(message_of<ShapeError>([&] {
          top_k(queries, ItemTable<double>{vectors, 0}, 1);
        }) == "top_k: expected vectors and queries of whole rows, received 6 and 4 numbers for rows of 0.");
  CHECK(message_of<ShapeError>([&] {
          top_k(queries, ItemTable<double>{vectors, 2, bias}, 1);
        }) == "top_k: expected one bias and one flag for each of 3 items, or none, received 2.");
  CHECK(message_of<DataError>([&] {
          top_k(queries, table, 1, {short_offsets, ids});
        }) == "top_k: expected 3 ascending offsets of items to leave out, from 0 to the 2 ids, received 2.");
  CHECK(message_of<DataError>([&] {
          top_k(queries, table, 1, {offsets, beyond});
        }) == "top_k: expected ids of items to leave out below 3, received 3.");
  CHECK(message_of<DataError>([&] {
          top_k(queries, table, 1, {one, ids});
        }) == "top_k: expected ascending ids to leave out, received others for query 0; sort them.");
  CHECK(message_of<DataError>([&] {
          ranks_of(queries, table, {one, twice});
        }) == "ranks_of: expected each relevant item once, received 1 twice for query 0.");
  CHECK(message_of<DataError>([&] {
          ranks_of(queries, table, {offsets, ids, gains});
        }) == "ranks_of: expected gains above 0, received 0; an item of gain 0 is not relevant.");
  CHECK(message_of<DataError>([&] {
          ranks_of(queries, table, {offsets, ids, std::span(gains).first(1)});
        }) == "ranks_of: expected a gain for each of 2 relevant items, received 1.");
  const std::vector<std::size_t> ranks{1};
  CHECK(message_of<DataError>([&] {
          HitRate().update_ranks({offsets, ids}, ranks);
        }) == "hit_rate: expected 2 ranks and 2 weights or none, received 1 and 0.");
  const std::vector<double> negative{1, -1};
  const std::vector<std::size_t> two{1, 1};
  HitRate hits;
  CHECK(message_of<DataError>([&] {
          hits.update_ranks({offsets, ids}, two, negative);
        }) == "hit_rate: expected weights that are finite and not below 0, received -1.");
  CHECK(std::isnan(hits.result()));  // nothing of the refused update is counted
  CatalogCoverage coverage;
  CHECK(message_of<DataError>([&] { coverage.update_ids(beyond, 3); }) ==
        "metric \"coverage@10[full]\": expected ids below 3, received 3.");
  CHECK(std::isnan(coverage.result()));
  coverage.update_ids(std::vector<std::uint32_t>{0, no_item}, 4);
  CHECK(coverage.result() == 0.25);
}

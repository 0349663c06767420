// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/parallel.hpp"
#include "foretell/kernels/top_k.hpp"
#include "foretell/metrics/ranking_at_k.hpp"

// The best of very many items, and the ranks of those that were relevant, without the scores of all items for all
// queries in memory. A query's answer has the same bits alone, in a batch and on any number of threads.

namespace foretell {

/// The answers to several queries.
template <class T>
struct TopItems {
  std::size_t k = 0;                ///< ids a query: those asked for, or all items where there are fewer
  std::vector<std::uint32_t> ids;   ///< queries x k, the best first; `no_item` at the end where fewer could be had
  std::vector<T> scores;            ///< beside the ids; -infinity where there is none
  std::vector<std::uint32_t> nans;  ///< of each query how many of its scores were NaN

  std::size_t queries() const { return nans.size(); }
  /// The ids that a query has.
  std::span<const std::uint32_t> operator[](std::size_t query) const {
    const auto all = std::span(ids).subspan(query * k, k);
    return all.first(static_cast<std::size_t>(std::find(all.begin(), all.end(), no_item) - all.begin()));
  }
};

namespace detail {

/// How many queries these are. Throws ShapeError and DataError when they do not go with the items.
template <class T>
std::size_t check_items(std::string_view who, std::span<const T> queries, const ItemTable<T>& table,
                        const IdLists& leave_out) {
  if (table.width == 0 || table.vectors.size() % table.width || queries.size() % table.width)
    throw ShapeError(text(who, ": expected vectors and queries of whole rows, received ", table.vectors.size(), " and ",
                          queries.size(), " numbers for rows of ", table.width, "."));
  const std::size_t items = table.items(), rows = queries.size() / table.width;
  if (items >= no_item) throw ShapeError(text(who, ": expected fewer than ", no_item, " items, received ", items, "."));
  for (const std::size_t size : {table.bias.size(), table.allowed.size()})
    if (size && size != items)
      throw ShapeError(
          text(who, ": expected one bias and one flag for each of ", items, " items, or none, received ", size, "."));
  if (leave_out.offsets.empty() && leave_out.ids.empty()) return rows;
  check_lists(who, "items to leave out", leave_out.offsets, leave_out.ids, rows, items);
  for (std::size_t q = 0; q < rows; ++q)
    if (const auto own = leave_out[q]; !std::is_sorted(own.begin(), own.end()))
      throw DataError(
          text(who, ": expected ascending ids to leave out, received others for query ", q, "; sort them."));
  return rows;
}

}  // namespace detail

/// The k items of the greatest score for each query (queries x width, row-major), the best first, of equal scores the
/// smaller id. `leave_out`: ascending ids that a query is not answered with, such as what a user has bought. A score of
/// -infinity or NaN is no answer. k = 0 and nothing allowed give empty lists. Throws ShapeError and DataError.
template <class T>
TopItems<T> top_k(std::type_identity_t<std::span<const T>> queries, const ItemTable<T>& items, std::size_t k,
                  const IdLists& leave_out = {}, const Executor& executor = {}) {
  const std::size_t rows = detail::check_items("top_k", queries, items, leave_out);
  TopItems<T> out;
  out.k = std::min(k, items.items());
  out.ids.resize(rows * out.k);
  out.scores.resize(rows * out.k);
  out.nans.resize(rows);
  kernels::top_k(items, queries.data(), rows, out.k, leave_out, out.ids.data(), out.scores.data(), out.nans.data(),
                 executor);
  return out;
}

/// The ranks of the relevant items among all items of a table, exactly as the metrics at k see them in a matrix of all
/// scores: an item that is not relevant stands before a relevant one of the same score. `not_ranked` for what is left
/// out; 0 for all of a query that has NaN among its scores. They stand beside `relevant.ids`. Throws ShapeError and
/// DataError.
template <class T>
std::vector<std::size_t> ranks_of(std::type_identity_t<std::span<const T>> queries, const ItemTable<T>& items,
                                  const RelevantItems& relevant, const IdLists& leave_out = {},
                                  const Executor& executor = {}) {
  const std::size_t rows = detail::check_items("ranks_of", queries, items, leave_out);
  detail::check_relevant("ranks_of", relevant, rows, items.items());
  std::vector<T> scores(relevant.ids.size());
  std::vector<std::size_t> ranks(relevant.ids.size()), order;
  std::vector<std::uint8_t> broken(rows);
  kernels::count_ahead(items, queries.data(), rows, {relevant.offsets, relevant.ids}, leave_out, scores.data(),
                       ranks.data(), broken.data(), executor);
  for (std::size_t q = 0; q < rows; ++q) {
    order.resize(relevant.offsets[q + 1] - relevant.offsets[q]);
    std::iota(order.begin(), order.end(), relevant.offsets[q]);
    if (!broken[q])
      std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        if (scores[a] != scores[b]) return scores[a] > scores[b];
        return relevant.gain(a) != relevant.gain(b) ? relevant.gain(a) < relevant.gain(b)
                                                    : relevant.ids[a] < relevant.ids[b];
      });
    for (std::size_t r = 0; r < order.size(); ++r) {
      std::size_t& rank = ranks[order[r]];
      rank = broken[q] ? 0 : scores[order[r]] == -std::numeric_limits<T>::infinity() ? not_ranked : rank + r + 1;
    }
  }
  return ranks;
}

/// The ranks of the relevant items in lists of answers, in the order that the lists have: `not_ranked` for what is not
/// there; 0 as above. A list that was cut off among equal scores shows some of them by their ids, where `ranks_of`
/// counts all of them. Throws DataError.
template <class T>
std::vector<std::size_t> ranks_in(const TopItems<T>& lists, const RelevantItems& relevant) {
  detail::check_relevant("ranks_in", relevant, lists.queries(), no_item);
  std::vector<std::size_t> ranks;
  ranks.reserve(relevant.ids.size());
  for (std::size_t q = 0; q < lists.queries(); ++q) {
    const auto own = lists[q];
    for (std::size_t i = relevant.offsets[q]; i < relevant.offsets[q + 1]; ++i) {
      const auto at = std::find(own.begin(), own.end(), relevant.ids[i]);
      ranks.push_back(lists.nans[q]     ? 0
                      : at == own.end() ? not_ranked
                                        : static_cast<std::size_t>(at - own.begin()) + 1);
    }
  }
  return ranks;
}

}  // namespace foretell

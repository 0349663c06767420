// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "foretell/core/id_lists.hpp"
#include "foretell/core/parallel.hpp"
#include "foretell/kernels/gemm.hpp"
#include "foretell/kernels/simd.hpp"

#define FORETELL_KERNEL_FILE "foretell/kernels/isa/top_k.inl"
#include "foretell/kernels/isa/each.hpp"

// The best of many items for each of many queries, by inner products that are never all in memory: a block of queries
// meets a block of items in a small room, and what is looked for is picked from there. A score is the element that
// gemm_nt gives: it has the same bits whatever other queries are asked and however threads share the work.

namespace foretell {

/// Items by their vectors: item i has the score `query . vectors[i] + bias[i]`. Borrowed.
template <class T>
struct ItemTable {
  std::span<const T> vectors;               ///< items x width, row-major
  std::size_t width = 0;                    ///< of a vector
  std::span<const T> bias{};                ///< of each item, or none
  std::span<const std::uint8_t> allowed{};  ///< of each item whether it may be an answer, or none: all may

  std::size_t items() const { return width ? vectors.size() / width : 0; }
};

}  // namespace foretell

namespace foretell::kernels {

/// The first of n values that is not <= `least`, as NaN is not; n when there is none.
template <class T>
std::size_t first_above(std::size_t n, const T* x, T least) noexcept {
  FORETELL_DISPATCH(first_above<T>(n, x, least));
}

/// How many of n values are >= `least`; fewer than 2^31.
template <class T>
std::size_t count_from(std::size_t n, const T* x, T least) noexcept {
  FORETELL_DISPATCH(count_from<T>(n, x, least));
}

namespace detail {

/// What meets at a time: their scores stay in the second cache.
inline constexpr std::size_t items_at_once = 512, queries_at_once = 256;

template <class T>
inline constexpr T left_out = -std::numeric_limits<T>::infinity();

/// How queries and items are shared out: `blocks` of queries, each against `parts` of the blocks of items. A block has
/// `items_at_once`; the last one has fewer, or one more, since a product of one column is summed in another order.
struct ScoreTasks {
  std::size_t rows, items, blocks, parts;

  ScoreTasks(std::size_t queries, std::size_t all_items, std::size_t threads)
      : rows(queries),
        items(all_items),
        blocks((queries + queries_at_once - 1) / queries_at_once),
        parts(std::clamp(blocks ? (threads + blocks - 1) / blocks : 1, std::size_t(1), item_blocks())) {}
  std::size_t item_blocks() const { return std::max<std::size_t>(1, (items + items_at_once - 2) / items_at_once); }
  std::size_t first_row(std::size_t block) const { return rows * block / blocks; }
  std::size_t first_item(std::size_t part) const {
    return part == parts ? items : item_blocks() * part / parts * items_at_once;
  }
};

/// Calls visit(part, query, item, scores, count) for each query and each block of items [item, item + count), in
/// ascending order within a part. `scores` may be written to. What is left out has the score -infinity.
template <class T, class Visit>
void for_each_scores(const ItemTable<T>& table, const T* queries, const ScoreTasks& tasks, const IdLists& leave_out,
                     const Executor& executor, const Visit& visit) {
  const std::size_t n = table.width;
  executor.run(tasks.blocks * tasks.parts, [&](std::size_t task) {
    const std::size_t block = task / tasks.parts, part = task % tasks.parts;
    const std::size_t row = tasks.first_row(block), rows = tasks.first_row(block + 1) - row;
    const std::unique_ptr<T[]> scores(new T[rows * (items_at_once + 1)]);
    std::vector<std::span<const std::uint32_t>> unseen(rows);  // of what each query leaves out
    for (std::size_t r = 0; r < rows; ++r) {
      const auto ids = leave_out[row + r];
      unseen[r] = ids.subspan(
          static_cast<std::size_t>(std::lower_bound(ids.begin(), ids.end(), tasks.first_item(part)) - ids.begin()));
    }
    std::vector<std::size_t> refused;
    const std::size_t end = tasks.first_item(part + 1);
    for (std::size_t item = tasks.first_item(part), count; item < end; item += count) {
      count = end - item > items_at_once + 1 ? items_at_once : end - item;
      refused.clear();
      for (std::size_t i = 0; i < count && !table.allowed.empty(); ++i)
        if (!table.allowed[item + i]) refused.push_back(i);
      if (refused.size() == count) continue;
      gemm_nt(rows, count, n, queries + row * n, n, table.vectors.data() + item * n, n, scores.get(), count, false,
              {table.bias.empty() ? nullptr : table.bias.data() + item});
      for (std::size_t r = 0; r < rows; ++r) {
        T* const own = scores.get() + r * count;
        for (const std::size_t i : refused) own[i] = left_out<T>;
        for (; !unseen[r].empty() && unseen[r].front() < item + count; unseen[r] = unseen[r].subspan(1))
          if (unseen[r].front() >= item) own[unseen[r].front() - item] = left_out<T>;
        visit(part, row + r, item, own, count);
      }
    }
  });
}

template <class T>
struct ScoredItem {
  T score;
  std::uint32_t item;
};
template <class T>
bool before(const ScoredItem<T>& a, const ScoredItem<T>& b) {
  return a.score != b.score ? a.score > b.score : a.item < b.item;
}

/// The best of those that came, at most k; the worst of them first, as a heap.
template <class T>
class BestItems {
 public:
  BestItems(ScoredItem<T>* room, std::size_t& size, std::size_t k) : room_(room), size_(size), k_(k) {}
  /// What a score must exceed, when items come in ascending order.
  T least() const { return size_ < k_ ? left_out<T> : room_[0].score; }
  void take(const ScoredItem<T>& one) {
    if (size_ == k_)
      std::pop_heap(room_, room_ + size_, before<T>);
    else
      ++size_;
    room_[size_ - 1] = one;
    std::push_heap(room_, room_ + size_, before<T>);
  }

 private:
  ScoredItem<T>* room_;
  std::size_t& size_;
  std::size_t k_;
};

/// The score that `for_each_scores` gives a query for an item: never of a product of one column if there are two.
template <class T>
T score_of(const ItemTable<T>& table, const T* query, std::size_t item) {
  const std::size_t count = std::min<std::size_t>(2, table.items()), n = table.width;
  const std::size_t from = std::min(item, table.items() - count);
  T scores[2];
  gemm_nt(1, count, n, query, n, table.vectors.data() + from * n, n, scores, count, false,
          {table.bias.empty() ? nullptr : table.bias.data() + from});
  return scores[item - from];
}

}  // namespace detail

/// The k items of the greatest score for each of `rows` queries (rows x width), the best first, of equal scores the
/// smaller id: `ids` and `scores`, both rows x k, end with `no_item` and -infinity where fewer can be had. `leave_out`:
/// ids in ascending order that a query is not answered with. A score of -infinity or NaN is no answer either;
/// `nans[row]` counts those of NaN.
template <class T>
void top_k(const ItemTable<T>& table, const T* queries, std::size_t rows, std::size_t k, const IdLists& leave_out,
           std::uint32_t* ids, T* scores, std::uint32_t* nans, const Executor& executor = {}) {
  std::fill_n(nans, rows, 0);
  std::fill_n(ids, rows * k, no_item);
  std::fill_n(scores, rows * k, detail::left_out<T>);
  if (k == 0) return;
  const std::size_t room = std::min(k, table.items());
  const std::size_t at_once = std::max<std::size_t>(1, 4 * executor.threads()) * detail::queries_at_once;
  std::vector<detail::ScoredItem<T>> best;
  std::vector<std::size_t> sizes;
  for (std::size_t first = 0; first < rows; first += at_once) {
    const detail::ScoreTasks tasks(std::min(at_once, rows - first), table.items(), executor.threads());
    const std::size_t parts = tasks.parts;
    best.resize(tasks.rows * parts * room);
    sizes.assign(tasks.rows * parts, 0);
    IdLists out = leave_out;
    if (!out.offsets.empty()) out.offsets = out.offsets.subspan(first);
    detail::for_each_scores(table, queries + first * table.width, tasks, out, executor,
                            [&](std::size_t part, std::size_t query, std::size_t item, const T* s, std::size_t count) {
                              const std::size_t list = query * parts + part;
                              detail::BestItems<T> mine(best.data() + list * room, sizes[list], room);
                              for (std::size_t i = 0; (i += first_above(count - i, s + i, mine.least())) < count; ++i) {
                                if (s[i] == s[i])
                                  mine.take({s[i], static_cast<std::uint32_t>(item + i)});
                                else
                                  __atomic_fetch_add(&nans[first + query], 1u, __ATOMIC_RELAXED);
                              }
                            });
    for (std::size_t query = 0; query < tasks.rows; ++query) {
      detail::ScoredItem<T>* const all = best.data() + query * parts * room;
      detail::ScoredItem<T>* end = all;
      for (std::size_t part = 0; part < parts; ++part)
        end = std::copy_n(all + part * room, sizes[query * parts + part], end);
      std::sort(all, end, detail::before<T>);
      const std::size_t found = std::min(room, static_cast<std::size_t>(end - all));
      for (std::size_t r = 0; r < found; ++r) {
        ids[(first + query) * k + r] = all[r].item;
        scores[(first + query) * k + r] = all[r].score;
      }
    }
  }
}

/// For each target of each query its score, and `ahead`: how many items that are no targets of the query have that
/// score or a greater one. Both stand beside `targets.ids`. Targets and others that are left out, as above, have the
/// score -infinity; ahead of such a target are 0. `broken[row]` is 1 where a score that counts is NaN, and 0 elsewhere.
template <class T>
void count_ahead(const ItemTable<T>& table, const T* queries, std::size_t rows, const IdLists& targets,
                 const IdLists& leave_out, T* scores, std::size_t* ahead, std::uint8_t* broken,
                 const Executor& executor = {}) {
  const detail::ScoreTasks tasks(rows, table.items(), executor.threads());
  std::fill_n(ahead, targets.ids.size(), std::size_t(0));
  std::fill_n(broken, rows, std::uint8_t(0));
  for (std::size_t query = 0; query < rows; ++query) {
    const auto out = leave_out[query];
    const auto wanted = targets[query];
    for (std::size_t t = 0; t < wanted.size(); ++t) {
      const std::uint32_t id = wanted[t];
      const bool is_out =
          (!table.allowed.empty() && !table.allowed[id]) || std::binary_search(out.begin(), out.end(), id);
      T& score = scores[targets.offsets[query] + t];
      score = is_out ? detail::left_out<T> : detail::score_of(table, queries + query * table.width, id);
      if (score != score) broken[query] = 1;
    }
  }
  detail::for_each_scores(table, queries, tasks, leave_out, executor,
                          [&](std::size_t, std::size_t query, std::size_t item, T* s, std::size_t count) {
                            const auto wanted = targets[query];
                            for (const std::uint32_t id : wanted)
                              if (id >= item && id - item < count) s[id - item] = detail::left_out<T>;
                            if (first_above(count, s, std::numeric_limits<T>::infinity()) < count)
                              __atomic_store_n(&broken[query], std::uint8_t(1), __ATOMIC_RELAXED);
                            for (std::size_t t = 0; t < wanted.size(); ++t) {
                              const std::size_t at = targets.offsets[query] + t;
                              if (scores[at] > detail::left_out<T>)
                                __atomic_fetch_add(&ahead[at], count_from(count, s, scores[at]), __ATOMIC_RELAXED);
                            }
                          });
}

}  // namespace foretell::kernels

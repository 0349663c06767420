// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/id_lists.hpp"
#include "foretell/core/view.hpp"
#include "foretell/losses/output_facts.hpp"
#include "foretell/metrics/mean.hpp"
#include "foretell/metrics/mode.hpp"
#include "foretell/metrics/positions.hpp"
#include "foretell/metrics/top_k.hpp"

// How well the items of a query (a user, a session) are ordered by their scores, over a data set that is seen batch by
// batch. The last axis of the prediction has the scores of all candidates; the truth has the same shape, each item's
// gain (0: not relevant), or is the id of the one relevant item. Results depend on what the candidates were, so the
// name says it: "ndcg@10[full]" when all items were scored, or a word of one's own, such as "sampled-100", as the
// protocol.
//
// An item that is not relevant stands before a relevant one of the same score, so a constant score finds nothing. A
// query without a relevant item does not count. Give items to leave out (seen before) the score -infinity: they are
// found at no k, however great; a relevant one among them is one that was missed. A k beyond the number of items is
// allowed. A NaN among the scores makes the result NaN; gains that are negative or not finite throw DataError.

namespace foretell {

struct RankingAtKOptions {
  std::size_t k = 10;
  std::string protocol = "full";  ///< what the candidates were
};

/// Ids of the relevant items of each of several queries: those of query i are ids[offsets[i]] up to ids[offsets[i +
/// 1]], without that; each once. Borrowed.
struct RelevantItems {
  std::span<const std::size_t> offsets{};  ///< one more than queries
  std::span<const std::uint32_t> ids{};
  std::span<const double> gains{};  ///< beside the ids, above 0; or none, which is 1 each

  std::size_t queries() const { return offsets.empty() ? 0 : offsets.size() - 1; }
  double gain(std::size_t i) const { return gains.empty() ? 1 : gains[i]; }
};

/// The rank of an item that is found at no k; ranks count from 1. A rank of 0: the query has NaN among its scores.
inline constexpr std::size_t not_ranked = std::numeric_limits<std::size_t>::max();

namespace detail {

/// Throws DataError for what are no lists of ids below `items`, one for each of `queries`.
inline void check_lists(std::string_view who, std::string_view what, std::span<const std::size_t> offsets,
                        std::span<const std::uint32_t> ids, std::size_t queries, std::size_t items) {
  if (offsets.size() != queries + 1 || offsets.front() != 0 || offsets.back() != ids.size() ||
      !std::is_sorted(offsets.begin(), offsets.end()))
    throw DataError(text(who, ": expected ", queries + 1, " ascending offsets of ", what, ", from 0 to the ",
                         ids.size(), " ids, received ", offsets.size(),
                         offsets.size() == queries + 1 ? " others." : "."));
  for (const std::uint32_t id : ids)
    if (id >= items) throw DataError(text(who, ": expected ids of ", what, " below ", items, ", received ", id, "."));
}

/// Throws DataError for lists in which an id stands twice, and for wrong gains.
inline void check_relevant(std::string_view who, const RelevantItems& relevant, std::size_t queries,
                           std::size_t items) {
  check_lists(who, "relevant items", relevant.offsets, relevant.ids, queries, items);
  if (!relevant.gains.empty() && relevant.gains.size() != relevant.ids.size())
    throw DataError(text(who, ": expected a gain for each of ", relevant.ids.size(), " relevant items, received ",
                         relevant.gains.size(), "."));
  for (const double gain : relevant.gains)
    if (!(gain > 0 && std::isfinite(gain)))
      throw DataError(text(who, ": expected gains above 0, received ", gain, "; an item of gain 0 is not relevant."));
  std::vector<std::uint32_t> own;
  for (std::size_t q = 0; q < queries; ++q) {
    own.assign(relevant.ids.begin() + static_cast<std::ptrdiff_t>(relevant.offsets[q]),
               relevant.ids.begin() + static_cast<std::ptrdiff_t>(relevant.offsets[q + 1]));
    std::sort(own.begin(), own.end());
    if (const auto twice = std::adjacent_find(own.begin(), own.end()); twice != own.end())
      throw DataError(text(who, ": expected each relevant item once, received ", *twice, " twice for query ", q, "."));
  }
}

/// The relevant items of one query, the best placed first.
struct RankedQuery {
  std::vector<std::size_t> ranks;  ///< 1 for the first of all candidates; `not_ranked` for one of score -infinity
  std::vector<double> gains;       ///< of these items
  std::vector<double> ideal;       ///< gains, greatest first
  bool broken = false;

  /// Gains from `gain(item)`.
  template <class T, class F>
  void assign(const T* scores, std::size_t items, F gain) {
    order_.clear();
    for (std::size_t i = 0; i < items; ++i) {
      if (!(gain(i) >= 0 && std::isfinite(gain(i))))
        throw DataError(text("ranking: expected gains of 0 or more, received ", gain(i), " for item ", i,
                             "; give what a user disliked the gain 0."));
      if (gain(i) > 0) order_.push_back(i);
    }
    std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      if (scores[a] != scores[b]) return scores[a] > scores[b];
      return gain(a) != gain(b) ? gain(a) < gain(b) : a < b;
    });
    ranks.resize(order_.size());
    gains.resize(order_.size());
    std::iota(ranks.begin(), ranks.end(), std::size_t(1));
    broken = false;
    ahead_.assign(order_.size() + 1, 0);
    for (std::size_t i = 0; i < items; ++i) {
      broken = broken || std::isnan(scores[i]);
      if (gain(i) > 0) continue;
      const auto first =
          std::partition_point(order_.begin(), order_.end(), [&](std::size_t r) { return scores[r] > scores[i]; });
      ++ahead_[static_cast<std::size_t>(first - order_.begin())];
    }
    for (std::size_t r = 0, sum = 0; r < order_.size(); ++r) {
      sum += ahead_[r];
      ranks[r] = scores[order_[r]] == -std::numeric_limits<T>::infinity() ? not_ranked : ranks[r] + sum;
      gains[r] = gain(order_[r]);
    }
    find_ideal();
  }
  /// Those of a query by their ranks, `begin` up to `end` of the lists.
  void assign(const RelevantItems& relevant, std::span<const std::size_t> all_ranks, std::size_t begin,
              std::size_t end) {
    order_.resize(end - begin);
    std::iota(order_.begin(), order_.end(), begin);
    std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) { return all_ranks[a] < all_ranks[b]; });
    ranks.clear();
    gains.clear();
    for (const std::size_t i : order_) {
      ranks.push_back(all_ranks[i]);
      gains.push_back(relevant.gain(i));
    }
    broken = !ranks.empty() && ranks.front() == 0;
    find_ideal();
  }
  /// How many of them are among the first k.
  std::size_t hits(std::size_t k) const {
    return static_cast<std::size_t>(std::upper_bound(ranks.begin(), ranks.end(), std::min(k, not_ranked - 1)) -
                                    ranks.begin());
  }

 private:
  void find_ideal() {
    ideal = gains;
    std::sort(ideal.begin(), ideal.end(), std::greater<>());
  }

  std::vector<std::size_t> order_, ahead_;
};

/// Calls f(items, gain, scores, weight) for each query, gain(i) being that of item i.
template <class T, class F>
void for_each_query(std::string_view metric, In<T> truth, In<T> prediction, const T* weights, F f) {
  const std::size_t items = prediction.back();
  const bool ids = items != 1 && truth.row_size() * items == prediction.row_size();
  if (truth.rows() != prediction.rows() || !(ids || truth.row_size() == prediction.row_size()))
    wrong_truth(metric, "the gains of all candidates, or one item id for each vector of scores", truth, prediction);
  for_each_position(prediction, items, weights, [&](std::size_t i, double weight) {
    const T* scores = prediction.data() + i * items;
    if (ids) {
      const std::size_t id = class_id(metric, static_cast<double>(truth.data()[i]), items);
      f(
          items, [id](std::size_t item) { return item == id ? 1.0 : 0.0; }, scores, weight);
    } else {
      const T* gains = truth.data() + i * items;
      f(
          items, [gains](std::size_t item) { return static_cast<double>(gains[item]); }, scores, weight);
    }
  });
}

/// "ndcg@10[full]". Throws ConfigError for k = 0 and an empty protocol.
inline std::string ranking_name(std::string_view measure, const RankingAtKOptions& options) {
  check_k(measure, options.k);
  if (options.protocol.empty())
    throw ConfigError(text("metric \"", measure,
                           "\": expected a word for the protocol, received an empty one; say "
                           "what the candidates were, such as \"full\"."));
  return text(measure, "@", options.k, "[", options.protocol, "]");
}

/// M derives from this and has `measure` and `score(query, k)`.
template <class M>
class RankingMetric {
 public:
  static constexpr Mode mode = Mode::max;
  explicit RankingMetric(RankingAtKOptions options = {}) : options_(std::move(options)) {
    (void)ranking_name(M::measure, options_);
  }

  std::string name() const { return ranking_name(M::measure, options_); }
  template <class T>
  void update(In<T> truth, In<T> prediction, const T* weights) {
    for_each_query(M::measure, truth, prediction, weights,
                   [&](std::size_t items, auto gain, const T* scores, double weight) {
                     query_.assign(scores, items, gain);
                     add(weight);
                   });
  }
  /// The same from ranks, which stand beside the ids of the relevant items (`ranks_of`, `ranks_in`); `weights` of the
  /// queries, or none. Throws DataError.
  void update_ranks(const RelevantItems& relevant, std::span<const std::size_t> ranks,
                    std::span<const double> weights = {}) {
    const std::size_t queries = relevant.queries();
    check_relevant(M::measure, relevant, queries, not_ranked);
    if (ranks.size() != relevant.ids.size() || !(weights.empty() || weights.size() == queries))
      throw DataError(text(M::measure, ": expected ", relevant.ids.size(), " ranks and ", queries,
                           " weights or none, received ", ranks.size(), " and ", weights.size(), "."));
    for (const double weight : weights)
      if (!(weight >= 0 && std::isfinite(weight)))
        throw DataError(text(M::measure, ": expected weights that are finite and not below 0, received ", weight, "."));
    for (std::size_t q = 0; q < queries; ++q) {
      query_.assign(relevant, ranks, relevant.offsets[q], relevant.offsets[q + 1]);
      add(weights.empty() ? 1 : weights[q]);
    }
  }
  double result() const { return mean_.result(); }
  void reset() { mean_ = {}; }
  void merge(const RankingMetric& other) { mean_.merge(other.mean_); }
  void check_output(const OutputFacts& output) const {
    check_several(name(), output, "score the candidates of a query side by side");
  }
  void fields(auto&& f) {
    f("k", options_.k);
    f("protocol", options_.protocol);
  }

 private:
  void add(double weight) {
    if (query_.ranks.empty()) return;
    mean_.add(query_.broken ? std::numeric_limits<double>::quiet_NaN() : M::score(query_, options_.k), weight);
  }

  RankingAtKOptions options_;
  WeightedMean mean_;
  RankedQuery query_;
};

inline double discount(std::size_t rank) { return 1 / std::log2(static_cast<double>(rank) + 1); }

}  // namespace detail

/// Share of the queries with a relevant item among the first k.
class HitRate : public detail::RankingMetric<HitRate> {
 public:
  static constexpr std::string_view measure = "hit_rate";
  using RankingMetric::RankingMetric;
  static double score(const detail::RankedQuery& q, std::size_t k) { return q.hits(k) > 0 ? 1 : 0; }
};

/// Share of the relevant items that are among the first k.
class RecallAtK : public detail::RankingMetric<RecallAtK> {
 public:
  static constexpr std::string_view measure = "recall";
  using RankingMetric::RankingMetric;
  static double score(const detail::RankedQuery& q, std::size_t k) {
    return static_cast<double>(q.hits(k)) / static_cast<double>(q.ranks.size());
  }
};

/// Share of the first k that are relevant; divided by k also where there are fewer items.
class PrecisionAtK : public detail::RankingMetric<PrecisionAtK> {
 public:
  static constexpr std::string_view measure = "precision";
  using RankingMetric::RankingMetric;
  static double score(const detail::RankedQuery& q, std::size_t k) {
    return static_cast<double>(q.hits(k)) / static_cast<double>(k);
  }
};

/// Mean reciprocal rank: 1 / rank of the first relevant item, 0 beyond k.
class MRR : public detail::RankingMetric<MRR> {
 public:
  static constexpr std::string_view measure = "mrr";
  using RankingMetric::RankingMetric;
  static double score(const detail::RankedQuery& q, std::size_t k) {
    return q.hits(k) > 0 ? 1 / static_cast<double>(q.ranks.front()) : 0;
  }
};

/// Mean average precision: the mean of the precisions at each relevant item among the first k, over the smaller of k
/// and the number of relevant items.
class MAP : public detail::RankingMetric<MAP> {
 public:
  static constexpr std::string_view measure = "map";
  using RankingMetric::RankingMetric;
  static double score(const detail::RankedQuery& q, std::size_t k) {
    double sum = 0;
    for (std::size_t i = 0; i < q.hits(k); ++i) sum += static_cast<double>(i + 1) / static_cast<double>(q.ranks[i]);
    return sum / static_cast<double>(std::min(k, q.ranks.size()));
  }
};

/// Normalised discounted cumulative gain: the sum of gain / log2(rank + 1) over the first k, divided by that of the
/// best order (Jarvelin and Kekalainen 2002); the gains are taken as they are, not as 2^gain - 1. As
/// sklearn.metrics.ndcg_score, but for equal scores, of which that takes the mean over all orders, and for queries
/// without a relevant item, which that counts as 0: of one such query and one of 1 the mean is 1 here, 0.5 there.
class NDCG : public detail::RankingMetric<NDCG> {
 public:
  static constexpr std::string_view measure = "ndcg";
  using RankingMetric::RankingMetric;
  static double score(const detail::RankedQuery& q, std::size_t k) {
    double sum = 0, best = 0;
    for (std::size_t i = 0; i < q.hits(k); ++i) sum += q.gains[i] * detail::discount(q.ranks[i]);
    for (std::size_t i = 0; i < std::min(k, q.ideal.size()); ++i) best += q.ideal[i] * detail::discount(i + 1);
    return sum / best;
  }
};

/// Share of all items that are among the first k of at least one query; of equal scores the earlier item is first.
/// Items of score -infinity are not recommended. Weights do not count, but for 0. NaN after a NaN among the scores.
class CatalogCoverage {
 public:
  static constexpr Mode mode = Mode::max;
  static constexpr std::string_view measure = "coverage";
  explicit CatalogCoverage(RankingAtKOptions options = {}) : options_(std::move(options)) {
    (void)detail::ranking_name(measure, options_);
  }

  std::string name() const { return detail::ranking_name(measure, options_); }
  template <class T>
  void update(In<T>, In<T> prediction, const T* weights) {
    const std::size_t items = prediction.back();
    grow(items);
    std::vector<std::size_t> order(items);
    detail::for_each_position(prediction, items, weights, [&](std::size_t i, double weight) {
      if (!(weight > 0)) return;
      const T* scores = prediction.data() + i * items;
      if (std::any_of(scores, scores + items, [](T score) { return std::isnan(score); })) {
        broken_ = true;
        return;
      }
      std::iota(order.begin(), order.end(), std::size_t(0));
      const std::size_t k = std::min(options_.k, items);
      std::partial_sort(
          order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k), order.end(),
          [&](std::size_t a, std::size_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
      for (std::size_t r = 0; r < k; ++r)
        if (scores[order[r]] != -std::numeric_limits<T>::infinity()) shown_[order[r]] = 1;
    });
  }
  /// The same from the ids that were found among `items`, no more than k a query; `no_item` is passed over. Throws
  /// DataError for other ids that are not below `items`.
  void update_ids(std::span<const std::uint32_t> ids, std::size_t items) {
    for (const std::uint32_t id : ids)
      if (id >= items && id != no_item)
        throw DataError(text("metric \"", name(), "\": expected ids below ", items, ", received ", id, "."));
    grow(items);
    for (const std::uint32_t id : ids)
      if (id != no_item) shown_[id] = 1;
  }
  double result() const {
    if (shown_.empty() || broken_) return std::numeric_limits<double>::quiet_NaN();
    return static_cast<double>(std::count(shown_.begin(), shown_.end(), char(1))) / static_cast<double>(shown_.size());
  }
  void reset() {
    shown_.clear();
    broken_ = false;
  }
  void merge(const CatalogCoverage& other) {
    if (other.shown_.empty()) return;
    grow(other.shown_.size());
    broken_ = broken_ || other.broken_;
    for (std::size_t i = 0; i < shown_.size(); ++i) shown_[i] = shown_[i] || other.shown_[i];
  }
  void fields(auto&& f) {
    f("k", options_.k);
    f("protocol", options_.protocol);
  }

 private:
  void grow(std::size_t items) {
    if (!shown_.empty() && shown_.size() != items)
      throw ShapeError(text("metric \"", name(), "\": expected scores of ", shown_.size(),
                            " items as before, received ", items, "; reset it before it sees another model."));
    shown_.resize(items);
  }

  RankingAtKOptions options_;
  std::vector<char> shown_;
  bool broken_ = false;
};

}  // namespace foretell

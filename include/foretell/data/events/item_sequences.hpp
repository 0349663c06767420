// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/error.hpp"
#include "foretell/core/random.hpp"
#include "foretell/data/events/event_log.hpp"

namespace foretell {

/// What each user did, item after item: ids from 1, in the order the items came up; 0 is padding.
struct ItemSequences {
  Column users;                    ///< who
  std::vector<std::string> items;  ///< items[id - 1] is what an id stands for
  std::vector<std::vector<std::int32_t>> sequences;

  /// Embedding's input_dim: the items and the padding.
  std::size_t ids() const { return items.size() + 1; }
  /// How often each id comes up; [0], the padding, is 0. Throws DataError for an id that is none.
  std::vector<double> popularity() const {
    std::vector<double> counts(ids());
    for (const auto& sequence : sequences)
      for (const std::int32_t id : sequence) {
        if (id < 0 || static_cast<std::size_t>(id) >= counts.size())
          throw DataError(text("ItemSequences: expected ids from 0 to ", items.size(), ", received ", id));
        ++counts[static_cast<std::size_t>(id)];
      }
    counts[0] = 0;
    return counts;
  }
};

/// The items of a log by user. Events without an item are left out. Throws ConfigError when the log has no item column.
inline ItemSequences item_sequences(const EventLog& log) {
  const Column& item = log.table().column(log.need(&EventColumns::item, "item_sequences", "item"));
  ItemSequences out{log.user_names(), {}, std::vector<std::vector<std::int32_t>>(log.users())};
  Dictionary items;
  NumberText room;
  for (std::size_t u = 0; u < log.users(); ++u)
    for (std::size_t row = log.start(u); row < log.start(u + 1); ++row)
      if (!item.missing(row)) out.sequences[u].push_back(items.add(item.text(row, room)) + 1);
  out.items = std::move(items).values();
  return out;
}

/// A history and the item that came next.
struct NextItems {
  std::vector<std::size_t> users;  ///< places in ItemSequences
  std::vector<std::vector<std::int32_t>> histories;
  std::vector<std::int32_t> targets;
};
struct LeaveOneOut {
  std::vector<std::vector<std::int32_t>> train;  ///< of each user, without the last two items
  NextItems validation, test;                    ///< the last but one item, and the last
};

/// Each user's last item is the test, the one before it the validation, as SASRec's protocol has it; users of fewer
/// than three items are in the training part alone.
inline LeaveOneOut leave_one_out(const ItemSequences& all) {
  LeaveOneOut out;
  for (std::size_t u = 0; u < all.sequences.size(); ++u) {
    std::vector<std::int32_t> left = all.sequences[u];
    if (left.size() >= 3)
      for (NextItems* part : {&out.test, &out.validation}) {
        part->targets.push_back(left.back());
        left.pop_back();
        part->histories.push_back(left);
        part->users.push_back(u);
      }
    out.train.push_back(std::move(left));
  }
  return out;
}

/// Inputs (users, max_length) and targets of the same shape: what comes after each item, 0 where nothing is known. Long
/// sequences keep their last items, short ones are padded in front, as pad_sequences does; those below two items are
/// left out. Throws ConfigError for a max_length of 0, DataError for an id that a T cannot hold.
template <class T>
std::pair<Tensor<T>, Tensor<T>> next_item_targets(const std::vector<std::vector<std::int32_t>>& sequences,
                                                  std::size_t max_length) {
  if (max_length == 0) throw ConfigError("next_item_targets: expected a max_length of 1 or more, received 0");
  std::vector<T> x, y;
  std::size_t rows = 0;
  for (const auto& sequence : sequences) {
    for (const std::int32_t id : sequence)
      if (static_cast<std::int64_t>(static_cast<T>(id)) != id)
        throw DataError(text("next_item_targets: expected ids that the scalar holds, received ", id, ", which becomes ",
                             static_cast<double>(static_cast<T>(id)), "; use double"));
    if (sequence.size() < 2) continue;
    const std::size_t steps = std::min(max_length, sequence.size() - 1), first = sequence.size() - 1 - steps;
    x.insert(x.end(), max_length - steps, T(0));
    y.insert(y.end(), max_length - steps, T(0));
    for (std::size_t i = 0; i < steps; ++i) {
      x.push_back(static_cast<T>(sequence[first + i]));
      y.push_back(static_cast<T>(sequence[first + i + 1]));
    }
    ++rows;
  }
  return {make_tensor<T>({rows, max_length}, x.data()), make_tensor<T>({rows, max_length}, y.data())};
}

struct NegativeSamplingOptions {
  std::size_t count = 1;        ///< negatives for each user
  double popularity_power = 0;  ///< 0: all items alike; 1: as often as they come up; 0.75 is word2vec's
  std::uint64_t seed = 0;
};

namespace detail {

/// Draws ids from 1 that are not among some, with the chances of counts[id] to a power of 0 or more.
class ItemDraws {
 public:
  ItemDraws(std::vector<double> counts, double power)
      : counts_(std::move(counts)), power_(power), cumulative_(cumulated(counts_)) {}

  /// `count` ids that are not in `known`, which ascends. Throws away known ones a bounded number of times, then draws
  /// from the others alone. Too few when all others have the chance 0.
  std::vector<std::int32_t> others(const std::vector<std::int32_t>& known, std::size_t count,
                                   const Random& random) const {
    std::vector<std::int32_t> out;
    std::uint64_t draw = 0;
    for (; out.size() < count && draw < 4 * count + 16; ++draw) {
      const std::int32_t id = at(cumulative_, random.uniform(draw));
      if (id > 0 && !std::binary_search(known.begin(), known.end(), id)) out.push_back(id);
    }
    if (out.size() == count) return out;
    std::vector<double> left(counts_);
    for (const std::int32_t id : known) left[static_cast<std::size_t>(id)] = -1;
    left = cumulated(std::move(left));
    for (; left.back() > 0 && out.size() < count; ++draw) out.push_back(at(left, random.uniform(draw)));
    return out;
  }

 private:
  /// Sums of the chances, that of the greatest count being 1; those of [0] and of negative counts are 0.
  std::vector<double> cumulated(std::vector<double> counts) const {
    const double most = std::max(1.0, *std::max_element(counts.begin() + 1, counts.end()));
    counts[0] = 0;
    for (std::size_t id = 1; id < counts.size(); ++id)
      counts[id] = counts[id - 1] + (counts[id] < 0 ? 0 : std::pow(counts[id] / most, power_));
    return counts;
  }
  /// The id at a share of the sums, which is none of the chance 0; 0 when they all are.
  static std::int32_t at(const std::vector<double>& sums, double share) {
    const double place = std::min(share * sums.back(), std::nextafter(sums.back(), 0));
    const auto found = std::upper_bound(sums.begin(), sums.end(), place);
    return found == sums.end() ? 0 : static_cast<std::int32_t>(found - sums.begin());
  }

  std::vector<double> counts_;
  double power_;
  std::vector<double> cumulative_;
};

}  // namespace detail

/// Items that a user has no event with, `count` for each, drawn with replacement, in a time that has a bound whatever
/// the popularities are. Throws DataError when a user knows all items (with a power above 0: all that have events),
/// ConfigError for a power that is negative or not finite.
inline std::vector<std::vector<std::int32_t>> negative_samples(const ItemSequences& all,
                                                               const NegativeSamplingOptions& options = {}) {
  if (!(options.popularity_power >= 0 && std::isfinite(options.popularity_power)))
    throw ConfigError(
        text("negative_samples: expected a popularity_power of 0 or more, received ", options.popularity_power));
  std::vector<std::vector<std::int32_t>> out(all.sequences.size());
  if (all.items.empty() && !out.empty()) throw DataError("negative_samples: expected items, received none");
  if (out.empty()) return out;
  const detail::ItemDraws draws(all.popularity(), options.popularity_power);
  for (std::size_t u = 0; u < out.size(); ++u) {
    std::vector<std::int32_t> known = all.sequences[u];
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    out[u] = draws.others(known, options.count, Random(options.seed).stream("negative_samples").stream(u));
    if (out[u].size() < options.count)
      throw DataError(text("negative_samples: expected users who do not know all ", all.items.size(),
                           " items, received one, number ", u, "; leave such users out"));
  }
  return out;
}

}  // namespace foretell

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
  /// How often each id comes up; [0] is 0.
  std::vector<double> popularity() const {
    std::vector<double> counts(ids());
    for (const auto& sequence : sequences)
      for (const std::int32_t id : sequence) ++counts[static_cast<std::size_t>(id)];
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
/// left out.
template <class T>
std::pair<Tensor<T>, Tensor<T>> next_item_targets(const std::vector<std::vector<std::int32_t>>& sequences,
                                                  std::size_t max_length) {
  std::vector<T> x, y;
  std::size_t rows = 0;
  for (const auto& sequence : sequences) {
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

/// Items that a user has no event with, `count` for each, drawn with replacement. Throws DataError when a user knows
/// all items.
inline std::vector<std::vector<std::int32_t>> negative_samples(const ItemSequences& all,
                                                               const NegativeSamplingOptions& options = {}) {
  std::vector<double> cumulative = all.popularity();
  for (std::size_t id = 1; id < cumulative.size(); ++id)
    cumulative[id] = cumulative[id - 1] + std::pow(cumulative[id], options.popularity_power);
  std::vector<std::vector<std::int32_t>> out(all.sequences.size());
  for (std::size_t u = 0; u < out.size(); ++u) {
    std::vector<std::int32_t> known = all.sequences[u];
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    if (known.size() >= all.items.size())
      throw DataError(text("negative_samples: expected users who do not know all ", all.items.size(),
                           " items, received one, number ", u));
    const Random random = Random(options.seed).stream("negative_samples").stream(u);
    for (std::uint64_t draw = 0; out[u].size() < options.count; ++draw) {
      const double place = random.uniform(draw) * cumulative.back();
      const auto id = static_cast<std::int32_t>(std::upper_bound(cumulative.begin() + 1, cumulative.end() - 1, place) -
                                                cumulative.begin());
      if (!std::binary_search(known.begin(), known.end(), id)) out[u].push_back(id);
    }
  }
  return out;
}

}  // namespace foretell

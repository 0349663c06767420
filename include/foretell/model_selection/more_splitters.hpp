// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/model_selection/group_splitters.hpp"
#include "foretell/model_selection/splitters.hpp"

namespace foretell {

struct TimeSeriesSplitOptions {
  std::size_t n_splits = 5;
  std::size_t max_train_size = 0;  ///< the last so many rows of a training part; 0: all
  std::size_t test_size = 0;       ///< rows to test on; 0: rows / (n_splits + 1)
  std::size_t gap = 0;             ///< rows between the parts that are left out
};

/// Rows in order of time: each fold tests on what comes after its training rows. As scikit-learn's.
class TimeSeriesSplit {
 public:
  explicit TimeSeriesSplit(TimeSeriesSplitOptions options = {}) : options_(options) {}
  const TimeSeriesSplitOptions& options() const { return options_; }
  /// Throws ConfigError for n_splits below 2, DataError when the rows are too few.
  std::vector<IndexSplit> split(std::size_t rows) const {
    const std::size_t n = options_.n_splits;
    detail::check_splits("TimeSeriesSplit", n, rows);
    const std::size_t test = options_.test_size ? options_.test_size : rows / (n + 1);
    if (test == 0 || rows <= options_.gap || (rows - options_.gap - 1) / n < test)
      throw DataError(text("TimeSeriesSplit: ", rows, " rows are too few for ", n, " folds of ", test,
                           " test rows after a gap of ", options_.gap, "; lower n_splits, test_size or gap."));
    std::vector<IndexSplit> folds(n);
    for (std::size_t f = 0; f < n; ++f) {
      const std::size_t start = rows - (n - f) * test, end = start - options_.gap;
      const std::size_t first =
          options_.max_train_size && options_.max_train_size < end ? end - options_.max_train_size : 0;
      for (std::size_t row = first; row < end; ++row) folds[f].train.push_back(row);
      for (std::size_t row = start; row < start + test; ++row) folds[f].test.push_back(row);
    }
    return folds;
  }

 private:
  TimeSeriesSplitOptions options_;
};

struct RepeatOptions {
  std::size_t n_splits = 5, n_repeats = 10;
  std::uint64_t seed = 0;
};

/// The folds of a splitter that shuffles, n_repeats times with other chance.
template <class Splitter>
class Repeated {
 public:
  explicit Repeated(RepeatOptions options = {}) : options_(options) {}
  const RepeatOptions& options() const { return options_; }
  /// Throws as the splitter does, and ConfigError for no repeats.
  template <class Labels>
  std::vector<IndexSplit> split(const Labels& labels) const {
    if (options_.n_repeats == 0) throw ConfigError("RepeatedKFold: expected n_repeats of 1 or more, received 0.");
    std::vector<IndexSplit> all;
    for (std::size_t r = 0; r < options_.n_repeats; ++r) {
      const std::uint64_t seed = Random(options_.seed).stream("Repeated").bits(r);
      for (IndexSplit& fold : Splitter({.n_splits = options_.n_splits, .shuffle = true, .seed = seed}).split(labels))
        all.push_back(std::move(fold));
    }
    return all;
  }

 private:
  RepeatOptions options_;
};
using RepeatedKFold = Repeated<KFold>;
using RepeatedStratifiedKFold = Repeated<StratifiedKFold>;

struct ShuffleSplitOptions {
  std::size_t n_splits = 10;
  double test_size = 0.1;
  std::uint64_t seed = 0;
};

/// n_splits times a random part to test on; parts of different splits overlap.
class ShuffleSplit {
 public:
  explicit ShuffleSplit(ShuffleSplitOptions options = {}) : options_(options) {}
  const ShuffleSplitOptions& options() const { return options_; }
  /// Throws as split_indices does, and ConfigError for no splits.
  std::vector<IndexSplit> split(std::size_t rows) const { return drawn(rows, {}); }

 protected:
  std::vector<IndexSplit> drawn(std::size_t rows, const std::vector<std::int32_t>& classes) const {
    if (options_.n_splits == 0) throw ConfigError("ShuffleSplit: expected n_splits of 1 or more, received 0.");
    std::vector<IndexSplit> all;
    for (std::size_t i = 0; i < options_.n_splits; ++i)
      all.push_back(split_indices(
          rows, {.test_size = options_.test_size, .seed = Random(options_.seed).stream("ShuffleSplit").bits(i)},
          classes));
    return all;
  }

 private:
  ShuffleSplitOptions options_;
};

/// The same with equal shares of each class in both parts.
class StratifiedShuffleSplit : private ShuffleSplit {
 public:
  using ShuffleSplit::options;
  using ShuffleSplit::ShuffleSplit;
  template <ArrayLike Labels>
  std::vector<IndexSplit> split(const Labels& labels) const {
    const std::size_t rows = as_array<double>(labels).rows();
    std::vector<std::int32_t> classes;
    for (const std::size_t c : detail::places_of(labels, rows, "StratifiedShuffleSplit", "class"))
      classes.push_back(static_cast<std::int32_t>(c));
    return drawn(rows, classes);
  }
};

}  // namespace foretell

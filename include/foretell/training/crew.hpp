// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "foretell/core/parallel.hpp"
#include "foretell/graph/workspace.hpp"
#include "foretell/training/data.hpp"

namespace foretell {

/// What one thread needs for a shard.
template <class T>
struct ShardWorker {
  ShardWorker(std::shared_ptr<const Program> program, const Dataset<T>& data, std::size_t outputs, std::size_t rows)
      : workspace(std::move(program), rows), batch(data, rows), losses(outputs) {}

  Workspace<T> workspace;
  Batch<T> batch;
  std::vector<double> losses;  ///< of the shard, summed over its rows, one for each output
};

/// Runs rows in shards of a fixed size: a round of as many shards as there are threads at once, then what must happen
/// in order, shard by shard. So results do not depend on the number of threads. Allocates only when made.
template <class T>
class Crew {
 public:
  /// For runs of at most `rows` rows of `data`, whose arrays are looked at when it runs.
  Crew(std::shared_ptr<const Program> program, const Dataset<T>& data, std::size_t outputs, std::size_t rows,
       std::size_t shard_rows, Executor executor)
      : executor_(std::move(executor)) {
    const std::size_t shards = (rows + shard_rows - 1) / std::max<std::size_t>(1, shard_rows);
    const std::size_t workers = std::clamp<std::size_t>(executor_.threads(), 1, std::max<std::size_t>(1, shards));
    for (std::size_t w = 0; w < workers; ++w)
      workers_.push_back(std::make_unique<ShardWorker<T>>(program, data, outputs, shard_rows));
  }

  /// side_by_side(worker, number of the shard) on any thread, then in_order(worker, number of the worker) on this one.
  template <class SideBySide, class InOrder>
  void run(const RowChoice& rows, std::size_t shard_rows, const SideBySide& side_by_side, const InOrder& in_order) {
    const std::size_t shards = (rows.count + shard_rows - 1) / shard_rows;
    for (std::size_t first = 0; first < shards; first += workers_.size()) {
      const std::size_t count = std::min(workers_.size(), shards - first);
      executor_.run(count, [&](std::size_t w) {
        const std::size_t offset = (first + w) * shard_rows;
        workers_[w]->batch.read(rows.part(offset, std::min(shard_rows, rows.count - offset)));
        side_by_side(*workers_[w], first + w);
      });
      for (std::size_t w = 0; w < count; ++w)
        workers_[w]->workspace.expect_accepted("a batch", (first + w) * shard_rows);
      for (std::size_t w = 0; w < count; ++w) in_order(*workers_[w], w);
    }
  }

  std::size_t size() const { return workers_.size(); }
  const ShardWorker<T>& worker(std::size_t w) const { return *workers_[w]; }
  const Executor& executor() const { return executor_; }

 private:
  Executor executor_;
  std::vector<std::unique_ptr<ShardWorker<T>>> workers_;
};

}  // namespace foretell

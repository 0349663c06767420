// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>

#include "foretell/graph/program.hpp"

namespace foretell::detail {

/// What cutting a batch costs and saves, as measured with benchmarks/compare (T1 to T10) on the machine of
/// docs/performance.md. Sums over shards round by where they are cut: a checkpoint has the rows of its shards, so that
/// other numbers here change no run that is resumed.
struct ShardCosts {
  static constexpr double operations_per_ns = 85;       ///< of the products of one thread
  static constexpr double operations_per_product = 6;   ///< a multiply-add forward, two backward
  static constexpr double small = 256e3, middle = 1e6;  ///< bytes of gradients up to which they are near
  static constexpr double ns_small = 0.15, ns_middle = 0.4, ns_large = 1;  ///< to add one number of them to another
  static constexpr double most_share = 0.04;      ///< of the products' time, for the sums over shards
  static constexpr std::size_t most = 8;          ///< shards
  static constexpr std::size_t least_rows = 128;  ///< of a shard, for the sake of its products
  static constexpr std::size_t many_positions = 4, least_rows_of_many = 16;  ///< where a row is several to a product
  static constexpr std::size_t multiple = 8;                                 ///< rows come in
};

/// The rows of a shard for batches of `rows`: by the network and the rows alone, not the threads. A network of many
/// weights and few rows is one shard, whose products are shared between threads by their columns.
inline std::size_t rows_of_shard(const Program& program, std::size_t rows) {
  using Costs = ShardCosts;
  const auto weights = static_cast<double>(program.weights);
  const double operations =
      Costs::operations_per_product * static_cast<double>(rows) * static_cast<double>(program.multiply_adds);
  const double products = operations / Costs::operations_per_ns;
  const double bytes = weights * static_cast<double>(program.scalar_bytes);
  const double sum = weights * (bytes < Costs::small    ? Costs::ns_small
                                : bytes < Costs::middle ? Costs::ns_middle
                                                        : Costs::ns_large);
  const std::size_t least = program.positions < Costs::many_positions ? Costs::least_rows : Costs::least_rows_of_many;
  std::size_t shards = Costs::most;
  while (shards > 1 && (rows < shards * least || static_cast<double>(shards - 1) * sum > Costs::most_share * products))
    shards /= 2;
  return std::min(rows, ((rows + shards - 1) / shards + Costs::multiple - 1) / Costs::multiple * Costs::multiple);
}

}  // namespace foretell::detail

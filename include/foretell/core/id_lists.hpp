// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace foretell {

/// Ids of items for each of several queries, as the offsets() and all_indices() of a SparseMatrix: those of query i are
/// ids[offsets[i]] up to ids[offsets[i + 1]], without that. No offsets: no ids for any query. Borrowed.
struct IdLists {
  std::span<const std::size_t> offsets{};  ///< one more than queries
  std::span<const std::uint32_t> ids{};

  std::span<const std::uint32_t> operator[](std::size_t query) const {
    if (offsets.empty()) return {};
    return ids.subspan(offsets[query], offsets[query + 1] - offsets[query]);
  }
};

/// In place of an id where there is none.
inline constexpr std::uint32_t no_item = std::numeric_limits<std::uint32_t>::max();

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace foretell {

/// The rows of a big table that a step has written to, each once, in the order of the first time.
class TouchedRows {
 public:
  TouchedRows() = default;
  explicit TouchedRows(std::size_t rows) : seen_(rows) { list_.reserve(rows); }

  void touch(std::size_t row) {
    if (seen_[row]) return;
    seen_[row] = 1;
    list_.push_back(static_cast<std::uint32_t>(row));
  }
  void clear() {
    for (const std::uint32_t row : list_) seen_[row] = 0;
    list_.clear();
  }
  std::span<const std::uint32_t> rows() const { return list_; }

 private:
  std::vector<std::uint8_t> seen_;
  std::vector<std::uint32_t> list_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace foretell {

/// How often a column was missing, or held a value not seen in fit, in transforms since fit, load or clear_hits.
struct ColumnHits {
  std::string name;
  std::uint64_t missing = 0, unknown = 0;
};

namespace detail {

/// A counter that const code may raise from several threads. A copy starts with the same count.
class HitCounter {
 public:
  HitCounter() = default;
  HitCounter(const HitCounter& other) : count_(other.get()) {}
  HitCounter& operator=(const HitCounter& other) {
    set(other.get());
    return *this;
  }

  std::uint64_t get() const { return count_.load(std::memory_order_relaxed); }
  void set(std::uint64_t count) { count_.store(count, std::memory_order_relaxed); }
  void raise() const { count_.fetch_add(1, std::memory_order_relaxed); }

 private:
  mutable std::atomic<std::uint64_t> count_{0};
};

/// The counters of one column.
struct HitCounters {
  HitCounter missing, unknown;
};

}  // namespace detail
}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "foretell/preprocessing/schema.hpp"

namespace foretell {

/// How often a column was missing, held a category not seen in fit, or a value of another kind than the column's (a
/// text that is no number, a number among texts): each cell counts once. hits() of a transformer counts in transforms
/// since fit, load or clear_hits.
struct ColumnHits {
  std::string name;
  std::uint64_t missing = 0, unknown = 0, unreadable = 0;
};

namespace detail {

/// Counts one cell of a column of that kind.
template <class Counts>
void count_cell(Counts& counts, Kind kind, double cell) {
  if (is_missing(kind, cell))
    ++counts.missing;
  else if (is_unreadable(kind, cell))
    ++counts.unreadable;
  else if (cell < 0 && kind == Kind::category)
    ++counts.unknown;
}

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
  HitCounter missing, unknown, unreadable;

  /// Counts a cell that is NaN.
  void raise_missing(double cell) const { (is_unreadable_value(cell) ? unreadable : missing).raise(); }
};

/// The counters of some columns, by name.
class Counters {
 public:
  Counters() = default;
  explicit Counters(std::vector<std::string> names) : names_(std::move(names)), counts_(names_.size()) {}

  const std::vector<std::string>& names() const { return names_; }
  const HitCounters& operator[](std::size_t c) const { return counts_[c]; }
  void clear() { *this = Counters(names_); }
  std::vector<ColumnHits> hits() const {
    std::vector<ColumnHits> hits(names_.size());
    for (std::size_t c = 0; c < hits.size(); ++c)
      hits[c] = {names_[c], counts_[c].missing.get(), counts_[c].unknown.get(), counts_[c].unreadable.get()};
    return hits;
  }

  /// Shows the names; others begin at zero.
  void fields(auto&& f) {
    std::vector<std::string> names = names_;
    f("names", names);
    if (names != names_) *this = Counters(std::move(names));
  }

 private:
  std::vector<std::string> names_;
  std::vector<HitCounters> counts_;
};

}  // namespace detail
}  // namespace foretell

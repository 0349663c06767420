// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

namespace foretell::detail {

/// Makes a range of what has `std::optional<Value> next()`: for (const Value& value : source).
template <class Source, class Value>
class NextIterator {
 public:
  using value_type = Value;
  using difference_type = std::ptrdiff_t;
  explicit NextIterator(Source* source) : source_(source) { ++*this; }
  const Value& operator*() const { return *value_; }
  NextIterator& operator++() {
    value_ = source_->next();
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const { return !value_; }

 private:
  Source* source_;
  std::optional<Value> value_;
};

}  // namespace foretell::detail

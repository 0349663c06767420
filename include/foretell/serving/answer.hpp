// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <span>

#include "foretell/preprocessing/hits.hpp"

namespace foretell {

/// The answer to one request, and what it stood on: how many of the request's cells were missing, unknown or
/// unreadable. Allocates nothing.
template <class T = float>
class Answer {
 public:
  /// `values` is not empty; `cells` are those of `schema`.
  Answer(std::span<const T> values, const Schema& schema, std::span<const double> cells)
      : values_(values), value_(values[0]) {
    for (std::size_t c = 0; c < cells.size(); ++c)
      if (!(cells[c] > 0)) detail::count_cell(counts_, schema[c].kind, cells[c]);
  }

  /// The first number of the model's first output: a probability where there is one output of a sigmoid.
  T value() const { return value_; }
  /// All numbers of the first output; valid until the next call of who answered.
  std::span<const T> values() const { return values_; }

  /// Cells that were not set, or set as missing.
  std::size_t missing() const { return counts_.missing; }
  /// Categories not seen in training, of columns of texts. Of number columns that an encoder takes as categories, such
  /// as ids, hits() of the preprocessing counts them.
  std::size_t unknown() const { return counts_.unknown; }
  /// Values of another kind than their column's: "1,5" or "abc" where numbers stand, which count as missing to the
  /// model, a number where texts stand, which is an unknown category to it. They are in none of the other counts.
  std::size_t unreadable() const { return counts_.unreadable; }

 private:
  struct Counts {
    std::size_t missing = 0, unknown = 0, unreadable = 0;
  };

  std::span<const T> values_;
  T value_;
  Counts counts_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/data/column.hpp"

namespace foretell {

/// What a supervised transformer learns from besides the columns: one number a row. Texts and booleans are classes,
/// numbered in the order of their spelling.
class Target {
 public:
  /// Throws DataError for a missing value.
  Target(const Column& y, std::string_view who) {
    if (y.kind() == Kind::number) {
      values_ = y.numbers();
    } else {
      const auto& texts = y.dictionary();
      std::vector<bool> used(texts.size());
      values_.resize(y.size());
      for (std::size_t r = 0; r < y.size(); ++r) {
        values_[r] = y.missing(r) ? std::nan("") : y.code(r);
        if (!y.missing(r)) used[static_cast<std::size_t>(y.code(r))] = true;
      }
      for (std::size_t code = 0; code < texts.size(); ++code)
        if (used[code]) labels_.push_back(texts[code]);
      std::sort(labels_.begin(), labels_.end());
      std::vector<double> place(texts.size());
      for (std::size_t code = 0; code < texts.size(); ++code)
        place[code] =
            static_cast<double>(std::lower_bound(labels_.begin(), labels_.end(), texts[code]) - labels_.begin());
      for (double& value : values_)
        if (value == value) value = place[static_cast<std::size_t>(value)];
    }
    need_all(who);
  }
  /// Numbers of shape (rows) or (rows, 1); throws ShapeError for more a row.
  template <ArrayLike Y>
  Target(const Y& y, std::string_view who) {
    const Array<double> values = as_array<double>(y);
    if (values.rank() != 1 && values.size() != values.rows())
      throw ShapeError(text(who, ": expected a target of one number a row, received ", values.row_size(), " a row."));
    values_.assign(values.begin(), values.end());
    need_all(who);
  }

  std::size_t rows() const { return values_.size(); }
  const std::vector<double>& values() const { return values_; }
  /// The texts behind the values 0, 1, ...; empty for a target of numbers.
  const std::vector<std::string>& labels() const { return labels_; }

  /// The distinct values in ascending order.
  std::vector<double> distinct() const {
    std::vector<double> distinct = values_;
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    return distinct;
  }

 private:
  void need_all(std::string_view who) const {
    for (std::size_t r = 0; r < values_.size(); ++r)
      if (!std::isfinite(values_[r]))
        throw DataError(text(who, ": the target in row ", r, " is ", std::isnan(values_[r]) ? "missing" : "infinite",
                             "; drop the rows without one."));
  }

  std::vector<double> values_;
  std::vector<std::string> labels_;
};

/// The classes of a target: the place of each row's value among the distinct ones.
inline std::vector<std::size_t> class_of_rows(const Target& y, const std::vector<double>& distinct) {
  std::vector<std::size_t> places;
  places.reserve(y.rows());
  for (const double value : y.values())
    places.push_back(
        static_cast<std::size_t>(std::lower_bound(distinct.begin(), distinct.end(), value) - distinct.begin()));
  return places;
}

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/quantile.hpp"
#include "foretell/data/key_index.hpp"
#include "foretell/data/sort.hpp"
#include "foretell/data/table.hpp"

namespace foretell {

/// What is made of the rows of a group: agg::sum("price").
struct Aggregation {
  enum class Kind : std::uint8_t {
    rows,
    count,
    sum,
    mean,
    variance,
    deviation,
    least,
    greatest,
    quantile,
    first,
    last,
    distinct,
    mode
  };
  Kind kind = Kind::rows;
  std::string column{};
  double q = 0.5;
};

/// Aggregations, as pandas.DataFrame.groupby has them: missing values are left out of each, and a group without values
/// has a missing one (a sum of 0, a count of 0). sum, mean, var, stddev (these two divide by n - 1), median and
/// quantile are for numbers and booleans (pandas has no quantile of booleans); the others for every kind.
namespace agg {
inline Aggregation size() { return {}; }  ///< rows, whatever they hold
inline Aggregation count(std::string column) { return {Aggregation::Kind::count, std::move(column)}; }
inline Aggregation sum(std::string column) { return {Aggregation::Kind::sum, std::move(column)}; }
inline Aggregation mean(std::string column) { return {Aggregation::Kind::mean, std::move(column)}; }
inline Aggregation var(std::string column) { return {Aggregation::Kind::variance, std::move(column)}; }
inline Aggregation stddev(std::string column) { return {Aggregation::Kind::deviation, std::move(column)}; }
inline Aggregation min(std::string column) { return {Aggregation::Kind::least, std::move(column)}; }
inline Aggregation max(std::string column) { return {Aggregation::Kind::greatest, std::move(column)}; }
inline Aggregation median(std::string column) { return {Aggregation::Kind::quantile, std::move(column)}; }
inline Aggregation quantile(std::string column, double q) {
  return {Aggregation::Kind::quantile, std::move(column), q};
}
inline Aggregation first(std::string column) { return {Aggregation::Kind::first, std::move(column)}; }
inline Aggregation last(std::string column) { return {Aggregation::Kind::last, std::move(column)}; }
inline Aggregation nunique(std::string column) { return {Aggregation::Kind::distinct, std::move(column)}; }
/// The most frequent value; of several the least.
inline Aggregation mode(std::string column) { return {Aggregation::Kind::mode, std::move(column)}; }
}  // namespace agg

struct GroupByOptions {
  bool sort = true;           ///< groups in ascending order of their keys; otherwise as they come up
  bool keep_missing = false;  ///< rows with a missing key are a group too; otherwise they are left out
};

/// The rows of a table in groups of equal keys.
///
///   const Table users = GroupBy(visits, "user").aggregate({{"visits", agg::size()}, {"spent", agg::sum("price")}});
class GroupBy {
 public:
  /// Throws DataError when a column does not exist, ConfigError for no columns.
  GroupBy(Table table, Names keys, const GroupByOptions& options = {})
      : table_(std::move(table)),
        keys_(std::move(keys)),
        index_("GroupBy", table_, keys_, options.keep_missing ? detail::MissingKeys::keep : detail::MissingKeys::drop),
        ids_(index_.ids()) {
    std::vector<std::size_t> first = index_.first();
    groups_ = table_.select(keys_).take(first);
    if (options.sort) {
      const std::vector<std::size_t> order = sort_order(groups_, keys_);
      std::vector<std::int32_t> place(order.size());
      for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = static_cast<std::int32_t>(i);
      for (auto& id : ids_)
        if (id >= 0) id = place[static_cast<std::size_t>(id)];
      groups_ = groups_.take(order);
    }
  }

  /// How many groups there are, their keys, and the group of each row, -1 for none.
  std::size_t size() const { return groups_.rows(); }
  const Table& keys() const { return groups_; }
  const std::vector<std::int32_t>& ids() const { return ids_; }

  /// One row a group: the keys, then the aggregations under the names given. Throws DataError for a column that does
  /// not exist or is of a kind that the aggregation is not for, ConfigError for a quantile outside [0, 1].
  Table aggregate(const std::vector<std::pair<std::string, Aggregation>>& what) const {
    Table out = groups_;
    for (const auto& [name, aggregation] : what) out.add(name, column_of(aggregation));
    return out;
  }
  /// That aggregation of its group for each row, in the order of the table; missing for rows in none.
  Column transform(const Aggregation& aggregation) const {
    std::vector<std::size_t> groups(ids_.size());
    for (std::size_t row = 0; row < groups.size(); ++row)
      groups[row] = ids_[row] < 0 ? Column::no_row : static_cast<std::size_t>(ids_[row]);
    return column_of(aggregation).pick(groups);
  }

 private:
  static constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  static constexpr std::size_t none = Column::no_row;

  Column column_of(const Aggregation& a) const {
    using Of = Aggregation::Kind;
    std::vector<double> n(size());
    if (a.kind == Of::rows) {
      for (const std::int32_t id : ids_)
        if (id >= 0) ++n[static_cast<std::size_t>(id)];
      return n;
    }
    const Column& column = table_.column(a.column);
    const auto each = [&](const auto& f) {
      for (std::size_t row = 0; row < ids_.size(); ++row)
        if (ids_[row] >= 0 && !column.missing(row)) f(static_cast<std::size_t>(ids_[row]), row);
    };
    switch (a.kind) {
      case Of::count:
        each([&](std::size_t g, std::size_t) { ++n[g]; });
        return n;
      case Of::first:
      case Of::last: {
        std::vector<std::size_t> rows(size(), none);
        each([&](std::size_t g, std::size_t row) {
          if (rows[g] == none || a.kind == Of::last) rows[g] = row;
        });
        return column.pick(rows);
      }
      case Of::least:
      case Of::greatest:
        return extreme(column, a.kind == Of::greatest);
      case Of::distinct:
      case Of::mode:
        return by_value(column, a.kind == Of::mode);
      case Of::quantile:
        return quantiles(column, a);
      default:
        break;
    }
    std::vector<double> room;
    const std::span<const double> values = numbers_of(column, a, room);
    const auto each_number = [&](const auto& f) {
      for (std::size_t row = 0; row < ids_.size(); ++row)
        if (ids_[row] >= 0 && !std::isnan(values[row])) f(static_cast<std::size_t>(ids_[row]), values[row]);
    };
    std::vector<double> sum(size());
    each_number([&](std::size_t g, double value) { sum[g] += value, ++n[g]; });
    if (a.kind == Of::sum) return sum;
    for (std::size_t g = 0; g < size(); ++g) sum[g] = n[g] > 0 ? sum[g] / n[g] : nan;
    if (a.kind == Of::mean) return sum;
    std::vector<double> squares(size());
    each_number([&](std::size_t g, double value) { squares[g] += (value - sum[g]) * (value - sum[g]); });
    for (std::size_t g = 0; g < size(); ++g) {
      squares[g] = n[g] > 1 ? squares[g] / (n[g] - 1) : nan;
      if (a.kind == Of::deviation) squares[g] = std::sqrt(squares[g]);
    }
    return squares;
  }

  Column extreme(const Column& column, bool greatest) const {
    const std::vector<std::uint64_t> keys = detail::sort_keys(column, greatest);
    std::vector<std::size_t> rows(size(), none);
    for (std::size_t row = 0; row < ids_.size(); ++row) {
      if (ids_[row] < 0 || keys[row] == detail::missing_key) continue;
      std::size_t& best = rows[static_cast<std::size_t>(ids_[row])];
      if (best == none || keys[row] < keys[best]) best = row;
    }
    return column.pick(rows);
  }

  /// The number of different values of each group, or its most frequent one.
  Column by_value(const Column& column, bool mode) const {
    const std::vector<std::uint64_t> keys = detail::sort_keys(column);
    const detail::GroupRows groups(ids_, size());
    std::vector<double> distinct(size());
    std::vector<std::size_t> most(size(), none);
    std::vector<std::pair<std::uint64_t, std::size_t>> values;
    for (std::size_t g = 0; g < size(); ++g) {
      values.clear();
      for (std::size_t i = groups.starts[g]; i < groups.starts[g + 1]; ++i)
        if (keys[groups.rows[i]] != detail::missing_key) values.emplace_back(keys[groups.rows[i]], groups.rows[i]);
      std::sort(values.begin(), values.end());
      std::size_t longest = 0;
      for (std::size_t i = 0, end = 0; i < values.size(); i = end, ++distinct[g]) {
        while (end < values.size() && values[end].first == values[i].first) ++end;
        if (end - i > longest) longest = end - i, most[g] = values[i].second;
      }
    }
    return mode ? column.pick(most) : Column(std::move(distinct));
  }

  Column quantiles(const Column& column, const Aggregation& a) const {
    std::vector<double> room;
    const std::span<const double> numbers = numbers_of(column, a, room);
    if (!(a.q >= 0 && a.q <= 1)) throw ConfigError(text("agg::quantile: expected q in [0, 1], received ", a.q, "."));
    const detail::GroupRows groups(ids_, size());
    std::vector<double> out(size(), nan), values;
    for (std::size_t g = 0; g < size(); ++g) {
      values.clear();
      for (std::size_t i = groups.starts[g]; i < groups.starts[g + 1]; ++i)
        if (!std::isnan(numbers[groups.rows[i]])) values.push_back(numbers[groups.rows[i]]);
      std::sort(values.begin(), values.end());
      if (!values.empty()) out[g] = detail::quantile_of_sorted(values, a.q);
    }
    return out;
  }

  /// The numbers of a column of numbers or booleans, missing ones NaN; throws DataError for texts.
  static std::span<const double> numbers_of(const Column& column, const Aggregation& a, std::vector<double>& room) {
    using Of = Aggregation::Kind;
    if (column.kind() == Kind::category)
      throw DataError(text("GroupBy: column \"", column.name(), "\" holds text, of which there is no ",
                           a.kind == Of::sum        ? "sum"
                           : a.kind == Of::mean     ? "mean"
                           : a.kind == Of::quantile ? "quantile"
                                                    : "variance",
                           "; use count, nunique, mode, min, max, first or last."));
    if (column.kind() == Kind::number) return column.numbers();
    room.resize(column.size());
    column.write_to(room.data(), 1);
    return room;
  }

  Table table_;
  Names keys_;
  detail::KeyIndex index_;
  std::vector<std::int32_t> ids_;
  Table groups_;
};

/// One row a value of the column: the value, how often it comes up, and its share of the rows that are not missing;
/// the most frequent first, equally frequent ones in ascending order (pandas: in that of their first rows).
inline Table value_counts(const Column& column) {
  const Table alone{{"value", column}};
  const Table counts = GroupBy(alone, "value").aggregate({{"count", agg::size()}});
  std::vector<double> share;
  double all = 0;
  for (const double n : counts.column("count").numbers()) all += n;
  for (const double n : counts.column("count").numbers()) share.push_back(n / all);
  return sort_by(counts.with("share", share), "count", {.descending = {true}});
}

}  // namespace foretell

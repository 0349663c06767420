// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/data/events/event_log.hpp"
#include "foretell/data/group_by.hpp"

// What is known of a user before each event: columns for log.table(), made of earlier events of the same user only, so
// that no feature sees its own event or a later one.

namespace foretell {

/// The value k events before; missing for a user's first k. As pandas' groupby(user)[column].shift(k).
inline Column lag(const EventLog& log, const std::string& column, std::size_t k = 1) {
  std::vector<std::size_t> rows(log.rows(), Column::no_row);
  for (std::size_t u = 0; u < log.users(); ++u)
    for (std::size_t row = log.start(u) + k; row < log.start(u + 1); ++row) rows[row] = row - k;
  return log.table().column(column).pick(rows);
}

/// How many events the user had before. As pandas' groupby(user).cumcount().
inline Column events_before(const EventLog& log) {
  std::vector<double> counts(log.rows());
  for (std::size_t u = 0; u < log.users(); ++u)
    for (std::size_t row = log.start(u); row < log.start(u + 1); ++row)
      counts[row] = static_cast<double>(row - log.start(u));
  return counts;
}

/// The time that has passed since the user's event before; missing for the first.
inline Column time_since_last(const EventLog& log) {
  std::vector<double> since(log.rows(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t u = 0; u < log.users(); ++u)
    for (std::size_t row = log.start(u) + 1; row < log.start(u + 1); ++row)
      since[row] = log.times()[row] - log.times()[row - 1];
  return since;
}

/// Which earlier events `rolling` looks at: the last so many, or those of the last so much time (t - time <= earlier <
/// t).
struct RollingWindow {
  std::size_t events = 0;
  double time = 0;
};

/// An aggregation (size, count, sum, mean, var, stddev, min, max) of a number column over a user's earlier events in a
/// window. As pandas' groupby(user)[column].rolling(..., closed="left", min_periods=1), but for sums of nothing, which
/// are 0. Throws ConfigError for other aggregations and a window that is not one, DataError for a column of text.
inline Column rolling(const EventLog& log, const Aggregation& a, const RollingWindow& window) {
  using Of = Aggregation::Kind;
  if ((window.events > 0) == (window.time > 0))
    throw ConfigError("rolling: expected a window of events or of time, received both or neither");
  if (a.kind > Of::greatest)
    throw ConfigError(
        "rolling: expected size, count, sum, mean, var, stddev, min or max, received another aggregation");
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const Column* const column = a.kind == Of::rows ? nullptr : &log.table().column(a.column);
  if (column && column->kind() == Kind::category && a.kind != Of::count)
    throw DataError(
        text("rolling: expected a number column, received \"", a.column, "\", which holds text; use count"));
  std::vector<double> out(log.rows());
  for (std::size_t u = 0; u < log.users(); ++u) {
    std::size_t first = log.start(u);
    for (std::size_t row = log.start(u); row < log.start(u + 1); ++row) {
      std::size_t last = row;  // the events first ... last - 1
      if (window.events > 0) {
        first = std::max(log.start(u), row - std::min(row, window.events));
      } else {
        while (first < row && log.times()[first] < log.times()[row] - window.time) ++first;
        while (last > first && log.times()[last - 1] == log.times()[row]) --last;
      }
      double count = 0, sum = 0, least = nan, greatest = nan;
      for (std::size_t i = first; column && i < last; ++i) {
        if (column->missing(i)) continue;
        const double value = column->number(i);
        ++count;
        sum += value;
        if (!(least <= value)) least = value;
        if (!(greatest >= value)) greatest = value;
      }
      double squares = 0;
      const double mean = sum / count;
      if (a.kind == Of::variance || a.kind == Of::deviation)
        for (std::size_t i = first; i < last; ++i)
          if (!column->missing(i)) squares += (column->number(i) - mean) * (column->number(i) - mean);
      const double variance = count > 1 ? squares / (count - 1) : nan;
      out[row] = a.kind == Of::rows        ? static_cast<double>(last - first)
                 : a.kind == Of::count     ? count
                 : a.kind == Of::sum       ? sum
                 : a.kind == Of::mean      ? (count > 0 ? mean : nan)
                 : a.kind == Of::variance  ? variance
                 : a.kind == Of::deviation ? std::sqrt(variance)
                 : a.kind == Of::least     ? least
                                           : greatest;
    }
  }
  return out;
}

}  // namespace foretell

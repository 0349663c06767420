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
#include "foretell/data/events/sliding_fold.hpp"
#include "foretell/data/group_by.hpp"

// What is known of a user before each event: columns for log.table(), made of earlier events of the same user only, so
// that no feature sees its own event or a later one.

namespace foretell {

/// The value k events before; missing for a user's first k. As pandas' groupby(user)[column].shift(k). Throws
/// ConfigError for a k of 0, the event itself.
inline Column lag(const EventLog& log, const std::string& column, std::size_t k = 1) {
  if (k == 0) throw ConfigError("lag: expected a k of 1 or more, received 0, the event itself");
  std::vector<std::size_t> rows(log.rows(), Column::no_row);
  for (std::size_t u = 0; u < log.users(); ++u)
    for (std::size_t row = log.start(u + 1); row-- > log.start(u);)
      if (row - log.start(u) >= k) rows[row] = row - k;
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

namespace detail {

/// f(row, first, last) for each event: its window is the rows first ... last - 1. Neither end ever goes back.
template <class F>
void for_each_window(const EventLog& log, const RollingWindow& window, const F& f) {
  const std::vector<double>& times = log.times();
  for (std::size_t u = 0; u < log.users(); ++u) {
    std::size_t first = log.start(u), last = first;
    for (std::size_t row = log.start(u); row < log.start(u + 1); ++row) {
      if (window.events > 0) {
        last = row;
        first = std::max(first, row - std::min(row, window.events));
      } else {
        if (times[row] != times[last]) last = row;  // events of the same time are not earlier
        while (first < last && times[first] < times[row] - window.time) ++first;
      }
      f(row, first, last);
    }
  }
}

/// answer(Part) of the values in each event's window.
template <class Part, class Answer>
std::vector<double> fold_windows(const EventLog& log, const RollingWindow& window, const Column& column,
                                 const Answer& answer) {
  std::vector<double> out(log.rows());
  SlidingFold<Part> values;
  const auto part_of = [&](std::size_t row) { return column.missing(row) ? Part() : Part::of(column.number(row)); };
  for_each_window(log, window, [&](std::size_t row, std::size_t first, std::size_t last) {
    out[row] = answer(values.fold(first, last, part_of));
  });
  return out;
}

}  // namespace detail

/// An aggregation (size, count, sum, mean, var, stddev, min, max) of a number column over a user's earlier events in a
/// window, in a time that grows with the events, however many a window has. Throws ConfigError for other aggregations
/// and a window that is not one, DataError for a column of text.
///
/// As pandas' groupby(user)[column].rolling(..., closed="left", min_periods=1), with these differences: sums and counts
/// of nothing are 0; infinite values are values, where pandas takes them for missing ones; sums and means are right to
/// the last bit or two, where pandas adds and takes away (a sum of pandas 3.1.1 may be wrong altogether, and below 0,
/// once far larger values have left the window; its variance of 1e9, 1e9 + 0.1, 1e9 + 0.2 is off by 6e-7).
inline Column rolling(const EventLog& log, const Aggregation& a, const RollingWindow& window) {
  using Of = Aggregation::Kind;
  if ((window.events > 0) == (window.time != 0) || !(window.time >= 0))
    throw ConfigError(text("rolling: expected a window of events or of time above 0, received events = ", window.events,
                           " and time = ", window.time));
  if (a.kind > Of::greatest)
    throw ConfigError(
        "rolling: expected size, count, sum, mean, var, stddev, min or max, received another aggregation");
  if (a.kind == Of::rows) {
    std::vector<double> out(log.rows());
    detail::for_each_window(log, window, [&](std::size_t row, std::size_t first, std::size_t last) {
      out[row] = static_cast<double>(last - first);
    });
    return out;
  }
  const Column& column = log.table().column(a.column);
  if (column.kind() == Kind::category && a.kind != Of::count)
    throw DataError(
        text("rolling: expected a number column, received \"", a.column, "\", which holds text; use count"));
  switch (a.kind) {
    case Of::variance:
    case Of::deviation:
      return detail::fold_windows<detail::SpreadPart>(log, window, column, [&](const detail::SpreadPart& part) {
        return a.kind == Of::variance ? part.variance() : std::sqrt(part.variance());
      });
    case Of::least:
      return detail::fold_windows<detail::ExtremePart<false>>(log, window, column,
                                                              [](const auto& part) { return part.value; });
    case Of::greatest:
      return detail::fold_windows<detail::ExtremePart<true>>(log, window, column,
                                                             [](const auto& part) { return part.value; });
    default:
      return detail::fold_windows<detail::SumPart>(log, window, column, [&](const detail::SumPart& part) {
        return a.kind == Of::count ? part.count : a.kind == Of::sum ? part.sum() : part.mean();
      });
  }
}

}  // namespace foretell

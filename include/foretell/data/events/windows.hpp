// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/data/concat.hpp"
#include "foretell/data/events/event_log.hpp"
#include "foretell/data/group_by.hpp"
#include "foretell/data/join.hpp"

namespace foretell {

struct WindowOptions {
  std::vector<double> cutoffs{};                             ///< the times at which one asks
  double history = std::numeric_limits<double>::infinity();  ///< features see [cut-off - history, cut-off)
  double horizon = 0;                                        ///< labels see [cut-off, cut-off + horizon)
  /// Until when the log is known to be complete; NaN: until its last event.
  double end = std::numeric_limits<double>::quiet_NaN();
};

namespace detail {

/// Throws unless every horizon has been observed to its end: what came after the log ended is unknown, not nothing.
inline void check_horizons(const EventLog& log, const WindowOptions& options) {
  const std::vector<double>& times = log.times();
  if (times.empty()) return;
  const double last = *std::max_element(times.begin(), times.end()), end = std::isnan(options.end) ? last : options.end;
  if (end < last)
    throw ConfigError(text("windows: expected an end at or after the last event, ", last, ", received ", end));
  for (const double cutoff : options.cutoffs) {
    const double until = cutoff + options.horizon,
                 rounding = 4 * std::numeric_limits<double>::epsilon() * (std::abs(cutoff) + std::abs(end));
    if (until > end + rounding)
      throw DataError(text("windows: expected horizons within the log, which ends at ", end, ", received one until ",
                           until, " of the cutoff ", cutoff,
                           "; who has no event there may have one later: take an earlier cutoff, or set end when the "
                           "log is complete until then"));
  }
}

}  // namespace detail

/// What is known at a cut-off, and what came after it: one row for each cut-off and user with an event in the history,
/// with the columns `cutoff` and the user's name, the features, then the labels. No feature can see what a label sees.
/// Counts and sums of no event are 0, other labels missing.
///
///   windows(log, {.cutoffs = {march, april}, .history = 90 * day, .horizon = 30 * day},
///           {{"visits", agg::size()}, {"last", agg::max("time")}}, {{"spend", agg::sum("price")}})
///
/// Throws ConfigError for no cut-off, one that is not finite, or a history or horizon that is not positive; DataError
/// for labels whose horizon passes the end of the log (one that ends with the last event does not); as GroupBy does.
inline Table windows(const EventLog& log, const WindowOptions& options,
                     const std::vector<std::pair<std::string, Aggregation>>& features,
                     const std::vector<std::pair<std::string, Aggregation>>& labels = {}) {
  if (options.cutoffs.empty() || !(options.history > 0) || (!labels.empty() && !(options.horizon > 0)))
    throw ConfigError("windows: expected cutoffs, a history above 0 and, with labels, a horizon above 0");
  for (const double cutoff : options.cutoffs)
    if (!std::isfinite(cutoff)) throw ConfigError(text("windows: expected finite cutoffs, received ", cutoff));
  if (!labels.empty()) detail::check_horizons(log, options);
  const std::vector<double>& times = log.times();
  const std::string& user = log.columns().user;
  std::vector<Table> parts;
  for (const double cutoff : options.cutoffs) {
    const Table past = log.table().filter(
        [&](std::size_t row) { return times[row] < cutoff && times[row] >= cutoff - options.history; });
    Table part = GroupBy(past, user).aggregate(features);
    if (!labels.empty()) {
      const Table future = log.table().filter(
          [&](std::size_t row) { return times[row] >= cutoff && times[row] < cutoff + options.horizon; });
      part = join(part, GroupBy(future, user).aggregate(labels), user, {.how = How::left});
      for (const auto& [name, aggregation] : labels) {
        using Of = Aggregation::Kind;
        if (aggregation.kind != Of::rows && aggregation.kind != Of::count && aggregation.kind != Of::sum &&
            aggregation.kind != Of::distinct)
          continue;
        std::vector<double> values = part.column(name).numbers();
        for (double& value : values)
          if (std::isnan(value)) value = 0;
        part = part.with(name, std::move(values));
      }
    }
    Table dated{{"cutoff", std::vector<double>(part.rows(), cutoff)}};
    for (const Column& column : part) dated.add(column.name(), column);
    parts.push_back(std::move(dated));
  }
  return concat(parts);
}

/// Recency, frequency and monetary value of each user at a time, as the package lifetimes counts them: a purchase is a
/// period (a day) with events; frequency is purchases after the first, recency the periods from first to last, T those
/// from first to the last period that begins before the cut-off, monetary_value the mean value of the purchases after
/// the first, 0 without any. monetary_value is there when the log has a value. Periods are whole ones since `origin`:
/// time 0, but a Monday for periods of a week in seconds, as lifetimes' freq="W" has it.
///
/// Events from the cut-off on do not count; lifetimes counts those of the rest of the cut-off's period, too, and at the
/// border of two periods all of the later one, also in T. Users without an event before the cut-off are left out.
/// Throws ConfigError when the period is not positive, or the cut-off or the origin is not finite.
inline Table rfm(const EventLog& log, double cutoff, double period = 86400, std::optional<double> origin = {}) {
  constexpr double week = 604800, monday = 345600;  // 1970-01-05
  const double start = origin ? *origin : period == week ? monday : 0;
  if (!(period > 0) || !std::isfinite(period))
    throw ConfigError(text("rfm: expected a period above 0, received ", period));
  if (!std::isfinite(cutoff) || !std::isfinite(start))
    throw ConfigError(text("rfm: expected a finite cutoff and origin, received ", cutoff, " and ", start));
  const std::vector<double>& times = log.times();
  const Column* const value = log.columns().value.empty() ? nullptr : &log.table().column(log.columns().value);
  std::vector<std::size_t> users;
  std::vector<double> frequency, recency, age, money;
  const double end = std::ceil((cutoff - start) / period) - 1;
  for (std::size_t u = 0; u < log.users(); ++u) {
    double first = 0, last = 0, purchases = 0, later = 0;
    for (std::size_t row = log.start(u); row < log.start(u + 1) && times[row] < cutoff; ++row) {
      const double now = std::floor((times[row] - start) / period);
      if (purchases == 0) first = last = now, purchases = 1;
      if (now != last) last = now, ++purchases;
      if (value && now != first && !value->missing(row)) later += value->number(row);
    }
    if (purchases == 0) continue;
    users.push_back(log.start(u));
    frequency.push_back(purchases - 1);
    recency.push_back(last - first);
    age.push_back(end - first);
    money.push_back(purchases > 1 ? later / (purchases - 1) : 0);
  }
  Table out{{log.columns().user, log.table().column(log.columns().user).take(users)},
            {"frequency", frequency},
            {"recency", recency},
            {"T", age}};
  if (value) out.add("monetary_value", money);
  return out;
}

}  // namespace foretell

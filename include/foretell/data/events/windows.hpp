// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <limits>
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
};

/// What is known at a cut-off, and what came after it: one row for each cut-off and user with an event in the history,
/// with the columns `cutoff` and the user's name, the features, then the labels. No feature can see what a label sees.
/// Counts and sums of no event are 0, other labels missing.
///
///   windows(log, {.cutoffs = {march, april}, .history = 90 * day, .horizon = 30 * day},
///           {{"visits", agg::size()}, {"last", agg::max("time")}}, {{"spend", agg::sum("price")}})
///
/// Throws ConfigError for no cut-off or a history or horizon that is not positive; as GroupBy does.
inline Table windows(const EventLog& log, const WindowOptions& options,
                     const std::vector<std::pair<std::string, Aggregation>>& features,
                     const std::vector<std::pair<std::string, Aggregation>>& labels = {}) {
  if (options.cutoffs.empty() || !(options.history > 0) || (!labels.empty() && !(options.horizon > 0)))
    throw ConfigError("windows: expected cutoffs, a history above 0 and, with labels, a horizon above 0");
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
/// from first to the cut-off, monetary_value the mean value of the purchases after the first, 0 without any. Periods
/// are whole ones since time 0. monetary_value is there when the log has a value.
///
/// Users without an event before the cut-off are left out. Throws ConfigError when the period is not positive.
inline Table rfm(const EventLog& log, double cutoff, double period = 86400) {
  if (!(period > 0)) throw ConfigError(text("rfm: expected a period above 0, received ", period));
  const std::vector<double>& times = log.times();
  const Column* const value = log.columns().value.empty() ? nullptr : &log.table().column(log.columns().value);
  std::vector<std::size_t> users;
  std::vector<double> frequency, recency, age, money;
  const double end = std::floor(cutoff / period);
  for (std::size_t u = 0; u < log.users(); ++u) {
    double first = 0, last = 0, purchases = 0, later = 0;
    for (std::size_t row = log.start(u); row < log.start(u + 1) && times[row] < cutoff; ++row) {
      const double now = std::floor(times[row] / period);
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

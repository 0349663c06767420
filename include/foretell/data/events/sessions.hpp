// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/data/events/event_log.hpp"
#include "foretell/data/group_by.hpp"

namespace foretell {

/// The number of each event's session, from 0: a session of a user ends where no event follows within `gap`. A column
/// for log.table(). Throws ConfigError when the gap is not positive.
inline Column sessionize(const EventLog& log, double gap) {
  if (!(gap > 0)) throw ConfigError(text("sessionize: expected a gap above 0, received ", gap));
  std::vector<double> sessions(log.rows());
  double session = -1;
  for (std::size_t u = 0; u < log.users(); ++u)
    for (std::size_t row = log.start(u); row < log.start(u + 1); ++row) {
      if (row == log.start(u) || log.times()[row] - log.times()[row - 1] > gap) ++session;
      sessions[row] = session;
    }
  return sessions;
}

/// One row a session: its number, user, first and last time, duration and events, then aggregations of one's own.
/// Throws as sessionize and GroupBy do.
inline Table sessions(const EventLog& log, double gap,
                      const std::vector<std::pair<std::string, Aggregation>>& more = {}) {
  const std::string &user = log.columns().user, &time = log.columns().time;
  std::vector<std::pair<std::string, Aggregation>> what{
      {"user", agg::first(user)}, {"start", agg::min(time)}, {"end", agg::max(time)}, {"events", agg::size()}};
  what.insert(what.end(), more.begin(), more.end());
  const Table all = GroupBy(log.table().with("session", sessionize(log, gap)), "session").aggregate(what);
  const Column &start = all.column("start"), &end = all.column("end");
  return all.derive("duration", [&](std::size_t row) { return end.number(row) - start.number(row); });
}

}  // namespace foretell

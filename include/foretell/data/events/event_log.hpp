// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/random.hpp"
#include "foretell/core/whole_rows.hpp"
#include "foretell/data/key_index.hpp"
#include "foretell/data/sort.hpp"
#include "foretell/data/table.hpp"

namespace foretell {

/// The names of the columns that make a table a log; user and time have to be there.
struct EventColumns {
  std::string user = "user";
  std::string time = "time";  ///< a number that ascends with time, seconds for one
  std::string item{};
  std::string type{};
  std::string value{};
};

/// What users did when: the rows of a table, user after user and in order of time, equal times in the order they had.
class EventLog {
 public:
  /// Throws DataError when a column does not exist, the time is not a number, or a user or time is missing.
  explicit EventLog(const Table& events, EventColumns columns = {}) : columns_(std::move(columns)) {
    for (const auto* name : {&columns_.item, &columns_.type, &columns_.value})
      if (!name->empty()) (void)events.column(*name);
    const Column &user = events.column(columns_.user), &time = events.column(columns_.time);
    const std::vector<double>& times = time.numbers();
    for (std::size_t row = 0; row < events.rows(); ++row)
      if (user.missing(row) || !std::isfinite(times[row]))
        throw DataError(text("EventLog: expected a user and a time in every row, received none in row ", row,
                             ", column \"", user.missing(row) ? columns_.user : columns_.time,
                             "\"; leave such rows out, see Table::filter"));
    table_ = sort_by(events, {columns_.user, columns_.time});
    if (table_.rows() == 0) {
      starts_.push_back(0);
      return;
    }
    const detail::KeyIndex index("EventLog", table_, columns_.user);
    starts_ = index.first();
    starts_.push_back(table_.rows());
  }

  std::size_t rows() const { return table_.rows(); }
  std::size_t users() const { return starts_.empty() ? 0 : starts_.size() - 1; }
  /// The events of user u are the rows start(u) ... start(u + 1) - 1. Throws DataError for a u above users().
  std::size_t start(std::size_t u) const {
    if (u > users()) [[unlikely]]
      throw DataError(text("EventLog: user ", u, " of ", users(), " does not exist."));
    return starts_.empty() ? 0 : starts_[u];
  }
  const Table& table() const { return table_; }
  const EventColumns& columns() const { return columns_; }
  const std::vector<double>& times() const { return table_.column(columns_.time).numbers(); }
  /// One row a user: who it is.
  Column user_names() const {
    return table_.column(columns_.user).take({starts_.begin(), starts_.begin() + static_cast<std::ptrdiff_t>(users())});
  }
  /// The events for which keep(row) is true, as a log.
  template <class Keep>
  EventLog filter(Keep keep) const {
    return EventLog(table_.filter(keep), columns_);
  }
  /// The name of a column that `who` needs; throws ConfigError when the log has none of that role.
  const std::string& need(const std::string EventColumns::*role, std::string_view who, std::string_view name) const {
    if ((columns_.*role).empty())
      throw ConfigError(text(who, ": expected a log with a column of the role ", name,
                             ", received one without; name it in EventColumns"));
    return columns_.*role;
  }

 private:
  EventColumns columns_;
  Table table_;
  std::vector<std::size_t> starts_;
};

struct LogSplit {
  EventLog train, test;
};

/// The events before a time, and those from it on. Throws ConfigError for NaN.
inline LogSplit split_by_time(const EventLog& log, double time) {
  if (std::isnan(time)) throw ConfigError("split_by_time: expected a time, received NaN");
  const std::vector<double>& times = log.times();
  return {log.filter([&](std::size_t row) { return times[row] < time; }),
          log.filter([&](std::size_t row) { return times[row] >= time; })};
}

/// All events of a share of the users, chosen at random and rounded up, are the test part. Throws ConfigError for a
/// share outside (0, 1), DataError when that would leave no user to train on or none to test on.
inline LogSplit split_by_user(const EventLog& log, double test_size = 0.25, std::uint64_t seed = 0) {
  if (!(test_size > 0 && test_size < 1))
    throw ConfigError(text("split_by_user: expected a test_size above 0 and below 1, received ", test_size));
  const std::vector<std::size_t> order = Random(seed).stream("split_by_user").permutation(log.users());
  const auto tests = detail::rows_up(test_size * static_cast<double>(log.users()));
  if (tests == 0 || tests >= log.users())
    throw DataError(text("split_by_user: expected users for both parts, received ", log.users(), " of which test_size ",
                         test_size, " takes ", tests, "; bring more users or lower test_size"));
  std::vector<bool> test(log.rows());
  for (std::size_t i = 0; i < tests; ++i)
    for (std::size_t row = log.start(order[i]); row < log.start(order[i] + 1); ++row) test[row] = true;
  return {log.filter([&](std::size_t row) { return !test[row]; }),
          log.filter([&](std::size_t row) { return test[row]; })};
}

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/metrics/mode.hpp"
#include "foretell/training/history.hpp"

namespace foretell {

namespace detail {

/// The best value so far of one entry of the logs.
class Monitor {
 public:
  Monitor(std::string_view who, std::string name, Mode mode, double min_delta)
      : who_(who), name_(std::move(name)), mode_(mode), min_delta_(min_delta) {
    if (!(min_delta >= 0)) throw ConfigError(text(who_, ": expected a min_delta of at least 0, received ", min_delta));
  }

  /// Before the first epoch. Throws ConfigError when the logs will not have the entry, or its mode is not known.
  void prepare(std::span<const LogEntry> entries) {
    const LogEntry* found = nullptr;
    std::vector<std::string> names;
    for (const LogEntry& entry : entries) {
      names.push_back(entry.name);
      if (entry.name == name_) found = &entry;
    }
    if (!found)
      throw ConfigError(text(who_, ": expected monitor to be one of ", quoted_list(names), ", received \"", name_, "\"",
                             name_.rfind("val_", 0) == 0 ? "; give fit validation_data or a validation_split" : ""));
    if (mode_ == Mode::automatic && found->mode == Mode::automatic)
      throw ConfigError(text(who_, ": expected a mode for \"", name_,
                             "\", which does not say whether better is more or less; write .mode = Mode::max or "
                             "Mode::min, or say it in the metric, static constexpr Mode mode = Mode::max"));
    rises_ = mode_ == Mode::max || (mode_ == Mode::automatic && found->mode == Mode::max);
  }
  void reset() { best_ = std::numeric_limits<double>::quiet_NaN(); }
  double best() const { return best_; }
  /// Whether these logs are better than the best by more than min_delta; if so they are the best. Throws NumericError
  /// for a value that is undefined, unless training is `stopped` anyway.
  bool improves(const EpochLogs& logs, bool stopped) {
    const double now = logs[name_];
    if (std::isnan(now) && stopped) return false;
    if (std::isnan(now))
      throw NumericError(
          text(who_, ": expected a number as \"", name_, "\", received NaN in epoch ", logs.epoch() + 1,
               ", which no epoch can be compared with; a metric is undefined where its rows have one "
               "class only, or no weight: give it rows of all classes (shuffle before validation_split)"));
    const bool better = std::isnan(best_) || (rises_ ? now > best_ + min_delta_ : now < best_ - min_delta_);
    if (better) best_ = now;
    return better;
  }
  void state(auto&& f) { f("best", best_); }

 private:
  std::string who_, name_;
  Mode mode_;
  double min_delta_;
  bool rises_ = false;
  double best_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace detail

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/metrics/mode.hpp"

namespace foretell {

/// One of the numbers that the logs of each epoch have.
struct LogEntry {
  std::string name;
  Mode mode = Mode::automatic;  ///< whether it falls or rises when it gets better
};

/// Numbers by name, in their order.
using NamedValues = std::vector<std::pair<std::string, double>>;

/// What one epoch ended with: "loss", the metrics, and both again with "val_" before them when there is validation
/// data.
class EpochLogs {
 public:
  explicit EpochLogs(std::size_t epoch = 0) : epoch_(epoch) {}

  std::size_t epoch() const { return epoch_; }  ///< 0 for the first
  void set(std::string name, double value) { values_.emplace_back(std::move(name), value); }
  const NamedValues& values() const { return values_; }
  const double* find(std::string_view name) const {
    for (const auto& [key, value] : values_)
      if (key == name) return &value;
    return nullptr;
  }
  double operator[](std::string_view name) const {
    if (const double* value = find(name)) return *value;
    std::vector<std::string> names;
    for (const auto& [key, value] : values_) names.push_back(key);
    throw ConfigError(text("training logs: expected one of ", quoted_list(names), ", received \"", name, "\""));
  }

 private:
  std::size_t epoch_;
  NamedValues values_;
};

/// The logs of every epoch that was run.
class History {
 public:
  std::size_t epochs() const { return logs_.size(); }
  void add(EpochLogs logs) { logs_.push_back(std::move(logs)); }
  /// Throws ConfigError for an epoch that was not run.
  const EpochLogs& epoch(std::size_t i) const {
    if (i >= logs_.size()) throw ConfigError(text("History: expected an epoch below ", logs_.size(), ", received ", i));
    return logs_[i];
  }
  /// One value an epoch.
  std::vector<double> operator[](std::string_view name) const {
    std::vector<double> values;
    for (const EpochLogs& logs : logs_) values.push_back(logs[name]);
    return values;
  }

 private:
  std::vector<EpochLogs> logs_;
};

}  // namespace foretell

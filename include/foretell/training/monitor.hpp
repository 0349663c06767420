// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/training/history.hpp"

namespace foretell {

/// Whether a monitored value should fall or rise; automatic: rise for names with accuracy, auc, precision, recall, f1
/// or r2 in them, fall otherwise.
enum class Mode : std::uint8_t { automatic, min, max };
constexpr auto enum_names(Mode) { return std::array<std::string_view, 3>{"auto", "min", "max"}; }

namespace detail {

/// The best value so far of one entry of the logs.
class Monitor {
 public:
  Monitor(std::string_view who, std::string name, Mode mode, double min_delta)
      : who_(who), name_(std::move(name)), mode_(mode), min_delta_(min_delta) {}

  void reset() { best_ = std::numeric_limits<double>::quiet_NaN(); }
  double best() const { return best_; }
  /// Whether these logs are better than the best by more than min_delta; if so they are the best.
  bool improves(const EpochLogs& logs) {
    const double now = value(logs);
    const bool rises = mode_ == Mode::max || (mode_ == Mode::automatic && rising());
    const bool better = std::isnan(best_) ? !std::isnan(now)
                        : rises           ? now > best_ + min_delta_
                                          : now < best_ - min_delta_;
    if (better) best_ = now;
    return better;
  }
  /// Throws ConfigError when there is no such entry.
  double value(const EpochLogs& logs) const {
    if (const double* found = logs.find(name_)) return *found;
    std::vector<std::string> names;
    for (const auto& entry : logs.values()) names.push_back(entry.first);
    throw ConfigError(text(who_, ": expected monitor to be one of ", quoted_list(names), ", received \"", name_, "\"",
                           name_.rfind("val_", 0) == 0 ? "; give fit validation_data or a validation_split" : ""));
  }
  void state(auto&& f) { f("best", best_); }

 private:
  bool rising() const {
    for (const std::string_view part : {"accuracy", "auc", "precision", "recall", "f1", "r2"})
      if (name_.find(part) != std::string::npos) return true;
    return false;
  }

  std::string who_, name_;
  Mode mode_;
  double min_delta_;
  double best_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace detail

}  // namespace foretell

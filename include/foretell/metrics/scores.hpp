// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/print.hpp"
#include "foretell/data/table_text.hpp"
#include "foretell/metrics/fixed.hpp"

namespace foretell {

/// Named results in the order in which they came, each with one value or with one value a fold.
/// `for (const auto& [name, values] : scores)`.
class Scores {
 public:
  struct Entry {
    std::string name;
    std::vector<double> values;
  };

  void set(std::string_view name, double value) { entry(name).values.assign(1, value); }
  /// One more value of that name, such as the next fold's.
  void add(std::string_view name, double value) { entry(name).values.push_back(value); }

  /// The value, or the mean of several. Throws ConfigError, with the names there are, when there is none of that name.
  double operator[](std::string_view name) const { return mean(name); }
  double mean(std::string_view name) const { return mean_of(values(name)); }
  /// The standard deviation of the values themselves (divided by their number, as numpy does): 0 of one value.
  double stddev(std::string_view name) const { return stddev_of(values(name)); }
  const std::vector<double>& values(std::string_view name) const {
    for (const Entry& e : entries_)
      if (e.name == name) return e.values;
    throw ConfigError(text("Scores: there is no \"", name, "\"; the names are ", quoted_list(names()), "."));
  }
  bool contains(std::string_view name) const {
    for (const Entry& e : entries_)
      if (e.name == name) return true;
    return false;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const Entry& e : entries_) all.push_back(e.name);
    return all;
  }

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

  /// One line a name: "loss  0.2513", and of several values "auc  0.9186 +- 0.0041 (5 values)".
  std::string to_string() const {
    std::vector<std::vector<std::string>> columns(2);
    for (const Entry& e : entries_) {
      columns[0].push_back(e.name);
      columns[1].push_back(detail::fixed(mean_of(e.values)));
      if (e.values.size() > 1)
        columns[1].back() += text(" +- ", detail::fixed(stddev_of(e.values)), " (", e.values.size(), " values)");
    }
    return detail::aligned(columns, {false, false});
  }

 private:
  Entry& entry(std::string_view name) {
    for (Entry& e : entries_)
      if (e.name == name) return e;
    return entries_.emplace_back(Entry{std::string(name), {}});
  }
  static double mean_of(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
  }
  static double stddev_of(const std::vector<double>& values) {
    const double mean = mean_of(values);
    double sum = 0;
    for (const double value : values) sum += (value - mean) * (value - mean);
    return std::sqrt(sum / static_cast<double>(values.size()));
  }

  std::vector<Entry> entries_;
};

}  // namespace foretell

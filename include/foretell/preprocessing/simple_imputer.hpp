// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/core/whole_rows.hpp"
#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

/// What stands in for a missing value.
enum class Impute : std::uint8_t { mean, median, most_frequent, constant };
constexpr auto enum_names(Impute) {
  return std::array<std::string_view, 4>{"mean", "median", "most_frequent", "constant"};
}

struct SimpleImputerOptions {
  Impute strategy = Impute::mean;
  double fill_value = 0;                    ///< for `constant`, in number and boolean columns
  std::string fill_text = "missing_value";  ///< for `constant`, in text columns
  bool add_indicator = false;               ///< one more column, 0 or 1, for each column with missing values in fit
  double indicator_min_frequency = 0;  ///< but none where fit saw fewer rows (>= 1) or a smaller share (< 1) of them
};

namespace detail {

class SimpleImputing {
 public:
  static constexpr std::string_view type = "SimpleImputer";

  explicit SimpleImputing(SimpleImputerOptions options = {}) : options_(std::move(options)) {}

  /// What replaces a missing value, one cell a column: a number, or the code of a category.
  const std::vector<double>& statistics() const { return statistics_; }
  /// How often each column was missing or unreadable in transforms since fit, load or clear_hits.
  std::vector<ColumnHits> hits() const { return counters_.hits(); }
  void clear_hits() { counters_.clear(); }

  /// Throws DataError for the mean or median of a text column, and where what would be filled in is infinite.
  Schema learn(const Frame& x) {
    std::vector<Field> output(x.schema().begin(), x.schema().end());
    counters_ = Counters(x.schema().names());
    statistics_.assign(x.columns(), 0);
    indicated_.clear();
    const double least = options_.indicator_min_frequency;
    if (!(least >= 0)) throw ConfigError(text(type, ": expected indicator_min_frequency >= 0, received ", least, "."));
    if (options_.strategy == Impute::mean || options_.strategy == Impute::median) need_numbers(x.schema(), type);
    for_each_column(x, [&](std::size_t c, std::span<double> cells) {
      const auto end = std::partition(cells.begin(), cells.end(), [](double cell) { return !std::isnan(cell); });
      const auto missing = static_cast<double>(cells.end() - end);
      if (missing > 0 && missing >= least_rows(least, cells.size())) indicated_.push_back(c);
      statistics_[c] = statistic(output[c], {cells.begin(), end});
      need_finite(type, x.schema()[c], statistics_[c]);
      if (output[c].kind == Kind::boolean && statistics_[c] != 0 && statistics_[c] != 1) output[c] = {output[c].name};
    });
    if (!options_.add_indicator) indicated_.clear();
    for (const std::size_t c : indicated_) output.push_back({text("missingindicator_", output[c].name)});
    return output;
  }

  void apply(Block in, MutableBlock out, Scratch&) const {
    const std::size_t columns = statistics_.size();
    for (std::size_t r = 0; r < in.rows; ++r) {
      const double *x = in.row(r), *fill = statistics_.data();
      double* y = out.row(r);
      std::size_t missing = 0;
      for (std::size_t c = 0; c < columns; ++c) {
        const bool gone = x[c] != x[c];
        y[c] = gone ? fill[c] : x[c];
        missing += gone;
      }
      for (std::size_t i = 0; i < indicated_.size(); ++i) y[columns + i] = std::isnan(x[indicated_[i]]);
      for (std::size_t c = 0; missing > 0 && c < columns; ++c)
        if (std::isnan(x[c])) counters_[c].raise_missing(x[c]), --missing;
    }
  }

  /// Leaves what was filled in, but for columns with an indicator, whose missing values are missing again.
  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r) {
      std::copy_n(out.row(r), in.columns, in.row(r));
      for (std::size_t i = 0; i < indicated_.size(); ++i)
        if (out(r, in.columns + i) != 0) in(r, indicated_[i]) = missing_cell;
    }
  }

  bool fits(std::size_t in, std::size_t out) const {
    return in == statistics_.size() && in == counters_.names().size() && out == in + indicated_.size() &&
           std::all_of(indicated_.begin(), indicated_.end(), [&](std::size_t c) { return c < in; });
  }

  void fields(auto&& f) {
    f("strategy", options_.strategy);
    f("fill_value", options_.fill_value);
    f("fill_text", options_.fill_text);
    f("add_indicator", options_.add_indicator);
    f("indicator_min_frequency", options_.indicator_min_frequency);
    counters_.fields(f);
    f("statistics", statistics_);
    f("indicated", indicated_);
  }

 private:
  double statistic(Field& field, std::span<double> cells) const {
    if (options_.strategy == Impute::constant) {
      if (field.kind != Kind::category) return options_.fill_value;
      if (field.categories.find(options_.fill_text) < 0) {
        auto values = field.categories.values();
        values.push_back(options_.fill_text);
        field.categories = Categories(values);
      }
      return field.categories.find(options_.fill_text);
    }
    if (cells.empty()) return 0;
    const std::size_t n = cells.size();
    if (options_.strategy == Impute::mean) {
      double sum = 0, rest = 0;
      for (const double cell : cells) sum += cell;
      const double mean = sum / static_cast<double>(n);
      for (const double cell : cells) rest += cell - mean;
      return std::isfinite(rest) ? mean + rest / static_cast<double>(n) : mean;
    }
    if (options_.strategy == Impute::median) {
      const auto middle = cells.begin() + static_cast<std::ptrdiff_t>(n / 2);
      std::nth_element(cells.begin(), middle, cells.end());
      return n % 2 ? *middle : (*std::max_element(cells.begin(), middle) + *middle) / 2;
    }
    std::sort(cells.begin(), cells.end());
    double best = cells[0];
    std::size_t most = 0;
    for (std::size_t i = 0, run = 0; i < n; i += run) {
      for (run = 1; i + run < n && cells[i + run] == cells[i];) ++run;
      if (run > most || (run == most && before(field, cells[i], best))) most = run, best = cells[i];
    }
    return best;
  }

  static bool before(const Field& field, double a, double b) {
    if (field.kind != Kind::category || a < 0 || b < 0) return a < b;
    return field.categories[static_cast<std::size_t>(a)] < field.categories[static_cast<std::size_t>(b)];
  }

  SimpleImputerOptions options_;
  std::vector<double> statistics_;
  std::vector<std::size_t> indicated_;
  Counters counters_;
};

}  // namespace detail

/// Replaces missing values, column by column. Ties for the most frequent value go to the smallest. A column of nothing
/// but missing values gets 0, and stays. A category not seen in fit is not missing and passes. Scaling goes before it:
/// what scales an indicator of a column that was rarely missing makes one missing cell outweigh all others.
template <class T = float>
class SimpleImputer : public Estimator<SimpleImputer<T>, detail::SimpleImputing, T> {
 public:
  explicit SimpleImputer(SimpleImputerOptions options = {}) : SimpleImputer::Estimator(std::move(options)) {}
};

}  // namespace foretell

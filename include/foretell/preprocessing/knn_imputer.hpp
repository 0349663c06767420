// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

/// How much each of the nearest rows counts: equally, or by the reciprocal of its distance.
enum class NeighborWeights : std::uint8_t { uniform, distance };
constexpr auto enum_names(NeighborWeights) { return std::array<std::string_view, 2>{"uniform", "distance"}; }

struct KNNImputerOptions {
  std::size_t n_neighbors = 5;
  NeighborWeights weights = NeighborWeights::uniform;
  bool add_indicator = false;  ///< one more column, 0 or 1, for each column with missing values in fit
};

namespace detail {

class NeighbourImputing {
 public:
  static constexpr std::string_view type = "KNNImputer";

  explicit NeighbourImputing(const KNNImputerOptions& options = {}) : options_(options) {}

  /// How often each column was missing or unreadable in transforms since fit, load or clear_hits.
  std::vector<ColumnHits> hits() const { return counters_.hits(); }
  void clear_hits() { counters_.clear(); }

  /// Throws ConfigError for no neighbours, DataError for infinite numbers and for ones so far apart that the square of
  /// their distance is infinite.
  Schema learn(const Frame& x) {
    if (options_.n_neighbors == 0) throw ConfigError("KNNImputer: expected n_neighbors > 0, received 0.");
    need_numbers(x.schema(), type);
    counters_ = Counters(x.schema().names());
    const std::size_t columns = counters_.names().size();
    rows_.resize(x.rows() * columns);
    x.read(0, MutableBlock(rows_.data(), x.rows(), columns));
    mean_.assign(columns, 0);
    indicated_.clear();
    for (std::size_t c = 0; c < columns; ++c) {
      double sum = 0, count = 0, low = 0, high = 0;
      for (std::size_t i = c; i < rows_.size(); i += columns)
        if (const double v = rows_[i]; !std::isnan(v)) {
          low = count > 0 ? std::min(low, v) : v;
          high = count > 0 ? std::max(high, v) : v;
          sum += v;
          count += 1;
        }
      if (count > 0) mean_[c] = sum / count;
      need_finite(type, x.schema()[c], mean_[c] + (high - low) * (high - low) * static_cast<double>(columns));
      if (options_.add_indicator && count < static_cast<double>(x.rows())) indicated_.push_back(c);
    }
    std::vector<std::string> output = counters_.names();
    for (const std::size_t c : indicated_) output.push_back(text("missingindicator_", counters_.names()[c]));
    return Schema(output);
  }

  void apply(Block in, MutableBlock out, Scratch& scratch) const {
    const Scratch::Mark mark(scratch);
    const std::size_t columns = counters_.names().size(), rows = columns ? rows_.size() / columns : 0;
    const std::size_t k = std::min(options_.n_neighbors, rows);
    double *const distances = scratch.take(rows), *const near = scratch.take(k), *const values = scratch.take(k);
    for (std::size_t r = 0; r < in.rows; ++r) {
      const double* const x = in.row(r);
      bool measured = false;
      for (std::size_t c = 0; c < columns; ++c) {
        out(r, c) = x[c];
        if (!std::isnan(x[c])) continue;
        counters_[c].raise_missing(x[c]);
        if (!measured) measure(x, distances, rows);
        measured = true;
        out(r, c) = fill(c, distances, rows, near, values, k);
      }
      for (std::size_t i = 0; i < indicated_.size(); ++i) out(r, columns + i) = std::isnan(x[indicated_[i]]);
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
    return in > 0 && in == counters_.names().size() && in == mean_.size() && rows_.size() % in == 0 &&
           options_.n_neighbors > 0 && out == in + indicated_.size() &&
           std::all_of(indicated_.begin(), indicated_.end(), [&](std::size_t c) { return c < in; });
  }

  void fields(auto&& f) {
    f("n_neighbors", options_.n_neighbors);
    f("weights", options_.weights);
    f("add_indicator", options_.add_indicator);
    counters_.fields(f);
    f("rows", rows_);
    f("mean", mean_);
    f("indicated", indicated_);
  }

 private:
  /// The squared distance to every row of fit over the columns that both have, as a mean; missing when there are none.
  void measure(const double* x, double* distances, std::size_t rows) const {
    const std::size_t columns = counters_.names().size();
    for (std::size_t i = 0; i < rows; ++i) {
      const double* const y = rows_.data() + i * columns;
      double sum = 0, count = 0;
      for (std::size_t c = 0; c < columns; ++c) {
        const double d = x[c] - y[c];
        const bool there = d == d;
        sum += there ? d * d : 0;
        count += there;
      }
      distances[i] = sum / count * static_cast<double>(columns);
    }
  }

  /// The mean of column c in the k nearest rows that have it, of equally near ones the first.
  double fill(std::size_t c, const double* distances, std::size_t rows, double* near, double* values,
              std::size_t k) const {
    std::size_t found = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      const double d = distances[i], value = rows_[i * counters_.names().size() + c];
      if (std::isnan(value) || std::isnan(d) || (found == k && d >= near[k - 1])) continue;
      std::size_t place = found < k ? found++ : k - 1;
      for (; place > 0 && near[place - 1] > d; --place)
        near[place] = near[place - 1], values[place] = values[place - 1];
      near[place] = d, values[place] = value;
    }
    if (found == 0) return mean_[c];
    const bool by_distance = options_.weights == NeighborWeights::distance, touching = near[0] == 0;
    double sum = 0, total = 0;
    for (std::size_t i = 0; i < found; ++i) {
      double weight = 1;
      if (by_distance) weight = touching ? near[i] == 0 : 1 / std::sqrt(near[i]);
      sum += weight * values[i];
      total += weight;
    }
    return total > 0 ? sum / total : mean_[c];
  }

  KNNImputerOptions options_;
  std::vector<double> rows_, mean_;  ///< the rows of fit, one after the other
  std::vector<std::size_t> indicated_;
  Counters counters_;
};

}  // namespace detail

/// Replaces a missing value by the mean of its column in the nearest rows of fit that have it; near in the columns that
/// both have, so scale them first. Keeps all rows of fit, also in a file. A column of nothing but missing values gets
/// 0, and stays.
template <class T = float>
class KNNImputer : public Estimator<KNNImputer<T>, detail::NeighbourImputing, T> {
 public:
  explicit KNNImputer(KNNImputerOptions options = {}) : KNNImputer::Estimator(options) {}
};

}  // namespace foretell

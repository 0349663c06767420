// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/quantile.hpp"
#include "foretell/core/random.hpp"
#include "foretell/metrics/arguments.hpp"

namespace foretell {

struct BootstrapOptions {
  std::size_t resamples = 1000;
  double confidence_level = 0.95;
  std::uint64_t seed = 0;
  /// One number a row: rows of the same number, such as those of one user, are drawn together. Empty: each row alone.
  std::vector<double> groups{};
};

/// A score with its uncertainty.
struct ConfidenceInterval {
  double value = 0;           ///< of all rows
  double low = 0, high = 0;   ///< between these with the asked confidence
  double standard_error = 0;  ///< the standard deviation over the resamples
  std::size_t resamples = 0;  ///< those in which the score was defined
};

namespace detail {

/// Rows by group, groups ascending.
inline std::vector<std::vector<std::size_t>> rows_of_groups(std::size_t rows, const std::vector<double>& groups) {
  std::vector<std::vector<std::size_t>> members;
  std::vector<std::size_t> order(rows);
  for (std::size_t row = 0; row < rows; ++row) order[row] = row;
  if (!groups.empty())
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return groups[a] < groups[b]; });
  for (std::size_t i = 0; i < rows; ++i) {
    if (i == 0 || groups.empty() || groups[order[i]] != groups[order[i - 1]]) members.emplace_back();
    members.back().push_back(order[i]);
  }
  return members;
}

inline Array<double> take_rows(const Array<double>& x, const std::vector<std::size_t>& rows) {
  const std::size_t width = x.row_size();
  std::vector<double> values;
  values.reserve(rows.size() * width);
  for (const std::size_t row : rows) values.insert(values.end(), x.data() + row * width, x.data() + (row + 1) * width);
  std::vector<std::size_t> sizes = x.sizes();
  sizes.front() = rows.size();
  return Array<double>(std::move(values), std::move(sizes));
}

}  // namespace detail

/// A percentile bootstrap interval (Efron 1979): rows are drawn with replacement and scored again, with the same result
/// for the same seed.
///
///   bootstrap([](const auto& truth, const auto& p) { return roc_auc_score(truth, p); }, truth, p)
///
/// The score gets two Array<double>. Resamples for which it throws DataError or returns NaN, such as those of one
/// class, are left out. Throws ShapeError for rows or groups that differ in number, DataError for NaN, no rows, and
/// when no resample has a score, ConfigError for options that make no sense.
template <class Score, detail::Numbers Truth, detail::Numbers Prediction>
ConfidenceInterval bootstrap(Score&& score, const Truth& truth, const Prediction& prediction,
                             const BootstrapOptions& options = {}) {
  constexpr std::string_view who = "bootstrap";
  if (options.resamples < 2)
    throw ConfigError(text(who, ": expected at least 2 resamples, received ", options.resamples, "."));
  if (!(options.confidence_level > 0 && options.confidence_level < 1))
    throw ConfigError(
        text(who, ": expected a confidence_level between 0 and 1, received ", options.confidence_level, "."));
  const Array<double> t = detail::numbers(who, "truth", truth), p = detail::numbers(who, "prediction", prediction);
  detail::same_rows(who, t, p);
  if (!options.groups.empty() && options.groups.size() != t.rows())
    throw ShapeError(text(who, ": ", options.groups.size(), " groups for ", t.rows(), " rows."));
  for (const double group : options.groups)
    if (std::isnan(group)) throw DataError(text(who, ": a group is NaN; give each row a number."));

  const auto members = detail::rows_of_groups(t.rows(), options.groups);
  const Random random = Random(options.seed).stream("bootstrap");
  std::vector<double> scores;
  std::vector<std::size_t> rows;
  for (std::size_t b = 0; b < options.resamples; ++b) {
    const Random draw = random.stream(b);
    rows.clear();
    for (std::size_t i = 0; i < members.size(); ++i) {
      const auto& group = members[static_cast<std::size_t>(draw.below(i, members.size()))];
      rows.insert(rows.end(), group.begin(), group.end());
    }
    try {
      const double value = static_cast<double>(score(detail::take_rows(t, rows), detail::take_rows(p, rows)));
      if (!std::isnan(value)) scores.push_back(value);
    } catch (const DataError&) {  // undefined for this resample
    }
  }
  if (scores.size() < 2)
    throw DataError(text(who, ": the score is undefined in ", options.resamples - scores.size(), " of ",
                         options.resamples, " resamples; give it more rows."));
  std::sort(scores.begin(), scores.end());
  double mean = 0, squares = 0;
  for (const double value : scores) mean += value;
  mean /= static_cast<double>(scores.size());
  for (const double value : scores) squares += (value - mean) * (value - mean);
  const double tail = (1 - options.confidence_level) / 2;
  return {static_cast<double>(score(t, p)), detail::quantile_of_sorted(scores, tail),
          detail::quantile_of_sorted(scores, 1 - tail), std::sqrt(squares / static_cast<double>(scores.size() - 1)),
          scores.size()};
}

}  // namespace foretell

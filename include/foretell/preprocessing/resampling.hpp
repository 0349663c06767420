// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/error.hpp"
#include "foretell/core/random.hpp"
#include "foretell/data/table.hpp"

// Against classes of unequal size. All of it is for training rows alone: inside cross_validate give it as `resample`,
// never resample before splitting.

namespace foretell {

namespace detail {

/// The rows of each class, by label. Throws DataError for no rows, several numbers a row, NaN and fewer than `least`
/// classes.
template <ArrayLike Y>
std::map<double, std::vector<std::size_t>> rows_by_class(const Y& y, std::string_view who, std::size_t least = 1) {
  const Array<double> labels = as_array<double>(y);
  if (labels.size() == 0 || labels.size() != labels.rows())
    throw DataError(
        text(who, ": expected one label a row, received ", labels.size(), " numbers for ", labels.rows(), " rows"));
  std::map<double, std::vector<std::size_t>> classes;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    if (std::isnan(labels[row]))
      throw DataError(text(who, ": expected a label in every row, received NaN in row ", row));
    classes[labels[row]].push_back(row);
  }
  if (classes.size() < least)
    throw DataError(text(who, ": expected labels of two classes or more, received one class, ", labels[0],
                         ", which has nothing to be balanced with"));
  return classes;
}

inline void check_ratio(double ratio, std::string_view who) {
  if (!(ratio > 0 && ratio <= 1))
    throw ConfigError(text(who, ": expected a ratio above 0 and at most 1, received ", ratio));
}

}  // namespace detail

/// A weight for each class with which all classes weigh the same: rows / (classes x rows of the class). For
/// FitOptions::class_weight. As sklearn.utils.class_weight.compute_class_weight("balanced").
template <ArrayLike Y>
std::vector<std::pair<double, double>> compute_class_weight(const Y& y) {
  std::vector<std::pair<double, double>> weights;
  const auto classes = detail::rows_by_class(y, "compute_class_weight");
  double rows = 0;
  for (const auto& [label, of_class] : classes) rows += static_cast<double>(of_class.size());
  for (const auto& [label, of_class] : classes)
    weights.emplace_back(label, rows / (static_cast<double>(classes.size()) * static_cast<double>(of_class.size())));
  return weights;
}

struct ResampleOptions {
  double ratio =
      1;  ///< rows of a smaller class for one of the largest (under_sample: of the smallest for one of a larger)
  std::uint64_t seed = 0;
};

/// All rows, and rows of the smaller classes once more, drawn with replacement, until each has `ratio` times the rows
/// of the largest, rounded to whole rows: numbers for Table::take. As imblearn's RandomOverSampler, which is for two
/// classes and rounds down.
template <ArrayLike Y>
std::vector<std::size_t> over_sample(const Y& y, const ResampleOptions& options = {}) {
  detail::check_ratio(options.ratio, "over_sample");
  const auto classes = detail::rows_by_class(y, "over_sample", 2);
  std::size_t largest = 0, rows = 0;
  for (const auto& [label, of_class] : classes) largest = std::max(largest, of_class.size()), rows += of_class.size();
  std::vector<std::size_t> out(rows);
  for (std::size_t row = 0; row < rows; ++row) out[row] = row;
  const auto wanted = static_cast<std::size_t>(std::llround(options.ratio * static_cast<double>(largest)));
  const Random random = Random(options.seed).stream("over_sample");
  for (const auto& [label, of_class] : classes)
    for (std::size_t have = of_class.size(); have < wanted; ++have)
      out.push_back(of_class[random.below(out.size(), of_class.size())]);
  return out;
}

/// Of each class so many rows, drawn without replacement and in ascending order, that the smallest has `ratio` times
/// the rows of every other, rounded to whole rows: numbers for Table::take. As imblearn's RandomUnderSampler, which is
/// for two classes and rounds down.
template <ArrayLike Y>
std::vector<std::size_t> under_sample(const Y& y, const ResampleOptions& options = {}) {
  detail::check_ratio(options.ratio, "under_sample");
  const auto classes = detail::rows_by_class(y, "under_sample", 2);
  std::size_t smallest = std::numeric_limits<std::size_t>::max();
  for (const auto& [label, of_class] : classes) smallest = std::min(smallest, of_class.size());
  const auto most = static_cast<std::size_t>(std::llround(static_cast<double>(smallest) / options.ratio));
  std::vector<std::size_t> out;
  std::uint64_t stream = 0;
  for (const auto& [label, of_class] : classes) {
    std::vector<std::size_t> order = of_class;
    if (order.size() > most) {
      Random(options.seed).stream("under_sample").stream(stream).shuffle(order);
      order.resize(most);
    }
    ++stream;
    out.insert(out.end(), order.begin(), order.end());
  }
  std::sort(out.begin(), out.end());
  return out;
}

struct SMOTEOptions {
  std::size_t k_neighbors = 5;
  double ratio = 1;  ///< rows of a smaller class for one of the largest
  std::uint64_t seed = 0;
};

/// The rows (n, features) and labels, and behind them made-up rows of the smaller classes: each on the line between a
/// row and one of its k nearest neighbours of the same class (Chawla et al. 2002). Scale the features first; categories
/// do not take part in distances that mean anything. Throws DataError when a class to be filled up has a single row,
/// and for missing and infinite features.
template <class T, ArrayLike X, ArrayLike Y>
std::pair<Tensor<T>, Tensor<T>> smote(const X& x, const Y& y, const SMOTEOptions& options = {}) {
  detail::check_ratio(options.ratio, "smote");
  if (options.k_neighbors == 0) throw ConfigError("smote: expected k_neighbors of 1 or more, received 0");
  const Array<double> rows = as_array<double>(x), labels = as_array<double>(y);
  const std::size_t n = rows.row_size();
  if (rows.rank() != 2 || rows.rows() != labels.rows())
    throw ShapeError(
        text("smote: expected rows (n, features) and as many labels, received ", rows.rows(), " and ", labels.rows()));
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!std::isfinite(rows[i]))
      throw DataError(
          text("smote: expected finite features, received ", rows[i], " in row ", i / n, "; impute them first"));
  const auto classes = detail::rows_by_class(y, "smote", 2);
  std::size_t largest = 0;
  for (const auto& [label, of_class] : classes) largest = std::max(largest, of_class.size());
  const auto wanted = static_cast<std::size_t>(std::llround(options.ratio * static_cast<double>(largest)));
  std::vector<double> values(rows.begin(), rows.end()), answers(labels.begin(), labels.end());
  const Random random = Random(options.seed).stream("smote");
  std::uint64_t draw = 0;
  for (const auto& [label, of_class] : classes) {
    if (of_class.size() >= wanted) continue;
    if (of_class.size() == 1)
      throw DataError(
          text("smote: expected at least 2 rows of each class, received one of class ", label, "; use over_sample"));
    const std::size_t k = std::min(options.k_neighbors, of_class.size() - 1);
    std::vector<std::vector<std::size_t>> neighbours(of_class.size());  // found when they are needed
    std::vector<std::pair<double, std::size_t>> distances;
    for (std::size_t have = of_class.size(); have < wanted; ++have) {
      const std::size_t base = random.below(draw++, of_class.size());
      const double* const from = rows.data() + of_class[base] * n;
      if (neighbours[base].empty()) {
        distances.clear();
        for (std::size_t other = 0; other < of_class.size(); ++other) {
          if (other == base) continue;
          double distance = 0;
          const double* const to = rows.data() + of_class[other] * n;
          for (std::size_t j = 0; j < n; ++j) distance += (to[j] - from[j]) * (to[j] - from[j]);
          distances.emplace_back(distance, of_class[other]);
        }
        std::partial_sort(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(k), distances.end());
        for (std::size_t i = 0; i < k; ++i) neighbours[base].push_back(distances[i].second);
      }
      const double* const to = rows.data() + neighbours[base][random.below(draw++, k)] * n;
      const double share = random.uniform(draw++);
      for (std::size_t j = 0; j < n; ++j) values.push_back(from[j] + share * (to[j] - from[j]));
      answers.push_back(label);
    }
  }
  return {make_tensor<T>({answers.size(), n}, values.data()), make_tensor<T>({answers.size()}, answers.data())};
}

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "foretell/data/table.hpp"
#include "foretell/metrics/scores.hpp"
#include "foretell/model_selection/splitters.hpp"
#include "foretell/training/options.hpp"

namespace foretell {

namespace detail {

template <class Splitter>
auto folds_of(const Splitter& splitter, const std::vector<double>& labels) {
  if constexpr (requires { splitter.split(labels); })
    return splitter.split(labels);
  else
    return splitter.split(labels.size());
}

}  // namespace detail

/// Cross-validation of preprocessing and model together: in each fold a copy of `preprocessing` is fitted on the
/// training rows only, `build()` makes a compiled model, which is trained and scored on the rows held out. The scores
/// hold the loss and every metric, one value a fold: scores["auc"] is the mean, scores.values("auc") the folds. As
/// sklearn.model_selection.cross_validate of a pipeline.
template <class P, class Build, class Splitter, class T = float>
Scores cross_validate(const P& preprocessing, Build&& build, const Table& table, const std::string& target,
                      const Splitter& splitter, const FitOptions<T>& options = {}) {
  const Column& column = table.column(target);
  std::vector<double> labels(table.rows());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    labels[i] = column.number(i);
    if (std::isnan(labels[i]))
      throw DataError(text("cross_validate: expected a target in every row, received a missing value in column \"",
                           target, "\", row ", i));
  }
  if (!options.validation_data.empty())
    throw ConfigError(
        "cross_validate: expected no validation_data, which would be the same in every fold; use validation_split");
  Scores scores;
  for (const auto& fold : detail::folds_of(splitter, labels)) {
    const Table train = table.take(fold.train), test = table.take(fold.test);
    P features = preprocessing;
    auto model = build();
    const auto x = features.fit_transform(train);
    FitOptions<T> part = options;
    if (!options.sample_weight.empty()) {
      part.sample_weight.clear();
      for (const std::size_t i : fold.train) part.sample_weight.push_back(options.sample_weight.at(i));
    }
    model.fit(x, train.column(target).template to_array<T>(), part);
    const Scores result = model.evaluate(features.transform(test), test.column(target).template to_array<T>());
    for (const auto& [name, values] : result) scores.add(name, values.front());
  }
  return scores;
}

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <utility>
#include <vector>

#include "foretell/data/roles.hpp"
#include "foretell/preprocessing/column_transformer.hpp"
#include "foretell/preprocessing/one_hot_encoder.hpp"
#include "foretell/preprocessing/pipeline.hpp"
#include "foretell/preprocessing/simple_imputer.hpp"
#include "foretell/preprocessing/standard_scaler.hpp"

namespace foretell {

/// Preprocessing for a table whose columns were sorted by infer_roles: numbers standardised and filled with the median,
/// categories one-hot with rare ones together. A sound start for a network on any table.
///
/// Where a column was missing says something when it was missing often: in at least 1 % of the rows a number has one
/// more column, 0 or 1, and a category that of missing ones. A column that was missing more rarely, or never, tells
/// nothing by it: a number is the median then, and a category stands for all of its categories by their shares.
template <class T = float>
ColumnTransformer<T> default_features(const Roles& roles) {
  constexpr double often = 0.01;
  std::vector<Branch<T>> branches;
  if (!roles.numbers.empty())
    branches.push_back({"numbers",
                        make_pipeline<T>(StandardScaler<T>(), SimpleImputer<T>({.strategy = Impute::median,
                                                                                .add_indicator = true,
                                                                                .indicator_min_frequency = often})),
                        roles.numbers});
  if (!roles.categories.empty())
    branches.push_back({"categories",
                        OneHotEncoder<T>({.handle_unknown = Unknown::infrequent,
                                          .min_frequency = 10,
                                          .max_categories = 100,
                                          .missing_min_frequency = often}),
                        roles.categories});
  if (branches.empty())
    throw DataError(
        text("default_features: expected columns to learn from besides \"", roles.target, "\", received none"));
  return ColumnTransformer<T>(std::move(branches));
}

}  // namespace foretell

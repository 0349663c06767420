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

/// Preprocessing for a table whose columns were sorted by infer_roles: numbers filled with the median (with a column
/// that says where) and standardised, categories one-hot with rare ones together. A sound start for a network on any
/// table.
template <class T = float>
ColumnTransformer<T> default_features(const Roles& roles) {
  std::vector<Branch<T>> branches;
  if (!roles.numbers.empty())
    branches.push_back(
        {"numbers",
         make_pipeline<T>(SimpleImputer<T>({.strategy = Impute::median, .add_indicator = true}), StandardScaler<T>()),
         roles.numbers});
  if (!roles.categories.empty())
    branches.push_back(
        {"categories",
         OneHotEncoder<T>({.handle_unknown = Unknown::infrequent, .min_frequency = 10, .max_categories = 100}),
         roles.categories});
  if (branches.empty())
    throw DataError(
        text("default_features: expected columns to learn from besides \"", roles.target, "\", received none"));
  return ColumnTransformer<T>(std::move(branches));
}

}  // namespace foretell

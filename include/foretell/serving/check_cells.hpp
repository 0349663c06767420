// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/io/request.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/preprocessing/transformer.hpp"

// What is refused before the network is asked.

namespace foretell::detail {

/// Who refuses, the number of the first row in the table, and whether there are several.
struct Asked {
  std::string_view who;
  std::size_t first = 0;
  bool rows = false;

  std::string row(std::size_t r) const { return rows ? text(" of row ", first + r) : std::string(); }
  /// A Row is mended in place: what is set after it was refused is of the next request.
  std::string_view mend() const { return rows ? "mend it, or set it missing" : "mend it with change()"; }
};

/// Throws DataError that says how the fields of a request differ from the model's.
[[noreturn, gnu::noinline]] inline void refuse_schema(std::string_view who, const RequestFields& model_fields,
                                                      const RequestFields& request_fields) {
  const Schema &model = model_fields.columns, &request = request_fields.columns;
  std::string difference = text("has ", request.size(), " columns, not ", model.size());
  if (request.size() == model.size()) difference = "has other arrays";
  for (std::size_t c = 0; c < std::min(model.size(), request.size()); ++c) {
    const Field &here = model[c], &there = request[c];
    if (here.name == there.name && here.kind == there.kind && here.categories.values() == there.categories.values())
      continue;
    difference = here.name != there.name ? text("has \"", there.name, "\" as column ", c, ", not \"", here.name, "\"")
                 : here.kind != there.kind
                     ? text("has \"", here.name, "\" as a ", name_of(there.kind), ", not a ", name_of(here.kind))
                     : text("has other categories in \"", here.name, "\", or in another order");
    break;
  }
  throw DataError(text(who, ": expected a row of this model's columns, received one of another model, which ",
                       difference, "; make a new one with row()."));
}

/// Throws DataError for a value of another kind than its column's; `value` says which, as far as it is known.
[[noreturn, gnu::noinline]] inline void refuse_value(const Asked& asked, std::size_t row, const Field& field,
                                                     std::string_view value = {}) {
  const bool texts = field.kind == Kind::category;
  throw DataError(text(asked.who, ": expected ", field.kind == Kind::id ? "an " : "a ",
                       texts ? std::string_view("text") : name_of(field.kind), " in column \"", field.name, "\"",
                       asked.row(row), ", received ",
                       value.empty() ? (texts ? "a number" : "a text that is none") : value,
                       ", which strict = true refuses; ", asked.mend(), "."));
}

/// The first cell of another kind than its column's, as row * columns + column; all cells' number when there is none.
inline std::size_t find_unreadable(const Schema& schema, Block cells) {
  for (std::size_t r = 0; r < cells.rows; ++r)
    for (std::size_t c = 0; c < cells.columns; ++c)
      if (is_unreadable(schema[c].kind, cells(r, c))) return r * cells.columns + c;
  return cells.rows * cells.columns;
}

/// Throws DataError for a cell of another kind than its column's.
inline void check_readable(const Asked& asked, const Schema& schema, Block cells) {
  const std::size_t place = find_unreadable(schema, cells);
  if (place < cells.rows * cells.columns) refuse_value(asked, place / cells.columns, schema[place % cells.columns]);
}

/// Whether the preprocessing makes finite numbers of a row; what it refuses counts as such.
template <class T>
bool makes_finite(const Transformer<T>& preprocessing, const std::vector<double>& cells) {
  std::vector<T> features(preprocessing.output_schema().size());
  Scratch scratch;
  try {
    preprocessing.transform_cells(Block(cells.data(), 1, cells.size()), features.data(), features.size(), scratch);
  } catch (const Error&) {
    return true;
  }
  return kernels::all_finite(features.size(), features.data());
}

/// Throws DataError that names the column which made a row of features not finite.
template <class T>
[[noreturn, gnu::noinline]] void refuse_features(const Asked& asked, std::size_t row,
                                                 const Transformer<T>& preprocessing, const double* cells,
                                                 const T* features) {
  const Transformer<T> copy = preprocessing;  // its counters are not to count what is tried here
  const Schema& schema = copy.input_schema();
  const auto odd = [&](std::size_t c) { return schema[c].kind < Kind::id && !std::isfinite(static_cast<T>(cells[c])); };
  std::vector<double> tried(cells, cells + schema.size());
  std::size_t culprit = schema.size();
  for (std::size_t c = schema.size(); c-- > 0;)
    if (odd(c)) tried[c] = 0, culprit = c;
  if (culprit < schema.size() && makes_finite(copy, tried)) {
    for (std::size_t c = culprit; c < schema.size(); ++c) {
      if (!odd(c)) continue;
      tried[c] = cells[c];
      if (!makes_finite(copy, tried)) {
        culprit = c;
        break;
      }
      tried[c] = 0;
    }
    const double cell = cells[culprit];
    const std::string where = text("column \"", schema[culprit].name, "\"", asked.row(row));
    if (!std::isnan(cell))
      throw DataError(text(asked.who, ": expected a number that the model can take in ", where, ", received ", cell,
                           "; ", asked.mend(), "."));
    throw DataError(text(asked.who, ": expected a value in ", where, ", received ",
                         is_unreadable_value(cell) ? "a text that is no number" : "a missing one",
                         ", for which the model has nothing to put in; give one", asked.rows ? "" : " with change()",
                         ", or train with a SimpleImputer."));
  }
  std::size_t j = 0;
  while (std::isfinite(features[j])) ++j;
  throw DataError(text(asked.who, ": expected preprocessing that gives finite numbers, received ", features[j],
                       " for the feature \"", copy.output_schema()[j].name, "\"", asked.row(row),
                       "; look at the values that it is made of."));
}

/// Throws DataError unless all features are finite.
template <class T>
void check_features(const Asked& asked, std::size_t first, const Transformer<T>& preprocessing, Block cells,
                    const T* features, std::size_t width) {
  if (kernels::all_finite(cells.rows * width, features)) [[likely]]
    return;
  for (std::size_t r = 0; r < cells.rows; ++r)
    if (!kernels::all_finite(width, features + r * width))
      refuse_features(asked, first + r, preprocessing, cells.row(r), features + r * width);
}

}  // namespace foretell::detail

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/data/column.hpp"
#include "foretell/preprocessing/schema.hpp"

namespace foretell {

/// Numbers class labels 0, 1, ... in sorted order, for losses and metrics. Labels are a Column, a list of texts, or
/// numbers; numbers sort by value, texts by their bytes.
template <class T = float>
class LabelEncoder {
 public:
  static constexpr std::string_view type = "LabelEncoder";

  /// Forgets and learns. Throws DataError when there are no labels or one is missing.
  LabelEncoder& fit(const Column& labels) {
    field_ = {};
    if (labels.size() == 0) throw DataError("LabelEncoder: fit needs labels, received none.");
    need_all(labels);
    std::vector<std::string> classes;
    if (labels.kind() == Kind::number) {
      std::vector<double> values = labels.sorted_numbers();
      values.erase(std::unique(values.begin(), values.end()), values.end());
      for (const double value : values) classes.push_back(text(value + 0.0));
    } else {
      for (std::size_t code = 0; code < labels.dictionary().size(); ++code)
        if (labels.kind() == Kind::category || has(labels, code)) classes.push_back(labels.dictionary()[code]);
      if (labels.kind() == Kind::category) std::sort(classes.begin(), classes.end());
    }
    field_ = {"", Kind::category, Categories(classes)};
    return *this;
  }
  LabelEncoder& fit(const std::vector<std::string>& labels) { return fit(Column(labels)); }
  template <ArrayLike X>
  LabelEncoder& fit(const X& labels) {
    return fit(column_of(labels));
  }

  /// The numbers of the labels, an array of shape (rows). Throws StateError before fit, DataError for a missing label
  /// or one not seen in fit.
  template <class U = T>
  Tensor<U> transform(const Column& labels) const {
    need_fitted();
    need_all(labels);
    auto ids = tensor_of<U>::make({labels.size()});
    for (std::size_t r = 0; r < labels.size(); ++r) {
      NumberText room;
      const std::string_view label = labels.text(r, room);
      const double id = labels.kind() == Kind::number ? field_.cell(labels.number(r)) : field_.cell(label);
      if (id < 0)
        throw DataError(text("LabelEncoder: label \"", label, "\" in row ", r, " was not seen in fit; the classes are ",
                             quoted_list(classes()), "."));
      ids.data()[r] = static_cast<U>(id);
    }
    return ids;
  }
  template <class U = T>
  Tensor<U> transform(const std::vector<std::string>& labels) const {
    return transform<U>(Column(labels));
  }
  template <ArrayLike X, class U = T>
  Tensor<U> transform(const X& labels) const {
    return transform<U>(column_of(labels));
  }

  template <class X, class U = T>
  Tensor<U> fit_transform(const X& labels) {
    fit(labels);
    if constexpr (std::same_as<X, Column> || std::same_as<X, std::vector<std::string>>)
      return transform<U>(labels);
    else
      return transform<X, U>(labels);
  }

  /// The labels of numbers; throws DataError for one that is no class.
  template <ArrayLike X>
  std::vector<std::string> inverse_transform(const X& ids) const {
    need_fitted();
    std::vector<std::string> labels;
    for (const double id : as_array<double>(ids)) {
      if (!(id >= 0 && id < static_cast<double>(field_.categories.size())) || id != std::floor(id))
        throw DataError(text("LabelEncoder: ", id, " is no class; the ", field_.categories.size(), " classes are 0 to ",
                             field_.categories.size() - 1, "."));
      labels.push_back(field_.categories[static_cast<std::size_t>(id)]);
    }
    return labels;
  }

  bool fitted() const { return field_.categories.size() > 0; }
  /// The labels in the order of their numbers.
  std::vector<std::string> classes() const { return field_.categories.values(); }

  void fields(auto&& f) {
    std::vector<std::string> classes = field_.categories.values();
    f("classes", classes);
    field_ = {"", Kind::category, Categories(classes)};
  }

 private:
  void need_fitted() const {
    if (!fitted()) throw StateError("LabelEncoder: it needs to be fitted; call fit first.");
  }
  static void need_all(const Column& labels) {
    for (std::size_t r = 0; r < labels.size(); ++r)
      if (labels.missing(r))
        throw DataError(text("LabelEncoder: the label in row ", r, " is missing; drop the rows without a label."));
  }
  static bool has(const Column& labels, std::size_t code) {
    for (std::size_t r = 0; r < labels.size(); ++r)
      if (labels.code(r) == static_cast<std::int32_t>(code)) return true;
    return false;
  }
  template <class X>
  static Column column_of(const X& labels) {
    const Array<double> values = as_array<double>(labels);
    if (values.rank() != 1 && values.size() != values.rows())
      throw ShapeError(text("LabelEncoder: expected one label a row, received ", values.row_size(), " numbers a row."));
    return std::vector<double>(values.begin(), values.end());
  }

  Field field_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/fields.hpp"
#include "foretell/data/column.hpp"
#include "foretell/data/csv/number.hpp"
#include "foretell/data/dictionary.hpp"
#include "foretell/data/near_match.hpp"
#include "foretell/preprocessing/hash.hpp"

namespace foretell {

constexpr auto enum_names(Kind) { return std::array<std::string_view, 3>{"number", "category", "boolean"}; }

/// The cell of a missing value.
inline constexpr double missing_cell = std::numeric_limits<double>::quiet_NaN();

/// The cell of a category that the schema does not know: a negative whole number, which keeps a hash of the text for
/// HashingEncoder.
inline bool is_unknown(double cell) { return cell < 0; }
inline double unknown_cell(std::string_view value) { return -1.0 - murmur_hash(value); }

/// The texts behind category codes 0, 1, 2 ... Never changes, so copies share it.
class Categories {
 public:
  Categories() = default;
  Categories(const std::vector<std::string>& values)
      : shared_(values.empty() ? nullptr : std::make_shared<const Dictionary>(values)) {}
  Categories(std::initializer_list<std::string> values) : Categories(std::vector<std::string>(values)) {}

  std::size_t size() const { return shared_ ? shared_->size() : 0; }
  const std::string& operator[](std::size_t code) const { return shared_->values()[code]; }
  std::vector<std::string> values() const { return shared_ ? shared_->values() : std::vector<std::string>(); }
  /// The code of `value`, or -1. Allocates nothing.
  std::int32_t find(std::string_view value) const { return shared_ ? shared_->find(value) : -1; }

 private:
  std::shared_ptr<const Dictionary> shared_;
};

namespace detail {

/// What a text says as a boolean, in upper or lower case: 1, 0 or missing.
inline double read_boolean(std::string_view s) {
  constexpr std::array<std::string_view, 10> forms{"false", "true", "0", "1", "no", "yes", "f", "t", "n", "y"};
  const auto same = [&](std::string_view form) {
    return s.size() == form.size() &&
           std::equal(s.begin(), s.end(), form.begin(), [](char a, char b) { return lower(a) == b; });
  };
  for (std::size_t i = 0; i < forms.size(); ++i)
    if (same(forms[i])) return static_cast<double>(i % 2);
  return missing_cell;
}

}  // namespace detail

/// One column as a transformer sees it. Every cell is a double: numbers as they are, booleans 0 and 1, categories their
/// code in `categories`; NaN is missing, a negative number a category that is not listed. A boolean's categories are
/// its two spellings.
struct Field {
  std::string name;
  Kind kind = Kind::number;
  Categories categories{};

  /// The cell of a text; an empty one is missing unless it is a category. In a number column "true" is 1, "false" is 0
  /// and any other text that is no number is missing. Allocates nothing.
  double cell(std::string_view value) const {
    if (const std::int32_t code = categories.find(value); code >= 0) return code;
    if (value.empty()) return missing_cell;
    if (kind == Kind::boolean) return detail::read_boolean(detail::trimmed(value));
    if (kind == Kind::category) return flag_code(detail::read_boolean(value), value);
    double number = 0;
    value = detail::trimmed(value);
    if (detail::read_number(value, number) != detail::NumberRead::no) return number;
    return value.size() >= 4 ? detail::read_boolean(value) : missing_cell;  // "true", "false"
  }

  /// The cell of a number; as a category it is looked up in its shortest spelling. Allocates nothing.
  double cell(double value) const {
    if (kind == Kind::number || std::isnan(value)) return value;
    if (kind == Kind::boolean) return value == 0 || value == 1 ? value : missing_cell;
    NumberText room;
    const std::string_view spelled = text_of(value + 0.0, room);
    const std::int32_t code = categories.find(spelled);
    return code >= 0 ? code : flag_code(value, spelled);
  }

 private:
  /// The code of a 0 or 1 in a column of two categories that are spelled booleans.
  double flag_code(double flag, std::string_view value) const {
    if ((flag != 0 && flag != 1) || categories.size() > 2) return unknown_cell(value);
    constexpr std::array<std::string_view, 10> spelled{"false", "true", "False", "True", "FALSE",
                                                       "TRUE",  "0",    "1",     "no",   "yes"};
    for (std::size_t i = flag == 1; i < spelled.size(); i += 2)
      if (const std::int32_t code = categories.find(spelled[i]); code >= 0) return code;
    return unknown_cell(value);
  }
};

inline void visit_field(FieldVisitor& visitor, std::string_view name, Field& field) {
  if (!visitor.open(name)) return;
  visit_value(visitor, "name", field.name);
  visit_value(visitor, "kind", field.kind);
  if (visitor.reading() || field.kind != Kind::number) {
    auto values = field.categories.values();
    visitor.value("categories", values);
    if (visitor.reading()) {
      if (field.kind == Kind::number && !values.empty()) visitor.fail("categories", "a number column has none");
      if (field.kind == Kind::boolean && !values.empty() && values.size() != 2)
        visitor.fail("categories", text("a boolean column has two, received ", values.size()));
      field.categories = Categories(values);
    }
  }
  visitor.close();
}

/// The columns that go into a transformer or come out of it, in order.
class Schema {
 public:
  Schema() = default;
  Schema(std::vector<Field> columns) : columns_(std::move(columns)) {}
  /// Number columns of those names.
  explicit Schema(const std::vector<std::string>& names) {
    for (const auto& name : names) columns_.push_back({name});
  }

  std::size_t size() const { return columns_.size(); }
  bool empty() const { return columns_.empty(); }
  const Field& operator[](std::size_t i) const { return columns_[i]; }
  auto begin() const { return columns_.begin(); }
  auto end() const { return columns_.end(); }
  void add(Field field) { columns_.push_back(std::move(field)); }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    names.reserve(columns_.size());
    for (const auto& column : columns_) names.push_back(column.name);
    return names;
  }

  /// The place of a column, `size()` when there is none of that name.
  std::size_t find(std::string_view name) const {
    std::size_t i = 0;
    while (i < columns_.size() && columns_[i].name != name) ++i;
    return i;
  }
  /// The place of a column; throws DataError that lists the names when there is none.
  std::size_t index(std::string_view name) const {
    const std::size_t i = find(name);
    if (i == columns_.size())
      throw DataError(text("there is no column \"", name, "\".", detail::did_you_mean(name, names()),
                           " The columns are ", quoted_list(names()), "."));
    return i;
  }

  /// The cell of a value in column `i`: see Field::cell.
  double cell(std::size_t i, double value) const { return columns_[i].cell(value); }
  double cell(std::size_t i, std::string_view value) const { return columns_[i].cell(value); }

  friend void visit_field(FieldVisitor& visitor, std::string_view name, Schema& schema) {
    visit_value(visitor, name, schema.columns_);
  }

 private:
  std::vector<Field> columns_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/exact.hpp"
#include "foretell/core/fields.hpp"
#include "foretell/core/rows.hpp"
#include "foretell/data/column.hpp"
#include "foretell/data/csv/number.hpp"
#include "foretell/data/dictionary.hpp"
#include "foretell/data/missing_markers.hpp"
#include "foretell/data/near_match.hpp"
#include "foretell/preprocessing/hash.hpp"

namespace foretell {

/// The cell of a missing value.
inline constexpr double missing_cell = std::numeric_limits<double>::quiet_NaN();

/// The cell of a category that the schema does not know: a negative whole number, which keeps a hash of the text for
/// HashingEncoder.
inline bool is_unknown(double cell) { return cell < 0; }
inline double unknown_cell(std::string_view value) { return -1.0 - murmur_hash(value); }

/// Values of another kind than their column's. Such a text in a column of numbers or booleans, "1,5" or "abc", is
/// missing to all that compute: a NaN of its own. A number among categories none of which is a number or boolean is an
/// unknown category: not a whole number. Both are counted apart.
inline constexpr double unreadable_cell = std::bit_cast<double>(std::uint64_t{0x7ffc} << 48);
inline bool is_unreadable_value(double cell) {
  return (std::bit_cast<std::uint64_t>(cell) | std::uint64_t{1} << 63) == std::uint64_t{0xfffc} << 48;
}
inline double unreadable_category_cell(std::string_view value) { return unknown_cell(value) - 0.5; }
inline bool is_unreadable_category(double cell) { return cell < 0 && cell != std::floor(cell); }

/// The cell of a text: its address, so the text must outlive the cell. Such a cell is moved, never computed with.
inline double text_cell(const std::string& text) {
  return std::bit_cast<double>(std::uint64_t{reinterpret_cast<std::uintptr_t>(&text)});
}
/// The text of a cell, empty for a missing one.
inline std::string_view text_in(double cell) {
  if (cell != cell) return {};
  return *reinterpret_cast<const std::string*>(static_cast<std::uintptr_t>(std::bit_cast<std::uint64_t>(cell)));
}

namespace detail {

/// What no id is, beside missing_id: of a value that is no whole number.
inline constexpr std::int64_t unreadable_id_value = missing_id + 1;

}  // namespace detail

/// The cell of an id: its bits, moved and never computed with.
inline double id_cell(std::int64_t id) { return std::bit_cast<double>(id); }
/// The id of a cell; missing_id for one that is missing or unreadable.
inline std::int64_t id_in(double cell) {
  const auto id = std::bit_cast<std::int64_t>(cell);
  return id == detail::unreadable_id_value ? missing_id : id;
}

/// The cell of a missing value in a column of that kind; whether a cell is one; and whether it is of another kind than
/// its column's.
inline double missing_cell_of(Kind kind) { return kind == Kind::id ? id_cell(missing_id) : missing_cell; }
inline bool is_missing(Kind kind, double cell) {
  if (kind == Kind::id) return std::bit_cast<std::int64_t>(cell) == missing_id;
  return cell != cell && !is_unreadable_value(cell);
}
inline bool is_unreadable(Kind kind, double cell) {
  if (kind == Kind::id) return std::bit_cast<std::int64_t>(cell) == detail::unreadable_id_value;
  return is_unreadable_value(cell) || (kind == Kind::category && is_unreadable_category(cell));
}

namespace detail {

/// The categories of a column and, for numbers that are asked for by value, which of them read as a number.
struct CategoryTexts {
  explicit CategoryTexts(const std::vector<std::string>& values);

  Dictionary texts;
  std::vector<std::pair<double, std::int32_t>> numbers;  ///< those spelled otherwise than text_of does: "1.0", "1e5"
  bool numeric = false;                                  ///< a category reads as a number or as a boolean
};

}  // namespace detail

/// The texts behind category codes 0, 1, 2 ... Never changes, so copies share it.
class Categories {
 public:
  Categories() = default;
  Categories(const std::vector<std::string>& values)
      : shared_(values.empty() ? nullptr : std::make_shared<const detail::CategoryTexts>(values)) {}
  Categories(std::initializer_list<std::string> values) : Categories(std::vector<std::string>(values)) {}

  std::size_t size() const { return shared_ ? shared_->texts.size() : 0; }
  /// Throws DataError for a code that does not exist.
  const std::string& operator[](std::size_t code) const {
    if (code >= size()) throw DataError(text("Categories: code ", code, " of ", size(), " does not exist."));
    return shared_->texts.values()[code];
  }
  std::vector<std::string> values() const { return shared_ ? shared_->texts.values() : std::vector<std::string>(); }
  /// The code of `value`, or -1. Allocates nothing.
  std::int32_t find(std::string_view value) const { return shared_ ? shared_->texts.find(value) : -1; }
  /// The code of the category that is this number: the one spelled as `spelled`, which text_of gave, else the first of
  /// the same value, "1.0" or "1e0" for 1; or -1. Texts that a number would damage, "007" or digits beyond 2^53, are no
  /// number's. Allocates nothing.
  std::int32_t find(double value, std::string_view spelled) const;
  /// Whether some category reads as a number or a boolean.
  bool numeric() const { return shared_ && shared_->numeric; }

 private:
  std::shared_ptr<const detail::CategoryTexts> shared_;
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

/// Whether a text without blanks around it says that a value is missing: what read_csv takes for missing in a column of
/// that kind. A dash or a point may well be a category.
inline bool says_missing(std::string_view s, Kind kind) {
  const auto among = [&](const auto& markers) { return std::find(markers.begin(), markers.end(), s) != markers.end(); };
  return s.size() <= 8 && (among(missing_markers) || (kind != Kind::category && among(missing_number_markers)));
}

inline CategoryTexts::CategoryTexts(const std::vector<std::string>& values) : texts(values) {
  NumberText room;
  for (std::size_t code = 0; code < values.size(); ++code) {
    const std::string_view value = trimmed(values[code]);
    double number = 0;
    const NumberRead read = read_number(value, number);
    numeric = numeric || read != NumberRead::no || (value.size() > 1 && !std::isnan(read_boolean(value)));
    if (read == NumberRead::yes && text_of(number + 0.0, room) != values[code])
      numbers.emplace_back(number + 0.0, static_cast<std::int32_t>(code));
  }
  std::sort(numbers.begin(), numbers.end());
}

}  // namespace detail

inline std::int32_t Categories::find(double value, std::string_view spelled) const {
  const std::int32_t code = find(spelled);
  if (code >= 0 || !shared_ || shared_->numbers.empty()) return code;
  const auto& numbers = shared_->numbers;
  const auto found = std::lower_bound(numbers.begin(), numbers.end(), std::pair(value, std::int32_t{0}));
  return found != numbers.end() && found->first == value ? found->second : -1;
}

/// One column as a transformer sees it. Every cell is a double: numbers as they are, booleans 0 and 1, categories their
/// code in `categories`; NaN is missing, a negative number a category that is not listed. A boolean's categories are
/// its two spellings. The cell of a text is its address (text_cell), that of an id its bits (id_cell).
struct Field {
  std::string name;
  Kind kind = Kind::number;
  Categories categories{};
  std::size_t count = 1;  ///< so many number columns alike, name0, name1, ...: hashed features, which need no names

  /// The cell of a text. What read_csv takes for missing is missing unless it is a category: "", "NA", "null". In a
  /// number column "true" is 1, "false" is 0, and any other text that is no number is unreadable_cell: a decimal comma
  /// too. In a column of ids it is nothing but a whole number of 64 bits, without zeros before it, or unreadable.
  /// Allocates nothing. Throws StateError in a column of texts: who keeps the text makes its cell, text_cell(text).
  double cell(std::string_view value) const {
    if (kind >= Kind::id) return id_among(value);
    if (const std::int32_t code = categories.find(value); code >= 0) return code;
    if (value.empty()) return missing_cell;
    double read = missing_cell;
    if (kind == Kind::category) {
      read = flag_code(detail::read_boolean(value), value);
      return read < 0 && detail::says_missing(detail::trimmed(value), kind) ? missing_cell : read;
    }
    value = detail::trimmed(value);
    const bool number = detail::read_number(value, read) != detail::NumberRead::no;
    if (kind == Kind::boolean ? !number || (read != 0 && read != 1) : !number)
      read = kind == Kind::boolean || value.size() >= 4 ? detail::read_boolean(value) : missing_cell;
    if (!std::isnan(read)) return read;
    return detail::says_missing(value, kind) ? missing_cell : unreadable_cell;
  }

  /// The cell of a number. As a category it is looked up by value: see Categories::find. In a boolean column one that
  /// is neither 0 nor 1, among categories none of which is a number, and among ids one that is not whole or that is
  /// beyond 2^53, it is a value of another kind. Allocates nothing. Throws StateError in a column of texts.
  double cell(double value) const {
    return kind == Kind::number || (std::isnan(value) && kind < Kind::id) ? value : cell_among(value);
  }
  /// The cell of a whole number, exact as an id and among categories. Throws DataError in a number column when no
  /// double is that number.
  template <std::integral N>
  requires(!std::same_as<N, bool>) double cell(N value) const {
    if (kind == Kind::id)
      return id_cell(std::in_range<std::int64_t>(value) ? static_cast<std::int64_t>(value)
                                                        : detail::unreadable_id_value);
    constexpr std::int64_t exact = std::int64_t{1} << 53;
    if (kind != Kind::category || (std::cmp_less_equal(value, exact) && std::cmp_greater_equal(value, -exact)))
      return cell(detail::as_double(value, "Field"));
    NumberText room;
    const std::string_view digits(
        room.letters,
        static_cast<std::size_t>(std::to_chars(room.letters, std::end(room.letters), value).ptr - room.letters));
    const std::int32_t code = categories.find(digits);
    return code >= 0 ? code : unlisted(unknown_cell(digits), digits);
  }

 private:
  double cell_among(double value) const {
    if (kind >= Kind::id) return id_among(value);
    if (kind == Kind::boolean) return value == 0 || value == 1 ? value : unreadable_cell;
    NumberText room;
    const std::string_view spelled = text_of(value + 0.0, room);
    if (const std::int32_t code = categories.find(value + 0.0, spelled); code >= 0) return code;
    return unlisted(flag_code(value, spelled), spelled);
  }
  /// The cell of a number that is no category: of another kind where no category is a number.
  double unlisted(double cell, std::string_view spelled) const {
    return cell < 0 && categories.size() > 0 && !categories.numeric() ? unreadable_category_cell(spelled) : cell;
  }
  double id_among(std::string_view value) const {
    if (kind == Kind::text) refuse_text();
    value = detail::trimmed(value);
    std::int64_t id = detail::unreadable_id_value;
    if (detail::read_whole(value, id)) return id_cell(std::max(id, detail::unreadable_id_value));
    return id_cell(detail::says_missing(value, kind) ? missing_id : detail::unreadable_id_value);
  }
  double id_among(double value) const {
    if (kind == Kind::text) refuse_text();
    if (std::isnan(value)) return id_cell(missing_id);
    const bool exact = std::abs(value) <= 0x1p53 && value == std::floor(value);
    return id_cell(exact ? static_cast<std::int64_t>(value) : detail::unreadable_id_value);
  }
  [[noreturn, gnu::noinline]] void refuse_text() const {
    throw StateError(text("Field: expected text_cell(text) of a text that is kept, in column \"", name,
                          "\" of texts, received a value that nobody keeps."));
  }
  /// The code of a 0 or 1 in a column of one or two categories that are spelled booleans, by words or digits: "no" and
  /// "se" are countries, "f" and "m" are no booleans.
  double flag_code(double flag, std::string_view value) const {
    const double unknown = unknown_cell(value);
    if ((flag != 0 && flag != 1) || categories.size() > 2) return unknown;
    double code = unknown;
    for (std::size_t c = categories.size(); c-- > 0;) {
      const std::string& spelled = categories[c];
      const double says = detail::read_boolean(spelled);
      if (std::isnan(says) || (spelled.size() == 1 && !detail::is_digit(spelled[0]))) return unknown;
      if (says == flag) code = static_cast<double>(c);
    }
    return code;
  }
};

inline void visit_field(FieldVisitor& visitor, std::string_view name, Field& field) {
  if (!visitor.open(name)) return;
  if (visitor.reading()) field = Field();
  visit_value(visitor, "name", field.name);
  visit_value(visitor, "kind", field.kind);
  if (visitor.reading() || field.count != 1) visit_value(visitor, "count", field.count);
  const bool lists = field.kind == Kind::category || field.kind == Kind::boolean;
  if (visitor.reading() || lists) {
    auto values = field.categories.values();
    visitor.value("categories", values);
    if (visitor.reading()) {
      if (!lists && !values.empty()) visitor.fail("categories", text("a ", name_of(field.kind), " column has none"));
      if (field.count == 0 || (field.count > 1 && field.kind != Kind::number))
        visitor.fail("count", text("expected 1, or more of number columns alike, received ", field.count));
      if (field.kind == Kind::boolean && !values.empty() && values.size() != 2)
        visitor.fail("categories", text("a boolean column has two, received ", values.size()));
      field.categories = Categories(values);
    }
  }
  visitor.close();
}

/// The columns that go into a transformer or come out of it, in order. Hashed features come out as one field that
/// stands for all of them: `size()`, places and `names()` count columns, begin() and end() go over fields.
class Schema {
 public:
  Schema() = default;
  Schema(std::vector<Field> columns) : columns_(std::move(columns)) { count(); }
  /// Number columns of those names.
  explicit Schema(const std::vector<std::string>& names) {
    for (const auto& name : names) columns_.push_back({name});
  }

  std::size_t size() const { return columns_.size() + alike_; }
  bool empty() const { return columns_.empty(); }
  /// The field of a column; throws DataError for one that does not exist.
  const Field& operator[](std::size_t i) const {
    if (i >= size()) [[unlikely]]
      refuse(i);
    if (alike_ == 0) return columns_[i];
    auto field = columns_.begin();
    for (; i >= field->count; ++field) i -= field->count;
    return *field;
  }
  auto begin() const { return columns_.begin(); }
  auto end() const { return columns_.end(); }
  void add(Field field) {
    alike_ += field.count - 1;
    columns_.push_back(std::move(field));
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    names.reserve(size());
    for (const Field& field : columns_)
      if (field.count == 1)
        names.push_back(field.name);
      else
        for (std::size_t i = 0; i < field.count; ++i) names.push_back(text(field.name, i));
    return names;
  }

  /// The same columns, each with a field of its own.
  Schema expanded() const { return alike_ == 0 ? *this : Schema(names()); }

  /// The place of a column, or of the first of those of a field, `size()` when there is none of that name.
  std::size_t find(std::string_view name) const {
    std::size_t place = 0;
    for (const Field& field : columns_) {
      if (field.name == name) break;
      place += field.count;
    }
    return place;
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
  double cell(std::size_t i, double value) const { return (*this)[i].cell(value); }
  double cell(std::size_t i, std::string_view value) const { return (*this)[i].cell(value); }

  /// A number that two schemas share when they have the same columns: names, kinds, categories and their order.
  std::uint64_t fingerprint() const;

  friend void visit_field(FieldVisitor& visitor, std::string_view name, Schema& schema) {
    visit_value(visitor, name, schema.columns_);
    schema.count();
  }

 private:
  void count() {
    alike_ = 0;
    for (const Field& field : columns_) alike_ += field.count - 1;
  }
  [[noreturn, gnu::noinline]] void refuse(std::size_t i) const {
    throw DataError(text("Schema: column ", i, " of ", size(), " does not exist."));
  }

  std::vector<Field> columns_;
  std::size_t alike_ = 0;  ///< columns without a field of their own
};

inline std::uint64_t Schema::fingerprint() const {
  std::uint64_t hash = size();
  const auto mix = [&](std::uint64_t part) { hash = (std::rotl(hash, 23) ^ part) * 0x9e3779b97f4a7c15u; };
  for (const Field& field : columns_) {
    mix(detail::hash_text(field.name));
    mix(static_cast<std::uint64_t>(field.kind));
    mix(field.categories.size());
    for (std::size_t code = 0; code < field.categories.size(); ++code) mix(detail::hash_text(field.categories[code]));
  }
  return hash;
}

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/error.hpp"
#include "foretell/core/exact.hpp"
#include "foretell/data/dictionary.hpp"

namespace foretell {

/// What a column holds. The last two are none of a Column: they say how a Field takes one, as ids, whole numbers of 64
/// bits, or as texts without a list of categories.
enum class Kind : std::uint8_t { number, category, boolean, id, text };
constexpr auto enum_names(Kind) {
  return std::array<std::string_view, 5>{"number", "category", "boolean", "id", "text"};
}
constexpr std::string_view name_of(Kind kind) { return enum_names(kind)[static_cast<std::size_t>(kind)]; }

/// Room for the text of one number.
struct NumberText {
  char letters[32];
};

/// A number as text, in the fewest digits that read back the same: "2", "0.5", "100000", "1e+300". Without an exponent
/// from 0.000001 to 2^53, so that a whole number has the text that its digits have.
inline std::string_view text_of(double value, NumberText& room) {
  return {room.letters, static_cast<std::size_t>(detail::spell(value, room.letters) - room.letters)};
}

/// One named column of a table. A value: the cells are shared by copies and never change, so copying costs nothing.
///
/// number: doubles, NaN is missing. boolean: 0 or 1, -1 is missing. category: codes into `dictionary()`, -1 is missing.
/// The dictionary holds exactly the values that some row has, in the order they first came up where they were read.
/// A boolean column remembers how its two values were spelled (Yes/No) as a dictionary of two: {false, true}.
class Column {
 public:
  Column() : Column(std::vector<double>{}) {}

  /// A number column; NaN is missing.
  Column(std::vector<double> values) {
    auto cells = std::make_shared<Cells>();
    cells->numbers = std::move(values);
    hold(std::move(cells), Kind::number);
  }

  /// Whole numbers of which no double is one, beyond 2^53, become a category column of their digits, as in read_csv: as
  /// doubles two ids would become one.
  template <class N>
  requires(std::is_arithmetic_v<N> && !std::same_as<N, bool> && !std::same_as<N, double>)
      Column(const std::vector<N>& values) {
    hold_numbers(values);
  }

  /// A category column; no text is missing, not even an empty one (`from_codes` makes missing ones).
  Column(const std::vector<std::string>& values) { hold_texts(values); }

  /// A boolean column.
  Column(const std::vector<bool>& values) {
    hold_booleans(std::vector<std::int8_t>(values.begin(), values.end()), "false", "true");
  }

  /// {1.0, 2.0} numbers, {true, false} booleans, {"a", "b"} categories.
  template <class V>
  requires(std::is_arithmetic_v<V> || std::convertible_to<V, std::string_view>)
      Column(std::initializer_list<V> values) {
    if constexpr (std::same_as<V, bool>)
      hold_booleans(std::vector<std::int8_t>(values.begin(), values.end()), "false", "true");
    else if constexpr (std::is_arithmetic_v<V>)
      hold_numbers(values);
    else
      hold_texts(values);
  }

  /// {1, 2.5}: numbers of mixed types.
  Column(std::initializer_list<double> values) : Column(std::vector<double>(values)) {}

  /// A category column from codes; -1 is missing. Values that no row has are dropped. Throws DataError on a bad code.
  static Column from_codes(std::vector<std::int32_t> codes, std::vector<std::string> dictionary) {
    std::vector<std::int32_t> renumbered(dictionary.size(), -1);
    for (const std::int32_t code : codes) {
      if (code < -1 || (code >= 0 && static_cast<std::size_t>(code) >= dictionary.size()))
        throw DataError(
            foretell::text("Column: code ", code, " is outside the dictionary of ", dictionary.size(), " values."));
      if (code >= 0) renumbered[static_cast<std::size_t>(code)] = 0;
    }
    std::int32_t next = 0;
    for (auto& code : renumbered)
      if (code == 0) code = next++;
    if (static_cast<std::size_t>(next) < dictionary.size()) {
      for (auto& code : codes)
        if (code >= 0) code = renumbered[static_cast<std::size_t>(code)];
      std::size_t keep = 0;
      for (std::size_t i = 0; i < dictionary.size(); ++i) {
        if (renumbered[i] < 0) continue;
        if (keep != i) dictionary[keep] = std::move(dictionary[i]);
        ++keep;
      }
      dictionary.resize(keep);
    }
    auto cells = std::make_shared<Cells>();
    cells->codes = std::move(codes);
    cells->dictionary = std::move(dictionary);
    Column column;
    column.hold(std::move(cells), Kind::category);
    return column;
  }

  /// A boolean column from 0, 1 and -1 (missing), and how the two values are spelled.
  static Column from_booleans(std::vector<std::int8_t> values, std::string no = "false", std::string yes = "true") {
    for (const auto value : values)
      if (value < -1 || value > 1)
        throw DataError(foretell::text("Column: a boolean is 0, 1 or -1 (missing), not ", int{value}, "."));
    Column column;
    column.hold_booleans(std::move(values), std::move(no), std::move(yes));
    return column;
  }

  const std::string& name() const { return name_; }
  Kind kind() const { return kind_; }
  std::size_t size() const { return size_; }

  /// This and the next four throw DataError for a row that does not exist.
  bool missing(std::size_t row) const {
    check(row);
    return kind_ == Kind::number     ? std::isnan(numbers_[row])
           : kind_ == Kind::category ? codes_[row] < 0
                                     : flags_[row] < 0;
  }

  /// The value as a number: booleans are 0 and 1, missing is NaN, and so is every category.
  double number(std::size_t row) const {
    check(row);
    return value(row);
  }

  /// The number of the value in `dictionary()`, -1 when missing; for booleans 0, 1 and -1. Throws DataError for a
  /// number column.
  std::int32_t code(std::size_t row) const {
    check(row);
    if (kind_ == Kind::number) refuse_number("codes");
    return kind_ == Kind::boolean ? flags_[row] : codes_[row];
  }

  /// The text of a category or boolean, empty when missing. Throws DataError for a number column: see text(row, room).
  std::string_view text(std::size_t row) const {
    check(row);
    if (kind_ == Kind::number) refuse_number("texts");
    const std::int32_t c = kind_ == Kind::boolean ? flags_[row] : codes_[row];
    return c < 0 ? std::string_view() : std::string_view((*dictionary_)[static_cast<std::size_t>(c)]);
  }

  /// The text of a value of any kind, empty when missing; numbers are written into `room`. Allocates nothing.
  std::string_view text(std::size_t row, NumberText& room) const {
    if (kind_ != Kind::number) return text(row);
    check(row);
    return std::isnan(numbers_[row]) ? std::string_view() : text_of(numbers_[row], room);
  }

  /// All numbers of a number column; throws DataError for other kinds.
  const std::vector<double>& numbers() const { return need(Kind::number).cells_->numbers; }
  /// All codes of a category column; throws DataError for other kinds.
  const std::vector<std::int32_t>& codes() const { return need(Kind::category).cells_->codes; }
  /// All values of a boolean column, 0, 1 or -1; throws DataError for other kinds.
  const std::vector<std::int8_t>& booleans() const { return need(Kind::boolean).cells_->flags; }

  /// The values of a category column, {false, true} as spelled for booleans, nothing for numbers.
  const std::vector<std::string>& dictionary() const { return cells_->dictionary; }

  std::size_t count_missing() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < size_; ++i) count += missing(i);
    return count;
  }

  /// How many different values there are, missing ones aside.
  std::size_t distinct() const {
    if (kind_ == Kind::category) return dictionary().size();
    if (kind_ == Kind::boolean)
      return std::size_t{std::find(flags_, flags_ + size_, 0) != flags_ + size_} +
             std::size_t{std::find(flags_, flags_ + size_, 1) != flags_ + size_};
    std::vector<double> sorted = sorted_numbers();
    return static_cast<std::size_t>(std::unique(sorted.begin(), sorted.end()) - sorted.begin());
  }

  /// The numbers that are not missing, in ascending order; throws DataError for other kinds.
  std::vector<double> sorted_numbers() const {
    std::vector<double> sorted;
    for (const double value : numbers())
      if (!std::isnan(value)) sorted.push_back(value);
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }

  /// The given rows in the given order; throws DataError when one is out of range.
  Column take(const std::vector<std::size_t>& rows) const {
    for (const std::size_t row : rows) check(row);
    return gathered(rows);
  }
  /// As take, and a missing value for each `no_row`.
  static constexpr std::size_t no_row = static_cast<std::size_t>(-1);
  Column pick(const std::vector<std::size_t>& rows) const {
    for (const std::size_t row : rows)
      if (row != no_row) check(row);
    return gathered(rows);
  }

  /// The same cells under another name.
  Column named(std::string name) const& { return Column(*this).named(std::move(name)); }
  Column named(std::string name) && {
    name_ = std::move(name);
    return std::move(*this);
  }

  /// The values as an array of shape (rows): booleans are 0 and 1, missing is NaN. Whole numbers of 64 bits are exact,
  /// also those that stand as digits in a category column. Throws DataError for another category column, and for a
  /// value that a whole T cannot hold, such as a missing one.
  template <class T>
  typename tensor_of<T>::type to_array() const {
    auto array = tensor_of<T>::make({size_});
    write_to(array.data(), 1);
    return array;
  }

  /// Writes the values as numbers to out[0], out[stride], ...; throws as `to_array` does.
  template <class T>
  void write_to(T* out, std::size_t stride) const {
    if constexpr (std::is_integral_v<T> && sizeof(T) == sizeof(std::int64_t))
      if (write_digits(out, stride)) return;
    need_numeric();
    for (std::size_t i = 0; i < size_; ++i) out[i * stride] = detail::as_scalar<T>(value(i), "Column");
  }

  /// Equal when names, kinds and values are; missing equals missing, dictionaries may be numbered differently.
  friend bool operator==(const Column& a, const Column& b) {
    if (a.name_ != b.name_ || a.kind_ != b.kind_ || a.size_ != b.size_) return false;
    for (std::size_t i = 0; i < a.size_; ++i) {
      if (a.missing(i) != b.missing(i)) return false;
      if (a.missing(i)) continue;
      if (a.kind_ == Kind::category ? a.text(i) != b.text(i) : a.number(i) != b.number(i)) return false;
    }
    return true;
  }

 private:
  struct Cells {
    std::vector<double> numbers;
    std::vector<std::int32_t> codes;
    std::vector<std::int8_t> flags;
    std::vector<std::string> dictionary;
  };

  void hold(std::shared_ptr<const Cells> cells, Kind kind) {
    cells_ = std::move(cells);
    kind_ = kind;
    numbers_ = cells_->numbers.data();
    codes_ = cells_->codes.data();
    flags_ = cells_->flags.data();
    dictionary_ = &cells_->dictionary;
    size_ = kind == Kind::number     ? cells_->numbers.size()
            : kind == Kind::category ? cells_->codes.size()
                                     : cells_->flags.size();
  }

  template <class Range>
  void hold_numbers(const Range& values) {
    if (std::all_of(values.begin(), values.end(), [](auto value) { return detail::is_double(value); })) {
      *this = Column(std::vector<double>(values.begin(), values.end()));
      return;
    }
    std::vector<std::string> digits;
    digits.reserve(values.size());
    for (const auto value : values) digits.push_back(foretell::text(value));
    hold_texts(digits);
  }

  template <class Range>
  void hold_texts(const Range& values) {
    Dictionary dictionary;
    auto cells = std::make_shared<Cells>();
    cells->codes.reserve(values.size());
    for (const auto& value : values) cells->codes.push_back(dictionary.add(value));
    cells->dictionary = std::move(dictionary).values();
    hold(std::move(cells), Kind::category);
  }

  void hold_booleans(std::vector<std::int8_t> values, std::string no, std::string yes) {
    auto cells = std::make_shared<Cells>();
    cells->flags = std::move(values);
    cells->dictionary = {std::move(no), std::move(yes)};
    hold(std::move(cells), Kind::boolean);
  }

  /// The rows of `take` and `pick`, which were checked.
  Column gathered(const std::vector<std::size_t>& rows) const {
    const auto gather = [&](const auto* from, auto none, auto to) {
      to.reserve(rows.size());
      for (const std::size_t row : rows) to.push_back(row == no_row ? none : from[row]);
      return to;
    };
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    Column taken = kind_ == Kind::number ? Column(gather(numbers_, nan, std::vector<double>{}))
                   : kind_ == Kind::category
                       ? from_codes(gather(codes_, std::int32_t{-1}, std::vector<std::int32_t>{}), dictionary())
                       : from_booleans(gather(flags_, std::int8_t{-1}, std::vector<std::int8_t>{}), dictionary()[0],
                                       dictionary()[1]);
    return std::move(taken).named(name_);
  }

  /// The whole numbers whose digits a category column holds; false for any other column.
  template <class T>
  bool write_digits(T* out, std::size_t stride) const {
    if (kind_ != Kind::category || dictionary().empty()) return false;
    std::vector<T> wholes(dictionary().size());
    for (std::size_t code = 0; code < wholes.size(); ++code)
      if (!detail::read_whole(dictionary()[code], wholes[code])) return false;
    for (std::size_t i = 0; i < size_; ++i)
      out[i * stride] =
          codes_[i] < 0 ? detail::as_scalar<T>(value(i), "Column") : wholes[static_cast<std::size_t>(codes_[i])];
    return true;
  }

  double value(std::size_t row) const {
    if (kind_ == Kind::number) return numbers_[row];
    if (kind_ == Kind::boolean && flags_[row] >= 0) return flags_[row];
    return std::numeric_limits<double>::quiet_NaN();
  }
  void check(std::size_t row) const {
    if (row >= size_) [[unlikely]]
      refuse_row(row);
  }
  [[noreturn, gnu::noinline]] void refuse_row(std::size_t row) const {
    throw DataError(foretell::text("Column ", label(), ": row ", row, " of ", size_, " does not exist."));
  }
  [[noreturn, gnu::noinline]] void refuse_number(std::string_view what) const {
    throw DataError(foretell::text("Column ", label(), ": it holds numbers, which have no ", what,
                                   "; use number(row), or text(row, room) for a number as text."));
  }

  std::string label() const { return name_.empty() ? "without a name" : foretell::text('"', name_, '"'); }

  const Column& need(Kind kind) const {
    if (kind_ != kind)
      throw DataError(
          foretell::text("Column ", label(), ": expected kind ", name_of(kind), ", it is ", name_of(kind_), "."));
    return *this;
  }

  void need_numeric() const {
    if (kind_ != Kind::category) return;
    throw DataError(
        foretell::text("Column ", label(), ": it holds text",
                       dictionary().empty() ? std::string() : foretell::text(" (e.g. \"", dictionary()[0], "\")"),
                       ", an array needs numbers; encode it first with OneHotEncoder or OrdinalEncoder, a label with "
                       "LabelEncoder, or drop it."));
  }

  std::string name_;
  std::shared_ptr<const Cells> cells_;
  Kind kind_ = Kind::number;
  std::size_t size_ = 0;
  const double* numbers_ = nullptr;
  const std::int32_t* codes_ = nullptr;
  const std::int8_t* flags_ = nullptr;
  const std::vector<std::string>* dictionary_ = nullptr;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/data/table.hpp"

namespace foretell::detail {

/// 64-bit keys numbered 0, 1, 2 ... in the order they come up.
class KeyNumbers {
 public:
  std::int32_t add(std::uint64_t key) {
    if (count_ + count_ / 2 >= slots_.size()) grow();
    Slot& slot = slots_[find_slot(key)];
    if (slot.number < 0) {
      if (count_ == std::numeric_limits<std::int32_t>::max()) throw DataError("More than 2147483647 distinct keys.");
      slot = {key, static_cast<std::int32_t>(count_++)};
    }
    return slot.number;
  }
  /// -1 when the key is not here.
  std::int32_t find(std::uint64_t key) const { return slots_.empty() ? -1 : slots_[find_slot(key)].number; }
  std::size_t size() const { return count_; }

 private:
  struct Slot {
    std::uint64_t key = 0;
    std::int32_t number = -1;
  };
  std::size_t find_slot(std::uint64_t key) const {
    std::uint64_t hash = (key ^ key >> 32) * 0x9e3779b97f4a7c15u;  // the low bits of a whole number's double are zeros
    hash ^= hash >> 32;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = hash & mask;; i = (i + 1) & mask)
      if (slots_[i].number < 0 || slots_[i].key == key) return i;
  }
  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.number >= 0) slots_[find_slot(slot.key)] = slot;
  }

  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

/// Whether rows with a missing key are rows of a group of their own, or of none.
enum class MissingKeys : std::uint8_t { drop, keep };

/// The rows of a table numbered by the values of some columns: equal rows have equal numbers, from 0 in the order they
/// come up; -1 stands for a missing key that is dropped. The rows of another table can be looked up.
class KeyIndex {
 public:
  /// `who` begins the errors. Throws DataError when a column does not exist, ConfigError for no columns.
  KeyIndex(std::string who, const Table& table, const Names& names, MissingKeys missing = MissingKeys::drop)
      : who_(std::move(who)), missing_(missing) {
    if (names.size() == 0) throw ConfigError(text(who_, ": expected names of key columns, received none."));
    ids_.assign(table.rows(), 0);
    for (const auto& name : names) {
      levels_.push_back({table.column(name), {}, {}});
      Level& level = levels_.back();
      const auto add = [](KeyNumbers& numbers, std::uint64_t key) { return numbers.add(key); };
      combine(ids_, codes_of(level.column, level.values, add), level.pairs, add);
    }
    std::size_t count = 0;
    for (const std::int32_t id : ids_) count = std::max(count, static_cast<std::size_t>(id + 1));
    first_.assign(count, 0);
    for (std::size_t row = ids_.size(); row-- > 0;)
      if (ids_[row] >= 0) first_[static_cast<std::size_t>(ids_[row])] = row;
  }

  std::size_t size() const { return first_.size(); }
  const std::vector<std::int32_t>& ids() const { return ids_; }
  /// For each number the first row that has it.
  const std::vector<std::size_t>& first() const { return first_; }

  /// The numbers of another table's rows, -1 for those that are not here. Throws DataError when a column does not exist
  /// there or is of another kind.
  std::vector<std::int32_t> find(const Table& table, const Names& names) const {
    if (names.size() != levels_.size())
      throw ConfigError(
          text(who_, ": expected ", levels_.size(), " key columns on both sides, received ", names.size(), "."));
    std::vector<std::int32_t> ids(table.rows(), 0);
    auto level = levels_.begin();
    for (const auto& name : names) {
      const Column& column = table.column(name);
      if (column.kind() != level->column.kind())
        throw DataError(text(who_, ": expected key columns of the same kind, received \"", level->column.name(),
                             "\", a ", name_of(level->column.kind()), ", and \"", name, "\", a ",
                             name_of(column.kind()), "; read them alike, see CsvOptions::dtypes."));
      const auto look = [](const KeyNumbers& numbers, std::uint64_t key) { return numbers.find(key); };
      std::vector<std::int32_t> codes = codes_of(column, level->values, look);
      if (column.kind() == Kind::category) {  // from the dictionary there to the one here
        const Dictionary here(level->column.dictionary());
        std::vector<std::int32_t> translated(column.dictionary().size() + 1, unknown);
        translated[0] = 0;
        for (std::size_t i = 0; i < column.dictionary().size(); ++i)
          if (const std::int32_t code = here.find(column.dictionary()[i]); code >= 0) translated[i + 1] = code + 1;
        for (auto& code : codes) code = translated[static_cast<std::size_t>(code)];
      }
      combine(ids, codes, level->pairs, look);
      ++level;
    }
    return ids;
  }

 private:
  static constexpr std::int32_t unknown = -1;
  struct Level {
    Column column;
    KeyNumbers values;  ///< of a number column
    KeyNumbers pairs;   ///< of a number so far and a code of this column
  };

  /// A code for each value: 0 is missing, those of values from 1.
  template <class Numbers, class Number>
  static std::vector<std::int32_t> codes_of(const Column& column, Numbers& values, const Number& number) {
    std::vector<std::int32_t> codes(column.size());
    if (column.kind() == Kind::number) {
      const std::vector<double>& numbers = column.numbers();
      for (std::size_t row = 0; row < codes.size(); ++row) {
        if (std::isnan(numbers[row])) continue;
        const std::int32_t code = number(values, std::bit_cast<std::uint64_t>(numbers[row] + 0.0));  // -0 is 0
        codes[row] = code < 0 ? unknown : code + 1;
      }
    } else if (column.kind() == Kind::boolean) {
      std::transform(column.booleans().begin(), column.booleans().end(), codes.begin(), [](auto c) { return c + 1; });
    } else {
      std::transform(column.codes().begin(), column.codes().end(), codes.begin(), [](auto c) { return c + 1; });
    }
    return codes;
  }
  /// Numbers of what `ids` has so far together with those codes.
  template <class Numbers, class Number>
  void combine(std::vector<std::int32_t>& ids, const std::vector<std::int32_t>& codes, Numbers& pairs,
               const Number& number) const {
    for (std::size_t row = 0; row < ids.size(); ++row) {
      const std::int32_t code = codes[row];
      if (ids[row] < 0 || code == unknown || (code == 0 && missing_ == MissingKeys::drop))
        ids[row] = -1;
      else
        ids[row] = number(pairs, static_cast<std::uint64_t>(ids[row]) << 32 | static_cast<std::uint32_t>(code));
    }
  }

  std::string who_;
  MissingKeys missing_;
  std::vector<Level> levels_;
  std::vector<std::int32_t> ids_;
  std::vector<std::size_t> first_;
};

/// The rows of each group, in their order: rows[starts[g]] ... rows[starts[g + 1] - 1].
struct GroupRows {
  std::vector<std::size_t> starts, rows;

  GroupRows(const std::vector<std::int32_t>& ids, std::size_t groups) : starts(groups + 1) {
    for (const std::int32_t id : ids)
      if (id >= 0) ++starts[static_cast<std::size_t>(id) + 1];
    for (std::size_t g = 0; g < groups; ++g) starts[g + 1] += starts[g];
    rows.resize(starts[groups]);
    std::vector<std::size_t> next(starts.begin(), starts.end() - 1);
    for (std::size_t row = 0; row < ids.size(); ++row)
      if (ids[row] >= 0) rows[next[static_cast<std::size_t>(ids[row])]++] = row;
  }
};

}  // namespace foretell::detail

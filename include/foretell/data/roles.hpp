// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/data/column_shape.hpp"
#include "foretell/data/split.hpp"
#include "foretell/data/table.hpp"
#include "foretell/data/table_text.hpp"

namespace foretell {

struct RoleOptions {
  std::size_t least_rows = 20;   ///< fewer rows prove no column an identifier
  double mostly_distinct = 0.5;  ///< texts, missing ones too, of which more than this share are different teach nothing
  std::size_t most_named_codes = 100;  ///< a column named like an id with more values than that is an identifier
  std::vector<std::string> keep{};     ///< columns never to leave out
};

/// A column not to learn from, and why.
struct LeftOut {
  std::string name, reason;
};

/// What each column of a table is good for.
struct Roles {
  std::string target;
  std::vector<std::string> numbers, categories;
  std::vector<LeftOut> left_out{};

  std::string to_string() const {
    std::string out =
        text("target      ", target, "\n", "numbers     ", numbers.size(), list(numbers), "\n", "categories  ",
             categories.size(), list(categories), "\n", "left out    ", left_out.size(), "\n");
    for (const auto& [name, reason] : left_out) out += text("  ", name, ": ", reason, "\n");
    return out;
  }

 private:
  static std::string list(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) out += (out.empty() ? ": " : ", ") + name;
    return out;
  }
};

namespace detail {

/// Why the values of a column are not to be learned from; empty when they are. Missing counts as a value.
inline std::string reason_to_leave(const Column& column, const RoleOptions& options) {
  const std::size_t missing = column.count_missing(), present = column.size() - missing, distinct = column.distinct();
  if (present == 0) return "it has no values";
  if (distinct == 1 && missing == 0) return "it has the same value everywhere";
  if (column.kind() == Kind::boolean) return {};
  const bool enough = present >= options.least_rows, named = named_like_id(column.name());
  if (looks_like_date(column)) return "it holds dates; derive numbers from them (month, weekday, days since) to use it";
  if (named && distinct > options.most_named_codes)
    return distinct == present ? "it is an identifier: all values are different"
                               : "it is an identifier by its name and its many values";
  if (column.kind() == Kind::category) {
    if (!enough || static_cast<double>(distinct) <= options.mostly_distinct * static_cast<double>(column.size()))
      return {};
    if (mean_words(column) >= 4) return "it holds free text";
    return distinct == present ? "it is an identifier: all values are different"
                               : "it is close to an identifier: most values are different";
  }
  if (enough && distinct == column.size() && all_whole(column)) {
    const std::vector<double> sorted = column.sorted_numbers();
    if (named) return "it is an identifier by its name, and all values are different";
    if (sorted.back() - sorted.front() < 2 * static_cast<double>(distinct))
      return "it numbers the rows: whole numbers, all different";
    if (std::is_sorted(column.numbers().begin(), column.numbers().end()))
      return "it rises with every row, as counters and time stamps do";
  }
  return {};
}

/// Each class of `a` goes with one class of `b` and the other way round, and they come up twice or more on average:
/// columns whose values are all different go with each other whatever they hold.
inline bool same_classes(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b) {
  std::vector<std::int32_t> to_b, to_a;
  std::size_t classes = 0;
  const auto mate = [](std::vector<std::int32_t>& mates, std::int32_t of) -> std::int32_t& {
    if (mates.size() <= static_cast<std::size_t>(of)) mates.resize(static_cast<std::size_t>(of) + 1, -1);
    return mates[static_cast<std::size_t>(of)];
  };
  for (std::size_t row = 0; row < a.size(); ++row) {
    std::int32_t &in_b = mate(to_b, a[row]), &in_a = mate(to_a, b[row]);
    if (in_b < 0 && in_a < 0) in_b = b[row], in_a = a[row], ++classes;
    if (in_b != b[row] || in_a != a[row]) return false;
  }
  return classes >= 2 && 2 * classes <= a.size();
}

/// Why a column gives the target away; empty when it does not.
inline std::string reason_of_leak(const Column& column, const Column& target,
                                  const std::vector<std::int32_t>& classes) {
  if (column.named(target.name()) == target) return "it is a copy of the target";
  if (same_classes(classes_of(column), classes)) return "it says the same as the target";
  std::vector<std::int32_t> missing(column.size());
  for (std::size_t row = 0; row < missing.size(); ++row) missing[row] = column.missing(row);
  if (same_classes(missing, classes)) return "whether it is missing says the same as the target";
  return {};
}

}  // namespace detail

/// Sorts the columns of any table into numbers, categories and those to leave out, for predicting `target`.
///
/// Number columns are numbers, also when they have few whole values: 1, 2, 3 may well be an order, and a network copes
/// with codes. Only those named like an id (customer_id, userId) with few values are categories, and those of one value
/// or none beside gaps: what another number would mean there, nothing was learned of. Texts and booleans are
/// categories. Left out are columns that could only mislead: constants, identifiers (texts mostly different from each
/// other; whole numbers all different that count the rows, rise with them or are named like an id), dates, free text,
/// and what says the same as the target, by its values or by being missing. A missing cell counts as a value: a column
/// of one value and gaps is none of the constants. Where something is left out for the values that it has, the reason
/// says how many are missing. Names in `keep` are never left out. Throws DataError when the target or a name does not
/// exist.
inline Roles infer_roles(const Table& table, std::string_view target, const RoleOptions& options = {}) {
  Roles roles{std::string(target), {}, {}};
  const Column& answer = table.column(target);
  const std::vector<std::int32_t> classes = classes_of(answer);
  for (const auto& name : options.keep) (void)table.column(name);
  for (const Column& column : table) {
    if (column.name() == target) continue;
    std::string reason;
    if (std::find(options.keep.begin(), options.keep.end(), column.name()) == options.keep.end()) {
      if (table.rows() >= options.least_rows) reason = detail::reason_of_leak(column, answer, classes);
      if (reason.empty()) {
        reason = detail::reason_to_leave(column, options);
        const std::size_t missing = column.count_missing();
        if (!reason.empty() && missing > 0 && missing < column.size())
          reason += text("; it is missing in ", missing, " of ", column.size(),
                         " rows, which may say something: derive a column of that to use it");
      }
    }
    if (!reason.empty())
      roles.left_out.push_back({column.name(), reason});
    else if (column.kind() == Kind::number && column.distinct() > 1 &&
             !(detail::named_like_id(column.name()) && detail::all_whole(column)))
      roles.numbers.push_back(column.name());
    else
      roles.categories.push_back(column.name());
  }
  return roles;
}

}  // namespace foretell

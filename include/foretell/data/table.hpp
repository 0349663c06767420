// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/error.hpp"
#include "foretell/core/exact.hpp"
#include "foretell/core/print.hpp"
#include "foretell/core/quantile.hpp"
#include "foretell/data/column.hpp"
#include "foretell/data/names.hpp"
#include "foretell/data/near_match.hpp"
#include "foretell/data/table_text.hpp"

namespace foretell {

/// Named, typed columns of equal length. A value: copies share their cells, so select, drop, rename and copying cost
/// nothing that grows with the rows; filter, take and head copy the rows they keep.
class Table {
 public:
  Table() = default;

  /// Table{{"age", Column{31.0, 45.0}}, {"city", Column{"Oslo", "Rome"}}}; throws as `add` does.
  Table(std::initializer_list<std::pair<std::string, Column>> columns) {
    for (const auto& [name, column] : columns) add(name, column);
  }

  /// A number column for each column of an array of shape (rows, columns) or (rows); without names they are column_0,
  /// column_1 ... Throws ShapeError for more axes and for another number of names, DataError for whole numbers that no
  /// double is.
  template <ArrayLike X>
  static Table from_array(const X& x, const std::vector<std::string>& names = {}) {
    using Value = detail::element_of<X>;
    if constexpr (std::is_integral_v<Value>)
      for (const auto value : x) (void)detail::as_double(value, "Table");
    const Array<double> values = as_array<double>(x);
    const std::size_t width = values.rank() == 1 ? 1 : values.rank() == 2 ? values.sizes()[1] : 0;
    if (values.rank() > 2 || (!names.empty() && names.size() != width))
      throw ShapeError(text("Table: expected an array of shape (rows, columns)",
                            names.empty() ? std::string() : text(" with ", names.size(), " columns, one a name"),
                            ", received ", values.rank(), " axes and ", width, " columns."));
    Table table;
    for (std::size_t c = 0; c < width; ++c) {
      std::vector<double> cells(values.rows());
      for (std::size_t r = 0; r < cells.size(); ++r) cells[r] = values[r * width + c];
      table.add(names.empty() ? text("column_", c) : names[c], std::move(cells));
    }
    table.rows_ = values.rows();
    return table;
  }

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_.size(); }
  bool empty() const { return rows_ == 0 || columns_.empty(); }

  /// The names of the columns, in order.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    names.reserve(columns_.size());
    for (const auto& column : columns_) names.push_back(column.name());
    return names;
  }

  bool contains(std::string_view name) const { return find(name) < columns_.size(); }

  /// The column of that name; throws DataError that lists the names when there is none.
  const Column& column(std::string_view name) const { return columns_[index(name)]; }
  /// The column at that place; throws DataError when there is none.
  const Column& column(std::size_t place) const {
    if (place >= columns_.size())
      throw DataError(text("Table: column ", place, " of ", columns_.size(), " does not exist."));
    return columns_[place];
  }

  /// The place of the column of that name; throws DataError that lists the names when there is none.
  std::size_t index(std::string_view name) const {
    const std::size_t place = find(name);
    if (place == columns_.size())
      throw DataError(text("Table: there is no column \"", name, "\".", detail::did_you_mean(name, names()),
                           " The columns are ", quoted_list(names()), "."));
    return place;
  }

  /// Adds a column at the end; throws DataError when the name is taken or the length differs from the other columns'.
  Table& add(std::string name, Column column) {
    if (contains(name)) throw DataError(text("Table: there is already a column \"", name, "\"; `with` replaces it."));
    check_rows(name, column);
    rows_ = column.size();
    columns_.push_back(std::move(column).named(std::move(name)));
    return *this;
  }

  /// The table with that column added at the end, or replaced in place; throws DataError when the length differs.
  Table with(std::string name, Column column) const {
    Table table = *this;
    const std::size_t place = find(name);
    if (place == columns_.size()) return table.add(std::move(name), std::move(column));
    check_rows(name, column);
    table.columns_[place] = std::move(column).named(std::move(name));
    return table;
  }

  /// The table with a column of f(0), f(1) ..., numbers, booleans or texts, added or replaced:
  /// table.derive("rate", [&](std::size_t row) { return spent.number(row) / visits.number(row); }).
  template <class F>
  requires std::invocable<F&, std::size_t> Table derive(std::string name, F f)
  const {
    using Value = std::decay_t<std::invoke_result_t<F&, std::size_t>>;
    std::vector<std::conditional_t<std::is_same_v<Value, bool>, bool,
                                   std::conditional_t<std::is_arithmetic_v<Value>, double, std::string>>>
        values;
    values.reserve(rows_);
    for (std::size_t row = 0; row < rows_; ++row) {
      if constexpr (std::is_arithmetic_v<Value> && !std::is_same_v<Value, bool>)
        values.push_back(detail::as_double(f(row), "Table"));
      else
        values.push_back(f(row));
    }
    return with(std::move(name), Column(values));
  }

  /// The named columns, in the order given; throws DataError when one does not exist or is named twice.
  Table select(const Names& names) const {
    Table table;
    for (const auto& name : names) table.add(name, column(name));
    table.rows_ = rows_;
    return table;
  }

  /// All columns but the named; throws DataError when one does not exist.
  Table drop(const Names& names) const {
    std::vector<bool> dropped(columns_.size());
    for (const auto& name : names) dropped[index(name)] = true;
    Table table;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (!dropped[i]) table.columns_.push_back(columns_[i]);
    table.rows_ = rows_;
    return table;
  }

  /// The table with one column renamed; throws DataError when `from` does not exist or `to` does.
  Table rename(std::string_view from, std::string to) const {
    const std::size_t place = index(from);
    if (from != to && contains(to))
      throw DataError(text("Table: cannot rename \"", from, "\": there is already a column \"", to, "\"."));
    Table table = *this;
    table.columns_[place] = columns_[place].named(std::move(to));
    return table;
  }

  /// The given rows in the given order, repeats allowed; throws DataError when one does not exist.
  Table take(const std::vector<std::size_t>& rows) const {
    Table table;
    table.rows_ = rows.size();
    table.columns_.reserve(columns_.size());
    for (const auto& column : columns_) table.columns_.push_back(column.take(rows));
    return table;
  }

  /// The rows whose mask is true; throws DataError when the mask's length is not the number of rows.
  Table filter(const std::vector<bool>& mask) const {
    if (mask.size() != rows_)
      throw DataError(
          text("Table: filter needs one value for each of the ", rows_, " rows, the mask has ", mask.size(), "."));
    return filter([&](std::size_t row) { return mask[row]; });
  }

  /// The rows for which `keep(row)` is true.
  template <class Keep>
  requires std::predicate<Keep&, std::size_t> Table filter(Keep keep)
  const {
    std::vector<std::size_t> kept;
    for (std::size_t row = 0; row < rows_; ++row)
      if (keep(row)) kept.push_back(row);
    return take(kept);
  }

  /// The first rows.
  Table head(std::size_t count = 5) const { return slice(0, std::min(count, rows_)); }
  /// The last rows.
  Table tail(std::size_t count = 5) const { return slice(rows_ - std::min(count, rows_), rows_); }

  /// All values as an array of shape (rows, columns): booleans are 0 and 1, missing is NaN. Throws DataError that names
  /// the first category column.
  template <class T>
  typename tensor_of<T>::type to_array() const {
    auto array = tensor_of<T>::make({rows_, columns_.size()});
    for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].write_to(array.data() + i, columns_.size());
    return array;
  }

  friend bool operator==(const Table& a, const Table& b) { return a.rows_ == b.rows_ && a.columns_ == b.columns_; }

  auto begin() const { return columns_.begin(); }
  auto end() const { return columns_.end(); }

  /// One row a column of this table: kind, count, missing, distinct, mean, std, min, quartiles, max, top value and its
  /// count. std divides by count - 1, quartiles interpolate between neighbours, as numpy and pandas do.
  Table describe() const;

  /// Aligned text of the first `most_rows` rows and as many columns as fit `width`, with the size at the end.
  std::string to_string(std::size_t most_rows = 10, std::size_t width = 120) const;

 private:
  std::size_t find(std::string_view name) const {
    std::size_t i = 0;
    while (i < columns_.size() && columns_[i].name() != name) ++i;
    return i;
  }

  void check_rows(const std::string& name, const Column& column) const {
    if (!columns_.empty() && column.size() != rows_)
      throw DataError(
          text("Table: column \"", name, "\" has ", column.size(), " values, the table has ", rows_, " rows."));
  }

  Table slice(std::size_t first, std::size_t last) const {
    std::vector<std::size_t> rows;
    for (std::size_t row = first; row < last; ++row) rows.push_back(row);
    return take(rows);
  }

  std::vector<Column> columns_;
  std::size_t rows_ = 0;
};

inline std::string Table::to_string(std::size_t most_rows, std::size_t width) const {
  const std::size_t shown = std::min(rows_, most_rows);
  std::vector<std::vector<std::string>> cells;
  std::vector<bool> right;
  std::size_t used = 0, left_out = 0;
  for (const auto& column : columns_) {
    std::vector<std::string> lines{detail::one_line(column.name(), 24)};
    std::size_t widest = detail::display_width(lines[0]);
    for (std::size_t row = 0; row < shown; ++row) {
      lines.push_back(column.missing(row)             ? "-"
                      : column.kind() == Kind::number ? detail::short_number(column.number(row))
                                                      : detail::one_line(column.text(row), 24));
      widest = std::max(widest, detail::display_width(lines.back()));
    }
    if (!cells.empty() && used + widest + 2 > width) {
      left_out = columns_.size() - cells.size();
      break;
    }
    used += widest + 2;
    cells.push_back(std::move(lines));
    right.push_back(column.kind() == Kind::number);
  }
  std::string out = detail::aligned(cells, right);
  out += text("[", rows_, rows_ == 1 ? " row x " : " rows x ", columns_.size(),
              columns_.size() == 1 ? " column" : " columns");
  if (shown < rows_) out += text(", the first ", shown, " shown");
  if (left_out) out += text(", ", left_out, " columns not shown");
  return out + "]\n";
}

inline Table Table::describe() const {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const std::size_t n = columns_.size();
  const auto blank = [&] { return std::vector<double>(n, nan); };
  std::vector<double> count = blank(), missing = blank(), distinct = blank(), mean = blank(), deviation = blank(),
                      low = blank(), quarter = blank(), median = blank(), three_quarters = blank(), high = blank(),
                      top_count = blank();
  std::vector<std::string> column_names, kinds, tops;
  std::vector<std::int32_t> top(n, -1);
  for (std::size_t i = 0; i < n; ++i) {
    const Column& column = columns_[i];
    column_names.push_back(column.name());
    kinds.emplace_back(name_of(column.kind()));
    const std::size_t absent = column.count_missing(), present = rows_ - absent;
    missing[i] = static_cast<double>(absent);
    count[i] = static_cast<double>(present);
    if (column.kind() == Kind::number) {
      std::vector<double> values = column.sorted_numbers();
      if (!values.empty()) {
        double sum = 0, squares = 0;
        for (const double value : values) sum += value;
        mean[i] = sum / count[i];
        for (const double value : values) squares += (value - mean[i]) * (value - mean[i]);
        if (present > 1) deviation[i] = std::sqrt(squares / (count[i] - 1));
        low[i] = values.front();
        quarter[i] = detail::quantile_of_sorted(values, 0.25);
        median[i] = detail::quantile_of_sorted(values, 0.5);
        three_quarters[i] = detail::quantile_of_sorted(values, 0.75);
        high[i] = values.back();
      }
      distinct[i] = static_cast<double>(std::unique(values.begin(), values.end()) - values.begin());
      continue;
    }
    std::vector<std::size_t> counts(column.dictionary().size());
    for (std::size_t row = 0; row < rows_; ++row)
      if (!column.missing(row)) ++counts[static_cast<std::size_t>(column.code(row))];
    distinct[i] = static_cast<double>(column.distinct());
    if (present == 0) continue;
    const auto most = std::max_element(counts.begin(), counts.end());
    top_count[i] = static_cast<double>(*most);
    if (column.kind() == Kind::boolean) mean[i] = static_cast<double>(counts[1]) / count[i];
    top[i] = static_cast<std::int32_t>(tops.size());
    tops.push_back(column.dictionary()[static_cast<std::size_t>(most - counts.begin())]);
  }
  Dictionary values;
  for (auto& code : top)
    if (code >= 0) code = values.add(tops[static_cast<std::size_t>(code)]);
  return Table{{"column", column_names},
               {"kind", kinds},
               {"count", count},
               {"missing", missing},
               {"distinct", distinct},
               {"mean", mean},
               {"std", deviation},
               {"min", low},
               {"25%", quarter},
               {"50%", median},
               {"75%", three_quarters},
               {"max", high},
               {"top", Column::from_codes(std::move(top), values.values())},
               {"top_count", top_count}};
}

}  // namespace foretell

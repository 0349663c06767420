// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "foretell/data/table.hpp"
#include "foretell/io/json.hpp"
#include "foretell/preprocessing/transformer.hpp"
#include "foretell/testing/check_layer.hpp"

namespace foretell::testing {

struct CheckTransformerOptions {
  long (*allocations)() = nullptr;   ///< how many allocations this thread has made so far; null: not checked
  const Factory* factory = nullptr;  ///< makes parts from their type names when reading; null: parts are read in place
  std::vector<double> target{};      ///< for supervised transformers, one number a row; empty: fit without
  bool lossy_inverse = false;        ///< the way back and forth again may change values, though not twice
  double tolerance = 1e-6;           ///< relative, of the inverse and of partial_fit
};

namespace detail {

/// Cells that transform_cells gives for the rows [first, first + rows) of `cells`, into room that held `before`.
inline std::vector<double> transformed(const Transformer<double>& transformer, const std::vector<double>& cells,
                                       std::size_t first, std::size_t rows, Scratch& scratch, double before = 1e9) {
  const std::size_t in = transformer.input_schema().size(), out = transformer.output_schema().size();
  std::vector<double> result(rows * out + 1, before);
  result.back() = -77.5;
  transformer.transform_cells(Block(cells.data() + first * in, rows, in), result.data(), out, scratch);
  if (result.back() != -77.5)
    throw ContractError(text("check_transformer, ", transformer.type(), ": expected apply to stay inside its block"));
  result.pop_back();
  return result;
}

inline bool same_bits(const double* a, const double* b, std::size_t size) {
  return std::equal(a, a + size, b, [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
  });
}

template <class E, class F>
bool throws(F f) {
  try {
    f();
  } catch (const E&) {
    return true;
  }
  return false;
}

/// fit, or fit_transform on the rows, with the target when there is one.
inline void fit(Transformer<double>& t, const Table& table, const CheckTransformerOptions& options) {
  if (options.target.empty())
    t.fit(table);
  else
    t.fit(table, std::vector<double>(options.target.begin(),
                                     options.target.begin() + static_cast<std::ptrdiff_t>(table.rows())));
}

/// Equal up to rounding, where values of the size of `scale` may have cancelled.
inline bool near(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  double scale = 0;
  for (const double v : b) scale = std::isfinite(v) ? std::max(scale, std::abs(v)) : scale;
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](double x, double y) {
    return x == y || (std::isnan(x) && std::isnan(y)) ||
           std::abs(x - y) <= tolerance * (std::abs(y) + std::min(scale, 1.0));
  });
}

/// The table whose missing, unknown and extreme values a transformer must take: the first row of `table`, changed.
inline Table hostile_rows(const Table& table) {
  Table rows;
  for (const Column& column : table) {
    if (column.kind() == Kind::number)
      rows.add(column.name(), std::vector<double>{missing_cell, 1e300, -1e300, column.number(0)});
    else if (column.kind() == Kind::category)
      rows.add(column.name(), Column::from_codes({-1, 0, 1, 2}, {"never seen before", "", "\xff\xfe"}));
    else
      rows.add(column.name(), Column::from_booleans({-1, 0, 1, -1}));
  }
  return rows;
}

}  // namespace detail

/// Checks any transformer against the contract in preprocessing/transformer.hpp, on a table of at least two rows that
/// it can be fitted on: errors before fit and for missing or surplus columns; fit that forgets; the same bits for a row
/// alone, in blocks and in the whole; every output assigned; copies; two threads; 0 and 1 rows; missing and unknown
/// values (unless an option forbids them, with DataError), and their counters; no allocation after the first call; the
/// way back and forth again where there is an inverse; partial_fit over parts where there is one; the round trip of
/// options and learned values. Throws ContractError that says what is broken.
inline void check_transformer(const Transformer<double>& original, const Table& table,
                              const CheckTransformerOptions& options = {}) {
  const std::string who(original.type());
  const auto require = [&](bool good, std::string_view expected) {
    if (!good) throw ContractError(text("check_transformer, ", who, ": expected ", expected));
  };
  const Json blank = write_json(original);
  Transformer<double> t = original;
  std::vector<double> sink(1);
  require(!t.fitted(), "a transformer that is not fitted yet");
  require(detail::throws<StateError>([&] { t.transform_into(table, sink); }), "StateError from transform before fit");
  require(detail::throws<StateError>([&] { (void)t.get_feature_names_out(); }),
          "StateError from get_feature_names_out before fit");

  require(detail::throws<DataError>([&] { t.fit(table.head(0)); }) && !t.fitted(), "DataError from fit without rows");
  detail::fit(t, table, options);
  const Schema& input = t.input_schema();
  const std::size_t in = input.size(), out = t.output_schema().size(), rows = table.rows();
  require(t.get_feature_names_out().size() == out, "one name a feature");
  require(t.fits(in, out), "fits() to accept the widths that learn gave");
  const TableFrame frame(table, input, who);
  std::vector<double> cells(rows * in);
  frame.read(0, MutableBlock(cells.data(), rows, in));

  Scratch scratch;
  const std::vector<double> whole = detail::transformed(t, cells, 0, rows, scratch);
  require(detail::same_bits(detail::transformed(t, cells, 0, rows, scratch, -1e9).data(), whole.data(), whole.size()),
          "every output to be assigned");
  std::vector<double> into(rows * out);
  t.transform_into(table, into);
  require(detail::same_bits(into.data(), whole.data(), whole.size()), "transform_into to give what apply gives");
  for (std::size_t row = 0; row < rows; ++row) {
    const std::vector<double> alone = detail::transformed(t, cells, row, 1, scratch);
    require(detail::same_bits(alone.data(), whole.data() + row * out, out),
            text("row ", row, " alone to give the bits it gives in a batch"));
  }
  (void)detail::transformed(t, cells, 0, 0, scratch);
  t.transform_into(table.head(0), std::vector<double>());

  require(detail::throws<DataError>([&] { t.transform_into(table.drop(input[0].name), into); }),
          "DataError for a table without a column it needs");
  require(detail::throws<ShapeError>([&] { t.transform_into(table, sink); }) || rows * out == 1,
          "ShapeError for room of the wrong size");
  const bool numeric = std::all_of(input.begin(), input.end(), [](const Field& field) {
    return field.kind == Kind::number || field.kind == Kind::boolean;
  });
  if (numeric)
    require(
        detail::throws<ShapeError>([&] { t.transform_into(std::vector<double>(in == 1 ? 0 : 3), sink); }) || in == 1,
        "ShapeError for an array of another width");

  Transformer<double> copy = t;
  for (const std::size_t some : {std::size_t{1}, rows / 2}) {
    try {
      detail::fit(copy, table.head(some), options);
      (void)detail::transformed(copy, cells, 0, rows, scratch);
    } catch (const Error&) {  // too few rows for what the options ask
    }
  }
  require(detail::same_bits(detail::transformed(t, cells, 0, rows, scratch).data(), whole.data(), whole.size()),
          "a copy to be independent");
  detail::fit(copy, table, options);
  require(copy.output_schema().size() == out &&
              detail::same_bits(detail::transformed(copy, cells, 0, rows, scratch).data(), whole.data(), whole.size()),
          "fit to forget what it learned before");

  std::vector<double> first, second;
  std::thread other([&] {
    Scratch own;
    first = detail::transformed(t, cells, 0, rows, own);
  });
  second = detail::transformed(t, cells, 0, rows, scratch);
  other.join();
  require(detail::same_bits(first.data(), second.data(), whole.size()), "two threads to get the same bits");

  const Table hostile = detail::hostile_rows(table);
  std::vector<double> answers(hostile.rows() * out);
  const auto count = [&] {
    std::uint64_t sum = 0;
    for (const ColumnHits& hits : t.hits()) sum += hits.missing + hits.unknown + hits.unreadable;
    return sum;
  };
  t.clear_hits();
  require(count() == 0, "clear_hits to set the counters to zero");
  try {
    t.transform_into(hostile, answers);
    require(t.hits().empty() || count() > 0, "hits to count missing and unknown values");
  } catch (const DataError&) {  // an option forbids unknown values
  }

  std::vector<double> back(rows * in + 1, -77.5);
  const auto invert = [&](const std::vector<double>& y) {
    const Scratch::Mark mark(scratch);
    t.invert(Block(y.data(), rows, out), MutableBlock(back.data(), rows, in), scratch);
    require(back.back() == -77.5, "invert to stay inside its block");
    return std::vector<double>(back.begin(), back.end() - 1);
  };
  try {
    const std::vector<double> once = invert(whole);
    std::fill(back.begin(), back.end() - 1, 1e9);
    require(detail::same_bits(invert(whole).data(), once.data(), once.size()), "every value to be assigned by invert");
    const std::vector<double> again = detail::transformed(t, once, 0, rows, scratch);
    require(options.lossy_inverse || detail::near(again, whole, options.tolerance),
            "transform to give the same again after the way back");
    require(detail::near(invert(again), once, options.tolerance), "the way back to lead to the same a second time");
  } catch (const StateError&) {  // it has no inverse
  }

  try {
    Transformer<double> parts = original;
    const std::size_t head = rows / 3 + 1, tail = (rows - head) / 2;
    parts.partial_fit(table.head(head));
    parts.partial_fit(table.head(rows - tail).tail(rows - tail - head));
    parts.partial_fit(table.tail(tail));
    require(detail::near(detail::transformed(parts, cells, 0, rows, scratch), whole, options.tolerance),
            "partial_fit over parts to learn what fit does from the whole");
  } catch (const StateError&) {  // it has no partial_fit
  }

  if (options.allocations) {
    std::vector<double> result(out);
    const auto serve = [&] { t.transform_cells(Block(cells.data(), 1, in), result.data(), out, scratch); };
    serve();
    const long before = options.allocations();
    for (int i = 0; i < 3; ++i) serve();
    require(options.allocations() == before, "no allocation after the first call");
  }

  Transformer<double> unfitted = original;
  read_json(blank, "$", unfitted, options.factory);
  require(write_json(unfitted) == blank && !unfitted.fitted(), "fields() to read back what it wrote before fit");
  const Json stored = write_json(t);
  Transformer<double> restored = original;
  read_json(stored, "$", restored, options.factory);
  require(write_json(restored) == stored, "fields() to read back what it wrote");
  require(restored.fitted() && restored.get_feature_names_out() == t.get_feature_names_out(),
          "the schemas to be restored");
  require(detail::same_bits(detail::transformed(restored, cells, 0, rows, scratch).data(), whole.data(), whole.size()),
          "a transformer restored from its fields to give the same bits");
  require(write_json(original) == blank, "a copy to leave its original as it was");
}

}  // namespace foretell::testing

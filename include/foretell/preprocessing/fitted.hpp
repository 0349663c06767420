// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/data/table.hpp"
#include "foretell/preprocessing/block.hpp"
#include "foretell/preprocessing/frame.hpp"
#include "foretell/preprocessing/table_frame.hpp"
#include "foretell/preprocessing/transformer_ops.hpp"
#include "foretell/preprocessing/unique_names.hpp"

namespace foretell::detail {

/// `x` as Array<float> when it holds floats, else as Array<double>.
template <ArrayLike X>
auto cells_of(const X& x) {
  using N = std::conditional_t<std::same_as<element_of<X>, float>, float, double>;
  return as_array<N>(x);
}

/// The column of cells that are texts or ids.
inline Column texts_or_ids(Kind kind, Block cells, std::size_t c) {
  Dictionary texts;
  std::vector<double> numbers;
  std::vector<std::int32_t> codes;
  bool doubles = kind == Kind::id;
  for (std::size_t r = 0; r < cells.rows; ++r) {
    const double cell = cells(r, c);
    const bool missing = is_missing(kind, cell) || is_unreadable(kind, cell);
    numbers.push_back(missing || kind == Kind::text ? missing_cell : static_cast<double>(id_in(cell)));
    doubles = doubles && (missing || is_double(id_in(cell)));
    codes.push_back(missing ? -1 : texts.add(kind == Kind::text ? text_in(cell) : text(id_in(cell))));
  }
  return doubles ? Column(std::move(numbers)) : Column::from_codes(std::move(codes), std::move(texts).values());
}

/// Cells as a table: codes become texts, ids numbers or, beyond 2^53, digits, and what is neither code nor value is
/// missing.
inline Table table_of(const Schema& schema, Block cells) {
  Table table;
  const std::vector<std::string> names = schema.names();
  for (std::size_t c = 0; c < schema.size(); ++c) {
    const std::string& name = names[c];
    const Kind kind = schema[c].kind;
    const Categories& categories = schema[c].categories;
    if (kind == Kind::id || kind == Kind::text) {
      table.add(name, texts_or_ids(kind, cells, c));
      continue;
    }
    const auto code = [&, most = static_cast<double>(kind == Kind::boolean ? 2 : categories.size())](std::size_t r) {
      const double cell = cells(r, c);
      return cell >= 0 && cell < most ? static_cast<std::int32_t>(cell) : -1;
    };
    if (kind == Kind::number) {
      std::vector<double> values(cells.rows);
      for (std::size_t r = 0; r < cells.rows; ++r) values[r] = cells(r, c);
      table.add(name, std::move(values));
    } else if (kind == Kind::category) {
      std::vector<std::int32_t> codes(cells.rows);
      for (std::size_t r = 0; r < cells.rows; ++r) codes[r] = code(r);
      table.add(name, Column::from_codes(std::move(codes), categories.values()));
    } else {
      std::vector<std::int8_t> flags(cells.rows);
      for (std::size_t r = 0; r < cells.rows; ++r) flags[r] = static_cast<std::int8_t>(code(r));
      table.add(name, categories.size() == 2 ? Column::from_booleans(std::move(flags), categories[0], categories[1])
                                             : Column::from_booleans(std::move(flags)));
    }
  }
  return table;
}

/// A transformer of any type: its table and itself.
struct TransformerRef {
  const TransformerOps& ops;
  const void* self;
};

/// Room for numbers of any type; `put` writes doubles there from a place on, null where they are doubles.
struct Room {
  void* data;
  void (*put)(const double* cells, std::size_t count, void* data, std::size_t place);
};
template <class N>
void put_numbers(const double* cells, std::size_t count, void* data, std::size_t place) {
  std::transform(cells, cells + count, static_cast<N*>(data) + place, [](double cell) { return static_cast<N>(cell); });
}
template <class N>
Room room_at(N* data) {
  if constexpr (std::same_as<N, double>)
    return {data, nullptr};
  else
    return {data, put_numbers<N>};
}

enum class Way { apply, apply_learned, invert };

/// The columns that fit saw and those that come out, and the loops over rows: of a transformer of any type.
class Fitted {
 public:
  bool fitted() const { return !input_.empty(); }
  /// The columns that fit saw, or chose from a table; empty before fit.
  const Schema& input_schema() const { return input_; }
  const Schema& output_schema() const { return output_; }

 protected:
  void forget() { input_ = output_ = Schema(); }
  void set_schemas(Schema input, Schema output) {
    input_ = std::move(input);
    output_ = std::move(output);
  }
  void need_fitted(std::string_view who, std::string_view call) const {
    if (!fitted()) [[unlikely]]
      refuse_unfitted(who, call);
  }

  /// Forgets and learns; a frame has its own target.
  void fit_on(const TransformerOps& ops, void* self, const Frame& frame, const Target*) {
    forget();
    if (frame.rows() == 0 || frame.columns() == 0)
      throw DataError(
          text(ops.name, ": fit needs rows and columns, received ", frame.rows(), " rows of ", frame.columns(), "."));
    if (!ops.learn) refuse_to_learn(ops);
    expect_known_kinds(ops, frame.schema());
    Schema output = with_unique_names(ops.learn(self, frame));
    if (ops.clear_hits) ops.clear_hits(self);
    set_schemas(frame.schema(), std::move(output));
  }
  void fit_on(const TransformerOps& ops, void* self, const Table& table, const Target* target) {
    forget();
    const Table used = ops.needs ? table.select(ops.needs(self, table.names())) : table;
    TableFrame frame(
        used, schema_of(used, ops.reads_texts ? ops.reads_texts(self, used.names()) : std::vector<std::string>()),
        ops.name);
    frame.set_target(target, ops.name);
    fit_on(ops, self, frame, target);
  }
  template <ArrayLike X>
  void fit_on(const TransformerOps& ops, void* self, const X& x, const Target* target) {
    forget();
    ArrayFrame frame(cells_of(x), ops.name);
    frame.set_target(target, ops.name);
    fit_on(ops, self, frame, target);
  }

  /// What is transformed, seen through the columns of fit.
  const Frame& frame_of(const Frame& x, std::string_view who) const {
    need_fitted(who, "transform");
    if (x.columns() != input_.size())
      throw ShapeError(text(who, ": expected ", input_.size(), " columns, as fitted, received ", x.columns(), "."));
    return x;
  }
  TableFrame frame_of(const Table& x, std::string_view who) const {
    need_fitted(who, "transform");
    return TableFrame(x, input_, who);
  }
  template <ArrayLike X>
  auto frame_of(const X& x, std::string_view who) const {
    need_fitted(who, "transform");
    return ArrayFrame(cells_of(x), input_, who);
  }
  /// Features that came out, to go back. Throws DataError when they go to an array and a column held text.
  template <ArrayLike X>
  auto features_of(const X& x, std::string_view who, std::string_view call) const {
    need_fitted(who, call);
    if (call == "inverse_transform") need_no_text(who);
    return ArrayFrame(cells_of(x), Schema(output_.names()), who);
  }

  /// The rows of a frame as what comes out or, to invert, as what went in: in blocks for which both sides have room.
  void run(const TransformerRef& t, Way way, const Frame& frame, const Room& out) const {
    if (way == Way::invert && !t.ops.invert) throw StateError(text(t.ops.name, ": it has no inverse."));
    if (way == Way::apply_learned && !t.ops.apply_learned) way = Way::apply;
    const std::size_t width = way == Way::invert ? input_.size() : output_.size();
    const std::size_t most = block_rows(std::max(input_.size(), output_.size()));
    Scratch scratch;
    for (std::size_t row = 0; row < frame.rows(); row += most) {
      const Scratch::Mark mark(scratch);
      const MutableBlock in = scratch.block(std::min(frame.rows() - row, most), frame.columns());
      frame.read(row, in);
      double* const direct = static_cast<double*>(out.data);
      const MutableBlock cells =
          out.put ? scratch.block(in.rows, width) : MutableBlock(direct + row * width, in.rows, width);
      if (way == Way::apply)
        t.ops.apply(t.self, in, cells, scratch);
      else if (way == Way::invert)
        t.ops.invert(t.self, in, cells, scratch);
      else
        t.ops.apply_learned(t.self, row, in, cells, scratch);
      if (out.put) out.put(cells.data, in.rows * width, out.data, row * width);
    }
  }
  /// The same to a table.
  Table run(const TransformerRef& t, Way way, const Frame& frame) const {
    const Schema& schema = way == Way::invert ? input_ : output_;
    std::vector<double> cells(frame.rows() * schema.size());
    run(t, way, frame, room_at(cells.data()));
    return table_of(schema, Block(cells.data(), frame.rows(), schema.size()));
  }
  void need_room(std::string_view who, std::size_t rows, std::size_t size) const {
    if (size != rows * output_.size())
      throw ShapeError(text(who, ": transform_into expected room for ", rows, " rows of ", output_.size(),
                            " features, received ", size, " elements."));
  }

 private:
  [[noreturn, gnu::noinline]] static void refuse_unfitted(std::string_view who, std::string_view call) {
    throw StateError(text(who, ": ", call, " needs a fitted transformer; call fit first."));
  }
  void need_no_text(std::string_view who) const {
    for (const Field& field : input_)
      if (field.kind == Kind::category || field.kind == Kind::text)
        throw DataError(
            text(who, ": column \"", field.name, "\" holds text; call inverse_table instead of inverse_transform."));
  }

  Schema input_, output_;
};

/// An X, whose type is known, with its columns and its table.
template <class X>
class FittedAs : public X, public Fitted {
 public:
  using X::X;

 protected:
  void* self() { return static_cast<X*>(this); }
  TransformerRef ref() const {
    return {static_cast<const TransformerOps&>(transformer_ops<X>()), static_cast<const X*>(this)};
  }
};

}  // namespace foretell::detail

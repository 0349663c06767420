// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/erased.hpp"
#include "foretell/core/factory.hpp"
#include "foretell/core/fields.hpp"
#include "foretell/preprocessing/frame.hpp"
#include "foretell/preprocessing/hits.hpp"

// A type of transformer as a table of plain functions.

namespace foretell::detail {

template <class X>
concept TransformerType = requires {
  { X::type } -> std::convertible_to<std::string_view>;
};

/// Takes the numbers of a row that are not 0: any f(column, value), which must outlive it.
struct NonzeroSink {
  const void* to;
  void (*put)(const void* to, std::size_t column, double value);

  void operator()(std::size_t column, double value) const { put(to, column, value); }
};
template <class F>
NonzeroSink sink_to(const F& f) {
  return {&f, [](const void* to, std::size_t column, double value) { (*static_cast<const F*>(to))(column, value); }};
}

/// What a type of transformer does; null where it does nothing. One for prediction has no learn.
struct TransformerOps : ValueOps {
  void (*apply)(const void*, Block, MutableBlock, Scratch&) = nullptr;
  Schema (*learn)(void*, const Frame&) = nullptr;
  void (*learn_more)(void*, const Frame&) = nullptr;
  void (*apply_learned)(const void*, std::size_t, Block, MutableBlock, Scratch&) = nullptr;
  void (*invert)(const void*, Block, MutableBlock, Scratch&) = nullptr;
  void (*nonzeros)(const void*, Block, Scratch&, const NonzeroSink&) = nullptr;
  bool (*fits)(const void*, std::size_t, std::size_t) = nullptr;
  std::vector<std::string> (*needs)(const void*, std::vector<std::string>) = nullptr;
  std::vector<std::string> (*reads_texts)(const void*, std::vector<std::string>) = nullptr;
  std::vector<ColumnHits> (*hits)(const void*) = nullptr;
  void (*clear_hits)(void*) = nullptr;
};

/// The table of no transformer.
constexpr TransformerOps no_transformer() {
  TransformerOps ops;
  ops.name = "Transformer (empty)";
  return ops;
}

/// Throws StateError for the table of no transformer.
inline void expect_transformer(const ValueOps& ops) {
  if (!ops.key) throw StateError("Transformer: it is empty; assign a transformer to it first.");
}

[[noreturn, gnu::noinline]] inline void refuse_to_learn(const TransformerOps& ops) {
  expect_transformer(ops);
  throw StateError(text(ops.name,
                        ": expected a transformer that can be fitted, received one that was loaded to predict; give "
                        "load the registry Registry<T>::builtin()."));
}

/// Throws DataError for a column that is a text or an id, which a type only takes that reads texts.
inline void expect_known_kinds(const TransformerOps& ops, const Schema& schema) {
  if (ops.reads_texts) return;
  for (const Field& field : schema)
    if (field.kind == Kind::text || field.kind == Kind::id)
      throw DataError(text(ops.name, ": expected numbers, booleans or categories, column \"", field.name, "\" is ",
                           field.kind == Kind::id ? "an id" : "a text",
                           "; where another branch reads it as such, give this one a copy of another name."));
}

/// f(column, value) for the numbers of a row, `width` of them, that are not 0, in ascending order of the columns.
template <class F>
void nonzeros_of(const TransformerOps& ops, const void* self, Block row, std::size_t width, Scratch& scratch,
                 const F& f) {
  if (ops.nonzeros) return ops.nonzeros(self, row, scratch, sink_to(f));
  const Scratch::Mark mark(scratch);
  const MutableBlock dense = scratch.block(1, width);
  ops.apply(self, row, dense, scratch);
  for (std::size_t c = 0; c < width; ++c)
    if (dense.data[c] != 0) f(c, dense.data[c]);
}

template <class X>
struct TransformerFunctions {
  static_assert(std::copyable<X>, "foretell: a transformer must be copyable");
  static_assert(
      requires(X & t, const Frame& x) {
        { t.learn(x) } -> std::convertible_to<Schema>;
      },
      "foretell: a transformer needs `Schema learn(const Frame&)`");
  static_assert(
      requires(const X& t, Block in, MutableBlock out, Scratch& scratch) { t.apply(in, out, scratch); },
      "foretell: a transformer needs `void apply(Block in, MutableBlock out, Scratch&) const`");
  static_assert(HasFields<X>,
                "foretell: a transformer needs `void fields(auto&& f)` that lists its options and learned values");

  static void apply(const void* x, Block in, MutableBlock out, Scratch& scratch) {
    static_cast<const X*>(x)->apply(in, out, scratch);
  }
  static Schema learn(void* x, const Frame& frame) { return static_cast<X*>(x)->learn(frame); }
  static void learn_more(void* x, const Frame& frame) { static_cast<X*>(x)->learn_more(frame); }
  static void apply_learned(const void* x, std::size_t first, Block in, MutableBlock out, Scratch& scratch) {
    static_cast<const X*>(x)->apply_learned(first, in, out, scratch);
  }
  static void invert(const void* x, Block out, MutableBlock in, Scratch& scratch) {
    static_cast<const X*>(x)->invert(out, in, scratch);
  }
  static void nonzeros(const void* x, Block row, Scratch& scratch, const NonzeroSink& sink) {
    static_cast<const X*>(x)->nonzeros(row, scratch, sink);
  }
  static bool fits(const void* x, std::size_t in, std::size_t out) { return static_cast<const X*>(x)->fits(in, out); }
  static std::vector<std::string> needs(const void* x, std::vector<std::string> names) {
    return static_cast<const X*>(x)->needs(std::move(names));
  }
  static std::vector<std::string> reads_texts(const void* x, std::vector<std::string> names) {
    return static_cast<const X*>(x)->reads_texts(std::move(names));
  }
  static std::vector<ColumnHits> hits(const void* x) { return static_cast<const X*>(x)->hits(); }
  static void clear_hits(void* x) { static_cast<X*>(x)->clear_hits(); }
};

template <class X, Purpose purpose>
constexpr TransformerOps make_transformer_ops() {
  using F = TransformerFunctions<X>;
  auto ops = begin_ops<TransformerOps, X>();
  ops.apply = F::apply;
  if constexpr (purpose == Purpose::training) {
    ops.learn = F::learn;
    if constexpr (requires(X & t, const Frame& x) { t.learn_more(x); }) ops.learn_more = F::learn_more;
    if constexpr (requires(const X& t, Block in, MutableBlock out, Scratch& s) { t.apply_learned(0, in, out, s); })
      ops.apply_learned = F::apply_learned;
    if constexpr (requires(const X& t, std::vector<std::string> names) { t.needs(std::move(names)); })
      ops.needs = F::needs;
    if constexpr (requires(const X& t, std::vector<std::string> names) { t.reads_texts(std::move(names)); })
      ops.reads_texts = F::reads_texts;
  }
  if constexpr (requires(const X& t, Block out, MutableBlock in, Scratch& s) { t.invert(out, in, s); })
    ops.invert = F::invert;
  if constexpr (requires(const X& t, Block row, Scratch& s, NonzeroSink sink) { t.nonzeros(row, s, sink); })
    ops.nonzeros = F::nonzeros;
  if constexpr (requires(const X& t) { t.fits(0, 0); }) ops.fits = F::fits;
  if constexpr (requires(const X& t) { t.hits(); }) ops.hits = F::hits;
  if constexpr (requires(X & t) { t.clear_hits(); }) ops.clear_hits = F::clear_hits;
  return ops;
}
/// The table of a type of transformer.
template <class X, Purpose purpose = Purpose::training>
const ValueOps& transformer_ops() {
  static constexpr TransformerOps ops = make_transformer_ops<X, purpose>();
  return ops;
}

}  // namespace foretell::detail

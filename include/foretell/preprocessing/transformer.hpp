// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/erased.hpp"
#include "foretell/core/erased_value.hpp"
#include "foretell/core/factory.hpp"
#include "foretell/core/fields.hpp"
#include "foretell/preprocessing/estimator.hpp"
#include "foretell/preprocessing/hits.hpp"

// The contract of a transformer. A transformer is a value, options and what it learned; no base class is needed.
//
//   static constexpr std::string_view type = "package.Name";
//   Schema learn(const Frame& x);                                    forgets, learns, returns the columns that come out
//   void apply(Block in, MutableBlock out, Scratch&) const;          assigns out, row by row; in and out never overlap
//   void fields(auto&& f);                                           lists options and learned values: this is what is
//   saved
//
// apply is called from several threads, and allocates nothing but from the scratch. It throws only for data that an
// option forbids. Optional:
//
//   void invert(Block out, MutableBlock in, Scratch&) const;         the way back
//   void learn_more(const Frame& x);                                 continues to learn
//   void apply_learned(std::size_t first, Block in, MutableBlock out, Scratch&) const;
//                                    the rows of the frame that learn saw, from row `first` on, when fit_transform
//                                    gives them other values than apply: out of fold
//   bool fits(std::size_t columns_in, std::size_t columns_out) const;
//                                    learned values read from a file can be applied
//   std::vector<std::string> needs(std::vector<std::string> names) const;
//                                    the columns it uses of a table that has these
//   std::vector<ColumnHits> hits() const;  void clear_hits();        missing and unknown values met by apply
//
// A supervised transformer finds the target in learn, as x.target(type): fit(x, y) puts it there, and Pipeline and
// ColumnTransformer hand it on.

namespace foretell {

namespace detail {

template <class X>
concept TransformerType = requires {
  { X::type } -> std::convertible_to<std::string_view>;
};

/// Throws DataError when a column holds categories.
inline void need_numbers(const Schema& schema, std::string_view who) {
  for (const Field& field : schema)
    if (field.kind == Kind::category)
      throw DataError(text(who, ": column \"", field.name, "\" holds text",
                           field.categories.size() ? text(" (e.g. \"", field.categories[0], "\")") : std::string(),
                           "; encode it first with OneHotEncoder or OrdinalEncoder, or leave it out."));
}

/// Throws DataError unless what was learned of a column is a number: it is none of infinite cells, and of cells near
/// the largest double.
inline void need_finite(std::string_view who, const Field& column, double learned) {
  if (std::isfinite(learned)) return;
  throw DataError(text(who, ": column \"", column.name, "\" holds infinite numbers, or ones so large that what is ",
                       "learned of them is infinite; cut them first, with Winsorizer, or leave the column out."));
}

/// The same names as number columns.
inline Schema as_numbers(const Schema& schema) { return Schema(schema.names()); }

}  // namespace detail

namespace detail {

[[noreturn]] inline void refuse_to_learn(std::string_view type) {
  throw StateError(text(type,
                        ": expected a transformer that can be fitted, received one that was loaded to predict; give "
                        "load the registry Registry<T>::builtin()."));
}

/// What a type of transformer does; null where it does nothing. One for prediction has no learn.
struct TransformerOps : ValueOps {
  std::string_view type;
  void (*visit)(void*, FieldVisitor&) = nullptr;
  void (*apply)(const void*, Block, MutableBlock, Scratch&) = nullptr;
  Schema (*learn)(void*, const Frame&) = nullptr;
  void (*learn_more)(void*, const Frame&) = nullptr;
  void (*apply_learned)(const void*, std::size_t, Block, MutableBlock, Scratch&) = nullptr;
  void (*invert)(const void*, Block, MutableBlock, Scratch&) = nullptr;
  bool (*fits)(const void*, std::size_t, std::size_t) = nullptr;
  std::vector<std::string> (*needs)(const void*, std::vector<std::string>) = nullptr;
  std::vector<ColumnHits> (*hits)(const void*) = nullptr;
  void (*clear_hits)(void*) = nullptr;
};

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

  static X& of(void* x) { return *static_cast<X*>(x); }
  static const X& of(const void* x) { return *static_cast<const X*>(x); }

  static void visit(void* x, FieldVisitor& visitor) { visit_fields(visitor, of(x)); }
  static void apply(const void* x, Block in, MutableBlock out, Scratch& scratch) { of(x).apply(in, out, scratch); }
  static Schema learn(void* x, const Frame& frame) { return of(x).learn(frame); }
  static void learn_more(void* x, const Frame& frame) { of(x).learn_more(frame); }
  static void apply_learned(const void* x, std::size_t first, Block in, MutableBlock out, Scratch& scratch) {
    of(x).apply_learned(first, in, out, scratch);
  }
  static void invert(const void* x, Block out, MutableBlock in, Scratch& scratch) { of(x).invert(out, in, scratch); }
  static bool fits(const void* x, std::size_t in, std::size_t out) { return of(x).fits(in, out); }
  static std::vector<std::string> needs(const void* x, std::vector<std::string> names) {
    return of(x).needs(std::move(names));
  }
  static std::vector<ColumnHits> hits(const void* x) { return of(x).hits(); }
  static void clear_hits(void* x) { of(x).clear_hits(); }
};

template <class X, Purpose purpose>
constexpr TransformerOps make_transformer_ops() {
  using F = TransformerFunctions<X>;
  TransformerOps ops;
  static_cast<ValueOps&>(ops) = value_ops<X>();
  ops.type = X::type;
  ops.visit = F::visit;
  ops.apply = F::apply;
  if constexpr (purpose == Purpose::training) {
    ops.learn = F::learn;
    if constexpr (requires(X & t, const Frame& x) { t.learn_more(x); }) ops.learn_more = F::learn_more;
    if constexpr (requires(const X& t, Block in, MutableBlock out, Scratch& s) { t.apply_learned(0, in, out, s); })
      ops.apply_learned = F::apply_learned;
    if constexpr (requires(const X& t, std::vector<std::string> names) { t.needs(std::move(names)); })
      ops.needs = F::needs;
  }
  if constexpr (requires(const X& t, Block out, MutableBlock in, Scratch& s) { t.invert(out, in, s); })
    ops.invert = F::invert;
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

}  // namespace detail

/// Any transformer as one value type: copyable, built-in and user transformers alike, with fit and transform.
template <class T = float>
class Transformer : public Estimator<Transformer<T>, T> {
 public:
  Transformer() = default;
  template <class X>
  requires(!std::same_as<std::remove_cvref_t<X>, Transformer> && detail::TransformerType<std::remove_cvref_t<X>>)
      Transformer(X&& transformer) {  // NOLINT(google-explicit-constructor): braces of transformers are the point
    if constexpr (requires {
                    transformer.input_schema();
                    transformer.output_schema();
                  })
      this->set_schemas(transformer.input_schema(), transformer.output_schema());
    self_ =
        Self(detail::ErasedValue::of(detail::transformer_ops<std::remove_cvref_t<X>>(), std::forward<X>(transformer)));
  }
  /// The default of a type, by its table.
  explicit Transformer(const detail::ValueOps& ops) : self_(detail::ErasedValue::made(ops)) {}
  explicit operator bool() const { return static_cast<bool>(self_); }
  std::string_view type() const { return self_ ? self_->type : "Transformer (empty)"; }

  Schema learn(const Frame& x) {
    this->forget();
    if (!self().learn) detail::refuse_to_learn(type());
    return detail::with_unique_names(self().learn(self_.get(), x));
  }
  void learn_more(const Frame& x) {
    if (!self().learn) detail::refuse_to_learn(type());
    if (!self().learn_more) throw StateError(text(type(), ": it has no partial_fit; call fit with all rows."));
    self().learn_more(self_.get(), x);
  }
  void apply(Block in, MutableBlock out, Scratch& scratch) const { self_->apply(self_.get(), in, out, scratch); }
  void apply_learned(std::size_t first, Block in, MutableBlock out, Scratch& scratch) const {
    if (!self().learn) detail::refuse_to_learn(type());
    if (self().apply_learned)
      self().apply_learned(self_.get(), first, in, out, scratch);
    else
      apply(in, out, scratch);
  }
  void invert(Block out, MutableBlock in, Scratch& scratch) const {
    if (!self().invert) throw StateError(text(type(), ": it has no inverse."));
    self().invert(self_.get(), out, in, scratch);
  }
  bool fits(std::size_t in, std::size_t out) const {
    return self_ && (!self_->fits || self_->fits(self_.get(), in, out));
  }
  std::vector<std::string> needs(std::vector<std::string> names) const {
    return self().needs ? self().needs(self_.get(), std::move(names)) : names;
  }
  /// The missing and unknown values met by transforms since fit, load or clear_hits.
  std::vector<ColumnHits> hits() const { return self().hits ? self().hits(self_.get()) : std::vector<ColumnHits>(); }
  void clear_hits() {
    if (self().clear_hits) self().clear_hits(self_.get());
  }

  /// The stored form: the schemas when this one was fitted itself (not as a part of another), then the fields.
  void visit(FieldVisitor& visitor) {
    if ((visitor.reading() || this->fitted()) && visitor.open("schema")) {
      Schema input = this->input_schema(), output = this->output_schema();
      visit_value(visitor, "input", input);
      visit_value(visitor, "output", output);
      if (visitor.reading()) this->set_schemas(std::move(input), std::move(output));
      visitor.close();
    }
    self().visit(self_.get(), visitor);
    if (visitor.reading() && this->fitted() && !fits(this->input_schema().size(), this->output_schema().size()))
      visitor.fail("schema", text(type(), ": the schema does not fit the learned values"));
  }

  /// The transformer inside when it is an X, else null.
  template <class X>
  const X* as() const {
    return self_.template as<X>();
  }

 private:
  using Self = detail::ErasedBy<detail::TransformerOps>;

  const detail::TransformerOps& self() const {
    if (!self_) throw StateError("Transformer: it is empty; assign a transformer to it first.");
    return *self_.operator->();
  }

  Self self_;
};

template <class T>
void visit_field(FieldVisitor& visitor, std::string_view name, Transformer<T>& transformer) {
  visit_erased(visitor, name, transformer);
}

}  // namespace foretell

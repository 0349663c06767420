// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/erased.hpp"
#include "foretell/core/factory.hpp"
#include "foretell/core/fields.hpp"
#include "foretell/preprocessing/estimator.hpp"
#include "foretell/preprocessing/fitted.hpp"
#include "foretell/preprocessing/hits.hpp"
#include "foretell/preprocessing/transformer_ops.hpp"

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
//   std::vector<std::string> reads_texts(std::vector<std::string> names) const;
//                                    those of these columns that it reads as texts, text_in(cell), not as categories
//   template <class F>
//   void nonzeros(Block row, Scratch&, const F& f) const;
//                                    f(column, value) for the numbers of one row that are not 0, in ascending order,
//                                    where most are; without it, those of apply
//   std::vector<ColumnHits> hits() const;  void clear_hits();        missing and unknown values met by apply
//
// A supervised transformer finds the target in learn, as x.target(type): fit(x, y) puts it there, and Pipeline and
// ColumnTransformer hand it on.

namespace foretell {

namespace detail {

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

/// Assigns rows whose numbers other than 0 a transformer gives one by one.
template <class Core>
void spread_nonzeros(const Core& core, Block in, MutableBlock out, Scratch& scratch) {
  for (std::size_t r = 0; r < in.rows; ++r) {
    double* y = out.row(r);
    std::fill_n(y, out.columns, 0.0);
    core.nonzeros(Block(in.row(r), 1, in.columns), scratch,
                  [y](std::size_t column, double value) { y[column] = value; });
  }
}

/// The same names as number columns.
inline Schema as_numbers(const Schema& schema) { return Schema(schema.names()); }

/// Any transformer as one value: copyable, built-in and user transformers alike. It keeps the contract itself.
class AnyTransformer : public Fitted {
 public:
  AnyTransformer() = default;
  template <class X>
  requires TransformerType<std::remove_cvref_t<X>> AnyTransformer(const X& transformer)  // NOLINT(google-explicit-*)
      : self_(ErasedValue::copied(transformer_ops<plain_of<X>>(), static_cast<const plain_of<X>*>(&transformer))) {
    if constexpr (std::derived_from<X, Fitted>) static_cast<Fitted&>(*this) = transformer;
  }
  /// The default of a type, by its table.
  explicit AnyTransformer(const ValueOps& ops) : self_(ErasedValue::made(ops)) {}
  explicit operator bool() const { return static_cast<bool>(self_); }
  std::string_view type() const { return ref().ops.name; }

  Schema learn(const Frame& x) {
    forget();
    if (!ref().ops.learn) refuse_to_learn(ref().ops);
    expect_known_kinds(ref().ops, x.schema());
    return with_unique_names(self_->learn(self_.get(), x));
  }
  void learn_more(const Frame& x) {
    if (!ref().ops.learn) refuse_to_learn(ref().ops);
    if (!self_->learn_more) throw StateError(text(type(), ": it has no partial_fit; call fit with all rows."));
    self_->learn_more(self_.get(), x);
  }
  /// It must not be empty.
  void apply(Block in, MutableBlock out, Scratch& scratch) const { self_->apply(self_.get(), in, out, scratch); }
  void apply_learned(std::size_t first, Block in, MutableBlock out, Scratch& scratch) const {
    if (!ref().ops.learn) refuse_to_learn(ref().ops);
    if (self_->apply_learned)
      self_->apply_learned(self_.get(), first, in, out, scratch);
    else
      apply(in, out, scratch);
  }
  void invert(Block out, MutableBlock in, Scratch& scratch) const {
    expect_transformer(ref().ops);
    if (!self_->invert) throw StateError(text(type(), ": it has no inverse."));
    self_->invert(self_.get(), out, in, scratch);
  }
  /// f(column, value) for the numbers of a row, `width` of them, that are not 0.
  template <class F>
  void nonzeros(Block row, std::size_t width, Scratch& scratch, const F& f) const {
    nonzeros_of(ref().ops, self_.get(), row, width, scratch, f);
  }
  bool fits(std::size_t in, std::size_t out) const {
    return self_ && (!self_->fits || self_->fits(self_.get(), in, out));
  }
  std::vector<std::string> needs(std::vector<std::string> names) const {
    expect_transformer(ref().ops);
    return self_->needs ? self_->needs(self_.get(), std::move(names)) : names;
  }
  std::vector<std::string> reads_texts(std::vector<std::string> names) const {
    expect_transformer(ref().ops);
    return self_->reads_texts ? self_->reads_texts(self_.get(), std::move(names)) : std::vector<std::string>();
  }
  /// The missing and unknown values met by transforms since fit, load or clear_hits.
  std::vector<ColumnHits> hits() const {
    expect_transformer(ref().ops);
    return self_->hits ? self_->hits(self_.get()) : std::vector<ColumnHits>();
  }
  void clear_hits() {
    expect_transformer(ref().ops);
    if (self_->clear_hits) self_->clear_hits(self_.get());
  }

  /// The stored form: the schemas when this one was fitted itself (not as a part of another), then the fields.
  void visit(FieldVisitor& visitor) {
    expect_transformer(ref().ops);
    if ((visitor.reading() || fitted()) && visitor.open("schema")) {
      Schema input = input_schema(), output = output_schema();
      visit_value(visitor, "input", input);
      visit_value(visitor, "output", output);
      if (visitor.reading()) set_schemas(std::move(input), std::move(output));
      visitor.close();
    }
    self_.visit(visitor);
    if (visitor.reading() && fitted() && !fits(input_schema().size(), output_schema().size()))
      visitor.fail("schema", text(type(), ": the schema does not fit the learned values"));
  }

  /// The table of its type; null where it is empty.
  const ValueOps* ops() const { return self_.ops(); }
  /// The transformer inside when it is an X, of any scalar, else null.
  template <class X>
  const plain_of<X>* as() const {
    return self_.as<plain_of<X>>();
  }

 protected:
  void* self() { return self_.get(); }
  TransformerRef ref() const { return {self_ ? *self_.operator->() : nothing, self_.get()}; }

 private:
  static constexpr TransformerOps nothing = no_transformer();

  Erased<TransformerOps> self_;
};

inline void visit_field(FieldVisitor& visitor, std::string_view name, AnyTransformer& transformer) {
  visit_erased(visitor, name, transformer);
}

}  // namespace detail

/// Any transformer as one value type: copyable, built-in and user transformers alike, with fit and transform.
template <class T = float>
class Transformer : public Estimator<Transformer<T>, detail::AnyTransformer, T> {
 public:
  Transformer() = default;
  template <class X>
  requires(!std::same_as<X, Transformer> && std::convertible_to<const X&, detail::AnyTransformer>)
      Transformer(const X& transformer) {  // NOLINT(google-explicit-constructor): braces of transformers are the point
    static_cast<detail::AnyTransformer&>(*this) = transformer;
  }
  explicit Transformer(const detail::ValueOps& ops) : Transformer::Estimator(ops) {}
};

}  // namespace foretell

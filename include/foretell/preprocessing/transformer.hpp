// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/erased.hpp"
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
    self_ = std::make_unique<Model<std::remove_cvref_t<X>>>(std::forward<X>(transformer));
  }
  /// A transformer; one for prediction cannot fit.
  template <Purpose purpose, detail::TransformerType X>
  static Transformer made_for() {
    Transformer result;
    result.self_ = std::make_unique<Model<X, purpose>>();
    return result;
  }
  explicit operator bool() const { return static_cast<bool>(self_); }
  std::string_view type() const { return self_ ? self_->type() : "Transformer (empty)"; }

  Schema learn(const Frame& x) {
    this->forget();
    return detail::with_unique_names(self().learn(x));
  }
  void learn_more(const Frame& x) { self().learn_more(x); }
  void apply(Block in, MutableBlock out, Scratch& scratch) const { self_->apply(in, out, scratch); }
  void apply_learned(std::size_t first, Block in, MutableBlock out, Scratch& scratch) const {
    self_->apply_learned(first, in, out, scratch);
  }
  void invert(Block out, MutableBlock in, Scratch& scratch) const { self_->invert(out, in, scratch); }
  bool fits(std::size_t in, std::size_t out) const { return self_ && self_->fits(in, out); }
  std::vector<std::string> needs(std::vector<std::string> names) const { return self().needs(std::move(names)); }
  /// The missing and unknown values met by transforms since fit, load or clear_hits.
  std::vector<ColumnHits> hits() const { return self().hits(); }
  void clear_hits() { self().clear_hits(); }

  /// The stored form: the schemas when this one was fitted itself (not as a part of another), then the fields.
  void visit(FieldVisitor& visitor) {
    if ((visitor.reading() || this->fitted()) && visitor.open("schema")) {
      Schema input = this->input_schema(), output = this->output_schema();
      visit_value(visitor, "input", input);
      visit_value(visitor, "output", output);
      if (visitor.reading()) this->set_schemas(std::move(input), std::move(output));
      visitor.close();
    }
    self().visit(visitor);
    if (visitor.reading() && this->fitted() && !fits(this->input_schema().size(), this->output_schema().size()))
      visitor.fail("schema", text(type(), ": the schema does not fit the learned values"));
  }

  /// The transformer inside when it is an X, else null.
  template <class X>
  const X* as() const {
    return self_.template as<X>();
  }

 private:
  using Base = Estimator<Transformer<T>, T>;

  struct Concept : detail::Erasable<Concept> {
    virtual std::string_view type() const = 0;
    virtual Schema learn(const Frame&) = 0;
    virtual void learn_more(const Frame&) = 0;
    virtual void apply(Block, MutableBlock, Scratch&) const = 0;
    virtual void apply_learned(std::size_t, Block, MutableBlock, Scratch&) const = 0;
    virtual void invert(Block, MutableBlock, Scratch&) const = 0;
    virtual bool fits(std::size_t, std::size_t) const = 0;
    virtual std::vector<std::string> needs(std::vector<std::string>) const = 0;
    virtual std::vector<ColumnHits> hits() const = 0;
    virtual void clear_hits() = 0;
    virtual void visit(FieldVisitor&) = 0;
  };

  template <class X, Purpose purpose = Purpose::training>
  struct Model final : detail::Held<Concept, Model<X, purpose>, X> {
    using Held = detail::Held<Concept, Model<X, purpose>, X>;
    using Held::Held;
    using Held::value;
    static constexpr bool trains = purpose == Purpose::training;
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

    std::string_view type() const override { return X::type; }
    Schema learn(const Frame& x) override {
      if constexpr (trains)
        return value.learn(x);
      else
        refuse_to_learn(X::type);
    }
    void learn_more(const Frame& x) override {
      if constexpr (!trains)
        refuse_to_learn(X::type);
      else if constexpr (requires { value.learn_more(x); })
        value.learn_more(x);
      else
        throw StateError(text(X::type, ": it has no partial_fit; call fit with all rows."));
    }
    void apply(Block in, MutableBlock out, Scratch& scratch) const override { value.apply(in, out, scratch); }
    void apply_learned(std::size_t first, Block in, MutableBlock out, Scratch& scratch) const override {
      if constexpr (!trains)
        refuse_to_learn(X::type);
      else if constexpr (requires { value.apply_learned(first, in, out, scratch); })
        value.apply_learned(first, in, out, scratch);
      else
        value.apply(in, out, scratch);
    }
    void invert(Block out, MutableBlock in, Scratch& scratch) const override {
      if constexpr (requires { value.invert(out, in, scratch); })
        value.invert(out, in, scratch);
      else
        throw StateError(text(X::type, ": it has no inverse."));
    }
    bool fits(std::size_t in, std::size_t out) const override {
      if constexpr (requires { value.fits(in, out); }) return value.fits(in, out);
      return true;
    }
    std::vector<std::string> needs(std::vector<std::string> names) const override {
      if constexpr (trains && requires { value.needs(std::move(names)); }) return value.needs(std::move(names));
      return names;
    }
    std::vector<ColumnHits> hits() const override {
      if constexpr (requires { value.hits(); }) return value.hits();
      return {};
    }
    void clear_hits() override {
      if constexpr (requires { value.clear_hits(); }) value.clear_hits();
    }
    void visit(FieldVisitor& visitor) override { visit_fields(visitor, value); }
  };

  [[noreturn]] static void refuse_to_learn(std::string_view type) {
    throw StateError(text(type,
                          ": expected a transformer that can be fitted, received one that was loaded to predict; give "
                          "load the registry Registry<T>::builtin()."));
  }

  Concept& self() const {
    if (!self_) throw StateError("Transformer: it is empty; assign a transformer to it first.");
    return *self_;
  }

  detail::Erased<Concept> self_;
};

template <class T>
void visit_field(FieldVisitor& visitor, std::string_view name, Transformer<T>& transformer) {
  visit_erased(visitor, name, transformer);
}

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/sparse_matrix.hpp"
#include "foretell/data/column.hpp"
#include "foretell/preprocessing/text/tokenizer.hpp"
#include "foretell/preprocessing/transformer.hpp"

// What transformers share that read one column of texts.

namespace foretell {

namespace detail {

/// Texts one after the other: of a vector of them, or of a category column, whose missing values are empty texts.
template <class Texts, class F>
void each_text(const Texts& texts, const F& f) {
  if constexpr (std::same_as<Texts, Column>) {
    (void)texts.codes();
    for (std::size_t row = 0; row < texts.size(); ++row) f(texts.text(row));
  } else {
    for (const auto& one : texts) f(std::string_view(one));
  }
}

/// The texts of a frame of one column, which must outlive them; missing ones are empty. Throws DataError for any other
/// frame.
inline std::vector<std::string_view> texts_of(const Frame& x, std::string_view who) {
  if (x.columns() != 1 || x.schema()[0].kind != Kind::text)
    throw DataError(text(who, ": expected one column of texts, received ",
                         x.columns() == 1 ? text("column \"", x.schema()[0].name, "\" of another kind")
                                          : text(x.columns(), " columns, ", quoted_list(x.schema().names(), 6)),
                         "; fit it on a Table, in a ColumnTransformer with a branch for each text."));
  std::vector<std::string_view> texts;
  texts.reserve(x.rows());
  for (const double cell : x.column(0)) texts.push_back(text_in(cell));
  return texts;
}

/// The columns of a row that are not 0, in ascending order, and their numbers.
using TokenRow = std::vector<std::pair<std::uint32_t, double>>;

/// What is filled anew for each text.
struct TokenMemory {
  Tokenizer::Memory tokenizer;
  std::vector<std::uint32_t> found;
  TokenRow row;
};

/// The contract of a transformer over what a Core does with texts: learn_texts(texts, rows) learns and gives the rows
/// where they are wanted, row_of(text, memory) makes one, width() and output() are the columns that come out.
template <class Core>
class TokenRows {
 public:
  Schema learn(const Frame& x) {
    static_cast<Core*>(this)->learn_texts(texts_of(x, Core::type), nullptr);
    return core().output();
  }
  void apply(Block in, MutableBlock out, Scratch& scratch) const { spread_nonzeros(core(), in, out, scratch); }
  template <class F>
  void nonzeros(Block row, Scratch& scratch, const F& f) const {
    auto& memory = scratch.kept<TokenMemory>();
    core().row_of(text_in(row.data[0]), memory);
    for (const auto& [column, value] : memory.row) f(std::size_t{column}, value);
  }
  std::vector<std::string> reads_texts(std::vector<std::string> names) const { return names; }
  bool fits(std::size_t in, std::size_t out) const { return in == 1 && out == core().width(); }

 private:
  const Core& core() const { return static_cast<const Core&>(*this); }
};

}  // namespace detail

/// Texts that are given alone: a std::vector of them, or a category column, whose missing values are empty texts. They
/// must outlive this.
class TextsAlone {
 public:
  template <detail::TextList Texts>
  TextsAlone(const Texts& texts) {  // NOLINT(google-explicit-constructor): texts are what is given
    views_.reserve(texts.size());
    detail::each_text(texts, [&](std::string_view one) { views_.push_back(one); });
    if constexpr (std::same_as<Texts, Column>) name_ = texts.name();
  }

  const std::vector<std::string_view>& views() const { return views_; }
  /// Of the column, else "x0".
  const std::string& name() const { return name_; }

 private:
  std::vector<std::string_view> views_;
  std::string name_ = "x0";
};

/// A transformer of one text column that may also be given its texts alone. Those come out as a SparseMatrix, one row a
/// text.
template <class Derived, class Core, class T>
class TextEstimator : public Estimator<Derived, Core, T> {
 public:
  using Estimator<Derived, Core, T>::Estimator;
  using Estimator<Derived, Core, T>::fit;
  using Estimator<Derived, Core, T>::transform;
  using Estimator<Derived, Core, T>::fit_transform;

  Derived& fit(const TextsAlone& texts) {
    learn_from(texts, nullptr);
    return static_cast<Derived&>(*this);
  }
  /// Throws StateError before fit.
  SparseMatrix<T> transform(const TextsAlone& texts) const {
    this->need_learned("transform");
    SparseMatrix<T> out(this->width());
    detail::TokenMemory memory;
    for (const std::string_view one : texts.views()) {
      this->row_of(one, memory);
      out.add_row(memory.row);
    }
    return out;
  }
  SparseMatrix<T> fit_transform(const TextsAlone& texts) {
    std::vector<detail::TokenRow> rows;
    learn_from(texts, &rows);
    SparseMatrix<T> out(this->width());
    for (const detail::TokenRow& row : rows) out.add_row(row);
    return out;
  }
  /// Whether texts can be transformed: also when it stood in a model file as a part.
  bool fitted() const { return this->learned(); }

 private:
  void learn_from(const TextsAlone& texts, std::vector<detail::TokenRow>* rows) {
    this->forget();
    this->learn_texts(texts.views(), rows);
    this->set_schemas(Schema({{texts.name(), Kind::text}}), this->output());
  }
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/sparse_matrix.hpp"
#include "foretell/preprocessing/fitted.hpp"

namespace foretell {

namespace detail {

/// Texts one after the other: a vector of them, or a category column.
template <class X>
concept TextList = std::same_as<X, Column> ||(ArrayLike<X>&& requires(const X& x) {
  { *x.begin() } -> std::convertible_to<std::string_view>;
});
template <class X>
concept FrameSource = std::derived_from<X, Frame> || std::same_as<X, Table> ||(ArrayLike<X> && !TextList<X>);
template <class Y>
concept TargetSource = std::same_as<Y, Column> || ArrayLike<Y>;

template <class Core>
using FaceOf = std::conditional_t<std::derived_from<Core, Fitted>, Core, FittedAs<Core>>;

}  // namespace detail

/// fit, transform and their kin over a Core, which keeps the contract in transformer.hpp and computes in double: T only
/// says what transform gives. Derived is the class that derives from this. `x` is a Table, whose columns are found by
/// name, or any array-like of shape (rows, columns). All but the fitting is const and may run in several threads.
template <class Derived, class Core, class T>
class Estimator : public detail::FaceOf<Core> {
 public:
  using Plain = Core;  ///< what files, registries and Transformer hold of it
  using detail::FaceOf<Core>::FaceOf;

  /// Forgets, learns and returns itself. Throws DataError when `x` has no rows or no columns.
  template <detail::FrameSource X>
  Derived& fit(const X& x) {
    this->fit_on(this->ref().ops, this->self(), x, nullptr);
    return derived();
  }
  /// The same with a target for supervised transformers; others ignore it. `y` is a Column or one number a row. Throws
  /// ShapeError when it has another number of rows, DataError when a value is missing. A Frame has its own target.
  template <detail::FrameSource X, detail::TargetSource Y>
  requires(!std::derived_from<X, Frame>) Derived& fit(const X& x, const Y& y) {
    const Target target(y, who());
    this->fit_on(this->ref().ops, this->self(), x, &target);
    return derived();
  }

  /// Continues to learn from more rows; the first call is a fit.
  template <detail::FrameSource X>
  Derived& partial_fit(const X& x) {
    static_assert(
        requires(Core & core, const Frame& frame) { core.learn_more(frame); },
        "foretell: this transformer has no partial_fit");
    if (!this->fitted()) return fit(x);
    const auto& frame = this->frame_of(x, who());
    this->learn_more(frame);
    return derived();
  }

  /// The transformed rows, an array of shape (rows, features out). Throws StateError before fit, DataError when the
  /// table lacks a column, ShapeError for an array of another width.
  template <detail::FrameSource X, class U = T>
  Tensor<U> transform(const X& x) const {
    return rows_of<U>(x, detail::Way::apply);
  }

  /// The transformed rows without their zeros, for a model that begins with SparseDense: of transformers that make many
  /// columns of few values, OneHotEncoder or TfidfVectorizer say, or of branches with some of them. As scikit-learn's
  /// sparse_output.
  template <detail::FrameSource X>
  SparseMatrix<T> transform_sparse(const X& x) const {
    const auto& frame = this->frame_of(x, who());
    SparseMatrix<T> result(this->output_schema().size());
    std::vector<std::pair<std::uint32_t, double>> row;
    Scratch scratch;
    for_each_block(frame, [&](Block in) {
      for (std::size_t r = 0; r < in.rows; ++r) {
        row.clear();
        nonzeros_of(in.row(r), scratch, [&](std::size_t column, double value) {
          row.emplace_back(static_cast<std::uint32_t>(column), value);
        });
        result.add_row(row);
      }
    });
    return result;
  }

  /// The same of one row of cells of `input_schema()`, for serving: f(column, value) in ascending order of the columns.
  /// Allocates nothing after the first calls with the same scratch.
  template <class F>
  void nonzeros_of(const double* cells, Scratch& scratch, const F& f) const {
    this->need_fitted(who(), "nonzeros_of");
    const Block row(cells, 1, this->input_schema().size());
    if constexpr (requires(const Core& core) { core.nonzeros(row, scratch, f); })
      this->nonzeros(row, scratch, f);
    else
      detail::nonzeros_of(this->ref().ops, this->ref().self, row, this->output_schema().size(), scratch, f);
  }

  /// fit, then the rows that were learned from. A supervised transformer may give them other values than transform
  /// does, so that what is learned from them later does not see their own targets: TargetEncoder.
  template <detail::FrameSource X, class U = T>
  Tensor<U> fit_transform(const X& x) {
    fit(x);
    return rows_of<U>(x, detail::Way::apply_learned);
  }
  template <detail::FrameSource X, detail::TargetSource Y, class U = T>
  requires(!std::derived_from<X, Frame>) Tensor<U> fit_transform(const X& x, const Y& y) {
    fit(x, y);
    return rows_of<U>(x, detail::Way::apply_learned);
  }

  /// `transform` into existing contiguous room; throws ShapeError when its size is not rows x features out.
  template <detail::FrameSource X, class Out>
  void transform_into(const X& x, Out&& out) const {
    const auto& frame = this->frame_of(x, who());
    this->need_room(who(), frame.rows(), static_cast<std::size_t>(out.size()));
    this->run(this->ref(), detail::Way::apply, frame, detail::room_at(out.data()));
  }

  /// The same for cells of `input_schema()` as they are, for serving: row r goes to out + r * stride. Allocates nothing
  /// after the first call of a size with the same scratch.
  template <class N>
  void transform_cells(Block in, N* out, std::size_t stride, Scratch& scratch) const {
    this->need_fitted(who(), "transform_cells");
    const detail::TransformerRef ref = this->ref();
    const std::size_t width = this->output_schema().size();
    if constexpr (std::same_as<N, double>) {
      ref.ops.apply(ref.self, in, MutableBlock(out, in.rows, width, stride), scratch);
    } else {
      const Scratch::Mark mark(scratch);
      const MutableBlock cells = scratch.block(in.rows, width);
      ref.ops.apply(ref.self, in, cells, scratch);
      for (std::size_t r = 0; r < in.rows; ++r) detail::put_numbers<N>(cells.row(r), width, out, r * stride);
    }
  }

  /// `transform` as a table, for output that is still text or mixed, such as that of SimpleImputer.
  template <detail::FrameSource X>
  Table transform_table(const X& x) const {
    return this->run(this->ref(), detail::Way::apply, this->frame_of(x, who()));
  }

  /// From an array of shape (rows, features out) back to (rows, columns). Throws DataError when a column held text:
  /// `inverse_table` gives those.
  template <ArrayLike X, class U = T>
  Tensor<U> inverse_transform(const X& x) const {
    const auto frame = this->features_of(x, who(), "inverse_transform");
    auto result = tensor_of<U>::make({frame.rows(), this->input_schema().size()});
    this->run(this->ref(), detail::Way::invert, frame, detail::room_at(result.data()));
    return result;
  }

  /// From an array of shape (rows, features out) back to a table.
  template <ArrayLike X>
  Table inverse_table(const X& x) const {
    return this->run(this->ref(), detail::Way::invert, this->features_of(x, who(), "inverse_table"));
  }

  /// The names of the columns that come out, each once.
  std::vector<std::string> get_feature_names_out() const {
    this->need_fitted(who(), "get_feature_names_out");
    return this->output_schema().names();
  }

 private:
  Derived& derived() { return static_cast<Derived&>(*this); }
  std::string_view who() const { return this->ref().ops.name; }

  template <class U, class X>
  Tensor<U> rows_of(const X& x, detail::Way way) const {
    const auto& frame = this->frame_of(x, who());
    auto result = tensor_of<U>::make({frame.rows(), this->output_schema().size()});
    this->run(this->ref(), way, frame, detail::room_at(result.data()));
    return result;
  }
};

}  // namespace foretell

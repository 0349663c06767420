// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/sparse_matrix.hpp"
#include "foretell/data/table.hpp"
#include "foretell/preprocessing/block.hpp"
#include "foretell/preprocessing/frame.hpp"
#include "foretell/preprocessing/table_frame.hpp"
#include "foretell/preprocessing/unique_names.hpp"

namespace foretell {

namespace detail {

template <class X>
concept FrameSource = std::derived_from<X, Frame> || std::same_as<X, Table> || ArrayLike<X>;
template <class Y>
concept TargetSource = std::same_as<Y, Column> || ArrayLike<Y>;

/// `x` as Array<float> when it holds floats, else as Array<double>.
template <ArrayLike X>
auto cells_of(const X& x) {
  using N = std::conditional_t<std::same_as<std::remove_cvref_t<decltype(*x.begin())>, float>, float, double>;
  return as_array<N>(x);
}

/// Cells as a table: codes become texts, and what is neither code nor value is missing.
inline Table table_of(const Schema& schema, Block cells) {
  Table table;
  for (std::size_t c = 0; c < schema.size(); ++c) {
    const auto& [name, kind, categories] = schema[c];
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

}  // namespace detail

/// fit, transform and their kin over the contract in transformer.hpp, for Derived. `x` is a Table, whose columns are
/// found by name, or any array-like of shape (rows, columns). All but the fitting is const and may run in several
/// threads.
template <class Derived, class T>
class Estimator {
 public:
  /// Forgets, learns and returns itself. Throws DataError when `x` has no rows or no columns.
  template <detail::FrameSource X>
  Derived& fit(const X& x) {
    return learn_with(x, nullptr);
  }
  /// The same with a target for supervised transformers; others ignore it. `y` is a Column or one number a row. Throws
  /// ShapeError when it has another number of rows, DataError when a value is missing.
  template <detail::FrameSource X, detail::TargetSource Y>
  Derived& fit(const X& x, const Y& y) {
    const Target target(y, who());
    return learn_with(x, &target);
  }

  /// Continues to learn from more rows; the first call is a fit.
  template <detail::FrameSource X>
  Derived& partial_fit(const X& x) {
    static_assert(
        requires(Derived & d, const Frame& frame) { d.learn_more(frame); },
        "foretell: this transformer has no partial_fit");
    if (!fitted()) return fit(x);
    with_frame(x, [&](const Frame& frame) { derived().learn_more(frame); });
    return derived();
  }

  /// The transformed rows, an array of shape (rows, features out). Throws StateError before fit, DataError when the
  /// table lacks a column, ShapeError for an array of another width.
  template <detail::FrameSource X, class U = T>
  Tensor<U> transform(const X& x) const {
    return with_frame(x, [&](const Frame& frame) {
      auto result = tensor_of<U>::make({frame.rows(), output_.size()});
      run(frame, result.data());
      return result;
    });
  }

  /// The transformed rows without their zeros, for a model that begins with SparseDense: of transformers that make many
  /// columns of few values, OneHotEncoder say. As scikit-learn's sparse_output.
  template <detail::FrameSource X>
  SparseMatrix<T> transform_sparse(const X& x) const {
    static_assert(
        requires(const Derived& d, const double* row, void (*f)(std::size_t, double)) { d.nonzeros(row, f); },
        "foretell: this transformer has no sparse output");
    return with_frame(x, [&](const Frame& frame) {
      SparseMatrix<T> result(output_.size());
      std::vector<std::pair<std::uint32_t, double>> row;
      for_each_block(frame, [&](Block in) {
        for (std::size_t r = 0; r < in.rows; ++r) {
          row.clear();
          derived().nonzeros(in.row(r), [&](std::size_t column, double value) {
            row.emplace_back(static_cast<std::uint32_t>(column), value);
          });
          result.add_row(row);
        }
      });
      return result;
    });
  }

  /// fit, then the rows that were learned from. A supervised transformer may give them other values than transform
  /// does, so that what is learned from them later does not see their own targets: TargetEncoder.
  template <detail::FrameSource X, class U = T>
  Tensor<U> fit_transform(const X& x) {
    return fit(x).template learned<X, U>(x);
  }
  template <detail::FrameSource X, detail::TargetSource Y, class U = T>
  Tensor<U> fit_transform(const X& x, const Y& y) {
    return fit(x, y).template learned<X, U>(x);
  }

  /// `transform` into existing contiguous room; throws ShapeError when its size is not rows x features out.
  template <detail::FrameSource X, class Out>
  void transform_into(const X& x, Out&& out) const {
    with_frame(x, [&](const Frame& frame) {
      if (static_cast<std::size_t>(out.size()) != frame.rows() * output_.size())
        throw ShapeError(text(who(), ": transform_into expected room for ", frame.rows(), " rows of ", output_.size(),
                              " features, received ", static_cast<std::size_t>(out.size()), " elements."));
      run(frame, out.data());
    });
  }

  /// The same for cells of `input_schema()` as they are, for serving: row r goes to out + r * stride. Allocates nothing
  /// after the first call of a size with the same scratch.
  template <class N>
  void transform_cells(Block in, N* out, std::size_t stride, Scratch& scratch) const {
    need_fitted("transform_cells");
    fill(in.rows, out, stride, scratch, [&](MutableBlock cells) { derived().apply(in, cells, scratch); });
  }

  /// `transform` as a table, for output that is still text or mixed, such as that of SimpleImputer.
  template <detail::FrameSource X>
  Table transform_table(const X& x) const {
    return with_frame(x, [&](const Frame& frame) {
      std::vector<double> cells(frame.rows() * output_.size());
      run(frame, cells.data());
      return detail::table_of(output_, Block(cells.data(), frame.rows(), output_.size()));
    });
  }

  /// From an array of shape (rows, features out) back to (rows, columns). Throws DataError when a column held text:
  /// `inverse_table` gives those.
  template <ArrayLike X, class U = T>
  Tensor<U> inverse_transform(const X& x) const {
    need_fitted("inverse_transform");
    for (const Field& field : input_)
      if (field.kind == Kind::category)
        throw DataError(
            text(who(), ": column \"", field.name, "\" holds text; call inverse_table instead of inverse_transform."));
    const ArrayFrame frame(detail::cells_of(x), Schema(output_.names()), who());
    auto result = tensor_of<U>::make({frame.rows(), input_.size()});
    run_back(frame, result.data());
    return result;
  }

  /// From an array of shape (rows, features out) back to a table.
  template <ArrayLike X>
  Table inverse_table(const X& x) const {
    need_fitted("inverse_table");
    const ArrayFrame frame(detail::cells_of(x), Schema(output_.names()), who());
    std::vector<double> cells(frame.rows() * input_.size());
    run_back(frame, cells.data());
    return detail::table_of(input_, Block(cells.data(), frame.rows(), input_.size()));
  }

  bool fitted() const { return !input_.empty(); }
  /// The columns that fit saw, or chose from a table; empty before fit.
  const Schema& input_schema() const { return input_; }
  const Schema& output_schema() const { return output_; }
  /// The names of the columns that come out, each once.
  std::vector<std::string> get_feature_names_out() const {
    need_fitted("get_feature_names_out");
    return output_.names();
  }

 protected:
  void forget() { input_ = output_ = Schema(); }
  void set_schemas(Schema input, Schema output) {
    input_ = std::move(input);
    output_ = std::move(output);
  }

  std::string_view who() const {
    if constexpr (requires {
                    { Derived::type } -> std::convertible_to<std::string_view>;
                  })
      return Derived::type;
    else
      return derived().type();
  }

  void need_fitted(std::string_view call) const {
    if (!fitted()) throw StateError(text(who(), ": ", call, " needs a fitted transformer; call fit first."));
  }

 private:
  Derived& derived() { return static_cast<Derived&>(*this); }
  const Derived& derived() const { return static_cast<const Derived&>(*this); }

  template <class X>
  Derived& learn_with(const X& x, const Target* target) {
    forget();
    const auto learn = [&](auto&& frame) {
      frame.set_target(target, who());
      learn_from(frame);
    };
    if constexpr (std::derived_from<X, Frame>)
      learn_from(x);
    else if constexpr (std::same_as<X, Table> && requires { derived().needs(x.names()); })
      learn(TableFrame(x.select(derived().needs(x.names())), who()));
    else if constexpr (std::same_as<X, Table>)
      learn(TableFrame(x, who()));
    else
      learn(ArrayFrame(detail::cells_of(x), who()));
    return derived();
  }

  void learn_from(const Frame& frame) {
    if (frame.rows() == 0 || frame.columns() == 0)
      throw DataError(
          text(who(), ": fit needs rows and columns, received ", frame.rows(), " rows of ", frame.columns(), "."));
    Schema output = detail::with_unique_names(derived().learn(frame));
    if constexpr (requires { derived().clear_hits(); }) derived().clear_hits();
    set_schemas(frame.schema(), std::move(output));
  }

  template <class X, class F>
  decltype(auto) with_frame(const X& x, F f) const {
    need_fitted("transform");
    if constexpr (std::derived_from<X, Frame>) {
      if (x.columns() != input_.size())
        throw ShapeError(text(who(), ": expected ", input_.size(), " columns, as fitted, received ", x.columns(), "."));
      return f(x);
    } else if constexpr (std::same_as<X, Table>) {
      return f(TableFrame(x, input_, who()));
    } else {
      return f(ArrayFrame(detail::cells_of(x), input_, who()));
    }
  }

  template <class X, class U>
  Tensor<U> learned(const X& x) const {
    return with_frame(x, [&](const Frame& frame) {
      auto result = tensor_of<U>::make({frame.rows(), output_.size()});
      run<true>(frame, result.data());
      return result;
    });
  }

  /// Rows of doubles from `apply` into room of numbers of another type.
  template <class N, class F>
  void fill(std::size_t rows, N* out, std::size_t stride, Scratch& scratch, F apply) const {
    const Scratch::Mark mark(scratch);
    if constexpr (std::same_as<N, double>) {
      apply(MutableBlock(out, rows, output_.size(), stride));
    } else {
      const MutableBlock cells = scratch.block(rows, output_.size());
      apply(cells);
      for (std::size_t r = 0; r < rows; ++r)
        std::transform(cells.row(r), cells.row(r) + cells.columns, out + r * stride,
                       [](double cell) { return static_cast<N>(cell); });
    }
  }

  template <bool Learned = false, class N>
  void run(const Frame& frame, N* out) const {
    read_blocks(frame, [&](std::size_t row, MutableBlock in, Scratch& scratch) {
      fill(in.rows, out + row * output_.size(), output_.size(), scratch, [&](MutableBlock cells) {
        if constexpr (Learned && requires { derived().apply_learned(row, in, cells, scratch); })
          derived().apply_learned(row, in, cells, scratch);
        else
          derived().apply(in, cells, scratch);
      });
    });
  }

  template <class N>
  void run_back(const Frame& frame, N* out) const {
    if constexpr (requires(MutableBlock block, Scratch & scratch) { derived().invert(block, block, scratch); }) {
      read_blocks(frame, [&](std::size_t row, MutableBlock in, Scratch& scratch) {
        const MutableBlock back = scratch.block(in.rows, input_.size());
        derived().invert(in, back, scratch);
        std::transform(back.data, back.data + in.rows * input_.size(), out + row * input_.size(),
                       [](double cell) { return static_cast<N>(cell); });
      });
    } else {
      throw StateError(text(who(), ": it has no inverse."));
    }
  }

  /// f(first row, cells, scratch) for all rows of a frame, in blocks for which a block of the other side has room, too.
  template <class F>
  void read_blocks(const Frame& frame, const F& f) const {
    Scratch scratch;
    const std::size_t most = block_rows(std::max(input_.size(), output_.size()));
    for (std::size_t row = 0; row < frame.rows(); row += most) {
      const Scratch::Mark mark(scratch);
      const MutableBlock in = scratch.block(std::min(frame.rows() - row, most), frame.columns());
      frame.read(row, in);
      f(row, in, scratch);
    }
  }

  Schema input_, output_;
};

}  // namespace foretell

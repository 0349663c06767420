// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell {

namespace detail {

/// The ids that a table has rows for.
template <class T>
struct IdRange {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  std::size_t count = 0;  ///< ids 0 .. count - 1
  bool oov_slot = false;  ///< one more row, the last, for all others

  std::size_t rows() const { return count + (oov_slot ? 1 : 0); }
  std::size_t row_of(T id) const {
    if (id >= 0 && id < static_cast<T>(count)) return static_cast<std::size_t>(id);
    return oov_slot ? count : none;
  }
  void check(const Build<T>& b, std::size_t output_dim) const {
    constexpr std::size_t most = std::size_t(1) << 31;
    if (count == 0 || output_dim == 0 || count >= most || output_dim >= most)
      b.fail_option(text("expected an input_dim and an output_dim of at least 1, received ", count, " and ", output_dim,
                         "; say how many ids there are and how long their vectors are"));
  }
  void validate_one(T id, std::size_t row, const std::string& who) const {
    if (!oov_slot && (row_of(id) == none || id != std::floor(id)))
      throw DataError(text(who, ": expected whole numbers from 0 to ", count - 1, ", received ",
                           static_cast<double>(id), " in row ", row,
                           "; give the layer a larger input_dim, or .oov_slot = true for ids it has not seen"));
  }
  void validate(In<T> x, const std::string& who) const {
    for (std::size_t i = 0; i < x.size(); ++i) validate_one(x.data()[i], i / x.row_size(), who);
  }
};

/// y[i] = row row_of(i) of a table, zeros where there is none, for i < count. Rows are fetched ahead: a large table is
/// far away.
template <class T, class RowOf>
void gather_rows(std::size_t count, std::size_t width, const T* table, T* y, const RowOf& row_of) {
  constexpr std::size_t ahead = 16;
  for (std::size_t i = 0; i < count; ++i, y += width) {
    if (i + ahead < count)
      if (const std::size_t next = row_of(i + ahead); next != IdRange<T>::none)
        __builtin_prefetch(table + next * width);
    if (const std::size_t row = row_of(i); row != IdRange<T>::none)
      kernels::copy(width, table + row * width, y);
    else
      kernels::fill(width, 0, y);
  }
}
/// What gather_rows passes back: the gradient of row row_of(i) grows by dy[i].
template <class T, class RowOf>
void scatter_rows(const Pass<T>& pass, Parameter table, std::size_t count, std::size_t width, const T* dy,
                  const RowOf& row_of) {
  constexpr std::size_t ahead = 16;
  for (std::size_t i = 0; i < count; ++i, dy += width) {
    if (i + ahead < count)
      if (const std::size_t next = row_of(i + ahead); next != IdRange<T>::none) pass.prefetch_row(table, next);
    if (const std::size_t row = row_of(i); row != IdRange<T>::none)
      kernels::add(width, dy, pass.gradient_row(table, row));
  }
}

/// A step is real when one of its ids is not 0.
template <class T>
void mark_not_zero(In<T> x, std::uint8_t* mask) {
  const std::size_t steps = x.rows() * x.shape().front(), each = steps ? x.size() / steps : 0;
  for (std::size_t i = 0; i < steps; ++i) {
    mask[i] = 0;
    for (std::size_t j = 0; j < each; ++j) mask[i] |= x.data()[i * each + j] != 0;
  }
}

}  // namespace detail

struct EmbeddingOptions {
  bool mask_zero = false;  ///< id 0 is padding: the output carries a mask of the others
  bool oov_slot = false;   ///< one more row, the last, for ids outside 0 .. input_dim - 1
  bool row_sparse = true;  ///< update the rows of a batch only, see below; false as Keras does
  Initializer embeddings_initializer = RandomUniform(-0.05, 0.05);
  Regularizer embeddings_regularizer{};  ///< of the whole table, which then is not row-sparse
};

/// Whole numbers to learned vectors: (...) -> (..., output_dim), from a table of input_dim rows. As
/// keras.layers.Embedding.
///
/// Ids outside the table read its last row with oov_slot. Without it fit, evaluate and predict refuse them with a
/// DataError, and serving answers with zeros. With row_sparse a training step costs the rows of its ids, whatever the
/// size of the table: running means of optimizers (momentum, Adam) and decoupled decay of other rows stand still, as in
/// torch.optim.SparseAdam; SGD without momentum, Adagrad and Ftrl give what they give with dense gradients.
template <class T = float>
class Embedding {
 public:
  static constexpr std::string_view type = "Embedding";
  static constexpr bool stepwise = true;
  Embedding() = default;
  Embedding(std::size_t input_dim, std::size_t output_dim, EmbeddingOptions options = {})
      : ids_{input_dim, options.oov_slot}, output_dim_(output_dim), options_(std::move(options)) {}

  Shape build(Build<T>& b) {
    ids_.check(b, output_dim_);
    table_ =
        b.parameter("embeddings", {ids_.rows(), output_dim_}, options_.embeddings_initializer,
                    {.regularizer = options_.embeddings_regularizer,
                     .touched_rows = options_.row_sparse && !options_.embeddings_regularizer ? b.input().size() : 0});
    if (options_.mask_zero) b.set_mask(MaskFlow::make);
    Shape output = b.input();
    output.push_back(output_dim_);
    return output;
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    detail::gather_rows(x.size(), output_dim_, pass[table_].data(), y.data(), rows_of(x));
  }
  /// The gradient by ids is 0.
  void backward(const Pass<T>& pass, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    detail::scatter_rows(pass, table_, x.size(), output_dim_, dy.data(), rows_of(x));
    if (dx) kernels::fill(x.size(), 0, dx.data());
  }
  void make_mask(const Pass<T>&, In<T> x, std::uint8_t* mask) const { detail::mark_not_zero(x, mask); }
  void validate(In<T> x, const std::string& who) const { ids_.validate(x, who); }
  void fields(auto&& f) {
    f("input_dim", ids_.count);
    f("output_dim", output_dim_);
    f("mask_zero", options_.mask_zero);
    f("oov_slot", ids_.oov_slot);
    f("row_sparse", options_.row_sparse);
    f("embeddings_initializer", options_.embeddings_initializer);
    f("embeddings_regularizer", options_.embeddings_regularizer);
  }

 private:
  auto rows_of(In<T> x) const {
    return [this, x](std::size_t i) { return ids_.row_of(x.data()[i]); };
  }

  detail::IdRange<T> ids_;
  std::size_t output_dim_ = 0;
  EmbeddingOptions options_;
  Parameter table_;
};

}  // namespace foretell

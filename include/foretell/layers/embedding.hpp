// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "foretell/layers/ids.hpp"

namespace foretell {

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
/// Ids outside the table, missing ones (NaN) too, read its last row with oov_slot. Without it they are a DataError, in
/// training as in serving; so are numbers that are not whole, which Keras cuts off, and negative ids, for which it
/// reads from the end. Ids are best given as integers; numbers of float tell them apart below 2^24. With row_sparse a
/// training step costs the rows of its ids, whatever the size of the table: running means of optimizers (momentum,
/// Adam) of other rows stand still, as in torch.optim.SparseAdam, and so does decoupled decay; SGD without momentum,
/// Adagrad and Ftrl give what they give with dense gradients.
template <class T = float>
class Embedding {
 public:
  static constexpr std::string_view type = "Embedding";
  static constexpr bool stepwise = true;
  Embedding() = default;
  Embedding(std::size_t input_dim, std::size_t output_dim, EmbeddingOptions options = {})
      : ids_{input_dim, options.oov_slot}, output_dim_(output_dim), options_(std::move(options)) {}

  Shape build(Build<T>& b) {
    ids_.check(b, output_dim_, detail::exact_below<T>);
    table_ =
        b.parameter("embeddings", {ids_.rows(), output_dim_}, options_.embeddings_initializer,
                    {.regularizer = options_.embeddings_regularizer,
                     .touched_rows = options_.row_sparse && !options_.embeddings_regularizer ? b.input().size() : 0});
    if (options_.mask_zero) b.set_mask(MaskFlow::make);
    Shape output = b.input();
    output.push_back(output_dim_);
    return output;
  }
  template <class Id>
  void forward(const Pass<T>& pass, View<const Id> x, Out<T> y) const {
    detail::gather_rows(x.size(), output_dim_, pass[table_].data(), y.data(), rows_of(x), [&](std::size_t i) {
      pass.refuse(detail::unknown_id, x.data()[i], ids_.count, i / x.row_size());
    });
  }
  /// The gradient by ids is 0.
  template <class Id>
  void backward(const Pass<T>& pass, View<const Id> x, In<T>, Out<T> dy, Out<T> dx) const {
    detail::scatter_rows(pass, table_, x.size(), output_dim_, dy.data(), rows_of(x));
    if (dx) kernels::fill(x.size(), 0, dx.data());
  }
  template <class Id>
  void make_mask(const Pass<T>&, View<const Id> x, std::uint8_t* mask) const {
    detail::mark_not_zero(x, mask);
  }
  template <class Id>
  void validate(View<const Id> x, const std::string& who) const {
    ids_.validate(x, who);
  }
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
  template <class Id>
  auto rows_of(View<const Id> x) const {
    return [this, x](std::size_t i) { return ids_.row_of(x.data()[i]); };
  }

  detail::IdRange ids_;
  std::size_t output_dim_ = 0;
  EmbeddingOptions options_;
  Parameter table_;
};

}  // namespace foretell

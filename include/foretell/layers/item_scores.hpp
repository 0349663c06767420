// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>

#include "foretell/kernels/gemm.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell {

struct ItemScoresOptions {
  bool use_bias = false;
};

/// Scores of all items of an Embedding of that name, by its own table: x E', (..., n) -> (..., input_dim). The table is
/// then not row-sparse: Embedding(..., {.row_sparse = false}).
template <class T = float>
class ItemScores {
 public:
  static constexpr std::string_view type = "ItemScores";
  static constexpr bool stepwise = true;
  ItemScores() = default;
  explicit ItemScores(std::string embedding, ItemScoresOptions options = {})
      : embedding_(std::move(embedding)), options_(options) {}

  Shape build(Build<T>& b) {
    const std::string name = embedding_ + "/embeddings";
    const Shape table = b.shape_of(name);
    if (b.input().rank() == 0 || (table.rank() == 2 && b.input().back() != table.back()))
      b.fail_shape(text("vectors as long as those of \"", embedding_, "\" (*, ", table.back(), ")"));
    table_ = b.tied(name, table);
    items_ = table.front();
    if (options_.use_bias) bias_ = b.parameter("bias", {items_}, Zeros());
    return b.input().with_back(items_);
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const std::size_t rows = x.flat_rows(), n = x.back();
    kernels::Epilogue<T> e;
    if (bias_) e.bias = pass[bias_].data();
    kernels::gemm_nt(rows, items_, n, x.data(), n, pass[table_].data(), n, y.data(), items_, false, e);
  }
  void backward(const Pass<T>& pass, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    const std::size_t rows = x.flat_rows(), n = x.back();
    if (bias_) kernels::column_sum_add(rows, items_, dy.data(), items_, pass.gradient(bias_).data());
    kernels::gemm_tn(items_, n, rows, dy.data(), items_, x.data(), n, pass.gradient(table_).data(), n, true);
    if (dx) kernels::gemm_nn(rows, n, items_, dy.data(), items_, pass[table_].data(), n, dx.data(), n, false);
  }
  void fields(auto&& f) {
    f("embedding", embedding_);
    f("use_bias", options_.use_bias);
  }

 private:
  std::string embedding_;
  ItemScoresOptions options_;
  std::size_t items_ = 0;
  Parameter table_, bias_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "foretell/layers/ids.hpp"

namespace foretell {

struct FieldEmbeddingOptions {
  bool oov_slot = true;  ///< one more row for each field, for ids it has not seen
  Initializer embeddings_initializer = RandomUniform(-0.05, 0.05);
};

/// Several categorical columns at once, one table: (fields) -> (fields, output_dim), where field i has ids 0 ..
/// input_dims[i] - 1. Row-sparse, and refusing other ids without an oov_slot, as Embedding.
template <class T = float>
class FieldEmbedding {
 public:
  static constexpr std::string_view type = "FieldEmbedding";
  FieldEmbedding() = default;
  FieldEmbedding(std::vector<std::size_t> input_dims, std::size_t output_dim, FieldEmbeddingOptions options = {})
      : dims_(std::move(input_dims)), output_dim_(output_dim), options_(options) {}

  Shape build(Build<T>& b) {
    if (b.input().rank() != 1 || b.input().size() != dims_.size() || dims_.empty())
      b.fail_shape(text("one id for each of ", dims_.size(), " fields (*, ", dims_.size(), ")"));
    first_.assign(1, 0);
    fields_.clear();
    for (const std::size_t dim : dims_) {
      fields_.push_back({dim, options_.oov_slot});
      fields_.back().check(b, output_dim_, detail::exact_below<T>);
      first_.push_back(first_.back() + fields_.back().rows());
    }
    table_ = b.parameter("embeddings", {first_.back(), output_dim_}, options_.embeddings_initializer,
                         {.touched_rows = dims_.size()});
    b.set_mask(MaskFlow::drop);
    return {dims_.size(), output_dim_};
  }
  template <class Id>
  void forward(const Pass<T>& pass, View<const Id> x, Out<T> y) const {
    detail::gather_rows(x.size(), output_dim_, pass[table_].data(), y.data(), rows_of(x), [&](std::size_t i) {
      const std::size_t field = i % dims_.size();
      pass.refuse(detail::unknown_id, x.data()[i], dims_[field], i / dims_.size(), field);
    });
  }
  template <class Id>
  void backward(const Pass<T>& pass, View<const Id> x, In<T>, Out<T> dy, Out<T> dx) const {
    detail::scatter_rows(pass, table_, x.size(), output_dim_, dy.data(), rows_of(x));
    if (dx) kernels::fill(x.size(), 0, dx.data());
  }
  template <class Id>
  void validate(View<const Id> x, const std::string& who) const {
    for (std::size_t f = 0; f < dims_.size(); ++f)
      for (std::size_t r = 0; r < x.rows(); ++r)
        detail::IdRange{dims_[f], options_.oov_slot}.validate_one(x.row(r)[f], r, text(who, ", field ", f));
  }
  void fields(auto&& f) {
    f("input_dims", dims_);
    f("output_dim", output_dim_);
    f("oov_slot", options_.oov_slot);
    f("embeddings_initializer", options_.embeddings_initializer);
  }

 private:
  template <class Id>
  auto rows_of(View<const Id> x) const {
    return [this, x](std::size_t i) {
      const std::size_t field = i % dims_.size(), row = fields_[field].row_of(x.data()[i]);
      return row == detail::IdRange::none ? row : first_[field] + row;
    };
  }

  std::vector<std::size_t> dims_;
  std::size_t output_dim_ = 0;
  FieldEmbeddingOptions options_;
  std::vector<std::size_t> first_;
  std::vector<detail::IdRange> fields_;
  Parameter table_;
};

}  // namespace foretell

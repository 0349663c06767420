// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "foretell/layers/ids.hpp"

namespace foretell {

struct HashedEmbeddingOptions {
  std::size_t hashes = 2;  ///< rows that an id is the sum of: that all are shared with another id is rare
  bool mask_zero = false;  ///< id 0 is padding: the output carries a mask of the others
  std::uint64_t seed = 0;
  Initializer embeddings_initializer = RandomUniform(-0.05, 0.05);
};

/// Any number of ids, without a vocabulary: each is hashed to `hashes` rows of a table of num_buckets, whose sum is its
/// vector: (...) -> (..., output_dim) (Weinberger and others 2009; Svenstrup and others 2017). Row-sparse. Ids are
/// whole numbers, negative ones too: all of 64 bits where they are given as integers; given as numbers, those that the
/// network's numbers tell apart, below 2^24 in float, below 2^53 in double. Others, and missing ones, are a DataError,
/// in training as in serving.
template <class T = float>
class HashedEmbedding {
 public:
  static constexpr std::string_view type = "HashedEmbedding";
  static constexpr bool stepwise = true;
  HashedEmbedding() = default;
  HashedEmbedding(std::size_t num_buckets, std::size_t output_dim, HashedEmbeddingOptions options = {})
      : buckets_(num_buckets), output_dim_(output_dim), options_(options) {}

  Shape build(Build<T>& b) {
    constexpr std::size_t most = std::size_t(1) << 31;
    if (buckets_ == 0 || output_dim_ == 0 || buckets_ >= most || output_dim_ >= most || options_.hashes == 0 ||
        options_.hashes > 16)
      b.fail_option(text("expected num_buckets and output_dim of at least 1 and 1 to 16 hashes, received ", buckets_,
                         ", ", output_dim_, " and ", options_.hashes));
    table_ = b.parameter("embeddings", {buckets_, output_dim_}, options_.embeddings_initializer,
                         {.touched_rows = b.input().size() * options_.hashes});
    if (options_.mask_zero) b.set_mask(MaskFlow::make);
    Shape output = b.input();
    output.push_back(output_dim_);
    return output;
  }
  template <class Id>
  void forward(const Pass<T>& pass, View<const Id> x, Out<T> y) const {
    const T* table = pass[table_].data();
    for (std::size_t i = 0; i < x.size(); ++i) {
      T* out = y.data() + i * output_dim_;
      if (!is_id(x.data()[i])) {
        kernels::fill(output_dim_, 0, out);
        pass.refuse(sentence<Id>, x.data()[i], limit, i / x.row_size());
        continue;
      }
      kernels::copy(output_dim_, table + bucket(x.data()[i], 0) * output_dim_, out);
      for (std::size_t h = 1; h < options_.hashes; ++h)
        kernels::add(output_dim_, table + bucket(x.data()[i], h) * output_dim_, out);
    }
  }
  template <class Id>
  void backward(const Pass<T>& pass, View<const Id> x, In<T>, Out<T> dy, Out<T> dx) const {
    for (std::size_t i = 0; i < x.size(); ++i)
      for (std::size_t h = 0; h < options_.hashes && is_id(x.data()[i]); ++h)
        kernels::add(output_dim_, dy.data() + i * output_dim_, pass.gradient_row(table_, bucket(x.data()[i], h)));
    if (dx) kernels::fill(x.size(), 0, dx.data());
  }
  template <class Id>
  void make_mask(const Pass<T>&, View<const Id> x, std::uint8_t* mask) const {
    detail::mark_not_zero(x, mask);
  }
  template <class Id>
  void validate(View<const Id> x, const std::string& who) const {
    for (std::size_t i = 0; i < x.size(); ++i)
      if (!is_id(x.data()[i]))
        throw DataError(text(who, ": ", sentence<Id>(x.data()[i], limit, text(" in row ", i / x.row_size()))));
  }
  void fields(auto&& f) {
    f("num_buckets", buckets_);
    f("output_dim", output_dim_);
    f("hashes", options_.hashes);
    f("mask_zero", options_.mask_zero);
    f("seed", options_.seed);
    f("embeddings_initializer", options_.embeddings_initializer);
  }

 private:
  static constexpr auto limit = static_cast<std::size_t>(detail::exact_below<T>);
  template <class Id>
  static constexpr Refusal::Sentence sentence = std::integral<Id> ? detail::no_id : detail::inexact_id;

  static bool is_id(std::int64_t id) { return id != missing_id; }
  static bool is_id(T id) {
    return std::abs(id) < static_cast<T>(limit) && static_cast<T>(static_cast<std::int64_t>(id)) == id;
  }
  template <class Id>
  std::size_t bucket(Id id, std::size_t hash) const {
    const auto whole = static_cast<std::uint64_t>(static_cast<std::int64_t>(id));
    return static_cast<std::size_t>(Random(options_.seed).stream(hash).below(whole, buckets_));
  }

  std::size_t buckets_ = 0, output_dim_ = 0;
  HashedEmbeddingOptions options_;
  Parameter table_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "foretell/layers/ids.hpp"

namespace foretell {

/// How the vectors of a bag become one.
enum class Combiner : std::uint8_t { mean, sum, max };
constexpr auto enum_names(Combiner) { return std::array<std::string_view, 3>{"mean", "sum", "max"}; }

struct EmbeddingBagOptions {
  Combiner combiner = Combiner::mean;
  bool oov_slot = false;  ///< one more row, the last, for ids outside 0 .. input_dim - 1
  Initializer embeddings_initializer = RandomUniform(-0.05, 0.05);
};

/// A bag of ids to one vector: (n) -> (output_dim). Id 0 is padding, an empty bag gives zeros. The table is row-sparse,
/// and other ids are refused, as Embedding's. As torch.nn.EmbeddingBag with padding_idx 0.
template <class T = float>
class EmbeddingBag {
 public:
  static constexpr std::string_view type = "EmbeddingBag";
  EmbeddingBag() = default;
  EmbeddingBag(std::size_t input_dim, std::size_t output_dim, EmbeddingBagOptions options = {})
      : ids_{input_dim, options.oov_slot}, output_dim_(output_dim), options_(options) {}

  Shape build(Build<T>& b) {
    if (b.input().rank() != 1) b.fail_shape("ids (*, n)");
    ids_.check(b, output_dim_, detail::exact_below<T>);
    table_ = b.parameter("embeddings", {ids_.rows(), output_dim_}, options_.embeddings_initializer,
                         {.touched_rows = b.input().size()});
    return {output_dim_};
  }
  template <class Id>
  void forward(const Pass<T>& pass, View<const Id> x, Out<T> y) const {
    const T* table = pass[table_].data();
    for (std::size_t r = 0; r < x.rows(); ++r) {
      T* out = y.row(r);
      std::size_t count = 0;
      const auto refuse = [&](Id id) { pass.refuse(detail::unknown_id, id, ids_.count, r); };
      for_each(x, r, refuse, [&](std::size_t row) {
        const T* vector = table + row * output_dim_;
        if (count++ == 0)
          kernels::copy(output_dim_, vector, out);
        else if (options_.combiner == Combiner::max)
          kernels::maximum(output_dim_, vector, static_cast<const T*>(out), out);
        else
          kernels::add(output_dim_, vector, out);
      });
      if (count == 0) kernels::fill(output_dim_, 0, out);
      if (options_.combiner == Combiner::mean && count > 1)
        kernels::scale(output_dim_, 1 / static_cast<double>(count), out);
    }
  }
  template <class Id>
  void backward(const Pass<T>& pass, View<const Id> x, In<T> y, Out<T> dy, Out<T> dx) const {
    const T* table = pass[table_].data();
    const auto pass_over = [](Id) {};
    for (std::size_t r = 0; r < x.rows(); ++r) {
      T* d = dy.row(r);
      std::size_t count = 0;
      for_each(x, r, pass_over, [&](std::size_t) { ++count; });
      if (options_.combiner == Combiner::mean && count > 1)
        kernels::scale(output_dim_, 1 / static_cast<double>(count), d);
      for_each(x, r, pass_over, [&](std::size_t row) {
        T* to = pass.gradient_row(table_, row);
        if (options_.combiner != Combiner::max) return kernels::add(output_dim_, d, to);
        for (std::size_t j = 0; j < output_dim_; ++j) {
          if (table[row * output_dim_ + j] != y.row(r)[j]) continue;
          to[j] += d[j];
          d[j] = 0;  // the first of equals takes it
        }
      });
    }
    if (dx) kernels::fill(x.size(), 0, dx.data());
  }
  template <class Id>
  void validate(View<const Id> x, const std::string& who) const {
    ids_.validate(x, who);
  }
  void fields(auto&& f) {
    f("input_dim", ids_.count);
    f("output_dim", output_dim_);
    f("combiner", options_.combiner);
    f("oov_slot", ids_.oov_slot);
    f("embeddings_initializer", options_.embeddings_initializer);
  }

 private:
  /// f(row) for the ids of a bag, refuse(id) for those without a row.
  template <class Id, class Refuse, class F>
  void for_each(View<const Id> x, std::size_t r, const Refuse& refuse, const F& f) const {
    for (std::size_t i = 0; i < x.row_size(); ++i) {
      const Id id = x.row(r)[i];
      const std::size_t row = ids_.row_of(id);
      if (row == detail::IdRange::none)
        refuse(id);
      else if (id != 0)
        f(row);
    }
  }

  detail::IdRange ids_;
  std::size_t output_dim_ = 0;
  EmbeddingBagOptions options_;
  Parameter table_;
};

}  // namespace foretell

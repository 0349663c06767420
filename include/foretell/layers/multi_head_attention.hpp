// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "foretell/kernels/reduce.hpp"
#include "foretell/layers/attention_core.hpp"

namespace foretell {

struct MultiHeadAttentionOptions {
  std::size_t value_dim = 0;   ///< of a head; 0: key_dim
  std::size_t output_dim = 0;  ///< 0: that of the queries
  double dropout = 0;          ///< of the shares
  bool use_bias = true;
  bool causal = false;           ///< a step sees itself and what was before it
  bool mean_of_nothing = false;  ///< what a query without keys takes: the mean of all values, or nothing; see below
  Initializer kernel_initializer = GlorotUniform();
  Initializer bias_initializer = Zeros();
  Regularizer kernel_regularizer{};
  Regularizer bias_regularizer{};
};

/// Attention of several heads: (steps, n) -> (steps, output_dim). One input attends to itself; {query, value} and
/// {query, value, key} to another sequence. Masked keys have no share; a query that is padding, or has no real key,
/// gives what zeros give: the bias. As keras.layers.MultiHeadAttention with dropout or return_attention_scores; without
/// either such a query takes there the mean of all values, of padding and of later steps too, which is
/// `mean_of_nothing` here: it concerns padding that is read without its mask, by Flatten for one.
///
/// Causal attention to itself can be run step by step (Stream): what is kept are the keys and values of the steps so
/// far, of at most as many as the model was built for; one more is refused.
template <class T = float>
class MultiHeadAttention {
 public:
  static constexpr std::string_view type = "MultiHeadAttention";
  bool is_stepwise() const { return options_.causal && inputs_ == 1; }
  MultiHeadAttention() = default;
  MultiHeadAttention(std::size_t num_heads, std::size_t key_dim, MultiHeadAttentionOptions options = {})
      : heads_(num_heads), key_dim_(key_dim), options_(std::move(options)) {}

  Shape build(Build<T>& b) {
    if (heads_ == 0 || key_dim_ == 0 || heads_ > 4096 || key_dim_ > 65536)
      b.fail_option(text("expected num_heads and key_dim of at least 1, received ", heads_, " and ", key_dim_));
    if (!(options_.dropout >= 0 && options_.dropout < 1))
      b.fail_option(text("expected a dropout in [0, 1), received ", options_.dropout));
    if (b.inputs().size() > 3) b.fail_shape("one input, {query, value} or {query, value, key}");
    for (const Shape& shape : b.inputs())
      if (shape.rank() != 2 || shape.back() == 0) b.fail_shape("sequences (*, steps, n)");
    if (b.inputs().size() == 3 && b.input(1).front() != b.input(2).front())
      b.fail_shape("a value and a key of equally many steps");
    value_dim_ = options_.value_dim ? options_.value_dim : key_dim_;
    const std::size_t output = options_.output_dim ? options_.output_dim : b.input().back();
    inputs_ = b.inputs().size();
    queries_ = b.input().front();
    keys_ = b.input(b.inputs().size() > 1 ? 1 : 0).front();
    const Shape& value = b.input(b.inputs().size() > 1 ? 1 : 0);
    const Shape& key = b.inputs().size() > 2 ? b.input(2) : value;
    query_.build(b, "query", b.input().back(), heads_ * key_dim_, options_);
    key_.build(b, "key", key.back(), heads_ * key_dim_, options_);
    value_.build(b, "value", value.back(), heads_ * value_dim_, options_);
    output_.build(b, "attention_output", heads_ * value_dim_, output, options_);
    q_ = b.stash(queries_ * heads_ * key_dim_);
    k_ = b.stash(keys_ * heads_ * key_dim_);
    v_ = b.stash(keys_ * heads_ * value_dim_);
    o_ = b.stash(queries_ * heads_ * value_dim_);
    steps_ = is_stepwise() ? b.remembered_steps() : 0;
    if (steps_ > 0) kept_ = b.carry(1 + steps_ * (1 + heads_ * (key_dim_ + value_dim_)));
    const std::size_t keys = std::max(keys_, steps_), shares = heads_ * queries_ * keys;
    shares_ = b.training() ? b.stash(shares) : b.stash(0, shares);
    room_ = b.scratch(0, 2 * queries_ * keys + steps_);
    if (b.training())
      gradients_ = b.scratch(queries_ * heads_ * (key_dim_ + value_dim_) + keys_ * heads_ * (key_dim_ + value_dim_));
    return {queries_, output};
  }

  void forward(const Pass<T>& pass, Ins<T> in, Out<T> y) const {
    const In<T>&x = in[0], &value = in[in.size() > 1 ? 1 : 0], &key = in.size() > 2 ? in[2] : value;
    query_.forward(pass, x, pass[q_]);
    key_.forward(pass, key, pass[k_]);
    value_.forward(pass, value, pass[v_]);
    const bool step_by_step = steps_ > 0 && pass[kept_];
    for (std::size_t r = 0; r < x.rows(); ++r) {
      const Places at(*this, pass, r);
      if (step_by_step) {
        go_on(pass, x, r, at);
        continue;
      }
      row(pass, x, value, r).forward(at.q, at.k, at.v, at.shares, pass[room_], at.o);
    }
    const Shape flat{queries_, heads_ * value_dim_};
    output_.forward(pass, In<T>(pass[o_], x.rows(), flat), y.data());
  }

  void backward(const Pass<T>& pass, Ins<T> in, In<T>, Out<T> dy, Outs<T> dx) const {
    const In<T>&x = in[0], &value = in[in.size() > 1 ? 1 : 0], &key = in.size() > 2 ? in[2] : value;
    const std::size_t rows = x.rows();
    T *d_o = pass[gradients_], *dq = d_o + rows * queries_ * heads_ * value_dim_,
      *dk = dq + rows * queries_ * heads_ * key_dim_, *dv = dk + rows * keys_ * heads_ * key_dim_;
    const Shape flat{queries_, heads_ * value_dim_};
    output_.backward(pass, In<T>(pass[o_], rows, flat), dy.data(), d_o, false);
    for (std::size_t r = 0; r < rows; ++r) {
      const Places at(*this, pass, r);
      T* room = pass[room_];
      row(pass, x, value, r)
          .backward(at.q, at.k, at.v, at.shares, room, room + queries_ * keys_,
                    d_o + r * queries_ * heads_ * value_dim_, dq + r * queries_ * heads_ * key_dim_,
                    dk + r * keys_ * heads_ * key_dim_, dv + r * keys_ * heads_ * value_dim_);
    }
    const auto to = [&](std::size_t i) { return dx[i] ? dx[i].data() : nullptr; };
    const std::size_t v = in.size() > 1 ? 1 : 0, k = in.size() > 2 ? 2 : v;
    query_.backward(pass, x, dq, to(0), false);
    value_.backward(pass, value, dv, to(v), v == 0);
    key_.backward(pass, key, dk, to(k), k != 2);
  }

  void fields(auto&& f) {
    f("num_heads", heads_);
    f("key_dim", key_dim_);
    f("value_dim", options_.value_dim);
    f("output_dim", options_.output_dim);
    f("dropout", options_.dropout);
    f("use_bias", options_.use_bias);
    f("causal", options_.causal);
    f("mean_of_nothing", options_.mean_of_nothing);
    f("kernel_initializer", options_.kernel_initializer);
    f("bias_initializer", options_.bias_initializer);
    f("kernel_regularizer", options_.kernel_regularizer);
    f("bias_regularizer", options_.bias_regularizer);
  }

 private:
  /// x W + b on the last axis, with `query/kernel` and `query/bias` as Keras names them.
  class Projection {
   public:
    void build(Build<T>& b, std::string_view name, std::size_t in, std::size_t out,
               const MultiHeadAttentionOptions& options) {
      in_ = in;
      out_ = out;
      kernel_ = b.parameter(text(name, "/kernel"), {in, out}, options.kernel_initializer,
                            {.regularizer = options.kernel_regularizer});
      if (options.use_bias)
        bias_ = b.parameter(text(name, "/bias"), {out}, options.bias_initializer,
                            {.regularizer = options.bias_regularizer});
    }
    void forward(const Pass<T>& pass, In<T> x, T* y) const {
      kernels::Epilogue<T> bias;
      if (bias_) bias.bias = pass[bias_].data();
      kernels::gemm_nn(x.flat_rows(), out_, in_, x.data(), in_, pass[kernel_].data(), out_, y, out_, false, bias);
    }
    /// dx is assigned, or with `accumulate` added to; it may be null.
    void backward(const Pass<T>& pass, In<T> x, const T* dy, T* dx, bool accumulate) const {
      const std::size_t rows = x.flat_rows();
      if (bias_) kernels::column_sum_add(rows, out_, dy, out_, pass.gradient(bias_).data());
      kernels::gemm_tn(in_, out_, rows, x.data(), in_, dy, out_, pass.gradient(kernel_).data(), out_, true);
      if (dx) kernels::gemm_nt(rows, in_, out_, dy, out_, pass[kernel_].data(), out_, dx, in_, accumulate);
    }

   private:
    std::size_t in_ = 0, out_ = 0;
    Parameter kernel_, bias_;
  };
  /// Where row r has what is kept.
  struct Places {
    T *q, *k, *v, *o, *shares;
    Places(const MultiHeadAttention& layer, const Pass<T>& pass, std::size_t r)
        : q(pass[layer.q_] + r * layer.queries_ * layer.heads_ * layer.key_dim_),
          k(pass[layer.k_] + r * layer.keys_ * layer.heads_ * layer.key_dim_),
          v(pass[layer.v_] + r * layer.keys_ * layer.heads_ * layer.value_dim_),
          o(pass[layer.o_] + r * layer.queries_ * layer.heads_ * layer.value_dim_),
          shares(pass[layer.shares_] + (pass.keeps() ? r * layer.heads_ * layer.queries_ * layer.keys_ : 0)) {}
  };
  detail::AttentionRow<T> row(const Pass<T>& pass, In<T> x, In<T> value, std::size_t r) const {
    detail::AttentionRow<T> row{heads_, queries_, keys_, key_dim_, value_dim_, options_.causal};
    if (pass.training() && options_.dropout > 0) {
      const auto words = pass.random().block(0);
      row.dropout = options_.dropout;
      row.key = {words[0], words[1]};
      row.first_element = (pass.first_row() + r) * heads_ * queries_ * keys_;
    }
    row.mean_of_nothing = options_.mean_of_nothing;
    if (x.mask()) row.query_mask = x.mask() + r * queries_;
    if (value.mask()) row.key_mask = value.mask() + r * keys_;
    return row;
  }

  static std::string too_long(const Received& steps, std::size_t most, const std::string&) {
    return text("expected a sequence of at most the ", most, " steps that the model was built for, received ",
                steps.shown(), "; begin it anew with its last steps, or build the model for longer ones");
  }
  /// The steps of row r behind those that are kept, with the bits that they have in a whole sequence. What is kept of a
  /// row: how many steps, from the first real one, for each whether it is real, its keys, and its values.
  void go_on(const Pass<T>& pass, In<T> x, std::size_t r, const Places& at) const {
    const std::size_t wide = heads_ * key_dim_, long_o = heads_ * value_dim_;
    T* count = pass[kept_] + r * (1 + steps_ * (1 + wide + long_o));
    T *real = count + 1, *keys = real + steps_, *values = keys + steps_ * wide;
    T* const room = pass[room_];
    auto* const mask = reinterpret_cast<std::uint8_t*>(room + 2 * queries_ * std::max(keys_, steps_));
    for (std::size_t t = 0; t < queries_; ++t) {
      const bool is_real = !x.mask() || x.mask()[r * queries_ + t];
      kernels::fill(long_o, 0, at.o + t * long_o);
      auto n = static_cast<std::size_t>(*count);
      if (!is_real && n == 0) continue;
      if (n >= steps_) {
        pass.refuse(too_long, static_cast<double>(n + 1), steps_, r);
        continue;
      }
      real[n] = is_real;
      kernels::copy(wide, at.k + t * wide, keys + n * wide);
      kernels::copy(long_o, at.v + t * long_o, values + n * long_o);
      *count = static_cast<T>(++n);
      if (!is_real) continue;
      detail::AttentionRow<T> one{heads_, 1, n, key_dim_, value_dim_};
      for (std::size_t i = 0; i < n; ++i) mask[i] = real[i] != 0;
      one.key_mask = mask;
      one.forward(at.q + t * wide, keys, values, at.shares, room, at.o + t * long_o);
    }
  }

  std::size_t heads_ = 0, key_dim_ = 0;
  MultiHeadAttentionOptions options_;
  std::size_t value_dim_ = 0, inputs_ = 0, queries_ = 0, keys_ = 0, steps_ = 0;
  Projection query_, key_, value_, output_;
  Stash q_, k_, v_, o_, shares_;
  LayerScratch room_, gradients_;
  Carry kept_;
};

}  // namespace foretell

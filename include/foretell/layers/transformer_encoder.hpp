// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "foretell/layers/dense.hpp"
#include "foretell/layers/dropout.hpp"
#include "foretell/layers/layer_normalization.hpp"
#include "foretell/layers/multi_head_attention.hpp"

namespace foretell {

struct TransformerEncoderOptions {
  std::size_t heads = 8;
  std::size_t feed_forward = 0;  ///< units between the two dense layers; 0: four times the width
  std::size_t key_dim = 0;       ///< of a head; 0: the width divided by the heads
  double dropout = 0;            ///< of the shares, of both branches and of the units between
  ActivationFunction activation = relu;
  bool norm_first = false;  ///< normalise what goes into a branch instead of the sum behind it
  bool causal = false;      ///< a step sees itself and what was before it
  double epsilon = 1e-5;
};

/// Self-attention and two dense layers, each with a residual branch and layer normalisation: (steps, n) -> (steps, n).
/// As torch.nn.TransformerEncoderLayer. A causal one can be run step by step, as MultiHeadAttention.
template <class T = float>
class TransformerEncoder {
 public:
  static constexpr std::string_view type = "TransformerEncoder";
  bool is_stepwise() const { return options_.causal; }
  explicit TransformerEncoder(TransformerEncoderOptions options = {}) : options_(options) {}

  Shape build(Build<T>& b) {
    if (b.input().rank() != 2 || b.input().back() == 0) b.fail_shape("steps of vectors (*, steps, n)");
    shape_ = b.input();
    const std::size_t n = shape_.back(), between = options_.feed_forward ? options_.feed_forward : 4 * n;
    if (options_.heads == 0 || (options_.key_dim == 0 && n % options_.heads != 0))
      b.fail_option(text("expected a number of heads that divides the width ", n, ", received ", options_.heads,
                         "; or say key_dim"));
    const std::size_t key_dim = options_.key_dim ? options_.key_dim : n / options_.heads;
    wide_ = shape_.with_back(between);
    attention_ =
        MultiHeadAttention<T>(options_.heads, key_dim, {.dropout = options_.dropout, .causal = options_.causal});
    first_ = Dense<T>(between, {.activation = options_.activation});
    second_ = Dense<T>(n);
    norms_ = {LayerNormalization<T>({.epsilon = options_.epsilon}),
              LayerNormalization<T>({.epsilon = options_.epsilon})};
    drops_ = {Dropout<T>(options_.dropout), Dropout<T>(options_.dropout), Dropout<T>(options_.dropout)};
    const auto adopt = [&](auto& layer, std::string_view name, const Shape& input) {
      Build<T> inner = b.inner(name, {input});
      (void)layer.build(inner);
      return b.adopt(inner);
    };
    places_.attention = adopt(attention_, "attention", shape_);
    places_.first = adopt(first_, "intermediate", shape_);
    places_.second = adopt(second_, "output", wide_);
    places_.norms = {adopt(norms_[0], "attention_norm", shape_), adopt(norms_[1], "output_norm", shape_)};
    places_.drops = {adopt(drops_[0], "drop_0", shape_), adopt(drops_[1], "drop_1", wide_),
                     adopt(drops_[2], "drop_2", shape_)};
    for (Stash& kept : kept_) kept = b.stash(shape_.size());
    inner_ = b.stash(wide_.size());
    if (options_.dropout > 0) dropped_ = b.stash(wide_.size());
    if (b.training()) {
      room_ = b.scratch(2 * shape_.size());
      wide_room_ = b.scratch(wide_.size());
    }
    return shape_;
  }

  // Kept: 0 what attention read, 1 what it gave, 2 the sum behind it, 3 what the dense layers read, 4 what they gave; 0
  // and 3 only with norm_first.
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const std::size_t rows = x.rows(), size = x.size();
    const auto view = [&](Stash kept) { return Out<T>(pass[kept], rows, shape_, x.mask()); };
    const Out<T> a = view(kept_[0]), attended = view(kept_[1]), sum = view(kept_[2]), c = view(kept_[3]),
                 given = view(kept_[4]);
    if (options_.norm_first) norms_[0].forward(pass.inner(places_.norms[0]), x, a);
    const In<T> read = options_.norm_first ? In<T>(a) : x;
    attention_.forward(pass.inner(places_.attention), {&read, 1}, attended);
    drop(pass, 0, attended);
    if (options_.norm_first) {
      kernels::add_to(size, x.data(), attended.data(), sum.data());
      norms_[1].forward(pass.inner(places_.norms[1]), sum, c);
      dense(pass, c, given);
      kernels::add_to(size, sum.data(), given.data(), y.data());
    } else {
      kernels::add(size, x.data(), attended.data());
      norms_[0].forward(pass.inner(places_.norms[0]), attended, sum);
      dense(pass, sum, given);
      kernels::add(size, sum.data(), given.data());
      norms_[1].forward(pass.inner(places_.norms[1]), given, y);
    }
  }

  void backward(const Pass<T>& pass, In<T> x, In<T> y, Out<T> dy, Out<T> dx) const {
    const std::size_t rows = x.rows(), size = x.size();
    const auto view = [&](T* data) { return Out<T>(data, rows, shape_, x.mask()); };
    const auto kept = [&](std::size_t k) { return In<T>(view(pass[kept_[k]])); };
    const Out<T> d_sum = view(pass[room_]), d_branch = view(pass[room_] + size);
    if (options_.norm_first) {
      kernels::copy(size, dy.data(), d_sum.data());
      kernels::copy(size, dy.data(), d_branch.data());
      dense_back(pass, kept(3), d_branch);  // d_branch: by what the dense layers read
      norms_[1].backward(pass.inner(places_.norms[1]), kept(2), kept(3), d_branch, d_branch);
      kernels::add(size, d_branch.data(), d_sum.data());
      kernels::copy(size, d_sum.data(), d_branch.data());
      drop(pass, 0, d_branch);
      attend_back(pass, kept(0), d_branch, dy);
      norms_[0].backward(pass.inner(places_.norms[0]), x, kept(0), dy, d_branch);
      if (dx) kernels::add_to(size, d_sum.data(), d_branch.data(), dx.data());
      return;
    }
    norms_[1].backward(pass.inner(places_.norms[1]), kept(4), y, dy, d_sum);
    kernels::copy(size, d_sum.data(), d_branch.data());
    dense_back(pass, kept(2), d_branch);
    kernels::add(size, d_branch.data(), d_sum.data());
    norms_[0].backward(pass.inner(places_.norms[0]), kept(1), kept(2), d_sum, d_sum);
    kernels::copy(size, d_sum.data(), d_branch.data());
    drop(pass, 0, d_branch);
    attend_back(pass, x, d_branch, dy);
    if (dx) kernels::add_to(size, d_sum.data(), dy.data(), dx.data());
  }

  void fields(auto&& f) {
    f("heads", options_.heads);
    f("feed_forward", options_.feed_forward);
    f("key_dim", options_.key_dim);
    f("dropout", options_.dropout);
    f("activation", options_.activation);
    f("norm_first", options_.norm_first);
    f("causal", options_.causal);
    f("epsilon", options_.epsilon);
  }

 private:
  struct InnerPlaces {
    InnerPlace attention, first, second;
    std::array<InnerPlace, 2> norms;
    std::array<InnerPlace, 3> drops;
  };

  /// In place, forwards and, of a gradient, backwards.
  void drop(const Pass<T>& pass, std::size_t which, Out<T> values) const {
    if (pass.training() && options_.dropout > 0)
      drops_[which].forward(pass.inner(places_.drops[which]), values, values);
  }
  void dense(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const Out<T> between(pass[inner_], x.rows(), wide_);
    first_.forward(pass.inner(places_.first), x, between);
    second_.forward(pass.inner(places_.second), between_dropped(pass, between), y);
    drop(pass, 2, y);
  }
  In<T> between_dropped(const Pass<T>& pass, Out<T> between) const {
    if (!pass.training() || !(options_.dropout > 0)) return between;
    const Out<T> dropped(pass[dropped_], between.rows(), wide_);
    drops_[1].forward(pass.inner(places_.drops[1]), between, dropped);
    return dropped;
  }
  /// d: by what they gave, then by x.
  void dense_back(const Pass<T>& pass, In<T> x, Out<T> d) const {
    const In<T> between(pass[inner_], x.rows(), wide_);
    const In<T> read = dropped_ ? In<T>(pass[dropped_], x.rows(), wide_) : between;
    const Out<T> wide(pass[wide_room_], x.rows(), wide_);
    drop(pass, 2, d);
    second_.backward(pass.inner(places_.second), read, d, d, wide);
    drop(pass, 1, wide);
    first_.backward(pass.inner(places_.first), x, between, wide, d);
  }
  void attend_back(const Pass<T>& pass, In<T> x, Out<T> d, Out<T> dx) const {
    attention_.backward(pass.inner(places_.attention), {&x, 1}, x, d, {&dx, 1});
  }

  TransformerEncoderOptions options_;
  Shape shape_, wide_;
  MultiHeadAttention<T> attention_;
  Dense<T> first_, second_;
  std::array<LayerNormalization<T>, 2> norms_;
  std::array<Dropout<T>, 3> drops_;
  InnerPlaces places_;
  std::array<Stash, 5> kept_;
  Stash inner_, dropped_;
  LayerScratch room_, wide_room_;
};

}  // namespace foretell

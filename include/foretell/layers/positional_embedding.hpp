// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell {

struct PositionalEmbeddingOptions {
  bool sinusoidal = false;  ///< fixed sines and cosines (Vaswani and others 2017) instead of learned vectors
  Initializer embeddings_initializer = GlorotUniform();
};

/// Adds to each step the vector of its position: (steps, n) -> (steps, n), for at most max_length steps; more are
/// refused. Positions count real steps, so padding, which stays as it is, does not move them. Learned as in keras_hub's
/// PositionEmbedding.
template <class T = float>
class PositionalEmbedding {
 public:
  static constexpr std::string_view type = "PositionalEmbedding";
  static constexpr bool stepwise = true;
  PositionalEmbedding() = default;
  explicit PositionalEmbedding(std::size_t max_length, PositionalEmbeddingOptions options = {})
      : max_length_(max_length), options_(options) {}

  Shape build(Build<T>& b) {
    if (max_length_ == 0 || max_length_ > (std::size_t(1) << 24))
      b.fail_option(text("expected a max_length of at least 1, received ", max_length_));
    if (b.input().rank() != 2 || b.input().back() == 0) b.fail_shape("steps of vectors (*, steps, n)");
    if (b.input().front() > max_length_)
      b.fail_shape(text("at most ", max_length_, " steps"), "give the layer a larger max_length or cut the sequences");
    const std::size_t n = b.input().back();
    position_ = b.carry(1);
    if (!options_.sinusoidal) {
      table_ = b.parameter("embeddings", {max_length_, n}, options_.embeddings_initializer);
      return b.input();
    }
    waves_.resize(max_length_ * n);
    for (std::size_t p = 0; p < max_length_; ++p)
      for (std::size_t j = 0; j < n; ++j) {
        const double angle =
            static_cast<double>(p) / std::pow(10000.0, static_cast<double>(j / 2 * 2) / static_cast<double>(n));
        waves_[p * n + j] = static_cast<T>(j % 2 ? std::cos(angle) : std::sin(angle));
      }
    return b.input();
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const T* table = table_ ? pass[table_].data() : waves_.data();
    const std::size_t n = x.back();
    if (x.mask()) kernels::copy(x.size(), x.data(), y.data());
    for_each_step(pass, x, [&](std::size_t at, std::size_t position) {
      kernels::add_to(n, x.data() + at * n, table + position * n, y.data() + at * n);
    });
  }
  void backward(const Pass<T>& pass, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    const std::size_t n = x.back();
    if (table_) {
      T* table = pass.gradient(table_).data();
      for_each_step(pass, x, [&](std::size_t at, std::size_t position) {
        kernels::add(n, dy.data() + at * n, table + position * n);
      });
    }
    if (dx) kernels::copy(x.size(), dy.data(), dx.data());
  }
  void fields(auto&& f) {
    f("max_length", max_length_);
    f("sinusoidal", options_.sinusoidal);
    f("embeddings_initializer", options_.embeddings_initializer);
  }

 private:
  static std::string too_long(const Received& steps, std::size_t most, const std::string&) {
    return text("expected a sequence of at most ", most, " steps, received ", steps.shown(),
                "; begin it anew with its last steps, or give the layer a larger max_length");
  }
  /// f(step of all rows, position) for real steps.
  template <class F>
  void for_each_step(const Pass<T>& pass, In<T> x, const F& f) const {
    const std::size_t steps = x.shape().front();
    T* kept = pass[position_];
    for (std::size_t r = 0; r < x.rows(); ++r) {
      std::size_t position = kept ? static_cast<std::size_t>(kept[r]) : 0;
      for (std::size_t t = 0; t < steps; ++t)
        if (!x.mask() || x.mask()[r * steps + t]) {
          if (position == max_length_) pass.refuse(too_long, static_cast<double>(position + 1), max_length_, r);
          f(r * steps + t, std::min(position++, max_length_ - 1));
        }
      if (kept) kept[r] = static_cast<T>(position);
    }
  }

  std::size_t max_length_ = 0;
  PositionalEmbeddingOptions options_;
  Parameter table_;
  Carry position_;
  std::vector<T> waves_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "foretell/kernels/dropout.hpp"
#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/gemm.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell::detail {

/// From the first to behind the last real step of a row.
struct RealSteps {
  std::size_t first = 0, last = 0;
  bool holes = false;  ///< some between are padding
  std::size_t size() const { return last - first; }
};

inline RealSteps real_steps(const std::uint8_t* mask, std::size_t steps) {
  if (!mask) return {0, steps, false};
  RealSteps real;
  while (real.first < steps && !mask[real.first]) ++real.first;
  if (real.first == steps) return {};
  real.last = steps;
  while (!mask[real.last - 1]) --real.last;
  real.holes = std::find(mask + real.first, mask + real.last, std::uint8_t(0)) != mask + real.last;
  return real;
}

/// Scaled dot products of one row of a batch: for each head softmax(Q K' scale) V (Vaswani and others 2017), over the
/// real keys only; the causal kind looks at keys up to the query's own step. Padding before and behind is never
/// touched, so that its amount changes no bit of the real steps.
template <class T>
struct AttentionRow {
  std::size_t heads, queries, keys, key_dim, value_dim;
  bool causal = false;
  double dropout = 0;
  kernels::DropoutKey key{};
  std::uint64_t first_element = 0;  ///< of this row's shares among all
  bool mean_of_nothing = false;     ///< what a query sees that is padding or has no key: the mean of all values, or 0
  const std::uint8_t *query_mask = nullptr, *key_mask = nullptr;

  /// q [queries, heads key_dim], k [keys, heads key_dim], v [keys, heads value_dim], shares [heads, queries, keys], o
  /// [queries, heads value_dim]; `room` as large as one head's shares.
  void forward(const T* q, const T* k, const T* v, T* shares, T* room, T* o) const {
    const RealSteps real = real_steps(key_mask, keys), asked = real_steps(query_mask, queries);
    const std::size_t wide = heads * key_dim, long_o = heads * value_dim, n = real.size();
    kernels::fill(queries * long_o, 0, o);
    if (mean_of_nothing)
      each_lonely([&](std::size_t i) {
        for (std::size_t j = 0; j < keys; ++j)
          kernels::axpy(long_o, 1 / static_cast<double>(keys), v + j * long_o, o + i * long_o);
      });
    if (n == 0 || asked.size() == 0) return;
    for (std::size_t h = 0; h < heads; ++h, shares += queries * keys) {
      kernels::gemm_nt(asked.size(), n, key_dim, q + asked.first * wide + h * key_dim, wide,
                       k + real.first * wide + h * key_dim, wide, shares, n, false);
      softmax(asked, real, shares);
      const T* p = dropped(h, asked.size() * n, shares, room);
      kernels::gemm_nn(asked.size(), value_dim, n, p, n, v + real.first * long_o + h * value_dim, long_o,
                       o + asked.first * long_o + h * value_dim, long_o, mean_of_nothing);
    }
  }

  /// dq, dk and dv are assigned; do_ is the gradient by o.
  void backward(const T* q, const T* k, const T* v, const T* shares, T* room, T* room_2, const T* do_, T* dq, T* dk,
                T* dv) const {
    const RealSteps real = real_steps(key_mask, keys), asked = real_steps(query_mask, queries);
    const std::size_t wide = heads * key_dim, long_o = heads * value_dim, n = real.size(), m = asked.size();
    kernels::fill(queries * wide, 0, dq);
    kernels::fill(keys * wide, 0, dk);
    kernels::fill(keys * long_o, 0, dv);
    if (mean_of_nothing)
      each_lonely([&](std::size_t i) {
        for (std::size_t j = 0; j < keys; ++j)
          kernels::axpy(long_o, 1 / static_cast<double>(keys), do_ + i * long_o, dv + j * long_o);
      });
    if (n == 0 || m == 0) return;
    for (std::size_t h = 0; h < heads; ++h, shares += queries * keys) {
      const std::size_t at_q = asked.first * wide + h * key_dim, at_k = real.first * wide + h * key_dim;
      const std::size_t at_v = real.first * long_o + h * value_dim, at_o = asked.first * long_o + h * value_dim;
      const T* p = dropped(h, m * n, shares, room);
      kernels::gemm_tn(n, value_dim, m, p, n, do_ + at_o, long_o, dv + at_v, long_o, mean_of_nothing);
      kernels::gemm_nt(m, n, value_dim, do_ + at_o, long_o, v + at_v, long_o, room_2, n, false);
      if (dropout > 0) kernels::dropout(m * n, dropout, key, element(h), room_2, room_2);
      kernels::activate_rows_backward(softmax_function(), m, n, shares, room_2, room_2);
      kernels::scale(m * n, 1 / std::sqrt(static_cast<double>(key_dim)), room_2);
      kernels::gemm_nn(m, key_dim, n, room_2, n, k + at_k, wide, dq + at_q, wide, false);
      kernels::gemm_tn(n, key_dim, m, room_2, n, q + at_q, wide, dk + at_k, wide, false);
    }
  }

 private:
  /// Calls f for each query that is padding, or that no real key stands before.
  template <class F>
  void each_lonely(F f) const {
    for (std::size_t i = 0; i < queries; ++i) {
      const std::uint8_t* end = key_mask ? key_mask + (causal ? std::min(keys, i + 1) : keys) : nullptr;
      if ((query_mask && !query_mask[i]) ||
          (key_mask && std::all_of(key_mask, end, [](std::uint8_t m) { return m == 0; })))
        f(i);
    }
  }
  static constexpr ActivationFunction softmax_function() { return foretell::softmax; }
  std::uint64_t element(std::size_t h) const { return first_element + h * queries * keys; }
  const T* dropped(std::size_t h, std::size_t size, const T* shares, T* room) const {
    if (!(dropout > 0)) return shares;
    kernels::dropout(size, dropout, key, element(h), shares, room);
    return room;
  }
  void softmax(const RealSteps& asked, const RealSteps& real, T* shares) const {
    const std::size_t n = real.size();
    kernels::scale(asked.size() * n, 1 / std::sqrt(static_cast<double>(key_dim)), shares);
    if (!causal && !real.holes && !asked.holes)
      return kernels::activate_rows(softmax_function(), asked.size(), n, shares, shares);
    for (std::size_t i = 0; i < asked.size(); ++i, shares += n) {
      const std::size_t step = asked.first + i;
      std::size_t seen = causal ? (step + 1 > real.first ? std::min(n, step + 1 - real.first) : 0) : n;
      if (asked.holes && !query_mask[step]) seen = 0;
      if (real.holes) {
        for (std::size_t j = 0; j < seen; ++j)
          if (!key_mask[real.first + j]) shares[j] = -std::numeric_limits<T>::infinity();
        if (std::all_of(shares, shares + seen, [](T s) { return s == -std::numeric_limits<T>::infinity(); })) seen = 0;
      }
      if (seen) kernels::activate_rows(softmax_function(), 1, seen, shares, shares);
      kernels::fill(n - seen, 0, shares + seen);
    }
  }
};

}  // namespace foretell::detail

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/recurrent.hpp"

namespace foretell {

struct GRUOptions {
  ActivationFunction activation = tanh;
  ActivationFunction recurrent_activation = sigmoid;
  bool use_bias = true;
  bool return_sequences = false;  ///< the state after every step, instead of the last
  bool return_state = false;      ///< output | state, along the last axis
  bool go_backwards = false;
  bool reset_after = true;       ///< the reset gate acts on the product with the state, not on the state
  double dropout = 0;            ///< of the input, one mask for all steps
  double recurrent_dropout = 0;  ///< of the state
  Initializer kernel_initializer = GlorotUniform();
  Initializer recurrent_initializer = Orthogonal();
  Initializer bias_initializer = Zeros();
  Regularizer kernel_regularizer{};
  Regularizer recurrent_regularizer{};
  Regularizer bias_regularizer{};

  void fields(auto&& f) {
    f("activation", activation);
    f("recurrent_activation", recurrent_activation);
    f("use_bias", use_bias);
    f("return_sequences", return_sequences);
    f("return_state", return_state);
    f("go_backwards", go_backwards);
    f("reset_after", reset_after);
    f("dropout", dropout);
    f("recurrent_dropout", recurrent_dropout);
    f("kernel_initializer", kernel_initializer);
    f("recurrent_initializer", recurrent_initializer);
    f("bias_initializer", bias_initializer);
    f("kernel_regularizer", kernel_regularizer);
    f("recurrent_regularizer", recurrent_regularizer);
    f("bias_regularizer", bias_regularizer);
  }
};

namespace detail {

/// Keeps z, r, the candidate and, with reset_after, q = h U_h + b, else r h: backward the gradients by the sums that
/// went into the three gates and, for the last, by q, or once more r h.
template <class T>
class GRUCell {
 public:
  static constexpr std::size_t gates = 3, width = 4;
  static constexpr bool has_memory = false;

  static bool needs_sums(const GRUOptions& options) {
    return !derivative_from_output(options.activation.kind) ||
           !derivative_from_output(options.recurrent_activation.kind);
  }
  void check(const Build<T>& b, const GRUOptions& options) const {
    check_recurrent_activation(b, "activation", options.activation);
    check_recurrent_activation(b, "recurrent_activation", options.recurrent_activation);
  }
  void build(Build<T>& b, std::size_t u, const GRUOptions& options) {
    after_ = options.reset_after;
    usual_ = options.activation == tanh && options.recurrent_activation == sigmoid;
    if (!options.use_bias) return;
    const Shape shape = after_ ? Shape{2, 3 * u} : Shape{3 * u};
    bias_ = b.parameter("bias", shape, options.bias_initializer, {.regularizer = options.bias_regularizer});
  }
  const T* bias(const Pass<T>& pass) const { return bias_ ? pass[bias_].data() : nullptr; }
  void step(const RecurrentStep<T>& s, const Pass<T>& pass, const GRUOptions& options) const {
    const std::size_t u = s.u, wide = 4 * u, columns = 3 * u;
    if (after_) {
      kernels::Epilogue<T> first, second;
      if (bias_) {
        first.bias = pass[bias_].data() + columns;
        second.bias = first.bias + 2 * u;
      }
      kernels::gemm_nn(s.rows, 2 * u, u, s.h_read, u, s.recurrent, columns, s.z, wide, true, first);
      kernels::gemm_nn(s.rows, u, u, s.h_read, u, s.recurrent + 2 * u, columns, s.z + 3 * u, wide, false, second);
      if (usual_) return kernels::gru_step(s.rows, u, s.mask, s.mask_step, s.z, s.h, s.h_next);
    } else {
      kernels::gemm_nn(s.rows, 2 * u, u, s.h_read, u, s.recurrent, columns, s.z, wide, true);
    }
    for (std::size_t r = 0; r < s.rows; ++r) {
      T* z = s.z + r * wide;
      if (s.sums) kernels::copy(2 * u, z, s.sums + r * columns);
      kernels::activate(options.recurrent_activation, 2 * u, z, z);
      if (after_)
        for (std::size_t j = 0; j < u; ++j) z[2 * u + j] += z[u + j] * z[3 * u + j];
      else
        kernels::multiply(u, z + u, s.h_read + r * u, z + 3 * u);
    }
    if (!after_)
      kernels::gemm_nn(s.rows, u, u, s.z + 3 * u, wide, s.recurrent + 2 * u, columns, s.z + 2 * u, wide, true);
    for (std::size_t r = 0; r < s.rows; ++r) {
      T *z = s.z + r * wide, *to = s.h_next + r * u;
      const T* h = s.h + r * u;
      if (s.mask && !s.mask[r * s.mask_step]) {
        kernels::copy(u, h, to);
        continue;
      }
      if (s.sums) kernels::copy(u, z + 2 * u, s.sums + r * columns + 2 * u);
      kernels::activate(options.activation, u, z + 2 * u, z + 2 * u);
      for (std::size_t j = 0; j < u; ++j) to[j] = z[j] * h[j] + (1 - z[j]) * z[2 * u + j];
    }
  }
  void step_back(const RecurrentStep<T>& s, T* dh, T* room, T* through, const GRUOptions& options) const {
    const std::size_t u = s.u, wide = 4 * u;
    const auto sums = [&](std::size_t r) { return s.sums ? s.sums + r * 3 * u : s.z + r * wide; };
    if (after_ && usual_)
      kernels::gru_step_backward(s.rows, u, s.mask, s.mask_step, s.z, s.h, dh);
    else
      for (std::size_t r = 0; r < s.rows; ++r)
        row_back(u, !s.mask || s.mask[r * s.mask_step], s.z + r * wide, sums(r), s.h + r * u, dh + r * u, options);
    // `recurrent` is turned: the rows of the update and reset gates, then those of the candidate.
    if (after_) {
      kernels::gemm_nn(s.rows, u, 2 * u, s.z, wide, s.recurrent, u, through, u, true);
      kernels::gemm_nn(s.rows, u, u, s.z + 3 * u, wide, s.recurrent + 2 * u * u, u, through, u, true);
      return;
    }
    // By r h, then by r and h; until here the reset gate's place holds r itself, the last one r h.
    kernels::gemm_nn(s.rows, u, u, s.z + 2 * u, wide, s.recurrent + 2 * u * u, u, room, u, false);
    for (std::size_t r = 0; r < s.rows; ++r) {
      if (s.mask && !s.mask[r * s.mask_step]) continue;
      T *z = s.z + r * wide, *to = through + r * u;
      const T *h = s.h_read + r * u, *d = room + r * u, *before = sums(r) + u;
      for (std::size_t first = 0; first < u; first += block) {
        const std::size_t n = std::min(block, u - first);
        T* const reset = z + u + first;
        T d_reset[block];
        for (std::size_t k = 0; k < n; ++k) {
          to[first + k] += d[first + k] * reset[k];
          d_reset[k] = d[first + k] * h[first + k];
        }
        kernels::activate_backward(options.recurrent_activation, n, reset, before + first, d_reset, reset);
      }
    }
    kernels::gemm_nn(s.rows, u, 2 * u, s.z, wide, s.recurrent, u, through, u, true);
  }
  void weight_gradients(const Pass<T>& pass, std::size_t all, std::size_t u, std::size_t n, const T* x, const T* dz,
                        const T* h, T* dw, T* du) const {
    const std::size_t wide = 4 * u, columns = 3 * u;
    add_product(pass, n, columns, all, x, n, dz, wide, dw, columns);
    add_product(pass, u, 2 * u, all, h, u, dz, wide, du, columns);
    if (after_)
      add_product(pass, u, u, all, h, u, dz + 3 * u, wide, du + 2 * u, columns);
    else
      add_product(pass, u, u, all, dz + 3 * u, wide, dz + 2 * u, wide, du + 2 * u, columns);
    if (!bias_) return;
    T* db = pass.gradient(bias_).data();
    kernels::column_sum_add(all, columns, dz, wide, db);
    if (!after_) return;
    kernels::column_sum_add(all, 2 * u, dz, wide, db + columns);
    kernels::column_sum_add(all, u, dz + 3 * u, wide, db + columns + 2 * u);
  }

 private:
  /// Any activations; `sums` may be z. Without reset_after the reset gate is left for later.
  void row_back(std::size_t u, bool real, T* z, const T* sums, const T* h, T* dh, const GRUOptions& options) const {
    if (!real) return kernels::fill(4 * u, 0, z);
    T d_update[block], d_candidate[block], d_reset[block];
    for (std::size_t first = 0; first < u; first += block) {
      const std::size_t n = std::min(block, u - first);
      T *const update = z + first, *const reset = update + u, *const candidate = reset + u, *const q = candidate + u;
      for (std::size_t k = 0; k < n; ++k) {
        const T d = dh[first + k];
        d_update[k] = d * (h[first + k] - candidate[k]);
        d_candidate[k] = d * (1 - update[k]);
        dh[first + k] = d * update[k];
      }
      const T* const before = sums + first;
      kernels::activate_backward(options.recurrent_activation, n, update, before, d_update, update);
      kernels::activate_backward(options.activation, n, candidate, before + 2 * u, d_candidate, candidate);
      if (!after_) continue;
      for (std::size_t k = 0; k < n; ++k) {
        d_reset[k] = candidate[k] * q[k];
        q[k] = candidate[k] * reset[k];
      }
      kernels::activate_backward(options.recurrent_activation, n, reset, before + u, d_reset, reset);
    }
  }

  static constexpr std::size_t block = 64;  ///< units whose gradients are on the stack at once

  Parameter bias_;
  bool after_ = true, usual_ = true;
};

}  // namespace detail

/// Gated recurrent unit (Cho and others 2014): (steps, n) -> (units), the last state, or (steps, units). Gates z, r, h,
/// as keras.layers.GRU. A masked step leaves the state as it is. A second input is the first state.
template <class T = float>
class GRU : public detail::Recurrent<T, detail::GRUCell<T>, GRUOptions> {
 public:
  static constexpr std::string_view type = "GRU";
  GRU() = default;
  explicit GRU(std::size_t units, GRUOptions options = {})
      : detail::Recurrent<T, detail::GRUCell<T>, GRUOptions>(units, std::move(options)) {}
};

}  // namespace foretell

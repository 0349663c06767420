// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/layers/recurrent.hpp"

namespace foretell {

struct LSTMOptions {
  ActivationFunction activation = tanh;
  ActivationFunction recurrent_activation = sigmoid;
  bool use_bias = true;
  bool unit_forget_bias = true;   ///< the forget gate's bias starts at 1
  bool return_sequences = false;  ///< the state after every step, instead of the last
  bool return_state = false;      ///< output | h | c, along the last axis
  bool go_backwards = false;
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
    f("unit_forget_bias", unit_forget_bias);
    f("return_sequences", return_sequences);
    f("return_state", return_state);
    f("go_backwards", go_backwards);
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

template <class T>
class LSTMCell {
 public:
  static constexpr std::size_t gates = 4, width = 4;
  static constexpr bool has_memory = true;

  static bool needs_sums(const LSTMOptions& options) {
    return !derivative_from_output(options.activation.kind) ||
           !derivative_from_output(options.recurrent_activation.kind);
  }
  void check(const Build<T>& b, const LSTMOptions& options) const {
    check_recurrent_activation(b, "activation", options.activation);
    check_recurrent_activation(b, "recurrent_activation", options.recurrent_activation);
  }
  void build(Build<T>& b, std::size_t u, const LSTMOptions& options) {
    usual_ = options.activation == tanh && options.recurrent_activation == sigmoid;
    if (!options.use_bias) return;
    ParameterOptions more{.regularizer = options.bias_regularizer};
    if (options.unit_forget_bias) more.ones = {u, 2 * u};
    bias_ = b.parameter("bias", {4 * u}, options.bias_initializer, more);
  }
  const T* bias(const Pass<T>& pass) const { return bias_ ? pass[bias_].data() : nullptr; }
  void step(const RecurrentStep<T>& s, const Pass<T>&, const LSTMOptions& options) const {
    const std::size_t u = s.u, wide = 4 * u;
    kernels::gemm_nn(s.rows, wide, u, s.h_read, u, s.recurrent, wide, s.z, wide, true);
    if (usual_) return kernels::lstm_step(s.rows, u, s.mask, s.mask_step, s.z, s.c, s.c_next, s.h, s.h_next);
    for (std::size_t r = 0; r < s.rows; ++r) {
      T *z = s.z + r * wide, *c = s.c_next + r * u, *h = s.h_next + r * u;
      if (s.mask && !s.mask[r * s.mask_step]) {
        kernels::copy(u, s.c + r * u, c);
        kernels::copy(u, s.h + r * u, h);
        continue;
      }
      if (s.sums) kernels::copy(wide, z, s.sums + r * wide);
      kernels::activate(options.recurrent_activation, 2 * u, z, z);
      kernels::activate(options.activation, u, z + 2 * u, z + 2 * u);
      kernels::activate(options.recurrent_activation, u, z + 3 * u, z + 3 * u);
      for (std::size_t j = 0; j < u; ++j) c[j] = z[u + j] * s.c[r * u + j] + z[j] * z[2 * u + j];
      kernels::activate(options.activation, u, c, h);
      kernels::multiply(u, h, z + 3 * u, h);
    }
  }
  void step_back(const RecurrentStep<T>& s, T* dh, T* dc, T* through, const LSTMOptions& options) const {
    const std::size_t u = s.u, wide = 4 * u;
    if (usual_)
      kernels::lstm_step_backward(s.rows, u, s.mask, s.mask_step, s.z, static_cast<const T*>(s.c),
                                  static_cast<const T*>(s.c_next), dh, dc);
    else
      for (std::size_t r = 0; r < s.rows; ++r)
        row_back(u, !s.mask || s.mask[r * s.mask_step], s.z + r * wide, s.sums ? s.sums + r * wide : s.z + r * wide,
                 s.c + r * u, s.c_next + r * u, dh + r * u, dc + r * u, options);
    kernels::gemm_nn(s.rows, u, wide, s.z, wide, s.recurrent, u, through, u, true);
  }
  void weight_gradients(const Pass<T>& pass, std::size_t all, std::size_t u, std::size_t n, const T* x, const T* dz,
                        const T* h, T* dw, T* du) const {
    const std::size_t wide = 4 * u;
    add_product(pass, n, wide, all, x, n, dz, wide, dw, wide);
    add_product(pass, u, wide, all, h, u, dz, wide, du, wide);
    if (bias_) kernels::column_sum_add(all, wide, dz, wide, pass.gradient(bias_).data());
  }

 private:
  /// Any activations; `sums` may be z.
  static void row_back(std::size_t u, bool real, T* z, const T* sums, const T* c_before, const T* c, T* dh, T* dc,
                       const LSTMOptions& options) {
    if (!real) return kernels::fill(4 * u, 0, z);
    constexpr std::size_t block = 64;
    T out[block], through[block], d[4][block];
    for (std::size_t first = 0; first < u; first += block) {
      const std::size_t n = std::min(block, u - first);
      kernels::activate(options.activation, n, c + first, out);
      kernels::multiply(n, dh + first, z + 3 * u + first, through);
      kernels::activate_backward(options.activation, n, out, c + first, through, through);
      for (std::size_t k = 0; k < n; ++k) {
        const std::size_t j = first + k;
        const T all = dc[j] + through[k];
        d[0][k] = all * z[2 * u + j];
        d[1][k] = all * c_before[j];
        d[2][k] = all * z[j];
        d[3][k] = dh[j] * out[k];
        dc[j] = all * z[u + j];
        dh[j] = 0;
      }
      for (std::size_t gate = 0; gate < 4; ++gate) {
        T* const y = z + gate * u + first;
        kernels::activate_backward(gate == 2 ? options.activation : options.recurrent_activation, n, y,
                                   sums + gate * u + first, d[gate], y);
      }
    }
  }

  Parameter bias_;
  bool usual_ = true;
};

}  // namespace detail

/// Long short-term memory (Hochreiter and Schmidhuber 1997): (steps, n) -> (units), the last state, or (steps, units).
/// Gates i, f, c, o, as keras.layers.LSTM. A masked step leaves the states as they are. A second input is the first
/// state, h | c.
template <class T = float>
class LSTM : public detail::Recurrent<T, detail::LSTMCell<T>, LSTMOptions> {
 public:
  static constexpr std::string_view type = "LSTM";
  LSTM() = default;
  explicit LSTM(std::size_t units, LSTMOptions options = {})
      : detail::Recurrent<T, detail::LSTMCell<T>, LSTMOptions>(units, std::move(options)) {}
};

}  // namespace foretell

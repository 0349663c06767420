// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "foretell/layers/recurrent.hpp"

namespace foretell {

struct SimpleRNNOptions {
  ActivationFunction activation = tanh;
  bool use_bias = true;
  bool return_sequences = false;  ///< the state after every step, instead of the last
  bool return_state = false;      ///< output | state, along the last axis
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
    f("use_bias", use_bias);
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
class SimpleRNNCell {
 public:
  static constexpr std::size_t gates = 1, width = 1;
  static constexpr bool has_memory = false;

  static bool needs_sums(const SimpleRNNOptions& options) { return !derivative_from_output(options.activation.kind); }
  void check(const Build<T>& b, const SimpleRNNOptions& options) const {
    check_recurrent_activation(b, "activation", options.activation);
  }
  void build(Build<T>& b, std::size_t u, const SimpleRNNOptions& options) {
    if (options.use_bias)
      bias_ = b.parameter("bias", {u}, options.bias_initializer, {.regularizer = options.bias_regularizer});
  }
  const T* bias(const Pass<T>& pass) const { return bias_ ? pass[bias_].data() : nullptr; }
  void step(const RecurrentStep<T>& s, const Pass<T>&, const SimpleRNNOptions& options) const {
    kernels::gemm_nn(s.rows, s.u, s.u, s.h_read, s.u, s.recurrent, s.u, s.z, s.u, true,
                     {.activation = options.activation, .pre_activation = s.sums, .pre_stride = s.u});
    for (std::size_t r = 0; r < s.rows; ++r)
      kernels::copy(s.u, (s.mask && !s.mask[r * s.mask_step] ? s.h : s.z) + r * s.u, s.h_next + r * s.u);
  }
  void step_back(const RecurrentStep<T>& s, T* dh, T*, T* through, const SimpleRNNOptions& options) const {
    for (std::size_t r = 0; r < s.rows; ++r) {
      T* z = s.z + r * s.u;
      if (s.mask && !s.mask[r * s.mask_step]) {
        kernels::fill(s.u, 0, z);
        continue;
      }
      kernels::activate_backward(options.activation, s.u, z, s.sums ? static_cast<const T*>(s.sums) + r * s.u : nullptr,
                                 dh + r * s.u, z);
      kernels::fill(s.u, 0, dh + r * s.u);
    }
    kernels::gemm_nn(s.rows, s.u, s.u, s.z, s.u, s.recurrent, s.u, through, s.u, true);
  }
  void weight_gradients(const Pass<T>& pass, std::size_t all, std::size_t u, std::size_t n, const T* x, const T* dz,
                        const T* h, T* dw, T* du) const {
    add_product(pass, n, u, all, x, n, dz, u, dw, u);
    add_product(pass, u, u, all, h, u, dz, u, du, u);
    if (bias_) kernels::column_sum_add(all, u, dz, u, pass.gradient(bias_).data());
  }

 private:
  Parameter bias_;
};

}  // namespace detail

/// h = activation(x W + h U + b), step after step: (steps, n) -> (units), the last state, or (steps, units). A masked
/// step leaves the state as it is. A second input is the first state. As keras.layers.SimpleRNN.
template <class T = float>
class SimpleRNN : public detail::Recurrent<T, detail::SimpleRNNCell<T>, SimpleRNNOptions> {
 public:
  static constexpr std::string_view type = "SimpleRNN";
  SimpleRNN() = default;
  explicit SimpleRNN(std::size_t units, SimpleRNNOptions options = {})
      : detail::Recurrent<T, detail::SimpleRNNCell<T>, SimpleRNNOptions>(units, std::move(options)) {}
};

}  // namespace foretell

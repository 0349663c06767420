// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/gemm.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/layers/layer.hpp"

// Layers that multiply features with one another.

namespace foretell {

struct CrossOptions {
  std::size_t projection_dim = 0;  ///< units between two thin kernels; 0: one full kernel
  bool use_bias = true;
  Initializer kernel_initializer = GlorotUniform();
  Initializer bias_initializer = Zeros();
  Regularizer kernel_regularizer{};
};

/// x0 * (x W + b) + x, a layer of a deep and cross network (Wang and others 2021): {x0, x} -> x's shape, or x alone for
/// x0 = x. With projection_dim W is a product of (n, projection_dim) and (projection_dim, n).
template <class T = float>
class Cross {
 public:
  static constexpr std::string_view type = "Cross";
  static constexpr bool stepwise = true;
  explicit Cross(CrossOptions options = {}) : options_(options) {}

  Shape build(Build<T>& b) {
    if (b.inputs().size() > 2 || b.input().rank() == 0 || b.input().back() == 0 ||
        (b.inputs().size() == 2 && !(b.input(0) == b.input(1))))
      b.fail_shape("one input (*, n), or two of one shape");
    n_ = b.input().back();
    const std::size_t thin = options_.projection_dim;
    if (thin)
      down_ = b.parameter("down_kernel", {n_, thin}, options_.kernel_initializer,
                          {.regularizer = options_.kernel_regularizer});
    kernel_ = b.parameter("kernel", {thin ? thin : n_, n_}, options_.kernel_initializer,
                          {.regularizer = options_.kernel_regularizer});
    if (options_.use_bias) bias_ = b.parameter("bias", {n_}, options_.bias_initializer);
    const std::size_t positions = b.input().size() / n_;
    if (thin) thin_ = b.stash(positions * thin);
    product_ = b.stash(b.input().size());
    if (b.training()) d_product_ = b.scratch(b.input().size() + positions * thin);
    return b.input();
  }
  void forward(const Pass<T>& pass, Ins<T> x, Out<T> y) const {
    const In<T>& last = x[x.size() - 1];
    const std::size_t rows = last.flat_rows(), thin = options_.projection_dim;
    T* product = pass[product_];
    const T* read = last.data();
    if (thin) {
      kernels::gemm_nn(rows, thin, n_, read, n_, pass[down_].data(), thin, pass[thin_], thin, false);
      read = pass[thin_];
    }
    kernels::Epilogue<T> bias;
    if (bias_) bias.bias = pass[bias_].data();
    const std::size_t k = thin ? thin : n_;
    kernels::gemm_nn(rows, n_, k, read, k, pass[kernel_].data(), n_, product, n_, false, bias);
    kernels::multiply(y.size(), x[0].data(), product, y.data());
    kernels::add(y.size(), last.data(), y.data());
  }
  void backward(const Pass<T>& pass, Ins<T> x, In<T>, Out<T> dy, Outs<T> dx) const {
    const In<T>& last = x[x.size() - 1];
    const Out<T>& d_last = dx[x.size() - 1];
    const std::size_t rows = last.flat_rows(), thin = options_.projection_dim, k = thin ? thin : n_;
    T *d = pass[d_product_], *d_thin = d + last.size();
    kernels::multiply(last.size(), dy.data(), x[0].data(), d);
    if (bias_) kernels::column_sum_add(rows, n_, d, n_, pass.gradient(bias_).data());
    kernels::gemm_tn(k, n_, rows, thin ? pass[thin_] : last.data(), k, d, n_, pass.gradient(kernel_).data(), n_, true);
    if (thin) {
      kernels::gemm_nt(rows, thin, n_, d, n_, pass[kernel_].data(), n_, d_thin, thin, false);
      kernels::gemm_tn(n_, thin, rows, last.data(), n_, d_thin, thin, pass.gradient(down_).data(), thin, true);
    }
    if (x.size() == 2 && dx[0]) kernels::multiply(last.size(), dy.data(), pass[product_], dx[0].data());
    if (!d_last) return;
    kernels::copy(last.size(), dy.data(), d_last.data());
    if (x.size() == 1) {  // x0 is x
      kernels::multiply(last.size(), dy.data(), pass[product_], dy.data());
      kernels::add(last.size(), dy.data(), d_last.data());
    }
    if (thin)
      kernels::gemm_nt(rows, n_, thin, d_thin, thin, pass[down_].data(), thin, d_last.data(), n_, true);
    else
      kernels::gemm_nt(rows, n_, n_, d, n_, pass[kernel_].data(), n_, d_last.data(), n_, true);
  }
  void fields(auto&& f) {
    f("projection_dim", options_.projection_dim);
    f("use_bias", options_.use_bias);
    f("kernel_initializer", options_.kernel_initializer);
    f("bias_initializer", options_.bias_initializer);
    f("kernel_regularizer", options_.kernel_regularizer);
  }

 private:
  CrossOptions options_;
  std::size_t n_ = 0;
  Parameter down_, kernel_, bias_;
  Stash thin_, product_;
  LayerScratch d_product_;
};

struct FactorizationMachineOptions {
  bool reduce_sum = true;  ///< one number a row; false: one for each dimension ("bi-interaction")
};

/// The products of all pairs of field vectors, summed: (fields, n) -> (1) or (n), as ((sum v)^2 - sum v^2) / 2 (Rendle
/// 2010; He and Chua 2017). Masked fields do not count.
template <class T = float>
class FactorizationMachine {
 public:
  static constexpr std::string_view type = "FactorizationMachine";
  explicit FactorizationMachine(FactorizationMachineOptions options = {}) : options_(options) {}

  Shape build(Build<T>& b) {
    if (b.input().rank() != 2 || b.input().back() == 0) b.fail_shape("vectors of fields (*, fields, n)");
    b.set_mask(MaskFlow::drop);
    sum_ = b.stash(b.input().back());
    return {options_.reduce_sum ? 1 : b.input().back()};
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const std::size_t fields = x.shape().front(), n = x.back();
    for (std::size_t r = 0; r < x.rows(); ++r) {
      T *sum = pass[sum_] + r * n, *out = y.row(r);
      kernels::fill(n, 0, sum);
      for (std::size_t f = 0; f < fields; ++f)
        if (counts(x, r, f)) kernels::add(n, x.row(r) + f * n, sum);
      double total = 0;
      for (std::size_t j = 0; j < n; ++j) {
        double squares = 0;
        for (std::size_t f = 0; f < fields; ++f)
          if (counts(x, r, f)) squares += square(x.row(r)[f * n + j]);
        const double pairs = (square(sum[j]) - squares) / 2;
        total += pairs;
        if (!options_.reduce_sum) out[j] = static_cast<T>(pairs);
      }
      if (options_.reduce_sum) out[0] = static_cast<T>(total);
    }
  }
  void backward(const Pass<T>& pass, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    if (!dx) return;
    const std::size_t fields = x.shape().front(), n = x.back();
    for (std::size_t r = 0; r < x.rows(); ++r)
      for (std::size_t f = 0; f < fields; ++f)
        for (std::size_t j = 0; j < n; ++j) {
          const T d = dy.row(r)[options_.reduce_sum ? 0 : j], value = x.row(r)[f * n + j];
          dx.row(r)[f * n + j] = counts(x, r, f) ? d * (pass[sum_][r * n + j] - value) : T(0);
        }
  }
  void fields(auto&& f) { f("reduce_sum", options_.reduce_sum); }

 private:
  static bool counts(In<T> x, std::size_t r, std::size_t field) {
    return !x.mask() || x.mask()[r * x.shape().front() + field];
  }
  static double square(T v) { return static_cast<double>(v) * static_cast<double>(v); }

  FactorizationMachineOptions options_;
  Stash sum_;
};

struct MixtureOfExpertsOptions {
  std::size_t experts = 4;
  std::size_t tasks = 1;
  ActivationFunction activation = relu;  ///< of the experts
  Initializer kernel_initializer = GlorotUniform();
};

/// Experts, dense layers that all tasks share, and a gate for each task that mixes them with a softmax: (n) -> (tasks,
/// units); Slice takes one task's row out of it. Multi-gate mixture of experts (Ma and others 2018).
template <class T = float>
class MixtureOfExperts {
 public:
  static constexpr std::string_view type = "MixtureOfExperts";
  MixtureOfExperts() = default;
  explicit MixtureOfExperts(std::size_t units, MixtureOfExpertsOptions options = {})
      : units_(units), options_(options) {}

  Shape build(Build<T>& b) {
    if (units_ == 0 || options_.experts == 0 || options_.tasks == 0)
      b.fail_option(text("expected units, experts and tasks of at least 1, received ", units_, ", ", options_.experts,
                         " and ", options_.tasks));
    if (is_rowwise(options_.activation.kind) || !derivative_from_output(options_.activation.kind))
      b.fail_option(text("expected an activation such as relu or tanh, received ", name(options_.activation.kind)));
    if (b.input().rank() != 1 || b.input().back() == 0) b.fail_shape("features (*, n)");
    n_ = b.input().back();
    const std::size_t wide = options_.experts * units_, gates = options_.tasks * options_.experts;
    kernel_ = b.parameter("experts/kernel", {n_, wide}, options_.kernel_initializer);
    bias_ = b.parameter("experts/bias", {wide}, Zeros());
    gate_ = b.parameter("gates/kernel", {n_, gates}, options_.kernel_initializer);
    gate_bias_ = b.parameter("gates/bias", {gates}, Zeros());
    expert_ = b.stash(wide);
    share_ = b.stash(gates);
    if (b.training()) d_expert_ = b.scratch(wide + gates);
    return {options_.tasks, units_};
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const std::size_t rows = x.rows(), e = options_.experts, t = options_.tasks, wide = e * units_;
    T *expert = pass[expert_], *share = pass[share_];
    kernels::Epilogue<T> epilogue;
    epilogue.bias = pass[bias_].data();
    epilogue.activation = options_.activation;
    kernels::gemm_nn(rows, wide, n_, x.data(), n_, pass[kernel_].data(), wide, expert, wide, false, epilogue);
    kernels::Epilogue<T> gate;
    gate.bias = pass[gate_bias_].data();
    kernels::gemm_nn(rows, t * e, n_, x.data(), n_, pass[gate_].data(), t * e, share, t * e, false, gate);
    kernels::activate_rows(softmax_function(), rows * t, e, share, share);
    for (std::size_t r = 0; r < rows; ++r)
      kernels::gemm_nn(t, units_, e, share + r * t * e, e, expert + r * wide, units_, y.row(r), units_, false);
  }
  void backward(const Pass<T>& pass, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    const std::size_t rows = x.rows(), e = options_.experts, t = options_.tasks, wide = e * units_;
    const T *expert = pass[expert_], *share = pass[share_];
    T *d = pass[d_expert_], *d_share = d + rows * wide;
    for (std::size_t r = 0; r < rows; ++r) {
      kernels::gemm_tn(e, units_, t, share + r * t * e, e, dy.row(r), units_, d + r * wide, units_, false);
      kernels::gemm_nt(t, e, units_, dy.row(r), units_, expert + r * wide, units_, d_share + r * t * e, e, false);
    }
    kernels::activate_backward(options_.activation, rows * wide, expert, static_cast<const T*>(nullptr), d, d);
    kernels::activate_rows_backward(softmax_function(), rows * t, e, share, d_share, d_share);
    kernels::column_sum_add(rows, wide, d, wide, pass.gradient(bias_).data());
    kernels::column_sum_add(rows, t * e, d_share, t * e, pass.gradient(gate_bias_).data());
    kernels::gemm_tn(n_, wide, rows, x.data(), n_, d, wide, pass.gradient(kernel_).data(), wide, true);
    kernels::gemm_tn(n_, t * e, rows, x.data(), n_, d_share, t * e, pass.gradient(gate_).data(), t * e, true);
    if (!dx) return;
    kernels::gemm_nt(rows, n_, wide, d, wide, pass[kernel_].data(), wide, dx.data(), n_, false);
    kernels::gemm_nt(rows, n_, t * e, d_share, t * e, pass[gate_].data(), t * e, dx.data(), n_, true);
  }
  void fields(auto&& f) {
    f("units", units_);
    f("experts", options_.experts);
    f("tasks", options_.tasks);
    f("activation", options_.activation);
    f("kernel_initializer", options_.kernel_initializer);
  }

 private:
  static constexpr ActivationFunction softmax_function() { return foretell::softmax; }

  std::size_t units_ = 0;
  MixtureOfExpertsOptions options_;
  std::size_t n_ = 0;
  Parameter kernel_, bias_, gate_, gate_bias_;
  Stash expert_, share_;
  LayerScratch d_expert_;
};

}  // namespace foretell

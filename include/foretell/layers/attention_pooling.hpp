// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>

#include "foretell/kernels/gemm.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/layers/attention_core.hpp"

namespace foretell {

struct AttentionPoolingOptions {
  Initializer kernel_initializer = GlorotUniform();
  Initializer query_initializer = GlorotUniform();
};

/// A weighted mean of all steps: (steps, n) -> (n). Weights are a softmax over the real steps of query . tanh(x W + b),
/// with a learned query of `units` numbers (Yang and others 2016).
template <class T = float>
class AttentionPooling {
 public:
  static constexpr std::string_view type = "AttentionPooling";
  AttentionPooling() = default;
  explicit AttentionPooling(std::size_t units, AttentionPoolingOptions options = {})
      : units_(units), options_(options) {}

  Shape build(Build<T>& b) {
    if (units_ == 0) b.fail_option("expected units of at least 1, received 0");
    if (b.input().rank() != 2 || b.input().back() == 0) b.fail_shape("steps of vectors (*, steps, n)");
    steps_ = b.input().front();
    n_ = b.input().back();
    kernel_ = b.parameter("kernel", {n_, units_}, options_.kernel_initializer);
    bias_ = b.parameter("bias", {units_}, Zeros());
    query_ = b.parameter("query", {units_, 1}, options_.query_initializer);
    hidden_ = b.stash(steps_ * units_);
    share_ = b.stash(steps_);
    if (b.training()) d_hidden_ = b.scratch(0, steps_ * (units_ + 1));
    b.set_mask(MaskFlow::drop);
    return {n_};
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    kernels::Epilogue<T> e;
    e.bias = pass[bias_].data();
    e.activation = foretell::tanh;
    kernels::gemm_nn(x.rows() * steps_, units_, n_, x.data(), n_, pass[kernel_].data(), units_, pass[hidden_], units_,
                     false, e);
    for (std::size_t r = 0; r < x.rows(); ++r) {
      const detail::RealSteps real = range(x, r);
      T* share = pass[share_] + r * steps_;
      kernels::fill(steps_, 0, share);
      kernels::fill(n_, 0, y.row(r));
      if (real.size() == 0) continue;
      const T* hidden = pass[hidden_] + (r * steps_ + real.first) * units_;
      for (std::size_t t = 0; t < real.size(); ++t)
        share[real.first + t] = x.mask() && !x.mask()[r * steps_ + real.first + t]
                                    ? -std::numeric_limits<T>::infinity()
                                    : static_cast<T>(kernels::dot(units_, hidden + t * units_, pass[query_].data()));
      kernels::activate_rows(foretell::softmax, 1, real.size(), share + real.first, share + real.first);
      for (std::size_t t = real.first; t < real.last; ++t)
        kernels::axpy(n_, static_cast<double>(share[t]), x.row(r) + t * n_, y.row(r));
    }
  }
  void backward(const Pass<T>& pass, In<T> x, In<T>, Out<T> dy, Out<T> dx) const {
    T *d = pass[d_hidden_], *d_share = d + steps_ * units_;
    if (dx) kernels::fill(x.size(), 0, dx.data());
    for (std::size_t r = 0; r < x.rows(); ++r) {
      const detail::RealSteps real = range(x, r);
      const std::size_t m = real.size();
      if (m == 0) continue;
      const T *share = pass[share_] + r * steps_ + real.first, *from = x.row(r) + real.first * n_;
      const T* hidden = pass[hidden_] + (r * steps_ + real.first) * units_;
      for (std::size_t t = 0; t < m; ++t) d_share[t] = static_cast<T>(kernels::dot(n_, dy.row(r), from + t * n_));
      kernels::activate_rows_backward(foretell::softmax, 1, m, share, d_share, d_share);
      for (std::size_t t = 0; t < m; ++t) {
        kernels::axpy(units_, static_cast<double>(d_share[t]), hidden + t * units_, pass.gradient(query_).data());
        kernels::fill(units_, 0, d + t * units_);
        kernels::axpy(units_, static_cast<double>(d_share[t]), pass[query_].data(), d + t * units_);
      }
      kernels::activate_backward(foretell::tanh, m * units_, hidden, static_cast<const T*>(nullptr), d, d);
      kernels::column_sum_add(m, units_, d, units_, pass.gradient(bias_).data());
      kernels::gemm_tn(n_, units_, m, from, n_, d, units_, pass.gradient(kernel_).data(), units_, true);
      if (!dx) continue;
      T* to = dx.row(r) + real.first * n_;
      kernels::gemm_nt(m, n_, units_, d, units_, pass[kernel_].data(), units_, to, n_, false);
      for (std::size_t t = 0; t < m; ++t) kernels::axpy(n_, static_cast<double>(share[t]), dy.row(r), to + t * n_);
    }
  }
  void fields(auto&& f) {
    f("units", units_);
    f("kernel_initializer", options_.kernel_initializer);
    f("query_initializer", options_.query_initializer);
  }

 private:
  detail::RealSteps range(In<T> x, std::size_t r) const {
    return detail::real_steps(x.mask() ? x.mask() + r * steps_ : nullptr, steps_);
  }

  std::size_t units_ = 0;
  AttentionPoolingOptions options_;
  std::size_t steps_ = 0, n_ = 0;
  Parameter kernel_, bias_, query_;
  Stash hidden_, share_;
  LayerScratch d_hidden_;
};

struct TargetAttentionOptions {
  std::size_t hidden_units = 36;
  ActivationFunction activation = sigmoid;
  bool softmax =
      false;  ///< weights that sum to 1; without, as the paper has it, their sum tells how much interest there is
  Initializer kernel_initializer = GlorotUniform();
};

/// What of a history bears on a candidate: {candidate (n), history (steps, n)} -> (n), the sum of the steps h weighted
/// by a small network of [h, c, h - c, h c] (deep interest network, Zhou and others 2018). Masked steps have no weight.
template <class T = float>
class TargetAttention {
 public:
  static constexpr std::string_view type = "TargetAttention";
  explicit TargetAttention(TargetAttentionOptions options = {}) : options_(options) {}

  Shape build(Build<T>& b) {
    if (options_.hidden_units == 0) b.fail_option("expected hidden_units of at least 1, received 0");
    if (is_rowwise(options_.activation.kind) || !derivative_from_output(options_.activation.kind))
      b.fail_option(text("expected an activation such as sigmoid or relu, received ", name(options_.activation.kind)));
    if (b.inputs().size() != 2 || b.input(0).rank() != 1 || b.input(1).rank() != 2 ||
        b.input(0).back() != b.input(1).back() || b.input(0).back() == 0)
      b.fail_shape("a candidate (*, n) and a history (*, steps, n)");
    n_ = b.input(0).back();
    steps_ = b.input(1).front();
    const std::size_t u = options_.hidden_units;
    kernel_ = b.parameter("hidden/kernel", {4 * n_, u}, options_.kernel_initializer);
    bias_ = b.parameter("hidden/bias", {u}, Zeros());
    out_ = b.parameter("score/kernel", {u, 1}, options_.kernel_initializer);
    out_bias_ = b.parameter("score/bias", {1}, Zeros());
    pairs_ = b.stash(steps_ * 4 * n_);
    hidden_ = b.stash(steps_ * u);
    share_ = b.stash(steps_);
    if (b.training()) d_ = b.scratch(0, steps_ * (4 * n_ + u + 1));
    b.set_mask(MaskFlow::drop);
    return {n_};
  }
  void forward(const Pass<T>& pass, Ins<T> in, Out<T> y) const {
    const std::size_t u = options_.hidden_units;
    for (std::size_t r = 0; r < y.rows(); ++r) {
      const T *c = in[0].row(r), *history = in[1].row(r);
      T *pairs = pass[pairs_] + r * steps_ * 4 * n_, *hidden = pass[hidden_] + r * steps_ * u,
        *share = pass[share_] + r * steps_;
      for (std::size_t t = 0; t < steps_; ++t) {
        const T* h = history + t * n_;
        T* to = pairs + t * 4 * n_;
        kernels::copy(n_, h, to);
        kernels::copy(n_, c, to + n_);
        for (std::size_t j = 0; j < n_; ++j) to[2 * n_ + j] = h[j] - c[j];
        kernels::multiply(n_, h, c, to + 3 * n_);
      }
      kernels::Epilogue<T> e;
      e.bias = pass[bias_].data();
      e.activation = options_.activation;
      kernels::gemm_nn(steps_, u, 4 * n_, pairs, 4 * n_, pass[kernel_].data(), u, hidden, u, false, e);
      const detail::RealSteps real = range(in[1], r);
      kernels::fill(steps_, 0, share);
      kernels::fill(n_, 0, y.row(r));
      for (std::size_t t = real.first; t < real.last; ++t)
        share[t] = counts(in[1], r, t) ? static_cast<T>(kernels::dot(u, hidden + t * u, pass[out_].data()) +
                                                        static_cast<double>(pass[out_bias_].data()[0]))
                   : options_.softmax  ? -std::numeric_limits<T>::infinity()
                                       : T(0);
      if (options_.softmax && real.size())
        kernels::activate_rows(foretell::softmax, 1, real.size(), share + real.first, share + real.first);
      for (std::size_t t = real.first; t < real.last; ++t)
        kernels::axpy(n_, static_cast<double>(share[t]), history + t * n_, y.row(r));
    }
  }
  void backward(const Pass<T>& pass, Ins<T> in, In<T>, Out<T> dy, Outs<T> dx) const {
    const std::size_t u = options_.hidden_units, wide = 4 * n_;
    T *d_pairs = pass[d_], *d_hidden = d_pairs + steps_ * wide, *d_share = d_hidden + steps_ * u;
    for (std::size_t k = 0; k < 2; ++k)
      if (dx[k]) kernels::fill(in[k].size(), 0, dx[k].data());
    for (std::size_t r = 0; r < dy.rows(); ++r) {
      const detail::RealSteps real = range(in[1], r);
      const std::size_t m = real.size(), first = r * steps_ + real.first;
      if (m == 0) continue;
      const T *c = in[0].row(r), *history = in[1].row(r) + real.first * n_, *share = pass[share_] + first;
      const T *pairs = pass[pairs_] + first * wide, *hidden = pass[hidden_] + first * u;
      for (std::size_t t = 0; t < m; ++t) d_share[t] = static_cast<T>(kernels::dot(n_, dy.row(r), history + t * n_));
      if (options_.softmax) kernels::activate_rows_backward(foretell::softmax, 1, m, share, d_share, d_share);
      for (std::size_t t = 0; t < m; ++t) {
        if (!counts(in[1], r, real.first + t)) d_share[t] = 0;
        const auto d = static_cast<double>(d_share[t]);
        kernels::axpy(u, d, hidden + t * u, pass.gradient(out_).data());
        pass.gradient(out_bias_).data()[0] += d_share[t];
        kernels::fill(u, 0, d_hidden + t * u);
        kernels::axpy(u, d, pass[out_].data(), d_hidden + t * u);
      }
      kernels::activate_backward(options_.activation, m * u, hidden, static_cast<const T*>(nullptr), d_hidden,
                                 d_hidden);
      kernels::column_sum_add(m, u, d_hidden, u, pass.gradient(bias_).data());
      kernels::gemm_tn(wide, u, m, pairs, wide, d_hidden, u, pass.gradient(kernel_).data(), u, true);
      if (!dx[0] && !dx[1]) continue;
      kernels::gemm_nt(m, wide, u, d_hidden, u, pass[kernel_].data(), u, d_pairs, wide, false);
      for (std::size_t t = 0; t < m; ++t) {
        const T *d = d_pairs + t * wide, *h = history + t * n_;
        T* dh = dx[1] ? dx[1].row(r) + (real.first + t) * n_ : nullptr;
        T* dc = dx[0] ? dx[0].row(r) : nullptr;
        for (std::size_t j = 0; j < n_; ++j) {
          if (dh) dh[j] += d[j] + d[2 * n_ + j] + d[3 * n_ + j] * c[j] + share[t] * dy.row(r)[j];
          if (dc) dc[j] += d[n_ + j] - d[2 * n_ + j] + d[3 * n_ + j] * h[j];
        }
      }
    }
  }
  void fields(auto&& f) {
    f("hidden_units", options_.hidden_units);
    f("activation", options_.activation);
    f("softmax", options_.softmax);
    f("kernel_initializer", options_.kernel_initializer);
  }

 private:
  detail::RealSteps range(In<T> history, std::size_t r) const {
    return detail::real_steps(history.mask() ? history.mask() + r * steps_ : nullptr, steps_);
  }
  bool counts(In<T> history, std::size_t r, std::size_t t) const {
    return !history.mask() || history.mask()[r * steps_ + t];
  }

  TargetAttentionOptions options_;
  std::size_t steps_ = 0, n_ = 0;
  Parameter kernel_, bias_, out_, out_bias_;
  Stash pairs_, hidden_, share_;
  LayerScratch d_;
};

}  // namespace foretell

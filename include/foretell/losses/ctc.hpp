// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/kernels/activation.hpp"
#include "foretell/losses/loss.hpp"
#include "foretell/losses/softmax_row.hpp"
#include "foretell/losses/truth.hpp"

namespace foretell {

struct CTCOptions {
  std::size_t blank = 0;       ///< the class that stands for no label, and the padding of the truth
  bool zero_infinity = false;  ///< rows whose labels do not fit into their steps count 0 instead of infinity
};

namespace detail {

/// log(exp(a) + exp(b)); NaN stays.
inline double log_add(double a, double b) {
  const double top = std::max(a, b);
  if (top == -std::numeric_limits<double>::infinity()) return a + b;
  return top + std::log1p(std::exp(-std::abs(a - b)));
}

/// The forward-backward algorithm of one row in log space: states are blank, label, blank, ..., label, blank.
class CTCRow {
 public:
  explicit CTCRow(std::size_t blank) : blank_(blank) {}

  /// The number of labels before the padding.
  template <class T>
  void assign(const T* labels, std::size_t count) {
    states_.assign(1, blank_);
    for (std::size_t i = 0; i < count && static_cast<std::size_t>(labels[i]) != blank_; ++i) {
      states_.push_back(static_cast<std::size_t>(labels[i]));
      states_.push_back(blank_);
    }
  }
  /// -log of the probability of the labels; `rows[t]` are the logits of step t, `gradients[t]`, when there are any,
  /// become its slopes.
  template <class T>
  double run(const std::vector<const T*>& rows, std::size_t classes, const std::vector<T*>& gradients) {
    const std::size_t steps = rows.size(), n = states_.size();
    log_p_.resize(steps * n);
    alpha_.assign(steps * n, none);
    sums_.resize(steps);
    for (std::size_t t = 0; t < steps; ++t) {
      sums_[t] = log_sum_exp(classes, rows[t], static_cast<T*>(nullptr));
      for (std::size_t s = 0; s < n; ++s)
        log_p_[t * n + s] = static_cast<double>(rows[t][states_[s]]) - sums_[t].top - std::log1p(sums_[t].rest);
    }
    if (steps == 0) return n == 1 ? 0 : -none;
    for (std::size_t s = 0; s < std::min<std::size_t>(n, 2); ++s) alpha_[s] = log_p_[s];
    for (std::size_t t = 1; t < steps; ++t)
      for (std::size_t s = 0; s < n; ++s) {
        const double* before = &alpha_[(t - 1) * n];
        double sum = before[s];
        if (s > 0) sum = log_add(sum, before[s - 1]);
        if (skips(s)) sum = log_add(sum, before[s - 2]);
        alpha_[t * n + s] = sum + log_p_[t * n + s];
      }
    const double* last = &alpha_[(steps - 1) * n];
    const double all = n > 1 ? log_add(last[n - 1], last[n - 2]) : last[0];
    if (!gradients.empty() && all != none) backward(rows, classes, gradients, all);
    return -all;
  }

 private:
  static constexpr double none = -std::numeric_limits<double>::infinity();

  bool skips(std::size_t s) const { return s > 1 && states_[s] != blank_ && states_[s] != states_[s - 2]; }

  template <class T>
  void backward(const std::vector<const T*>& rows, std::size_t classes, const std::vector<T*>& gradients, double all) {
    const std::size_t steps = rows.size(), n = states_.size();
    beta_.assign(n, none);
    after_.assign(n + 2, none);
    beta_[n - 1] = 0;
    if (n > 1) beta_[n - 2] = 0;
    share_.resize(classes);
    for (std::size_t t = steps; t-- > 0;) {
      std::fill(share_.begin(), share_.end(), 0.0);
      for (std::size_t s = 0; s < n; ++s) share_[states_[s]] += std::exp(alpha_[t * n + s] + beta_[s] - all);
      const double log_rest = std::log1p(sums_[t].rest);
      for (std::size_t c = 0; c < classes; ++c)
        gradients[t][c] =
            static_cast<T>(std::exp(static_cast<double>(rows[t][c]) - sums_[t].top - log_rest) - share_[c]);
      for (std::size_t s = 0; s < n; ++s) after_[s] = beta_[s] + log_p_[t * n + s];
      for (std::size_t s = 0; s < n; ++s) {
        beta_[s] = log_add(after_[s], after_[s + 1]);
        if (s + 2 < n && skips(s + 2)) beta_[s] = log_add(beta_[s], after_[s + 2]);
      }
    }
  }

  std::size_t blank_;
  std::vector<std::size_t> states_;
  std::vector<double> log_p_, alpha_, beta_, after_, share_;
  std::vector<LogSumExp> sums_;
};

}  // namespace detail

/// Connectionist temporal classification (Graves and others 2006): -log of the probability of a row's labels, in order,
/// summed over all ways to spread them over the steps with blanks between. Predictions are (steps, classes), from a
/// linear layer or a softmax, which is fused; masked steps are left out. The truth has labels other than `blank`,
/// filled up with `blank`. One loss a row, as keras.losses.CTC. It needs memory for steps x labels numbers, from the
/// heap.
class CTC {
 public:
  static constexpr std::string_view name = "ctc";
  static constexpr bool signed_weights = true;
  static constexpr bool whole_rows = true;
  CTC(CTCOptions options = {}) : options_(options) {}

  bool fuses(ActivationFunction f) const { return kernels::is_rowwise(f.kind); }

  template <class T>
  double operator()(const LossCall<T>& call) const {
    check_shape(call.prediction.shape());
    const std::size_t steps = call.prediction.shape().front(), classes = call.prediction.back();
    detail::CTCRow row(options_.blank);
    std::vector<const T*> logits;
    std::vector<T*> gradients;
    double total = 0;
    for (std::size_t r = 0; r < call.prediction.rows(); ++r) {
      const double weight = call.weights ? static_cast<double>(call.weights[r]) : 1;
      if (call.gradient) std::fill_n(call.gradient.row(r), steps * classes, T(0));
      const T* labels = call.truth.row(r);
      if (weight == 0) continue;
      if (!are_classes(labels, call.truth.row_size(), classes)) return std::numeric_limits<double>::quiet_NaN();
      logits.clear();
      gradients.clear();
      for (std::size_t t = 0; t < steps; ++t) {
        if (call.prediction.mask() && !call.prediction.mask()[r * steps + t]) continue;
        logits.push_back(call.prediction.row(r) + t * classes);
        if (call.gradient) gradients.push_back(call.gradient.row(r) + t * classes);
      }
      row.assign(labels, call.truth.row_size());
      const double loss = row.run(logits, classes, gradients);
      if (loss == std::numeric_limits<double>::infinity() && options_.zero_infinity) continue;
      total += weight * loss;
      for (T* g : gradients)
        for (std::size_t c = 0; c < classes; ++c)
          g[c] = static_cast<T>(static_cast<double>(g[c]) * weight * call.scale);
    }
    return total;
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    check_shape(prediction);
    const std::size_t steps = prediction.front(), classes = prediction.back(), count = truth.row_size();
    for (std::size_t r = 0; r < truth.rows(); ++r) {
      const T* labels = truth.row(r);
      std::size_t needed = 0;
      bool padding = false;
      for (std::size_t i = 0; i < count; ++i) {
        const bool blank = static_cast<double>(labels[i]) == static_cast<double>(options_.blank);
        if (!are_classes(labels + i, 1, classes))
          throw DataError(text(name, ": expected labels 0 to ", classes - 1, ", received ", labels[i], " in row ", r,
                               ", counted from 0; give the last layer one unit for each label and one for the blank"));
        if (!blank && padding)
          throw DataError(text(name, ": expected labels without gaps, received ", labels[i], " after the blank ",
                               options_.blank, " in row ", r, ", counted from 0; the blank fills up the end only"));
        padding = padding || blank;
        if (!blank) needed += i > 0 && labels[i] == labels[i - 1] ? 2 : 1;
      }
      if (needed > steps && !options_.zero_infinity)
        throw DataError(text(name, ": expected labels that fit into ", steps, " steps, received some that need ",
                             needed, " in row ", r,
                             ", counted from 0 (equal neighbours need a blank between); give the model more steps or "
                             "drop the row"));
    }
  }
  void check_output(const OutputFacts& output) const {
    if (!output.activation || (output.last && kernels::is_rowwise(output.activation->kind))) return;
    const detail::Range range = detail::range_of(output.activation->kind);
    if (range == detail::Range::unit || range == detail::Range::shares || range == detail::Range::around_zero)
      detail::fail_output(name, "logits, or a softmax as the very last step", output, "leave the activation out");
  }
  void fields(auto&& f) {
    f("blank", options_.blank);
    f("zero_infinity", options_.zero_infinity);
  }

 private:
  void check_shape(const Shape& prediction) const {
    if (prediction.rank() != 2 || prediction.back() < 2)
      throw ShapeError(text(name, ": expected predictions of shape (*, steps, classes), received ",
                            rows_text(prediction), "; end the model in a layer that keeps the steps"));
    if (options_.blank >= prediction.back())
      throw ConfigError(
          text(name, ": expected a blank below the ", prediction.back(), " classes, received ", options_.blank));
  }
  template <class T>
  static bool are_classes(const T* labels, std::size_t count, std::size_t classes) {
    return std::all_of(labels, labels + count, [classes](T label) {
      return label >= 0 && label < static_cast<T>(classes) && label == std::floor(label);
    });
  }

  CTCOptions options_;
};

}  // namespace foretell

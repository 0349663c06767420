// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/layers/dense.hpp"
#include "foretell/layers/ids.hpp"

namespace foretell {

/// Dense on rows of a SparseMatrix of `features` columns: y = activation(x W + b), at the cost of the numbers that are
/// not 0. Kernel (features, units), row-sparse as Embedding's table: a step updates the rows of its batch; bias
/// (units).
///
/// fit, evaluate and predict take a SparseMatrix as it is. What the layer reads of it are pairs, (2 n): the column
/// counted from 1 and its number, and a column of 0 behind the last.
template <class T = float>
class SparseDense {
 public:
  static constexpr std::string_view type = "SparseDense";
  static constexpr bool reads_pairs = true;
  SparseDense() = default;
  SparseDense(std::size_t features, std::size_t units, DenseOptions options = {})
      : features_(features), units_(units), options_(std::move(options)) {}

  Shape build(Build<T>& b) {
    constexpr std::size_t most = std::size_t(1) << 31, exact = sizeof(T) == 4 ? std::size_t(1) << 24 : most;
    if (features_ == 0 || units_ == 0 || units_ > most || features_ >= exact)
      b.fail_option(text("expected features from 1 to ", exact - 1, " and units of at least 1, received ", features_,
                         " and ", units_));
    if (b.input().rank() != 1 || b.input().size() % 2 != 0) b.fail_shape("pairs of a SparseMatrix (*, 2 n)");
    const bool whole = static_cast<bool>(options_.kernel_regularizer);
    kernel_ =
        b.parameter("kernel", {features_, units_}, options_.kernel_initializer,
                    {.regularizer = options_.kernel_regularizer, .touched_rows = whole ? 0 : b.input().size() / 2});
    if (options_.use_bias)
      bias_ = b.parameter("bias", {units_}, options_.bias_initializer, {.regularizer = options_.bias_regularizer});
    if (!kernels::derivative_from_output(options_.activation.kind)) before_ = b.stash(units_);
    return {units_};
  }
  void forward(const Pass<T>& pass, In<T> x, Out<T> y) const {
    const T* kernel = pass[kernel_].data();
    for (std::size_t r = 0; r < x.rows(); ++r) {
      T* out = y.row(r);
      if (bias_)
        kernels::copy(units_, pass[bias_].data(), out);
      else
        kernels::fill(units_, 0, out);
      for_each(x, r, [&](std::size_t column, T value) { kernels::axpy(units_, value, kernel + column * units_, out); });
      if (const T* pair = beyond(x, r))
        pass.refuse(detail::unknown_column, static_cast<double>(*pair) - 1, features_, r);
    }
    if (before_ && pass.training()) kernels::copy(y.size(), y.data(), pass[before_]);
    if (kernels::is_rowwise(options_.activation.kind))
      kernels::activate_rows(options_.activation, y.rows(), units_, y.data(), y.data());
    else if (options_.activation != linear)
      kernels::activate(options_.activation, y.size(), y.data(), y.data());
  }
  void backward(const Pass<T>& pass, In<T> x, In<T> y, Out<T> dy, Out<T> dx) const {
    detail::through_activation(options_.activation, y.rows(), units_, y, before_ ? pass[before_] : nullptr, dy,
                               bias_ ? pass.gradient(bias_).data() : nullptr);
    const T* kernel = pass[kernel_].data();
    for (std::size_t r = 0; r < x.rows(); ++r) {
      const T* d = dy.row(r);
      for_each(x, r, [&](std::size_t column, T value) {
        kernels::axpy(units_, value, d, pass.gradient_row(kernel_, column));
      });
      if (!dx) continue;
      kernels::fill(x.row_size(), 0, dx.row(r));
      for (std::size_t i = 0; i < x.row_size() && x.row(r)[i] >= 1; i += 2)
        if (x.row(r)[i] <= static_cast<T>(features_))
          dx.row(r)[i + 1] =
              static_cast<T>(kernels::dot(units_, d, kernel + (static_cast<std::size_t>(x.row(r)[i]) - 1) * units_));
    }
  }
  void validate(In<T> x, const std::string& who) const {
    for (std::size_t r = 0; r < x.rows(); ++r)
      if (const T* pair = beyond(x, r))
        throw DataError(text(who, ": ", detail::unknown_column(static_cast<double>(*pair) - 1, features_, {})));
  }
  void fields(auto&& f) {
    f("features", features_);
    f("units", units_);
    options_.fields(f);
  }
  ActivationFunction output_activation() const { return options_.activation; }
  void set_output_activation(ActivationFunction f) { options_.activation = f; }

 private:
  /// The first pair of what is no column of the kernel, if there is one.
  const T* beyond(In<T> x, std::size_t r) const {
    const T *pair = x.row(r), *end = pair + x.row_size(), most = static_cast<T>(features_);
    for (; pair != end && *pair != 0; pair += 2)
      if (!(*pair >= 1 && *pair <= most) || *pair != std::floor(*pair)) return pair;
    return nullptr;
  }
  /// Pairs of columns that the kernel has not are left out.
  template <class F>
  void for_each(In<T> x, std::size_t r, const F& f) const {
    const T *pair = x.row(r), most = static_cast<T>(features_);
    for (std::size_t i = 0; i < x.row_size() && pair[i] >= 1; i += 2)
      if (pair[i] <= most) f(static_cast<std::size_t>(pair[i]) - 1, pair[i + 1]);
  }

  std::size_t features_ = 0, units_ = 0;
  DenseOptions options_;
  Parameter kernel_, bias_;
  Stash before_;
};

}  // namespace foretell

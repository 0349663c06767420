// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/layers/dense.hpp"
#include "foretell/layers/layer.hpp"

namespace foretell {

/// Dense on rows of a SparseMatrix of `features` columns: y = activation(x W + b), at the cost of the numbers that are
/// not 0. Kernel (features, units), row-sparse as Embedding's table: a step updates the rows of its batch; bias
/// (units). Reads an input of the model that is a SparseMatrix.
template <class T = float>
class SparseDense {
 public:
  static constexpr std::string_view type = "SparseDense";
  SparseDense() = default;
  SparseDense(std::size_t features, std::size_t units, DenseOptions options = {})
      : features_(features), units_(units), options_(std::move(options)) {}

  Shape build(Build<T>& b) {
    constexpr std::size_t most = std::size_t(1) << 31;
    if (features_ == 0 || units_ == 0 || units_ > most || features_ > most)
      b.fail_option(text("expected features from 1 to ", most, " and units of at least 1, received ", features_,
                         " and ", units_));
    if (b.input().rank() != 1 || b.input().size() != features_)
      b.fail_shape(text("a SparseMatrix of ", features_, " columns"),
                   "transform it with the vectorizer or encoder that the model was made for");
    const bool whole = static_cast<bool>(options_.kernel_regularizer);
    kernel_ = b.parameter("kernel", {features_, units_}, options_.kernel_initializer,
                          {.regularizer = options_.kernel_regularizer,
                           .touched_rows = whole ? 0 : std::min(features_, touched_at_first)});
    if (options_.use_bias)
      bias_ = b.parameter("bias", {units_}, options_.bias_initializer, {.regularizer = options_.bias_regularizer});
    if (!kernels::derivative_from_output(options_.activation.kind)) before_ = b.stash(units_);
    return {units_};
  }
  void forward(const Pass<T>& pass, SparseRows<T> x, Out<T> y) const {
    const T* kernel = pass[kernel_].data();
    for (std::size_t r = 0; r < y.rows(); ++r) {
      T* out = y.row(r);
      if (bias_)
        kernels::copy(units_, pass[bias_].data(), out);
      else
        kernels::fill(units_, 0, out);
      for (std::size_t i = x.starts[r]; i < x.ends[r]; ++i)
        kernels::axpy(units_, x.all_values[i], kernel + x.all_columns[i] * units_, out);
    }
    if (before_ && pass.keeps()) kernels::copy(y.size(), y.data(), pass[before_]);
    if (kernels::is_rowwise(options_.activation.kind))
      kernels::activate_rows(options_.activation, y.rows(), units_, y.data(), y.data());
    else if (options_.activation != linear)
      kernels::activate(options_.activation, y.size(), y.data(), y.data());
  }
  void backward(const Pass<T>& pass, SparseRows<T> x, In<T> y, Out<T> dy, Out<T>) const {
    detail::through_activation(options_.activation, y.rows(), units_, y, before_ ? pass[before_] : nullptr, dy,
                               bias_ ? pass.gradient(bias_).data() : nullptr);
    for (std::size_t r = 0; r < y.rows(); ++r)
      for (std::size_t i = x.starts[r]; i < x.ends[r]; ++i)
        kernels::axpy(units_, x.all_values[i], dy.row(r), pass.gradient_row(kernel_, x.all_columns[i]));
  }
  void fields(auto&& f) {
    f("features", features_);
    f("units", units_);
    options_.fields(f);
  }
  ActivationFunction output_activation() const { return options_.activation; }
  void set_output_activation(ActivationFunction f) { options_.activation = f; }

 private:
  static constexpr std::size_t touched_at_first = 64;  ///< columns of a row; room for more is made when they come

  std::size_t features_ = 0, units_ = 0;
  DenseOptions options_;
  Parameter kernel_, bias_;
  Stash before_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "foretell/core/tensors.hpp"

namespace foretell {

/// Rows to learn from or to validate with, and their answers: {x, y}, or named inputs and named targets. Owns its
/// numbers.
template <class T>
class Examples {
 public:
  Examples() = default;
  template <InputLike X, ArrayLike Y>
  Examples(const X& x, const Y& y) : inputs_(kept(named_inputs<T>(x))), targets_(kept(named_inputs<T>(y))) {}
  Examples(const Tensors<T>& x, const Tensors<T>& y)
      : inputs_(kept(named_inputs(x))), targets_(kept(named_inputs(y))) {}
  /// With a weight for each row.
  template <class X, class Y>
  Examples(const X& x, const Y& y, std::vector<T> weights) : Examples(x, y) {
    weights_ = std::move(weights);
  }

  bool empty() const { return inputs_.empty(); }
  std::size_t rows() const { return empty() ? 0 : inputs_[0].array.rows().rows; }
  const std::vector<NamedInput<T>>& inputs() const { return inputs_; }
  const std::vector<NamedInput<T>>& targets() const { return targets_; }
  const std::vector<T>& weights() const { return weights_; }

 private:
  static std::vector<NamedInput<T>> kept(std::vector<NamedInput<T>> borrowed) {
    for (NamedInput<T>& input : borrowed) input.array = InputArray<T>::copy(input.array.rows());
    return borrowed;
  }

  std::vector<NamedInput<T>> inputs_, targets_;
  std::vector<T> weights_;
};

}  // namespace foretell

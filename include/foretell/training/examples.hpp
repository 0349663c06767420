// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <utility>
#include <vector>

#include "foretell/training/tensors.hpp"

namespace foretell {

/// Rows to learn from or to validate with, and their answers: {x, y}, or named inputs and named targets. Owns its
/// numbers.
template <class T>
class Examples {
 public:
  Examples() = default;
  template <ArrayLike X, ArrayLike Y>
  Examples(const X& x, const Y& y) : inputs_({named_copy<T>("", x)}), targets_({named_copy<T>("", y)}) {}
  Examples(const Tensors<T>& x, const Tensors<T>& y) : inputs_(named_copies(x)), targets_(named_copies(y)) {}
  /// With a weight for each row.
  template <class X, class Y>
  Examples(const X& x, const Y& y, std::vector<T> weights) : Examples(x, y) {
    weights_ = std::move(weights);
  }

  bool empty() const { return inputs_.empty(); }
  std::size_t rows() const { return empty() ? 0 : inputs_[0].view().rows(); }
  const std::vector<NamedArray<T>>& inputs() const { return inputs_; }
  const std::vector<NamedArray<T>>& targets() const { return targets_; }
  const std::vector<T>& weights() const { return weights_; }

 private:
  std::vector<NamedArray<T>> inputs_, targets_;
  std::vector<T> weights_;
};

}  // namespace foretell

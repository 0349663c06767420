// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/parallel.hpp"
#include "foretell/training/callbacks.hpp"
#include "foretell/training/tensors.hpp"

namespace foretell {

/// Validation rows for fit: {x, y}, or named inputs and named targets.
template <class T>
class ValidationData {
 public:
  ValidationData() = default;
  template <ArrayLike X, ArrayLike Y>
  ValidationData(const X& x, const Y& y) : inputs_({named_copy<T>("", x)}), targets_({named_copy<T>("", y)}) {}
  ValidationData(const Tensors<T>& x, const Tensors<T>& y) : inputs_(named_copies(x)), targets_(named_copies(y)) {}

  bool empty() const { return inputs_.empty(); }
  const std::vector<NamedArray<T>>& inputs() const { return inputs_; }
  const std::vector<NamedArray<T>>& targets() const { return targets_; }

 private:
  std::vector<NamedArray<T>> inputs_, targets_;
};

/// How `fit` trains; as keras.Model.fit.
template <class T>
struct FitOptions {
  std::size_t batch_size = 32;
  std::size_t epochs = 1;
  double validation_split = 0;  ///< the last part of the rows, before shuffling
  ValidationData<T> validation_data{};
  std::vector<Callback<T>> callbacks{};
  bool shuffle = true;                                    ///< anew each epoch
  std::vector<double> sample_weight{};                    ///< one a row
  std::vector<std::pair<double, double>> class_weight{};  ///< {{0, 1}, {1, 5}}: weight of each class; others 1
  std::size_t threads = 1;  ///< they end with the call; the result is the same, bit for bit, for any number
  Executor executor{};      ///< instead of `threads`: a team that is kept, or the application's pool
  std::uint64_t seed = 0;   ///< of initial weights, shuffling and dropout
  int verbose = 1;          ///< 0 nothing; 1 a progress line, or a line an epoch; 2 a line an epoch
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <foretell/foretell.hpp>

#include <vector>

/// What a small network with seeded weights says of 64 seeded rows. Static, so that each object runs its own.
static std::vector<float> answers() {
  namespace ft = foretell;
  const ft::Tensor<float> x = ft::random_normal<float>({64, 5}, 1);
  const ft::Tensor<float> y = ft::zeros<float>({64, 1});
  ft::Sequential<float> model{ft::Dense(16, {.activation = ft::tanh}), ft::Dense(1)};
  model.compile(ft::SGD({.learning_rate = 1e-2}), ft::MeanSquaredError());
  model.fit(x, y, {.batch_size = 32, .epochs = 1, .seed = 1, .verbose = 0});
  const ft::Tensor<float> prediction = model.predict(x);
  return std::vector<float>(prediction.begin(), prediction.end());
}

// SPDX-License-Identifier: BSD-3-Clause
// Everything by one include: trains a little, saves, loads, and predicts the same.
#include <foretell/foretell.hpp>

#include <algorithm>
#include <cstdio>

namespace ft = foretell;

int main() {
  const ft::Tensor<float> x = ft::random_normal<float>({256, 3}, 1);
  ft::Tensor<float> y = ft::zeros<float>({256, 1});
  for (std::size_t i = 0; i < 256; ++i) y(i, 0) = x(i, 0) > x(i, 1) ? 1.0f : 0.0f;

  ft::Sequential<float> model{ft::Dense(8, {.activation = ft::relu}), ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam({.learning_rate = 1e-2}), ft::BinaryCrossentropy(), {ft::BinaryAccuracy()});
  model.fit(x, y, {.batch_size = 32, .epochs = 20, .seed = 1, .verbose = 0});
  const double accuracy = model.evaluate(x, y)["binary_accuracy"];
  std::printf("foretell %s accuracy %.3f\n", ft::version, accuracy);

  model.save("train.safetensors");
  const auto reloaded = ft::Sequential<float>::load("train.safetensors");
  const ft::Tensor<float> before = model.predict(x), after = reloaded.predict(x);
  return accuracy > 0.9 && std::equal(before.begin(), before.end(), after.begin(), after.end()) ? 0 : 1;
}

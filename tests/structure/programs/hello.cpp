// SPDX-License-Identifier: BSD-3-Clause
// As examples/02_hello.cpp: trains, saves, and loads with all types.
#include <foretell/foretell.hpp>

namespace ft = foretell;

int main() {
  const ft::Table moons = ft::datasets::two_moons(2000, 0.2, 1);
  const auto [train, test] = ft::train_test_split(moons, {.test_size = 0.25, .stratify = "label", .seed = 1});
  ft::StandardScaler<float> scaler;
  const ft::Tensor<float> x = scaler.fit_transform(train.drop("label"));
  const ft::Tensor<float> y = train.column("label").to_array<float>();
  ft::Sequential<float> model{
      ft::Dense(32, {.activation = ft::relu}),
      ft::Dropout(0.1),
      ft::Dense(1, {.activation = ft::sigmoid}),
  };
  model.compile(ft::Adam({.learning_rate = 1e-2}), ft::BinaryCrossentropy(), {ft::BinaryAccuracy(), ft::AUC()});
  model.fit(x, y, {.batch_size = 32, .epochs = 30, .validation_split = 0.1, .seed = 1, .verbose = 0});
  const ft::Scores scores =
      model.evaluate(scaler.transform(test.drop("label")), test.column("label").to_array<float>());
  ft::save("moons.safetensors", scaler, model);
  const auto bundle = ft::load<float>("moons.safetensors");
  return scores["auc"] > static_cast<double>(bundle.predict(test)[0]);
}

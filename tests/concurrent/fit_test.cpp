// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <cstring>
#include <thread>
#include <vector>

namespace ft = foretell;

namespace {

ft::Sequential<float> network(bool normalized) {
  std::vector<ft::Layer<float>> layers{ft::Dense(24, {.activation = ft::relu, .kernel_regularizer = ft::L2(1e-3)}),
                                       ft::Dropout(0.3)};
  if (normalized) layers.push_back(ft::BatchNormalization());
  layers.push_back(ft::Dense(1, {.activation = ft::sigmoid}));
  ft::Sequential<float> model(layers);
  model.compile(ft::Adam({.global_clip_norm = 1.0}), ft::BinaryCrossentropy(), {ft::AUC(), ft::BinaryAccuracy()});
  return model;
}

struct Outcome {
  std::vector<float> weights;
  std::vector<double> figures;
  bool operator==(const Outcome& other) const {
    return weights.size() == other.weights.size() &&
           std::memcmp(weights.data(), other.weights.data(), weights.size() * sizeof(float)) == 0 &&
           figures == other.figures;
  }
};

/// 1280 rows in batches of 600: four shards of at most 152 rows, a last shard that is not full, and a last batch of 80.
Outcome train(ft::FitOptions<float> options, bool normalized = false) {
  const ft::Tensor<float> x = ft::random_normal<float>({1600, 6}, 3);
  ft::Tensor<float> y = ft::zeros<float>({1600, 1});
  for (std::size_t i = 0; i < 1600; ++i) y(i, 0) = x(i, 0) + x(i, 1) * x(i, 2) > 0;
  ft::Sequential<float> model = network(normalized);
  options.batch_size = 600;
  options.epochs = 3;
  options.validation_split = 0.2;
  options.seed = 5;
  options.verbose = 0;
  options.sample_weight.assign(1600, 1.0);
  for (std::size_t i = 0; i < 1600; i += 3) options.sample_weight[i] = 2;
  const ft::History history = model.fit(x, y, options);
  Outcome outcome;
  const auto& weights = model.network().weights();
  outcome.weights.assign(weights.begin(), weights.end());
  for (const char* name : {"loss", "auc", "binary_accuracy", "val_loss", "val_auc"})
    for (const double v : history[name]) outcome.figures.push_back(v);
  const ft::PredictOptions two{.batch_size = 100, .threads = options.threads, .executor = options.executor};
  const ft::Scores scores = model.evaluate(x, y, two);
  for (const char* name : {"loss", "auc", "binary_accuracy"}) outcome.figures.push_back(scores[name]);
  for (const float v : model.predict(x, two)) outcome.figures.push_back(v);
  return outcome;
}

}  // namespace

TEST_CASE("fit, evaluate, predict: the same bits with 1, 2, 3 and 8 threads") {
  for (const bool normalized : {false, true}) {
    const Outcome one = train({}, normalized);
    for (const std::size_t threads : {2u, 3u, 8u}) CHECK(train({.threads = threads}, normalized) == one);
  }
}

TEST_CASE("fit: a team that is kept and the application's own pool give the same bits") {
  const Outcome one = train({});
  const ft::Executor team(2);
  CHECK(train({.executor = team}) == one);
  CHECK(train({.executor = team}) == one);
  const ft::Executor backwards(3, [](std::size_t n, ft::Task task) {
    for (std::size_t i = n; i-- > 0;) task(i);
  });
  CHECK(train({.executor = backwards}) == one);
}

TEST_CASE("fit: two at once may share a team") {
  const Outcome one = train({});
  const ft::Executor team(2);
  Outcome a, b;
  std::thread beside([&] { a = train({.executor = team}); });
  b = train({.executor = team});
  beside.join();
  CHECK(a == one);
  CHECK(b == one);
}

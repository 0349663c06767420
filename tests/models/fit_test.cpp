// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <cmath>
#include <limits>

namespace ft = foretell;

namespace {

struct Moons {
  ft::Tensor<float> x, y;
};
Moons moons(std::size_t n = 400) {
  const ft::Table table = ft::datasets::two_moons(n, 0.2, 1);
  return {table.drop("label").to_array<float>(), table.column("label").to_array<float>()};
}
ft::Sequential<float> small(double rate = 1e-2) {
  ft::Sequential<float> model{ft::Dense(16, {.activation = ft::relu}), ft::Dropout(0.1),
                              ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam({.learning_rate = rate}), ft::BinaryCrossentropy(), {ft::BinaryAccuracy(), ft::AUC()});
  return model;
}
const float nan_value = std::numeric_limits<float>::quiet_NaN();

}  // namespace

TEST_CASE("fit: learns, reports every epoch, and the same seed gives the same bits") {
  const auto [x, y] = moons();
  auto a = small(), b = small(), c = small();
  const ft::FitOptions<float> options{.batch_size = 32, .epochs = 12, .validation_split = 0.2, .seed = 3, .verbose = 0};
  const ft::History history = a.fit(x, y, options);
  CHECK(history.epochs() == 12);
  CHECK(history["loss"].back() < history["loss"].front());
  CHECK(history["val_auc"].back() > 0.9);
  b.fit(x, y, options);
  CHECK(a.network().weights() == b.network().weights());
  c.fit(x, y, {.batch_size = 32, .epochs = 12, .validation_split = 0.2, .seed = 4, .verbose = 0});
  CHECK(!(a.network().weights() == c.network().weights()));
  CHECK(a.evaluate(x, y)["binary_accuracy"] > 0.8);
}

TEST_CASE("fit: the final activation may be in the last layer or a layer of its own, with the same result") {
  const auto [x, y] = moons();
  ft::Sequential<float> inside{ft::Dense(8, {.activation = ft::tanh}), ft::Dense(1, {.activation = ft::sigmoid})};
  ft::Sequential<float> outside{ft::Dense(8, {.activation = ft::tanh}), ft::Dense(1), ft::Activation(ft::sigmoid)};
  ft::Sequential<float> logits{ft::Dense(8, {.activation = ft::tanh}), ft::Dense(1)};
  inside.compile(ft::SGD({.learning_rate = 0.1}), ft::BinaryCrossentropy());
  outside.compile(ft::SGD({.learning_rate = 0.1}), ft::BinaryCrossentropy());
  logits.compile(ft::SGD({.learning_rate = 0.1}), ft::BinaryCrossentropy({.from_logits = true}));
  const ft::FitOptions<float> options{.epochs = 3, .seed = 1, .verbose = 0};
  const double loss = inside.fit(x, y, options)["loss"].back();
  CHECK(outside.fit(x, y, options)["loss"].back() == loss);
  CHECK(logits.fit(x, y, options)["loss"].back() == loss);
  CHECK(inside.predict(x) == outside.predict(x));
  for (const float p : inside.predict(x)) CHECK((p >= 0.f && p <= 1.f));
}

TEST_CASE("fit: extreme logits give a finite loss and gradient") {
  ft::Sequential<float> model{ft::Dense(1, {.activation = ft::sigmoid, .kernel_initializer = ft::Constant(300.0)})};
  model.compile(ft::SGD({.learning_rate = 1e-3}), ft::BinaryCrossentropy());
  ft::Tensor<float> x = ft::ones<float>({2, 1}), y = ft::zeros<float>({2, 1});
  x(1, 0) = -1;
  y(1, 0) = 1;
  CHECK(model.fit(x, y, {.epochs = 1, .verbose = 0})["loss"][0] == doctest::Approx(300.0));
}

TEST_CASE("EarlyStopping: the best weights come back however training ends") {
  const Moons data = moons();
  std::vector<ft::Arena<float>> seen;
  std::vector<double> losses;
  struct Recorder {
    std::vector<ft::Arena<float>>* seen;
    std::vector<double>* losses;
    void on_epoch_end(ft::Training<float>& training, const ft::EpochLogs& logs) {
      seen->push_back(training.network.weights());
      losses->push_back(logs["val_loss"]);
    }
  };
  const auto best = [&] {
    return seen[static_cast<std::size_t>(std::min_element(losses.begin(), losses.end()) - losses.begin())];
  };
  const auto run = [&](ft::EarlyStoppingOptions stopping, std::size_t epochs, auto last) {
    seen.clear();
    losses.clear();
    auto model = small(0.3);  // jumps about
    try {
      model.fit(data.x, data.y,
                {.batch_size = 32,
                 .epochs = epochs,
                 .validation_split = 0.3,
                 .callbacks = {ft::EarlyStopping(stopping), Recorder{&seen, &losses}, last},
                 .seed = 2,
                 .verbose = 0});
    } catch (const std::runtime_error&) {
    }
    CHECK(model.network().weights() == best());
    return seen.size();
  };
  const auto nothing = ft::on_epoch_end([](const ft::EpochLogs&) {});
  CHECK(run({.patience = 3}, 200, nothing) < 200);
  CHECK(run({.patience = 100}, 8, nothing) == 8);
  CHECK(run({.patience = 100}, 50, ft::on_epoch_end([](const ft::EpochLogs& logs) {
              return logs.epoch() == 6 ? ft::Flow::stop : ft::Flow::go_on;
            })) == 7);
  CHECK(run({.patience = 100}, 50, ft::on_epoch_end([](const ft::EpochLogs& logs) {
              if (logs.epoch() == 6) throw std::runtime_error("from a callback");
            })) == 7);
}

TEST_CASE("EarlyStopping: an unknown monitor says what there is") {
  const auto [x, y] = moons(50);
  auto model = small();
  CHECK_THROWS_WITH_AS(model.fit(x, y, {.callbacks = {ft::EarlyStopping()}, .verbose = 0}),
                       doctest::Contains("validation_split"), ft::ConfigError);
}

TEST_CASE(
    "fit: a loss that is not finite names batch and layer and leaves the weights as they were; TerminateOnNaN stops "
    "quietly") {
  const auto [x, y] = moons(64);
  const auto exploding = [] {
    ft::Sequential<float> model{ft::Dense(8, {.activation = ft::exponential}),
                                ft::Dense(8, {.activation = ft::exponential}), ft::Dense(1)};
    model.compile(ft::SGD({.learning_rate = 1e4}), ft::MeanSquaredError());
    return model;
  };
  auto model = exploding();
  CHECK_THROWS_WITH_AS(model.fit(x, y, {.epochs = 50, .seed = 1, .verbose = 0}),
                       doctest::Contains("is the first that is not finite"), ft::NumericError);
  auto quiet = exploding();
  CHECK(quiet.fit(x, y, {.epochs = 50, .callbacks = {ft::TerminateOnNaN()}, .seed = 1, .verbose = 0}).epochs() < 50);
}

TEST_CASE("fit: wrong data is refused before anything is trained") {
  auto [x, y] = moons(64);
  auto model = small();
  const ft::FitOptions<float> quiet{.verbose = 0};
  CHECK_THROWS_WITH_AS(model.fit(x, xt::view(y, xt::range(0, 60)), quiet), doctest::Contains("64"), ft::ShapeError);
  ft::Tensor<float> bad = x;
  bad(5, 1) = nan_value;
  CHECK_THROWS_WITH_AS(model.fit(bad, y, quiet), doctest::Contains("row 5, column 1"), ft::DataError);
  ft::Tensor<float> labels = y;
  labels(7) = nan_value;
  CHECK_THROWS_WITH_AS(model.fit(x, labels, quiet), doctest::Contains("row 7"), ft::DataError);
  labels(7) = 3;
  CHECK_THROWS_AS(model.fit(x, labels, quiet), ft::DataError);
  CHECK_THROWS_AS(model.fit(x, y, ft::FitOptions<float>{.batch_size = 0, .verbose = 0}), ft::ConfigError);
  CHECK_THROWS_AS(model.fit(x, y, ft::FitOptions<float>{.validation_split = 1.0, .verbose = 0}), ft::ConfigError);
  CHECK_THROWS_AS(model.fit(xt::view(x, xt::range(0, 0)), xt::view(y, xt::range(0, 0)), quiet), ft::DataError);
  ft::Sequential<float> raw{ft::Dense(1)};
  CHECK_THROWS_WITH_AS(raw.fit(x, y, quiet), doctest::Contains("compile"), ft::StateError);
  CHECK_THROWS_AS((void)raw.predict(x), ft::StateError);
  model.fit(x, y, quiet);
  CHECK_THROWS_WITH_AS((void)model.predict(ft::zeros<float>({4, 3})), doctest::Contains("dense/kernel"),
                       ft::ShapeError);
}

TEST_CASE("fit: sample weights of zero take rows out, class weights shift the answer") {
  const auto [x, y] = moons(200);
  auto all = small(), none = small(), heavy = small();
  std::vector<double> half(200, 1.0);
  for (std::size_t i = 100; i < 200; ++i) half[i] = 0;
  CHECK_NOTHROW(all.fit(x, y, {.epochs = 2, .sample_weight = half, .verbose = 0}));
  CHECK_THROWS_AS(none.fit(x, y, ft::FitOptions<float>{.sample_weight = {1.0}, .verbose = 0}), ft::ShapeError);
  none.fit(x, y, {.epochs = 20, .seed = 1, .verbose = 0});
  heavy.fit(x, y, {.epochs = 20, .class_weight = {{1, 20.0}}, .seed = 1, .verbose = 0});
  CHECK(xt::mean(heavy.predict(x))() > xt::mean(none.predict(x))() + 0.05f);
}

TEST_CASE("Model: several inputs and outputs train together, by name") {
  const std::size_t n = 300;
  const ft::Tensor<float> a = ft::random_normal<float>({n, 3}, 1), b = ft::random_normal<float>({n, 2}, 2);
  ft::Tensor<float> sum = ft::zeros<float>({n, 1}), sign = ft::zeros<float>({n, 1});
  for (std::size_t i = 0; i < n; ++i) {
    sum(i, 0) = a(i, 0) + b(i, 1);
    sign(i, 0) = a(i, 1) > 0;
  }
  ft::Graph<float> graph;
  const auto left = graph.input("left", {3}), right = graph.input("right", {2});
  const auto trunk = graph.add(ft::Dense(16, {.activation = ft::relu}), graph.add(ft::Concatenate(), {left, right}));
  graph.output("sum", graph.add(ft::Dense(1), trunk));
  graph.output("sign", graph.add(ft::Dense(1, {.activation = ft::sigmoid}), trunk));
  ft::Model<float> model(graph);
  CHECK_THROWS_AS(model.compile(ft::Adam(), {{"sum", ft::MeanSquaredError()}}), ft::ConfigError);
  CHECK_THROWS_AS(model.compile(ft::Adam(), {{"sum", ft::MeanSquaredError()},
                                             {"sign", ft::BinaryCrossentropy()},
                                             {"other", ft::MeanSquaredError()}}),
                  ft::ConfigError);
  model.compile(ft::Adam({.learning_rate = 0.01}),
                {{"sum", ft::MeanSquaredError()}, {"sign", ft::BinaryCrossentropy(), {.weight = 0.5}}},
                {{"sign", ft::AUC()}, {"sum", ft::MeanAbsoluteError()}});
  const ft::Tensors<float> x{{"right", b}, {"left", a}}, y{{"sum", sum}, {"sign", sign}};
  model.fit(x, y, {.batch_size = 32, .epochs = 60, .validation_split = 0.2, .seed = 1, .verbose = 0});
  const ft::Scores scores = model.evaluate(x, y);
  CHECK(scores["sign_auc"] > 0.95);
  CHECK(scores["sum_mean_absolute_error"] < 0.2);
  CHECK(scores["loss"] == doctest::Approx(scores["sum_loss"] + 0.5 * scores["sign_loss"]));
  CHECK_THROWS_WITH_AS((void)model.predict(ft::Tensors<float>{{"left", a}}), doctest::Contains("expected 2 inputs"),
                       ft::ShapeError);
  const std::string summary = model.summary();
  CHECK(summary.find("concatenate (Concatenate)") != std::string::npos);
  CHECK(summary.find("trained parameters: 130") != std::string::npos);
}

TEST_CASE("Model: two losses on one result, each on a node of its own, add their gradients") {
  const Moons data = moons(200);
  const auto train = [&](bool split) {
    ft::Graph<float> graph;
    const auto score = graph.add(ft::Dense(1), graph.input("x", {2}), "score");
    graph.output("a", score);
    if (split) graph.output("b", graph.add(ft::Activation(ft::linear), score));
    ft::Model<float> model(graph);
    if (split)
      model.compile(ft::SGD({.learning_rate = 0.1}),
                    {{"a", ft::MeanSquaredError(), {.weight = 0.25}}, {"b", ft::MeanSquaredError(), {.weight = 0.75}}});
    else
      model.compile(ft::SGD({.learning_rate = 0.1}), {{"a", ft::MeanSquaredError()}});
    ft::Tensors<float> truth{{"a", data.y}};
    if (split) truth.set("b", data.y);
    model.fit(ft::Tensors<float>{{"x", data.x}}, truth, {.epochs = 5, .seed = 1, .verbose = 0});
    return model.network().weights();
  };
  const auto one = train(false), two = train(true);
  for (std::size_t i = 0; i < one.size(); ++i) CHECK(one[i] == doctest::Approx(two[i]).epsilon(1e-5));
}

TEST_CASE("fit: truth of as many numbers in another shape is refused") {
  ft::Sequential<float> trained{ft::Dense(6), ft::Reshape({2, 3})};
  trained.compile(ft::Adam(), ft::MeanSquaredError());
  const ft::Tensor<float> x = ft::random_normal<float>({8, 4}, 1);
  CHECK_THROWS_WITH_AS(trained.fit(x, ft::zeros<float>({8, 3, 2}), {.verbose = 0}), doctest::Contains("(*, 2, 3)"),
                       ft::ShapeError);
  CHECK_NOTHROW(trained.fit(x, ft::zeros<float>({8, 2, 3}), {.verbose = 0}));
}

TEST_CASE("Sequential: a copy trains on its own, in double as well, and layers written for float fit") {
  const auto [x, y] = moons(100);
  ft::Sequential<double> model{ft::Dense(4, {.activation = ft::tanh}), ft::BatchNormalization(), ft::Dense(1)};
  model.compile(ft::RMSprop(), ft::MeanSquaredError(), {ft::MeanAbsoluteError()});
  model.fit(x, y, {.epochs = 2, .verbose = 0});
  ft::Sequential<double> copy = model;
  copy.fit(x, y, {.epochs = 2, .verbose = 0});
  CHECK(!(copy.network().weights() == model.network().weights()));
  CHECK(model.evaluate(x, y).names() == std::vector<std::string>{"loss", "mean_absolute_error"});
}

TEST_CASE("Sequential: softmax with class ids and one-hot truth give the same loss") {
  ft::Tensor<float> x = ft::random_normal<float>({90, 4}, 5), ids = ft::zeros<float>({90}),
                    hot = ft::zeros<float>({90, 3});
  for (std::size_t i = 0; i < 90; ++i) {
    ids(i) = static_cast<float>(i % 3);
    hot(i, i % 3) = 1;
  }
  ft::Sequential<float> a{ft::Dense(3, {.activation = ft::softmax})}, b = a;
  a.compile(ft::Adam(), ft::SparseCategoricalCrossentropy(), {ft::SparseCategoricalAccuracy()});
  b.compile(ft::Adam(), ft::CategoricalCrossentropy(), {ft::CategoricalAccuracy()});
  const auto la = a.fit(x, ids, {.epochs = 3, .seed = 1, .verbose = 0}),
             lb = b.fit(x, hot, {.epochs = 3, .seed = 1, .verbose = 0});
  CHECK(la["loss"].back() == doctest::Approx(lb["loss"].back()).epsilon(1e-6));
  CHECK(la["sparse_categorical_accuracy"].back() == lb["categorical_accuracy"].back());
}

TEST_CASE("History: an epoch that was not is refused") {
  CHECK_THROWS_WITH_AS((void)ft::History().epoch(0), "History: expected an epoch below 0, received 0", ft::ConfigError);
}

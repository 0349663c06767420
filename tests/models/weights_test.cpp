// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <cmath>
#include <limits>

namespace ft = foretell;

namespace {

const double nan_value = std::numeric_limits<double>::quiet_NaN();

using Weights = std::vector<std::pair<double, double>>;

/// One number in, `units` out; `rate` so small that nothing moves.
ft::Sequential<float> still(std::size_t units = 1, ft::ActivationFunction f = ft::sigmoid,
                            ft::Loss<float> loss = ft::BinaryCrossentropy(),
                            const std::vector<ft::Metric<float>>& metrics = {}) {
  ft::Model<float> made(ft::Graph<float>::chain(
      {ft::Dense<float>(units, {.activation = f, .use_bias = false, .kernel_initializer = ft::Constant(0.5)})}));
  made.compile(ft::SGD({.learning_rate = 1e-30}), std::move(loss), metrics);
  return ft::Sequential<float>(std::move(made));
}
ft::Tensor<float> column(const std::vector<float>& values) {
  return ft::make_tensor<float>({values.size(), 1}, values.data());
}

}  // namespace

TEST_CASE("class_weight: steers training alone, whatever gives the validation rows") {
  const std::vector<float> labels{0, 1, 0, 0, 1, 0, 0, 1, 0, 1};
  const ft::Tensor<float> x = column({1, 2, 3, -1, -2, 1, 2, -3, 1, 2}), y = column(labels);
  const Weights weights{{0, 0.5}, {1, 9}};
  auto made = still(1, ft::sigmoid, ft::BinaryCrossentropy(), {ft::BinaryAccuracy(), ft::BinaryCrossentropy()});
  const ft::Tensor<float> xv = xt::view(x, xt::range(7, 10)), yv = xt::view(y, xt::range(7, 10)),
                          xt_ = xt::view(x, xt::range(0, 7)), yt = xt::view(y, xt::range(0, 7));
  const auto split = made.fit(x, y, {.epochs = 1, .validation_split = 0.3, .class_weight = weights, .verbose = 0});
  const auto given =
      made.fit(xt_, yt, {.epochs = 1, .validation_data = {xv, yv}, .class_weight = weights, .verbose = 0});
  const ft::Scores scores = made.evaluate(xv, yv);
  for (const std::string name : {"loss", "binary_accuracy", "binary_crossentropy"}) {
    CHECK(split["val_" + name][0] == scores[name]);
    CHECK(given["val_" + name][0] == scores[name]);
    CHECK(given[name][0] == split[name][0]);
  }
  std::vector<double> by_hand;
  for (std::size_t i = 0; i < 7; ++i) by_hand.push_back(labels[i] == 1 ? 9 : 0.5);
  const auto rows = made.fit(xt_, yt, {.epochs = 1, .sample_weight = by_hand, .verbose = 0});
  CHECK(rows["loss"][0] == doctest::Approx(split["loss"][0]));
  CHECK(rows["binary_accuracy"][0] == doctest::Approx(split["binary_accuracy"][0]));
}

TEST_CASE("sample_weight: goes with its rows into a validation_split, as Keras has it") {
  auto made = still(1, ft::linear, ft::MeanSquaredError(), {ft::RootMeanSquaredError(), ft::MeanSquaredError()});
  ft::Tensor<float> x = ft::zeros<float>({10, 1}), y = ft::zeros<float>({10, 1});
  std::vector<double> weights;
  for (std::size_t i = 0; i < 10; ++i) x(i, 0) = 2 * static_cast<float>(i), weights.push_back(static_cast<double>(i));
  const auto history = made.fit(x, y, {.epochs = 1, .validation_split = 0.2, .sample_weight = weights, .verbose = 0});
  CHECK(history["loss"][0] == doctest::Approx(98));  // keras 3.15.1: 98, 28, 620.5, 73
  CHECK(history["mean_squared_error"][0] == doctest::Approx(28));
  CHECK(history["val_loss"][0] == doctest::Approx(620.5));
  CHECK(history["val_mean_squared_error"][0] == doctest::Approx(73));
  CHECK(history["val_root_mean_squared_error"][0] == doctest::Approx(std::sqrt(73)));
}

TEST_CASE("validation_data: whole weights count rows as often, from arrays and beside a stream") {
  const ft::Random random(4);
  const std::size_t n = 30;
  ft::Tensor<float> x = ft::zeros<float>({n, 1}), y = ft::zeros<float>({n, 1});
  std::vector<float> weights, xs, ys;
  for (std::size_t i = 0; i < n; ++i) {
    x(i, 0) = static_cast<float>(random.normal(i));
    y(i, 0) = static_cast<float>(random.stream("y").below(i, 2));
    weights.push_back(static_cast<float>(random.stream("w").below(i, 4)));
    for (float k = 0; k < weights[i]; ++k) xs.push_back(x(i, 0)), ys.push_back(y(i, 0));
  }
  const std::vector<ft::Metric<float>> metrics{ft::AUC(),     ft::BinaryAccuracy(),     ft::LogLoss(),
                                               ft::F1Score(), ft::BinaryCrossentropy(), ft::R2Score()};
  auto made = still(1, ft::sigmoid, ft::BinaryCrossentropy(), metrics);
  const ft::FitOptions<float> options{.epochs = 1, .validation_data = {x, y, weights}, .verbose = 0};
  const auto arrays = made.fit(x, y, options);
  const auto stream = made.fit(ft::ExampleStream<float>(std::vector<ft::Examples<float>>{{x, y}}), options);
  const ft::Scores repeated = made.evaluate(column(xs), column(ys));
  for (const auto& metric : metrics) {
    CAPTURE(metric.name());
    CHECK(arrays["val_" + metric.name()][0] == doctest::Approx(repeated[metric.name()]));
    CHECK(stream["val_" + metric.name()][0] == arrays["val_" + metric.name()][0]);
  }
  // The loss is divided by rows, as Keras has it.
  CHECK(arrays["val_loss"][0] ==
        doctest::Approx(repeated["loss"] * static_cast<double>(xs.size()) / static_cast<double>(n)));
  CHECK(stream["val_loss"][0] == arrays["val_loss"][0]);
}

TEST_CASE("evaluate: a loss as a metric counts real steps, whatever the batches and the threads") {
  ft::Tensor<float> x = ft::zeros<float>({5, 3, 1}), y = ft::zeros<float>({5, 3, 1});
  double sum = 0, real = 0;
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t t = 0; t <= i % 3; ++t) {
      x(i, t, 0) = static_cast<float>(1 + i);
      sum += std::pow(1 + static_cast<double>(i), 2);
      ++real;
    }
  ft::Sequential<float> made{ft::Masking(0), ft::Dense(1, {.use_bias = false, .kernel_initializer = ft::Ones()})};
  made.compile(ft::SGD({.learning_rate = 1e-30}), ft::MeanSquaredError(), {ft::MeanSquaredError()});
  made.build({3, 1});
  for (const std::size_t batch : {1u, 2u, 3u, 5u})
    for (const std::size_t threads : {1u, 2u}) {
      CHECK(made.evaluate(x, y, {.batch_size = batch, .threads = threads})["mean_squared_error"] ==
            doctest::Approx(sum / real));
      CHECK(made.fit(x, y,
                     {.batch_size = batch,
                      .epochs = 1,
                      .validation_data = {x, y},
                      .threads = threads,
                      .verbose = 0})["val_mean_squared_error"][0] == doctest::Approx(sum / real));
    }
}

TEST_CASE("Weights: none that are not, and some above 0") {
  const ft::Tensor<float> x = column({1, 2, 3, 4}), y = column({0, 1, 0, 1});
  auto made = still();
  const auto fit = [&](std::vector<double> rows, Weights classes, double split = 0) {
    return made.fit(x, y,
                    {.epochs = 1,
                     .validation_split = split,
                     .sample_weight = rows,
                     .class_weight = classes,
                     .verbose = 0})["loss"][0];
  };
  for (const double bad : {-1.0, nan_value, std::numeric_limits<double>::infinity(), 1e300}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(fit({1, bad, 1, 1}, {}), ft::DataError);
    if (bad < 1e200 || std::isinf(bad)) CHECK_THROWS_AS(fit({}, {{1, bad}}), ft::ConfigError);
    CHECK_THROWS_AS(made.fit(x, y,
                             {.epochs = 1,
                              .validation_data = {x, y, std::vector<float>{1, static_cast<float>(bad), 1, 1}},
                              .verbose = 0}),
                    ft::DataError);
  }
  CHECK_THROWS_AS(fit({1, 1}, {}), ft::ShapeError);
  CHECK_THROWS_AS(fit({1, 1e20, 1, 1}, {{1, 1e20}}), ft::DataError);
  CHECK_THROWS_AS(made.fit(x, y, {.epochs = 1, .validation_data = {x, y, std::vector<float>{1}}, .verbose = 0}),
                  ft::ShapeError);
  CHECK_THROWS_WITH_AS(
      fit({0, 0, 0, 0}, {}),
      "fit: expected a row with a weight above 0, received rows of weight 0 alone, by sample_weight or "
      "class_weight",
      ft::DataError);
  CHECK_THROWS_AS(fit({0, 1, 0, 1}, {{1, 0}}), ft::DataError);
  CHECK_THROWS_AS(fit({1, 1, 0, 0}, {}, 0.5), ft::DataError);  // nothing to validate with
  CHECK_THROWS_AS(fit({0, 0, 1, 1}, {}, 0.5), ft::DataError);
  CHECK_THROWS_AS(made.fit(x, y, {.epochs = 1, .validation_data = {x, y, std::vector<float>(4)}, .verbose = 0}),
                  ft::DataError);
  CHECK_THROWS_WITH_AS(fit({}, {{0, 1}, {7, 5}}),
                       "fit: expected class weights of classes that occur, received one for class 7, which no row of "
                       "training has; leave it out or look at the labels",
                       ft::ConfigError);
  CHECK_THROWS_AS(fit({}, {{0.5, 2}}), ft::ConfigError);
  CHECK_THROWS_AS(made.fit(x, column({0, 0.9f, 0, 1}), {.epochs = 1, .class_weight = {{1, 5}}, .verbose = 0}),
                  ft::DataError);  // 0.9 is neither class
  CHECK_THROWS_AS(fit({}, {{1, 2}, {1, 3}}), ft::ConfigError);
  CHECK_THROWS_AS(fit({}, {{nan_value, 2}}), ft::ConfigError);
  CHECK(fit({1, 2, 3, 4}, {{0, 2}, {1, 3}}) == doctest::Approx(fit({2, 6, 6, 12}, {})));
  const ft::Tensor<float> first = xt::view(x, xt::range(0, 1)), none = xt::view(y, xt::range(0, 1));
  CHECK_NOTHROW(made.partial_fit(first, none, {.class_weight = {{1, 5}}}));  // its class may come later
}

TEST_CASE("class_weight: of one label a row, a number or one-hot; several labels are refused") {
  const std::vector<float> ids{0, 2, 1, 2, 0, 1};
  const ft::Tensor<float> x = column({1, -2, 3, -4, 5, -6}), y = column(ids);
  ft::Tensor<float> hot = ft::zeros<float>({6, 3});
  for (std::size_t i = 0; i < 6; ++i) hot(i, static_cast<std::size_t>(ids[i])) = 1;
  const ft::FitOptions<float> options{.epochs = 1, .class_weight = {{0, 1}, {2, 7}}, .verbose = 0};
  const double of_ids = still(3, ft::softmax, ft::SparseCategoricalCrossentropy()).fit(x, y, options)["loss"][0];
  CHECK(still(3, ft::softmax, ft::CategoricalCrossentropy()).fit(x, hot, options)["loss"][0] ==
        doctest::Approx(of_ids));
  CHECK(still(3, ft::softmax, ft::SparseCategoricalCrossentropy())
            .fit(x, y, {.epochs = 1, .sample_weight = {1, 7, 1, 7, 1, 1}, .verbose = 0})["loss"][0] ==
        doctest::Approx(of_ids));
  auto labels = still(3);
  ft::Tensor<float> both = hot;
  both(3, 0) = 1;
  CHECK_THROWS_WITH_AS(labels.fit(x, both, options),
                       "fit: expected one label a row for class_weight, a single number or one-hot classes, received "
                       "neither in row 3, counted from 0; weigh the rows by sample_weight",
                       ft::DataError);
  both(3, 0) = both(3, 2) = 0;
  CHECK_THROWS_AS(labels.fit(x, both, options), ft::DataError);
  both(3, 0) = both(3, 2) = 0.5f;
  CHECK_THROWS_AS(labels.fit(x, both, options), ft::DataError);
  // One label a step, which looks one-hot.
  auto steps = still();
  ft::Tensor<float> xs = ft::ones<float>({2, 2, 1}), ys = ft::zeros<float>({2, 2, 1});
  ys(0, 1, 0) = ys(1, 0, 0) = 1;
  CHECK_THROWS_WITH_AS(steps.fit(xs, ys, {.epochs = 1, .class_weight = {{1, 100}}, .verbose = 0}),
                       "fit: expected one label a row for class_weight, received rows of (*, 2, 1); weigh the rows by "
                       "sample_weight",
                       ft::ConfigError);
  const ft::Tensor<float> flat = xt::view(ys, xt::all(), xt::all(), 0);
  CHECK_THROWS_AS(steps.fit(xs, flat, {.epochs = 1, .class_weight = {{1, 100}}, .verbose = 0}), ft::ConfigError);
}

TEST_CASE("class_weight: of a model of one output") {
  ft::Graph<float> graph;
  const auto in = graph.input("x", {1});
  graph.output("a", graph.add(ft::Dense<float>(1, {.activation = ft::sigmoid}), in));
  graph.output("b", graph.add(ft::Dense<float>(1, {.activation = ft::sigmoid}), in));
  ft::Model<float> made(graph);
  made.compile(ft::SGD(), {{"a", ft::BinaryCrossentropy()}, {"b", ft::BinaryCrossentropy()}});
  const ft::Tensor<float> x = column({1, 2}), y = column({0, 1});
  CHECK_THROWS_WITH_AS(
      made.fit(ft::Tensors<float>{{"x", x}}, {{"a", y}, {"b", y}}, {.class_weight = {{1, 2}}, .verbose = 0}),
      "fit: expected class_weight for a model of one output, received one for 2; weigh the rows by "
      "sample_weight",
      ft::ConfigError);
}

TEST_CASE("Weights on a stream: as from arrays; a class that never came and weights of 0 alone are told at the end") {
  const ft::Tensor<float> x = column({1, -2, 3, -4}), y = column({0, 1, 0, 1});
  const auto half = [&](const ft::Tensor<float>& all, std::size_t first) {
    return ft::Tensor<float>(xt::view(all, xt::range(first, first + 2)));
  };
  const auto fit = [&](std::vector<float> weights, Weights classes) {
    std::vector<ft::Examples<float>> chunks;
    for (const std::size_t first : {0u, 2u}) {
      if (weights.empty())
        chunks.emplace_back(half(x, first), half(y, first));
      else
        chunks.emplace_back(half(x, first), half(y, first), std::vector<float>{weights[first], weights[first + 1]});
    }
    return still().fit(ft::ExampleStream<float>(chunks),
                       {.epochs = 2, .class_weight = classes, .verbose = 0})["loss"][1];
  };
  const auto arrays = still().fit(
      x, y, {.epochs = 2, .sample_weight = {1, 2, 3, 0}, .class_weight = {{1, 5}}, .verbose = 0})["loss"][1];
  CHECK(fit({1, 2, 3, 0}, {{1, 5}}) == doctest::Approx(arrays));
  CHECK_NOTHROW(fit({0, 0, 3, 0}, {}));
  CHECK_THROWS_AS(fit({0, 0, 0, 0}, {}), ft::DataError);
  CHECK_THROWS_AS(fit({}, {{2, 5}}), ft::ConfigError);
  CHECK_THROWS_AS(fit({1, -1, 0, 0}, {}), ft::DataError);
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <algorithm>
#include <filesystem>
#include <limits>

namespace ft = foretell;

namespace {

using Layers = std::vector<ft::Layer<float>>;

/// Passes values on; what they are cannot be known.
template <class T = float>
struct Same {
  static constexpr std::string_view type = "acme.Same";
  ft::Shape build(ft::Build<T>& b) { return b.input(); }
  void forward(const ft::Pass<T>&, ft::In<T> x, ft::Out<T> y) const { std::copy_n(x.data(), x.size(), y.data()); }
  void backward(const ft::Pass<T>&, ft::In<T>, ft::In<T>, ft::Out<T> dy, ft::Out<T> dx) const {
    std::copy_n(dy.data(), dy.size(), dx.data());
  }
  void fields(auto&&) {}
};

void compile(const Layers& layers, const ft::Loss<float>& loss, const std::vector<ft::Metric<float>>& metrics = {}) {
  ft::Model<float>(ft::Graph<float>::chain(layers)).compile(ft::SGD(), loss, metrics);
}
ft::Dense<float> dense(std::size_t units, ft::ActivationFunction f = ft::linear) {
  return ft::Dense<float>(units, {.activation = f});
}

}  // namespace

TEST_CASE(
    "compile: a cross-entropy of probabilities on numbers of any size is refused, through layers that keep values") {
  const std::vector<Layers> wrong{
      {dense(1)},
      {dense(1), ft::Dropout<float>(0.1)},
      {dense(1), ft::Activation<float>(ft::linear)},
      {dense(6), ft::Reshape<float>({6, 1}), ft::Flatten<float>()},
      {dense(1, ft::relu)},
      {dense(1, ft::tanh), ft::GaussianNoise<float>(0.1)},
      {dense(1, ft::sigmoid), dense(1)},
      {dense(1, ft::sigmoid), ft::BatchNormalization<float>()},
      {ft::LSTM<float>(1)},
      {ft::Bidirectional<float>(ft::GRU<float>(1))},
      {dense(1), ft::GlobalSumPooling1D<float>()},
      {ft::Conv1D<float>(1, 3), ft::GlobalAveragePooling1D<float>()},
      {ft::TimeDistributed<float>(dense(1))},
      {ft::named("hidden", dense(4, ft::relu)), ft::named("answer", dense(1, ft::gelu)), ft::Permute<float>({1})}};
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    CAPTURE(i);
    CHECK_THROWS_AS(compile(wrong[i], ft::BinaryCrossentropy()), ft::ConfigError);
    CHECK_THROWS_AS(compile(wrong[i], ft::KLDivergence()), ft::ConfigError);
    CHECK_NOTHROW(compile(wrong[i], ft::MeanSquaredError()));
  }
  for (const Layers& layers :
       std::vector<Layers>{{dense(1, ft::sigmoid)},
                           {dense(1), ft::Activation<float>(ft::sigmoid)},
                           {dense(1, ft::sigmoid), ft::Reshape<float>({1, 1})},
                           {dense(1), ft::Activation<float>(ft::sigmoid), ft::Dropout<float>(0.1)},
                           {dense(1, ft::hard_sigmoid)},
                           {dense(1), Same<float>()},
                           {ft::LSTM<float>(1, {.activation = ft::sigmoid})},
                           {ft::Conv1D<float>(1, 3, {.activation = ft::sigmoid}), ft::GlobalMaxPooling1D<float>()},
                           {ft::TimeDistributed<float>(dense(1, ft::sigmoid))}})
    CHECK_NOTHROW(compile(layers, ft::BinaryCrossentropy()));
  CHECK_NOTHROW(compile({dense(1)}, ft::BinaryCrossentropy({.from_logits = true})));
  CHECK_NOTHROW(compile({dense(3), ft::Dropout<float>(0.1)}, ft::SparseCategoricalCrossentropy({.from_logits = true})));
  CHECK_THROWS_AS(
      compile({dense(1, ft::sigmoid), ft::Dropout<float>(0.1)}, ft::BinaryCrossentropy({.from_logits = true})),
      ft::ConfigError);
  CHECK_THROWS_AS(
      compile({dense(3), ft::Activation<float>(ft::softmax)}, ft::CategoricalCrossentropy({.from_logits = true})),
      ft::ConfigError);
  CHECK_THROWS_AS(compile({dense(3)}, ft::SparseCategoricalCrossentropy()), ft::ConfigError);
  CHECK_THROWS_AS(compile({ft::named("items", ft::Embedding<float>(9, 4, {.row_sparse = false})),
                           ft::GlobalAveragePooling1D<float>(), ft::ItemScores<float>("items")},
                          ft::SparseCategoricalCrossentropy()),
                  ft::ConfigError);
  CHECK_THROWS_WITH_AS(
      compile({ft::named("hidden", dense(4)), ft::named("answer", dense(1))}, ft::BinaryCrossentropy()),
      "binary_crossentropy: expected probabilities, received what layer 1 \"answer\" (Dense) gives "
      "without an activation; end the model in .activation = sigmoid, or give the loss .from_logits = "
      "true for logits",
      ft::ConfigError);
}

TEST_CASE("compile: graphs that join their branches") {
  const auto outcome = [](ft::Layer<float> join, ft::ActivationFunction left, ft::ActivationFunction right) {
    ft::Graph<float> graph;
    const auto in = graph.input("x", {3});
    const auto a = graph.add(dense(1, left), in), b = graph.add(dense(1, right), in);
    graph.output("y", graph.add(std::move(join), {a, b}));
    ft::Model<float> made(graph);
    made.compile(ft::SGD(), ft::BinaryCrossentropy());
  };
  CHECK_THROWS_AS(outcome(ft::Add<float>(), ft::linear, ft::linear), ft::ConfigError);  // a sum of logits
  CHECK_THROWS_AS(outcome(ft::Add<float>(), ft::sigmoid, ft::linear), ft::ConfigError);
  CHECK_THROWS_AS(outcome(ft::Concatenate<float>(), ft::linear, ft::linear), ft::ConfigError);
  CHECK_THROWS_AS(outcome(ft::Average<float>(), ft::tanh, ft::tanh), ft::ConfigError);
  CHECK_THROWS_AS(outcome(ft::Dot<float>(), ft::relu, ft::relu), ft::ConfigError);
  CHECK_THROWS_AS(outcome(ft::Dot<float>(), ft::sigmoid, ft::linear), ft::ConfigError);
  CHECK_THROWS_AS(outcome(ft::Subtract<float>(), ft::sigmoid, ft::linear), ft::ConfigError);
  CHECK_NOTHROW(outcome(ft::Dot<float>(), ft::sigmoid, ft::sigmoid));       // experts under a gate
  CHECK_NOTHROW(outcome(ft::Subtract<float>(), ft::sigmoid, ft::sigmoid));  // one cumulative share less another
  CHECK_NOTHROW(outcome(ft::Concatenate<float>(), ft::sigmoid, ft::sigmoid));
  CHECK_NOTHROW(outcome(ft::Average<float>(), ft::sigmoid, ft::sigmoid));  // an ensemble
  CHECK_NOTHROW(outcome(ft::Multiply<float>(), ft::sigmoid, ft::sigmoid));
  CHECK_NOTHROW(outcome(ft::Concatenate<float>(), ft::sigmoid, ft::softplus));  // not known

  ft::Graph<float> tower;  // a graph within a graph, shared
  const auto id = tower.input("x", {3});
  tower.output("score", tower.add(dense(1), id));
  ft::Graph<float> graph;
  const auto in = graph.input("x", {3});
  const auto score = graph.add(tower, in);
  graph.output("logit", score);
  graph.output("probability", graph.add(ft::Activation<float>(ft::sigmoid), score));
  ft::Model<float> made(graph);
  CHECK_NOTHROW(
      made.compile(ft::SGD(), {{"logit", ft::MeanSquaredError()}, {"probability", ft::BinaryCrossentropy()}}));
  CHECK_THROWS_AS(
      made.compile(ft::SGD(), {{"logit", ft::BinaryCrossentropy()}, {"probability", ft::BinaryCrossentropy()}}),
      ft::ConfigError);
}

TEST_CASE("compile: a softmax over one number is refused, at the latest when the shape is known") {
  for (const ft::Loss<float>& loss :
       std::vector<ft::Loss<float>>{ft::BinaryCrossentropy(), ft::MeanSquaredError(), ft::CategoricalCrossentropy()}) {
    CHECK_THROWS_WITH_AS(
        compile({dense(1, ft::softmax)}, loss),
        "compile: expected a softmax over at least two numbers, received one over a single number, which "
        "is always 1, in layer 0 \"dense\" (Dense); write sigmoid there, or give it a unit for each class",
        ft::ConfigError);
    CHECK_THROWS_AS(compile({dense(1), ft::Activation<float>(ft::softmax), ft::Dropout<float>(0.2)}, loss),
                    ft::ConfigError);
  }
  CHECK_NOTHROW(compile({dense(2, ft::softmax), ft::Reshape<float>({2, 1})}, ft::MeanSquaredError()));
  ft::Sequential<float> late{dense(4), Same<float>(), ft::Reshape<float>({4, 1}), ft::Activation<float>(ft::softmax)};
  late.compile(ft::SGD(), ft::MeanSquaredError());
  CHECK_THROWS_AS(late.fit(ft::ones<float>({3, 2}), ft::ones<float>({3, 4, 1}), {.verbose = 0}), ft::ConfigError);
}

TEST_CASE("compile: a network of before still loads and predicts") {
  const std::string path = "compile_test.safetensors";
  for (const Layers& layers : std::vector<Layers>{{dense(1)}, {dense(1, ft::softmax)}}) {
    ft::Sequential<float> made(layers);
    made.build({3}, 1);
    made.save(path);
    auto loaded = ft::Sequential<float>::load(path);
    CHECK(loaded.predict(ft::ones<float>({2, 3})) == made.predict(ft::ones<float>({2, 3})));
    CHECK_THROWS_AS(loaded.compile(ft::SGD(), ft::BinaryCrossentropy()), ft::ConfigError);
  }
  std::filesystem::remove(path);
}

TEST_CASE(
    "compile: metrics of other outputs, names, weights and losses that cannot be meant leave the model as it was") {
  ft::Sequential<float> made{dense(1)};
  made.compile(ft::SGD(), ft::MeanSquaredError(), {ft::MeanAbsoluteError()});
  CHECK_THROWS_AS(made.compile(ft::Adam(), ft::BinaryCrossentropy({.from_logits = true}), {ft::BinaryAccuracy()}),
                  ft::ConfigError);
  CHECK_THROWS_AS(made.compile(ft::Adam(), ft::Hinge(), {ft::Precision()}), ft::ConfigError);
  CHECK_THROWS_AS(made.compile(ft::Adam(), ft::MeanSquaredError(), {ft::BinaryCrossentropy()}), ft::ConfigError);
  CHECK_THROWS_AS(made.compile(ft::Adam(), ft::MeanSquaredError(), {ft::SparseCategoricalAccuracy()}), ft::ConfigError);
  CHECK_THROWS_AS(made.compile(ft::Adam(), ft::MeanSquaredError(), {ft::AUC(), ft::AUC({.name = "val_auc"})}),
                  ft::ConfigError);
  CHECK(made.optimizer().name() == "sgd");
  CHECK(made.fit(ft::ones<float>({3, 2}), ft::ones<float>({3, 1}), {.verbose = 0})["mean_absolute_error"].size() == 1);
  CHECK_NOTHROW(made.compile(ft::Adam(), ft::MeanSquaredError(), {ft::BinaryAccuracy(), ft::AUC()}));
  CHECK_NOTHROW(made.compile(ft::Adam(), ft::BinaryCrossentropy({.from_logits = true}),
                             {ft::BinaryAccuracy({.threshold = 0}), ft::AUC()}));
  made.compile(ft::Adam(), ft::MeanSquaredError(),
               {ft::Quantile({0.1}), ft::Quantile({0.9}), ft::AUC({.name = "loss"}), ft::Quantile({0.5})});
  CHECK(made.evaluate(ft::ones<float>({3, 2}), ft::ones<float>({3, 1})).names() ==
        std::vector<std::string>{"loss", "quantile", "quantile_1", "loss_1", "quantile_2"});  // none hides another
  ft::Sequential<float> empty;
  CHECK_THROWS_AS(empty.compile(ft::SGD(), ft::MeanSquaredError()), ft::StateError);

  ft::Graph<float> graph;
  const auto in = graph.input("x", {3});
  graph.output("a", graph.add(dense(1), in));
  graph.output("b", graph.add(dense(1), in));
  ft::Model<float> two(graph);
  const ft::MeanSquaredError mse;
  for (const double weight : {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()})
    CHECK_THROWS_AS(two.compile(ft::SGD(), {{"a", mse}, {"b", mse, {.weight = weight}}}), ft::ConfigError);
  CHECK_THROWS_WITH_AS(two.compile(ft::SGD(), {{"a", mse}, {"b", mse}, {"a", ft::MeanAbsoluteError()}}),
                       "compile: expected one loss for output \"a\", received two", ft::ConfigError);
  CHECK_NOTHROW(two.compile(ft::SGD(), {{"a", mse}, {"b", mse}}, {{"a", ft::AUC()}, {"b", ft::AUC()}}));
}

TEST_CASE("fit, evaluate: labels that the loss or its units cannot take") {
  const ft::Tensor<float> x = ft::ones<float>({4, 2});
  const auto fit = [&](std::size_t units, ft::ActivationFunction f, const ft::Loss<float>& loss,
                       const ft::Tensor<float>& y) {
    ft::Model<float> made(ft::Graph<float>::chain({dense(units, f)}));
    made.compile(ft::SGD(), loss);
    made.fit(x, y, {.verbose = 0});
  };
  const auto labels = [](std::vector<float> values) { return ft::make_tensor<float>({4, 1}, values.data()); };
  const ft::SparseCategoricalCrossentropy ids;
  CHECK_NOTHROW(fit(3, ft::softmax, ids, labels({0, 1, 2, 0})));
  for (const float bad : {3.f, -1.f, 0.5f})
    CHECK_THROWS_AS(fit(3, ft::softmax, ids, labels({0, 1, 2, bad})), ft::DataError);
  CHECK_THROWS_AS(fit(3, ft::softmax, ids, ft::zeros<float>({4, 3})), ft::ShapeError);
  CHECK_THROWS_AS(fit(3, ft::softmax, ft::CategoricalCrossentropy(), labels({0, 1, 2, 0})), ft::ShapeError);
  CHECK_THROWS_AS(fit(1, ft::sigmoid, ft::BinaryCrossentropy(), labels({0, 1, 2, 0})), ft::DataError);
  CHECK_THROWS_AS(fit(1, ft::sigmoid, ft::BinaryCrossentropy(), labels({-1, 1, 1, -1})), ft::DataError);
  CHECK_THROWS_AS(fit(1, ft::linear, ft::Hinge(), labels({0, 1, 0.5f, 0})), ft::DataError);
  CHECK_THROWS_AS(fit(1, ft::exponential, ft::Poisson(), labels({0, 1, -1, 0})), ft::DataError);
  CHECK_NOTHROW(fit(1, ft::linear, ft::Hinge(), labels({-1, 1, 1, -1})));
  // A regression none of whose targets the last activation can give.
  CHECK_THROWS_WITH_AS(
      fit(1, ft::sigmoid, ft::MeanSquaredError(), labels({20, 35, 12, 8})),
      "fit, target of output \"output\": expected one within 0 .. 1 in some row, received 20 in the first "
      "and none in reach of layer 0 \"dense\" (Dense) with activation sigmoid; scale the target, or end "
      "the model in a linear layer",
      ft::DataError);
  CHECK_THROWS_AS(fit(1, ft::relu, ft::Huber(), labels({-1, -2, -3, -4})), ft::DataError);
  CHECK_THROWS_AS(fit(1, ft::tanh, ft::MeanAbsoluteError(), labels({-2, 2, 3, -3})), ft::DataError);
  CHECK_NOTHROW(fit(1, ft::tanh, ft::MeanAbsoluteError(), labels({-2, 2, 0.5f, -3})));
  CHECK_NOTHROW(fit(1, ft::linear, ft::MeanSquaredError(), labels({20, 35, 12, 8})));
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <cmath>
#include <cstdio>
#include <map>

#include "support/golden.hpp"

namespace ft = foretell;
using ft::golden::close;

namespace {

template <class T>
ft::Model<T> two_heads() {
  ft::Graph<T> graph;
  const auto x = graph.input("x", {3});
  graph.output("buys", graph.add(ft::Dense(1, {.activation = ft::sigmoid}), x, "buys_head"));
  graph.output("spend", graph.add(ft::Dense(2), x, "spend_head"));
  return ft::Model<T>(graph);
}
/// The numbers of one parameter.
template <class T>
std::span<T> numbers(ft::Model<T>& model, const std::string& name) {
  for (const auto& info : model.network().parameters())
    if (info.name == name) return {model.network().weights().data() + info.offset, info.shape.size()};
  FAIL("no parameter ", name);
  return {};
}
const std::string s_buys = "foretell.loss/buys/log_variance", s_spend = "foretell.loss/spend/log_variance";

}  // namespace

TEST_CASE("fit: the seed network in double follows PyTorch's weights for 100 steps") {
  const ft::golden::File file("trajectory");
  const auto& data = file["data"];
  const auto& expected = file["keras"];
  const auto tensor = [](const ft::golden::Tensor& t) { return ft::make_tensor<double>(t.shape, t.data.data()); };
  ft::Sequential<double> model{ft::Dense(64, {.activation = ft::relu}), ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam({.learning_rate = 1e-3}), ft::BinaryCrossentropy());
  model.build({5}, 0);
  const char* const names[] = {"kernel0", "bias0", "kernel1", "bias1"};
  ft::Network<double>& network = model.network();
  REQUIRE(network.parameters().size() == 4);
  for (std::size_t p = 0; p < 4; ++p) {
    const auto start = data.tensor(names[p]).data;
    std::copy(start.begin(), start.end(), network.weights().data() + network.parameters()[p].offset);
  }
  std::size_t step = 0;
  std::vector<double> losses;
  const auto watch = ft::on_batch_end([&](std::size_t, double loss) {
    losses.push_back(loss);
    ++step;
    if (step != 1 && step != 10 && step != 50 && step != 100) return;
    for (std::size_t p = 0; p < 4; ++p) {
      const auto& info = network.parameters()[p];
      CAPTURE(step);
      CAPTURE(names[p]);
      CHECK(close(std::span<const double>(network.weights().data() + info.offset, info.shape.size()),
                  expected.tensor(ft::text(names[p], "_", step)), 1e-8, 1e-10));
    }
  });
  model.fit(tensor(data.tensor("x")), tensor(data.tensor("y")),
            {.batch_size = 32, .epochs = 20, .callbacks = {watch}, .shuffle = false, .verbose = 0});
  CHECK(step == 100);
  CHECK(close(losses, expected.tensor("losses"), 1e-10, 1e-12));
}

TEST_CASE("ItemScores: a table that reads the history and scores the answers follows PyTorch's for 40 steps") {
  const ft::golden::File file("tied_scores");
  const auto& data = file["data"];
  const auto tensor = [](const ft::golden::Tensor& t) { return ft::make_tensor<double>(t.shape, t.data.data()); };
  for (const bool use_bias : {true, false}) {
    const auto& expected = file[use_bias ? "with bias" : "without"];
    ft::Model<double> model(ft::Graph<double>::chain(
        {ft::named("items", ft::Embedding<double>(9, 4, {.row_sparse = false})), ft::GlobalAveragePooling1D<double>(),
         ft::Dense<double>(4, {.activation = ft::tanh, .use_bias = false}),
         ft::ItemScores<double>("items", {.use_bias = use_bias})}));
    model.compile(ft::SGD({.learning_rate = 0.25, .momentum = 0.5}),
                  ft::SparseCategoricalCrossentropy({.from_logits = true}));
    model.build({{3}});
    const char* const names[] = {"table", "kernel", "bias"};
    ft::Network<double>& network = model.network();
    REQUIRE(network.parameters().size() == (use_bias ? 3 : 2));
    for (std::size_t p = 0; p < network.parameters().size(); ++p) {
      const auto start = data.tensor(names[p]).data;
      std::copy(start.begin(), start.end(), network.weights().data() + network.parameters()[p].offset);
    }
    std::vector<double> losses;
    const auto watch = ft::on_batch_end([&](std::size_t, double loss) { losses.push_back(loss); });
    model.fit(tensor(data.tensor("x")), tensor(data.tensor("y")),
              {.batch_size = 16, .epochs = 10, .callbacks = {watch}, .shuffle = false, .verbose = 0});
    CHECK(close(losses, expected.tensor("losses"), 1e-10, 1e-12));
    for (std::size_t p = 0; p < network.parameters().size(); ++p) {
      const auto& info = network.parameters()[p];
      CAPTURE(names[p]);
      CHECK(close(std::span<const double>(network.weights().data() + info.offset, info.shape.size()),
                  expected.tensor(names[p]), 1e-9, 1e-11));
    }
  }
}

TEST_CASE("set_parameter_group: two layers of two groups follow PyTorch's AdamW, also as a file and on two threads") {
  const ft::golden::File file("parameter_groups");
  const auto& data = file["data"];
  const auto& expected = file["torch"];
  const auto tensor = [](const ft::golden::Tensor& t) { return ft::make_tensor<double>(t.shape, t.data.data()); };
  const ft::Tensor<double> x = tensor(data.tensor("x")), y = tensor(data.tensor("y"));
  ft::Sequential<double> model{ft::named("body", ft::Dense(4, {.activation = ft::tanh})),
                               ft::named("head", ft::Dense(2))};
  const auto compile = [](ft::Sequential<double>& one) {
    one.compile(ft::AdamW({.learning_rate = 1e-2, .weight_decay = 0.05}), ft::MeanSquaredError());
  };
  compile(model);
  model.set_parameter_group("body", {.learning_rate_multiplier = 0.1});
  model.build({5}, 0);
  model.set_parameter_group("head", {.weight_decay = false});
  const char* const names[] = {"kernel0", "bias0", "kernel1", "bias1"};
  for (std::size_t p = 0; p < 4; ++p) {
    const auto start = data.tensor(names[p]).data;
    std::copy(start.begin(), start.end(), model.network().weights().data() + model.network().parameters()[p].offset);
  }
  const std::string path = "parameter_groups_test.safetensors";
  model.save(path);
  ft::Sequential<double> read = ft::Sequential<double>::load(path);
  std::remove(path.c_str());
  compile(read);
  for (ft::Sequential<double>* one : {&model, &read}) {
    std::vector<double> losses;
    const auto watch = ft::on_batch_end([&](std::size_t, double loss) { losses.push_back(loss); });
    one->fit(x, y,
             {.batch_size = 16,
              .epochs = 30,
              .callbacks = {watch},
              .shuffle = false,
              .threads = one == &read ? 2u : 1u,
              .verbose = 0});
    CHECK(close(losses, expected.tensor("losses"), 1e-10, 1e-12));
    for (std::size_t p = 0; p < 4; ++p) {
      const auto& info = one->network().parameters()[p];
      CAPTURE(names[p]);
      CHECK(close(std::span<const double>(one->network().weights().data() + info.offset, info.shape.size()),
                  expected.tensor(names[p]), 1e-8, 1e-10));
    }
  }
  CHECK_THROWS_AS(model.set_parameter_group("body", {.learning_rate_multiplier = -1}), ft::ConfigError);
  CHECK_THROWS_AS(model.set_parameter_group("nobody", {}), ft::ConfigError);
}

TEST_CASE("set_parameter_group: a layer that shares parameters follows the first, before and after, and in a file") {
  ft::Graph<double> graph;
  const auto x = graph.input("x", {3}), other = graph.input("other", {3});
  const auto first = graph.add(ft::Dense(2), x, "first");
  graph.set_trainable(first, false);
  graph.set_parameter_group(first, {.learning_rate_multiplier = 0.5});
  const auto second = graph.share(first, other, "second");
  graph.output("y", graph.add(ft::Dense(1), graph.add(ft::Add(), {first, second}, "both"), "head"));
  ft::Model<double> model(graph);
  model.build({{3}, {3}});
  const auto check = [](const ft::Model<double>& one) {
    for (const char* const name : {"first", "second"}) {
      const auto& network = one.network().graph();
      const auto& entry = network.entries()[network.find(name).index];
      CHECK(!entry.trainable);
      CHECK(entry.group == ft::ParameterGroup{.learning_rate_multiplier = 0.5});
    }
    for (const auto& info : one.network().parameters())
      CHECK(info.options.group.learning_rate_multiplier == (info.name.starts_with("first") ? 0.5 : 1));
  };
  check(model);
  const std::string path = "shared_groups_test.safetensors";
  model.save(path);
  check(ft::Model<double>::load(path));
  std::remove(path.c_str());
}

TEST_CASE("learn_weight: losses that weigh themselves follow PyTorch's for 40 steps") {
  const ft::golden::File file("learned_weights");
  const auto& data = file["data"];
  const auto& expected = file["torch"];
  const auto tensor = [](const ft::golden::Tensor& t) { return ft::make_tensor<double>(t.shape, t.data.data()); };
  ft::Model<double> model = two_heads<double>();
  model.build({{3}});
  model.compile(ft::SGD({.learning_rate = 0.05}),
                {{"buys", ft::BinaryCrossentropy(), {.learn_weight = true}},
                 {"spend", ft::MeanSquaredError(), {.weight = 0.5, .learn_weight = true}}});
  const std::map<std::string, std::string> names{{"buys_head/kernel", "kernel_buys"},
                                                 {"buys_head/bias", "bias_buys"},
                                                 {"spend_head/kernel", "kernel_spend"},
                                                 {"spend_head/bias", "bias_spend"}};
  for (const auto& name : names) {
    const auto start = data.tensor(name.second).data;
    std::copy(start.begin(), start.end(), numbers(model, name.first).begin());
  }
  std::vector<double> totals;
  const auto watch = ft::on_batch_end([&](std::size_t, double loss) { totals.push_back(loss); });
  const ft::Tensors<double> x{{"x", tensor(data.tensor("x"))}},
      y{{"buys", tensor(data.tensor("buys"))}, {"spend", tensor(data.tensor("spend"))}};
  model.fit(x, y, {.batch_size = 16, .epochs = 20, .callbacks = {watch}, .shuffle = false, .verbose = 0});
  CHECK(close(totals, expected.tensor("totals"), 1e-10, 1e-12));
  for (const auto& name : names) {
    CAPTURE(name.first);
    CHECK(close(numbers(model, name.first), expected.tensor(name.second), 1e-8, 1e-10));
  }
  CHECK(close(numbers(model, s_buys), expected.tensor("s_buys"), 1e-8, 1e-10));
  CHECK(close(numbers(model, s_spend), expected.tensor("s_spend"), 1e-8, 1e-10));

  const ft::Scores scores = model.evaluate(x, y);
  const double a = numbers(model, s_buys)[0], b = numbers(model, s_spend)[0];
  CHECK(scores["loss"] == doctest::Approx(std::exp(-a) * scores["buys_loss"] + a / 2 +
                                          std::exp(-b) * 0.5 * scores["spend_loss"] + b / 2));

  // The weights belong to training: another compile takes them away and leaves the rest as it was.
  const std::vector<double> kernel(numbers(model, "spend_head/kernel").begin(),
                                   numbers(model, "spend_head/kernel").end());
  model.compile(ft::Adam(), {{"buys", ft::BinaryCrossentropy()}, {"spend", ft::MeanSquaredError()}});
  CHECK(model.network().parameters().size() == 4);
  CHECK(std::equal(kernel.begin(), kernel.end(), numbers(model, "spend_head/kernel").begin()));
}

TEST_CASE("learn_weight: the same bits on two threads, and after a stop and a resume; a saved model answers without") {
  const std::size_t n = 256;
  const ft::Tensors<float> x{{"x", ft::random_normal<float>({n, 3}, 1)}},
      y{{"buys", ft::zeros<float>({n, 1})}, {"spend", ft::random_normal<float>({n, 2}, 2)}};
  const std::string path = "learned_weights_test.safetensors";
  const auto made = [] {
    ft::Model<float> model = two_heads<float>();
    model.compile(ft::Adam({.learning_rate = 0.01}),
                  {{"buys", ft::BinaryCrossentropy(), {.learn_weight = true}}, {"spend", ft::MeanSquaredError()}});
    return model;
  };
  const auto weights = [](const ft::Model<float>& model) {
    return std::vector<float>(model.network().weights().data(),
                              model.network().weights().data() + model.network().weights().size());
  };
  ft::Model<float> one = made(), two = made(), stopped = made(), resumed = made();
  one.fit(x, y, {.batch_size = 128, .epochs = 6, .seed = 3, .verbose = 0});
  two.fit(x, y, {.batch_size = 128, .epochs = 6, .threads = 2, .seed = 3, .verbose = 0});
  CHECK(weights(one) == weights(two));
  CHECK(numbers(one, s_buys)[0] != 0);
  stopped.fit(x, y,
              {.batch_size = 128, .epochs = 3, .callbacks = {ft::ModelCheckpoint(path)}, .seed = 3, .verbose = 0});
  resumed.fit(x, y,
              {.batch_size = 128,
               .epochs = 6,
               .callbacks = {ft::ModelCheckpoint(path)},
               .resume_from = path,
               .seed = 3,
               .verbose = 0});
  CHECK(weights(one) == weights(resumed));
  one.save(path);
  const ft::Model<float> loaded = ft::Model<float>::load(path);
  CHECK(loaded.predict(x)["buys"] == one.predict(x)["buys"]);
  std::remove(path.c_str());
}

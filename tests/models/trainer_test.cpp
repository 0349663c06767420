// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

#include "support/message.hpp"

namespace ft = foretell;
using ft::support::message_of;

namespace {

template <class T>
struct Data {
  explicit Data(std::size_t n, std::size_t width = 3)
      : x(ft::random_normal<T>({n, width}, 1)), y(ft::zeros<T>({n, 1})) {
    for (std::size_t i = 0; i < n; ++i) y(i, 0) = x(i, 0) > x(i, 1);
  }
  ft::Tensor<T> rows(const ft::Tensor<T>& of, std::size_t first, std::size_t count) const {
    return xt::view(of, xt::range(first, first + count));
  }
  ft::Tensor<T> x, y;
};

template <class T>
ft::Sequential<T> network(ft::Loss<T> loss = ft::BinaryCrossentropy(),
                          ft::Optimizer<T> optimizer = ft::Adam({.learning_rate = 1e-2})) {
  ft::Sequential<T> made{ft::Dense(8, {.activation = ft::relu}), ft::BatchNormalization(), ft::Dropout(0.2),
                         ft::Dense(1, {.activation = ft::sigmoid, .kernel_regularizer = ft::L2(1e-2)})};
  made.compile(std::move(optimizer), std::move(loss), {ft::AUC()});
  return made;
}

template <class T>
ft::Model<T> two_heads(bool learn) {
  ft::Graph<T> graph;
  const auto x = graph.input("x", {3});
  graph.output("buys", graph.add(ft::Dense(1, {.activation = ft::sigmoid}), x));
  graph.output("spend", graph.add(ft::Dense(2), x));
  ft::Model<T> model(graph);
  model.compile(ft::Adam({.learning_rate = 0.01}), {{"buys", ft::BinaryCrossentropy(), {.learn_weight = learn}},
                                                    {"spend", ft::MeanSquaredError(), {.weight = 0.5}}});
  return model;
}

/// That `slopes` are those of loss() by each weight, by finite differences.
template <class F>
void check_slopes(ft::Model<double>& model, const std::vector<double>& slopes, const F& loss) {
  for (const auto& info : model.network().parameters())
    for (std::size_t k = info.offset; k < info.offset + info.shape.size(); ++k) {
      double& w = model.network().weights()[k];
      const double before = w, h = 1e-6;
      w = before + h;
      const double above = loss();
      w = before - h;
      const double below = loss();
      w = before;
      CHECK(slopes[k] == doctest::Approx((above - below) / (2 * h)).epsilon(1e-6));
    }
}
}  // namespace

TEST_CASE("Trainer: a run written by hand has the bits of fit, in one shard and in several") {
  for (const std::size_t batch : {std::size_t(32), std::size_t(300)}) {
    const Data<float> data(700);
    auto fitted = network<float>(), plain = fitted;
    ft::Sequential<float> deep{ft::Dense(64, {.activation = ft::relu}), ft::Dropout(0.2),
                               ft::Dense(64, {.activation = ft::relu}), ft::Dense(1)};
    deep.compile(ft::SGD({.learning_rate = 0.1, .momentum = 0.9}), ft::MeanSquaredError());
    for (auto* model : {&plain, &deep}) {
      auto by_hand = *model;
      const ft::History history =
          model->fit(data.x, data.y, {.batch_size = batch, .epochs = 2, .shuffle = false, .seed = 3, .verbose = 0});
      ft::Trainer<float> trainer(by_hand, {.batch_size = batch, .seed = 3, .threads = 2});
      double sum = 0;
      for (int epoch = 0; epoch < 2; ++epoch) {
        sum = 0;
        for (std::size_t first = 0; first < 700; first += batch) {
          const std::size_t count = std::min<std::size_t>(batch, 700 - first);
          const double loss = trainer.step(data.rows(data.x, first, count), data.rows(data.y, first, count));
          sum += loss * static_cast<double>(count);
        }
        if (epoch == 0) (void)by_hand.evaluate(data.x, data.y);  // looks, and changes nothing
      }
      CHECK(by_hand.network().weights() == model->network().weights());
      CHECK(by_hand.network().state() == model->network().state());
      CHECK(sum / 700 == doctest::Approx(history["loss"][1]).epsilon(1e-12));
    }
  }
}

TEST_CASE("Trainer: named inputs and targets, learned weights of losses and weights of rows as in fit") {
  const Data<float> data(60);
  const ft::Tensors<float> x{{"x", data.x}},
      y{{"spend", ft::random_normal<float>({60, 2}, 2)}, {"buys", data.y}};  // in any order
  std::vector<float> weights;
  std::vector<double> same;
  for (std::size_t i = 0; i < 60; ++i) {
    weights.push_back(static_cast<float>(i % 4));
    same.push_back(weights.back());
  }
  auto fitted = two_heads<float>(true), by_hand = fitted;
  fitted.fit(x, y, {.batch_size = 60, .epochs = 3, .shuffle = false, .sample_weight = same, .seed = 3, .verbose = 0});
  ft::Trainer<float> trainer(by_hand, {.batch_size = 60, .seed = 3});
  for (int i = 0; i < 3; ++i) (void)trainer.step(x, y, weights);
  CHECK(by_hand.network().weights() == fitted.network().weights());
  CHECK(trainer.gradients("foretell.loss/buys/log_variance").size() == 1);
  CHECK(trainer.gradients("foretell.loss/buys/log_variance")[0] != 0);
  CHECK(message_of([&] {
          (void)trainer.step(x, ft::Tensors<float>{{"buys", data.y}});
        }) == "Trainer: expected targets \"buys\", \"spend\", received \"buys\"");
  CHECK_THROWS_AS(trainer.step(data.x, data.y), ft::ShapeError);
}

TEST_CASE("Trainer: gradients by name and all of them are the slopes of the loss, and update moves by them") {
  const Data<double> data(20);
  ft::Sequential<double> model{ft::Dense(5, {.activation = ft::tanh, .kernel_regularizer = ft::L2(0.1)}), ft::Dense(1)};
  model.compile(ft::SGD({.learning_rate = 0.5}), ft::MeanSquaredError());
  ft::Trainer<double> trainer(model, {.batch_size = 32, .seed = 1});
  const double loss = trainer.differentiate(data.x, data.y);
  CHECK(model.built());
  CHECK(loss > 0);
  const ft::Arena<double> start = model.network().weights();
  const std::vector<double> all(trainer.gradients().begin(), trainer.gradients().end());
  REQUIRE(all.size() == start.size());
  for (const auto& info : model.network().parameters()) {
    const std::span<double> part = trainer.gradients(info.name);
    REQUIRE(part.size() == info.shape.size());
    CHECK(std::equal(part.begin(), part.end(), all.data() + info.offset));
  }
  check_slopes(model, all, [&] { return trainer.differentiate(data.x, data.y); });
  (void)trainer.differentiate(data.x, data.y);
  for (double& g : trainer.gradients()) g *= 2;
  trainer.update();
  for (std::size_t k = 0; k < all.size(); ++k)
    CHECK(model.network().weights()[k] == doctest::Approx(start[k] - all[k]).epsilon(1e-12));
  CHECK_THROWS_AS(trainer.update(), ft::StateError);  // once
  CHECK(message_of([&] {
          (void)trainer.gradients("dense/kernle");
        }).find("expected one of the parameters \"dense/kernel\"") != std::string::npos);
}

TEST_CASE("Trainer: gradients of a table stand by rows, or among the others") {
  ft::Sequential<double> model{ft::Embedding(50, 3), ft::Flatten(), ft::Dense(1)};
  model.compile(ft::SGD(), ft::MeanSquaredError());
  ft::Tensor<double> x = ft::zeros<double>({4, 2}), y = ft::ones<double>({4, 1});
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<double>(7 * i % 6);
  auto other = model;
  ft::Trainer<double> rows(model, {.seed = 1}), dense(other, {.seed = 1, .row_sparse = false});
  CHECK(rows.differentiate(x, y) == dense.differentiate(x, y));
  const auto& table = rows.row_gradients("embedding/embeddings");
  const auto flat = dense.gradients("embedding/embeddings");
  REQUIRE(table.rows().size() == 6);
  for (std::size_t k = 0; k < table.rows().size(); ++k)
    for (std::size_t j = 0; j < 3; ++j) CHECK(table.values()[3 * k + j] == flat[3 * table.rows()[k] + j]);
  CHECK_THROWS_AS(rows.gradients("embedding/embeddings"), ft::StateError);
  CHECK_THROWS_AS(rows.gradients(), ft::StateError);
  CHECK_THROWS_AS(dense.row_gradients("embedding/embeddings"), ft::StateError);
  CHECK(dense.gradients().size() == other.network().weights().size());
  x(0, 0) = 50;
  CHECK_THROWS_AS(rows.step(x, y), ft::DataError);
}

TEST_CASE("Trainer: weights below 0 turn a row's gradient; losses say whether they take them") {
  const Data<double> data(12);
  std::vector<double> advantages;
  for (std::size_t i = 0; i < 12; ++i) advantages.push_back(static_cast<double>(i % 5) - 2.5);
  ft::Tensor<double> actions = ft::zeros<double>({12, 1});
  for (std::size_t i = 0; i < 12; ++i) actions(i, 0) = static_cast<double>(i % 3);
  const auto policy = [](ft::Loss<double> loss) {
    ft::Sequential<double> made{ft::Dense(4, {.activation = ft::tanh}), ft::Dense(3, {.activation = ft::softmax})};
    made.compile(ft::SGD({.learning_rate = 0.1}), std::move(loss), {ft::SparseCategoricalAccuracy()});
    return made;
  };
  auto model = policy(ft::SparseCategoricalCrossentropy());
  ft::Trainer<double> trainer(model, {.batch_size = 12, .signed_weights = true});
  const double loss = trainer.differentiate(data.x, actions, advantages);
  const ft::Tensor<double> p = model.predict(data.x);
  double by_hand = 0;
  for (std::size_t i = 0; i < 12; ++i)
    by_hand -= advantages[i] * std::log(p(i, static_cast<std::size_t>(actions(i, 0)))) / 12;
  CHECK(loss == doctest::Approx(by_hand).epsilon(1e-12));
  const std::vector<double> all(trainer.gradients().begin(), trainer.gradients().end());
  check_slopes(model, all, [&] { return trainer.differentiate(data.x, actions, advantages); });

  // fit takes them, too; its metrics count rows by their weights without the sign.
  std::vector<double> magnitudes;
  for (const double a : advantages) magnitudes.push_back(std::abs(a));
  auto one = policy(ft::SparseCategoricalCrossentropy()), two = one;
  const ft::FitOptions<double> options{.batch_size = 12, .epochs = 1, .shuffle = false, .verbose = 0};
  auto with_sign = options, without = options;
  with_sign.sample_weight = advantages;
  with_sign.signed_weights = true;
  without.sample_weight = magnitudes;
  CHECK(one.fit(data.x, actions, with_sign)["sparse_categorical_accuracy"][0] ==
        two.fit(data.x, actions, without)["sparse_categorical_accuracy"][0]);
  CHECK(!(one.network().weights() == two.network().weights()));

  with_sign.signed_weights = false;
  CHECK(message_of([&] { one.fit(data.x, actions, with_sign); }) ==
        "fit: expected sample weights that are finite and not negative, received -2.5 in row 0, counted from 0; set "
        "signed_weights where weights below 0 are meant, as advantages are");
  ft::Sequential<double> pairs{ft::Dense(3)};
  pairs.compile(ft::SGD(), ft::Triplet());
  ft::Trainer<double> of_pairs(pairs, {.batch_size = 12, .signed_weights = true});
  CHECK(message_of([&] { (void)of_pairs.step(data.x, actions, advantages); }) ==
        "Trainer: expected weights of at least 0 for output \"output\", received some below 0, which triplet does not "
        "take; weigh it by numbers above 0, or take a loss of each row by itself");
  auto learned = two_heads<double>(true);
  ft::Trainer<double> of_learned(learned, {.signed_weights = true});
  CHECK_THROWS_AS(of_learned.step(ft::Tensors<double>{{"x", data.x}},
                                  {{"buys", data.y}, {"spend", ft::zeros<double>({12, 2})}}, advantages),
                  ft::ConfigError);
}

TEST_CASE("Trainer: what cannot be trained on is told, and changes nothing") {
  const Data<float> data(8);
  auto model = network<float>();
  ft::Trainer<float> trainer(model, {.batch_size = 8, .seed = 2});
  (void)trainer.step(data.x, data.y);
  const ft::Arena<float> before = model.network().weights(), state = model.network().state();
  const auto message = [&](const ft::Tensor<float>& x, const ft::Tensor<float>& y, std::vector<float> weights = {}) {
    return message_of([&] { (void)trainer.step(x, y, weights); });
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(message(ft::zeros<float>({9, 3}), ft::zeros<float>({9, 1})) ==
        "Trainer: expected 1 to 8 rows, its batch_size, received 9");
  CHECK(message(ft::zeros<float>({0, 3}), ft::zeros<float>({0, 1})) ==
        "Trainer: expected 1 to 8 rows, its batch_size, received 0");
  CHECK(message(data.x, data.rows(data.y, 0, 4)).find("expected as many rows in every array") != std::string::npos);
  CHECK(message(data.x, data.y, std::vector<float>(8, 0.0f)) ==
        "Trainer: expected a row with a weight other than 0, received rows of weight 0 alone; leave such a batch out");
  CHECK(message(data.x, data.y, std::vector<float>(7, 1.0f)) ==
        "Trainer: expected one sample_weight a row, received 7 for 8 rows");
  CHECK(
      message(data.x, data.y, {1, 1, nan, 1, 1, 1, 1, 1})
          .find(
              "expected sample weights that are finite and not negative, received nan in row 2, counted from 0; leave "
              "such rows out") != std::string::npos);
  CHECK(message(data.x, data.y, {1, 1, -1, 1, 1, 1, 1, 1}).find("set signed_weights") != std::string::npos);
  ft::Tensor<float> broken = data.x;
  broken(1, 2) = nan;
  CHECK(message(broken, data.y).find("Trainer, input \"input\": expected finite numbers, received nan in row 1") !=
        std::string::npos);
  CHECK_THROWS_AS(trainer.step(ft::zeros<float>({4, 5}), ft::zeros<float>({4, 1})), ft::ShapeError);
  CHECK_THROWS_AS(trainer.update(), ft::StateError);
  CHECK(model.network().weights() == before);
  CHECK(model.network().state() == state);
  (void)trainer.step(data.x, data.y);  // and goes on
  CHECK(!(model.network().weights() == before));

  ft::Sequential<float> far{ft::Dense(1)};
  far.compile(ft::SGD(), ft::MeanSquaredError());
  ft::Trainer<float> of_far(far, {.batch_size = 8});
  CHECK(message_of([&] {
          (void)of_far.step(ft::full<float>({2, 3}, 1e38), ft::zeros<float>({2, 1}));
        }).find("Trainer: expected a finite loss, received inf") == 0);
  model.set_trainable(false);
  CHECK(message(data.x, data.y) ==
        "Trainer: expected parameters to train, received none that set_trainable has not frozen");
  ft::Sequential<float> not_compiled{ft::Dense(1)};
  CHECK_THROWS_AS((ft::Trainer<float>{not_compiled}), ft::StateError);
  CHECK_THROWS_AS((ft::Trainer<float>{model, {.batch_size = 0}}), ft::ConfigError);
}

TEST_CASE("Trainer: a model that is moved, compiled anew, frozen, loaded or ended meanwhile") {
  const Data<float> data(16);
  const auto fresh = [&](const ft::Sequential<float>& start) {
    ft::Sequential<float> made = start;
    return made;
  };
  auto model = std::make_optional(network<float>());
  model->build(ft::Shape{3}, 5);
  auto reference = fresh(*model);
  ft::Trainer<float> trainer(*model, {.batch_size = 16, .seed = 5}), expected(reference, {.batch_size = 16, .seed = 5});
  const auto both = [&](ft::Sequential<float>& now) {
    (void)trainer.step(data.x, data.y);
    (void)expected.step(data.x, data.y);
    CHECK(now.network().weights() == reference.network().weights());
  };
  both(*model);
  auto copy = *model;  // another model
  both(*model);
  CHECK(!(copy.network().weights() == model->network().weights()));

  ft::Sequential<float> moved = std::move(*model);  // followed
  model.reset();
  both(moved);
  ft::Trainer<float> later = std::move(trainer);
  trainer = std::move(later);
  both(moved);

  for (auto* each : {&moved, &reference}) each->set_trainable("dense", false);
  const std::vector<float> kernel(moved.network().weights().data(), moved.network().weights().data() + 24);
  (void)trainer.differentiate(data.x, data.y);
  both(moved);
  CHECK(std::equal(kernel.begin(), kernel.end(), moved.network().weights().data()));
  for (auto* each : {&moved, &reference}) each->set_trainable(true);
  (void)trainer.differentiate(data.x, data.y);
  moved.set_trainable("dense", false);
  CHECK_THROWS_AS(trainer.update(), ft::StateError);  // those were the gradients of another time
  moved.set_trainable(true);

  for (auto* each : {&moved, &reference}) each->compile(ft::SGD({.use_ema = true}), ft::MeanSquaredError());
  both(moved);
  for (auto* each : {&moved, &reference}) each->optimizer() = ft::RMSprop();
  both(moved);
  for (auto* each : {&moved, &reference}) each->optimizer() = ft::SGD({.momentum = 0.9});
  both(moved);
  for (auto* each : {&moved, &reference}) each->build(ft::Shape{3}, 8);
  both(moved);

  moved = copy;  // stays where it is, with other weights
  reference = copy;
  both(moved);
  const std::string path = "trainer_test.safetensors";
  moved.save(path);
  moved = ft::Sequential<float>::load(path);
  std::remove(path.c_str());
  CHECK(message_of([&] { (void)trainer.step(data.x, data.y); }) ==
        "Trainer: expected a compiled model; call compile(optimizer, loss, metrics) first");
  for (auto* each : {&moved, &reference}) each->compile(ft::SGD(), ft::MeanSquaredError());
  both(moved);

  std::optional<ft::Sequential<float>> ended(network<float>());
  ft::Trainer<float> left(*ended);
  (void)left.step(data.x, data.y);
  ended.reset();
  CHECK(message_of([&] { (void)left.step(data.x, data.y); }) ==
        "Trainer: expected its model to be there, received none: it has ended before the trainer; keep it as long");
  CHECK_THROWS_AS(left.gradients(), ft::StateError);
}

TEST_CASE("Trainer: rows of another shape, and of a sparse matrix") {
  ft::Sequential<float> model{ft::LSTM(4), ft::Dense(1)};
  model.compile(ft::Adam(), ft::MeanSquaredError());
  ft::Trainer<float> trainer(model);
  for (const std::size_t steps : {5u, 7u, 5u})
    CHECK(trainer.step(ft::random_normal<float>({4, steps, 2}, 1), ft::ones<float>({4, 1})) > 0);
  CHECK(model.optimizer().iterations() == 3);

  const auto words =
      ft::CountVectorizer<float>().fit_transform(std::vector<std::string>{"red green", "green blue blue", "grey"});
  ft::Sequential<float> texts{ft::SparseDense(words.columns(), 1)};
  texts.compile(ft::SGD(), ft::MeanSquaredError());
  ft::Trainer<float> of_texts(texts);
  CHECK(of_texts.step(words, ft::ones<float>({3, 1})) > 0);
  CHECK(of_texts.row_gradients("sparse_dense/kernel").rows().size() > 0);
}

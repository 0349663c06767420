// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

namespace ft = foretell;

namespace {

struct Moons {
  ft::Tensor<float> x, y;
};
Moons moons(std::size_t n = 200) {
  const ft::Table table = ft::datasets::two_moons(n, 0.2, 1);
  return {table.drop("label").to_array<float>(), table.column("label").to_array<float>()};
}

struct Half {  // a user's metric that does not say where better is
  static constexpr std::string_view name = "half";
  template <class T>
  void update(ft::In<T>, ft::In<T>, const T*) {}
  double result() const { return 0.5; }
  void reset() {}
  void merge(const Half&) {}
};
struct Told : Half {
  static constexpr std::string_view name = "told";
  static constexpr ft::Mode mode = ft::Mode::max;
};

ft::Sequential<float> model(ft::Optimizer<float> optimizer, const std::vector<ft::Metric<float>>& metrics = {}) {
  ft::Model<float> made(ft::Graph<float>::chain(
      {ft::Dense<float>(8, {.activation = ft::relu}), ft::Dense<float>(1, {.activation = ft::sigmoid})}));
  made.compile(std::move(optimizer), ft::BinaryCrossentropy(), metrics);
  return ft::Sequential<float>(std::move(made));
}

/// What the end of each epoch has seen.
struct Recorder {
  std::vector<ft::Arena<float>>* weights;
  std::vector<ft::EpochLogs>* logs;
  void on_epoch_end(ft::Training<float>& training, const ft::EpochLogs& now) {
    weights->push_back(training.network.weights());
    logs->push_back(now);
  }
};

struct Sinking {  // a user's schedule that becomes negative
  static constexpr std::string_view name = "sinking";
  double operator()(std::uint64_t step) const { return step < 2 ? 0.1 : -0.1; }
  void fields(auto&&) {}
};

}  // namespace

TEST_CASE("EarlyStopping: keeps the best ranking, as the metric says where better is") {
  ft::Tensor<float> x = ft::zeros<float>({64, 8}), y = ft::zeros<float>({64, 1});
  for (std::size_t i = 0; i < 64; ++i) x(i, i % 8) = 1, y(i, 0) = static_cast<float>(i % 8 * 3 % 8);
  const std::vector<ft::Metric<float>> metrics{ft::NDCG({.k = 5}),        ft::MRR({.k = 5}), ft::MAP({.k = 5}),
                                               ft::HitRate({.k = 3}),

                                               ft::MatthewsCorrelation(), ft::CohenKappa(),  ft::LogLoss()};
  for (const auto& metric : metrics) {
    CAPTURE(metric.name());
    ft::Model<float> made(ft::Graph<float>::chain({ft::Dense<float>(8, {.activation = ft::softmax})}));
    made.compile(ft::Adam({.learning_rate = 0.05}), ft::SparseCategoricalCrossentropy(), {metric});
    const auto seen = made.fit(x, y,
                               {.epochs = 12,
                                .validation_data = {x, y},
                                .callbacks = {ft::EarlyStopping({.monitor = "val_" + metric.name(), .patience = 50})},
                                .seed = 1,
                                .verbose = 0})["val_" + metric.name()];
    const double best = metric.name() == "log_loss" ? *std::min_element(seen.begin(), seen.end())
                                                    : *std::max_element(seen.begin(), seen.end());
    CHECK(made.evaluate(x, y)[metric.name()] == doctest::Approx(best));
    CHECK(best != *(metric.name() == "log_loss" ? std::max_element(seen.begin(), seen.end())
                                                : std::min_element(seen.begin(), seen.end())));
  }
}

TEST_CASE(
    "EarlyStopping, ModelCheckpoint, ReduceLROnPlateau: a metric that does not say where better is needs a mode") {
  const Moons data = moons(50);
  const auto fit = [&](const ft::Callback<float>& callback, const ft::Metric<float>& metric) {
    auto made = model(ft::SGD(), {metric});
    return made.fit(data.x, data.y, {.epochs = 2, .callbacks = {callback}, .verbose = 0});
  };
  CHECK_THROWS_WITH_AS(
      fit(ft::EarlyStopping({.monitor = "half"}), Half()),
      "EarlyStopping: expected a mode for \"half\", which does not say whether better is more or less; "
      "write .mode = Mode::max or Mode::min, or say it in the metric, static constexpr Mode mode = "
      "Mode::max",
      ft::ConfigError);
  CHECK_THROWS_AS(fit(ft::ReduceLROnPlateau({.monitor = "half"}), Half()), ft::ConfigError);
  CHECK_THROWS_AS(fit(ft::ModelCheckpoint("monitor_test", {.monitor = "half", .save_best_only = true}), Half()),
                  ft::ConfigError);
  CHECK(!std::filesystem::exists("monitor_test"));
  const auto function = [](const ft::Tensor<float>&, const ft::Tensor<float>&) { return 1.0; };
  CHECK_THROWS_AS(fit(ft::EarlyStopping({.monitor = "f"}), ft::metric("f", function)), ft::ConfigError);
  CHECK_NOTHROW(fit(ft::EarlyStopping({.monitor = "f"}), ft::metric("f", function, ft::Mode::min)));
  CHECK_NOTHROW(fit(ft::EarlyStopping({.monitor = "half", .mode = ft::Mode::min}), Half()));
  CHECK_NOTHROW(fit(ft::EarlyStopping({.monitor = "told"}), Told()));
  CHECK_NOTHROW(fit(ft::EarlyStopping({.monitor = "loss"}), Half()));
  CHECK_NOTHROW(fit(ft::ReduceLROnPlateau({.monitor = "half", .mode = ft::Mode::max}), Half()));
  CHECK_THROWS_AS(ft::EarlyStopping({.min_delta = -1}).bind<float>(), ft::ConfigError);
  CHECK_THROWS_AS(fit(ft::EarlyStopping({.monitor = "val_loss"}), Half()), ft::ConfigError);  // before any epoch
}

TEST_CASE("EarlyStopping: names of outputs do not confuse it") {
  const std::size_t n = 60;
  const ft::Tensor<float> x = ft::random_normal<float>({n, 3}, 1);
  ft::Tensor<float> y = ft::zeros<float>({n, 1});
  for (std::size_t i = 0; i < n; ++i) y(i, 0) = x(i, 0) > 0;
  for (const std::string monitor : {"recall_loss", "recall_root_mean_squared_error", "error_auc", "val_error_auc"}) {
    CAPTURE(monitor);
    ft::Graph<float> graph;
    const auto in = graph.input("x", {3});
    graph.output("recall", graph.add(ft::Dense<float>(1, {.activation = ft::sigmoid}), in));
    graph.output("error", graph.add(ft::Dense<float>(1, {.activation = ft::sigmoid}), in));
    ft::Model<float> made(graph);
    made.compile(ft::Adam({.learning_rate = 0.1}),
                 {{"recall", ft::BinaryCrossentropy()}, {"error", ft::BinaryCrossentropy()}},
                 {{"recall", ft::RootMeanSquaredError()}, {"error", ft::AUC()}});
    std::vector<ft::Arena<float>> weights;
    std::vector<ft::EpochLogs> logs;
    const ft::Tensors<float> truth{{"recall", y}, {"error", y}};
    made.fit(ft::Tensors<float>{{"x", x}}, truth,
             {.epochs = 8,
              .validation_data = {ft::Tensors<float>{{"x", x}}, truth},
              .callbacks = {ft::EarlyStopping({.monitor = monitor, .patience = 50}), Recorder{&weights, &logs}},
              .seed = 3,
              .verbose = 0});
    const bool rises = monitor.find("auc") != std::string::npos;
    std::size_t best = 0;
    for (std::size_t e = 1; e < logs.size(); ++e)
      if (rises ? logs[e][monitor] > logs[best][monitor] : logs[e][monitor] < logs[best][monitor]) best = e;
    CHECK(best > 0);
    CHECK(made.network().weights() == weights[best]);
  }
}

TEST_CASE("EarlyStopping: a value that is undefined ends training with a sentence") {
  const Moons data = moons(60);
  ft::Tensor<float> one_class = ft::ones<float>({10});
  const ft::Tensor<float> some = xt::view(data.x, xt::range(0, 10));
  const auto fit = [&](const std::vector<ft::Callback<float>>& callbacks) {
    auto made = model(ft::SGD(), {ft::AUC()});
    return made.fit(data.x, data.y,
                    {.epochs = 9, .validation_data = {some, one_class}, .callbacks = callbacks, .verbose = 0});
  };
  CHECK_THROWS_WITH_AS(fit({ft::EarlyStopping({.monitor = "val_auc", .patience = 3})}),
                       doctest::Contains("EarlyStopping: expected a number as \"val_auc\", received NaN in epoch 1"),
                       ft::NumericError);
  CHECK_THROWS_AS(fit({ft::ReduceLROnPlateau({.monitor = "val_auc"})}), ft::NumericError);
  CHECK_THROWS_AS(fit({ft::ModelCheckpoint("monitor_test", {.monitor = "val_auc", .save_best_only = true})}),
                  ft::NumericError);
  CHECK(std::isnan(fit({})["val_auc"][0]));  // nobody chooses by it
  CHECK(fit({ft::EarlyStopping({.monitor = "val_auc", .start_from_epoch = 20})}).epochs() == 9);
  ft::Sequential<float> wild{ft::Dense(4, {.activation = ft::exponential}), ft::Dense(1)};
  wild.compile(ft::SGD({.learning_rate = 1e4}), ft::MeanSquaredError());
  CHECK(wild.fit(data.x, data.y,
                 {.epochs = 50,
                  .callbacks = {ft::TerminateOnNaN(), ft::EarlyStopping({.monitor = "loss"})},
                  .seed = 1,
                  .verbose = 0})
            .epochs() < 50);  // which ends quietly
}

TEST_CASE("use_ema: what validation and callbacks see at the end of an epoch is averaged, and so is what is kept") {
  const Moons data = moons(160);
  const std::vector<ft::Optimizer<float>> optimizers{
      ft::SGD({.learning_rate = 0.3, .momentum = 0.9, .use_ema = true, .ema_momentum = 0.9}),
      ft::Adam({.learning_rate = 0.05, .use_ema = true, .ema_momentum = 0.9}),
      ft::AdamW({.learning_rate = 0.05, .use_ema = true, .ema_momentum = 0.9, .ema_overwrite_frequency = 7}),
      ft::RMSprop({.learning_rate = 0.02, .use_ema = true, .gradient_accumulation_steps = 2}),
      ft::Ftrl({.learning_rate = 0.3, .use_ema = true}),
      ft::Lion({.learning_rate = 0.01, .use_ema = true, .ema_momentum = 0.8})};
  const ft::Tensor<float> xv = xt::view(data.x, xt::range(100, 160)), yv = xt::view(data.y, xt::range(100, 160));
  for (const auto& optimizer : optimizers) {
    CAPTURE(std::string(optimizer.name()));
    const auto train = [&](const std::vector<ft::Callback<float>>& callbacks, bool validated) {
      auto made = model(optimizer);
      ft::FitOptions<float> options{.batch_size = 16, .epochs = 6, .callbacks = callbacks, .seed = 2, .verbose = 0};
      if (validated) options.validation_data = {xv, yv};
      made.fit(data.x, data.y, options);
      return made;
    };
    std::vector<ft::Arena<float>> seen;
    std::vector<ft::EpochLogs> logs;
    const auto plain = train({}, false);
    auto kept = train({ft::EarlyStopping({.patience = 50}), Recorder{&seen, &logs}}, true);
    CHECK(seen.back() == plain.network().weights());  // looking does not change what is trained
    std::size_t best = 0;
    for (std::size_t e = 1; e < logs.size(); ++e)
      if (logs[e]["val_loss"] < logs[best]["val_loss"]) best = e;
    CHECK(kept.network().weights() == seen[best]);
    for (std::size_t e = 0; e < logs.size(); ++e) {
      kept.network().weights() = seen[e];
      CHECK(kept.evaluate(xv, yv)["loss"] == logs[e]["val_loss"]);
    }
    // The averages again, from the weights that each batch left.
    std::vector<ft::Arena<float>> raw;
    struct Batches {
      std::vector<ft::Arena<float>>* raw;
      void on_batch_end(ft::Training<float>& training, std::size_t, double) {
        raw->push_back(training.network.weights());
      }
    };
    (void)train({Batches{&raw}}, true);
    CHECK(raw.back() != plain.network().weights());
    // Not of rmsprop, whose averages move once in two batches, nor of adamw, whose weights are overwritten by them.
    if (optimizer.name() == "rmsprop" || optimizer.name() == "adamw") continue;
    const double momentum = optimizer.name() == "lion" ? 0.8 : optimizer.name() == "ftrl" ? 0.99 : 0.9;
    std::vector<double> mean(raw[0].begin(), raw[0].end());
    for (std::size_t b = 1; b < raw.size(); ++b)
      for (std::size_t i = 0; i < mean.size(); ++i)
        mean[i] = momentum * mean[i] + (1 - momentum) * static_cast<double>(raw[b][i]);
    for (std::size_t i = 0; i < mean.size(); ++i)
      CHECK(static_cast<double>(plain.network().weights()[i]) == doctest::Approx(mean[i]).epsilon(1e-4));
  }
}

TEST_CASE(
    "use_ema: a checkpoint has the averaged model, and a resumed run ends with the bits of one that never stopped") {
  const Moons data = moons(160);
  const std::string path = "monitor_test.safetensors", rest = "monitor_rest.safetensors";
  const auto options = [](const std::string& to, std::size_t epochs) {
    return ft::FitOptions<float>{.batch_size = 16,
                                 .epochs = epochs,
                                 .validation_split = 0.25,
                                 .callbacks = {ft::EarlyStopping({.patience = 50}), ft::ModelCheckpoint(to)},
                                 .seed = 2,
                                 .verbose = 0};
  };
  const auto made = [] { return model(ft::Adam({.learning_rate = 0.05, .use_ema = true, .ema_momentum = 0.9})); };
  auto whole = made();
  whole.fit(data.x, data.y, options(rest, 7));
  auto half = made();
  std::vector<ft::Arena<float>> seen;
  std::vector<ft::EpochLogs> logs;
  auto part = options(path, 4);
  part.callbacks.push_back(Recorder{&seen, &logs});
  part.callbacks.push_back(ft::on_epoch_begin([](std::size_t) {}));
  half.fit(data.x, data.y, part);
  CHECK(ft::Sequential<float>::load(path).network().weights() == seen.back());
  auto resumed = made();
  auto second = options(rest, 7);
  second.callbacks.push_back(Recorder{&seen, &logs});
  second.callbacks.push_back(ft::on_epoch_begin([](std::size_t) {}));
  second.resume_from = path;
  resumed.fit(data.x, data.y, second);
  CHECK(resumed.network().weights() == whole.network().weights());
  // within an epoch, too
  auto batches = made();
  ft::FitOptions<float> one{.batch_size = 16,
                            .epochs = 1,
                            .callbacks = {ft::ModelCheckpoint(path, {.save_freq = 0, .save_batches = 7})},
                            .seed = 2,
                            .verbose = 0};
  batches.fit(data.x, data.y, one);
  const auto loaded = ft::Sequential<float>::load(path).network().weights();
  auto until = made();
  struct Stop {
    ft::Flow on_batch_end(std::size_t batch, double) const { return batch == 6 ? ft::Flow::stop : ft::Flow::go_on; }
  };
  one.callbacks = {Stop{}};
  until.fit(data.x, data.y, one);  // ends with the averages of seven batches
  CHECK(loaded == until.network().weights());
  std::filesystem::remove(path);
  std::filesystem::remove(rest);
}

TEST_CASE("fit: rates and options that make no sense are refused") {
  const Moons data = moons(50);
  auto made = model(ft::SGD({.learning_rate = 0.1}));
  const auto fit = [&](const ft::FitOptions<float>& options) { return made.fit(data.x, data.y, options); };
  CHECK_THROWS_WITH_AS(fit({.epochs = 0, .verbose = 0}),
                       "fit: expected epochs of at least 1, received 0, which trains nothing", ft::ConfigError);
  CHECK_THROWS_AS(fit({.validation_split = 0.5, .validation_data = {data.x, data.y}, .verbose = 0}), ft::ConfigError);
  for (const double split : {1.0, -0.1, 1.5, std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(fit({.validation_split = split, .verbose = 0}), ft::ConfigError);
  for (const double rate : {-1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_AS(fit({.callbacks = {ft::LearningRateScheduler([rate](std::size_t) { return rate; })}, .verbose = 0}),
                    ft::ConfigError);
    CHECK_THROWS_AS(model(ft::SGD({.learning_rate = rate})), ft::ConfigError);
  }
  auto scheduled = model(ft::SGD({.learning_rate = ft::ExponentialDecay(0.1, 10, 0.9)}));
  CHECK_THROWS_AS(
      scheduled.fit(data.x, data.y, {.callbacks = {ft::ReduceLROnPlateau({.monitor = "loss"})}, .verbose = 0}),
      ft::StateError);  // at once, not at the first plateau
  CHECK_THROWS_AS(
      made.fit(data.x, data.y, {.validation_data = {ft::zeros<float>({4, 3}), ft::zeros<float>({4})}, .verbose = 0}),
      ft::ShapeError);
  made.set_trainable(false);
  CHECK_THROWS_AS(fit({.verbose = 0}), ft::StateError);
  made.set_trainable(true);
  CHECK_THROWS_AS((void)made.minimize(data.x, data.y, {}, {.validation_split = 0.2}), ft::ConfigError);
  CHECK_THROWS_AS((void)made.minimize(data.x, data.y, {}, {.validation_data = {data.x, data.y}}), ft::ConfigError);
  CHECK_THROWS_AS((void)made.minimize(data.x, data.y, {}, {.callbacks = {ft::TerminateOnNaN()}}), ft::ConfigError);
  CHECK_THROWS_AS((void)made.minimize(data.x, data.y, {}, {.resume_from = "x"}), ft::ConfigError);
  auto sinking = model(ft::SGD({.learning_rate = Sinking()}));
  CHECK_NOTHROW(sinking.fit(data.x, data.y, {.batch_size = 25, .epochs = 1, .verbose = 0}));  // two steps
  CHECK_THROWS_AS(sinking.fit(data.x, data.y, {.batch_size = 1, .epochs = 1, .verbose = 0}), ft::ConfigError);
}

TEST_CASE("use_ema and partial_fit: the trained weights go on from call to call, beside their averages") {
  const Moons data = moons();
  const auto options = [](bool ema) { return ft::SGD({.learning_rate = 0.1, .momentum = 0.9, .use_ema = ema}); };
  auto plain = model(options(false)), averaged = model(options(true)), whole = model(options(true));
  for (int i = 0; i < 5; ++i)
    for (auto* made : {&plain, &averaged}) made->partial_fit(data.x, data.y, {.batch_size = 16, .shuffle = false});
  CHECK(averaged.network().weights() == plain.network().weights());
  whole.fit(data.x, data.y, {.batch_size = 16, .epochs = 5, .shuffle = false, .verbose = 0});
  averaged.optimizer().finalize(averaged.network().weights(), averaged.network().segments());
  CHECK(averaged.network().weights() == whole.network().weights());
}

TEST_CASE("ModelCheckpoint: save_best_only with save_batches is refused") {
  CHECK_THROWS_AS(ft::ModelCheckpoint("x", {.save_best_only = true, .save_batches = 3}), ft::ConfigError);
}

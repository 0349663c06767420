// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>
#include <foretell/formats/safetensors.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace ft = foretell;

namespace {

struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("foretell_resume_test_" + std::to_string(::getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return (path / name).string(); }
};
std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
struct Moons {
  ft::Tensor<float> x, y;
};
Moons moons(std::size_t n = 300) {
  const ft::Table table = ft::datasets::two_moons(n, 0.2, 1);
  return {table.drop("label").to_array<float>(), table.column("label").to_array<float>()};
}
ft::Sequential<float> model(ft::Optimizer<float> optimizer) {
  ft::Sequential<float> made{ft::Dense(8, {.activation = ft::relu}), ft::BatchNormalization(), ft::Dropout(0.2),
                             ft::Dense(1, {.activation = ft::sigmoid})};
  made.compile(std::move(optimizer), ft::BinaryCrossentropy(), {ft::AUC()});
  return made;
}

}  // namespace

TEST_CASE("ModelCheckpoint: a run resumed after any epoch or batch ends with the bits of one that never stopped") {
  const Folder folder;
  const Moons data = moons();
  const auto optimizers = {
      ft::Optimizer<float>(ft::Adam({.learning_rate = 1e-2})),
      ft::Optimizer<float>(ft::SGD({.learning_rate = ft::CosineDecay(0.1, 60), .momentum = 0.9, .use_ema = true}))};
  for (const auto& optimizer : optimizers) {
    CAPTURE(std::string(optimizer.name()));
    const auto options = [&](const std::string& path) {
      ft::FitOptions<float> made{.batch_size = 32, .epochs = 8, .validation_split = 0.2, .seed = 3, .verbose = 0};
      made.callbacks = {ft::EarlyStopping({.patience = 20}), ft::ModelCheckpoint(path, {.save_batches = 4})};
      if (optimizer.name() == "adam")
        made.callbacks.push_back(ft::ReduceLROnPlateau({.monitor = "loss", .patience = 1, .min_delta = 0.05}));
      return made;
    };
    auto whole = model(optimizer);
    whole.fit(data.x, data.y, options(folder / "whole"));
    for (const auto& place : {std::pair<std::size_t, std::size_t>{0, 7}, {2, 5}, {6, 7}}) {
      const std::size_t epoch = place.first, batch = place.second;
      CAPTURE(epoch);
      CAPTURE(batch);
      const std::string path = folder / "part";
      auto part = model(optimizer);
      auto stopped = options(path);
      bool thrown = false;
      std::size_t current = 0;
      stopped.callbacks.push_back(ft::on_epoch_begin([&](std::size_t now) {
        current = now;
        if (now > epoch) throw std::runtime_error("killed");
      }));
      stopped.callbacks.push_back(ft::on_batch_end([&](std::size_t now, double) {
        if (current == epoch && now == batch && batch < 7) throw std::runtime_error("killed");
      }));
      try {
        part.fit(data.x, data.y, stopped);
      } catch (const std::runtime_error&) {
        thrown = true;
      }
      CHECK(thrown);
      auto resumed = model(optimizer);
      auto rest = options(folder / "rest");
      rest.resume_from = path;
      for (int i = 0; i < 2; ++i) rest.callbacks.push_back(ft::on_batch_end([](std::size_t, double) {}));
      resumed.fit(data.x, data.y, rest);
      CHECK(resumed.network().weights() == whole.network().weights());
      CHECK(resumed.network().state() == whole.network().state());
      CHECK(resumed.optimizer().iterations() == whole.optimizer().iterations());
      CHECK(ft::Sequential<float>::load(path).built());
    }
  }
}

TEST_CASE("ModelCheckpoint: refuses what is not of the same run, with nothing changed") {
  const Folder folder;
  const Moons data = moons();
  const std::string path = folder / "{epoch}.safetensors";
  ft::FitOptions<float> options{
      .epochs = 2, .validation_split = 0.2, .callbacks = {ft::ModelCheckpoint(path)}, .seed = 3, .verbose = 0};
  auto trained = model(ft::Adam());
  trained.fit(data.x, data.y, options);
  CHECK(std::filesystem::exists(folder / "1.safetensors"));
  options.resume_from = folder / "2.safetensors";
  auto other = model(ft::SGD());
  other.build({2}, 1);
  const ft::Arena<float> before = other.network().weights();
  CHECK_THROWS_WITH_AS(other.fit(data.x, data.y, options),
                       ("\"" + options.resume_from +
                        "\": expected a checkpoint of optimizer sgd, received one of adam; compile the model as it was "
                        "when it was saved")
                           .c_str(),
                       ft::StateError);
  CHECK(other.network().weights() == before);
  auto same = model(ft::Adam());
  options.seed = 4;
  CHECK_THROWS_AS(same.fit(data.x, data.y, options), ft::ConfigError);
  options.seed = 3;
  options.callbacks.push_back(ft::EarlyStopping());
  CHECK_THROWS_AS(same.fit(data.x, data.y, options), ft::StateError);
  trained.save(folder / "plain");
  options.resume_from = folder / "plain";
  CHECK_THROWS_AS(same.fit(data.x, data.y, options), ft::FormatError);
  options.resume_from = folder.path / "plain";
  CHECK_THROWS_AS(same.fit(data.x, data.y, options), ft::FormatError);
  options.resume_from = {};
  options.resume_from += "plain";
  CHECK_THROWS_WITH_AS(same.fit(data.x, data.y, options),
                       "fit: expected resume_from to be set as a whole, options.resume_from = path, received "
                       "\"plain\", which was written into an empty one",
                       ft::ConfigError);
}

TEST_CASE("ModelCheckpoint: one of a version that did not store the rows of shards, with a learned weight, goes on") {
  const std::string path = FORETELL_GOLDENS "/learned_weights.safetensors";
  const std::size_t n = 300;
  const ft::Tensors<float> x{{"x", ft::random_normal<float>({n, 3}, 1)}},
      y{{"buys", ft::zeros<float>({n, 1})}, {"spend", ft::random_normal<float>({n, 2}, 2)}};
  const auto made = [] {
    ft::Graph<float> graph;
    const auto in = graph.input("x", {3});
    graph.output("buys", graph.add(ft::Dense(1, {.activation = ft::sigmoid}), in, "buys_head"));
    graph.output("spend", graph.add(ft::Dense(2), in, "spend_head"));
    return ft::Model<float>(graph);
  };
  const auto compile = [](ft::Model<float>& to) {
    to.compile(ft::Adam({.learning_rate = 0.01}),
               {{"buys", ft::BinaryCrossentropy(), {.learn_weight = true}}, {"spend", ft::MeanSquaredError()}});
  };
  ft::Model<float> whole = made(), resumed = made(), loaded = ft::Model<float>::load(path);
  compile(whole);
  compile(resumed);
  const auto own = [](const std::string& name) { return ft::ModelCheckpoint(name, {.save_freq = 0}); };
  ft::FitOptions<float> options{.batch_size = 128, .epochs = 6, .callbacks = {own("none")}, .seed = 3, .verbose = 0};
  whole.fit(x, y, options);
  CHECK(loaded.predict(x)["spend"].shape(1) == 2);
  compile(loaded);
  CHECK(loaded.network().parameters().back().name == "foretell.loss/buys/log_variance");
  options.resume_from = path;
  resumed.fit(x, y, options);
  const ft::Arena<float>&expected = whole.network().weights(), &weights = resumed.network().weights();
  REQUIRE(weights.size() == expected.size());
  for (std::size_t k = 0; k < weights.size(); ++k) CHECK(weights[k] == doctest::Approx(expected[k]).epsilon(1e-5));
  CHECK(weights[whole.network().parameters().back().offset] != 0);
}

TEST_CASE("ModelCheckpoint: a resumed run cuts its batches as the one before did, whatever the rule says now") {
  const Folder folder;
  const std::string path = folder / "run", other = folder / "other";
  const ft::Tensor<float> x = ft::random_normal<float>({512, 16}, 1), y = ft::random_normal<float>({512, 8}, 2);
  const auto made = [] {
    ft::Sequential<float> deep{ft::Dense(32, {.activation = ft::tanh}), ft::Dense(8)};
    deep.compile(ft::SGD({.learning_rate = 0.05}), ft::MeanSquaredError());
    return deep;
  };
  const auto options = [&](const std::string& to, std::size_t epochs) {
    return ft::FitOptions<float>{
        .batch_size = 512, .epochs = epochs, .callbacks = {ft::ModelCheckpoint(to)}, .shuffle = false, .verbose = 0};
  };
  auto whole = made(), stopped = made();
  whole.fit(x, y, options(other, 3));
  stopped.fit(x, y, options(path, 1));
  const auto with_shards = [&](const std::string& rows) {  // a file of another rule; checksums need not be there
    ft::SafetensorsFile file(path);
    auto metadata = file.metadata();
    std::string& training = metadata.at("training");
    const std::string key = "\"shard_rows\":";
    const std::size_t at = training.find(key);
    REQUIRE(at != std::string::npos);
    const std::size_t from = at + key.size();
    training.replace(from, training.find(',', from) - from, rows);
    metadata.erase("foretell.checksum");
    metadata.erase("foretell.checksums");
    std::vector<ft::Arena<float>> values;
    std::vector<ft::TensorToWrite> tensors;
    for (const auto& [name, entry] : file.entries()) {
      values.emplace_back(entry.size);
      file.read(entry, values.back().data());
      tensors.push_back({name, entry.shape, values.back().data()});
    }
    ft::write_safetensors(other, std::move(tensors), std::move(metadata));
    auto resumed = made();
    auto rest = options(folder / "rest", 3);
    rest.resume_from = other;
    resumed.fit(x, y, rest);
    CHECK(ft::SafetensorsFile(folder / "rest").metadata().at("training").find(key + (rows == "0" ? "128" : rows)) !=
          std::string::npos);
    return resumed.network().weights();
  };
  CHECK(with_shards("128") == whole.network().weights());  // what the rule says
  CHECK(with_shards("0") == whole.network().weights());    // not known
  const ft::Arena<float> otherwise = with_shards("40");
  CHECK(!(otherwise == whole.network().weights()));
  ft::Network<float> by_hand = stopped.network();
  ft::Optimizer<float> optimizer = stopped.optimizer();
  const ft::Dataset<float> data{
      {ft::Rows<float>(ft::as_array<float>(x))}, {ft::Rows<float>(ft::as_array<float>(y))}, {}};
  ft::TrainStep<float> step(by_hand, stopped.objective(), optimizer, data, 512, 0, {}, true, 40);
  for (int i = 0; i < 2; ++i) (void)step.run({0, 512, nullptr});
  CHECK(otherwise == by_hand.weights());
}

TEST_CASE("fit from a stream: the same bits as from arrays, in order; shuffled it sees every row once an epoch") {
  const Moons data = moons(230);
  const auto parts = [&](std::size_t size) {
    std::vector<ft::Examples<float>> made;
    for (std::size_t i = 0; i < 230; i += size)
      made.emplace_back(xt::view(data.x, xt::range(i, std::min<std::size_t>(230, i + size))),
                        xt::view(data.y, xt::range(i, std::min<std::size_t>(230, i + size))));
    return made;
  };
  const auto trained = [&](auto&&... from) {
    auto made = model(ft::Adam({.learning_rate = 1e-2}));
    made.fit(std::forward<decltype(from)>(from)...);
    return made.network().weights();
  };
  ft::FitOptions<float> options{.batch_size = 32, .epochs = 3, .seed = 3, .verbose = 0};
  options.shuffle = false;
  const ft::Arena<float> arrays = trained(data.x, data.y, options);
  CHECK(trained(ft::ExampleStream<float>(parts(230)), options) == arrays);
  CHECK(trained(ft::ExampleStream<float>(parts(7)), options) == arrays);
  options.prefetch = 0;
  CHECK(trained(ft::ExampleStream<float>(parts(50)), options) == arrays);

  std::size_t opened = 0;
  const auto generator = [&](std::size_t) {
    ++opened;
    return [chunks = parts(40), i = std::size_t(0)]() mutable -> std::optional<ft::Examples<float>> {
      if (i == chunks.size()) return std::nullopt;
      return chunks[i++];
    };
  };
  options.shuffle = true;
  options.shuffle_buffer = 64;
  options.prefetch = 2;
  const ft::Arena<float> shuffled = trained(ft::ExampleStream<float>(generator), options);
  CHECK(opened == 3);
  CHECK(!(shuffled == arrays));
  options.threads = 2;
  CHECK(trained(ft::ExampleStream<float>(parts(11)), options) == shuffled);  // chunks do not matter

  ft::Sequential<float> sums{ft::Dense(1, {.use_bias = false, .kernel_initializer = ft::Zeros()})};
  sums.compile(ft::SGD({.learning_rate = 0}), ft::MeanAbsoluteError());
  ft::Tensor<float> one = ft::ones<float>({1, 1}), y = ft::zeros<float>({1, 1});
  std::vector<ft::Examples<float>> rows;
  for (std::size_t i = 0; i < 100; ++i) {
    y(0, 0) = static_cast<float>(i);
    rows.emplace_back(one, y);
  }
  const ft::History history =
      sums.fit(ft::ExampleStream<float>(rows), {.batch_size = 8, .epochs = 2, .shuffle_buffer = 20, .verbose = 0});
  CHECK(history["loss"][0] == doctest::Approx(49.5));
  CHECK(history["loss"][1] == doctest::Approx(49.5));
}

TEST_CASE("fit from a stream: an error of the stream, an empty one and a change of shape are told") {
  auto made = model(ft::Adam());
  const ft::FitOptions<float> options{.verbose = 0};
  CHECK_THROWS_WITH_AS(made.fit(ft::ExampleStream<float>(std::vector<ft::Examples<float>>()), options),
                       "fit: expected a stream of at least one row, received none", ft::DataError);
  const auto broken = [](std::size_t) {
    return [i = 0]() mutable -> std::optional<ft::Examples<float>> {
      if (++i > 2) throw std::runtime_error("disk");
      return ft::Examples<float>(ft::ones<float>({4, 2}), ft::ones<float>({4, 1}));
    };
  };
  CHECK_THROWS_WITH_AS(made.fit(ft::ExampleStream<float>(broken), options), "disk", std::runtime_error);
  std::vector<ft::Examples<float>> chunks;
  chunks.emplace_back(ft::ones<float>({4, 2}), ft::ones<float>({4, 1}));
  chunks.emplace_back(ft::ones<float>({4, 3}), ft::ones<float>({4, 1}));
  CHECK_THROWS_AS(made.fit(ft::ExampleStream<float>(chunks), options), ft::ShapeError);
}

TEST_CASE("partial_fit: goes on from where weights and optimizer are") {
  const Moons data = moons();
  auto made = model(ft::Adam({.learning_rate = 1e-2}));
  made.partial_fit(data.x, data.y);
  const std::uint64_t steps = made.optimizer().iterations();
  const double before = made.evaluate(data.x, data.y)["loss"];
  for (int i = 0; i < 10; ++i) made.partial_fit(data.x, data.y);
  CHECK(made.optimizer().iterations() == 11 * steps);
  CHECK(made.evaluate(data.x, data.y)["loss"] < before);
}

TEST_CASE("LearningRateScheduler and ReduceLROnPlateau move the rate") {
  const Moons data = moons();
  std::vector<double> rates;
  struct Recorder {
    std::vector<double>* rates;
    void on_epoch_end(ft::Training<float>& training, const ft::EpochLogs&) {
      rates->push_back(training.optimizer.learning_rate());
    }
  };
  auto made = model(ft::SGD({.learning_rate = 0.5}));
  made.fit(
      data.x, data.y,
      {.epochs = 3,
       .callbacks = {ft::LearningRateScheduler([](std::size_t epoch, double rate) { return epoch ? rate / 2 : rate; }),
                     Recorder{&rates}},
       .verbose = 0});
  CHECK(rates == std::vector<double>{0.5, 0.25, 0.125});
  rates.clear();
  auto still = model(ft::SGD({.learning_rate = 0.5}));
  still.fit(data.x, data.y,
            {.epochs = 6,
             .callbacks = {ft::ReduceLROnPlateau(
                               {.monitor = "loss", .factor = 0.5, .patience = 2, .min_delta = 100, .min_lr = 0.2}),
                           Recorder{&rates}},
             .verbose = 0});
  CHECK(rates == std::vector<double>{0.5, 0.5, 0.25, 0.25, 0.2, 0.2});
  auto scheduled = model(ft::SGD({.learning_rate = ft::ExponentialDecay(0.1, 10, 0.9)}));
  CHECK_THROWS_AS(
      scheduled.fit(
          data.x, data.y,
          {.epochs = 1, .callbacks = {ft::LearningRateScheduler([](std::size_t) { return 0.1; })}, .verbose = 0}),
      ft::StateError);
}

TEST_CASE("CSVLogger: one line an epoch, appended when asked") {
  const Folder folder;
  const Moons data = moons();
  const std::string path = folder / "log.csv";
  auto made = model(ft::SGD());
  made.fit(data.x, data.y, {.epochs = 2, .callbacks = {ft::CSVLogger(path)}, .verbose = 0});
  made.fit(data.x, data.y, {.epochs = 1, .callbacks = {ft::CSVLogger(path, {.append = true})}, .verbose = 0});
  const ft::Table table = ft::read_csv(path);
  CHECK(table.rows() == 3);
  CHECK(table.names() == std::vector<std::string>{"epoch", "loss", "auc"});
  CHECK_THROWS_AS(
      made.fit(data.x, data.y,
               {.epochs = 1, .callbacks = {ft::CSVLogger(folder / "gone" + std::string("/x"))}, .verbose = 0}),
      ft::FormatError);
}

TEST_CASE("TensorBoard: event files hold the logs of every epoch in frames with their checksums") {
  CHECK(ft::detail::masked_crc32c("123456789") == ((0xe3069283u >> 15 | 0xe3069283u << 17) + 0xa282ead8u));
  const Folder folder;
  const Moons data = moons();
  auto made = model(ft::SGD());
  made.fit(data.x, data.y,
           {.epochs = 2,
            .validation_split = 0.2,
            .callbacks = {ft::TensorBoard(folder / "logs", {.histogram_freq = 1})},
            .verbose = 0});
  for (const std::string run : {"train", "validation"}) {
    std::vector<std::string> records;
    for (const auto& file : std::filesystem::directory_iterator(folder.path / "logs" / run)) {
      const std::string bytes = read_file(file.path().string());
      for (std::size_t at = 0; at < bytes.size();) {
        std::uint64_t size = 0;
        std::uint32_t crc = 0;
        std::memcpy(&size, bytes.data() + at, 8);
        std::memcpy(&crc, bytes.data() + at + 8, 4);
        REQUIRE(crc == ft::detail::masked_crc32c(bytes.substr(at, 8)));
        records.push_back(bytes.substr(at + 12, size));
        std::memcpy(&crc, bytes.data() + at + 12 + size, 4);
        REQUIRE(crc == ft::detail::masked_crc32c(records.back()));
        at += 16 + size;
      }
    }
    REQUIRE(records.size() > 4);
    CHECK(records[0].find("brain.Event:2") != std::string::npos);
    const auto count = [&](const std::string& tag) {
      return std::count_if(records.begin(), records.end(),
                           [&](const std::string& r) { return r.find(tag) != std::string::npos; });
    };
    CHECK(count("epoch_loss") == 2);
    CHECK(count("epoch_auc") == 2);
    CHECK(count("dense/kernel/histogram") == (run == "train" ? 2 : 0));
  }
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <clocale>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "support/folder.hpp"

namespace ft = foretell;
using ft::support::Folder, ft::support::read_file, ft::support::write_file;

namespace {

ft::Sequential<float> trained(const ft::FitOptions<float>& options, const ft::Tensor<float>& x) {
  ft::Sequential<float> model{ft::Dense(3, {.activation = ft::tanh}), ft::Dense(1)};
  model.compile(ft::Adam(), ft::MeanSquaredError());
  model.fit(x, ft::zeros<float>({x.shape(0), 1}), options);
  return model;
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder))
    if (file.is_regular_file()) names.push_back(file.path().filename().string());
  return names;
}

}  // namespace

TEST_CASE("TensorBoard: trainings within a second, one after another or at once, have files of their own") {
  const Folder folder;
  const ft::Tensor<float> x = ft::random_normal<float>({8, 2}, 1);
  const ft::TensorBoard board(folder / "logs");
  const auto train = [&] { trained({.callbacks = {board}, .verbose = 0}, x); };
  train();
  train();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(train);
  for (std::thread& thread : threads) thread.join();
  const std::vector<std::string> names = names_in(folder.path);
  CHECK(names.size() == 6);
  for (const std::string& name : names) {
    CHECK(name.find("tfevents") != std::string::npos);
    CHECK(read_file(folder / ("logs/train/" + name)).find("epoch_loss") != std::string::npos);
  }
}

TEST_CASE("ModelCheckpoint: names have points, whatever the locale") {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  if (!std::setlocale(LC_ALL, "de_DE.UTF-8")) {
    MESSAGE("skipped: the locale de_DE.UTF-8 is not installed");
    return;
  }
  const Folder folder;
  const ft::Tensor<float> x = ft::random_normal<float>({8, 2}, 1);
  trained({.epochs = 2, .callbacks = {ft::ModelCheckpoint(folder / "{epoch}-{loss}")}, .verbose = 0}, x);
  std::vector<std::string> names = names_in(folder.path);
  std::sort(names.begin(), names.end());
  const bool point = std::all_of(names.begin(), names.end(), [](const std::string& name) {
    return name.find(',') == std::string::npos && name.find('.') == name.size() - 5;
  });
  const ft::Sequential<float> loaded = ft::Sequential<float>::load(folder / names.at(0));
  std::setlocale(LC_ALL, before.c_str());
  CHECK(names.size() == 2);
  CHECK(point);
  CHECK(loaded.built());
}

TEST_CASE("Checkpoint: no changed byte and no truncation loads, neither as a model nor to go on from") {
  const Folder folder;
  const std::string path = folder / "c";
  const ft::Tensor<float> x = ft::random_normal<float>({8, 2}, 1), y = ft::zeros<float>({8, 1});
  const ft::FitOptions<float> options{.epochs = 2, .callbacks = {ft::ModelCheckpoint(path)}, .verbose = 0};
  const ft::Sequential<float> model = trained(options, x);
  const std::string good = read_file(path);
  const ft::Random random(3);
  std::size_t loaded = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    std::string bad = good;
    if (i % 10 == 0) {
      bad.resize(random.below(2 * i, good.size()));
    } else {
      char& byte = bad[random.below(2 * i, good.size())];
      byte = static_cast<char>(byte ^ static_cast<char>(1 + random.below(2 * i + 1, 255)));
    }
    write_file(path, bad);
    ft::Network<float> network = model.network();
    ft::Optimizer<float> optimizer = ft::Adam();
    std::vector<ft::Callback<float>> callbacks = options.callbacks;
    try {
      (void)ft::load_checkpoint(path, network, optimizer, callbacks);
      ++loaded;
    } catch (const ft::Error&) {
    }
    CHECK(network.weights() == model.network().weights());
    try {
      (void)ft::load<float>(path);
      ++loaded;
    } catch (const ft::Error&) {
    }
  }
  CHECK(loaded == 0);
}

TEST_CASE("Model files: hold no row of the training, but for those that fit was told to keep") {
  const Folder folder;
  ft::Tensor<float> x = ft::random_normal<float>({8, 2}, 1);
  const auto rows_in = [&](const std::string& bytes) {
    std::size_t rows = 0;
    for (std::size_t r = 0; r < 8; ++r)
      rows += bytes.find(std::string(reinterpret_cast<const char*>(x.data() + 2 * r), 8)) != std::string::npos;
    return rows;
  };
  trained({.callbacks = {ft::ModelCheckpoint(folder / "c")}, .shuffle = false, .verbose = 0}, x).save(folder / "m");
  CHECK(rows_in(read_file(folder / "m")) == 0);
  CHECK(rows_in(read_file(folder / "c")) == 0);
  trained({.verbose = 0, .probe_rows = 5}, x).save(folder / "m");
  CHECK(rows_in(read_file(folder / "m")) == 5);
  ft::Sequential<float>::load(folder / "m").save(folder / "again");
  CHECK(rows_in(read_file(folder / "again")) == 5);
}

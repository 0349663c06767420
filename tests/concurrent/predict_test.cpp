// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <atomic>
#include <cstdio>
#include <thread>

namespace ft = foretell;

TEST_CASE("Threads: one const model and one bundle answer all threads with the same bits") {
  const ft::Table table = ft::datasets::shop_visits(300, 5).table;
  auto features = ft::default_features<float>(ft::infer_roles(table, "purchased"));
  const ft::Tensor<float> x = features.fit_transform(table);
  ft::Sequential<float> model{ft::Dense(16, {.activation = ft::gelu}), ft::BatchNormalization(), ft::Dropout(0.5),
                              ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam(), ft::BinaryCrossentropy());
  model.fit(x, table.column("purchased").to_array<float>(), {.epochs = 1, .verbose = 0});
  const char* path = "predict_test.safetensors";
  ft::save(path, features, model);
  const auto bundle = ft::load<float>(path);
  std::remove(path);

  const ft::Sequential<float>& shared = model;
  const ft::Tensor<float> expected = shared.predict(x);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int repeat = 0; repeat < 3; ++repeat) wrong += shared.predict(x) == expected ? 0 : 1;
      auto predictor = bundle.predictor();
      ft::Row row = predictor.row();
      for (std::size_t i = t; i < table.rows(); ++i) {
        row.assign(table, i);
        wrong += predictor(row)[0] == expected(i, 0) ? 0 : 1;
      }
      wrong += bundle.predict(table).size() == table.rows() ? 0 : 1;
    });
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

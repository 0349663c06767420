// SPDX-License-Identifier: BSD-3-Clause
// The main job, whole: a table of visits in, a served prediction out.
//   01_purchase_intent                            on a shop-visit log that the library generates
//   01_purchase_intent data.csv --target COLUMN   on a CSV of your own, whose COLUMN has two values
// Prints: auc 0\.[89]
#include <foretell/foretell.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ft = foretell;

static const char* const model_path = "purchase_intent.safetensors";

// One model file, several threads, each with a predictor of its own: no locks, no allocation a request.
static void serve(const ft::Table& requests) {
  const ft::Bundle<float> bundle = ft::load<float>(model_path);
  std::vector<std::vector<double>> times(std::max(2u, std::thread::hardware_concurrency()));
  std::vector<std::thread> threads;
  for (auto& own : times)
    threads.emplace_back([&] {
      ft::Predictor<float> predictor = bundle.predictor();
      ft::Row row = predictor.row();
      for (std::size_t i = 0; i < requests.rows(); ++i) {
        row.assign(requests, i);
        const auto begin = std::chrono::steady_clock::now();
        (void)predictor(row);
        own.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
      }
    });
  for (auto& thread : threads) thread.join();
  std::vector<double> all;
  for (const auto& own : times) all.insert(all.end(), own.begin(), own.end());
  std::sort(all.begin(), all.end());
  std::printf("\nserved %zu single rows from %zu threads: p50 %.2f us, p99 %.2f us a row\n", all.size(), times.size(),
              all[all.size() / 2], all[all.size() * 99 / 100]);
}

static void run(const ft::Table& table, const std::string& target, double best_auc) {
  if (table.rows() == 0) throw ft::DataError("expected rows below the header, received none");
  const ft::Roles roles = ft::infer_roles(table, target);
  std::printf("%zu rows, %zu columns\n%s\n", table.rows(), table.columns(), roles.to_string().c_str());

  ft::LabelEncoder<float> labels;
  labels.fit(table.column(target));
  if (labels.classes().size() != 2)
    throw ft::DataError(ft::text("column \"", target, "\": expected a target of two values, received ",
                                 labels.classes().size(), ": ", ft::quoted_list(labels.classes(), 5),
                                 "; choose another with --target"));
  const auto [train, test] = ft::train_test_split(table, {.test_size = 0.2, .stratify = target, .seed = 42});

  ft::ColumnTransformer<float> features = ft::default_features<float>(roles);
  const ft::Tensor<float> x = features.fit_transform(train);
  ft::Sequential<float> model{
      ft::Dense(64, {.activation = ft::relu, .kernel_regularizer = ft::L2(1e-4)}),
      ft::Dropout(0.4),
      ft::Dense(32, {.activation = ft::relu, .kernel_regularizer = ft::L2(1e-4)}),
      ft::Dropout(0.2),
      ft::Dense(1, {.activation = ft::sigmoid}),
  };
  model.compile(ft::AdamW({.learning_rate = 1e-3, .weight_decay = 1e-3}), ft::BinaryCrossentropy(), {ft::AUC()});
  model.fit(x, labels.transform(train.column(target)),
            {.batch_size = 64,
             .epochs = 60,
             .validation_split = 0.15,
             .callbacks = {ft::EarlyStopping({.monitor = "val_auc", .mode = ft::Mode::max, .patience = 8})},
             .seed = 42});
  std::printf("\n%s\n", model.summary().c_str());

  const ft::ClassificationReport report =
      ft::classification_report(labels.transform(test.column(target)), model.predict(features.transform(test)),
                                {.target_names = labels.classes()});
  std::printf("test, %zu rows not seen in training, positive class \"%s\"\n%s\nauc %.4f", test.rows(),
              labels.classes()[1].c_str(), report.to_string().c_str(), report.auc);
  if (best_auc > 0) std::printf(" (the best possible on these visits: %.4f)", best_auc);

  ft::save(model_path, features, model);
  std::printf("\nwrote %s: preprocessing and network in one file\n", model_path);
  serve(test);
}

int main(int argc, char** argv) try {
  if (argc == 1) {
    const auto visits = ft::datasets::shop_visits();
    run(visits.table, "purchased", visits.best_auc);
  } else if (argc == 4 && std::string_view(argv[2]) == "--target") {
    run(ft::read_csv(argv[1]), argv[3], 0);
  } else {
    throw ft::ConfigError("usage: 01_purchase_intent [data.csv --target COLUMN]");
  }
} catch (const ft::Error& error) {
  std::fprintf(stderr, "01_purchase_intent: %s\n", error.what());
  return 1;
}

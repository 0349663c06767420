// SPDX-License-Identifier: BSD-3-Clause
// The first two rows of docs/results.md: FORETELL_DATA=<folder> results_online_shoppers
#include <cstdio>
#include <cstdlib>
#include <foretell/foretell.hpp>

namespace ft = foretell;

static void run(const std::string& folder) {
  const std::string target = "Revenue";
  const ft::Table table = ft::read_csv(folder + "/online-shoppers/online_shoppers_intention.csv");
  const auto [train, test] = ft::train_test_split(table, {.test_size = 0.2, .stratify = target, .seed = 42});

  // Codes of systems, browsers, regions and traffic are names, not numbers.
  ft::ColumnTransformer<float> features{
      {"numbers",
       ft::make_pipeline<float>(ft::SimpleImputer<float>({.strategy = ft::Impute::median}),
                                ft::StandardScaler<float>()),
       {"Administrative", "Administrative_Duration", "Informational", "Informational_Duration", "ProductRelated",
        "ProductRelated_Duration", "BounceRates", "ExitRates", "PageValues", "SpecialDay"}},
      {"categories",
       ft::OneHotEncoder<float>(),
       {"Month", "OperatingSystems", "Browser", "Region", "TrafficType", "VisitorType", "Weekend"}},
  };
  const auto build = [] {
    ft::Sequential<float> model{
        ft::Dense(64, {.activation = ft::relu, .kernel_regularizer = ft::L2(1e-3)}),
        ft::BatchNormalization(),
        ft::Dropout(0.5),
        ft::Dense(32, {.activation = ft::relu}),
        ft::Dense(1, {.activation = ft::sigmoid}),
    };
    model.compile(ft::AdamW({.learning_rate = 2e-3, .weight_decay = 1e-3}), ft::BinaryCrossentropy(), {ft::AUC()});
    return model;
  };
  const ft::FitOptions<float> options{
      .batch_size = 128,
      .epochs = 60,
      .validation_split = 0.15,
      .callbacks = {ft::EarlyStopping({.monitor = "val_auc", .mode = ft::Mode::max, .patience = 8})},
      .seed = 42,
      .verbose = 0};

  const ft::Scores folds =
      ft::cross_validate(features, build, train, target, ft::StratifiedKFold({.n_splits = 5, .seed = 42}), options);
  std::printf("auc, mean of 5 folds of the training part: %.4f\n", folds["auc"]);

  ft::Sequential<float> model = build();
  model.fit(features.fit_transform(train), train.column(target).to_array<float>(), options);
  const auto probabilities = model.predict(features.transform(test));
  const auto truth = test.column(target).to_array<float>();
  std::printf("auc on the rows held out: %.4f\n%s\n", ft::roc_auc_score(truth, probabilities),
              ft::classification_report(truth, probabilities).to_string().c_str());
}

int main() try {
  const char* folder = std::getenv("FORETELL_DATA");
  if (!folder) throw ft::DataError("expected the folder of the data in FORETELL_DATA, received none");
  run(folder);
} catch (const ft::Error& problem) {
  std::fprintf(stderr, "%s\n", problem.what());
  return 1;
}

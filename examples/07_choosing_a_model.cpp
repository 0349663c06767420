// SPDX-License-Identifier: BSD-3-Clause
// Choosing honestly: search by cross-validation on the training rows, probabilities from predictions out of fold, a
// threshold by what mistakes cost, and the test rows once, at the end.
// Prints: test auc 0\.8
//   07_choosing_a_model                          visits to a shop that are made up here
//   07_choosing_a_model TABLE.csv TARGET         a table of your own, TARGET of two values
#include <foretell/foretell.hpp>

#include <cstdio>

namespace ft = foretell;

static int run(int count, char** arguments) {
  const ft::Table all =
      count >= 3 ? ft::read_csv(arguments[1], {.delimiter = '\0'}) : ft::datasets::shop_visits(6000, 3).table;
  const ft::Roles roles = ft::infer_roles(all, count >= 3 ? arguments[2] : "purchased");
  const std::string& target = roles.target;
  ft::LabelEncoder<double> classes;
  const auto numbers = classes.fit_transform(all.column(target));
  const ft::Table table = all.with(target, std::vector<double>(numbers.begin(), numbers.end()));
  const ft::TableSplit parts = ft::train_test_split(table, {.test_size = 0.2, .stratify = target, .seed = 1});
  const ft::Table &train = parts.train, &test = parts.test;
  std::printf("%s", ft::leakage_report(train, test, target).to_string().c_str());

  // What is searched over: numbers to a compiled model, scored on folds that no transform has seen.
  const auto features = ft::default_features<float>(roles);
  const auto build = [](const ft::Parameters& p) {
    ft::Sequential<float> model{ft::Dense(p.count("units"), {.activation = ft::relu}), ft::Dropout(p.number("dropout")),
                                ft::Dense(1, {.activation = ft::sigmoid})};
    model.compile(ft::Adam({.learning_rate = p.number("rate")}), ft::BinaryCrossentropy(), {ft::AUC()});
    return model;
  };
  const ft::FitOptions<float> options{.batch_size = 64, .epochs = 9, .seed = 1, .verbose = 0};
  const ft::StratifiedKFold folds({.n_splits = 3, .shuffle = true, .seed = 1});
  const auto score = [&](const ft::Parameters& p, double epochs) {
    ft::FitOptions<float> some = options;
    some.epochs = static_cast<std::size_t>(epochs);
    return ft::cross_validate(
               features, [&] { return build(p); }, train, target, folds, some)
        .mean("auc");
  };
  const ft::SearchResult search = ft::successive_halving(
      {{"units", {8, 32, 128}}, {"dropout", {0.0, 0.2, 0.4}}, {"rate", ft::ParameterRange::log_uniform(3e-4, 1e-2)}},
      score, {.count = 9, .min_budget = 1, .max_budget = static_cast<double>(options.epochs)});
  std::printf("%s", ft::sort_by(search.table(), "score", {.descending = {true}}).head(4).to_string().c_str());
  const ft::Parameters best = search.best().parameters;

  // Probabilities and a threshold from predictions that were made out of fold: a missed buyer costs five times a call.
  const ft::CrossValidation found = ft::cross_validate(
      features, [&] { return build(best); }, train, target, folds, options, ft::CrossValidateOptions{});
  const std::vector<double> labels = train.column(target).numbers();
  ft::PlattCalibrator calibrator;
  calibrator.fit(found.predictions, labels);
  const ft::Threshold threshold = ft::threshold_for_cost(labels, calibrator.transform(found.predictions), 1, 5);

  // The one look at the test rows.
  auto fitted = features;
  ft::Sequential<float> model = build(best);
  model.fit(fitted.fit_transform(train), train.column(target).to_array<float>(), options);
  ft::save("chosen.safetensors", fitted, model, {{"calibrator", calibrator}, {"threshold", threshold}});
  const auto bundle = ft::load<float>("chosen.safetensors");
  const std::vector<double> probability =
      bundle.part<ft::PlattCalibrator>("calibrator").transform(bundle.predict(test));
  const std::vector<double> truth = test.column(target).numbers();
  const auto decide = bundle.part<ft::Threshold>("threshold");  // parsed once, before the rows
  double called = 0, reached = 0, buyers = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const bool call = decide(probability[i]);
    called += call;
    reached += call && truth[i] == 1;
    buyers += truth[i];
  }
  std::printf("%s: test auc %.4f, Brier score %.4f; calls %.0f of %zu and reaches %.0f of %.0f\n",
              best.to_string().c_str(), ft::roc_auc_score(truth, probability), ft::brier_score_loss(truth, probability),
              called, truth.size(), reached, buyers);
  return 0;
}

int main(int count, char** arguments) try { return run(count, arguments); } catch (const ft::Error& problem) {
  std::fprintf(stderr, "%s\n", problem.what());
  return 1;
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/foretell.hpp>
#include <vector>

namespace ft = foretell;

namespace {

const ft::Table& moons() {
  static const ft::Table table = [] {
    const ft::Table plain = ft::datasets::two_moons(300, 0.2, 1);
    return plain.derive("user", [](std::size_t row) { return ft::text("u", row % 30); });
  }();
  return table;
}

ft::Sequential<float> network() {
  ft::Sequential<float> model{ft::Dense(8, {.activation = ft::relu}), ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam({.learning_rate = 0.02}), ft::BinaryCrossentropy(), {ft::AUC()});
  return model;
}

const ft::FitOptions<float> options{.batch_size = 32, .epochs = 8, .seed = 1, .verbose = 0};

}  // namespace

TEST_CASE("cross_validate: train scores, seconds, predictions out of fold, groups, threads") {
  const ft::StandardScaler<float> scaler;
  const ft::Table table = moons().drop("user");
  const ft::CrossValidation one =
      ft::cross_validate(scaler, network, table, "label", ft::StratifiedKFold({.n_splits = 3, .seed = 2}), options,
                         ft::CrossValidateOptions{.return_train_score = true});
  CHECK(one.scores.values("auc").size() == 3);
  CHECK(one.train_scores.values("auc").size() == 3);
  CHECK(one.scores["auc"] > 0.85);
  CHECK(one.fit_seconds.size() == 3);
  CHECK(one.width == 1);
  REQUIRE(one.predictions.size() == 300);
  // The scores of the folds are those of the predictions.
  const auto folds = ft::StratifiedKFold({.n_splits = 3, .seed = 2}).split(table.column("label").numbers());
  for (std::size_t f = 0; f < 3; ++f) {
    std::vector<double> truth, p;
    for (const std::size_t row : folds[f].test)
      truth.push_back(table.column("label").number(row)), p.push_back(one.predictions[row]);
    CHECK(ft::roc_auc_score(truth, p) == doctest::Approx(one.scores.values("auc")[f]).epsilon(1e-6));
  }
  const ft::CrossValidation two =
      ft::cross_validate(scaler, network, table, "label", ft::StratifiedKFold({.n_splits = 3, .seed = 2}), options,
                         ft::CrossValidateOptions{.threads = 2});
  CHECK(two.predictions == one.predictions);
  CHECK(ft::cross_validate(scaler, network, table, "label", ft::StratifiedKFold({.n_splits = 3, .seed = 2}), options)
            .values("auc") == one.scores.values("auc"));

  const ft::CrossValidation grouped =
      ft::cross_validate(scaler, network, moons(), "label", ft::GroupKFold({.n_splits = 3}), options,
                         ft::CrossValidateOptions{.groups = "user"});
  CHECK(grouped.predictions.size() == 300);
  const ft::CrossValidation later =
      ft::cross_validate(scaler, network, table, "label", ft::TimeSeriesSplit({.n_splits = 3}), options, {});
  CHECK(std::isnan(later.predictions[0]));
  CHECK(!std::isnan(later.predictions[299]));
  const ft::CrossValidation twice = ft::cross_validate(scaler, network, table, "label",
                                                       ft::RepeatedKFold({.n_splits = 2, .n_repeats = 2}), options, {});
  CHECK(twice.scores.values("auc").size() == 4);
  CHECK(!std::isnan(twice.predictions[0]));
}

TEST_CASE("cross_validate: resampling sees training rows alone; wrong input") {
  const ft::StandardScaler<float> scaler;
  const ft::Table table = moons().drop("user");
  std::vector<std::size_t> sizes;
  const auto balanced = [&](const ft::Table& train) {
    sizes.push_back(train.rows());
    return train.take(ft::over_sample(train.column("label").numbers(), {.seed = 1}));
  };
  const ft::CrossValidation result = ft::cross_validate(scaler, network, table, "label", ft::KFold({.n_splits = 3}),
                                                        options, ft::CrossValidateOptions{.resample = balanced});
  CHECK(sizes == std::vector<std::size_t>{200, 200, 200});
  CHECK(result.predictions.size() == 300);
  ft::FitOptions<float> weighted = options;
  weighted.sample_weight.assign(300, 1.0f);
  CHECK_THROWS_AS(ft::cross_validate(scaler, network, table, "label", ft::KFold(), weighted,
                                     ft::CrossValidateOptions{.resample = balanced}),
                  ft::ConfigError);
  weighted.sample_weight.pop_back();
  CHECK_THROWS_AS(ft::cross_validate(scaler, network, table, "label", ft::KFold(), weighted), ft::ShapeError);
  weighted.sample_weight.clear();
  weighted.resume_from = "one.safetensors";
  CHECK_THROWS_AS(ft::cross_validate(scaler, network, table, "label", ft::KFold(), weighted), ft::ConfigError);
  CHECK_THROWS_AS(ft::learning_curve(scaler, network, table, "label", ft::KFold(), "auc", weighted), ft::ConfigError);
  CHECK_THROWS_WITH_AS(ft::cross_validate(scaler, network, moons().drop("label"), "user", ft::KFold(), options),
                       doctest::Contains("received the text \"u0\""), ft::DataError);
}

TEST_CASE("learning_curve: more rows, better scores") {
  const ft::Table curve = ft::learning_curve(ft::StandardScaler<float>(), network, moons().drop("user"), "label",
                                             ft::KFold({.n_splits = 3}), "auc", options, {0.05, 1.0});
  REQUIRE(curve.rows() == 6);
  CHECK(curve.names() == std::vector<std::string>{"rows", "fold", "train_auc", "test_auc"});
  CHECK(curve.column("rows").number(0) == 10);
  CHECK(curve.column("rows").number(5) == 200);
  double small = 0, large = 0;
  for (std::size_t f = 0; f < 3; ++f)
    small += curve.column("test_auc").number(f), large += curve.column("test_auc").number(3 + f);
  CHECK(large > small);
  CHECK_THROWS_AS(ft::learning_curve(ft::StandardScaler<float>(), network, moons().drop("user"), "label", ft::KFold(),
                                     "auc", options, {0.0}),
                  ft::ConfigError);
}

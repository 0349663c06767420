// SPDX-License-Identifier: BSD-3-Clause
// More splitters, calibrators and thresholds; beside scikit-learn (tests/goldens/choosing.json).
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <foretell/core/random.hpp>
#include <foretell/model_selection/calibrators.hpp>
#include <foretell/model_selection/leakage_report.hpp>
#include <foretell/model_selection/more_splitters.hpp>
#include <foretell/model_selection/search.hpp>
#include <foretell/model_selection/threshold.hpp>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

using namespace foretell;
using nlohmann::json;

namespace {

const json& goldens() {
  static const json all = [] {
    std::ifstream file(FORETELL_GOLDENS "/choosing.json");
    REQUIRE(file);
    return json::parse(file);
  }();
  return all;
}

}  // namespace

TEST_CASE("GroupKFold, StratifiedGroupKFold, TimeSeriesSplit: the rows of scikit-learn") {
  const auto labels = goldens()["labels"].get<std::vector<double>>(),
             groups = goldens()["groups"].get<std::vector<double>>();
  for (const json& split : goldens()["splits"]) {
    const json& o = split["options"];
    const std::string described = split["kind"].get<std::string>() + o.dump();
    CAPTURE(described);
    std::vector<IndexSplit> folds;
    if (split["kind"] == "time")
      folds = TimeSeriesSplit({.n_splits = o.value("n_splits", std::size_t{5}),
                               .max_train_size = o.value("max_train_size", std::size_t{0}),
                               .test_size = o.value("test_size", std::size_t{0}),
                               .gap = o.value("gap", std::size_t{0})})
                  .split(labels.size());
    else if (split["kind"] == "group")
      folds = GroupKFold({.n_splits = o["n_splits"]}).split(labels, groups);
    else
      folds = StratifiedGroupKFold({.n_splits = o["n_splits"], .shuffle = false}).split(labels, groups);
    REQUIRE(folds.size() == split["folds"].size());
    for (std::size_t f = 0; f < folds.size(); ++f) {
      CHECK(folds[f].train == split["folds"][f][0].get<std::vector<std::size_t>>());
      CHECK(folds[f].test == split["folds"][f][1].get<std::vector<std::size_t>>());
    }
  }
  for (const auto& fold : StratifiedGroupKFold({.n_splits = 3, .seed = 5}).split(labels, groups)) {
    std::set<double> test;
    for (const std::size_t row : fold.test) test.insert(groups[row]);
    for (const std::size_t row : fold.train) CHECK(test.count(groups[row]) == 0);
  }
  CHECK_THROWS_AS(GroupKFold({.n_splits = 15}).split(labels, groups), DataError);
  CHECK_THROWS_AS(GroupKFold({.n_splits = 2}).split(labels, std::vector<double>(3)), ShapeError);
  CHECK_THROWS_AS(StratifiedGroupKFold({.n_splits = 1}).split(labels, groups), ConfigError);
  CHECK_THROWS_AS(TimeSeriesSplit({.n_splits = 5, .test_size = 12}).split(60), DataError);
  CHECK(TimeSeriesSplit({.n_splits = 5, .test_size = 11}).split(56).front().train.size() == 1);
  CHECK_THROWS_AS(TimeSeriesSplit({.n_splits = 5, .test_size = 11}).split(55), DataError);
  CHECK_THROWS_AS(TimeSeriesSplit({.n_splits = 2, .test_size = std::size_t{1} << 63}).split(60), DataError);
  CHECK_THROWS_AS(TimeSeriesSplit({.n_splits = 2, .gap = std::size_t(-1)}).split(60), DataError);
}

TEST_CASE("StratifiedGroupKFold: no fold trains without a class, tests on nothing or splits a group") {
  std::size_t made = 0, refused = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Random random(seed);
    const std::size_t rows = 6 + random.below(0, 25), folds = 2 + random.below(1, 3);
    std::vector<double> label(rows), group(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      group[i] = static_cast<double>(random.below(100 + i, folds + 4));
      label[i] = static_cast<double>(random.below(200 + i, 3) * (random.below(2, 2) == 0 || group[i] < 2));
    }
    std::map<double, std::set<double>> groups_of;
    for (std::size_t i = 0; i < rows; ++i) groups_of[label[i]].insert(group[i]);
    const bool alone = groups_of.size() > 1 && std::any_of(groups_of.begin(), groups_of.end(),
                                                           [](const auto& entry) { return entry.second.size() == 1; });
    if (std::set<double>(group.begin(), group.end()).size() < folds) continue;
    try {
      for (const auto& fold : StratifiedGroupKFold({.n_splits = folds, .seed = seed}).split(label, group)) {
        CHECK(!fold.test.empty());
        std::set<double> trained;
        for (const std::size_t row : fold.train) {
          trained.insert(label[row]);
          for (const std::size_t other : fold.test) CHECK(group[row] != group[other]);
        }
        CHECK(trained.size() == groups_of.size());
      }
      CHECK(!alone);
      ++made;
    } catch (const DataError& error) {
      CHECK(std::string(error.what()).find("would train without it; lower n_splits") != std::string::npos);
      ++refused;
    }
  }
  CHECK(made > 50);
  CHECK(refused > 20);
}

TEST_CASE("Repeated and shuffled splits: their parts, and the same seed the same rows") {
  std::vector<double> labels(50);
  for (std::size_t i = 0; i < 10; ++i) labels[i] = 1;
  const auto repeated = RepeatedStratifiedKFold({.n_splits = 5, .n_repeats = 3, .seed = 1}).split(labels);
  REQUIRE(repeated.size() == 15);
  for (const auto& fold : repeated)
    CHECK(std::count_if(fold.test.begin(), fold.test.end(), [&](std::size_t row) { return labels[row] == 1; }) == 2);
  CHECK(repeated[0].test != repeated[5].test);
  CHECK(repeated[7].test == RepeatedStratifiedKFold({.n_splits = 5, .n_repeats = 3, .seed = 1}).split(labels)[7].test);
  CHECK(RepeatedKFold({.n_splits = 2, .n_repeats = 4}).split(labels).size() == 8);
  const auto shuffled = ShuffleSplit({.n_splits = 4, .test_size = 0.2, .seed = 3}).split(50);
  REQUIRE(shuffled.size() == 4);
  for (const auto& fold : shuffled) CHECK(fold.test.size() == 10);
  CHECK(shuffled[0].test != shuffled[1].test);
  for (const auto& fold : StratifiedShuffleSplit({.n_splits = 4, .test_size = 0.2}).split(labels))
    CHECK(std::count_if(fold.test.begin(), fold.test.end(), [&](std::size_t row) { return labels[row] == 1; }) == 2);
  CHECK_THROWS_AS(ShuffleSplit({.n_splits = 0}).split(5), ConfigError);
  CHECK_THROWS_AS(RepeatedKFold({.n_repeats = 0}).split(labels), ConfigError);
}

TEST_CASE("Calibrators: scikit-learn's curves; a temperature found again") {
  const auto scores = goldens()["scores"].get<std::vector<double>>(),
             truth = goldens()["truth"].get<std::vector<double>>(),
             points = goldens()["points"].get<std::vector<double>>();
  IsotonicCalibrator isotonic;
  CHECK_THROWS_AS(isotonic(0.5), StateError);
  const auto steps = isotonic.fit(scores, truth).transform(points);
  const auto curve = PlattCalibrator().fit(scores, truth).transform(points);
  for (std::size_t i = 0; i < points.size(); ++i) {
    CHECK(steps[i] == doctest::Approx(goldens()["isotonic"][i].get<double>()).epsilon(1e-9));
    CHECK(curve[i] == doctest::Approx(goldens()["sigmoid"][i].get<double>()).epsilon(1e-5));
  }
  const Random random(1);
  std::vector<double> logits, labels;
  for (std::size_t i = 0; i < 20000; ++i) {
    const double z = 2 * random.normal(2 * i);
    labels.push_back(random.uniform(2 * i + 1) < 1 / (1 + std::exp(-z)));
    logits.push_back(3 * z);
  }
  const double one = TemperatureScaling().fit(logits, labels).temperature();
  CHECK(one == doctest::Approx(3).epsilon(0.05));
  std::vector<double> two(2 * logits.size());  // the same as two classes
  for (std::size_t i = 0; i < logits.size(); ++i) two[2 * i + 1] = logits[i];
  CHECK(TemperatureScaling().fit(Array<double>(two.data(), {logits.size(), 2}), labels).temperature() ==
        doctest::Approx(one).epsilon(1e-6));
  CHECK_THROWS_AS(PlattCalibrator().fit(scores, std::vector<double>(3)), ShapeError);
  CHECK_THROWS_AS(IsotonicCalibrator().fit(std::vector<double>{0.5}, std::vector<double>{2}), DataError);
  CHECK_THROWS_AS(TemperatureScaling().fit(std::vector<double>{0.5}, std::vector<double>{2}), DataError);
}

TEST_CASE("Calibrators: asked before fit, one class, scores far out, NaN") {
  const std::vector<double> some{0.5}, ramp{1, 2, 3, 4, 5, 6}, mixed{0, 0, 1, 0, 1, 1}, ones(6, 1), nan{std::nan("")};
  CHECK_THROWS_WITH_AS((void)PlattCalibrator()(0.5), "PlattCalibrator: expected fit before transform", StateError);
  CHECK_THROWS_AS((void)PlattCalibrator().transform(some), StateError);
  CHECK_THROWS_AS((void)IsotonicCalibrator().transform(std::vector<double>{}), StateError);
  CHECK_THROWS_WITH_AS((void)TemperatureScaling().transform(some), "TemperatureScaling: expected fit before transform",
                       StateError);
  CHECK_THROWS_WITH_AS(PlattCalibrator().fit(ramp, ones),
                       "PlattCalibrator: expected rows of both classes, received 6 of 1 alone; use more rows, or a "
                       "stratified split",
                       DataError);
  CHECK_THROWS_AS(IsotonicCalibrator().fit(ramp, std::vector<double>(6)), DataError);
  CHECK_THROWS_AS(TemperatureScaling().fit(std::vector<double>(6), mixed), DataError);
  PlattCalibrator near, far;
  IsotonicCalibrator steps;
  near.fit(ramp, mixed);
  steps.fit(ramp, mixed);
  std::vector<double> moved;
  for (const double x : ramp) moved.push_back(1e9 + 1e-3 * x);
  far.fit(moved, mixed);
  for (std::size_t i = 0; i < 6; ++i) CHECK(far(moved[i]) == doctest::Approx(near(ramp[i])).epsilon(1e-5));
  CHECK(std::isnan(near(nan[0])));
  CHECK(std::isnan(steps(nan[0])));
  std::vector<double> huge;
  for (const double x : ramp) huge.push_back(1e6 * (x - 3.5));
  std::vector<double> small;
  for (const double x : ramp) small.push_back(x - 3.5);
  TemperatureScaling one, other;
  one.fit(small, mixed);
  other.fit(huge, mixed);
  CHECK(other.temperature() == doctest::Approx(1e6 * one.temperature()));
  CHECK_THROWS_AS((void)Threshold()(nan[0]), DataError);
  CHECK_THROWS_AS(threshold_for_fbeta(std::vector<double>(6), ramp), DataError);
  CHECK_THROWS_AS(threshold_for_fbeta(mixed, ramp, HUGE_VAL), ConfigError);
  CHECK_THROWS_AS(threshold_for_precision(mixed, ramp, std::nan("")), ConfigError);
  CHECK_THROWS_AS(threshold_for_cost(mixed, ramp, HUGE_VAL, 1), ConfigError);
  CHECK_THROWS_AS(threshold_for_cost(mixed, nan, 1, 1), ShapeError);
}

TEST_CASE("Thresholds: the best of all, looked for one by one") {
  const Random random(4);
  std::vector<double> scores, labels;
  for (std::size_t i = 0; i < 200; ++i) {
    labels.push_back(random.uniform(2 * i) < 0.3);
    scores.push_back(std::round((random.uniform(2 * i + 1) + 0.4 * labels.back()) * 20) / 20);  // with ties
  }
  const auto at = [&](double threshold) {
    Threshold t;
    for (std::size_t i = 0; i < scores.size(); ++i)
      ++(scores[i] >= threshold ? (labels[i] == 1 ? t.true_positives : t.false_positives)
         : labels[i] == 1       ? t.false_negatives
                                : t.true_negatives);
    return t;
  };
  double f2 = 0, cost = 1e9, recall = 0, precision = 0;
  for (double threshold = 0; threshold < 1.5; threshold += 0.05) {
    const Threshold t = at(std::round(threshold * 20) / 20);
    f2 = std::max(f2, 5 * t.true_positives / (5 * t.true_positives + 4 * t.false_negatives + t.false_positives));
    cost = std::min(cost, t.false_positives + 7 * t.false_negatives);
    if (t.precision() >= 0.6) recall = std::max(recall, t.recall());
    if (t.recall() >= 0.8) precision = std::max(precision, t.precision());
  }
  CHECK(threshold_for_fbeta(labels, scores, 2).value == doctest::Approx(f2));
  CHECK(threshold_for_cost(labels, scores, 1, 7).value == doctest::Approx(cost));
  CHECK(threshold_for_precision(labels, scores, 0.6).value == doctest::Approx(recall));
  CHECK(threshold_for_recall(labels, scores, 0.8).value == doctest::Approx(precision));
  const Threshold best = threshold_for_fbeta(labels, scores);
  CHECK(at(best.threshold).true_positives == best.true_positives);
  CHECK(at(best.threshold).false_positives == best.false_positives);
  CHECK(std::isinf(threshold_for_cost(labels, scores, 1000, 0).threshold));
  CHECK_THROWS_AS(threshold_for_precision(std::vector<double>{0, 1}, std::vector<double>{0.9, 0.1}, 0.9), DataError);
  CHECK_THROWS_AS(threshold_for_fbeta(labels, scores, 0), ConfigError);
  CHECK_THROWS_AS(threshold_for_recall(labels, scores, 2), ConfigError);
  CHECK_THROWS_AS(threshold_for_cost(labels, std::vector<double>{1}, 1, 1), ShapeError);
}

TEST_CASE("Searches: which trials, the best, failures, the same at any number of threads, a journal to go on from") {
  const ParameterSpace grid{{"units", {16, 32}}, {"activation", {"relu", "tanh", "gelu"}}};
  const Score score = [](const Parameters& p, double budget) {
    if (p.text("activation") == "gelu" && p.number("units") == 16) throw DataError("not this one");
    return p.number("units") + (p.text("activation") == "tanh") + 0.1 * budget;
  };
  const SearchResult all = grid_search(grid, score);
  REQUIRE(all.trials.size() == 6);
  CHECK(all.trials[1].parameters.to_string() == "units=16 activation=tanh");
  CHECK(all.trials[2].error == "not this one");
  CHECK(all.best().parameters.to_string() == "units=32 activation=tanh");
  CHECK(grid_search(grid, score, {.maximize = false}).best().parameters.to_string() == "units=16 activation=relu");
  CHECK(all.table().column("score").missing(2));
  CHECK(all.table().column("error").text(2) == "not this one");
  for (const double odd : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const Score sometimes = [&](const Parameters& p, double) { return p.number("units") == 16 ? 3 : odd; };
    const SearchResult some = grid_search({{"units", {8, 16}}}, sometimes);
    CHECK(some.best().parameters.number("units") == 16);
    CHECK(some.trials[0].error == text("expected a finite score, received ", odd));
    CHECK_THROWS_AS((void)grid_search({{"units", {8}}}, sometimes).best(), StateError);
  }

  const ParameterSpace ranges{{"rate", ParameterRange::log_uniform(1e-4, 1)},
                              {"units", ParameterRange::integers(3, 5)},
                              {"share", ParameterRange::uniform(-1, 1)}};
  const Score valley = [](const Parameters& p, double budget) {
    return std::pow(std::log10(p.number("rate")) + 2, 2) + 1 / budget;
  };
  const SearchResult drawn = random_search(ranges, valley, 60, {.maximize = false, .seed = 2});
  std::set<double> units;
  std::size_t small = 0;
  for (const Trial& trial : drawn.trials) {
    units.insert(trial.parameters.number("units"));
    small += trial.parameters.number("rate") < 1e-2;
    CHECK(std::abs(trial.parameters.number("share")) <= 1);
  }
  CHECK(units == std::set<double>{3, 4, 5});
  CHECK(small > 18);
  CHECK(small < 42);
  CHECK(std::abs(std::log10(drawn.best().parameters.number("rate")) + 2) < 0.2);
  const SearchResult more_threads = random_search(ranges, valley, 60, {.maximize = false, .threads = 3, .seed = 2});
  for (std::size_t i = 0; i < 60; ++i) CHECK(more_threads.trials[i].parameters == drawn.trials[i].parameters);

  const SearchResult halved = successive_halving(ranges, valley, {.count = 27, .max_budget = 27}, {.maximize = false});
  REQUIRE(halved.trials.size() == 27 + 9 + 3 + 1);
  CHECK(halved.trials.back().budget == 27);
  double least = 1e9;
  for (std::size_t i = 0; i < 27; ++i) least = std::min(least, halved.trials[i].score - 1);
  CHECK(halved.best().score == doctest::Approx(least + 1.0 / 27));
  const SearchResult bands = hyperband(ranges, valley, {.max_budget = 9}, {.maximize = false});
  CHECK(bands.trials.size() == (9 + 3 + 1) + (5 + 1) + 3);
  CHECK(bands.best().budget == 9);

  const auto journal = (std::filesystem::temp_directory_path() / "foretell_search_test.csv").string();
  std::filesystem::remove(journal);
  std::size_t calls = 0;
  const Score counted = [&](const Parameters& p, double budget) {
    if (++calls == 20) throw std::runtime_error("killed, with a \"comma\", or so");
    return valley(p, budget);
  };
  (void)random_search(ranges, counted, 30, {.maximize = false, .journal = journal});
  CHECK(calls == 30);
  const SearchResult again = random_search(ranges, counted, 40, {.maximize = false, .journal = journal});
  CHECK(calls == 41);  // the one that failed, and ten new ones
  for (const Trial& trial : again.trials) CHECK(trial.score == valley(trial.parameters, 1));
  std::filesystem::remove(journal);

  CHECK_THROWS_AS(grid_search(ranges, valley), ConfigError);
  CHECK_THROWS_AS(grid_search({}, valley), ConfigError);
  CHECK_THROWS_AS(random_search({{"score", {1}}}, valley, 1), ConfigError);
  CHECK_THROWS_AS(successive_halving(ranges, valley, {.factor = 1}), ConfigError);
  CHECK_THROWS_AS(ParameterRange::log_uniform(0, 1), ConfigError);
  CHECK_THROWS_AS(all.trials[0].parameters.number("rate"), ConfigError);
  CHECK_THROWS_WITH_AS(grid_search({{"rate", {1}}}, [](const Parameters& p, double) { return p.number("x"); }).best(),
                       doctest::Contains("the first said"), StateError);
}

TEST_CASE(
    "leakage_report: columns too good to be true, identifiers, rows on both sides; honest columns are not named") {
  const Random random(6);
  std::vector<double> y, honest, echo, filled, constant(400, 3), id;
  std::vector<std::string> code, colour;
  std::vector<std::int32_t> codes;
  for (std::size_t i = 0; i < 400; ++i) {
    y.push_back(random.uniform(4 * i) < 0.3);
    honest.push_back(random.normal(4 * i + 1) + y.back());
    echo.push_back(y.back() * 5 + random.uniform(4 * i + 2));
    filled.push_back(y.back() == 1 ? random.uniform(4 * i + 3) : std::nan(""));
    id.push_back(static_cast<double>(i));
    code.push_back(y.back() == 1 ? text("p", i % 3) : text("n", i % 4));
    colour.push_back(text("c", i % 5));
  }
  const Table table{{"y", y},   {"honest", honest}, {"echo", echo},    {"filled", filled}, {"constant", constant},
                    {"id", id}, {"code", code},     {"colour", colour}};
  std::vector<std::size_t> early, late;
  for (std::size_t i = 0; i < 400; ++i) (i < 300 ? early : late).push_back(i);
  late.push_back(7);
  const LeakageReport report = leakage_report(table.take(early), table.take(late), "y");
  for (const char* name : {"echo", "filled", "constant", "id", "code"}) {
    CAPTURE(name);
    CHECK(report.names(name));
  }
  CHECK(!report.names("honest"));
  CHECK(!report.names("colour"));
  CHECK(report.to_string().find("1 of 101 test rows are training rows too") != std::string::npos);
  CHECK(report.table().rows() == report.leaks.size());
  const LeakageReport clean = leakage_report(table.select({"y", "honest", "colour"}).take(early), Table(), "y");
  CHECK(clean.empty());
  CHECK(clean.to_string() == "No leak found.\n");
  std::vector<double> amount, twice;
  for (std::size_t i = 0; i < 400; ++i) amount.push_back(random.normal(9 * i)), twice.push_back(2 * amount.back());
  CHECK(leakage_report(Table{{"y", amount}, {"twice", twice}}, Table(), "y").names("twice"));
  CHECK_THROWS_AS(leakage_report(table, Table(), "colour"), DataError);
  CHECK_THROWS_AS(leakage_report(table, Table(), "z"), DataError);
  CHECK_THROWS_WITH_AS(leakage_report(table, Table(), "constant"),
                       "leakage_report: expected a target of two values or more, received 1, which says nothing about "
                       "any column",
                       DataError);
  std::vector<double> far = twice;
  for (double& v : far) v *= 1e300;
  far[3] = HUGE_VAL;
  CHECK(leakage_report(Table{{"y", amount}, {"far", far}}, Table(), "y").names("far"));
}

TEST_CASE("Parameters and ranges: a count is a whole number; TemperatureScaling: logits that tell classes apart") {
  Parameters p;
  p.set("units", 16.0);
  p.set("share", 16.5);
  p.set("below", -1.0);
  CHECK(p.count("units") == 16);
  CHECK_THROWS_AS(p.count("share"), ConfigError);
  CHECK_THROWS_AS(p.count("below"), ConfigError);
  CHECK_THROWS_AS(ParameterRange::integers(0.5, 3), ConfigError);
  CHECK_THROWS_AS(ParameterRange::integers(0, 1e300), ConfigError);
  CHECK_NOTHROW(ParameterRange::integers(-3, 3));
  CHECK_THROWS_AS(TemperatureScaling().fit(Array<double>({1, 1, 2, 2}, {2, 2}), std::vector<double>{0, 1}), DataError);
  CHECK_NOTHROW(TemperatureScaling().fit(Array<double>({1, 1, 2, 1}, {2, 2}), std::vector<double>{0, 1}));
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/metrics/report.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace foretell;
using Numbers = std::vector<double>;

namespace {
const Numbers truth{0, 1, 1, 0, 1, 0, 0, 1}, p{0.1, 0.9, 0.4, 0.6, 0.55, 0.2, 0.3, 0.8};
const Numbers ids{0, 1, 2, 0};
const Array<double> p3({0.7, 0.2, 0.1, 0.1, 0.6, 0.3, 0.2, 0.5, 0.3, 0.4, 0.3, 0.3}, {4, 3});
}  // namespace

TEST_CASE("classification_report: its numbers are those of the scores") {
  const Numbers guess{0, 1, 0, 1, 1, 0, 0, 1};
  const ClassificationReport r = classification_report(truth, p, {.threshold = 0.5});
  CHECK(r.accuracy == accuracy_score(truth, guess));
  CHECK(r.precision == precision_score(truth, guess));
  CHECK(r.recall == recall_score(truth, guess));
  CHECK(r.f1 == f1_score(truth, guess));
  CHECK(r.auc == roc_auc_score(truth, p));
  CHECK(r.average_precision == average_precision_score(truth, p));
  CHECK(r.log_loss == log_loss(truth, p));
  CHECK(r.brier == brier_score_loss(truth, p));
  CHECK(r.calibration_error == expected_calibration_error(truth, p));
  CHECK(std::vector<double>(r.confusion.begin(), r.confusion.end()) == Numbers{3, 1, 1, 3});
  CHECK(r.classes.size() == 2);
  CHECK(r.classes[0].precision == precision_score(truth, guess, {.positive = 0}));
  CHECK(r.macro_average.f1 == f1_score(truth, guess, {.average = AverageMode::macro}));
  CHECK(r.weighted_average.recall == recall_score(truth, guess, {.average = AverageMode::weighted}));
  CHECK(r.rows == 8);
  CHECK(classification_report(truth, p, {.threshold = 0.7}).recall == 0.5);
  CHECK(classification_report(truth, p, {.threshold = 0.8}).recall == 0.25);  // a probability on the threshold says no
}

TEST_CASE("classification_report: sample weights count everywhere") {
  const Numbers w{1, 2, 0.5, 1, 3, 1, 0, 1}, guess{0, 1, 0, 1, 1, 0, 0, 1};
  const ClassificationReport r = classification_report(truth, p, {.sample_weight = w});
  CHECK(r.f1 == doctest::Approx(f1_score(truth, guess, {.sample_weight = w})));
  CHECK(r.auc == doctest::Approx(roc_auc_score(truth, p, {.sample_weight = w})));
  CHECK(r.log_loss == doctest::Approx(log_loss(truth, p, {.sample_weight = w})));
  CHECK(r.calibration_error == doctest::Approx(expected_calibration_error(truth, p, {.sample_weight = w})));
  CHECK(r.rows == 9.5);
}

TEST_CASE("classification_report: several classes, as ids or one-hot") {
  const Numbers guess{0, 1, 1, 0};
  const ClassificationReport r = classification_report(ids, p3);
  CHECK(r.accuracy == 0.75);
  CHECK(r.f1 == doctest::Approx(f1_score(ids, guess, {.average = AverageMode::macro})));
  CHECK(r.auc == roc_auc_score(ids, p3));
  CHECK(r.brier == brier_score_loss(ids, p3));
  CHECK(r.calibration_error == expected_calibration_error(ids, p3));
  CHECK_FALSE(r.threshold);
  const ClassificationReport same =
      classification_report(Array<double>({1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0}, {4, 3}), p3);
  CHECK(same.to_string() == r.to_string());
}

TEST_CASE("classification_report: two columns count as the second one") {
  Numbers both;
  for (const double x : p) both.insert(both.end(), {1 - x, x});
  CHECK(classification_report(truth, Array<double>(both, {8, 2})).to_string() ==
        classification_report(truth, p).to_string());
}

TEST_CASE("classification_report: one class in the truth leaves the areas undefined, the rest stands") {
  const ClassificationReport r = classification_report(Numbers{0, 0}, Numbers{0.25, 0.5}, {.threshold = 0.4});
  CHECK(std::isnan(r.auc));
  CHECK(std::isnan(r.average_precision));
  CHECK(r.accuracy == 0.5);
  CHECK(r.to_string().find("AUC                undefined") != std::string::npos);
}

TEST_CASE("classification_report: labels of any name") {
  const ClassificationReport r = classification_report(Numbers{1, 2, 2, 1, 2, 1, 1, 2}, p, {.positive = 2});
  CHECK(r.auc == roc_auc_score(truth, p));
  CHECK(r.confusion.labels() == Numbers{1, 2});
  CHECK(r.classes[1].name == "2");
  CHECK(r.classes[1].support == 4);
  const ClassificationReport signs = classification_report(Numbers{-1, 1, 1, -1, 1, -1, -1, 1}, p);
  CHECK(signs.f1 == classification_report(truth, p).f1);
  CHECK(signs.classes[0].name == "-1");
}

TEST_CASE("classification_report: prints aligned tables") {
  CHECK(classification_report(truth, p, {.target_names = {"stays", "leaves"}, .n_bins = 2}).to_string() ==
        "              precision  recall  f1-score  support\n"
        "       stays     0.7500  0.7500    0.7500        4\n"
        "      leaves     0.7500  0.7500    0.7500        4\n"
        "\n"
        "    accuracy                       0.7500        8\n"
        "   macro avg     0.7500  0.7500    0.7500        8\n"
        "weighted avg     0.7500  0.7500    0.7500        8\n"
        "\n"
        "Confusion matrix at threshold 0.5\n"
        "truth \\ predicted  stays  leaves\n"
        "            stays      3       1\n"
        "           leaves      1       3\n"
        "\n"
        "AUC                0.8750\n"
        "PR-AUC             0.8875\n"
        "F1                 0.7500\n"
        "log loss           0.4305\n"
        "Brier score        0.1391\n"
        "calibration error  0.0188\n"
        "\n"
        "Calibration\n"
        "probability  predicted  observed  count\n"
        "0.00 - 0.50     0.2500    0.2500      4\n"
        "0.50 - 1.00     0.7125    0.7500      4\n");
}

TEST_CASE("classification_report: wrong arguments are refused") {
  CHECK_THROWS_AS(classification_report(truth, Numbers{0.5}), ShapeError);
  CHECK_THROWS_AS(classification_report(Numbers{0, 2}, Numbers{0.5, 0.5}), DataError);
  CHECK_THROWS_AS(classification_report(Numbers{0, 1}, Numbers{0.5, 1.5}), DataError);
  CHECK_THROWS_AS(classification_report(Numbers{0, 1}, Numbers{0.5, std::nan("")}), DataError);
  CHECK_THROWS_AS(classification_report(Numbers{}, Numbers{}), DataError);
  CHECK_THROWS_AS(classification_report(truth, p, {.target_names = {"only"}}), ConfigError);
  CHECK_THROWS_AS(classification_report(truth, p, {.n_bins = 0}), ConfigError);
}

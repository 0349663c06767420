// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/metrics/classification.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace foretell;
using Ints = std::vector<int>;

namespace {
const Ints truth{0, 1, 1, 0, 1, 1, 0, 1},
    guess{0, 1, 0, 1, 1, 1, 0, 0};  // 3 hits, 1 false alarm, 2 misses, 2 right refusals
const Ints truth3{0, 1, 2, 0, 1, 2, 2}, guess3{0, 2, 2, 0, 1, 1, 2};
}  // namespace

TEST_CASE("Classification scores: two classes by hand") {
  CHECK(accuracy_score(truth, guess) == doctest::Approx(5.0 / 8));
  CHECK(accuracy_score(truth, guess, {.normalize = false}) == 5);
  CHECK(precision_score(truth, guess) == doctest::Approx(3.0 / 4));
  CHECK(recall_score(truth, guess) == doctest::Approx(3.0 / 5));
  CHECK(f1_score(truth, guess) == doctest::Approx(6.0 / 9));
  CHECK(precision_score(truth, guess, {.positive = 0}) == doctest::Approx(2.0 / 4));
  CHECK(balanced_accuracy_score(truth, guess) == doctest::Approx((3.0 / 5 + 2.0 / 3) / 2));
  CHECK(balanced_accuracy_score(truth, guess, {.adjusted = true}) == doctest::Approx(3.0 / 5 + 2.0 / 3 - 1));
  CHECK(matthews_corrcoef(truth, guess) == doctest::Approx((3.0 * 2 - 1 * 2) / std::sqrt(4.0 * 5 * 3 * 4)));
  CHECK(cohen_kappa_score(truth, guess) == doctest::Approx((5.0 / 8 - 0.5) / 0.5));
}

TEST_CASE("Classification scores: three classes and the averages") {
  CHECK(precision_score(truth3, guess3, {.average = AverageMode::macro}) == doctest::Approx((1 + 0.5 + 2.0 / 3) / 3));
  CHECK(precision_score(truth3, guess3, {.average = AverageMode::weighted}) ==
        doctest::Approx((2 * 1 + 2 * 0.5 + 3 * 2.0 / 3) / 7));
  CHECK(precision_score(truth3, guess3, {.average = AverageMode::micro}) == doctest::Approx(5.0 / 7));
  CHECK(recall_score(truth3, guess3, {.average = AverageMode::macro}) == doctest::Approx((1 + 0.5 + 2.0 / 3) / 3));
  CHECK(f1_score(truth3, guess3, {.average = AverageMode::micro}) == doctest::Approx(5.0 / 7));
  const ClassScores scores = precision_recall_fscore_support(truth3, guess3);
  CHECK(scores.labels == std::vector<double>{0, 1, 2});
  CHECK(scores.support == std::vector<double>{2, 2, 3});
  CHECK(scores.precision[1] == 0.5);
  CHECK(scores.f1[2] == doctest::Approx(2.0 / 3));
  CHECK(cohen_kappa_score(truth3, truth3) == 1);
  CHECK(cohen_kappa_score(truth3, guess3, {.weights = KappaWeights::squared}) ==
        doctest::Approx(1 - 2.0 / (2 * (2 + 12) + 2 * (2 + 3) + 3 * (8 + 2)) * 7));
  CHECK(matthews_corrcoef(truth3, truth3) == doctest::Approx(1));
}

TEST_CASE("Classification scores: a weight of two is a row given twice") {
  Ints t = truth3, g = guess3;
  std::vector<float> w(t.size(), 1.0f);
  w[1] = 2, w[5] = 0, w[2] = 3;
  for (const int again : {1, 2, 2})
    t.push_back(truth3[static_cast<std::size_t>(again)]), g.push_back(guess3[static_cast<std::size_t>(again)]);
  t.erase(t.begin() + 5), g.erase(g.begin() + 5);
  for (const AverageMode average : {AverageMode::macro, AverageMode::micro, AverageMode::weighted})
    CHECK(f1_score(t, g, {.average = average}) ==
          doctest::Approx(f1_score(truth3, guess3, {.average = average, .sample_weight = w})).epsilon(1e-14));
  CHECK(accuracy_score(t, g) == doctest::Approx(accuracy_score(truth3, guess3, {.sample_weight = w})).epsilon(1e-14));
  CHECK(matthews_corrcoef(t, g) ==
        doctest::Approx(matthews_corrcoef(truth3, guess3, {.sample_weight = w})).epsilon(1e-14));
  CHECK(cohen_kappa_score(t, g) ==
        doctest::Approx(cohen_kappa_score(truth3, guess3, {.sample_weight = w})).epsilon(1e-14));
  CHECK(balanced_accuracy_score(t, g) ==
        doctest::Approx(balanced_accuracy_score(truth3, guess3, {.sample_weight = w})).epsilon(1e-14));
}

TEST_CASE("Classification scores: (n) and (n, 1), of any type of number, are the same") {
  const Array<float> column(std::vector<float>(guess.begin(), guess.end()), {8, 1});
  CHECK(accuracy_score(truth, column) == accuracy_score(truth, guess));
  CHECK(f1_score(std::vector<bool>(truth.begin(), truth.end()), column) == f1_score(truth, guess));
}

TEST_CASE("Classification scores: nothing to divide by") {
  CHECK(precision_score(Ints{0, 1}, Ints{0, 0}) == 0);
  CHECK(precision_score(Ints{0, 1}, Ints{0, 0}, {.zero_division = 1}) == 1);
  CHECK(f1_score(Ints{0, 0}, Ints{0, 0}) == 0);
  CHECK(matthews_corrcoef(Ints{1, 1}, Ints{0, 1}) == 0);
  CHECK(std::isnan(cohen_kappa_score(Ints{1, 1}, Ints{1, 1})));
  CHECK(balanced_accuracy_score(Ints{1, 1}, Ints{0, 1}) == 0.5);
  CHECK(accuracy_score(Ints{3}, Ints{3}) == 1);
}

TEST_CASE("confusion_matrix: truth downwards, prediction across") {
  const ConfusionMatrix m = confusion_matrix(truth3, guess3);
  CHECK(m.labels() == std::vector<double>{0, 1, 2});
  CHECK(std::vector<double>(m.begin(), m.end()) == std::vector<double>{2, 0, 0, 0, 1, 1, 0, 1, 2});
  CHECK(m(1, 2) == 1);
  CHECK(as_array<double>(m).sizes() == std::vector<std::size_t>{3, 3});
  const ConfusionMatrix rows = confusion_matrix(truth3, guess3, {.normalize = Normalize::truth});
  CHECK(rows(2, 1) == doctest::Approx(1.0 / 3));
  const ConfusionMatrix some = confusion_matrix(truth3, guess3, {.labels = {2, 1}});
  CHECK(std::vector<double>(some.begin(), some.end()) == std::vector<double>{2, 1, 1, 1});
  CHECK(confusion_matrix(Ints{5}, Ints{5}).classes() == 1);
  CHECK_THROWS_WITH_AS((void)some(0, 2), "ConfusionMatrix: expected places below 2, received 0 and 2.", DataError);
  CHECK_THROWS_AS((void)some(2, 0), DataError);
  CHECK_THROWS_AS(confusion_matrix(truth3, guess3, {.labels = {7}}), DataError);
  CHECK(m.to_string({"no", "maybe", "yes"}) ==
        "truth \\ predicted  no  maybe  yes\n"
        "               no   2      0    0\n"
        "            maybe   0      1    1\n"
        "              yes   0      1    2\n");
}

TEST_CASE("Classification scores: wrong arguments are refused with a sentence") {
  CHECK_THROWS_AS(accuracy_score(Ints{0, 1}, Ints{0, 1, 1}), ShapeError);
  CHECK_THROWS_AS(accuracy_score(Ints{}, Ints{}), DataError);
  CHECK_THROWS_AS(accuracy_score(Ints{0, 1}, Array<double>({0, 1, 1, 0}, {2, 2})), ShapeError);
  CHECK_THROWS_AS(accuracy_score(std::vector<double>{0, std::nan("")}, Ints{0, 1}), DataError);
  CHECK_THROWS_AS(accuracy_score(Ints{0, 1}, Ints{0, 1}, {.sample_weight = {1}}), ShapeError);
  CHECK_THROWS_AS(accuracy_score(Ints{0, 1}, Ints{0, 1}, {.sample_weight = {1, -1}}), DataError);
  CHECK_THROWS_AS(accuracy_score(Ints{0, 1}, Ints{0, 1}, {.sample_weight = {0, 0}}), DataError);
  CHECK_THROWS_AS(f1_score(truth3, guess3), DataError);
  CHECK_THROWS_AS(f1_score(truth, guess, {.positive = 7}), DataError);
  try {
    accuracy_score(Ints{0, 1}, std::vector<float>{0, 0.75f});
    FAIL("no error");
  } catch (const DataError& error) {
    CHECK(std::string(error.what()) ==
          "accuracy_score: expected classes, which are whole numbers, received 0.75 in row 1 of the prediction, "
          "counted from 0; compare "
          "probabilities with a threshold first.");
  }
}

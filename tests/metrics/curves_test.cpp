// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/core/random.hpp>
#include <foretell/metrics/curves.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace foretell;
using Numbers = std::vector<double>;

namespace {

const Numbers truth{0, 0, 1, 1}, score{0.1, 0.4, 0.35, 0.8};

/// How likely a positive ranks above a negative, pair by pair.
double area_by_pairs(const Numbers& t, const Numbers& s, const Numbers& w) {
  double won = 0, all = 0;
  for (std::size_t i = 0; i < t.size(); ++i)
    for (std::size_t j = 0; j < t.size(); ++j)
      if (t[i] == 1 && t[j] == 0) all += w[i] * w[j], won += w[i] * w[j] * (s[i] > s[j] ? 1 : s[i] == s[j] ? 0.5 : 0);
  return won / all;
}

}  // namespace

TEST_CASE("roc_auc_score: agrees with the count of pairs, ties and weights included") {
  const Random random(11);
  for (const std::size_t rows : {2u, 3u, 17u, 100u}) {
    Numbers t(rows), s(rows), w(rows), ones(rows, 1.0);
    for (std::size_t i = 0; i < rows; ++i) {
      t[i] = i < 2 ? static_cast<double>(i) : random.uniform(3 * i) < 0.4 ? 1 : 0;
      s[i] = std::floor(6 * random.uniform(3 * i + 1)) + t[i];
      w[i] = i < 2 ? 1 : std::floor(4 * random.uniform(3 * i + 2));
    }
    CHECK(roc_auc_score(t, s) == doctest::Approx(area_by_pairs(t, s, ones)).epsilon(1e-13));
    CHECK(roc_auc_score(t, s, {.sample_weight = w}) == doctest::Approx(area_by_pairs(t, s, w)).epsilon(1e-13));
  }
}

TEST_CASE("roc_curve: starts at infinity, leaves out points on a line") {
  const RocCurve curve = roc_curve(truth, score);
  CHECK(curve.false_positive_rate == Numbers{0, 0, 0.5, 0.5, 1});
  CHECK(curve.true_positive_rate == Numbers{0, 0.5, 0.5, 1, 1});
  CHECK(curve.thresholds == Numbers{std::numeric_limits<double>::infinity(), 0.8, 0.4, 0.35, 0.1});
  const Numbers sorted{1, 1, 1, 0, 0, 0}, falling{6, 5, 4, 3, 2, 1};
  CHECK(roc_curve(sorted, falling).thresholds.size() == 4);
  CHECK(roc_curve(sorted, falling, {.drop_intermediate = false}).thresholds.size() == 7);
}

TEST_CASE("precision_recall_curve: ascending thresholds and a last point without one") {
  const PrecisionRecallCurve curve = precision_recall_curve(truth, score);
  CHECK(curve.thresholds == Numbers{0.1, 0.35, 0.4, 0.8});
  CHECK(curve.precision == Numbers{0.5, 2.0 / 3, 0.5, 1, 1});
  CHECK(curve.recall == Numbers{1, 1, 0.5, 0.5, 0});
  CHECK(average_precision_score(truth, score) == doctest::Approx(0.5 * 1 + 0.5 * 2 / 3));
  CHECK(average_precision_score(Numbers{1, 1}, Numbers{0.3, 0.2}) == 1);
}

TEST_CASE("roc_auc_score: several classes are averaged one against the rest") {
  const Array<double> p({0.8, 0.1, 0.1, 0.3, 0.4, 0.3, 0.2, 0.3, 0.5, 0.3, 0.3, 0.4, 0.4, 0.35, 0.25}, {5, 3});
  const Numbers ids{0, 1, 2, 0, 1};
  const Array<double> one_hot({1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0}, {5, 3});
  double macro = 0, weighted = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    Numbers t, s;
    for (std::size_t i = 0; i < 5; ++i)
      t.push_back(ids[i] == static_cast<double>(c) ? 1 : 0), s.push_back(p[3 * i + c]);
    macro += roc_auc_score(t, s) / 3;
    weighted += roc_auc_score(t, s) * (c == 2 ? 1 : 2) / 5;
  }
  CHECK(roc_auc_score(ids, p) == doctest::Approx(macro).epsilon(1e-14));
  CHECK(roc_auc_score(one_hot, p) == doctest::Approx(macro).epsilon(1e-14));
  CHECK(roc_auc_score(ids, p, {.average = AverageMode::weighted}) == doctest::Approx(weighted).epsilon(1e-14));
  CHECK(roc_auc_score(ids, p, {.average = AverageMode::micro}) ==
        doctest::Approx(roc_auc_score(Numbers(one_hot.begin(), one_hot.end()), Numbers(p.begin(), p.end())))
            .epsilon(1e-14));
  CHECK_THROWS_AS(roc_auc_score(ids, p, {.average = AverageMode::binary}), ConfigError);
  CHECK_THROWS_AS(roc_auc_score(Numbers{0, 1, 1, 0, 1}, p), DataError);
  CHECK_THROWS_AS(roc_auc_score(Numbers{0, 1, 3, 0, 1}, p), DataError);
}

TEST_CASE("roc_auc_score: two columns of probabilities count as the second") {
  const Array<float> p({0.9f, 0.1f, 0.6f, 0.4f, 0.65f, 0.35f, 0.2f, 0.8f}, {4, 2});
  CHECK(roc_auc_score(truth, p) == 0.75);
}

TEST_CASE("Curves: -1 and 1, and any two labels once the positive one is named") {
  CHECK(roc_auc_score(Numbers{-1, -1, 1, 1}, score) == 0.75);
  CHECK(roc_auc_score(Numbers{1, 1, 2, 2}, score, {.positive = 2}) == 0.75);
  CHECK(roc_auc_score(Numbers{1, 1, 2, 2}, score, {.positive = 1}) == 0.25);
  CHECK(average_precision_score(Numbers{7, 7, 2, 2}, score, {.positive = 2}) == average_precision_score(truth, score));
  CHECK_THROWS_AS(roc_auc_score(Numbers{1, 1, 2, 2}, score), DataError);
  CHECK_THROWS_AS(roc_auc_score(Numbers{-1, 0, 1, 1}, score), DataError);
  CHECK_THROWS_AS(roc_auc_score(Numbers{0, 0.5, 1, 1}, score), DataError);
}

TEST_CASE("Curves: wrong arguments are refused with a sentence") {
  CHECK_THROWS_AS(roc_auc_score(truth, Numbers{0.1, 0.2}), ShapeError);
  CHECK_THROWS_AS(roc_auc_score(truth, Numbers{0.1, std::nan(""), 0.3, 0.4}), DataError);
  CHECK_THROWS_AS(roc_auc_score(Numbers{}, Numbers{}), DataError);
  CHECK_THROWS_AS(roc_curve(Numbers{0, 0, 0, 0}, score), DataError);
  CHECK_THROWS_AS(precision_recall_curve(Numbers{0, 0, 0, 0}, score), DataError);
  CHECK_THROWS_AS(average_precision_score(Numbers{0, 0, 0, 0}, score), DataError);
  CHECK_THROWS_AS(roc_auc_score(truth, score, {.sample_weight = {1, 1, 0, 0}}), DataError);
  try {
    roc_auc_score(Numbers{1, 1, 1, 1}, score);
    FAIL("no error");
  } catch (const DataError& error) {
    CHECK(std::string(error.what()) ==
          "roc_auc_score: the truth has no negative rows, which leaves the score undefined; use more rows, or a "
          "stratified split.");
  }
}

// SPDX-License-Identifier: BSD-3-Clause
// What has no score, and what has another name: one class, left-out items, NaN, labels and probabilities that are none.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <foretell/core/random.hpp>
#include <foretell/metrics/catalog.hpp>
#include <foretell/metrics/metric.hpp>
#include <foretell/xt/tensor.hpp>
#include <limits>
#include <string>
#include <vector>

using namespace foretell;
using Numbers = std::vector<double>;

namespace {

constexpr double left_out = -std::numeric_limits<double>::infinity(), infinite = -left_out;
const double nan_ = std::nan("");

struct Rows {
  std::size_t rows;
  Shape shape;
  Numbers values;
  operator In<double>() const { return In<double>(values.data(), rows, shape); }
};

double once(Metric<double> metric, const Rows& truth, const Rows& prediction, const Numbers& weights = {}) {
  metric.update(truth, prediction, weights.empty() ? nullptr : weights.data());
  return metric.result();
}
double one_query(const Metric<double>& metric, const Numbers& gains, const Numbers& scores) {
  return once(metric, Rows{1, {gains.size()}, gains}, Rows{1, {scores.size()}, scores});
}

Array<double> table(const Numbers& values, std::size_t columns) {
  return Array<double>(Numbers(values), {values.size() / columns, columns});
}

/// The rank of each relevant item among the candidates, the best first: others of the same score stand before it, and
/// what is left out is not among them.
std::vector<std::size_t> ranks_of(const Numbers& gains, const Numbers& scores) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (scores[i] != left_out) order.push_back(i);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : gains[a] != gains[b] ? gains[a] < gains[b] : a < b;
  });
  std::vector<std::size_t> ranks;
  for (std::size_t place = 0; place < order.size(); ++place)
    if (gains[order[place]] > 0) ranks.push_back(place + 1);
  return ranks;
}

}  // namespace

TEST_CASE("Ranking: an item left out is found at no k") {
  const Rows truth{1, {1}, {0}}, scores{1, {3}, {left_out, 1, 2}};
  for (const std::size_t k : {1u, 2u, 3u, 10u}) {
    CHECK(once(HitRate({.k = k}), truth, scores) == 0);
    CHECK(once(RecallAtK({.k = k}), truth, scores) == 0);
    CHECK(once(PrecisionAtK({.k = k}), truth, scores) == 0);
    CHECK(once(MRR({.k = k}), truth, scores) == 0);
    CHECK(once(MAP({.k = k}), truth, scores) == 0);
    CHECK(once(NDCG({.k = k}), truth, scores) == 0);
  }
  CHECK(once(HitRate({.k = std::numeric_limits<std::size_t>::max()}), truth, scores) == 0);
  CHECK(one_query(RecallAtK({.k = 10}), {1, 1, 0}, {left_out, 1, 2}) == 0.5);
  CHECK(one_query(NDCG({.k = 10}), {3, 1, 0}, {left_out, 1, 2}) ==
        doctest::Approx(1 / std::log2(3) / (3 + 1 / std::log2(3))));
  CHECK(one_query(HitRate(), {1, 0}, {left_out, left_out}) == 0);
  CHECK(one_query(HitRate({.k = 2}), {1, 0}, {1, infinite}) == 1);  // +infinity is a score
  CHECK(one_query(CatalogCoverage({.k = 3}), {1, 0, 0}, {left_out, 1, 2}) == doctest::Approx(2.0 / 3));
  const std::vector<float> few{-std::numeric_limits<float>::infinity(), 1, 2};
  Metric<float> hit = HitRate({.k = 10});
  const float id = 0;
  hit.update(In<float>(&id, 1, {1}), In<float>(few.data(), 1, {3}));
  CHECK(hit.result() == 0);
}

TEST_CASE("Ranking: as counted by hand over candidates, with ties, items left out and any k") {
  const Random random(31);
  for (std::size_t trial = 0; trial < 400; ++trial) {
    const Random draw = random.stream(trial);
    const std::size_t items = 1 + draw.below(0, 9), k = 1 + draw.below(1, 12);
    Numbers gains(items), scores(items);
    double relevant = 0;
    for (std::size_t i = 0; i < items; ++i) {
      gains[i] = draw.uniform(10 + i) < 0.4 ? 1 + static_cast<double>(draw.below(50 + i, 3)) : 0;
      scores[i] = draw.uniform(100 + i) < 0.3 ? left_out : static_cast<double>(draw.below(150 + i, 4));
      relevant += gains[i] > 0;
    }
    if (relevant == 0) {
      CHECK(std::isnan(one_query(NDCG({.k = k}), gains, scores)));
      continue;
    }
    const std::vector<std::size_t> ranks = ranks_of(gains, scores);
    double hits = 0, map = 0;
    for (const std::size_t rank : ranks)
      if (rank <= k) map += ++hits / static_cast<double>(rank);
    CHECK(one_query(HitRate({.k = k}), gains, scores) == (hits > 0 ? 1 : 0));
    CHECK(one_query(RecallAtK({.k = k}), gains, scores) == doctest::Approx(hits / relevant));
    CHECK(one_query(PrecisionAtK({.k = k}), gains, scores) == doctest::Approx(hits / static_cast<double>(k)));
    CHECK(one_query(MRR({.k = k}), gains, scores) == doctest::Approx(hits > 0 ? 1 / static_cast<double>(ranks[0]) : 0));
    CHECK(one_query(MAP({.k = k}), gains, scores) == doctest::Approx(map / std::min(relevant, static_cast<double>(k))));
  }
}

TEST_CASE("Ranking: gains that are none, scores that are none, k of 0") {
  CHECK(std::isnan(one_query(NDCG(), {1, 0}, {nan_, 1})));
  CHECK(std::isnan(one_query(HitRate(), {0, 1}, {nan_, 1})));
  CHECK(std::isnan(one_query(CatalogCoverage(), {0, 1}, {nan_, 1})));
  CHECK_THROWS_WITH_AS(
      one_query(NDCG(), {-1, 0, 1}, {1, 2, 3}),
      "ranking: expected gains of 0 or more, received -1 for item 0; give what a user disliked the gain 0.", DataError);
  CHECK_THROWS_AS(one_query(NDCG(), {nan_, 1}, {1, 2}), DataError);
  CHECK_THROWS_AS(one_query(MRR(), {infinite, 1}, {1, 2}), DataError);
  CHECK_THROWS_AS(NDCG({.k = 0}), ConfigError);
  CHECK(std::isnan(one_query(NDCG(), {0, 0}, {1, 2})));
  CHECK(once(NDCG(), Rows{2, {3}, {0, 0, 0, 1, 0, 0}}, Rows{2, {3}, {1, 2, 3, 3, 2, 1}}) == 1);  // scikit-learn: 0.5
}

TEST_CASE("Metrics: NaN among the scores is NaN, never a share of right answers") {
  for (const Metric<double>& metric : std::vector<Metric<double>>{
           BinaryAccuracy(), Precision(), Recall(), F1Score(), F1Score({.average = AverageMode::macro}), AUC(),
           AUC({.curve = Curve::pr}), LogLoss(), BrierScore(), ExpectedCalibrationError(), MatthewsCorrelation(),
           CohenKappa(), BalancedAccuracy(), RootMeanSquaredError(), RootMeanSquaredLogError(), R2Score(),
           MeanAbsolutePercentageError(), SymmetricMeanAbsolutePercentageError()}) {
    CAPTURE(metric.name());
    Metric<double> seen = metric;
    seen.update(Rows{4, {1}, {0, 1, 1, 0}}, Rows{4, {1}, {0.2, nan_, 0.9, 0.4}});
    CHECK(std::isnan(seen.result()));
    Metric<double> merged = metric;
    merged.update(Rows{2, {1}, {0, 1}}, Rows{2, {1}, {0.2, 0.7}});
    merged.merge(seen);
    CHECK(std::isnan(merged.result()));
    seen.reset();
    seen.update(Rows{2, {1}, {0, 1}}, Rows{2, {1}, {0.25, 0.75}});
    CHECK_FALSE(std::isnan(seen.result()));
  }
  for (const Metric<double>& metric : std::vector<Metric<double>>{
           SparseCategoricalAccuracy(), SparseTopKCategoricalAccuracy({.k = 2}), LogLoss(), BrierScore(),
           ExpectedCalibrationError(), MatthewsCorrelation(), F1Score({.average = AverageMode::macro})})
    for (const std::size_t place : {0u, 1u, 2u, 5u}) {
      CAPTURE(metric.name());
      Numbers p{0.5, 0.25, 0.25, 0.25, 0.5, 0.25};
      p[place] = nan_;
      CHECK(std::isnan(once(metric, Rows{2, {1}, {0, 1}}, Rows{2, {3}, p})));
    }
  CHECK(std::isnan(once(CategoricalAccuracy(), Rows{1, {2}, {1, 0}}, Rows{1, {2}, {nan_, 0}})));
  CHECK(once(BinaryAccuracy(), Rows{2, {1}, {1, 0}}, Rows{2, {1}, {nan_, 0}}, {0, 1}) == 1);  // a row that counts 0
}

TEST_CASE("Metrics: truths, probabilities and weights that are none are said in a sentence") {
  for (const Metric<double>& metric : std::vector<Metric<double>>{BinaryAccuracy(), Precision(), AUC(),
                                                                  ExpectedCalibrationError(), MatthewsCorrelation()}) {
    CAPTURE(metric.name());
    CHECK_THROWS_AS(once(metric, Rows{2, {1}, {1, 2}}, Rows{2, {1}, {0.2, 0.9}}), DataError);
    CHECK_THROWS_AS(once(metric, Rows{2, {1}, {0, nan_}}, Rows{2, {1}, {0.2, 0.9}}), DataError);
    CHECK_NOTHROW(once(metric, Rows{2, {1}, {-1, 1}}, Rows{2, {1}, {0.2, 0.9}}));
  }
  CHECK_THROWS_WITH_AS(once(BinaryAccuracy(), Rows{1, {1}, {2}}, Rows{1, {1}, {0.9}}),
                       "metric \"binary_accuracy\": expected a truth of 0 and 1 (or -1 and 1), received 2; number the "
                       "classes first, see LabelEncoder.",
                       DataError);
  for (const Metric<double>& metric :
       std::vector<Metric<double>>{LogLoss(), BrierScore(), ExpectedCalibrationError()}) {
    CAPTURE(metric.name());
    for (const double p : {-0.5, 1.5, 7.0, infinite})
      CHECK_THROWS_AS(once(metric, Rows{1, {1}, {1}}, Rows{1, {1}, {p}}), DataError);
    CHECK_NOTHROW(once(metric, Rows{1, {1}, {1}}, Rows{1, {1}, {1 + 1e-7}}));  // a softmax of floats
    CHECK_THROWS_AS(once(metric, Rows{1, {1}, {2}}, Rows{1, {1}, {0.5}}), DataError);
  }
  CHECK_THROWS_WITH_AS(once(LogLoss(), Rows{1, {1}, {1}}, Rows{1, {3}, {0.9, 0.9, 0.2}}),
                       "metric \"log_loss\": expected probabilities that sum to 1, received 2; end the model in "
                       "softmax, or take BinaryCrossentropy for outputs that stand alone.",
                       DataError);
  for (const double weight : {-1.0, nan_, infinite})
    for (const Metric<double>& metric :
         std::vector<Metric<double>>{BinaryAccuracy(), AUC(), NDCG(), R2Score(), RootMeanSquaredError()})
      CHECK_THROWS_AS(once(metric, Rows{2, {2}, {1, 0, 0, 1}}, Rows{2, {2}, {0.2, 0.9, 0.1, 0.8}}, {1, weight}),
                      DataError);
  CHECK_THROWS_AS(mean_squared_error(Numbers{1, infinite}, Numbers{1, 2}), DataError);
  CHECK_THROWS_AS(r2_score(Numbers{1, 2}, Numbers{1, left_out}), DataError);
  CHECK_THROWS_AS(naive_error(Numbers{1, infinite, 2}), DataError);
  CHECK_THROWS_AS(accuracy_score(Numbers{1, infinite}, Numbers{1, infinite}), DataError);
  CHECK_THROWS_WITH_AS(log_loss(Numbers{1, 2}, Numbers{0.5, 0.5}, {.positive = 3.0}),
                       "log_loss: the positive class 3 does not occur in a truth of several classes, such as 1; name "
                       "one of them with .positive.",
                       DataError);
  CHECK(brier_score_loss(Numbers{1, 1}, Numbers{0.5, 0.5}, {.positive = 2.0}) == 0.25);  // one class, the other
}

TEST_CASE("Metrics: a class and the function of its name agree") {
  const Random random(8);
  for (std::size_t trial = 0; trial < 50; ++trial) {
    const Random draw = random.stream(trial);
    const std::size_t rows = 2 + draw.below(0, 30), classes = 1 + draw.below(1, 4);
    Numbers truth(rows), p(rows * classes), weights(rows), y(rows), guess(rows);
    for (std::size_t r = 0; r < rows; ++r) {
      truth[r] =
          r < 2 ? static_cast<double>(r) : static_cast<double>(draw.below(100 + r, std::max<std::size_t>(classes, 2)));
      double sum = 0;
      for (std::size_t c = 0; c < classes; ++c)
        sum += p[r * classes + c] = std::round(8 * draw.uniform(1000 + r * classes + c)) / 8 + 0.125;
      for (std::size_t c = 0; c < classes; ++c) p[r * classes + c] /= classes == 1 ? 2 : sum;
      weights[r] = r < 2 ? 1 : static_cast<double>(draw.below(5000 + r, 3));
      y[r] = draw.normal(7000 + r);
      guess[r] = y[r] + draw.normal(8000 + r);
    }
    const Rows t{rows, {1}, truth}, s{rows, {classes}, p}, a{rows, {1}, y}, b{rows, {1}, guess};
    const Array<double> scores = table(p, classes);
    const auto same = [](double one, double other) { CHECK(one == doctest::Approx(other).epsilon(1e-12)); };
    CAPTURE(classes);
    same(once(LogLoss(), t, s, weights), log_loss(truth, scores, {.sample_weight = weights}));
    same(once(BrierScore(), t, s, weights), brier_score_loss(truth, scores, {.sample_weight = weights}));
    same(once(ExpectedCalibrationError(), t, s, weights),
         expected_calibration_error(truth, scores, {.sample_weight = weights}));
    if (classes > 1)
      same(once(SparseTopKCategoricalAccuracy({.k = 2}), t, s, weights),
           top_k_accuracy_score(truth, scores, {.k = 2, .sample_weight = weights}));
    else
      same(once(AUC(), t, s, weights), roc_auc_score(truth, scores, {.sample_weight = weights}));
    same(once(SymmetricMeanAbsolutePercentageError(), a, b, weights),
         symmetric_mean_absolute_percentage_error(y, guess, {.sample_weight = weights}));
    same(once(MeanAbsolutePercentageError(), a, b, weights),
         100 * mean_absolute_percentage_error(y, guess, {.sample_weight = weights}));
    same(once(R2Score(), a, b, weights), r2_score(y, guess, {.sample_weight = weights}));
    same(once(RootMeanSquaredError(), a, b, weights), root_mean_squared_error(y, guess, {.sample_weight = weights}));
    Numbers classes_guessed(rows);
    for (std::size_t r = 0; r < rows; ++r)
      classes_guessed[r] =
          classes == 1 ? p[r] > 0.5 : static_cast<double>(detail::argmax(p.data() + r * classes, classes));
    same(once(MatthewsCorrelation(), t, s, weights),
         matthews_corrcoef(truth, classes_guessed, {.sample_weight = weights}));
    same(once(BalancedAccuracy(), t, s, weights),
         balanced_accuracy_score(truth, classes_guessed, {.sample_weight = weights}));
    for (const AverageMode average : {AverageMode::macro, AverageMode::micro, AverageMode::weighted})
      same(once(F1Score({.average = average}), t, s), f1_score(truth, classes_guessed, {.average = average}));
  }
  CHECK(SymmetricMeanAbsolutePercentageError().name() == "symmetric_mean_absolute_percentage_error[0-2]");
  CHECK(MeanAbsolutePercentageError().name() == "mean_absolute_percentage_error[percent]");
}

// The table "What has no score" of docs/reference.md.
TEST_CASE("Metrics: what is thrown and what is NaN, beside scikit-learn") {
  const Numbers yes{1, 1, 1}, no{0, 0, 0}, p{0.2, 0.5, 0.9};
  for (const Numbers& truth : {yes, no}) {
    CHECK_THROWS_AS(roc_auc_score(truth, p), DataError);
    CHECK_THROWS_AS(roc_curve(truth, p), DataError);
    CHECK(std::isnan(once(AUC(), Rows{3, {1}, truth}, Rows{3, {1}, p})));
  }
  CHECK(average_precision_score(yes, p) == 1);
  CHECK_THROWS_AS(average_precision_score(no, p), DataError);
  CHECK_THROWS_AS(precision_recall_curve(no, p), DataError);
  CHECK(precision_recall_curve(yes, p).precision == Numbers{1, 1, 1, 1});
  CHECK(std::isnan(once(AUC({.curve = Curve::pr}), Rows{3, {1}, no}, Rows{3, {1}, p})));
  CHECK(log_loss(yes, p) == doctest::Approx(-std::log(0.2 * 0.5 * 0.9) / 3));
  CHECK(brier_score_loss(yes, p) == doctest::Approx(0.3));
  CHECK_THROWS_AS(roc_auc_score(Numbers{0, 0, 1}, table({.2, .3, .5, .6, .2, .2, .1, .8, .1}, 3)), DataError);
  CHECK(precision_score(no, no) == 0);
  CHECK(recall_score(no, no) == 0);
  CHECK(f1_score(no, no) == 0);
  CHECK(std::isnan(f1_score(no, no, {.zero_division = nan_})));
  CHECK(balanced_accuracy_score(yes, yes) == 1);
  CHECK(balanced_accuracy_score(yes, no) == 0);
  CHECK(std::isnan(balanced_accuracy_score(yes, yes, {.adjusted = true})));
  CHECK(std::isnan(balanced_accuracy_score(yes, no, {.adjusted = true})));
  CHECK(matthews_corrcoef(yes, yes) == 0);
  CHECK(std::isnan(cohen_kappa_score(yes, yes)));
  CHECK(cohen_kappa_score(yes, no) == 0);
  CHECK(std::isnan(r2_score(Numbers{1}, Numbers{2})));
  CHECK(r2_score(Numbers{0.1, 0.1, 0.1}, Numbers{0.1, 0.1, 0.1}) == 1);
  CHECK(r2_score(Numbers{0.1, 0.1, 0.1}, Numbers{0.2, 0.1, 0.1}) == 0);
  CHECK(mean_absolute_percentage_error(Numbers{0, 1}, Numbers{1, 1}) == 2251799813685248.0);
  const auto curve = calibration_curve(yes, p);
  CHECK(curve.prob_true == Numbers{1, 1, 1});
  for (const auto& score : {+[](const Numbers&t, const Numbers&s) { return roc_auc_score(t, s); },
                            +[](const Numbers&t, const Numbers&s) { return log_loss(t, s); },
                            +[](const Numbers&t, const Numbers&s) { return r2_score(t, s); },
                            +[](const Numbers&t, const Numbers&s) { return accuracy_score(t, s); }}) {
    CHECK_THROWS_AS(score({}, {}), DataError);
    CHECK_THROWS_AS(score({0, 1}, {1}), ShapeError);
    CHECK_THROWS_AS(score({0, 1}, {1, nan_}), DataError);
  }
  CHECK_THROWS_AS(accuracy_score(yes, yes, {.sample_weight = {0, 0, 0}}), DataError);
  CHECK_THROWS_AS(accuracy_score(yes, yes, {.sample_weight = {1, -1, 1}}), DataError);
}

TEST_CASE("Metrics of one label: several are refused, none does not count") {
  const Rows right{3, {3}, {1, 0, 0, 0, 0, 1, 0, 0, 0}}, scores{3, {3}, {.6, .3, .1, .2, .5, .3, .9, .1, 0}};
  const Rows soft{3, {3}, {.8, .1, .1, .2, .2, .6, 0, 0, 0}}, several{3, {3}, {1, 0, 1, 0, 0, 1, 0, 0, 0}};
  for (const Metric<double>& metric : std::vector<Metric<double>>{
           CategoricalAccuracy(), TopKCategoricalAccuracy({.k = 1}), F1Score({.average = AverageMode::micro}),
           Precision({.average = AverageMode::weighted}), Recall({.average = AverageMode::micro})}) {
    CAPTURE(metric.name());
    CHECK(once(metric, right, scores) == 0.5);
    CHECK(once(metric, soft, scores) == 0.5);
    CHECK_THROWS_AS(once(metric, several, scores), DataError);
  }
  for (const Metric<double>& metric : std::vector<Metric<double>>{ExpectedCalibrationError(), MatthewsCorrelation(),
                                                                  CohenKappa(), BalancedAccuracy()}) {
    CAPTURE(metric.name());
    const Rows two{2, {3}, {1, 0, 0, 0, 0, 1}}, of_two{2, {3}, {.6, .3, .1, .2, .5, .3}};
    CHECK(once(metric, right, scores) == once(metric, two, of_two));
    CHECK_THROWS_AS(once(metric, several, scores), DataError);
  }
  CHECK(std::isnan(once(CategoricalAccuracy(), Rows{1, {2}, {0, 0}}, Rows{1, {2}, {.5, .5}})));
  CHECK(once(F1Score(), several, scores) == doctest::Approx(2.0 / 5));  // yes or no of each output
}

TEST_CASE("Top k: a class left out by -infinity is found at no k") {
  const Rows id{1, {1}, {0}}, hot{1, {3}, {1, 0, 0}}, scores{1, {3}, {left_out, 1, left_out}};
  for (const std::size_t k : {1u, 2u, 3u, 9u}) {
    CHECK(once(SparseTopKCategoricalAccuracy({.k = k}), id, scores) == 0);
    CHECK(once(TopKCategoricalAccuracy({.k = k}), hot, scores) == 0);
    CHECK(top_k_accuracy_score(Numbers{0}, table(scores.values, 3), {.k = k}) == 0);
    CHECK(top_k_accuracy_score(Numbers{1}, table(scores.values, 3), {.k = k}) == 1);
  }
}

TEST_CASE("R2Score: rows without a weight are no rows") {
  const Rows truth{3, {1}, {1, 2, 4}}, scores{3, {1}, {1, 3, nan_}};
  CHECK(std::isnan(once(R2Score(), truth, Rows{3, {1}, {1, 2, 4}}, {0, 0, 0})));
  CHECK(std::isnan(once(R2Score(), truth, scores, {0, 1, 0})));
  CHECK(once(R2Score(), truth, scores, {1, 1, 0}) == doctest::Approx(r2_score(Numbers{1, 2}, Numbers{1, 3})));
}

TEST_CASE("A metric of a function: masked steps, which it would count, are refused") {
  const Metric<double> sum =
      metric("sum", [](const Tensor<double>&, const Tensor<double>& p) { return p(0, 0, 0) + p(0, 1, 0); });
  const Numbers values{1, 7};
  for (const bool padded : {false, true}) {
    const std::uint8_t mask[2] = {1, padded ? std::uint8_t(0) : std::uint8_t(1)};
    Metric<double> m = sum;
    const Shape steps{2, 1};
    const In<double> truth(values.data(), 1, steps), prediction(values.data(), 1, steps, mask);
    if (padded) {
      CHECK_THROWS_AS(m.update(truth, prediction), DataError);
    } else {
      m.update(truth, prediction);
      CHECK(m.result() == 8);
    }
  }
}

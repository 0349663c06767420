// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/metrics/agreement.hpp>
#include <foretell/metrics/calibration_error.hpp>
#include <foretell/metrics/errors.hpp>
#include <foretell/metrics/forecast.hpp>
#include <foretell/metrics/metric.hpp>
#include <foretell/metrics/precision_recall.hpp>
#include <foretell/metrics/ranking_at_k.hpp>
#include <foretell/metrics/regression.hpp>
#include <foretell/metrics/top_k.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/message.hpp"
#include "support/stored_fields.hpp"

using namespace foretell;
using Numbers = std::vector<double>;
using support::has;
using support::message_of;

namespace {

struct Rows {
  std::size_t rows;
  Shape shape;
  Numbers values;
  std::vector<std::uint8_t> mask{};
  operator In<double>() const { return In<double>(values.data(), rows, shape, mask.empty() ? nullptr : mask.data()); }
};

double once(Metric<double> metric, const Rows& truth, const Rows& prediction, const Numbers& weights = {}) {
  metric.update(truth, prediction, weights.empty() ? nullptr : weights.data());
  return metric.result();
}

}  // namespace

TEST_CASE("Top k: of equal scores the earlier class is first, as in the accuracy") {
  const Rows p{3, {3}, {0.5, 0.5, 0, 0.2, 0.2, 0.2, 0.1, 0.3, 0.6}};
  CHECK(once(SparseTopKCategoricalAccuracy({.k = 1}), Rows{3, {1}, {0, 0, 2}}, p) == 1);
  CHECK(once(SparseTopKCategoricalAccuracy({.k = 1}), Rows{3, {1}, {1, 2, 1}}, p) == 0);
  CHECK(once(SparseTopKCategoricalAccuracy({.k = 2}), Rows{3, {1}, {1, 2, 1}}, p) == doctest::Approx(2.0 / 3));
  CHECK(once(SparseTopKCategoricalAccuracy(), Rows{3, {1}, {1, 2, 1}}, p) == 1);
  CHECK(once(TopKCategoricalAccuracy({.k = 2}), Rows{3, {3}, {0, 1, 0, 0, 0, 1, 0, 1, 0}}, p, {1, 3, 0}) == 0.25);
  CHECK_THROWS_AS(once(SparseTopKCategoricalAccuracy(), Rows{3, {1}, {0, 0, 3}}, p), DataError);
  CHECK_THROWS_AS(once(SparseTopKCategoricalAccuracy(), Rows{3, {3}, Numbers(9)}, p), ShapeError);
  CHECK_THROWS_AS(once(TopKCategoricalAccuracy(), Rows{3, {1}, {0, 0, 1}}, p), ShapeError);
  CHECK(has(message_of<ConfigError>([] { TopKCategoricalAccuracy({.k = 0}); }), "k of at least 1"));
  CHECK_THROWS_AS(SparseTopKCategoricalAccuracy({.k = 0}), ConfigError);
  CHECK_THROWS_AS(top_k_accuracy_score(Numbers{0, 1}, Array<double>({1, 0, 0, 1}, {2, 2}), {.k = 0}), ConfigError);
  CHECK_THROWS_AS(top_k_accuracy_score(Numbers{0}, Array<double>({1, 0, 0, 1}, {2, 2})), ShapeError);
  CHECK_THROWS_AS(top_k_accuracy_score(Numbers{0, 2}, Array<double>({1, 0, 0, 1}, {2, 2})), DataError);
}

TEST_CASE("Rankings: an equal score that is not relevant stands before, whatever the order of the items") {
  const Rows constant{1, {4}, {1, 1, 1, 1}}, first{1, {4}, {1, 0, 0, 0}}, last{1, {4}, {0, 0, 0, 1}};
  for (const Rows& truth : {first, last}) {
    CHECK(once(HitRate({.k = 3}), truth, constant) == 0);
    CHECK(once(HitRate({.k = 4}), truth, constant) == 1);
    CHECK(once(MRR(), truth, constant) == 0.25);
    CHECK(once(NDCG(), truth, constant) == doctest::Approx(1 / std::log2(5)));
  }
  // Of relevant items with equal scores the lesser gain is first.
  CHECK(once(NDCG({.k = 1}), Rows{1, {3}, {1, 3, 0}}, Rows{1, {3}, {2, 2, 1}}) == doctest::Approx(1.0 / 3));
}

TEST_CASE("Rankings: weights, masks, ids, queries without a relevant item, items left out, NaN") {
  const Rows scores{3, {3}, {3, 2, 1, 1, 2, 3, 1, 2, 3}};
  const Rows gains{3, {3}, {1, 0, 0, 1, 0, 0, 0, 0, 0}};
  CHECK(once(MRR(), gains, scores) == doctest::Approx((1 + 1.0 / 3) / 2));
  CHECK(once(MRR(), gains, scores, {3, 1, 5}) == doctest::Approx((3 + 1.0 / 3) / 4));
  CHECK(once(MRR(), Rows{3, {1}, {0, 0, 2}}, scores) == doctest::Approx((1 + 1.0 / 3 + 1) / 3));
  CHECK(once(MAP({.k = 2}), Rows{1, {3}, {1, 0, 1}}, Rows{1, {3}, {3, 2, 1}}) == 0.5);
  CHECK(once(RecallAtK({.k = 2}), Rows{1, {3}, {1, 0, 1}}, Rows{1, {3}, {3, 2, 1}}) == 0.5);
  CHECK(once(PrecisionAtK({.k = 2}), Rows{1, {3}, {1, 0, 1}}, Rows{1, {3}, {3, 2, 1}}) == 0.5);
  const double out = -std::numeric_limits<double>::infinity();
  CHECK(once(MRR(), Rows{1, {3}, {1, 0, 0}}, Rows{1, {3}, {1, out, out}}) == 1);
  CHECK(std::isnan(once(MRR(), Rows{1, {3}, {1, 0, 0}}, Rows{1, {3}, {1, std::nan(""), 0}})));
  CHECK(std::isnan(once(MRR(), Rows{1, {3}, {0, 0, 0}}, Rows{1, {3}, {1, 2, 0}})));
  CHECK(std::isnan(once(NDCG(), Rows{0, {3}, {}}, Rows{0, {3}, {}})));
  Rows steps{1, {2, 2}, {2, 1, 1, 2}};
  steps.mask = {1, 0};
  CHECK(once(HitRate({.k = 1}), Rows{1, {2}, {0, 0}}, steps) == 1);
  CHECK(once(HitRate({.k = 1}), Rows{2, {1}, {1, 0}}, Rows{2, {1}, {5, 5}}) == 1);  // one candidate a query
  CHECK_THROWS_AS(once(MRR(), Rows{1, {2}, {0, 1}}, scores), ShapeError);
  CHECK_THROWS_AS(once(MRR(), Rows{3, {1}, {0, 0, 3}}, scores), DataError);
}

TEST_CASE("Rankings: coverage counts items, the first of equals, and none that were left out") {
  const double out = -std::numeric_limits<double>::infinity();
  const Rows scores{3, {4}, {1, 1, 1, 1, 0, 5, 4, 3, out, out, 9, out}}, truth = scores;
  CHECK(once(CatalogCoverage({.k = 1}), truth, scores) == 0.75);
  CHECK(once(CatalogCoverage({.k = 1}), truth, scores, {0, 1, 1}) == 0.5);
  CHECK(once(CatalogCoverage({.k = 3}), truth, Rows{1, {4}, {out, out, out, 1}}) == 0.25);
  CHECK(once(CatalogCoverage(), truth, scores) == 1);
  Metric<double> coverage = CatalogCoverage();
  CHECK(std::isnan(coverage.result()));
  coverage.update(truth, scores);
  CHECK_THROWS_AS(coverage.update(truth, Rows{1, {3}, {1, 2, 3}}), ShapeError);
}

TEST_CASE("Rankings: the name says k and the protocol, which are options") {
  CHECK(NDCG().name() == "ndcg@10[full]");
  CHECK(RecallAtK({.k = 20, .protocol = "sampled-100"}).name() == "recall@20[sampled-100]");
  CHECK(CatalogCoverage({.k = 5}).name() == "coverage@5[full]");
  CHECK(has(message_of<ConfigError>([] { NDCG({.k = 0}); }), "k of at least 1"));
  CHECK(has(message_of<ConfigError>([] { HitRate({.protocol = ""}); }), "say what the candidates were"));
  Metric<double> from = MAP({.k = 3, .protocol = "recent"}), to = MAP();
  support::StoredFields stored;
  stored.write(from);
  stored.read(to);
  CHECK(to.name() == "map@3[recent]");
}

TEST_CASE("Agreement: classes by the greatest score or the threshold, one number of classes") {
  const Rows p{4, {1}, {0.9, 0.6, 0.4, 0.1}}, truth{4, {1}, {1, 0, 1, 0}};
  CHECK(once(MatthewsCorrelation(), truth, p) == 0);
  CHECK(once(MatthewsCorrelation({.threshold = 0.7}), truth, p) == doctest::Approx(1 / std::sqrt(3.0)));
  CHECK(once(BalancedAccuracy({.threshold = 0.7}), truth, p) == 0.75);
  CHECK(once(BalancedAccuracy({.adjusted = true, .threshold = 0.7}), truth, p) == 0.5);
  CHECK(once(CohenKappa({.threshold = 0.7}), truth, p) == 0.5);
  CHECK(once(MatthewsCorrelation(), Rows{2, {1}, {1, 1}}, Rows{2, {1}, {1, 1}}) == 0);
  CHECK(std::isnan(once(CohenKappa(), Rows{2, {1}, {1, 1}}, Rows{2, {1}, {1, 1}})));
  CHECK(std::isnan(MatthewsCorrelation().result()));
  CHECK(std::isnan(once(BalancedAccuracy(), Rows{0, {1}, {}}, Rows{0, {1}, {}})));

  MatthewsCorrelation counts;
  counts.update<double>(Rows{2, {1}, {2, 0}}, Rows{2, {3}, {1, 0, 0, 0, 2, 1}}, nullptr);
  CHECK(counts.classes() == 3);
  CHECK(counts.count(2, 0) == 1);
  CHECK(counts.count(0, 1) == 1);
  CHECK(counts.count(0, 0) == 0);
  CHECK(has(message_of<ShapeError>([&] { counts.update<double>(truth, p, nullptr); }), "3 classes as before"));
  MatthewsCorrelation two;
  two.update<double>(truth, p, nullptr);
  CHECK_THROWS_AS(two.merge(counts), ShapeError);
  CHECK_THROWS_AS(once(CohenKappa(), Rows{2, {1}, {3, 0}}, Rows{2, {3}, Numbers(6)}), DataError);
  CHECK_THROWS_AS(once(CohenKappa(), Rows{1, {1}, {0}}, Rows{2, {3}, Numbers(6)}), ShapeError);
  CHECK_THROWS_AS(once(Precision({.average = AverageMode::macro}), Rows{2, {2}, Numbers(4)}, Rows{2, {3}, Numbers(6)}),
                  ShapeError);
  Rows steps{1, {2, 2}, {2, 1, 1, 2}};
  steps.mask = {1, 0};
  CHECK(once(BalancedAccuracy(), Rows{1, {2}, {0, 0}}, steps) == 1);
}

TEST_CASE("Precision, Recall, F1Score: averages over classes leave out those that never occur") {
  const Rows ids{3, {1}, {0, 0, 1}}, p{3, {3}, {1, 0, 0, 0, 1, 0, 0, 1, 0}};
  CHECK(once(Recall({.average = AverageMode::macro}), ids, p) == 0.75);
  CHECK(once(Precision({.average = AverageMode::macro}), ids, p) == 0.75);
  CHECK(once(Recall({.average = AverageMode::micro}), ids, p) == doctest::Approx(2.0 / 3));
  CHECK(once(Recall({.average = AverageMode::weighted}), ids, p) == doctest::Approx(2.0 / 3));
  CHECK(std::isnan(Recall({.average = AverageMode::macro}).result()));
  Metric<double> from = F1Score({.average = AverageMode::weighted, .threshold = 0.25}), to = F1Score();
  support::StoredFields stored;
  stored.write(from);
  CHECK(stored["average"] == "weighted");
  stored.read(to);
  CHECK(once(to, ids, p) == once(from, ids, p));
}

TEST_CASE("ExpectedCalibrationError: bins to look at, merged, and what is no probability") {
  ExpectedCalibrationError metric({.n_bins = 2});
  metric.update<double>(Rows{4, {1}, {0, 1, 1, 1}}, Rows{4, {1}, {0.25, 0.5, 0.75, 1}}, nullptr);
  CHECK(metric.bins().size() == 2);
  CHECK(metric.bins()[0].predicted == 0.375);
  CHECK(metric.bins()[0].observed == 0.5);
  CHECK(metric.bins()[1].high == 1);
  CHECK(metric.result() == doctest::Approx(0.125 / 2 + 0.125 / 2));
  CHECK_THROWS_AS(metric.merge(ExpectedCalibrationError()), ConfigError);
  CHECK(std::isnan(ExpectedCalibrationError().result()));
  CHECK_THROWS_AS(once(ExpectedCalibrationError(), Rows{1, {1}, {1}}, Rows{1, {1}, {1.5}}), DataError);
  CHECK(std::isnan(once(ExpectedCalibrationError(), Rows{1, {1}, {1}}, Rows{1, {1}, {std::nan("")}})));
  const Rows p{2, {3}, {0.5, 0.25, 0.25, 0.125, 0.125, 0.75}};
  CHECK(once(ExpectedCalibrationError(), Rows{2, {1}, {0, 1}}, p) == doctest::Approx((0.5 + 0.75) / 2));
  CHECK(once(ExpectedCalibrationError(), Rows{2, {3}, {1, 0, 0, 0, 1, 0}}, p) == doctest::Approx((0.5 + 0.75) / 2));
  CHECK_THROWS_AS(once(ExpectedCalibrationError(), Rows{2, {2}, Numbers(4)}, p), ShapeError);
  CHECK_THROWS_AS(ExpectedCalibrationError({.n_bins = 0}), ConfigError);
  Metric<double> from = ExpectedCalibrationError({.n_bins = 3}), to = ExpectedCalibrationError();
  support::StoredFields stored;
  stored.write(from);
  stored.read(to);
  CHECK(to.as<ExpectedCalibrationError>()->bins().size() == 3);
}

TEST_CASE("Errors of numbers: corners and wrong arguments") {
  CHECK(once(SymmetricMeanAbsolutePercentageError(), Rows{2, {1}, {0, 1}}, Rows{2, {1}, {0, -1}}) == 1);
  CHECK(once(MeanAbsolutePercentageError(), Rows{2, {1}, {2, -4}}, Rows{2, {1}, {1, -4}}, {1, 3}) == 12.5);
  CHECK(once(RootMeanSquaredLogError(), Rows{1, {1}, {0}}, Rows{1, {1}, {-5}}) == 0);
  CHECK(std::isnan(once(RootMeanSquaredError(), Rows{1, {1}, {0}}, Rows{1, {1}, {std::nan("")}})));
  CHECK(std::isnan(RootMeanSquaredError().result()));
  CHECK(std::isnan(once(R2Score(), Rows{1, {1}, {1}}, Rows{1, {1}, {1}})));
  CHECK(once(R2Score(), Rows{2, {1}, {2, 2}}, Rows{2, {1}, {2, 2}}) == 1);
  CHECK(once(R2Score(), Rows{2, {1}, {2, 2}}, Rows{2, {1}, {2, 3}}) == 0);
  const Numbers far{1e9 + 1, 1e9 + 2, 1e9 + 4}, near{1e9 + 1, 1e9 + 2, 1e9 + 3};
  CHECK(once(R2Score(), Rows{3, {1}, far}, Rows{3, {1}, near}) == doctest::Approx(1 - 1 / (14.0 / 3)).epsilon(1e-9));
  CHECK(once(R2Score(), Rows{1, {3, 1}, {1, 2, 4}}, Rows{1, {3, 1}, {1, 2, 3}}) ==
        doctest::Approx(1 - 1 / (14.0 / 3)));  // steps are positions
  Metric<double> r2 = R2Score();
  r2.update(Rows{2, {1}, {1, 2}}, Rows{2, {1}, {1, 2}});
  CHECK_THROWS_AS(r2.update(Rows{1, {2}, {1, 2}}, Rows{1, {2}, {1, 2}}), ShapeError);
  CHECK_THROWS_AS(once(R2Score(), Rows{1, {2}, {1, 2}}, Rows{1, {1}, {1}}), ShapeError);
  CHECK_THROWS_AS(once(BrierScore(), Rows{1, {2}, {1, 2}}, Rows{1, {3}, {1, 0, 0}}), ShapeError);
  CHECK_THROWS_AS(once(BrierScore(), Rows{1, {1}, {3}}, Rows{1, {3}, {1, 0, 0}}), DataError);
  CHECK_THROWS_AS(once(RootMeanSquaredError(), Rows{1, {2}, {1, 2}}, Rows{1, {1}, {1}}), ShapeError);
  CHECK(has(message_of<ConfigError>([] { MeanAbsoluteScaledError({.scale = 0}); }), "scale above 0, received 0"));
  CHECK_THROWS_AS(RootMeanSquaredScaledError({.scale = std::nan("")}), ConfigError);

  CHECK(naive_error(Numbers{1, 3, 2, 5}).absolute == 2);
  CHECK(naive_error(Numbers{1, 3, 2, 5}).squared == doctest::Approx(std::sqrt(14.0 / 3)));
  CHECK(naive_error(Numbers{1, 3, 2, 5}, 2).absolute == 1.5);
  CHECK_THROWS_AS(naive_error(Numbers{1, 3}, 2), DataError);
  CHECK_THROWS_AS(naive_error(Numbers{1, 3}, 0), DataError);
  CHECK_THROWS_AS(naive_error(Numbers{1, 3, 1, 3}, 2), DataError);
  CHECK_THROWS_AS(naive_error(Numbers{1, std::nan("")}), DataError);
  CHECK_THROWS_AS(mean_squared_log_error(Numbers{-1}, Numbers{1}), DataError);
  CHECK(has(message_of<DataError>([] { root_mean_squared_log_error(Numbers{1}, Numbers{-3}); }), "received -3"));
  CHECK_THROWS_AS(mean_pinball_loss(Numbers{1}, Numbers{1}, {.alpha = 1.5}), ConfigError);
  CHECK_THROWS_AS(mean_absolute_percentage_error(Numbers{1, 2}, Numbers{1}), ShapeError);
  CHECK(mean_absolute_percentage_error(Numbers{0}, Numbers{1}) > 1e15);

  Metric<double> from = MeanAbsoluteScaledError({.scale = 0.25}), to = MeanAbsoluteScaledError();
  support::StoredFields stored;
  stored.write(from);
  stored.read(to);
  CHECK(once(to, Rows{1, {1}, {0}}, Rows{1, {1}, {1}}) == 4);
}

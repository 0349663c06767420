// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/metrics/calibration.hpp>
#include <foretell/metrics/probability.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace foretell;
using Numbers = std::vector<double>;

TEST_CASE("log_loss: two classes, several, weights and clipping") {
  const double a = -std::log(0.9), b = -std::log(0.4);
  CHECK(log_loss(Numbers{1, 0}, Numbers{0.9, 0.6}) == doctest::Approx((a + b) / 2));
  CHECK(log_loss(Numbers{1, 0}, Numbers{0.9, 0.6}, {.sample_weight = {1, 3}}) == doctest::Approx((a + 3 * b) / 4));
  CHECK(log_loss(Numbers{1, 0}, Array<double>({0.1, 0.9, 0.4, 0.6}, {2, 2})) == doctest::Approx((a + b) / 2));
  const Array<double> p({0.9, 0.05, 0.05, 0.3, 0.3, 0.4}, {2, 3});
  CHECK(log_loss(Numbers{0, 2}, p) == doctest::Approx((a + b) / 2));
  CHECK(log_loss(Array<double>({1, 0, 0, 0, 0, 1}, {2, 3}), p) == doctest::Approx((a + b) / 2));
  CHECK(log_loss(Numbers{0}, Numbers{1}) == doctest::Approx(-std::log(std::numeric_limits<double>::epsilon())));
  CHECK(log_loss(Numbers{0}, std::vector<float>{1}) ==
        doctest::Approx(-std::log(static_cast<double>(std::numeric_limits<float>::epsilon()))));
}

TEST_CASE("brier_score_loss: half the sum over the classes when there are two") {
  CHECK(brier_score_loss(Numbers{1, 0}, Numbers{0.9, 0.6}) == doctest::Approx((0.01 + 0.36) / 2));
  CHECK(brier_score_loss(Numbers{1, 0}, Array<double>({0.1, 0.9, 0.4, 0.6}, {2, 2})) ==
        doctest::Approx((0.01 + 0.36) / 2));
  CHECK(brier_score_loss(Numbers{0}, Array<double>({0.5, 0.3, 0.2}, {1, 3})) == doctest::Approx(0.25 + 0.09 + 0.04));
  CHECK(brier_score_loss(Numbers{2, 1}, Numbers{0.9, 0.6}, {.positive = 2}) == doctest::Approx((0.01 + 0.36) / 2));
}

TEST_CASE("Probabilities: what is none is refused") {
  CHECK_THROWS_AS(log_loss(Numbers{1, 0}, Numbers{0.9, 1.1}), DataError);
  CHECK_THROWS_AS(log_loss(Numbers{1, 0}, Numbers{0.9, -0.1}), DataError);
  CHECK_THROWS_AS(log_loss(Numbers{1, 0}, Numbers{0.9, std::nan("")}), DataError);
  CHECK_THROWS_AS(log_loss(Numbers{1, 0}, Array<double>({0.5, 0.9, 0.4, 0.6}, {2, 2})), DataError);
  CHECK_THROWS_AS(log_loss(Numbers{1, 3}, Array<double>({0.1, 0.9, 0.4, 0.6}, {2, 2})), DataError);
  CHECK_THROWS_AS(log_loss(Array<double>({1, 1, 0, 1}, {2, 2}), Array<double>({0.1, 0.9, 0.4, 0.6}, {2, 2})),
                  DataError);
  CHECK_THROWS_AS(log_loss(Numbers{1, 0, 1}, Numbers{0.9, 0.1}), ShapeError);
  CHECK_THROWS_AS(
      brier_score_loss(Array<double>({1, 1, 0, 1}, {2, 2}), Array<double>({0.1, 0.2, 0.7, 0.1, 0.2, 0.7}, {2, 3})),
      ShapeError);
  CHECK_THROWS_AS(calibration_curve(Numbers{1, 0}, Numbers{0.9, 1.1}), DataError);
  CHECK_THROWS_AS(calibration_curve(Numbers{1, 0}, Numbers{0.9, 0.1}, {.n_bins = 0}), ConfigError);
  CHECK_THROWS_AS(expected_calibration_error(Numbers{1, 0}, Numbers{0.9, 0.1}, {.sample_weight = {1}}), ShapeError);
}

TEST_CASE("calibration_curve: bins of equal width or of equally many rows, the empty ones left out") {
  const Numbers t{0, 0, 0, 0, 1, 1, 1, 1, 1}, p{0.1, 0.2, 0.3, 0.4, 0.65, 0.7, 0.8, 0.9, 1.0};
  const CalibrationCurve curve = calibration_curve(t, p, {.n_bins = 3});
  CHECK(curve.prob_true == Numbers{0, 0.5, 1});
  CHECK(curve.count == Numbers{3, 2, 4});
  CHECK(curve.prob_pred[0] == doctest::Approx(0.2));
  CHECK(curve.prob_pred[1] == doctest::Approx(0.525));
  CHECK(curve.prob_pred[2] == doctest::Approx(0.85));
  CHECK(calibration_curve(t, p, {.n_bins = 3, .strategy = BinStrategy::quantile}).count == Numbers{3, 3, 3});
  CHECK(calibration_curve(Numbers{1}, Numbers{0.25}, {.n_bins = 4}).prob_pred == Numbers{0.25});
  CHECK(calibration_curve(Numbers{0, 1}, Numbers{0, 1}).count == Numbers{1, 1});
  CHECK(calibration_curve(t, p, {.n_bins = 1}).count == Numbers{9});
}

TEST_CASE("expected_calibration_error: the mean distance over the bins") {
  const Numbers t{0, 1, 1, 1}, p{0.2, 0.2, 0.9, 0.7};
  CHECK(expected_calibration_error(t, p, {.n_bins = 2}) == doctest::Approx((2 * 0.3 + 2 * 0.2) / 4));
  CHECK(expected_calibration_error(t, p, {.n_bins = 2, .sample_weight = {3, 1, 1, 1}}) ==
        doctest::Approx((4 * std::abs(0.25 - 0.2) + 2 * 0.2) / 6));
  CHECK(expected_calibration_error(Numbers{0, 1, 0, 1}, Numbers{0.5, 0.5, 0.5, 0.5}) == 0);
  const Array<double> p3({0.7, 0.2, 0.1, 0.6, 0.3, 0.1, 0.1, 0.2, 0.7}, {3, 3});  // right, wrong, right
  CHECK(expected_calibration_error(Numbers{0, 1, 2}, p3, {.n_bins = 1}) ==
        doctest::Approx(std::abs(2.0 / 3 - 2.0 / 3)));
  CHECK(expected_calibration_error(Numbers{0, 1, 2}, p3, {.n_bins = 20}) == doctest::Approx((2 * 0.3 + 0.6) / 3));
}

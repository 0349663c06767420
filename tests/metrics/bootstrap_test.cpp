// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/core/random.hpp>
#include <foretell/metrics/bootstrap.hpp>
#include <foretell/metrics/curves.hpp>
#include <foretell/metrics/regression.hpp>

#include <cmath>
#include <utility>
#include <vector>

using namespace foretell;
using Numbers = std::vector<double>;

namespace {

const auto mean_error = [](const auto& truth, const auto& p) {
  double sum = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) sum += p[i] - truth[i];
  return sum / static_cast<double>(truth.size());
};

std::pair<Numbers, Numbers> noise(std::uint64_t seed, std::size_t rows) {
  Numbers truth(rows), p(rows);
  for (std::size_t i = 0; i < rows; ++i) p[i] = Random(seed).normal(i);
  return {truth, p};
}

}  // namespace

TEST_CASE("bootstrap: the interval of a mean is the one of the normal law, and holds as often as it says") {
  const auto [truth, p] = noise(1, 400);
  const ConfidenceInterval wide = bootstrap(mean_error, truth, p, {.resamples = 4000});
  CHECK(wide.value == mean_error(truth, p));
  CHECK(wide.resamples == 4000);
  double spread = 0;
  for (const double x : p) spread += (x - wide.value) * (x - wide.value);
  const double error = std::sqrt(spread) / 400;
  CHECK(wide.standard_error == doctest::Approx(error).epsilon(0.04));
  CHECK(wide.low == doctest::Approx(wide.value - 1.96 * error).epsilon(0.05));
  CHECK(wide.high == doctest::Approx(wide.value + 1.96 * error).epsilon(0.05));
  const ConfidenceInterval narrow = bootstrap(mean_error, truth, p, {.resamples = 4000, .confidence_level = 0.5});
  CHECK(narrow.high - narrow.low == doctest::Approx(2 * 0.6745 * error).epsilon(0.06));

  int holds = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto [t, x] = noise(100 + seed, 60);
    const ConfidenceInterval interval = bootstrap(mean_error, t, x, {.resamples = 300, .confidence_level = 0.9});
    holds += interval.low <= 0 && 0 <= interval.high;
  }
  CHECK(holds >= 168);  // 180 expected, three standard deviations
  CHECK(holds <= 192);
}

TEST_CASE("bootstrap: the same seed gives the same bits, another one other draws") {
  const auto [truth, p] = noise(3, 50);
  const ConfidenceInterval a = bootstrap(mean_error, truth, p), b = bootstrap(mean_error, truth, p),
                           c = bootstrap(mean_error, truth, p, {.seed = 1});
  CHECK(a.low == b.low);
  CHECK(a.high == b.high);
  CHECK(a.low != c.low);
  CHECK(bootstrap(mean_error, Numbers{1}, Numbers{3}).low == 2);
  CHECK(bootstrap(mean_error, Numbers{1}, Numbers{3}).standard_error == 0);
}

TEST_CASE("bootstrap: rows of a group are drawn together") {
  Numbers truth(100), p(100), groups(100);
  for (std::size_t i = 0; i < 100; ++i) groups[i] = static_cast<double>(i % 10), p[i] = Random(9).normal(i % 10);
  const ConfidenceInterval rows = bootstrap(mean_error, truth, p),
                           users = bootstrap(mean_error, truth, p, {.groups = groups});
  CHECK(users.value == rows.value);
  CHECK(users.standard_error == doctest::Approx(rows.standard_error * std::sqrt(10.0)).epsilon(0.15));
  const Array<double> wide(Numbers(p), {50, 2});
  CHECK(bootstrap([](const auto& t, const auto& x) { return mean_squared_error(t, x); }, wide, wide).high == 0);
}

TEST_CASE("bootstrap: resamples without a score are left out, wrong arguments are refused") {
  const Numbers truth{0, 1, 1, 1, 1, 1}, p{0.1, 0.3, 0.5, 0.05, 0.6, 0.2};
  const auto auc = [](const auto& t, const auto& s) { return roc_auc_score(t, s); };
  const ConfidenceInterval interval = bootstrap(auc, truth, p);
  CHECK(interval.value == 0.8);
  CHECK(interval.resamples > 500);
  CHECK(interval.resamples < 1000);
  CHECK(interval.low < 0.8);
  CHECK_THROWS_AS(bootstrap(auc, Numbers{1, 1, 1}, Numbers{1, 2, 3}), DataError);
  CHECK_THROWS_AS(bootstrap(auc, truth, Numbers{1, 2}), ShapeError);
  CHECK_THROWS_AS(bootstrap(auc, Numbers{}, Numbers{}), DataError);
  CHECK_THROWS_AS(bootstrap(auc, truth, p, {.resamples = 1}), ConfigError);
  CHECK_THROWS_AS(bootstrap(auc, truth, p, {.confidence_level = 1}), ConfigError);
  CHECK_THROWS_AS(bootstrap(auc, truth, p, {.groups = {1, 2}}), ShapeError);
  CHECK_THROWS_AS(bootstrap(auc, truth, p, {.groups = {1, 2, 3, 4, 5, std::nan("")}}), DataError);
}

// SPDX-License-Identifier: BSD-3-Clause
// Searches among edges, landmarks and categories: what lies below all, above all, between, or nowhere.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <foretell/metrics/calibration.hpp>
#include <foretell/metrics/calibration_error.hpp>
#include <foretell/model_selection/calibrators.hpp>
#include <foretell/preprocessing/kbins_discretizer.hpp>
#include <foretell/preprocessing/one_hot_encoder.hpp>
#include <foretell/preprocessing/quantile_transformer.hpp>
#include <foretell/preprocessing/winsorizer.hpp>
#include <foretell/xt/tensor.hpp>
#include <limits>
#include <vector>

using namespace foretell;

namespace {

constexpr double most = std::numeric_limits<double>::max(), infinity = std::numeric_limits<double>::infinity();
const std::vector<double> learned{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};
const std::vector<double> asked{
    -infinity, -most, -1e300, 0,    1,        1.5,          3,    5,
    9,         9.5,   1e300,  most, infinity, std::nan(""), -0.0, std::numeric_limits<double>::denorm_min()};

}  // namespace

TEST_CASE("KBinsDiscretizer: any number has a bin, none of its own beyond the ends") {
  for (const Bins strategy : {Bins::uniform, Bins::quantile, Bins::kmeans})
    for (const BinCode encode : {BinCode::ordinal, BinCode::onehot}) {
      KBinsDiscretizer<double> bins({.n_bins = 4, .encode = encode, .strategy = strategy});
      const Tensor<double> y = bins.fit(learned).transform(asked);
      const std::size_t width = y.shape()[1];
      for (std::size_t r = 0; r < asked.size(); ++r) {
        double sum = 0;
        for (std::size_t c = 0; c < width; ++c) sum += y(r, c);
        if (encode == BinCode::onehot)
          CHECK(sum == (std::isnan(asked[r]) ? 0 : 1));
        else
          CHECK((std::isnan(asked[r]) ? std::isnan(sum) : sum >= 0 && sum <= 3 && sum == std::floor(sum)));
      }
      if (encode == BinCode::ordinal) {
        CHECK(y(0, 0) == 0);
        CHECK(y(12, 0) == y(8, 0));  // infinity is where the largest is
      }
      const Tensor<double> back = bins.inverse_transform(y);
      for (std::size_t r = 0; r < asked.size(); ++r)
        CHECK((std::isnan(asked[r]) ? std::isnan(back(r, 0)) : back(r, 0) >= 1 && back(r, 0) <= 9));
    }
}

TEST_CASE("QuantileTransformer, Winsorizer: what lies beyond goes to the ends, what is missing stays so") {
  for (const OutputDistribution output : {OutputDistribution::uniform, OutputDistribution::normal}) {
    QuantileTransformer<double> quantiles({.n_quantiles = 5, .output = output});
    const Tensor<double> y = quantiles.fit(learned).transform(asked);
    for (std::size_t r = 0; r < asked.size(); ++r) {
      CHECK(std::isnan(y(r, 0)) == std::isnan(asked[r]));
      if (!std::isnan(asked[r])) CHECK(std::isfinite(y(r, 0)));
    }
    CHECK(y(0, 0) == y(3, 0));
    CHECK(y(12, 0) == y(9, 0));
    const Tensor<double> back = quantiles.inverse_transform(asked);
    for (std::size_t r = 0; r < asked.size(); ++r)
      CHECK((std::isnan(asked[r]) ? std::isnan(back(r, 0)) : back(r, 0) >= 1 && back(r, 0) <= 9));
  }
  Winsorizer<double> cut({.low = 0.1, .high = 0.9});
  const Tensor<double> y = cut.fit(learned).transform(asked);
  CHECK(cut.lower()[0] < cut.upper()[0]);
  for (std::size_t r = 0; r < asked.size(); ++r)
    if (std::isnan(asked[r]))
      CHECK(std::isnan(y(r, 0)));
    else
      CHECK(y(r, 0) == std::clamp(asked[r], cut.lower()[0], cut.upper()[0]));
}

TEST_CASE("OneHotEncoder: numbers that are no category are all zeros, whatever their size") {
  const Tensor<double> y = OneHotEncoder<double>().fit(learned).transform(asked);
  for (std::size_t r = 0; r < asked.size(); ++r) {
    double sum = 0;
    for (std::size_t c = 0; c < y.shape()[1]; ++c) sum += y(r, c);
    CHECK(sum == (std::count(learned.begin(), learned.end(), asked[r]) > 0));
  }
  const std::vector<double> ends{-infinity, -most, 0, most, infinity};
  const Tensor<double> own = OneHotEncoder<double>().fit(ends).transform(ends);
  for (std::size_t r = 0; r < ends.size(); ++r)
    for (std::size_t c = 0; c < ends.size(); ++c) CHECK(own(r, c) == (r == c));
}

TEST_CASE("Calibration: probabilities at the ends have bins, what is no probability is refused") {
  ExpectedCalibrationError error({.n_bins = 3});
  const auto of = [&](const std::vector<double>& p) {
    error.reset();
    const std::vector<double> t(p.size(), 1);
    const Shape shape{1};
    error.update<double>(In<double>(t.data(), t.size(), shape), In<double>(p.data(), p.size(), shape), nullptr);
    return error.result();
  };
  CHECK(of({0, 1, 0.5, std::nextafter(1.0, 0.0), 5e-324}) >= 0);
  for (const double bad : {-most, most, infinity, -infinity}) CHECK_THROWS_AS(of({0.5, bad}), DataError);
  CHECK(std::isnan(of({0.5, std::nan("")})));
  const IsotonicCalibrator isotonic =
      IsotonicCalibrator().fit(std::vector<double>{0.1, 0.4, 0.35, 0.8}, std::vector<double>{0, 0, 1, 1});
  CHECK(isotonic(-infinity) == isotonic(0.1));
  CHECK(isotonic(-most) == isotonic(0.1));
  CHECK(isotonic(infinity) == isotonic(0.8));
  CHECK(isotonic(most) == 1);
  CHECK(std::isnan(isotonic(std::nan(""))));
}

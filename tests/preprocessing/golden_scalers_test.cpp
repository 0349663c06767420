// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/preprocessing/binarizer.hpp>
#include <foretell/preprocessing/function_transformer.hpp>
#include <foretell/preprocessing/kbins_discretizer.hpp>
#include <foretell/preprocessing/max_abs_scaler.hpp>
#include <foretell/preprocessing/normalizer.hpp>
#include <foretell/preprocessing/polynomial_features.hpp>
#include <foretell/preprocessing/power_transformer.hpp>
#include <foretell/preprocessing/quantile_transformer.hpp>
#include <foretell/preprocessing/robust_scaler.hpp>
#include <string>
#include <vector>

#include "preprocessing/golden_check.hpp"

using namespace foretell;
using golden::check_numbers;
using golden::choice;

namespace {

const golden::File& file() {
  static const golden::File goldens("preprocessing_scalers");
  return goldens;
}

}  // namespace

TEST_CASE("MaxAbsScaler: agrees with scikit-learn") {
  for (const auto& c : file().group("MaxAbsScaler")) {
    const auto scaler = check_numbers(c, MaxAbsScaler<double>());
    CHECK(golden::close(scaler.max_abs(), c.tensor("max_abs"), 1e-15));
    CHECK(golden::close(scaler.scale(), c.tensor("scale"), 1e-15));
  }
}

TEST_CASE("RobustScaler: agrees with scikit-learn") {
  for (const auto& c : file().group("RobustScaler")) {
    const auto range = c.option("quantile_range", std::vector<double>{25, 75});
    const auto scaler = check_numbers(c, RobustScaler<double>({.with_centering = c.option("with_centering", true),
                                                               .with_scaling = c.option("with_scaling", true),
                                                               .low = range[0] / 100,
                                                               .high = range[1] / 100,
                                                               .unit_variance = c.option("unit_variance", false)}));
    if (c.has_tensor("center")) CHECK(golden::close(scaler.center(), c.tensor("center"), 1e-12));
    if (c.has_tensor("scale")) CHECK(golden::close(scaler.scale(), c.tensor("scale"), 1e-12));
  }
}

TEST_CASE("Normalizer and Binarizer: agree with scikit-learn") {
  for (const auto& c : file().group("Normalizer"))
    check_numbers(c, Normalizer<double>({.norm = choice(c, "norm", RowNorm::l2)}));
  for (const auto& c : file().group("Binarizer"))
    check_numbers(c, Binarizer<double>({.threshold = c.option<double>("threshold")}));
}

TEST_CASE("QuantileTransformer: agrees with scikit-learn") {
  for (const auto& c : file().group("QuantileTransformer")) {
    const auto t = check_numbers(
        c, QuantileTransformer<double>({.n_quantiles = c.option<std::size_t>("n_quantiles"),
                                        .output = choice(c, "output_distribution", OutputDistribution::uniform)}));
    CHECK(golden::close(t.quantiles(), c.tensor("quantiles"), 1e-12, 1e-13));
  }
}

TEST_CASE("PowerTransformer: agrees with scikit-learn, as closely as its minimiser finds the power") {
  for (const auto& c : file().group("PowerTransformer")) {
    const bool box_cox = c.option<std::string>("method") == "box-cox";
    const auto t =
        check_numbers(c,
                      PowerTransformer<double>({.method = box_cox ? PowerMethod::box_cox : PowerMethod::yeo_johnson,
                                                .standardize = c.option<bool>("standardize")}),
                      1e-6, 1e-6);
    CHECK(golden::close(t.lambdas(), c.tensor("lambdas"), 1e-6, 1e-6));
  }
}

TEST_CASE("PowerTransformer: the powers of given exponents agree with scipy, also near 0 and 2, and go back") {
  const golden::Case& c = file()["power_functions"];
  const golden::Tensor lambdas = c.tensor("lambdas"), points = c.tensor("points"), positive = c.tensor("positive");
  std::vector<double> y, z;
  for (const double lambda : lambdas.data) {
    for (const double x : points.data) {
      y.push_back(detail::yeo_johnson(x, lambda));
      CHECK(detail::yeo_johnson_inverse(y.back(), lambda) == doctest::Approx(x).epsilon(1e-6));
    }
    for (const double x : positive.data) z.push_back(detail::box_cox(x, lambda));
  }
  CHECK(golden::close(y, c.tensor("yeo_johnson"), 1e-11, 1e-15));
  CHECK(golden::close(z, c.tensor("box_cox"), 1e-11, 1e-15));
}

TEST_CASE("PowerTransformer: the derivative that is searched for a zero is that of the likelihood") {
  std::vector<double> x;
  for (const double v : file()["power_functions"].tensor("points").data) x.push_back(v / 10);
  const auto likelihood = [&](double lambda) {
    std::vector<double> y;
    double sum = 0;
    for (const double v : x) {
      y.push_back(detail::yeo_johnson(v, lambda));
      sum += std::copysign(std::log1p(std::abs(v)), v);
    }
    return -static_cast<double>(x.size()) / 2 * std::log(detail::Moments(y).variance) + (lambda - 1) * sum;
  };
  const double best = detail::PowerSearch(x, PowerMethod::yeo_johnson).best(), step = 1e-4;
  CHECK(likelihood(best) > likelihood(best + step));
  CHECK(likelihood(best) > likelihood(best - step));
  CHECK(std::abs(likelihood(best + step) - likelihood(best - step)) < 1e-8);
}

TEST_CASE("statistics: the normal distribution and digamma agree with scipy") {
  const golden::Case& c = file()["distributions"];
  std::vector<double> q, p, d;
  for (const double v : c.tensor("p").data) q.push_back(detail::normal_quantile(v));
  for (const double v : c.tensor("z").data) p.push_back(detail::normal_cdf(v));
  for (const double v : c.tensor("d").data) d.push_back(detail::digamma(v));
  CHECK(golden::close(q, c.tensor("normal_quantile"), 1e-14, 1e-15));
  CHECK(golden::close(p, c.tensor("normal_cdf"), 1e-12));
  CHECK(golden::close(d, c.tensor("digamma"), 1e-13, 1e-15));
}

TEST_CASE("KBinsDiscretizer: agrees with scikit-learn") {
  for (const auto& c : file().group("KBinsDiscretizer")) {
    const auto t = check_numbers(
        c, KBinsDiscretizer<double>(
               {.n_bins = c.option<std::size_t>("n_bins"),
                .encode = c.option<std::string>("encode") == "ordinal" ? BinCode::ordinal : BinCode::onehot,
                .strategy = choice(c, "strategy", Bins::quantile),
                .quantile_method = choice(c, "quantile_method", QuantileMethod::averaged_inverted_cdf)}));
    const golden::Tensor expected = c.tensor("edges");
    std::size_t place = 0;
    for (const auto& edges : t.bin_edges())
      for (const double edge : edges) {
        REQUIRE(place < expected.size());
        const double known = expected.data[place++];
        if (std::isfinite(known)) CHECK(golden::close(edge, known, 1e-12, 1e-12));
      }
    CHECK(place == expected.size());
  }
}

TEST_CASE("PolynomialFeatures: agrees with scikit-learn in values, order and names") {
  for (const auto& c : file().group("PolynomialFeatures"))
    check_numbers(c, PolynomialFeatures<double>({.degree = c.option<std::size_t>("degree", 2),
                                                 .interaction_only = c.option("interaction_only", false),
                                                 .include_bias = c.option("include_bias", true)}));
}

TEST_CASE("FunctionTransformer: every function and its inverse agree with numpy") {
  std::size_t count = 0;
  for (const auto& c : file().group("FunctionTransformer")) {
    check_numbers(c, FunctionTransformer<double>({.function = choice(c, "function", CellFunction::identity)}));
    ++count;
  }
  CHECK(count == enum_names(CellFunction::identity).size());
}

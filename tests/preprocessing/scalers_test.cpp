// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/core/random.hpp>
#include <foretell/preprocessing/min_max_scaler.hpp>
#include <foretell/preprocessing/normalizer.hpp>
#include <foretell/preprocessing/standard_scaler.hpp>
#include <foretell/xt/tensor.hpp>
#include <limits>
#include <string>
#include <vector>

using namespace foretell;

namespace {

const double nan_ = std::nan("");

Table mixed() {
  return Table{{"a", Column{1.0, 2.0, nan_, 6.0}},
               {"same", Column{0.1, 0.1, 0.1, 0.1}},
               {"gone", Column{nan_, nan_, nan_, nan_}},
               {"flag", Column{true, false, true, true}}};
}

}  // namespace

TEST_CASE("StandardScaler: mean, variance and scale leave out missing values") {
  StandardScaler<double> scaler;
  const Tensor<double> y = scaler.fit_transform(mixed());
  CHECK(scaler.mean()[0] == doctest::Approx(3));
  CHECK(scaler.var()[0] == doctest::Approx(14.0 / 3));
  CHECK(scaler.n_samples_seen()[0] == 3);
  CHECK(scaler.scale()[1] == 1);
  CHECK(y(0, 0) == doctest::Approx(-2 / std::sqrt(14.0 / 3)));
  CHECK(std::isnan(y(2, 0)));
  CHECK(std::abs(y(3, 1)) < 1e-15);
  CHECK(std::isnan(y(0, 2)));
  CHECK(y(1, 3) == doctest::Approx(-0.75 / std::sqrt(0.1875)));
  CHECK(scaler.get_feature_names_out() == std::vector<std::string>{"a", "same", "gone", "flag"});
}

TEST_CASE("StandardScaler: a column that was missing throughout keeps later values") {
  StandardScaler<double> scaler;
  scaler.fit(mixed());
  const Tensor<double> y = scaler.transform(mixed().with("gone", Column{5.0, 6.0, 7.0, nan_}));
  CHECK(y(0, 2) == 5);
  CHECK(std::isnan(y(3, 2)));
}

TEST_CASE("StandardScaler: statistics are accurate far from zero and over many blocks") {
  std::vector<double> values(50001);
  const Random random(3);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 1e9 + random.normal(i);
  long double mean = 0, square = 0;
  for (const double v : values) mean += v;
  mean /= static_cast<long double>(values.size());
  for (const double v : values) square += (v - mean) * (v - mean);
  StandardScaler<double> scaler;
  scaler.fit(values);
  CHECK(scaler.mean()[0] == doctest::Approx(static_cast<double>(mean)).epsilon(1e-15));
  CHECK(scaler.var()[0] ==
        doctest::Approx(static_cast<double>(square / static_cast<long double>(values.size()))).epsilon(1e-9));
}

TEST_CASE("StandardScaler: partial_fit over parts equals fit over the whole, and fit forgets") {
  std::vector<double> all(3000);
  const Random random(4);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i % 7 == 0 ? nan_ : random.normal(i) * 5 + 2;
  StandardScaler<double> whole, parts;
  whole.fit(all);
  parts.partial_fit(std::vector<double>(all.begin(), all.begin() + 10));
  parts.partial_fit(std::vector<double>(all.begin() + 10, all.begin() + 2000));
  parts.partial_fit(std::vector<double>(all.begin() + 2000, all.end()));
  CHECK(parts.mean()[0] == doctest::Approx(whole.mean()[0]).epsilon(1e-13));
  CHECK(parts.var()[0] == doctest::Approx(whole.var()[0]).epsilon(1e-13));
  CHECK(parts.n_samples_seen() == whole.n_samples_seen());
  const auto mean = whole.mean();
  whole.fit(std::vector<double>{1, 1});
  CHECK(whole.mean()[0] == 1);
  whole.fit(all);
  CHECK(whole.mean() == mean);
}

TEST_CASE("StandardScaler: with_mean and with_std can be left out, and inverse_transform goes back") {
  const Tensor<float> x = random_normal<float>({37, 3}, 5, 4, 2);
  for (const bool with_mean : {false, true})
    for (const bool with_std : {false, true}) {
      StandardScaler<float> scaler({.with_mean = with_mean, .with_std = with_std});
      const Tensor<float> y = scaler.fit_transform(x), back = scaler.inverse_transform(y);
      CHECK((y(0, 0) == x(0, 0)) == (!with_mean && !with_std));
      for (std::size_t i = 0; i < x.size(); ++i) CHECK(back.data()[i] == doctest::Approx(x.data()[i]).epsilon(1e-5));
    }
}

TEST_CASE("StandardScaler: an array keeps its shape, also with one column and one row") {
  StandardScaler<float> scaler;
  CHECK(scaler.fit_transform(std::vector<double>{1, 2, 3}).shape().size() == 2);
  CHECK(scaler.fit_transform(random_normal<float>({1, 5}, 1)).shape()[1] == 5);
  const Tensor<float> none = scaler.transform(zeros<float>({0, 5}));
  CHECK(none.shape()[0] == 0);
  CHECK(none.shape()[1] == 5);
  CHECK(scaler.get_feature_names_out()[4] == "x4");
}

TEST_CASE("StandardScaler: wrong use is told in one sentence") {
  StandardScaler<float> scaler;
  CHECK_THROWS_WITH_AS(scaler.transform(mixed()),
                       "StandardScaler: transform needs a fitted transformer; call fit first.", StateError);
  CHECK_THROWS_WITH_AS(scaler.fit(zeros<float>({0, 2})),
                       "StandardScaler: fit needs rows and columns, received 0 rows of 2.", DataError);
  CHECK_THROWS_WITH_AS(scaler.fit(Table{{"city", Column{"Oslo"}}}),
                       "StandardScaler: column \"city\" holds text (e.g. \"Oslo\"); encode it first with OneHotEncoder "
                       "or OrdinalEncoder, or leave it out.",
                       DataError);
  CHECK_FALSE(scaler.fitted());
  scaler.fit(zeros<float>({4, 2}));
  CHECK_THROWS_WITH_AS(scaler.transform(zeros<float>({4, 3})),
                       "StandardScaler: expected 2 columns, as fitted (\"x0\", \"x1\"), received 3.", ShapeError);
  CHECK_THROWS_AS(scaler.inverse_transform(zeros<float>({4, 3})), ShapeError);
  std::vector<float> room(7);
  CHECK_THROWS_WITH_AS(scaler.transform_into(zeros<float>({4, 2}), room),
                       "StandardScaler: transform_into expected room for 4 rows of 2 features, received 7 elements.",
                       ShapeError);
}

TEST_CASE("MinMaxScaler: the smallest and largest value go to the ends of the range") {
  MinMaxScaler<double> scaler({.low = -1, .high = 3});
  const Tensor<double> y = scaler.fit_transform(mixed());
  CHECK(y(0, 0) == doctest::Approx(-1));
  CHECK(y(1, 0) == doctest::Approx(-0.2));
  CHECK(std::isnan(y(2, 0)));
  CHECK(y(3, 0) == doctest::Approx(3));
  CHECK(y(0, 1) == doctest::Approx(-1));
  CHECK(std::isnan(y(0, 2)));
  CHECK(scaler.data_min()[0] == 1);
  CHECK(scaler.data_max()[0] == 6);
  const Tensor<double> back = scaler.inverse_transform(y);
  CHECK(back(3, 0) == doctest::Approx(6));
}

TEST_CASE("MinMaxScaler: clip cuts later values, and missing ones stay missing") {
  MinMaxScaler<double> free, clipped({.clip = true});
  free.fit(std::vector<double>{0, 10});
  clipped.fit(std::vector<double>{0, 10});
  const std::vector<double> later{-5, 5, 20, nan_};
  CHECK(free.transform(later)(2, 0) == doctest::Approx(2));
  CHECK(clipped.transform(later)(0, 0) == 0);
  CHECK(clipped.transform(later)(1, 0) == doctest::Approx(0.5));
  CHECK(clipped.transform(later)(2, 0) == 1);
  CHECK(std::isnan(clipped.transform(later)(3, 0)));
}

TEST_CASE("MinMaxScaler: partial_fit widens the range, and an empty range is an error at fit") {
  MinMaxScaler<double> scaler;
  scaler.partial_fit(std::vector<double>{0, 1}).partial_fit(std::vector<double>{-1, 3});
  CHECK(scaler.transform(std::vector<double>{1})(0, 0) == doctest::Approx(0.5));
  MinMaxScaler<double> empty({.low = 1, .high = 1});
  CHECK_THROWS_WITH_AS(empty.fit(std::vector<double>{0, 1}),
                       "MinMaxScaler: expected low < high, received low 1 and high 1.", ConfigError);
}

TEST_CASE("Normalizer: rows of huge and of the smallest numbers have their direction") {
  for (const double f : {1.0, 1e300, 1e-300, std::numeric_limits<double>::denorm_min()}) {
    CAPTURE(f);
    const Tensor<double> y = Normalizer<double>().fit_transform(Table{{"a", Column{3 * f}}, {"b", Column{4 * f}}});
    CHECK(y(0, 0) == doctest::Approx(0.6).epsilon(1e-15));
    CHECK(y(0, 1) == doctest::Approx(0.8).epsilon(1e-15));
  }
}

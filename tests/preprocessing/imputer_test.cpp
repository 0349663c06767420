// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/preprocessing/simple_imputer.hpp>
#include <foretell/xt/tensor.hpp>
#include <string>
#include <vector>

using namespace foretell;

namespace {

const double nan_ = std::nan("");

double filled(Impute strategy, std::vector<double> values) {
  return SimpleImputer<double>({.strategy = strategy}).fit(values).transform(std::vector<double>{nan_})(0, 0);
}

Table texts() {
  return Table{{"city", Column::from_codes({0, 1, 1, 0, -1, 2}, {"Rome", "Oslo", "Bern"})},
               {"n", Column{1.0, 2.0, nan_, 2.0, nan_, 5.0}}};
}

}  // namespace

TEST_CASE("SimpleImputer: mean, median and most frequent of what is there") {
  CHECK(filled(Impute::mean, {1, nan_, 2, 6}) == 3);
  CHECK(filled(Impute::median, {9, nan_, 1, 2}) == 2);
  CHECK(filled(Impute::median, {9, nan_, 1, 2, 4, nan_}) == 3);
  CHECK(filled(Impute::median, {7, nan_}) == 7);
  CHECK(filled(Impute::most_frequent, {5, 3, nan_, nan_, nan_, 3, 5, 9}) == 3);
  CHECK(filled(Impute::mean, {nan_, nan_}) == 0);
  CHECK(filled(Impute::median, {nan_}) == 0);
  CHECK(SimpleImputer<double>({.strategy = Impute::constant, .fill_value = -7})
            .fit_transform(std::vector<double>{nan_, 1})(0, 0) == -7);
}

TEST_CASE("SimpleImputer: values that are there pass unchanged") {
  const Tensor<double> y =
      SimpleImputer<double>({.strategy = Impute::median}).fit_transform(std::vector<double>{1e300, nan_, -2, HUGE_VAL});
  CHECK(y(0, 0) == 1e300);
  CHECK(y(2, 0) == -2);
  CHECK(y(3, 0) == HUGE_VAL);
  CHECK_THROWS_AS(SimpleImputer<double>().fit(std::vector<double>{1, nan_, HUGE_VAL}), DataError);
}

TEST_CASE(
    "SimpleImputer: text columns take the most frequent text, the first in the alphabet of equals, or a constant") {
  SimpleImputer<float> frequent({.strategy = Impute::most_frequent});
  frequent.fit(texts());
  const Table out = frequent.transform_table(texts());
  CHECK(out.column("city").text(4) == "Oslo");
  CHECK(out.column("city").text(5) == "Bern");
  CHECK(out.column("n").number(2) == 2);
  const Table constant = SimpleImputer<float>({.strategy = Impute::constant, .fill_value = 8, .fill_text = "?"})
                             .fit(texts())
                             .transform_table(texts());
  CHECK(constant.column("city").text(4) == "?");
  CHECK(constant.column("n").number(4) == 8);
  const Table known =
      SimpleImputer<float>({.strategy = Impute::constant, .fill_text = "Bern"}).fit(texts()).transform_table(texts());
  CHECK(known.column("city").text(4) == "Bern");
  CHECK(known.column("city").text(0) == "Rome");
  CHECK_THROWS_WITH_AS(SimpleImputer<float>().fit(texts()),
                       "SimpleImputer: column \"city\" holds text (e.g. \"Rome\"); encode it first with OneHotEncoder "
                       "or OrdinalEncoder, or leave it out.",
                       DataError);
}

TEST_CASE("SimpleImputer: booleans are filled as 0 and 1") {
  const Table flags{{"f", Column::from_booleans({1, 1, 0, -1}, "no", "yes")}};
  CHECK(
      SimpleImputer<float>({.strategy = Impute::most_frequent}).fit(flags).transform_table(flags).column("f").text(3) ==
      "yes");
  CHECK(SimpleImputer<double>().fit_transform(flags)(3, 0) == doctest::Approx(2.0 / 3));
}

TEST_CASE("SimpleImputer: indicators stand behind, for columns that were missing in fit") {
  const Table table{{"a", Column{1.0, 2.0}}, {"b", Column{nan_, 4.0}}, {"c", Column{nan_, nan_}}};
  SimpleImputer<double> imputer({.add_indicator = true});
  const Tensor<double> y = imputer.fit_transform(table);
  CHECK(imputer.get_feature_names_out() ==
        std::vector<std::string>{"a", "b", "c", "missingindicator_b", "missingindicator_c"});
  CHECK(y(0, 1) == 4);
  CHECK(y(0, 3) == 1);
  CHECK(y(1, 3) == 0);
  CHECK(y(1, 4) == 1);
  const Tensor<double> back = imputer.inverse_transform(y);
  CHECK(std::isnan(back(0, 1)));
  CHECK(back(1, 1) == 4);
  CHECK(back(0, 0) == 1);
}

TEST_CASE("SimpleImputer: indicators of columns that were often enough missing, by rows or by their share") {
  std::vector<double> often(100, 1), rarely(100, 1), never(100, 1);
  for (std::size_t i = 0; i < 20; ++i) often[i] = nan_;
  for (std::size_t i = 0; i < 5; ++i) rarely[i] = nan_;
  const Table table{{"often", Column(often)}, {"rarely", Column(rarely)}, {"never", Column(never)}};
  const auto indicated = [&](double least) {
    SimpleImputer<double> imputer({.add_indicator = true, .indicator_min_frequency = least});
    return imputer.fit(table).get_feature_names_out().size() - 3;
  };
  CHECK(indicated(0) == 2);
  CHECK(indicated(0.05) == 2);
  CHECK(indicated(0.051) == 1);
  // A share of rows is whole rows where it is meant to be, though 0.07 * 100 is more than 7.
  const std::vector<double> seven = [&] {
    std::vector<double> column(100, 1);
    std::fill_n(column.begin(), 7, nan_);
    return column;
  }();
  for (const auto& [least, columns] : {std::pair(0.07, 2u), std::pair(0.071, 1u)})
    CHECK(SimpleImputer<double>({.add_indicator = true, .indicator_min_frequency = least})
              .fit(seven)
              .output_schema()
              .size() == columns);
  CHECK(indicated(5) == 2);
  CHECK(indicated(6) == 1);
  CHECK(indicated(21) == 0);
  CHECK_THROWS_AS(SimpleImputer<double>({.indicator_min_frequency = -0.1}).fit(table), ConfigError);
  CHECK_THROWS_AS(SimpleImputer<double>({.indicator_min_frequency = nan_}).fit(table), ConfigError);
}

TEST_CASE("SimpleImputer: missing values are counted by column") {
  SimpleImputer<float> imputer({.strategy = Impute::most_frequent});
  imputer.fit(texts());
  CHECK(imputer.hits()[1].missing == 0);
  (void)imputer.transform(texts());
  (void)imputer.transform(texts());
  CHECK(imputer.hits()[0].name == "city");
  CHECK(imputer.hits()[0].missing == 2);
  CHECK(imputer.hits()[1].missing == 4);
  imputer.clear_hits();
  CHECK(imputer.hits()[1].missing == 0);
}

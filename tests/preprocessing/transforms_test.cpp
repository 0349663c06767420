// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/core/random.hpp>
#include <foretell/preprocessing/binarizer.hpp>
#include <foretell/preprocessing/calendar_encoder.hpp>
#include <foretell/preprocessing/cleaning.hpp>
#include <foretell/preprocessing/column_transformer.hpp>
#include <foretell/preprocessing/count_encoder.hpp>
#include <foretell/preprocessing/function_transformer.hpp>
#include <foretell/preprocessing/hashing_encoder.hpp>
#include <foretell/preprocessing/kbins_discretizer.hpp>
#include <foretell/preprocessing/knn_imputer.hpp>
#include <foretell/preprocessing/max_abs_scaler.hpp>
#include <foretell/preprocessing/one_hot_encoder.hpp>
#include <foretell/preprocessing/pca.hpp>
#include <foretell/preprocessing/pipeline.hpp>
#include <foretell/preprocessing/polynomial_features.hpp>
#include <foretell/preprocessing/power_transformer.hpp>
#include <foretell/preprocessing/quantile_transformer.hpp>
#include <foretell/preprocessing/rare_category_grouper.hpp>
#include <foretell/preprocessing/robust_scaler.hpp>
#include <foretell/preprocessing/select_k_best.hpp>
#include <foretell/preprocessing/smooth_clipper.hpp>
#include <foretell/preprocessing/target_encoder.hpp>
#include <foretell/preprocessing/variance_threshold.hpp>
#include <foretell/preprocessing/winsorizer.hpp>
#include <foretell/xt/tensor.hpp>
#include <string>
#include <vector>

using namespace foretell;

namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

const double nan_ = std::nan("");

Numbers values_of(const Tensor<double>& x) { return {x.begin(), x.end()}; }

/// Twelve rows: a 1, b 5, c 4, d 2.
Table letters() { return Table{{"l", Column(Texts{"c", "b", "b", "d", "c", "b", "a", "c", "b", "d", "c", "b"})}}; }

}  // namespace

TEST_CASE("SmoothClipper: keeps small numbers and order, passes no limit, goes back") {
  // 60 digits by hand: x / sqrt(1 + (x / 3)^2) of 1, 3, -3, 100.
  const Table table{{"x", Column(std::vector<double>{1, 3, -3, 100, 0, 1e-200, 1e300, std::nan("")})}};
  SmoothClipper<double> clipper;
  const Tensor<double> y = clipper.fit_transform(table);
  CHECK(y(0, 0) == doctest::Approx(0.94868329805051379960).epsilon(1e-15));
  CHECK(y(1, 0) == doctest::Approx(2.1213203435596425732).epsilon(1e-15));
  CHECK(y(2, 0) == -y(1, 0));
  CHECK(y(3, 0) == doctest::Approx(2.9986509105671002714).epsilon(1e-15));
  CHECK(y(4, 0) == 0);
  CHECK(y(5, 0) == 1e-200);
  CHECK(y(6, 0) == 3);
  CHECK(std::isnan(y(7, 0)));
  const Tensor<double> back = clipper.inverse_transform(y);
  for (const std::size_t r : {0U, 1U, 2U, 4U, 5U})
    CHECK(back(r, 0) == doctest::Approx(table.column("x").number(r)).epsilon(1e-14));
  CHECK(SmoothClipper<double>({.limit = 0.5}).fit_transform(table)(3, 0) < 0.5);
  CHECK_THROWS_WITH_AS(SmoothClipper<double>({.limit = 0}),
                       "SmoothClipper: expected a finite limit above 0, received 0", ConfigError);
}

TEST_CASE("transformers: options that cannot be used are told in one sentence") {
  const Numbers x{1, 2, 3, 4};
  CHECK_THROWS_WITH_AS(RobustScaler<double>({.low = 0.8, .high = 0.2}).fit(x),
                       "RobustScaler: expected 0 <= low < high <= 1, received low 0.8 and high 0.2.", ConfigError);
  CHECK_THROWS_WITH_AS(Winsorizer<double>({.low = -1}).fit(x),
                       "Winsorizer: expected 0 <= low < high <= 1, received low -1 and high 0.95.", ConfigError);
  CHECK_THROWS_WITH_AS(Winsorizer<double>({.fence = Fence::iqr, .factor = -1}).fit(x),
                       "Winsorizer: expected factor >= 0, received -1.", ConfigError);
  CHECK_THROWS_WITH_AS(QuantileTransformer<double>({.n_quantiles = 0}).fit(x),
                       "QuantileTransformer: expected n_quantiles > 0, received 0.", ConfigError);
  CHECK_THROWS_WITH_AS(KBinsDiscretizer<double>({.n_bins = 1}).fit(x),
                       "KBinsDiscretizer: expected n_bins >= 2, received 1.", ConfigError);
  CHECK_THROWS_WITH_AS(PolynomialFeatures<double>({.degree = 0, .include_bias = false}).fit(x),
                       "PolynomialFeatures: expected degree > 0 or include_bias, received neither.", ConfigError);
  CHECK_THROWS_WITH_AS(PolynomialFeatures<double>({.degree = 40}).fit(zeros<double>({2, 30})),
                       "PolynomialFeatures: degree 40 of 30 columns gives more than 1000000 features; choose fewer "
                       "columns or a lower degree.",
                       ConfigError);
  CHECK_THROWS_WITH_AS(HashingEncoder<double>({.n_features = 0}).fit(letters()),
                       "HashingEncoder: expected n_features > 0, received 0.", ConfigError);
  CHECK_THROWS_WITH_AS(CyclicalEncoder<double>({.period = 0}).fit(x),
                       "CyclicalEncoder: expected period > 0, received 0.", ConfigError);
  CHECK_THROWS_WITH_AS(CalendarEncoder<double>({.parts = {}}).fit(x), "CalendarEncoder: expected parts, received none.",
                       ConfigError);
  CHECK_THROWS_WITH_AS(KNNImputer<double>({.n_neighbors = 0}).fit(x),
                       "KNNImputer: expected n_neighbors > 0, received 0.", ConfigError);
  CHECK_THROWS_WITH_AS(PCA<double>({.n_components = 2}).fit(x),
                       "PCA: expected n_components to be 0, a share below 1, or a whole number up to 1 (the smaller of "
                       "rows and columns), received 2.",
                       ConfigError);
  CHECK_THROWS_WITH_AS(TruncatedSVD<double>({.n_components = 2}).fit(x),
                       "TruncatedSVD: expected 1 <= n_components <= 1, the number of columns, received 2.",
                       ConfigError);
  CHECK_THROWS_WITH_AS(VarianceThreshold<double>({.threshold = -1}).fit(x),
                       "VarianceThreshold: expected threshold >= 0, received -1.", ConfigError);
  CHECK_THROWS_WITH_AS(VarianceThreshold<double>({.threshold = 9}).fit(x),
                       "VarianceThreshold: none of 1 columns has a variance above 9; lower the threshold.", DataError);
  CHECK_THROWS_WITH_AS(drop_outliers(letters(), {.threshold = 0}), "drop_outliers: expected threshold > 0, received 0.",
                       ConfigError);
  CHECK_THROWS_WITH_AS(drop_outliers(letters(), {.columns = {"l"}}),
                       "drop_outliers: column \"l\" holds no numbers; leave it out.", DataError);
}

TEST_CASE("transformers: data that cannot be used is told in one sentence") {
  CHECK_THROWS_WITH_AS(PowerTransformer<double>({.method = PowerMethod::box_cox}).fit(Numbers{1, 0}),
                       "PowerTransformer: column \"x0\" holds 0, but Box-Cox takes positive numbers only; use "
                       "PowerMethod::yeo_johnson.",
                       DataError);
  CHECK_THROWS_WITH_AS(PCA<double>().fit(Numbers{1, nan_}),
                       "PCA: column \"x0\" is missing in row 1; fill it first, with SimpleImputer for one.", DataError);
  CHECK_THROWS_WITH_AS(MaxAbsScaler<double>().fit(letters()),
                       "MaxAbsScaler: column \"l\" holds text (e.g. \"c\"); encode it first with OneHotEncoder or "
                       "OrdinalEncoder, or leave it out.",
                       DataError);
  FunctionTransformer<double> sine({.function = CellFunction::sin});
  const Tensor<double> y = sine.fit_transform(Numbers{1, 2});
  CHECK_THROWS_WITH_AS(sine.inverse_transform(y), "FunctionTransformer: sin has no inverse.", StateError);
  Binarizer<double> binarizer;
  CHECK_THROWS_WITH_AS(binarizer.inverse_transform(binarizer.fit_transform(Numbers{1, 2})),
                       "Binarizer: it has no inverse.", StateError);
}

TEST_CASE("fit(x, y): a supervised transformer needs a target of one number or text a row") {
  TargetEncoder<double> encoder;
  CHECK_THROWS_WITH_AS(encoder.fit(letters()), "TargetEncoder: it learns from the target too; call fit(x, y).",
                       StateError);
  CHECK_THROWS_WITH_AS(encoder.fit(letters(), Numbers{1, 2, 3}),
                       "TargetEncoder: expected 12 targets, one a row, received 3.", ShapeError);
  CHECK_THROWS_WITH_AS(encoder.fit(letters().head(2), Numbers{1, nan_}),
                       "TargetEncoder: the target in row 1 is missing; drop the rows without one.", DataError);
  CHECK_THROWS_WITH_AS(encoder.fit(letters().head(2), Column::from_codes({0, -1}, {"yes"})),
                       "TargetEncoder: the target in row 1 is missing; drop the rows without one.", DataError);
  CHECK_THROWS_WITH_AS(encoder.fit(letters().head(2), zeros<double>({2, 3})),
                       "TargetEncoder: expected a target of one number a row, received 3 a row.", ShapeError);
  CHECK_THROWS_WITH_AS(TargetEncoder<double>({.cv = 1}).fit(letters().head(2), Numbers{1, 2}),
                       "TargetEncoder: expected 2 <= cv <= 1000, received 1.", ConfigError);
  CHECK_THROWS_WITH_AS(TargetEncoder<double>({.smooth = -3}).fit(letters().head(2), Numbers{1, 2}),
                       "TargetEncoder: expected smooth >= 0 or auto_smooth, received -3.", ConfigError);
  CHECK_THROWS_WITH_AS(
      TargetEncoder<double>({.target_type = TargetType::binary}).fit(letters().head(3), Numbers{1, 2, 3}),
      "TargetEncoder: expected a binary target, received 3 classes.", DataError);
  CHECK_THROWS_WITH_AS(
      SelectKBest<double>().fit(Numbers{1, 2}, Numbers{1, 1}),
      "SelectKBest: expected a target of two classes or more, received one; no column says anything about it.",
      DataError);
  CHECK_THROWS_WITH_AS(
      SelectKBest<double>({.score = FeatureScore::chi2}).fit(Numbers{1, -2}, Numbers{0, 1}),
      "SelectKBest: column \"x0\" holds -2, but chi2 takes numbers that are not negative; use another score.",
      DataError);
  CHECK_FALSE(encoder.fitted());
  Tensor<float> one_a_row = zeros<float>({12, 1});
  one_a_row(3, 0) = 1;
  CHECK_NOTHROW(encoder.fit(letters(), one_a_row));
  CHECK_NOTHROW(MaxAbsScaler<double>().fit(Numbers{1, 2}, Numbers{0, 1}));  // others ignore it
}

TEST_CASE("TargetEncoder: fit_transform does not let a row see its own target") {
  const std::size_t rows = 2000;
  const Random random(5);
  Numbers ids(rows), y(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    ids[r] = static_cast<double>(random.stream(1).below(r, rows / 2));
    y[r] = static_cast<double>(random.stream(2).below(r, 2));
  }
  const auto relation = [&](const Tensor<double>& x) {
    double product = 0, square = 0, mean = 0;
    for (const double v : x) mean += v / static_cast<double>(rows);
    for (std::size_t r = 0; r < rows; ++r) {
      product += (x.data()[r] - mean) * (y[r] - 0.5);
      square += (x.data()[r] - mean) * (x.data()[r] - mean);
    }
    return product / std::sqrt(square * static_cast<double>(rows) * 0.25);
  };
  TargetEncoder<double> encoder({.smooth = 1, .seed = 3});
  CHECK(std::abs(relation(encoder.fit_transform(ids, y))) < 0.1);
  CHECK(relation(encoder.transform(ids)) > 0.5);
  TargetEncoder<double> same({.smooth = 1, .seed = 3}), other({.smooth = 1, .seed = 4});
  const Numbers once = values_of(encoder.fit_transform(ids, y));
  CHECK(values_of(same.fit_transform(ids, y)) == once);
  CHECK(values_of(other.fit_transform(ids, y)) != once);
}

TEST_CASE("TargetEncoder: texts of two kinds are a yes or no, of more kinds one column each") {
  const Table x = letters();
  TargetEncoder<double> encoder({.smooth = 0});
  Texts answers(12, "no");
  answers[1] = answers[2] = "yes";  // both are b, of five
  encoder.fit(x, Column(answers));
  CHECK(values_of(encoder.transform(Table{{"l", Column{"b", "a", "z"}}})) == Numbers{0.4, 0, 2.0 / 12});
  CHECK(encoder.hits()[0].unknown == 1);
  answers[6] = "maybe";
  encoder.fit(x, Column(answers));
  CHECK(encoder.get_feature_names_out() == Texts{"l_maybe", "l_no", "l_yes"});
  CHECK(values_of(encoder.transform(Table{{"l", Column{"a", "b"}}})) == Numbers{1, 0, 0, 0, 0.6, 0.4});
}

TEST_CASE("CountEncoder: counts or shares, 0 for a category not seen") {
  const Table later{{"l", Column::from_codes({0, 1, 2, -1}, {"b", "a", "z"})}};
  CHECK(values_of(CountEncoder<double>().fit(letters()).transform(later)) == Numbers{5, 1, 0, 0});
  CHECK(values_of(CountEncoder<double>({.normalize = true}).fit(letters()).transform(later)) ==
        Numbers{5.0 / 12, 1.0 / 12, 0, 0});
}

TEST_CASE("HashingEncoder: a text has the same place whether fit saw it or not, numbers and flags too") {
  const Table x{{"t", Column{"a", "b"}}, {"n", Column{1.0, 2.5}}, {"f", Column{true, false}}};
  HashingEncoder<double> first, second;
  const Tensor<double> y = first.fit_transform(x);
  second.fit(Table{{"t", Column{"z"}}, {"n", Column{9.0}}, {"f", Column{true}}});
  CHECK(values_of(second.transform(x)) == values_of(y));
  CHECK(first.get_feature_names_out()[8] == "n_0");
  CHECK(values_of(first.transform(
            Table{{"t", Column::from_codes({-1}, {})}, {"n", Column{nan_}}, {"f", Column{true}}})) != values_of(y));
  CHECK(first.hits()[0].missing == 1);
  CHECK(first.hits()[1].missing == 1);
  CHECK(second.hits()[0].unknown == 2);
}

TEST_CASE("RareCategoryGrouper: rare and unknown categories get one name, and missing stays missing") {
  RareCategoryGrouper<double> grouper({.min_frequency = 3});
  grouper.fit(letters());
  const Table later{{"l", Column::from_codes({0, 1, 2, 3, -1}, {"a", "b", "c", "z"})}};
  const Table out = grouper.transform_table(later);
  CHECK(out.column("l").text(0) == "other");
  CHECK(out.column("l").text(1) == "b");
  CHECK(out.column("l").text(2) == "c");
  CHECK(out.column("l").text(3) == "other");
  CHECK(out.column("l").missing(4));
  CHECK(grouper.hits()[0].unknown == 1);
  CHECK(grouper.hits()[0].missing == 1);
  RareCategoryGrouper<double> named({.min_frequency = 3, .other = "b"});
  CHECK(named.fit(letters()).transform_table(later).column("l").text(0) == "b");
  auto encoded = make_pipeline<double>(RareCategoryGrouper<double>({.min_frequency = 3}), OneHotEncoder<double>());
  CHECK(values_of(encoded.fit(letters()).transform(later.head(4))) == Numbers{0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1});
}

TEST_CASE("CalendarEncoder: parts that begin again are sine and cosine, and the clock may be ahead of UTC") {
  CalendarEncoder<double> encoder({.parts = {CalendarPart::hour, CalendarPart::is_weekend}});
  const Tensor<double> y = encoder.fit_transform(Numbers{6 * 3600.0, nan_, 1e300});  // a Thursday, 6:00
  CHECK(encoder.get_feature_names_out() == Texts{"x0_hour_sin", "x0_hour_cos", "x0_is_weekend"});
  CHECK(y(0, 0) == doctest::Approx(1));
  CHECK(std::abs(y(0, 1)) < 1e-15);
  CHECK(y(0, 2) == 0);
  for (std::size_t r : {1u, 2u})
    for (std::size_t c = 0; c < 3; ++c) CHECK(std::isnan(y(r, c)));
  CalendarEncoder<double> tokyo(
      {.parts = {CalendarPart::weekday, CalendarPart::hour}, .cyclical = false, .utc_offset = 9});
  CHECK(values_of(tokyo.fit_transform(Numbers{20 * 3600.0})) == Numbers{4, 5});
  const CyclicalEncoder<double> week = CyclicalEncoder<double>({.period = 7}).fit(Numbers{0});
  CHECK(values_of(week.inverse_transform(week.transform(Numbers{-1})))[0] == doctest::Approx(6));
}

TEST_CASE("Winsorizer: a side can be left open, and missing stays missing") {
  Numbers x;
  for (int i = 0; i <= 100; ++i) x.push_back(i);
  Winsorizer<double> cut({.low = 0, .high = 0.9});
  cut.fit(x);
  const Tensor<double> y = cut.transform(Numbers{-1e9, 50, 1e9, nan_});
  CHECK(y(0, 0) == -1e9);
  CHECK(y(1, 0) == 50);
  CHECK(y(2, 0) == 90);
  CHECK(std::isnan(y(3, 0)));
}

TEST_CASE("transformers: columns of nothing but missing values are handled") {
  const Table x{{"a", Column{1.0, 2.0, 4.0}}, {"gone", Column{nan_, nan_, nan_}}};
  const Table later{{"a", Column{1.0}}, {"gone", Column{5.0}}};
  CHECK(MaxAbsScaler<double>().fit(x).transform(later)(0, 1) == 5);
  CHECK(RobustScaler<double>().fit(x).transform(later)(0, 1) == 5);
  CHECK(QuantileTransformer<double>().fit(x).transform(later)(0, 1) == 5);
  CHECK(Winsorizer<double>().fit(x).transform(later)(0, 1) == 5);
  CHECK(PowerTransformer<double>().fit(x).transform(later)(0, 1) == doctest::Approx(5));
  CHECK(KNNImputer<double>().fit(x).transform(x)(1, 1) == 0);
  CHECK(KBinsDiscretizer<double>({.encode = BinCode::ordinal}).fit(x).transform(later)(0, 1) == 0);
  CHECK(VarianceThreshold<double>().fit(x).get_support() == std::vector<bool>{true, false});
}

TEST_CASE("symmetric_eigen: vectors are unit, orthogonal and solve the equation, for odd sizes and equal values") {
  for (const std::size_t n : {1u, 2u, 3u, 7u, 31u}) {
    const Random random(n);
    for (const bool flat : {false, true}) {
      Numbers a(n * n);
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = i; j < n; ++j)
          a[i * n + j] = a[j * n + i] = flat ? static_cast<double>(i == j) : random.normal(i * n + j);
      const detail::Eigen eigen = detail::symmetric_eigen(n, a);
      for (std::size_t k = 0; k < n; ++k) {
        const double* const v = eigen.vectors.data() + k * n;
        if (k > 0) CHECK(eigen.values[k] <= eigen.values[k - 1]);
        for (std::size_t i = 0; i < n; ++i) {
          double product = 0, along = 0;
          for (std::size_t j = 0; j < n; ++j) {
            product += a[i * n + j] * v[j];
            along += eigen.vectors[i * n + j] * v[j];
          }
          CHECK(std::abs(product - eigen.values[k] * v[i]) < 1e-12);
          CHECK(std::abs(along - static_cast<double>(i == k)) < 1e-13);
        }
      }
    }
  }
}

TEST_CASE("PCA: a wide array and one row are decomposed, and all components give the rows back") {
  const Tensor<double> x = random_normal<double>({5, 13}, 2);
  PCA<double> pca;
  const Tensor<double> y = pca.fit_transform(x), back = pca.inverse_transform(y);
  CHECK(y.shape()[1] == 5);
  for (std::size_t i = 0; i < x.size(); ++i) CHECK(std::abs(back.data()[i] - x.data()[i]) < 1e-12);
  const Tensor<double> one = PCA<double>().fit_transform(random_normal<double>({1, 3}, 2));
  CHECK(one.shape()[1] == 1);
  CHECK(std::abs(one(0, 0)) < 1e-15);
}

TEST_CASE("SelectKBest: mutual information is the same for the same seed, and equal values do no harm") {
  Numbers x(60), y(60);
  for (std::size_t i = 0; i < 60; ++i) x[i] = static_cast<double>(i % 3), y[i] = static_cast<double>(i % 3 == 1);
  const auto score = [&](std::uint64_t seed) {
    return SelectKBest<double>({.score = FeatureScore::mutual_info_classif, .k = 1, .seed = seed}).fit(x, y).scores();
  };
  CHECK(score(1) == score(1));
  CHECK(score(1)[0] > 0.5);
  CHECK(SelectKBest<double>({.score = FeatureScore::mutual_info_classif, .discrete_features = true})
            .fit(x, y)
            .scores()[0] == doctest::Approx(-(std::log(1.0 / 3) + 2 * std::log(2.0 / 3)) / 3));
}

TEST_CASE("KNNImputer: the nearest rows that have the column are averaged, and missing values are counted") {
  const Table x{{"a", Column{0.0, 1.0, 10.0, 11.0}}, {"b", Column{0.0, 2.0, 20.0, nan_}}};
  KNNImputer<double> imputer({.n_neighbors = 1});
  CHECK(imputer.fit_transform(x)(3, 1) == 20);
  CHECK(imputer.transform(Table{{"a", Column{0.4}}, {"b", Column{nan_}}})(0, 1) == 0);
  CHECK(imputer.transform(Table{{"a", Column{nan_}}, {"b", Column{nan_}}})(0, 1) == doctest::Approx(22.0 / 3));
  CHECK(imputer.hits()[1].missing == 3);
}

TEST_CASE("drop_duplicates: the first, the last or none of equal rows stay, and missing equals missing") {
  const Table x{{"n", Column{1.0, nan_, 1.0, nan_, 0.0, -0.0}},
                {"t", Column::from_codes({0, -1, 0, -1, 1, 1}, {"a", "b"})},
                {"id", Column{0.0, 1.0, 2.0, 3.0, 4.0, 5.0}}};
  const auto left = [&](KeepDuplicate keep) {
    const Table out = drop_duplicates(x, {.columns = {"n", "t"}, .keep = keep});
    return out.column("id").numbers();
  };
  CHECK(left(KeepDuplicate::first) == Numbers{0, 1, 4});
  CHECK(left(KeepDuplicate::last) == Numbers{2, 3, 5});
  CHECK(left(KeepDuplicate::none).empty());
  CHECK(drop_duplicates(x).rows() == 6);
  CHECK(drop_duplicates(x.head(0)).rows() == 0);
  CHECK_THROWS_AS(drop_duplicates(x, {.columns = {"z"}}), DataError);
}

TEST_CASE("drop_outliers: rows far from the mean of a column go, missing values stay") {
  Numbers values(50, 1);
  for (std::size_t i = 0; i < 50; ++i) values[i] += static_cast<double>(i % 5);
  values[7] = 1000;
  values[9] = nan_;
  const Table x{{"n", Column(values)}, {"same", Column(Numbers(50, 3))}, {"t", Column(Texts(50, "a"))}};
  CHECK(drop_outliers(x).rows() == 49);
  CHECK(drop_outliers(x, {.columns = {"same"}}).rows() == 50);
  CHECK(drop_outliers(x.head(0)).rows() == 0);
  for (const double far : {std::numeric_limits<double>::infinity(), 1e300})
    CHECK_THROWS_AS(drop_outliers(Table{{"n", {1.0, -far, 2.0, far}}}), DataError);
}

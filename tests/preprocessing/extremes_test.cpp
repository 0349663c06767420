// SPDX-License-Identifier: BSD-3-Clause
// Columns that transformers stumble over. Every fitted transform answers finite numbers for them, or says in a sentence
// why it cannot.
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/core/random.hpp>
#include <foretell/io/json.hpp>
#include <foretell/preprocessing/binarizer.hpp>
#include <foretell/preprocessing/calendar_encoder.hpp>
#include <foretell/preprocessing/count_encoder.hpp>
#include <foretell/preprocessing/hashing_encoder.hpp>
#include <foretell/preprocessing/kbins_discretizer.hpp>
#include <foretell/preprocessing/knn_imputer.hpp>
#include <foretell/preprocessing/max_abs_scaler.hpp>
#include <foretell/preprocessing/min_max_scaler.hpp>
#include <foretell/preprocessing/normalizer.hpp>
#include <foretell/preprocessing/one_hot_encoder.hpp>
#include <foretell/preprocessing/ordinal_encoder.hpp>
#include <foretell/preprocessing/pca.hpp>
#include <foretell/preprocessing/pipeline.hpp>
#include <foretell/preprocessing/polynomial_features.hpp>
#include <foretell/preprocessing/power_transformer.hpp>
#include <foretell/preprocessing/quantile_transformer.hpp>
#include <foretell/preprocessing/rare_category_grouper.hpp>
#include <foretell/preprocessing/robust_scaler.hpp>
#include <foretell/preprocessing/select_k_best.hpp>
#include <foretell/preprocessing/simple_imputer.hpp>
#include <foretell/preprocessing/smooth_clipper.hpp>
#include <foretell/preprocessing/standard_scaler.hpp>
#include <foretell/preprocessing/target_encoder.hpp>
#include <foretell/preprocessing/variance_threshold.hpp>
#include <foretell/preprocessing/winsorizer.hpp>
#include <foretell/xt/tensor.hpp>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "preprocessing/golden_check.hpp"

using namespace foretell;

namespace {

using Numbers = std::vector<double>;
constexpr double huge = std::numeric_limits<double>::max(), infinite = std::numeric_limits<double>::infinity();

Numbers ramp(double first, double step, std::size_t rows) {
  Numbers x;
  for (std::size_t i = 0; i < rows; ++i) x.push_back(first + step * static_cast<double>(i));
  return x;
}

struct ColumnCase {
  std::string name;
  Numbers x;
};
const std::vector<ColumnCase>& column_cases() {
  static const std::vector<ColumnCase> all{
      {"unix seconds", ramp(1.7e9, 86400, 50)},
      {"1e5 + i", ramp(1e5, 1, 20)},
      {"years", ramp(1950, 1, 60)},
      {"negative and far out", ramp(-1.7e9, -3600, 20)},
      {"1e15 + i", ramp(1e15, 1, 20)},
      {"tiny spread", ramp(1, 1e-12, 20)},
      {"tiny numbers", ramp(1e-200, 1e-200, 20)},
      {"denormals", ramp(5e-324, 5e-324, 20)},
      {"constant", Numbers(10, 3.25)},
      {"constant and far out", Numbers(10, 1.7e9 + 0.1)},
      {"zeros", Numbers(10, 0)},
      {"one row", {7}},
      {"two rows", {7, 8}},
      {"all missing", Numbers(10, missing_cell)},
      {"one value, else missing", {missing_cell, 1e9, missing_cell}},
      {"1e100", ramp(-1e100, 1e99, 20)},
      {"1e300", ramp(1e300, 1e300, 20)},
      {"one outlier of 1e300", {1, 2, 3, 4, 1e300, missing_cell}},
      {"the largest doubles", {huge, -huge, huge / 2, 0, 1}},
      {"mixed sizes", {-1e300, -1, -1e-300, 0, 1e-300, 1, 1e300}},
      {"an infinity", {1, 2, infinite, 4}},
      {"both infinities", {1, infinite, -infinite, 4, 5}},
  };
  return all;
}

const std::vector<Transformer<double>>& transformers() {
  static const std::vector<Transformer<double>> all{
      StandardScaler<double>(),
      StandardScaler<double>({.with_mean = false}),
      MinMaxScaler<double>(),
      MinMaxScaler<double>({.low = -1, .high = 1, .clip = true}),
      MaxAbsScaler<double>(),
      RobustScaler<double>(),
      RobustScaler<double>({.unit_variance = true}),
      Normalizer<double>(),
      Normalizer<double>({.norm = RowNorm::l1}),
      Normalizer<double>({.norm = RowNorm::max}),
      QuantileTransformer<double>(),
      QuantileTransformer<double>({.n_quantiles = 3, .output = OutputDistribution::normal}),
      PowerTransformer<double>(),
      PowerTransformer<double>({.standardize = false}),
      PowerTransformer<double>({.method = PowerMethod::box_cox}),
      KBinsDiscretizer<double>(),
      KBinsDiscretizer<double>({.encode = BinCode::ordinal, .strategy = Bins::uniform}),
      KBinsDiscretizer<double>({.n_bins = 3, .encode = BinCode::ordinal, .strategy = Bins::kmeans}),
      Binarizer<double>(),
      SmoothClipper<double>(),
      PolynomialFeatures<double>({.degree = 3}),
      PCA<double>(),
      PCA<double>({.n_components = 0.9, .whiten = true}),
      TruncatedSVD<double>({.n_components = 1}),
      VarianceThreshold<double>(),
      SelectKBest<double>({.score = FeatureScore::f_classif, .k = 1}),
      SelectKBest<double>({.score = FeatureScore::f_regression, .k = 1}),
      SelectKBest<double>({.score = FeatureScore::chi2, .k = 1}),
      SelectKBest<double>({.score = FeatureScore::mutual_info_classif, .k = 1}),
      SelectKBest<double>({.score = FeatureScore::mutual_info_regression, .k = 1}),
      SimpleImputer<double>({.add_indicator = true}),
      SimpleImputer<double>({.strategy = Impute::median}),
      SimpleImputer<double>({.strategy = Impute::most_frequent}),
      KNNImputer<double>({.n_neighbors = 2, .weights = NeighborWeights::distance}),
      Winsorizer<double>(),
      Winsorizer<double>({.fence = Fence::iqr}),
      OneHotEncoder<double>(),
      OrdinalEncoder<double>(),
      CountEncoder<double>({.normalize = true}),
      TargetEncoder<double>(),
      HashingEncoder<double>(),
      CalendarEncoder<double>(),
      CyclicalEncoder<double>(),
      make_pipeline<double>(SimpleImputer<double>({.strategy = Impute::median}), StandardScaler<double>()),
  };
  return all;
}

/// What a transformer makes of a table, or what it says instead.
struct Answer {
  std::vector<double> values;
  std::string sentence;
  std::size_t features = 0;
};
Answer answer(Transformer<double> t, const Table& table, const Numbers& y) {
  try {
    t.fit(table, y);
    const Tensor<double> out = t.transform(table);
    return {{out.begin(), out.end()}, {}, t.output_schema().size()};
  } catch (const Error& e) {
    return {{}, e.what(), 0};
  }
}
bool says(const Answer& answer, std::string_view word) { return answer.sentence.find(word) != std::string::npos; }

}  // namespace

TEST_CASE("transformers: numbers far out, close together, constant, huge or infinite give numbers or a sentence") {
  std::size_t sentences = 0, answers = 0;
  for (const ColumnCase& kind : column_cases())
    for (const Transformer<double>& t : transformers())
      for (const bool alone : {true, false}) {
        const std::string who(t.type()), what = kind.name;
        CAPTURE(who);
        CAPTURE(what);
        CAPTURE(alone);
        Table table{{"x", kind.x}};
        if (!alone) table.add("i", ramp(0, 1, kind.x.size()));
        Numbers y(kind.x.size());
        for (std::size_t r = 0; r < y.size(); ++r) y[r] = static_cast<double>(r % 2);
        const Answer out = answer(t, table, y);
        if (!out.sentence.empty()) {
          CHECK((says(out, "column \"") || says(out, "expected") || says(out, "row") || says(out, "none of")));
          ++sentences;
          continue;
        }
        ++answers;
        std::size_t silent = 0;
        for (std::size_t i = 0; i < out.values.size(); ++i) {
          const double cell = kind.x[i / out.features];
          const bool no_date = who == "CalendarEncoder" && !(std::abs(cell) < 1e14);  // missing, as its comment says
          if (std::isfinite(cell) && !std::isfinite(out.values[i]) && !no_date) ++silent;
        }
        CHECK(silent == 0);
      }
  CHECK(sentences > 240);
  CHECK(answers > 1600);
}

TEST_CASE("transformers: ordinary columns beside an extreme one are what they are alone") {
  const Numbers i = ramp(0, 1, 20), y = ramp(0, 0.5, 20);
  std::size_t compared = 0;
  for (const ColumnCase& kind : column_cases()) {
    if (kind.x.size() != 20) continue;
    for (const Transformer<double>& t : transformers()) {
      const std::string who(t.type());
      if (who == "Normalizer" || who == "PCA" || who == "TruncatedSVD" || who == "KNNImputer" || who == "SelectKBest" ||
          who == "VarianceThreshold" || who == "PolynomialFeatures" || who == "TargetEncoder")
        continue;
      CAPTURE(who);
      const Answer alone = answer(t, Table{{"i", i}}, y), both = answer(t, Table{{"i", i}, {"x", kind.x}}, y);
      if (!both.sentence.empty() || !alone.sentence.empty()) continue;
      for (std::size_t r = 0; r < 20; ++r) CHECK(both.values[r * both.features] == alone.values[r * alone.features]);
      ++compared;
    }
  }
  CHECK(compared > 200);
}

TEST_CASE("transformers: of extreme columns as scikit-learn, where that has a finite answer") {
  const golden::File file("extremes");
  const auto check = [&](const golden::Case& c, auto t, double tolerance) {
    const std::string name = c.name();
    CAPTURE(name);
    t.fit(golden::array(c, "x"));
    const Tensor<double> y = t.transform(golden::array(c, "x"));
    CHECK(golden::close(golden::plain(y), c.tensor("y"), tolerance, tolerance));
    return t;
  };
  for (const auto& c : file.group("StandardScaler")) check(c, StandardScaler<double>(), 1e-9);
  for (const auto& c : file.group("MinMaxScaler")) check(c, MinMaxScaler<double>(), 1e-6);
  for (const auto& c : file.group("MaxAbsScaler")) check(c, MaxAbsScaler<double>(), 1e-12);
  for (const auto& c : file.group("RobustScaler")) check(c, RobustScaler<double>(), 1e-9);
  for (const auto& c : file.group("Normalizer")) check(c, Normalizer<double>(), 1e-12);
  for (const auto& c : file.group("PCA")) check(c, PCA<double>(), 1e-9);
  for (const auto& c : file.group("QuantileTransformer"))
    check(c,
          QuantileTransformer<double>(
              {.n_quantiles = 10, .output = golden::choice(c, "output_distribution", OutputDistribution::uniform)}),
          1e-6);
  for (const auto& c : file.group("KBinsDiscretizer"))
    check(c,
          KBinsDiscretizer<double>(
              {.n_bins = 4, .encode = BinCode::ordinal, .strategy = golden::choice(c, "strategy", Bins::quantile)}),
          0);
  for (const auto& c : file.group("PowerTransformer")) {
    const auto t =
        check(c, PowerTransformer<double>({.method = golden::choice(c, "method", PowerMethod::yeo_johnson)}), 2e-5);
    if (c.has_scalar("lambda")) CHECK(t.lambdas()[0] == doctest::Approx(c.scalar("lambda")).epsilon(2e-3));
  }
}

TEST_CASE("PowerTransformer: columns of small relative spread keep their order and their shape") {
  Random random(5);
  for (std::size_t trial = 0; trial < 60; ++trial) {
    const Random draw = random.stream(trial);
    const double offset = std::pow(10.0, 1 + 11 * draw.uniform(0)), spread = std::pow(10.0, -4 + 4 * draw.uniform(1));
    const double skew = 4 * draw.uniform(2) - 2, sign = trial % 2 ? -1 : 1;
    Numbers x;
    for (std::size_t i = 0; i < 80; ++i)
      x.push_back(sign * offset * (1 + spread * std::expm1(skew * draw.uniform(100 + i))));
    const PowerMethod method = trial % 4 == 0 ? PowerMethod::box_cox : PowerMethod::yeo_johnson;
    CAPTURE(offset);
    CAPTURE(spread);
    PowerTransformer<double> t({.method = method}), raw({.method = method, .standardize = false});
    const Tensor<double> z = t.fit_transform(x), plain = raw.fit_transform(x), back = t.inverse_transform(z);
    double mean = 0, square = 0;
    for (std::size_t i = 0; i < x.size(); ++i) mean += z(i, 0) / 80, square += z(i, 0) * z(i, 0) / 80;
    CHECK(std::abs(mean) < 1e-6);
    CHECK(square == doctest::Approx(1).epsilon(1e-6));
    for (std::size_t i = 0; i < x.size(); ++i) {
      CHECK(back(i, 0) == doctest::Approx(x[i]).epsilon(1e-9));
      for (std::size_t j = 0; j < i; ++j) {
        if (x[i] > x[j]) CHECK((z(i, 0) > z(j, 0) && plain(i, 0) >= plain(j, 0)));
        if (x[i] == x[j]) CHECK(z(i, 0) == z(j, 0));
      }
    }
    const auto [low, high] = std::minmax_element(plain.begin(), plain.end());
    CHECK(*low < *high);
  }
}

TEST_CASE("PowerTransformer: numbers of the other sign than those of fit, and files without an origin") {
  PowerTransformer<double> t;
  t.fit(ramp(1000, 1, 50));
  const Tensor<double> z = t.transform(Numbers{-5, -1, 0, 1, 900});
  for (std::size_t i = 1; i < 5; ++i) CHECK(z(i, 0) > z(i - 1, 0));
  const Tensor<double> back = t.inverse_transform(z);
  CHECK(back(0, 0) == doctest::Approx(-5).epsilon(1e-6));
  CHECK(back(4, 0) == doctest::Approx(900));
  PowerTransformer<double> mirrored;
  mirrored.fit(ramp(-1000, -1, 50));
  const Tensor<double> m = mirrored.transform(Numbers{5, 1, 0, -1, -900});
  for (std::size_t i = 0; i < 5; ++i) CHECK(m(i, 0) == doctest::Approx(-z(i, 0)));

  PowerTransformer<double> raw({.standardize = false});
  raw.fit(Numbers{1, 2, 4, 8, 16});
  Transformer<double> stored(raw);
  Json json = write_json(stored);
  json.erase("origin");
  Transformer<double> old(PowerTransformer<double>{});
  read_json(json, "$", old, nullptr);
  CHECK(old.transform(Numbers{3})(0, 0) == stored.transform(Numbers{3})(0, 0));
}

TEST_CASE("transformers: narrow columns are not made one value, where scikit-learn does that") {
  const Numbers x = ramp(1, 1e-9, 20);
  QuantileTransformer<double> spread({.n_quantiles = 20, .output = OutputDistribution::normal});
  const Tensor<double> z = spread.fit_transform(x);
  for (std::size_t i = 1; i < 20; ++i) CHECK(z(i, 0) > z(i - 1, 0));
  KBinsDiscretizer<double> bins({.n_bins = 4, .encode = BinCode::ordinal});
  const Tensor<double> b = bins.fit_transform(x);
  CHECK(b(0, 0) == 0);
  CHECK(b(19, 0) == 3);
  CHECK(CyclicalEncoder<double>().fit_transform(Numbers{1e300, 24e15, 6})(1, 1) == doctest::Approx(1));
}

TEST_CASE("transformers: what cannot be learned is said in one sentence") {
  CHECK_THROWS_WITH_AS(StandardScaler<double>().fit(Table{{"price", Numbers{1, infinite}}}),
                       "StandardScaler: column \"price\" holds infinite numbers, or ones so large that what is learned "
                       "of them is infinite; cut them first, with Winsorizer, or leave the column out.",
                       DataError);
  CHECK_THROWS_WITH_AS(Normalizer<double>().fit(Numbers{1}).transform(Numbers{infinite}),
                       "Normalizer: a row holds an infinite number, of which no share can be taken; cut it first.",
                       DataError);
  const Table x{{"x", ramp(0, 1, 6)}};
  CHECK_THROWS_WITH_AS(TargetEncoder<double>().fit(x, Numbers(6, 1.0)),
                       "TargetEncoder: expected a target of two classes or more, received one, of which every category "
                       "has the same share; a constant quantity is TargetType::continuous.",
                       DataError);
  CHECK(TargetEncoder<double>({.target_type = TargetType::continuous}).fit(x, Numbers(6, 7.0)).transform(x)(2, 0) == 7);
  for (const FeatureScore score : {FeatureScore::f_regression, FeatureScore::mutual_info_regression})
    CHECK_THROWS_WITH_AS(SelectKBest<double>({.score = score}).fit(x, Numbers(6, 1.0)),
                         "SelectKBest: expected a target of two values or more, received one; no column says anything "
                         "about it.",
                         DataError);
}

TEST_CASE("transformers: everything asked before fit is a StateError") {
  for (Transformer<double> t : transformers()) {
    const std::string who(t.type());
    CAPTURE(who);
    Numbers cells{1}, out(8);
    Scratch scratch;
    CHECK_THROWS_AS((void)t.transform(Numbers{1}), StateError);
    CHECK_THROWS_AS((void)t.inverse_transform(Numbers{1}), StateError);
    CHECK_THROWS_AS((void)t.get_feature_names_out(), StateError);
    CHECK_THROWS_AS(t.transform_cells(Block(cells.data(), 1, 1), out.data(), 8, scratch), StateError);
  }
}

TEST_CASE("transformers: ends that are none, components without variance, the middle of the largest numbers") {
  const auto fit = [](Transformer<double> t, const Numbers& x) {
    return t.fit(Table{{"x", x}}).transform(Table{{"x", x}});
  };
  for (const auto& [low, high] : {std::pair(0.0, 0.9), std::pair(0.1, 1.0), std::pair(0.0, 1.0)}) {
    CHECK_THROWS_AS(fit(RobustScaler<double>({.low = low, .high = high, .unit_variance = true}), {1, 2, 3}),
                    ConfigError);
    CHECK_NOTHROW(fit(RobustScaler<double>({.low = low, .high = high}), {1, 2, 3}));
  }
  // Between minus infinity and a number there is no quantile; beyond numbers infinities are cut.
  CHECK_THROWS_AS(fit(Winsorizer<double>({.low = 0.1, .high = 1}), {-infinite, 1, 2, 3, 4}), DataError);
  CHECK_THROWS_AS(fit(Winsorizer<double>({.fence = Fence::iqr}), {infinite, infinite, infinite, infinite}), DataError);
  CHECK(fit(Winsorizer<double>({.low = 0, .high = 0.5}), {1, 2, 3, infinite, infinite})(4, 0) == 3);

  PCA<double> whitened({.whiten = true});
  whitened.fit(Table{{"a", ramp(0, 1, 20)}, {"b", ramp(1e5, 2, 20)}, {"c", Numbers(20, 7)}});
  const Tensor<double> later = whitened.transform(Table{{"a", Numbers{3}}, {"b", Numbers{100006}}, {"c", Numbers{8}}});
  CHECK(std::abs(later(0, 0)) < 2);
  CHECK(std::abs(later(0, 1)) <= 1);
  CHECK(std::abs(later(0, 2)) <= 1);

  const Numbers far{huge, huge * 0.9, huge * 0.8, huge * 0.8, huge * 0.7, huge * 0.6};
  CHECK_THROWS_AS(fit(KBinsDiscretizer<double>({.n_bins = 3, .strategy = Bins::kmeans}), far), DataError);
  CHECK_THROWS_AS(fit(VarianceThreshold<double>(), far), DataError);  // its variance is no double
  for (const Bins strategy : {Bins::uniform, Bins::quantile}) {
    Transformer<double> bins =
        KBinsDiscretizer<double>({.n_bins = 3, .encode = BinCode::ordinal, .strategy = strategy});
    const Tensor<double> out = bins.fit(Table{{"x", far}}).transform(Table{{"x", far}});
    CHECK(out(0, 0) == 2);
    CHECK(out(5, 0) == 0);
    const Tensor<double> back = bins.inverse_transform(out);
    for (std::size_t r = 0; r < far.size(); ++r) CHECK((back(r, 0) >= far[5] && back(r, 0) <= huge));
  }
}

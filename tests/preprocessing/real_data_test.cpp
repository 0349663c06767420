// SPDX-License-Identifier: BSD-3-Clause
// Transformed public data sets beside scikit-learn, from the folder that the environment variable FORETELL_DATA names.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <foretell/data/csv.hpp>
#include <foretell/preprocessing/cleaning.hpp>
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
#include <foretell/preprocessing/robust_scaler.hpp>
#include <foretell/preprocessing/select_k_best.hpp>
#include <foretell/preprocessing/simple_imputer.hpp>
#include <foretell/preprocessing/standard_scaler.hpp>
#include <foretell/preprocessing/target_encoder.hpp>
#include <foretell/preprocessing/variance_threshold.hpp>
#include <map>
#include <string>
#include <vector>

#include "preprocessing/golden_check.hpp"

using namespace foretell;

namespace {

using Any = Transformer<double>;

std::string bytes_of(const std::string& path) {
  const bool packed = path.ends_with(".gz");
  std::FILE* const file =
      packed ? popen(("gzip -dc '" + path + "'").c_str(), "r") : std::fopen(path.c_str(), "rb");  // NOLINT
  REQUIRE_MESSAGE(file, path);
  std::string bytes;
  char part[1 << 16];
  for (std::size_t n = 0; (n = std::fread(part, 1, sizeof part, file)) > 0;) bytes.append(part, n);
  packed ? pclose(file) : std::fclose(file);
  return bytes;
}

std::vector<std::string> texts(const golden::Case& c, const char* name) {
  std::vector<std::string> texts;
  for (const auto& text : c.strings(name)) texts.push_back(*text);
  return texts;
}

/// One row a column: how many values there are, their mean, mean square, and mean weighted by the row.
std::vector<double> statistics(const Tensor<double>& y) {
  const std::size_t columns = y.shape()[1];
  std::vector<double> all;
  for (std::size_t c = 0; c < columns; ++c) {
    long double count = 0, sum = 0, squares = 0, weighted = 0;
    for (std::size_t r = 0; r < y.shape()[0]; ++r) {
      const double v = y(r, c);
      if (std::isnan(v)) continue;
      count += 1, sum += v, squares += v * v;
      weighted += v * (static_cast<double>(r * 7919 % 1009) / 1009);
    }
    const long double n = std::max(count, 1.0L);
    for (const long double v : {count, sum / n, squares / n, weighted / n}) all.push_back(static_cast<double>(v));
  }
  return all;
}

template <class... More>
Any filled(More... more) {
  return make_pipeline<double>(SimpleImputer<double>({.strategy = Impute::median}), std::move(more)...);
}

/// What stands behind the groups of preprocessing_real.json.
Any made(const std::string& kind, bool continuous) {
  if (kind == "standard_scaler") return StandardScaler<double>();
  if (kind == "min_max_scaler") return MinMaxScaler<double>();
  if (kind == "max_abs_scaler") return MaxAbsScaler<double>();
  if (kind == "robust_scaler") return RobustScaler<double>();
  if (kind == "quantile_uniform") return QuantileTransformer<double>();
  if (kind == "quantile_normal")
    return QuantileTransformer<double>({.n_quantiles = 100, .output = OutputDistribution::normal});
  if (kind == "power") return PowerTransformer<double>();
  if (kind == "power_box_cox") return PowerTransformer<double>({.method = PowerMethod::box_cox});
  if (kind == "normalizer") return filled(Normalizer<double>());
  if (kind == "knn_imputer") return KNNImputer<double>({.n_neighbors = 3});
  if (kind == "bins_uniform")
    return filled(KBinsDiscretizer<double>({.encode = BinCode::ordinal, .strategy = Bins::uniform}));
  if (kind == "bins_quantile") return filled(KBinsDiscretizer<double>());
  if (kind == "bins_linear")
    return filled(KBinsDiscretizer<double>(
        {.n_bins = 10, .encode = BinCode::ordinal, .quantile_method = QuantileMethod::interpolated}));
  if (kind == "bins_kmeans") return KBinsDiscretizer<double>({.encode = BinCode::ordinal, .strategy = Bins::kmeans});
  if (kind == "simple_imputer") return SimpleImputer<double>();
  if (kind == "polynomial")
    return filled(StandardScaler<double>(), PolynomialFeatures<double>({.include_bias = false}));
  if (kind == "pca") return filled(StandardScaler<double>(), PCA<double>({.n_components = 2, .whiten = true}));
  if (kind == "svd") return filled(TruncatedSVD<double>({.n_components = 1}));
  if (kind == "variance_threshold") return VarianceThreshold<double>({.threshold = 1});
  if (kind == "select_f")
    return filled(
        SelectKBest<double>({.score = continuous ? FeatureScore::f_regression : FeatureScore::f_classif, .k = 2}));
  if (kind == "select_chi2") return filled(SelectKBest<double>({.score = FeatureScore::chi2, .k = 2}));
  if (kind == "select_mutual_info")
    return make_pipeline<double>(
        OrdinalEncoder<double>({.missing_value = -1}),
        SelectKBest<double>({.score = FeatureScore::mutual_info_classif, .k = 2, .discrete_features = true}));
  if (kind == "one_hot") return OneHotEncoder<double>();
  if (kind == "one_hot_rare")
    return OneHotEncoder<double>({.drop = Drop::first, .min_frequency = 0.05, .max_categories = 6});
  if (kind == "ordinal") return OrdinalEncoder<double>({.missing_value = -1});
  TargetEncoderOptions options{.shuffle = false};
  if (continuous) options.target_type = TargetType::continuous;
  if (kind == "target_smooth") options.smooth = 20;
  if (kind == "target" || kind == "target_smooth") return TargetEncoder<double>(options);
  FAIL("group ", kind);
  return {};
}

double tolerance_of(const std::string& kind) {
  if (kind.starts_with("power")) return 1e-5;  // as closely as scikit-learn's minimiser finds the power
  if (kind == "knn_imputer") return 1e-6;      // of equally near rows others are taken
  return kind.starts_with("quantile") ? 1e-6 : 1e-9;
}

const Table& table_of(const std::string& folder, const golden::Case& c) {
  static std::map<std::string, Table> tables;
  const auto path = c.option<std::string>("path");
  if (!tables.contains(path)) tables[path] = read_csv_text(bytes_of(folder + "/" + path));
  return tables[path];
}

}  // namespace

TEST_CASE("transformers: agree with scikit-learn on public data sets") {
  const char* const folder = std::getenv("FORETELL_DATA");
  if (!folder) {
    MESSAGE("skipped: set FORETELL_DATA to the folder of the data sets");
    return;
  }
  const golden::File goldens("preprocessing_real");
  for (const auto& c : goldens.cases()) {
    const std::string name = c.name(), kind = c.json().at("group").get<std::string>();
    CAPTURE(name);
    const Table& all = table_of(folder, c);
    if (kind == "cleaning") {
      CHECK(static_cast<double>(drop_duplicates(all).rows()) == c.scalar("unique"));
      CHECK(static_cast<double>(drop_duplicates(all, {.columns = texts(c, "kinds")}).rows()) ==
            c.scalar("unique_kinds"));
      CHECK(static_cast<double>(drop_outliers(all, {.columns = texts(c, "numbers")}).rows()) == c.scalar("within_3"));
      continue;
    }
    Table x = all.select(texts(c, "columns"));
    if (kind == "power_box_cox")
      for (const std::string& column : x.names()) {
        std::vector<double> values = x.column(column).numbers();
        for (double& v : values) v = std::abs(v) + 1;
        x = x.with(column, Column(values));
      }
    const bool supervised = kind.starts_with("select") || kind.starts_with("target");
    Any t = made(kind, c.option<bool>("continuous"));
    const Column& y = all.column(c.option<std::string>("target"));
    const double relative = tolerance_of(kind);
    const std::vector<double> got = statistics(supervised ? t.fit_transform(x, y) : t.fit_transform(x));
    CHECK(golden::close(got, c.tensor("statistics"), relative, relative));
    if (c.has_tensor("transformed"))
      CHECK(golden::close(statistics(t.transform(x)), c.tensor("transformed"), relative, relative));
    if (c.has_tensor("lambdas"))
      CHECK(golden::close(t.as<PowerTransformer<double>>()->lambdas(), c.tensor("lambdas"), relative, relative));
    if (c.has_tensor("scores"))
      CHECK(golden::close((*t.as<Pipeline<double>>())["selectkbest"].as<SelectKBest<double>>()->scores(),
                          c.tensor("scores"), relative, relative));
  }
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/preprocessing/calendar_encoder.hpp>
#include <foretell/preprocessing/column_transformer.hpp>
#include <foretell/preprocessing/count_encoder.hpp>
#include <foretell/preprocessing/hashing_encoder.hpp>
#include <foretell/preprocessing/knn_imputer.hpp>
#include <foretell/preprocessing/pca.hpp>
#include <foretell/preprocessing/pipeline.hpp>
#include <foretell/preprocessing/select_k_best.hpp>
#include <foretell/preprocessing/standard_scaler.hpp>
#include <foretell/preprocessing/target_encoder.hpp>
#include <foretell/preprocessing/variance_threshold.hpp>
#include <foretell/preprocessing/winsorizer.hpp>
#include <string>
#include <vector>

#include "preprocessing/golden_check.hpp"

using namespace foretell;
using golden::check_numbers;
using golden::choice;
using golden::plain;

namespace {

const golden::File& file() {
  static const golden::File goldens("preprocessing_learned");
  return goldens;
}

std::vector<std::string> texts(const golden::Case& c, const char* name) {
  std::vector<std::string> texts;
  for (const auto& text : c.strings(name)) texts.push_back(text.value_or(""));
  return texts;
}

TargetEncoderOptions encoder_options(const golden::Case& c) {
  return {.smooth = c.option("smooth", auto_smooth), .cv = c.option<std::size_t>("cv"), .shuffle = false};
}

}  // namespace

TEST_CASE("KNNImputer: agrees with scikit-learn") {
  for (const auto& c : file().group("KNNImputer"))
    check_numbers(c, KNNImputer<double>({.n_neighbors = c.option<std::size_t>("n_neighbors", 5),
                                         .weights = choice(c, "weights", NeighborWeights::uniform),
                                         .add_indicator = c.option("add_indicator", false)}));
}

TEST_CASE("PCA: agrees with scikit-learn") {
  for (const auto& c : file().group("PCA")) {
    const auto t = check_numbers(
        c, PCA<double>({.n_components = c.option("n_components", 0.0), .whiten = c.option("whiten", false)}), 1e-9,
        1e-10);
    CHECK(golden::close(t.components(), c.tensor("components"), 1e-9, 1e-10));
    CHECK(golden::close(t.mean(), c.tensor("mean"), 1e-12));
    CHECK(golden::close(t.explained_variance(), c.tensor("explained_variance"), 1e-9));
    CHECK(golden::close(t.explained_variance_ratio(), c.tensor("ratio"), 1e-9));
    CHECK(golden::close(t.singular_values(), c.tensor("singular_values"), 1e-9));
    CHECK(golden::close(t.noise_variance(), c.tensor("noise"), 1e-9, 1e-12));
  }
}

TEST_CASE("TruncatedSVD: agrees with scikit-learn") {
  for (const auto& c : file().group("TruncatedSVD")) {
    const auto t = check_numbers(c, TruncatedSVD<double>({.n_components = c.option<std::size_t>("n_components")}));
    CHECK(golden::close(t.components(), c.tensor("components"), 1e-9, 1e-10));
    CHECK(golden::close(t.explained_variance(), c.tensor("explained_variance"), 1e-9, 1e-9));
    CHECK(golden::close(t.explained_variance_ratio(), c.tensor("ratio"), 1e-9, 1e-9));
    CHECK(golden::close(t.singular_values(), c.tensor("singular_values"), 1e-9));
  }
}

TEST_CASE("VarianceThreshold: agrees with scikit-learn") {
  for (const auto& c : file().group("VarianceThreshold")) {
    const auto t = check_numbers(c, VarianceThreshold<double>({.threshold = c.option<double>("threshold")}));
    CHECK(golden::close(t.variances(), c.tensor("variances"), 1e-12, 1e-14));
  }
}

TEST_CASE("SelectKBest: agrees with scikit-learn") {
  for (const auto& c : file().group("SelectKBest")) {
    const auto t = check_numbers(c, SelectKBest<double>({.score = choice(c, "score", FeatureScore::f_classif),
                                                         .k = c.option<std::size_t>("k"),
                                                         .discrete_features = c.option("discrete", false)}));
    CHECK(golden::close(t.scores(), c.tensor("scores"), 1e-9, 1e-12));
  }
}

TEST_CASE("TargetEncoder: agrees with scikit-learn, in fit_transform out of fold") {
  for (const auto& c : file().group("TargetEncoder")) {
    CAPTURE(c.name());
    TargetEncoder<double> encoder(encoder_options(c));
    const Table x = golden::table(c, "x");
    Tensor<double> learned;
    if (c.has_strings("target"))
      learned = encoder.fit_transform(x, Column(texts(c, "target")));
    else
      learned = encoder.fit_transform(x, golden::array(c, "target"));
    CHECK(golden::close(plain(learned), c.tensor("y_learned"), 1e-9, 1e-12));
    CHECK(golden::close(plain(encoder.transform(x)), c.tensor("y"), 1e-9, 1e-12));
    CHECK(golden::close(plain(encoder.transform(golden::table(c, "x_new"))), c.tensor("y_new"), 1e-9, 1e-12));
    CHECK(golden::close(encoder.target_mean(), c.tensor("target_mean"), 1e-12));
    CHECK(encoder.get_feature_names_out() == texts(c, "feature_names"));
    CHECK(encoder.hits()[0].unknown == 1);
  }
}

TEST_CASE("TargetEncoder: a later step of a pipeline learns from what is encoded out of fold") {
  const golden::Case& c = file()["target_continuous_auto_5"];
  const Table x = golden::table(c, "x");
  const auto target = golden::array(c, "target");
  auto direct = make_pipeline<double>(TargetEncoder<double>(encoder_options(c)), StandardScaler<double>());
  auto nested = make_pipeline<double>(
      ColumnTransformer<double>{{"all", TargetEncoder<double>(encoder_options(c)), {"city", "region"}}},
      StandardScaler<double>());
  const golden::Tensor learned = c.tensor("y_learned");
  StandardScaler<double> scaler;
  const golden::Tensor expected = plain(scaler.fit_transform(Array<double>(learned.data, learned.shape)));
  CHECK(golden::close(plain(direct.fit_transform(x, target)), expected, 1e-9, 1e-12));
  CHECK(golden::close(plain(nested.fit_transform(x, target)), expected, 1e-9, 1e-12));
  CHECK(golden::close(direct["standardscaler"].as<StandardScaler<double>>()->mean(), scaler.mean(), 1e-12));
}

TEST_CASE("CountEncoder: agrees with pandas") {
  for (const auto& c : file().group("CountEncoder")) {
    CountEncoder<double> encoder;
    CHECK(golden::close(plain(encoder.fit_transform(golden::table(c, "x"))), c.tensor("y"), 0));
    CHECK(golden::close(plain(encoder.transform(golden::table(c, "x_new"))), c.tensor("y_new"), 0));
  }
}

TEST_CASE("HashingEncoder: agrees with scikit-learn's FeatureHasher, for texts of fit and later ones") {
  for (const auto& c : file().group("HashingEncoder")) {
    const Table x{{"word", Column(texts(c, "words"))}};
    const HashingEncoderOptions options{.n_features = c.option<std::size_t>("n_features"),
                                        .alternate_sign = c.option<bool>("alternate_sign")};
    CHECK(golden::close(plain(HashingEncoder<double>(options).fit_transform(x)), c.tensor("y"), 0));
    HashingEncoder<double> other(options);
    other.fit(Table{{"word", Column{"Rome", ""}}});
    CHECK(golden::close(plain(other.transform(x)), c.tensor("y"), 0));
    CHECK(other.hits()[0].unknown == x.rows() - 2);
  }
}

TEST_CASE("Winsorizer: agrees with numpy") {
  check_numbers(file()["winsorizer_quantile"], Winsorizer<double>({.low = 0.1, .high = 0.85}));
  check_numbers(file()["winsorizer_iqr"], Winsorizer<double>({.fence = Fence::iqr}));
}

TEST_CASE("CalendarEncoder: agrees with pandas, before 1970 and in leap years too") {
  const golden::Case& c = file()["calendar"];
  std::vector<CalendarPart> parts;
  for (const std::string& name : texts(c, "parts")) {
    CHECK(enum_names(CalendarPart::year)[parts.size()] == name);
    parts.push_back(static_cast<CalendarPart>(parts.size()));
  }
  CHECK(parts.size() == enum_names(CalendarPart::year).size());
  CalendarEncoder<double> encoder({.parts = parts, .cyclical = false});
  CHECK(golden::close(plain(encoder.fit_transform(golden::array(c, "x"))), c.tensor("y"), 0));
}

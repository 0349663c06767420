// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/io/json.hpp>
#include <foretell/io/registry.hpp>
#include <foretell/preprocessing/column_transformer.hpp>
#include <foretell/preprocessing/min_max_scaler.hpp>
#include <foretell/preprocessing/one_hot_encoder.hpp>
#include <foretell/preprocessing/passthrough.hpp>
#include <foretell/preprocessing/pipeline.hpp>
#include <foretell/preprocessing/simple_imputer.hpp>
#include <foretell/preprocessing/standard_scaler.hpp>
#include <foretell/testing/check_transformer.hpp>
#include <foretell/xt/tensor.hpp>
#include <string>
#include <vector>

using namespace foretell;
using Texts = std::vector<std::string>;

namespace {

const double nan_ = std::nan("");

Table people() {
  return Table{{"age", Column{20.0, nan_, 40.0, 60.0}},
               {"label", Column{1.0, 0.0, 1.0, 0.0}},
               {"city", Column::from_codes({0, 1, -1, 0}, {"Rome", "Oslo"})},
               {"income", Column{1.0, 2.0, 3.0, nan_}}};
}

ColumnTransformer<double> features() {
  return {{"numbers",
           make_pipeline<double>(SimpleImputer<double>({.strategy = Impute::median}), MinMaxScaler<double>()),
           {"income", "age"}},
          {"kinds", OneHotEncoder<double>(), {"city"}}};
}
/// The types of `features`: all that are built in take long to compile.
Registry<double> parts() {
  Registry<double> registry;
  registry.add<ColumnTransformer<double>, Pipeline<double>, SimpleImputer<double>, MinMaxScaler<double>,
               OneHotEncoder<double>>();
  return registry;
}

}  // namespace

TEST_CASE("Transformer: an empty one says so") {
  Transformer<double> empty;
  const char* const sentence = "Transformer: it is empty; assign a transformer to it first.";
  CHECK_THROWS_WITH_AS((void)empty.fit(people()), sentence, StateError);
  CHECK_THROWS_WITH_AS((void)empty.hits(), sentence, StateError);
  CHECK_THROWS_WITH_AS(empty.clear_hits(), sentence, StateError);
  CHECK_THROWS_WITH_AS((void)empty.needs({"a"}), sentence, StateError);
  CHECK_THROWS_AS((void)empty.transform(people()), StateError);
  CHECK_FALSE(empty);
}

TEST_CASE("Pipeline: each step is fitted on what the one before makes of the data") {
  Pipeline<double> pipeline{{"impute", SimpleImputer<double>()}, {"scale", StandardScaler<double>()}};
  const Tensor<double> y = pipeline.fit_transform(std::vector<double>{1, nan_, 5});
  CHECK(y(1, 0) == 0);
  CHECK(y(2, 0) == doctest::Approx(std::sqrt(1.5)));
  REQUIRE(pipeline["scale"].as<StandardScaler<double>>() != nullptr);
  CHECK(pipeline["scale"].as<StandardScaler<double>>()->mean()[0] == 3);
  CHECK(pipeline["scale"].as<SimpleImputer<double>>() == nullptr);
  CHECK(pipeline.inverse_transform(std::vector<double>{1})(0, 0) == doctest::Approx(3 + std::sqrt(8.0 / 3)));
  CHECK_THROWS_WITH_AS(
      pipeline["scal"],
      "Pipeline: there is no step \"scal\". Did you mean \"scale\"? The steps are \"impute\", \"scale\".", ConfigError);
  CHECK_THROWS_AS(Pipeline<double>().fit(std::vector<double>{1}), ConfigError);
}

TEST_CASE("Pipeline: a median behind another step sees all rows of many blocks") {
  std::vector<double> values(30001);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = i % 3 == 0 ? nan_ : static_cast<double>((i * 7919) % 30011);
  SimpleImputer<double> median({.strategy = Impute::median});
  Pipeline<double> pipeline{{"same", Passthrough<double>()},
                            {"impute", SimpleImputer<double>({.strategy = Impute::median})}};
  median.fit(values);
  pipeline.fit(values);
  CHECK(pipeline["impute"].as<SimpleImputer<double>>()->statistics() == median.statistics());
}

TEST_CASE("make_pipeline: steps are named by their types") {
  const auto pipeline = make_pipeline<float>(SimpleImputer<float>(), StandardScaler<float>(),
                                             StandardScaler<float>({.with_mean = false}));
  CHECK(pipeline.steps()[0].name == "simpleimputer");
  CHECK(pipeline.steps()[1].name == "standardscaler-1");
  CHECK(pipeline.steps()[2].name == "standardscaler-2");
}

TEST_CASE("ColumnTransformer: outputs stand side by side in the order of the branches, named by branch and column") {
  auto transformer = features();
  const Tensor<double> y = transformer.fit_transform(people());
  CHECK(transformer.get_feature_names_out() ==
        Texts{"numbers__income", "numbers__age", "kinds__city_Oslo", "kinds__city_Rome", "kinds__city_nan"});
  CHECK(std::vector<double>(y.data() + 5, y.data() + 10) == std::vector<double>{0.5, 0.5, 1, 0, 0});
  CHECK(std::vector<double>(y.data() + 10, y.data() + 15) == std::vector<double>{1, 0.5, 0, 0, 1});
}

TEST_CASE("ColumnTransformer: only the columns it uses are needed later, in any order and with new categories") {
  auto transformer = features();
  transformer.fit(people());
  CHECK(transformer.input_schema().names() == Texts{"age", "city", "income"});
  const Table later{
      {"city", Column{"Paris", "Oslo"}}, {"age", Column{"60", "?"}}, {"income", Column{missing_cell, 3.0}}};
  const Tensor<double> y = transformer.transform(later);
  CHECK(std::vector<double>(y.begin(), y.end()) == std::vector<double>{0.5, 1, 0, 0, 0, 1, 0.5, 1, 0, 0});
  CHECK_THROWS_WITH_AS(transformer.transform(later.drop("age")),
                       "ColumnTransformer: the table lacks the column \"age\". It has \"city\", \"income\".",
                       DataError);
  const auto hits = transformer.hits();
  REQUIRE(hits.size() == 3);
  CHECK(hits[0].name == "income");
  CHECK(hits[0].missing == 1);
  CHECK(hits[2].unknown == 1);
}

TEST_CASE("ColumnTransformer: what no branch names is dropped or passed through behind the others") {
  ColumnTransformer<double> passing({{"city", OneHotEncoder<double>(), "city"}}, {.remainder = Remainder::passthrough});
  const Tensor<double> y = passing.fit_transform(people());
  CHECK(passing.get_feature_names_out() == Texts{"city__city_Oslo", "city__city_Rome", "city__city_nan",
                                                 "remainder__age", "remainder__label", "remainder__income"});
  CHECK(y(2, 3) == 40);
  CHECK(std::isnan(y(3, 5)));
  passing.fit(people().drop("income"));
  CHECK(passing.get_feature_names_out().size() == 5);
  CHECK_THROWS_WITH_AS(passing.fit(people().with("more", Column{"a", "b", "c", "d"})),
                       "ColumnTransformer: column \"more\" is left to the remainder, but it holds text; give it to an "
                       "encoder in a branch, or drop it.",
                       DataError);
}

TEST_CASE("ColumnTransformer: columns of an array are chosen by place") {
  ColumnTransformer<double> transformer{{"scaled", MinMaxScaler<double>(), {2, 0}},
                                        {"kind", OneHotEncoder<double>(), {1}}};
  const std::vector<double> values{1, 7, 10, 3, 8, 30};
  const Array<double> x(values.data(), {2, 3});
  const Tensor<double> y = transformer.fit_transform(x);
  CHECK(transformer.get_feature_names_out() == Texts{"scaled__x2", "scaled__x0", "kind__x1_7", "kind__x1_8"});
  CHECK(std::vector<double>(y.begin(), y.end()) == std::vector<double>{0, 0, 1, 0, 1, 1, 0, 1});
  const Tensor<double> back = transformer.inverse_transform(y);
  CHECK(std::vector<double>(back.begin(), back.end()) == values);
  ColumnTransformer<double> wrong{{"scaled", MinMaxScaler<double>(), {3}}};
  CHECK_THROWS_WITH_AS(wrong.fit(x), "ColumnTransformer: branch \"scaled\": column 3 of 3 does not exist.", DataError);
}

TEST_CASE("ColumnTransformer: mistakes in the branches are told at fit") {
  ColumnTransformer<double> unknown{{"n", StandardScaler<double>(), {"agee"}}},
      twice{{"n", StandardScaler<double>(), {"age"}}, {"n", StandardScaler<double>(), {"income"}}};
  CHECK_THROWS_AS(unknown.fit(people()), DataError);
  try {
    unknown.fit(people());
  } catch (const DataError& error) {
    CHECK(std::string(error.what()).find("Did you mean \"age\"?") != std::string::npos);
    CHECK(std::string(error.what()).find("\"label\"") != std::string::npos);
  }
  CHECK_THROWS_WITH_AS(twice.fit(people()), "ColumnTransformer: two branches are named \"n\"; give each its own name.",
                       ConfigError);
  CHECK_THROWS_AS(ColumnTransformer<double>().fit(people()), ConfigError);
}

TEST_CASE("ColumnTransformer: a branch without columns gives nothing") {
  ColumnTransformer<double> transformer{
      {"n", StandardScaler<double>(), {"age"}},
      {"none", make_pipeline<double>(SimpleImputer<double>(), OneHotEncoder<double>()), Texts{}}};
  CHECK(transformer.fit_transform(people()).shape()[1] == 1);
}

TEST_CASE("Transformer: a stored transformer is read through a registry and gives the same bits") {
  Transformer<double> fitted = features();
  const Tensor<double> y = fitted.fit_transform(people());
  Json json;
  JsonWriter writer(json);
  visit_erased(writer, "t", fitted);
  const Registry<double> registry = parts();
  JsonReader reader(json, "$", &registry);
  Transformer<double> restored;
  visit_erased(reader, "t", restored);
  CHECK(restored.type() == "ColumnTransformer");
  CHECK(restored.get_feature_names_out() == fitted.get_feature_names_out());
  const Tensor<double> again = restored.transform(people());
  CHECK(std::equal(y.begin(), y.end(), again.begin(), again.end()));
  const Table unseen{{"city", Column{"Paris"}}, {"age", Column{missing_cell}}, {"income", Column{1.0}}};
  const Tensor<double> a = fitted.transform(unseen), b = restored.transform(unseen);
  CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

TEST_CASE("Transformer: learned values in a file that contradict each other are refused") {
  Transformer<double> fitted = features();
  fitted.fit(people());
  const Registry<double> registry = parts();
  const auto refused = [&](auto change) {
    Json json;
    JsonWriter writer(json);
    visit_erased(writer, "t", fitted);
    change(json["t"]);
    JsonReader reader(json, "$", &registry);
    Transformer<double> restored;
    CHECK_THROWS_AS(visit_erased(reader, "t", restored), Error);
  };
  refused([](Json& t) { t["type"] = "Nothing"; });
  refused([](Json& t) { t["schema"]["input"].erase(0); });
  refused([](Json& t) { t["schema"]["output"].erase(0); });
  refused([](Json& t) { t["parts"][0]["places"][0] = 3; });
  refused([](Json& t) { t["parts"][1]["width"] = 4; });
  refused([](Json& t) { t["parts"].erase(0); });
  refused([](Json& t) { t["branches"][0]["transformer"]["widths"][0] = 1; });
  refused([](Json& t) { t["branches"][0]["transformer"]["steps"] = Json::array(); });
  refused([](Json& t) { t["branches"][0]["transformer"]["steps"][0]["transformer"]["statistics"].erase(0); });
  refused([](Json& t) { t["branches"][0]["transformer"]["steps"][1]["transformer"]["min"].erase(0); });
  refused([](Json& t) { t["branches"][1]["transformer"]["columns"][0]["group_of"][0] = 7; });
  refused([](Json& t) { t["branches"][1]["transformer"]["columns"][0]["group_of"][0] = -1; });
  refused([](Json& t) { t["branches"][1]["transformer"]["columns"][0]["groups"] = 2000000000; });
  refused([](Json& t) { t["branches"][1]["transformer"]["columns"][0]["cells"].erase(0); });
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/preprocessing/label_encoder.hpp>
#include <foretell/preprocessing/min_max_scaler.hpp>
#include <foretell/preprocessing/one_hot_encoder.hpp>
#include <foretell/preprocessing/ordinal_encoder.hpp>
#include <foretell/preprocessing/simple_imputer.hpp>
#include <foretell/preprocessing/standard_scaler.hpp>
#include <foretell/xt/tensor.hpp>
#include <string>
#include <vector>

#include "preprocessing/golden_check.hpp"

using namespace foretell;
using golden::array;
using golden::plain;
using golden::table;

namespace {

using Texts = std::vector<std::string>;

constexpr double relative = 1e-11, absolute = 1e-12;

const golden::File& file() {
  static const golden::File goldens("preprocessing");
  return goldens;
}

/// The columns of a table of learned categories, as texts; "nan" is missing.
std::vector<Texts> categories(const golden::Case& c) {
  std::vector<Texts> lists;
  for (const auto& column : c.table("categories")) {
    Texts texts;
    for (const auto& value : column.strings) texts.push_back(value.value_or("nan"));
    for (const auto& value : column.numbers) texts.push_back(value && !std::isnan(*value) ? text(*value) : "nan");
    lists.push_back(std::move(texts));
  }
  return lists;
}

/// Values in the columns where `keep` is true.
std::vector<double> some(const golden::Tensor& t, const std::vector<bool>& keep) {
  std::vector<double> values;
  for (std::size_t i = 0; i < t.size(); ++i)
    if (keep[i % keep.size()]) values.push_back(t.data[i]);
  return values;
}

/// Checks what was learned and transformed, but for columns of nothing but missing values, where we know better than
/// NaN.
template <class Scaler>
void check_scaler(const golden::Case& c, Scaler scaler,
                  const std::vector<std::pair<const char*, const std::vector<double>& (Scaler::*)() const>>& learned) {
  CAPTURE(c.name());
  const Tensor<double> y = scaler.fit_transform(array(c, "x"));
  const Tensor<double> y_new = scaler.transform(array(c, "x_new")), inverse = scaler.inverse_transform(y);
  std::vector<bool> known;
  const golden::Tensor x = c.tensor("x");
  const std::size_t columns = x.shape[1];
  for (std::size_t j = 0; j < columns; ++j) {
    bool any = false;
    for (std::size_t i = j; i < x.size(); i += columns) any = any || !std::isnan(x.data[i]);
    known.push_back(any);
  }
  CHECK(golden::close(plain(y), c.tensor("y"), relative, absolute));
  CHECK(golden::close(some(plain(y_new), known), some(c.tensor("y_new"), known), relative, absolute));
  CHECK(golden::close(plain(inverse), c.tensor("inverse"), relative, absolute));
  for (const auto& [name, get] : learned) {
    if (!c.has_tensor(name)) continue;
    const golden::Tensor expected = c.tensor(name);
    if (expected.size() != columns) continue;  // one count for all columns
    const std::string what = name;
    CAPTURE(what);
    CHECK(golden::close(some({{columns}, (scaler.*get)()}, known), some(expected, known), relative, absolute));
  }
}

Impute strategy(const golden::Case& c) {
  const auto name = c.option<std::string>("strategy");
  for (const Impute s : {Impute::mean, Impute::median, Impute::most_frequent, Impute::constant})
    if (enum_names(s)[static_cast<std::size_t>(s)] == name) return s;
  FAIL("strategy ", name);
  return Impute::mean;
}

double number_option(const golden::Case& c, const char* name, double otherwise) {
  if (!c.has_option(name)) return otherwise;
  const auto& value = c.json().at("options").at(name);
  return value.is_string() ? std::nan("") : value.get<double>();
}

/// feature_names with our spelling: region_1.0 is region_1.
Texts feature_names(const golden::Case& c) {
  Texts names;
  for (const auto& name : c.strings("feature_names")) {
    std::string n = *name;
    if (n.ends_with(".0")) n.resize(n.size() - 2);
    names.push_back(std::move(n));
  }
  return names;
}

}  // namespace

TEST_CASE("StandardScaler: agrees with scikit-learn") {
  using Scaler = StandardScaler<double>;
  for (const auto& c : file().group("StandardScaler"))
    check_scaler<Scaler>(c, Scaler({.with_mean = c.option("with_mean", true), .with_std = c.option("with_std", true)}),
                         {{"mean", &Scaler::mean},
                          {"variance", &Scaler::var},
                          {"scale", &Scaler::scale},
                          {"seen", &Scaler::n_samples_seen}});
}

TEST_CASE("MinMaxScaler: agrees with scikit-learn") {
  using Scaler = MinMaxScaler<double>;
  for (const auto& c : file().group("MinMaxScaler")) {
    const auto range = c.option("feature_range", std::vector<double>{0, 1});
    check_scaler<Scaler>(c, Scaler({.low = range[0], .high = range[1], .clip = c.option("clip", false)}),
                         {{"data_min", &Scaler::data_min},
                          {"data_max", &Scaler::data_max},
                          {"scale", &Scaler::scale},
                          {"min", &Scaler::min}});
  }
}

TEST_CASE("SimpleImputer: agrees with scikit-learn on numbers, and keeps columns of nothing but missing values") {
  for (const auto& c : file().group("SimpleImputer")) {
    CAPTURE(c.name());
    SimpleImputer<double> imputer({.strategy = strategy(c),
                                   .fill_value = c.option("fill_value", 0.0),
                                   .add_indicator = c.option("add_indicator", false)});
    const golden::Tensor y = plain(imputer.fit_transform(array(c, "x"))),
                         y_new = plain(imputer.transform(array(c, "x_new")));
    const golden::Tensor expected = c.tensor("y"), expected_new = c.tensor("y_new");
    std::vector<bool> keep(y.shape[1], true);
    if (expected.shape[1] < y.shape[1])
      for (std::size_t j = 0; j < c.tensor("statistics").size(); ++j)
        keep[j] = !std::isnan(c.tensor("statistics").data[j]);
    CHECK(golden::close(some(y, keep), expected, relative, absolute));
    CHECK(golden::close(some(y_new, keep), expected_new, relative, absolute));
    if (expected.shape[1] == y.shape[1])
      CHECK(golden::close(imputer.statistics(), c.tensor("statistics"), relative, absolute));
  }
}

TEST_CASE("SimpleImputer: agrees with scikit-learn on texts") {
  for (const auto& c : file().group("SimpleImputer strings")) {
    CAPTURE(c.name());
    SimpleImputer<double> imputer({.strategy = strategy(c),
                                   .fill_text = c.option("fill_value", std::string("missing_value")),
                                   .add_indicator = c.option("add_indicator", false)});
    const Table x = table(c, "x");
    imputer.fit(x);
    CHECK(imputer.transform_table(x).select(x.names()) == table(c, "y"));
    if (!c.has_tensor("y_indicator")) continue;
    const Table indicators = imputer.transform_table(x).drop(x.names());
    CHECK(golden::close(plain(indicators.to_array<double>()), c.tensor("y_indicator"), 0, 0));
  }
}

TEST_CASE("OneHotEncoder: agrees with scikit-learn") {
  for (const auto& c : file().group("OneHotEncoder")) {
    CAPTURE(c.name());
    const auto unknown = c.option<std::string>("handle_unknown", "error"), drop = c.option<std::string>("drop", "none");
    OneHotEncoder<double> encoder({.handle_unknown = unknown == "error"    ? Unknown::error
                                                     : unknown == "ignore" ? Unknown::ignore
                                                                           : Unknown::infrequent,
                                   .drop = drop == "first"       ? Drop::first
                                           : drop == "if_binary" ? Drop::if_binary
                                                                 : Drop::none,
                                   .min_frequency = number_option(c, "min_frequency", 0),
                                   .max_categories = c.option<std::size_t>("max_categories", 0)});
    const Table x = table(c, "x");
    CHECK(golden::close(plain(encoder.fit_transform(x)), c.tensor("y"), 0, 0));
    CHECK(encoder.categories() == categories(c));
    CHECK(encoder.get_feature_names_out() == feature_names(c));
    if (c.option("new_is_error", false))
      CHECK_THROWS_AS(encoder.transform(table(c, "x_new")), DataError);
    else
      CHECK(golden::close(plain(encoder.transform(table(c, "x_new"))), c.tensor("y_new"), 0, 0));
  }
}

TEST_CASE("OrdinalEncoder: agrees with scikit-learn, but that missing is never unknown") {
  for (const auto& c : file().group("OrdinalEncoder")) {
    CAPTURE(c.name());
    const bool strict = c.option<std::string>("handle_unknown", "error") == "error";
    OrdinalEncoder<double> encoder({.handle_unknown = strict ? Unknown::error : Unknown::ignore,
                                    .unknown_value = number_option(c, "unknown_value", own_slot),
                                    .missing_value = number_option(c, "encoded_missing_value", std::nan("")),
                                    .min_frequency = number_option(c, "min_frequency", 0)});
    const Table x = table(c, "x");
    CHECK(golden::close(plain(encoder.fit_transform(x)), c.tensor("y"), 0, 0));
    auto learned = categories(c);
    for (auto& list : learned)
      if (list.back() == "nan") list.pop_back();
    CHECK(encoder.categories() == learned);
    if (c.option("new_is_error", false)) {
      CHECK_THROWS_AS(encoder.transform(table(c, "x_new")), DataError);
      continue;
    }
    const Table later = table(c, "x_new");
    golden::Tensor expected = c.tensor("y_new");
    for (std::size_t j = 0; j < later.columns(); ++j)
      for (std::size_t i = 0; i < later.rows(); ++i)
        if (later.column(j).missing(i) && x.column(j).count_missing() == 0)
          expected.data[i * later.columns() + j] = std::nan("");
    CHECK(golden::close(plain(encoder.transform(later)), expected, 0, 0));
  }
}

TEST_CASE("LabelEncoder: agrees with scikit-learn") {
  for (const auto& c : file().group("LabelEncoder")) {
    CAPTURE(c.name());
    LabelEncoder<double> encoder;
    const Column labels = table(c, "x").column(0), classes = table(c, "classes").column(0);
    CHECK(golden::close(plain(encoder.fit_transform(labels)), c.tensor("y"), 0, 0));
    Texts texts;
    NumberText room;
    for (std::size_t i = 0; i < classes.size(); ++i) texts.emplace_back(classes.text(i, room));
    CHECK(encoder.classes() == texts);
  }
}

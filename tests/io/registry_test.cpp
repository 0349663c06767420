// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "foretell/foretell.hpp"
#include "support/folder.hpp"

namespace ft = foretell;

namespace {

using Types = std::vector<std::string>;

template <class E>
Types sorted(const ft::Registry<float>& registry) {
  Types names = registry.types<E>();
  std::sort(names.begin(), names.end());
  return names;
}
Types layers(const ft::Registry<float>& registry) { return sorted<ft::Layer<float>>(registry); }
Types transformers(const ft::Registry<float>& registry) { return sorted<ft::Transformer<float>>(registry); }

bool within(const Types& part, const Types& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end()) && part.size() < whole.size();
}

struct Rows {
  ft::Table table{{"plan", ft::Column(std::vector<std::string>{"a", "b", "a", "b"})},
                  {"age", ft::Column(std::vector<double>{1, 2, 3, 4})}};
  ft::ColumnTransformer<float> features{
      {{"plan", ft::OneHotEncoder<float>(), {"plan"}},
       {"age",
        ft::Pipeline<float>{{"fill", ft::SimpleImputer<float>()}, {"scale", ft::StandardScaler<float>()}},
        {"age"}}}};
  ft::Sequential<float> model{ft::Dense(2, {.activation = ft::relu}), ft::Dense(1)};
};

}  // namespace

TEST_CASE("Registry: each set has all of the one before, to learn with and without") {
  using R = ft::Registry<float>;
  const auto tabular = R::tabular(), texts = R::texts(), sequences = R::sequences(), all = R::for_prediction();
  CHECK(within(layers(tabular), layers(texts)));
  CHECK(within(layers(texts), layers(sequences)));
  CHECK(within(layers(sequences), layers(all)));
  CHECK(within(transformers(tabular), transformers(all)));
  CHECK(layers(all) == layers(R::builtin()));
  CHECK(transformers(all) == transformers(R::builtin()));
  CHECK(layers(R::sequences<ft::Purpose::training>()) == layers(sequences));
}

TEST_CASE("types_of: what was made, with what is within it, and nothing else") {
  Rows rows;
  const auto x = rows.features.fit_transform(rows.table);
  rows.model.build(ft::Shape{x.shape()[1]}, 1);
  const auto types = ft::types_of(rows.features, rows.model);
  CHECK(layers(types) == Types{"Dense"});
  CHECK(transformers(types) ==
        Types{"ColumnTransformer", "OneHotEncoder", "Pipeline", "SimpleImputer", "StandardScaler"});
  ft::Sequential<float> wraps{ft::Bidirectional<float>(ft::LSTM(3)), ft::Dense(1)};
  CHECK(layers(ft::types_of(wraps)) == Types{"Bidirectional", "Dense", "LSTM"});

  const ft::support::Folder folder;
  const std::string path = folder / "m.safetensors";
  ft::save(path, rows.features, rows.model);
  const auto whole = ft::load<float>(path), named = ft::load<float>(path, types);
  CHECK(named.predict(rows.table) == whole.predict(rows.table));
  CHECK(named.predict(rows.table) ==
        ft::load<float>(path, ft::types_of(named.preprocessing(), named)).predict(rows.table));
  ft::Transformer<float> again = named.preprocessing();  // of types that can learn
  CHECK_NOTHROW((void)again.fit(rows.table));
}

TEST_CASE("types_of: the scalar is that of the model, a bundle has its preprocessing") {
  Rows rows;
  const auto x = rows.features.fit_transform(rows.table);
  ft::Sequential<double> model{ft::Dense(1)};
  model.build(ft::Shape{x.shape()[1]}, 1);
  const ft::support::Folder folder;
  const std::string path = folder / "m.safetensors";
  ft::save(path, rows.features, model);
  const ft::Registry<double> types = ft::types_of(rows.features, model);
  const auto bundle = ft::load<double>(path, types);
  CHECK(ft::types_of(bundle).types<ft::Layer<double>>() == Types{"Dense"});
  CHECK(ft::types_of(bundle).types<ft::Transformer<double>>().size() == 5);
  CHECK(ft::load<double>(path, ft::types_of(bundle)).predict(rows.table) == bundle.predict(rows.table));
}

TEST_CASE("Registry: a type that is not there is named with the set that has it") {
  Rows rows;
  const auto x = rows.features.fit_transform(rows.table);
  const ft::support::Folder folder;
  const std::string path = folder / "m.safetensors";

  ft::Sequential<float> recurrent{ft::Reshape<float>(ft::Shape{1, x.shape()[1]}), ft::LSTM(2), ft::Dense(1)};
  recurrent.build(ft::Shape{x.shape()[1]}, 1);
  ft::save(path, rows.features, recurrent);
  CHECK_THROWS_WITH_AS((void)ft::load<float>(path, ft::Registry<float>::tabular()),
                       doctest::Contains("the layer type \"LSTM\" is not known; give load Registry<T>::sequences(), "
                                         "which has it, or add it to yours, registry.add<LSTM<T>>(). Known are "),
                       ft::ConfigError);
  CHECK_NOTHROW((void)ft::load<float>(path, ft::Registry<float>::sequences()));

  ft::Registry<float> dense;
  dense.add<ft::Dense<float>, ft::Reshape<float>, ft::LSTM<float>>();
  CHECK_THROWS_WITH_AS(
      (void)ft::load<float>(path, dense),
      doctest::Contains("the type \"ColumnTransformer\" is not known; give load Registry<T>::tabular()"),
      ft::ConfigError);
  dense.add(ft::types_of(rows.features));
  CHECK_NOTHROW((void)ft::load<float>(path, dense));
}

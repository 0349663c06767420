// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>
#include <foretell/testing/allocations.hpp>

#include <cstdio>

namespace ft = foretell;

namespace {

constexpr const char* path = "bundle_test.safetensors";

/// A fitted pipeline and network over numbers, texts and booleans with missing values, saved.
ft::Table saved() {
  const ft::Table table = ft::datasets::shop_visits(600, 3).table;
  const ft::Roles roles = ft::infer_roles(table, "purchased");
  auto features = ft::default_features<float>(roles);
  const auto x = features.fit_transform(table);
  ft::Sequential<float> model{ft::Dense(8, {.activation = ft::relu}), ft::BatchNormalization(),
                              ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam(), ft::BinaryCrossentropy());
  model.fit(x, table.column("purchased").to_array<float>(), {.epochs = 2, .verbose = 0});
  ft::save(path, features, model);
  return table;
}

}  // namespace

// The other files of this program count with the operators that this one replaces.
long allocations_so_far() { return ft::testing::allocation_count; }

TEST_CASE("Bundle: single rows answer as the batch does, bit for bit, without the heap") {
  const ft::Table table = saved();
  const auto bundle = ft::load<float>(path);
  const std::vector<float> batch = bundle.predict(table);
  REQUIRE(batch.size() == table.rows());
  auto predictor = bundle.predictor();
  ft::Row row = predictor.row();
  row.assign(table, 0);
  (void)predictor(row);
  for (std::size_t i = 0; i < table.rows(); ++i) {
    row.assign(table, i);
    float answer = 0;
    CHECK(ft::testing::allocations_of([&] { answer = predictor(row)[0]; }) == 0);
    CHECK(answer == batch[i]);
  }
  const std::string& first = bundle.schema()[0].name;
  CHECK(ft::testing::allocations_of([&] {
          row.set(first, 3.0);
          row.set(first, "no number, and a text too long for a small string");
          row.set_missing(first);
        }) == 0);
  std::remove(path);
}

TEST_CASE("Bundle: unknown, missing and absent values are answered, unknown columns refused") {
  const ft::Table table = saved();
  const auto bundle = ft::load<float>(path);
  auto predictor = bundle.predictor();
  ft::Row row = predictor.row();
  const float nothing = predictor(row)[0];
  CHECK((nothing > 0.f && nothing < 1.f));
  for (const auto& field : bundle.schema()) {
    row.set(field.name, "a value never seen");
    row.set(field.name, 1e30);
    row.set(field.name, -0.0);
  }
  const float strange = predictor(row)[0];
  CHECK((strange >= 0.f && strange <= 1.f));
  CHECK_THROWS_WITH_AS(row.set("not a column", 1.0), doctest::Contains("not a column"), ft::DataError);
  CHECK_THROWS_WITH_AS((void)bundle.predict(table.drop(bundle.schema()[1].name)),
                       doctest::Contains(bundle.schema()[1].name.c_str()), ft::DataError);
  CHECK(bundle.predict(table.head(0)).empty());
  std::remove(path);
}

TEST_CASE("Bundle: a file of a network alone predicts from numbers") {
  ft::Sequential<float> model{ft::Dense(2)};
  model.build({3}, 1);
  model.save(path);
  const auto bundle = ft::load<float>(path);
  auto predictor = bundle.predictor(2);
  const std::vector<float> x{1, 2, 3, 4, 5, 6};
  const auto y = predictor(std::span<const float>(x));
  const auto expected = model.predict(ft::Tensor<float>{{1.f, 2.f, 3.f}, {4.f, 5.f, 6.f}});
  CHECK(std::equal(y.begin(), y.end(), expected.begin(), expected.end()));
  CHECK_THROWS_AS((void)predictor(std::span<const float>(x).first(5)), ft::ShapeError);
  CHECK_THROWS_AS((void)bundle.predict(ft::Table()), ft::StateError);
  std::remove(path);
}

TEST_CASE("save: preprocessing that was not fitted or does not fit the network is refused") {
  const ft::Table table = saved();
  ft::Sequential<float> model{ft::Dense(2)};
  model.build({3}, 1);
  CHECK_THROWS_AS(ft::save(path, ft::StandardScaler<float>(), model), ft::StateError);
  ft::StandardScaler<float> scaler;
  scaler.fit(ft::random_normal<float>({5, 4}, 1));
  CHECK_THROWS_WITH_AS(ft::save(path, scaler, model), doctest::Contains("4 features"), ft::ShapeError);
  std::remove(path);
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/folder.hpp"

namespace ft = foretell;

namespace {

struct Trained {
  ft::Roles roles;
  ft::Bundle<float> bundle;
  double auc;
};

Trained train(const ft::Table& table, const std::string& target, std::size_t epochs) {
  const ft::Roles roles = ft::infer_roles(table, target);
  ft::ColumnTransformer<float> features = ft::default_features<float>(roles);
  ft::LabelEncoder<float> labels;
  const ft::Tensor<float> x = features.fit_transform(table), y = labels.fit_transform(table.column(target));
  ft::Sequential<float> model{ft::Dense(24, {.activation = ft::relu}), ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::AdamW({.learning_rate = 3e-3, .weight_decay = 1e-3}), ft::BinaryCrossentropy(), {ft::AUC()});
  model.fit(x, y, {.batch_size = 128, .epochs = epochs, .seed = 42, .verbose = 0});
  const double auc = model.evaluate(x, y)["auc"];
  const ft::support::Folder folder;
  ft::save(folder / "m", features, model);
  return {roles, ft::load<float>(folder / "m"), auc};
}

/// The mean answer to the rows, with one column unset.
double mean_answer(const Trained& trained, const ft::Table& table, const std::string& unset = {}) {
  ft::Predictor<float> predictor = trained.bundle.predictor();
  ft::Row row = predictor.row();
  double sum = 0;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    row.assign(table, i);
    if (!unset.empty()) row.set_missing(unset);
    sum += static_cast<double>(predictor(row)[0]);
  }
  return sum / static_cast<double>(table.rows());
}

/// Two numbers and a category that say something, each missing in so many rows, all of them negative ones; and a
/// category that is never missing.
ft::Table self_made(std::size_t rows, std::size_t missing) {
  const ft::Random random(7);
  std::vector<double> a(rows), b(rows);
  std::vector<std::int32_t> kind(rows), other(rows), label(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    a[i] = 1000 + 50 * random.stream(0).normal(i);
    b[i] = random.stream(1).normal(i);
    kind[i] = static_cast<std::int32_t>(random.stream(2).below(i, 3));
    other[i] = static_cast<std::int32_t>(random.stream(3).below(i, 2));
    const double logit = (a[i] - 1000) / 40 + b[i] + kind[i] - 1.5 + 0.5 * other[i];
    label[i] = random.stream(4).uniform(i) < 1 / (1 + std::exp(-logit));
  }
  for (std::size_t i = 0, n = 0; i < rows && n < missing; ++i)
    if (label[i] == 0) a[i] = b[i] = std::nan(""), kind[i] = -1, ++n;
  return ft::Table{{"a", ft::Column(a)},
                   {"b", ft::Column(b)},
                   {"kind", ft::Column::from_codes(kind, {"x", "y", "z"})},
                   {"other", ft::Column::from_codes(other, {"no", "yes"})},
                   {"bought", ft::Column::from_codes(label, {"no", "yes"})}};
}

}  // namespace

TEST_CASE("default_features: a column that was rarely missing, or never, does not own the answer when it is missing") {
  for (const std::size_t missing : {0u, 1u, 7u, 14u}) {
    const ft::Table table = self_made(1500, missing);
    const Trained trained = train(table, "bought", 12);
    CHECK(trained.auc > 0.8);
    CHECK(trained.bundle.preprocessing().output_schema().size() == 2 + 3 + 2);
    const double usual = mean_answer(trained, table);
    for (const char* column : {"a", "b", "kind", "other"}) {
      CAPTURE(missing);
      CAPTURE(column);
      CHECK(std::abs(mean_answer(trained, table, column) - usual) < 0.1);
    }
  }
}

TEST_CASE("default_features: that a column is missing tells something where it was missing often") {
  const ft::Table table = self_made(1500, 300);
  const Trained trained = train(table, "bought", 12);
  const ft::Schema& schema = trained.bundle.preprocessing().output_schema();
  CHECK(schema.size() == 4 + 4 + 2);
  CHECK(mean_answer(trained, table, "kind") < mean_answer(trained, table) - 0.1);
  const ft::Tensor<float> x = trained.bundle.preprocessing().transform(table);
  for (std::size_t r = 0; r < table.rows(); ++r)
    for (std::size_t c = 2; c < 4; ++c) CHECK((x(r, c) == 0 || x(r, c) == 1));  // as they are, not standardised
}

TEST_CASE("default_features: a number that training had in one value, or in none, does not own the answer") {
  std::vector<double> amount(400), coupon(400), never(400, std::nan(""));
  std::vector<std::int32_t> label(400);
  for (std::size_t i = 0; i < 400; ++i) {
    amount[i] = static_cast<double>(i % 17);
    coupon[i] = i % 3 ? 10 : std::nan("");
    label[i] = i % 5 < 2;
  }
  const ft::Table table{{"amount", amount},
                        {"coupon", coupon},
                        {"never", never},
                        {"bought", ft::Column::from_codes(label, {"no", "yes"})}};
  auto features = ft::default_features<float>(ft::infer_roles(table, "bought", {.keep = {"never"}}));
  features.fit(table);
  const auto size_of = [&](const char* column, double value) {
    double most = 0;
    for (const float x : features.transform(table.with(column, std::vector<double>(400, value))))
      most = std::max(most, std::abs(static_cast<double>(x)));
    return most;
  };
  for (const char* column : {"coupon", "never"})
    for (const double value : {10.0, 5000.0, -1e9, 1e300, std::nan("")}) CHECK(size_of(column, value) < 2);
  CHECK(size_of("amount", 5000) > 100);  // a number is a number
}

TEST_CASE("default_features, IBM Telco: each column in turn unset, the mean answer moves by less than 0.1") {
  const char* folder = std::getenv("FORETELL_DATA");
  if (!folder) {
    MESSAGE("skipped: FORETELL_DATA is not set");
    return;
  }
  const ft::Table table = ft::read_csv(std::string(folder) + "/telco-churn/Telco-Customer-Churn.csv");
  const Trained trained = train(table, "Churn", 10);
  CHECK(trained.auc > 0.84);
  const double usual = mean_answer(trained, table);
  for (const auto& names : {trained.roles.numbers, trained.roles.categories})
    for (const std::string& name : names) {
      CAPTURE(name);
      CHECK(std::abs(mean_answer(trained, table, name) - usual) < 0.1);
    }
}

TEST_CASE("Scalers: missing cells are left out of fit and stay missing in transform") {
  std::vector<double> some, all;
  const ft::Random random(3);
  for (std::size_t i = 0; i < 200; ++i) {
    const double v = 5 + std::exp(random.normal(i));
    some.push_back(i % 3 == 1 ? std::nan("") : v);
    if (i % 3 != 1) all.push_back(v);
  }
  const auto check = [&](auto fresh) {
    CAPTURE(decltype(fresh)::type);
    auto with = fresh, without = fresh;
    const ft::Tensor<double> y = with.fit(some).transform(some), z = without.fit(all).transform(all);
    for (std::size_t i = 0, j = 0; i < some.size(); ++i)
      if (std::isnan(some[i]))
        CHECK(std::isnan(y.data()[i]));
      else
        CHECK(y.data()[i] == doctest::Approx(z.data()[j++]).epsilon(1e-12));
  };
  check(ft::StandardScaler<double>());
  check(ft::MinMaxScaler<double>());
  check(ft::MaxAbsScaler<double>());
  check(ft::RobustScaler<double>());
  check(ft::QuantileTransformer<double>({.n_quantiles = 50}));
  check(ft::PowerTransformer<double>());
  check(ft::Winsorizer<double>());
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <foretell/foretell.hpp>
#include <foretell/testing/check_layer.hpp>
#include <vector>

namespace ft = foretell;

namespace {

/// Rows of which most numbers are 0, and the same as a dense array.
struct Both {
  ft::SparseMatrix<double> sparse;
  ft::Tensor<double> dense, labels;

  explicit Both(std::size_t rows, std::size_t columns = 40)
      : sparse(columns), dense(ft::zeros<double>({rows, columns})), labels(ft::zeros<double>({rows})) {
    const ft::Random random(5);
    for (std::size_t r = 0; r < rows; ++r) {
      std::vector<std::pair<std::size_t, double>> row;
      double sum = 0;
      for (std::size_t c = 0; c < columns; ++c) {
        if (random.uniform(3 * (r * columns + c)) > 0.1 || r % 7 == 3) continue;
        const double value = random.normal(3 * (r * columns + c) + 1);
        row.emplace_back(c, value);
        dense(r, c) = value;
        sum += value * (c % 2 ? 1 : -1);
      }
      sparse.add_row(row);
      labels(r) = sum > 0;
    }
  }
};

template <class First>
ft::Sequential<double> network(First first) {
  ft::Sequential<double> model{
      std::move(first), ft::Dense<double>(1, {.activation = ft::sigmoid, .kernel_initializer = ft::Constant(0.2)})};
  return model;
}

}  // namespace

TEST_CASE("SparseDense keeps the contract") {
  for (const ft::ActivationFunction f : {ft::linear, ft::tanh, ft::gelu, ft::softmax}) {
    const std::string activation(ft::name(f.kind));
    CAPTURE(activation);
    CHECK_NOTHROW(ft::testing::check_layer(ft::SparseDense<double>(9, 3, {.activation = f}), ft::Shape{9},
                                           {.kind = ft::InputKind::sparse}));
  }
  CHECK_NOTHROW(
      ft::testing::check_layer(ft::SparseDense<double>(9, 1, {.use_bias = false, .kernel_regularizer = ft::L2(0.1)}),
                               ft::Shape{9}, {.kind = ft::InputKind::sparse}));
}

TEST_CASE("SparseDense learns what Dense learns: the same weights with SGD") {
  const Both data(150);
  ft::Sequential<double> sparse =
      network(ft::SparseDense<double>(40, 8, {.activation = ft::tanh, .kernel_initializer = ft::Constant(0.05)}));
  ft::Sequential<double> dense =
      network(ft::Dense<double>(8, {.activation = ft::tanh, .kernel_initializer = ft::Constant(0.05)}));
  const ft::FitOptions<double> options{.batch_size = 16, .epochs = 3, .validation_split = 0.2, .seed = 3, .verbose = 0};
  sparse.compile(ft::SGD({.learning_rate = 0.1}), ft::BinaryCrossentropy(), {ft::AUC()});
  dense.compile(ft::SGD({.learning_rate = 0.1}), ft::BinaryCrossentropy(), {ft::AUC()});
  const ft::History a = sparse.fit(data.sparse, data.labels, options), b = dense.fit(data.dense, data.labels, options);
  CHECK(a["loss"].back() == doctest::Approx(b["loss"].back()).epsilon(1e-10));
  CHECK(a["val_auc"].back() == doctest::Approx(b["val_auc"].back()).epsilon(1e-10));
  const auto p = sparse.predict(data.sparse), q = dense.predict(data.dense);
  REQUIRE(p.size() == q.size());
  for (std::size_t i = 0; i < p.size(); ++i) CHECK(p.data()[i] == doctest::Approx(q.data()[i]).epsilon(1e-10));
  CHECK(sparse.evaluate(data.sparse, data.labels)["loss"] ==
        doctest::Approx(dense.evaluate(data.dense, data.labels)["loss"]).epsilon(1e-10));
}

TEST_CASE("SparseDense: threads, other matrices, files, wrong input") {
  const Both data(200);
  const auto train = [&](std::size_t threads) {
    auto model = network(ft::SparseDense<double>(40, 8, {.activation = ft::relu}));
    model.compile(ft::Adam({.learning_rate = 0.01}), ft::BinaryCrossentropy());
    model.fit(data.sparse, data.labels, {.batch_size = 200, .epochs = 3, .threads = threads, .seed = 3, .verbose = 0});
    return model;
  };
  const auto one = train(1), two = train(2);
  const auto p = one.predict(data.sparse), q = two.predict(data.sparse, {.batch_size = 7, .threads = 2});
  CHECK(std::equal(p.begin(), p.end(), q.begin()));
  // Rows wider than any that it was trained on, and none at all.
  ft::SparseMatrix<double> wide(40);
  std::vector<std::pair<std::size_t, double>> row;
  for (std::size_t c = 0; c < 40; ++c) row.emplace_back(c, 1.0);
  wide.add_row(row);
  CHECK(one.predict(wide).size() == 1);
  CHECK(one.predict(data.sparse.take({})).size() == 0);
  const auto path = (std::filesystem::temp_directory_path() / "foretell_sparse_dense_test.safetensors").string();
  one.save(path);
  ft::Registry<double> registry;  // of what the file has: all that is built in takes long to compile for double
  registry.add<ft::SparseDense<double>, ft::Dense<double>>();
  const auto loaded = ft::Sequential<double>::load(path, registry);
  const auto again = loaded.predict(data.sparse);
  CHECK(std::equal(p.begin(), p.end(), again.begin()));
  std::filesystem::remove(path);

  auto model = network(ft::SparseDense<double>(39, 8));
  model.compile(ft::SGD(), ft::BinaryCrossentropy());
  CHECK_THROWS_WITH_AS(model.fit(data.sparse, data.labels, {.verbose = 0}),
                       doctest::Contains("expected a SparseMatrix of 39 columns"), ft::ShapeError);
  auto infinite = data.sparse.take({0});
  infinite.add_row(std::vector<std::pair<std::size_t, double>>{{1, 1.0 / 0.0}});
  auto compiled = train(1);
  CHECK_THROWS_WITH_AS(compiled.evaluate(infinite, std::vector<double>{0, 1}),
                       doctest::Contains("received inf in row 1"), ft::DataError);
  CHECK_THROWS_AS(compiled.fit(data.sparse, std::vector<double>{0, 1}, {.verbose = 0}), ft::ShapeError);
  CHECK_THROWS_AS(ft::Sequential<double>({ft::SparseDense<double>(0, 3)}).build(ft::Shape{2}), ft::ConfigError);
  CHECK_THROWS_AS(ft::Sequential<double>({ft::SparseDense<double>(4, 3)}).build(ft::Shape{3}), ft::ShapeError);
}

TEST_CASE("SparseDense reads what OneHotEncoder makes of columns of many values") {
  std::vector<std::string> shop, item;
  std::vector<float> labels;
  for (std::size_t r = 0; r < 60; ++r) {
    shop.push_back("s" + std::to_string(r % 7));
    item.push_back("i" + std::to_string(r % 20));
    labels.push_back(r % 7 < 3 ? 1.f : 0.f);
  }
  const ft::Table table{{"shop", shop}, {"item", item}};
  for (const ft::Drop drop : {ft::Drop::none, ft::Drop::first}) {
    ft::OneHotEncoder<float> encoder({.drop = drop});
    const auto dense = encoder.fit_transform(table);
    const ft::SparseMatrix<float> sparse = encoder.transform_sparse(table);
    REQUIRE(sparse.rows() == 60);
    REQUIRE(sparse.columns() == encoder.get_feature_names_out().size());
    for (std::size_t r = 0; r < 60; ++r) {
      std::vector<float> row(sparse.columns());
      for (std::size_t i = 0; i < sparse.indices(r).size(); ++i) row[sparse.indices(r)[i]] = sparse.values(r)[i];
      CHECK(std::equal(row.begin(), row.end(), dense.data() + r * row.size()));
    }
    ft::Sequential<float> model{ft::SparseDense(sparse.columns(), 1, {.activation = ft::sigmoid})};
    model.compile(ft::Adam({.learning_rate = 0.1}), ft::BinaryCrossentropy(), {ft::BinaryAccuracy()});
    model.fit(sparse, labels, {.epochs = 30, .seed = 1, .verbose = 0});
    CHECK(model.evaluate(sparse, labels)["binary_accuracy"] == 1);
    const ft::Table unseen{{"shop", std::vector<std::string>{"other"}}, {"item", std::vector<std::string>{"other"}}};
    CHECK(encoder.transform_sparse(unseen).nnz() == 0);
  }
  CHECK_THROWS_AS((void)ft::OneHotEncoder<float>().transform_sparse(table), ft::StateError);
}

// SPDX-License-Identifier: BSD-3-Clause
// validation_split and the shares of learning_curve are whole rows where they are meant to be.
#include <doctest/doctest.h>

#include <foretell/foretell.hpp>
#include <vector>

namespace ft = foretell;

namespace {

ft::Sequential<float> zeros() {
  ft::Sequential<float> model{ft::Dense(1, {.kernel_initializer = ft::Zeros()})};
  model.compile(ft::SGD({.learning_rate = 1e-3f}), ft::MeanSquaredError());
  return model;
}

}  // namespace

TEST_CASE("validation_split: the rows trained on are all that the share leaves") {
  for (const std::size_t rows : {5u, 10u, 25u, 50u, 100u})
    for (std::size_t percent = 100 / rows; percent < 100; percent += 100 / rows) {
      const std::size_t kept = rows - rows * percent / 100;
      if (kept == 0 || kept == rows) continue;
      CAPTURE(rows);
      CAPTURE(percent);
      auto x = ft::zeros<float>({rows, 1}), y = ft::zeros<float>({rows, 1});
      for (std::size_t row = 0; row < kept; ++row) y(row, 0) = 2;  // the first loss is 4 when just these are trained on
      auto model = zeros();
      const auto history = model.fit(
          x, y, {.batch_size = 200, .epochs = 1, .validation_split = static_cast<double>(percent) / 100, .verbose = 0});
      CHECK(history["loss"][0] == 4);
      CHECK(history["val_loss"][0] < 1);
    }
}

TEST_CASE("learning_curve: a share of 0.29 of 100 rows is 29 rows") {
  std::vector<double> x(200), y(200);
  for (std::size_t row = 0; row < 200; ++row) x[row] = static_cast<double>(row), y[row] = static_cast<double>(row % 2);
  const ft::Table curve =
      ft::learning_curve(ft::StandardScaler<float>(), zeros, ft::Table{{"x", x}, {"y", y}}, "y",
                         ft::KFold({.n_splits = 2}), "loss", {.epochs = 1, .verbose = 0}, {0.29, 0.57, 1.0});
  CHECK(curve.column("rows").numbers() == std::vector<double>{29, 29, 57, 57, 100, 100});
}

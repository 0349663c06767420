// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <cmath>

namespace ft = foretell;

TEST_CASE("LBFGS: finds the minimum of Rosenbrock's function and of an ill-conditioned parabola") {
  ft::Arena<double> x(2);
  x[0] = -1.2;
  x[1] = 1;
  const ft::LBFGSResult result =
      ft::LBFGS<double>({.tolerance_change = 0}).minimize(x, [](const ft::Arena<double>& p, ft::Arena<double>& g) {
        const double a = 1 - p[0], b = p[1] - p[0] * p[0];
        g[0] = -2 * a - 400 * p[0] * b;
        g[1] = 200 * b;
        return a * a + 100 * b * b;
      });
  CHECK(result.converged);
  CHECK(x[0] == doctest::Approx(1).epsilon(1e-5));
  CHECK(x[1] == doctest::Approx(1).epsilon(1e-5));
  CHECK(result.evaluations < 80);

  ft::Arena<double> y(40);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = 1;
  const auto bowl = ft::LBFGS<double>({.max_iterations = 500, .tolerance_change = 1e-12})
                        .minimize(y, [](const ft::Arena<double>& p, ft::Arena<double>& g) {
                          double sum = 0;
                          for (std::size_t i = 0; i < p.size(); ++i) {
                            const double weight = std::pow(10.0, static_cast<double>(i) / 13);
                            g[i] = weight * (p[i] - 3);
                            sum += weight * (p[i] - 3) * (p[i] - 3) / 2;
                          }
                          return sum;
                        });
  CHECK(bowl.converged);
  for (const double v : y) CHECK(v == doctest::Approx(3).epsilon(1e-3));
  CHECK_THROWS_AS(ft::LBFGS<double>({.history = 0}), ft::ConfigError);
  CHECK_THROWS_AS(
      ft::LBFGS<double>().minimize(y, [](const ft::Arena<double>&, ft::Arena<double>&) { return std::nan(""); }),
      ft::NumericError);
}

TEST_CASE("minimize: ridge regression ends at the solution of the normal equations; frozen layers stay") {
  constexpr std::size_t rows = 50;
  const ft::Tensor<double> x = ft::random_normal<double>({rows, 2}, 1);
  ft::Tensor<double> y = ft::zeros<double>({rows, 1});
  for (std::size_t i = 0; i < rows; ++i) y(i, 0) = 2 * x(i, 0) - x(i, 1) + 0.1 * x(i, 0) * x(i, 1);
  const double lambda = 0.3;
  ft::Sequential<double> model{ft::Dense<double>(1, {.use_bias = false, .kernel_regularizer = ft::L2(lambda)})};
  model.compile(ft::SGD(), ft::MeanSquaredError());
  const ft::LBFGSResult result = model.minimize(x, y, {.tolerance_gradient = 1e-10, .tolerance_change = 0});
  CHECK(result.converged);
  double a = lambda, b = 0, d = lambda, p = 0, q = 0;  // (X'X / n + lambda) w = X'y / n
  for (std::size_t i = 0; i < rows; ++i) {
    a += x(i, 0) * x(i, 0) / rows;
    b += x(i, 0) * x(i, 1) / rows;
    d += x(i, 1) * x(i, 1) / rows;
    p += x(i, 0) * y(i, 0) / rows;
    q += x(i, 1) * y(i, 0) / rows;
  }
  const double det = a * d - b * b;
  CHECK(model.network().weights()[0] == doctest::Approx((d * p - b * q) / det).epsilon(1e-8));
  CHECK(model.network().weights()[1] == doctest::Approx((a * q - b * p) / det).epsilon(1e-8));

  model.set_trainable(false);
  const ft::Arena<double> before = model.network().weights();
  (void)model.minimize(x, ft::Tensor<double>(2 * y));
  CHECK(model.network().weights() == before);
}

TEST_CASE("minimize: a small network learns two moons in few passes") {
  const ft::Table moons = ft::datasets::two_moons(300, 0.2, 1);
  const ft::Tensor<float> x = moons.drop("label").to_array<float>(), y = moons.column("label").to_array<float>();
  ft::Sequential<float> model{ft::Dense(16, {.activation = ft::tanh}), ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam(), ft::BinaryCrossentropy(), {ft::AUC()});
  const ft::LBFGSResult result = model.minimize(x, y, {.max_iterations = 60});
  CHECK(result.evaluations < 200);
  CHECK(model.evaluate(x, y)["auc"] > 0.98);
  CHECK(model.evaluate(x, y)["loss"] == doctest::Approx(result.value).epsilon(1e-4));
}

TEST_CASE("minimize: a truth that the last activation cannot reach is refused, as by fit") {
  const ft::Tensor<float> x = ft::random_normal<float>({8, 2}, 1), y = ft::full<float>({8, 1}, 20.f);
  ft::Sequential<float> model{ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::SGD(), ft::MeanSquaredError());
  CHECK_THROWS_WITH_AS((void)model.minimize(x, y), doctest::Contains("expected one within 0 .. 1"), ft::DataError);
}

// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include <foretell/kernels/elementwise.hpp>
#include <foretell/kernels/ref/elementwise.hpp>

#include "levels.hpp"

using namespace kernel_tests;
using foretell::ActivationFunction;
using foretell::ActivationKind;

namespace {

std::vector<ActivationFunction> elementwise_functions() {
  std::vector<ActivationFunction> out;
  for (std::string_view wanted : kernels::activation_names) {
    const ActivationFunction f = *foretell::activation_by_name(wanted);
    if (!foretell::is_rowwise(f.kind)) out.push_back(f);
  }
  out.push_back(foretell::leaky_relu(0.01));
  out.push_back(foretell::elu(0.5));
  return out;
}

/// |got - want| relative to the larger of |want| and a floor far below the answer's scale.
template <class T>
double worst_relative(const std::vector<T>& got, const std::vector<double>& want, double floor) {
  double worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double g = static_cast<double>(got[i]);
    if ((std::isnan(g) && std::isnan(want[i])) || g == want[i]) continue;
    const double e = std::abs(g - want[i]) / std::fmax(std::abs(want[i]), floor);
    worst = std::isnan(e) ? HUGE_VAL : std::fmax(worst, e);
  }
  return worst;
}

template <class T>
void check_activations(double relative) {
  at_every_level([&](Isa) {
    Numbers numbers(1);
    for (ActivationFunction f : elementwise_functions()) {
      const std::string function(foretell::name(f.kind));
      CAPTURE(function);
      for (std::size_t n : odd_sizes) {
        std::vector<T> x = numbers.vector<T>(n, -12, 12);
        if (n > 20) x[3] = T(0), x[4] = T(-0.0), x[5] = T(1e-6), x[6] = T(40), x[7] = T(-40), x[8] = T(-1e-6);
        const std::vector<double> wide = doubles(x);
        std::vector<double> want(n);
        kernels::ref::activate(f, n, wide.data(), want.data());
        std::vector<T> y(n);
        kernels::activate(f, n, x.data(), y.data());
        CHECK(worst_relative(y, want, 1e-9) <= relative);

        std::vector<T> in_place = x;
        kernels::activate(f, n, in_place.data(), in_place.data());
        CHECK(same_bits(in_place, y));

        const std::vector<T> dy = numbers.vector<T>(n);
        const std::vector<double> wide_y = doubles(y);
        const std::vector<double> wide_dy = doubles(dy);
        std::vector<double> want_dx(n);
        const bool from_y = foretell::derivative_from_output(f.kind);
        kernels::ref::activate_backward(f, n, wide_y.data(), wide.data(), wide_dy.data(), want_dx.data());
        std::vector<T> dx(n);
        kernels::activate_backward(f, n, y.data(), from_y ? nullptr : x.data(), dy.data(), dx.data());
        CHECK(worst_relative(dx, want_dx, 0.02) <= relative);
        std::vector<T> over = dy;
        kernels::activate_backward(f, n, y.data(), from_y ? nullptr : x.data(), over.data(), over.data());
        CHECK(same_bits(over, dx));
      }
    }
  });
}

}  // namespace

TEST_CASE("activations: values and derivatives agree with the naive ones") {
  check_activations<float>(4e-6);
  check_activations<double>(4e-13);
}

TEST_CASE("activations: gradients with the sums of their columns agree with the naive ones") {
  at_every_level([](Isa) {
    Numbers numbers(7);
    for (ActivationFunction f : {foretell::relu, foretell::sigmoid, foretell::gelu, foretell::linear})
      for (std::size_t rows : {0U, 1U, 2U, 33U, 200U})
        for (std::size_t cols : odd_sizes) {
          const auto z = numbers.vector<float>(rows * cols, -3, 3);
          const auto start = numbers.vector<float>(cols);
          std::vector<float> y(z.size()), dx = numbers.vector<float>(z.size()), sums = start;
          kernels::activate(f, z.size(), z.data(), y.data());
          std::vector<double> want(z.size()), want_sums = doubles(start);
          const auto wide_y = doubles(y), wide_z = doubles(z), wide_dy = doubles(dx);
          kernels::ref::activate_backward_sum(f, rows, cols, wide_y.data(), wide_z.data(), wide_dy.data(), want.data(),
                                              want_sums.data());
          kernels::activate_backward_sum(f, rows, cols, y.data(), z.data(), dx.data(), dx.data(), sums.data());
          CHECK(worst_error(dx, want) <= 4e-6);
          CHECK(worst_error(sums, want_sums) <= 2e-5);
        }
  });
}

TEST_CASE("activations: the derivative is that of the function, by central differences") {
  for (ActivationFunction f : elementwise_functions()) {
    const std::string function(foretell::name(f.kind));
    CAPTURE(function);
    std::vector<double> x;
    for (double v = -4.03; v < 4; v += 0.17)
      if (std::abs(std::abs(v) - 3) > 1e-3) x.push_back(v);
    const std::size_t n = x.size();
    const double h = 1e-5;
    std::vector<double> up = x, down = x, y(n), dx(n);
    const std::vector<double> dy(n, 1.0);
    for (double& v : up) v += h;
    for (double& v : down) v -= h;
    kernels::activate(f, n, up.data(), up.data());
    kernels::activate(f, n, down.data(), down.data());
    kernels::activate(f, n, x.data(), y.data());
    kernels::activate_backward(f, n, y.data(), x.data(), dy.data(), dx.data());
    for (std::size_t i = 0; i < n; ++i) CHECK(std::abs((up[i] - down[i]) / (2 * h) - dx[i]) < 1e-8);
  }
}

TEST_CASE("activations: NaN stays NaN, infinities saturate") {
  at_every_level([](Isa) {
    for (ActivationFunction f : elementwise_functions()) {
      const std::string function(foretell::name(f.kind));
      CAPTURE(function);
      std::vector<float> x = {std::nanf(""), HUGE_VALF, -HUGE_VALF};
      std::vector<float> y(3);
      kernels::activate(f, 3, x.data(), y.data());
      CHECK(std::isnan(y[0]));
      for (std::size_t i : {std::size_t{1}, std::size_t{2}}) {
        const float want = static_cast<float>(kernels::ref::activate_one<double>(f, static_cast<double>(x[i])));
        if (!std::isnan(want)) CHECK(y[i] == want);
      }
    }
  });
}

TEST_CASE("activations: names go both ways") {
  CHECK(foretell::name(foretell::hard_sigmoid.kind) == "hard_sigmoid");
  CHECK(foretell::activation_by_name("swish") == foretell::silu);
  CHECK(foretell::activation_by_name("leaky_relu")->alpha == 0.2);
  CHECK(foretell::leaky_relu(0.3).alpha == 0.3);
  CHECK_FALSE(foretell::activation_by_name("softmaxx").has_value());
}

TEST_CASE("softmax: rows and gradients agree with the naive ones, also far from zero") {
  at_every_level([](Isa) {
    Numbers numbers(2);
    for (ActivationFunction f : {foretell::softmax, foretell::log_softmax})
      for (std::size_t cols : odd_sizes)
        for (double shift : {0.0, 1000.0, -1000.0}) {
          const std::size_t rows = 3;
          std::vector<float> x = numbers.vector<float>(rows * cols, -5 + shift, 5 + shift);
          const std::vector<double> wide = doubles(x);
          std::vector<double> want(x.size());
          kernels::ref::activate_rows(f, rows, cols, wide.data(), want.data());
          std::vector<float> y(x.size());
          kernels::activate_rows(f, rows, cols, x.data(), y.data());
          CHECK(worst_error(y, want) <= 2e-6);
          const std::vector<float> dy = numbers.vector<float>(x.size());
          const std::vector<double> wide_dy = doubles(dy);
          const std::vector<double> wide_y = doubles(y);
          kernels::ref::activate_rows_backward(f, rows, cols, wide_y.data(), wide_dy.data(), want.data());
          std::vector<float> dx = dy;
          kernels::activate_rows_backward(f, rows, cols, y.data(), dx.data(), dx.data());
          CHECK(worst_error(dx, want) <= 4e-6);
          kernels::activate_rows(f, rows, cols, x.data(), x.data());
          CHECK(same_bits(x, y));
        }
  });
}

TEST_CASE("softmax: a row of many has the bits it has alone, in place or not") {
  at_every_level([](Isa) {
    Numbers numbers(6);
    for (ActivationFunction f : {foretell::softmax, foretell::log_softmax})
      for (std::size_t cols : {2u, 3u, 10u, 31u, 32u, 100u}) {
        const std::size_t rows = 700;
        const std::vector<float> x = numbers.vector<float>(rows * cols, -20, 20);
        std::vector<float> y(x.size()), alone(x.size()), same = x;
        kernels::activate_rows(f, rows, cols, x.data(), y.data());
        for (std::size_t r = 0; r < rows; ++r)
          kernels::activate_rows(f, 1, cols, x.data() + r * cols, alone.data() + r * cols);
        kernels::activate_rows(f, rows, cols, same.data(), same.data());
        CHECK(same_bits(y, alone));
        CHECK(same_bits(y, same));
      }
  });
}

TEST_CASE("softmax: a row with NaN is NaN, a single column is 1") {
  at_every_level([](Isa) {
    std::vector<float> x = {0.5f, std::nanf(""), 1.0f, 4.0f, 5.0f, 6.0f};
    kernels::activate_rows(foretell::softmax, 2, 3, x.data(), x.data());
    CHECK(std::isnan(x[0]));
    CHECK(std::isnan(x[2]));
    CHECK(x[3] + x[4] + x[5] == doctest::Approx(1));
    std::vector<float> one = {-80.0f};
    kernels::activate_rows(foretell::softmax, 1, 1, one.data(), one.data());
    CHECK(one[0] == 1.0f);
  });
}

TEST_CASE("arithmetic: add, multiply, maximum, scale, axpy, rows, fill and copy, what is equal moves") {
  at_every_level([](Isa) {
    Numbers numbers(3);
    for (std::size_t n : odd_sizes) {
      const std::vector<float> a = numbers.vector<float>(n);
      const std::vector<float> b = numbers.vector<float>(n);
      std::vector<float> y(n), want(n);
      kernels::add_to(n, a.data(), b.data(), y.data());
      kernels::ref::add_to(n, a.data(), b.data(), want.data());
      CHECK(same_bits(y, want));
      kernels::multiply(n, a.data(), b.data(), y.data());
      kernels::ref::multiply(n, a.data(), b.data(), want.data());
      CHECK(same_bits(y, want));
      kernels::maximum(n, a.data(), b.data(), y.data());
      kernels::ref::maximum(n, a.data(), b.data(), want.data());
      CHECK(same_bits(y, want));
      for (std::size_t i = 0; i < n; i += 3) y[i] = a[i];
      std::vector<float> from = b, to = a, want_from = b, want_to = a;
      kernels::move_where_equal(n, a.data(), y.data(), from.data(), to.data());
      kernels::ref::move_where_equal(n, a.data(), y.data(), want_from.data(), want_to.data());
      CHECK(same_bits(from, want_from));
      CHECK(same_bits(to, want_to));
      CHECK((n == 0 || from[0] == 0));
      y = want = b;
      kernels::add(n, a.data(), y.data());
      kernels::ref::add(n, a.data(), want.data());
      CHECK(same_bits(y, want));
      kernels::scale(n, 0.3, y.data());
      kernels::ref::scale(n, 0.3, want.data());
      CHECK(same_bits(y, want));
      kernels::axpy(n, -1.7, a.data(), y.data());
      kernels::ref::axpy(n, -1.7, a.data(), want.data());
      CHECK(worst_error(y, doubles(want)) <= 2e-7);
      kernels::fill(n, 2.5, y.data());
      CHECK(std::all_of(y.begin(), y.end(), [](float v) { return v == 2.5f; }));
      kernels::copy(n, a.data(), y.data());
      CHECK(same_bits(y, a));
      std::vector<float> grid = numbers.vector<float>(3 * n);
      std::vector<float> same = grid;
      kernels::add_row(3, n, a.data(), grid.data());
      kernels::ref::add_row(3, n, a.data(), same.data());
      CHECK(same_bits(grid, same));
    }
  });
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/xt/tensor.hpp>

#include <cmath>
#include <span>
#include <type_traits>
#include <vector>

namespace {

using namespace foretell;

std::vector<std::size_t> sizes(const Tensor<double>& tensor) { return {tensor.shape().begin(), tensor.shape().end()}; }

TEST_CASE("Tensor: zeros, ones and full have the asked sizes and values") {
  const std::size_t n = 4;
  const Tensor<double> nothing = zeros<double>({n, 3}), one = ones<double>({2, 1, 2}), half = full<double>({3}, 0.5);
  CHECK(sizes(nothing) == std::vector<std::size_t>{4, 3});
  CHECK(sizes(one) == std::vector<std::size_t>{2, 1, 2});
  CHECK(sizes(half) == std::vector<std::size_t>{3});
  for (const double value : nothing) CHECK(value == 0);
  for (const double value : one) CHECK(value == 1);
  for (const double value : half) CHECK(value == 0.5);
  CHECK(zeros<double>({0, 3}).size() == 0);
  CHECK(zeros<double>(std::vector<std::size_t>{2, 2}).size() == 4);
  CHECK(sizes(zeros<double>(one.shape())) == std::vector<std::size_t>{2, 1, 2});
  static_assert(std::is_same_v<decltype(zeros({1})), xt::xarray<float>>);
}

TEST_CASE("Tensor: random normal numbers are reproducible, standard and of their seed") {
  const Tensor<double> x = random_normal<double>({2000, 5}, 1);
  CHECK(x == random_normal<double>({2000, 5}, 1));
  CHECK(x != random_normal<double>({2000, 5}, 2));
  double sum = 0, squares = 0;
  for (const double value : x) sum += value, squares += value * value;
  CHECK(std::abs(sum / 1e4) < 0.04);
  CHECK(std::abs(squares / 1e4 - 1) < 0.06);
  const Tensor<double> moved = random_normal<double>({2000, 5}, 1, 3, 0.5);
  CHECK(moved(7, 2) == 3 + 0.5 * x(7, 2));
}

TEST_CASE("Tensor: uniform numbers stay below their upper end, also where it is near the lower one") {
  const Tensor<double> x = random_uniform<double>({10000}, 3, -2, 4);
  double sum = 0;
  for (const double value : x) {
    REQUIRE(value >= -2);
    REQUIRE(value < 4);
    sum += value;
  }
  CHECK(std::abs(sum / 1e4 - 1) < 0.06);
  const double next = std::nextafter(1.0, 2.0);
  for (const double value : random_uniform<double>({100}, 3, 1, next)) REQUIRE(value == 1);
  for (const double value : random_uniform<double>({10}, 3, 1, 1)) REQUIRE(value == 1);
}

TEST_CASE("Tensor: to_tensor copies expressions, vectors and spans") {
  const Tensor<double> x = {{1, 2}, {3, 4}};
  CHECK(to_tensor<double>(xt::view(x, xt::all(), 1)) == Tensor<double>{2, 4});
  CHECK(to_tensor<double>(x * 2.0) == Tensor<double>{{2, 4}, {6, 8}});
  CHECK(to_tensor<double>(std::vector<int>{1, 2}) == Tensor<double>{1, 2});
  const std::vector<double> values{5, 6};
  CHECK(to_tensor<double>(std::span<const double>(values)) == Tensor<double>{5, 6});
  CHECK(to_tensor<double>(std::vector<bool>{true, false}) == Tensor<double>{1, 0});
  CHECK(make_tensor<double>({1, 2}, values.data()) == Tensor<double>{{5, 6}});
  CHECK(sizes(make_tensor<double>({2, 1}, values.data())) == std::vector<std::size_t>{2, 1});
  CHECK(to_tensor<double>(xt::zeros<double>({0, 3})).size() == 0);
}

}  // namespace

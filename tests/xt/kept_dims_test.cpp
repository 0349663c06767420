// SPDX-License-Identifier: BSD-3-Clause
#include <foretell/xt/tensor.hpp>

#include <algorithm>
#include <cmath>

using T = double;
#include "traps.hpp"

TEST_CASE("keep_dims: reductions broadcast inside and outside of other expressions") {
  const Matrix a = {{1, 5, 2}, {7, 3, 9}};
  check(xt::sum(a, {0}, xt::keep_dims) + xt::amax(a, {1}, xt::keep_dims), {2, 3}, {13, 13, 16, 17, 17, 20});
  check(a - xt::sum(a + a, {1}, xt::keep_dims), {2, 3}, {-15, -11, -14, -31, -35, -29});
  check(a + xt::sum(a, {1}, xt::keep_dims | xt::initial(T(100))), {2, 3}, {109, 113, 110, 126, 122, 128});
  check(xt::sum(a - xt::amax(a, {1}, xt::keep_dims), {1}, xt::keep_dims) * a, {2, 3}, {-7, -35, -14, -56, -24, -72});
  check(a - xt::sum(a, {0}), {2, 3}, {-7, -3, -9, -1, -5, -2});
  const auto centred = a - xt::amax(a, {1}, xt::keep_dims);
  check(xt::view(centred, xt::all(), xt::range(1, 3)), {2, 2}, {0, -3, -6, 0});
  check(xt::transpose(centred), {3, 2}, {-4, -2, 0, -6, -3, 0});
  check(xt::broadcast(xt::amax(a, {1}, xt::keep_dims), {2, 2, 3}), {2, 2, 3}, {5, 5, 5, 9, 9, 9, 5, 5, 5, 9, 9, 9});
}

TEST_CASE("keep_dims: every set of axes gives what the reduction made at once gives") {
  xt::xtensor<T, 4> a = xt::zeros<T>({2, 3, 4, 3});
  for (std::size_t i = 0; i < a.size(); ++i) a.data()[i] = static_cast<T>((i * 37) % 11);
  const xt::xarray<T, xt::layout_type::column_major> columns = a;
  for (unsigned set = 1; set < 16; ++set) {
    CAPTURE(set);
    std::vector<std::size_t> axes;
    for (std::size_t axis = 0; axis < 4; ++axis)
      if (set >> axis & 1u) axes.push_back(axis);
    const Matrix kept = xt::sum(a, axes, xt::keep_dims | xt::evaluation_strategy::immediate);
    const Matrix expected = a - kept;
    const auto lazy = a - xt::sum(a, axes, xt::keep_dims);
    CHECK(Matrix(lazy) == expected);
    CHECK(Numbers(lazy.rbegin(), lazy.rend()) == Numbers(expected.rbegin(), expected.rend()));
    const xt::xarray<T, xt::layout_type::column_major> turned = columns - xt::sum(columns, axes, xt::keep_dims);
    CHECK(Matrix(turned) == expected);
  }
}

TEST_CASE("keep_dims: softmax and standardisation as they are written on paper") {
  const Matrix a = {{1, 5, 2}, {7, 3, 9}};
  const auto shifted = xt::exp(a - xt::amax(a, {1}, xt::keep_dims));
  const Matrix softmax = shifted / xt::sum(shifted, {1}, xt::keep_dims);
  const Matrix z = (a - xt::mean(a, {0}, xt::keep_dims)) / xt::stddev(a, {0}, xt::keep_dims);
  for (std::size_t i = 0; i < 2; ++i) {
    const double largest = std::max({a(i, 0), a(i, 1), a(i, 2)});
    double total = 0;
    for (std::size_t j = 0; j < 3; ++j) total += std::exp(a(i, j) - largest);
    for (std::size_t j = 0; j < 3; ++j) {
      CHECK(softmax(i, j) == doctest::Approx(std::exp(a(i, j) - largest) / total).epsilon(1e-12));
      const double middle = (a(0, j) + a(1, j)) / 2, deviation = std::abs(a(1, j) - a(0, j)) / 2;
      CHECK(z(i, j) == doctest::Approx((a(i, j) - middle) / deviation).epsilon(1e-12));
    }
  }
}

TEST_CASE("keep_dims: no rows are no rows, and their sum is zero") {
  const T unread = 0;
  const auto a = xt::adapt(&unread, 0, xt::no_ownership(), Sizes{0, 3});
  CHECK(sizes(Matrix(a - xt::sum(a, {1}, xt::keep_dims))) == Sizes{0, 3});
  CHECK(values(Matrix(xt::sum(a, {0}, xt::keep_dims))) == Numbers{0, 0, 0});
  CHECK(sizes(Matrix(a - xt::sum(a, {0}, xt::keep_dims))) == Sizes{0, 3});
}

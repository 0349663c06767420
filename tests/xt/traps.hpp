// SPDX-License-Identifier: BSD-3-Clause
// The traps of xtensor that the rim takes away, for files that differ in what they include first. Such a file says T,
// the element type, and has included both xtensor and the rim, in its own order.
#include <doctest/doctest.h>

#include <type_traits>
#include <vector>

namespace {

using Matrix = xt::xarray<T>;
using Numbers = std::vector<T>;
using Sizes = std::vector<std::size_t>;

template <class E>
Numbers values(const E& expression) {
  return Numbers(expression.begin(), expression.end());
}
template <class E>
Sizes sizes(const E& expression) {
  return Sizes(expression.shape().begin(), expression.shape().end());
}

// Whatever is made of it on the way: the expression by assignment, by iterators and by elements.
template <class E>
void check(const E& expression, const Sizes& shape, const Numbers& expected) {
  CHECK(sizes(expression) == shape);
  const Matrix assigned = expression;
  CHECK(sizes(assigned) == shape);
  CHECK(values(assigned) == expected);
  const foretell::Array<T> array = foretell::as_array<T>(expression);
  CHECK(array.sizes() == shape);
  CHECK(Numbers(array.begin(), array.end()) == expected);
  if (shape.size() != 2) return;
  Numbers elements;
  for (std::size_t i = 0; i < shape[0]; ++i)
    for (std::size_t j = 0; j < shape[1]; ++j) elements.push_back(expression(i, j));
  CHECK(elements == expected);
}

// Before 0.26, g++ in C++20 made every one of these an xtensor<T, 4>.
inline void temporaries_of_arrays_are_arrays() {
  const Matrix a = {{1, 2, 3}, {4, 5, 6}}, b = {{10, 20, 30}, {40, 50, 60}};
  const auto sum = xt::eval(a + b);
  static_assert(std::is_same_v<std::decay_t<decltype(sum)>, Matrix>);
  CHECK(sizes(sum) == Sizes{2, 3});
  CHECK(values(sum) == Numbers{11, 22, 33, 44, 55, 66});
  const auto turned = xt::eval(xt::transpose(a));
  CHECK(sizes(turned) == Sizes{3, 2});
  CHECK(values(turned) == Numbers{1, 4, 2, 5, 3, 6});
  const auto chosen = xt::eval(xt::where(a > T(3), a, b));
  CHECK(values(chosen) == Numbers{10, 20, 30, 4, 5, 6});
  const auto columns = xt::eval(xt::sum(a, {0}));
  CHECK(sizes(columns) == Sizes{3});
  CHECK(values(columns) == Numbers{5, 7, 9});
  const auto at_once = xt::amax(a, {1}, xt::evaluation_strategy::immediate);
  CHECK(sizes(at_once) == Sizes{2});
  CHECK(values(at_once) == Numbers{3, 6});
  const Matrix deep = xt::ones<T>({2, 1, 3, 1, 2});
  CHECK(sizes(xt::eval(deep + deep)) == Sizes{2, 1, 3, 1, 2});
  const xt::xtensor<T, 2> fixed = a;
  static_assert(std::is_same_v<std::decay_t<decltype(xt::eval(fixed + fixed))>, xt::xtensor<T, 2>>);
}

// Up to 0.27, all but the last of these read wrong elements.
inline void kept_axes_broadcast() {
  const Matrix a = {{1, 5, 2}, {7, 3, 9}};
  check(a - xt::amax(a, {1}, xt::keep_dims), {2, 3}, {-4, 0, -3, -2, -6, 0});
  check(a - xt::sum(a, {0}, xt::keep_dims), {2, 3}, {-7, -3, -9, -1, -5, -2});
  check(a * xt::sum(a, {0, 1}, xt::keep_dims), {2, 3}, {27, 135, 54, 189, 81, 243});
  check(xt::amax(a, {1}, xt::keep_dims), {2, 1}, {5, 9});
}

}  // namespace

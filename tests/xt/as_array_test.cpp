// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/xt/tensor.hpp>

#include <array>
#include <list>
#include <span>
#include <string>
#include <vector>

namespace {

using foretell::Array;
using foretell::as_array;
using Sizes = std::vector<std::size_t>;
using Numbers = std::vector<double>;

template <class X>
void check(const X& x, const Sizes& sizes, const Numbers& numbers) {
  const Array<double> array = as_array<double>(x);
  CHECK(array.sizes() == sizes);
  CHECK(array.size() == numbers.size());
  CHECK(Numbers(array.begin(), array.end()) == numbers);
}
// Borrowed: no copy is made of what is already rows of numbers.
template <class X>
void check_borrowed(const X& x, const double* from, const Sizes& sizes, const Numbers& numbers) {
  check(x, sizes, numbers);
  CHECK(as_array<double>(x).data() == from);
}

const xt::xarray<double> a = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};

TEST_CASE("as_array: containers and adaptors of rows are borrowed") {
  const Numbers numbers{1, 2, 3, 4, 5, 6, 7, 8, 9};
  check_borrowed(a, a.data(), {3, 3}, numbers);
  const xt::xtensor<double, 2> fixed_rank = a;
  check_borrowed(fixed_rank, fixed_rank.data(), {3, 3}, numbers);
  const xt::xtensor_fixed<double, xt::xshape<3, 3>> fixed = a;
  check_borrowed(fixed, fixed.data(), {3, 3}, numbers);
  check_borrowed(numbers, numbers.data(), {9}, numbers);
  check_borrowed(std::span<const double>(numbers), numbers.data(), {9}, numbers);
  check_borrowed(xt::adapt(numbers.data(), 8, xt::no_ownership(), std::array<std::size_t, 2>{4, 2}), numbers.data(),
                 {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  check_borrowed(as_array<double>(a), a.data(), {3, 3}, numbers);
  const xt::xarray<double> scalar(2.5);
  check_borrowed(scalar, scalar.data(), {}, {2.5});
}

TEST_CASE("as_array: views are borrowed exactly where they are rows of numbers") {
  check_borrowed(xt::view(a, 1), a.data() + 3, {3}, {4, 5, 6});
  check_borrowed(xt::view(a, xt::range(1, 3)), a.data() + 3, {2, 3}, {4, 5, 6, 7, 8, 9});
  check_borrowed(xt::view(xt::view(a, xt::range(1, 3)), 1), a.data() + 6, {3}, {7, 8, 9});
  check_borrowed(xt::view(a, xt::range(0, 1), xt::range(1, 3)), a.data() + 1, {1, 2}, {2, 3});
  check_borrowed(xt::view(a, xt::all(), xt::newaxis()), a.data(), {3, 1, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  check(xt::view(a, xt::all(), 1), {3}, {2, 5, 8});
  check(xt::view(a, xt::all(), xt::range(1, 2)), {3, 1}, {2, 5, 8});
  check(xt::view(a, xt::all(), xt::range(0, 3, 2)), {3, 2}, {1, 3, 4, 6, 7, 9});
  check(xt::view(a, xt::keep(2, 0)), {2, 3}, {7, 8, 9, 1, 2, 3});
  check(xt::view(a, xt::drop(1)), {2, 3}, {1, 2, 3, 7, 8, 9});
  check(xt::view(a, xt::range(2, xt::placeholders::_, -1)), {3, 3}, {7, 8, 9, 4, 5, 6, 1, 2, 3});
  check(xt::flip(a, 1), {3, 3}, {3, 2, 1, 6, 5, 4, 9, 8, 7});
  check(xt::transpose(a), {3, 3}, {1, 4, 7, 2, 5, 8, 3, 6, 9});
  check(xt::strided_view(a, {xt::ellipsis(), 1}), {3}, {2, 5, 8});
  check(xt::reshape_view(a, {9, 1}), {9, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  check(xt::broadcast(xt::view(a, 0), {2, 3}), {2, 3}, {1, 2, 3, 1, 2, 3});
}

TEST_CASE("as_array: column-major memory is read row by row") {
  const xt::xarray<double, xt::layout_type::column_major> columns = a;
  check(columns, {3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  xt::xarray<double, xt::layout_type::dynamic> dynamic(xt::dynamic_shape<std::size_t>{2, 3},
                                                       xt::layout_type::column_major);
  for (std::size_t i = 0; i < 6; ++i) dynamic.data()[i] = static_cast<double>(i);
  check(dynamic, {2, 3}, {0, 2, 4, 1, 3, 5});
  const Numbers numbers{1, 2, 3, 4, 5, 6};
  check(
      xt::adapt<xt::layout_type::column_major>(numbers.data(), 6, xt::no_ownership(), std::array<std::size_t, 2>{2, 3}),
      {2, 3}, {1, 3, 5, 2, 4, 6});
}

TEST_CASE("as_array: expressions are computed and numbers of other types are converted") {
  check(a + a, {3, 3}, {2, 4, 6, 8, 10, 12, 14, 16, 18});
  check(xt::transpose(a + a), {3, 3}, {2, 8, 14, 4, 10, 16, 6, 12, 18});
  check(xt::view(a + a, xt::all(), 1), {3}, {4, 10, 16});
  check(a > 3.0, {3, 3}, {0, 0, 0, 1, 1, 1, 1, 1, 1});
  check(xt::sum(a, {0}), {3}, {12, 15, 18});
  check(xt::sum(a), {}, {45});
  check(xt::arange<int>(4), {4}, {0, 1, 2, 3});
  check(xt::ones<double>({2, 1}), {2, 1}, {1, 1});
  check(xt::xarray<int>(a), {3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  check(xt::xarray<bool>(a > 8.0), {3, 3}, {0, 0, 0, 0, 0, 0, 0, 0, 1});
  check(std::vector<bool>{true, false}, {2}, {1, 0});
  check(std::list<int>{1, 2}, {2}, {1, 2});
  check(std::array<float, 2>{0.5f, 2}, {2}, {0.5, 2});
  const Array<float> narrowed = as_array<float>(a);
  CHECK(narrowed[8] == 9.0f);
  static_assert(!foretell::ArrayLike<std::string> && !foretell::ArrayLike<double>);
}

TEST_CASE("as_array: no rows keep their row shape") {
  const xt::xarray<double> none = xt::zeros<double>({0, 3});
  check(none, {0, 3}, {});
  check(xt::view(none, xt::all(), 1), {0}, {});
  check(none * 2.0, {0, 3}, {});
  check(xt::view(a, xt::range(1, 1)), {0, 3}, {});
  check(Numbers{}, {0}, {});
  const Array<double> array = as_array<double>(none);
  CHECK(array.rows() == 0);
  CHECK(array.row_size() == 3);
  CHECK(array.row_shape() == foretell::Shape{3});
}

TEST_CASE("Array: moving keeps borrowed memory borrowed and owned memory owned") {
  Array<double> owned = as_array<double>(a * 2.0), borrowed = as_array<double>(a);
  Array<double> first = std::move(owned), second = std::move(borrowed);
  CHECK(first[8] == 18);
  CHECK(first.rows() == 3);
  CHECK(second.data() == a.data());
  first = std::move(second);
  CHECK(first.data() == a.data());
}

}  // namespace

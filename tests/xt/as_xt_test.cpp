// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/xt/as_xt.hpp>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

std::atomic<std::size_t> allocations{0};

void* counted(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size ? size : 1)) return p;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size ? size : 1);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size ? size : 1);
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }

namespace {

using namespace foretell;

// Rows of a layer's input and output, with what a layer has of its own.
struct Rows {
  Rows(std::size_t n, Shape row)
      : rows(n), shape(row), x(n * row.size() + 1), y(x.size()), w(row.size()), dw(row.size()) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.25 * static_cast<double>(i % 29) - 3;
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<double>(i) + 0.5;
  }
  In<double> in() const { return {x.data(), rows, shape}; }
  Out<double> out() { return {y.data(), rows, shape}; }
  Values<const double> weights() const { return {w.data(), shape}; }
  Values<double> gradient() { return {dw.data(), shape}; }

  std::size_t rows;
  Shape shape;
  std::vector<double> x, y, w, dw;
};

TEST_CASE("as_xt: the statements of a layer are right and allocate nothing for any number of rows") {
  for (const Shape& shape : {Shape{7}, Shape{1}, Shape{3, 5}, Shape{2, 1, 3}}) {
    for (const std::size_t rows : {0u, 1u, 5u, 64u}) {
      CAPTURE(to_string(shape, text(rows)));
      Rows r(rows, shape);
      const std::size_t before = allocations;
      xt::noalias(as_xt(r.out())) = as_xt(r.in()) * as_xt(r.weights());
      const std::size_t after_forward = allocations;
      xt::noalias(as_xt(r.gradient())) += xt::sum(as_xt(r.in()) * as_xt(r.in()), {0});
      xt::noalias(as_xt(r.gradient())) += xt::sum(as_xt(r.out()) * as_xt(r.in()), {0});
      const std::size_t after_backward = allocations;
      CHECK(after_forward == before);
      CHECK(after_backward == before);
      const std::size_t size = shape.size();
      for (std::size_t i = 0; i < rows * size; ++i) REQUIRE(r.y[i] == r.x[i] * r.w[i % size]);
      for (std::size_t j = 0; j < size; ++j) {
        double squares = 0, products = 0;
        for (std::size_t i = 0; i < rows; ++i) {
          squares += r.x[i * size + j] * r.x[i * size + j];
          products += r.y[i * size + j] * r.x[i * size + j];
        }
        REQUIRE(r.dw[j] == squares + products);
      }
      CHECK(r.y.back() == 0);
    }
  }
}

TEST_CASE("as_xt: the rows are the first axis, also one row and none; parameters have no such axis") {
  for (const std::size_t rows : {0u, 1u, 3u}) {
    const Rows r(rows, Shape{4, 2});
    const auto x = as_xt(r.in());
    REQUIRE(x.dimension() == 3);
    CHECK(x.shape(0) == rows);
    CHECK(x.shape(1) == 4);
    CHECK(x.shape(2) == 2);
    CHECK(x.size() == rows * 8);
    CHECK(x.data() == r.x.data());
  }
  Rows r(1, Shape{4, 2});
  CHECK(as_xt(r.gradient()).dimension() == 2);
  CHECK(as_xt(r.gradient()).data() == r.dw.data());
  double scalar = 2;
  const Shape none{};
  CHECK(as_xt(Values<double>(&scalar, none)).dimension() == 0);
  CHECK(as_xt(Values<double>(&scalar, none))() == 2);
  const Rows flat(5, Shape{});
  CHECK(as_xt(flat.in()).dimension() == 1);
  CHECK(as_xt(flat.in()).size() == 5);
}

TEST_CASE("as_xt: what is read cannot be written") {
  static_assert(std::is_same_v<decltype(as_xt(std::declval<In<double>>())(0, 0)), const double&>);
  static_assert(std::is_same_v<decltype(as_xt(std::declval<Out<double>>())(0, 0)), double&>);
  static_assert(std::is_same_v<decltype(as_xt(std::declval<Values<const float>>())(0)), const float&>);
  static_assert(std::is_same_v<decltype(as_xt(std::declval<In<double>>()).data()), const double*>);
}

TEST_CASE("as_xt: plain assignment copies values and leaves the addresses") {
  Rows a(2, Shape{3}), b(2, Shape{3});
  as_xt(a.out()) = as_xt(a.in());
  CHECK(a.y[5] == a.x[5]);
  as_xt(b.out()) = as_xt(a.out());  // of one type: xtensor's own adaptor would do nothing here
  CHECK(b.y == a.y);
  auto kept = as_xt(b.out());
  const auto source = as_xt(a.out());
  kept = source;
  CHECK(kept.data() == b.y.data());
  as_xt(a.out()) = as_xt(a.out()) + 1.0;
  CHECK(a.y[5] == a.x[5] + 1);
  as_xt(a.out()) *= 2.0;
  CHECK(a.y[5] == 2 * (a.x[5] + 1));
  as_xt(a.out()).fill(0);
  CHECK(a.y[5] == 0);
  xt::view(as_xt(a.out()), xt::all(), 1) = xt::ones<double>({2});
  CHECK(a.y == std::vector<double>{0, 1, 0, 0, 1, 0, 0});
  const xt::xarray<double> copy = as_xt(b.out());
  CHECK(copy == as_xt(b.in()));
}

TEST_CASE("as_xt: values of another size are refused and nothing is written") {
  Rows a(2, Shape{3}), b(3, Shape{3});
  CHECK_THROWS(as_xt(a.out()) = as_xt(b.out()));
  CHECK_THROWS(as_xt(a.out()) = as_xt(b.out()) + 1.0);
  CHECK(a.y == std::vector<double>(7, 0.0));
}

TEST_CASE("as_xt: a softmax over the features, as a layer may write it") {
  Rows r(3, Shape{4});
  const auto x = as_xt(r.in());
  const xt::xarray<double> e = xt::exp(x - xt::amax(x, {1}, xt::keep_dims));
  xt::noalias(as_xt(r.out())) = e / xt::sum(e, {1}, xt::keep_dims);
  for (std::size_t i = 0; i < 3; ++i) {
    double total = 0;
    for (std::size_t j = 0; j < 4; ++j) total += r.y[4 * i + j];
    CHECK(total == doctest::Approx(1).epsilon(1e-12));
    CHECK(r.y[4 * i + 3] / r.y[4 * i + 2] == doctest::Approx(std::exp(0.25)).epsilon(1e-12));
  }
}

TEST_CASE("as_xt: an empty view is refused by name") {
  CHECK_THROWS_AS(as_xt(Out<double>()), StateError);
  CHECK_THROWS_AS(as_xt(Values<double>()), StateError);
}

}  // namespace

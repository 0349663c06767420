// SPDX-License-Identifier: BSD-3-Clause
#include <foretell/kernels/reduce.hpp>
#include <foretell/kernels/ref/reduce.hpp>

#include "levels.hpp"

using namespace kernel_tests;

namespace {

template <class T>
void check_reductions() {
  std::vector<double> first;
  at_every_level([&](Isa) {
    Numbers numbers(1);
    std::vector<double> all;
    for (std::size_t n : odd_sizes) {
      const std::vector<T> a = numbers.vector<T>(n);
      const std::vector<T> b = numbers.vector<T>(n);
      const double s = kernels::sum(n, a.data());
      const double q = kernels::sum_of_squares(n, a.data());
      const double d = kernels::dot(n, a.data(), b.data());
      CHECK(std::abs(s - kernels::ref::sum(n, a.data())) < 1e-13);
      CHECK(std::abs(q - kernels::ref::dot(n, a.data(), a.data())) < 1e-12);
      CHECK(std::abs(d - kernels::ref::dot(n, a.data(), b.data())) < 1e-12);
      CHECK(kernels::max(n, a.data()) == kernels::ref::max(n, a.data()));
      CHECK(kernels::argmax_row(n, a.data()) == kernels::ref::argmax_row(n, a.data()));
      all.insert(all.end(), {s, q, d});
    }
    if (first.empty()) first = all;
    if (sizeof(T) == 4)
      CHECK(same_bits(first, all));  // products of floats are exact in double: the same bits at every level
  });
}

}  // namespace

TEST_CASE("reduce: sums, products and maxima agree with the naive ones") {
  check_reductions<float>();
  check_reductions<double>();
}

TEST_CASE("reduce: a sum of many small and one large float keeps the small ones") {
  at_every_level([](Isa) {
    std::vector<float> x(100001, 1e-3f);
    x[0] = 1e6f;
    CHECK(kernels::sum(x.size(), x.data()) ==
          doctest::Approx(1e6 + 100000 * static_cast<double>(1e-3f)).epsilon(1e-12));
  });
}

TEST_CASE("reduce: NaN and infinity are found at every place") {
  at_every_level([](Isa) {
    for (std::size_t n : odd_sizes) {
      std::vector<float> x(n, 1.0f);
      CHECK(kernels::all_finite(n, x.data()));
      for (std::size_t i = 0; i < n; ++i)
        for (float bad : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
          x[i] = bad;
          CHECK_FALSE(kernels::all_finite(n, x.data()));
          const float top = kernels::max(n, x.data());
          CHECK((std::isnan(bad) ? std::isnan(top) : top == (bad > 0 ? bad : n == 1 ? bad : 1.0f)));
          if (std::isnan(bad)) CHECK(kernels::argmax_row(n, x.data()) == i);
          x[i] = 1.0f;
        }
    }
    std::vector<float> huge(64, 3e38f);  // finite, though their sum is not
    CHECK(kernels::all_finite(64, huge.data()));
  });
}

TEST_CASE("reduce: the first of the largest in a long row, the first NaN before all of them") {
  at_every_level([](Isa) {
    const auto place = [](const std::vector<float>& x) { return kernels::argmax_row(x.size(), x.data()); };
    for (const std::size_t n : {511u, 512u, 513u, 1300u}) {
      std::vector<float> x(n, -INFINITY);
      CHECK(place(x) == 0);
      x[n - 1] = 2;
      CHECK(place(x) == n - 1);
      x[n / 2] = x[n / 3] = 2;
      CHECK(place(x) == n / 3);
      x[n - 1] = NAN;
      CHECK(place(x) == n - 1);
      x[n / 4] = NAN;
      CHECK(place(x) == n / 4);
    }
  });
}

TEST_CASE("reduce: column and row sums honour the stride") {
  at_every_level([](Isa) {
    Numbers numbers(2);
    for (std::size_t rows : odd_sizes)
      for (std::size_t cols : odd_sizes) {
        const std::size_t stride = cols + numbers.below(3);
        const std::vector<float> x = numbers.vector<float>(rows && cols ? (rows - 1) * stride + cols : 0);
        const std::vector<double> wide = doubles(x);
        std::vector<float> out = numbers.vector<float>(cols);
        std::vector<double> want = doubles(out);
        kernels::column_sum_add(rows, cols, x.data(), stride, out.data());
        kernels::ref::column_sum_add(rows, cols, wide.data(), stride, want.data());
        CHECK(worst_error(out, want) <= 5e-6);
        std::vector<float> sums(rows);
        std::vector<double> want_sums(rows);
        kernels::row_sum(rows, cols, x.data(), stride, sums.data());
        kernels::ref::row_sum(rows, cols, wide.data(), stride, want_sums.data());
        CHECK(worst_error(sums, want_sums) <= 1e-7);
      }
  });
}

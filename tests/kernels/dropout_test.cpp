// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include <foretell/kernels/dropout.hpp>
#include <foretell/kernels/ref/dropout.hpp>

#include "levels.hpp"

using namespace kernel_tests;
using kernels::DropoutKey;

namespace {

std::vector<float> mask(std::size_t n, double rate, DropoutKey key, std::uint64_t first = 0) {
  const std::vector<float> ones(n, 1.0f);
  std::vector<float> y(n);
  kernels::dropout(n, rate, key, first, ones.data(), y.data());
  return y;
}

/// The correlation of two masks whose elements are kept with probability 1 - rate.
double correlation(const std::vector<float>& a, const std::vector<float>& b, std::size_t lag, double rate) {
  const double keep = 1 - rate;
  double total = 0;
  std::size_t n = 0;
  for (std::size_t i = 0; i + lag < a.size(); ++i, ++n) total += ((a[i] > 0) - keep) * ((b[i + lag] > 0) - keep);
  return total / static_cast<double>(n) / (keep * rate);
}

}  // namespace

TEST_CASE("dropout: every level draws the naive mask, in float and double, wherever the range begins") {
  at_every_level([](Isa) {
    Numbers numbers(1);
    for (std::uint64_t first : {std::uint64_t{0}, std::uint64_t{5}, std::uint64_t{32}, std::uint64_t{1} << 40})
      for (std::size_t n : odd_sizes) {
        const std::vector<float> x = numbers.vector<float>(n);
        const std::vector<double> wide = doubles(x);
        std::vector<float> y(n), want(n);
        std::vector<double> wide_y(n), wide_want(n);
        kernels::dropout(n, 0.3, {1, 2}, first, x.data(), y.data());
        kernels::ref::dropout(n, 0.3, {1, 2}, first, x.data(), want.data());
        CHECK(worst_error(y, doubles(want)) == 0);
        kernels::dropout(n, 0.3, {1, 2}, first, wide.data(), wide_y.data());
        kernels::ref::dropout(n, 0.3, {1, 2}, first, wide.data(), wide_want.data());
        CHECK(worst_error(wide_y, wide_want) == 0);
      }
  });
}

TEST_CASE("dropout: any split of a range draws the same mask") {
  at_every_level([](Isa) {
    const std::vector<float> whole = mask(1000, 0.5, {7, 9}, 11);
    std::vector<float> parts;
    for (std::size_t at = 0, n = 1; at < 1000; at += n, n = (n * 3) % 97 + 1) {
      const std::vector<float> part = mask(std::min(n, 1000 - at), 0.5, {7, 9}, 11 + at);
      parts.insert(parts.end(), part.begin(), part.end());
    }
    CHECK(same_bits(whole, parts));
  });
}

TEST_CASE("dropout: the kept are scaled, the dropped are zero even when NaN") {
  at_every_level([](Isa) {
    const std::vector<float> keep = mask(64, 0.2, {3, 4});
    std::vector<float> x(64, std::nanf(""));
    kernels::dropout(64, 0.2, {3, 4}, 0, x.data(), x.data());
    for (std::size_t i = 0; i < 64; ++i) {
      CHECK((keep[i] == 0.0f || keep[i] == 1.25f));
      CHECK(std::isnan(x[i]) == (keep[i] != 0.0f));
    }
    CHECK(mask(100, 0.0, {1, 1}) == std::vector<float>(100, 1.0f));
  });
}

TEST_CASE("dropout: the share kept, neighbours, keys and steps look independent") {
  const std::size_t n = 1 << 20;
  const double tolerance = 4.5 / std::sqrt(static_cast<double>(n));  // 4.5 standard deviations
  for (double rate : {0.1, 0.5, 0.8}) {
    const std::vector<float> a = mask(n, rate, {12345, 678});
    double kept = 0;
    for (float v : a) kept += v > 0;
    CHECK(std::abs(kept / static_cast<double>(n) - (1 - rate)) <= tolerance * std::sqrt(rate * (1 - rate)) + 1e-5);
    for (std::size_t lag : std::initializer_list<std::size_t>{1, 2, 8, 15, 16, 17, 31, 32, 64, 100, 1024})
      CHECK(std::abs(correlation(a, a, lag, rate)) <= tolerance);
    for (unsigned bit = 0; bit < 32; ++bit) {
      CHECK(std::abs(correlation(a, mask(n, rate, {12345U ^ (1U << bit), 678}), 0, rate)) <= tolerance);
      CHECK(std::abs(correlation(a, mask(n, rate, {12345, 678U ^ (1U << bit)}), 0, rate)) <= tolerance);
    }
    CHECK(std::abs(correlation(a, mask(n, rate, {12345, 678}, std::uint64_t{1} << 33), 0, rate)) <= tolerance);
  }
}

TEST_CASE("dropout: 16-bit draws fill their range evenly") {
  std::vector<std::size_t> counts(256);
  const std::size_t n = 1 << 20;
  for (std::size_t i = 0; i < n; ++i) ++counts[kernels::dropout_draw({99, 1}, i) >> 8];
  double chi_square = 0;
  const double expected = static_cast<double>(n) / 256;
  for (std::size_t c : counts)
    chi_square += (static_cast<double>(c) - expected) * (static_cast<double>(c) - expected) / expected;
  CHECK(chi_square > 255 - 5 * 22.6);  // mean 255, standard deviation 22.6
  CHECK(chi_square < 255 + 5 * 22.6);
}

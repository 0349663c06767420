// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <foretell/kernels/dispatch.hpp>

/// What the kernel tests share: every instruction set of this machine in turn, seeded numbers, comparisons.
namespace kernel_tests {

namespace kernels = foretell::kernels;
using kernels::Isa;

inline const std::vector<std::size_t> odd_sizes = {0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 100, 127};

/// Runs `test` at every level the machine has; the level that was active comes back afterwards.
template <class Test>
void at_every_level(Test test) {
  const Isa before = kernels::active_isa();
  for (Isa isa : {Isa::portable, Isa::sse2, Isa::avx2, Isa::avx512}) {
    if (!kernels::force_isa(isa)) continue;
    const std::string level(kernels::name(isa));
    CAPTURE(level);
    test(isa);
  }
  kernels::force_isa(before);
}

/// A small generator of our own (xorshift), so that the numbers are the same with every standard library.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL + 1) {}
  std::uint64_t bits() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>((bits() >> 20) % n); }
  double uniform(double low, double high) { return low + (high - low) * static_cast<double>(bits() >> 11) * 0x1p-53; }

  template <class T>
  std::vector<T> vector(std::size_t n, double low = -2, double high = 2) {
    std::vector<T> out(n);
    for (T& x : out) x = static_cast<T>(uniform(low, high));
    return out;
  }

 private:
  std::uint64_t state_;
};

inline std::vector<double> doubles(const std::vector<float>& x) { return {x.begin(), x.end()}; }
inline std::vector<double> doubles(const std::vector<double>& x) { return x; }

/// Rounding unit of T, generously: float results are held against double ones, double results against another order of
/// summation.
template <class T>
constexpr double unit = sizeof(T) == 4 ? 6e-8 : 2e-16;

/// The largest |got - want| / (1 + |want|); infinite when one is NaN and the other is not.
template <class T>
double worst_error(const std::vector<T>& got, const std::vector<double>& want) {
  REQUIRE(got.size() == want.size());
  double worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double g = static_cast<double>(got[i]);
    if (std::isnan(g) && std::isnan(want[i])) continue;
    if (g == want[i]) continue;
    const double e = std::abs(g - want[i]) / (1 + std::abs(want[i]));
    worst = std::isnan(e) ? std::numeric_limits<double>::infinity() : std::fmax(worst, e);
  }
  return worst;
}

/// The same bits, NaN included.
template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

}  // namespace kernel_tests

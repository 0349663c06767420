// SPDX-License-Identifier: BSD-3-Clause
// Translation units with other flags, linked together: flags_o0.cpp, flags_fast_math.cpp, flags_native.cpp.
#define FLAGS_NAME run_plain
#include "flags_body.hpp"
#include "levels.hpp"

namespace kernel_tests {
void run_unoptimized(std::size_t n, const float* x, const float* w, float* out);
void run_fast_math(std::size_t n, const float* x, const float* w, float* out);
void run_native(std::size_t n, const float* x, const float* w, float* out);
}  // namespace kernel_tests

using namespace kernel_tests;

TEST_CASE("flags: objects built with -O0, -ffast-math and -march=native give the same bits") {
  at_every_level([](Isa) {
    Numbers numbers(1);
    const std::size_t n = 101;
    const std::vector<float> x = numbers.vector<float>(n, 0.01, 5);
    const std::vector<float> w = numbers.vector<float>(8 * n);
    std::vector<float> plain(4 * n + 8), other(4 * n + 8);
    run_plain(n, x.data(), w.data(), plain.data());
    for (auto* run : {run_unoptimized, run_fast_math, run_native}) {
      run(n, x.data(), w.data(), other.data());
      CHECK(same_bits(plain, other));
    }
    std::vector<double> want(4 * n);
    for (std::size_t i = 0; i < n; ++i) {
      const double v = static_cast<double>(x[i]);
      want[i] = std::exp(v), want[n + i] = std::log(v), want[2 * n + i] = std::tanh(v);
      want[3 * n + i] = 0.5 * v * std::erfc(-v * std::sqrt(0.5));
    }
    CHECK(worst_error(std::vector<float>(plain.begin(), plain.begin() + 4 * n), want) <= 5e-7);
  });
}

TEST_CASE("flags: NaN and infinity mean what they mean, whatever the flags") {
  at_every_level([](Isa) {
    const std::size_t n = 4;
    const std::vector<float> x = {std::nanf(""), HUGE_VALF, -1.0f, 0.0f};
    const std::vector<float> w(8 * n, 1.0f);
    for (auto* run : {run_plain, run_unoptimized, run_fast_math, run_native}) {
      std::vector<float> out(4 * n + 8);
      run(n, x.data(), w.data(), out.data());
      CHECK(std::isnan(out[0]));
      CHECK(out[1] == HUGE_VALF);
      CHECK(std::isnan(out[n]));
      CHECK(out[n + 1] == HUGE_VALF);
      CHECK(std::isnan(out[n + 2]));
      CHECK(out[n + 3] == -HUGE_VALF);
      CHECK(std::isnan(out[2 * n]));
      CHECK(out[2 * n + 1] == 1.0f);
      CHECK(std::isnan(out[4 * n]));
    }
  });
}

// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>

#include <foretell/kernels/math.hpp>
#include <foretell/kernels/ref/activation.hpp>

#include "levels.hpp"

using namespace kernel_tests;

namespace {

using Function = double (*)(double);
template <class T>
using Kernel = void (*)(std::size_t, const T*, T*) noexcept;

/// |got - want| in units of the last place of the float nearest to `want`.
double ulps(float got, double want) {
  const float rounded = static_cast<float>(want);
  if (std::isnan(rounded)) return std::isnan(got) ? 0 : HUGE_VAL;
  if (std::isinf(rounded) || std::isinf(got)) return rounded == got || std::abs(want) > 3.4028234e38 ? 0 : HUGE_VAL;
  int exponent = 0;
  std::frexp(want == 0 ? 1e-300 : want, &exponent);
  return std::abs(static_cast<double>(got) - want) / std::ldexp(1.0, std::max(exponent - 24, -149));
}

/// All floats from NaN to NaN, every 8191st, and the special ones.
std::vector<float> sweep() {
  std::vector<float> x;
  for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += 8191) {
    const auto word = static_cast<std::uint32_t>(bits);
    float value;
    std::memcpy(&value, &word, sizeof value);
    x.push_back(value);
  }
  for (float v :
       {0.0f, 1.0f, 0.5f, 0.625f, 87.0f, 88.5f, 88.8f, 89.5f, 103.0f, 104.0f, 1e-45f, 1e-38f, 1e-39f, 3.4e38f, 0.99f})
    x.push_back(v), x.push_back(-v);
  for (float v : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                  std::numeric_limits<float>::quiet_NaN()})
    x.push_back(v);
  return x;
}

void check_float(Kernel<float> kernel, Function truth, double bound) {
  const std::vector<float> x = sweep();
  std::vector<double> want(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) want[i] = truth(static_cast<double>(x[i]));
  at_every_level([&](Isa) {
    std::vector<float> y(x.size());
    kernel(x.size(), x.data(), y.data());
    double worst = 0;
    float at = 0;
    std::size_t wrong_signs = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double e = ulps(y[i], want[i]);
      if (e > worst) worst = e, at = x[i];
      wrong_signs += !std::isnan(want[i]) && std::signbit(y[i]) != std::signbit(want[i]);
    }
    CAPTURE(at);
    CHECK(worst <= bound);
    CHECK(wrong_signs == 0);
  });
}

void check_double(Kernel<double> kernel, Function truth) {
  at_every_level([&](Isa) {
    Numbers numbers(1);
    std::vector<double> x = numbers.vector<double>(999, -30, 30);
    for (double v : {0.0, -0.0, 710.0, -746.0, 1e-310, HUGE_VAL, -HUGE_VAL, std::nan("")}) x.push_back(v);
    std::vector<double> y(x.size());
    kernel(x.size(), x.data(), y.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double want = truth(x[i]);
      const bool same =
          std::isnan(want) ? std::isnan(y[i]) : y[i] == want || std::abs(y[i] - want) <= 4e-16 * std::abs(want);
      CAPTURE(x[i]);
      CHECK(same);
    }
  });
}

double exp_of(double x) { return std::exp(x); }
double log_of(double x) { return std::log(x); }
double log1p_of(double x) { return std::log1p(x); }
double tanh_of(double x) { return std::tanh(x); }
double erf_of(double x) { return std::erf(x); }
double sqrt_of(double x) { return std::sqrt(x); }
double sigmoid_of(double x) { return kernels::ref::sigmoid_of(x); }
double softplus_of(double x) { return kernels::ref::softplus_of(x); }

}  // namespace

TEST_CASE("math: exp of floats is within 1 ulp everywhere") { check_float(kernels::exp<float>, exp_of, 1.0); }
TEST_CASE("math: log of floats is within 1 ulp everywhere") { check_float(kernels::log<float>, log_of, 1.0); }
TEST_CASE("math: log1p of floats is within 2 ulp everywhere") { check_float(kernels::log1p<float>, log1p_of, 2.0); }
TEST_CASE("math: tanh of floats is within 2 ulp everywhere") { check_float(kernels::tanh<float>, tanh_of, 2.0); }
TEST_CASE("math: sigmoid of floats is within 2.5 ulp everywhere") {
  check_float(kernels::sigmoid<float>, sigmoid_of, 2.6);
}
TEST_CASE("math: erf of floats is within 2 ulp everywhere") { check_float(kernels::erf<float>, erf_of, 2.0); }
TEST_CASE("math: softplus of floats is within 2.5 ulp everywhere") {
  check_float(kernels::softplus<float>, softplus_of, 2.5);
}
TEST_CASE("math: sqrt of floats is correctly rounded") { check_float(kernels::sqrt<float>, sqrt_of, 0.51); }

TEST_CASE("math: functions of doubles are those of the C library") {
  check_double(kernels::exp<double>, exp_of);
  check_double(kernels::log<double>, log_of);
  check_double(kernels::log1p<double>, log1p_of);
  check_double(kernels::tanh<double>, tanh_of);
  check_double(kernels::sigmoid<double>, sigmoid_of);
  check_double(kernels::erf<double>, erf_of);
  check_double(kernels::softplus<double>, softplus_of);
  check_double(kernels::sqrt<double>, sqrt_of);
}

TEST_CASE("math: an element has the same bits wherever it stands, and y may be x") {
  at_every_level([](Isa) {
    Numbers numbers(2);
    const std::vector<float> x = numbers.vector<float>(127, -100, 100);
    for (Kernel<float> kernel :
         {kernels::exp<float>, kernels::log<float>, kernels::tanh<float>, kernels::sigmoid<float>, kernels::erf<float>,
          kernels::softplus<float>, kernels::log1p<float>}) {
      std::vector<float> whole(x.size());
      kernel(x.size(), x.data(), whole.data());
      for (std::size_t n : odd_sizes) {
        std::vector<float> part(x.end() - static_cast<std::ptrdiff_t>(n), x.end());
        kernel(n, part.data(), part.data());
        CHECK(same_bits(part, std::vector<float>(whole.end() - static_cast<std::ptrdiff_t>(n), whole.end())));
      }
    }
  });
}

// SPDX-License-Identifier: BSD-3-Clause
#include <foretell/kernels/ref/update.hpp>
#include <foretell/kernels/update.hpp>

#include "levels.hpp"

using namespace kernel_tests;
namespace rule = kernels::rule;

namespace {

/// Weights, gradients and states in T, and the same in double for the naive twin.
template <class T>
struct Arrays {
  std::vector<T> w, g, s[3];
  std::vector<double> dw, dg, ds[3];
  Arrays(std::size_t n, Numbers& numbers)
      : w(numbers.vector<T>(n)),
        g(numbers.vector<T>(n)),
        s{numbers.vector<T>(n, 0.3, 1), numbers.vector<T>(n, 0.1, 1), numbers.vector<T>(n, -0.2, 0.2)},
        dw(doubles(w)),
        dg(doubles(g)),
        ds{doubles(s[0]), doubles(s[1]), doubles(s[2])} {}

  template <class R>
  void step(const R& r, std::size_t from, std::size_t n) {
    T* const slots[] = {s[0].data() + from, s[1].data() + from, s[2].data() + from};
    kernels::apply_rule(r, n, w.data() + from, g.data() + from, slots);
  }
  /// After a step of both.
  template <class R>
  double error(const R& r) {
    double* const slots[] = {ds[0].data(), ds[1].data(), ds[2].data()};
    kernels::ref::apply_rule(r, dw.size(), dw.data(), dg.data(), slots);
    step(r, 0, w.size());
    return error();
  }
  double error() const {
    double worst = worst_error(w, dw);
    for (std::size_t k = 0; k < 3; ++k) worst = std::fmax(worst, worst_error(s[k], ds[k]));
    return worst;
  }
};

template <class T>
void check_updates() {
  const double bound = 20 * unit<T>;
  at_every_level([&](Isa) {
    Numbers numbers(1);
    for (std::size_t n : odd_sizes) {
      const auto check = [&](const auto& r, double lost = 1) {
        Arrays<T> x(n, numbers);
        CHECK(x.error(r) <= lost * bound);
        CHECK(x.error(r) <= 2 * lost * bound);
      };
      check(rule::Sgd{0.05});
      for (bool nesterov : {false, true}) check(rule::Momentum{0.05, 0.9, nesterov});
      for (double decay : {0.0, 0.01}) check(rule::Adam{.rate = 0.01, .decay = decay});
      check(rule::Adagrad{0.01, 0.1, 1e-7});
      check(rule::Adadelta{0.5, 0.95, 1e-6});
      check(rule::Adamax{0.01, 0.9, 0.99, 1e-7});
      check(rule::Nadam{0.009, 0.001, 1.5, 0.9, 0.99, 1e-7});
      for (double power : {0.5, 0.0, 0.7}) check(rule::Ftrl{0.1, power, 0.1, 0.3, 0.01, 0.02}, 4);
      check(rule::Lion{0.01, 0.9, 0.99});
      for (bool with_momentum : {false, true})
        for (bool centered : {false, true}) {
          Arrays<T> x(n, numbers);
          if (!with_momentum) x.s[1] = x.s[0], x.ds[1] = x.ds[0];
          if (!centered) x.s[2] = x.s[0], x.ds[2] = x.ds[0];
          CHECK(x.error(rule::Rmsprop{0.01, 0.9, 0.8, 1e-7, with_momentum, centered}) <= bound);
        }
    }
  });
}

/// One weight at every level: of what w, gradient and states become what.
template <class R>
void check_one(const R& r, std::vector<float> before, const std::vector<float>& after) {
  at_every_level([&](Isa) {
    std::vector<float> x = before;
    float* const slots[] = {&x[2], &x[3]};
    kernels::apply_rule(r, 1, x.data(), &x[1], slots);
    x.erase(x.begin() + 1);
    CHECK(same_bits(x, after));
  });
}

}  // namespace

TEST_CASE("update: every optimizer step agrees with the naive one") {
  check_updates<float>();
  check_updates<double>();
}

TEST_CASE("update: an unused state of RMSprop may be the first one") {
  at_every_level([](Isa) {
    Numbers numbers(4);
    Arrays<float> x(37, numbers);
    Arrays<float> y = x;
    const rule::Rmsprop r{0.01, 0.9, 0, 1e-7, false, false};
    x.step(r, 0, 37);
    float* const slots[] = {y.s[0].data(), y.s[0].data(), y.s[0].data()};
    kernels::apply_rule(r, 37, y.w.data(), y.g.data(), slots);
    CHECK(same_bits(x.w, y.w));
    CHECK(same_bits(x.s[0], y.s[0]));
  });
}

TEST_CASE("update: Adam's first step by hand") {
  // t = 1, beta 0.9 and 0.999: m = 0.1 g, v = 0.001 g^2, lr' = lr sqrt(0.001) / 0.1; the move is lr g / (|g| + eps').
  double w = 1, m = 0, v = 0;
  const double g = 0.25;
  double* const slots[] = {&m, &v};
  kernels::apply_rule(rule::Adam{.rate = 0.001 * std::sqrt(1 - 0.999) / (1 - 0.9)}, 1, &w, &g, slots);
  CHECK(m == doctest::Approx(0.025).epsilon(1e-12));
  CHECK(v == doctest::Approx(0.0000625).epsilon(1e-12));
  CHECK(w == doctest::Approx(1.0 - 0.001).epsilon(1e-7));
}

TEST_CASE("update: nothing moves where there is no gradient yet") {
  check_one(rule::Lion{0.5, 0.9, 0.99}, {2, 0, 0, 0}, {2, 0, 0});
  check_one(rule::Adamax{0.5, 0.9, 0.99, 1e-7}, {2, 0, 0, 0}, {2, 0, 0});
  check_one(rule::Ftrl{0.5, 0.5, 0, 0.1, 0, 0}, {2, 0, 0, 0}, {2, 0, 0});  // no curvature: 0 / 0 otherwise
  check_one(rule::Ftrl{0.5, 0.7, 0, 0.1, 0, 0}, {2, 0, 0, 0}, {2, 0, 0});
}

TEST_CASE("update: NaN gradients show in the weights") {
  at_every_level([](Isa) {
    const auto spoils = [](const auto& r) {
      for (std::size_t n : {1u, 5u, 33u}) {
        Numbers numbers(3);
        Arrays<float> x(n, numbers);
        x.g[n / 2] = std::nanf("");
        x.step(r, 0, n);
        for (std::size_t i = 0; i < n; ++i) CHECK(std::isnan(x.w[i]) == (i == n / 2));
      }
    };
    spoils(rule::Sgd{0.1});
    spoils(rule::Momentum{0.1, 0.9, false});
    spoils(rule::Adam{});
    spoils(rule::Adagrad{0.01, 0.1, 1e-7});
    spoils(rule::Adadelta{0.5, 0.95, 1e-6});
    spoils(rule::Adamax{0.01, 0.9, 0.99, 1e-7});
    spoils(rule::Nadam{0.009, 0.001, 1.5, 0.9, 0.99, 1e-7});
    spoils(rule::Ftrl{0.1, 0.7, 0.1, 0.3, 0.01, 0.02});
  });
}

TEST_CASE("update: the split of an array does not change the bits") {
  at_every_level([](Isa) {
    Numbers numbers(2);
    Arrays<float> whole(100, numbers);
    Arrays<float> split = whole;
    whole.step(rule::Adam{}, 0, 100);
    split.step(rule::Adam{}, 0, 37);
    split.step(rule::Adam{}, 37, 63);
    CHECK(same_bits(whole.w, split.w));
    CHECK(same_bits(whole.s[1], split.s[1]));
  });
}

TEST_CASE("update: clipping by value keeps NaN") {
  at_every_level([](Isa) {
    std::vector<float> g = {-3.0f, -0.5f, 0.0f, 0.5f, 3.0f, std::nanf(""), HUGE_VALF, -HUGE_VALF, 1.0f};
    kernels::clip_by_value(g.size(), 1.0, g.data());
    CHECK(g[0] == -1.0f);
    CHECK(g[1] == -0.5f);
    CHECK(g[4] == 1.0f);
    CHECK(std::isnan(g[5]));
    CHECK(g[6] == 1.0f);
    CHECK(g[7] == -1.0f);
  });
}

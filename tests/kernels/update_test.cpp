// SPDX-License-Identifier: BSD-3-Clause
#include <foretell/kernels/ref/update.hpp>
#include <foretell/kernels/update.hpp>

#include "levels.hpp"

using namespace kernel_tests;

namespace {

/// Weights, gradients and two or three states in T, and the same in double for the naive twin.
template <class T>
struct Arrays {
  std::vector<T> w, g, m, v, c;
  std::vector<double> dw, dg, dm, dv, dc;
  Arrays(std::size_t n, Numbers& numbers)
      : w(numbers.vector<T>(n)),
        g(numbers.vector<T>(n)),
        m(numbers.vector<T>(n, -0.1, 0.1)),
        v(numbers.vector<T>(n, 0.1, 1)),
        c(numbers.vector<T>(n, -0.2, 0.2)),
        dw(doubles(w)),
        dg(doubles(g)),
        dm(doubles(m)),
        dv(doubles(v)),
        dc(doubles(c)) {}
  double error() const {
    return std::fmax(std::fmax(worst_error(w, dw), worst_error(m, dm)),
                     std::fmax(worst_error(v, dv), worst_error(c, dc)));
  }
};

template <class T>
void check_updates() {
  const double bound = 20 * unit<T>;
  at_every_level([&](Isa) {
    Numbers numbers(1);
    for (std::size_t n : odd_sizes) {
      Arrays<T> x(n, numbers);
      kernels::sgd(n, x.w.data(), x.g.data(), 0.05, 0.5);
      kernels::ref::sgd(n, x.dw.data(), x.dg.data(), 0.05, 0.5);
      CHECK(x.error() <= bound);
      for (bool nesterov : {false, true}) {
        kernels::momentum(n, x.w.data(), x.g.data(), x.m.data(), 0.05, 0.9, nesterov, 0.25);
        kernels::ref::momentum(n, x.dw.data(), x.dg.data(), x.dm.data(), 0.05, 0.9, nesterov, 0.25);
        CHECK(x.error() <= bound);
      }
      for (double decay : {0.0, 0.01}) {
        const kernels::AdamStep step{.lr = 0.01, .weight_decay_times_lr = decay, .gradient_scale = 0.7};
        kernels::adam(n, x.w.data(), x.g.data(), x.m.data(), x.v.data(), step);
        kernels::ref::adam(n, x.dw.data(), x.dg.data(), x.dm.data(), x.dv.data(), step);
        CHECK(x.error() <= bound);
      }
      for (bool centered : {false, true})
        for (bool with_momentum : {false, true}) {
          Arrays<T> y(n, numbers);
          const kernels::RmspropStep step{
              .lr = 0.01, .momentum = 0.8, .weight_decay_times_lr = 0.001, .gradient_scale = 0.3};
          kernels::rmsprop(n, y.w.data(), y.g.data(), y.v.data(), with_momentum ? y.m.data() : nullptr,
                           centered ? y.c.data() : nullptr, step);
          kernels::ref::rmsprop(n, y.dw.data(), y.dg.data(), y.dv.data(), with_momentum ? y.dm.data() : nullptr,
                                centered ? y.dc.data() : nullptr, step);
          CHECK(y.error() <= bound);
        }
    }
  });
}

}  // namespace

TEST_CASE("update: every optimizer step agrees with the naive one") {
  check_updates<float>();
  check_updates<double>();
}

TEST_CASE("update: Adam's first step by hand") {
  // t = 1, beta 0.9 and 0.999: m = 0.1 g, v = 0.001 g^2, lr' = lr sqrt(0.001) / 0.1; the move is lr g / (|g| + eps').
  std::vector<double> w = {1.0}, g = {0.25}, m = {0.0}, v = {0.0};
  const double lr = 0.001 * std::sqrt(1 - 0.999) / (1 - 0.9);
  kernels::adam(1, w.data(), g.data(), m.data(), v.data(), {.lr = lr});
  CHECK(m[0] == doctest::Approx(0.025).epsilon(1e-12));
  CHECK(v[0] == doctest::Approx(0.0000625).epsilon(1e-12));
  CHECK(w[0] == doctest::Approx(1.0 - 0.001).epsilon(1e-7));
}

TEST_CASE("update: the split of an array does not change the bits") {
  at_every_level([](Isa) {
    Numbers numbers(2);
    Arrays<float> whole(100, numbers);
    Arrays<float> split = whole;
    kernels::adam(100, whole.w.data(), whole.g.data(), whole.m.data(), whole.v.data(), {});
    for (std::size_t at = 0, n = 37; at < 100; at += n, n = 63)
      kernels::adam(n, split.w.data() + at, split.g.data() + at, split.m.data() + at, split.v.data() + at, {});
    CHECK(same_bits(whole.w, split.w));
    CHECK(same_bits(whole.v, split.v));
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

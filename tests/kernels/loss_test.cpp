// SPDX-License-Identifier: BSD-3-Clause
#include <foretell/kernels/loss.hpp>
#include <foretell/kernels/ref/loss.hpp>

#include "levels.hpp"

using namespace kernel_tests;
namespace formula = kernels::formula;

namespace {

template <class T>
struct Results {
  std::vector<T> losses, slopes;
};

template <class T, class F>
Results<T> results(const F& f, const std::vector<T>& truth, const std::vector<T>& prediction) {
  Results<T> r{std::vector<T>(truth.size()), std::vector<T>(truth.size())};
  kernels::loss::apply(f, truth.size(), truth.data(), prediction.data(), r.losses.data(), r.slopes.data());
  return r;
}

template <class T>
struct Check {
  Numbers numbers{1};

  /// Truths in [low, high], or the classes 0 and 1 where both are 0; predictions in [least, most].
  template <class F>
  void operator()(const F& f, double low, double high, double least, double most, double units = 40) {
    for (std::size_t n : odd_sizes) {
      auto t = numbers.vector<T>(n, low, high);
      if (low == high)
        for (T& x : t) x = numbers.below(2) ? T(1) : T(0);
      const auto p = numbers.vector<T>(n, least, most);
      std::vector<double> losses, slopes;
      for (std::size_t i = 0; i < n; ++i) {
        const auto one = kernels::ref::loss(f, static_cast<double>(t[i]), static_cast<double>(p[i]));
        losses.push_back(one.loss);
        slopes.push_back(one.slope);
      }
      const Results<T> r = results(f, t, p);
      CHECK(worst_error(r.losses, losses) <= units * unit<T>);
      CHECK(worst_error(r.slopes, slopes) <= units * unit<T>);
    }
  }
};

template <class T>
void check_formulas() {
  at_every_level([](Isa) {
    Check<T> check;
    check(formula::Squared{}, -2, 2, -2, 2);
    check(formula::Absolute{}, -2, 2, -2, 2);
    check(formula::Huber{0.7}, -2, 2, -2, 2);
    check(formula::LogCosh{}, -2, 2, -2, 2);
    check(formula::LogCosh{}, -20, 20, -20, 20);
    check(formula::Quantile{0.3}, -2, 2, -2, 2);
    check(formula::Poisson{}, 0, 5, 0.1, 5);
    check(formula::LogPoisson{}, 0, 5, -3, 3);
    check(formula::Tweedie{1.5}, 0, 5, 0.1, 5, 200);
    check(formula::LogTweedie{1.3}, 0, 5, -2, 2, 200);
    check(formula::Hinge{}, 0, 0, -3, 3);
    check(formula::SquaredHinge{}, 0, 0, -3, 3);
    check(formula::Logistic{1, 0}, 0, 0, -20, 20);
    check(formula::Logistic{0.9, 0.05}, 0, 0, -200, 200);
    for (const double gamma : {0.0, 2.0, 0.5}) {
      const formula::Focal focal{0.9, 0.05, gamma, 0.25, 0.75};
      check(focal, 0, 0, 0.05, 0.95, 200);
      check(formula::LogitFocal{focal}, 0, 0, -8, 8, 200);
    }
  });
}

}  // namespace

TEST_CASE("loss: every formula agrees with the naive one") {
  check_formulas<float>();
  check_formulas<double>();
}

TEST_CASE("loss: NaN stays NaN and touches no neighbour") {
  at_every_level([](Isa) {
    const auto keeps = [](const auto& f) {
      for (std::size_t n : {1u, 5u, 17u, 33u}) {
        const std::vector<float> t(n, 1);
        std::vector<float> p(n, 0.5f);
        const Results<float> plain = results(f, t, p);
        p[n / 2] = std::nanf("");
        const Results<float> r = results(f, t, p);
        for (std::size_t i = 0; i < n; ++i) {
          CHECK(std::isnan(r.losses[i]) == (i == n / 2));
          if (i != n / 2) CHECK(r.losses[i] == plain.losses[i]);
          if (i != n / 2) CHECK(r.slopes[i] == plain.slopes[i]);
        }
      }
    };
    keeps(formula::Squared{});
    keeps(formula::Absolute{});
    keeps(formula::Huber{1});
    keeps(formula::LogCosh{});
    keeps(formula::Poisson{});
    keeps(formula::LogPoisson{});
    keeps(formula::Tweedie{1.5});
    keeps(formula::LogTweedie{1.5});
    keeps(formula::Hinge{});
    keeps(formula::SquaredHinge{});
    keeps(formula::Logistic{1, 0});
    keeps(formula::Focal{1, 0, 2, 0.25, 0.75});
    keeps(formula::LogitFocal{{1, 0, 2, 0.25, 0.75}});
  });
}

TEST_CASE("loss: what is far away stays finite") {
  at_every_level([](Isa) {
    const float huge = 1e30f;
    const std::vector<float> t = {0, 1, 0, 1}, z = {huge, huge, -huge, -huge};
    const Results<float> r = results(formula::Logistic{1, 0}, t, z);
    CHECK(r.losses == std::vector<float>{huge, 0, 0, huge});
    CHECK(r.slopes == std::vector<float>{1, 0, 0, -1});
    CHECK(results(formula::LogCosh{}, t, z).losses == std::vector<float>{huge, huge, huge, huge});
    CHECK(results(formula::Huber{1}, t, z).slopes == std::vector<float>{1, 1, -1, -1});
    const std::vector<float> sure = {0, 1, 1, 0};
    for (float x : results(formula::Focal{1, 0, 2, 1, 1}, t, sure).losses) CHECK(std::isfinite(x));
  });
}

TEST_CASE("loss: results may replace the inputs") {
  at_every_level([](Isa) {
    Numbers numbers(2);
    auto t = numbers.vector<float>(37, 0, 1), p = numbers.vector<float>(37);
    const Results<float> want = results(formula::Logistic{1, 0}, t, p);
    kernels::loss::apply(formula::Logistic{1, 0}, 37, t.data(), p.data(), t.data(), p.data());
    CHECK(same_bits(t, want.losses));
    CHECK(same_bits(p, want.slopes));
  });
}

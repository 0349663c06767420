// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/layers/initializer.hpp>
#include <foretell/layers/regularizer.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "support/stored_fields.hpp"

using namespace foretell;

namespace {

template <class T = double>
std::vector<T> drawn(const Initializer& initializer, const Shape& shape, std::uint64_t seed = 5) {
  std::vector<T> values(shape.size(), T(99));
  initializer.fill(std::span<T>(values), shape, Random(seed));
  return values;
}

struct Moments {
  double mean = 0, stddev = 0, low = 0, high = 0;
};
Moments moments(const std::vector<double>& x) {
  Moments m;
  for (const double v : x) m.mean += v / static_cast<double>(x.size());
  for (const double v : x) m.stddev += (v - m.mean) * (v - m.mean) / static_cast<double>(x.size());
  m.stddev = std::sqrt(m.stddev);
  m.low = *std::min_element(x.begin(), x.end());
  m.high = *std::max_element(x.begin(), x.end());
  return m;
}

struct Component {
  Initializer initializer{};
  Regularizer regularizer{};
  void fields(auto&& f) {
    f("initializer", initializer);
    f("regularizer", regularizer);
  }
};

}  // namespace

TEST_CASE("Initializer: constants are constant, whatever arithmetic type they come from") {
  CHECK(drawn(Zeros(), {2, 2}) == std::vector<double>(4, 0));
  CHECK(drawn(Ones(), {3}) == std::vector<double>(3, 1));
  CHECK(drawn(Constant(2), {3}) == std::vector<double>(3, 2));
  CHECK(drawn(Constant(0.5f), {}) == std::vector<double>{0.5});
  CHECK(drawn<float>(Constant(-0.1), {2}) == std::vector<float>(2, -0.1f));
}

TEST_CASE("Initializer: fans are those of Keras for dense, convolution and vector shapes") {
  struct Fan {
    Shape shape;
    double in, out;
  };
  for (const Fan& fan : {Fan{{400, 100}, 400, 100}, Fan{{3, 5, 40, 60}, 600, 900}, Fan{{7, 100, 50}, 700, 350},
                         Fan{{30000}, 30000, 30000}}) {
    CAPTURE(to_string(fan.shape));
    const auto uniform = [&](const Initializer& initializer, double variance) {
      const Moments m = moments(drawn(initializer, fan.shape));
      const double limit = std::sqrt(3 * variance);
      CHECK(std::abs(m.mean) < 0.02 * limit);
      CHECK(m.stddev == doctest::Approx(std::sqrt(variance)).epsilon(0.02));
      CHECK(m.high <= limit);
      CHECK(m.low >= -limit);
      CHECK(m.high > 0.999 * limit);
    };
    uniform(GlorotUniform(), 2 / (fan.in + fan.out));
    uniform(HeUniform(), 2 / fan.in);
    uniform(LecunUniform(), 1 / fan.in);
    const auto normal = [&](const Initializer& initializer, double variance) {
      const Moments m = moments(drawn(initializer, fan.shape));
      const double limit = 2 * std::sqrt(variance) / 0.87962566103423978;
      CHECK(std::abs(m.mean) < 0.02 * limit);
      CHECK(m.stddev == doctest::Approx(std::sqrt(variance)).epsilon(0.02));
      CHECK(m.high <= limit);
      CHECK(m.low >= -limit);
      CHECK(m.high > 0.99 * limit);
    };
    normal(GlorotNormal(), 2 / (fan.in + fan.out));
    normal(HeNormal(), 2 / fan.in);
    normal(LecunNormal(), 1 / fan.in);
  }
}

TEST_CASE("Initializer: plain distributions have the moments they were given") {
  const Moments u = moments(drawn(RandomUniform(-1, 3), {40000}));
  CHECK(u.mean == doctest::Approx(1).epsilon(0.02));
  CHECK(u.stddev == doctest::Approx(4 / std::sqrt(12.0)).epsilon(0.02));
  CHECK(u.low >= -1);
  CHECK(u.high < 3);
  const Moments n = moments(drawn(RandomNormal(2, 0.5), {40000}));
  CHECK(n.mean == doctest::Approx(2).epsilon(0.01));
  CHECK(n.stddev == doctest::Approx(0.5).epsilon(0.02));
  CHECK(n.high > 2 + 3 * 0.5);
  const Moments t = moments(drawn(TruncatedNormal(2, 0.5), {40000}));
  CHECK(t.mean == doctest::Approx(2).epsilon(0.01));
  CHECK(t.stddev == doctest::Approx(0.5 * 0.87962566103423978).epsilon(0.02));
  CHECK(t.low >= 1);
  CHECK(t.high <= 3);
  CHECK(moments(drawn(RandomUniform(), {1000})).high <= 0.05);
  CHECK(moments(drawn(RandomNormal(), {40000})).stddev == doctest::Approx(0.05).epsilon(0.02));
}

TEST_CASE("Initializer: orthogonal matrices have orthonormal columns, or rows where there are fewer, times the gain") {
  for (const Shape& shape :
       {Shape{7, 7}, Shape{20, 5}, Shape{5, 20}, Shape{3, 4, 6}, Shape{1, 1}, Shape{64, 64}, Shape{1, 3}}) {
    CAPTURE(to_string(shape));
    const double gain = 1.5;
    const std::vector<double> q = drawn(Orthogonal(gain), shape);
    const std::size_t cols = shape.back(), rows = q.size() / cols, count = std::min(rows, cols),
                      length = std::max(rows, cols);
    const auto at = [&](std::size_t vector, std::size_t i) {
      return rows >= cols ? q[i * cols + vector] : q[vector * cols + i];
    };
    double worst = 0;
    for (std::size_t a = 0; a < count; ++a)
      for (std::size_t b = 0; b < count; ++b) {
        double dot = 0;
        for (std::size_t i = 0; i < length; ++i) dot += at(a, i) * at(b, i);
        worst = std::max(worst, std::abs(dot - (a == b ? gain * gain : 0)));
      }
    CHECK(worst < 1e-12);
  }
  // The first vector is the first draws, normed: a positive diagonal, as Keras corrects it.
  const std::vector<double> q = drawn(Orthogonal(), {3, 2});
  double norm = 0;
  for (std::size_t i = 0; i < 3; ++i) norm += Random(5).normal(i) * Random(5).normal(i);
  for (std::size_t i = 0; i < 3; ++i) CHECK(q[2 * i] == doctest::Approx(Random(5).normal(i) / std::sqrt(norm)));
  CHECK_THROWS_AS(drawn(Orthogonal(), {3}), ShapeError);
  CHECK(drawn(Orthogonal(), {0, 3}).empty());
}

TEST_CASE(
    "Initializer: the same seed gives the same numbers, in float the rounded ones, and an empty one is GlorotUniform") {
  const Initializer kinds[] = {GlorotNormal(), HeUniform(), Orthogonal(), TruncatedNormal(0, 1), {}};
  for (const Initializer& initializer : kinds) {
    const std::vector<double> exact = drawn(initializer, {6, 5});
    CHECK(exact == drawn(initializer, {6, 5}));
    CHECK(exact != drawn(initializer, {6, 5}, 6));
    CHECK(drawn<float>(initializer, {6, 5}) == std::vector<float>(exact.begin(), exact.end()));
  }
  CHECK(drawn({}, {6, 5}) == drawn(GlorotUniform(), {6, 5}));
  CHECK(!Initializer());
  CHECK(Initializer(Zeros()));
}

TEST_CASE("Initializer: numbers that make no sense are refused") {
  CHECK_THROWS_AS(RandomUniform(1, -1), ConfigError);
  CHECK_THROWS_AS(RandomNormal(0, -1), ConfigError);
  CHECK_THROWS_AS(TruncatedNormal(0, std::nan("")), ConfigError);
  CHECK_THROWS_AS(Constant(std::exp(1000.0)), ConfigError);
}

TEST_CASE("Regularizer: the penalty is that of Keras and its gradient that of finite differences") {
  const std::vector<double> w{0.5, -2, 0, 3};
  const auto penalty = [&](const Regularizer& r, std::vector<double> at) {
    return r.penalty(std::span<const double>(at));
  };
  CHECK(penalty(L1(0.1), w) == doctest::Approx(0.55));
  CHECK(penalty(L2(0.1), w) == doctest::Approx(1.325));
  CHECK(penalty(L1L2(0.1, 0.1), w) == doctest::Approx(1.875));
  CHECK(penalty({}, w) == 0);
  for (const Regularizer& r : {Regularizer(L1(0.3)), Regularizer(L2(0.2)), Regularizer(L1L2(0.3, 0.2))}) {
    std::vector<double> gradient(4, 1);
    r.add_gradient(w, std::span<double>(gradient));
    for (const std::size_t i : {0u, 1u, 3u}) {
      std::vector<double> up = w, down = w;
      up[i] += 1e-6;
      down[i] -= 1e-6;
      CHECK(gradient[i] - 1 == doctest::Approx((penalty(r, up) - penalty(r, down)) / 2e-6).epsilon(1e-7));
    }
    CHECK(gradient[2] == 1);
  }
  CHECK(!Regularizer());
  CHECK(!Regularizer(L2(0)));
  CHECK(Regularizer(L1()).l1() == 0.01);
  CHECK_THROWS_AS(L2(-1), ConfigError);
  CHECK_THROWS_AS(L1L2(0, std::nan("")), ConfigError);
}

TEST_CASE("Initializer, Regularizer: stored by name and read back the same") {
  const std::pair<Initializer, const char*> initializers[] = {
      {{}, "default"},
      {Zeros(), "zeros"},
      {Ones(), "ones"},
      {Constant(0.5), "constant(0.5)"},
      {GlorotUniform(), "glorot_uniform"},
      {GlorotNormal(), "glorot_normal"},
      {HeUniform(), "he_uniform"},
      {HeNormal(), "he_normal"},
      {LecunUniform(), "lecun_uniform"},
      {LecunNormal(), "lecun_normal"},
      {Orthogonal(2), "orthogonal(2)"},
      {RandomUniform(-0.1, 1e-20), "random_uniform(-0.1, 1e-20)"},
      {RandomNormal(0, 0.1), "random_normal(0, 0.1)"},
      {TruncatedNormal(1, 0.1), "truncated_normal(1, 0.1)"}};
  for (const auto& [initializer, name] : initializers) {
    Component out{initializer, {}}, in{HeNormal(), L2(3)};
    support::StoredFields stored;
    stored.write(out);
    CHECK(stored["initializer"] == name);
    stored.read(in);
    CHECK(in.initializer == initializer);
    CHECK(in.regularizer == Regularizer());
  }
  const std::pair<Regularizer, const char*> regularizers[] = {
      {{}, "none"}, {L1(0.25), "l1(0.25)"}, {L2(0.001), "l2(0.001)"}, {L1L2(0.1, 0.2), "l1_l2(0.1, 0.2)"}};
  for (const auto& [regularizer, name] : regularizers) {
    Component out{{}, regularizer}, in{{}, L1(7)};
    support::StoredFields stored;
    stored.write(out);
    CHECK(stored["regularizer"] == name);
    stored.read(in);
    CHECK(in.regularizer == regularizer);
  }
  Component component;
  for (const char* wrong :
       {"glorot", "", "zeros(1)", "constant", "constant()", "constant(1", "constant(x)", "constant(1, 2)",
        "constant(1)x", "constant(nan)", "random_uniform(1)", "random_uniform(1,)", "random_uniform(2, 1)",
        "random_normal(0, -1)", "constant(", "constant(1 "}) {
    CAPTURE(wrong);
    support::StoredFields stored{{"initializer", wrong}};
    CHECK_THROWS_AS(stored.read(component), ConfigError);
  }
  for (const char* wrong : {"", "l3(1)", "l2", "l2()", "l2(-1)", "l2(inf)", "l1_l2(1)", "none(1)", "l1_l2(1, 2, 3)"}) {
    CAPTURE(wrong);
    support::StoredFields stored{{"regularizer", wrong}};
    CHECK_THROWS_AS(stored.read(component), ConfigError);
  }
}

// SPDX-License-Identifier: BSD-3-Clause
// Functions of arrays, optimizer steps, dropout and normalisation, ours beside the std:: loop; ns per element in the
// counters.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <string>

#include <foretell/kernels/dropout.hpp>
#include <foretell/kernels/elementwise.hpp>
#include <foretell/kernels/math.hpp>
#include <foretell/kernels/norm.hpp>
#include <foretell/kernels/random.hpp>
#include <foretell/kernels/ref/dropout.hpp>
#include <foretell/kernels/ref/elementwise.hpp>
#include <foretell/kernels/ref/norm.hpp>
#include <foretell/kernels/ref/random.hpp>
#include <foretell/kernels/ref/reduce.hpp>
#include <foretell/kernels/ref/update.hpp>
#include <foretell/kernels/update.hpp>

#include "floor.hpp"

namespace {

namespace kernels = foretell::kernels;
constexpr std::size_t size = 4096;

/// Three arrays of states, an input and an output; both sides start from the same.
struct Arrays {
  std::vector<float> x = floor_of::numbers(size, 0.01f, 4), g = floor_of::numbers(size),
                     m = floor_of::numbers(size, 0, 0.1f), v = floor_of::numbers(size, 0.1f, 1),
                     y = std::vector<float>(size), t = std::vector<float>(size);
  std::vector<std::uint64_t> bits = std::vector<std::uint64_t>(size);

  void show_bits() { y[0] = static_cast<float>(bits.back() >> 40); }
};
using Work = void (*)(Arrays&);

void run(benchmark::State& state, Work ours, Work naive, bool measure_ours) {
  Arrays a, b;
  ours(a);
  naive(b);
  for (std::size_t i = 0; i < size; ++i)
    if (!(std::abs(a.y[i] - b.y[i]) <= 1e-5f * (1 + std::abs(b.y[i]))) || !(std::abs(a.x[i] - b.x[i]) <= 1e-5f))
      return state.SkipWithError("ours and the naive loop disagree");
  for (auto _ : state) {
    measure_ours ? ours(a) : naive(a);
    benchmark::ClobberMemory();
  }
  state.counters["ns/element"] = benchmark::Counter(
      static_cast<double>(size) * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void add(const std::string& name, Work ours, Work naive) {
  benchmark::RegisterBenchmark((name + "/ours").c_str(), run, ours, naive, true);
  benchmark::RegisterBenchmark((name + "/naive").c_str(), run, ours, naive, false);
}

template <float (*F)(float)>
void loop(Arrays& a) {
  for (std::size_t i = 0; i < size; ++i) a.y[i] = F(a.x[i]);
}
float exp_of(float x) { return std::exp(x); }
float log_of(float x) { return std::log(x); }
float log1p_of(float x) { return std::log1p(x); }
float tanh_of(float x) { return std::tanh(x); }
float erf_of(float x) { return std::erf(x); }
float sigmoid_of(float x) { return 1 / (1 + std::exp(-x)); }
float softplus_of(float x) { return kernels::ref::softplus_of(x); }
float gelu_of(float x) { return 0.5f * x * (1 + std::erf(x * 0.70710678f)); }

const kernels::rule::Adam still{.rate = 0};  // time without drift
const kernels::rule::Momentum resting{0, 0.9, true};

}  // namespace

int main(int argc, char** argv) {
  add(
      "exp", [](Arrays& a) { kernels::exp(size, a.x.data(), a.y.data()); }, loop<exp_of>);
  add(
      "log", [](Arrays& a) { kernels::log(size, a.x.data(), a.y.data()); }, loop<log_of>);
  add(
      "log1p", [](Arrays& a) { kernels::log1p(size, a.x.data(), a.y.data()); }, loop<log1p_of>);
  add(
      "tanh", [](Arrays& a) { kernels::tanh(size, a.x.data(), a.y.data()); }, loop<tanh_of>);
  add(
      "sigmoid", [](Arrays& a) { kernels::sigmoid(size, a.x.data(), a.y.data()); }, loop<sigmoid_of>);
  add(
      "erf", [](Arrays& a) { kernels::erf(size, a.x.data(), a.y.data()); }, loop<erf_of>);
  add(
      "softplus", [](Arrays& a) { kernels::softplus(size, a.x.data(), a.y.data()); }, loop<softplus_of>);
  add(
      "gelu", [](Arrays& a) { kernels::activate(foretell::gelu, size, a.x.data(), a.y.data()); }, loop<gelu_of>);
  for (bool wide : {false, true}) {
    if (wide)
      add(
          "softmax/16x256",
          [](Arrays& a) { kernels::activate_rows(foretell::softmax, 16, 256, a.x.data(), a.y.data()); },
          [](Arrays& a) { kernels::ref::activate_rows(foretell::softmax, 16, 256, a.x.data(), a.y.data()); });
    else
      add(
          "softmax/409x10",
          [](Arrays& a) { kernels::activate_rows(foretell::softmax, 409, 10, a.x.data(), a.y.data()); },
          [](Arrays& a) { kernels::ref::activate_rows(foretell::softmax, 409, 10, a.x.data(), a.y.data()); });
  }
  add(
      "adam",
      [](Arrays& a) {
        float* const slots[] = {a.m.data(), a.v.data()};
        kernels::apply_rule(still, size, a.x.data(), a.g.data(), slots);
      },
      [](Arrays& a) {
        float* const slots[] = {a.m.data(), a.v.data()};
        kernels::ref::apply_rule(still, size, a.x.data(), a.g.data(), slots);
      });
  add(
      "momentum",
      [](Arrays& a) {
        float* const slots[] = {a.m.data()};
        kernels::apply_rule(resting, size, a.x.data(), a.g.data(), slots);
      },
      [](Arrays& a) {
        float* const slots[] = {a.m.data()};
        kernels::ref::apply_rule(resting, size, a.x.data(), a.g.data(), slots);
      });
  add(
      "dropout",
      [](Arrays& a) {
        kernels::dropout(size, 0.2, {1, 2}, 0, a.x.data(), a.y.data());
      },
      [](Arrays& a) {
        kernels::ref::dropout(size, 0.2, {1, 2}, 0, a.x.data(), a.y.data());
      });
  add(
      "random_bits",
      [](Arrays& a) {
        kernels::random_bits(foretell::Random(1), 3, size, a.bits.data());
        a.show_bits();
      },
      [](Arrays& a) {
        kernels::ref::random_bits(foretell::Random(1), 3, size, a.bits.data());
        a.show_bits();
      });
  add(
      "sum", [](Arrays& a) { a.y[0] = static_cast<float>(kernels::sum(size, a.x.data())); },
      [](Arrays& a) { a.y[0] = static_cast<float>(kernels::ref::sum(size, a.x.data())); });
  add(
      "layer_norm/64x64",
      [](Arrays& a) {
        kernels::layer_norm<float>(64, 64, a.x.data(), a.g.data(), a.m.data(), 1e-3, a.y.data(), a.t.data(),
                                   a.t.data() + 64);
      },
      [](Arrays& a) {
        kernels::ref::layer_norm<float>(64, 64, a.x.data(), a.g.data(), a.m.data(), 1e-3, a.y.data(), a.t.data(),
                                        a.t.data() + 64);
      });
  add(
      "batch_norm/64x64",
      [](Arrays& a) {
        kernels::batch_norm<float>(64, 64, a.x.data(), a.g.data(), a.m.data(), 1e-3, a.y.data(), a.t.data(),
                                   a.t.data() + 64, a.t.data() + 128);
      },
      [](Arrays& a) {
        kernels::ref::batch_norm<float>(64, 64, a.x.data(), a.g.data(), a.m.data(), 1e-3, a.y.data(), a.t.data(),
                                        a.t.data() + 64, a.t.data() + 128);
      });
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/kernels/dispatch.hpp>
#include <foretell/optimizers/adadelta.hpp>
#include <foretell/optimizers/adagrad.hpp>
#include <foretell/optimizers/adam.hpp>
#include <foretell/optimizers/adamax.hpp>
#include <foretell/optimizers/ftrl.hpp>
#include <foretell/optimizers/lion.hpp>
#include <foretell/optimizers/nadam.hpp>
#include <foretell/optimizers/rmsprop.hpp>
#include <foretell/optimizers/sgd.hpp>
#include <foretell/schedules/cosine.hpp>
#include <foretell/schedules/decay.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/golden.hpp"
#include "support/stored_fields.hpp"

using namespace foretell;

namespace {

template <class Options>
Options common(const golden::Case& c) {
  Options o;
  o.learning_rate = c.option<double>("learning_rate");
  if (c.name() == "adam_exponential_decay") o.learning_rate = ExponentialDecay(0.05, 4, 0.5);
  if (c.name() == "sgd_accumulation_decay") o.learning_rate = InverseTimeDecay(0.125, 4, 0.5);
  o.weight_decay = c.option("weight_decay", o.weight_decay);
  o.clip_norm = c.option("clipnorm", 0.0);
  o.clip_value = c.option("clipvalue", 0.0);
  o.global_clip_norm = c.option("global_clipnorm", 0.0);
  o.use_ema = c.option("use_ema", false);
  o.ema_momentum = c.option("ema_momentum", 0.99);
  o.ema_overwrite_frequency = c.option("ema_overwrite_frequency", std::size_t(0));
  o.gradient_accumulation_steps = c.option("gradient_accumulation_steps", std::size_t(1));
  return o;
}

template <class Options>
Options with_betas(const golden::Case& c) {
  Options o = common<Options>(c);
  o.beta_1 = c.option("beta_1", o.beta_1);
  o.beta_2 = c.option("beta_2", o.beta_2);
  if constexpr (requires { o.epsilon; }) o.epsilon = c.option("epsilon", o.epsilon);
  return o;
}

template <class T>
Optimizer<T> optimizer_of(const golden::Case& c) {
  const std::string kind = c.json().at("group").get<std::string>();
  if (kind == "SGD") {
    SGDOptions o = common<SGDOptions>(c);
    o.momentum = c.option("momentum", 0.0);
    o.nesterov = c.option("nesterov", false);
    return SGD(o);
  }
  if (kind == "Adam") return Adam(with_betas<AdamOptions>(c));
  if (kind == "AdamW") return AdamW(with_betas<AdamWOptions>(c));
  if (kind == "Adamax") return Adamax(with_betas<AdamaxOptions>(c));
  if (kind == "Nadam") return Nadam(with_betas<NadamOptions>(c));
  if (kind == "Lion") return Lion(with_betas<LionOptions>(c));
  if (kind == "RMSprop") {
    RMSpropOptions o = common<RMSpropOptions>(c);
    o.rho = c.option("rho", 0.9);
    o.momentum = c.option("momentum", 0.0);
    o.epsilon = c.option("epsilon", 1e-7);
    o.centered = c.option("centered", false);
    return RMSprop(o);
  }
  if (kind == "Adagrad") {
    AdagradOptions o = common<AdagradOptions>(c);
    o.initial_accumulator_value = c.option("initial_accumulator_value", 0.1);
    o.epsilon = c.option("epsilon", 1e-7);
    return Adagrad(o);
  }
  if (kind == "Adadelta") {
    AdadeltaOptions o = common<AdadeltaOptions>(c);
    o.rho = c.option("rho", 0.95);
    o.epsilon = c.option("epsilon", 1e-7);
    return Adadelta(o);
  }
  if (kind == "Ftrl") {
    FtrlOptions o = common<FtrlOptions>(c);
    o.learning_rate_power = c.option("learning_rate_power", -0.5);
    o.initial_accumulator_value = c.option("initial_accumulator_value", 0.1);
    o.l1_regularization_strength = c.option("l1_regularization_strength", 0.0);
    o.l2_regularization_strength = c.option("l2_regularization_strength", 0.0);
    o.l2_shrinkage_regularization_strength = c.option("l2_shrinkage_regularization_strength", 0.0);
    o.beta = c.option("beta", 0.0);
    return Ftrl(o);
  }
  return {};
}

/// The two variables of the goldens in one flat array with a gap between them.
template <class T>
struct Problem {
  static constexpr std::size_t second = 16, size = 24;
  std::vector<Segment> segments{{0, 6}, {second, 5}};
  std::vector<T> weights = std::vector<T>(size), gradients = weights;

  explicit Problem(const golden::Case& c) { put(c.tensor("a_start"), c.tensor("b_start"), 0, weights); }
  static void put(const golden::Tensor& a, const golden::Tensor& b, std::size_t step, std::vector<T>& flat) {
    for (std::size_t i = 0; i < 6; ++i) flat[i] = static_cast<T>(a.data[step * 6 + i]);
    for (std::size_t i = 0; i < 5; ++i) flat[second + i] = static_cast<T>(b.data[step * 5 + i]);
  }
};

template <class T>
std::vector<T> steps(Optimizer<T> optimizer, const std::vector<Segment>& segments, std::size_t count = 5) {
  std::vector<T> weights(40), gradients(40);
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = static_cast<T>(0.25 + 0.125 * static_cast<double>(i % 7));
  optimizer.attach(weights.size());
  for (std::size_t step = 0; step < count; ++step) {
    for (std::size_t i = 0; i < weights.size(); ++i)
      gradients[i] = static_cast<T>(0.5 * std::sin(static_cast<double>(3 * i + 11 * step)));
    optimizer.step(weights, gradients, segments);
  }
  return weights;
}

std::vector<Optimizer<double>> all_optimizers() {
  return {SGD(),
          SGD({.momentum = 0.9}),
          Adam({.clip_norm = 0.5}),
          AdamW({.global_clip_norm = 0.5}),
          RMSprop({.momentum = 0.5, .centered = true}),
          Adagrad(),
          Adadelta({.learning_rate = 1, .weight_decay = 0.1}),
          Adamax({.gradient_accumulation_steps = 2}),
          Nadam({.learning_rate = CosineDecay(0.1, 9)}),
          Ftrl({.learning_rate = 0.1, .l1_regularization_strength = 0.01}),
          Lion({.use_ema = true, .ema_overwrite_frequency = 2})};
}

/// The sign of the gradient, and how often and over how much it was called.
struct Signs {
  static constexpr std::string_view name = "test.signs";
  std::vector<std::size_t>* runs = nullptr;
  std::size_t slots() const { return 1; }
  double learning_rate() const { return 0.5; }
  template <class T>
  void update(const UpdateCall<T>& call) const {
    if (runs) runs->push_back(call.weights.size());
    for (std::size_t i = 0; i < call.weights.size(); ++i) {
      call.slots[0][i] += 1;
      call.weights[i] -=
          static_cast<T>(call.learning_rate) * static_cast<T>((call.gradients[i] > 0) - (call.gradients[i] < 0));
    }
  }
};

}  // namespace

TEST_CASE_TEMPLATE("Optimizer: twenty steps are those of Keras", T, float, double) {
  const golden::File first("optimizers"), more("optimizers_more");
  const golden::Case& problem = first["problem"];
  const golden::Tensor a = problem.tensor("a_gradients"), b = problem.tensor("b_gradients");
  std::size_t compared = 0;
  const double small = std::is_same_v<T, double> ? 1e-14 : 2e-6;
  for (const golden::File* file : {&first, &more})
    for (const golden::Case& c : file->cases()) {
      if (c.name() == "problem") continue;
      Optimizer<T> optimizer = optimizer_of<T>(c);
      if (!optimizer) continue;
      CAPTURE(c.name());
      Problem<T> p(problem);
      std::vector<T> expected(p.weights.size());
      optimizer.attach(p.weights.size());
      for (std::size_t step = 0; step < 20; ++step) {
        CAPTURE(step);
        Problem<T>::put(a, b, step, p.gradients);
        optimizer.step(p.weights, p.gradients, p.segments);
        Problem<T>::put(c.tensor("a_weights"), c.tensor("b_weights"), step, expected);
        CHECK(golden::close(p.weights, expected, golden::rtol<T>, small));
      }
      ++compared;
      if (!c.has_tensor("a_final")) continue;
      optimizer.finalize(p.weights, p.segments);
      Problem<T>::put(c.tensor("a_final"), c.tensor("b_final"), 0, expected);
      CHECK(golden::close(p.weights, expected, golden::rtol<T>, small));
    }
  CHECK(compared >= 43);
}

TEST_CASE(
    "Optimizer: Adam and AdamW are those of PyTorch with its epsilon, which Keras places before the bias correction") {
  const golden::File file("optimizers");
  const golden::Case& problem = file["problem"];
  for (const char* name : {"torch_adam", "torch_adamw"}) {
    const golden::Case& c = file[name];
    CAPTURE(name);
    Problem<double> p(problem);
    std::vector<double> expected(p.weights.size());
    OptimizerState<double> state;
    for (std::size_t step = 0; step < 20; ++step) {
      const double epsilon = c.option<double>("eps") * std::sqrt(1 - std::pow(0.999, static_cast<double>(step + 1)));
      Optimizer<double> optimizer = AdamW({.learning_rate = c.option<double>("learning_rate"),
                                           .weight_decay = c.option("weight_decay", 0.0),
                                           .epsilon = epsilon});
      if (step)
        optimizer.set_state(state, p.weights.size());
      else
        optimizer.attach(p.weights.size());
      Problem<double>::put(problem.tensor("a_gradients"), problem.tensor("b_gradients"), step, p.gradients);
      optimizer.step(p.weights, p.gradients, p.segments);
      state = optimizer.state();
      Problem<double>::put(c.tensor("a_weights"), c.tensor("b_weights"), step, expected);
      CHECK(golden::close(p.weights, expected, 1e-10, 1e-14));
    }
  }
}

TEST_CASE("Optimizer: how the weights are cut into segments changes nothing but the run lengths") {
  for (const Optimizer<double>& optimizer : all_optimizers()) {
    CAPTURE(optimizer.name());
    if (optimizer.as<Adam>()) continue;  // clips by the norm of each segment
    CHECK(steps(optimizer, {{0, 40}})[39] != steps(optimizer, {}, 0)[39]);
    CHECK(steps(optimizer, {{0, 40}}) == steps(optimizer, {{0, 8}, {8, 0}, {8, 16}, {24, 16}}));
  }
  std::vector<std::size_t> runs;
  steps(Optimizer<double>(Signs{&runs}),
        {{0, 8}, {8, 8}, {16, 8, true, {.weight_decay = false}}, {24, 8, false}, {32, 4}, {36, 4}}, 1);
  CHECK(runs == std::vector<std::size_t>{16, 8, 8});
  runs.clear();
  steps(Optimizer<double>(Signs{&runs}), {{0, 5}, {16, 5}, {32, 3}}, 1);
  CHECK(runs == std::vector<std::size_t>{35});
  runs.clear();
  steps(Optimizer<double>(Signs{&runs}), {{0, 8, false}, {8, 8, false}}, 1);
  CHECK(runs.empty());
}

TEST_CASE("Optimizer: weights that are not trainable stay, and their gradients do not count in the norm") {
  const std::vector<double> before = steps(Optimizer<double>(SGD()), {}, 0);
  for (const Optimizer<double>& optimizer : all_optimizers()) {
    CAPTURE(optimizer.name());
    const std::vector<double> after = steps(optimizer, {{0, 8}, {8, 16, false}, {24, 16}});
    for (std::size_t i = 0; i < 40; ++i) CHECK((after[i] == before[i]) == (i >= 8 && i < 24));
  }
  std::vector<double> weights(3), gradients{3, 4, 1000};
  Optimizer<double> clipped = SGD({.learning_rate = 1, .global_clip_norm = 1});
  clipped.attach(3);
  clipped.step(weights, gradients, std::vector<Segment>{{0, 2}, {2, 1, false}});
  CHECK(weights[0] == doctest::Approx(-0.6));
  CHECK(weights[1] == doctest::Approx(-0.8));
  CHECK(weights[2] == 0);
}

TEST_CASE("Optimizer: groups have a share of the rate and their say on weight decay, whole or row by row") {
  std::vector<double> weights{1, 1, 1, 1, 1, 1}, gradients{0, 0, 0, 1, 0, 0};
  Optimizer<double> optimizer = SGD({.learning_rate = 0.1, .weight_decay = 0.5});
  optimizer.attach(6);
  RowGradients<double> rows(2, 1, 2);
  rows[1][0] = 2;
  const RowSegment<double> table{4, true, {.learning_rate_multiplier = 0.5}, &rows};
  optimizer.step(weights, gradients,
                 std::vector<Segment>{{0, 1},
                                      {1, 1, true, {.weight_decay = false}},
                                      {2, 1, true, {.learning_rate_multiplier = 0.5}},
                                      {3, 1, true, {.learning_rate_multiplier = 0.5}}},
                 {}, {&table, 1});
  CHECK(weights[0] == doctest::Approx(0.95));
  CHECK(weights[1] == 1);
  CHECK(weights[2] == doctest::Approx(0.975));
  CHECK(weights[3] == doctest::Approx(0.975 - 0.05));
  CHECK(weights[4] == 1);  // not touched
  CHECK(weights[5] == doctest::Approx(0.975 - 0.1));
}

TEST_CASE("Optimizer: gradients are limited by norm, value or global norm, and short ones stay") {
  const auto moved = [](SGDOptions options, std::vector<double> gradients) {
    std::vector<double> weights(gradients.size());
    options.learning_rate = 1;
    Optimizer<double> optimizer = SGD(options);
    optimizer.attach(weights.size());
    optimizer.step(weights, gradients, std::vector<Segment>{{0, 2}, {2, 2}});
    for (double& w : weights) w = -w;
    return weights;
  };
  CHECK(moved({}, {3, 4, 0, 0}) == std::vector<double>{3, 4, 0, 0});
  CHECK(moved({.clip_norm = 2.5}, {3, 4, 0.5, 0.5}) == std::vector<double>{1.5, 2, 0.5, 0.5});
  CHECK(moved({.clip_norm = 2.5}, {0, 0, 0, 0}) == std::vector<double>{0, 0, 0, 0});
  CHECK(moved({.clip_value = 2}, {3, -4, 0.5, 2}) == std::vector<double>{2, -2, 0.5, 2});
  CHECK(moved({.global_clip_norm = 1}, {2, 2, 2, 2}) == std::vector<double>{0.5, 0.5, 0.5, 0.5});
  CHECK(moved({.global_clip_norm = 5}, {2, 2, 2, 2}) == std::vector<double>{2, 2, 2, 2});
}

TEST_CASE("Optimizer: a copy has its own state, and a state that was taken out goes on") {
  const std::vector<Segment> segments{{0, 2}};
  std::vector<double> weights{1, 2}, gradients{0.5, -0.25};
  Optimizer<double> first = Adam({.learning_rate = 0.1});
  first.attach(2);
  first.step(weights, gradients, segments);
  Optimizer<double> copy = first;
  const std::vector<double> here = weights;
  copy.step(weights, gradients, segments);
  CHECK(copy.iterations() == 2);
  CHECK(first.iterations() == 1);
  Optimizer<double> restored = Adam({.learning_rate = 0.7});
  restored.set_state(first.state(), 2);
  CHECK(restored.learning_rate() == 0.1);
  std::vector<double> again = here;
  restored.step(again, gradients, segments);
  CHECK(again == weights);
  again = here;
  first.attach(2);  // the same size: training goes on
  first.step(again, gradients, segments);
  CHECK(again == weights);
  first.attach(3);
  CHECK(first.iterations() == 0);
  CHECK_THROWS_AS(restored.set_state(Optimizer<double>(SGD()).state(), 2), StateError);
  CHECK_THROWS_AS(restored.set_state(copy.state(), 3), StateError);
}

TEST_CASE("bias_correction: the bits of 1 - beta^t at every step") {
  for (const double beta : {0.0, 0.5, 0.9, 0.99, 0.999, 0.9999})
    for (std::uint64_t t = 1; t < 2'000'000; t += 1 + t / 500)
      if (const double want = 1 - std::pow(beta, static_cast<double>(t));
          foretell::detail::bias_correction(beta, t) != want) {
        CAPTURE(beta);
        CAPTURE(t);
        CHECK(foretell::detail::bias_correction(beta, t) == want);
      }
}

TEST_CASE("Optimizer: the learning rate can be changed between steps") {
  std::vector<double> weights{0}, gradients{1};
  Optimizer<double> optimizer = SGD({.learning_rate = 0.5});
  CHECK(optimizer.learning_rate() == 0.5);
  optimizer.attach(1);
  optimizer.step(weights, gradients, std::vector<Segment>{{0, 1}});
  optimizer.set_learning_rate(0.25);
  optimizer.step(weights, gradients, std::vector<Segment>{{0, 1}});
  CHECK(weights[0] == -0.75);
}

TEST_CASE("Optimizer: a schedule says the rate of each step, and cannot be set") {
  std::vector<double> weights{0}, gradients{1};
  Optimizer<double> optimizer = SGD({.learning_rate = PiecewiseConstantDecay({0, 1}, {0.5, 0.25, 0.125})});
  CHECK(optimizer.learning_rate() == 0.5);
  optimizer.attach(1);
  for (const double left : {-0.5, -0.75, -0.875, -1.0}) {
    optimizer.step(weights, gradients, std::vector<Segment>{{0, 1}});
    CHECK(weights[0] == left);
  }
  CHECK(optimizer.learning_rate() == 0.125);
  try {
    optimizer.set_learning_rate(1);
    FAIL("set a scheduled rate");
  } catch (const StateError& error) {
    CHECK(std::string(error.what()).find("the schedule piecewise_constant_decay") != std::string::npos);
  }
  Optimizer<double> later = SGD({.learning_rate = PiecewiseConstantDecay({0, 1}, {0.5, 0.25, 0.125})});
  later.set_state(optimizer.state(), 1);
  CHECK(later.learning_rate() == 0.125);
}

TEST_CASE("Optimizer: gathered gradients and averaged weights are part of the state") {
  const std::vector<Segment> segments{{0, 1}, {1, 1, false}};
  std::vector<double> weights{0, 5}, gradients{1, 1};
  Optimizer<double> optimizer =
      SGD({.learning_rate = 1, .use_ema = true, .ema_momentum = 0.5, .gradient_accumulation_steps = 2});
  CHECK(optimizer.averages() == nullptr);
  optimizer.attach(2);
  CHECK(optimizer.state().slots.size() == 2);
  optimizer.step(weights, gradients, segments);
  CHECK(weights[0] == 0);
  CHECK(optimizer.averages() == nullptr);
  optimizer.finalize(weights, segments);  // no update yet: nothing to put in
  CHECK(weights[0] == 0);
  Optimizer<double> resumed =
      SGD({.learning_rate = 1, .use_ema = true, .ema_momentum = 0.5, .gradient_accumulation_steps = 2});
  resumed.set_state(optimizer.state(), 2);
  gradients = {3, 1};
  resumed.step(weights, gradients, segments);
  CHECK(weights[0] == -2);
  CHECK((*resumed.averages())[0] == -2);
  for (const double g : {1.0, 1.0}) {
    gradients = {g, 1};
    resumed.step(weights, gradients, segments);
  }
  CHECK(weights[0] == -3);
  CHECK((*resumed.averages())[0] == -2.5);
  CHECK(resumed.iterations() == 4);
  resumed.finalize(weights, segments);
  CHECK(weights == std::vector<double>{-2.5, 5});
  CHECK_THROWS_AS(resumed.set_state(Optimizer<double>(SGD()).state(), 2), StateError);
}

TEST_CASE("Optimizer: every instruction set gives the same to rounding, over odd sizes") {
  const kernels::Isa before = kernels::active_isa();
  for (const Optimizer<double>& optimizer : all_optimizers())
    for (const std::size_t n : {std::size_t(1), std::size_t(7), std::size_t(37)}) {
      CAPTURE(optimizer.name());
      kernels::force_isa(kernels::Isa::portable);
      const std::vector<double> portable = steps(optimizer, {{0, n}}, 12);
      for (const kernels::Isa isa : {kernels::Isa::sse2, kernels::Isa::avx2, kernels::Isa::avx512}) {
        if (!kernels::force_isa(isa)) continue;
        CHECK(golden::close(steps(optimizer, {{0, n}}, 12), portable, 1e-12, 1e-14));
      }
    }
  kernels::force_isa(before);
}

TEST_CASE("Ftrl: weights within the l1 strength are exactly 0, and a rate of 0 changes nothing") {
  std::vector<double> weights{1, 1, 1}, gradients{0.5, -0.25, 2};
  Optimizer<double> optimizer = Ftrl({.learning_rate = 0.5, .learning_rate_power = 0, .l1_regularization_strength = 1});
  optimizer.attach(3);
  optimizer.step(weights, gradients, std::vector<Segment>{{0, 3}});
  CHECK(weights[0] == 0);
  CHECK(weights[1] == 0);
  CHECK(weights[2] == doctest::Approx(-0.5));
  optimizer.set_learning_rate(0);
  optimizer.step(weights, gradients, std::vector<Segment>{{0, 3}});
  CHECK(weights[2] == doctest::Approx(-0.5));
  std::vector<double> still{2}, none{0};
  Optimizer<double> empty = Ftrl({.initial_accumulator_value = 0});
  empty.attach(1);
  empty.step(still, none, std::vector<Segment>{{0, 1}});
  CHECK(still[0] == 2);
}

TEST_CASE("Optimizer: options that make no sense are refused") {
  const auto refused = [](auto optimizer) {
    try {
      (void)Optimizer<float>(optimizer);
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string("(nothing thrown)");
  };
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  CHECK(has(refused(Adam({.learning_rate = -1})),
            "optimizer adam: expected a finite learning_rate of at least 0, received -1"));
  CHECK(has(refused(SGD({.learning_rate = std::nan("")})), "learning_rate"));
  CHECK(has(refused(SGD({.momentum = 1})), "momentum"));
  CHECK(has(refused(Adam({.beta_1 = 1})), "beta_1"));
  CHECK(has(refused(Adam({.beta_2 = -0.1})), "beta_2"));
  CHECK(has(refused(Adam({.epsilon = -1})), "epsilon"));
  CHECK(has(refused(AdamW({.weight_decay = -1})), "weight_decay"));
  CHECK(has(refused(RMSprop({.rho = 2})), "rho"));
  CHECK(has(refused(Adam({.clip_norm = 1, .clip_value = 1})),
            "expected one of clip_norm, clip_value and global_clip_norm, received 2"));
  CHECK(has(refused(Adam({.clip_norm = -1})), "received -1"));
  CHECK(has(refused(Adam({.learning_rate = 0})), "(nothing thrown)"));
  CHECK(has(refused(Adam({.weight_decay = -1})), "weight_decay"));
  CHECK(has(refused(SGD({.weight_decay = -1})), "weight_decay"));
  CHECK(has(refused(SGD({.use_ema = true, .ema_momentum = 1.5})), "ema_momentum within 0 .. 1, received 1.5"));
  CHECK(has(refused(SGD({.ema_overwrite_frequency = 5})), "say .use_ema = true"));
  CHECK(has(refused(SGD({.gradient_accumulation_steps = 0})), "gradient_accumulation_steps of at least 1"));
  CHECK(has(refused(Adagrad({.initial_accumulator_value = -1})), "initial_accumulator_value"));
  CHECK(has(refused(Adadelta({.rho = 1})), "rho"));
  CHECK(has(refused(Adamax({.beta_1 = 1})), "beta_1"));
  CHECK(has(refused(Nadam({.beta_2 = 1})), "beta_2"));
  CHECK(has(refused(Ftrl({.learning_rate_power = 0.5})), "learning_rate_power of at most 0"));
  CHECK(has(refused(Ftrl({.l1_regularization_strength = -1})), "l1_regularization_strength"));
  CHECK(has(refused(Lion({.beta_2 = 1})), "beta_2"));
  std::vector<float> weights(2), gradients(2);
  Optimizer<float> optimizer = SGD();
  CHECK_THROWS_AS(optimizer.step(weights, gradients, std::vector<Segment>{{0, 2}}), StateError);
}

TEST_CASE("Optimizer: takes the user's optimizers, and shows options that read back the same") {
  Optimizer<double> signs = Signs{};
  CHECK(signs.name() == "test.signs");
  CHECK(steps(signs, {{0, 40}}, 1)[1] == doctest::Approx(0.375 - 0.5));

  Optimizer<double> written = RMSprop({.learning_rate = 0.25, .rho = 0.5, .centered = true, .clip_value = 2});
  support::StoredFields stored;
  stored.write(written);
  CHECK(stored["rho"] == "0.5");
  CHECK(stored["clip_value"] == "2");
  Optimizer<double> read = RMSprop();
  stored.read(read);
  CHECK(read.learning_rate() == 0.25);
  CHECK(steps(read, {{0, 40}}) == steps(written, {{0, 40}}));
  stored["rho"] = "7";
  CHECK_THROWS_AS(stored.read(read), ConfigError);
  CHECK(!Optimizer<double>());

  const std::vector<std::pair<Optimizer<double>, Optimizer<double>>> pairs = {
      {SGD({.momentum = 0.5, .nesterov = true, .weight_decay = 0.1}), SGD({.momentum = 0.25})},
      {Adagrad({.learning_rate = 0.1, .initial_accumulator_value = 0.5, .epsilon = 0.25}), Adagrad()},
      {Adadelta({.learning_rate = 1, .rho = 0.5, .epsilon = 0.25}), Adadelta()},
      {Adamax({.beta_1 = 0.5, .beta_2 = 0.5, .epsilon = 0.25, .gradient_accumulation_steps = 2}), Adamax()},
      {Nadam({.learning_rate = 0.1, .beta_1 = 0.5, .beta_2 = 0.5, .epsilon = 0.25}), Nadam()},
      {Ftrl({0.1, -0.25, 0.5, 0.125, 0.25, 0.125, 0.5}), Ftrl()},
      {Lion({.beta_1 = 0.125, .beta_2 = 0.125, .use_ema = true, .ema_momentum = 0.5, .ema_overwrite_frequency = 2}),
       Lion()},
  };
  for (const auto& [one, two] : pairs) {
    Optimizer<double> from = one, to = two;
    CAPTURE(from.name());
    support::StoredFields fields;
    fields.write(from);
    fields.read(to);
    CHECK(steps(to, {{0, 40}}) == steps(from, {{0, 40}}));
    CHECK(steps(two, {{0, 40}}) != steps(from, {{0, 40}}));
  }
  Optimizer<double> scheduled = Adam({.learning_rate = CosineDecay(0.5, 7)}),
                    same = Adam({.learning_rate = CosineDecay()});
  support::StoredFields fields;
  fields.write(scheduled);
  CHECK(fields["learning_rate_schedule/decay_steps"] == "7");
  fields.read(same);
  CHECK(same.learning_rate() == 0.5);
  CHECK(steps(same, {{0, 40}}) == steps(scheduled, {{0, 40}}));
  CHECK(written.as<RMSprop>()->options().centered);
  CHECK(written.as<SGD>() == nullptr);
  static_assert(!std::is_constructible_v<Optimizer<float>, Optimizer<double>> &&
                std::is_nothrow_move_constructible_v<Optimizer<float>>);
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/optimizers/adam.hpp>
#include <foretell/optimizers/rmsprop.hpp>
#include <foretell/optimizers/sgd.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "support/golden.hpp"
#include "support/stored_fields.hpp"

using namespace foretell;

namespace {

template <class T>
Optimizer<T> optimizer_of(const golden::Case& c) {
  const std::string kind = c.json().at("group").get<std::string>();
  const double rate = c.option<double>("learning_rate"), momentum = c.option("momentum", 0.0);
  const double norm = c.option("clipnorm", 0.0), value = c.option("clipvalue", 0.0),
               global = c.option("global_clipnorm", 0.0);
  const double beta_1 = c.option("beta_1", 0.9), beta_2 = c.option("beta_2", 0.999),
               epsilon = c.option("epsilon", 1e-7);
  if (kind == "SGD")
    return SGD({.learning_rate = rate,
                .momentum = momentum,
                .nesterov = c.option("nesterov", false),
                .clip_norm = norm,
                .clip_value = value,
                .global_clip_norm = global});
  if (kind == "Adam")
    return Adam({.learning_rate = rate,
                 .beta_1 = beta_1,
                 .beta_2 = beta_2,
                 .epsilon = epsilon,
                 .clip_norm = norm,
                 .clip_value = value,
                 .global_clip_norm = global});
  if (kind == "AdamW")
    return AdamW({.learning_rate = rate,
                  .weight_decay = c.option("weight_decay", 0.004),
                  .beta_1 = beta_1,
                  .beta_2 = beta_2,
                  .epsilon = epsilon,
                  .clip_norm = norm,
                  .clip_value = value,
                  .global_clip_norm = global});
  if (kind == "RMSprop")
    return RMSprop({.learning_rate = rate,
                    .rho = c.option("rho", 0.9),
                    .momentum = momentum,
                    .epsilon = epsilon,
                    .centered = c.option("centered", false),
                    .clip_norm = norm,
                    .clip_value = value,
                    .global_clip_norm = global});
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
  return {SGD(), SGD({.momentum = 0.9}), Adam({.clip_norm = 0.5}), AdamW({.global_clip_norm = 0.5}),
          RMSprop({.momentum = 0.5, .centered = true})};
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
  const golden::File file("optimizers");
  const golden::Case& problem = file["problem"];
  const golden::Tensor a = problem.tensor("a_gradients"), b = problem.tensor("b_gradients");
  std::size_t compared = 0;
  for (const golden::Case& c : file.cases()) {
    if (c.name() == "problem" || (c.has_option("weight_decay") && c.json().at("group") == "SGD")) continue;
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
      CHECK(golden::close(p.weights, expected, golden::rtol<T>, std::is_same_v<T, double> ? 1e-14 : 2e-6));
    }
    ++compared;
  }
  CHECK(compared >= 20);
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
    CHECK(steps(optimizer, {{0, 40}}) == steps(optimizer, {{0, 8}, {8, 0}, {8, 16}, {24, 16}}));
  }
  std::vector<std::size_t> runs;
  steps(Optimizer<double>(Signs{&runs}), {{0, 8}, {8, 8}, {16, 8, true, false}, {24, 8, false}, {32, 4}, {36, 4}}, 1);
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

TEST_CASE("Optimizer: weight decay leaves out the segments that ask for it") {
  std::vector<double> weights{1, 1}, gradients{0, 0};
  Optimizer<double> optimizer = AdamW({.learning_rate = 0.1, .weight_decay = 0.5});
  optimizer.attach(2);
  optimizer.step(weights, gradients, std::vector<Segment>{{0, 1}, {1, 1, true, false}});
  CHECK(weights[0] == doctest::Approx(0.95));
  CHECK(weights[1] == 1);
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
  CHECK(written.as<RMSprop>()->options().centered);
  CHECK(written.as<SGD>() == nullptr);
  static_assert(!std::is_constructible_v<Optimizer<float>, Optimizer<double>> &&
                std::is_nothrow_move_constructible_v<Optimizer<float>>);
}

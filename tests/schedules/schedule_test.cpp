// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/core/error.hpp>
#include <foretell/schedules/cosine.hpp>
#include <foretell/schedules/decay.hpp>
#include <foretell/schedules/learning_rate.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "support/golden.hpp"
#include "support/message.hpp"
#include "support/stored_fields.hpp"

using namespace foretell;
using support::has;

namespace {

Schedule schedule_of(const golden::Case& c) {
  const std::string kind = c.json().at("group").get<std::string>();
  const auto steps = [&](const char* name) { return c.option<std::size_t>(name); };
  const double rate = c.option(kind == "OneCycle" ? "max_learning_rate" : "initial_learning_rate", 0.0);
  const double alpha = c.option("alpha", 0.0);
  const bool staircase = c.option("staircase", false);
  if (kind == "ExponentialDecay")
    return ExponentialDecay(rate, steps("decay_steps"), c.option<double>("decay_rate"), {.staircase = staircase});
  if (kind == "InverseTimeDecay")
    return InverseTimeDecay(rate, steps("decay_steps"), c.option<double>("decay_rate"), {.staircase = staircase});
  if (kind == "PolynomialDecay")
    return PolynomialDecay(rate, steps("decay_steps"),
                           {.end_learning_rate = c.option("end_learning_rate", 1e-4),
                            .power = c.option("power", 1.0),
                            .cycle = c.option("cycle", false)});
  if (kind == "PiecewiseConstantDecay")
    return PiecewiseConstantDecay(c.option<std::vector<std::size_t>>("boundaries"),
                                  c.option<std::vector<double>>("values"));
  if (kind == "CosineDecay")
    return CosineDecay(rate, steps("decay_steps"),
                       {.alpha = alpha,
                        .warmup_target = c.option("warmup_target", 0.0),
                        .warmup_steps = c.option("warmup_steps", std::size_t(0))});
  if (kind == "CosineDecayRestarts")
    return CosineDecayRestarts(rate, steps("first_decay_steps"),
                               {.t_mul = c.option("t_mul", 2.0), .m_mul = c.option("m_mul", 1.0), .alpha = alpha});
  const bool linear = c.option<std::string>("anneal") == "linear";
  return OneCycle(rate, steps("total_steps"),
                  {.pct_start = c.option("pct_start", 0.3),
                   .anneal = linear ? Anneal::line : Anneal::cosine,
                   .div_factor = c.option("div_factor", 25.0),
                   .final_div_factor = c.option("final_div_factor", 1e4),
                   .three_phase = c.option("three_phase", false)});
}

std::string refused(auto make) {
  return support::message_of<ConfigError>([&] { (void)Schedule(make()); });
}

/// A user's: the same rate for so many steps, then a tenth of it.
struct Drop {
  static constexpr std::string_view name = "test.drop";
  std::uint64_t at = 3;
  double operator()(std::uint64_t step) const { return step < at ? 1 : 0.1; }
  void fields(auto&& f) { f("at", at); }
};

struct Holder {
  LearningRate rate = 1e-3;
  void fields(auto&& f) { f("learning_rate", rate); }
};

}  // namespace

TEST_CASE("Schedule: rates are those of Keras and PyTorch") {
  const golden::File file("schedules");
  for (const golden::Case& c : file.cases()) {
    CAPTURE(c.name());
    const Schedule schedule = schedule_of(c);
    const golden::Tensor steps = c.tensor("step"), rates = c.tensor("rate");
    for (std::size_t i = 0; i < steps.size(); ++i) {
      CAPTURE(steps.data[i]);
      CHECK(golden::close(schedule(static_cast<std::uint64_t>(steps.data[i])), rates.data[i], 1e-10, 1e-14));
    }
  }
}

TEST_CASE("Schedule: ends and corners") {
  CHECK(PolynomialDecay(0.5, 10)(1000000) == 1e-4);
  CHECK(CosineDecay(0.5, 10, {.alpha = 0.25})(10) == 0.125);
  CHECK(CosineDecay(0, 10, {.warmup_target = 0.5, .warmup_steps = 5})(0) == 0);
  CHECK(CosineDecay(0, 10, {.warmup_target = 0.5, .warmup_steps = 5})(5) == 0.5);
  CHECK(CosineDecay(0, 10, {.warmup_target = 0.5})(0) == 0.5);
  CHECK(CosineDecayRestarts(0.5, 10)(10) == 0.5);
  CHECK(CosineDecayRestarts(0.5, 10)(30) == 0.5);
  CHECK(CosineDecayRestarts(0.5, 10, {.m_mul = 0.5})(30) == 0.125);
  CHECK(CosineDecayRestarts(0.5, 10)(std::numeric_limits<std::uint64_t>::max()) >= 0);
  CHECK(OneCycle(1, 20)(19) == doctest::Approx(1 / 25e4));
  CHECK(OneCycle(1, 20)(1000) == doctest::Approx(1 / 25e4));
  CHECK(OneCycle(1, 20, {.pct_start = 1})(19) == 1);
  CHECK(PiecewiseConstantDecay({}, {0.5})(7) == 0.5);
  CHECK(PiecewiseConstantDecay({2}, {0.5, 0.25})(2) == 0.5);
  CHECK(PiecewiseConstantDecay({2}, {0.5, 0.25})(3) == 0.25);
  CHECK(ExponentialDecay(0.5, 10, 0)(0) == 0.5);
  CHECK(ExponentialDecay(0.5, 10, 0)(1) == 0);
}

TEST_CASE("Schedule: options that make no sense are refused") {
  CHECK(has(refused([] { return ExponentialDecay(0.1, 0, 0.5); }),
            "schedule exponential_decay: expected decay_steps of at least 1, received 0"));
  CHECK(has(refused([] { return ExponentialDecay(-0.1, 1, 0.5); }), "finite initial_learning_rate of at least 0"));
  CHECK(has(refused([] { return InverseTimeDecay(0.1, 1, -1); }), "decay_rate"));
  CHECK(has(refused([] { return PolynomialDecay(0.1, 1, {.power = 0}); }), "power above 0"));
  CHECK(has(refused([] { return PolynomialDecay(0.1, 1, {.end_learning_rate = std::nan("")}); }), "end_learning_rate"));
  CHECK(has(refused([] { return PiecewiseConstantDecay({1, 2}, {0.1, 0.2}); }), "received 2 boundaries and 2 values"));
  CHECK(has(refused([] { return PiecewiseConstantDecay({2, 2}, {0.1, 0.2, 0.3}); }), "received 2 after 2"));
  CHECK(has(refused([] { return PiecewiseConstantDecay({2}, {0.1, -0.2}); }), "finite value"));
  CHECK(has(refused([] { return CosineDecay(0.1, 0); }), "decay_steps"));
  CHECK(has(refused([] { return CosineDecay(0.1, 5, {.warmup_steps = 5}); }), "say .warmup_target"));
  CHECK(has(refused([] { return CosineDecay(0.1, 5, {.alpha = -1}); }), "alpha"));
  CHECK(has(refused([] { return CosineDecayRestarts(0.1, 0); }), "first_decay_steps"));
  CHECK(has(refused([] { return CosineDecayRestarts(0.1, 5, {.t_mul = 0.5}); }), "t_mul of at least 1"));
  CHECK(has(refused([] { return CosineDecayRestarts(0.1, 5, {.m_mul = -1}); }), "m_mul"));
  CHECK(has(refused([] { return OneCycle(0.1, 3); }), "total_steps times pct_start above 1"));
  CHECK(has(refused([] { return OneCycle(0.1, 30, {.pct_start = 1.5}); }), "up to 1"));
  CHECK(has(refused([] { return OneCycle(0.1, 30, {.pct_start = 0.6, .three_phase = true}); }), "up to 0.5"));
  CHECK(has(refused([] { return OneCycle(0.1, 30, {.div_factor = 0}); }), "div_factor above 0"));
}

TEST_CASE("Schedule: takes the user's, copies it, and shows options that read back the same") {
  Schedule mine = Drop{2};
  CHECK(mine.name() == "test.drop");
  CHECK(mine(1) == 1);
  CHECK(mine(2) == 0.1);
  CHECK(mine.as<Drop>()->at == 2);
  CHECK(mine.as<CosineDecay>() == nullptr);
  CHECK(!Schedule());
  const Schedule copy = mine;
  CHECK(copy(2) == 0.1);

  const std::vector<Schedule> all[] = {
      {ExponentialDecay(0.5, 7, 0.25, {.staircase = true}), ExponentialDecay()},
      {InverseTimeDecay(0.5, 7, 0.25, {.staircase = true}), InverseTimeDecay()},
      {PolynomialDecay(0.5, 7, {.end_learning_rate = 0.25, .power = 2, .cycle = true}), PolynomialDecay()},
      {CosineDecay(0.5, 7, {.alpha = 0.25, .warmup_target = 1, .warmup_steps = 3}), CosineDecay()},
      {CosineDecayRestarts(0.5, 7, {.t_mul = 1.5, .m_mul = 0.5, .alpha = 0.25}), CosineDecayRestarts()},
      {OneCycle(
           0.5, 20,
           {.pct_start = 0.25, .anneal = Anneal::line, .div_factor = 2, .final_div_factor = 3, .three_phase = true}),
       OneCycle()},
      {Drop{5}, Drop{}},
  };
  for (const std::vector<Schedule>& pair : all) {
    Schedule from = pair[0], to = pair[1];
    CAPTURE(from.name());
    support::StoredFields stored;
    stored.write(from);
    stored.read(to);
    for (std::uint64_t step = 0; step < 40; ++step) CHECK(to(step) == from(step));
  }
  support::StoredFields wrong{{"decay_steps", "0"}};
  Schedule cosine = CosineDecay(0.5, 7);
  CHECK_THROWS_AS(wrong.read(cosine), ConfigError);
  static_assert(std::is_nothrow_move_constructible_v<Schedule> && !std::is_constructible_v<Schedule, double>);
}

TEST_CASE("LearningRate: is a number or a schedule, and is stored as what it is") {
  Holder number{.rate = 1}, schedule{.rate = CosineDecay(0.5, 10)};
  CHECK(*number.rate.number() == 1);
  CHECK(number.rate(5) == 1);
  CHECK(!number.rate.schedule());
  CHECK(schedule.rate.number() == nullptr);
  CHECK(schedule.rate(0) == 0.5);
  CHECK(schedule.rate.schedule().name() == "cosine_decay");

  support::StoredFields stored;
  stored.write(number);
  CHECK(stored["learning_rate"] == "1");
  CHECK(stored.all().size() == 1);
  stored.read(schedule);
  CHECK(*schedule.rate.number() == 1);

  schedule.rate = CosineDecay(0.5, 10);
  support::StoredFields scheduled;
  scheduled.write(schedule);
  CHECK(scheduled["learning_rate_schedule/type"] == "cosine_decay");
  CHECK(scheduled["learning_rate_schedule/decay_steps"] == "10");
  CHECK(scheduled.all().count("learning_rate") == 0);
  Holder other{.rate = CosineDecay(7, 3)};
  scheduled.read(other);
  CHECK(other.rate(0) == 0.5);
  CHECK(other.rate(5) == schedule.rate(5));
}

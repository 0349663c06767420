// SPDX-License-Identifier: BSD-3-Clause
// Rolling windows beside a slow, obvious rule on random logs, and the number of their steps. pandas is in
// events_test.cpp.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <foretell/core/random.hpp>
#include <foretell/data/events/features.hpp>
#include <foretell/data/events/sliding_fold.hpp>
#include <limits>
#include <string>
#include <vector>

using namespace foretell;

namespace {

constexpr double gap = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();

/// Whole numbers whose sums a std::int64_t holds and a double does not.
std::vector<double> wide_numbers(std::size_t n, const Random& random) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double whole = static_cast<double>(random.below(4 * i, 1 << 20)) - (1 << 19);
    values[i] = random.below(4 * i + 1, 10) == 0  ? gap
                : random.below(4 * i + 2, 2) == 0 ? whole
                                                  : std::ldexp(whole, 35);
  }
  return values;
}

EventLog random_log(std::size_t n, std::uint64_t seed) {
  const Random random(seed);
  std::vector<double> user(n), time(n);
  for (std::size_t i = 0; i < n; ++i) {
    user[i] = static_cast<double>(random.stream(1).below(i, 3) * random.stream(1).below(i + n, 3));
    time[i] = static_cast<double>(random.stream(2).below(i, n));  // some are equal
  }
  return EventLog(Table{{"user", user}, {"time", time}, {"v", wide_numbers(n, random.stream(3))}});
}

/// The values of the events before `row` that belong to its window.
std::vector<double> values_before(const EventLog& log, std::size_t row, const RollingWindow& window) {
  const Column &user = log.table().column("user"), &v = log.table().column("v");
  std::vector<double> values;
  for (std::size_t i = 0; i < row; ++i) {
    if (user.number(i) != user.number(row)) continue;
    if (window.events > 0 ? i + window.events >= row
                          : log.times()[i] < log.times()[row] && log.times()[i] >= log.times()[row] - window.time)
      values.push_back(v.number(i));
  }
  return values;
}

/// Counts how often parts are put together.
struct CountedPart {
  static inline std::size_t steps = 0;
  std::vector<std::size_t> items{};
  void add(const CountedPart& later) {
    ++steps;
    items.insert(items.end(), later.items.begin(), later.items.end());
  }
};
struct StepPart {
  static inline std::size_t steps = 0;
  void add(const StepPart&) { ++steps; }
};

}  // namespace

TEST_CASE("rolling: as the slow rule on random logs; sums exact but for one rounding") {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const EventLog log = random_log(5 + 7 * seed, seed);
    for (const RollingWindow window :
         {RollingWindow{.events = 1}, RollingWindow{.events = 7}, RollingWindow{.events = 1000},
          RollingWindow{.time = 1}, RollingWindow{.time = 20}, RollingWindow{.time = infinity}}) {
      const Column size = rolling(log, agg::size(), window), count = rolling(log, agg::count("v"), window),
                   sum = rolling(log, agg::sum("v"), window), mean = rolling(log, agg::mean("v"), window),
                   var = rolling(log, agg::var("v"), window), deviation = rolling(log, agg::stddev("v"), window),
                   min = rolling(log, agg::min("v"), window), max = rolling(log, agg::max("v"), window);
      for (std::size_t row = 0; row < log.rows(); ++row) {
        CAPTURE(seed);
        CAPTURE(row);
        double n = 0, least = gap, greatest = gap;
        std::int64_t total = 0;
        const std::vector<double> values = values_before(log, row, window);
        for (const double value : values) {
          if (std::isnan(value)) continue;
          total += static_cast<std::int64_t>(value);
          least = n > 0 ? std::min(least, value) : value;
          greatest = n > 0 ? std::max(greatest, value) : value;
          ++n;
        }
        long double squares = 0;
        for (const double value : values)
          if (!std::isnan(value)) {
            const long double d =
                static_cast<long double>(value) - static_cast<long double>(total) / static_cast<long double>(n);
            squares += d * d;
          }
        REQUIRE(size.number(row) == static_cast<double>(values.size()));
        REQUIRE(count.number(row) == n);
        REQUIRE(sum.number(row) == static_cast<double>(total));
        REQUIRE(mean.missing(row) == (n == 0));
        REQUIRE(var.missing(row) == (n < 2));
        REQUIRE(deviation.missing(row) == (n < 2));
        if (n == 0) {
          REQUIRE(min.missing(row));
          REQUIRE(max.missing(row));
          continue;
        }
        REQUIRE(mean.number(row) == doctest::Approx(static_cast<double>(total) / n).epsilon(1e-15));
        REQUIRE(min.number(row) == least);
        REQUIRE(max.number(row) == greatest);
        if (n < 2) continue;
        REQUIRE(var.number(row) == doctest::Approx(static_cast<double>(squares) / (n - 1)).epsilon(1e-13));
        REQUIRE(deviation.number(row) == std::sqrt(var.number(row)));
      }
    }
  }
}

TEST_CASE("rolling: what has left the window leaves nothing behind") {
  const std::vector<double> user(9, 1), time{0, 1, 2, 3, 4, 5, 6, 7, 8},
      value{1e16, 1, 0.1, 0.1, 0.1, infinity, 0.1, 0.1, 0.1};
  const EventLog log(Table{{"user", user}, {"time", time}, {"v", value}});
  const Column sum = rolling(log, agg::sum("v"), {.events = 2}), var = rolling(log, agg::var("v"), {.events = 2}),
               mean = rolling(log, agg::mean("v"), {.events = 2});
  CHECK(sum.number(2) == 1e16);  // 1e16 + 1 is no double
  CHECK(sum.number(3) == 1.1);
  CHECK(sum.number(4) == 0.2);
  CHECK(mean.number(4) == 0.1);
  CHECK(var.number(4) == 0);
  CHECK(sum.number(7) == infinity);
  CHECK(var.missing(7));
  CHECK(sum.number(8) == 0.2);
  CHECK(var.number(8) == 0);
  const EventLog cancels(Table{{"user", {1, 1, 1, 1}}, {"time", {1, 2, 3, 4}}, {"v", {1e16, 1.0, -1e16, 0.0}}});
  CHECK(rolling(cancels, agg::sum("v"), {.events = 3}).number(3) == 1);
  const EventLog offset(Table{{"user", {1, 1, 1, 1}}, {"time", {1, 2, 3, 4}}, {"v", {1e9, 1e9 + 0.1, 1e9 + 0.2, 0.0}}});
  // The variance of these doubles in fractions: float(statistics.variance(map(Fraction, [1e9, 1e9 + 0.1, 1e9 + 0.2]))).
  CHECK(rolling(offset, agg::var("v"), {.events = 3}).number(3) == doctest::Approx(0.01000000476837215).epsilon(1e-14));
}

TEST_CASE("rolling: a constant has no variance, at any length") {
  const std::size_t n = 1000;
  std::vector<double> time(n);
  for (std::size_t i = 0; i < n; ++i) time[i] = static_cast<double>(i);
  for (const double value : {0.1, -1e9 / 3, 1e-300, 1e300}) {
    const EventLog log(
        Table{{"user", std::vector<double>(n, 1)}, {"time", time}, {"v", std::vector<double>(n, value)}});
    for (const RollingWindow window : {RollingWindow{.events = 7}, RollingWindow{.time = infinity}}) {
      const Column var = rolling(log, agg::var("v"), window);
      for (std::size_t row = 2; row < n; ++row) REQUIRE(var.number(row) == 0);
    }
  }
}

TEST_CASE("SlidingFold: the items of the window in their order, at most three steps an item") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Random random(seed);
    const std::size_t pace = 1 + seed % 5;
    detail::SlidingFold<CountedPart> fold;
    CountedPart::steps = 0;
    std::size_t first = 0, last = 0, calls = 0;
    for (; calls < 60; ++calls) {
      last += random.below(2 * calls, pace);
      first += random.below(2 * calls + 1, last - first + 1) / (1 + seed % 3);
      const CountedPart part = fold.fold(first, last, [](std::size_t i) { return CountedPart{{i}}; });
      REQUIRE(part.items.size() == last - first);
      for (std::size_t i = 0; i < part.items.size(); ++i) REQUIRE(part.items[i] == first + i);
    }
    CHECK(CountedPart::steps <= 2 * last + calls);
  }
}

TEST_CASE("rolling: steps grow with the events of a busy user, not with the window") {
  const std::size_t n = 20000;
  std::vector<double> time(n), same(n, 5);
  for (std::size_t i = 0; i < n; ++i) time[i] = static_cast<double>(i / 3);
  for (const auto& times : {time, same}) {
    const EventLog log(Table{{"user", std::vector<double>(n, 1)}, {"time", times}});
    for (const RollingWindow window :
         {RollingWindow{.events = 3}, RollingWindow{.events = n / 2}, RollingWindow{.events = 10 * n},
          RollingWindow{.time = 2}, RollingWindow{.time = n / 6.0}, RollingWindow{.time = 1e9}}) {
      detail::SlidingFold<StepPart> fold;
      StepPart::steps = 0;
      std::size_t before_first = 0, before_last = 0;
      detail::for_each_window(log, window, [&](std::size_t, std::size_t first, std::size_t last) {
        REQUIRE(first >= before_first);
        REQUIRE(last >= before_last);
        REQUIRE(first <= last);
        before_first = first, before_last = last;
        (void)fold.fold(first, last, [](std::size_t) { return StepPart(); });
      });
      CHECK(StepPart::steps <= 3 * n);
    }
  }
}

TEST_CASE("rolling: half a million events of one user in one window") {
  const std::size_t n = 500000;
  std::vector<double> time(n);
  for (std::size_t i = 0; i < n; ++i) time[i] = static_cast<double>(i);
  const EventLog log(Table{{"user", std::vector<double>(n, 1)}, {"time", time}, {"v", std::vector<double>(n, 0.1)}});
  CHECK(rolling(log, agg::sum("v"), {.time = 1e9}).number(n - 1) == doctest::Approx(0.1 * (n - 1)).epsilon(1e-15));
}

TEST_CASE("rolling, lag: windows that are none, steps beyond the log") {
  const EventLog log(Table{{"user", {1, 1, 2}}, {"time", {1, 2, 1}}, {"v", {1, 2, 3}}});
  for (const RollingWindow window : {RollingWindow{}, RollingWindow{.events = 2, .time = 3}, RollingWindow{.time = -1},
                                     RollingWindow{.time = gap}, RollingWindow{.events = 2, .time = -3}})
    CHECK_THROWS_WITH_AS(rolling(log, agg::sum("v"), window),
                         doctest::Contains("a window of events or of time above 0"), ConfigError);
  CHECK(rolling(log, agg::sum("v"), {.events = std::numeric_limits<std::size_t>::max()}).number(1) == 1);
  CHECK(lag(log, "v", std::numeric_limits<std::size_t>::max()).count_missing() == 3);
  CHECK(lag(log, "v").number(1) == 1);
  CHECK_THROWS_WITH_AS(lag(log, "v", 0), doctest::Contains("the event itself"), ConfigError);
}

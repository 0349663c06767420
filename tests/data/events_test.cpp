// SPDX-License-Identifier: BSD-3-Clause
// Logs of events; beside pandas (tests/goldens/events.json), and lifetimes' summary of CDNOW where FORETELL_DATA has
// it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <foretell/data/csv.hpp>
#include <foretell/data/events/features.hpp>
#include <foretell/data/events/item_sequences.hpp>
#include <foretell/data/events/sessions.hpp>
#include <foretell/data/events/windows.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "plain_tensor.hpp"

template <>
struct foretell::tensor_of<float> {
  using type = std::vector<float>;
  static type make(const std::vector<std::size_t>& sizes) { return type(sizes[0] * sizes[1]); }
};

using namespace foretell;
using nlohmann::json;

namespace {

const json& goldens() {
  static const json all = [] {
    std::ifstream file(FORETELL_GOLDENS "/events.json");
    REQUIRE(file);
    return json::parse(file);
  }();
  return all;
}

Column column_of(const json& cells) {
  if (cells[0].is_string()) return cells.get<std::vector<std::string>>();
  std::vector<double> numbers;
  for (const auto& cell : cells) numbers.push_back(cell.is_null() ? std::nan("") : cell.get<double>());
  return numbers;
}

Table log_table() {
  const json& log = goldens()["log"];
  return Table{{"user", column_of(log["user"])},
               {"time", column_of(log["time"])},
               {"price", column_of(log["price"])},
               {"item", column_of(log["item"])}};
}

void check_same(const Column& got, const json& expected, bool zero_for_none = false) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t row = 0; row < got.size(); ++row) {
    CAPTURE(row);
    if (expected[row].is_null() && !zero_for_none)
      CHECK(got.missing(row));
    else
      CHECK(got.number(row) ==
            doctest::Approx(expected[row].is_null() ? 0.0 : expected[row].get<double>()).epsilon(1e-9));
  }
}

const EventColumns columns{.item = "item", .value = "price"};

}  // namespace

TEST_CASE("EventLog: sorted by user and time, equal times in the order they had") {
  const EventLog log(log_table(), columns);
  CHECK(log.users() == 3);
  CHECK(log.table().column("price").size() == 80);
  check_same(log.table().column("price"), goldens()["ordered"]["price"]);
  check_same(log.table().column("time"), goldens()["ordered"]["time"]);
  CHECK(log.user_names().text(2) == "eve");
  CHECK_THROWS_WITH_AS(EventLog(log_table(), {.user = "usr"}), doctest::Contains("Did you mean \"user\"?"), DataError);
  CHECK_THROWS_WITH_AS(EventLog(Table{{"user", {1, 2}}, {"time", {1.0, std::nan("")}}}),
                       doctest::Contains("received none in row 1, column \"time\""), DataError);
  CHECK_THROWS_AS(EventLog(Table{{"user", {1}}, {"time", {"x"}}}), DataError);
  CHECK(EventLog(log_table().head(0)).users() == 0);
  CHECK(EventLog(log_table().head(0)).start(0) == 0);
  CHECK(log.start(3) == 80);
  CHECK_THROWS_WITH_AS(log.start(4), "EventLog: user 4 of 3 does not exist.", DataError);
  const LogSplit by_time = split_by_time(log, 60), by_user = split_by_user(log, 0.3, 1);
  CHECK(by_time.train.rows() + by_time.test.rows() == 80);
  for (const double t : by_time.train.times()) CHECK(t < 60);
  for (const double t : by_time.test.times()) CHECK(t >= 60);
  CHECK_THROWS_AS(split_by_time(log, std::nan("")), ConfigError);
  CHECK(by_user.test.users() == 1);
  CHECK(by_user.train.users() == 2);
  CHECK_THROWS_AS(split_by_user(log, 1), ConfigError);
  CHECK_THROWS_WITH_AS(split_by_user(log, 0.9), doctest::Contains("received 3 of which test_size 0.9 takes 3"),
                       DataError);
  std::vector<double> users(100);
  std::iota(users.begin(), users.end(), 0.0);
  const EventLog many(Table{{"user", users}, {"time", std::vector<double>(100, 1)}});
  CHECK(split_by_user(many, 0.07, 1).test.users() == 7);  // though 0.07 * 100 is more than 7
}

TEST_CASE("Features of earlier events: as pandas") {
  const EventLog log(log_table(), columns);
  check_same(lag(log, "price"), goldens()["lag 1"]);
  check_same(lag(log, "price", 3), goldens()["lag 3"]);
  CHECK(lag(log, "item").kind() == Kind::category);
  check_same(events_before(log), goldens()["before"]);
  check_same(time_since_last(log), goldens()["since"]);
  const std::vector<std::pair<std::string, Aggregation>> all{{"count", agg::count("price")}, {"sum", agg::sum("price")},
                                                             {"mean", agg::mean("price")},   {"var", agg::var("price")},
                                                             {"std", agg::stddev("price")},  {"min", agg::min("price")},
                                                             {"max", agg::max("price")}};
  for (const auto& entry : all) {
    const std::string& name = entry.first;
    const Aggregation& aggregation = entry.second;
    CAPTURE(name);
    check_same(rolling(log, aggregation, {.events = 5}), goldens()["events " + name], name == "sum");
    check_same(rolling(log, aggregation, {.time = 15}), goldens()["time " + name], name == "sum");
  }
  CHECK(rolling(log, agg::size(), {.events = 2}).number(0) == 0);
  CHECK(rolling(log, agg::count("item"), {.events = 2}).number(2) == 2);
  CHECK_THROWS_AS(rolling(log, agg::mean("price"), {}), ConfigError);
  CHECK_THROWS_AS(rolling(log, agg::mean("price"), {.events = 1, .time = 1}), ConfigError);
  CHECK_THROWS_AS(rolling(log, agg::median("price"), {.events = 1}), ConfigError);
  CHECK_THROWS_AS(rolling(log, agg::mean("item"), {.events = 1}), DataError);
}

TEST_CASE("Features of earlier events do not change with the present or the future") {
  const EventLog log(log_table(), columns);
  for (const std::size_t changed : {5u, 40u, 79u}) {
    std::vector<double> price = log.table().column("price").numbers();
    price[changed] = 1e6;
    const EventLog other(log.table().with("price", price), columns);
    for (const RollingWindow window : {RollingWindow{.events = 5}, RollingWindow{.time = 15}}) {
      const Column a = rolling(log, agg::sum("price"), window), b = rolling(other, agg::sum("price"), window);
      for (std::size_t row = 0; row <= changed; ++row) CHECK(a.number(row) == b.number(row));
    }
  }
}

TEST_CASE("sessionize: a gap ends a session") {
  const EventLog log(log_table(), columns);
  check_same(sessionize(log, 4), goldens()["session"]);
  const Table all = sessions(log, 4, {{"spent", agg::sum("price")}});
  double events = 0;
  for (std::size_t row = 0; row < all.rows(); ++row) {
    events += all.column("events").number(row);
    CHECK(all.column("duration").number(row) == all.column("end").number(row) - all.column("start").number(row));
  }
  CHECK(events == 80);
  CHECK(all.names() == std::vector<std::string>{"session", "user", "start", "end", "events", "spent", "duration"});
  CHECK_THROWS_AS(sessionize(log, 0), ConfigError);
}

TEST_CASE("windows: features before the cut-off, labels from it on, and never a look ahead") {
  const EventLog log(log_table(), columns);
  const WindowOptions options{.cutoffs = {40, 80}, .history = 30, .horizon = 20};
  const std::vector<std::pair<std::string, Aggregation>> features{
      {"n", agg::size()}, {"last", agg::max("time")}, {"spent", agg::sum("price")}},
      labels{{"later", agg::size()}, {"mean_later", agg::mean("price")}};
  const Table table = windows(log, options, features, labels);
  CHECK(table.names() == std::vector<std::string>{"cutoff", "user", "n", "last", "spent", "later", "mean_later"});
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double cutoff = table.column("cutoff").number(row);
    double n = 0, later = 0;
    for (std::size_t e = 0; e < log.rows(); ++e) {
      if (log.table().column("user").text(e) != table.column("user").text(row)) continue;
      n += log.times()[e] < cutoff && log.times()[e] >= cutoff - 30;
      later += log.times()[e] >= cutoff && log.times()[e] < cutoff + 20;
    }
    CHECK(table.column("n").number(row) == n);
    CHECK(table.column("later").number(row) == later);
    CHECK(table.column("last").number(row) < cutoff);
  }
  // Whatever happens from the cut-off on, the features stay.
  std::vector<double> price = log.table().column("price").numbers();
  for (std::size_t e = 0; e < log.rows(); ++e)
    if (log.times()[e] >= 80) price[e] = -1e9;
  const Table other = windows(EventLog(log.table().with("price", price), columns), options, features, labels);
  CHECK(other.drop({"later", "mean_later"}) == table.drop({"later", "mean_later"}));
  CHECK(windows(log, {.cutoffs = {0}}, features).rows() == 0);
  CHECK_THROWS_AS(windows(log, {}, features), ConfigError);
  CHECK_THROWS_AS(windows(log, {.cutoffs = {1}}, features, labels), ConfigError);
}

TEST_CASE("rfm: recency, frequency, monetary value, by hand and as lifetimes' summary of CDNOW") {
  const Table table{{"user", {"a", "a", "a", "a", "b", "c"}},
                    {"time", {0.5, 0.7, 2.5, 5.1, 1.0, 9.0}},
                    {"price", {1, 2, 10, 20, 5, 1}}};
  const Table summary = rfm(EventLog(table, {.value = "price"}), 6, 1);
  CHECK(summary == Table{{"user", {"a", "b"}},
                         {"frequency", {2, 0}},
                         {"recency", {5, 0}},
                         {"T", {5, 4}},
                         {"monetary_value", {15, 0}}});
  CHECK(rfm(EventLog(table), 5.5, 1).column("T").number(0) == 5);
  CHECK_THROWS_AS(rfm(EventLog(table), 6, 0), ConfigError);
  CHECK_THROWS_AS(rfm(EventLog(table), HUGE_VAL), ConfigError);
  CHECK_THROWS_AS(rfm(EventLog(table), 6, 1, std::nan("")), ConfigError);

  const char* data = std::getenv("FORETELL_DATA");
  if (!data || !std::filesystem::exists(data)) {
    MESSAGE("skipped: set FORETELL_DATA to the folder of the data sets");
    return;
  }
  const std::filesystem::path folder = std::filesystem::path(data) / "cdnow";
  std::ifstream file(folder / "CDNOW_sample.txt");
  std::string id, number, date;
  double count = 0, dollars = 0;
  std::vector<double> users, times;
  while (file >> id >> number >> date >> count >> dollars) {
    users.push_back(std::stod(number));
    times.push_back(parse_time(date, "%Y%m%d"));
  }
  REQUIRE(users.size() == 6919);
  const EventLog log(Table{{"user", users}, {"time", times}});
  const Table mine = rfm(log, parse_time("1997-10-01")), theirs = read_csv(folder / "cdnow_customers_summary.csv");
  REQUIRE(mine.rows() == 2357);
  REQUIRE(theirs.rows() == 2357);
  for (std::size_t row = 0; row < mine.rows(); ++row) {
    CHECK(mine.column("frequency").number(row) == theirs.column("frequency").number(row));
    CHECK(mine.column("recency").number(row) / 7 ==
          doctest::Approx(theirs.column("recency").number(row)).epsilon(0.01));
    CHECK(mine.column("T").number(row) / 7 == doctest::Approx(theirs.column("T").number(row)).epsilon(0.01));
  }
}

TEST_CASE("rfm: days, weeks from Monday on and hours as lifetimes 0.11.3 has them") {
  std::vector<double> time;
  for (const char* t : {"2024-01-01 10:00:00", "2024-01-01 12:00:00", "2024-01-03 09:00:00", "2024-01-08 23:59:59",
                        "2024-01-15 00:00:00", "2024-01-07 10:00:00", "2024-01-08 10:00:00", "2024-01-10 00:00:00"})
    time.push_back(parse_time(t));
  const EventLog log(
      Table{{"id", {"a", "a", "a", "a", "a", "b", "b", "c"}}, {"time", time}, {"v", {1, 2, 10, 20, 5, 3, 4, 7}}},
      {.user = "id", .value = "v"});
  const auto check = [&](const char* cutoff, double period, const std::vector<std::vector<double>>& expected) {
    CAPTURE(cutoff);
    CAPTURE(period);
    const Table got = rfm(log, parse_time(cutoff), period);
    REQUIRE(got.rows() == expected.size());
    for (std::size_t row = 0; row < got.rows(); ++row)
      for (std::size_t c = 0; c < 4; ++c)
        CHECK(got.column(std::vector<const char*>{"frequency", "recency", "T", "monetary_value"}[c]).number(row) ==
              doctest::Approx(expected[row][c]));
  };
  // observation_period_end is the last second before the cut-off, or in the period of it
  check("2024-01-10 00:00:00", 86400, {{2, 7, 8, 15}, {1, 1, 2, 4}});
  check("2024-01-10 12:00:00", 86400, {{2, 7, 9, 15}, {1, 1, 3, 4}, {0, 0, 0, 0}});
  check("2024-01-15 00:00:00", 86400, {{2, 7, 13, 15}, {1, 1, 7, 4}, {0, 0, 4, 0}});
  check("2024-01-15 00:00:01", 86400, {{3, 14, 14, 35.0 / 3}, {1, 1, 8, 4}, {0, 0, 5, 0}});
  check("2024-01-10 00:00:00", 604800, {{1, 1, 1, 20}, {1, 1, 1, 4}});
  check("2024-01-15 00:00:00", 604800, {{1, 1, 1, 20}, {1, 1, 1, 4}, {0, 0, 0, 0}});
  check("2024-01-15 12:00:00", 604800, {{2, 2, 2, 12.5}, {1, 1, 2, 4}, {0, 0, 1, 0}});
  check("2024-01-10 00:00:00", 3600, {{3, 181, 205, 32.0 / 3}, {1, 24, 61, 4}});
  // weeks from Thursday on, when asked for
  CHECK(rfm(log, parse_time("2024-01-11"), 604800, 0).column("T").number(0) == 1);
  CHECK(rfm(log, parse_time("2024-01-11"), 604800, 0).column("T").number(1) == 0);
}

TEST_CASE("windows: a horizon that passes the end of the log labels nobody") {
  const EventLog log(Table{{"user", {"a", "b", "a", "b"}}, {"time", {0.1, 0.2, 0.7, 0.9}}});
  const std::vector<std::pair<std::string, Aggregation>> features{{"n", agg::size()}}, labels{{"later", agg::size()}};
  const auto with = [&](const WindowOptions& options) { return windows(log, options, features, labels); };
  CHECK(with({.cutoffs = {0.6}, .horizon = 0.3}).column("later").numbers() == std::vector<double>{1, 0});
  CHECK(with({.cutoffs = {0.9 - 0.1 * 3}, .horizon = 0.1 * 3}).rows() == 2);  // 0.9 but for rounding
  CHECK_THROWS_WITH_AS(with({.cutoffs = {0.3, 0.6}, .horizon = 0.5}),
                       "windows: expected horizons within the log, which ends at 0.9, received one until 1.1 of the "
                       "cutoff 0.6; who has no event there may have one later: take an earlier cutoff, or set end when "
                       "the log is complete until then",
                       DataError);
  CHECK(with({.cutoffs = {0.3, 0.6}, .horizon = 0.5, .end = 1.5}).rows() == 4);
  CHECK_THROWS_AS(with({.cutoffs = {0.3}, .horizon = HUGE_VAL}), DataError);
  CHECK_THROWS_AS(with({.cutoffs = {5}, .horizon = 1}), DataError);
  CHECK_THROWS_AS(with({.cutoffs = {0.3}, .horizon = 0.1, .end = 0.5}), ConfigError);
  CHECK_THROWS_AS(with({.cutoffs = {std::nan("")}, .horizon = 0.1}), ConfigError);
  CHECK(windows(log, {.cutoffs = {2}}, features).rows() == 2);  // without labels one may ask today
  CHECK(windows(EventLog(log.table().head(0)), {.cutoffs = {2}, .horizon = 1}, features, labels).rows() == 0);
}

TEST_CASE("item_sequences, leave_one_out, next_item_targets, negative_samples") {
  const Table table{{"user", {1, 1, 1, 1, 2, 2, 3}},
                    {"time", {1, 2, 3, 4, 1, 2, 1}},
                    {"item", Column::from_codes({0, 1, 0, 2, 3, -1, 1}, {"a", "b", "c", "d"})}};
  const ItemSequences all = item_sequences(EventLog(table, {.item = "item"}));
  CHECK(all.sequences == std::vector<std::vector<std::int32_t>>{{1, 2, 1, 3}, {4}, {2}});
  CHECK(all.items == std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(all.popularity() == std::vector<double>{0, 2, 2, 1, 1});
  CHECK_THROWS_WITH_AS(item_sequences(EventLog(table)), doctest::Contains("a column of the role item"), ConfigError);

  const LeaveOneOut split = leave_one_out(all);
  CHECK(split.train == std::vector<std::vector<std::int32_t>>{{1, 2}, {4}, {2}});
  CHECK(split.test.targets == std::vector<std::int32_t>{3});
  CHECK(split.test.histories[0] == std::vector<std::int32_t>{1, 2, 1});
  CHECK(split.validation.targets == std::vector<std::int32_t>{1});
  CHECK(split.validation.histories[0] == std::vector<std::int32_t>{1, 2});

  const auto [x, y] = next_item_targets<long double>({{1, 2, 1, 3}, {4}, {2, 5}}, 2);
  CHECK(x.sizes == std::vector<std::size_t>{2, 2});
  CHECK(x.values == std::vector<long double>{2, 1, 0, 2});
  CHECK(y.values == std::vector<long double>{1, 3, 0, 5});

  const auto negatives = negative_samples(all, {.count = 50, .popularity_power = 1, .seed = 3});
  std::set<std::int32_t> seen;
  for (std::size_t u = 0; u < 3; ++u) {
    CHECK(negatives[u].size() == 50);
    for (const std::int32_t id : negatives[u]) {
      CHECK(std::find(all.sequences[u].begin(), all.sequences[u].end(), id) == all.sequences[u].end());
      CHECK(id >= 1);
      CHECK(id <= 4);
      if (u == 2) seen.insert(id);
    }
  }
  CHECK(seen == std::set<std::int32_t>{1, 3, 4});
  CHECK(negatives == negative_samples(all, {.count = 50, .popularity_power = 1, .seed = 3}));
  CHECK_THROWS_AS(negative_samples({Column{1.0}, {"a"}, {{1}}}), DataError);
}

TEST_CASE("negative_samples: any popularity and any users known, in a bounded number of draws") {
  const auto of = [](std::vector<std::vector<std::int32_t>> sequences, std::size_t items) {
    ItemSequences all;
    all.sequences = std::move(sequences);
    all.items.assign(items, "item");
    all.users = std::vector<double>(all.sequences.size());
    return all;
  };
  // One item has nearly all the weight, and its user knows it.
  ItemSequences heavy = of({std::vector<std::int32_t>(1000000, 1), {2}, {3, 3}}, 3);
  for (const double power : {1.0, 5.0, 60.0, 1e6}) {
    CAPTURE(power);
    const auto drawn = negative_samples(heavy, {.count = 3000, .popularity_power = power, .seed = 1});
    for (std::size_t u = 0; u < 3; ++u) {
      REQUIRE(drawn[u].size() == 3000);
      for (const std::int32_t id : drawn[u]) REQUIRE(id != static_cast<std::int32_t>(u + 1));
    }
    const auto twos = static_cast<double>(std::count(drawn[0].begin(), drawn[0].end(), 2));  // of 1 to 2 ^ power
    const double wanted = 1 / (1 + std::pow(2, power));
    CHECK(std::abs(twos / 3000 - wanted) < 4 * std::sqrt(wanted * (1 - wanted) / 3000) + 1e-3);
  }
  // A user who knows all items but one, of many.
  std::vector<std::int32_t> most(20000);
  for (std::size_t i = 0; i < most.size(); ++i) most[i] = static_cast<std::int32_t>(i + 1);
  most.erase(most.begin() + 4999);
  const auto rest = negative_samples(of({most, {5000}}, 20000), {.count = 100, .seed = 2})[0];
  CHECK(rest == std::vector<std::int32_t>(100, 5000));
  CHECK(negative_samples(of({most, {5000}}, 20000), {.count = 0})[0].empty());
  // Nothing is left, or nothing with a chance: items that nobody has.
  CHECK_THROWS_WITH_AS(
      negative_samples(of({{1, 2}}, 2)),
      "negative_samples: expected users who do not know all 2 items, received one, number 0; leave such "
      "users out",
      DataError);
  CHECK_THROWS_AS(negative_samples(of({{1, 2}}, 4), {.popularity_power = 1}), DataError);
  CHECK(negative_samples(of({{1, 2}}, 4), {.count = 50})[0].size() == 50);
  CHECK_THROWS_AS(negative_samples(of({{}}, 0)), DataError);
  CHECK(negative_samples(of({}, 0)).empty());
  CHECK_THROWS_AS(negative_samples(of({{3}}, 2)), DataError);
  CHECK_THROWS_AS(negative_samples(of({{-1}}, 2)), DataError);
  for (const double power : {-1.0, std::nan(""), HUGE_VAL})
    CHECK_THROWS_AS(negative_samples(of({{1}}, 2), {.popularity_power = power}), ConfigError);
}

TEST_CASE("negative_samples: the chances are those of the popularities, whatever is known") {
  const Random random(8);
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    const Random r = random.stream(trial);
    const std::size_t items = 2 + r.below(0, 6);
    ItemSequences all;
    all.items.assign(items, "item");
    all.sequences.resize(2);
    for (std::size_t i = 0; i < items; ++i)  // user 1 knows all but the first, user 0 some
      all.sequences[1].insert(all.sequences[1].end(), 1 + r.below(10 + i, 40), static_cast<std::int32_t>(i + 1));
    for (std::size_t i = 1; i < items; ++i)
      if (r.below(100 + i, 2)) all.sequences[0].push_back(static_cast<std::int32_t>(i + 1));
    all.sequences[1].erase(std::remove(all.sequences[1].begin(), all.sequences[1].end(), 1), all.sequences[1].end());
    all.sequences.push_back({1, 1, 1});
    const double power = 0.5 * static_cast<double>(r.below(200, 4));
    const std::vector<double> counts = all.popularity();
    const auto drawn = negative_samples(all, {.count = 20000, .popularity_power = power, .seed = trial});
    for (std::size_t u = 0; u < 3; ++u) {
      const auto known = [&](std::int32_t id) {
        return std::find(all.sequences[u].begin(), all.sequences[u].end(), id) != all.sequences[u].end();
      };
      double total = 0;
      for (std::size_t id = 1; id <= items; ++id)
        if (!known(static_cast<std::int32_t>(id))) total += std::pow(counts[id], power);
      for (std::size_t id = 1; id <= items; ++id) {
        const auto got =
            static_cast<double>(std::count(drawn[u].begin(), drawn[u].end(), static_cast<std::int32_t>(id)));
        const double wanted = known(static_cast<std::int32_t>(id)) ? 0 : std::pow(counts[id], power) / total;
        CAPTURE(trial);
        CAPTURE(u);
        CHECK(std::abs(got / 20000 - wanted) < 0.02);
        if (wanted == 0) CHECK(got == 0);
      }
    }
  }
}

TEST_CASE("next_item_targets: ids that the scalar does not hold, and no length") {
  CHECK_THROWS_WITH_AS(next_item_targets<float>({{1, 16777217}}, 2), doctest::Contains("received 16777217"), DataError);
  CHECK_THROWS_AS(next_item_targets<long double>({{1, 2}}, 0), ConfigError);
}

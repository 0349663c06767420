// SPDX-License-Identifier: BSD-3-Clause
// sort_by, GroupBy, join, asof_join and concat, beside pandas (tests/goldens/tables.json).
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <foretell/core/random.hpp>
#include <foretell/data/concat.hpp>
#include <foretell/data/group_by.hpp>
#include <foretell/data/join.hpp>
#include <foretell/data/sort.hpp>
#include <foretell/preprocessing/cleaning.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using namespace foretell;
using nlohmann::ordered_json;

namespace {

const ordered_json& goldens() {
  static const ordered_json all = [] {
    std::ifstream file(FORETELL_GOLDENS "/tables.json");
    REQUIRE(file);
    return ordered_json::parse(file);
  }();
  return all;
}

Table table_of(const ordered_json& columns) {
  Table table;
  for (const auto& [name, cells] : columns.items()) {
    bool texts = false;
    for (const auto& cell : cells) texts |= cell.is_string();
    if (texts) {
      Dictionary dictionary;
      std::vector<std::int32_t> codes;
      for (const auto& cell : cells) codes.push_back(cell.is_null() ? -1 : dictionary.add(cell.get<std::string>()));
      table.add(name, Column::from_codes(codes, std::move(dictionary).values()));
    } else {
      std::vector<double> numbers;
      for (const auto& cell : cells) numbers.push_back(cell.is_null() ? std::nan("") : cell.get<double>());
      table.add(name, numbers);
    }
  }
  return table;
}

void check_same(const Table& got, const Table& expected) {
  REQUIRE(got.names() == expected.names());
  REQUIRE(got.rows() == expected.rows());
  for (const Column& column : expected) {
    const Column& mine = got.column(column.name());
    for (std::size_t row = 0; row < column.size(); ++row) {
      CAPTURE(column.name());
      CAPTURE(row);
      REQUIRE(mine.missing(row) == column.missing(row));
      if (column.missing(row)) continue;
      if (column.kind() == Kind::number)
        CHECK(mine.number(row) == doctest::Approx(column.number(row)).epsilon(1e-12));
      else
        CHECK(mine.text(row) == column.text(row));
    }
  }
}

const std::vector<std::pair<std::string, Aggregation>> everything{{"size", agg::size()},
                                                                  {"count", agg::count("price")},
                                                                  {"sum", agg::sum("price")},
                                                                  {"mean", agg::mean("price")},
                                                                  {"var", agg::var("price")},
                                                                  {"stddev", agg::stddev("price")},
                                                                  {"min", agg::min("price")},
                                                                  {"max", agg::max("price")},
                                                                  {"median", agg::median("price")},
                                                                  {"q", agg::quantile("price", 0.3)},
                                                                  {"first", agg::first("price")},
                                                                  {"last", agg::last("price")},
                                                                  {"nunique", agg::nunique("page")},
                                                                  {"mode", agg::mode("page")},
                                                                  {"last_page", agg::last("page")},
                                                                  {"min_page", agg::min("page")}};

}  // namespace

TEST_CASE("GroupBy: the aggregations of pandas") {
  const Table visits = table_of(goldens()["visits"]);
  check_same(GroupBy(visits, "user").aggregate(everything), table_of(goldens()["group user"]));
  check_same(GroupBy(visits, {"user", "shop"}).aggregate(everything), table_of(goldens()["group user shop"]));
  check_same(GroupBy(visits, {"user", "shop"}, {.sort = false, .keep_missing = true}).aggregate(everything),
             table_of(goldens()["group unsorted missing"]));
  check_same(Table{{"x", GroupBy(visits, "user").transform(agg::mean("price"))}},
             table_of({{"x", goldens()["transform mean"]}}));
}

TEST_CASE("GroupBy: sums of every group, by hand, over many keys") {
  Random random(3);
  std::vector<double> key, other, value;
  std::map<std::pair<double, double>, double> sums;
  for (std::size_t i = 0; i < 20000; ++i) {
    key.push_back(std::floor(random.uniform(3 * i) * 500) - 250);
    other.push_back(std::floor(random.uniform(3 * i + 1) * 7));
    value.push_back(random.uniform(3 * i + 2));
    sums[{key.back(), other.back()}] += value.back();
  }
  const Table table{{"key", key}, {"other", other}, {"value", value}};
  const Table got = GroupBy(table, {"key", "other"}).aggregate({{"sum", agg::sum("value")}});
  REQUIRE(got.rows() == sums.size());
  std::size_t row = 0;
  for (const auto& [keys, sum] : sums) {
    REQUIRE(got.column("key").number(row) == keys.first);
    REQUIRE(got.column("other").number(row) == keys.second);
    REQUIRE(got.column("sum").number(row++) == sum);
  }
}

TEST_CASE("GroupBy: booleans, no rows, no values, minus zero, wrong input") {
  const Table table{
      {"flag", {true, false, true}}, {"x", {1, 2, 3}}, {"zero", {0.0, -0.0, 0.0}}, {"page", {"a", "b", "a"}}};
  const Table groups =
      GroupBy(table, "flag").aggregate({{"share", agg::mean("flag")}, {"any", agg::max("flag")}, {"x", agg::sum("x")}});
  CHECK(groups.column("flag").code(0) == 0);
  CHECK(groups.column("share").number(1) == 1);
  CHECK(groups.column("any").kind() == Kind::boolean);
  CHECK(groups.column("x").number(1) == 4);
  CHECK(GroupBy(table, "zero").size() == 1);
  const Table none = GroupBy(table.head(0), "page")
                         .aggregate({{"n", agg::size()},
                                     {"m", agg::median("x")},
                                     {"f", agg::first("page")},
                                     {"d", agg::nunique("page")},
                                     {"v", agg::var("x")}});
  CHECK(none.rows() == 0);
  CHECK(none.names() == std::vector<std::string>{"page", "n", "m", "f", "d", "v"});
  const Table blank{{"key", {1, 1}}, {"x", Column{std::nan(""), std::nan("")}}};
  const Table of_blank = GroupBy(blank, "key")
                             .aggregate({{"sum", agg::sum("x")},
                                         {"mean", agg::mean("x")},
                                         {"min", agg::min("x")},
                                         {"mode", agg::mode("x")},
                                         {"q", agg::median("x")}});
  CHECK(of_blank.column("sum").number(0) == 0);
  for (const char* name : {"mean", "min", "mode", "q"}) CHECK(of_blank.column(name).missing(0));
  CHECK_THROWS_WITH_AS(GroupBy(table, "pag"), doctest::Contains("Did you mean \"page\"?"), DataError);
  CHECK_THROWS_AS(GroupBy(table, Names(std::vector<std::string>{})), ConfigError);
  CHECK_THROWS_WITH_AS(
      GroupBy(table, "flag").aggregate({{"m", agg::mean("page")}}),
      "GroupBy: column \"page\" holds text, of which there is no mean; use count, nunique, mode, min, max, "
      "first or last.",
      DataError);
  CHECK_THROWS_AS(GroupBy(table, "flag").aggregate({{"m", agg::quantile("x", 1.5)}}), ConfigError);
  CHECK_THROWS_AS(GroupBy(table, "flag").aggregate({{"flag", agg::size()}}), DataError);
}

TEST_CASE("join: as pandas.merge") {
  const Table visits = table_of(goldens()["visits"]), prices = table_of(goldens()["prices"]);
  check_same(join(visits, prices, "user"), table_of(goldens()["join inner"]));
  check_same(join(visits, prices, "user", {.how = How::left}), table_of(goldens()["join left"]));
  const Table known = visits.filter([&](std::size_t row) { return !visits.column("user").missing(row); });
  check_same(join(known, prices, {"user", "time"}), table_of(goldens()["join two inner"]));
  check_same(join(known, prices, {"user", "time"}, {.how = How::left}), table_of(goldens()["join two left"]));
}

TEST_CASE("join: outer, other names, repeated keys, wrong input") {
  const Table left{{"id", {1.0, 2.0, std::nan("")}}, {"a", {"x", "y", "z"}}},
      right{{"key", {3, 2, 2}}, {"b", {true, false, true}}};
  const Table all = join(left, right, "id", {.how = How::outer, .right_on = {"key"}});
  CHECK(all.names() == std::vector<std::string>{"id", "a", "b"});
  REQUIRE(all.rows() == 5);
  CHECK(all.column("id").number(4) == 3);
  CHECK(all.column("a").missing(4));
  CHECK(all.column("b").code(4) == 1);
  CHECK(all.column("b").missing(0));
  CHECK(all.column("id").missing(3));
  CHECK_THROWS_WITH_AS(join(left, right, "id", {.right_on = {"key"}, .unique_right = true}),
                       doctest::Contains("received rows 1 and 2 with the same"), DataError);
  CHECK_THROWS_WITH_AS(join(left, right, "id", {.right_on = {"b"}}), doctest::Contains("key columns of the same kind"),
                       DataError);
  CHECK_THROWS_AS(join(left, right, "id", {.right_on = {"key", "b"}}), ConfigError);
  CHECK_THROWS_AS(join(left, right, "id"), DataError);
  const Table same{{"id", {1}}, {"a", {"q"}}, {"a_x", {1}}};
  CHECK_THROWS_AS(join(left.rename("a", "a"), same, "id"), DataError);
  CHECK(join(left, right.head(0), "id", {.right_on = {"key"}}).rows() == 0);
}

TEST_CASE("join: columns of both tables get suffixes, also one that is a key on the left alone, as pandas") {
  const Table left{{"k", {1}}, {"x", {5}}}, right{{"q", {1}}, {"k", {7}}, {"x", {2}}};
  CHECK(join(left, right, "k", {.right_on = {"q"}}) == Table{{"k_x", {1}}, {"x_x", {5}}, {"k_y", {7}}, {"x_y", {2}}});
  CHECK(join(left, right, "k").names() == std::vector<std::string>{"k", "x_x", "q", "x_y"});
}

TEST_CASE("join, asof_join: as the slow rule on random tables with missing keys and ties") {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    const Random random(seed);
    std::uint64_t draw = 0;
    const auto key = [&] {
      return random.below(draw++, 5) == 0 ? std::nan("") : static_cast<double>(random.below(draw++, 4));
    };
    const auto table = [&](const char* name) {
      std::vector<double> by, time, row;
      for (std::size_t i = random.below(draw++, 12); i-- > 0;)
        by.push_back(key()), time.push_back(key()), row.push_back(static_cast<double>(row.size()));
      return Table{{"by", by}, {"time", time}, {name, row}};
    };
    const Table left = table("l"), right = table("r");
    const auto agree = [&](std::size_t a, std::size_t b, const char* name) {  // never when missing
      return left.column(name).number(a) == right.column(name).number(b);
    };
    for (const How how : {How::inner, How::left, How::outer}) {
      std::vector<std::pair<int, int>> expected, got;
      std::vector<bool> used(right.rows());
      for (std::size_t a = 0; a < left.rows(); ++a) {
        bool found = false;
        for (std::size_t b = 0; b < right.rows(); ++b)
          if (agree(a, b, "by") && agree(a, b, "time")) expected.emplace_back(a, b), found = used[b] = true;
        if (!found && how != How::inner) expected.emplace_back(a, -1);
      }
      for (std::size_t b = 0; b < right.rows(); ++b)
        if (how == How::outer && !used[b]) expected.emplace_back(-1, b);
      const Table joined = join(left, right, {"by", "time"}, {.how = how});
      const auto number = [&](const char* name, std::size_t row) {
        return joined.column(name).missing(row) ? -1 : static_cast<int>(joined.column(name).number(row));
      };
      for (std::size_t row = 0; row < joined.rows(); ++row) got.emplace_back(number("l", row), number("r", row));
      CHECK(got == expected);
    }
    for (const Direction direction : {Direction::backward, Direction::forward, Direction::nearest})
      for (const bool exact : {true, false})
        for (const double tolerance : {1.0, 9.0}) {
          const Table joined =
              asof_join(left, right, "time",
                        {.by = {"by"}, .direction = direction, .tolerance = tolerance, .allow_exact_matches = exact});
          for (std::size_t a = 0; a < left.rows(); ++a) {
            int best = -1;
            double least = tolerance;
            for (std::size_t b = 0; b < right.rows(); ++b) {
              const double after = right.column("time").number(b) - left.column("time").number(a);
              if (std::isnan(after) || !agree(a, b, "by") || (after == 0 && !exact) ||
                  (after > 0 && direction == Direction::backward) || (after < 0 && direction == Direction::forward) ||
                  std::abs(after) > least)
                continue;
              const bool later_one = after < 0 || (after == 0 && direction != Direction::forward);
              const double so_far = best < 0 ? 0
                                             : right.column("time").number(static_cast<std::size_t>(best)) -
                                                   left.column("time").number(a);
              if (best < 0 || std::abs(after) < least || (after == so_far && later_one) || (after < 0 && so_far > 0))
                best = static_cast<int>(b), least = std::abs(after);
            }
            CAPTURE(seed);
            CHECK(joined.column("r").missing(a) == (best < 0));
            if (best >= 0) CHECK(joined.column("r").number(a) == best);
          }
        }
  }
}

TEST_CASE("asof_join: as pandas.merge_asof") {
  const Table sorted = table_of(goldens()["sorted visits"]), prices = table_of(goldens()["prices"]);
  const Table known = sorted.filter([&](std::size_t row) { return !sorted.column("user").missing(row); });
  const std::map<std::string, Direction> directions{
      {"backward", Direction::backward}, {"forward", Direction::forward}, {"nearest", Direction::nearest}};
  for (const auto& entry : directions) {
    const std::string& name = entry.first;
    const Direction direction = entry.second;
    CAPTURE(name);
    for (const bool exact : {true, false})
      check_same(asof_join(known, prices, "time",
                           {.by = {"user"}, .direction = direction, .tolerance = 6, .allow_exact_matches = exact}),
                 table_of(goldens()["asof " + name + (exact ? " exact" : " strict")]));
    check_same(asof_join(sorted, prices, "time", {.direction = direction}),
               table_of(goldens()["asof " + name + " no by"]));
  }
}

TEST_CASE("asof_join: missing times, no rows, wrong input") {
  const Table left{{"t", {std::nan(""), 5.0}}}, right{{"t", {std::nan(""), 4.0}}, {"x", {1, 2}}};
  const Table joined = asof_join(left, right, "t");
  CHECK(joined.column("x").missing(0));
  CHECK(joined.column("x").number(1) == 2);
  CHECK(asof_join(left, right.head(0), "t").column("x").missing(1));
  CHECK(asof_join(left.head(0), right, "t").rows() == 0);
  CHECK_THROWS_AS(asof_join(left, right, "t", {.tolerance = -1}), ConfigError);
  CHECK_THROWS_AS(asof_join(left, right, "u"), DataError);
  CHECK_THROWS_AS(asof_join(Table{{"t", {"a"}}}, right, "t"), DataError);
}

TEST_CASE("sort_by: as pandas.sort_values, and by kinds") {
  const Table visits = table_of(goldens()["visits"]);
  check_same(sort_by(visits, {"user", "price"}, {.descending = {false, true}}), table_of(goldens()["sort"]));
  const Table table{{"x", {3.0, std::nan(""), -1.0, -0.0, 0.0}},
                    {"s", {"b", "a", "c", "a", "b"}},
                    {"f", {true, false, true, false, true}}};
  CHECK(sort_order(table, "x") == std::vector<std::size_t>{2, 3, 4, 0, 1});
  CHECK(sort_order(table, "x", {.descending = {true}}) == std::vector<std::size_t>{0, 3, 4, 2, 1});
  CHECK(sort_order(table, "x", {.missing_first = true}) == std::vector<std::size_t>{1, 2, 3, 4, 0});
  CHECK(sort_order(table, {"f", "s"}) == std::vector<std::size_t>{1, 3, 0, 4, 2});
  CHECK_THROWS_AS(sort_order(table, {"f", "s"}, {.descending = {true, false, true}}), ConfigError);
  CHECK_THROWS_AS(sort_by(table, "y"), DataError);
  CHECK(unique(table.column("x")).numbers() == std::vector<double>{-1, -0.0, 3});
  CHECK(unique(table.column("s")).size() == 3);
  CHECK(sort_by(table.head(0), "x").rows() == 0);
}

TEST_CASE("sort_by, GroupBy: as the slow rule on random columns of every kind with missing values") {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    const Random random(seed);
    std::uint64_t draw = 0;
    const std::size_t rows = random.below(draw++, 20);
    std::vector<double> number, value;
    std::vector<std::int32_t> word;
    std::vector<std::int8_t> flag;
    for (std::size_t i = 0; i < rows; ++i) {
      number.push_back(random.below(draw++, 4) == 0 ? std::nan("")
                                                    : static_cast<double>(random.below(draw++, 4)) - 1.5);
      word.push_back(static_cast<std::int32_t>(random.below(draw++, 4)) - 1);
      flag.push_back(static_cast<std::int8_t>(static_cast<int>(random.below(draw++, 3)) - 1));
      value.push_back(static_cast<double>(random.below(draw++, 9)));
    }
    const Table table{{"number", number},
                      {"word", Column::from_codes(word, {"b", "a", "ab"})},
                      {"flag", Column::from_booleans(flag)},
                      {"value", value}};
    // -1, 0, 1 as a comes before, with or after b; missing is last, or first, in either direction.
    const auto compare = [&](const char* name, std::size_t a, std::size_t b, bool descending, bool missing_first) {
      const Column& column = table.column(name);
      if (column.missing(a) || column.missing(b))
        return (static_cast<int>(column.missing(a)) - static_cast<int>(column.missing(b))) * (missing_first ? -1 : 1);
      const int order = column.kind() == Kind::category
                            ? column.text(a).compare(column.text(b))
                            : (column.number(a) > column.number(b)) - (column.number(a) < column.number(b));
      return descending ? -order : order;
    };
    for (const bool descending : {false, true})
      for (const bool first : {false, true}) {
        std::vector<std::size_t> expected(rows);
        for (std::size_t i = 0; i < rows; ++i) expected[i] = i;
        std::stable_sort(expected.begin(), expected.end(), [&](std::size_t a, std::size_t b) {
          if (const int order = compare("word", a, b, descending, first)) return order < 0;
          if (const int order = compare("flag", a, b, false, first)) return order < 0;
          return compare("number", a, b, descending, first) < 0;
        });
        CHECK(sort_order(table, {"word", "flag", "number"},
                         {.descending = {descending, false, descending}, .missing_first = first}) == expected);
      }
    for (const bool keep : {false, true}) {
      const GroupBy groups(table, {"word", "number"}, {.keep_missing = keep});
      const Column sum = groups.transform(agg::sum("value")), size = groups.transform(agg::size());
      for (std::size_t a = 0; a < rows; ++a) {
        double total = 0, count = 0;
        for (std::size_t b = 0; b < rows; ++b)
          if (compare("word", a, b, false, false) == 0 && compare("number", a, b, false, false) == 0)
            total += value[b], ++count;
        const bool none = !keep && (word[a] < 0 || std::isnan(number[a]));
        CHECK(sum.missing(a) == none);
        if (!none) CHECK(sum.number(a) == total);
        if (!none) CHECK(size.number(a) == count);
      }
      for (std::size_t g = 1; g < groups.size(); ++g) {
        const Table& keys = groups.keys();
        CHECK(sort_order(keys, {"word", "number"})[g] == g);
      }
    }
  }
}

TEST_CASE("value_counts: the most frequent first") {
  const Table visits = table_of(goldens()["visits"]);
  const Table counts = value_counts(visits.column("page"));
  double share = 0;
  for (std::size_t row = 0; row < counts.rows(); ++row) {
    CHECK(counts.column("count").number(row) ==
          goldens()["value counts"][std::string(counts.column("value").text(row))]);
    if (row) CHECK(counts.column("count").number(row) <= counts.column("count").number(row - 1));
    share += counts.column("share").number(row);
  }
  CHECK(counts.rows() == goldens()["value counts"].size());
  CHECK(share == doctest::Approx(1));
}

TEST_CASE("value_counts: equally frequent values ascend, missing ones are left out") {
  const Table counts = value_counts(Column{3.0, 1.0, 2.0, 2.0, 1.0, 3.0, std::nan(""), 0.5});
  CHECK(counts ==
        Table{{"value", {1, 2, 3, 0.5}}, {"count", {2, 2, 2, 1}}, {"share", {2 / 7.0, 2 / 7.0, 2 / 7.0, 1 / 7.0}}});
}

TEST_CASE("concat: rows one after the other, dictionaries made one") {
  const Table a{{"x", {1, 2}}, {"s", {"u", "v"}}}, b{{"s", {"w", "u"}}, {"x", {3, 4}}};
  CHECK(concat({a, b}) == Table{{"x", {1, 2, 3, 4}}, {"s", {"u", "v", "w", "u"}}});
  const Column blank(std::vector<double>(2, std::nan("")));
  const Column mixed = concat(std::vector<Column>{blank, Column{"u", "v"}});
  CHECK(mixed.kind() == Kind::category);
  CHECK(mixed.missing(1));
  CHECK(mixed.text(2) == "u");
  CHECK(concat(std::vector<Column>{blank, Column{true}}).kind() == Kind::boolean);
  CHECK(concat(std::vector<Table>{}).rows() == 0);
  CHECK_THROWS_WITH_AS(concat({a, a.drop("s")}), doctest::Contains("expected tables of the same columns"), DataError);
  CHECK_THROWS_WITH_AS(concat({a, a.with("x", {"p", "q"})}), doctest::Contains("of one kind"), DataError);
}

TEST_CASE("Table::derive: a column of a function of the row") {
  const Table table{{"x", {1, 2, 3}}};
  const Column& x = table.column("x");
  const Table more = table.derive("twice", [&](std::size_t row) { return 2 * x.number(row); })
                         .derive("large", [&](std::size_t row) { return x.number(row) > 1; })
                         .derive("word", [&](std::size_t row) { return x.number(row) > 2 ? "three" : "less"; })
                         .derive("row", [](std::size_t row) { return row; });
  CHECK(more == Table{{"x", {1, 2, 3}},
                      {"twice", {2, 4, 6}},
                      {"large", {false, true, true}},
                      {"word", {"less", "less", "three"}},
                      {"row", {0, 1, 2}}});
  CHECK(table.derive("x", [](std::size_t) { return 0.5f; }).column("x").number(2) == 0.5);
}

TEST_CASE("join: names do not depend on whether right rows are without a partner") {
  const Table left{{"user", {1, 2}}, {"v", {1, 2}}};
  for (const double other : {1.0, 3.0}) {
    const Table right{{"id", {2.0, other}}, {"user", {7, 8}}};
    CHECK(join(left, right, "user", {.how = How::outer, .right_on = {"id"}}).names() ==
          std::vector<std::string>{"user_x", "v", "user_y"});
  }
}

TEST_CASE("asof_join: infinite times are equal") {
  const double inf = std::numeric_limits<double>::infinity();
  const Table left{{"t", {-inf, inf}}}, right{{"t", {-inf, 0.0, inf}}, {"v", {1, 2, 3}}};
  for (const Direction direction : {Direction::backward, Direction::forward, Direction::nearest})
    CHECK(asof_join(left, right, "t", {.direction = direction}).column("v") == Column{1, 3}.named("v"));
}

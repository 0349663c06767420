// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <foretell/core/random.hpp>
#include <foretell/layers/dense.hpp>
#include <foretell/preprocessing/column_transformer.hpp>
#include <foretell/preprocessing/function_transformer.hpp>
#include <foretell/preprocessing/one_hot_encoder.hpp>
#include <foretell/preprocessing/pipeline.hpp>
#include <foretell/preprocessing/simple_imputer.hpp>
#include <foretell/preprocessing/standard_scaler.hpp>
#include <foretell/serving/bundle.hpp>
#include <string>
#include <vector>

using namespace foretell;

namespace {

/// A network behind preprocessing, without training.
Bundle<double> bundle_of(Transformer<double> preprocessing, const Table& table) {
  preprocessing.fit(table);
  Graph<double> graph;
  const auto x = graph.input("x", {preprocessing.output_schema().size()});
  graph.output("y", graph.add(Dense<double>(1, {.activation = foretell::tanh}), {x}));
  Network<double> network(graph);
  network.build({{preprocessing.output_schema().size()}}, 3);
  return Bundle<double>(BundleFile<double>{std::move(network), {{"x", preprocessing}}});
}

Table visits() {
  return {{"device", {"mobile", "desktop", "mobile", "tablet"}},
          {"pages", {3.0, 8.0, 1.0, 2.0}},
          {"age", {31.0, missing_cell, 45.0, 22.0}},
          {"member", Column::from_booleans({1, 0, -1, 1}, "No", "Yes")}};
}

Transformer<double> imputing() {
  return ColumnTransformer<double>{
      {"texts", OneHotEncoder<double>(), {"device"}},
      {"numbers",
       Pipeline<double>{{"imputer", SimpleImputer<double>()}, {"scaler", StandardScaler<double>()}},
       {"pages", "age", "member"}}};
}

/// Nothing puts a value in for a missing one.
Transformer<double> scaling() {
  return ColumnTransformer<double>{{"texts", OneHotEncoder<double>(), {"device"}},
                                   {"numbers", StandardScaler<double>(), {"pages", "age"}}};
}

}  // namespace

TEST_CASE("Row: a row of the same columns asks any model, whatever bundle it came from") {
  const auto one = bundle_of(imputing(), visits()), same = bundle_of(imputing(), visits());
  auto first = one.predictor(), second = same.predictor();
  Row row = first.row();
  row.assign(visits(), 1);
  const double answer = first(row)[0];
  CHECK(second(row)[0] == answer);
  CHECK(first.answer(Row(one.schema())).missing() == 4);
}

TEST_CASE("Row: a row of other columns is refused, and the error says what differs") {
  const auto bundle = bundle_of(imputing(), visits());
  auto predictor = bundle.predictor();
  const auto refused = [&](const Table& table, const char* what) {
    const auto other = bundle_of(imputing(), table);
    Row row = other.predictor().row();
    row.assign(table, 0);
    CHECK_THROWS_WITH_AS((void)predictor(row), doctest::Contains(what), DataError);
    CHECK_THROWS_AS((void)predictor.answer(row), DataError);
  };
  const Table table = visits();
  refused(table.with("device", Column{"desktop", "mobile", "mobile", "tablet"}),
          "which has other categories in \"device\", or in another order; make a new one");
  refused(table.head(3), "other categories in \"device\"");
  refused(table.with("age", Column{true, false, true, true}), "has \"age\" as a boolean, not a number");
  refused(table.select({"pages", "device", "age", "member"}), "has \"pages\" as column 0, not \"device\"");
  const auto smaller = bundle_of(StandardScaler<double>(), table.select("pages"));
  CHECK_THROWS_WITH_AS((void)predictor(smaller.predictor().row()),
                       "Predictor: expected a row of this model's columns, received one of another model, which has "
                       "\"pages\" as column 0, not \"device\"; make a new one with row().",
                       DataError);
}

TEST_CASE("Row: what is set after an answer begins a new request, asking again does not, change alters the same") {
  const auto bundle = bundle_of(imputing(), visits());
  auto predictor = bundle.predictor();
  const auto asked = [&](auto&& set) {
    Row fresh = predictor.row();
    set(fresh);
    return predictor(fresh)[0];
  };
  Row row = predictor.row();
  const double whole = asked([](Row& r) { r.set("device", "mobile"), r.set("pages", 9), r.set("age", 50); });
  row.set("device", "mobile");
  row.set("pages", 9);
  row.set("age", 50);
  CHECK(predictor(row)[0] == whole);
  CHECK(predictor(row)[0] == whole);
  CHECK(predictor.answer(row).value() == whole);

  row.change("pages", 2);
  CHECK(predictor(row)[0] == asked([](Row& r) { r.set("device", "mobile"), r.set("pages", 2), r.set("age", 50); }));
  row.change("age", missing_cell);
  row.change(row.index("device"), "tablet");
  CHECK(predictor(row)[0] == asked([](Row& r) { r.set("device", "tablet"), r.set("pages", 2); }));

  row.set("pages", 3);
  CHECK(predictor(row)[0] == asked([](Row& r) { r.set("pages", 3); }));
  row.set_missing("pages");
  CHECK(predictor(row)[0] == asked([](Row&) {}));
  row.assign(visits(), 0);
  row.set("age", 70);  // of the same request
  CHECK(predictor(row)[0] == asked([](Row& r) { r.assign(visits(), 0), r.set("age", 70); }));
  row.assign(visits(), 3);
  CHECK(predictor(row)[0] == asked([](Row& r) { r.assign(visits(), 3); }));
  row.clear();
  CHECK(predictor(row)[0] == asked([](Row&) {}));
  CHECK_THROWS_AS(row.set("no such column", 1.0), DataError);
  CHECK(predictor(row)[0] == asked([](Row&) {}));
}

TEST_CASE("Row: any sequence of calls answers as a request written down anew") {
  const auto bundle = bundle_of(imputing(), visits());
  auto predictor = bundle.predictor();
  Row row = predictor.row();
  std::vector<double> cells(4, missing_cell);  // the slow rule
  bool answered = false;
  const Random random = Random(5).stream("calls");
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const auto column = static_cast<std::size_t>(random.below(4 * i, 3)) + 1;
    const double value = static_cast<double>(random.below(4 * i + 1, 2));
    switch (random.below(4 * i + 2, 6)) {
      case 0:
      case 1:
        if (answered) cells.assign(4, missing_cell);
        answered = false;
        row.set(column, value);
        cells[column] = value;
        break;
      case 2:
        if (answered) cells.assign(4, missing_cell);
        answered = false;
        row.set_missing(column);
        cells[column] = missing_cell;
        break;
      case 3:
        row.change(column, value);
        cells[column] = value;
        break;
      case 4:
        if (i % 5 == 0) row.clear(), answered = false, cells.assign(4, missing_cell);
        break;
      default:
        const auto answer = predictor.answer(row);
        answered = true;
        const double wanted = bundle.predictor().cells(Block(cells.data(), 1, 4))[0];
        CHECK(answer.value() == wanted);
        CHECK(answer.missing() == static_cast<std::size_t>(std::count_if(
                                      cells.begin(), cells.end(), [](double cell) { return std::isnan(cell); })));
    }
  }
}

TEST_CASE("Row: a place that does not exist is an error, not foreign memory") {
  const auto bundle = bundle_of(imputing(), visits());
  Row row = bundle.predictor().row();
  CHECK_THROWS_WITH_AS(row.set(4, 1.0),
                       "Row: expected a column below 4, received 4; index(name) gives the place of a column.",
                       DataError);
  CHECK_THROWS_AS(row.set(static_cast<std::size_t>(-1), "x"), DataError);
  CHECK_THROWS_AS(row.set_missing(4), DataError);
  CHECK_THROWS_AS(row.change(1000000000, 1.0), DataError);
  CHECK_THROWS_AS(row.change(4, "x"), DataError);
  CHECK_THROWS_AS(row.assign(visits(), 4), DataError);
}

TEST_CASE("Answer: says how many cells were missing, unknown and unreadable; hits say of which columns") {
  auto bundle = bundle_of(imputing(), visits());
  auto predictor = bundle.predictor();
  Row row = predictor.row();
  const auto counts = [&] {
    const Answer answer = predictor.answer(row);
    CHECK(answer.value() == answer.values()[0]);
    return std::vector<std::size_t>{answer.missing(), answer.unknown(), answer.unreadable()};
  };
  using Counts = std::vector<std::size_t>;
  CHECK(counts() == Counts{4, 0, 0});
  row.set("device", "watch");
  row.set("pages", "12");
  row.set("age", "NA");
  row.set("member", "Yes");
  CHECK(counts() == Counts{1, 1, 0});
  row.set("device", "tablet");
  row.set("pages", "1,5");
  row.set("age", -3.5);
  row.set("member", "perhaps");
  CHECK(counts() == Counts{0, 0, 2});
  row.change("device", 12.0);
  row.change("member", 2.0);
  CHECK(counts() == Counts{0, 0, 3});
  row.assign(visits(), 0);
  CHECK(counts() == Counts{0, 0, 0});

  const std::vector<ColumnHits> hits = bundle.preprocessing().hits();
  REQUIRE(hits.size() == 4);
  const auto of = [&](std::size_t c) {
    return std::vector<std::uint64_t>{hits[c].missing, hits[c].unknown, hits[c].unreadable};
  };
  CHECK(of(0) == std::vector<std::uint64_t>{1, 1, 1});  // device
  CHECK(of(1) == std::vector<std::uint64_t>{1, 0, 2});  // pages
  CHECK(of(2) == std::vector<std::uint64_t>{2, 0, 0});  // age
  CHECK(of(3) == std::vector<std::uint64_t>{1, 0, 2});  // member
}

TEST_CASE("Answer: an unreadable value is counted behind a scaler, too") {
  auto bundle = bundle_of(Pipeline<double>{{"scaler", StandardScaler<double>()}, {"imputer", SimpleImputer<double>()}},
                          visits().select({"pages", "age"}));
  auto predictor = bundle.predictor();
  Row row = predictor.row();
  row.set("pages", "many");
  CHECK(predictor.answer(row).unreadable() == 1);
  CHECK(predictor.answer(row).missing() == 1);
  CHECK(bundle.preprocessing().hits()[0].unreadable == 2);
  CHECK(bundle.preprocessing().hits()[0].missing == 0);
  CHECK(bundle.preprocessing().hits()[1].missing == 2);
}

TEST_CASE("Bundle: columns of another kind are counted in a table, and refused where it is strict") {
  const auto bundle = bundle_of(imputing(), visits());
  const Table other{{"device", {1.0, 2.0, missing_cell}},
                    {"pages", {"3", "1,5", "x"}},
                    {"age", {31.0, 45.0, 45.0}},
                    {"member", Column::from_codes({0, 1, -1}, {"Yes", "perhaps"})}};
  const auto hits = bundle.hits(other);
  const auto check = [&](std::size_t c, const char* name, std::uint64_t missing, std::uint64_t unknown,
                         std::uint64_t unreadable) {
    CHECK(hits[c].name == name);
    CHECK(hits[c].missing == missing);
    CHECK(hits[c].unknown == unknown);
    CHECK(hits[c].unreadable == unreadable);
  };
  REQUIRE(hits.size() == 4);
  check(0, "device", 1, 0, 2);
  check(1, "pages", 0, 0, 2);
  check(2, "age", 0, 0, 0);
  check(3, "member", 1, 0, 1);
  CHECK(bundle.predict(other).size() == 3);
  CHECK(bundle.predict(visits(), {.strict = true}) == bundle.predict(visits()));
  CHECK_THROWS_WITH_AS((void)bundle.predict(other, {.strict = true}),
                       "Bundle::predict: expected a text in column \"device\" of row 0, received \"1\", which strict = "
                       "true refuses; mend it, or set it missing.",
                       DataError);
  const Table texts = other.with("device", Column{"mobile", "watch", "mobile"});
  CHECK_THROWS_WITH_AS((void)bundle.predict(texts, {.strict = true}),
                       doctest::Contains("expected a number in column \"pages\" of row 1, received \"1,5\""),
                       DataError);
  CHECK_THROWS_WITH_AS((void)bundle.predict(texts.with("pages", Column{1.0, 2.0, 3.0}), {.strict = true}),
                       doctest::Contains("expected a boolean in column \"member\" of row 1, received \"perhaps\""),
                       DataError);

  auto strict = bundle.predictor({.strict = true});
  Row row = strict.row();
  row.set("device", "watch");  // unknown is no mistake, and missing neither
  row.set("pages", "7");
  CHECK(strict(row).size() == 1);
  row.set("pages", "1,5");
  CHECK_THROWS_WITH_AS((void)strict.answer(row),
                       "Predictor: expected a number in column \"pages\", received a text that is none, which strict = "
                       "true refuses; mend it with change().",
                       DataError);
  row.set("pages", 7);  // the refused request is over
  CHECK(strict.answer(row).missing() == 3);
  row.set("device", 7);
  CHECK_THROWS_WITH_AS((void)strict(row), doctest::Contains("expected a text in column \"device\", received a number"),
                       DataError);
  auto lenient = bundle.predictor(3, Executor());
  CHECK(lenient(row).size() == 1);
}

TEST_CASE("A missing cell that nothing is put in for is an error that names the column") {
  const auto bundle = bundle_of(scaling(), visits());
  auto predictor = bundle.predictor();
  Row row = predictor.row();
  row.set("device", "mobile");
  row.set("pages", 3);
  CHECK_THROWS_WITH_AS((void)predictor(row),
                       "Predictor: expected a value in column \"age\", received a missing one, for which the model has "
                       "nothing to put in; give one with change(), or train with a SimpleImputer.",
                       DataError);
  row.change("age", "old");
  CHECK_THROWS_WITH_AS((void)predictor.answer(row),
                       doctest::Contains("in column \"age\", received a text that is no number"), DataError);
  row.change("age", 30);
  row.change("pages", HUGE_VAL);
  CHECK_THROWS_WITH_AS(
      (void)predictor(row),
      "Predictor: expected a number that the model can take in column \"pages\", received inf; mend it "
      "with change().",
      DataError);
  row.change("pages", 3);
  CHECK(std::isfinite(predictor(row)[0]));
  row.set("age", 30);
  row.set("pages", 3);  // a missing category is no missing number
  CHECK(predictor.answer(row).missing() == 1);

  CHECK_THROWS_WITH_AS((void)bundle.predict(visits()),
                       doctest::Contains("Bundle::predict: expected a value in column \"age\" of row 1, received"),
                       DataError);
  CHECK(bundle.predict(visits().take({0, 2, 3})).size() == 3);
  CHECK(bundle.preprocessing().hits()[0].missing == 1);  // the search for the column counted nothing
  std::vector<double> numbers(1000, 1.0);
  numbers[700] = missing_cell;
  const Table large{{"device", std::vector<std::string>(1000, "mobile")}, {"pages", numbers}, {"age", numbers}};
  CHECK_THROWS_WITH_AS((void)bundle.predict(large), doctest::Contains("column \"pages\" of row 700"), DataError);
  auto shared = bundle.predictor(1000, Executor(2));
  std::vector<double> cells(3000, 1.0);
  CHECK(shared.cells(Block(cells.data(), 1000, 3)).size() == 1000);
  cells[3 * 999 + 2] = missing_cell;
  CHECK_THROWS_WITH_AS((void)shared.cells(Block(cells.data(), 1000, 3)), doctest::Contains("\"age\" of row 999"),
                       DataError);
}

TEST_CASE("Predictor: features that are not finite for another reason are an error that names the feature") {
  const auto bundle =
      bundle_of(FunctionTransformer<double>({.function = CellFunction::log}), Table{{"spent", {1.0, 2.0}}});
  auto predictor = bundle.predictor();
  Row row = predictor.row();
  row.set("spent", -1);
  CHECK_THROWS_WITH_AS((void)predictor(row), doctest::Contains("for the feature \"spent\""), DataError);
  row.set("spent", 1);
  CHECK(std::isfinite(predictor(row)[0]));
}

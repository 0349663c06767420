// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <foretell/core/random.hpp>
#include <foretell/data/csv/options.hpp>
#include <foretell/preprocessing/frame.hpp>
#include <foretell/preprocessing/table_frame.hpp>
#include <string>
#include <vector>

using namespace foretell;

namespace {

std::vector<double> cells_of(const Frame& frame) {
  std::vector<double> cells(frame.rows() * frame.columns());
  frame.read(0, MutableBlock(cells.data(), frame.rows(), frame.columns()));
  return cells;
}

/// The cells of one column read through a field.
std::vector<double> read_as(const Field& field, const Column& column) {
  return cells_of(TableFrame(Table{{field.name, column}}, Schema({field}), "test"));
}

/// -9 for missing and -1 for any unknown category, so that values can be compared.
std::vector<double> marked(std::vector<double> cells) {
  for (double& cell : cells)
    if (std::isnan(cell))
      cell = -9;
    else if (is_unknown(cell))
      cell = -1;
  return cells;
}

const Field number{"x", Kind::number}, city{"x", Kind::category, {"Rome", "Oslo"}},
    flag{"x", Kind::boolean, {"No", "Yes"}};

}  // namespace

TEST_CASE("Field: a text becomes the code of its category, and one that is not listed is unknown") {
  CHECK(city.cell("Oslo") == 1);
  CHECK(city.cell("Paris") == unknown_cell("Paris"));
  CHECK(is_unknown(city.cell("Paris")));
  CHECK(city.cell("Paris") != city.cell("London"));
  CHECK(std::isnan(city.cell("")));
  CHECK(Field{"x", Kind::category, {"", "a"}}.cell("") == 0);
}

TEST_CASE("Field: a text in a number column is read as a number, and is NaN when it is none") {
  CHECK(number.cell("2.5") == 2.5);
  CHECK(number.cell(" -1e3 ") == -1000);
  CHECK(number.cell("true") == 1);
  CHECK(number.cell("False") == 0);
  for (const char* none : {"", "abc", "N", "y", "nan", "1,5", "0x10"}) CHECK(std::isnan(number.cell(none)));
}

TEST_CASE("Field: what is no number is unreadable, what stands for missing is missing") {
  for (const char* none : {"abc", "N", "y", "1,5", "1.234,5", "0x10", "12 pieces"}) {
    CHECK(is_unreadable_value(number.cell(none)));
    CHECK(is_unreadable_value(flag.cell(none)) == (none[0] != 'N' && none[0] != 'y'));
  }
  CHECK(is_unreadable_value(flag.cell(2.0)));
  for (const char* none : {"", "  ", "NA", "nan", " null ", "-", "?", "#N/A N/A", "-1.#QNAN"}) {
    CHECK(std::isnan(number.cell(none)));
    CHECK_FALSE(is_unreadable_value(number.cell(none)));
    CHECK_FALSE(is_unreadable_value(flag.cell(none)));
  }
  CHECK_FALSE(is_unreadable_value(missing_cell));
  CHECK_FALSE(is_unreadable_value(std::nan("")));
  CHECK_FALSE(is_unreadable_value(0));
  CHECK(is_unreadable_value((unreadable_cell - 3.0) * -0.5));  // through a scaler
  CHECK(is_unreadable_value(static_cast<double>(static_cast<float>(unreadable_cell))));
}

TEST_CASE("Field: what read_csv takes for missing in any column is a missing category, unless it is one") {
  for (const char* none : {"", " ", "NA", "None", "null", " NaN ", "?", "#N/A", "-1.#QNAN"}) {
    CHECK(std::isnan(city.cell(none)));
    CHECK_FALSE(is_unreadable_value(city.cell(none)));
  }
  for (const char* label : {"-", "--", ".", "Paris", "na"}) CHECK(city.cell(label) == unknown_cell(label));
  CHECK(Field{"x", Kind::category, {"NA", "SE"}}.cell("NA") == 0);
  // the markers are those of CsvOptions
  const CsvOptions options;
  for (const std::string& none : options.missing)
    for (const Kind kind : {Kind::number, Kind::category, Kind::boolean}) CHECK(detail::says_missing(none, kind));
  for (const std::string& none : options.missing_numbers) {
    CHECK(detail::says_missing(none, Kind::number));
    CHECK_FALSE(detail::says_missing(none, Kind::category));
  }
}

TEST_CASE("Field: a 0 or 1 finds one of two categories only where all are spelled booleans") {
  for (const Field& answer : {Field{"x", Kind::category, {"Yes", "No"}}, Field{"x", Kind::category, {"TRUE", "FALSE"}},
                              Field{"x", Kind::category, {"1", "0"}}}) {
    for (const char* yes : {"yes", "YES", "true", "1", "T"}) CHECK(answer.cell(yes) == 0);
    for (const char* no : {"no", "False", "0"}) CHECK(answer.cell(no) == 1);
    CHECK(answer.cell(1.0) == 0);
    CHECK(answer.cell(0.0) == 1);
    CHECK(is_unknown(answer.cell("perhaps")));
    CHECK(is_unknown(answer.cell(2.0)));
  }
  CHECK(Field{"x", Kind::category, {"no"}}.cell("false") == 0);
  CHECK(is_unknown(Field{"x", Kind::category, {"no"}}.cell("true")));
  for (const Field& other : {Field{"x", Kind::category, {"no", "se"}}, Field{"x", Kind::category, {"f", "m"}},
                             Field{"x", Kind::category, {"no", "maybe"}}, Field{"x", Kind::category, {"0", "5"}}}) {
    CHECK(is_unknown(other.cell("false")));
    CHECK(is_unknown(other.cell("N")));
  }
  CHECK(is_unknown(Field{"x", Kind::category, {"no", "se"}}.cell(0.0)));
}

TEST_CASE("Field: a number among categories that are no numbers is unknown, and of another kind") {
  CHECK(is_unknown(city.cell(12.0)));
  CHECK(is_unreadable_category(city.cell(12.0)));
  CHECK_FALSE(is_unreadable_category(city.cell("12")));
  CHECK_FALSE(is_unreadable_category(city.cell("Paris")));
  CHECK_FALSE(is_unreadable_category(Field{"x", Kind::category, {"12", "a"}}.cell(13.0)));
  CHECK_FALSE(is_unreadable_category(Field{"x", Kind::category, {"No", "Yes", "unclear"}}.cell(13.0)));
  CHECK(is_unreadable_category(Field{"x", Kind::category, {"f", "m"}}.cell(1.0)));
  CHECK_FALSE(is_unreadable_category(Field{"x", Kind::category}.cell(1.0)));
}

TEST_CASE("Field: a number finds its category by value") {
  const Field size{
      "x", Kind::category, {"XL", "1.0", "1e5", "2", "2.0", "+3", "007", "9007199254740995", " 4.50 ", "inf"}};
  CHECK(size.cell(1.0) == 1);
  CHECK(size.cell(1e5) == 2);
  CHECK(size.cell(2.0) == 3);  // as spelled, not the first of the value
  CHECK(size.cell(3.0) == 5);
  CHECK(size.cell(7.0) == unknown_cell("7"));                           // 007 is a code
  CHECK(is_unknown(size.cell(static_cast<double>(9007199254740995))));  // a code, too: which one, a double cannot say
  CHECK(size.cell(4.5) == 8);
  CHECK(size.cell(HUGE_VAL) == 9);
  CHECK(is_unknown(size.cell("1")));  // a text is that text
  CHECK(Field{"x", Kind::category, {"5.00", "5.0"}}.cell(5.0) == 0);
}

TEST_CASE("Field: every number finds the category that any spelling of it is") {
  Random random = Random(3).stream("numbers");
  for (std::uint64_t i = 0; i < 500; ++i) {
    const double value = std::round(random.uniform(2 * i) * std::pow(10.0, static_cast<double>(i % 12))) /
                         std::pow(10.0, static_cast<double>(i % 4));
    char digits[64];
    const int form = static_cast<int>(random.bits(2 * i + 1) % 4);
    std::snprintf(digits, sizeof digits,
                  form == 0   ? "%.17g"
                  : form == 1 ? "%.6f"
                  : form == 2 ? "%.17e"
                              : "+%.17g",
                  value);
    CHECK(Field{"x", Kind::category, {"other", digits}}.cell(value) == 1);
  }
}

TEST_CASE("Schema: what does not exist is an error, not foreign memory") {
  CHECK_THROWS_WITH_AS((void)Schema({city})[1], "Schema: column 1 of 1 does not exist.", DataError);
  CHECK_THROWS_AS((void)Schema()[0], DataError);
  CHECK_THROWS_AS((void)Schema({city}).cell(2, 1.0), DataError);
  CHECK_THROWS_WITH_AS((void)city.categories[2], "Categories: code 2 of 2 does not exist.", DataError);
  CHECK_THROWS_AS((void)Categories()[0], DataError);
  CHECK_THROWS_AS((void)TableFrame(Table{{"x", Column{1.0}}}, "test").column(1), DataError);
}

TEST_CASE("Schema: the fingerprint is that of names, kinds, categories and their order") {
  const Schema schema({city, number});
  CHECK(schema.fingerprint() == Schema({{"x", Kind::category, {"Rome", "Oslo"}}, {"x"}}).fingerprint());
  const Field other_name{"y", Kind::category, {"Rome", "Oslo"}}, turned{"x", Kind::category, {"Oslo", "Rome"}},
      more{"x", Kind::category, {"Rome", "Oslo", "Bari"}}, joined{"x", Kind::category, {"RomeOslo"}},
      boolean{"x", Kind::boolean, {"Rome", "Oslo"}};
  for (const Field& field : {other_name, turned, more, joined, boolean, number})
    CHECK(Schema({field, number}).fingerprint() != schema.fingerprint());
  CHECK(Schema({number, city}).fingerprint() != schema.fingerprint());
  CHECK(Schema({city}).fingerprint() != schema.fingerprint());
  CHECK(Schema().fingerprint() != schema.fingerprint());
}

TEST_CASE("Field: a boolean column takes its own spelling and the usual ones") {
  for (const char* yes : {"Yes", "true", "TRUE", "1", "y"}) CHECK(flag.cell(yes) == 1);
  for (const char* no : {"No", "false", "0", "n"}) CHECK(flag.cell(no) == 0);
  CHECK(std::isnan(flag.cell("maybe")));
  for (const char* yes : {"1.0", "+1", " 1 ", "1e0"}) CHECK(flag.cell(yes) == 1);
  for (const char* no : {"0.0", "-0", "00"}) CHECK(flag.cell(no) == 0);
  for (const char* other : {"2", "0.5", "inf", "-1", "1.0.0"}) CHECK(is_unreadable_value(flag.cell(other)));
  CHECK(flag.cell(1.0) == 1);
  CHECK(std::isnan(flag.cell(2.0)));
}

TEST_CASE("Field: a number in a category column is looked up in its shortest spelling") {
  const Field codes{"x", Kind::category, {"1", "2.5", "0"}};
  CHECK(codes.cell(1.0) == 0);
  CHECK(codes.cell(2.5) == 1);
  CHECK(codes.cell(-0.0) == 2);
  CHECK(codes.cell(7.0) == unknown_cell("7"));
  CHECK(std::isnan(codes.cell(missing_cell)));
  const Field spelled{"x", Kind::category, {"False", "True"}};
  CHECK(spelled.cell(1.0) == 1);
  CHECK(spelled.cell("false") == 0);
  CHECK(Field{"x", Kind::category, {"no", "yes", "unclear"}}.cell(0.0) == unknown_cell("0"));
}

TEST_CASE("TableFrame: a table with other dictionaries is translated to the codes of the schema") {
  CHECK(marked(read_as(city, Column::from_codes({0, 1, 2, -1, 1}, {"Paris", "Rome", "Oslo"}))) ==
        std::vector<double>{-1, 0, 1, -9, 0});
}

TEST_CASE("TableFrame: columns of another kind are bridged") {
  CHECK(marked(read_as(number, Column{"1", "2.5", "many"})) == std::vector<double>{1, 2.5, -9});
  CHECK(marked(read_as(number, Column::from_booleans({1, 0, -1}, "N", "J"))) == std::vector<double>{1, 0, -9});
  CHECK(marked(read_as(flag, Column{1.0, 0.0, 3.0, missing_cell})) == std::vector<double>{1, 0, -9, -9});
  CHECK(marked(read_as(flag, Column{"Yes", "No", "?"})) == std::vector<double>{1, 0, -9});
  CHECK(marked(read_as(flag, Column::from_booleans({0, 1, -1}, "Yes", "No"))) == std::vector<double>{0, 1, -9});
  CHECK(marked(read_as({"x", Kind::category, {"2", "10"}}, Column{10.0, 2.0, 3.0, missing_cell})) ==
        std::vector<double>{1, 0, -1, -9});
  CHECK(marked(read_as({"x", Kind::category, {"TRUE", "FALSE"}}, Column{true, false})) == std::vector<double>{0, 1});
}

TEST_CASE("TableFrame: columns are found by name in any order, and absent ones are named") {
  const Schema schema({{"a", Kind::number}, {"b", Kind::number}});
  CHECK(cells_of(TableFrame(Table{{"b", Column{3.0, 4.0}}, {"z", Column{9.0, 9.0}}, {"a", Column{1.0, 2.0}}}, schema,
                            "Scaler")) == std::vector<double>{1, 3, 2, 4});
  CHECK_THROWS_WITH_AS((TableFrame(Table{{"a", Column{1.0}}, {"B", Column{1.0}}}, schema, "Scaler")),
                       "Scaler: the table lacks the column \"b\". Did you mean \"B\"? It has \"a\", \"B\".", DataError);
}

TEST_CASE("Frame: blocks, columns and selected columns agree with the table") {
  std::vector<double> a(3000), b(3000), c(3000);
  for (std::size_t i = 0; i < 3000; ++i) a[i] = static_cast<double>(i), b[i] = 10000 + a[i], c[i] = -a[i];
  const TableFrame frame(Table{{"a", Column(a)}, {"b", Column(b)}, {"c", Column(c)}}, "test");
  std::vector<double> read;
  for_each_block(frame, [&](Block block) {
    for (std::size_t r = 0; r < block.rows; ++r) read.push_back(block(r, 1));
  });
  CHECK(read == b);
  CHECK(frame.column(2) == c);
  const SelectedFrame selected(frame, {2, 0});
  CHECK(selected.schema().names() == std::vector<std::string>{"c", "a"});
  CHECK(selected.column(1) == a);
  std::size_t seen = 0;
  for_each_column(selected, [&](std::size_t j, std::span<double> cells) {
    CHECK(std::equal(cells.begin(), cells.end(), (j == 0 ? c : a).begin(),
                     a.end() - a.begin() + (j == 0 ? c : a).begin()));
    ++seen;
  });
  CHECK(seen == 2);
  std::vector<double> block(2 * 5, -1);
  selected.read(7, MutableBlock(block.data(), 2, 2, 5));
  CHECK(block == std::vector<double>{-7, 7, -1, -1, -1, -8, 8, -1, -1, -1});
}

TEST_CASE("ArrayFrame: one axis is one column, and more than two are an error") {
  const std::vector<float> three{1, 2, 3};
  CHECK(ArrayFrame(as_array<float>(three), "Scaler").columns() == 1);
  const std::vector<double> six{1, 2, 3, 4, 5, 6};
  CHECK(ArrayFrame(Array<double>(six.data(), {2, 3}), "Scaler").schema().names() ==
        std::vector<std::string>{"x0", "x1", "x2"});
  CHECK_THROWS_WITH_AS(ArrayFrame(Array<double>(six.data(), {1, 2, 3}), "Scaler"),
                       "Scaler: expected an array of shape (rows, columns), received 3 axes.", ShapeError);
  CHECK_THROWS_WITH_AS(
      ArrayFrame(Array<double>(six.data(), {2, 3}), Schema(std::vector<std::string>{"a", "b"}), "Scaler"),
      "Scaler: expected 2 columns, as fitted (\"a\", \"b\"), received 3.", ShapeError);
}

TEST_CASE("Scratch: memory stays where it is until its mark ends, and is used again after") {
  Scratch scratch;
  const double* first = nullptr;
  for (int round = 0; round < 3; ++round) {
    const Scratch::Mark mark(scratch);
    double* a = scratch.take(10);
    *a = 5;
    {
      const Scratch::Mark inner(scratch);
      double* large = scratch.take(100000);
      large[99999] = 1;
      CHECK(scratch.take(1) != large);
    }
    CHECK(*a == 5);
    CHECK((round == 0 || a == first));
    first = a;
  }
}

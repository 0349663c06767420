// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <foretell/core/random.hpp>
#include <foretell/preprocessing/one_hot_encoder.hpp>
#include <foretell/preprocessing/ordinal_encoder.hpp>
#include <foretell/xt/tensor.hpp>
#include <string>
#include <vector>

using namespace foretell;

namespace {

using Lists = std::vector<std::vector<double>>;
using Texts = std::vector<std::string>;

const double nan_ = std::nan("");

Lists rows_of(const Tensor<double>& x) {
  Lists rows;
  for (std::size_t r = 0; r < x.shape()[0]; ++r)
    rows.emplace_back(x.data() + r * x.shape()[1], x.data() + (r + 1) * x.shape()[1]);
  return rows;
}

Table city(std::vector<std::int32_t> codes, Texts texts) {
  return Table{{"city", Column::from_codes(std::move(codes), std::move(texts))}};
}

/// Twelve rows: a 1, b 5, c 4, d 2.
Table letters() { return Table{{"l", Column(Texts{"c", "b", "b", "d", "c", "b", "a", "c", "b", "d", "c", "b"})}}; }

}  // namespace

TEST_CASE("OneHotEncoder: categories are sorted, texts by bytes and numbers by value") {
  const Table table{{"t", Column{"b", "a", "B", "a"}},
                    {"n", Column{10.0, 9.0, -1.5, 9.0}},
                    {"f", Column::from_booleans({1, 0, 1, 1}, "No", "Yes")}};
  OneHotEncoder<double> encoder;
  const Lists y = rows_of(encoder.fit_transform(table));
  CHECK(encoder.get_feature_names_out() == Texts{"t_B", "t_a", "t_b", "n_-1.5", "n_9", "n_10", "f_No", "f_Yes"});
  CHECK(encoder.categories() == std::vector<Texts>{{"B", "a", "b"}, {"-1.5", "9", "10"}, {"No", "Yes"}});
  CHECK(y[0] == std::vector<double>{0, 0, 1, 0, 0, 1, 0, 1});
  CHECK(y[2] == std::vector<double>{1, 0, 0, 1, 0, 0, 0, 1});
}

TEST_CASE("OneHotEncoder: names come up once, whatever columns and categories are called") {
  const Table table{{"a_b", Column{"c", "d", "nan"}},
                    {"a", Column{"b_c", "x", "b_c_2"}},
                    {"m", Column::from_codes({0, 1, -1}, {"nan", "x"})}};
  OneHotEncoder<double> encoder;
  CHECK(encoder.fit_transform(table).size() == 27);
  CHECK(encoder.get_feature_names_out() ==
        Texts{"a_b_c", "a_b_d", "a_b_nan", "a_b_c_3", "a_b_c_2", "a_x", "m_nan", "m_x", "m_nan_2"});
  CHECK(encoder.transform_table(table).columns() == 9);  // a table has no two columns of one name
  const Random random(4);
  for (std::uint64_t trial = 0; trial < 200; ++trial) {
    const Random r = random.stream(trial);
    std::uint64_t draw = 0;
    const auto word = [&] {
      std::string letters;
      for (std::size_t i = r.below(draw++, 4) + 1; i-- > 0;) letters += "a_2"[r.below(draw++, 3)];
      return letters;
    };
    Table odd;
    while (odd.columns() < 4) {
      const std::string name = word();
      if (!odd.contains(name)) odd.add(name, Column(Texts{word(), word(), word()}));
    }
    Texts names =
        OneHotEncoder<double>({.min_frequency = r.below(draw++, 2) ? 2.0 : 0.0}).fit(odd).get_feature_names_out();
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  }
}

TEST_CASE("OneHotEncoder: a share of rows is whole rows where it is meant to be") {
  Texts letters(100, "b");
  std::fill_n(letters.begin(), 7, "a");
  OneHotEncoder<double> share({.min_frequency = 0.07});
  CHECK(share.fit(Table{{"l", Column(letters)}}).get_feature_names_out() == Texts{"l_a", "l_b"});
  OneHotEncoder<double> more({.min_frequency = 0.071});
  CHECK(more.fit(Table{{"l", Column(letters)}}).get_feature_names_out() == Texts{"l_b", "l_infrequent_sklearn"});
  std::vector<std::int32_t> codes(100, 0);
  std::fill_n(codes.begin(), 7, -1);
  const Table gaps{{"l", Column::from_codes(codes, {"b"})}};
  CHECK(OneHotEncoder<double>({.missing_min_frequency = 0.07}).fit(gaps).get_feature_names_out() ==
        Texts{"l_b", "l_nan"});
  CHECK(OneHotEncoder<double>({.missing_min_frequency = 0.071}).fit(gaps).get_feature_names_out() == Texts{"l_b"});
}

TEST_CASE("OneHotEncoder: missing is a category when fit saw it, otherwise all zeros") {
  OneHotEncoder<double> with, without;
  with.fit(city({0, -1, 1}, {"Rome", "Oslo"}));
  without.fit(city({0, 1}, {"Rome", "Oslo"}));
  CHECK(with.get_feature_names_out() == Texts{"city_Oslo", "city_Rome", "city_nan"});
  const Table later = city({-1, 0, 1}, {"Rome", "Paris"});
  CHECK(rows_of(with.transform(later)) == Lists{{0, 0, 1}, {0, 1, 0}, {0, 0, 0}});
  CHECK(rows_of(without.transform(later)) == Lists{{0, 0}, {0, 1}, {0, 0}});
  CHECK(without.hits()[0].name == "city");
  CHECK(without.hits()[0].missing == 1);
  CHECK(without.hits()[0].unknown == 1);
  OneHotEncoder<double> markers;  // texts that readers take for missing are missing here, too
  markers.fit(city({0, 1}, {"Rome", "Oslo"}));
  CHECK(rows_of(markers.transform(city({0, 1, 2}, {"NA", "None", "Paris"}))) == Lists(3, {0, 0}));
  CHECK(markers.hits()[0].missing == 2);
  CHECK(markers.hits()[0].unknown == 1);
  const OneHotEncoder<double> copy = without;
  (void)copy.transform(later);
  CHECK(copy.hits()[0].unknown == 2);
  CHECK(without.hits()[0].unknown == 1);
}

TEST_CASE("OneHotEncoder: what fit rarely or never saw missing stands for all categories when it is") {
  std::vector<std::int32_t> codes;  // 6 x a, 3 x b, 1 x c, and 2 missing
  for (const auto& [code, count] : {std::pair(0, 6), std::pair(1, 3), std::pair(2, 1), std::pair(-1, 2)})
    codes.insert(codes.end(), static_cast<std::size_t>(count), code);
  const Table table{{"k", Column::from_codes(codes, {"a", "b", "c"})}};
  const Table missing{{"k", Column::from_codes({-1, 1}, {"a", "b", "c"})}};
  const auto rows = [&](OneHotEncoderOptions options) {
    OneHotEncoder<double> encoder(options);
    const Tensor<double> y = encoder.fit(table).transform(missing);
    CHECK(encoder.hits()[0].missing == 1);
    CHECK(encoder.hits()[0].unknown == 0);
    CHECK(y(1, 1) == 1);
    return std::vector<double>(y.data(), y.data() + y.size() / 2);
  };
  using Row = std::vector<double>;
  CHECK(rows({}) == Row{0, 0, 0, 1});                            // as scikit-learn
  CHECK(rows({.missing_min_frequency = 2}) == Row{0, 0, 0, 1});  // often enough
  CHECK(rows({.missing_min_frequency = 0.16}) == Row{0, 0, 0, 1});
  CHECK(rows({.missing_min_frequency = 3}) == Row{0.6, 0.3, 0.1});
  CHECK(rows({.missing_min_frequency = 0.17}) == Row{0.6, 0.3, 0.1});
  CHECK(rows({.handle_unknown = Unknown::error, .missing_min_frequency = 3}) == Row{0.6, 0.3, 0.1});
  const Row grouped = rows({.handle_unknown = Unknown::infrequent, .min_frequency = 2, .missing_min_frequency = 3});
  CHECK(grouped == Row{0.6, 0.3, 0.1});

  OneHotEncoder<double> dropping({.drop = Drop::first, .missing_min_frequency = 3});
  const Tensor<double> y = dropping.fit(table).transform(missing);
  CHECK(y.size() == 4);
  CHECK(y(0, 0) == 0.3);
  CHECK(y(0, 1) == 0.1);
  CHECK(dropping.transform_sparse(missing).values(0).size() == 2);
  CHECK(dropping.inverse_transform(y).column("k").missing(0));
  CHECK(dropping.inverse_transform(y).column("k").text(1) == "b");
  const Table whole{{"k", Column::from_codes({0, 0, 0}, {"a"})}};
  CHECK(OneHotEncoder<double>({.missing_min_frequency = 0.5}).fit(whole).transform(missing)(0, 0) == 1);
  CHECK_THROWS_AS(OneHotEncoder<double>({.missing_min_frequency = -1}).fit(table), ConfigError);
}

TEST_CASE("OneHotEncoder: an unknown category can be an error that names the column") {
  OneHotEncoder<double> encoder({.handle_unknown = Unknown::error});
  encoder.fit(city({0, 1}, {"Rome", "Oslo"}));
  CHECK_NOTHROW(encoder.transform(city({1}, {"x", "Oslo"})));
  CHECK_THROWS_WITH_AS(encoder.transform(city({0}, {"Paris"})),
                       "OneHotEncoder: column \"city\" holds a category, not seen in fit (\"Oslo\", \"Rome\"); "
                       "handle_unknown = Unknown::ignore accepts it.",
                       DataError);
  CHECK_THROWS_AS(encoder.transform(city({-1}, {})), DataError);
}

TEST_CASE("OneHotEncoder: unknown numbers are zeros, near and far, whole and not") {
  OneHotEncoder<double> dense, sparse, broken;
  dense.fit(std::vector<double>{3, 5, 4});
  sparse.fit(std::vector<double>{-1e12, 5, 1e300});
  broken.fit(std::vector<double>{0.5, 1, 2.25});
  const std::vector<double> later{5, 2, 6, 4.5, -1e12, 1e300, 1e301, HUGE_VAL, -HUGE_VAL, 0.5, nan_};
  CHECK(rows_of(dense.transform(later)) == Lists{{0, 0, 1},
                                                 {0, 0, 0},
                                                 {0, 0, 0},
                                                 {0, 0, 0},
                                                 {0, 0, 0},
                                                 {0, 0, 0},
                                                 {0, 0, 0},
                                                 {0, 0, 0},
                                                 {0, 0, 0},
                                                 {0, 0, 0},
                                                 {0, 0, 0}});
  CHECK(rows_of(sparse.transform(later)) == Lists{{0, 1, 0},
                                                  {0, 0, 0},
                                                  {0, 0, 0},
                                                  {0, 0, 0},
                                                  {1, 0, 0},
                                                  {0, 0, 1},
                                                  {0, 0, 0},
                                                  {0, 0, 0},
                                                  {0, 0, 0},
                                                  {0, 0, 0},
                                                  {0, 0, 0}});
  CHECK(rows_of(broken.transform(std::vector<double>{0.5, 1, 2.25, 2, 0, 0.75})) ==
        Lists{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, 0}, {0, 0, 0}, {0, 0, 0}});
  CHECK(dense.hits()[0].unknown == 9);
  CHECK(dense.hits()[0].missing == 1);
}

TEST_CASE("OneHotEncoder: the first category, or the first of two, can be dropped") {
  const Table table{{"two", Column{"y", "x"}}, {"three", Column{1.0, 2.0}}, {"one", Column{"q", "q"}}};
  const Table more = table.with("three", Column{1.0, 2.0});
  OneHotEncoder<double> first({.drop = Drop::first}), binary({.drop = Drop::if_binary});
  CHECK(rows_of(first.fit_transform(more)) == Lists{{1, 0}, {0, 1}});
  CHECK(first.get_feature_names_out() == Texts{"two_y", "three_2"});
  CHECK(rows_of(binary.fit_transform(more)) == Lists{{1, 0, 1}, {0, 1, 1}});
}

TEST_CASE("OneHotEncoder: rare categories share the last column") {
  OneHotEncoder<double> counted({.handle_unknown = Unknown::infrequent, .min_frequency = 4}),
      share({.min_frequency = 0.2}), most({.max_categories = 2});
  counted.fit(letters());
  CHECK(counted.get_feature_names_out() == Texts{"l_b", "l_c", "l_infrequent_sklearn"});
  CHECK(rows_of(counted.transform(Table{{"l", Column{"a", "b", "d", "z"}}})) ==
        Lists{{0, 0, 1}, {1, 0, 0}, {0, 0, 1}, {0, 0, 1}});
  share.fit(letters());
  CHECK(share.get_feature_names_out() == Texts{"l_b", "l_c", "l_infrequent_sklearn"});
  CHECK(rows_of(share.transform(Table{{"l", Column{"z"}}})) == Lists{{0, 0, 0}});
  most.fit(letters());
  CHECK(most.get_feature_names_out() == Texts{"l_b", "l_infrequent_sklearn"});
  CHECK_THROWS_WITH_AS(OneHotEncoder<double>({.min_frequency = -1}).fit(letters()),
                       "OneHotEncoder: expected min_frequency >= 0, received -1.", ConfigError);
}

TEST_CASE("OneHotEncoder: inverse_transform gives the categories back as a table") {
  const Table table{{"t", Column::from_codes({0, 1, -1}, {"b", "a"})},
                    {"n", Column{10.0, 9.0, 9.0}},
                    {"f", Column::from_booleans({1, 0, 1}, "No", "Yes")}};
  OneHotEncoder<float> encoder;
  const Tensor<float> y = encoder.fit_transform(table);
  CHECK(encoder.inverse_transform(y) == table);
  const Table zeros_back = encoder.inverse_transform(zeros<float>({1, y.shape()[1]}));
  CHECK(zeros_back.column("t").missing(0));
  CHECK(zeros_back.column("n").missing(0));
  OneHotEncoder<float> dropping({.drop = Drop::first});
  CHECK(dropping.inverse_transform(dropping.fit_transform(table)) == table);
}

TEST_CASE("OrdinalEncoder: unknown and missing have their own numbers by default") {
  OrdinalEncoder<double> encoder;
  encoder.fit(city({0, 1, -1}, {"Rome", "Oslo"}));
  CHECK(encoder.categories() == std::vector<Texts>{{"Oslo", "Rome"}});
  CHECK(encoder.cardinalities() == std::vector<std::size_t>{4});
  CHECK(rows_of(encoder.transform(city({0, 1, -1, 2}, {"Rome", "Oslo", "Paris"}))) == Lists{{1}, {0}, {2}, {3}});
  CHECK(encoder.hits()[0].unknown == 1);
  CHECK(encoder.hits()[0].missing == 1);
}

TEST_CASE("OrdinalEncoder: the numbers of unknown and missing can be given") {
  OrdinalEncoder<double> encoder({.unknown_value = -1, .missing_value = nan_});
  encoder.fit(city({0, 1}, {"Rome", "Oslo"}));
  CHECK(encoder.cardinalities() == std::vector<std::size_t>{2});
  const Tensor<double> y = encoder.transform(city({-1, 0, 1}, {"Paris", "Rome"}));
  CHECK(std::isnan(y(0, 0)));
  CHECK(y(1, 0) == -1);
  CHECK(y(2, 0) == 1);
  OrdinalEncoder<double> clash({.unknown_value = 1});
  CHECK_THROWS_AS(clash.fit(city({0, 1}, {"Rome", "Oslo"})), ConfigError);
  OrdinalEncoder<double> missing_clash({.missing_value = 1});
  CHECK_THROWS_AS(missing_clash.fit(city({0, 1}, {"Rome", "Oslo"})), ConfigError);
  OrdinalEncoder<double> strict({.handle_unknown = Unknown::error});
  strict.fit(city({0, -1}, {"Rome"}));
  CHECK_NOTHROW(strict.transform(city({-1}, {})));
  CHECK_THROWS_AS(strict.transform(city({0}, {"Paris"})), DataError);
}

TEST_CASE("OrdinalEncoder: rare categories share a number, and inverse_transform goes back") {
  OrdinalEncoder<double> rare({.handle_unknown = Unknown::infrequent, .min_frequency = 4});
  rare.fit(letters());
  CHECK(rows_of(rare.transform(Table{{"l", Column{"a", "b", "c", "d", "z"}}})) == Lists{{2}, {0}, {1}, {2}, {2}});
  OrdinalEncoder<double> encoder;
  const Table table{{"t", Column::from_codes({0, 1, -1}, {"b", "a"})}, {"n", Column{10.0, nan_, -2.5}}};
  CHECK(encoder.inverse_transform(encoder.fit_transform(table)) == table);
}

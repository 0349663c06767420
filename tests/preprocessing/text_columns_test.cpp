// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <foretell/data/csv.hpp>
#include <foretell/io/json.hpp>
#include <foretell/io/registry.hpp>
#include <foretell/preprocessing/column_transformer.hpp>
#include <foretell/preprocessing/one_hot_encoder.hpp>
#include <foretell/preprocessing/pipeline.hpp>
#include <foretell/preprocessing/standard_scaler.hpp>
#include <foretell/preprocessing/text/text_vectorization.hpp>
#include <foretell/preprocessing/text/vectorizer.hpp>
#include <foretell/serving/answer.hpp>
#include <foretell/serving/check_cells.hpp>
#include <foretell/testing/check_transformer.hpp>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "preprocessing/golden_check.hpp"
#include "support/golden.hpp"

using namespace foretell;

long allocations_so_far();

namespace {

using Texts = std::vector<std::string>;
constexpr std::int64_t no_id = std::numeric_limits<std::int64_t>::min();

const testing::CheckTransformerOptions counting{.allocations = &allocations_so_far};

/// 40 rows of words, some missing, and of numbers.
Table reviews(std::size_t rows = 40) {
  const Texts words{"good", "soup", "cold", "bread", "never", "again", "staff", "café"};
  std::vector<std::int32_t> codes;
  Texts texts;
  std::vector<double> prices;
  for (std::size_t r = 0; r < rows; ++r) {
    std::string one = words[r % words.size()];
    for (std::size_t w = 0; w < r % 5; ++w) one += ' ' + words[(r * 3 + w * w) % words.size()];
    texts.push_back(one);
    codes.push_back(r % 7 == 6 ? -1 : static_cast<std::int32_t>(r));
    prices.push_back(static_cast<double>(r * r % 11));
  }
  return Table{{"review", Column::from_codes(codes, texts)}, {"price", prices}};
}

TokenizerOptions as_scikit_learn() { return {.word_rule = WordRule::scikit_learn}; }

ColumnTransformer<double> branches_of(const golden::Case& c) {
  CountVectorizerOptions words{.tokenizer = as_scikit_learn()};
  TfidfOptions weights;
  if (c.name() == "pairs of words, sublinear") words.tokenizer.ngram_range = {1, 2}, weights.sublinear_tf = true;
  if (c.name() == "the commonest words") words.min_df = 2, weights.norm = TextNorm::l1;
  if (c.name() == "hashes")
    return {{"words", HashingVectorizer<double>({.tokenizer = as_scikit_learn(), .n_features = 32}), {"review"}},
            {"scale", StandardScaler<double>(), {"price"}}};
  return {{"words", TfidfVectorizer<double>(words, weights), {"review"}},
          {c.name() == "pairs of words, sublinear" ? "numbers" : "scale", StandardScaler<double>(), {"price", "stars"}},
          {"title", CountVectorizer<double>({.tokenizer = as_scikit_learn()}), {"title"}}};
}

/// What is read back of what was written, with the types of the registry of texts.
Transformer<double> stored(const Transformer<double>& t) {
  Transformer<double> fresh;
  const auto registry = Registry<double>::texts();
  Transformer<double> copy = t;
  const Json json =
      parse_json(write_json([&](FieldVisitor& visitor) { visit_field(visitor, "transformer", copy); }).dump(), "test");
  read_json(
      json, "$", [&](FieldVisitor& visitor) { visit_field(visitor, "transformer", fresh); }, &registry);
  return fresh;
}

std::vector<double> numbers_of(const Tensor<double>& x) { return {x.begin(), x.end()}; }

}  // namespace

TEST_CASE("ColumnTransformer of texts and numbers: the columns and numbers of scikit-learn, dense and sparse") {
  const golden::File file("text_columns");
  for (const golden::Case& c : file.group("ColumnTransformer")) {
    CAPTURE(c.name());
    const Table x = golden::table(c, "x"), x_new = golden::table(c, "x_new");
    Transformer<double> t = branches_of(c);
    const auto y = t.fit_transform(x);
    CHECK(golden::close(golden::plain(y), c.tensor("y"), 1e-12, 1e-14));
    CHECK(golden::close(golden::plain(t.transform(x_new)), c.tensor("y_new"), 1e-12, 1e-14));
    if (c.name() != "hashes") {
      Texts names;
      for (const auto& name : c.strings("feature_names")) names.push_back(*name);
      CHECK(t.get_feature_names_out() == names);
    }
    const SparseMatrix<double> sparse = t.transform_sparse(x);
    const std::span<const double> values = sparse.all_values();  // hashes that cancel are kept as 0
    CHECK(static_cast<double>(std::count_if(values.begin(), values.end(), [](double v) { return v != 0; })) ==
          c.scalar("nonzeros"));
    CHECK(sparse.to_dense() == numbers_of(y));
    CHECK(t.transform_sparse(x_new).to_dense() == numbers_of(t.transform(x_new)));
    const Transformer<double> again = stored(t);
    CHECK(again.transform_sparse(x_new) == t.transform_sparse(x_new));
    CHECK(again.get_feature_names_out() == t.get_feature_names_out());
    CHECK(again.input_schema()[0].kind == Kind::text);
    CHECK(again.input_schema()[0].categories.size() == 0);
  }
}

TEST_CASE("Transformers of texts keep the contract, alone, in branches and pipelines") {
  for (const std::size_t rows : {2u, 41u}) {
    const Table table = reviews(rows), alone = table.select({"review"});
    for (const auto& t : std::vector<Transformer<double>>{
             CountVectorizer<double>(), CountVectorizer<double>({.binary = true}), TfidfVectorizer<double>(),
             TfidfVectorizer<double>({.tokenizer = {.analyzer = Analyzer::character_wb, .ngram_range = {2, 3}}}),
             TfidfVectorizer<double>({.tokenizer = {.analyzer = Analyzer::character, .ngram_range = {1, 2}}}),
             HashingVectorizer<double>({.n_features = 16}), TextVectorization<double>({.output_sequence_length = 3}),
             TextVectorization<double>({.output_sequence_length = 6, .padding = Side::pre}),
             make_pipeline<double>(HashingVectorizer<double>({.n_features = 5}), StandardScaler<double>()),
             make_pipeline<double>(TfidfVectorizer<double>(), StandardScaler<double>())})
      CHECK_NOTHROW(testing::check_transformer(t, alone, counting));
    const ColumnTransformer<double> both{{"words", TfidfVectorizer<double>(), {"review"}},
                                         {"hashes", HashingVectorizer<double>({.n_features = 7}), {"review"}},
                                         {"scale", StandardScaler<double>(), {"price"}}};
    CHECK_NOTHROW(testing::check_transformer(Transformer<double>(both), table, counting));
    CHECK_NOTHROW(testing::check_transformer(make_pipeline<double>(both, StandardScaler<double>()), table, counting));
    CHECK_NOTHROW(
        testing::check_transformer(ColumnTransformer<double>({{"words", CountVectorizer<double>(), {"review"}}},
                                                             {.remainder = Remainder::passthrough}),
                                   table, counting));
  }
}

TEST_CASE("Sparse rows: those of all transformers, the same as the dense ones, without allocations") {
  const Table table = reviews();
  const ColumnTransformer<double> both(
      {{"words", TfidfVectorizer<double>(), {"review"}}, {"scale", StandardScaler<double>(), {"price"}}},
      {.remainder = Remainder::passthrough});
  for (auto& t : std::vector<Transformer<double>>{both, make_pipeline<double>(both, StandardScaler<double>()),
                                                  make_pipeline<double>(Pipeline<double>{{"both", both}})}) {
    t.fit(table);
    const auto dense = t.transform(table);
    CHECK(t.transform_sparse(table).to_dense() == numbers_of(dense));
    const TableFrame frame(table, t.input_schema(), "test");
    std::vector<double> cells(table.rows() * 2);
    frame.read(0, MutableBlock(cells.data(), table.rows(), 2));
    Scratch scratch;
    std::vector<double> row(t.output_schema().size());
    const auto serve = [&](std::size_t r) {
      std::fill(row.begin(), row.end(), 0.0);
      t.nonzeros_of(&cells[r * 2], scratch, [&](std::size_t column, double value) { row[column] = value; });
    };
    for (std::size_t r = 0; r < table.rows(); ++r) {
      serve(r);
      for (std::size_t c = 0; c < row.size(); ++c) CHECK(row[c] == dense(r, c));
    }
    const long before = allocations_so_far();
    for (std::size_t r = 0; r < table.rows(); ++r) serve(r);
    CHECK(allocations_so_far() == before);
  }
  CHECK(StandardScaler<double>().fit(table.select({"price"})).transform_sparse(table).columns() == 1);
  CHECK_THROWS_AS((void)Transformer<double>(both).transform_sparse(table), StateError);
  Scratch scratch;
  CHECK_THROWS_AS(both.nonzeros_of(nullptr, scratch, [](std::size_t, double) {}), StateError);
}

TEST_CASE("Texts: missing ones are empty, numbers and booleans are spelled, kinds may change later") {
  const Table table{{"t", Column::from_codes({0, -1, 1}, {"12.5 true", "x yes"})}};
  CountVectorizer<double> counts({.tokenizer = {.min_letters = 1}});
  counts.fit(table);
  CHECK(counts.get_feature_names_out() == Texts{"12", "5", "true", "x", "yes"});
  const auto sum = [&](const Table& other) { return numbers_of(counts.transform(other)); };
  CHECK(sum(Table{{"t", {missing_cell, 12.5}}}) == std::vector<double>{0, 0, 0, 0, 0, 1, 1, 0, 0, 0});
  CHECK(sum(Table{{"t", Column::from_booleans({1, -1}, "no", "yes")}}) ==
        std::vector<double>{0, 0, 0, 0, 1, 0, 0, 0, 0, 0});
  CHECK(counts.fit(Table{{"t", {1.0, 5.0}}}).get_feature_names_out() == Texts{"1", "5"});
  const std::string kept = "a text";
  CHECK(text_in(text_cell(kept)) == "a text");
  CHECK(text_in(missing_cell).empty());
  const TableFrame frame(Table{{"t", {7.0}}}, Schema({{"t", Kind::text}}), "test"), copy = frame;
  CHECK(text_in(TableFrame(copy).column(0)[0]) == "7");
}

TEST_CASE("Vectorizers: fitted on texts alone they know a table's column, and files of parts are as they were") {
  const Texts texts{"good soup", "cold soup"};
  TfidfVectorizer<float> words;
  const auto matrix = words.fit_transform(Column(texts).named("review"));
  CHECK(words.transform_sparse(Table{{"review", texts}}) == matrix);
  CHECK(words.input_schema()[0].name == "review");
  CHECK(Transformer<float>(words).transform_sparse(Table{{"review", texts}}) == matrix);
  CHECK(words.fit(texts).input_schema()[0].name == "x0");

  const char* const written =
      "{\"analyzer\":\"word\",\"word_rule\":\"letters\",\"ngram_min\":1,\"ngram_max\":2,\"lowercase\":true,"
      "\"casefold\":false,\"min_letters\":2,\"split_cjk\":false,\"stop_words\":[],\"min_df\":1.0,\"max_df\":1.0,"
      "\"max_features\":0,\"binary\":false,\"vocabulary\":[\"cold\",\"cold soup\",\"good\",\"good soup\",\"soup\"],"
      "\"norm\":\"l1\",\"use_idf\":true,\"smooth_idf\":true,\"sublinear_tf\":false,\"idf\":[1.4054651081081644,"
      "1.4054651081081644,1.4054651081081644,1.4054651081081644,1.0]}";
  TfidfVectorizer<float> part;
  read_json(parse_json(written, "test"), "$", part);
  CHECK(part.fitted());
  CHECK(part.get_feature_names_out()[3] == "good soup");
  const auto row = part.transform(Texts{"good good soup"});
  CHECK(std::vector<float>(row.values(0).begin(), row.values(0).end()) ==
        std::vector<float>{0.538864493f, 0.269432247f, 0.19170326f});
  CHECK_THROWS_AS((void)part.transform(Table{{"review", texts}}), StateError);
  CHECK(write_json(part).dump() == written);
  CHECK_THROWS_WITH_AS((void)TfidfVectorizer<float>().transform(texts),
                       doctest::Contains("expected fit before transform"), StateError);
}

TEST_CASE("HashingVectorizer: a million features take no names, and come out sparse") {
  const Table table = reviews();
  Transformer<double> t = ColumnTransformer<double>{{"words", HashingVectorizer<double>(), {"review"}},
                                                    {"scale", StandardScaler<double>(), {"price"}}};
  t.fit(table);
  const std::size_t features = std::size_t{1} << 20;
  CHECK(t.output_schema().size() == features + 1);
  CHECK(t.output_schema().end() - t.output_schema().begin() == 2);
  CHECK(t.output_schema()[features].name == "scale__price");
  CHECK(t.output_schema().find("scale__price") == features);
  CHECK(t.output_schema().names()[17] == "words__hash17");
  CHECK(t.transform_sparse(table).columns() == features + 1);
  CHECK(write_json(t).dump().size() < 3000);
  CHECK(stored(t).transform_sparse(table) == t.transform_sparse(table));
  CHECK(t.transform_sparse(table).indices(0).back() == features);
  CHECK_THROWS_WITH_AS((void)t.transform(table.head(1)), doctest::Contains("call transform_sparse"), DataError);
  CHECK_THROWS_AS((void)t.output_schema()[features + 1], DataError);
  HashingVectorizer<double> few({.n_features = 4});
  const auto y = few.fit(table.select({"review"})).transform_table(table);
  CHECK(y.names() == Texts{"hash0", "hash1", "hash2", "hash3"});
  CHECK(few.partial_fit(table).transform_sparse(table) == few.transform(table.column("review")));
}

TEST_CASE("Texts: wrong columns, wrong places, arrays") {
  const Table table = reviews();
  CHECK_THROWS_WITH_AS(TfidfVectorizer<double>().fit(table), doctest::Contains("one column of texts, received 2"),
                       DataError);
  CHECK_THROWS_WITH_AS(TfidfVectorizer<double>().fit(TableFrame(table.select({"review"}), "test")),
                       doctest::Contains("of another kind"), DataError);
  CHECK_THROWS_WITH_AS(HashingVectorizer<double>().fit(std::vector<double>{1, 2}), doctest::Contains("of another kind"),
                       DataError);
  CHECK_THROWS_WITH_AS(make_pipeline<double>(OneHotEncoder<double>(), CountVectorizer<double>()).fit(table),
                       doctest::Contains("one column of texts"), DataError);
  CHECK_THROWS_WITH_AS((ColumnTransformer<double>{{"words", CountVectorizer<double>(), {"review"}},
                                                  {"kinds", OneHotEncoder<double>(), {"review"}}}
                            .fit(table)),
                       doctest::Contains("a copy of another name"), DataError);
  CHECK_THROWS_WITH_AS((ColumnTransformer<double>{{"words", CountVectorizer<double>(), {"revue"}}}.fit(table)),
                       doctest::Contains("revue"), DataError);
  CHECK_THROWS_AS((ColumnTransformer<double>{{"words", CountVectorizer<double>(), {std::size_t{9}}}}.fit(table)),
                  DataError);
  CHECK((ColumnTransformer<double>{{"words", CountVectorizer<double>(), {std::size_t{0}}}}
             .fit(table)
             .input_schema()[0]
             .kind == Kind::text));
  CountVectorizer<double> counts;
  counts.fit(table.select({"review"}));
  CHECK_THROWS_WITH_AS((void)counts.transform(std::vector<double>{1, 2}), doctest::Contains("which no array holds"),
                       DataError);
  CHECK_THROWS_AS((void)counts.inverse_table(std::vector<double>{1, 2}), Error);
  const Field field{"review", Kind::text};
  CHECK_THROWS_WITH_AS((void)field.cell("good"), doctest::Contains("text_cell"), StateError);
  CHECK_THROWS_AS((void)field.cell(1.0), StateError);
  CHECK_THROWS_AS((void)field.cell(1), StateError);
  CHECK_THROWS_WITH_AS((void)read_csv_text("a\n1\n", {.dtypes = {{"a", Kind::text}}}),
                       doctest::Contains("read it as category"), ConfigError);
}

TEST_CASE("TextVectorization: the numbers of Keras, padded behind or in front") {
  std::ifstream file(FORETELL_GOLDENS "/vocabulary.json");
  REQUIRE(file);
  const auto goldens = nlohmann::json::parse(file);
  const auto texts = goldens["texts"].get<Texts>();
  const Table learned{{"t", Texts(texts.begin(), texts.end() - 1)}}, all{{"t", texts}};
  for (const auto& c : goldens["cases"]) {
    const std::size_t length = c["sequences"][0].size();
    TextVectorizationOptions options{.max_tokens = c["options"].value("max_tokens", std::size_t{0}),
                                     .output_sequence_length = length};
    options.tokenizer.lowercase = !c["options"].contains("standardize");
    Transformer<double> t = TextVectorization<double>(options);
    const auto y = t.fit(learned).transform(all);
    for (std::size_t r = 0; r < texts.size(); ++r)
      for (std::size_t i = 0; i < length; ++i) CHECK(y(r, i) == c["sequences"][r][i].get<double>());
    CHECK(numbers_of(stored(t).transform(all)) == numbers_of(y));
  }
  const Table table{{"t", Column::from_codes({0, -1, 1}, {"b a b", "a c b b"})}};
  TextVectorization<float> words({.output_sequence_length = 3});
  const auto y = words.fit_transform(table);
  CHECK(std::vector<float>(y.begin(), y.end()) == std::vector<float>{2, 3, 2, 0, 0, 0, 3, 4, 2});
  CHECK(words.vocabulary().size() == 5);
  CHECK(words.get_feature_names_out() == Texts{"t_0", "t_1", "t_2"});
  const auto before =
      TextVectorization<float>({.output_sequence_length = 4, .padding = Side::pre}).fit_transform(table);
  CHECK(std::vector<float>(before.begin(), before.end()) == std::vector<float>{0, 2, 3, 2, 0, 0, 0, 0, 3, 4, 2, 2});
  CHECK_THROWS_WITH_AS(TextVectorization<float>().fit(table), doctest::Contains("output_sequence_length of 1"),
                       ConfigError);
  CHECK_THROWS_AS(TextVectorization<float>({.max_tokens = 2}), ConfigError);
  CHECK_THROWS_AS(TextVectorization<float>({.output_sequence_length = 2}).fit(Table{{"t", {"!", "."}}}), DataError);
}

TEST_CASE("Ids: exact beyond 2^53, from numbers, digits and tables") {
  const Field field{"user", Kind::id};
  const std::int64_t large = 9007199254740993;
  CHECK(id_in(field.cell("9007199254740993")) == large);
  CHECK(id_in(field.cell(" -5 ")) == -5);
  CHECK(id_in(field.cell(large)) == large);
  CHECK(id_in(field.cell(7)) == 7);
  CHECK(id_in(field.cell(-7.0)) == -7);
  for (const double missing : {field.cell(""), field.cell("NA"), field.cell(missing_cell), field.cell(no_id)}) {
    CHECK(id_in(missing) == no_id);
    CHECK(is_missing(Kind::id, missing));
    CHECK_FALSE(is_unreadable(Kind::id, missing));
  }
  for (const double bad : {field.cell("x"), field.cell("007"), field.cell("1.5"), field.cell("9223372036854775808"),
                           field.cell("-9223372036854775808"), field.cell(0.5), field.cell(0x1p54),
                           field.cell(std::numeric_limits<std::uint64_t>::max())}) {
    CHECK(id_in(bad) == no_id);
    CHECK(is_unreadable(Kind::id, bad));
    CHECK_FALSE(is_missing(Kind::id, bad));
  }
  const Field kinds{"k", Kind::category, {"9007199254740993", "5"}}, names{"n", Kind::category, {"a"}};
  CHECK(kinds.cell(large) == 0);
  CHECK(kinds.cell(5) == 1);
  CHECK(is_unknown(kinds.cell(large + 1)));
  CHECK(is_unreadable_category(names.cell(large)));
  CHECK_THROWS_AS((void)Field{"x"}.cell(large), DataError);
  CHECK(Field{"x"}.cell(5) == 5);
  CHECK(Field{"b", Kind::boolean}.cell(1) == 1);

  const auto ids_of = [&](const Column& column) {
    std::vector<std::int64_t> ids;
    const TableFrame frame(Table{{"user", column}}, Schema({field}), "test");
    for (const double cell : frame.column(0)) ids.push_back(id_in(cell));
    return ids;
  };
  using Numbers = std::vector<std::int64_t>;
  CHECK(ids_of(Column{5.0, missing_cell, -0x1p53}) == Numbers{5, no_id, -9007199254740992});
  CHECK(ids_of(read_csv_text("user\n9007199254740993\nNA\n9007199254740995\n").column("user")) ==
        Numbers{large, no_id, large + 2});
  CHECK(ids_of(Column(Numbers{large, 3})) == Numbers{large, 3});
  CHECK_THROWS_WITH_AS(ids_of(Column{5.0, 5.5}),
                       "test: expected an id, a whole number, in column \"user\", row 1, received 5.5; ids beyond 2^53 "
                       "come as texts of their digits.",
                       DataError);
  CHECK_THROWS_AS(ids_of(Column{0x1p60}), DataError);
  CHECK_THROWS_WITH_AS(ids_of(Column{"7", "x7"}), doctest::Contains("row 1, received x7"), DataError);
  CHECK_THROWS_AS(StandardScaler<double>().fit(TableFrame(Table{{"user", {1.0}}}, Schema({field}), "test")), DataError);

  const Table back = detail::table_of(Schema({field, {"t", Kind::text}}),
                                      Block(std::vector<double>{id_cell(5), missing_cell}.data(), 1, 2));
  CHECK(back.column("user") == Column{5.0}.named("user"));
  CHECK(back.column("t").missing(0));
}

TEST_CASE("Ids and texts: cells are counted by their kind, whatever their bits") {
  const std::string kept = "text";
  const Schema schema({{"user", Kind::id}, {"t", Kind::text}, {"x"}});
  const auto asked = [&](double id, double text, double x) {
    const std::vector<double> cells{id, text, x};
    const std::vector<float> value{1};
    const std::vector<ServedOutput> names{{.name = "y"}};
    const std::vector<OutputAnswer<float>> outputs{OutputAnswer<float>(names[0], value)};
    const Answer<float> answer(outputs, names, schema, cells);
    return std::vector<std::size_t>{answer.missing(), answer.unknown(), answer.unreadable(),
                                    detail::find_unreadable(schema, Block(cells.data(), 1, 3))};
  };
  using Counts = std::vector<std::size_t>;
  CHECK(asked(id_cell(1), text_cell(kept), 1) == Counts{0, 0, 0, 3});
  CHECK(asked(id_cell(-1), text_cell(kept), -1) == Counts{0, 0, 0, 3});
  CHECK(asked(id_cell(no_id), missing_cell, missing_cell) == Counts{3, 0, 0, 3});
  CHECK(asked(schema[0].cell("x"), text_cell(kept), schema[2].cell("abc")) == Counts{0, 0, 2, 0});
  for (const double bits : {missing_cell, unreadable_cell, -unreadable_cell, -3.5})
    CHECK(asked(bits, text_cell(kept), 0) == Counts{0, 0, 0, 3});
}

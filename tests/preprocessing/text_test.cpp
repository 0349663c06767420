// SPDX-License-Identifier: BSD-3-Clause
// Tokens, vectorizers and vocabularies; beside scikit-learn (tests/goldens/text.json).
#include <doctest/doctest.h>

#include <cmath>
#include <foretell/io/json.hpp>
#include <foretell/model_selection/calibrators.hpp>
#include <foretell/preprocessing/pad_sequences.hpp>
#include <foretell/preprocessing/text/vectorizer.hpp>
#include <foretell/preprocessing/text/vocabulary.hpp>
#include <foretell/xt/tensor.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using namespace foretell;
using nlohmann::json;

namespace {

TokenizerOptions tokenizer_of(const json& options) {
  TokenizerOptions out{.word_rule = WordRule::scikit_learn};
  if (options.contains("analyzer"))
    out.analyzer = options["analyzer"] == "char" ? Analyzer::character : Analyzer::character_wb;
  if (options.contains("ngram_range")) out.ngram_range = {options["ngram_range"][0], options["ngram_range"][1]};
  out.lowercase = options.value("lowercase", true);
  if (options.contains("token_pattern")) out.min_letters = 1;
  if (options.contains("stop_words")) out.stop_words = options["stop_words"].get<std::vector<std::string>>();
  return out;
}
TextNorm norm_of(const json& options) {
  if (!options.contains("norm")) return TextNorm::l2;
  return options["norm"].is_null() ? TextNorm::none : options["norm"] == "l1" ? TextNorm::l1 : TextNorm::l2;
}
CountVectorizerOptions count_of(const json& options) {
  CountVectorizerOptions out{tokenizer_of(options)};
  out.min_df = options.value("min_df", 1.0);
  out.max_df = options.value("max_df", 1.0);
  out.max_features = options.value("max_features", std::size_t{0});
  out.binary = options.value("binary", false);
  return out;
}

void check_matrix(const SparseMatrix<double>& got, const json& expected) {
  REQUIRE(got.columns() == expected["columns"]);
  REQUIRE(got.nnz() == expected["values"].size());
  std::size_t i = 0;
  for (std::size_t row = 0; row < got.rows(); ++row) {
    REQUIRE(i == expected["offsets"][row]);
    for (std::size_t k = 0; k < got.indices(row).size(); ++k, ++i) {
      CHECK(got.indices(row)[k] == expected["indices"][i]);
      CHECK(got.values(row)[k] == doctest::Approx(expected["values"][i].get<double>()).epsilon(1e-12));
    }
  }
}

std::vector<std::string> tokens(std::string_view text, TokenizerOptions options = {}) {
  return Tokenizer(std::move(options)).tokens(text);
}
using Tokens = std::vector<std::string>;

}  // namespace

TEST_CASE("Vectorizers: the columns and numbers of scikit-learn") {
  std::ifstream file(FORETELL_GOLDENS "/text.json");
  REQUIRE(file);
  const json goldens = json::parse(file);
  const auto texts = goldens["texts"].get<std::vector<std::string>>();
  for (const json& c : goldens["cases"]) {
    const std::string described = c["kind"].get<std::string>() + c["options"].dump();
    CAPTURE(described);
    const json& options = c["options"];
    if (c["kind"] == "count") {
      CountVectorizer<double> vectorizer(count_of(options));
      const auto counts = vectorizer.fit_transform(texts);
      if (!options.contains("max_features")) {  // scikit-learn leaves open which of equally frequent tokens it keeps
        CHECK(vectorizer.get_feature_names_out() == c["names"].get<Tokens>());
        check_matrix(counts, c);
      }
      CHECK(counts.columns() == c["columns"]);
      CHECK(vectorizer.transform(texts) == counts);
      CHECK(CountVectorizer<double>(count_of(options)).fit(Column(texts)).transform(Column(texts)) == counts);
    } else if (c["kind"] == "tfidf") {
      TfidfOptions weights{norm_of(options), options.value("use_idf", true), options.value("smooth_idf", true),
                           options.value("sublinear_tf", false)};
      TfidfVectorizer<double> vectorizer(count_of(options), weights);
      const auto matrix = vectorizer.fit_transform(texts);
      check_matrix(matrix, c);
      for (std::size_t i = 0; i < c["idf"].size(); ++i)
        CHECK(vectorizer.idf()[i] == doctest::Approx(c["idf"][i].get<double>()).epsilon(1e-12));
      CHECK(vectorizer.transform(texts) == matrix);
    } else {
      HashingVectorizerOptions hashing{tokenizer_of(options), options["n_features"], options.value("binary", false),
                                       options.value("alternate_sign", true), norm_of(options)};
      const auto matrix = HashingVectorizer<double>(hashing).transform(texts);
      REQUIRE(matrix.columns() == c["columns"]);
      check_matrix(matrix, c);
    }
  }
}

TEST_CASE("Tokenizer: words of every script, Chinese letter by letter, runs of letters") {
  CHECK(tokens("The quick-brown fox_7, a 12!") == Tokens{"the", "quick", "brown", "fox_7", "12"});
  CHECK(tokens("ÄPFEL Straße ПРИВЕТ ΑΒΓ ǅ", {.min_letters = 1}) == Tokens{"äpfel", "straße", "привет", "αβγ", "ǆ"});
  CHECK(tokens("我喜欢 iPhone手机", {.split_cjk = true}) == Tokens{"我", "喜", "欢", "iphone", "手", "机"});
  CHECK(tokens("我喜欢", {.min_letters = 1}) == Tokens{"我喜欢"});
  CHECK(tokens("a b c", {.ngram_range = {1, 2}, .min_letters = 1}) == Tokens{"a", "b", "c", "a b", "b c"});
  CHECK(tokens("the dog and the cat", {.ngram_range = {2, 2}, .stop_words = {"the", "and"}}) == Tokens{"dog cat"});
  CHECK(tokens("ab", {.analyzer = Analyzer::character, .ngram_range = {1, 3}}) == Tokens{"a", "b", "ab"});
  CHECK(tokens("好 用", {.analyzer = Analyzer::character, .ngram_range = {2, 2}}) == Tokens{"好 ", " 用"});
  CHECK(tokens("a\t\n b", {.analyzer = Analyzer::character}) == Tokens{"a", " ", "b"});
  CHECK(tokens("ab c", {.analyzer = Analyzer::character_wb, .ngram_range = {3, 3}}) == Tokens{" ab", "ab ", " c "});
  CHECK(tokens("a", {.analyzer = Analyzer::character_wb, .ngram_range = {4, 5}}) == Tokens{" a "});
  CHECK(tokens("").empty());
  const std::string long_word(100000, 'x');
  CHECK(tokens("a" + std::string(1, '\0') + std::string("bb \0", 4) + long_word) == Tokens{"bb", long_word});
  CHECK(tokens("\xff\xc3 ok \xe4\xb8") == Tokens{"ok"});
  CHECK(tokens("\xff", {.analyzer = Analyzer::character}) == Tokens{"\xef\xbf\xbd"});
  CHECK_THROWS_AS(Tokenizer({.ngram_range = {0, 1}}), ConfigError);
  CHECK_THROWS_AS(Tokenizer({.ngram_range = {2, 1}}), ConfigError);
}

TEST_CASE("Vectorizers: wrong input, unseen tokens") {
  CountVectorizer<float> counts;
  CHECK_THROWS_WITH_AS(counts.transform(Tokens{"a"}), doctest::Contains("expected fit before transform"), StateError);
  CHECK_THROWS_AS((void)counts.column_of("a"), StateError);
  std::vector<std::pair<std::uint32_t, double>> row;
  CHECK_THROWS_AS(counts.counts_of("a", row), StateError);
  CHECK_THROWS_WITH_AS(counts.fit(Tokens{"", "!"}), doctest::Contains("none is left"), DataError);
  CHECK_THROWS_AS(counts.fit(Column{1.0, 2.0}), DataError);
  CHECK_THROWS_AS(CountVectorizer<float>({.min_df = -1}).fit(Tokens{"aa"}), ConfigError);
  CHECK_THROWS_AS(CountVectorizer<float>({.min_df = 3, .max_df = 2}).fit(Tokens{"aa"}), ConfigError);
  CHECK_THROWS_AS(HashingVectorizer<float>({.n_features = 0}), ConfigError);
  counts.fit(Tokens{"aa bb", "bb"});
  const auto unseen = counts.transform(Tokens{"cc dd", "bb cc bb"});
  CHECK(unseen.indices(0).empty());
  CHECK(unseen.values(1)[0] == 2);
  CHECK(counts.column_of("bb") == 1);
  CHECK(counts.column_of("cc") == -1);
  CHECK(counts.transform(Column::from_codes({-1, 0}, {"aa"})).nnz() == 1);
  CHECK(counts.transform(Tokens{}).rows() == 0);
}

TEST_CASE("Vectorizers: the default is scikit-learn's but for marks") {
  std::ifstream file(FORETELL_GOLDENS "/text.json");
  const json goldens = json::parse(file);
  std::size_t without = 0, differ = 0;
  for (const auto& one : goldens["texts"].get<std::vector<std::string>>()) {
    bool marks = false;
    detail::each_letter(one, detail::Casing::lower,
                        [&](char32_t, detail::LetterSort sort) { marks |= detail::is_mark(sort.part()); });
    without += !marks;
    if (!marks)
      CHECK(tokens(one) == tokens(one, {.word_rule = WordRule::scikit_learn}));
    else
      differ += tokens(one) != tokens(one, {.word_rule = WordRule::scikit_learn});
  }
  CHECK(without == 13);
  CHECK(differ == 7);
  CHECK(tokens("İZMİR", {.word_rule = WordRule::scikit_learn}) == Tokens{"zmi"});
  CHECK(tokens("İZMİR") == Tokens{"i\u0307zmi\u0307r"});
}

TEST_CASE("Vocabulary: padding, unknown, then by frequency") {
  Vocabulary words({.max_tokens = 5});
  words.fit(Tokens{"b a c", "b a", "b d"});
  CHECK(words.tokens() == Tokens{"b", "a", "c"});
  CHECK(words.size() == 5);
  CHECK(words.id("b") == 2);
  CHECK(words.id("d") == Vocabulary::unknown);
  const auto sequences = words.texts_to_sequences(Tokens{"a b zzz", "", "c"});
  CHECK(sequences == std::vector<std::vector<float>>{{3, 2, 1}, {}, {4}});
  const auto padded = pad_sequences(sequences, {.max_length = 2});
  CHECK(std::vector<float>(padded.begin(), padded.end()) == std::vector<float>{2, 1, 0, 0, 0, 4});
  CHECK(Vocabulary({.min_count = 2}).fit(Tokens{"b a c", "b a"}).tokens() == Tokens{"a", "b"});
  CHECK(Vocabulary({.tokenizer = {.split_cjk = true}}).fit(Tokens{"很好很"}).tokens() == Tokens{"很", "好"});
}

TEST_CASE("Vocabulary: the numbers of Keras' TextVectorization") {
  std::ifstream file(FORETELL_GOLDENS "/vocabulary.json");
  REQUIRE(file);
  const json goldens = json::parse(file);
  auto texts = goldens["texts"].get<Tokens>();
  const Tokens learned(texts.begin(), texts.end() - 1);
  for (const json& c : goldens["cases"]) {
    CAPTURE(c["options"].dump());
    const VocabularyOptions options{.tokenizer = {.word_rule = WordRule::keras,
                                                  .lowercase = !c["options"].contains("standardize"),
                                                  .min_letters = 1},
                                    .max_tokens = c["options"].value("max_tokens", std::size_t{0}),
                                    .descending_ties = true};
    const Vocabulary words = Vocabulary(options).fit(learned);
    CHECK(words.tokens() == c["vocabulary"].get<Tokens>());
    const auto sequences = words.texts_to_sequences<int>(texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      auto right = c["sequences"][i].get<std::vector<int>>();
      while (!right.empty() && right.back() == Vocabulary::padding) right.pop_back();
      CHECK(sequences[i] == right);
    }
    CHECK(Vocabulary::from_tokens(words.tokens(), options).texts_to_sequences<int>(texts) == sequences);
  }
}

TEST_CASE("Vocabulary: ties either way, what it refuses") {
  CHECK(Vocabulary().fit(Tokens{"c a b a"}).tokens() == Tokens{"a", "b", "c"});
  CHECK(Vocabulary({.descending_ties = true}).fit(Tokens{"c a b a"}).tokens() == Tokens{"a", "c", "b"});
  for (const std::size_t few : {1u, 2u})
    CHECK_THROWS_WITH_AS(Vocabulary({.max_tokens = few}), doctest::Contains("3 or more"), ConfigError);
  CHECK(Vocabulary({.max_tokens = 3}).fit(Tokens{"b a a"}).tokens() == Tokens{"a"});
  CHECK_THROWS_WITH_AS(Vocabulary().fit(Tokens{"", "!"}), doctest::Contains("none is left"), DataError);
  CHECK_THROWS_AS(Vocabulary({.min_count = 3}).fit(Tokens{"a a"}), DataError);
  const Vocabulary fresh;
  CHECK_THROWS_WITH_AS(fresh.texts_to_sequences(Tokens{"a"}), doctest::Contains("expected fit before"), StateError);
  CHECK_THROWS_AS((void)fresh.id("a"), StateError);
  CHECK_THROWS_AS((void)fresh.size(), StateError);
  CHECK_THROWS_AS(Vocabulary::from_tokens({"a", "a"}), DataError);
  CHECK_THROWS_WITH_AS(Vocabulary::from_tokens({"a", ""}), doctest::Contains("not empty"), DataError);
  CHECK_THROWS_AS(Vocabulary::from_tokens({}), DataError);
  Tokens many;
  for (int i = 0; i < 126; ++i) many.push_back(text("token", i));
  CHECK(Vocabulary::from_tokens(many).sequence<std::int8_t>("token125") == std::vector<std::int8_t>{127});
  many.push_back("one more");
  CHECK_THROWS_WITH_AS(Vocabulary::from_tokens(many).sequence<std::int8_t>(""), doctest::Contains("wider type"),
                       DataError);
  CHECK(Vocabulary::from_tokens({"a\nb", "a", "\r"}).id("a") == 3);
  CHECK_THROWS_AS(Tokenizer({.word_rule = WordRule::keras, .casefold = true}), ConfigError);
}

TEST_CASE("SparseMatrix: rows, dense numbers, side by side, wrong input") {
  using Pair = std::pair<std::uint32_t, double>;
  SparseMatrix<float> matrix(3);
  matrix.add_row(std::vector<Pair>{{0, 1.0}, {2, 2.0}});
  matrix.add_row(std::vector<Pair>{});
  CHECK(matrix.to_dense() == std::vector<float>{1, 0, 2, 0, 0, 0});
  CHECK(matrix.widest_row() == 2);
  CHECK(matrix.take({1, 0, 0}).to_dense() == std::vector<float>{0, 0, 0, 1, 0, 2, 1, 0, 2});
  CHECK(SparseMatrix<float>::hstack(matrix, matrix).to_dense() ==
        std::vector<float>{1, 0, 2, 1, 0, 2, 0, 0, 0, 0, 0, 0});
  CHECK(SparseMatrix<float>(3, {0, 2, 2}, {0, 2}, {1, 2}) == matrix);
  CHECK_THROWS_AS(matrix.add_row(std::vector<Pair>{{3, 1.0}}), DataError);
  CHECK_THROWS_AS(SparseMatrix<float>(3, {0, 2, 2}, {2, 0}, {1, 2}), DataError);
  CHECK_THROWS_WITH_AS((void)matrix.indices(2), "SparseMatrix: row 2 of 2 does not exist.", DataError);
  CHECK_THROWS_AS((void)matrix.values(static_cast<std::size_t>(-1)), DataError);
  CHECK_THROWS_AS((void)SparseMatrix<float>().values(0), DataError);
  const SparseMatrix<float> before = matrix;
  CHECK_THROWS_AS(matrix.add_row(std::vector<std::pair<std::size_t, double>>{{0, 1.0}, {3, 1.0}}), DataError);
  CHECK(matrix == before);
  CHECK_THROWS_AS(SparseMatrix<float>(3, {0, 1}, {0, 2}, {1, 2}), DataError);
  CHECK_THROWS_AS(SparseMatrix<float>(2, {0, 1}, {2}, {1}), DataError);
  CHECK_THROWS_AS(SparseMatrix<float>(2, {}, {}, {}), DataError);
  CHECK_THROWS_AS(matrix.take({2}), DataError);
  CHECK_THROWS_AS(SparseMatrix<float>::hstack(matrix, matrix.take({0})), DataError);
}

namespace {

/// What is read back of the fields that were written.
template <class C>
C stored(C component, C fresh) {
  Json json;
  JsonWriter writer(json);
  visit_fields(writer, component);
  const Json again = parse_json(json.dump(), "test");
  JsonReader reader(again, "test");
  visit_fields(reader, fresh);
  return fresh;
}

}  // namespace

TEST_CASE("Vectorizers, vocabularies and calibrators: fields there and back") {
  const Tokens texts{"a b 我们 B c", "b c", "Straße d"};
  const CountVectorizerOptions options{
      .tokenizer = {.ngram_range = {1, 2}, .min_letters = 1, .split_cjk = true, .stop_words = {"d"}}, .min_df = 1};
  TfidfVectorizer<double> tfidf(options, {.norm = TextNorm::l1, .sublinear_tf = true});
  const auto matrix = tfidf.fit_transform(texts);
  CHECK(stored(tfidf, TfidfVectorizer<double>()).transform(texts) == matrix);
  CountVectorizer<double> counts(options);
  counts.fit(texts);
  CHECK(stored(counts, CountVectorizer<double>()).transform(texts) == counts.transform(texts));
  const HashingVectorizer<double> hashing(
      {.tokenizer = {.analyzer = Analyzer::character_wb, .ngram_range = {2, 3}}, .n_features = 64});
  CHECK(stored(hashing, HashingVectorizer<double>()).transform(texts) == hashing.transform(texts));
  const Vocabulary lines = Vocabulary::from_tokens(
      {"a\nb", "a", "\r", "a\r"},
      {.tokenizer = {.word_rule = WordRule::unicode, .casefold = true}, .descending_ties = true});
  CHECK(stored(lines, Vocabulary()).tokens() == lines.tokens());
  CHECK(stored(lines, Vocabulary()).texts_to_sequences(texts) == lines.texts_to_sequences(texts));
  Vocabulary words({.max_tokens = 6});
  words.fit(texts);
  CHECK(stored(words, Vocabulary()).texts_to_sequences(texts) == words.texts_to_sequences(texts));
  const std::vector<double> scores{0.1, 0.4, 0.35, 0.8}, labels{0, 0, 1, 1};
  CHECK(stored(PlattCalibrator().fit(scores, labels), PlattCalibrator()).transform(scores) ==
        PlattCalibrator().fit(scores, labels).transform(scores));
  CHECK(stored(IsotonicCalibrator().fit(scores, labels), IsotonicCalibrator()).transform(scores) ==
        IsotonicCalibrator().fit(scores, labels).transform(scores));
  CHECK(stored(TemperatureScaling().fit(scores, labels), TemperatureScaling()).temperature() ==
        TemperatureScaling().fit(scores, labels).temperature());
}

TEST_CASE("CountVectorizer: shares of texts are exact") {
  std::vector<std::string> texts(100, "all");
  for (std::size_t i = 0; i < 29; ++i) texts[i] += i < 7 ? " seven some" : " some";
  const auto names = [&](CountVectorizerOptions options) {
    return CountVectorizer<double>(options).fit(texts).get_feature_names_out();
  };
  CHECK(names({.min_df = 0.07}) == Tokens{"all", "seven", "some"});
  CHECK(names({.min_df = 0.08}) == Tokens{"all", "some"});
  CHECK(names({.max_df = 0.29}) == Tokens{"seven", "some"});
  CHECK(names({.max_df = 0.28}) == Tokens{"seven"});
}

TEST_CASE("pad_sequences: what fills up is a number of the type") {
  const std::vector<std::vector<std::int32_t>> ids{{1, 2}, {3}};
  CHECK(pad_sequences(ids, {.value = -1})(1, 0) == -1);
  CHECK_THROWS_AS(pad_sequences(ids, {.value = 0.5}), DataError);
  CHECK_THROWS_AS(pad_sequences(ids, {.value = 3e9}), DataError);
  CHECK_THROWS_AS(pad_sequences(ids, {.value = std::nan("")}), DataError);
  CHECK(std::isnan(pad_sequences<float>({{1, 2}, {3}}, {.value = std::nan("")})(1, 0)));
}

TEST_CASE("Column: a whole number that is missing or none is refused") {
  const Column column{1.0, 2.0};
  CHECK(column.to_array<std::int32_t>()(1) == 2);
  for (const double bad : {std::nan(""), 0.5, 3e9, -1e300})
    CHECK_THROWS_AS((Column{1.0, bad}.to_array<std::int32_t>()), DataError);
  CHECK_THROWS_AS((Column{-1.0}.to_array<std::uint8_t>()), DataError);
}

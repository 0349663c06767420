// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>
#include <foretell/testing/allocations.hpp>

#include <cstdio>

namespace ft = foretell;

namespace {

constexpr const char* path = "bundle_test.safetensors";

/// A fitted pipeline and network over numbers, texts and booleans with missing values, saved.
ft::Table saved() {
  const ft::Table table = ft::datasets::shop_visits(600, 3).table;
  const ft::Roles roles = ft::infer_roles(table, "purchased");
  auto features = ft::default_features<float>(roles);
  const auto x = features.fit_transform(table);
  ft::Sequential<float> model{ft::Dense(8, {.activation = ft::relu}), ft::BatchNormalization(),
                              ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam(), ft::BinaryCrossentropy());
  model.fit(x, table.column("purchased").to_array<float>(), {.epochs = 2, .verbose = 0});
  ft::save(path, features, model);
  return table;
}

}  // namespace

// The other files of this program count with the operators that this one replaces.
long allocations_so_far() { return ft::testing::allocation_count; }

TEST_CASE("Bundle: single rows answer as the batch does, bit for bit, without the heap") {
  const ft::Table table = saved();
  const auto bundle = ft::load<float>(path);
  const std::vector<float> batch = bundle.predict(table);
  REQUIRE(batch.size() == table.rows());
  auto predictor = bundle.predictor();
  ft::Row row = predictor.row();
  row.assign(table, 0);
  (void)predictor(row);
  for (std::size_t i = 0; i < table.rows(); ++i) {
    row.assign(table, i);
    float answer = 0;
    CHECK(ft::testing::allocations_of([&] { answer = predictor(row)[0]; }) == 0);
    CHECK(answer == batch[i]);
  }
  CHECK(ft::testing::allocations_of([&] {
          const ft::Answer answer = predictor.answer(row);
          CHECK(answer.value() == batch.back());
        }) == 0);
  const std::string& first = bundle.schema()[0].name;
  CHECK(ft::testing::allocations_of([&] {
          row.set(first, 3.0);
          row.set(first, "no number, and a text too long for a small string");
          row.set_missing(first);
          row.change(first, 2.0);
          (void)predictor.answer(row);
        }) == 0);

  const auto again = ft::load<float>(path);  // a row of a bundle asks the same model loaded anew
  row.assign(table, 7);
  CHECK(again.predictor()(row)[0] == batch[7]);
  std::remove(path);
}

TEST_CASE("Bundle: unknown, missing and absent values are answered, unknown columns refused") {
  const ft::Table table = saved();
  const auto bundle = ft::load<float>(path);
  auto predictor = bundle.predictor();
  ft::Row row = predictor.row();
  const float nothing = predictor(row)[0];
  CHECK((nothing > 0.f && nothing < 1.f));
  for (const auto& field : bundle.schema()) {
    row.set(field.name, "a value never seen");
    row.set(field.name, 1e30);
    row.set(field.name, -0.0);
  }
  const float strange = predictor(row)[0];
  CHECK((strange >= 0.f && strange <= 1.f));
  CHECK_THROWS_WITH_AS(row.set("not a column", 1.0), doctest::Contains("not a column"), ft::DataError);
  CHECK_THROWS_WITH_AS((void)bundle.predict(table.drop(bundle.schema()[1].name)),
                       doctest::Contains(bundle.schema()[1].name.c_str()), ft::DataError);
  CHECK(bundle.predict(table.head(0)).empty());
  std::remove(path);
}

TEST_CASE("Predictor: threads share the rows, with the same bits and without the heap") {
  const ft::Table table = saved();
  const auto bundle = ft::load<float>(path);
  const std::vector<float> alone = bundle.predict(table);
  const std::size_t columns = bundle.schema().size();
  ft::Row row = bundle.predictor().row();
  std::vector<double> cells(table.rows() * columns);
  for (std::size_t i = 0; i < table.rows(); ++i) {
    row.assign(table, i);
    std::copy(row.cells().begin(), row.cells().end(), cells.begin() + static_cast<std::ptrdiff_t>(i * columns));
  }
  const ft::Executor two(2), three(3);
  for (const ft::Executor& executor : {ft::Executor(), two, three}) {
    auto predictor = bundle.predictor(table.rows(), executor);
    CHECK(predictor.rows() == table.rows());
    for (const std::size_t rows : {std::size_t(1), std::size_t(63), std::size_t(320), std::size_t(321), table.rows()}) {
      const auto answers = predictor.cells(ft::Block(cells.data(), rows, columns));
      CHECK(
          std::equal(answers.begin(), answers.end(), alone.begin(), alone.begin() + static_cast<std::ptrdiff_t>(rows)));
    }
    CHECK(ft::testing::allocations_of([&] { (void)predictor.cells(ft::Block(cells.data(), table.rows(), columns)); }) ==
          0);
    CHECK_THROWS_AS((void)predictor.cells(ft::Block(cells.data(), table.rows() + 1, columns)), ft::ShapeError);
  }
  std::remove(path);

  ft::Sequential<float> numbers{ft::Dense(3, {.activation = ft::tanh}), ft::Dense(2)};
  numbers.build({4}, 1);
  const ft::Bundle<float> plain(ft::BundleFile<float>{numbers.network()});
  const auto x = ft::random_normal<float>({300, 4}, 1);
  const std::span<const float> features(x.data(), x.size());
  auto one = plain.predictor(300), several = plain.predictor(300, two);
  const auto want = one(features), got = several(features);
  CHECK(std::equal(want.begin(), want.end(), got.begin(), got.end()));
}

TEST_CASE("Bundle: what load gives predicts, what it needs to learn must be asked for") {
  const ft::Table table = saved();
  const auto bundle = ft::load<float>(path);
  auto features = bundle.preprocessing();
  CHECK_THROWS_WITH_AS(features.fit(table), doctest::Contains("Registry<T>::builtin()"), ft::StateError);
  const auto shapes = bundle.network().input_shapes();
  CHECK_THROWS_WITH_AS((void)bundle.network().program(ft::PassMode::training, shapes),
                       doctest::Contains("Sequential::load"), ft::ConfigError);

  const auto whole = ft::load<float>(path, ft::Registry<float>::builtin());
  features = whole.preprocessing();
  features.fit(table);
  CHECK(features.transform(table) == whole.preprocessing().transform(table));
  CHECK_NOTHROW((void)whole.network().program(ft::PassMode::training, shapes));
  CHECK(whole.predict(table) == bundle.predict(table));
  std::remove(path);
}

TEST_CASE("Bundle: a file of a network alone predicts from numbers") {
  ft::Sequential<float> model{ft::Dense(2)};
  model.build({3}, 1);
  model.save(path);
  const auto bundle = ft::load<float>(path);
  auto predictor = bundle.predictor(2);
  const std::vector<float> x{1, 2, 3, 4, 5, 6};
  const auto y = predictor(std::span<const float>(x));
  const auto expected = model.predict(ft::Tensor<float>{{1.f, 2.f, 3.f}, {4.f, 5.f, 6.f}});
  CHECK(std::equal(y.begin(), y.end(), expected.begin(), expected.end()));
  CHECK_THROWS_AS((void)predictor(std::span<const float>(x).first(5)), ft::ShapeError);
  CHECK_THROWS_AS((void)bundle.predict(ft::Table()), ft::StateError);
  std::remove(path);
}

TEST_CASE("save: preprocessing that was not fitted or does not fit the network is refused") {
  const ft::Table table = saved();
  ft::Sequential<float> model{ft::Dense(2)};
  model.build({3}, 1);
  CHECK_THROWS_AS(ft::save(path, ft::StandardScaler<float>(), model), ft::StateError);
  ft::StandardScaler<float> scaler;
  scaler.fit(ft::random_normal<float>({5, 4}, 1));
  CHECK_THROWS_WITH_AS(ft::save(path, scaler, model), doctest::Contains("4 features"), ft::ShapeError);
  std::remove(path);
}

namespace {

/// A component of a user's own.
struct Prices {
  static constexpr std::string_view type = "shop.Prices";
  std::vector<double> values;
  void fields(auto&& f) { f("values", values); }
};

}  // namespace

TEST_CASE("Bundle: a model of texts is one file, with what makes its rows and what reads its answers") {
  const std::vector<std::string> texts{"where is my parcel", "refund my money", "parcel is late", "money back please"};
  const std::vector<float> labels{0, 1, 0, 1};
  ft::TfidfVectorizer<float> words;
  const ft::SparseMatrix<float> x = words.fit_transform(texts);
  ft::Sequential<float> model{ft::SparseDense(x.columns(), 1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam(), ft::BinaryCrossentropy());
  model.fit(x, labels, {.epochs = 3, .verbose = 0});
  ft::PlattCalibrator calibrator;
  const std::vector<float> scores = [&] {
    const auto y = model.predict(x);
    return std::vector<float>(y.begin(), y.end());
  }();
  calibrator.fit(scores, labels);
  ft::LabelEncoder<float> intents;
  intents.fit(std::vector<std::string>{"delivery", "refund"});
  ft::save(path, model,
           {{"words", words},
            {"calibrator", calibrator},
            {"threshold", ft::threshold_for_fbeta(labels, scores)},
            {"intents", intents},
            {"prices", Prices{{1.5, 2.5}}}});

  const auto bundle = ft::load<float>(path);
  const auto read = bundle.part<ft::TfidfVectorizer<float>>("words");
  CHECK(read.get_feature_names_out() == words.get_feature_names_out());
  const std::vector<std::string> others{"my parcel, my parcel, is my parcel late or where is it", "", "unknown"};
  CHECK(bundle.predict(read.transform(texts)) == scores);
  const auto y = model.predict(words.transform(others));
  CHECK(bundle.predict(read.transform(others)) == std::vector<float>(y.begin(), y.end()));
  CHECK(bundle.part<ft::PlattCalibrator>("calibrator").transform(scores) == calibrator.transform(scores));
  CHECK(bundle.part<ft::Threshold>("threshold").threshold == ft::threshold_for_fbeta(labels, scores).threshold);
  CHECK(bundle.part<ft::LabelEncoder<float>>("intents").classes() == intents.classes());
  CHECK(bundle.part<Prices>("prices").values == std::vector<double>{1.5, 2.5});
  CHECK(bundle.has_part("words"));
  CHECK_FALSE(bundle.has_part("word"));
  CHECK_THROWS_WITH_AS((void)bundle.part<Prices>("price"), doctest::Contains("\"prices\""), ft::ConfigError);
  CHECK_THROWS_WITH_AS((void)bundle.part<Prices>("words"), doctest::Contains("TfidfVectorizer"), ft::ConfigError);
  CHECK_THROWS_AS(ft::save(path, model, {{"a", words}, {"a", words}}), ft::ConfigError);
  CHECK(ft::load<float>(path).has_part("words"));  // what was there is there still
  std::remove(path);
}

TEST_CASE("Bundle: preprocessing and parts stand in one file") {
  const ft::Table table = ft::datasets::shop_visits(50, 3).table;
  auto features = ft::default_features<float>(ft::infer_roles(table, "purchased"));
  const auto x = features.fit_transform(table);
  ft::Sequential<float> model{ft::Dense(1)};
  model.build({x.shape()[1]}, 1);
  ft::save(path, features, model, {{"threshold", ft::Threshold{.threshold = 0.25}}});
  const auto bundle = ft::load<float>(path);
  CHECK(bundle.predict(table).size() == 50);
  CHECK(bundle.part<ft::Threshold>("threshold")(0.3));
  CHECK_FALSE(bundle.part<ft::Threshold>("threshold")(0.2));
  std::remove(path);
}

TEST_CASE("A SparseMatrix goes to layers that read one, and to no other") {
  ft::SparseMatrix<float> x(4);
  x.add_row(std::vector<std::pair<std::uint32_t, double>>{{1, 2.0}});
  ft::Sequential<float> model{ft::Dense(1)};
  model.compile(ft::Adam(), ft::MeanSquaredError());
  CHECK_THROWS_WITH_AS(model.fit(x, std::vector<float>{1}, {.verbose = 0}), doctest::Contains("SparseDense"),
                       ft::ShapeError);
  CHECK_FALSE(model.built());
  model.fit(std::vector<float>{1, 2}, std::vector<float>{1, 2}, {.verbose = 0});
  CHECK_THROWS_WITH_AS((void)model.predict(x), doctest::Contains("SparseDense"), ft::ShapeError);
  const ft::Bundle<float> bundle(ft::BundleFile<float>{model.network()});
  CHECK_THROWS_WITH_AS((void)bundle.predict(x), doctest::Contains("SparseDense"), ft::ShapeError);
}

TEST_CASE("save: texts that are not UTF-8 are an error, before anything is written") {
  std::remove(path);
  ft::OneHotEncoder<float> cities;
  cities.fit(ft::Table{{"city", {"M\xfcnchen", "M\xe4nchen", "Rom"}}});
  ft::Sequential<float> model{ft::Dense(2)};
  model.build({3}, 1);
  CHECK_THROWS_WITH_AS(ft::save(path, cities, model),
                       doctest::Contains("save: expected texts in UTF-8, received \"M\\xfcnchen\""), ft::DataError);
  CHECK_THROWS_AS(ft::save(path, model, {{"cities", cities}}), ft::DataError);
  CHECK_THROWS_AS(ft::load<float>(path), ft::FormatError);
  cities.fit(ft::Table{{"city", {"M\xc3\xbcnchen", "Rom", "Oslo"}}});
  ft::save(path, cities, model);
  ft::Row row = ft::load<float>(path).predictor().row();
  row.set("city", "M\xc3\xbcnchen");
  CHECK(row.cells()[0] == 0);
  std::remove(path);
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "support/folder.hpp"

namespace ft = foretell;
using ft::support::Folder;

// Every kind of model that can be trained: saved, loaded, asked row by row, with the bits of the trained model's own
// predict for all rows at once.

namespace {

constexpr std::size_t n = 24;

using Fill = std::function<void(ft::Row&, std::size_t)>;

/// A trained model, what it was trained on, and how row i is asked for.
struct Case {
  std::string name;
  ft::Graph<float> graph;
  ft::Tensors<float> x, y;
  ft::ServedInputs served;
  Fill fill;
};

template <class N>
ft::Tensor<N> tensor(const std::vector<std::size_t>& sizes, const std::vector<N>& values) {
  return ft::make_tensor<N>(sizes, values.data());
}
ft::Tensor<float> numbers(std::size_t width, std::uint64_t seed) { return ft::random_normal<float>({n, width}, seed); }
ft::Tensor<std::int64_t> ids(std::size_t width, std::uint64_t below, std::uint64_t seed) {
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i < n * width; ++i)
    values.push_back(static_cast<std::int64_t>(ft::Random(seed).below(i, below)));
  return tensor({n, width}, values);
}
template <class X>
std::span<const typename X::value_type> row_of(const X& x, std::size_t i) {
  return {x.data() + i * (x.size() / n), x.size() / n};
}
ft::Tensor<float> labels(std::uint64_t seed) {
  ft::Tensor<float> y = ft::zeros<float>({n, 1});
  for (std::size_t i = 0; i < n; ++i) y(i, 0) = static_cast<float>(ft::Random(seed).below(i, 2));
  return y;
}
ft::Table visits() {
  std::vector<double> age, pages;
  std::vector<std::string> device, user;
  for (std::size_t i = 0; i < n; ++i) {
    age.push_back(i % 5 == 3 ? ft::missing_cell : 20.0 + static_cast<double>(i));
    pages.push_back(static_cast<double>(i % 7));
    device.push_back(i % 3 == 0 ? "mobile" : i % 3 == 1 ? "desktop" : "tablet");
    user.push_back(std::to_string(std::numeric_limits<std::int64_t>::max() - static_cast<std::int64_t>(i % 4)));
  }
  return {{"age", age}, {"device", device}, {"pages", pages}, {"user", user}};
}
ft::ColumnTransformer<float> columns(const ft::Table& table) {
  ft::ColumnTransformer<float> all(
      {{"numbers",
        ft::Pipeline<float>({{"fill", ft::SimpleImputer<float>()}, {"scale", ft::StandardScaler<float>()}}),
        {"age", "pages"}},
       {"devices", ft::OneHotEncoder<float>(), {"device"}}});
  all.fit(table);
  return all;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  const auto chain = [&](const char* name, const std::vector<ft::Layer<float>>& layers, ft::Tensors<float> x, Fill fill,
                         ft::ServedInputs served = {}) {
    ft::Graph<float> graph;
    ft::Node node = graph.input(x.entries()[0].name);
    for (const auto& layer : layers) node = graph.add(layer, node);
    graph.output("y", node);
    all.push_back({name, graph, std::move(x), {{"y", labels(7)}}, std::move(served), std::move(fill)});
  };
  const ft::Dense<float> last(1, {.activation = ft::sigmoid});
  const auto x = numbers(5, 1);
  chain("a chain of numbers", {ft::Dense<float>(4, {.activation = ft::relu}), ft::BatchNormalization<float>(), last},
        {{"x", x}}, [=](ft::Row& row, std::size_t i) { row.set("x", row_of(x, i)); });

  const ft::Table table = visits();
  const auto features = columns(table);
  chain("columns", {ft::Dense<float>(4, {.activation = ft::tanh}), last}, {{"x", features.transform(table)}},
        [=](ft::Row& row, std::size_t i) { row.assign(table, i); }, {{"x", features}});

  const auto basket = ids(6, 9, 2);
  chain("a sequence of ids", {ft::Embedding<float>(9, 3, {.mask_zero = true}), ft::LSTM<float>(4), last},
        {{"basket", basket}}, [=](ft::Row& row, std::size_t i) { row.set("basket", row_of(basket, i)); });
  chain("a bag of ids", {ft::EmbeddingBag<float>(9, 3), last}, {{"basket", basket}},
        [=](ft::Row& row, std::size_t i) { row.set("basket", row_of(basket, i)); });
  const auto fields = ids(3, 4, 5);
  chain("ids of several fields", {ft::FieldEmbedding<float>({4, 4, 4}, 3), ft::Flatten<float>(), last},
        {{"fields", fields}}, [=](ft::Row& row, std::size_t i) { row.set("fields", row_of(fields, i)); });

  const auto steps = ft::random_normal<float>({n, 4, 2}, 8);
  chain("a sequence of numbers", {ft::MultiHeadAttention<float>(2, 3), ft::GlobalAveragePooling1D<float>(), last},
        {{"steps", steps}}, [=](ft::Row& row, std::size_t i) { row.set("steps", row_of(steps, i)); });
  const auto image = ft::random_normal<float>({n, 4, 4, 1}, 9);
  chain("an image", {ft::Conv2D<float>(2, {3, 3}), ft::Flatten<float>(), last}, {{"image", image}},
        [=](ft::Row& row, std::size_t i) { row.set("image", row_of(image, i)); });

  const std::vector<std::string> words{"good soup", "bad soup", "", "good table, good chair"};
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < n; ++i) texts.push_back(words[i % 4]);
  ft::TfidfVectorizer<float> vectorizer;
  const ft::SparseMatrix<float> rows = vectorizer.fit_transform(texts);
  chain("sparse rows", {ft::SparseDense<float>(rows.columns(), 3), last}, {{"words", rows}},
        [=](ft::Row& row, std::size_t i) {
          std::vector<float> dense(rows.columns());
          for (std::size_t k = 0; k < rows.indices(i).size(); ++k) dense[rows.indices(i)[k]] = rows.values(i)[k];
          row.set("words", std::span<const float>(dense));
        });

  {  // texts as a column: among numbers, as sparse rows, as ids of words
    ft::Table reviews = table;
    reviews.add("review", texts);
    ft::ColumnTransformer<float> mixed(
        {{"numbers", ft::MinMaxScaler<float>(), {"pages"}}, {"words", ft::TfidfVectorizer<float>(), {"review"}}});
    mixed.fit(reviews);
    const auto by_name = [=](ft::Row& row, std::size_t i) {
      if (i % 3) return row.assign(reviews, i);
      row.set("pages", reviews.column("pages").number(i));
      row.set("review", reviews.column("review").text(i));
    };
    chain("texts among numbers", {ft::Dense<float>(3, {.activation = ft::tanh}), last},
          {{"x", mixed.transform(reviews)}}, by_name, {{"x", mixed}});
    const ft::SparseMatrix<float> sparse = mixed.transform_sparse(reviews);
    chain("texts and numbers, sparse", {ft::SparseDense<float>(sparse.columns(), 3), last}, {{"x", sparse}}, by_name,
          {{"x", mixed}});
    ft::ColumnTransformer<float> tokens(
        {{"words", ft::TextVectorization<float>({.output_sequence_length = 5}), {"review"}}});
    tokens.fit(reviews);
    chain("ids of words", {ft::Embedding<float>(20, 3, {.mask_zero = true}), ft::GRU<float>(3), last},
          {{"x", tokens.transform<ft::Table, std::int64_t>(reviews)}},
          [=](ft::Row& row, std::size_t i) { row.set("review", reviews.column("review").text(i)); }, {{"x", tokens}});
  }
  {  // two towers: ids of users that no float holds, and columns of one table
    std::vector<std::int64_t> users;
    for (std::size_t i = 0; i < n; ++i)
      users.push_back(std::numeric_limits<std::int64_t>::max() - static_cast<std::int64_t>(i % 4));
    Case towers;
    towers.name = "two towers";
    const auto user = towers.graph.input("user"), visit = towers.graph.input("visit");
    const auto a = towers.graph.add(ft::Flatten(), towers.graph.add(ft::HashedEmbedding(64, 3), user));
    const auto b = towers.graph.add(ft::Dense(3), visit);
    towers.graph.output("y", towers.graph.add(ft::Activation(ft::sigmoid), towers.graph.add(ft::Dot(), {a, b})));
    towers.x = {{"user", tensor({n, 1}, users)}, {"visit", features.transform(table)}};
    towers.y = {{"y", labels(3)}};
    towers.served = {{"visit", features}, {"user", {"user"}}};
    towers.fill = [=](ft::Row& row, std::size_t i) {
      if (i % 2) {
        row.assign(table, i);
      } else {
        row.set("user", users[i]);
        row.set("device", table.column("device").text(i));
        row.set("pages", table.column("pages").number(i));
        row.set("age", table.column("age").number(i));
      }
    };
    all.push_back(std::move(towers));
  }
  {  // wide and deep, several tasks, a shared layer
    Case tasks;
    tasks.name = "several inputs, several outputs";
    const auto wide = tasks.graph.input("words"), deep = tasks.graph.input("x"), items = tasks.graph.input("basket");
    const auto shared = tasks.graph.add(ft::Dense(4, {.activation = ft::relu}), deep);
    const auto bag = tasks.graph.add(ft::EmbeddingBag(9, 3), items);
    const auto joined = tasks.graph.add(ft::Concatenate(), {tasks.graph.add(ft::SparseDense(rows.columns(), 2), wide),
                                                            shared, tasks.graph.share(shared, deep), bag});
    tasks.graph.output("buys", tasks.graph.add(ft::Dense(1, {.activation = ft::sigmoid}), joined));
    tasks.graph.output("spend", tasks.graph.add(ft::Dense(1), joined));
    tasks.graph.output("next", tasks.graph.add(ft::Dense(5, {.activation = ft::softmax}), joined));
    tasks.x = {{"basket", basket}, {"words", rows}, {"x", x}};
    ft::Tensor<float> next = ft::zeros<float>({n, 1});
    for (std::size_t i = 0; i < n; ++i) next(i, 0) = static_cast<float>(i % 5);
    tasks.y = {{"buys", labels(4)}, {"spend", numbers(1, 12)}, {"next", next}};
    tasks.fill = [=](ft::Row& row, std::size_t i) {
      std::vector<double> dense(rows.columns());
      for (std::size_t k = 0; k < rows.indices(i).size(); ++k)
        dense[rows.indices(i)[k]] = static_cast<double>(rows.values(i)[k]);
      row.set("words", std::span<const double>(dense));
      row.set("x", row_of(x, i));
      row.set("basket", row_of(basket, i));
    };
    all.push_back(std::move(tasks));
  }
  return all;
}

}  // namespace

TEST_CASE("Every kind of model: saved, loaded and asked row by row, the bits of training's predict") {
  const Folder folder;
  for (const Case& c : cases()) {
    CAPTURE(c.name);
    ft::Model<float> model(c.graph);
    if (c.y.entries().size() == 1)
      model.compile(ft::Adam(), ft::BinaryCrossentropy());
    else
      model.compile(ft::Adam(), {{"buys", ft::BinaryCrossentropy()},
                                 {"spend", ft::MeanSquaredError()},
                                 {"next", ft::SparseCategoricalCrossentropy()}});
    model.fit(c.x, c.y, {.batch_size = 5, .epochs = 2, .seed = 1, .verbose = 0});
    const ft::Tensors<float> expected = model.predict(c.x);
    ft::save(folder / "m.safetensors", c.served, model, {.metadata = {{"trained by", "a test"}}, .version = "3"});
    const ft::Bundle<float> bundle = ft::load<float>(folder / "m.safetensors");
    CHECK(bundle.version() == "3");
    CHECK(bundle.metadata().at("trained by") == "a test");
    const ft::Tensors<float> at_once = bundle.predict(c.x);
    ft::Predictor<float> predictor = bundle.predictor();
    ft::Row row = predictor.row();
    for (std::size_t i = 0; i < n; ++i) {
      CAPTURE(i);
      c.fill(row, i);
      const ft::Answer<float> answer = predictor.answer(row);
      for (const auto& entry : expected.entries()) {
        const ft::Tensor<float>& y = expected[entry.name];
        const std::span<const float> got = answer[entry.name].values(), want = row_of(y, i);
        CHECK(at_once[entry.name] == y);
        REQUIRE(got.size() == want.size());
        for (std::size_t k = 0; k < want.size(); ++k) CHECK(got[k] == want[k]);
      }
      CHECK(answer.value() == row_of(expected[bundle.outputs()[0].name], i)[0]);
      CHECK(predictor(row)[0] == answer.value());
    }
    const auto again = ft::Model<float>::load(folder / "m.safetensors");
    for (const auto& entry : expected.entries()) CHECK(again.predict(c.x)[entry.name] == expected[entry.name]);
  }
}

TEST_CASE("Answers: classes, thresholds, calibration, the greatest numbers; what is not there is an error") {
  const Folder folder;
  const ft::Table table = visits();
  const auto features = columns(table);
  ft::Sequential<float> model{ft::Dense(3, {.activation = ft::relu}), ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam(), ft::BinaryCrossentropy());
  const ft::Tensor<float> x = features.transform(table), y = labels(7);
  model.fit(x, y, {.epochs = 3, .seed = 1, .verbose = 0});
  const ft::Tensor<float> p = model.predict(x);
  const std::vector<float> scores(p.begin(), p.end());
  const auto platt = ft::PlattCalibrator().fit(scores, y);
  const auto isotonic = ft::IsotonicCalibrator().fit(scores, y);
  for (const ft::Calibration& calibration : {ft::Calibration(platt), ft::Calibration(isotonic), ft::Calibration()}) {
    ft::save(folder / "m.safetensors", features, model,
             {.outputs = {{.classes = {"no", "yes"}, .calibration = calibration, .threshold = 0.4}}});
    const ft::Bundle<float> bundle = ft::load<float>(folder / "m.safetensors");
    const std::vector<float> all = bundle.predict(table), given = bundle.predict(x);
    CHECK(all == given);
    ft::Predictor<float> predictor = bundle.predictor(), many = bundle.predictor(n, ft::Executor(2));
    ft::Row row = predictor.row();
    const std::span<const float> direct = many(std::span<const float>(x.data(), x.size()));
    CHECK(std::equal(direct.begin(), direct.end(), all.begin(), all.end()));
    for (std::size_t i = 0; i < n; ++i) {
      row.assign(table, i);
      const ft::Answer<float> answer = predictor.answer(row);
      const double score = static_cast<double>(scores[i]);
      const auto expected = static_cast<float>(calibration.way() == ft::Calibration::Way::platt      ? platt(score)
                                               : calibration.way() == ft::Calibration::Way::isotonic ? isotonic(score)
                                                                                                     : score);
      CHECK(answer.value() == expected);
      CHECK(all[i] == expected);
      CHECK(predictor(row)[0] == expected);
      CHECK(answer.probability("yes") == expected);
      CHECK(answer.probability("no") == 1 - expected);
      CHECK(answer.label() == (static_cast<double>(expected) >= 0.4 ? "yes" : "no"));
      CHECK_THROWS_WITH_AS((void)answer.probability("maybe"), doctest::Contains("expected one of the classes \"no\""),
                           ft::ConfigError);
      CHECK_THROWS_WITH_AS((void)answer["price"], doctest::Contains("expected one of the outputs"), ft::ConfigError);
    }
  }
  ft::save(folder / "m.safetensors", features, model);
  ft::Predictor<float> bare = ft::load<float>(folder / "m.safetensors").predictor();
  ft::Row row = bare.row();
  row.clear();
  CHECK_THROWS_WITH_AS((void)bare.answer(row).label(), doctest::Contains("expected classes with names"),
                       ft::ConfigError);
  CHECK(bare.answer(row).missing() == 3);

  // Several classes: a temperature, the greatest of them.
  ft::Sequential<float> classes{ft::Dense(4, {.activation = ft::softmax})};
  classes.build({3}, 2);
  const ft::Tensor<float> z = numbers(3, 4), q = classes.predict(z);
  ft::Tensor<float> logits = q, truth = ft::zeros<float>({n});
  for (std::size_t i = 0; i < n * 4; ++i) logits.data()[i] = std::log(q.data()[i]);
  for (std::size_t i = 0; i < n; ++i) truth(i) = static_cast<float>(i % 4);
  const auto temperature = ft::TemperatureScaling().fit(logits, truth);
  ft::save(folder / "c.safetensors", classes,
           {.outputs = {{.classes = {"a", "b", "c", "d"}, .calibration = temperature, .top_k = 2}}});
  ft::Predictor<float> four = ft::load<float>(folder / "c.safetensors").predictor();
  ft::Row one = four.row();
  for (std::size_t i = 0; i < n; ++i) {
    one.set(four.row().fields().arrays[0].name, row_of(z, i));
    const ft::Answer<float> answer = four.answer(one);
    double sum = 0, total = 0;
    for (std::size_t k = 0; k < 4; ++k)
      total += std::exp(static_cast<double>(logits(i, k)) / temperature.temperature());
    for (std::size_t k = 0; k < 4; ++k) {
      sum += static_cast<double>(answer.values()[k]);
      CHECK(static_cast<double>(answer.values()[k]) ==
            doctest::Approx(std::exp(static_cast<double>(logits(i, k)) / temperature.temperature()) / total)
                .epsilon(1e-5));
    }
    CHECK(sum == doctest::Approx(1).epsilon(1e-6));
    REQUIRE(answer.top().size() == 2);
    CHECK(answer.top()[0].label == answer.label());
    CHECK(answer.top()[0].value == answer.probability(answer.label()));
    CHECK(answer.top()[0].value >= answer.top()[1].value);
  }
}

TEST_CASE("What cannot be served is refused when it is saved; an array that was not set when it is asked") {
  const Folder folder;
  const std::string path = folder / "m.safetensors";
  ft::Sequential<float> model{ft::Dense(1, {.activation = ft::sigmoid})};
  model.build({2}, 1);
  const auto refused = [&](const ft::ServedInputs& inputs, const ft::SaveOptions& options, const char* message) {
    CHECK_THROWS_WITH_AS(ft::save(path, inputs, model, options), doctest::Contains(message), ft::Error);
    CHECK_THROWS_AS((void)ft::read_csv(path), ft::Error);  // nothing was written
  };
  refused({{"price", {"a", "b"}}}, {}, "received it for \"price\"");
  refused({{"", {"a"}}}, {}, "the 1 features the preprocessing gives");
  refused({{"", {"a", "b"}}, {"", {"c", "d"}}}, {}, "expected each input once");
  refused({}, {.outputs = {{.name = "spend"}}}, "expected one of the network's outputs");
  refused({}, {.outputs = {{.classes = {"a", "b", "c"}}}}, "expected the names of 2 classes, received 3");
  refused({}, {.outputs = {{.classes = {"a", "a"}}}}, "received \"a\" twice");
  refused({}, {.outputs = {{.threshold = 0.5}}}, "expected a threshold for one probability");
  refused({}, {.outputs = {{.top_k = 2}}}, "expected a top_k of at most 1");
  CHECK_THROWS_AS((void)ft::Calibration{ft::PlattCalibrator()}, ft::StateError);
  CHECK_THROWS_AS((void)ft::Calibration{ft::TemperatureScaling()}, ft::StateError);
  CHECK_THROWS_AS(ft::ServedInput("x", ft::StandardScaler<float>()), ft::StateError);

  ft::save(path, ft::ServedInputs{{"", {"a", "b"}}}, model);
  ft::Predictor<float> columns = ft::load<float>(path).predictor();
  ft::Row row = columns.row();
  row.set("a", 1.5);
  CHECK_THROWS_WITH_AS((void)columns(row), doctest::Contains("received a missing one"), ft::DataError);
  row.change("b", 2);
  CHECK(columns(row)[0] == model.predict(ft::Tensor<float>{{1.5f, 2.f}})(0, 0));

  model.save(path);
  ft::Predictor<float> arrays = ft::load<float>(path).predictor();
  ft::Row request = arrays.row();
  CHECK_THROWS_WITH_AS((void)arrays(request), doctest::Contains("expected a request with the array"), ft::DataError);
  const std::vector<float> three{1, 2, 3};
  const std::string name = arrays.row().fields().arrays[0].name;
  CHECK_THROWS_WITH_AS(request.set(name, std::span<const float>(three)),
                       doctest::Contains("expected 2 numbers, received 3"), ft::ShapeError);
  CHECK_THROWS_WITH_AS((void)arrays(row), doctest::Contains("received one of another model"), ft::DataError);
}

TEST_CASE("Loading from memory: the same model, and errors that name no file") {
  const Folder folder;
  const ft::Table table = visits();
  const auto features = columns(table);
  ft::Sequential<float> model{ft::Dense(1)};
  model.build({features.get_feature_names_out().size()}, 1);
  ft::save(folder / "m.safetensors", features, model);
  const std::string bytes = ft::support::read_file(folder / "m.safetensors");
  const auto span = std::as_bytes(std::span<const char>(bytes));
  CHECK(ft::load<float>(span).predict(table) == ft::load<float>(folder / "m.safetensors").predict(table));
  for (const std::size_t size : {std::size_t(0), std::size_t(7), std::size_t(100), bytes.size() - 1})
    CHECK_THROWS_WITH_AS((void)ft::load<float>(span.first(size)), doctest::Contains("memory"), ft::FormatError);
}

TEST_CASE("Streams of ids: integers up to 2^63 - 1, event after event, from numbers, ids and columns") {
  const Folder folder;
  constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> events;
  for (std::size_t i = 0; i < 2 * 5; ++i) events.push_back(greatest - static_cast<std::int64_t>(i % 3));
  const ft::Tensor<std::int64_t> x = tensor({2, 5}, events);
  ft::Sequential<float> model{ft::HashedEmbedding(100, 4), ft::GRU(3), ft::Dense(1)};
  model.compile(ft::Adam(), ft::MeanSquaredError());
  model.fit(x, std::vector<float>{0, 1}, {.epochs = 2, .seed = 1, .verbose = 0});
  const ft::Tensor<float> expected = model.predict(x);
  ft::save(folder / "m.safetensors", ft::ServedInputs{{"", {"item"}}}, model);
  const ft::Bundle<float> bundle = ft::load<float>(folder / "m.safetensors");
  ft::Stream<float> by_ids = bundle.stream(), by_rows = bundle.stream();
  ft::Row event = by_rows.row();
  for (std::size_t r = 0; r < 2; ++r) {
    by_ids.reset();
    by_rows.reset();
    float a = 0, b = 0;
    for (std::size_t t = 0; t < 5; ++t) {
      a = by_ids(std::span<const std::int64_t>(events.data() + 5 * r + t, 1))[0];
      event.set("item", events[5 * r + t]);
      b = by_rows.answer(event).value();
    }
    CHECK(a == expected(r, 0));
    CHECK(b == expected(r, 0));
  }
  event.set_missing("item");
  CHECK(event.cells().size() == 1);
  CHECK_THROWS_WITH_AS((void)by_rows(event), doctest::Contains("received a missing one"), ft::DataError);
  event.set("item", "9223372036854775807");
  by_rows.reset();
  CHECK_NOTHROW((void)by_rows(event));
}

TEST_CASE("Requests as JSON: columns and lists by name, exact ids; what is none is refused and forgotten") {
  const Folder folder;
  const Case towers = [] {
    for (Case& c : cases())
      if (c.name == "two towers") return c;
    return Case();
  }();
  ft::Model<float> model(towers.graph);
  model.compile(ft::Adam(), ft::BinaryCrossentropy());
  model.fit(towers.x, towers.y, {.epochs = 1, .seed = 1, .verbose = 0});
  ft::save(folder / "m.safetensors", towers.served, model);
  ft::Predictor<float> predictor = ft::load<float>(folder / "m.safetensors").predictor();
  ft::JsonRow request(predictor.row());
  const ft::Table table = visits();
  ft::Row row = predictor.row();
  for (std::size_t i = 0; i < n; ++i) {
    row.assign(table, i);
    const float expected = predictor(row)[0];
    const std::string age = table.column("age").missing(i) ? "null" : ft::text(table.column("age").number(i));
    const std::string json =
        ft::text("{\"user\": ", table.column("user").text(i), ", \"device\": \"", table.column("device").text(i),
                 "\", \"pages\": ", table.column("pages").number(i), ".0, \"age\": ", age, "}");
    CHECK(predictor(request.read(json))[0] == expected);
    const ft::Answer<float> answer = predictor.answer(request.row());
    CHECK(answer.value() == expected);
    CHECK(answer.missing() == (age == "null" ? 1 : 0));
  }
  CHECK(predictor.answer(request.read("{\"user\": \"7\", \"device\": \"\\u00e9\"}")).unknown() == 1);
  for (const auto& [wrong, why] :
       std::vector<std::pair<std::string, std::string>>{{"{\"user\": 1, \"user\": 2}", "received \"user\" twice"},
                                                        {"{\"usr\": 1}", "expected one of the columns"},
                                                        {"{\"user\": [1]}", "a list for the column \"user\""},
                                                        {"{\"user\": {\"id\": 1}}", "an object within the object"},
                                                        {"{\"pages\": 1e999}", "which no double holds"},
                                                        {"[1]", "received a list"},
                                                        {"7", "received 7"},
                                                        {"", "received"},
                                                        {"{\"pages\": 1} x", "received"},
                                                        {"{\"pages\": 1", "received"}}) {
    const std::string &json = wrong, &message = why;
    CAPTURE(json);
    CHECK_THROWS_WITH_AS((void)request.read(json), doctest::Contains(message.c_str()), ft::DataError);
    for (const double cell : request.row().cells()) CHECK((std::isnan(cell) || ft::id_in(cell) == ft::missing_id));
  }

  ft::Sequential<float> basket{ft::EmbeddingBag(9, 3), ft::Dense(1)};
  const auto x = ids(6, 9, 2);
  basket.build({6}, 1);
  basket.save(folder / "b.safetensors");
  ft::Predictor<float> bags = ft::load<float>(folder / "b.safetensors").predictor();
  ft::JsonRow list(bags.row());
  const std::string name = list.row().fields().arrays[0].name;
  const ft::Tensor<float> expected = basket.predict(ft::Tensor<float>{{0, 0, 0, 3, 4, 8}});
  CHECK(bags(list.read(ft::text("{\"", name, "\": [0, 0, 0, 3, 4, 8]}")))[0] == expected(0, 0));
  CHECK_THROWS_WITH_AS((void)list.read(ft::text("{\"", name, "\": 3}")), doctest::Contains("which is a list"),
                       ft::DataError);
  CHECK_THROWS_WITH_AS((void)list.read(ft::text("{\"", name, "\": [1, null]}")), doctest::Contains("null in a list"),
                       ft::DataError);
}

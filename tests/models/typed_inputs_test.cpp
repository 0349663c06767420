// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "support/folder.hpp"

namespace ft = foretell;
using ft::support::Folder;

namespace {

constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();

template <class N>
ft::Tensor<N> column(const std::vector<N>& values) {
  return ft::make_tensor<N>({values.size(), 1}, values.data());
}

/// A SparseMatrix of some rows, and the same as pairs of rows.
ft::SparseMatrix<float> matrix(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  ft::SparseMatrix<float> out(columns);
  const ft::Random random(seed);
  for (std::size_t r = 0; r < rows; ++r) {
    std::vector<std::pair<std::size_t, float>> row;
    for (std::size_t c = random.below(2 * r, 5); c < columns; c += 1 + random.below(1000 + r * columns + c, 9))
      row.emplace_back(c, static_cast<float>(random.normal(r * columns + c)));
    if (r % 5 == 4) row.clear();
    out.add_row(row);
  }
  return out;
}

}  // namespace

TEST_CASE("Ids up to 2^63 - 1 are apart from one another: fit, evaluate, predict, file") {
  const std::vector<std::int64_t> ids{greatest,  greatest - 1,  greatest - 2, (1LL << 53) + 1, 1LL << 53,
                                      -greatest, -greatest + 1, 16777217,     16777216,        0};
  const ft::Tensor<std::int64_t> x = column(ids);
  std::vector<float> y;
  for (std::size_t i = 0; i < ids.size(); ++i) y.push_back(static_cast<float>(i % 2));
  ft::Sequential<float> model{ft::HashedEmbedding(1000, 4), ft::Flatten(), ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam({.learning_rate = 0.05}), ft::BinaryCrossentropy(), {ft::BinaryAccuracy()});
  model.fit(x, y, {.epochs = 1, .seed = 1, .verbose = 0});
  ft::Tensor<float> p = model.predict(x);
  for (std::size_t i = 0; i < ids.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) CHECK(p(i, 0) != p(j, 0));
  model.fit(x, y, {.epochs = 200, .seed = 1, .verbose = 0});
  CHECK(model.evaluate(x, y)["binary_accuracy"] == 1);  // neighbours have other labels
  p = model.predict(x);
  const Folder folder;
  model.save(folder / "m.safetensors");
  CHECK(ft::Sequential<float>::load(folder / "m.safetensors").predict(x) == p);
  // As numbers of float they would merge: refused.
  const std::vector<float> merged{16777217.f};
  CHECK_THROWS_WITH_AS((void)model.predict(column(merged)), doctest::Contains("give larger ids as integers of 64 bits"),
                       ft::DataError);
  const std::vector<std::int64_t> none{ft::missing_id};
  CHECK_THROWS_WITH_AS((void)model.predict(column(none)), doctest::Contains("received a missing one in row 0"),
                       ft::DataError);
  const std::vector<std::uint64_t> beyond{std::uint64_t(1) << 63};
  const auto refusal = doctest::Contains("whole numbers up to 9223372036854775807, received 9223372036854775808");
  CHECK_THROWS_WITH_AS((void)model.predict(column(beyond)), refusal, ft::DataError);
  CHECK_THROWS_WITH_AS((ft::Tensors<float>{{"input", column(beyond)}}), refusal, ft::DataError);
  ft::Trainer<float> trainer(model);
  CHECK_THROWS_WITH_AS((void)trainer.step(column(beyond), std::vector<float>{1}), refusal, ft::DataError);
}

TEST_CASE("Ids as integers give the bits of ids as numbers: all layers of ids, all integers, training too") {
  const auto check = [](const char* what, const std::vector<ft::Layer<float>>& layers) {
    CAPTURE(what);
    std::vector<float> numbers;
    std::vector<std::int32_t> small;
    std::vector<std::int64_t> large;
    std::vector<float> y;
    const ft::Random random(3);
    for (std::size_t i = 0; i < 40 * 3; ++i) {
      large.push_back(static_cast<std::int64_t>(random.below(i, 9)));
      small.push_back(static_cast<std::int32_t>(large.back()));
      numbers.push_back(static_cast<float>(large.back()));
      if (i % 3 == 0) y.push_back(static_cast<float>(large.back() % 2));
    }
    const auto train = [&](const auto& x) {
      ft::Sequential<float> model(layers);
      model.compile(ft::Adam({.learning_rate = 0.01}), ft::MeanSquaredError());
      model.fit(x, y, {.batch_size = 8, .epochs = 3, .validation_split = 0.2, .seed = 1, .verbose = 0});
      return model;
    };
    const auto as = [](const auto& values) {
      return ft::make_tensor<std::remove_cvref_t<decltype(values[0])>>({40, 3}, values.data());
    };
    const auto a = train(as(numbers)), b = train(as(small)), c = train(as(large));
    CHECK(a.network().weights() == b.network().weights());
    CHECK(a.network().weights() == c.network().weights());
    CHECK(a.predict(as(numbers)) == c.predict(as(large)));
    CHECK(c.predict(as(numbers)) == a.predict(as(small)));
    CHECK(a.evaluate(as(numbers), y)["loss"] == c.evaluate(as(large), y)["loss"]);
  };
  const ft::Dense<float> last(1);
  check("Embedding", {ft::Embedding<float>(9, 4, {.mask_zero = true}), ft::GRU<float>(3), last});
  check("oov_slot", {ft::Embedding<float>(5, 4, {.oov_slot = true}), ft::Flatten<float>(), last});
  check("EmbeddingBag", {ft::EmbeddingBag<float>(9, 4), last});
  check("FieldEmbedding", {ft::FieldEmbedding<float>({9, 9, 4}, 4), ft::Flatten<float>(), last});
  check("HashedEmbedding", {ft::HashedEmbedding<float>(20, 4, {.mask_zero = true}), ft::GRU<float>(3), last});
  check("behind another layer", {ft::Reshape<float>({3}), ft::Embedding<float>(9, 4), ft::Flatten<float>(), last});
  check("as numbers", {ft::Dense<float>(5), last});
}

TEST_CASE("A table of more than 2^24 ids in a network of float, with ids as integers") {
  ft::Sequential<float> model{ft::Embedding((1 << 24) + 10, 1), ft::Flatten()};
  const std::vector<std::int64_t> ids{(1 << 24) + 9, (1 << 24) + 8, 1};
  const ft::Tensor<float> y = column(std::vector<float>{1, -1, 0.5});
  model.compile(ft::SGD({.learning_rate = 1}), ft::MeanSquaredError());
  model.fit(column(ids), y, {.epochs = 60, .seed = 1, .verbose = 0});
  const ft::Tensor<float> p = model.predict(column(ids));
  for (std::size_t i = 0; i < 3; ++i) CHECK(p(i, 0) == doctest::Approx(y(i, 0)).epsilon(1e-3));
  const std::vector<float> numbers{1};
  CHECK_THROWS_WITH_AS((void)model.predict(column(numbers)), doctest::Contains("have to be given as integers"),
                       ft::ConfigError);
  CHECK_THROWS_WITH_AS((void)model.predict(column(std::vector<std::int64_t>{(1 << 24) + 10})),
                       doctest::Contains("from 0 to 16777225, received 16777226 in row 0"), ft::DataError);
}

TEST_CASE("Several inputs of several kinds: ids, sparse rows, numbers, by name") {
  constexpr std::size_t n = 60;
  std::vector<std::int64_t> users;
  std::vector<float> signals, label;
  for (std::size_t i = 0; i < n; ++i) {
    users.push_back(greatest - static_cast<std::int64_t>(i % 7));
    signals.push_back(static_cast<float>(i % 3));
    signals.push_back(1);
    label.push_back(static_cast<float>(i % 7 < 3));
  }
  const ft::SparseMatrix<float> words = matrix(n, 50, 9);
  const ft::Tensor<float> numbers = ft::make_tensor<float>({n, 2}, signals.data());
  ft::Graph<float> graph;
  const auto user = graph.input("user"), text = graph.input("words"), signal = graph.input("signals");
  const auto taste = graph.add(ft::Flatten(), graph.add(ft::HashedEmbedding(512, 4), user));
  const auto wide = graph.add(ft::SparseDense(50, 3), text);
  graph.output("buys", graph.add(ft::Dense(1, {.activation = ft::sigmoid}),
                                 graph.add(ft::Concatenate(), {taste, wide, signal})));
  const auto make = [&] {
    ft::Model<float> model(graph);
    model.compile(ft::Adam({.learning_rate = 0.05}), {{"buys", ft::BinaryCrossentropy()}}, {{"buys", ft::AUC()}});
    return model;
  };
  const ft::Tensors<float> x{{"user", column(users)}, {"words", words}, {"signals", numbers}}, y{{"buys", label}};
  ft::Model<float> model = make();
  model.fit(x, y, {.batch_size = 16, .epochs = 30, .seed = 2, .verbose = 0});
  CHECK(model.evaluate(x, y)["auc"] == 1);
  const Folder folder;
  model.save(folder / "m.safetensors");
  const auto loaded = ft::Model<float>::load(folder / "m.safetensors");
  CHECK(loaded.network().inputs().kinds ==
        std::vector<ft::InputKind>{ft::InputKind::ids, ft::InputKind::sparse, ft::InputKind::numbers});
  CHECK(loaded.predict(x)["buys"] == model.predict(x)["buys"]);
  CHECK_THROWS_WITH_AS((void)x["words"], doctest::Contains("it holds a SparseMatrix"), ft::ConfigError);

  // From a stream, in chunks of several widths, with validation: the same weights as rows in order from arrays.
  const auto part = [&](std::size_t first, std::size_t count) {
    std::vector<std::size_t> rows;
    for (std::size_t i = first; i < first + count; ++i) rows.push_back(i);
    const std::vector<std::int64_t> some(users.begin() + std::ptrdiff_t(first),
                                         users.begin() + std::ptrdiff_t(first + count));
    const std::vector<float> labels(label.begin() + std::ptrdiff_t(first),
                                    label.begin() + std::ptrdiff_t(first + count));
    return ft::Examples<float>(
        ft::Tensors<float>{{"user", column(some)},
                           {"words", words.take(rows)},
                           {"signals", ft::make_tensor<float>({count, 2}, signals.data() + 2 * first)}},
        ft::Tensors<float>{{"buys", labels}});
  };
  ft::Model<float> streamed = make(), ordered = make();
  const std::vector<ft::Examples<float>> chunks{part(0, 13), part(13, 20), part(33, 27)};
  streamed.fit(
      ft::ExampleStream<float>(chunks),
      {.batch_size = 8, .epochs = 2, .validation_data = part(0, 20), .shuffle = false, .seed = 3, .verbose = 0});
  ordered.fit(x, y, {.batch_size = 8, .epochs = 2, .shuffle = false, .seed = 3, .verbose = 0});
  CHECK(streamed.network().weights() == ordered.network().weights());
  ft::Model<float> shuffled = make();
  CHECK_NOTHROW(shuffled.fit(ft::ExampleStream<float>(chunks),
                             {.batch_size = 8, .epochs = 3, .shuffle_buffer = 20, .seed = 3, .verbose = 0}));
}

TEST_CASE("An input that layers of several kinds read is numbers; kinds that nobody can read are refused") {
  ft::Graph<float> graph;
  const auto x = graph.input("x", {1});
  graph.output("y", graph.add(ft::Concatenate(), {graph.add(ft::Flatten(), graph.add(ft::Embedding(9, 2), x)), x}));
  ft::Model<float> model(graph);
  model.build({{1}}, 1);
  const std::vector<std::int64_t> good{3}, bad{(1 << 24) + 1};
  CHECK(model.predict(column(good))(0, 2) == 3);
  CHECK_THROWS_WITH_AS((void)model.predict(column(bad)), doctest::Contains("from 0 to 8"), ft::DataError);

  ft::Sequential<float> dense{ft::Dense(2)}, sparse{ft::SparseDense(5, 2)};
  const ft::SparseMatrix<float> rows = matrix(3, 5, 1);
  CHECK_THROWS_WITH_AS((void)dense.predict(rows), doctest::Contains("expected an array, received a SparseMatrix"),
                       ft::ShapeError);
  CHECK_THROWS_WITH_AS((void)sparse.predict(ft::Tensor<float>{{1, 2, 3, 4, 5}}),
                       doctest::Contains("expected a SparseMatrix, received an array"), ft::ShapeError);
  CHECK_THROWS_WITH_AS(ft::Sequential<float>({ft::Reshape<float>({5}), ft::SparseDense<float>(5, 2)}).build({5}),
                       doctest::Contains("expected a SparseMatrix that is an input of the model, received numbers"),
                       ft::ShapeError);
  CHECK_THROWS_WITH_AS(ft::Sequential<float>({ft::TimeDistributed<float>(ft::SparseDense<float>(5, 2))}).build({3, 5}),
                       doctest::Contains("received numbers"), ft::ShapeError);
}

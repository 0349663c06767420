// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "support/folder.hpp"

namespace ft = foretell;
using ft::support::Folder;

namespace {

/// Central differences of a model's answers, number by number of one input.
ft::Tensor<double> differences(const ft::Model<double>& model, const ft::Tensor<double>& x, std::size_t index) {
  constexpr double step = 1e-5;
  ft::Tensor<double> out = x, moved = x;
  const std::size_t rows = x.shape(0), width = x.size() / rows;
  for (std::size_t i = 0; i < width; ++i) {
    const auto answers = [&](double by) {
      for (std::size_t r = 0; r < rows; ++r) moved.data()[r * width + i] = x.data()[r * width + i] + by;
      ft::Tensor<double> y = model.predict(moved);
      for (std::size_t r = 0; r < rows; ++r) moved.data()[r * width + i] = x.data()[r * width + i];
      return y;
    };
    const ft::Tensor<double> above = answers(step), below = answers(-step);
    const std::size_t size = above.size() / rows;
    for (std::size_t r = 0; r < rows; ++r)
      out.data()[r * width + i] = (above.data()[r * size + index] - below.data()[r * size + index]) / (2 * step);
  }
  return out;
}
void check_close(const ft::Tensor<double>& a, const ft::Tensor<double>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    CHECK(std::abs(a.data()[i] - b.data()[i]) <= 1e-7 * (1 + std::abs(b.data()[i])));
}

}  // namespace

TEST_CASE("Gradients of inputs are those of predict: finite differences, layers of every kind") {
  struct Case {
    const char* name;
    ft::Shape shape;
    std::vector<ft::Layer<double>> layers;
  };
  const ft::Dense<double> last(3, {.activation = ft::softmax});
  const std::vector<Case> cases{
      {"Dense", {4}, {ft::Dense<double>(5, {.activation = ft::gelu}), ft::Dropout<double>(0.5), last}},
      {"normalised",
       {4},
       {ft::BatchNormalization<double>(), ft::Dense<double>(5, {.activation = ft::tanh}),
        ft::LayerNormalization<double>(), ft::GaussianNoise<double>(0.3), last}},
      {"LSTM", {5, 3}, {ft::LSTM<double>(4, {.dropout = 0.3, .recurrent_dropout = 0.3}), last}},
      {"GRU", {5, 3}, {ft::GRU<double>(4, {.return_sequences = true}), ft::GlobalMaxPooling1D<double>(), last}},
      {"Bidirectional", {5, 3}, {ft::Bidirectional<double>(ft::SimpleRNN<double>(4)), last}},
      {"Conv1D", {6, 3}, {ft::Conv1D<double>(4, 3, {.activation = ft::softplus}), ft::Flatten<double>(), last}},
      {"Conv2D", {5, 5, 2}, {ft::Conv2D<double>(3, {3, 3}, {.activation = ft::swish}), ft::Flatten<double>(), last}},
      {"attention",
       {4, 6},
       {ft::TransformerEncoder<double>({.heads = 2, .feed_forward = 8, .dropout = 0.2}),
        ft::GlobalAveragePooling1D<double>(), last}},
      {"interactions", {6}, {ft::Cross<double>(), ft::AlphaDropout<double>(0.4), last}}};
  for (const Case& c : cases) {
    CAPTURE(c.name);
    ft::Graph<double> graph;
    ft::Node node = graph.input("x", c.shape);
    for (const auto& layer : c.layers) node = graph.add(layer, node);
    graph.output("y", node);
    ft::Model<double> model(graph);
    model.compile(ft::Adam({.learning_rate = 0.01}), ft::SparseCategoricalCrossentropy());
    std::vector<std::size_t> sizes{7};
    sizes.insert(sizes.end(), c.shape.begin(), c.shape.end());
    const auto x = ft::random_normal<double>(sizes, 3);
    model.fit(x, std::vector<double>{0, 1, 2, 0, 1, 2, 0}, {.epochs = 3, .seed = 1, .verbose = 0});  // moves statistics
    const ft::Arena<double> weights = model.network().weights(), state = model.network().state();
    for (std::size_t index = 0; index < 3; ++index)
      check_close(model.input_gradients(x, {.index = index})["x"], differences(model, x, index));
    CHECK(model.network().weights() == weights);
    CHECK(model.network().state() == state);
  }
}

TEST_CASE("Gradients by what layers give, of logits, of several inputs; many rows; what cannot be had is refused") {
  ft::Graph<double> graph;
  const auto ids = graph.input("ids", {3}), numbers = graph.input("numbers", {2});
  const auto vectors = graph.add(ft::Embedding<double>(9, 4), ids, "vectors");
  const auto sum = graph.add(ft::GlobalSumPooling1D<double>(), vectors, "sum");
  const auto trunk = graph.add(ft::Concatenate<double>(), {sum, numbers, sum}, "trunk");
  graph.output("p", graph.add(ft::Dense<double>(1, {.activation = ft::sigmoid}), trunk, "last"));
  graph.output("q", graph.add(ft::Dense<double>(2), numbers));
  ft::Model<double> model(graph);
  model.build({{3}, {2}}, 4);
  constexpr std::size_t n = 600;
  std::vector<std::int64_t> whole;
  for (std::size_t i = 0; i < 3 * n; ++i) whole.push_back(static_cast<std::int64_t>(i % 9));
  const ft::Tensors<double> x{{"ids", ft::make_tensor<std::int64_t>({n, 3}, whole.data())},
                              {"numbers", ft::random_normal<double>({n, 2}, 5)}};
  const ft::Tensor<double> p = model.predict(x)["p"];
  const ft::Tensors<double> by = model.input_gradients(x, {.output = "p", .at = {"vectors", "numbers", "sum"}}),
                            logit = model.input_gradients(x, {.output = "p", .before_activation = true});
  double kernel[10];
  for (std::size_t i = 0; i < 10; ++i) {
    const auto& info = *std::find_if(model.network().parameters().begin(), model.network().parameters().end(),
                                     [](const auto& one) { return one.name == "last/kernel"; });
    kernel[i] = model.network().weights()[info.offset + i];
  }
  CHECK(by["vectors"].shape(1) == 3);
  CHECK(logit.entries().size() == 1);  // ids have no gradients
  for (std::size_t r = 0; r < n; ++r) {
    const double slope = p(r, 0) * (1 - p(r, 0));
    for (std::size_t k = 0; k < 2; ++k) {
      CHECK(by["numbers"](r, k) == doctest::Approx(slope * kernel[4 + k]).epsilon(1e-12));
      CHECK(logit["numbers"](r, k) == doctest::Approx(kernel[4 + k]).epsilon(1e-12));
    }
    for (std::size_t k = 0; k < 4; ++k) {
      CHECK(by["sum"](r, k) == doctest::Approx(slope * (kernel[k] + kernel[6 + k])).epsilon(1e-12));
      for (std::size_t t = 0; t < 3; ++t) CHECK(by["vectors"](r, t, k) == by["sum"](r, k));
    }
  }
  const ft::Tensors<double> q = model.input_gradients(x, {.output = "q", .index = 1, .at = {"sum", "numbers"}});
  for (const double zero : q["sum"]) CHECK(zero == 0);
  CHECK_THROWS_WITH_AS((void)model.input_gradients(x), doctest::Contains("expected one of the outputs"),
                       ft::ConfigError);
  CHECK_THROWS_WITH_AS((void)model.input_gradients(x, {.output = "p", .index = 1}), doctest::Contains("below 1"),
                       ft::ConfigError);
  CHECK_THROWS_WITH_AS((void)model.input_gradients(x, {.output = "p", .at = {"ids"}}),
                       doctest::Contains("ask for the gradients at the layer"), ft::ConfigError);
  CHECK_THROWS_AS((void)model.input_gradients(x, {.output = "p", .at = {"nowhere"}}), ft::ConfigError);
  const Folder folder;
  model.save(folder / "m.safetensors");
  const ft::Registry<double> small = ft::types_of(model);
  CHECK(ft::Model<double>::load(folder / "m.safetensors", small)
            .input_gradients(x, {.output = "p", .at = {"sum"}})["sum"] == by["sum"]);
}

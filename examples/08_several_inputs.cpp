// SPDX-License-Identifier: BSD-3-Clause
// Several inputs and several answers: what was viewed, an item and numbers in; a click and the minutes that follow out.
// docs/models.md tells it.
// Prints: click auc 0\.[89]
#include <foretell/foretell.hpp>

#include <cstdint>
#include <cstdio>

namespace ft = foretell;

namespace {

constexpr std::size_t items = 60, steps = 6;

/// Visitors click items of the group they viewed most, and stay longer the more they viewed.
std::pair<ft::Tensors<float>, ft::Tensors<float>> visits(std::size_t rows, std::uint64_t seed) {
  ft::Tensor<std::int64_t> viewed = ft::zeros<std::int64_t>({rows, steps}), item = ft::zeros<std::int64_t>({rows, 1});
  ft::Tensor<float> numbers = ft::zeros<float>({rows, 2}), click = ft::zeros<float>({rows, 1}),
                    minutes = ft::zeros<float>({rows, 1});
  for (std::size_t r = 0; r < rows; ++r) {
    const ft::Random random = ft::Random(seed).stream(r);
    const std::size_t count = 2 + random.below(0, steps - 1), taste = random.below(1, 3);
    const auto of_group = [&](std::size_t group, std::uint64_t i) {
      return static_cast<std::int64_t>(1 + group + 3 * random.below(i, items / 3));
    };
    for (std::size_t s = 0; s < count; ++s)  // ids from 1: 0 is padding
      viewed(r, s) = of_group(random.uniform(2 + s) < 0.8 ? taste : random.below(20 + s, 3), 40 + s);
    const std::size_t group = random.below(60, 3);
    item(r, 0) = of_group(group, 61);
    for (std::size_t k = 0; k < 2; ++k) numbers(r, k) = static_cast<float>(random.uniform(70 + k) - 0.5);
    click(r, 0) = random.uniform(80) < (group == taste ? 0.85 : 0.1);
    minutes(r, 0) = static_cast<float>(count) + 2 * numbers(r, 0);
  }
  return {{{"viewed", viewed}, {"item", item}, {"numbers", numbers}}, {{"click", click}, {"minutes", minutes}}};
}

}  // namespace

int main() try {
  const auto [x, y] = visits(4000, 1);
  const auto [x_test, y_test] = visits(1000, 2);

  // [graph]
  ft::Graph<float> graph;
  const ft::Node viewed = graph.input("viewed", {steps});
  const ft::Node item = graph.input("item", {1});
  const ft::Node numbers = graph.input("numbers", {2});

  const ft::Node vectors = graph.add(ft::Embedding(items + 1, 8, {.mask_zero = true}), viewed, "item_vectors");
  const ft::Node interest = graph.add(ft::GlobalSumPooling1D(), vectors);
  const ft::Node candidate = graph.add(ft::Flatten(), graph.share(vectors, item));  // the same table, read again
  const ft::Node match = graph.add(ft::Multiply(), {interest, candidate});
  const ft::Node trunk = graph.add(ft::Dense(16, {.activation = ft::relu}),
                                   graph.add(ft::Concatenate(), {match, interest, numbers}), "trunk");

  graph.output("click", graph.add(ft::Dense(1, {.activation = ft::sigmoid}), trunk));
  graph.output("minutes", graph.add(ft::Dense(1), trunk));
  // [graph]

  // [train]
  ft::Model<float> model(graph);
  model.compile(ft::Adam({.learning_rate = 1e-2}),
                {{"click", ft::BinaryCrossentropy()}, {"minutes", ft::MeanSquaredError(), {.weight = 0.1}}},
                {{"click", ft::AUC()}, {"minutes", ft::MeanAbsoluteError()}});
  model.fit(x, y, {.batch_size = 64, .epochs = 15, .seed = 1, .verbose = 0});

  const ft::Scores scores = model.evaluate(x_test, y_test);
  std::printf("click auc %.3f, minutes off by %.2f\n", scores["click_auc"], scores["minutes_mean_absolute_error"]);
  const ft::Tensors<float> answers = model.predict(x_test);
  std::printf("first row: %.2f, %.1f minutes\n", static_cast<double>(answers["click"](0, 0)),
              static_cast<double>(answers["minutes"](0, 0)));
  // [train]

  // [parts]
  const ft::Tensor<float> features = model.up_to("trunk").predict(x_test)["trunk"];  // 16 numbers a row
  model.set_trainable("item_vectors", false);                                        // for what fit does from here on
  model.set_parameter_group("trunk", {.learning_rate_multiplier = 0.1});
  // [parts]
  std::printf("features: %zu a row\n", features.shape(1));

  // [file]
  ft::save("visits.safetensors", model, {.outputs = {{.name = "click", .classes = {"no", "yes"}, .threshold = 0.4}}});
  const auto bundle = ft::load<float>("visits.safetensors");
  ft::Predictor<float> predictor = bundle.predictor();
  ft::JsonRow request(predictor.row());
  const ft::Answer<float> answer =
      predictor.answer(request.read(R"({"viewed": [4, 7, 1], "item": [10], "numbers": [0.1, -0.2]})"));
  std::printf("click %s, %.2f; %.1f minutes\n", answer["click"].label().c_str(),
              static_cast<double>(answer["click"].probability("yes")), static_cast<double>(answer["minutes"].value()));
  const bool same = bundle.predict(x_test)["click"] == answers["click"];  // bit for bit
  // [file]
  return same ? 0 : 1;
} catch (const ft::Error& problem) {
  std::fprintf(stderr, "%s\n", problem.what());
  return 1;
}

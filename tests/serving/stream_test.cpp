// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include <cstdio>

namespace ft = foretell;

namespace {

/// The answers of a stream after each event are those of the sequence so far, bit for bit.
void follow(ft::Sequential<float> model, const ft::Tensor<float>& x, std::size_t width) {
  const std::size_t steps = x.shape(1);
  std::vector<std::size_t> row(x.shape().begin() + 1, x.shape().end());
  model.build(ft::Shape(row.begin(), row.end()), 3);
  ft::Stream<float> stream(model.network());
  CHECK(stream.width() == width);
  for (std::size_t r = 0; r < x.shape(0); ++r) {
    stream.reset();
    for (std::size_t t = 0; t < steps; ++t) {
      const auto answer = stream(std::span<const float>(x.data() + (r * steps + t) * width, width));
      row[0] = t + 1;
      std::vector<std::size_t> sizes{1};
      sizes.insert(sizes.end(), row.begin(), row.end());
      const ft::Tensor<float> whole = model.predict(ft::make_tensor<float>(sizes, x.data() + r * steps * width));
      REQUIRE(whole.size() >= answer.size());
      for (std::size_t i = 0; i < answer.size(); ++i)
        CHECK(answer[i] == whole.data()[whole.size() - answer.size() + i]);
    }
  }
}

}  // namespace

long allocations_so_far();  // bundle_test.cpp

template <class F>
static long allocations_of(const F& f) {
  const long before = allocations_so_far();
  f();
  return allocations_so_far() - before;
}

TEST_CASE("Stream: the same bits as the whole sequence, for recurrent layers alone and stacked, behind embeddings") {
  const ft::Tensor<float> x = ft::random_normal<float>({3, 6, 5}, 1);
  follow({ft::LSTM(7), ft::Dense(2, {.activation = ft::sigmoid})}, x, 5);
  follow({ft::GRU(7), ft::Dense(1)}, x, 5);
  follow({ft::GRU(7, {.reset_after = false})}, x, 5);
  follow({ft::SimpleRNN(9), ft::LayerNormalization()}, x, 5);
  follow({ft::LSTM(8, {.return_sequences = true}), ft::Dropout(0.3), ft::GRU(16), ft::Dense(3)}, x, 5);
  follow({ft::GRU(8, {.return_sequences = true}), ft::TimeDistributed(ft::Dense(2))}, x, 5);
  follow({ft::SimpleRNN(8, {.activation = ft::gelu, .return_sequences = true}), ft::LSTM(3, {.return_state = true})}, x,
         5);
  follow({ft::TimeDistributed(ft::LSTM(4)), ft::GRU(3)}, ft::random_normal<float>({3, 6, 4, 2}, 1), 8);
  follow({ft::TimeDistributed(ft::Bidirectional(ft::GRU(2))), ft::GRU(3)}, ft::random_normal<float>({2, 5, 3, 2}, 1),
         6);
  ft::Tensor<float> ids = ft::zeros<float>({2, 8});
  for (std::size_t i = 0; i < ids.size(); ++i) ids.data()[i] = static_cast<float>(i * 7 % 9 + 1);
  follow({ft::Embedding(10, 6, {.mask_zero = true}), ft::PositionalEmbedding(8), ft::GRU(12), ft::Dense(10)}, ids, 1);
}

TEST_CASE("Stream: causal attention has the bits of the whole sequence, with padding before and between") {
  const ft::Tensor<float> x = ft::random_normal<float>({2, 35, 6}, 1);
  follow({ft::MultiHeadAttention(2, 3, {.causal = true})}, x, 6);
  follow({ft::MultiHeadAttention(3, 5, {.value_dim = 2, .output_dim = 7, .causal = true}), ft::GRU(4)}, x, 6);
  follow({ft::TransformerEncoder({.heads = 2, .causal = true}), ft::Dense(3)}, x, 6);
  follow(
      {ft::TransformerEncoder({.heads = 3, .norm_first = true, .causal = true}),
       ft::TransformerEncoder({.heads = 1, .feed_forward = 17, .activation = ft::gelu, .causal = true}), ft::LSTM(3)},
      x, 6);
  ft::Tensor<float> ids = ft::zeros<float>({3, 40});
  for (std::size_t i = 0; i < ids.size(); ++i)
    ids.data()[i] = static_cast<float>(i % 40 < i / 40 * 5 || i % 7 == 3 || i % 11 == 5 ? 0 : i * 7 % 9 + 1);
  follow({ft::Embedding(10, 8, {.mask_zero = true}), ft::PositionalEmbedding(40),
          ft::TransformerEncoder({.heads = 2, .causal = true}),
          ft::TransformerEncoder({.heads = 4, .norm_first = true, .causal = true}), ft::Dense(10)},
         ids, 1);
}

TEST_CASE("Stream: a sequence longer than the model was built for is refused, until it begins anew") {
  const std::vector<float> step{1, 2, 3, 4};
  const auto refused_after = [&](ft::Sequential<float> model, const char* message) {
    model.build({5, 4}, 1);
    ft::Stream<float> stream(model.network());
    for (int round = 0; round < 2; ++round, stream.reset()) {
      for (int t = 0; t < 5; ++t) CHECK_NOTHROW((void)stream(step));
      CHECK_THROWS_WITH_AS((void)stream(step), doctest::Contains(message), ft::DataError);
      CHECK_THROWS_AS((void)stream(step), ft::StateError);
    }
  };
  refused_after({ft::TransformerEncoder({.heads = 2, .causal = true})},
                "Stream, layer 0 \"transformer_encoder\" (TransformerEncoder): expected a sequence of at most the 5 "
                "steps that the model was built for, received 6; begin it anew with its last steps");
  refused_after({ft::PositionalEmbedding(5), ft::GRU(2)}, "expected a sequence of at most 5 steps, received 6;");
}

TEST_CASE("Recurrent layers: a sequence that is answered alone has the bits it has in a batch") {
  ft::Tensor<float> x = ft::random_normal<float>({3, 35, 5}, 1);
  std::fill_n(x.data() + (35 + 20) * 5, 3 * 5, 0.f);  // masked steps of the second row
  const std::vector<ft::Layer<float>> layers[] = {
      {ft::LSTM(7)},
      {ft::GRU(7)},
      {ft::GRU(7, {.return_sequences = true, .reset_after = false})},
      {ft::SimpleRNN(9)},
      {ft::GRU(4, {.go_backwards = true})},
      {ft::Masking(0), ft::LSTM(8, {.return_sequences = true}), ft::GRU(16)}};
  for (const auto& chain : layers) {
    ft::Model<float> model(ft::Graph<float>::chain(chain));
    model.build({{35, 5}}, 1);
    const ft::Tensor<float> whole = model.predict(x);
    const std::size_t each = whole.size() / 3;
    for (std::size_t r = 0; r < 3; ++r) {
      const ft::Tensor<float> alone = model.predict(ft::Array<float>(x.data() + r * 35 * 5, {1, 35, 5}));
      CHECK(std::equal(alone.begin(), alone.end(), whole.data() + r * each));
    }
  }
}

TEST_CASE("Stream: states can be put aside for one user while another is served") {
  ft::Sequential<float> model{ft::LSTM(7), ft::Dense(2)};
  model.build({4, 3}, 1);
  const ft::Tensor<float> x = ft::random_normal<float>({2, 4, 3}, 1);
  const ft::Tensor<float> whole = model.predict(x);
  ft::Stream<float> stream(model.network());
  std::vector<std::vector<float>> users(2, std::vector<float>(stream.state().begin(), stream.state().end()));
  std::vector<float> last(4);
  for (std::size_t t = 0; t < 4; ++t)
    for (std::size_t user = 0; user < 2; ++user) {
      stream.set_state(users[user]);
      const auto y = stream(std::span<const float>(x.data() + (user * 4 + t) * 3, 3));
      std::copy(y.begin(), y.end(), last.begin() + static_cast<std::ptrdiff_t>(2 * user));
      std::copy(stream.state().begin(), stream.state().end(), users[user].begin());
    }
  CHECK(std::equal(last.begin(), last.end(), whole.data()));
}

TEST_CASE("Stream: refuses models that need several steps at a time, by the layer's name") {
  const auto refuse = [](ft::Sequential<float> model, const char* message) {
    model.build({4, 3}, 1);
    CHECK_THROWS_WITH_AS(ft::Stream<float>{model.network()}, message, ft::ConfigError);
  };
  refuse(
      {ft::GRU(2, {.go_backwards = true})},
      "Stream: expected layers that take one step at a time, received layer 0 \"gru\" (GRU); predict whole sequences "
      "with this model, or give it causal layers (GRU, attention with .causal = true)");
  refuse({ft::Bidirectional(ft::GRU(2))},
         "Stream: expected layers that take one step at a time, received layer 0 \"bidirectional\" (Bidirectional); "
         "predict whole sequences with this model, or give it causal layers (GRU, attention with .causal = true)");
  refuse({ft::TransformerEncoder({.heads = 1})},
         "Stream: expected layers that take one step at a time, received layer 0 \"transformer_encoder\" "
         "(TransformerEncoder); predict whole sequences with this model, or give it causal layers (GRU, attention with "
         ".causal = true)");
  ft::Sequential<float> model{ft::GRU(2)};
  model.build({4, 3}, 1);
  ft::Stream<float> stream(model.network());
  const std::vector<float> wrong(4);
  CHECK_THROWS_AS(stream(wrong), ft::ShapeError);
  CHECK_THROWS_AS(stream.set_state(wrong), ft::ShapeError);
}

TEST_CASE("Stream: allocates nothing, for double as for float, and outlives the bundle it came from") {
  constexpr const char* path = "stream_test.safetensors";
  {
    ft::Sequential<double> model{ft::LSTM<double>(5, {.return_sequences = true}), ft::GRU<double>(4),
                                 ft::Dense<double>(2)};
    model.build({4, 3}, 1);
    model.save(path);
  }
  ft::Registry<double> registry;  // of what the file has: all that is built in takes long to compile for double
  registry.add<ft::LSTM<double>, ft::GRU<double>, ft::Dense<double>>();
  ft::Stream<double> stream = ft::load<double>(path, registry).stream();
  std::remove(path);
  const std::vector<double> step{1, -2, 0.5};
  const double first = stream(step)[0];
  std::vector<double> kept(stream.state().begin(), stream.state().end());
  double second = 0, again = 0;
  CHECK(allocations_of([&] {
          second = stream(step)[0];
          stream.set_state(kept);
          again = stream(step)[0];
        }) == 0);
  CHECK(second == again);
  CHECK(second != first);
  stream.reset();
  CHECK(stream(step)[0] == first);
  CHECK_THROWS_WITH_AS((void)stream.row(),
                       "Stream: expected a model file with preprocessing, this one has none; give the stream the "
                       "numbers of a step",
                       ft::StateError);
}

TEST_CASE("Stream: takes the columns of an event, where the preprocessing gives the numbers of one step") {
  constexpr const char* path = "stream_test.safetensors";
  const ft::Table events{{"kind", std::vector<std::string>{"view", "cart", "pay", "view", "leave", "cart"}},
                         {"seconds", std::vector<double>{3, 8, 1, 2, 9, 4}}};
  ft::ColumnTransformer<float> features{{"kind", ft::OneHotEncoder<float>(), {"kind"}},
                                        {"seconds", ft::StandardScaler<float>(), {"seconds"}}};
  const ft::Tensor<float> steps = features.fit_transform(events);
  const std::size_t width = steps.shape(1);
  ft::Sequential<float> model{ft::GRU(6), ft::Dense(1, {.activation = ft::sigmoid})};
  model.build({4, width}, 2);
  ft::save(path, features, model);
  const auto bundle = ft::load<float>(path);
  ft::Stream<float> stream = bundle.stream();
  ft::Row row = stream.row();
  for (std::size_t t = 0; t < events.rows(); ++t) {
    float answer = 0;
    row.assign(events, t);
    if (t == 0)
      answer = stream(row)[0];
    else
      CHECK(allocations_of([&] { answer = stream(row)[0]; }) == 0);
    CHECK(answer == model.predict(ft::make_tensor<float>({1, t + 1, width}, steps.data()))(0, 0));
  }
  row.set("kind", "never seen");
  row.set("seconds", 5.0);
  CHECK(std::isfinite(stream(row)[0]));
  stream.reset();
  row.assign(events, 2);
  const ft::Answer known = stream.answer(row);
  CHECK(known.missing() + known.unknown() + known.unreadable() == 0);
  row.set("seconds", 5.0);  // the next event: its kind is not known
  float of_seconds = 0;
  CHECK(allocations_of([&] {
          const ft::Answer answer = stream.answer(row);
          of_seconds = answer.value();
          CHECK(answer.missing() == 1);
        }) == 0);
  stream.reset();
  row.assign(events, 2);
  (void)stream(row);
  row.set("kind", "");
  row.set("seconds", 5.0);
  CHECK(stream(row)[0] == of_seconds);
  row.set("kind", "view");  // nothing is put in for seconds
  const std::vector<float> before(stream.state().begin(), stream.state().end());
  CHECK_THROWS_WITH_AS((void)stream(row), doctest::Contains("Stream: expected a value in column \"seconds\", received"),
                       ft::DataError);
  CHECK(std::equal(before.begin(), before.end(), stream.state().begin(), stream.state().end()));
  row.change("seconds", 2.0);
  row.change("kind", 7.0);
  CHECK(stream.answer(row).unreadable() == 1);
  auto strict = bundle.stream({.strict = true});
  CHECK_THROWS_WITH_AS((void)strict(row), doctest::Contains("Stream: expected a text in column \"kind\""),
                       ft::DataError);
  ft::ColumnTransformer<float> turned_round{{"seconds", ft::StandardScaler<float>(), {"seconds"}},
                                            {"kind", ft::OneHotEncoder<float>(), {"kind"}}};
  turned_round.fit(events.select({"seconds", "kind"}));
  ft::save("stream_turned.safetensors", turned_round, model);
  ft::Row other = ft::load<float>("stream_turned.safetensors").stream().row();
  std::remove("stream_turned.safetensors");
  CHECK_THROWS_WITH_AS((void)stream(other), doctest::Contains("Stream: expected a row of this model's columns"),
                       ft::DataError);
  row = stream.row();
  row.set("seconds", 5.0);
  auto predictor = bundle.predictor();
  CHECK_THROWS_WITH_AS((void)predictor(row), doctest::Contains("use stream()"), ft::StateError);
  CHECK_THROWS_WITH_AS((void)bundle.predict(events), doctest::Contains("use stream()"), ft::StateError);
  std::remove(path);

  ft::Sequential<float> turned{ft::GRU(6, {.go_backwards = true})}, dense{ft::Dense(2)};
  turned.build({4, width}, 2);
  dense.build({4 * width}, 2);
  CHECK_THROWS_WITH_AS(ft::save(path, features, turned),
                       doctest::Contains("save: expected a network with the 5 features"), ft::ShapeError);
  CHECK_THROWS_AS(ft::save(path, features, dense), ft::ShapeError);
}

TEST_CASE("Stream: a model that is not built or has several inputs is refused") {
  CHECK_THROWS_WITH_AS(ft::Stream<float>{ft::Sequential<float>{ft::GRU(2)}.network()},
                       "Stream: expected a model of one input that was built, received one of 1 that was not",
                       ft::ConfigError);
  ft::Graph<float> graph;
  const auto x = graph.input("x", {4, 3}), first = graph.input("first", {2});
  graph.output("y", graph.add(ft::GRU(2), {x, first}));
  ft::Network<float> network(graph);
  network.build({{4, 3}, {2}}, 1);
  CHECK_THROWS_WITH_AS(ft::Stream<float>{network},
                       "Stream: expected a model of one input that was built, received one of 2", ft::ConfigError);
}

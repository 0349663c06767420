// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

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

TEST_CASE("Stream: the same bits as the whole sequence, for recurrent layers alone and stacked, behind embeddings") {
  const ft::Tensor<float> x = ft::random_normal<float>({3, 6, 5}, 1);
  follow({ft::LSTM(7), ft::Dense(2, {.activation = ft::sigmoid})}, x, 5);
  follow({ft::GRU(7), ft::Dense(1)}, x, 5);
  follow({ft::GRU(7, {.reset_after = false})}, x, 5);
  follow({ft::SimpleRNN(9), ft::LayerNormalization()}, x, 5);
  follow({ft::LSTM(8, {.return_sequences = true}), ft::Dropout(0.3), ft::GRU(16), ft::Dense(3)}, x, 5);
  follow({ft::GRU(8, {.return_sequences = true}), ft::TimeDistributed(ft::Dense(2))}, x, 5);
  ft::Tensor<float> ids = ft::zeros<float>({2, 8});
  for (std::size_t i = 0; i < ids.size(); ++i) ids.data()[i] = static_cast<float>(i * 7 % 9 + 1);
  follow({ft::Embedding(10, 6, {.mask_zero = true}), ft::PositionalEmbedding(8), ft::GRU(12), ft::Dense(10)}, ids, 1);
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
      "with this model, or give it causal layers");
  refuse({ft::Bidirectional(ft::GRU(2))},
         "Stream: expected layers that take one step at a time, received layer 0 \"bidirectional\" (Bidirectional); "
         "predict whole sequences with this model, or give it causal layers");
  ft::Sequential<float> model{ft::GRU(2)};
  model.build({4, 3}, 1);
  ft::Stream<float> stream(model.network());
  const std::vector<float> wrong(4);
  CHECK_THROWS_AS(stream(wrong), ft::ShapeError);
  CHECK_THROWS_AS(stream.set_state(wrong), ft::ShapeError);
}

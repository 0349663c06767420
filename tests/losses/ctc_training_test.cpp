// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/foretell.hpp>
#include <foretell/losses/ctc.hpp>
#include <foretell/losses/ctc_decode.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

using namespace foretell;

namespace {

constexpr std::size_t steps = 24, features = 8, symbols = 5, longest = 5;

struct Lines {
  std::vector<float> x, y;
};

/// Lines of 2 to 5 symbols: each is a noisy pattern that lasts one to three steps, with gaps of noise around, and
/// always between equal symbols.
Lines lines(std::uint64_t seed, std::size_t rows) {
  Lines out{std::vector<float>(rows * steps * features), std::vector<float>(rows * longest)};
  for (std::size_t r = 0; r < rows; ++r) {
    const Random random = Random(seed).stream(r);
    std::uint64_t draw = 0;
    for (std::size_t i = 0; i < steps * features; ++i)
      out.x[r * steps * features + i] = static_cast<float>(0.3 * random.normal(1000 + i));
    std::size_t t = random.below(draw++, 2), before = 0;
    const std::size_t count = 2 + random.below(draw++, longest - 1);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t symbol = 1 + random.below(draw++, symbols), length = 1 + random.below(draw++, 3);
      if (i > 0) t += symbol == before ? 1 : random.below(draw++, 2);
      for (const std::size_t end = t + length; t < end; ++t)
        for (std::size_t f = 0; f < features; ++f)
          out.x[(r * steps + t) * features + f] += static_cast<float>(Random(99).stream(symbol).normal(f));
      out.y[r * longest + i] = static_cast<float>(symbol);
      before = symbol;
    }
  }
  return out;
}

}  // namespace

TEST_CASE("CTC: learns to read lines whose symbols have no places, 0.99 of them without a mistake") {
  const std::size_t rows = 1500, held_out = 500;
  const Lines train = lines(1, rows), test = lines(2, held_out);
  Sequential<float> model{Dense(48, {.activation = relu}), Dense(symbols + 1, {.activation = softmax})};
  model.compile(Adam({.learning_rate = 0.005}), CTC());
  model.fit(Array<float>(train.x, {rows, steps, features}), Array<float>(train.y, {rows, longest}),
            {.batch_size = 32, .epochs = 25, .seed = 1, .verbose = 0});
  const auto decoded = ctc_greedy_decode(model.predict(Array<float>(test.x, {held_out, steps, features})));
  std::size_t right = 0;
  for (std::size_t r = 0; r < held_out; ++r) {
    std::vector<std::size_t> truth;
    for (std::size_t i = 0; i < longest && test.y[r * longest + i] != 0; ++i)
      truth.push_back(static_cast<std::size_t>(test.y[r * longest + i]));
    right += decoded[r].labels == truth;
  }
  MESSAGE("exact lines: ", right, " of ", held_out);
  CHECK(right >= held_out * 99 / 100);
}

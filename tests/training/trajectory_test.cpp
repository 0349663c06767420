// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

#include "support/golden.hpp"

namespace ft = foretell;
using ft::golden::close;

TEST_CASE("fit: the seed network in double follows PyTorch's weights for 100 steps") {
  const ft::golden::File file("trajectory");
  const auto& data = file["data"];
  const auto& expected = file["keras"];
  const auto tensor = [](const ft::golden::Tensor& t) { return ft::make_tensor<double>(t.shape, t.data.data()); };
  ft::Sequential<double> model{ft::Dense(64, {.activation = ft::relu}), ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam({.learning_rate = 1e-3}), ft::BinaryCrossentropy());
  model.build({5}, 0);
  const char* const names[] = {"kernel0", "bias0", "kernel1", "bias1"};
  ft::Network<double>& network = model.network();
  REQUIRE(network.parameters().size() == 4);
  for (std::size_t p = 0; p < 4; ++p) {
    const auto start = data.tensor(names[p]).data;
    std::copy(start.begin(), start.end(), network.weights().data() + network.parameters()[p].offset);
  }
  std::size_t step = 0;
  std::vector<double> losses;
  const auto watch = ft::on_batch_end([&](std::size_t, double loss) {
    losses.push_back(loss);
    ++step;
    if (step != 1 && step != 10 && step != 50 && step != 100) return;
    for (std::size_t p = 0; p < 4; ++p) {
      const auto& info = network.parameters()[p];
      CAPTURE(step);
      CAPTURE(names[p]);
      CHECK(close(std::span<const double>(network.weights().data() + info.offset, info.shape.size()),
                  expected.tensor(ft::text(names[p], "_", step)), 1e-8, 1e-10));
    }
  });
  model.fit(tensor(data.tensor("x")), tensor(data.tensor("y")),
            {.batch_size = 32, .epochs = 20, .callbacks = {watch}, .shuffle = false, .verbose = 0});
  CHECK(step == 100);
  CHECK(close(losses, expected.tensor("losses"), 1e-10, 1e-12));
}

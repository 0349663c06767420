// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/foretell.hpp>

namespace ft = foretell;

namespace {

/// A dense layer on its own, one with a regularizer, one that is frozen, one that is used twice, one inside another
/// layer.
ft::Graph<double> every_kind() {
  ft::Graph<double> g;
  const auto x = g.input("x", {4, 3});
  const auto inner = g.add(ft::TimeDistributed<double>(ft::Dense<double>(5)), x, "inner");
  const auto flat = g.add(ft::Flatten(), inner);
  const auto frozen = g.add(ft::Dense(6, {.activation = ft::tanh}), flat, "frozen");
  g.set_trainable(frozen, false);
  const auto regular = g.add(ft::Dense(6, {.kernel_regularizer = ft::L2(0.1)}), frozen, "regular");
  const auto shared = g.add(ft::Dense(6, {.activation = ft::silu}), regular, "shared");
  g.output("y", g.add(ft::Dense(2), g.share(shared, shared), "alone"));
  return g;
}

struct Batches {
  explicit Batches(std::size_t rows)
      : x(ft::random_normal<double>({2 * rows, 4, 3}, 1)), y(ft::random_normal<double>({2 * rows, 2}, 2)) {
    data = {{ft::Rows<double>(ft::as_array<double>(x))}, {ft::Rows<double>(ft::as_array<double>(y))}, {}};
  }
  ft::Tensor<double> x, y;
  ft::Dataset<double> data;
};

}  // namespace

TEST_CASE("Gradients: what the last batch left behind is in none of the next one's, in one shard and in several") {
  for (const std::size_t rows : {std::size_t(9), std::size_t(600)}) {
    const Batches batches(rows);
    ft::Network<double> network(every_kind());
    network.build(ft::rows_of(batches.data.inputs), 5);
    ft::Objective<double> objective;
    objective.outputs.push_back({"y", ft::MeanSquaredError(), 1, {}});
    ft::Optimizer<double> optimizer{ft::SGD()};
    const auto gradients_of = [&](std::initializer_list<std::size_t> firsts, std::size_t threads) {
      ft::TrainStep<double> step(network, objective, optimizer, batches.data, rows, 1, ft::Executor(threads));
      for (const std::size_t first : firsts) (void)step.differentiate({first, rows, nullptr});
      return step.gradients();
    };
    for (const std::size_t threads : {std::size_t(1), std::size_t(2)}) {
      CHECK(gradients_of({0, rows}, threads) == gradients_of({rows}, 1));
      CHECK(gradients_of({0, rows, 0}, threads) == gradients_of({0}, 1));
    }

    ft::TrainStep<double> step(network, objective, optimizer, batches.data, rows, 1);
    for (std::size_t i = 0; i < network.parameters().size(); ++i) {
      const std::string& name = network.parameters()[i].name;
      INFO(name);
      CHECK(static_cast<bool>(step.program().assigned[i]) == (name == "alone/kernel" || name == "frozen/kernel"));
    }
  }
}

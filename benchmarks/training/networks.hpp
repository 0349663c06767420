// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <foretell/foretell.hpp>

#include <stdexcept>
#include <utility>
#include <vector>

namespace bench {

namespace ft = foretell;

/// A built and compiled network with random rows to train on, and one step over `batch` of them at a time.
struct Bench {
  ft::Sequential<float> model;
  ft::Tensor<float> x, y;
  ft::Dataset<float> data;
  std::vector<std::size_t> order;
  std::size_t size, next = 0;
  ft::TrainStep<float> step;

  Bench(ft::Sequential<float> m, std::size_t width, std::size_t batch_size, std::size_t threads = 1)
      : model(std::move(m)),
        x(ft::random_normal<float>({64 * batch_size, width}, 1)),
        y(ft::zeros<float>({64 * batch_size, 1})),
        data(rows()),
        order(ft::Random(1).permutation(64 * batch_size)),
        size(batch_size),
        step(model.network(), model.model().objective(), model.optimizer(), data, batch_size, 1,
             ft::Executor(threads)) {}

  /// Gathers the next shuffled batch and trains on it.
  double run() {
    const ft::RowChoice rows{next, size, order.data()};
    next = (next + size) % order.size();
    return step.run(rows);
  }

 private:
  ft::Dataset<float> rows() {
    for (std::size_t i = 0; i < y.size(); ++i) y(i, 0) = x(i, 0) > 0;
    model.build({x.shape(1)}, 1);
    return {{ft::Rows<float>(ft::as_array<float>(x))}, {ft::Rows<float>(ft::as_array<float>(y))}, {}};
  }
};

/// 5 -> 64 relu -> dropout 0.2 -> 1 sigmoid: the network of a first tutorial.
inline ft::Sequential<float> seed_network() {
  ft::Sequential<float> model{ft::Dense(64, {.activation = ft::relu}), ft::Dropout(0.2),
                              ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam(), ft::BinaryCrossentropy());
  return model;
}
/// 64 -> 256 relu -> 128 relu -> 1 sigmoid: a table of some sixty columns.
inline ft::Sequential<float> table_network() {
  ft::Sequential<float> model{ft::Dense(256, {.activation = ft::relu}), ft::Dense(128, {.activation = ft::relu}),
                              ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam(), ft::BinaryCrossentropy());
  return model;
}

}  // namespace bench

// SPDX-License-Identifier: BSD-3-Clause
// Training steps of networks of sequences, pictures and ids, for sequences.py beside this file, which takes turns with
// PyTorch: bench_sequences WORK THREADS trains WORK, in blocks as compare/blocks.hpp says. Alone:
// echo 1 | bench_sequences T4 1
#include <foretell/foretell.hpp>

#include "compare/blocks.hpp"

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace ft = foretell;

namespace {

struct Work {
  ft::Model<float> model;
  std::vector<ft::Tensor<float>> x;
  ft::Tensor<float> y;
  std::size_t batch;
};

ft::Tensor<float> ids(const std::vector<std::size_t>& sizes, std::size_t count) {
  ft::Tensor<float> values = ft::zeros<float>(sizes);
  for (std::size_t i = 0; i < values.size(); ++i) values.data()[i] = static_cast<float>(ft::Random(1).below(i, count));
  return values;
}

ft::Model<float> chain(const std::vector<ft::Layer<float>>& layers, ft::Loss<float> loss) {
  ft::Model<float> model(ft::Graph<float>::chain(layers));
  model.compile(ft::Adam(), std::move(loss), {});
  return model;
}

constexpr std::size_t batches = 16;

std::optional<Work> make(const std::string& name) {
  const ft::Dense<float> yes(1, {.activation = ft::sigmoid});
  if (name == "T4")
    return Work{chain({ft::LSTM<float>(64), yes}, ft::BinaryCrossentropy()),
                {ft::random_normal<float>({batches * 64, 50, 32}, 1)},
                ids({batches * 64, 1}, 2),
                64};
  if (name == "T5")
    return Work{chain({ft::GRU<float>(128), yes}, ft::BinaryCrossentropy()),
                {ft::random_normal<float>({batches * 64, 50, 64}, 1)},
                ids({batches * 64, 1}, 2),
                64};
  if (name == "T6")
    return Work{chain({ft::Conv1D<float>(128, 5, {.activation = ft::relu}), ft::GlobalMaxPooling1D<float>(), yes},
                      ft::BinaryCrossentropy()),
                {ft::random_normal<float>({batches * 64, 100, 64}, 1)},
                ids({batches * 64, 1}, 2),
                64};
  if (name == "T7")
    return Work{
        chain({ft::Conv2D<float>(32, 3, {.activation = ft::relu}), ft::Conv2D<float>(64, 3, {.activation = ft::relu}),
               ft::MaxPooling2D<float>(2), ft::Flatten<float>(), ft::Dense<float>(128, {.activation = ft::relu}),
               ft::Dense<float>(10, {.activation = ft::softmax})},
              ft::SparseCategoricalCrossentropy()),
        {ft::random_normal<float>({4 * 128, 28, 28, 1}, 1)},
        ids({4 * 128, 1}, 10),
        128};
  if (name == "T8") {
    ft::Graph<float> graph;
    const auto fields = graph.input("ids", {26}), numbers = graph.input("numbers", {13});
    const auto table =
        graph.add(ft::FieldEmbedding<float>(std::vector<std::size_t>(26, 40000), 16, {.oov_slot = false}), fields);
    auto node = graph.add(ft::Concatenate<float>(), {graph.add(ft::Flatten<float>(), table), numbers});
    for (const std::size_t units : {256u, 128u})
      node = graph.add(ft::Dense<float>(units, {.activation = ft::relu}), node);
    graph.output("click", graph.add(yes, node));
    ft::Model<float> model(graph);
    model.compile(ft::Adam(), ft::BinaryCrossentropy(), {});
    return Work{std::move(model),
                {ids({batches * 1024, 26}, 40000), ft::random_normal<float>({batches * 1024, 13}, 1)},
                ids({batches * 1024, 1}, 2),
                1024};
  }
  if (name == "T9") {
    const ft::TransformerEncoder<float> block({.heads = 2, .feed_forward = 256, .norm_first = true, .causal = true});
    return Work{chain({ft::named("items", ft::Embedding<float>(10000, 64, {.row_sparse = false})),
                       ft::PositionalEmbedding<float>(50), block, block, ft::LayerNormalization<float>(),
                       ft::ItemScores<float>("items")},
                      ft::SparseCategoricalCrossentropy({.from_logits = true})),
                {ids({4 * 64, 50}, 10000)},
                ids({4 * 64, 50}, 10000),
                64};
  }
  if (name == "T10")
    return Work{chain({ft::Embedding<float>(10000, 64), ft::GRU<float>(128), ft::Dense<float>(10000)},
                      ft::SparseCategoricalCrossentropy({.from_logits = true})),
                {ids({batches * 64, 20}, 10000)},
                ids({batches * 64, 1}, 10000),
                64};
  return std::nullopt;
}

}  // namespace

int main(int count, char** arguments) {
  std::optional<Work> work = count == 3 ? make(arguments[1]) : std::nullopt;
  if (!work) {
    std::fprintf(stderr, "usage: bench_sequences T4|T5|T6|T7|T8|T9|T10 THREADS\n");
    return 2;
  }
  ft::Dataset<float> data;
  for (const auto& x : work->x) data.inputs.emplace_back(ft::as_array<float>(x));
  data.targets.emplace_back(ft::as_array<float>(work->y));
  work->model.build(ft::input_shapes(data), 1);
  ft::TrainStep<float> step(work->model.network(), work->model.objective(), work->model.optimizer(), data, work->batch,
                            1, ft::Executor(std::stoul(arguments[2])));
  const std::vector<std::size_t> order = ft::Random(1).permutation(data.rows());
  std::size_t first = 0;
  const auto run = [&] {
    (void)step.run({first, work->batch, order.data()});
    first = (first + work->batch) % data.rows();
  };
  bench::answer_blocks(run);
}

// SPDX-License-Identifier: BSD-3-Clause
// The networks of sequences.cpp in libtorch, for sequences.py beside this file: bench_sequences_libtorch WORK THREADS.
// Adam over all weights: libtorch has no SparseAdam.
#include "compare/blocks.hpp"

#include <torch/torch.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace {

namespace nn = torch::nn;
using torch::Tensor;

/// Weights, the step forward, the loss, and the data it is trained on, `batch` rows at a time.
struct Work {
  std::vector<Tensor> weights;
  std::function<Tensor(const std::vector<Tensor>& x, const Tensor& y)> loss;
  std::vector<Tensor> x;
  Tensor y;
  std::int64_t batch;
};

template <class... Modules>
std::vector<Tensor> weights_of(const Modules&... modules) {
  std::vector<Tensor> all;
  const auto add = [&](const auto& module) {
    for (const Tensor& weight : module->parameters()) all.push_back(weight);
  };
  (add(modules), ...);
  return all;
}

Tensor normal(std::vector<std::int64_t> sizes) { return torch::randn(sizes); }
Tensor ids(std::int64_t count, std::vector<std::int64_t> sizes) { return torch::randint(count, sizes, torch::kLong); }
Tensor yes_or_no(std::int64_t rows) { return torch::randint(2, {rows, 1}).to(torch::kFloat); }

template <class Cell>
Work last_state(Cell cell, std::int64_t width, std::int64_t units) {
  nn::Linear head(units, 1);
  return {weights_of(cell, head),
          [=](const std::vector<Tensor>& x, const Tensor& y) mutable {
            const Tensor last = std::get<0>(cell->forward(x[0])).select(1, -1);
            return torch::binary_cross_entropy_with_logits(head->forward(last), y);
          },
          {normal({1024, 50, width})},
          yes_or_no(1024),
          64};
}

/// A pre-norm encoder block: attention of two heads over what came before, then two Dense layers.
struct Block {
  nn::LayerNorm norm1{nn::LayerNormOptions({64})}, norm2{nn::LayerNormOptions({64})};
  nn::Linear qkv{64, 192}, out{64, 64}, wide{64, 256}, narrow{256, 64};

  Tensor operator()(Tensor x, const Tensor& mask) {
    const auto rows = x.size(0), steps = x.size(1);
    const Tensor parts = qkv->forward(norm1->forward(x)).view({rows, steps, 3, 2, 32}).permute({2, 0, 3, 1, 4});
    const Tensor scores = torch::matmul(parts[0], parts[1].transpose(-1, -2)) / std::sqrt(32.0) + mask;
    const Tensor mixed = torch::matmul(scores.softmax(-1), parts[2]).transpose(1, 2).reshape({rows, steps, 64});
    x = x + out->forward(mixed);
    return x + narrow->forward(torch::relu(wide->forward(norm2->forward(x))));
  }
};

Work make(const std::string& name) {
  if (name == "T4") return last_state(nn::LSTM(nn::LSTMOptions(32, 64).batch_first(true)), 32, 64);
  if (name == "T5") return last_state(nn::GRU(nn::GRUOptions(64, 128).batch_first(true)), 64, 128);
  if (name == "T6") {
    nn::Conv1d conv(nn::Conv1dOptions(64, 128, 5));
    nn::Linear head(128, 1);
    return {weights_of(conv, head),
            [=](const std::vector<Tensor>& x, const Tensor& y) mutable {
              const Tensor top = torch::relu(conv->forward(x[0].transpose(1, 2))).amax(2);
              return torch::binary_cross_entropy_with_logits(head->forward(top), y);
            },
            {normal({1024, 100, 64})},
            yes_or_no(1024),
            64};
  }
  if (name == "T7") {
    nn::Sequential model(nn::Conv2d(nn::Conv2dOptions(1, 32, 3)), nn::ReLU(), nn::Conv2d(nn::Conv2dOptions(32, 64, 3)),
                         nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(), nn::Linear(64 * 12 * 12, 128), nn::ReLU(),
                         nn::Linear(128, 10));
    return {weights_of(model),
            [=](const std::vector<Tensor>& x, const Tensor& y) mutable {
              return torch::cross_entropy_loss(model->forward(x[0]), y);
            },
            {normal({512, 1, 28, 28})},
            ids(10, {512}),
            128};
  }
  if (name == "T8") {
    nn::Embedding table(26 * 40000, 16);
    nn::Sequential model(nn::Linear(26 * 16 + 13, 256), nn::ReLU(), nn::Linear(256, 128), nn::ReLU(),
                         nn::Linear(128, 1));
    const Tensor offsets = torch::arange(26, torch::kLong) * 40000;
    return {weights_of(table, model),
            [=](const std::vector<Tensor>& x, const Tensor& y) mutable {
              const Tensor features = torch::cat({table->forward(x[0] + offsets).flatten(1), x[1]}, 1);
              return torch::binary_cross_entropy_with_logits(model->forward(features), y);
            },
            {ids(40000, {16384, 26}), normal({16384, 13})},
            yes_or_no(16384),
            1024};
  }
  if (name == "T9") {
    nn::Embedding items(10000, 64), places(50, 64);
    nn::LayerNorm norm(nn::LayerNormOptions({64}));
    Block first, second;
    const Tensor mask = torch::full({50, 50}, -INFINITY).triu(1);
    std::vector<Tensor> weights = weights_of(items, places, norm);
    for (const Block& block : {first, second})
      for (const Tensor& weight : weights_of(block.norm1, block.norm2, block.qkv, block.out, block.wide, block.narrow))
        weights.push_back(weight);
    return {weights,
            [=](const std::vector<Tensor>& x, const Tensor& y) mutable {
              Tensor h = items->forward(x[0]) + places->weight;
              h = norm->forward(second(first(h, mask), mask));
              return torch::cross_entropy_loss(torch::matmul(h, items->weight.t()).flatten(0, 1), y.flatten());
            },
            {ids(10000, {256, 50})},
            ids(10000, {256, 50}),
            64};
  }
  if (name == "T10") {
    nn::Embedding items(10000, 64);
    nn::GRU cell(nn::GRUOptions(64, 128).batch_first(true));
    nn::Linear head(128, 10000);
    return {weights_of(items, cell, head),
            [=](const std::vector<Tensor>& x, const Tensor& y) mutable {
              const Tensor last = std::get<0>(cell->forward(items->forward(x[0]))).select(1, -1);
              return torch::cross_entropy_loss(head->forward(last), y);
            },
            {ids(10000, {1024, 20})},
            ids(10000, {1024}),
            64};
  }
  return {};
}

}  // namespace

int main(int count, char** arguments) {
  torch::manual_seed(1);
  Work work = count == 3 ? make(arguments[1]) : Work{};
  if (!work.loss) {
    std::fprintf(stderr, "usage: bench_sequences_libtorch T4|T5|T6|T7|T8|T9|T10 THREADS\n");
    return 2;
  }
  torch::set_num_threads(std::atoi(arguments[2]));
  torch::optim::Adam adam(work.weights, torch::optim::AdamOptions(1e-3));
  const Tensor order = torch::randperm(work.y.size(0));
  std::int64_t at = 0;
  bench::answer_blocks([&] {
    const Tensor rows = order.slice(0, at, at + work.batch);
    at = (at + work.batch) % order.size(0);
    std::vector<Tensor> x;
    for (const Tensor& input : work.x) x.push_back(input.index_select(0, rows));
    adam.zero_grad();
    work.loss(x, work.y.index_select(0, rows)).backward();
    adam.step();
  });
}

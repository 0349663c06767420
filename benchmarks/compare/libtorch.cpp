// SPDX-License-Identifier: BSD-3-Clause
// libtorch: eager modules, batches gathered by a random permutation, InferenceMode to predict.
#include "compare/peer.hpp"

#include <torch/torch.h>
#include <torch/version.h>

#include <algorithm>

namespace bench {

namespace {

class LibtorchPeer : public Peer {
 public:
  LibtorchPeer(const Workload& work, const Data& data)
      : work_(work),
        x_(torch::from_blob(const_cast<float*>(data.x.data()), {signed_of(work.rows), signed_of(work.inputs)})),
        y_(torch::from_blob(const_cast<float*>(data.labels.data()), {signed_of(work.rows), 1})),
        model_(network(work)),
        adam_(model_->parameters(), torch::optim::AdamOptions(1e-3)) {
    if (work.outputs > 1) y_ = y_.squeeze(1).to(torch::kLong);
  }

  void train(std::size_t rows, std::size_t epochs) override {
    model_->train();
    for (std::size_t epoch = 0; epoch < epochs; ++epoch)
      for (const torch::Tensor& batch : torch::randperm(signed_of(rows)).split(signed_of(work_.batch))) {
        adam_.zero_grad();
        const torch::Tensor out = model_->forward(x_.index_select(0, batch)), truth = y_.index_select(0, batch);
        torch::Tensor loss =
            work_.outputs == 1 ? torch::binary_cross_entropy(out, truth) : torch::cross_entropy_loss(out, truth);
        loss.backward();
        adam_.step();
      }
    model_->eval();
  }
  void predict(const float* x, std::size_t rows, float* answers) override {
    const torch::InferenceMode guard;
    const torch::Tensor y =
        model_->forward(torch::from_blob(const_cast<float*>(x), {signed_of(rows), signed_of(work_.inputs)}));
    std::copy_n(y.data_ptr<float>(), rows * work_.outputs, answers);
  }

 private:
  static std::int64_t signed_of(std::size_t n) { return static_cast<std::int64_t>(n); }
  static torch::nn::Sequential network(const Workload& work) {
    torch::nn::Sequential model;
    std::size_t width = work.inputs;
    for (const std::size_t units : work.hidden) {
      model->push_back(torch::nn::Linear(signed_of(width), signed_of(units)));
      model->push_back(torch::nn::ReLU());
      width = units;
    }
    if (work.dropout > 0) model->push_back(torch::nn::Dropout(work.dropout));
    model->push_back(torch::nn::Linear(signed_of(width), signed_of(work.outputs)));
    if (work.outputs == 1) model->push_back(torch::nn::Sigmoid());
    model->eval();
    return model;
  }

  const Workload& work_;
  torch::Tensor x_, y_;
  torch::nn::Sequential model_;
  torch::optim::Adam adam_;
};

std::unique_ptr<Peer> make(const Workload& work, const Data& data, std::size_t threads) {
  torch::set_num_threads(static_cast<int>(threads));
  return std::make_unique<LibtorchPeer>(work, data);
}

}  // namespace

Library libtorch() { return {"libtorch", TORCH_VERSION, make}; }

}  // namespace bench

// SPDX-License-Identifier: BSD-3-Clause
// mlpack: FFN over arma::fmat, its gradients asked for as ensmallen's optimizers do; Adam's formula in Armadillo, as
// ensmallen writes it, so that the step size is not divided by the batch.
#include "compare/peer.hpp"

#include <mlpack/core.hpp>
#include <mlpack/methods/ann/ann.hpp>

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace bench {

namespace {

template <class Loss>
class MlpackPeer : public Peer {
 public:
  MlpackPeer(const Workload& work, const Data& data) : work_(work), data_(data) {
    for (const std::size_t units : work.hidden) {
      net_.template Add<::mlpack::Linear>(units);
      net_.template Add<::mlpack::ReLU>();
    }
    if (work.dropout > 0) net_.template Add<::mlpack::Dropout>(work.dropout);
    net_.template Add<::mlpack::Linear>(work.outputs);
    if (work.outputs == 1)
      net_.template Add<::mlpack::Sigmoid>();
    else
      net_.template Add<::mlpack::LogSoftMax>();
    net_.Reset(work.inputs);
    gradient_.set_size(arma::size(net_.Parameters()));
    mean_.zeros(arma::size(gradient_));
    square_.zeros(arma::size(gradient_));
  }

  void train(std::size_t rows, std::size_t epochs) override {
    if (rows != rows_) {
      net_.ResetData(arma::fmat(data_.x.data(), work_.inputs, rows), arma::fmat(data_.labels.data(), 1, rows));
      rows_ = rows;
    }
    net_.SetNetworkMode(true);
    for (std::size_t epoch = 0; epoch < epochs; ++epoch) {
      net_.Shuffle();
      for (std::size_t first = 0; first < rows; first += work_.batch) {
        net_.EvaluateWithGradient(net_.Parameters(), first, gradient_, std::min(work_.batch, rows - first));
        step();
      }
    }
    net_.SetNetworkMode(false);
  }
  void predict(const float* x, std::size_t rows, float* answers) override {
    const arma::fmat in(const_cast<float*>(x), work_.inputs, rows, false, true);
    net_.Forward(in, out_);
    std::copy_n(out_.memptr(), rows * work_.outputs, answers);
  }

 private:
  void step() {
    ++steps_;
    mean_ *= 0.9f;
    mean_ += 0.1f * gradient_;
    square_ *= 0.999f;
    square_ += 0.001f * (gradient_ % gradient_);
    const double rate = 1e-3 * std::sqrt(1 - std::pow(0.999, steps_)) / (1 - std::pow(0.9, steps_));
    net_.Parameters() -= static_cast<float>(rate) * mean_ / (arma::sqrt(square_) + 1e-8f);
  }

  const Workload& work_;
  const Data& data_;
  ::mlpack::FFN<Loss, ::mlpack::HeInitialization, arma::fmat> net_;
  arma::fmat gradient_, mean_, square_, out_;
  std::size_t rows_ = 0;
  double steps_ = 0;
};

/// Its threads are those of the BLAS.
std::unique_ptr<Peer> make(const Workload& work, const Data& data, std::size_t) {
  if (work.outputs == 1) return std::make_unique<MlpackPeer<::mlpack::BCELossType<arma::fmat>>>(work, data);
  return std::make_unique<MlpackPeer<::mlpack::NegativeLogLikelihoodType<arma::fmat>>>(work, data);
}

}  // namespace

Library mlpack() { return {"mlpack", ::mlpack::util::GetVersion().substr(7), make}; }

}  // namespace bench

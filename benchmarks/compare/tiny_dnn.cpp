// SPDX-License-Identifier: BSD-3-Clause
// tiny-dnn: fit does not shuffle, and its number of threads cannot be chosen, so it takes part with one thread. Its
// headers tell no version.
#define CNN_SINGLE_THREAD
#include "compare/peer.hpp"

#include <tiny_dnn/config.h>
#undef CNN_USE_GEMMLOWP  // quantized layers need one more library
#include <tiny_dnn/tiny_dnn.h>

#include <algorithm>

namespace bench {

namespace {

namespace tiny = ::tiny_dnn;

class TinyDnnPeer : public Peer {
 public:
  TinyDnnPeer(const Workload& work, const Data& data) : work_(work) {
    tiny::serial_size_t width = narrow(work.inputs);
    for (const std::size_t units : work.hidden) {
      net_ << tiny::fully_connected_layer<tiny::activation::relu>(width, narrow(units));
      width = narrow(units);
    }
    if (work.dropout > 0) net_ << tiny::dropout_layer(width, static_cast<float>(work.dropout));
    if (work.outputs == 1)
      net_ << tiny::fully_connected_layer<tiny::activation::sigmoid>(width, 1);
    else
      net_ << tiny::fully_connected_layer<tiny::activation::softmax>(width, narrow(work.outputs));
    net_.init_weight();
    for (std::size_t i = 0; i < work.rows; ++i) {
      const float* row = &data.x[i * work.inputs];
      x_.emplace_back(row, row + work.inputs);
      tiny::vec_t truth(work.outputs);
      if (work.outputs == 1)
        truth[0] = data.labels[i];
      else
        truth[static_cast<std::size_t>(data.labels[i])] = 1;
      y_.push_back(std::move(truth));
    }
  }

  void train(std::size_t rows, std::size_t epochs) override {
    const std::vector<tiny::vec_t> x(x_.begin(), x_.begin() + static_cast<std::ptrdiff_t>(rows));
    const std::vector<tiny::vec_t> y(y_.begin(), y_.begin() + static_cast<std::ptrdiff_t>(rows));
    if (work_.outputs == 1)
      net_.fit<tiny::cross_entropy>(adam_, x, y, work_.batch, static_cast<int>(epochs));
    else
      net_.fit<tiny::cross_entropy_multiclass>(adam_, x, y, work_.batch, static_cast<int>(epochs));
  }
  void predict(const float* x, std::size_t rows, float* answers) override {
    if (rows == 1) {
      one_.assign(x, x + work_.inputs);
      const tiny::vec_t y = net_.predict(one_);
      std::copy(y.begin(), y.end(), answers);
      return;
    }
    many_.resize(rows, tiny::tensor_t(1));
    for (std::size_t i = 0; i < rows; ++i) many_[i][0].assign(x + i * work_.inputs, x + (i + 1) * work_.inputs);
    for (const tiny::tensor_t& y : net_.predict(many_)) answers = std::copy(y[0].begin(), y[0].end(), answers);
  }

 private:
  static tiny::serial_size_t narrow(std::size_t n) { return static_cast<tiny::serial_size_t>(n); }

  const Workload& work_;
  tiny::network<tiny::sequential> net_;
  tiny::adam adam_;
  std::vector<tiny::vec_t> x_, y_;
  tiny::vec_t one_;
  std::vector<tiny::tensor_t> many_;
};

std::unique_ptr<Peer> make(const Workload& work, const Data& data, std::size_t threads) {
  if (threads > 1) return nullptr;
  return std::make_unique<TinyDnnPeer>(work, data);
}

}  // namespace

Library tiny_dnn() { return {"tiny-dnn", "", make}; }

}  // namespace bench

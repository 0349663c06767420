// SPDX-License-Identifier: BSD-3-Clause
// dlib: a network type for each workload, its solver called without the trainer's own thread, tensors filled directly.
#include "compare/peer.hpp"

#include <dlib/dnn.h>
#include <dlib/revision.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <type_traits>
#include <utility>
#include <vector>

namespace bench {

namespace {

using dlib::fc;
using dlib::relu;
using Input = dlib::input<dlib::matrix<float, 0, 1>>;
template <template <class> class Between>
using Seed = dlib::loss_binary_log<fc<1, Between<relu<fc<64, Input>>>>>;
using Table = dlib::loss_binary_log<fc<1, relu<fc<128, relu<fc<256, Input>>>>>>;
using Wide = dlib::loss_multiclass_log<fc<10, relu<fc<1024, relu<fc<1024, Input>>>>>>;

/// Predicts with another type where dropout becomes a multiplication.
template <class Trained, class Served = Trained>
class DlibPeer : public Peer {
  using Label = typename Trained::training_label_type;
  static constexpr bool binary = std::is_same_v<Label, float>;

 public:
  DlibPeer(const Workload& work, const Data& data)
      : work_(work), data_(data), solvers_(Trained::num_computational_layers, dlib::adam(0, 0.9f, 0.999f)) {
    if constexpr (!std::is_same_v<Trained, Served>)
      dlib::layer<2>(net_).layer_details() = dlib::dropout_(static_cast<float>(work.dropout));
    const dlib::matrix<float, 0, 1> zero = dlib::zeros_matrix<float>(static_cast<long>(work.inputs), 1);
    net_.to_tensor(&zero, &zero + 1, batch_);
    net_.subnet().forward(batch_);
  }

  void train(std::size_t rows, std::size_t epochs) override {
    std::vector<std::size_t> order(rows);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t epoch = 0; epoch < epochs; ++epoch) {
      std::shuffle(order.begin(), order.end(), shuffles_);
      for (std::size_t first = 0; first < rows; first += work_.batch) {
        const std::size_t count = std::min(work_.batch, rows - first);
        float* x = resized(count);
        labels_.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
          const std::size_t row = order[first + i];
          std::copy_n(&data_.x[row * work_.inputs], work_.inputs, x + i * work_.inputs);
          labels_[i] = binary ? static_cast<Label>(data_.labels[row] * 2 - 1) : static_cast<Label>(data_.labels[row]);
        }
        net_.compute_parameter_gradients(batch_, labels_.begin());
        net_.update_parameters(solvers_, 1e-3);
      }
    }
    changed_ = true;
  }
  void predict(const float* x, std::size_t rows, float* answers) override {
    if (std::exchange(changed_, false)) served_ = net_;
    std::copy_n(x, rows * work_.inputs, resized(rows));
    const float* y = served_.subnet().forward(batch_).host();
    std::transform(y, y + rows * work_.outputs, answers, [](float v) { return binary ? 1 / (1 + std::exp(-v)) : v; });
  }

 private:
  float* resized(std::size_t rows) {
    batch_.set_size(static_cast<long>(rows), 1, static_cast<long>(work_.inputs), 1);
    return batch_.host_write_only();
  }

  const Workload& work_;
  const Data& data_;
  Trained net_;
  Served served_;
  bool changed_ = true;
  std::vector<dlib::adam> solvers_;
  dlib::resizable_tensor batch_;
  std::vector<Label> labels_;
  std::mt19937 shuffles_{1};
};

/// Its threads are those of the BLAS.
std::unique_ptr<Peer> make(const Workload& work, const Data& data, std::size_t) {
  if (work.name == "T1") return std::make_unique<DlibPeer<Seed<dlib::dropout>, Seed<dlib::multiply>>>(work, data);
  if (work.name == "T2") return std::make_unique<DlibPeer<Table>>(work, data);
  return std::make_unique<DlibPeer<Wide>>(work, data);
}

}  // namespace

Library dlib() { return {"dlib", std::to_string(DLIB_MAJOR_VERSION) + "." + std::to_string(DLIB_MINOR_VERSION), make}; }

}  // namespace bench

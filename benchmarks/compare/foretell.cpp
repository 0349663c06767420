// SPDX-License-Identifier: BSD-3-Clause
// foretell as a program uses it: fit, and a Predictor to serve.
#include <foretell/serving.hpp>

#include "compare/peer.hpp"
#include "training/networks.hpp"

#include <optional>

namespace bench {

namespace {

ft::Sequential<float> network(const Workload& work) {
  if (work.name == "T1") return seed_network();
  if (work.name == "T2") return table_network();
  ft::Sequential<float> model{ft::Dense(1024, {.activation = ft::relu}), ft::Dense(1024, {.activation = ft::relu}),
                              ft::Dense(10, {.activation = ft::softmax})};
  model.compile(ft::Adam(), ft::SparseCategoricalCrossentropy());
  return model;
}

class ForetellPeer : public Peer {
 public:
  ForetellPeer(const Workload& work, const Data& data, const ft::FitOptions<float>& options)
      : work_(work), data_(data), options_(options), team_(options.threads), model_(network(work)) {
    model_.build({work.inputs}, 1);
  }

  void train(std::size_t rows, std::size_t epochs) override {
    options_.epochs = epochs;
    options_.batch_size = work_.batch;
    options_.seed++;
    model_.fit(ft::Array<float>(data_.x.data(), {rows, work_.inputs}), ft::Array<float>(data_.labels.data(), {rows, 1}),
               options_);
    predictor_.reset();
  }
  void predict(const float* x, std::size_t rows, float* answers) override {
    if (!predictor_ || predictor_->rows() < rows)
      predictor_ = ft::Bundle<float>(ft::BundleFile<float>{{}, model_.network()}).predictor(rows, team_);
    const std::span<const float> y = (*predictor_)(std::span(x, rows * work_.inputs));
    std::copy(y.begin(), y.end(), answers);
  }

 private:
  const Workload& work_;
  const Data& data_;
  ft::FitOptions<float> options_;
  ft::Executor team_;
  ft::Sequential<float> model_;
  std::optional<ft::Predictor<float>> predictor_;
};

std::unique_ptr<Peer> make(const Workload& work, const Data& data, std::size_t threads) {
  ft::FitOptions<float> options;
  options.verbose = 0;
  options.threads = threads;
  return std::make_unique<ForetellPeer>(work, data, options);
}

}  // namespace

Library foretell() { return {"foretell", ft::version, make}; }

}  // namespace bench

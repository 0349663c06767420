// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "foretell/losses/catalog.hpp"
#include "foretell/metrics/catalog.hpp"
#include "foretell/models/sequential.hpp"
#include "foretell/models/trainer.hpp"
#include "foretell/optimizers/catalog.hpp"
#include "foretell/serving/instances.hpp"
#include "foretell/training/catalog.hpp"
#include "foretell/xt/tensor.hpp"

// The same for training: layers and transformers that learn, losses, metrics and optimizers behind their erased types,
// the loop and its checkpoints.

#define FORETELL_LOSS_INSTANCE(Part, Extern, T)                        \
  Extern template const detail::ValueOps& detail::loss_ops<Part, T>(); \
  Extern template const detail::ValueOps& detail::metric_ops<LossMetric<Part>, T>();
#define FORETELL_METRIC_INSTANCE(Part, Extern, T) Extern template const detail::ValueOps& detail::metric_ops<Part, T>();
#define FORETELL_OPTIMIZER_INSTANCE(Part, Extern, T) \
  Extern template const detail::ValueOps& detail::optimizer_ops<Part, T>();

#define FORETELL_TRAINING_INSTANCES(Extern, T)                                                                        \
  namespace foretell {                                                                                                \
  FORETELL_LAYER_TYPES(FORETELL_LAYER_INSTANCE, Extern, T, Purpose::training)                                         \
  FORETELL_TRANSFORMER_TYPES(FORETELL_TRANSFORMER_INSTANCE, Extern, Purpose::training)                                \
  FORETELL_LOSS_TYPES(FORETELL_LOSS_INSTANCE, Extern, T)                                                              \
  FORETELL_METRIC_TYPES(FORETELL_METRIC_INSTANCE, Extern, T)                                                          \
  FORETELL_OPTIMIZER_TYPES(FORETELL_OPTIMIZER_INSTANCE, Extern, T)                                                    \
  Extern template class Optimizer<T>;                                                                                 \
  Extern template class Tally<T>;                                                                                     \
  Extern template class Evaluation<T>;                                                                                \
  Extern template class TrainStep<T>;                                                                                 \
  Extern template struct Predictions<T>;                                                                              \
  Extern template Registry<T> Registry<T>::builtin();                                                                 \
  Extern template class Model<T>;                                                                                     \
  Extern template class Sequential<T>;                                                                                \
  Extern template class Trainer<T>;                                                                                   \
  Extern template std::string summary(const Network<T>&);                                                             \
  Extern template struct Objective<T>;                                                                                \
  Extern template Shape detail::check_data(const Network<T>&, const Objective<T>&, const Dataset<T>&,                 \
                                           const std::string&, bool);                                                 \
  Extern template History fit(Network<T>&, const Objective<T>&, Optimizer<T>&, Dataset<T>, std::optional<Dataset<T>>, \
                              const FitOptions<T>&, bool);                                                            \
  Extern template History fit(Network<T>&, const Objective<T>&, Optimizer<T>&, ExampleStream<T>,                      \
                              const std::function<Dataset<T>(const Examples<T>&)>&, std::optional<Dataset<T>>,        \
                              const FitOptions<T>&);                                                                  \
  Extern template LBFGSResult minimize(Network<T>&, const Objective<T>&, Optimizer<T>&, Dataset<T>,                   \
                                       const LBFGSOptions&, const FitOptions<T>&);                                    \
  Extern template void save_checkpoint(const std::string&, const Network<T>&, Optimizer<T>&,                          \
                                       std::vector<Callback<T>>&, const TrainingPlace&);                              \
  Extern template TrainingPlace load_checkpoint(const std::string&, Network<T>&, Optimizer<T>&,                       \
                                                std::vector<Callback<T>>&);                                           \
  }

#ifdef FORETELL_COMPILED
FORETELL_TRAINING_INSTANCES(extern, float)
#endif

// As FORETELL_FILE_INSTANCES.
#define FORETELL_CHECKPOINT_INSTANCES(T)                                                                             \
  namespace foretell {                                                                                               \
  template void save_checkpoint(const std::string&, const Network<T>&, Optimizer<T>&, std::vector<Callback<T>>&,     \
                                const TrainingPlace&);                                                               \
  template TrainingPlace load_checkpoint(const std::string&, Network<T>&, Optimizer<T>&, std::vector<Callback<T>>&); \
  }

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/parallel.hpp"
#include "foretell/training/callback.hpp"
#include "foretell/training/examples.hpp"

namespace foretell {

/// Gives a network, an optimizer and callbacks, made as those that were saved, what the checkpoint holds. Throws
/// FormatError or StateError, with nothing changed, when they do not fit. Defined by training/checkpoint.hpp.
template <class T>
TrainingPlace load_checkpoint(const std::string& path, Network<T>& network, Optimizer<T>& optimizer,
                              std::vector<Callback<T>>& callbacks);

/// The path of a checkpoint, and how it is read: a program that gives none has no code for that.
template <class T>
class CheckpointPath : public std::string {
 public:
  CheckpointPath() = default;
  template <std::convertible_to<std::string> P>
  requires(!std::derived_from<std::remove_cvref_t<P>, CheckpointPath>)
      CheckpointPath(P&& path)  // NOLINT(google-explicit-constructor)
      : std::string(std::forward<P>(path)), read_(&load_checkpoint<T>) {}

  TrainingPlace read(Network<T>& network, Optimizer<T>& optimizer, std::vector<Callback<T>>& callbacks) const {
    if (!read_)
      throw ConfigError(text("fit: expected resume_from to be set as a whole, options.resume_from = path, received \"",
                             *this, "\", which was written into an empty one"));
    return read_(*this, network, optimizer, callbacks);
  }

 private:
  decltype(&load_checkpoint<T>) read_ = nullptr;
};

/// How `fit` trains; as keras.Model.fit.
template <class T>
struct FitOptions {
  std::size_t batch_size = 32;
  std::size_t epochs = 1;
  /// The last part of the rows, before shuffling, with their sample_weight; in whole rows, rounded up.
  double validation_split = 0;
  Examples<T> validation_data{};  ///< in place of a validation_split
  std::vector<Callback<T>> callbacks{};
  bool shuffle = true;                  ///< anew each epoch
  std::vector<double> sample_weight{};  ///< one a row
  bool signed_weights = false;  ///< they may be below 0, as advantages are, where the loss takes such; metrics count a
                                ///< row by its weight without the sign
  /// {{0, 1}, {1, 5}}: the weight of each class, 1 for others, times sample_weight; of training rows, never of
  /// validation. For one output and one label a row: a number, or one-hot classes. A class that no row has is an error,
  /// as are several labels a row, where Keras takes the place of the greatest number.
  std::vector<std::pair<double, double>> class_weight{};
  std::size_t threads = 1;            ///< they end with the call; the result is the same, bit for bit, for any number
  Executor executor{};                ///< instead of `threads`: a team that is kept, or the application's pool
  CheckpointPath<T> resume_from{};    ///< a checkpoint of the same run, to go on from; see ModelCheckpoint
  std::size_t shuffle_buffer = 4096;  ///< rows of a stream that each batch is drawn from
  std::size_t prefetch =
      2;  ///< batches of a stream that are read ahead, on a thread that ends with the call; 0: no thread
  std::uint64_t seed = 0;      ///< of initial weights, shuffling and dropout
  int verbose = 1;             ///< 0 nothing; 1 a progress line, or a line an epoch; 2 a line an epoch
  std::size_t probe_rows = 0;  ///< first rows of the training that model files hold, with their answers, for load to
                               ///< check; 0: made-up rows, nobody's data
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "foretell/training/callback.hpp"
#include "foretell/training/monitor.hpp"

namespace foretell {

struct EarlyStoppingOptions {
  std::string monitor = "val_loss";
  Mode mode = Mode::automatic;
  std::size_t patience = 0;
  double min_delta = 0;
  bool restore_best_weights = true;
  std::size_t start_from_epoch = 0;
};

/// Stops when `monitor` has not improved by more than min_delta for `patience` epochs. The best weights are restored in
/// every way training can end: patience, the last epoch, another callback, an error. As keras.callbacks.EarlyStopping,
/// but for that, and for a value that is NaN, which is an error here; there it never improves, but a first one is the
/// best that nothing improves on. With use_ema the weights that are kept are the averaged ones, which the validation
/// has seen; Keras without SwapEMAWeights keeps the weights before averaging.
class EarlyStopping {
 public:
  explicit EarlyStopping(EarlyStoppingOptions options = {}) : options_(std::move(options)) {}

  template <class T>
  auto bind() const {
    return Watch<T>(options_);
  }

 private:
  template <class T>
  class Watch {
   public:
    explicit Watch(const EarlyStoppingOptions& options)
        : options_(options), monitor_("EarlyStopping", options.monitor, options.mode, options.min_delta) {}

    void on_fit_begin(Training<T>& training) { monitor_.prepare(training.logs); }
    void on_train_begin() {
      monitor_.reset();
      waited_ = 0;
      weights_ = state_ = Arena<T>();
    }
    Flow on_epoch_end(Training<T>& training, const EpochLogs& logs) {
      if (logs.epoch() < options_.start_from_epoch) return Flow::go_on;
      if (!monitor_.improves(logs, training.place.stopped))
        return ++waited_ >= options_.patience ? Flow::stop : Flow::go_on;
      waited_ = 0;
      if (options_.restore_best_weights) {
        weights_ = training.network.weights();
        state_ = training.network.state();
      }
      return Flow::go_on;
    }
    void on_train_end(Training<T>& training) {
      if (weights_.size() == 0) return;
      training.network.weights() = std::move(weights_);
      training.network.state() = std::move(state_);
      on_train_begin();
    }
    void state(auto&& f) {
      monitor_.state(f);
      f("waited", waited_);
    }
    std::vector<Arena<T>*> arrays() { return {&weights_, &state_}; }

   private:
    EarlyStoppingOptions options_;
    detail::Monitor monitor_;
    std::size_t waited_ = 0;
    Arena<T> weights_, state_;
  };

  EarlyStoppingOptions options_;
};

}  // namespace foretell

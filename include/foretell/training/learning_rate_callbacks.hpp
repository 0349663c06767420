// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <type_traits>
#include <utility>

#include "foretell/data/table_text.hpp"
#include "foretell/training/callback.hpp"
#include "foretell/training/monitor.hpp"

namespace foretell {

/// Sets the learning rate before every epoch: f(epoch) or f(epoch, rate before), epochs from 0. As
/// keras.callbacks.LearningRateScheduler.
template <class F>
class LearningRateScheduler {
 public:
  explicit LearningRateScheduler(F f) : f_(std::move(f)) {}

  template <class T>
  void on_epoch_begin(Training<T>& training, std::size_t epoch) {
    if constexpr (std::is_invocable_v<F&, std::size_t, double>)
      training.optimizer.set_learning_rate(static_cast<double>(f_(epoch, training.optimizer.learning_rate())));
    else
      training.optimizer.set_learning_rate(static_cast<double>(f_(epoch)));
  }

 private:
  F f_;
};

struct ReduceLROnPlateauOptions {
  std::string monitor = "val_loss";
  double factor = 0.1;
  std::size_t patience = 10;
  Mode mode = Mode::automatic;
  double min_delta = 1e-4;
  std::size_t cooldown = 0;  ///< epochs after a reduction that do not count
  double min_lr = 0;
};

/// Multiplies the learning rate by `factor` when `monitor` has not improved for `patience` epochs. As
/// keras.callbacks.ReduceLROnPlateau.
class ReduceLROnPlateau {
 public:
  explicit ReduceLROnPlateau(ReduceLROnPlateauOptions options = {})
      : options_(std::move(options)),
        monitor_("ReduceLROnPlateau", options_.monitor, options_.mode, options_.min_delta) {
    if (!(options_.factor > 0 && options_.factor < 1))
      throw ConfigError(text("ReduceLROnPlateau: expected a factor above 0 and below 1, received ", options_.factor));
    if (!(options_.min_lr >= 0))
      throw ConfigError(text("ReduceLROnPlateau: expected a min_lr of at least 0, received ", options_.min_lr));
  }

  template <class T>
  void on_fit_begin(Training<T>& training) {
    monitor_.prepare(training.logs);
    training.optimizer.set_learning_rate(training.optimizer.learning_rate());  // throws where a schedule sets it
  }
  void on_train_begin() {
    monitor_.reset();
    waited_ = cooling_ = 0;
  }
  template <class T>
  void on_epoch_end(Training<T>& training, const EpochLogs& logs) {
    const bool better = monitor_.improves(logs, training.place.stopped);
    if (cooling_ > 0) {
      --cooling_;
      waited_ = 0;
    }
    if (better) waited_ = 0;
    if (better || cooling_ > 0 || ++waited_ < options_.patience) return;
    const double rate = training.optimizer.learning_rate();
    if (rate <= options_.min_lr) return;
    const double lower = std::max(rate * options_.factor, options_.min_lr);
    training.optimizer.set_learning_rate(lower);
    if (training.verbose > 0)
      std::puts(text("epoch ", logs.epoch() + 1, ": the learning rate falls from ", detail::short_number(rate), " to ",
                     detail::short_number(lower))
                    .c_str());
    cooling_ = options_.cooldown;
    waited_ = 0;
  }
  void state(auto&& f) {
    monitor_.state(f);
    f("waited", waited_);
    f("cooling", cooling_);
  }

 private:
  ReduceLROnPlateauOptions options_;
  detail::Monitor monitor_;
  std::size_t waited_ = 0, cooling_ = 0;
};

}  // namespace foretell

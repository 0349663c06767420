// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "foretell/io/model_file.hpp"
#include "foretell/metrics/fixed.hpp"
#include "foretell/training/checkpoint.hpp"
#include "foretell/training/monitor.hpp"

namespace foretell {

struct ModelCheckpointOptions {
  std::string monitor = "val_loss";
  Mode mode = Mode::automatic;
  bool save_best_only = false;   ///< only when `monitor` is better than ever
  std::size_t save_freq = 1;     ///< every so many epochs; 0 for never at their end
  std::size_t save_batches = 0;  ///< every so many batches within an epoch, too; 0 for none
  bool weights_only = false;     ///< a model file without what training goes on from
};

/// Writes the model and the state of its training while it trains, atomically; FitOptions::resume_from goes on from
/// there with the same bits as if training had never ended. In `path`, "{epoch}" becomes the epoch, counted from 1, and
/// "{val_loss}" (any name of the logs) its value with four digits after a point, whatever the locale. As
/// keras.callbacks.ModelCheckpoint. A run that is resumed within an epoch reports that epoch's rest. With use_ema the
/// model in the file has the averaged weights (that of Keras the trained ones).
class ModelCheckpoint {
 public:
  explicit ModelCheckpoint(std::string path, ModelCheckpointOptions options = {})
      : path_(std::move(path)),
        options_(std::move(options)),
        monitor_("ModelCheckpoint", options_.monitor, options_.mode, 0) {
    if (options_.save_best_only && options_.save_batches > 0)
      throw ConfigError(
          text("ModelCheckpoint: expected save_best_only or save_batches, received both; what is best is "
               "known at the end of an epoch"));
  }

  template <class T>
  void on_fit_begin(Training<T>& training) {
    if (options_.save_best_only) monitor_.prepare(training.logs);
  }
  void on_train_begin() { monitor_.reset(); }
  template <class T>
  void on_batch_end(Training<T>& training, std::size_t batch, double) {
    if (options_.save_batches == 0 || (batch + 1) % options_.save_batches != 0) return;
    save(training, EpochLogs(training.place.epoch));
  }
  template <class T>
  void on_epoch_settled(Training<T>& training, const EpochLogs& logs) {
    if (options_.save_freq == 0 || (logs.epoch() + 1) % options_.save_freq != 0) return;
    if (options_.save_best_only && !monitor_.improves(logs, training.place.stopped)) return;
    save(training, logs);
  }
  void state(auto&& f) { monitor_.state(f); }

 private:
  template <class T>
  void save(Training<T>& training, const EpochLogs& logs) const {
    const bool changed = training.show_averages(true);
    if (options_.weights_only)
      save_model(path(logs), training.network);
    else
      save_checkpoint(path(logs), training.network, training.optimizer, training.callbacks, training.place);
    if (changed) training.show_averages(false);
  }
  std::string path(const EpochLogs& logs) const {
    std::string result;
    for (std::size_t i = 0; i < path_.size();) {
      const std::size_t end = path_[i] == '{' ? path_.find('}', i) : std::string::npos;
      if (end == std::string::npos) {
        result += path_[i++];
        continue;
      }
      const std::string name = path_.substr(i + 1, end - i - 1);
      if (name == "epoch")
        result += text(logs.epoch() + 1);
      else
        result += std::isnan(logs[name]) ? "nan" : detail::fixed(logs[name]);
      i = end + 1;
    }
    return result;
  }

  std::string path_;
  ModelCheckpointOptions options_;
  detail::Monitor monitor_;
};

}  // namespace foretell

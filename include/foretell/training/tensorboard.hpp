// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "foretell/formats/event_file.hpp"
#include "foretell/training/callback.hpp"

namespace foretell {

struct TensorBoardOptions {
  std::size_t histogram_freq = 0;  ///< epochs from one set of weight histograms to the next; 0 for none
  std::size_t update_freq = 0;     ///< batches from one loss ("batch_loss") to the next; 0 for epochs only
};

/// Writes what TensorBoard shows: `log_dir`/train and `log_dir`/validation get the logs of every epoch ("epoch_loss",
/// ...), and histograms of the weights. As keras.callbacks.TensorBoard, but for the limits of histograms. Each training
/// has files of its own, also beside others in the same folder: folds, threads, processes.
class TensorBoard {
 public:
  explicit TensorBoard(std::string log_dir, TensorBoardOptions options = {})
      : log_dir_(std::move(log_dir)), options_(options) {}

  template <class T>
  void on_batch_end(Training<T>& training, std::size_t, double loss) {
    const std::uint64_t step = training.optimizer.iterations();
    if (options_.update_freq > 0 && step % options_.update_freq == 0)
      file(train_, "train").scalar(now(), static_cast<std::int64_t>(step), "batch_loss", loss);
  }
  template <class T>
  void on_epoch_end(Training<T>& training, const EpochLogs& logs) {
    const auto step = static_cast<std::int64_t>(logs.epoch());
    for (const auto& [name, value] : logs.values()) {
      const bool validation = name.rfind("val_", 0) == 0;
      EventFile& to = validation ? file(validation_, "validation") : file(train_, "train");
      to.scalar(now(), step, "epoch_" + (validation ? name.substr(4) : name), value);
    }
    file(train_, "train").scalar(now(), step, "epoch_learning_rate", training.optimizer.learning_rate());
    if (options_.histogram_freq > 0 && logs.epoch() % options_.histogram_freq == 0)
      for (const ParameterInfo& info : training.network.parameters())
        train_->histogram(now(), step, info.name + "/histogram",
                          std::span<const T>(training.network.weights().data() + info.offset, info.shape.size()));
    if (train_) train_->flush();
    if (validation_) validation_->flush();
  }

 private:
  static double now() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  }
  EventFile& file(std::shared_ptr<EventFile>& file, std::string_view run) const {
    if (file) return *file;
    const std::filesystem::path folder = std::filesystem::path(log_dir_) / run;
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);  // a folder that is missing shows when the file is opened
    char host[256] = "host";
    (void)::gethostname(host, sizeof host - 1);
    const std::string name = text("events.out.tfevents.", static_cast<long long>(now()), ".",
                                  static_cast<const char*>(host), ".", static_cast<long>(::getpid()), ".0");
    file = std::make_shared<EventFile>((folder / name).string(), now());
    return *file;
  }

  std::string log_dir_;
  TensorBoardOptions options_;
  std::shared_ptr<EventFile> train_, validation_;
};

}  // namespace foretell

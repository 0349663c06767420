// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

#include "foretell/metrics/fixed.hpp"
#include "foretell/training/history.hpp"

namespace foretell {

/// What training shows: on a terminal one moving line an epoch with the time left and the loss, elsewhere one plain
/// line an epoch, nothing at verbose 0.
class Progress {
 public:
  Progress(int verbose, std::size_t epochs, std::size_t batches)
      : shown_(verbose > 0),
        moving_(verbose == 1 && ::isatty(STDOUT_FILENO) == 1),
        epochs_(epochs),
        batches_(batches) {}

  void epoch_begin(std::size_t epoch) {
    epoch_ = epoch;
    started_ = painted_ = Clock::now();
  }
  void batch_end(std::size_t batch, double loss) {
    if (!moving_ || batches_ == 0) return;
    const auto now = Clock::now();
    if (now - painted_ < std::chrono::milliseconds(100)) return;
    painted_ = now;
    const double done = static_cast<double>(batch + 1) / static_cast<double>(batches_);
    const double left = seconds(now) * (1 - done) / done;
    std::printf("\r%s  %3.0f %%  %s left  loss %s \033[K", title().c_str(), 100 * done, duration(left).c_str(),
                detail::fixed(loss).c_str());
    std::fflush(stdout);
  }
  void epoch_end(const EpochLogs& logs) {
    if (!shown_) return;
    std::string line = text(title(), "  ", duration(seconds(Clock::now())));
    for (const auto& [name, value] : logs.values()) line += text("  ", name, " ", detail::fixed(value));
    std::printf("%s%s%s\n", moving_ ? "\r" : "", line.c_str(), moving_ ? "\033[K" : "");
    std::fflush(stdout);
  }

 private:
  using Clock = std::chrono::steady_clock;

  double seconds(Clock::time_point now) const { return std::chrono::duration<double>(now - started_).count(); }
  std::string title() const { return text("epoch ", epoch_ + 1, "/", epochs_); }
  static std::string duration(double seconds) {
    if (seconds < 60) return text(detail::fixed(seconds, seconds < 10 ? 1 : 0), " s");
    const auto whole = static_cast<long long>(std::min(seconds, 1e15));
    return text(whole / 60, whole % 60 < 10 ? " min 0" : " min ", whole % 60, " s");
  }

  bool shown_, moving_;
  std::size_t epochs_, batches_, epoch_ = 0;
  Clock::time_point started_{}, painted_{};
};

}  // namespace foretell

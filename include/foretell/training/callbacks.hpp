// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "foretell/core/erased.hpp"
#include "foretell/graph/network.hpp"
#include "foretell/optimizers/optimizer.hpp"
#include "foretell/training/history.hpp"

namespace foretell {

/// What a callback answers: go on, or stop training after this epoch.
enum class Flow : std::uint8_t { go_on, stop };

/// The training run that callbacks look into.
template <class T>
struct Training {
  Network<T>& network;
  Optimizer<T>& optimizer;
  std::size_t epochs = 0;
  int verbose = 0;
};

/// Any object with any of these, each taking Training<T>& first or leaving it out, each returning void or Flow:
/// on_train_begin(), on_epoch_begin(epoch), on_batch_end(batch, loss), on_epoch_end(const EpochLogs&), on_train_end().
/// on_batch_end returns Flow::stop to end at once. on_train_end runs in every way training can end, errors too.
template <class T>
class Callback {
 public:
  template <class C>
  requires(!std::same_as<std::remove_cvref_t<C>, Callback> && std::copy_constructible<std::remove_cvref_t<C>>)
      Callback(C&& callback) {  // NOLINT(google-explicit-constructor)
    if constexpr (requires { callback.template bind<T>(); })
      adopt(callback.template bind<T>());
    else
      adopt(std::forward<C>(callback));
  }
  Flow on_train_begin(Training<T>& t) { return self_->train_begin(t); }
  Flow on_epoch_begin(Training<T>& t, std::size_t epoch) { return self_->epoch_begin(t, epoch); }
  Flow on_batch_end(Training<T>& t, std::size_t batch, double loss) { return self_->batch_end(t, batch, loss); }
  Flow on_epoch_end(Training<T>& t, const EpochLogs& logs) { return self_->epoch_end(t, logs); }
  Flow on_train_end(Training<T>& t) { return self_->train_end(t); }
  bool tolerates_nan() const { return self_->tolerates_nan(); }

 private:
  struct Concept : detail::Erasable<Concept> {
    virtual Flow train_begin(Training<T>&) = 0;
    virtual Flow epoch_begin(Training<T>&, std::size_t) = 0;
    virtual Flow batch_end(Training<T>&, std::size_t, double) = 0;
    virtual Flow epoch_end(Training<T>&, const EpochLogs&) = 0;
    virtual Flow train_end(Training<T>&) = 0;
    virtual bool tolerates_nan() const = 0;
  };

  static Flow flow_of(auto&& call) {
    if constexpr (std::is_void_v<decltype(call())>) {
      call();
      return Flow::go_on;
    } else {
      return call();
    }
  }

  template <class C>
  struct Model final : detail::Held<Concept, Model<C>, C> {
    using Held = detail::Held<Concept, Model<C>, C>;
    using Held::Held;
    using Held::value;
    Flow train_begin(Training<T>& t) override {
      if constexpr (requires { value.on_train_begin(t); })
        return flow_of([&] { return value.on_train_begin(t); });
      else if constexpr (requires { value.on_train_begin(); })
        return flow_of([&] { return value.on_train_begin(); });
      else
        return Flow::go_on;
    }
    Flow epoch_begin(Training<T>& t, std::size_t epoch) override {
      if constexpr (requires { value.on_epoch_begin(t, epoch); })
        return flow_of([&] { return value.on_epoch_begin(t, epoch); });
      else if constexpr (requires { value.on_epoch_begin(epoch); })
        return flow_of([&] { return value.on_epoch_begin(epoch); });
      else
        return Flow::go_on;
    }
    Flow batch_end(Training<T>& t, std::size_t batch, double loss) override {
      if constexpr (requires { value.on_batch_end(t, batch, loss); })
        return flow_of([&] { return value.on_batch_end(t, batch, loss); });
      else if constexpr (requires { value.on_batch_end(batch, loss); })
        return flow_of([&] { return value.on_batch_end(batch, loss); });
      else
        return Flow::go_on;
    }
    Flow epoch_end(Training<T>& t, const EpochLogs& logs) override {
      if constexpr (requires { value.on_epoch_end(t, logs); })
        return flow_of([&] { return value.on_epoch_end(t, logs); });
      else if constexpr (requires { value.on_epoch_end(logs); })
        return flow_of([&] { return value.on_epoch_end(logs); });
      else
        return Flow::go_on;
    }
    Flow train_end(Training<T>& t) override {
      if constexpr (requires { value.on_train_end(t); })
        return flow_of([&] { return value.on_train_end(t); });
      else if constexpr (requires { value.on_train_end(); })
        return flow_of([&] { return value.on_train_end(); });
      else
        return Flow::go_on;
    }
    bool tolerates_nan() const override {
      if constexpr (requires { C::tolerates_nan; }) return C::tolerates_nan;
      return false;
    }
  };

  template <class C>
  void adopt(C&& callback) {
    using Plain = std::remove_cvref_t<C>;
    static_assert(
        requires(Plain & c, Training<T> & t, const EpochLogs& logs) { c.on_epoch_end(t, logs); } ||
            requires(Plain & c, const EpochLogs& logs) { c.on_epoch_end(logs); } ||
            requires(Plain & c, std::size_t e) { c.on_epoch_begin(e); } ||
            requires(Plain & c, Training<T> & t, std::size_t e) { c.on_epoch_begin(t, e); } ||
            requires(Plain & c) { c.on_batch_end(std::size_t(), 0.0); } ||
            requires(Plain & c, Training<T> & t) { c.on_batch_end(t, std::size_t(), 0.0); } ||
            requires(Plain & c) { c.on_train_begin(); } ||
            requires(Plain & c, Training<T> & t) { c.on_train_begin(t); } ||
            requires(Plain & c) { c.on_train_end(); } || requires(Plain & c, Training<T> & t) { c.on_train_end(t); },
        "foretell: a callback needs at least one of on_train_begin, on_epoch_begin, on_batch_end, on_epoch_end, "
        "on_train_end");
    self_ = std::make_unique<Model<Plain>>(std::forward<C>(callback));
  }

  detail::Erased<Concept> self_;
};

/// A callback from a callable: on_epoch_end([](const EpochLogs& logs) { return logs["loss"] < 0.1 ? Flow::stop :
/// Flow::go_on; }).
template <class F>
auto on_epoch_end(F f) {
  struct OnEpochEnd {
    F call;
    auto on_epoch_end(const EpochLogs& logs) { return call(logs); }
  };
  return OnEpochEnd{std::move(f)};
}
/// f(batch, loss) after every batch.
template <class F>
auto on_batch_end(F f) {
  struct OnBatchEnd {
    F call;
    auto on_batch_end(std::size_t batch, double loss) { return call(batch, loss); }
  };
  return OnBatchEnd{std::move(f)};
}

/// Whether a monitored value should fall or rise; automatic: rise for names with accuracy, auc, precision, recall, f1
/// or r2 in them, fall otherwise.
enum class Mode : std::uint8_t { automatic, min, max };
constexpr auto enum_names(Mode) { return std::array<std::string_view, 3>{"auto", "min", "max"}; }

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
/// but for that.
class EarlyStopping {
 public:
  explicit EarlyStopping(EarlyStoppingOptions options = {}) : options_(std::move(options)) {}

  template <class T>
  auto bind() const {
    return Watch<T>{options_};
  }

 private:
  template <class T>
  struct Watch {
    EarlyStoppingOptions options;
    double best = std::numeric_limits<double>::quiet_NaN();
    std::size_t waited = 0;
    Arena<T> weights{}, state{};

    void on_train_begin() {
      best = std::numeric_limits<double>::quiet_NaN();
      waited = 0;
      weights = state = Arena<T>();
    }
    Flow on_epoch_end(Training<T>& training, const EpochLogs& logs) {
      if (logs.epoch() < options.start_from_epoch) return Flow::go_on;
      const double now = monitored(logs);
      const bool rises = options.mode == Mode::max || (options.mode == Mode::automatic && rising());
      const bool better = std::isnan(best) ? !std::isnan(now)
                          : rises          ? now > best + options.min_delta
                                           : now < best - options.min_delta;
      if (better) {
        best = now;
        waited = 0;
        if (options.restore_best_weights) {
          weights = training.network.weights();
          state = training.network.state();
        }
        return Flow::go_on;
      }
      return ++waited >= options.patience ? Flow::stop : Flow::go_on;
    }
    void on_train_end(Training<T>& training) {
      if (weights.size() == 0) return;
      training.network.weights() = std::move(weights);
      training.network.state() = std::move(state);
      on_train_begin();
    }

   private:
    double monitored(const EpochLogs& logs) const {
      if (const double* value = logs.find(options.monitor)) return *value;
      std::vector<std::string> names;
      for (const auto& entry : logs.values()) names.push_back(entry.first);
      throw ConfigError(
          text("EarlyStopping: expected monitor to be one of ", quoted_list(names), ", received \"", options.monitor,
               "\"", options.monitor.rfind("val_", 0) == 0 ? "; give fit validation_data or a validation_split" : ""));
    }
    bool rising() const {
      for (const std::string_view part : {"accuracy", "auc", "precision", "recall", "f1", "r2"})
        if (options.monitor.find(part) != std::string::npos) return true;
      return false;
    }
  };

  EarlyStoppingOptions options_;
};

/// Stops training quietly when the loss is no longer finite. Without it such a loss is a NumericError.
struct TerminateOnNaN {
  static constexpr bool tolerates_nan = true;
  Flow on_batch_end(std::size_t, double loss) const { return std::isfinite(loss) ? Flow::go_on : Flow::stop; }
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/erased.hpp"
#include "foretell/graph/network.hpp"
#include "foretell/optimizers/optimizer.hpp"
#include "foretell/training/history.hpp"

namespace foretell {

/// What a callback answers: go on, or stop training after this epoch.
enum class Flow : std::uint8_t { go_on, stop };

template <class T>
class Callback;

/// Where a training run stands: what comes next.
struct TrainingPlace {
  std::size_t epoch = 0, batch = 0;
  bool stopped = false;    ///< a callback has ended the run
  bool averaged = false;   ///< the network has the averaged weights of use_ema, the optimizer keeps the others
  std::uint64_t seed = 0;  ///< of the run
};

/// The training run that callbacks look into.
template <class T>
struct Training {
  Network<T>& network;
  Optimizer<T>& optimizer;
  std::vector<Callback<T>>& callbacks;
  std::size_t epochs = 0;
  int verbose = 0;
  TrainingPlace place{};
  std::vector<LogEntry> logs{};  ///< what EpochLogs will have

  /// Puts the averaged weights of use_ema into the network, or the others back; false when nothing has changed.
  bool show_averages(bool averaged) {
    if (place.averaged == averaged || !optimizer.averages()) return false;
    optimizer.swap_averages(network.weights(), network.segments());
    place.averaged = averaged;
    return true;
  }
};

namespace detail {

// The moments of training that a callback may have a method for, and how it is called.

struct TrainBegin {
  static auto tell(auto& callback, auto&... about) -> decltype(callback.on_train_begin(about...)) {
    return callback.on_train_begin(about...);
  }
};
struct EpochBegin {
  static auto tell(auto& callback, auto&... about) -> decltype(callback.on_epoch_begin(about...)) {
    return callback.on_epoch_begin(about...);
  }
};
struct BatchEnd {
  static auto tell(auto& callback, auto&... about) -> decltype(callback.on_batch_end(about...)) {
    return callback.on_batch_end(about...);
  }
};
struct EpochEnd {
  static auto tell(auto& callback, auto&... about) -> decltype(callback.on_epoch_end(about...)) {
    return callback.on_epoch_end(about...);
  }
};
struct EpochSettled {
  static auto tell(auto& callback, auto&... about) -> decltype(callback.on_epoch_settled(about...)) {
    return callback.on_epoch_settled(about...);
  }
};
struct TrainEnd {
  static auto tell(auto& callback, auto&... about) -> decltype(callback.on_train_end(about...)) {
    return callback.on_train_end(about...);
  }
};

}  // namespace detail

/// Any object with any of these, each taking Training<T>& first or leaving it out, each returning void or Flow:
/// on_train_begin(), on_epoch_begin(epoch), on_batch_end(batch, loss), on_epoch_end(const EpochLogs&), on_train_end().
/// on_batch_end returns Flow::stop to end at once. on_train_end runs in every way training can end, errors too.
/// on_epoch_settled(const EpochLogs&) comes after the on_epoch_end of all callbacks. on_fit_begin(Training<T>&) comes
/// before anything, in a resumed run too: what cannot work is an error there.
///
/// With an optimizer's use_ema the network has the averaged weights from the end of an epoch's last batch, so that
/// validation and on_epoch_end see them (as keras.callbacks.SwapEMAWeights with swap_on_epoch, listed first), until the
/// next epoch begins; on_epoch_begin and on_batch_end see the weights that are trained. Training ends with the
/// averages. States, such as the statistics of BatchNormalization, are those of the trained weights.
///
/// What a callback must remember when training is resumed from a checkpoint it lists in `void state(auto&& f)`, as
/// `fields` does, and its arrays in `std::vector<Arena<T>*> arrays()`. on_train_begin is not called then.
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
  void on_fit_begin(Training<T>& t) { self_->fit_begin(t); }
  Flow on_train_begin(Training<T>& t) { return self_->train_begin(t); }
  Flow on_epoch_begin(Training<T>& t, std::size_t epoch) { return self_->epoch_begin(t, epoch); }
  Flow on_batch_end(Training<T>& t, std::size_t batch, double loss) { return self_->batch_end(t, batch, loss); }
  Flow on_epoch_end(Training<T>& t, const EpochLogs& logs) { return self_->epoch_end(t, logs); }
  Flow on_epoch_settled(Training<T>& t, const EpochLogs& logs) { return self_->epoch_settled(t, logs); }
  Flow on_train_end(Training<T>& t) { return self_->train_end(t); }
  void visit_state(FieldVisitor& visitor) { self_->visit_state(visitor); }
  std::vector<Arena<T>*> arrays() { return self_->arrays(); }
  bool tolerates_nan() const { return self_->tolerates_nan(); }

 private:
  struct Concept : detail::Erasable<Concept> {
    virtual void fit_begin(Training<T>&) = 0;
    virtual Flow train_begin(Training<T>&) = 0;
    virtual Flow epoch_begin(Training<T>&, std::size_t) = 0;
    virtual Flow batch_end(Training<T>&, std::size_t, double) = 0;
    virtual Flow epoch_end(Training<T>&, const EpochLogs&) = 0;
    virtual Flow epoch_settled(Training<T>&, const EpochLogs&) = 0;
    virtual Flow train_end(Training<T>&) = 0;
    virtual void visit_state(FieldVisitor&) = 0;
    virtual std::vector<Arena<T>*> arrays() = 0;
    virtual bool tolerates_nan() const = 0;
  };

  template <class C, class Moment, class... A>
  static constexpr bool hears = requires(C& c, Training<T>& t, const A&... about) {
    Moment::tell(c, t, about...);
  }
  || requires(C& c, const A&... about) { Moment::tell(c, about...); };

  template <class C>
  struct Model final : detail::Held<Concept, Model<C>, C> {
    using Held = detail::Held<Concept, Model<C>, C>;
    using Held::Held;
    using Held::value;
    void fit_begin(Training<T>& t) override {
      if constexpr (requires { value.on_fit_begin(t); }) value.on_fit_begin(t);
    }
    Flow train_begin(Training<T>& t) override { return hear<detail::TrainBegin>(t); }
    Flow epoch_begin(Training<T>& t, std::size_t epoch) override { return hear<detail::EpochBegin>(t, epoch); }
    Flow batch_end(Training<T>& t, std::size_t batch, double loss) override {
      return hear<detail::BatchEnd>(t, batch, loss);
    }
    Flow epoch_end(Training<T>& t, const EpochLogs& logs) override { return hear<detail::EpochEnd>(t, logs); }
    Flow epoch_settled(Training<T>& t, const EpochLogs& logs) override { return hear<detail::EpochSettled>(t, logs); }
    Flow train_end(Training<T>& t) override { return hear<detail::TrainEnd>(t); }
    void visit_state(FieldVisitor& visitor) override {
      if constexpr (requires { value.state([](std::string_view, auto&) {}); })
        value.state([&](std::string_view name, auto& field) { visit_value(visitor, name, field); });
    }
    std::vector<Arena<T>*> arrays() override {
      if constexpr (requires { value.arrays(); }) return value.arrays();
      return {};
    }
    bool tolerates_nan() const override {
      if constexpr (requires { C::tolerates_nan; }) return C::tolerates_nan;
      return false;
    }

   private:
    template <class Moment, class... A>
    Flow hear(Training<T>& t, const A&... about) {
      if constexpr (requires { Moment::tell(value, t, about...); })
        return flow_of<Moment>(t, about...);
      else if constexpr (requires { Moment::tell(value, about...); })
        return flow_of<Moment>(about...);
      else
        return Flow::go_on;
    }
    template <class Moment, class... A>
    Flow flow_of(A&... about) {
      if constexpr (std::is_void_v<decltype(Moment::tell(value, about...))>) {
        Moment::tell(value, about...);
        return Flow::go_on;
      } else {
        return Moment::tell(value, about...);
      }
    }
  };

  template <class C>
  void adopt(C&& callback) {
    using Plain = std::remove_cvref_t<C>;
    static_assert(
        requires(Plain & c, Training<T> & t) { c.on_fit_begin(t); } || hears<Plain, detail::TrainBegin> ||
            hears<Plain, detail::EpochBegin, std::size_t> || hears<Plain, detail::BatchEnd, std::size_t, double> ||
            hears<Plain, detail::EpochEnd, EpochLogs> || hears<Plain, detail::EpochSettled, EpochLogs> ||
            hears<Plain, detail::TrainEnd>,
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
/// f(epoch) before every epoch.
template <class F>
auto on_epoch_begin(F f) {
  struct OnEpochBegin {
    F call;
    auto on_epoch_begin(std::size_t epoch) { return call(epoch); }
  };
  return OnEpochBegin{std::move(f)};
}
/// f() once, before the first epoch.
template <class F>
auto on_train_begin(F f) {
  struct OnTrainBegin {
    F call;
    auto on_train_begin() { return call(); }
  };
  return OnTrainBegin{std::move(f)};
}
/// f() once, in every way training can end.
template <class F>
auto on_train_end(F f) {
  struct OnTrainEnd {
    F call;
    auto on_train_end() { return call(); }
  };
  return OnTrainEnd{std::move(f)};
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

/// Stops training quietly when the loss is no longer finite. Without it such a loss is a NumericError.
struct TerminateOnNaN {
  static constexpr bool tolerates_nan = true;
  Flow on_batch_end(std::size_t, double loss) const { return std::isfinite(loss) ? Flow::go_on : Flow::stop; }
};

}  // namespace foretell

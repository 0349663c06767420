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
  bool stopped = false;        ///< a callback has ended the run
  bool averaged = false;       ///< the network has the averaged weights of use_ema, the optimizer keeps the others
  std::uint64_t seed = 0;      ///< of the run
  std::size_t shard_rows = 0;  ///< how batches are cut, which decides bits; 0 where that is not known
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

namespace detail {

template <class C, class T, class Moment, class... A>
concept HearsOf = requires(C& c, Training<T>& t, const A&... about) {
  Moment::tell(c, t, about...);
}
|| requires(C& c, const A&... about) { Moment::tell(c, about...); };

/// What a type of callback has; null for the moments that it has no method for.
template <class T>
struct CallbackOps : ValueOps {
  void (*fit_begin)(void*, Training<T>&) = nullptr;
  Flow (*train_begin)(void*, Training<T>&) = nullptr;
  Flow (*epoch_begin)(void*, Training<T>&, const std::size_t& epoch) = nullptr;
  Flow (*batch_end)(void*, Training<T>&, const std::size_t& batch, const double& loss) = nullptr;
  Flow (*epoch_end)(void*, Training<T>&, const EpochLogs&) = nullptr;
  Flow (*epoch_settled)(void*, Training<T>&, const EpochLogs&) = nullptr;
  Flow (*train_end)(void*, Training<T>&) = nullptr;
  void (*visit_state)(void*, FieldVisitor&) = nullptr;
  std::vector<Arena<T>*> (*arrays)(void*) = nullptr;
  bool tolerates_nan = false;
};

template <class C, class T>
struct CallbackFunctions {
  static C& of(void* callback) { return *static_cast<C*>(callback); }
  static void fit_begin(void* callback, Training<T>& t) { of(callback).on_fit_begin(t); }
  template <class Moment, class... A>
  static Flow hear(void* callback, Training<T>& t, const A&... about) {
    if constexpr (requires(C & c) { Moment::tell(c, t, about...); })
      return flow_of<Moment>(of(callback), t, about...);
    else
      return flow_of<Moment>(of(callback), about...);
  }
  static void visit_state(void* callback, FieldVisitor& visitor) { of(callback).state(FieldShow{visitor}); }
  static std::vector<Arena<T>*> arrays(void* callback) { return of(callback).arrays(); }

 private:
  template <class Moment, class... A>
  static Flow flow_of(C& callback, A&... about) {
    if constexpr (std::is_void_v<decltype(Moment::tell(callback, about...))>) {
      Moment::tell(callback, about...);
      return Flow::go_on;
    } else {
      return Moment::tell(callback, about...);
    }
  }
};

template <class C, class T>
constexpr CallbackOps<T> make_callback_ops() {
  using F = CallbackFunctions<C, T>;
  auto ops = begin_ops<CallbackOps<T>, C>();
  if constexpr (requires(C & c, Training<T> & t) { c.on_fit_begin(t); }) ops.fit_begin = F::fit_begin;
  if constexpr (HearsOf<C, T, TrainBegin>) ops.train_begin = F::template hear<TrainBegin>;
  if constexpr (HearsOf<C, T, EpochBegin, std::size_t>) ops.epoch_begin = F::template hear<EpochBegin>;
  if constexpr (HearsOf<C, T, BatchEnd, std::size_t, double>) ops.batch_end = F::template hear<BatchEnd>;
  if constexpr (HearsOf<C, T, EpochEnd, EpochLogs>) ops.epoch_end = F::template hear<EpochEnd>;
  if constexpr (HearsOf<C, T, EpochSettled, EpochLogs>) ops.epoch_settled = F::template hear<EpochSettled>;
  if constexpr (HearsOf<C, T, TrainEnd>) ops.train_end = F::template hear<TrainEnd>;
  if constexpr (requires(C & c) { c.state([](std::string_view, auto&) {}); }) ops.visit_state = F::visit_state;
  if constexpr (requires(C & c) { c.arrays(); }) ops.arrays = F::arrays;
  if constexpr (requires { C::tolerates_nan; }) ops.tolerates_nan = C::tolerates_nan;
  return ops;
}
/// The table of a type of callback.
template <class C, class T>
const ValueOps& callback_ops() {
  static constexpr CallbackOps<T> ops = make_callback_ops<C, T>();
  static_assert(ops.fit_begin || ops.train_begin || ops.epoch_begin || ops.batch_end || ops.epoch_end ||
                    ops.epoch_settled || ops.train_end,
                "foretell: a callback needs at least one of on_train_begin, on_epoch_begin, on_batch_end, "
                "on_epoch_end, on_train_end");
  return ops;
}

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
  void on_fit_begin(Training<T>& t) {
    if (self_->fit_begin) self_->fit_begin(self_.get(), t);
  }
  Flow on_train_begin(Training<T>& t) { return tell(self_->train_begin, t); }
  Flow on_epoch_begin(Training<T>& t, std::size_t epoch) { return tell(self_->epoch_begin, t, epoch); }
  Flow on_batch_end(Training<T>& t, std::size_t batch, double loss) { return tell(self_->batch_end, t, batch, loss); }
  Flow on_epoch_end(Training<T>& t, const EpochLogs& logs) { return tell(self_->epoch_end, t, logs); }
  Flow on_epoch_settled(Training<T>& t, const EpochLogs& logs) { return tell(self_->epoch_settled, t, logs); }
  Flow on_train_end(Training<T>& t) { return tell(self_->train_end, t); }
  void visit_state(FieldVisitor& visitor) {
    if (self_->visit_state) self_->visit_state(self_.get(), visitor);
  }
  std::vector<Arena<T>*> arrays() { return self_->arrays ? self_->arrays(self_.get()) : std::vector<Arena<T>*>(); }
  bool tolerates_nan() const { return self_->tolerates_nan; }

 private:
  template <class... A>
  Flow tell(Flow (*method)(void*, Training<T>&, const A&...), Training<T>& t, const A&... about) {
    return method ? method(self_.get(), t, about...) : Flow::go_on;
  }
  template <class C>
  void adopt(C&& callback) {
    self_ = Self(detail::ErasedValue::of(detail::callback_ops<std::remove_cvref_t<C>, T>(), std::forward<C>(callback)));
  }

  using Self = detail::Erased<detail::CallbackOps<T>>;
  Self self_;
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

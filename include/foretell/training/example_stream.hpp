// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "foretell/core/parallel.hpp"
#include "foretell/training/examples.hpp"

namespace foretell {

/// Batches of examples, one after the other, that need not fit into memory together: what fit reads in place of arrays.
/// From a container of Examples<T>, kept and walked once an epoch, or from a function that, given an epoch, returns a
/// generator: a function that returns std::optional<Examples<T>>, nothing at the end.
template <class T>
class ExampleStream {
 public:
  using Generator = std::optional<Examples<T>>;

  template <class F>
  requires(
      std::is_invocable_v<F&, std::size_t>&& std::is_invocable_r_v<Generator, std::invoke_result_t<F&, std::size_t>&>)
      ExampleStream(F open)  // NOLINT(google-explicit-constructor): a generator stands where a stream is expected
      : self_(std::make_shared<Generated<F>>(std::move(open))) {}
  template <class R>
  requires(!std::same_as<std::remove_cvref_t<R>, ExampleStream> &&
           requires(std::remove_cvref_t<R> & range) {
             { *range.begin() } -> std::convertible_to<Examples<T>>;
             range.begin() == range.end();
           }) ExampleStream(R&& range)  // NOLINT(google-explicit-constructor)
      : self_(std::make_shared<Walked<std::remove_cvref_t<R>>>(std::forward<R>(range))) {}

  /// Starts anew, for an epoch.
  void open(std::size_t epoch) { self_->open(epoch); }
  /// Nothing at the end.
  Generator next() { return self_->next(); }

 private:
  struct Concept {
    virtual ~Concept() = default;
    virtual void open(std::size_t epoch) = 0;
    virtual Generator next() = 0;
  };
  template <class F>
  struct Generated final : Concept {
    explicit Generated(F f) : function(std::move(f)) {}
    void open(std::size_t epoch) override { generator.emplace(function(epoch)); }
    Generator next() override { return (*generator)(); }
    F function;
    std::optional<std::invoke_result_t<F&, std::size_t>> generator;
  };
  template <class R>
  struct Walked final : Concept {
    explicit Walked(R r) : range(std::move(r)) {}
    void open(std::size_t) override { at.emplace(range.begin()); }
    Generator next() override {
      if (*at == range.end()) return std::nullopt;
      Generator examples(std::in_place, **at);
      ++*at;
      return examples;
    }
    R range;
    std::optional<decltype(std::declval<R&>().begin())> at;
  };

  std::shared_ptr<Concept> self_;
};

namespace detail {

/// Reads ahead of a stream on a thread of its own, which ends with the object.
template <class T>
class Prefetch {
 public:
  /// At most `depth` batches ahead; 0: reads when asked, without a thread.
  Prefetch(ExampleStream<T> stream, std::size_t depth) : stream_(std::move(stream)), depth_(depth) {}
  Prefetch(const Prefetch&) = delete;
  Prefetch& operator=(const Prefetch&) = delete;
  ~Prefetch() {
    stop();
    if (!thread_.here()) (void)meeting_.release();  // whose end would wait for a reader that this process has not
  }

  /// Throws, as next, StateError in a process that was forked since the last one.
  void open(std::size_t epoch) {
    expect_own_process();
    stop();
    stream_.open(epoch);
    if (depth_ == 0) return;
    ready_.clear();
    over_ = asked_to_stop_ = false;
    problem_ = nullptr;
    thread_.start([this] { read(); });
  }
  /// Throws what the stream threw.
  std::optional<Examples<T>> next() {
    if (depth_ == 0) return stream_.next();
    expect_own_process();
    std::unique_lock lock(meeting_->mutex);
    meeting_->changed.wait(lock, [&] { return !ready_.empty() || over_; });
    if (ready_.empty()) {
      if (problem_) std::rethrow_exception(problem_);
      return std::nullopt;
    }
    std::optional<Examples<T>> examples(std::move(ready_.front()));
    ready_.pop_front();
    meeting_->changed.notify_all();
    return examples;
  }

 private:
  void read() {
    try {
      for (;;) {
        std::optional<Examples<T>> examples = stream_.next();
        std::unique_lock lock(meeting_->mutex);
        if (!examples) break;
        ready_.push_back(std::move(*examples));
        meeting_->changed.notify_all();
        meeting_->changed.wait(lock, [&] { return ready_.size() < depth_ || asked_to_stop_; });
        if (asked_to_stop_) break;
      }
    } catch (...) {
      problem_ = std::current_exception();
    }
    const std::lock_guard lock(meeting_->mutex);
    over_ = true;
    meeting_->changed.notify_all();
  }
  void expect_own_process() const {
    if (!thread_.here())
      throw StateError(
          "fit: expected the process that the training began in, received one forked from it, where nobody reads the "
          "stream ahead; train with prefetch = 0, or begin the training behind fork");
  }
  void stop() {
    if (!thread_.here()) return;
    {
      const std::lock_guard lock(meeting_->mutex);
      asked_to_stop_ = true;
      meeting_->changed.notify_all();
    }
    thread_.join();
  }

  ExampleStream<T> stream_;
  std::size_t depth_;
  struct Meeting {
    std::mutex mutex;
    std::condition_variable changed;
  };
  std::unique_ptr<Meeting> meeting_ = std::make_unique<Meeting>();
  std::deque<Examples<T>> ready_;
  std::exception_ptr problem_;
  bool over_ = false, asked_to_stop_ = false;
  OwnThread thread_;
};

}  // namespace detail

}  // namespace foretell

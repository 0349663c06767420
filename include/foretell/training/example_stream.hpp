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
#include <thread>
#include <type_traits>
#include <utility>

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
  ~Prefetch() { stop(); }

  void open(std::size_t epoch) {
    stop();
    stream_.open(epoch);
    if (depth_ == 0) return;
    ready_.clear();
    over_ = asked_to_stop_ = false;
    problem_ = nullptr;
    thread_ = std::thread([this] { read(); });
  }
  /// Throws what the stream threw.
  std::optional<Examples<T>> next() {
    if (depth_ == 0) return stream_.next();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !ready_.empty() || over_; });
    if (ready_.empty()) {
      if (problem_) std::rethrow_exception(problem_);
      return std::nullopt;
    }
    std::optional<Examples<T>> examples(std::move(ready_.front()));
    ready_.pop_front();
    changed_.notify_all();
    return examples;
  }

 private:
  void read() {
    try {
      for (;;) {
        std::optional<Examples<T>> examples = stream_.next();
        std::unique_lock lock(mutex_);
        if (!examples) break;
        ready_.push_back(std::move(*examples));
        changed_.notify_all();
        changed_.wait(lock, [&] { return ready_.size() < depth_ || asked_to_stop_; });
        if (asked_to_stop_) break;
      }
    } catch (...) {
      problem_ = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      asked_to_stop_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
  }

  ExampleStream<T> stream_;
  std::size_t depth_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Examples<T>> ready_;
  std::exception_ptr problem_;
  bool over_ = false, asked_to_stop_ = false;
  std::thread thread_;
};

}  // namespace detail

}  // namespace foretell

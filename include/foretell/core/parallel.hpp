// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"

namespace foretell {

/// A borrowed `void(std::size_t)`: what an executor calls with 0, 1, ..., n - 1.
class Task {
 public:
  template <class F>
  requires(!std::is_same_v<F, Task>) explicit Task(const F& f)
      : object_(&f), call_([](const void* object, std::size_t i) { (*static_cast<const F*>(object))(i); }) {}
  void operator()(std::size_t i) const { call_(object_, i); }

 private:
  const void* object_;
  void (*call_)(const void*, std::size_t);
};

namespace detail {

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");  // takes as long; "yield" does nothing on most processors
#else
  std::this_thread::yield();
#endif
}

/// Waits until `value` is `wanted`: first for some ten microseconds with the processor, then asleep.
inline void wait_for(const std::atomic<std::uint32_t>& value, std::uint32_t wanted) {
  for (int spins = 0; spins < 2000; ++spins) {
    if (value.load(std::memory_order_acquire) == wanted) return;
    relax();
  }
  for (std::uint32_t now; (now = value.load(std::memory_order_acquire)) != wanted;) value.wait(now);
}

/// A thread of the process that started it: a fork of that process has none, and leaves it alone.
class OwnThread {
 public:
  OwnThread() = default;
  OwnThread(const OwnThread&) = delete;
  OwnThread& operator=(const OwnThread&) = delete;
  ~OwnThread() { join(); }

  template <class F>
  void start(F f) {
    join();
    thread_ = std::thread(std::move(f));
    process_ = ::getpid();
  }
  /// Whether this is the process of the last start, if there was one.
  bool here() const { return process_ == 0 || process_ == ::getpid(); }
  void join() {
    if (!here())
      ::new (static_cast<void*>(&thread_)) std::thread;  // forgotten: it can be neither joined nor detached from here
    else if (thread_.joinable())
      thread_.join();
    process_ = 0;
  }

 private:
  std::thread thread_;
  ::pid_t process_ = 0;
};

}  // namespace detail

/// Threads that wait for work and end with the object. Task i of a run is done by thread i mod size(), thread 0 is the
/// caller. A run within a run, beside one, or in a process that was forked since the team was made, is done by its
/// caller alone: fork copies no threads.
class ThreadTeam {
 public:
  explicit ThreadTeam(std::size_t threads) : slots_(threads > 1 ? threads - 1 : 0) {
    try {
      for (std::size_t w = 0; w < slots_.size(); ++w) slots_[w].thread.start([this, w] { work(w); });
    } catch (...) {
      end();
      throw;
    }
  }
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;
  ~ThreadTeam() { end(); }

  std::size_t size() const { return slots_.size() + 1; }

  /// Returns when task(0) ... task(n - 1) are done; throws what the lowest thread threw.
  void run(std::size_t n, Task task) {
    if (n <= 1 || slots_.empty() || !slots_[0].thread.here() || busy_.test_and_set(std::memory_order_acquire)) {
      for (std::size_t i = 0; i < n; ++i) task(i);
      return;
    }
    job_ = {n, &task, false};
    const std::size_t helpers = std::min(n - 1, slots_.size());
    for (std::size_t w = 0; w < helpers; ++w) {
      slots_[w].told.fetch_add(1, std::memory_order_release);
      slots_[w].told.notify_one();
    }
    std::exception_ptr problem = part(0);
    for (std::size_t w = 0; w < helpers; ++w) {
      detail::wait_for(slots_[w].done, slots_[w].told.load(std::memory_order_relaxed));
      if (!problem) problem = slots_[w].problem;
      slots_[w].problem = nullptr;
    }
    busy_.clear(std::memory_order_release);
    if (problem) std::rethrow_exception(problem);
  }

 private:
  struct alignas(64) Slot {
    std::atomic<std::uint32_t> told{0}, done{0};
    std::exception_ptr problem;
    detail::OwnThread thread;
  };
  struct Job {
    std::size_t n = 0;
    const Task* task = nullptr;
    bool over = false;
  };

  std::exception_ptr part(std::size_t thread) const noexcept {
    try {
      for (std::size_t i = thread; i < job_.n; i += size()) (*job_.task)(i);
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  }
  void work(std::size_t w) {
    Slot& slot = slots_[w];
    for (std::uint32_t turn = 1;; ++turn) {
      detail::wait_for(slot.told, turn);
      if (job_.over) return;
      slot.problem = part(w + 1);
      slot.done.store(turn, std::memory_order_release);
      slot.done.notify_one();
    }
  }
  void end() {
    job_.over = true;
    for (Slot& slot : slots_) {
      slot.told.fetch_add(1, std::memory_order_release);
      slot.told.notify_one();
    }
    for (Slot& slot : slots_) slot.thread.join();
  }

  std::vector<Slot> slots_;
  Job job_;
  std::atomic_flag busy_ = ATOMIC_FLAG_INIT;
};

/// Who does the work of a call: the calling thread, a team of our own, or a pool of the application. A value; copies
/// share the team or pool, whose threads end with the last copy.
class Executor {
 public:
  Executor() = default;
  /// A team of that many threads, the caller among them.
  explicit Executor(std::size_t threads) {
    if (threads > 1) self_ = std::make_shared<Team>(threads);
  }
  /// An application's pool: `run(n, task)` calls task(0) ... task(n - 1), on any threads and in any order, and returns
  /// when all are done. `threads` is how many it is good for. What is thrown within a task never reaches the pool; it
  /// is thrown where the run was asked for. So is StateError when the pool returns with tasks left out.
  template <class F>
  requires std::is_invocable_v<const F&, std::size_t, Task> Executor(std::size_t threads, F run)
      : self_(std::make_shared<Pool<F>>(threads, std::move(run))) {}

  std::size_t threads() const { return self_ ? self_->threads() : 1; }
  template <class F>
  void run(std::size_t n, const F& task) const {
    if (self_ && n > 1) return self_->run(n, Task(task));
    for (std::size_t i = 0; i < n; ++i) task(i);
  }

 private:
  struct Concept {
    virtual ~Concept() = default;
    virtual std::size_t threads() const = 0;
    virtual void run(std::size_t n, Task task) = 0;
  };
  struct Team final : Concept {
    explicit Team(std::size_t threads) : team(threads) {}
    std::size_t threads() const override { return team.size(); }
    void run(std::size_t n, Task task) override { team.run(n, task); }
    ThreadTeam team;
  };
  template <class F>
  struct Pool final : Concept {
    Pool(std::size_t threads, F run) : count(threads ? threads : 1), function(std::move(run)) {}
    std::size_t threads() const override { return count; }
    void run(std::size_t n, Task task) override {
      std::mutex mutex;
      std::size_t calls = 0, lowest = n;
      std::exception_ptr problem;
      const auto watched = [&](std::size_t i) {
        std::exception_ptr thrown;
        try {
          task(i);
        } catch (...) {
          thrown = std::current_exception();
        }
        const std::lock_guard lock(mutex);
        ++calls;
        if (thrown && i < lowest) lowest = i, problem = thrown;
      };
      std::as_const(function)(n, Task(watched));
      const std::lock_guard lock(mutex);
      if (problem) std::rethrow_exception(problem);
      if (calls != n)
        throw StateError(text("Executor: expected a pool that calls its task ", n,
                              " times before it returns, received one that did so ", calls, " times"));
    }
    std::size_t count;
    F function;
  };

  std::shared_ptr<Concept> self_;
};

/// f(offset, size) for a range of an array of T, in parts on the threads there are when it is long: what one pass over
/// memory does, each element by itself.
template <class T, class F>
void split_range(const Executor& executor, std::size_t offset, std::size_t size, const F& f) {
  constexpr std::size_t worth = 16384, step = 64 / sizeof(T);
  const std::size_t threads = executor.threads();
  if (threads < 2 || size < 2 * worth) return f(offset, size);
  const std::size_t each = (size / threads + step - 1) / step * step;
  executor.run(threads, [&](std::size_t i) {
    const std::size_t first = std::min(size, i * each), last = i + 1 == threads ? size : std::min(size, first + each);
    f(offset + first, last - first);
  });
}

}  // namespace foretell

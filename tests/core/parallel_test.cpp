// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <foretell/core/parallel.hpp>

#include <stdexcept>
#include <thread>
#include <vector>

using foretell::Executor;
using foretell::Task;

TEST_CASE("Executor: every task runs once, with any number of threads") {
  for (const std::size_t threads : {std::size_t(0), std::size_t(1), std::size_t(2), std::size_t(5)}) {
    const Executor executor(threads);
    CHECK(executor.threads() == (threads ? threads : 1));
    for (const std::size_t n : {0u, 1u, 2u, 7u, 100u}) {
      std::vector<int> calls(n);
      for (int round = 0; round < 20; ++round) executor.run(n, [&](std::size_t i) { ++calls[i]; });
      CHECK(calls == std::vector<int>(n, 20));
    }
  }
}

TEST_CASE("Executor: a run within a run is done by its caller") {
  const Executor executor(3);
  std::vector<int> calls(3 * 4);
  executor.run(3, [&](std::size_t i) { executor.run(4, [&](std::size_t j) { ++calls[i * 4 + j]; }); });
  CHECK(calls == std::vector<int>(12, 1));
}

TEST_CASE("Executor: what a task throws reaches the caller, and the team works on") {
  const Executor executor(2);
  for (const std::size_t bad : {std::size_t(0), std::size_t(1)})
    CHECK_THROWS_WITH_AS(executor.run(2,
                                      [&](std::size_t i) {
                                        if (i == bad) throw std::runtime_error("no");
                                      }),
                         "no", std::runtime_error);
  std::vector<int> calls(2);
  executor.run(2, [&](std::size_t i) { ++calls[i]; });
  CHECK(calls == std::vector<int>(2, 1));
}

TEST_CASE("Executor: a pool of the application's own") {
  std::size_t runs = 0;
  const Executor executor(4, [&runs](std::size_t n, Task task) {
    ++runs;
    for (std::size_t i = n; i-- > 0;) task(i);
  });
  std::vector<std::size_t> order;
  executor.run(3, [&](std::size_t i) { order.push_back(i); });
  CHECK(order == std::vector<std::size_t>{2, 1, 0});
  CHECK(runs == 1);
  CHECK(executor.threads() == 4);
}

TEST_CASE("Executor: what a task throws does not depend on what a pool does with it") {
  const Executor swallowing(3, [](std::size_t n, Task task) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < n; ++i)
      threads.emplace_back([i, task] {
        try {
          task(i);
        } catch (...) {
        }
      });
    for (auto& thread : threads) thread.join();
  });
  const Executor ending(3, [](std::size_t n, Task task) {  // a task that throws would end the program
    for (std::size_t i = 0; i < n; ++i) std::thread([i, task]() noexcept { task(i); }).join();
  });
  for (const Executor& executor : {swallowing, ending}) {
    std::vector<int> calls(5);
    CHECK_THROWS_WITH_AS(executor.run(5,
                                      [&](std::size_t i) {
                                        ++calls[i];
                                        if (i == 1 || i == 3) throw std::runtime_error(i == 1 ? "one" : "three");
                                      }),
                         "one", std::runtime_error);
    CHECK(calls == std::vector<int>(5, 1));
    CHECK_NOTHROW(executor.run(5, [](std::size_t) {}));
  }
}

TEST_CASE("Executor: a pool that leaves tasks out, or does some twice, is an error") {
  const Executor first(2, [](std::size_t, Task task) { task(0); });
  CHECK_THROWS_WITH_AS(
      first.run(3, [](std::size_t) {}),
      "Executor: expected a pool that calls its task 3 times before it returns, received one that did so 1 times",
      foretell::StateError);
  const Executor twice(2, [](std::size_t n, Task task) {
    for (std::size_t i = 0; i < 2 * n; ++i) task(i / 2);
  });
  CHECK_THROWS_AS(twice.run(3, [](std::size_t) {}), foretell::StateError);
}

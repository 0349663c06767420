// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <foretell/foretell.hpp>

#include <atomic>
#include <memory>

#include "support/folder.hpp"

namespace ft = foretell;
using ft::support::Folder;

namespace {

/// What a forked process says of itself; -1 for one that ends by a signal, as after two minutes it does.
template <class F>
int in_a_fork(const F& f) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(120);
    int answer = 99;
    try {
      answer = f();
    } catch (...) {
    }
    _exit(answer);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("Executor: a process that was forked does the work of its copies by itself, and ends them") {
  auto team = std::make_unique<ft::Executor>(3);
  std::atomic<int> done{0};
  team->run(8, [&](std::size_t) { ++done; });
  const int in_fork = in_a_fork([&] {
    team->run(8, [&](std::size_t) { ++done; });
    int own = 0;
    ft::Executor(1).run(2, [&](std::size_t) { ++own; });
    team.reset();
    return done + own;
  });
  CHECK(in_fork == 18);
  team->run(8, [&](std::size_t) { ++done; });
  CHECK(done == 16);
}

TEST_CASE("Predictor: one with an executor answers in a forked process, with the same bits") {
  const Folder folder;
  const ft::Tensor<float> x = ft::random_normal<float>({300, 4}, 1), y = ft::zeros<float>({300, 1});
  ft::Sequential<float> model{ft::Dense(8, {.activation = ft::tanh}), ft::Dense(1)};
  const ft::Executor team(2);
  model.compile(ft::Adam(), ft::MeanSquaredError());
  model.fit(x, y, {.executor = team, .seed = 1, .verbose = 0});
  model.save(folder / "m.safetensors");
  const ft::Bundle<float> bundle = ft::load<float>(folder / "m.safetensors");
  ft::Predictor<float> predictor = bundle.predictor(300, team);
  const std::span<const float> rows(x.data(), x.size()), answer = predictor(rows);
  const std::vector<float> before(answer.begin(), answer.end());
  const int in_fork = in_a_fork([&] {
    const std::span<const float> again = predictor(rows);
    bool same = std::equal(before.begin(), before.end(), again.begin(), again.end());
    ft::Sequential<float> other{ft::Dense(8, {.activation = ft::tanh}), ft::Dense(1)};
    other.compile(ft::Adam(), ft::MeanSquaredError());
    other.fit(x, y, {.executor = team, .seed = 1, .verbose = 0});
    return same && other.network().weights() == model.network().weights() ? 7 : 1;
  });
  CHECK(in_fork == 7);
}

TEST_CASE("Streams that are read ahead: a forked process is told, and does not wait") {
  const ft::ExampleStream<float> endless([](std::size_t) {
    return [] { return std::optional(ft::Examples<float>(std::vector<float>{1}, std::vector<float>{0})); };
  });
  ft::detail::Prefetch<float> read(endless, 2);
  read.open(0);
  (void)read.next();
  const int in_fork = in_a_fork([&] {
    auto copy = std::make_unique<ft::detail::Prefetch<float>>(endless, 2);
    try {
      (void)read.next();
    } catch (const ft::StateError&) {
      read.~Prefetch();
      return 5;
    }
    return 1;
  });
  CHECK(in_fork == 5);
  CHECK(read.next());
}

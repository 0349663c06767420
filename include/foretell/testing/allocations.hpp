// SPDX-License-Identifier: BSD-3-Clause
#pragma once

// Counts the heap allocations of each thread. Include it in exactly one source file of a test program: it replaces the
// global operator new and delete.

#include <cstddef>
#include <cstdlib>
#include <new>

namespace foretell::testing {

inline thread_local long allocation_count = 0;

/// How often `f` allocates.
template <class F>
long allocations_of(F&& f) {
  const long before = allocation_count;
  f();
  return allocation_count - before;
}

}  // namespace foretell::testing

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++foretell::testing::allocation_count;
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc{};
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  ++foretell::testing::allocation_count;
  const auto a = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(a, (size + a - 1) / a * a)) return memory;
  throw std::bad_alloc{};
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++foretell::testing::allocation_count;
  return std::malloc(size ? size : 1);
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  ++foretell::testing::allocation_count;
  const auto a = static_cast<std::size_t>(alignment);
  return std::aligned_alloc(a, (size + a - 1) / a * a);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

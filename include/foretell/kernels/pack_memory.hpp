// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <new>

namespace foretell::kernels::detail {

/// Memory of one thread for packed copies of matrices, freed when the thread ends.
class PackMemory {
 public:
  PackMemory() = default;
  PackMemory(const PackMemory&) = delete;
  PackMemory& operator=(const PackMemory&) = delete;
  ~PackMemory() { ::operator delete (memory_, std::align_val_t{alignment}); }

  /// `bytes`, aligned to 4096; null when there is no memory.
  void* reserve(std::size_t bytes) noexcept {
    if (bytes > size_) {
      ::operator delete (memory_, std::align_val_t{alignment});
      memory_ = ::operator new (bytes, std::align_val_t{alignment}, std::nothrow);
      size_ = memory_ ? bytes : 0;
    }
    return memory_;
  }

 private:
  static constexpr std::size_t alignment = 4096;
  void* memory_ = nullptr;
  std::size_t size_ = 0;
};

/// The calling thread's. Always asked for the same size, so it is allocated at most once a thread.
inline void* pack_memory(std::size_t bytes) noexcept {
  static thread_local PackMemory memory;
  return memory.reserve(bytes);
}

}  // namespace foretell::kernels::detail

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <span>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace foretell {

namespace detail {

/// What an array is aligned to at least, in bytes.
inline constexpr std::size_t array_step = 64;

/// array_step, or where an array is large 2 MiB: memory that the system may then map in large pages, which random
/// access to a table of a million rows needs.
constexpr std::align_val_t array_alignment(std::size_t bytes) {
  return std::align_val_t(bytes < std::size_t(4) << 20 ? array_step : std::size_t(2) << 20);
}
inline void* allocate_array(std::size_t bytes) {
  if (bytes == 0) return nullptr;
  const std::align_val_t alignment = array_alignment(bytes);
  void* const memory = ::operator new(bytes, alignment);
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  if (alignment > std::align_val_t(array_step))
    ::madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: what it answers is no matter
#endif
  return memory;
}
inline void free_array(void* memory, std::size_t bytes) noexcept {
  if (memory) ::operator delete(memory, array_alignment(bytes));
}

}  // namespace detail

/// One 64-byte aligned array of plain numbers, a value: copying copies the numbers. New elements are zero.
template <class T>
class Arena {
 public:
  static constexpr std::size_t alignment = detail::array_step;

  Arena() = default;
  explicit Arena(std::size_t size) : data_(allocate(size)), size_(size) { std::fill_n(data_, size, T()); }
  Arena(const Arena& other) : data_(allocate(other.size_)), size_(other.size_) {
    std::copy_n(other.data_, size_, data_);
  }
  Arena(Arena&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Arena& operator=(Arena other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Arena() { detail::free_array(data_, size_ * sizeof(T)); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  operator std::span<T>() { return {data_, size_}; }
  operator std::span<const T>() const { return {data_, size_}; }

  /// Grows or shrinks; what fits stays, new elements are zero.
  void resize(std::size_t size) {
    if (size == size_) return;
    Arena other(size);
    std::copy_n(data_, std::min(size, size_), other.data_);
    *this = std::move(other);
  }

  friend bool operator==(const Arena& a, const Arena& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

 private:
  static T* allocate(std::size_t size) { return static_cast<T*>(detail::allocate_array(size * sizeof(T))); }

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Sizes in elements of so many bytes, rounded up so that the next array starts on an aligned address again.
constexpr std::size_t aligned_size(std::size_t elements, std::size_t element_bytes) {
  const std::size_t step = detail::array_step / element_bytes;
  return (elements + step - 1) / step * step;
}
template <class T>
constexpr std::size_t aligned_size(std::size_t elements) {
  return aligned_size(elements, sizeof(T));
}

}  // namespace foretell

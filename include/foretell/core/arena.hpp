// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>
#include <span>
#include <utility>

namespace foretell {

/// One 64-byte aligned array of plain numbers, a value: copying copies the numbers. New elements are zero.
template <class T>
class Arena {
 public:
  static constexpr std::size_t alignment = 64;

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
  ~Arena() {
    if (data_) ::operator delete(data_, std::align_val_t(alignment));
  }

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
  static T* allocate(std::size_t size) {
    return size ? static_cast<T*>(::operator new(size * sizeof(T), std::align_val_t(alignment))) : nullptr;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Sizes in elements, rounded up so that the next array starts on an aligned address again.
template <class T>
constexpr std::size_t aligned_size(std::size_t elements) {
  constexpr std::size_t step = Arena<T>::alignment / sizeof(T);
  return (elements + step - 1) / step * step;
}

}  // namespace foretell

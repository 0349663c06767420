// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "foretell/core/arena.hpp"
#include "foretell/core/erased.hpp"
#include "foretell/core/fields.hpp"

namespace foretell {

/// Borrowed rows of doubles, row-major; row r starts at data + r * stride.
template <class Number>
struct BasicBlock {
  Number* data = nullptr;
  std::size_t rows = 0, columns = 0, stride = 0;

  BasicBlock() = default;
  BasicBlock(Number* first, std::size_t r, std::size_t c, std::size_t s)
      : data(first), rows(r), columns(c), stride(s) {}
  BasicBlock(Number* first, std::size_t r, std::size_t c) : BasicBlock(first, r, c, c) {}

  Number* row(std::size_t r) const { return data + r * stride; }
  Number& operator()(std::size_t r, std::size_t c) const { return data[r * stride + c]; }
  /// The columns [first, first + count) of the same rows.
  BasicBlock slice(std::size_t first, std::size_t count) const { return {data + first, rows, count, stride}; }
  operator BasicBlock<const Number>() const { return {data, rows, columns, stride}; }
};

/// What a transformer reads, and what it writes; the two never overlap.
using Block = BasicBlock<const double>;
using MutableBlock = BasicBlock<double>;

/// One thread's memory for `apply`: handed out in order, taken back when a Mark ends, kept for the next call. After the
/// first call of a size nothing is allocated. Beside it stands one object of each type that was asked for.
class Scratch {
 public:
  /// Gives back what was taken during its life.
  class Mark {
   public:
    explicit Mark(Scratch& scratch) : scratch_(scratch), chunk_(scratch.chunk_), used_(scratch.used_) {}
    Mark(const Mark&) = delete;
    Mark& operator=(const Mark&) = delete;
    ~Mark() {
      scratch_.chunk_ = chunk_;
      scratch_.used_ = used_;
    }

   private:
    Scratch& scratch_;
    std::size_t chunk_, used_;
  };

  /// Room for `size` doubles, of any value, until the enclosing Mark ends.
  double* take(std::size_t size) {
    size = aligned_size<double>(std::max<std::size_t>(size, 1));
    if (chunk_ == chunks_.size() || chunks_[chunk_].size() - used_ < size) [[unlikely]]
      find(size);
    double* const taken = chunks_[chunk_].data() + used_;
    used_ += size;
    return taken;
  }
  MutableBlock block(std::size_t rows, std::size_t columns) { return {take(rows * columns), rows, columns}; }

  /// The object of type V, such as a vector to be filled anew: as the last who asked for it has left it.
  template <class V>
  V& kept() {
    const void* const key = &detail::type_key<V>;
    for (detail::ErasedValue& value : kept_)
      if (value.ops()->key == key) return *static_cast<V*>(value.get());
    static constexpr auto ops = detail::begin_ops<detail::ValueOps, V>();
    kept_.push_back(detail::ErasedValue::made(ops));
    return *static_cast<V*>(kept_.back().get());
  }

 private:
  static constexpr std::size_t least = 1024;

  [[gnu::noinline]] void find(std::size_t size) {
    while (chunk_ < chunks_.size() && chunks_[chunk_].size() - used_ < size) {
      ++chunk_;
      used_ = 0;
    }
    if (chunk_ == chunks_.size()) chunks_.emplace_back(std::max(size, least));
  }

  std::vector<Arena<double>> chunks_;
  std::vector<detail::ErasedValue> kept_;
  std::size_t chunk_ = 0, used_ = 0;
};

/// Rows to handle at a time, so that blocks of that many columns stay in the cache.
inline std::size_t block_rows(std::size_t columns) { return std::clamp<std::size_t>(16384 / (columns + 1), 16, 1024); }

}  // namespace foretell

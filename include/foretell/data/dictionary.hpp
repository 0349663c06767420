// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"

namespace foretell {

namespace detail {

/// A 64-bit hash of a short text: eight bytes a step, the last step overlapping the one before it, folded 64 x 64 ->
/// 128 bit products.
inline std::uint64_t hash_text(std::string_view text) {
  const auto fold = [](std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  const auto load = [](const char* from, auto word) {
    std::memcpy(&word, from, sizeof word);
    return static_cast<std::uint64_t>(word);
  };
  constexpr std::uint64_t first = 0x9e3779b97f4a7c15u, second = 0xd1b54a32d192ed03u;
  const char* data = text.data();
  const std::size_t size = text.size();
  std::uint64_t hash = first ^ size;
  if (size > 8) {
    for (std::size_t i = 0; i + 8 < size; i += 8) hash = fold(hash ^ load(data + i, std::uint64_t{}), second);
    return fold(hash ^ load(data + size - 8, std::uint64_t{}), second ^ first);
  }
  std::uint64_t word = 0;
  if (size >= 4)
    word = load(data, std::uint32_t{}) << 32 | load(data + size - 4, std::uint32_t{});
  else if (size > 0)
    word = load(data, std::uint8_t{}) << 16 | load(data + size / 2, std::uint8_t{}) << 8 |
           load(data + size - 1, std::uint8_t{});
  return fold(hash ^ word, second ^ first);
}

}  // namespace detail

/// Texts numbered 0, 1, 2 ... in the order they were added; finding one allocates nothing.
class Dictionary {
 public:
  Dictionary() = default;

  /// Numbers the given texts; throws DataError when one occurs twice.
  explicit Dictionary(const std::vector<std::string>& values) {
    for (const auto& value : values)
      if (const std::size_t before = size(); add(value) < static_cast<std::int32_t>(before))
        throw DataError(text("Dictionary: the value \"", value, "\" is listed twice; list every value once."));
  }

  std::size_t size() const { return values_.size(); }
  const std::vector<std::string>& values() const& { return values_; }
  std::vector<std::string> values() && { return std::move(values_); }

  /// The number of `value`, or -1 when it is not here.
  std::int32_t find(std::string_view value) const {
    return slots_.empty() ? -1 : slots_[slot(value, hash(value))].code;
  }

  /// Has the processor fetch the place of a text that will be asked for soon, where there are too many to be near.
  /// Inlined, or g++ takes the call for one that does nothing.
  [[gnu::always_inline]] void prefetch(std::string_view value) const {
    constexpr std::size_t near = 8192;  // slots that the first caches hold
    if (slots_.size() > near) __builtin_prefetch(&slots_[hash(value) & (slots_.size() - 1)], 1);
  }

  /// The number of `value`, added when it is new.
  std::int32_t add(std::string_view value) {
    if (values_.size() + values_.size() / 2 >= slots_.size()) grow();
    const std::uint32_t h = hash(value);
    Slot& place = slots_[slot(value, h)];
    if (place.code >= 0) return place.code;
    if (values_.size() >= INT32_MAX) throw DataError("Dictionary: more than 2147483647 distinct values in one column.");
    place = {h, static_cast<std::int32_t>(values_.size())};
    values_.emplace_back(value);
    return place.code;
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::int32_t code = -1;
  };

  static std::uint32_t hash(std::string_view value) {
    return static_cast<std::uint32_t>(detail::hash_text(value) >> 32);
  }

  /// Where `value` stands, or the free slot where it would.
  std::size_t slot(std::string_view value, std::uint32_t h) const {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = h & mask;; i = (i + 1) & mask)
      if (slots_[i].code < 0 || (slots_[i].hash == h && values_[static_cast<std::size_t>(slots_[i].code)] == value))
        return i;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 16 : slots_.size() * 2);
    old.swap(slots_);
    const std::size_t mask = slots_.size() - 1;
    for (const Slot& s : old) {
      if (s.code < 0) continue;
      std::size_t i = s.hash & mask;
      while (slots_[i].code >= 0) i = (i + 1) & mask;
      slots_[i] = s;
    }
  }

  std::vector<std::string> values_;
  std::vector<Slot> slots_;
};

}  // namespace foretell

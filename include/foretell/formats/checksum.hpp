// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace foretell::detail {

/// XXH64 (seed 0) of bytes that come in parts: as the package xxhash computes it. Sees every change of a file by
/// chance, all but one in 2^64; no protection against who changes a file on purpose.
class Checksum {
 public:
  Checksum& add(const void* bytes, std::size_t size) {
    const auto* p = static_cast<const unsigned char*>(bytes);
    total_ += size;
    if (held_ > 0) {
      const std::size_t part = std::min(size, sizeof rest_ - held_);
      std::memcpy(rest_ + held_, p, part);
      p += part;
      size -= part;
      if ((held_ += part) < sizeof rest_) return *this;
      stripe(rest_);
      held_ = 0;
    }
    for (; size >= sizeof rest_; p += sizeof rest_, size -= sizeof rest_) stripe(p);
    if (size > 0) std::memcpy(rest_, p, size);
    held_ = size;
    return *this;
  }

  std::uint64_t value() const {
    std::uint64_t h = prime_5;
    if (total_ >= sizeof rest_) {
      h = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) + std::rotl(lanes_[3], 18);
      for (const std::uint64_t lane : lanes_) h = (h ^ round(0, lane)) * prime_1 + prime_4;
    }
    h += total_;
    std::size_t at = 0;
    for (; at + 8 <= held_; at += 8)
      h = std::rotl(h ^ round(0, word<std::uint64_t>(rest_ + at)), 27) * prime_1 + prime_4;
    for (; at + 4 <= held_; at += 4)
      h = std::rotl(h ^ (word<std::uint32_t>(rest_ + at) * prime_1), 23) * prime_2 + prime_3;
    for (; at < held_; ++at) h = std::rotl(h ^ (rest_[at] * prime_5), 11) * prime_1;
    h = (h ^ h >> 33) * prime_2;
    h = (h ^ h >> 29) * prime_3;
    return h ^ h >> 32;
  }
  /// As sixteen hexadecimal digits.
  std::string text() const {
    std::string digits(16, '0');
    std::uint64_t left = value();
    for (std::size_t i = 16; i-- > 0; left >>= 4) digits[i] = "0123456789abcdef"[left & 15];
    return digits;
  }

 private:
  static constexpr std::uint64_t prime_1 = 11400714785074694791u, prime_2 = 14029467366897019727u,
                                 prime_3 = 1609587929392839161u, prime_4 = 9650029242287828579u,
                                 prime_5 = 2870177450012600261u;

  template <class W>
  static std::uint64_t word(const unsigned char* p) {
    W w;
    std::memcpy(&w, p, sizeof w);
    return w;
  }
  static std::uint64_t round(std::uint64_t lane, std::uint64_t word) {
    return std::rotl(lane + word * prime_2, 31) * prime_1;
  }
  void stripe(const unsigned char* p) {
    for (std::size_t i = 0; i < 4; ++i) lanes_[i] = round(lanes_[i], word<std::uint64_t>(p + 8 * i));
  }

  std::array<std::uint64_t, 4> lanes_{prime_1 + prime_2, prime_2, 0, 0 - prime_1};
  unsigned char rest_[32] = {};
  std::size_t held_ = 0;
  std::uint64_t total_ = 0;
};

/// A cyclic sum of 32 bits with a polynomial given lowest power first: of ZIP archives, of TFRecord frames.
template <std::uint32_t polynomial>
std::uint32_t crc32(std::string_view bytes) {
  static constexpr auto table = [] {
    std::array<std::uint32_t, 256> values{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? polynomial : 0u);
      values[i] = value;
    }
    return values;
  }();
  std::uint32_t crc = 0xffffffffu;
  for (const char c : bytes) crc = table[(crc ^ static_cast<unsigned char>(c)) & 255] ^ crc >> 8;
  return ~crc;
}

}  // namespace foretell::detail

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace foretell {

/// Counter-based random numbers: a pure function of (seed, stream, counter), so the order of calls, the number of
/// threads and the standard library change nothing. Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random
/// numbers: as easy as 1, 2, 3").
class Random {
 public:
  constexpr explicit Random(std::uint64_t seed = 0, std::uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  constexpr std::uint64_t seed() const { return seed_; }
  /// Of the sequence: with the seed, what a copy of it is made of.
  constexpr std::uint64_t stream_number() const { return stream_; }
  /// An independent sequence of the same seed, such as the one of layer i or of epoch i.
  constexpr Random stream(std::uint64_t i) const { return Random(seed_, mix(stream_, i + 1)); }
  constexpr Random stream(std::string_view name) const {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return stream(hash);
  }

  /// Four 32-bit words.
  constexpr std::array<std::uint32_t, 4> block(std::uint64_t counter) const {
    std::uint32_t c[4] = {static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32),
                          static_cast<std::uint32_t>(stream_), static_cast<std::uint32_t>(stream_ >> 32)};
    auto k0 = static_cast<std::uint32_t>(seed_), k1 = static_cast<std::uint32_t>(seed_ >> 32);
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t a = std::uint64_t(0xD2511F53u) * c[0], b = std::uint64_t(0xCD9E8D57u) * c[2];
      const std::uint32_t next[4] = {static_cast<std::uint32_t>(b >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(b),
                                     static_cast<std::uint32_t>(a >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(a)};
      for (int i = 0; i < 4; ++i) c[i] = next[i];
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    return {c[0], c[1], c[2], c[3]};
  }
  constexpr std::uint64_t bits(std::uint64_t counter) const {
    const auto words = block(counter);
    return std::uint64_t(words[1]) << 32 | words[0];
  }

  /// Uniform on [0, 1), 53 bits.
  constexpr double uniform(std::uint64_t counter) const { return static_cast<double>(bits(counter) >> 11) * 0x1p-53; }
  constexpr double uniform(std::uint64_t counter, double low, double high) const {
    return low + (high - low) * uniform(counter);
  }
  /// Uniform on 0 .. n-1, n > 0 (multiply-shift: the bias is below n / 2^64).
  std::uint64_t below(std::uint64_t counter, std::uint64_t n) const { return below_of(bits(counter), n); }
  /// The same of 64 random bits.
  static constexpr std::uint64_t below_of(std::uint64_t x, std::uint64_t n) {
    const std::uint64_t low = (x & 0xffffffffu) * (n & 0xffffffffu);
    const std::uint64_t a = (x >> 32) * (n & 0xffffffffu), b = (x & 0xffffffffu) * (n >> 32);
    const std::uint64_t middle = (low >> 32) + (a & 0xffffffffu) + (b & 0xffffffffu);
    return (x >> 32) * (n >> 32) + (a >> 32) + (b >> 32) + (middle >> 32);
  }
  /// Standard normal (Box and Muller 1958).
  double normal(std::uint64_t counter) const {
    const auto words = block(counter);
    const double u = (static_cast<double>((std::uint64_t(words[1]) << 32 | words[0]) >> 11) + 1) * 0x1p-53;
    const double v = static_cast<double>((std::uint64_t(words[3]) << 32 | words[2]) >> 11) * 0x1p-53;
    return std::sqrt(-2 * std::log(u)) * std::cos(6.283185307179586 * v);
  }
  /// Shuffles in place (Fisher and Yates).
  template <class Container>
  void shuffle(Container& items) const {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i, i)]);
  }
  /// 0 .. n-1 in random order.
  std::vector<std::size_t> permutation(std::size_t n) const {
    std::vector<std::size_t> order(n);
    std::iota(order.begin(), order.end(), std::size_t(0));
    shuffle(order);
    return order;
  }

 private:
  static constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {  // the finaliser of SplitMix64
    std::uint64_t z = a + b * 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }

  std::uint64_t seed_, stream_;
};

}  // namespace foretell

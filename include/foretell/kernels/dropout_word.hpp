// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace foretell::kernels {

/// Names one stream of dropout decisions; one key for each (seed, layer, step), well mixed (core/random.hpp).
struct DropoutKey {
  std::uint32_t k0 = 0;
  std::uint32_t k1 = 0;
};

/// A bijection of 32 bits. Two xorshift-multiply rounds with the constants of "lowbias32", found by Chris Wellons'
/// hash-prospector search (public domain, avalanche bias 0.17).
constexpr std::uint32_t mix(std::uint32_t h) {
  h ^= h >> 16;
  h *= 0x7feb352dU;
  h ^= h >> 15;
  h *= 0x846ca68bU;
  h ^= h >> 16;
  return h;
}

/// Both words of a key, and the bits of the block number above 2^28, stirred into both: keys that differ by one bit
/// differ by many.
constexpr DropoutKey stir(DropoutKey key, std::uint64_t block) {
  const std::uint32_t first = mix(key.k0 + static_cast<std::uint32_t>(block >> 28) * 0x9e3779b9U);
  const std::uint32_t second = mix(key.k1 ^ first);
  return {mix(first + second * 0x85ebca6bU), second};
}

/// The word of a counter under a stirred key: `mix` with the key's second word added between the rounds.
constexpr std::uint32_t dropout_word(std::uint32_t counter, DropoutKey stirred) {
  std::uint32_t h = counter ^ stirred.k0;
  h ^= h >> 16;
  h *= 0x7feb352dU;
  h ^= h >> 15;
  h += stirred.k1;
  h *= 0x846ca68bU;
  h ^= h >> 16;
  return h;
}

/// The 16 random bits of an element. Elements go in blocks of 32 that share 16 words: the first half takes the low
/// bits, the second half the high bits.
constexpr std::uint32_t dropout_draw(DropoutKey key, std::uint64_t element) {
  const std::uint64_t block = element / 32;
  const auto place = static_cast<std::uint32_t>(element % 32);
  const std::uint32_t word = dropout_word(static_cast<std::uint32_t>(block * 16) + place % 16, stir(key, block));
  return place < 16 ? word & 0xffffU : word >> 16;
}

/// An element is kept when its 16 bits are at least this: rate in steps of 2^-16, never everything dropped.
constexpr std::uint32_t dropout_threshold(double rate) {
  const double steps = rate * 65536.0 + 0.5;
  return steps < 1 ? 0U : steps >= 65535.0 ? 65535U : static_cast<std::uint32_t>(steps);
}

/// What the kept elements are multiplied by.
constexpr double dropout_scale(double rate) { return rate < 1 ? 1 / (1 - rate) : 0; }

}  // namespace foretell::kernels

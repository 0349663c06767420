// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>

namespace foretell::kernels {

/// Names one stream of dropout decisions; one key for each (seed, layer, step), well mixed (core/random.hpp).
struct DropoutKey {
  std::uint32_t k0 = 0;
  std::uint32_t k1 = 0;
};

/// A bijection of 32 bits, keyed. The xorshift-multiply rounds and constants are those of "lowbias32", found by Chris Wellons'
/// hash-prospector search (public domain, avalanche bias 0.17), with the second key word added between the rounds.
constexpr std::uint32_t dropout_word(std::uint32_t counter, std::uint32_t k0, std::uint32_t k1) {
  std::uint32_t h = counter ^ k0;
  h ^= h >> 16;
  h *= 0x7feb352dU;
  h ^= h >> 15;
  h += k1;
  h *= 0x846ca68bU;
  h ^= h >> 16;
  return h;
}

/// The 16 random bits of an element. Elements go in blocks of 32 that share 16 words: the first half takes the low bits, the second
/// half the high bits. Bits of the block number above 2^28 stir the second key word.
constexpr std::uint32_t dropout_draw(DropoutKey key, std::uint64_t element) {
  const std::uint64_t block = element / 32;
  const auto place = static_cast<std::uint32_t>(element % 32);
  const auto counter = static_cast<std::uint32_t>(block * 16) + place % 16;
  const std::uint32_t word = dropout_word(counter, key.k0, key.k1 ^ (static_cast<std::uint32_t>(block >> 28) * 0x9e3779b9U));
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

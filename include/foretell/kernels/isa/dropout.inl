// SPDX-License-Identifier: BSD-3-Clause
// Dropout in blocks of 32 elements that share 16 random words (dropout_word.hpp).

using Bitsf = Simd<float>::Bits;

/// keep[0..32) of a block: all ones where the element is kept.
FORETELL_INLINE void draw_block(DropoutKey stirred, std::uint64_t block, std::uint32_t threshold, Mask<float>* keep) {
  constexpr std::uint32_t lanes = Simd<float>::lanes;
  Bitsf counter;
  for (std::uint32_t i = 0; i < lanes; ++i) counter[i] = i;
  counter += static_cast<std::uint32_t>(block * 16);
#pragma GCC unroll 4
  for (std::uint32_t v = 0; v < 16 / lanes; ++v) {
    Bitsf h = (counter + v * lanes) ^ stirred.k0;
    h ^= h >> 16;
    h *= 0x7feb352dU;
    h ^= h >> 15;
    h += stirred.k1;
    h *= 0x846ca68bU;
    h ^= h >> 16;
    keep[v] = (Mask<float>)(h & 0xffffU) >= static_cast<std::int32_t>(threshold);
    keep[v + 16 / lanes] = (Mask<float>)(h >> 16) >= static_cast<std::int32_t>(threshold);
  }
}

FORETELL_INLINE Vec<float> kept(Vec<float> x, Mask<float> keep) { return (Vec<float>)((Mask<float>)x & keep); }

template <class T>
FORETELL_KERNEL void dropout(std::size_t n, double rate, DropoutKey key, std::uint64_t first_element, const T* x,
                             T* y) {
  constexpr std::size_t lanes = Simd<float>::lanes;
  const std::uint32_t threshold = dropout_threshold(rate);
  const T scale = static_cast<T>(dropout_scale(rate));
  Mask<float> keep[32 / lanes];
  DropoutKey stirred = stir(key, first_element / 32);
  for (std::size_t i = 0; i < n;) {
    const std::uint64_t element = first_element + i;
    const std::size_t skip = element % 32;
    if (element << 31 == 0) stirred = stir(key, element / 32);  // every 2^33 elements
    draw_block(stirred, element / 32, threshold, keep);
    if constexpr (sizeof(T) == 4) {
      if (skip == 0 && n - i >= 32) {
#pragma GCC unroll 8
        for (std::size_t v = 0; v < 32 / lanes; ++v)
          store<T>(y + i + v * lanes, kept(load<T>(x + i + v * lanes) * scale, keep[v]));
        i += 32;
        continue;
      }
    }
    alignas(64) std::int32_t flags[32];
    __builtin_memcpy(flags, keep, sizeof flags);
    for (std::size_t r = skip; r < 32 && i < n; ++r, ++i) y[i] = flags[r] ? x[i] * scale : T(0);
  }
}

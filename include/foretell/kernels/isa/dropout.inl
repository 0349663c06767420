// SPDX-License-Identifier: BSD-3-Clause
// Dropout in blocks of 32 elements that share 16 random words (dropout_word.hpp).

using Bitsf = Simd<float>::Bits;

/// What a run of blocks under one stirred key draws from.
struct DropoutDraw {
  Bitsf counter;
  Bitsf first;
  Bitsf second;
  Mask<float> limit;  ///< kept above it
};

FORETELL_INLINE DropoutDraw begin_draw(DropoutKey stirred, std::uint64_t block, std::uint32_t threshold) {
  DropoutDraw d{};
  for (std::uint32_t i = 0; i < Simd<float>::lanes; ++i) d.counter[i] = i;
  d.counter += static_cast<std::uint32_t>(block * 16);
  d.first += stirred.k0;
  d.second += stirred.k1;
  d.limit += static_cast<std::int32_t>(threshold) - 1;
  return d;
}

/// keep[0..32) of the next block: all ones where the element is kept.
FORETELL_INLINE void draw_block(DropoutDraw& d, Mask<float>* keep) {
  constexpr std::uint32_t lanes = Simd<float>::lanes;
#pragma GCC unroll 4
  for (std::uint32_t v = 0; v < 16 / lanes; ++v) {
    Bitsf h = d.counter ^ d.first;
    h ^= h >> 16;
    h *= 0x7feb352dU;
    h ^= h >> 15;
    h += d.second;
    h *= 0x846ca68bU;
    const Bitsf high = h >> 16;  // the last round leaves them
    keep[v] = (Mask<float>)((h ^ high) & 0xffffU) > d.limit;
    keep[v + 16 / lanes] = (Mask<float>)high > d.limit;
    d.counter += lanes;
  }
}

FORETELL_INLINE Vec<float> kept(Vec<float> x, Mask<float> keep) { return (Vec<float>)((Mask<float>)x & keep); }

template <class T>
FORETELL_KERNEL void dropout(std::size_t n, double rate, DropoutKey key, std::uint64_t first_element, const T* x,
                             T* y) {
  constexpr std::size_t lanes = Simd<float>::lanes;
  constexpr std::uint64_t blocks_of_a_key = std::uint64_t{1} << 28;
  const std::uint32_t threshold = dropout_threshold(rate);
  const T scale = static_cast<T>(dropout_scale(rate));
  Mask<float> keep[32 / lanes];
  for (std::size_t i = 0; i < n;) {
    const std::uint64_t element = first_element + i;
    const std::uint64_t block = element / 32;
    DropoutDraw draw = begin_draw(stir(key, block), block, threshold);
    const std::size_t skip = element % 32;
    if constexpr (sizeof(T) == 4 && !rare<T>) {
      if (skip == 0 && n - i >= 32) {
        std::uint64_t count = blocks_of_a_key - block % blocks_of_a_key;
        if (count > (n - i) / 32) count = (n - i) / 32;
        for (; count > 0; --count, i += 32) {
          draw_block(draw, keep);
#pragma GCC unroll 8
          for (std::size_t v = 0; v < 32 / lanes; ++v)
            store<T>(y + i + v * lanes, kept(load<T>(x + i + v * lanes) * scale, keep[v]));
        }
        continue;
      }
    }
    draw_block(draw, keep);
    alignas(64) std::int32_t flags[32];
    __builtin_memcpy(flags, keep, sizeof flags);
    for (std::size_t r = skip; r < 32 && i < n; ++r, ++i) y[i] = flags[r] ? x[i] * scale : T(0);
  }
}

// SPDX-License-Identifier: BSD-3-Clause
// Philox 4x32-10 (core/random.hpp), a counter in each 64-bit lane: a product takes the low halves, so that what is left
// in the high ones does no harm.

typedef std::uint64_t Lanes64 __attribute__((vector_size(FORETELL_SIMD_BYTES)));
typedef std::uint64_t Lanes64Unaligned __attribute__((vector_size(FORETELL_SIMD_BYTES), aligned(8), may_alias));

/// The products of the low halves.
FORETELL_INLINE Lanes64 low_products(Lanes64 a, Lanes64 b) {
#if defined(__x86_64__) && !defined(__clang__) && FORETELL_SIMD_BYTES == 32
  typedef int Halves __attribute__((vector_size(32)));
  return (Lanes64)__builtin_ia32_pmuludq256((Halves)a, (Halves)b);
#elif defined(__x86_64__) && !defined(__clang__) && FORETELL_SIMD_BYTES == 16
  typedef int Halves __attribute__((vector_size(16)));
  return (Lanes64)__builtin_ia32_pmuludq128((Halves)a, (Halves)b);
#else
  return (a & 0xffffffffu) * (b & 0xffffffffu);
#endif
}

/// Two vectors of counters at a time, whose products wait for each other less.
FORETELL_KERNEL inline void random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t first, std::size_t n,
                                        std::uint64_t* out) {
  constexpr std::size_t lanes = FORETELL_SIMD_BYTES / 8;
  const Lanes64 multiplier_0 = Lanes64{} + 0xD2511F53u;
  const Lanes64 multiplier_1 = Lanes64{} + 0xCD9E8D57u;
  Lanes64 steps{};
  for (std::size_t i = 0; i < lanes; ++i) steps[i] = i;
  for (std::size_t at = 0; at < n; at += 2 * lanes) {
    Lanes64 c[2][4];
    for (std::size_t v = 0; v < 2; ++v) {
      c[v][0] = steps + (first + at + v * lanes);
      c[v][1] = c[v][0] >> 32;
      c[v][2] = Lanes64{} + stream;
      c[v][3] = Lanes64{} + (stream >> 32);
    }
    Lanes64 k0 = Lanes64{} + (seed & 0xffffffffu);
    Lanes64 k1 = Lanes64{} + (seed >> 32);
    for (int round = 0; round < 10; ++round) {
#pragma GCC unroll 2
      for (std::size_t v = 0; v < 2; ++v) {
        const Lanes64 a = low_products(multiplier_0, c[v][0]);
        const Lanes64 b = low_products(multiplier_1, c[v][2]);
        c[v][0] = (b >> 32) ^ c[v][1] ^ k0;
        c[v][2] = (a >> 32) ^ c[v][3] ^ k1;
        c[v][1] = b;
        c[v][3] = a;
      }
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    for (std::size_t v = 0; v < 2 && at + v * lanes < n; ++v) {
      const Lanes64 bits = (c[v][1] << 32) | (c[v][0] & 0xffffffffu);
      const std::size_t left = n - at - v * lanes;
      if (left >= lanes)
        *reinterpret_cast<Lanes64Unaligned*>(out + at + v * lanes) = bits;
      else
        for (std::size_t i = 0; i < left; ++i) out[at + v * lanes + i] = bits[i];
    }
  }
}

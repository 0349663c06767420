// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

/// What the kernels are measured against, and the numbers they work on.
namespace floor_of {

/// c = max(c + bias, 0): the pass that follows a plain sgemm, vectorised by the compiler.
#if defined(__x86_64__)
__attribute__((target("avx2,fma"), noinline))
#endif
inline void
bias_relu(std::size_t m, std::size_t n, const float* bias, float* c) {
  typedef float Eight __attribute__((vector_size(32), aligned(4), may_alias));
  for (std::size_t i = 0; i < m; ++i, c += n) {
    std::size_t j = 0;
    for (; j + 8 <= n; j += 8) {
      const Eight v = *reinterpret_cast<const Eight*>(c + j) + *reinterpret_cast<const Eight*>(bias + j);
      *reinterpret_cast<Eight*>(c + j) = v > 0 ? v : Eight{};
    }
    for (; j < n; ++j) c[j] = c[j] + bias[j] > 0 ? c[j] + bias[j] : 0;
  }
}

/// Reads n numbers once, n a multiple of 32: their sum, vectorised by the compiler.
#if defined(__x86_64__)
__attribute__((target("avx2,fma"), noinline))
#endif
inline float
read(std::size_t n, const float* x) {
  typedef float Eight __attribute__((vector_size(32), aligned(4), may_alias));
  Eight sums[4] = {};
  for (std::size_t i = 0; i < n; i += 32)
    for (std::size_t v = 0; v < 4; ++v) sums[v] += *reinterpret_cast<const Eight*>(x + i + 8 * v);
  float sum = 0;
  for (std::size_t r = 0; r < 8; ++r) sum += (sums[0][r] + sums[1][r]) + (sums[2][r] + sums[3][r]);
  return sum;
}

/// Numbers in [low, high), the same in every run.
inline std::vector<float> numbers(std::size_t n, float low = -1, float high = 1) {
  std::vector<float> out(n);
  std::uint64_t state = 88172645463325252ULL;
  for (float& x : out) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    x = low + (high - low) * static_cast<float>(state >> 40) * 0x1p-24f;
  }
  return out;
}

}  // namespace floor_of

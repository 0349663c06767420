// SPDX-License-Identifier: BSD-3-Clause
// Passes over scores that seldom find something: whole vectors are passed over.

/// Whether a value is not <= `least`, in every lane.
template <class T>
FORETELL_INLINE Mask<T> above(const T* x, Vec<T> least) {
  return ~(Mask<T>)(load<T>(x) <= least);
}

template <class T>
FORETELL_KERNEL std::size_t first_above(std::size_t n, const T* x, T least) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  const Vec<T> bound = splat<T>(least);
  std::size_t i = 0;
  if constexpr (!rare<T>) {
    while (i + 4 * lanes <= n && !any((above<T>(x + i, bound) | above<T>(x + i + lanes, bound)) |
                                      (above<T>(x + i + 2 * lanes, bound) | above<T>(x + i + 3 * lanes, bound))))
      i += 4 * lanes;
    while (i + lanes <= n && !any(above<T>(x + i, bound))) i += lanes;
  }
  while (i < n && x[i] <= least) ++i;
  return i;
}

template <class T>
FORETELL_KERNEL std::size_t count_from(std::size_t n, const T* x, T least) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  const Vec<T> bound = splat<T>(least);
  Mask<T> counts[2] = {};
  std::size_t i = 0, count = 0;
  if constexpr (!rare<T>) {
    for (; i + 2 * lanes <= n; i += 2 * lanes)
#pragma GCC unroll 8
      for (std::size_t v = 0; v < 2; ++v) counts[v] -= (Mask<T>)(load<T>(x + i + v * lanes) >= bound);
    for (std::size_t r = 0; r < lanes; ++r) count += static_cast<std::size_t>(counts[0][r] + counts[1][r]);
  }
  for (; i < n; ++i) count += x[i] >= least ? 1 : 0;
  return count;
}

// SPDX-License-Identifier: BSD-3-Clause
// A B^T as dot products: neither side is turned round. An element is a vector of partial sums, folded at the end.

/// C[m,n] (+)= A[m,k] B[n,k]^T
template <class T>
struct DotProducts {
  std::size_t m;
  std::size_t n;
  std::size_t k;
  const T* a;
  std::size_t lda;
  const T* b;
  std::size_t ldb;
  T* c;
  std::size_t ldc;
  bool accumulate;
};

/// The sums of the lanes of four vectors, each folded as `fold` does.
FORETELL_INLINE auto fold_four(Vec<float> a, Vec<float> b, Vec<float> c, Vec<float> d) {
  typedef float Four __attribute__((vector_size(16)));
  const auto quarter = [](const Vec<float>& v) {
#if FORETELL_SIMD_BYTES == 64
    const auto half = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                      __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
    return __builtin_shufflevector(half, half, 0, 1, 2, 3) + __builtin_shufflevector(half, half, 4, 5, 6, 7);
#elif FORETELL_SIMD_BYTES == 32
    return __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
#else
    return v;
#endif
  };
  const auto pairs = [](const Four& x, const Four& y) {
    return __builtin_shufflevector(x, y, 0, 4, 1, 5) + __builtin_shufflevector(x, y, 2, 6, 3, 7);
  };
  const Four ab = pairs(quarter(a), quarter(b));
  const Four cd = pairs(quarter(c), quarter(d));
  return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

/// MR rows of A by NC rows of B, as dot products.
template <class T, std::size_t MR, std::size_t NC>
FORETELL_INLINE void dot_tile(const DotProducts<T>& p, std::size_t i, std::size_t j) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  const T* a = p.a + i * p.lda;
  const T* b = p.b + j * p.ldb;
  T* c = p.c + i * p.ldc + j;
  Vec<T> sums[MR][NC];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < MR; ++r)
#pragma GCC unroll 8
    for (std::size_t x = 0; x < NC; ++x) sums[r][x] = Vec<T>{};
  const auto add = [&](const auto& read) {
    Vec<T> right[NC];
#pragma GCC unroll 8
    for (std::size_t x = 0; x < NC; ++x) right[x] = read(b + x * p.ldb);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < MR; ++r) {
      const Vec<T> left = read(a + r * p.lda);
#pragma GCC unroll 8
      for (std::size_t x = 0; x < NC; ++x) sums[r][x] += left * right[x];
    }
  };
  std::size_t k = p.k;
  for (; k >= lanes; k -= lanes, a += lanes, b += lanes) add([](const T* from) { return load<T>(from); });
  if (k > 0) add([k](const T* from) { return load_some<T>(from, k); });
  if constexpr (sizeof(T) == 4 && NC == 4) {
    typedef float Four __attribute__((vector_size(16)));
    typedef float FourUnaligned __attribute__((vector_size(16), aligned(4), may_alias));
#pragma GCC unroll 8
    for (std::size_t r = 0; r < MR; ++r) {
      FourUnaligned* to = reinterpret_cast<FourUnaligned*>(c + r * p.ldc);
      const Four old = p.accumulate ? static_cast<Four>(*to) : Four{};
      *to = old + fold_four(sums[r][0], sums[r][1], sums[r][2], sums[r][3]);
    }
  } else if constexpr (sizeof(T) == 4 && NC == 1 && MR == 4) {
    const auto four = fold_four(sums[0][0], sums[1][0], sums[2][0], sums[3][0]);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < MR; ++r) c[r * p.ldc] = (p.accumulate ? c[r * p.ldc] : T(0)) + four[r];
  } else {
#pragma GCC unroll 8
    for (std::size_t r = 0; r < MR; ++r)
#pragma GCC unroll 8
      for (std::size_t x = 0; x < NC; ++x)
        c[r * p.ldc + x] = (p.accumulate ? c[r * p.ldc + x] : T(0)) + fold(sums[r][x]);
  }
}

template <class T>
FORETELL_KERNEL void multiply_dots(const DotProducts<T>& p) {
  const auto columns = [&]<std::size_t NC>(std::size_t j) {
    constexpr std::size_t tall = rare<T> ? 1 : FORETELL_SIMD_BYTES == 64 || NC < 4 ? 4 : 2;
    for (; j + NC <= p.n; j += NC) {
      std::size_t i = 0;
      for (; i + tall <= p.m; i += tall) dot_tile<T, tall, NC>(p, i, j);
      for (; i < p.m; ++i) dot_tile<T, 1, NC>(p, i, j);
    }
    return j;
  };
  if constexpr (rare<T>)
    columns.template operator()<1>(0);
  else
    columns.template operator()<1>(columns.template operator()<2>(columns.template operator()<4>(0)));
}

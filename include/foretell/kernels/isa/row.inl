// SPDX-License-Identifier: BSD-3-Clause
// Products with one row or one column. An element of a row is one chain of multiply-adds in the order of k, begun with
// its old value and its bias, as in the tiles of gemm.inl. An element of a column is a dot product over four vectors of
// partial sums.

/// c = x B for one row; with `accumulate` the old c is added, with `rectify` the result goes through relu.
template <class T>
struct RowProduct {
  std::size_t n;
  std::size_t k;
  const T* x;
  std::size_t x_step;
  const T* b;
  std::size_t ldb;
  T* c;
  const T* bias;
  bool accumulate;
  bool rectify;
};

/// Columns [j, j + width) with (NV - 1) lanes < width <= NV lanes; the last vector ends with the last column.
template <class T, std::size_t NV>
FORETELL_INLINE void row_tile(const RowProduct<T>& p, std::size_t j, std::size_t width) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  const std::size_t last = width - lanes;
  const auto at = [&](std::size_t v) { return v + 1 < NV ? v * lanes : last; };
  Vec<T> acc[NV];
  T* const c = p.c + j;
#pragma GCC unroll 8
  for (std::size_t v = 0; v < NV; ++v) acc[v] = Vec<T>{};
  if (p.bias) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < NV; ++v) acc[v] = load<T>(p.bias + j + at(v));
  }
  if (p.accumulate) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < NV; ++v) acc[v] += load<T>(c + at(v));
  }
  const T* x = p.x;
  const T* b = p.b + j;
  for (std::size_t k = p.k; k > 0; --k, x += p.x_step, b += p.ldb) {
    const Vec<T> factor = splat<T>(*x);
#pragma GCC unroll 8
    for (std::size_t v = 0; v < NV; ++v) acc[v] += factor * load<T>(b + at(v));
  }
  if (p.rectify) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < NV; ++v) acc[v] = rectified<T>(acc[v]);
  }
#pragma GCC unroll 8
  for (std::size_t v = 0; v < NV; ++v) store<T>(c + at(v), acc[v]);
}

/// c = start + x B over K rows of B, two vectors of columns at a time.
template <class T, std::size_t K>
FORETELL_INLINE void sweep_rows(std::size_t n, const T* x, std::size_t x_step, const T* b, std::size_t ldb,
                                const T* start, T* c, bool rectify) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  Vec<T> factor[K];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < K; ++r) factor[r] = splat<T>(x[r * x_step]);
  for (std::size_t j = 0; j < n; j += 2 * lanes) {
    Vec<T> even = load<T>(start + j);
    Vec<T> odd = load<T>(start + j + lanes);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < K; ++r) {
      even += factor[r] * load<T>(b + r * ldb + j);
      odd += factor[r] * load<T>(b + r * ldb + j + lanes);
    }
    if (rectify) {
      even = rectified<T>(even);
      odd = rectified<T>(odd);
    }
    store<T>(c + j, even);
    store<T>(c + j + lanes, odd);
  }
}

/// Columns [j, j + n), n a multiple of two vectors: c stays in the cache while B streams by once, from top to bottom.
template <class T>
FORETELL_INLINE void wide_row(const RowProduct<T>& p, std::size_t j, std::size_t n) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  T* const c = p.c + j;
  const T* start = p.bias && !p.accumulate ? p.bias + j : c;
  if (start == c && (p.bias || !p.accumulate)) {
    for (std::size_t i = 0; i < n; i += lanes)
      store<T>(c + i, p.bias ? load<T>(c + i) + load<T>(p.bias + j + i) : Vec<T>{});
  }
  const T* x = p.x;
  const T* b = p.b + j;
  std::size_t k = p.k;
  for (; k >= 8; k -= 8, x += 8 * p.x_step, b += 8 * p.ldb, start = c)
    sweep_rows<T, 8>(n, x, p.x_step, b, p.ldb, start, c, p.rectify && k == 8);
  for (; k > 0; --k, x += p.x_step, b += p.ldb, start = c)
    sweep_rows<T, 1>(n, x, p.x_step, b, p.ldb, start, c, p.rectify && k == 1);
}

/// Dot products of R rows of A with b, as vectors of partial sums.
template <class T, std::size_t R>
FORETELL_INLINE void dot_rows(std::size_t k, const T* a, std::size_t a_row, const T* b, Vec<T>* sums) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  Vec<T> part[R][4];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < R; ++r) part[r][0] = part[r][1] = part[r][2] = part[r][3] = Vec<T>{};
  std::size_t p = 0;
  for (; p + 4 * lanes <= k; p += 4 * lanes)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < 4; ++v) {
      const Vec<T> factor = load<T>(b + p + v * lanes);
#pragma GCC unroll 8
      for (std::size_t r = 0; r < R; ++r) part[r][v] += load<T>(a + r * a_row + p + v * lanes) * factor;
    }
  if (p + 2 * lanes <= k) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < 2; ++v) {
      const Vec<T> factor = load<T>(b + p + v * lanes);
#pragma GCC unroll 8
      for (std::size_t r = 0; r < R; ++r) part[r][v] += load<T>(a + r * a_row + p + v * lanes) * factor;
    }
    p += 2 * lanes;
  }
  if (p + lanes <= k) {
    const Vec<T> factor = load<T>(b + p);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < R; ++r) part[r][2] += load<T>(a + r * a_row + p) * factor;
    p += lanes;
  }
  if (p < k) {
    const Vec<T> factor = load_some<T>(b + p, k - p);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < R; ++r) part[r][3] += load_some<T>(a + r * a_row + p, k - p) * factor;
  }
#pragma GCC unroll 8
  for (std::size_t r = 0; r < R; ++r) sums[r] = (part[r][0] + part[r][1]) + (part[r][2] + part[r][3]);
}

/// With a maximum in place of a question about a sign that nobody foresees.
template <class T>
FORETELL_INLINE void finish_dot(Vec<T> sum, T* c, T shift, bool accumulate, bool rectify) {
  const T least = rectify ? T(0) : -static_cast<T>(__builtin_inf());
  const T y = fold(sum) + ((accumulate ? *c : T(0)) + shift);
  *c = y < least ? least : y;
}

/// A row with fewer columns than a vector. The last rows of B, where a full vector would leave the matrix, are read in
/// part.
template <class T>
FORETELL_KERNEL void multiply_narrow_row(std::size_t n, std::size_t k, const T* x, std::size_t x_step, const T* b,
                                         std::size_t ldb, T* c, const T* bias, bool accumulate, bool rectify) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  if (n == 1 && ldb == 1 && x_step == 1) {
    Vec<T> sum;
    dot_rows<T, 1>(k, x, 0, b, &sum);
    return finish_dot<T>(sum, c, bias ? *bias : T(0), accumulate, rectify);
  }
  if (n == 0) return;
  const std::size_t unsafe = (lanes - n + ldb - 1) / ldb;
  const std::size_t safe = k > unsafe ? k - unsafe : 0;
  Vec<T> acc = bias ? load_some<T>(bias, n) : Vec<T>{};
  if (accumulate) acc += load_some<T>(c, n);
  std::size_t p = 0;
  for (; p < safe; ++p, x += x_step, b += ldb) acc += splat<T>(*x) * load<T>(b);
  for (; p < k; ++p, x += x_step, b += ldb) acc += splat<T>(*x) * load_some<T>(b, n);
  if (rectify) acc = rectified<T>(acc);
  store_some<T>(c, acc, n);
}

/// One column of C from rows of A and a contiguous b.
template <class T>
FORETELL_KERNEL void multiply_column(std::size_t m, std::size_t k, const T* a, std::size_t a_row, const T* b, T* c,
                                     std::size_t ldc, const T* bias, bool accumulate, bool rectify) {
  const T shift = bias ? *bias : T(0);
  std::size_t i = 0;
  if constexpr (!rare<T>)
    for (; i + 2 <= m; i += 2) {
      Vec<T> sums[2];
      dot_rows<T, 2>(k, a + i * a_row, a_row, b, sums);
      finish_dot<T>(sums[0], c + i * ldc, shift, accumulate, rectify);
      finish_dot<T>(sums[1], c + (i + 1) * ldc, shift, accumulate, rectify);
    }
  for (; i < m; ++i) multiply_narrow_row<T>(1, k, a + i * a_row, 1, b, 1, c + i * ldc, bias, accumulate, rectify);
}

/// Arguments and not a RowProduct, which would go through memory.
template <class T>
FORETELL_INLINE void multiply_row_here(std::size_t n, std::size_t k, const T* x, std::size_t x_step, const T* b,
                                       std::size_t ldb, T* c, const T* bias, bool accumulate, bool rectify) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  if (n < lanes) return multiply_narrow_row<T>(n, k, x, x_step, b, ldb, c, bias, accumulate, rectify);
  const RowProduct<T> p{n, k, x, x_step, b, ldb, c, bias, accumulate, rectify};
  const std::size_t vectors = (p.n + lanes - 1) / lanes;
  std::size_t j = 0;
  if (vectors & 1) {
    row_tile<T, 1>(p, 0, lanes);
    j = lanes;
  }
  // The last tile is the only one that may have a vector in part; where there is one, it has two vectors or more.
  const auto width = [&](std::size_t most) { return p.n - j < most ? p.n - j : most; };
  if constexpr (rare<T>) {
    for (; j < p.n; j += 2 * lanes) row_tile<T, 2>(p, j, width(2 * lanes));
  } else {
    if (p.k >= 16 && p.k * p.n > 4096 && vectors > 8) {  // more than half of the first cache
      const std::size_t rest = p.n % lanes ? lanes + p.n % lanes : 0;
      wide_row<T>(p, j, p.n - rest - j);
      if (rest) row_tile<T, 2>(p, p.n - rest, rest);
      return;
    }
    if (vectors & 2) {
      row_tile<T, 2>(p, j, width(2 * lanes));
      j += 2 * lanes;
    }
    if (vectors & 4) {
      row_tile<T, 4>(p, j, width(4 * lanes));
      j += 4 * lanes;
    }
    for (; j < p.n; j += 8 * lanes) row_tile<T, 8>(p, j, width(8 * lanes));
  }
}

template <class T>
FORETELL_KERNEL void multiply_row(std::size_t n, std::size_t k, const T* x, std::size_t x_step, const T* b,
                                  std::size_t ldb, T* c, const T* bias, bool accumulate, bool rectify) {
  multiply_row_here<T>(n, k, x, x_step, b, ldb, c, bias, accumulate, rectify);
}

#if FORETELL_SIMD_BYTES == 32
/// Four columns of eight rows, turned round: out[c] has column c.
FORETELL_INLINE void turn(const float* in, std::size_t ld, Vec<float>* out) {
  typedef float Four __attribute__((vector_size(16)));
  typedef float FourUnaligned __attribute__((vector_size(16), aligned(4), may_alias));
  const auto halves = [](const float* low, const float* high) {
    return __builtin_shufflevector(static_cast<Four>(*reinterpret_cast<const FourUnaligned*>(low)),
                                   static_cast<Four>(*reinterpret_cast<const FourUnaligned*>(high)), 0, 1, 2, 3, 4, 5,
                                   6, 7);
  };
  const Vec<float> r0 = halves(in, in + 4 * ld);
  const Vec<float> r1 = halves(in + ld, in + 5 * ld);
  const Vec<float> r2 = halves(in + 2 * ld, in + 6 * ld);
  const Vec<float> r3 = halves(in + 3 * ld, in + 7 * ld);
  const Vec<float> a = __builtin_shufflevector(r0, r1, 0, 8, 1, 9, 4, 12, 5, 13);
  const Vec<float> b = __builtin_shufflevector(r2, r3, 0, 8, 1, 9, 4, 12, 5, 13);
  const Vec<float> d = __builtin_shufflevector(r0, r1, 2, 10, 3, 11, 6, 14, 7, 15);
  const Vec<float> e = __builtin_shufflevector(r2, r3, 2, 10, 3, 11, 6, 14, 7, 15);
  out[0] = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
  out[1] = __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
  out[2] = __builtin_shufflevector(d, e, 0, 1, 8, 9, 4, 5, 12, 13);
  out[3] = __builtin_shufflevector(d, e, 2, 3, 10, 11, 6, 7, 14, 15);
}
#endif

/// out[c * ld_out + r] = in[r * ld_in + c]
template <class T>
FORETELL_KERNEL void transpose(std::size_t rows, std::size_t cols, const T* in, std::size_t ld_in, T* out,
                               std::size_t ld_out) {
  std::size_t r = 0;
  if constexpr (sizeof(T) == 4) {
    typedef float Four __attribute__((vector_size(16)));
    typedef float FourUnaligned __attribute__((vector_size(16), aligned(4), may_alias));
#if FORETELL_SIMD_BYTES == 32
    for (; r + 8 <= rows; r += 8) {
      std::size_t c = 0;
      for (; c + 4 <= cols; c += 4) {
        Vec<T> columns[4];
        turn(in + r * ld_in + c, ld_in, columns);
#pragma GCC unroll 4
        for (std::size_t x = 0; x < 4; ++x) store<T>(out + (c + x) * ld_out + r, columns[x]);
      }
      for (; c < cols; ++c)
        for (std::size_t x = 0; x < 8; ++x) out[c * ld_out + r + x] = in[(r + x) * ld_in + c];
    }
#endif
    for (; r + 4 <= rows; r += 4) {
      std::size_t c = 0;
      for (; c + 4 <= cols; c += 4) {
        const T* from = in + r * ld_in + c;
        const Four r0 = *reinterpret_cast<const FourUnaligned*>(from);
        const Four r1 = *reinterpret_cast<const FourUnaligned*>(from + ld_in);
        const Four r2 = *reinterpret_cast<const FourUnaligned*>(from + 2 * ld_in);
        const Four r3 = *reinterpret_cast<const FourUnaligned*>(from + 3 * ld_in);
        const Four a = __builtin_shufflevector(r0, r1, 0, 4, 1, 5);
        const Four b = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);
        const Four d = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
        const Four e = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
        T* to = out + c * ld_out + r;
        *reinterpret_cast<FourUnaligned*>(to) = __builtin_shufflevector(a, b, 0, 1, 4, 5);
        *reinterpret_cast<FourUnaligned*>(to + ld_out) = __builtin_shufflevector(a, b, 2, 3, 6, 7);
        *reinterpret_cast<FourUnaligned*>(to + 2 * ld_out) = __builtin_shufflevector(d, e, 0, 1, 4, 5);
        *reinterpret_cast<FourUnaligned*>(to + 3 * ld_out) = __builtin_shufflevector(d, e, 2, 3, 6, 7);
      }
      for (; c < cols; ++c)
        for (std::size_t x = 0; x < 4; ++x) out[c * ld_out + r + x] = in[(r + x) * ld_in + c];
    }
  }
  for (; r < rows; ++r)
    for (std::size_t c = 0; c < cols; ++c) out[c * ld_out + r] = in[r * ld_in + c];
}

#if FORETELL_SIMD_BYTES == 32
/// Columns [j, j + 16) of one row, x_step 1, against B[n,k] transposed, of which 16 rows are turned round in registers
/// while the next 16 are fetched in the order of memory.
FORETELL_INLINE void transposed_tile(const RowProduct<float>& p, std::size_t j) {
  const float* b = p.b + j * p.ldb;
  const float* ahead = b + 16 * p.ldb;
  float* const c = p.c + j;
  Vec<float> acc[2];
#pragma GCC unroll 8
  for (std::size_t v = 0; v < 2; ++v) {
    acc[v] = p.bias ? load<float>(p.bias + j + 8 * v) : Vec<float>{};
    if (p.accumulate) acc[v] += load<float>(c + 8 * v);
  }
  std::size_t k = 0;
  for (; k + 4 <= p.k; k += 4, b += 4, ahead += 64) {
    Vec<float> turned[2][4];
#pragma GCC unroll 8
    for (std::size_t line = 0; line < 64; line += 16) __builtin_prefetch(ahead + line);
#pragma GCC unroll 8
    for (std::size_t v = 0; v < 2; ++v) turn(b + 8 * v * p.ldb, p.ldb, turned[v]);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 4; ++i) {
      const Vec<float> x = splat<float>(p.x[k + i]);
      acc[0] += x * turned[0][i];
      acc[1] += x * turned[1][i];
    }
  }
  for (; k < p.k; ++k, ++b)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < 2; ++v) {
      const float* f = b + 8 * v * p.ldb;
      acc[v] += splat<float>(p.x[k]) * Vec<float>{f[0],         f[p.ldb],     f[2 * p.ldb], f[3 * p.ldb],
                                                  f[4 * p.ldb], f[5 * p.ldb], f[6 * p.ldb], f[7 * p.ldb]};
    }
#pragma GCC unroll 8
  for (std::size_t v = 0; v < 2; ++v) store<float>(c + 8 * v, p.rectify ? rectified<float>(acc[v]) : acc[v]);
}
#endif

/// One row against B[n,k] transposed: blocks of B are turned round, in registers or into a buffer.
template <class T>
FORETELL_KERNEL void multiply_row_transposed(std::size_t n, std::size_t k, const T* x, std::size_t x_step, const T* b,
                                             std::size_t ldb, T* c, const T* bias, bool accumulate, bool rectify) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  constexpr std::size_t wide = 8 * lanes;
  constexpr std::size_t deep = 32;
  alignas(64) T turned[deep * wide];
  std::size_t j = 0;
#if FORETELL_SIMD_BYTES == 32
  if constexpr (sizeof(T) == 4)
    for (; x_step == 1 && j + 16 <= n; j += 16)
      transposed_tile({n, k, x, x_step, b, ldb, c, bias, accumulate, rectify}, j);
#endif
  for (; j < n; j += wide) {
    const std::size_t columns = n - j < wide ? n - j : wide;
    const std::size_t stride = columns < lanes ? lanes : columns;
    for (std::size_t p = 0; p == 0 || p < k; p += deep) {
      const std::size_t rows = k - p < deep ? k - p : deep;
      transpose<T>(columns, rows, b + j * ldb + p, ldb, turned, stride);
      multiply_row<T>(columns, rows, x + p * x_step, x_step, turned, stride, c + j, p || !bias ? nullptr : bias + j,
                      p || accumulate, rectify && p + rows == k);
    }
  }
}

/// Where `kernels::activate` goes; the sigmoid of one value by the shortest way.
template <class T>
FORETELL_INLINE void finish_activation(ActivationFunction f, std::size_t n, const T* x, T* y) {
  if constexpr (sizeof(T) == 4) {
    if (n == 1 && f.kind == ActivationKind::sigmoid)
      *y = vsigmoid(splat<T>(*x))[0];
    else
      activate<T>(f, n, x, y);
  } else {
    isa_base::activate<T>(f, n, x, y);
  }
}

/// One row of A B with all that may follow it.
template <class T>
FORETELL_KERNEL void gemm_row(ActivationFunction f, std::size_t n, std::size_t k, const T* x, const T* b,
                              std::size_t ldb, T* c, const T* bias, T* pre, bool accumulate) {
  if constexpr (!rare<T>)
    if (!pre && (f.kind == ActivationKind::linear || f.kind == ActivationKind::relu))
      return multiply_row_here<T>(n, k, x, 1, b, ldb, c, bias, accumulate, f.kind == ActivationKind::relu);
  if (n == 0) return;
  if constexpr (sizeof(T) == 4 && !rare<T>) {
    if (n == 1 && ldb == 1 && !pre && !accumulate && f.kind == ActivationKind::sigmoid) {  // a head: through no memory
      Vec<T> sum;
      dot_rows<T, 1>(k, x, 0, b, &sum);
      *c = vsigmoid(splat<T>(fold(sum) + (T(0) + (bias ? *bias : T(0)))))[0];
      return;
    }
  }
  T* const to = pre ? pre : c;
  if (pre && accumulate) __builtin_memcpy(pre, c, n * sizeof(T));
  multiply_row<T>(n, k, x, 1, b, ldb, to, bias, accumulate, false);
  finish_activation<T>(f, n, to, c);
}

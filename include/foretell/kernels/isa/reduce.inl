// SPDX-License-Identifier: BSD-3-Clause
// Sums in double over 16 partial sums, the same 16 for every vector width: the same bits for every instruction set.

/// FORETELL_SIMD_BYTES / 8 values as doubles.
FORETELL_INLINE Vec<double> load_double(const double* p) { return load<double>(p); }
FORETELL_INLINE Vec<double> load_double(const float* p) {
  typedef float Half __attribute__((vector_size(FORETELL_SIMD_BYTES / 2), aligned(4), may_alias));
#if defined(__aarch64__)  // where g++ takes the vector apart
  Vec<double> out;
  asm("fcvtl %0.2d, %1.2s" : "=w"(out) : "w"(*reinterpret_cast<const Half*>(p)));
  return out;
#else
  return __builtin_convertvector(*reinterpret_cast<const Half*>(p), Vec<double>);
#endif
}

/// The first `count` of 16 values, the others zero.
template <class T>
FORETELL_INLINE void pad_to_16(const T* p, std::size_t count, T* out) {
  constexpr std::size_t lanes = Simd<T>::lanes;
#pragma GCC unroll 8
  for (std::size_t i = 0; i < 16; i += lanes) {
    const std::size_t rest = count > i ? count - i : 0;
    store<T>(out + i, rest >= lanes ? load<T>(p + i) : load_some<T>(p + i, rest));
  }
}

template <class T, class Op>
requires rare<T> FORETELL_INLINE double accumulate(std::size_t n, const T* a, const T* b, const Op& op) {
  double part[16]{};
  for (std::size_t i = 0; i < n; ++i) part[i % 16] += op(static_cast<double>(a[i]), static_cast<double>(b[i]));
  for (std::size_t half = 8; half > 0; half /= 2)
    for (std::size_t v = 0; v < half; ++v) part[v] += part[v + half];
  return part[0];
}

template <class T, class Op>
FORETELL_INLINE double accumulate(std::size_t n, const T* a, const T* b, const Op& op) {
  constexpr std::size_t lanes = Simd<double>::lanes;
  Vec<double> part[16 / lanes];
#pragma GCC unroll 8
  for (std::size_t v = 0; v < 16 / lanes; ++v) part[v] = Vec<double>{};
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < 16 / lanes; ++v)
      part[v] += op(load_double(a + i + v * lanes), load_double(b + i + v * lanes));
  if (i < n) {
    alignas(64) static constexpr double place[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    alignas(64) T x[16];
    alignas(64) T y[16];
    pad_to_16<T>(a + i, n - i, x);
    pad_to_16<T>(b + i, n - i, y);
    const Vec<double> end = splat<double>(static_cast<double>(n - i));
#pragma GCC unroll 8
    for (std::size_t v = 0; v < 16 / lanes; ++v) {
      const Vec<double> value = op(load_double(x + v * lanes), load_double(y + v * lanes));
      part[v] += load<double>(place + v * lanes) < end ? value : Vec<double>{};
    }
  }
#pragma GCC unroll 8
  for (std::size_t half = 8 / lanes; half > 0; half /= 2)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < half; ++v) part[v] += part[v + half];
  return fold(part[0]);
}

struct first_op {
  template <class V>
  FORETELL_INLINE V operator()(V a, V) const {
    return a;
  }
};
struct product_op {
  template <class V>
  FORETELL_INLINE V operator()(V a, V b) const {
    return a * b;
  }
};

template <class T>
FORETELL_KERNEL double sum(std::size_t n, const T* x) {
  return accumulate<T>(n, x, x, first_op{});
}
template <class T>
FORETELL_KERNEL double dot(std::size_t n, const T* a, const T* b) {
  return accumulate<T>(n, a, b, product_op{});
}

template <class T>
FORETELL_KERNEL bool all_finite(std::size_t n, const T* x) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  Vec<T> bad{};  // becomes NaN and stays so: an infinite or NaN value times zero
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) bad += load<T>(x + i) * T(0);
  T rest = fold(bad);
  for (; i < n; ++i) rest += x[i] * T(0);
  return rest == 0;
}

/// The largest value, and whether there is a NaN, of at least one vector; `i` becomes the first value not looked at.
template <class T>
FORETELL_INLINE T max_of_vectors(std::size_t n, const T* x, std::size_t& i, bool& nan) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  constexpr std::size_t ways = 4;  // so many comparisons do not wait for each other
  Vec<T> top[ways];
  Mask<T> spoiled{};
#pragma GCC unroll 8
  for (std::size_t way = 0; way < ways; ++way) top[way] = load<T>(x);
  const auto take = [&](std::size_t way) {
    const Vec<T> v = load<T>(x + i + way * lanes);
    top[way] = v > top[way] ? v : top[way];
    spoiled |= v != v;
  };
  for (; i + ways * lanes <= n; i += ways * lanes)
#pragma GCC unroll 8
    for (std::size_t way = 0; way < ways; ++way) take(way);
  for (; i + lanes <= n; i += lanes) take(0);
#pragma GCC unroll 8
  for (std::size_t way = 1; way < ways; ++way) top[0] = top[way] > top[0] ? top[way] : top[0];
  T best = top[0][0];
  for (std::size_t r = 0; r < lanes; ++r) {
    best = top[0][r] > best ? top[0][r] : best;
    nan |= spoiled[r] != 0;
  }
  return best;
}

template <class T>
FORETELL_KERNEL T max(std::size_t n, const T* x) {
  std::size_t i = 0;
  bool nan = false;
  T best = n >= Simd<T>::lanes ? max_of_vectors<T>(n, x, i, nan) : static_cast<T>(-__builtin_inf());
  for (; i < n; ++i) {
    best = x[i] > best ? x[i] : best;
    nan |= x[i] != x[i];
  }
  return nan ? static_cast<T>(__builtin_nan("")) : best;
}

template <class T, std::size_t NV>
FORETELL_INLINE void column_sum_block(std::size_t rows, const T* x, std::size_t stride, T* out) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  Vec<T> sums[NV];
#pragma GCC unroll 8
  for (std::size_t v = 0; v < NV; ++v) sums[v] = Vec<T>{};
  for (std::size_t r = 0; r < rows; ++r)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < NV; ++v) sums[v] += load<T>(x + r * stride + v * lanes);
#pragma GCC unroll 8
  for (std::size_t v = 0; v < NV; ++v) store<T>(out + v * lanes, load<T>(out + v * lanes) + sums[v]);
}

template <class T>
FORETELL_KERNEL void column_sum_add(std::size_t rows, std::size_t cols, const T* x, std::size_t stride, T* out) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  if (cols == 1 && stride == 1) {
    *out += static_cast<T>(sum<T>(rows, x));
    return;
  }
  std::size_t c = 0;
  for (; c + 8 * lanes <= cols; c += 8 * lanes) column_sum_block<T, 8>(rows, x + c, stride, out + c);
  for (; c + lanes <= cols; c += lanes) column_sum_block<T, 1>(rows, x + c, stride, out + c);
  for (; c < cols; ++c) {
    T total{};
    for (std::size_t r = 0; r < rows; ++r) total += x[r * stride + c];
    out[c] += total;
  }
}

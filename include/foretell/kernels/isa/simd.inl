// SPDX-License-Identifier: BSD-3-Clause
// Vectors of one instruction set, by the compiler's vector extensions.

template <class T>
struct Simd;

template <>
struct Simd<float> {
  static constexpr std::size_t lanes = FORETELL_SIMD_BYTES / 4;
  typedef float Vector __attribute__((vector_size(FORETELL_SIMD_BYTES)));
  typedef float Unaligned __attribute__((vector_size(FORETELL_SIMD_BYTES), aligned(4), may_alias));
  typedef std::int32_t Mask __attribute__((vector_size(FORETELL_SIMD_BYTES)));
  typedef std::uint32_t Bits __attribute__((vector_size(FORETELL_SIMD_BYTES)));
};

template <>
struct Simd<double> {
  static constexpr std::size_t lanes = FORETELL_SIMD_BYTES / 8;
  typedef double Vector __attribute__((vector_size(FORETELL_SIMD_BYTES)));
  typedef double Unaligned __attribute__((vector_size(FORETELL_SIMD_BYTES), aligned(8), may_alias));
  typedef std::int64_t Mask __attribute__((vector_size(FORETELL_SIMD_BYTES)));
};

template <class T>
using Vec = typename Simd<T>::Vector;
template <class T>
using Mask = typename Simd<T>::Mask;
using Vecf = Simd<float>::Vector;
using Maskf = Simd<float>::Mask;

template <class T>
FORETELL_INLINE Vec<T> load(const T* p) {
  return *reinterpret_cast<const typename Simd<T>::Unaligned*>(p);
}
template <class T>
FORETELL_INLINE void store(T* p, Vec<T> v) {
  *reinterpret_cast<typename Simd<T>::Unaligned*>(p) = v;
}
template <class T>
FORETELL_INLINE Vec<T> splat(T x) {
  return x - Vec<T>{};
}

/// Sums of lanes, folded in a fixed order: the upper half onto the lower.
FORETELL_INLINE float fold(float __attribute__((vector_size(16))) v) {
  v += __builtin_shufflevector(v, v, 2, 3, 0, 1);
  return v[0] + v[1];
}
FORETELL_INLINE double fold(double __attribute__((vector_size(16))) v) { return v[0] + v[1]; }
#if FORETELL_SIMD_BYTES >= 32
FORETELL_INLINE float fold(float __attribute__((vector_size(32))) v) {
  return fold(__builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7));
}
FORETELL_INLINE double fold(double __attribute__((vector_size(32))) v) {
  return fold(__builtin_shufflevector(v, v, 0, 1) + __builtin_shufflevector(v, v, 2, 3));
}
#endif
#if FORETELL_SIMD_BYTES >= 64
FORETELL_INLINE float fold(float __attribute__((vector_size(64))) v) {
  return fold(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
              __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15));
}
FORETELL_INLINE double fold(double __attribute__((vector_size(64))) v) {
  return fold(__builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7));
}
#endif

FORETELL_INLINE Vec<float> vabs(Vec<float> x) { return (Vec<float>)((Mask<float>)x & 0x7fffffff); }
FORETELL_INLINE Vec<double> vabs(Vec<double> x) { return (Vec<double>)((Mask<double>)x & 0x7fffffffffffffff); }

#if !defined(__x86_64__)
FORETELL_INLINE Vec<float> vsqrt(Vec<float> x) {
  for (std::size_t i = 0; i < Simd<float>::lanes; ++i) x[i] = __builtin_sqrtf(x[i]);
  return x;
}
FORETELL_INLINE Vec<double> vsqrt(Vec<double> x) {
  for (std::size_t i = 0; i < Simd<double>::lanes; ++i) x[i] = __builtin_sqrt(x[i]);
  return x;
}
#elif FORETELL_SIMD_BYTES == 16
FORETELL_INLINE Vec<float> vsqrt(Vec<float> x) { return __builtin_ia32_sqrtps(x); }
FORETELL_INLINE Vec<double> vsqrt(Vec<double> x) { return __builtin_ia32_sqrtpd(x); }
#elif FORETELL_SIMD_BYTES == 32
FORETELL_INLINE Vec<float> vsqrt(Vec<float> x) { return __builtin_ia32_sqrtps256(x); }
FORETELL_INLINE Vec<double> vsqrt(Vec<double> x) { return __builtin_ia32_sqrtpd256(x); }
#elif defined(__clang__)
FORETELL_INLINE Vec<float> vsqrt(Vec<float> x) { return __builtin_ia32_sqrtps512(x, 4); }
FORETELL_INLINE Vec<double> vsqrt(Vec<double> x) { return __builtin_ia32_sqrtpd512(x, 4); }
#else
FORETELL_INLINE Vec<float> vsqrt(Vec<float> x) { return __builtin_ia32_sqrtps512_mask(x, x, -1, 4); }
FORETELL_INLINE Vec<double> vsqrt(Vec<double> x) { return __builtin_ia32_sqrtpd512_mask(x, x, -1, 4); }
#endif

/// Whether a lane of a comparison holds.
FORETELL_INLINE bool any(Mask<float> mask) {
#if !defined(__x86_64__)
  std::int32_t all = 0;
  for (std::size_t i = 0; i < Simd<float>::lanes; ++i) all |= mask[i];
  return all != 0;
#elif FORETELL_SIMD_BYTES == 16
  return __builtin_ia32_movmskps((Vec<float>)mask) != 0;
#elif FORETELL_SIMD_BYTES == 32
  return __builtin_ia32_movmskps256((Vec<float>)mask) != 0;
#else
  return __builtin_ia32_cvtd2mask512(mask) != 0;
#endif
}

/// out_j[i] = op(in_0[i], in_1[i], ...)_j, a vector at a time. What is left over goes through a padded copy and the
/// same code, so the bits of an element do not depend on its place. Outputs may be inputs.
template <class T, std::size_t In, std::size_t Out, class Op>
FORETELL_INLINE void transform(std::size_t n, const T* const (&in)[In], T* const (&out)[Out], const Op& op) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  alignas(64) T padded[In + Out][lanes];
  const T* from[In];
  T* to[Out];
  for (std::size_t a = 0; a < In; ++a) from[a] = in[a];
  for (std::size_t a = 0; a < Out; ++a) to[a] = out[a];
  const std::size_t rest = n % lanes;
  const std::size_t full = n - rest;
  for (std::size_t end = full;; end = lanes) {
    for (std::size_t i = 0; i < end; i += lanes) {
      Vec<T> x[In];
      Vec<T> y[Out];
      for (std::size_t a = 0; a < In; ++a) x[a] = load<T>(from[a] + i);
      op(x, y);
      for (std::size_t a = 0; a < Out; ++a) store<T>(to[a] + i, y[a]);
    }
    if (rest == 0) return;
    if (to[0] == padded[In]) break;
    for (std::size_t a = 0; a < In; ++a) {
      store<T>(padded[a], Vec<T>{});
      for (std::size_t r = 0; r < rest; ++r) padded[a][r] = in[a][full + r];
      from[a] = padded[a];
    }
    for (std::size_t a = 0; a < Out; ++a) to[a] = padded[In + a];
  }
  for (std::size_t a = 0; a < Out; ++a)
    for (std::size_t r = 0; r < rest; ++r) out[a][full + r] = padded[In + a][r];
}

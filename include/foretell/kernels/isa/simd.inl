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

/// Whether kernels of T are short instead of fast: float where there is AVX2 for it. The bits are the same.
template <class T>
inline constexpr bool rare = FORETELL_SIMD_RARE && sizeof(T) == 4;

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

/// The lanes below `count`, as masked loads and stores take them.
#if defined(__x86_64__) && FORETELL_SIMD_BYTES == 64
template <class T>
FORETELL_INLINE auto lanes_below(std::size_t count) {
  const auto bits = static_cast<unsigned short>((1u << count) - 1);
  if constexpr (sizeof(T) == 4)
    return bits;
  else
    return static_cast<unsigned char>(bits);
}
#elif defined(__x86_64__) && FORETELL_SIMD_BYTES == 32
template <class T>
FORETELL_INLINE auto lanes_below(std::size_t count) {
  if constexpr (sizeof(T) == 4) {
    typedef int Lanes __attribute__((vector_size(32)));
    return (Lanes)(Lanes{0, 1, 2, 3, 4, 5, 6, 7} < static_cast<int>(count));
  } else {
    typedef long long Lanes __attribute__((vector_size(32)));
    return (Lanes)(Lanes{0, 1, 2, 3} < static_cast<long long>(count));
  }
}
#endif

/// The first `count` values, the other lanes zero; fewer than a vector.
template <class T>
FORETELL_INLINE Vec<T> load_some(const T* p, std::size_t count) {
#if defined(__x86_64__) && FORETELL_SIMD_BYTES == 64
  if constexpr (sizeof(T) == 4)
    return __builtin_ia32_loadups512_mask(p, Vec<T>{}, lanes_below<T>(count));
  else
    return __builtin_ia32_loadupd512_mask(p, Vec<T>{}, lanes_below<T>(count));
#elif defined(__x86_64__) && FORETELL_SIMD_BYTES == 32
  if constexpr (sizeof(T) == 4)
    return __builtin_ia32_maskloadps256(reinterpret_cast<const Vec<T>*>(p), lanes_below<T>(count));
  else
    return __builtin_ia32_maskloadpd256(reinterpret_cast<const Vec<T>*>(p), lanes_below<T>(count));
#else
  Vec<T> v{};
#pragma GCC unroll 4
  for (std::size_t i = 0; i + 1 < Simd<T>::lanes; ++i)
    if (i < count) v[i] = p[i];
  return v;
#endif
}
template <class T>
FORETELL_INLINE void store_some(T* p, Vec<T> v, std::size_t count) {
#if defined(__x86_64__) && FORETELL_SIMD_BYTES == 64
  if constexpr (sizeof(T) == 4)
    __builtin_ia32_storeups512_mask(p, v, lanes_below<T>(count));
  else
    __builtin_ia32_storeupd512_mask(p, v, lanes_below<T>(count));
#elif FORETELL_SIMD_BYTES == 16
#pragma GCC unroll 4
  for (std::size_t i = 0; i + 1 < Simd<T>::lanes; ++i)
    if (i < count) p[i] = v[i];
#else  // AMD's AVX2 processors take longer for a masked store
  T lanes[Simd<T>::lanes];
  store<T>(lanes, v);
  for (std::size_t i = 0; i < count; ++i) p[i] = lanes[i];
#endif
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

#if defined(__aarch64__)  // where g++ makes calls of the C library of it
FORETELL_INLINE Vec<float> vsqrt(Vec<float> x) {
  asm("fsqrt %0.4s, %0.4s" : "+w"(x));
  return x;
}
FORETELL_INLINE Vec<double> vsqrt(Vec<double> x) {
  asm("fsqrt %0.2d, %0.2d" : "+w"(x));
  return x;
}
#elif !defined(__x86_64__)
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

/// max(x, 0); NaN stays.
template <class T>
FORETELL_INLINE Vec<T> rectified(Vec<T> x) {
#if defined(__x86_64__) && !defined(__clang__) && FORETELL_SIMD_BYTES == 32  // where g++ compares and masks
  if constexpr (sizeof(T) == 4)
    return __builtin_ia32_maxps256(Vec<T>{}, x);
  else
    return __builtin_ia32_maxpd256(Vec<T>{}, x);
#elif defined(__x86_64__) && !defined(__clang__) && FORETELL_SIMD_BYTES == 16
  if constexpr (sizeof(T) == 4)
    return __builtin_ia32_maxps(Vec<T>{}, x);
  else
    return __builtin_ia32_maxpd(Vec<T>{}, x);
#else
  return x < 0 ? Vec<T>{} : x;
#endif
}

/// Whether a lane of a comparison holds.
FORETELL_INLINE bool any(Mask<float> mask) {
#if !defined(__x86_64__)
  const Mask<double> halves = (Mask<double>)mask;
  return (halves[0] | halves[1]) != 0;
#elif FORETELL_SIMD_BYTES == 16
  return __builtin_ia32_movmskps((Vec<float>)mask) != 0;
#elif FORETELL_SIMD_BYTES == 32
  return __builtin_ia32_movmskps256((Vec<float>)mask) != 0;
#else
  return __builtin_ia32_cvtd2mask512(mask) != 0;
#endif
}

FORETELL_INLINE bool any(Mask<double> mask) { return any((Mask<float>)mask); }

/// A loop over full vectors: n, the inputs, the outputs, the operation.
template <class T>
using Loop = void (*)(std::size_t n, const T* const* in, T* const* out, const void* op);

template <class T, std::size_t In, std::size_t Out, class Op>
FORETELL_KERNEL void loop_of(std::size_t n, const T* const* in, T* const* out, const void* op) {
  const Op apply = *static_cast<const Op*>(op);
  const T* from[In];
  T* to[Out];
  for (std::size_t a = 0; a < In; ++a) from[a] = in[a];
  for (std::size_t a = 0; a < Out; ++a) to[a] = out[a];
  for (std::size_t i = 0; i < n; i += Simd<T>::lanes) {
    Vec<T> x[In];
    Vec<T> y[Out];
#pragma GCC unroll 8
    for (std::size_t a = 0; a < In; ++a) x[a] = load<T>(from[a] + i);
    apply(x, y);
#pragma GCC unroll 8
    for (std::size_t a = 0; a < Out; ++a) store<T>(to[a] + i, y[a]);
  }
}

/// Runs a loop over n values. What is left over goes through it as the last vector of the arrays, read before anything
/// is written, or through a padded copy; so the bits of an element do not depend on its place.
template <class T>
FORETELL_KERNEL void run_loop(std::size_t n, std::size_t ins, std::size_t outs, const T* const* in, T* const* out,
                              Loop<T> loop, const void* op) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  const std::size_t rest = n % lanes;
  const std::size_t full = n - rest;
  if (rest == 0) return loop(n, in, out, op);
  alignas(64) T padded[14][lanes];
  const T* from[8];
  T* to[6];
  for (std::size_t a = 0; a < ins; ++a) {
    from[a] = padded[a];
    store<T>(padded[a], full     ? load<T>(in[a] + n - lanes)
                        : n == 1 ? Vec<T>{in[a][0]}  // as wide as it was stored: it may just have been
                                 : load_some<T>(in[a], rest));
  }
  if (full) loop(full, in, out, op);
  for (std::size_t a = 0; a < outs; ++a) to[a] = full ? out[a] + n - lanes : padded[8 + a];
  loop(lanes, from, to, op);
  if (full) return;
  for (std::size_t a = 0; a < outs; ++a) store_some<T>(out[a], load<T>(padded[8 + a]), rest);
}

/// out_j[i] = op(in_0[i], in_1[i], ...)_j, a vector at a time. Outputs may be inputs.
template <class T, std::size_t In, std::size_t Out, class Op>
FORETELL_INLINE void transform(std::size_t n, const T* const (&in)[In], T* const (&out)[Out], const Op& op) {
  static_assert(In <= 8 && Out <= 6);
  run_loop<T>(n, In, Out, in, out, loop_of<T, In, Out, Op>, &op);
}

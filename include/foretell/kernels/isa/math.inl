// SPDX-License-Identifier: BSD-3-Clause
// Functions of vectors. In float: argument reduction and minimax polynomials (Remez, computed for these ranges); in
// double: the C library, lane by lane. NaN passes through every comparison; none of them may be turned round. The any_
// forms serve the vectors with a lane outside the ordinary range, and give the other lanes the bits of the ordinary
// form; so that contraction to fused multiply-adds leaves no choice, no sum has two products. They take vectors by
// reference: how wide vectors are passed by value depends on the flags of the translation unit.

FORETELL_INLINE Vec<double> each_lane(Vec<double> x, double (*f)(double)) {
  for (std::size_t i = 0; i < Simd<double>::lanes; ++i) x[i] = f(x[i]);
  return x;
}
FORETELL_INLINE Vec<double> vexp(Vec<double> x) { return each_lane(x, scalar::exp); }
FORETELL_INLINE Vec<double> vexpm1(Vec<double> x) { return each_lane(x, scalar::expm1); }
FORETELL_INLINE Vec<double> vlog(Vec<double> x) { return each_lane(x, scalar::log); }
FORETELL_INLINE Vec<double> vlog1p(Vec<double> x) { return each_lane(x, scalar::log1p); }
FORETELL_INLINE Vec<double> vtanh(Vec<double> x) { return each_lane(x, scalar::tanh); }
FORETELL_INLINE Vec<double> verf(Vec<double> x) { return each_lane(x, scalar::erf); }
FORETELL_INLINE Vec<double> vnormal_cdf(Vec<double> x) {
  return 0.5 * each_lane(x * -0.70710678118654752440, scalar::erfc);
}

typedef std::uint32_t Bits
    __attribute__((vector_size(FORETELL_SIMD_BYTES)));  // of floats; sums wrap round where there is NaN

FORETELL_INLINE Vec<float> power_of_two(Mask<float> n) { return (Vec<float>)((n + 127) << 23); }

/// x = n ln 2 + r with |r| <= ln 2 / 2; returns r.
FORETELL_INLINE Vec<float> reduce_exponent(Vec<float> x, Mask<float>& n) {
  const Vec<float> shifted = x * 1.44269504f + 12582912.0f;  // 1.5 * 2^23: the integer stands in the low bits
  n = (Mask<float>)shifted - 0x4b400000;
  const Vec<float> whole = shifted - 12582912.0f;
  return x - whole * 0.693359375f - whole * -2.12194440e-4f;
}

/// e^r - 1 for |r| <= ln 2 / 2.
FORETELL_INLINE Vec<float> small_expm1(Vec<float> r) {
  const Vec<float> r2 = r * r;
  const Vec<float> p4 = 0.000197892761f * r + 0.00139457523f;
  const Vec<float> p2 = 0.00833350327f * r + 0.0416662805f;
  const Vec<float> p0 = 0.166666657f * r + 0.5f;
  return ((p4 * r2 + p2) * r2 + p0) * r2 + r;
}

/// p 2^n. Two factors give overflow and denormals their right values.
FORETELL_INLINE Vec<float> scale_by_power(Vec<float> p, Mask<float> n) {
  const Mask<float> half = n >> 1;
  return p * power_of_two(half) * power_of_two(n - half);
}

/// e^x for x in [-87, 87].
FORETELL_INLINE Vec<float> moderate_exp(Vec<float> x) {
  Mask<float> n;
  const Vec<float> r = reduce_exponent(x, n);
  return (Vec<float>)((Bits)(small_expm1(r) + 1.0f) + ((Bits)n << 23));
}

/// e^(x + low) for every x, low small against 1.
FORETELL_RARE void any_exp(Vec<float>& x, const Vec<float>& low) {
  Vec<float> bounded = x > 89.0f ? Vec<float>{} + 89.0f : x;
  bounded = bounded < -104.5f ? Vec<float>{} - 104.5f : bounded;
  Mask<float> n;
  const Vec<float> r = reduce_exponent(bounded, n) + low;
  x = scale_by_power(small_expm1(r) + 1.0f, n);
}

FORETELL_INLINE Mask<float> beyond(Vec<float> x, float limit) { return ~(vabs(x) <= limit); }

FORETELL_INLINE Mask<float> unusual_exp(Vec<float> x) { return beyond(x, 87.0f); }
FORETELL_INLINE Vec<float> vexp(Vec<float> x) {
  if (any(unusual_exp(x))) [[unlikely]] {
    any_exp(x, Vec<float>{});
    return x;
  }
  return moderate_exp(x);
}

/// e^x - 1 for x up to 87.
FORETELL_INLINE Vec<float> vexpm1(Vec<float> x) {
  Mask<float> n;
  const Vec<float> p = small_expm1(reduce_exponent(x < -80.0f ? Vec<float>{} - 80.0f : x, n));
  const Vec<float> scale = power_of_two(n);
  return x == 0 ? x : p * scale + (scale - 1.0f);
}

/// log(x 2^-down) for normal positive x.
FORETELL_INLINE Vec<float> normal_log(Vec<float> x, Vec<float> down) {
  const Bits bits = (Bits)x;
  const Mask<float> e = (Mask<float>)(bits - 0x3f3504f3u) >> 23;  // the mantissa goes to [sqrt 1/2, sqrt 2)
  const Vec<float> f = (Vec<float>)(bits - ((Bits)e << 23)) - 1.0f;
  const Vec<float> exponent = __builtin_convertvector(e, Vec<float>) - down;
  const Vec<float> square = f * f;
  const Vec<float> fourth = square * square;
  const Vec<float> p6 = -0.116756506f * f + 0.118881628f;
  const Vec<float> p4 = -0.1240559f * f + 0.142195523f;
  const Vec<float> p2 = -0.166679963f * f + 0.200021192f;
  const Vec<float> p0 = -0.250000089f * f + 0.333333135f;
  const Vec<float> p = ((0.0674663782f * square + p6) * square + p4) * fourth + (p2 * square + p0);
  const Vec<float> y = (p * f - 0.5f) * square + (f + exponent * -2.12194440e-4f);
  return y + exponent * 0.693359375f;
}

FORETELL_RARE void any_log(Vec<float>& out) {
  const Vec<float> x = out;
  const Mask<float> tiny = x < 1.17549435e-38f;
  Vec<float> y = normal_log(tiny ? x * 8388608.0f : x, tiny ? Vec<float>{} + 23.0f : Vec<float>{});
  const Vec<float> infinity = Vec<float>{} + __builtin_inff();
  y = x == infinity ? infinity : y;
  y = x == 0 ? -infinity : y;
  y = x < 0 ? Vec<float>{} + __builtin_nanf("") : y;
  out = x != x ? x : y;
}

FORETELL_INLINE Mask<float> unusual_log(Vec<float> x) {
  return (Mask<float>)((Simd<float>::Bits)x + 0x7f800000U) >= -0x1000000;  // rotated: normal positive ones come first
}

FORETELL_INLINE Vec<float> vlog(Vec<float> x) {
  if (any(unusual_log(x))) [[unlikely]] {
    any_log(x);
    return x;
  }
  return normal_log(x, Vec<float>{});
}

FORETELL_RARE void any_log1p(Vec<float>& out) {
  const Vec<float> x = out;
  const Vec<float> u = x + 1.0f;
  const Vec<float> lost = x - (u - 1.0f);
  Vec<float> y = u;
  any_log(y);
  const Mask<float> correct = (u > 0) & (u < __builtin_inff());
  const Vec<float> corrected = correct ? y + lost / u : y;
  out = x == 0 ? x : corrected;
}

FORETELL_INLINE Vec<float> vlog1p(Vec<float> x) {
  if (any(~((x >= -0.99f) & (x <= 1e30f)))) [[unlikely]] {
    any_log1p(x);
    return x;
  }
  const Vec<float> u = x + 1.0f;
  const Vec<float> lost = x - (u - 1.0f);
  const Vec<float> y = normal_log(u, Vec<float>{}) + lost / u;
  return x == 0 ? x : y;
}

FORETELL_INLINE Vec<float> vtanh(Vec<float> x) {
  const Vec<float> size = vabs(x);
  const Vec<float> s = x * x;
  const Vec<float> s2 = s * s;
  const Vec<float> p2 = 0.0205388181f * s - 0.053709656f;
  const Vec<float> p0 = 0.133310929f * s - 0.333332688f;
  const Vec<float> p = (-0.00559101393f * s2 + p2) * s2 + p0;
  const Vec<float> small = p * s * size + size;
  const Vec<float> doubled = size > 20.0f ? Vec<float>{} + 40.0f : size + size;
  const Vec<float> large = 1.0f - 2.0f / (moderate_exp(doubled) + 1.0f);
  const Vec<float> y = size >= 0.625f ? large : small;
  return (Vec<float>)((Mask<float>)y | ((Mask<float>)x & ~0x7fffffff));  // with the sign of x
}

/// e^(z z) erfc(z) for z >= 0.95.
FORETELL_INLINE Vec<float> scaled_erfc(Vec<float> z) {
  const Vec<float> t = 1.0f / (0.5f * z + 1.0f);
  const Vec<float> t2 = t * t;
  const Vec<float> t4 = t2 * t2;
  const Vec<float> p6 = 0.227716774f * t - 0.414533496f;
  const Vec<float> p4 = 0.229051039f * t - 0.00814625435f;
  const Vec<float> p2 = 0.198975712f * t + 0.243404031f;
  const Vec<float> p0 = 0.282385379f * t + 0.282084256f;
  const Vec<float> p = ((-0.0407581367f * t2 + p6) * t2 + p4) * t4 + (p2 * t2 + p0);
  return p * t;
}

/// e^(-z z) for z up to 4, the rounding of the square carried along.
FORETELL_INLINE Vec<float> exp_of_minus_square(Vec<float> z) {
  const Vec<float> high = (Vec<float>)((Mask<float>)z & ~0xfff);
  Mask<float> n;
  const Vec<float> r = reduce_exponent(-(high * high), n) + (high - z) * (high + z);
  return (Vec<float>)((Bits)(small_expm1(r) + 1.0f) + ((Bits)n << 23));
}

/// erf(z) for |z| < 1.
FORETELL_INLINE Vec<float> small_erf(Vec<float> z) {
  const Vec<float> s = z * z;
  const Vec<float> s2 = s * s;
  const Vec<float> p4 = -0.000801156159f * s + 0.00518850051f;
  const Vec<float> p2 = -0.0268539172f * s + 0.112835884f;
  const Vec<float> p0 = -0.37612626f * s + 0.128379166f;
  const Vec<float> p = ((7.85803495e-05f * s2 + p4) * s2 + p2) * s2 + p0;
  return p * z + z;
}

FORETELL_INLINE Vec<float> verf(Vec<float> z) {
  const Vec<float> size = vabs(z);
  const Vec<float> far = size > 4.0f ? Vec<float>{} + 4.0f : size;
  Vec<float> large = 1.0f - exp_of_minus_square(far) * scaled_erfc(far);
  large = z < 0 ? -large : large;
  return size < 1.0f ? small_erf(z) : large;
}

/// P(N(0,1) <= x), accurate in both tails.
FORETELL_INLINE Vec<float> vnormal_cdf(Vec<float> x) {
  const Vec<float> z = x * 0.707106781f;
  const Vec<float> size = vabs(z);
  const Vec<float> far = size > 10.3f ? Vec<float>{} + 10.3f : size;
  // e^(-x x / 2) from x itself: the rounding of z would count x times.
  const Vec<float> bound = vabs(x) > 14.6f ? Vec<float>{} + 14.6f : vabs(x);
  const Vec<float> high = (Vec<float>)((Mask<float>)bound & ~0xfff);
  Vec<float> density = -0.5f * (high * high);
  any_exp(density, 0.5f * ((high - bound) * (high + bound)));
  const Vec<float> tail = 0.5f * (density * scaled_erfc(far));
  const Vec<float> outer = x < 0 ? tail : 1.0f - tail;
  return size < 1.0f ? 0.5f + 0.5f * small_erf(z) : outer;
}

FORETELL_INLINE Vec<double> vsigmoid(Vec<double> x) {
  const Vec<double> e = vexp(-vabs(x));
  const Vec<double> r = 1 / (1 + e);
  return x < 0 ? e * r : r;
}
FORETELL_RARE void any_sigmoid(Vec<float>& x) {
  Vec<float> e = -x;
  any_exp(e, Vec<float>{});
  Vec<float> far = x;
  any_exp(far, Vec<float>{});
  x = x < -87.0f ? far : 1.0f / (1.0f + e);
}
FORETELL_INLINE Vec<float> moderate_sigmoid(Vec<float> x) { return 1.0f / (1.0f + moderate_exp(-x)); }
FORETELL_INLINE Vec<float> vsigmoid(Vec<float> x) {
  if (any(unusual_exp(x))) [[unlikely]] {
    any_sigmoid(x);
    return x;
  }
  return moderate_sigmoid(x);
}

template <class V>
FORETELL_INLINE V vsoftplus(V x) {
  return (x < 0 ? V{} : x) + vlog1p(vexp(-vabs(x)));
}

#define FORETELL_MATH_KERNEL(NAME)                                                                        \
  template <class T>                                                                                      \
  struct NAME##_op {                                                                                      \
    FORETELL_INLINE void operator()(const Vec<T> (&x)[1], Vec<T> (&y)[1]) const { y[0] = v##NAME(x[0]); } \
  };                                                                                                      \
  template <class T>                                                                                      \
  FORETELL_KERNEL void NAME(std::size_t n, const T* x, T* y) {                                            \
    transform<T, 1, 1>(n, {x}, {y}, NAME##_op<T>{});                                                      \
  }
FORETELL_MATH_KERNEL(log1p)
FORETELL_MATH_KERNEL(tanh)
FORETELL_MATH_KERNEL(erf)
FORETELL_MATH_KERNEL(softplus)
FORETELL_MATH_KERNEL(sqrt)
#undef FORETELL_MATH_KERNEL

/// Whether a lane of n values is unusual. Lanes beyond the end count as zero.
template <class Op>
FORETELL_INLINE bool any_unusual(std::size_t n, const float* x) {
  constexpr std::size_t lanes = Simd<float>::lanes;
  Mask<float> found{};
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) found |= Op::unusual(load<float>(x + i));
  if (i < n) found |= Op::unusual(load_some<float>(x + i, n - i));
  return any(found);
}

/// Float kernels that look through a block first: a loop with a call for the unusual values in it keeps no constant in
/// a register. USUAL and ANY are the functions of x for either kind of block.
#define FORETELL_CHECKED_KERNEL(NAME, UNUSUAL, USUAL, ANY, WIDE)                                                 \
  struct usual_##NAME {                                                                                          \
    static FORETELL_INLINE Mask<float> unusual(Vec<float> v) { return UNUSUAL(v); }                              \
    FORETELL_INLINE void operator()(const Vec<float> (&x)[1], Vec<float> (&y)[1]) const { y[0] = USUAL; }        \
  };                                                                                                             \
  struct every_##NAME {                                                                                          \
    FORETELL_INLINE void operator()(const Vec<float> (&x)[1], Vec<float> (&y)[1]) const {                        \
      y[0] = x[0];                                                                                               \
      ANY;                                                                                                       \
    }                                                                                                            \
  };                                                                                                             \
  struct wide_##NAME {                                                                                           \
    FORETELL_INLINE void operator()(const Vec<double> (&x)[1], Vec<double> (&y)[1]) const { y[0] = WIDE(x[0]); } \
  };                                                                                                             \
  template <class T>                                                                                             \
  FORETELL_KERNEL void NAME(std::size_t n, const T* x, T* y) {                                                   \
    if constexpr (sizeof(T) == 8) {                                                                              \
      transform<T, 1, 1>(n, {x}, {y}, wide_##NAME{});                                                            \
    } else {                                                                                                     \
      constexpr std::size_t block = 1024;                                                                        \
      for (std::size_t i = 0; i < n; i += block) {                                                               \
        const std::size_t count = n - i < block ? n - i : block;                                                 \
        if (any_unusual<usual_##NAME>(count, x + i)) [[unlikely]]                                                \
          transform<T, 1, 1>(count, {x + i}, {y + i}, every_##NAME{});                                           \
        else                                                                                                     \
          transform<T, 1, 1>(count, {x + i}, {y + i}, usual_##NAME{});                                           \
      }                                                                                                          \
    }                                                                                                            \
  }
FORETELL_CHECKED_KERNEL(exp, unusual_exp, moderate_exp(x[0]), any_exp(y[0], Vec<float>{}), vexp)
FORETELL_CHECKED_KERNEL(log, unusual_log, normal_log(x[0], Vec<float>{}), any_log(y[0]), vlog)
FORETELL_CHECKED_KERNEL(sigmoid, unusual_exp, moderate_sigmoid(x[0]), any_sigmoid(y[0]), vsigmoid)
#undef FORETELL_CHECKED_KERNEL

// SPDX-License-Identifier: BSD-3-Clause
// Elementwise activations, their derivatives, and arithmetic over arrays. An `_op` maps the vectors of its inputs to
// its outputs.

template <class T, ActivationKind Kind>
struct activate_op {
  T alpha;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[1], Vec<T> (&out)[1]) const {
    const Vec<T> x = in[0];
    Vec<T>& y = out[0];
    using enum ActivationKind;
    if constexpr (Kind == relu) y = rectified<T>(x);
    if constexpr (Kind == leaky_relu) y = x < 0 ? alpha * x : x;
    if constexpr (Kind == elu) y = x < 0 ? alpha * vexpm1(x) : x;
    if constexpr (Kind == selu) y = T(selu_scale) * (x < 0 ? T(selu_alpha) * vexpm1(x) : x);
    if constexpr (Kind == gelu) y = x * vnormal_cdf(x);
    if constexpr (Kind == silu) y = x * vsigmoid(x);
    if constexpr (Kind == softsign) y = x / (1 + vabs(x));
    if constexpr (Kind == hard_sigmoid) {
      const Vec<T> line = (x + 3) / 6;
      y = line < 0 ? Vec<T>{} : line;
      y = y > 1 ? splat<T>(1) : y;
    }
    if constexpr (Kind == mish) {
      const Vec<T> e = vexp(-vabs(x));
      const Vec<T> top = x < 0 ? e * (e + 2) : 1 + 2 * e;
      y = x * (top / (top + (x < 0 ? splat<T>(2) : 2 * e * e)));
    }
    if constexpr (Kind == squareplus) {  // of the two equal forms the one that does not cancel; no square overflows
      const Vec<T> a = vabs(x), most = a > 1 ? a : splat<T>(1), share = a > 1 ? splat<T>(1) : a, two = 2 / most;
      const Vec<T> root = most * vsqrt(share * share + two * two);
      y = x < 0 ? 2 / (root + a) : (root + a) * T(0.5);
    }
  }
};

/// dx = dy f'.
template <class T, ActivationKind Kind>
struct derive_op {
  T alpha;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2], Vec<T> (&out)[1]) const {
    const Vec<T> y = in[0];  // or z, where the derivative needs it
    Vec<T> d;
    using enum ActivationKind;
    if constexpr (Kind == relu) {
      out[0] = y > 0 ? in[1] : Vec<T>{};
      return;
    }
    if constexpr (Kind == leaky_relu) d = y > 0 ? splat<T>(1) : splat<T>(alpha);
    if constexpr (Kind == elu) d = y > 0 ? splat<T>(1) : alpha * vexp(y);
    if constexpr (Kind == selu) d = T(selu_scale) * (y > 0 ? splat<T>(1) : T(selu_alpha) * vexp(y));
    if constexpr (Kind == gelu) d = vnormal_cdf(y) + y * vexp(y * y * T(-0.5)) * T(0.39894228040143267794);
    if constexpr (Kind == silu) {
      const Vec<T> s = vsigmoid(y);
      d = s * (1 + y * vsigmoid(-y));
    }
    if constexpr (Kind == softplus) d = -vexpm1(-y);
    if constexpr (Kind == softsign) {
      const Vec<T> r = 1 / (1 + vabs(y));
      d = r * r;
    }
    if constexpr (Kind == hard_sigmoid) d = ((y > 0) & (y < 1)) ? splat<T>(T(1) / 6) : Vec<T>{};
    if constexpr (Kind == mish) {
      const Vec<T> e = vexp(-vabs(y));
      const Vec<T> top = y < 0 ? e * (e + 2) : 1 + 2 * e;
      const Vec<T> rest = y < 0 ? splat<T>(2) : 2 * e * e;
      const Vec<T> share = 1 / (top + rest);
      const Vec<T> t = top * share;
      const Vec<T> s = (y < 0 ? e : splat<T>(1)) / (1 + e);
      d = t + y * (rest * share * (1 + t)) * s;
    }
    if constexpr (Kind == squareplus) {
      const Vec<T> r = 1 / y;
      d = 1 / (1 + r * r);
    }
    if constexpr (Kind == exponential) d = y;
    if constexpr (Kind == tanh) d = (1 - y) * (1 + y);
    if constexpr (Kind == sigmoid) d = y * (1 - y);
    out[0] = in[1] * d;
  }
};

template <class T>
FORETELL_KERNEL void activate(ActivationFunction f, std::size_t n, const T* x, T* y) {
  const T alpha = static_cast<T>(f.alpha);
  switch (f.kind) {
#define FORETELL_DO(KIND)    \
  case ActivationKind::KIND: \
    return transform<T, 1, 1>(n, {x}, {y}, activate_op<T, ActivationKind::KIND>{alpha});
    FORETELL_DO(relu)
    FORETELL_DO(leaky_relu)
    FORETELL_DO(elu)
    FORETELL_DO(selu)
    FORETELL_DO(gelu)
    FORETELL_DO(silu)
    FORETELL_DO(softsign)
    FORETELL_DO(hard_sigmoid)
    FORETELL_DO(mish)
    FORETELL_DO(squareplus)
#undef FORETELL_DO
    case ActivationKind::softplus:
      return softplus<T>(n, x, y);
    case ActivationKind::exponential:
      return exp<T>(n, x, y);
    case ActivationKind::tanh:
      return tanh<T>(n, x, y);
    case ActivationKind::sigmoid:
      return sigmoid<T>(n, x, y);
    case ActivationKind::linear:
    case ActivationKind::softmax:
    case ActivationKind::log_softmax:
      break;
  }
  if (x != y && n) __builtin_memcpy(y, x, n * sizeof(T));
}

#define FORETELL_EACH_ACTIVATION(DO) \
  DO(relu)                           \
  DO(leaky_relu)                     \
  DO(elu)                            \
  DO(selu)                           \
  DO(gelu)                           \
  DO(silu) DO(softplus) DO(softsign) DO(hard_sigmoid) DO(mish) DO(squareplus) DO(exponential) DO(tanh) DO(sigmoid)

template <class T>
FORETELL_KERNEL void activate_backward(ActivationFunction f, std::size_t n, const T* y, const T* z, const T* dy,
                                       T* dx) {
  const T alpha = static_cast<T>(f.alpha);
  const T* source = derivative_from_output(f.kind) ? y : z;
  switch (f.kind) {
#define FORETELL_DO(KIND)    \
  case ActivationKind::KIND: \
    return transform<T, 2, 1>(n, {source, dy}, {dx}, derive_op<T, ActivationKind::KIND>{alpha});
    FORETELL_EACH_ACTIVATION(FORETELL_DO)
#undef FORETELL_DO
    case ActivationKind::linear:
    case ActivationKind::softmax:
    case ActivationKind::log_softmax:
      break;
  }
  if (dx != dy && n) __builtin_memcpy(dx, dy, n * sizeof(T));
}
#undef FORETELL_EACH_ACTIVATION

template <class T, std::size_t NV>
FORETELL_INLINE void relu_backward_block(std::size_t rows, std::size_t stride, const T* y, const T* dy, T* dx,
                                         T* sums) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  Vec<T> total[NV];
#pragma GCC unroll 8
  for (std::size_t v = 0; v < NV; ++v) total[v] = Vec<T>{};
  for (std::size_t r = 0; r < rows; ++r, y += stride, dy += stride, dx += stride)
#pragma GCC unroll 8
    for (std::size_t v = 0; v < NV; ++v) {
      const Vec<T> d = load<T>(y + v * lanes) > 0 ? load<T>(dy + v * lanes) : Vec<T>{};
      store<T>(dx + v * lanes, d);
      total[v] += d;
    }
#pragma GCC unroll 8
  for (std::size_t v = 0; v < NV; ++v) store<T>(sums + v * lanes, load<T>(sums + v * lanes) + total[v]);
}

/// relu in one pass; the others by blocks of rows that stay in the cache.
template <class T>
FORETELL_KERNEL void activate_backward_sum(ActivationFunction f, std::size_t rows, std::size_t cols, const T* y,
                                           const T* z, const T* dy, T* dx, T* sums) {
  constexpr std::size_t lanes = Simd<T>::lanes;
  if (f.kind == ActivationKind::relu) {
    std::size_t c = 0;
    if constexpr (!rare<T>)
      for (; c + 4 * lanes <= cols; c += 4 * lanes)
        relu_backward_block<T, 4>(rows, cols, y + c, dy + c, dx + c, sums + c);
    for (; c + lanes <= cols; c += lanes) relu_backward_block<T, 1>(rows, cols, y + c, dy + c, dx + c, sums + c);
    for (; c < cols; ++c) {
      T total{};
      for (std::size_t r = 0; r < rows; ++r) {
        const T d = y[r * cols + c] > 0 ? dy[r * cols + c] : T(0);
        dx[r * cols + c] = d;
        total += d;
      }
      sums[c] += total;
    }
    return;
  }
  const std::size_t block = cols < 4096 ? 4096 / (cols + 1) + 1 : 1;
  for (std::size_t r = 0; r < rows; r += block) {
    const std::size_t count = rows - r < block ? rows - r : block;
    const std::size_t at = r * cols;
    activate_backward<T>(f, count * cols, y + at, z ? z + at : nullptr, dy + at, dx + at);
    column_sum_add<T>(count, cols, dx + at, cols, sums);
  }
}

template <class T>
struct shifted_exp_op {
  T shift;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[1], Vec<T> (&out)[1]) const { out[0] = vexp(in[0] - shift); }
};
template <class T>
FORETELL_KERNEL void shifted_exp(std::size_t n, const T* x, T top, T* y) {
  transform<T, 1, 1>(n, {x}, {y}, shifted_exp_op<T>{top});
}
template <class T>
struct shift_op {
  T top;
  T rest;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[1], Vec<T> (&out)[1]) const { out[0] = (in[0] - top) - rest; }
};
template <class T>
struct scale_op {
  T factor;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[1], Vec<T> (&out)[1]) const { out[0] = in[0] * factor; }
};
template <class T>
struct softmax_backward_op {
  T total;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2], Vec<T> (&out)[1]) const { out[0] = in[0] * (in[1] - total); }
};
template <class T>
struct log_softmax_backward_op {
  T total;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2], Vec<T> (&out)[1]) const {
    out[0] = in[1] - vexp(in[0]) * total;
  }
};

/// The sum of e^(x - top), in double.
template <class T>
FORETELL_KERNEL double sum_of_exponentials(std::size_t n, const T* x, T top) {
  constexpr std::size_t block = 256;
  alignas(64) T part[block];
  double total = 0;
  for (std::size_t i = 0; i < n; i += block) {
    const std::size_t count = n - i < block ? n - i : block;
    shifted_exp<T>(count, x + i, top, part);
    total += sum<T>(count, part);
  }
  return total;
}

/// Rows of few columns: the exponentials of many rows at once.
template <class T>
FORETELL_KERNEL void activate_short_rows(ActivationFunction f, std::size_t rows, std::size_t cols, const T* x, T* y) {
  constexpr std::size_t block = 1024;
  alignas(64) T powers[block];
  T tops[block];
  for (std::size_t count = block / cols; rows > 0; rows -= count, x += count * cols, y += count * cols) {
    if (count > rows) count = rows;
    for (std::size_t r = 0; r < count; ++r) {
      const T* const from = x + r * cols;
      tops[r] = max<T>(cols, from);
      for (std::size_t c = 0; c < cols; ++c) powers[r * cols + c] = from[c] - tops[r];
    }
    exp<T>(count * cols, powers, powers);
    for (std::size_t r = 0; r < count; ++r) {
      const double total = sum<T>(cols, powers + r * cols);
      if (f.kind == ActivationKind::softmax) {
        const T factor = static_cast<T>(1 / total);
        for (std::size_t i = r * cols; i < (r + 1) * cols; ++i) y[i] = powers[i] * factor;
      } else {
        const T rest = static_cast<T>(scalar::log(total));
        for (std::size_t i = r * cols; i < (r + 1) * cols; ++i) y[i] = (x[i] - tops[r]) - rest;
      }
    }
  }
}

template <class T>
FORETELL_KERNEL void activate_rows(ActivationFunction f, std::size_t rows, std::size_t cols, const T* x, T* y) {
  if (cols > 0 && cols < 32) return activate_short_rows<T>(f, rows, cols, x, y);
  for (std::size_t r = 0; r < rows; ++r, x += cols, y += cols) {
    const T top = max<T>(cols, x);
    if (f.kind == ActivationKind::softmax) {
      shifted_exp<T>(cols, x, top, y);
      transform<T, 1, 1>(cols, {y}, {y}, scale_op<T>{static_cast<T>(1 / sum<T>(cols, y))});
    } else {
      const T rest = static_cast<T>(scalar::log(sum_of_exponentials<T>(cols, x, top)));
      transform<T, 1, 1>(cols, {x}, {y}, shift_op<T>{top, rest});
    }
  }
}

template <class T>
FORETELL_KERNEL void activate_rows_backward(ActivationFunction f, std::size_t rows, std::size_t cols, const T* y,
                                            const T* dy, T* dx) {
  for (std::size_t r = 0; r < rows; ++r, y += cols, dy += cols, dx += cols) {
    if (f.kind == ActivationKind::softmax)
      transform<T, 2, 1>(cols, {y, dy}, {dx}, softmax_backward_op<T>{static_cast<T>(dot<T>(cols, y, dy))});
    else
      transform<T, 2, 1>(cols, {y, dy}, {dx}, log_softmax_backward_op<T>{static_cast<T>(sum<T>(cols, dy))});
  }
}

template <class T>
struct add_op {
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2], Vec<T> (&out)[1]) const { out[0] = in[0] + in[1]; }
};
template <class T>
struct multiply_op {
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2], Vec<T> (&out)[1]) const { out[0] = in[0] * in[1]; }
};
template <class T>
struct maximum_op {
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2], Vec<T> (&out)[1]) const {
    out[0] = in[0] > in[1] ? in[0] : in[1];
  }
};
template <class T>
struct move_where_equal_op {  // a, b, from, to -> from, to
  FORETELL_INLINE void operator()(const Vec<T> (&in)[4], Vec<T> (&out)[2]) const {
    out[0] = in[0] == in[1] ? Vec<T>{} : in[2];
    out[1] = in[0] == in[1] ? in[3] + in[2] : in[3];
  }
};
template <class T>
struct axpy_op {
  T factor;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2], Vec<T> (&out)[1]) const { out[0] = in[1] + factor * in[0]; }
};

template <class T>
FORETELL_KERNEL void add_to(std::size_t n, const T* a, const T* b, T* y) {
  transform<T, 2, 1>(n, {a, b}, {y}, add_op<T>{});
}
template <class T>
FORETELL_KERNEL void multiply(std::size_t n, const T* a, const T* b, T* y) {
  transform<T, 2, 1>(n, {a, b}, {y}, multiply_op<T>{});
}
template <class T>
FORETELL_KERNEL void maximum(std::size_t n, const T* a, const T* b, T* y) {
  transform<T, 2, 1>(n, {a, b}, {y}, maximum_op<T>{});
}
template <class T>
FORETELL_KERNEL void move_where_equal(std::size_t n, const T* a, const T* b, T* from, T* to) {
  transform<T, 4, 2>(n, {a, b, from, to}, {from, to}, move_where_equal_op<T>{});
}
template <class T>
FORETELL_KERNEL void scale(std::size_t n, T factor, T* y) {
  transform<T, 1, 1>(n, {y}, {y}, scale_op<T>{factor});
}
template <class T>
FORETELL_KERNEL void axpy(std::size_t n, T factor, const T* x, T* y) {
  transform<T, 2, 1>(n, {x, y}, {y}, axpy_op<T>{factor});
}
template <class T>
FORETELL_KERNEL void add_row(std::size_t rows, std::size_t cols, const T* row, T* y) {
  for (std::size_t r = 0; r < rows; ++r) transform<T, 2, 1>(cols, {row, y + r * cols}, {y + r * cols}, add_op<T>{});
}

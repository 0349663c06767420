// SPDX-License-Identifier: BSD-3-Clause
// Normalisation: statistics in double, the rest a vector at a time.

template <class T>
struct centered_square_op {
  double mean;
  FORETELL_INLINE double operator()(double a, double) const { return (a - mean) * (a - mean); }
  FORETELL_INLINE Vec<double> operator()(Vec<double> a, Vec<double>) const { return (a - mean) * (a - mean); }
};
struct centered_product_op {
  double mean;
  FORETELL_INLINE double operator()(double a, double b) const { return (a - mean) * b; }
  FORETELL_INLINE Vec<double> operator()(Vec<double> a, Vec<double> b) const { return (a - mean) * b; }
};

/// y = (x - mean) rstd gamma + beta; In is 1, 2 (gamma) or 3 (gamma, beta).
template <class T, std::size_t In>
struct normalize_op {
  T mean;
  T rstd;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[In], Vec<T> (&out)[1]) const {
    Vec<T> y = (in[0] - mean) * rstd;
    if constexpr (In >= 2) y *= in[1];
    if constexpr (In >= 3) y += in[2];
    out[0] = y;
  }
};

template <class T>
FORETELL_KERNEL void layer_norm(std::size_t rows, std::size_t cols, const T* x, const T* gamma, const T* beta,
                                double epsilon, T* y, T* mean, T* rstd) {
  const double share = 1 / static_cast<double>(cols);
  for (std::size_t r = 0; r < rows; ++r, x += cols, y += cols) {
    const double m = sum<T>(cols, x) * share;
    const double variance = accumulate<T>(cols, x, x, centered_square_op<T>{m}) * share;
    mean[r] = static_cast<T>(m);
    rstd[r] = static_cast<T>(1 / __builtin_sqrt(variance + epsilon));
    if (gamma && beta)
      transform<T, 3, 1>(cols, {x, gamma, beta}, {y}, normalize_op<T, 3>{mean[r], rstd[r]});
    else if (gamma)
      transform<T, 2, 1>(cols, {x, gamma}, {y}, normalize_op<T, 2>{mean[r], rstd[r]});
    else
      transform<T, 1, 1>(cols, {x}, {y}, normalize_op<T, 1>{mean[r], rstd[r]});
    if (beta && !gamma) transform<T, 2, 1>(cols, {y, beta}, {y}, add_op<T>{});
  }
}

/// dgamma += dy (x - mean) rstd, dbeta += dy.
template <class T>
struct scale_gradient_op {
  T mean;
  T rstd;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[3], Vec<T> (&out)[1]) const {
    out[0] = in[2] + in[1] * ((in[0] - mean) * rstd);
  }
};

/// dx = rstd (g - mean_g - x_hat mean_g_hat) from x and g.
template <class T>
struct normalize_backward_op {
  T mean;
  T rstd;
  T mean_g;
  T mean_g_hat;
  FORETELL_INLINE void operator()(const Vec<T> (&in)[2], Vec<T> (&out)[1]) const {
    out[0] = rstd * (in[1] - mean_g - (in[0] - mean) * rstd * mean_g_hat);
  }
};

template <class T>
FORETELL_KERNEL void layer_norm_backward(std::size_t rows, std::size_t cols, const T* x, const T* gamma, const T* mean,
                                         const T* rstd, const T* dy, T* dx, T* dgamma, T* dbeta) {
  constexpr std::size_t block = 256;
  alignas(64) T weighted[block];
  for (std::size_t r = 0; r < rows; ++r, x += cols, dy += cols) {
    if (dgamma) transform<T, 3, 1>(cols, {x, dy, dgamma}, {dgamma}, scale_gradient_op<T>{mean[r], rstd[r]});
    if (dbeta) transform<T, 2, 1>(cols, {dy, dbeta}, {dbeta}, add_op<T>{});
    if (!dx) continue;
    double total = 0;
    double total_hat = 0;
    for (std::size_t c = 0; c < cols; c += block) {
      const std::size_t count = cols - c < block ? cols - c : block;
      const T* g = dy + c;
      if (gamma) {
        transform<T, 2, 1>(count, {dy + c, gamma + c}, {weighted}, multiply_op<T>{});
        g = weighted;
      }
      total += sum<T>(count, g);
      total_hat += accumulate<T>(count, x + c, g, centered_product_op{static_cast<double>(mean[r])});
    }
    total_hat *= static_cast<double>(rstd[r]);
    const double share = 1 / static_cast<double>(cols);
    const normalize_backward_op<T> op{mean[r], rstd[r], static_cast<T>(total * share),
                                      static_cast<T>(total_hat * share)};
    for (std::size_t c = 0; c < cols; c += block) {
      const std::size_t count = cols - c < block ? cols - c : block;
      if (gamma) transform<T, 2, 1>(count, {dy + c, gamma + c}, {weighted}, multiply_op<T>{});
      transform<T, 2, 1>(count, {x + c, gamma ? weighted : dy + c}, {dx + c}, op);
    }
    dx += cols;
  }
}

/// How many channels are summed at a time, their sums on the stack.
inline constexpr std::size_t channel_block = 64;

/// sums[c] += op(x[r][c], y[r][c], centre[c]) over the rows, in double.
template <class T, class Op>
FORETELL_INLINE void sum_channels(std::size_t rows, std::size_t count, const T* x, const T* y, std::size_t stride,
                                  const double* centre, double* sums, const Op& op) {
  constexpr std::size_t lanes = Simd<double>::lanes;
  for (std::size_t c = 0; c < count; ++c) sums[c] = 0;
  for (std::size_t r = 0; r < rows; ++r, x += stride, y += stride) {
    std::size_t c = 0;
    for (; c + lanes <= count; c += lanes)
      store<double>(sums + c,
                    load<double>(sums + c) + op(load_double(x + c), load_double(y + c), load<double>(centre + c)));
    for (; c < count; ++c) sums[c] += op(static_cast<double>(x[c]), static_cast<double>(y[c]), centre[c]);
  }
}
struct channel_sum_op {
  template <class V>
  FORETELL_INLINE V operator()(V x, V, V) const {
    return x;
  }
};
struct channel_square_op {
  template <class V>
  FORETELL_INLINE V operator()(V x, V, V centre) const {
    return (x - centre) * (x - centre);
  }
};
struct channel_product_op {
  template <class V>
  FORETELL_INLINE V operator()(V x, V y, V centre) const {
    return (x - centre) * y;
  }
};

/// y = (x - mean) scale + beta, channel by channel.
template <class T>
struct channel_normalize_op {
  FORETELL_INLINE void operator()(const Vec<T> (&in)[4], Vec<T> (&out)[1]) const {
    out[0] = (in[0] - in[1]) * in[2] + in[3];
  }
};

template <class T>
FORETELL_KERNEL void batch_norm(std::size_t rows, std::size_t channels, const T* x, const T* gamma, const T* beta,
                                double epsilon, T* y, T* mean, T* variance, T* rstd) {
  const double share = 1 / static_cast<double>(rows);
  alignas(64) double centre[channel_block];
  alignas(64) double sums[channel_block];
  alignas(64) T scale[channel_block];
  alignas(64) T shift[channel_block];
  for (std::size_t c0 = 0; c0 < channels; c0 += channel_block) {
    const std::size_t count = channels - c0 < channel_block ? channels - c0 : channel_block;
    for (std::size_t c = 0; c < count; ++c) centre[c] = 0;
    sum_channels<T>(rows, count, x + c0, x + c0, channels, centre, sums, channel_sum_op{});
    for (std::size_t c = 0; c < count; ++c) centre[c] = sums[c] * share;
    sum_channels<T>(rows, count, x + c0, x + c0, channels, centre, sums, channel_square_op{});
    for (std::size_t c = 0; c < count; ++c) {
      const double spread = sums[c] * share;
      mean[c0 + c] = static_cast<T>(centre[c]);
      variance[c0 + c] = static_cast<T>(spread);
      rstd[c0 + c] = static_cast<T>(1 / __builtin_sqrt(spread + epsilon));
      scale[c] = rstd[c0 + c] * (gamma ? gamma[c0 + c] : T(1));
      shift[c] = beta ? beta[c0 + c] : T(0);
    }
    for (std::size_t i = c0; i < rows * channels; i += channels)
      transform<T, 4, 1>(count, {x + i, mean + c0, scale, shift}, {y + i}, channel_normalize_op<T>{});
  }
}

/// dx = scale (dy - mean_g - (x - mean) slope), channel by channel.
template <class T>
struct channel_backward_op {
  FORETELL_INLINE void operator()(const Vec<T> (&in)[6], Vec<T> (&out)[1]) const {
    out[0] = in[3] * (in[1] - in[4] - (in[0] - in[2]) * in[5]);
  }
};

template <class T>
FORETELL_KERNEL void batch_norm_backward(std::size_t rows, std::size_t channels, const T* x, const T* gamma,
                                         const T* mean, const T* rstd, const T* dy, T* dx, T* dgamma, T* dbeta) {
  const double share = 1 / static_cast<double>(rows);
  alignas(64) double centre[channel_block];
  alignas(64) double sums[channel_block];
  alignas(64) double products[channel_block];
  alignas(64) T scale[channel_block];
  alignas(64) T mean_g[channel_block];
  alignas(64) T slope[channel_block];
  for (std::size_t c0 = 0; c0 < channels; c0 += channel_block) {
    const std::size_t count = channels - c0 < channel_block ? channels - c0 : channel_block;
    for (std::size_t c = 0; c < count; ++c) centre[c] = static_cast<double>(mean[c0 + c]);
    sum_channels<T>(rows, count, dy + c0, dy + c0, channels, centre, sums, channel_sum_op{});
    sum_channels<T>(rows, count, x + c0, dy + c0, channels, centre, products, channel_product_op{});
    for (std::size_t c = 0; c < count; ++c) {
      const double r = static_cast<double>(rstd[c0 + c]);
      if (dgamma) dgamma[c0 + c] += static_cast<T>(products[c] * r);
      if (dbeta) dbeta[c0 + c] += static_cast<T>(sums[c]);
      scale[c] = rstd[c0 + c] * (gamma ? gamma[c0 + c] : T(1));
      mean_g[c] = static_cast<T>(sums[c] * share);
      slope[c] = static_cast<T>(products[c] * r * r * share);
    }
    if (!dx) continue;
    for (std::size_t i = c0; i < rows * channels; i += channels)
      transform<T, 6, 1>(count, {x + i, dy + i, mean + c0, scale, mean_g, slope}, {dx + i}, channel_backward_op<T>{});
  }
}

template <class T>
struct scale_shift_op {
  FORETELL_INLINE void operator()(const Vec<T> (&in)[3], Vec<T> (&out)[1]) const { out[0] = in[0] * in[1] + in[2]; }
};
template <class T>
FORETELL_KERNEL void scale_shift(std::size_t rows, std::size_t channels, const T* x, const T* scale, const T* shift,
                                 T* y) {
  for (std::size_t r = 0; r < rows; ++r, x += channels, y += channels)
    transform<T, 3, 1>(channels, {x, scale, shift}, {y}, scale_shift_op<T>{});
}

// SPDX-License-Identifier: BSD-3-Clause
// Gates of recurrent layers, with the usual tanh and sigmoid. A masked row keeps its state.

template <class T>
struct lstm_op {  // z_i, z_f, z_g, z_o, c -> i, f, g, o, c, h
  FORETELL_INLINE void operator()(const Vec<T> (&in)[5], Vec<T> (&out)[6]) const {
    out[0] = vsigmoid(in[0]);
    out[1] = vsigmoid(in[1]);
    out[2] = vtanh(in[2]);
    out[3] = vsigmoid(in[3]);
    out[4] = out[1] * in[4] + out[0] * out[2];
    out[5] = out[3] * vtanh(out[4]);
  }
};
template <class T>
struct lstm_backward_op {  // i, f, g, o, c before, c, dh, dc -> dz_i, dz_f, dz_g, dz_o, dc before
  FORETELL_INLINE void operator()(const Vec<T> (&in)[8], Vec<T> (&out)[5]) const {
    const Vec<T> i = in[0], f = in[1], g = in[2], o = in[3], dh = in[6];
    const Vec<T> t = vtanh(in[5]);
    const Vec<T> dc = in[7] + dh * o * ((1 - t) * (1 + t));
    out[0] = dc * g * (i * (1 - i));
    out[1] = dc * in[4] * (f * (1 - f));
    out[2] = dc * i * ((1 - g) * (1 + g));
    out[3] = dh * t * (o * (1 - o));
    out[4] = dc * f;
  }
};
template <class T>
struct gru_op {  // z_z, z_r, z_h of the input, q of the state, h -> z, r, candidate, h
  FORETELL_INLINE void operator()(const Vec<T> (&in)[5], Vec<T> (&out)[4]) const {
    out[0] = vsigmoid(in[0]);
    out[1] = vsigmoid(in[1]);
    out[2] = vtanh(in[2] + out[1] * in[3]);
    out[3] = out[0] * in[4] + (1 - out[0]) * out[2];
  }
};
template <class T>
struct gru_backward_op {  // z, r, candidate, q, h before, dh -> dz_z, dz_r, dz_h, dq, dh before
  FORETELL_INLINE void operator()(const Vec<T> (&in)[6], Vec<T> (&out)[5]) const {
    const Vec<T> z = in[0], r = in[1], c = in[2], dh = in[5];
    const Vec<T> dc = dh * (1 - z) * ((1 - c) * (1 + c));
    out[0] = dh * (in[4] - c) * (z * (1 - z));
    out[1] = dc * in[3] * (r * (1 - r));
    out[2] = dc;
    out[3] = dc * r;
    out[4] = dh * z;
  }
};

template <class T>
FORETELL_KERNEL void lstm_step(std::size_t rows, std::size_t u, const std::uint8_t* mask, std::size_t mask_step, T* z,
                               const T* c_before, T* c, const T* h_before, T* h) {
  for (std::size_t r = 0; r < rows; ++r, z += 4 * u, c_before += u, c += u, h_before += u, h += u) {
    if (mask && !mask[r * mask_step]) {
      if (c != c_before) __builtin_memcpy(c, c_before, u * sizeof(T));
      if (h != h_before) __builtin_memcpy(h, h_before, u * sizeof(T));
      continue;
    }
    transform<T, 5, 6>(u, {z, z + u, z + 2 * u, z + 3 * u, c_before}, {z, z + u, z + 2 * u, z + 3 * u, c, h},
                       lstm_op<T>{});
  }
}

template <class T>
FORETELL_KERNEL void lstm_step_backward(std::size_t rows, std::size_t u, const std::uint8_t* mask,
                                        std::size_t mask_step, T* z, const T* c_before, const T* c, T* dh, T* dc) {
  for (std::size_t r = 0; r < rows; ++r, z += 4 * u, c_before += u, c += u, dh += u, dc += u) {
    if (mask && !mask[r * mask_step]) {
      __builtin_memset(z, 0, 4 * u * sizeof(T));
      continue;
    }
    transform<T, 8, 5>(u, {z, z + u, z + 2 * u, z + 3 * u, c_before, c, dh, dc}, {z, z + u, z + 2 * u, z + 3 * u, dc},
                       lstm_backward_op<T>{});
    __builtin_memset(dh, 0, u * sizeof(T));
  }
}

template <class T>
FORETELL_KERNEL void gru_step(std::size_t rows, std::size_t u, const std::uint8_t* mask, std::size_t mask_step, T* z,
                              const T* h_before, T* h) {
  for (std::size_t r = 0; r < rows; ++r, z += 4 * u, h_before += u, h += u) {
    if (mask && !mask[r * mask_step]) {
      if (h != h_before) __builtin_memcpy(h, h_before, u * sizeof(T));
      continue;
    }
    transform<T, 5, 4>(u, {z, z + u, z + 2 * u, z + 3 * u, h_before}, {z, z + u, z + 2 * u, h}, gru_op<T>{});
  }
}

template <class T>
FORETELL_KERNEL void gru_step_backward(std::size_t rows, std::size_t u, const std::uint8_t* mask, std::size_t mask_step,
                                       T* z, const T* h_before, T* dh) {
  for (std::size_t r = 0; r < rows; ++r, z += 4 * u, h_before += u, dh += u) {
    if (mask && !mask[r * mask_step]) {
      __builtin_memset(z, 0, 4 * u * sizeof(T));
      continue;
    }
    transform<T, 6, 5>(u, {z, z + u, z + 2 * u, z + 3 * u, h_before, dh}, {z, z + u, z + 2 * u, z + 3 * u, dh},
                       gru_backward_op<T>{});
  }
}

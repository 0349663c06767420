// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace foretell::kernels::ref {

inline double gate(double x) { return 1 / (1 + std::exp(-x)); }

template <class T>
void lstm_step(std::size_t rows, std::size_t u, const std::uint8_t* mask, std::size_t mask_step, T* z,
               const T* c_before, T* c, const T* h_before, T* h) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < u; ++j) {
      const std::size_t at = r * u + j;
      T* gates = z + r * 4 * u + j;
      if (mask && !mask[r * mask_step]) {
        c[at] = c_before[at];
        h[at] = h_before[at];
        continue;
      }
      const double i = gate(gates[0]), f = gate(gates[u]), g = std::tanh(double(gates[2 * u])), o = gate(gates[3 * u]);
      gates[0] = static_cast<T>(i);
      gates[u] = static_cast<T>(f);
      gates[2 * u] = static_cast<T>(g);
      gates[3 * u] = static_cast<T>(o);
      c[at] = static_cast<T>(f * static_cast<double>(c_before[at]) + i * g);
      h[at] = static_cast<T>(o * std::tanh(double(c[at])));
    }
}

template <class T>
void gru_step(std::size_t rows, std::size_t u, const std::uint8_t* mask, std::size_t mask_step, T* z, const T* h_before,
              T* h) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < u; ++j) {
      const std::size_t at = r * u + j;
      T* gates = z + r * 4 * u + j;
      if (mask && !mask[r * mask_step]) {
        h[at] = h_before[at];
        continue;
      }
      const double update = gate(gates[0]), reset = gate(gates[u]);
      const double candidate = std::tanh(double(gates[2 * u]) + reset * double(gates[3 * u]));
      gates[0] = static_cast<T>(update);
      gates[u] = static_cast<T>(reset);
      gates[2 * u] = static_cast<T>(candidate);
      h[at] = static_cast<T>(update * static_cast<double>(h_before[at]) + (1 - update) * candidate);
    }
}

template <class T>
void lstm_step_backward(std::size_t rows, std::size_t u, const std::uint8_t* mask, std::size_t mask_step, T* z,
                        const T* c_before, const T* c, T* dh, T* dc) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < u; ++j) {
      const std::size_t at = r * u + j;
      T* gates = z + r * 4 * u + j;
      if (mask && !mask[r * mask_step]) {
        gates[0] = gates[u] = gates[2 * u] = gates[3 * u] = 0;
        continue;
      }
      const double i = gates[0], f = gates[u], g = gates[2 * u], o = gates[3 * u], t = std::tanh(double(c[at]));
      const double d = dc[at] + dh[at] * o * (1 - t * t);
      gates[0] = static_cast<T>(d * g * i * (1 - i));
      gates[u] = static_cast<T>(d * c_before[at] * f * (1 - f));
      gates[2 * u] = static_cast<T>(d * i * (1 - g * g));
      gates[3 * u] = static_cast<T>(dh[at] * t * o * (1 - o));
      dc[at] = static_cast<T>(d * f);
      dh[at] = 0;
    }
}

template <class T>
void gru_step_backward(std::size_t rows, std::size_t u, const std::uint8_t* mask, std::size_t mask_step, T* z,
                       const T* h_before, T* dh) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < u; ++j) {
      const std::size_t at = r * u + j;
      T* gates = z + r * 4 * u + j;
      if (mask && !mask[r * mask_step]) {
        gates[0] = gates[u] = gates[2 * u] = gates[3 * u] = 0;
        continue;
      }
      const double update = gates[0], reset = gates[u], candidate = gates[2 * u], q = gates[3 * u], d = dh[at];
      const double dc = d * (1 - update) * (1 - candidate * candidate);
      gates[0] = static_cast<T>(d * (h_before[at] - candidate) * update * (1 - update));
      gates[u] = static_cast<T>(dc * q * reset * (1 - reset));
      gates[2 * u] = static_cast<T>(dc);
      gates[3 * u] = static_cast<T>(dc * reset);
      dh[at] = static_cast<T>(d * update);
    }
}

}  // namespace foretell::kernels::ref

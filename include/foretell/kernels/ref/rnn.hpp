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

}  // namespace foretell::kernels::ref

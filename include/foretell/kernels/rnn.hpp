// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>

#include "foretell/kernels/math.hpp"
#include "foretell/kernels/simd.hpp"

#define FORETELL_KERNEL_512
#define FORETELL_KERNEL_FILE "foretell/kernels/isa/rnn.inl"
#include "foretell/kernels/isa/each.hpp"

/// One time step of recurrent layers over `rows` rows of u units, with tanh and sigmoid. z has the gates of a row one
/// after the other: the values before their functions, then their outputs, then, backward, the gradients of the former.
/// A row is masked where mask[row * mask_step] is 0 (mask may be null): its state stays, its gradients are 0.
namespace foretell::kernels {

/// z [rows, 4u]: i, f, g, o. c = f c_before + i g, h = o tanh(c); c may be c_before, h may be h_before.
template <class T>
void lstm_step(std::size_t rows, std::size_t u, const std::uint8_t* mask, std::size_t mask_step, T* z,
               const T* c_before, T* c, const T* h_before, T* h) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, u, lstm_step<T>(rows, u, mask, mask_step, z, c_before, c, h_before, h));
}
/// dh and dc, by h and c, become those by what was before, as far as they do not go through z.
template <class T>
void lstm_step_backward(std::size_t rows, std::size_t u, const std::uint8_t* mask, std::size_t mask_step, T* z,
                        const T* c_before, const T* c, T* dh, T* dc) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, u, lstm_step_backward<T>(rows, u, mask, mask_step, z, c_before, c, dh, dc));
}

/// z [rows, 4u]: update z, reset r, candidate's part of the input, its part q of the state. h = z h_before + (1 - z)
/// tanh(input + r q).
template <class T>
void gru_step(std::size_t rows, std::size_t u, const std::uint8_t* mask, std::size_t mask_step, T* z, const T* h_before,
              T* h) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, u, gru_step<T>(rows, u, mask, mask_step, z, h_before, h));
}
template <class T>
void gru_step_backward(std::size_t rows, std::size_t u, const std::uint8_t* mask, std::size_t mask_step, T* z,
                       const T* h_before, T* dh) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, u, gru_step_backward<T>(rows, u, mask, mask_step, z, h_before, dh));
}

}  // namespace foretell::kernels

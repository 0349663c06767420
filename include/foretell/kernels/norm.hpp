// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>

#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/kernels/simd.hpp"

#define FORETELL_KERNEL_FILE "foretell/kernels/isa/norm.inl"
#include "foretell/kernels/isa/each.hpp"

/// Normalisation of rows x cols arrays without gaps. gamma and beta may be null (1 and 0). Statistics are summed in
/// double.
namespace foretell::kernels {

/// y = (x - mean) rstd gamma + beta, with each row's mean and rstd = 1 / sqrt(biased variance + epsilon), which are
/// stored [rows].
template <class T>
void layer_norm(std::size_t rows, std::size_t cols, const T* x, const T* gamma, const T* beta, double epsilon, T* y,
                T* mean, T* rstd) noexcept {
  FORETELL_DISPATCH_FLOAT(T, layer_norm<T>(rows, cols, x, gamma, beta, epsilon, y, mean, rstd));
}

/// dx is assigned (may be null, may be dy), dgamma and dbeta [cols] accumulate (may be null).
template <class T>
void layer_norm_backward(std::size_t rows, std::size_t cols, const T* x, const T* gamma, const T* mean, const T* rstd,
                         const T* dy, T* dx, T* dgamma, T* dbeta) noexcept {
  FORETELL_DISPATCH_FLOAT(T, layer_norm_backward<T>(rows, cols, x, gamma, mean, rstd, dy, dx, dgamma, dbeta));
}

/// Training form of batch normalisation: statistics of each channel (column) over the rows, biased variance; mean,
/// variance and rstd [channels] are stored.
template <class T>
void batch_norm(std::size_t rows, std::size_t channels, const T* x, const T* gamma, const T* beta, double epsilon, T* y,
                T* mean, T* variance, T* rstd) noexcept {
  FORETELL_DISPATCH_FLOAT(T, batch_norm<T>(rows, channels, x, gamma, beta, epsilon, y, mean, variance, rstd));
}

/// dx is assigned (may be null, may be dy), dgamma and dbeta [channels] accumulate (may be null).
template <class T>
void batch_norm_backward(std::size_t rows, std::size_t channels, const T* x, const T* gamma, const T* mean,
                         const T* rstd, const T* dy, T* dx, T* dgamma, T* dbeta) noexcept {
  FORETELL_DISPATCH_FLOAT(T, batch_norm_backward<T>(rows, channels, x, gamma, mean, rstd, dy, dx, dgamma, dbeta));
}

/// Inference form: y = x scale + shift for each channel.
template <class T>
void scale_shift(std::size_t rows, std::size_t channels, const T* x, const T* scale, const T* shift, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT(T, scale_shift<T>(rows, channels, x, scale, shift, y));
}

}  // namespace foretell::kernels

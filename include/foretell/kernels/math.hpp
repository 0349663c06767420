// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>

#include "foretell/kernels/simd.hpp"

namespace foretell::kernels::scalar {
inline double exp(double x) { return std::exp(x); }
inline double expm1(double x) { return std::expm1(x); }
inline double log(double x) { return std::log(x); }
inline double log1p(double x) { return std::log1p(x); }
inline double tanh(double x) { return std::tanh(x); }
inline double erf(double x) { return std::erf(x); }
inline double erfc(double x) { return std::erfc(x); }
}  // namespace foretell::kernels::scalar

#define FORETELL_KERNEL_512
#define FORETELL_KERNEL_FILE "foretell/kernels/isa/math.inl"
#include "foretell/kernels/isa/each.hpp"

/// Functions of arrays; y may be x. NaN gives NaN; +-0, infinities and denormals give what std:: gives.
namespace foretell::kernels {

template <class T>
void exp(std::size_t n, const T* x, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, n, exp<T>(n, x, y));
}

template <class T>
void log(std::size_t n, const T* x, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, n, log<T>(n, x, y));
}

template <class T>
void log1p(std::size_t n, const T* x, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, n, log1p<T>(n, x, y));
}

template <class T>
void tanh(std::size_t n, const T* x, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, n, tanh<T>(n, x, y));
}

template <class T>
void sigmoid(std::size_t n, const T* x, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, n, sigmoid<T>(n, x, y));
}

template <class T>
void erf(std::size_t n, const T* x, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, n, erf<T>(n, x, y));
}

template <class T>
void softplus(std::size_t n, const T* x, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, n, softplus<T>(n, x, y));
}

template <class T>
void sqrt(std::size_t n, const T* x, T* y) noexcept {
  FORETELL_DISPATCH_FLOAT_512(T, n, sqrt<T>(n, x, y));
}

}  // namespace foretell::kernels

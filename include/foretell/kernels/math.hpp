// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>

#include "foretell/kernels/ref/activation.hpp"

/// Functions of arrays; y may be x. NaN gives NaN; +-0, infinities and denormals give what std:: gives.
namespace foretell::kernels {

template <class T>
void exp(std::size_t n, const T* x, T* y) noexcept {
  for (std::size_t i = 0; i < n; ++i) y[i] = std::exp(x[i]);
}

template <class T>
void log(std::size_t n, const T* x, T* y) noexcept {
  for (std::size_t i = 0; i < n; ++i) y[i] = std::log(x[i]);
}

template <class T>
void log1p(std::size_t n, const T* x, T* y) noexcept {
  for (std::size_t i = 0; i < n; ++i) y[i] = std::log1p(x[i]);
}

template <class T>
void tanh(std::size_t n, const T* x, T* y) noexcept {
  for (std::size_t i = 0; i < n; ++i) y[i] = std::tanh(x[i]);
}

template <class T>
void sigmoid(std::size_t n, const T* x, T* y) noexcept {
  for (std::size_t i = 0; i < n; ++i) y[i] = ref::sigmoid_of(x[i]);
}

template <class T>
void erf(std::size_t n, const T* x, T* y) noexcept {
  for (std::size_t i = 0; i < n; ++i) y[i] = std::erf(x[i]);
}

template <class T>
void softplus(std::size_t n, const T* x, T* y) noexcept {
  for (std::size_t i = 0; i < n; ++i) y[i] = ref::softplus_of(x[i]);
}

template <class T>
void sqrt(std::size_t n, const T* x, T* y) noexcept {
  for (std::size_t i = 0; i < n; ++i) y[i] = std::sqrt(x[i]);
}

}  // namespace foretell::kernels

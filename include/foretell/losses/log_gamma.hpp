// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

// log Gamma and its differences for x > 0, by Stirling's series after a shift to x >= 8; std::lgamma writes a global.

namespace foretell::detail {

/// log(1 + x) - x, with all digits near 0.
inline double log1p_rest(double x) {
  if (std::abs(x) > 0.02) return std::log1p(x) - x;
  double term = -x * x, sum = 0;
  for (int k = 2; k < 12; ++k, term *= -x) sum += term / k;
  return sum;
}

/// log Gamma(x) = (x - 1/2) log x - x + log(2 pi) / 2 + this.
inline double stirling_rest(double x) {
  const double s = 1 / (x * x);
  return (1. / 12 - s * (1. / 360 - s * (1. / 1260 - s * (1. / 1680 - s * (1. / 1188 - s * 691. / 360360))))) / x;
}
/// Its derivative, without the sign: digamma(x) = log x - 1 / (2 x) - this.
inline double digamma_rest(double x) {
  const double s = 1 / (x * x);
  return s * (1. / 12 - s * (1. / 120 - s * (1. / 252 - s * (1. / 240 - s * (1. / 132 - s * 691. / 32760)))));
}

inline constexpr double stirling_from = 8;

inline double log_gamma(double x) {
  double shift = 1;
  for (; x < stirling_from; ++x) shift *= x;
  return (x - 0.5) * std::log(x) - x + 0.918938533204672741780 + stirling_rest(x) - std::log(shift);
}

/// log Gamma(r + y) - log Gamma(r) - y log r and its derivative by r, for y >= 0 and r > 0: the digits are kept where r
/// is far larger than y, and both go to 0.
struct GammaRise {
  double value, slope;
};
inline GammaRise gamma_rise(double r, double y) {
  GammaRise rise{0, 0};
  double from = r;
  for (; from < stirling_from; ++from) {  // Gamma(x) = Gamma(x + 1) / x
    rise.value -= std::log1p(y / from);
    rise.slope += y / (from * (from + y));
  }
  const double u = y / from;
  if (from != r) {
    rise.value += y * std::log(from / r);
    rise.slope += u - y / r;
  }
  rise.value += (from + y - 0.5) * std::log1p(u) - y + (stirling_rest(from + y) - stirling_rest(from));
  rise.slope += log1p_rest(u) + y / (2 * from * (from + y)) - (digamma_rest(from + y) - digamma_rest(from));
  return rise;
}

}  // namespace foretell::detail

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "foretell/preprocessing/block.hpp"

namespace foretell::detail {

/// Adds x^T x of the rows of a block to the square matrix `sum`, its upper triangle only.
inline void add_products(Block x, std::vector<double>& sum) {
  const std::size_t n = x.columns;
  std::size_t r = 0;
  for (; r + 4 <= x.rows; r += 4) {
    const double *a = x.row(r), *b = x.row(r + 1), *c = x.row(r + 2), *d = x.row(r + 3);
    for (std::size_t i = 0; i < n; ++i) {
      const double p = a[i], q = b[i], s = c[i], t = d[i];
      double* const row = sum.data() + i * n;
      for (std::size_t j = i; j < n; ++j) row[j] += p * a[j] + q * b[j] + (s * c[j] + t * d[j]);
    }
  }
  for (; r < x.rows; ++r)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = i; j < n; ++j) sum[i * n + j] += x(r, i) * x(r, j);
}

/// Eigenvalues in descending order, and the unit eigenvectors, one a row.
struct Eigen {
  std::vector<double> values, vectors;
};

/// Makes a symmetric matrix tridiagonal by reflections (Householder): the diagonal, what stands beside it, and the
/// basis, one vector a row.
inline void tridiagonal(std::size_t n, std::vector<double>& a, std::vector<double>& diagonal,
                        std::vector<double>& beside, std::vector<double>& basis) {
  std::vector<double> weight(n), w(n);
  diagonal.assign(n, 0);
  beside.assign(n, 0);
  for (std::size_t k = 0; k < n; ++k) {
    double* const v = a.data() + k * n;  // its part behind k becomes the vector of the reflection
    diagonal[k] = v[k];
    if (k + 2 > n) break;
    double largest = 0, square = 0;
    for (std::size_t i = k + 2; i < n; ++i) largest = std::max(largest, std::abs(v[i]));
    if (largest == 0) {
      beside[k] = v[k + 1];
      continue;
    }
    largest = std::max(largest, std::abs(v[k + 1]));
    for (std::size_t i = k + 1; i < n; ++i) square += v[i] / largest * (v[i] / largest);
    const double first = v[k + 1] / largest, length = first > 0 ? -std::sqrt(square) : std::sqrt(square);
    beside[k] = length * largest;
    weight[k] = 1 / (square - first * length);  // 2 / (v v)
    for (std::size_t i = k + 1; i < n; ++i) v[i] /= largest;
    v[k + 1] -= length;
    double along = 0;
    for (std::size_t i = k + 1; i < n; ++i) {
      double sum = 0;
      for (std::size_t j = k + 1; j < n; ++j) sum += a[i * n + j] * v[j];
      w[i] = weight[k] * sum;
      along += w[i] * v[i];
    }
    for (std::size_t i = k + 1; i < n; ++i) w[i] -= weight[k] / 2 * along * v[i];
    for (std::size_t i = k + 1; i < n; ++i)
      for (std::size_t j = k + 1; j < n; ++j) a[i * n + j] -= v[i] * w[j] + w[i] * v[j];
  }
  basis.assign(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) basis[i * n + i] = 1;
  for (std::size_t k = n; k-- > 0;) {
    if (weight[k] == 0) continue;
    const double* const v = a.data() + k * n;
    std::fill(w.begin(), w.end(), 0.0);
    for (std::size_t i = k + 1; i < n; ++i)
      for (std::size_t j = k + 1; j < n; ++j) w[j] += v[i] * basis[i * n + j];
    for (std::size_t i = k + 1; i < n; ++i)
      for (std::size_t j = k + 1; j < n; ++j) basis[i * n + j] -= weight[k] * v[i] * w[j];
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < i; ++j) std::swap(basis[i * n + j], basis[j * n + i]);
}

/// The eigenvalues and eigenvectors of a symmetric n x n matrix of finite numbers, of which the upper triangle is read:
/// Householder's reflections, then the QL iteration with implicit shifts.
inline Eigen symmetric_eigen(std::size_t n, std::vector<double> a) {
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < i; ++j) a[i * n + j] = a[j * n + i];
  std::vector<double> d, e, basis;
  tridiagonal(n, a, d, e, basis);
  for (std::size_t low = 0; low < n; ++low)
    for (int round = 0; round < 100; ++round) {
      std::size_t high = low;
      while (high + 1 < n &&
             std::abs(e[high]) > std::numeric_limits<double>::epsilon() * (std::abs(d[high]) + std::abs(d[high + 1])))
        ++high;
      if (high == low) break;
      const double slope = (d[low + 1] - d[low]) / (2 * e[low]);
      double g = d[high] - d[low] + e[low] / (slope + std::copysign(std::hypot(slope, 1), slope));
      double s = 1, c = 1, p = 0;
      std::size_t i = high;
      while (i-- > low) {
        const double f = s * e[i], b = c * e[i], r = std::hypot(f, g);
        e[i + 1] = r;
        if (r == 0) {
          d[i + 1] -= p;
          e[high] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        const double t = (d[i] - g) * s + 2 * c * b;
        p = s * t;
        d[i + 1] = g + p;
        g = c * t - b;
        double *const x = basis.data() + i * n, *const y = x + n;
        for (std::size_t j = 0; j < n; ++j) {
          const double old = y[j];
          y[j] = s * x[j] + c * old;
          x[j] = c * x[j] - s * old;
        }
      }
      if (i + 1 != low) continue;  // stopped early
      d[low] -= p;
      e[low] = g;
      e[high] = 0;
    }
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return d[i] > d[j]; });
  Eigen eigen;
  for (const std::size_t i : order) {
    eigen.values.push_back(d[i]);
    eigen.vectors.insert(eigen.vectors.end(), basis.data() + i * n, basis.data() + (i + 1) * n);
  }
  return eigen;
}

}  // namespace foretell::detail

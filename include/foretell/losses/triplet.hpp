// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include "foretell/kernels/gemm.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/losses/loss.hpp"
#include "foretell/losses/truth.hpp"

namespace foretell {

struct TripletOptions {
  double margin = 1;  ///< how much farther than the farthest of its own class the nearest of another should be
};

/// max(0, margin + distance to the farthest row of the same class - distance to the nearest row of another), in the
/// batch (batch hard: Hermans and others 2017). Predictions are embeddings, compared by Euclidean distance; the truth
/// is the class of each row. A row that lacks either counts 0. It needs memory for rows x rows numbers, from the heap.
class Triplet {
 public:
  static constexpr std::string_view name = "triplet";
  static constexpr bool whole_batch = true;
  Triplet(TripletOptions options = {}) : options_(options) {}

  template <class T>
  double operator()(const LossCall<T>& call) const {
    const std::size_t n = call.prediction.rows(), d = call.prediction.row_size();
    const T* x = call.prediction.data();
    const T* classes = call.truth.data();
    if (call.truth.size() != n)
      throw ShapeError(text(name, ": expected one class for each of ", n, " rows, received ", call.truth.size()));
    if (call.gradient) std::fill_n(call.gradient.data(), n * d, T(0));
    std::vector<T> products(n * n);
    kernels::gemm_nt(n, n, d, x, d, x, d, products.data(), n, false);
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double weight = call.weights ? static_cast<double>(call.weights[i]) : 1;
      if (weight == 0) continue;
      // |x_j|^2 - 2 x_i x_j orders the distances from row i; the two that count are computed anew, with all digits.
      std::size_t far = n, near = n;
      double farthest = 0, nearest = 0;
      for (std::size_t j = 0; j < n; ++j) {
        const double order = static_cast<double>(products[j * n + j]) - 2 * static_cast<double>(products[i * n + j]);
        if (classes[j] == classes[i]) {
          if (j != i && (far == n || order > farthest)) far = j, farthest = order;
        } else if (near == n || order < nearest) {
          near = j, nearest = order;
        }
      }
      if (far == n || near == n) continue;
      const double own = distance(d, x + i * d, x + far * d), other = distance(d, x + i * d, x + near * d);
      const double loss = options_.margin + own - other;
      if (loss <= 0) continue;  // NaN counts
      total += weight * loss;
      if (!call.gradient) continue;
      pull(call, i, far, own, weight * call.scale);
      pull(call, i, near, other, -weight * call.scale);
    }
    return total;
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_truth_shape(name, truth, Shape{}, prediction, "give each row its class");
    detail::check_truth_values(name, truth);
  }
  void check() const {
    if (!(options_.margin > 0) || !std::isfinite(options_.margin))
      throw ConfigError(text(name, ": expected a finite margin above 0, received ", options_.margin));
  }
  void fields(auto&& f) { f("margin", options_.margin); }

 private:
  template <class T>
  static double distance(std::size_t d, const T* a, const T* b) {
    double sum = 0;
    for (std::size_t k = 0; k < d; ++k) {
      const double e = static_cast<double>(a[k]) - static_cast<double>(b[k]);
      sum += e * e;
    }
    return std::sqrt(sum);
  }
  /// Adds `share` times the slopes of the distance of rows i and j, which have none where they are equal.
  template <class T>
  static void pull(const LossCall<T>& call, std::size_t i, std::size_t j, double distance, double share) {
    if (distance == 0) return;
    const std::size_t d = call.prediction.row_size();
    const T *a = call.prediction.row(i), *b = call.prediction.row(j);
    T *ga = call.gradient.row(i), *gb = call.gradient.row(j);
    for (std::size_t k = 0; k < d; ++k) {
      const T slope = static_cast<T>(share * (static_cast<double>(a[k]) - static_cast<double>(b[k])) / distance);
      ga[k] += slope;
      gb[k] -= slope;
    }
  }

  TripletOptions options_;
};

}  // namespace foretell

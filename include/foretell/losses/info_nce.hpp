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
#include "foretell/losses/sampled_softmax.hpp"
#include "foretell/losses/softmax_row.hpp"

namespace foretell {

struct InfoNCEOptions {
  double temperature = 0.1;    ///< similarities are divided by it
  bool normalize = true;       ///< compare directions only, by the cosine; else by the dot product
  std::size_t vocabulary = 0;  ///< items appear log-uniformly, by their ids, and are corrected for; 0: no correction
};

/// Contrastive loss with the other rows of the batch as negatives (van den Oord and others 2018; the correction Yi and
/// others 2019): -log softmax of a row's query with all keys of the batch, at its own. The prediction is query and key,
/// one after the other, such as Concatenate makes of two towers; the truth is the id of the key's item, and equal items
/// are not each other's negatives. It needs memory for rows x rows numbers, from the heap.
class InfoNCE {
 public:
  static constexpr std::string_view name = "info_nce";
  static constexpr bool whole_batch = true;
  InfoNCE(InfoNCEOptions options = {}) : options_(options) {}

  template <class T>
  double operator()(const LossCall<T>& call) const {
    check_shape(call.prediction.shape());
    const std::size_t n = call.prediction.rows(), d = call.prediction.back() / 2;
    if (n == 0) return 0;
    std::vector<T> units(n * 2 * d), similar(n * n), row(n);
    std::vector<double> lengths(2 * n, 1.0);
    for (std::size_t v = 0; v < 2 * n; ++v) {
      const T* from = call.prediction.data() + v * d;
      if (options_.normalize) lengths[v] = std::max(std::sqrt(kernels::sum_of_squares(d, from)), shortest);
      for (std::size_t i = 0; i < d; ++i) units[v * d + i] = static_cast<T>(static_cast<double>(from[i]) / lengths[v]);
    }
    const T *queries = units.data(), *keys = units.data() + d;
    kernels::gemm_nt(n, n, d, queries, 2 * d, keys, 2 * d, similar.data(), n, false);
    std::vector<double> shares(n);
    for (std::size_t j = 0; options_.vocabulary > 0 && j < n; ++j)
      shares[j] = log_uniform_share(static_cast<double>(call.truth.data()[j]), options_.vocabulary);

    double total = 0;
    for (std::size_t i = 0; i < n; ++i) {
      T* s = similar.data() + i * n;
      const double weight = call.weights ? static_cast<double>(call.weights[i]) : 1;
      if (weight == 0) {
        std::fill_n(s, n, T(0));
        continue;
      }
      for (std::size_t j = 0; j < n; ++j)
        row[j] = j != i && call.truth.data()[j] == call.truth.data()[i]
                     ? -std::numeric_limits<T>::infinity()
                     : static_cast<T>(static_cast<double>(s[j]) / options_.temperature - shares[j]);
      total += weight * detail::cross_entropy_of_logits(n, i, row.data(), s);
      kernels::scale(n, weight * call.scale / options_.temperature, s);
    }
    if (call.gradient) {
      T* g = call.gradient.data();
      kernels::gemm_nn(n, d, n, similar.data(), n, keys, 2 * d, g, 2 * d, false);
      kernels::gemm_tn(n, d, n, similar.data(), n, queries, 2 * d, g + d, 2 * d, false);
      for (std::size_t v = 0; options_.normalize && v < 2 * n; ++v) {
        const T* unit = units.data() + v * d;
        const double along = lengths[v] > shortest ? kernels::dot(d, unit, g + v * d) : 0;
        for (std::size_t i = 0; i < d; ++i)
          g[v * d + i] =
              static_cast<T>((static_cast<double>(g[v * d + i]) - along * static_cast<double>(unit[i])) / lengths[v]);
      }
    }
    return total;
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    check_shape(prediction);
    detail::check_truth_shape(name, truth, Shape{}, prediction, "give each row the id of its item");
    detail::check_item_ids(name, truth, options_.vocabulary);
  }
  void check() const {
    if (!(options_.temperature > 0) || !std::isfinite(options_.temperature))
      throw ConfigError(text(name, ": expected a finite temperature above 0, received ", options_.temperature));
  }
  void fields(auto&& f) {
    f("temperature", options_.temperature);
    f("normalize", options_.normalize);
    f("vocabulary", options_.vocabulary);
  }

 private:
  static constexpr double shortest = 1e-12;

  static void check_shape(const Shape& prediction) {
    if (prediction.rank() != 1 || prediction.size() == 0 || prediction.size() % 2 != 0)
      throw ShapeError(text(name, ": expected rows of a query and a key of equal length, received ",
                            rows_text(prediction), "; end the model in Concatenate of two towers"));
  }

  InfoNCEOptions options_;
};

}  // namespace foretell

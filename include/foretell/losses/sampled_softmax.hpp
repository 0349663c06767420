// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include "foretell/core/exact.hpp"
#include "foretell/losses/softmax_row.hpp"
#include "foretell/losses/sum.hpp"
#include "foretell/losses/truth.hpp"

namespace foretell {

/// log of the share of draws that are `id` when ids 0 .. vocabulary - 1, the most frequent first, are drawn
/// log-uniformly (Zipf's law): log(1 + 1 / (id + 1)) / log(vocabulary + 1).
inline double log_uniform_share(double id, std::size_t vocabulary) {
  return std::log(std::log1p(1 / (id + 1)) / std::log1p(static_cast<double>(vocabulary)));
}

struct SampledSoftmaxOptions {
  std::size_t vocabulary = 0;  ///< of the log-uniform draws of candidates, which are corrected for; 0 for uniform draws
};

namespace detail {

/// Throws DataError unless all are whole numbers from 0 that T tells apart, below `vocabulary` where that is above 0.
template <class T>
void check_item_ids(std::string_view loss, In<T> truth, std::size_t vocabulary) {
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const double id = static_cast<double>(truth.data()[i]);
    if (!(id >= 0 && std::isfinite(id) && id == std::floor(id)) || id >= exact_below<T> ||
        (vocabulary > 0 && !(id < static_cast<double>(vocabulary))))
      throw DataError(text(loss, ": expected item ids, whole numbers from 0",
                           vocabulary ? text(" to ", vocabulary - 1) : std::string(), ", received ", id, " in row ",
                           i / truth.row_size(), ", counted from 0; ",
                           id < exact_below<T> ? "number the items from 0, the most frequent first"
                                               : "ids of that size need a network of double"));
  }
}

}  // namespace detail

/// Softmax cross-entropy over sampled candidates in place of all items (Jean and others 2015). Predictions are scores
/// of candidates along the last axis, the true item first; the truth has their ids. Each score has the log of how often
/// its item is drawn taken off, and a candidate that is the true item again does not count.
class SampledSoftmax {
 public:
  static constexpr std::string_view name = "sampled_softmax";
  SampledSoftmax(SampledSoftmaxOptions options = {}) : options_(options) {}

  template <class T>
  double operator()(const LossCall<T>& call) const {
    const std::size_t items = call.prediction.back();
    std::vector<T> corrected(items);
    return detail::sum_losses(
        name, call, items, items, [&](std::size_t n, const T* truth, const T* scores, T* losses, T* gradient) {
          for (std::size_t i = 0; i < n; ++i) {
            const T *ids = truth + i * items, *s = scores + i * items;
            for (std::size_t c = 0; c < items; ++c) {
              const double share =
                  options_.vocabulary ? log_uniform_share(static_cast<double>(ids[c]), options_.vocabulary) : 0;
              corrected[c] = c > 0 && ids[c] == ids[0] ? -std::numeric_limits<T>::infinity()
                                                       : static_cast<T>(static_cast<double>(s[c]) - share);
            }
            losses[i] = static_cast<T>(
                detail::cross_entropy_of_logits(items, 0, corrected.data(), gradient ? gradient + i * items : nullptr));
          }
        });
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_classes(name, prediction);
    detail::check_truth_shape(name, truth, prediction, prediction, "give each candidate its id, the true item first");
    detail::check_item_ids(name, truth, options_.vocabulary);
  }
  void check_output(const OutputFacts& output) const { detail::check_raw(name, output); }
  bool takes_logits() const { return true; }
  void fields(auto&& f) { f("vocabulary", options_.vocabulary); }

 private:
  SampledSoftmaxOptions options_;
};

}  // namespace foretell

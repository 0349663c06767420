// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>

#include "foretell/losses/softmax_row.hpp"

namespace foretell {

struct SparseCategoricalCrossentropyOptions {
  bool from_logits = false;  ///< the model ends in a linear layer whose values go through a softmax here
};

/// -log(p_id) over the last axis; the truth is a class id 0, 1, ... for each position. Otherwise as
/// CategoricalCrossentropy.
class SparseCategoricalCrossentropy {
 public:
  static constexpr std::string_view name = "sparse_categorical_crossentropy";
  static constexpr bool signed_weights = true;
  SparseCategoricalCrossentropy(SparseCategoricalCrossentropyOptions options = {}) : options_(options) {}

  bool fuses(ActivationFunction f) const { return detail::fuses_softmax(name, options_.from_logits, f); }

  /// An id that is none gives NaN.
  template <class T>
  double operator()(const LossCall<T>& call) const {
    const std::size_t classes = call.prediction.back();
    const bool logits = options_.from_logits || kernels::is_rowwise(call.fused.kind);
    return detail::sum_losses(
        name, call, classes, 1, [&](std::size_t n, const T* truth, const T* prediction, T* losses, T* gradient) {
          for (std::size_t i = 0; i < n; ++i) {
            const T* p = prediction + i * classes;
            T* g = gradient ? gradient + i * classes : nullptr;
            losses[i] = std::numeric_limits<T>::quiet_NaN();
            if (is_class(static_cast<double>(truth[i]), classes)) {
              const std::size_t id = static_cast<std::size_t>(truth[i]);
              losses[i] = static_cast<T>(logits ? detail::cross_entropy_of_logits(classes, id, p, g)
                                                : of_probabilities(classes, id, p, g));
            } else if (g) {
              std::fill_n(g, classes, losses[i]);
            }
          }
        });
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_classes(name, prediction);
    const Shape positions(prediction.begin(), prediction.end() - 1);
    detail::check_truth_shape(name, truth, positions, prediction, "for one number a class use CategoricalCrossentropy");
    for (std::size_t i = 0; i < truth.size(); ++i)
      if (!is_class(static_cast<double>(truth.data()[i]), prediction.back()))
        throw DataError(text(name, ": expected class ids 0 to ", prediction.back() - 1, ", received ", truth.data()[i],
                             " in row ", i / truth.row_size(),
                             ", counted from 0; number the classes from 0 and give the last layer one unit for each"));
  }
  void check_output(const OutputFacts& output) const { detail::check_categorical(name, output, options_.from_logits); }
  bool takes_logits() const { return options_.from_logits; }
  void fields(auto&& f) { f("from_logits", options_.from_logits); }

 private:
  static bool is_class(double id, std::size_t classes) {
    return id >= 0 && id < static_cast<double>(classes) && id == std::floor(id);
  }

  template <class T>
  static double of_probabilities(std::size_t classes, std::size_t id, const T* p, T* g) {
    const double sum = kernels::sum(classes, p);
    const T share = static_cast<T>(static_cast<double>(p[id]) / sum), clipped = detail::clip_probability(share);
    if (g) {
      std::fill_n(g, classes, share == clipped ? static_cast<T>(1 / sum) : T(0));
      if (share == clipped) g[id] -= 1 / p[id];
    }
    return -std::log(static_cast<double>(clipped));
  }

  SparseCategoricalCrossentropyOptions options_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "foretell/losses/softmax_row.hpp"

namespace foretell {

struct CategoricalCrossentropyOptions {
  bool from_logits = false;    ///< the model ends in a linear layer whose values go through a softmax here
  double label_smoothing = 0;  ///< truth t counts as t (1 - s) + s / classes
};

/// -sum t_c log(p_c) over the last axis, t one-hot or a distribution. A final softmax or log_softmax is fused and
/// computed from logits by log-sum-exp. Probabilities are first divided by their sum and clipped to 1e-7 .. 1 - 1e-7 as
/// in Keras.
class CategoricalCrossentropy {
 public:
  static constexpr std::string_view name = "categorical_crossentropy";
  static constexpr bool signed_weights = true;
  CategoricalCrossentropy(CategoricalCrossentropyOptions options = {}) : options_(options) {}

  bool fuses(ActivationFunction f) const { return detail::fuses_softmax(name, options_.from_logits, f); }

  template <class T>
  double operator()(const LossCall<T>& call) const {
    const std::size_t classes = call.prediction.back();
    const bool logits = options_.from_logits || kernels::is_rowwise(call.fused.kind);
    return detail::sum_losses(
        name, call, classes, classes, [&](std::size_t n, const T* truth, const T* prediction, T* losses, T* gradient) {
          for (std::size_t i = 0; i < n; ++i) {
            const T* t = truth + i * classes;
            const T* p = prediction + i * classes;
            T* g = gradient ? gradient + i * classes : nullptr;
            losses[i] = static_cast<T>(logits ? of_logits(classes, t, p, g) : of_probabilities(classes, t, p, g));
          }
        });
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_classes(name, prediction);
    detail::check_truth_shape(name, truth, prediction, prediction, "for class ids use SparseCategoricalCrossentropy");
    detail::check_truth_values(name, truth, "probabilities of the classes, within 0 .. 1", 0, 1,
                               "for class ids use SparseCategoricalCrossentropy");
  }
  void check_output(const OutputFacts& output) const { detail::check_categorical(name, output, options_.from_logits); }
  bool takes_logits() const { return options_.from_logits; }
  void check() const { detail::check_label_smoothing(name, options_.label_smoothing); }
  void fields(auto&& f) {
    f("from_logits", options_.from_logits);
    f("label_smoothing", options_.label_smoothing);
  }

 private:
  template <class T>
  double of_logits(std::size_t classes, const T* t, const T* z, T* g) const {
    const detail::LogSumExp all = detail::log_sum_exp(classes, z, g);
    const double keep = 1 - options_.label_smoothing, base = options_.label_smoothing / static_cast<double>(classes);
    const double whole = keep * kernels::sum(classes, t) + options_.label_smoothing;
    double hit = keep * kernels::dot(classes, t, z);
    if (base != 0) hit += base * kernels::sum(classes, z);
    if (g) {  // whole softmax(z) - smoothed t
      kernels::scale(classes, whole / (1 + all.rest), g);
      kernels::axpy(classes, -keep, t, g);
      if (base != 0)
        for (std::size_t c = 0; c < classes; ++c) g[c] -= static_cast<T>(base);
      const double truth_at_top = keep * static_cast<double>(t[all.place]) + base;
      g[all.place] = static_cast<T>((whole - truth_at_top) - whole * all.rest / (1 + all.rest));
    }
    return whole * std::log1p(all.rest) + (whole * all.top - hit);
  }
  template <class T>
  double of_probabilities(std::size_t classes, const T* t, const T* p, T* g) const {
    const double keep = 1 - options_.label_smoothing, base = options_.label_smoothing / static_cast<double>(classes);
    const double sum = kernels::sum(classes, p);
    double loss = 0, inside = 0;
    T log_p[detail::loss_block];
    for (std::size_t first = 0; first < classes; first += detail::loss_block) {
      const std::size_t n = std::min(detail::loss_block, classes - first);
      for (std::size_t i = 0; i < n; ++i) {
        const T share = static_cast<T>(static_cast<double>(p[first + i]) / sum),
                clipped = detail::clip_probability(share);
        const double y = keep * static_cast<double>(t[first + i]) + base;
        if (share == clipped) inside += y;
        if (g) g[first + i] = share == clipped ? static_cast<T>(-y / static_cast<double>(p[first + i])) : T(0);
        log_p[i] = clipped;
      }
      kernels::log(n, log_p, log_p);
      loss -= keep * kernels::dot(n, t + first, log_p);
      if (base != 0) loss -= base * kernels::sum(n, log_p);
    }
    if (g)
      for (std::size_t c = 0; c < classes; ++c) g[c] += static_cast<T>(inside / sum);
    return loss;
  }

  CategoricalCrossentropyOptions options_;
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>

#include "foretell/losses/formula_loss.hpp"
#include "foretell/losses/probabilities.hpp"
#include "foretell/losses/softmax_row.hpp"

// Cross-entropies that turn from what is already right to what is not (Lin and others 2017), formulas as keras.losses:
// a final sigmoid or softmax is fused and computed from logits.

namespace foretell {

struct BinaryFocalCrossentropyOptions {
  bool apply_class_balancing = false;  ///< weigh class 1 by alpha and class 0 by 1 - alpha
  double alpha = 0.25;
  double gamma = 2;            ///< 0 is the plain cross-entropy
  bool from_logits = false;    ///< the model ends in a linear layer whose values go through a sigmoid here
  double label_smoothing = 0;  ///< truth t counts as t (1 - s) + s / 2
};

struct CategoricalFocalCrossentropyOptions {
  double alpha = 0.25;         ///< the weight of every class
  double gamma = 2;            ///< 0 is alpha times the plain cross-entropy
  bool from_logits = false;    ///< the model ends in a linear layer whose values go through a softmax here
  double label_smoothing = 0;  ///< truth t counts as t (1 - s) + s / classes
};

namespace detail {

template <class Options>
void check_focal(std::string_view loss, const Options& options) {
  check_label_smoothing(loss, options.label_smoothing);
  if (!(options.alpha >= 0 && options.alpha <= 1))
    throw ConfigError(text(loss, ": expected an alpha within 0 .. 1, received ", options.alpha));
  if (!(options.gamma >= 0) || !std::isfinite(options.gamma))
    throw ConfigError(text(loss, ": expected a finite gamma of at least 0, received ", options.gamma));
}
template <class Options>
void focal_fields(Options& options, auto&& f) {
  f("alpha", options.alpha);
  f("gamma", options.gamma);
  f("from_logits", options.from_logits);
  f("label_smoothing", options.label_smoothing);
}

}  // namespace detail

/// BinaryCrossentropy times (1 - p_t)^gamma, where p_t is the probability given to the truth.
class BinaryFocalCrossentropy : public detail::FormulaLoss<BinaryFocalCrossentropy> {
 public:
  static constexpr std::string_view name = "binary_focal_crossentropy";
  BinaryFocalCrossentropy(BinaryFocalCrossentropyOptions options = {}) : options_(options) {}

  bool fuses(ActivationFunction f) const {
    if (f != sigmoid) return false;
    if (options_.from_logits) detail::fail_logits(name, "sigmoid");
    return true;
  }
  template <class T>
  double operator()(const LossCall<T>& call) const {
    const bool balanced = options_.apply_class_balancing;
    const kernels::formula::Focal f{1 - options_.label_smoothing, options_.label_smoothing / 2, options_.gamma,
                                    balanced ? options_.alpha : 1, balanced ? 1 - options_.alpha : 1};
    return options_.from_logits || call.fused == sigmoid ? sum(call, kernels::formula::LogitFocal{f}) : sum(call, f);
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_truth_shape(name, truth, prediction, prediction,
                              "for several classes use CategoricalFocalCrossentropy");
    detail::check_truth_values(name, truth, "truth within 0 .. 1", 0, 1, "write the two classes as 0 and 1");
  }
  void check_output(const OutputFacts& output) const { detail::check_binary(name, output, options_.from_logits); }
  bool takes_logits() const { return options_.from_logits; }
  void check() const { detail::check_focal(name, options_); }
  void fields(auto&& f) {
    f("apply_class_balancing", options_.apply_class_balancing);
    detail::focal_fields(options_, f);
  }

 private:
  BinaryFocalCrossentropyOptions options_;
};

/// -alpha sum t_c (1 - p_c)^gamma log(p_c) over the last axis, t one-hot or a distribution. Otherwise as
/// CategoricalCrossentropy.
class CategoricalFocalCrossentropy {
 public:
  static constexpr std::string_view name = "categorical_focal_crossentropy";
  static constexpr bool signed_weights = true;
  CategoricalFocalCrossentropy(CategoricalFocalCrossentropyOptions options = {}) : options_(options) {}

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
    detail::check_truth_shape(name, truth, prediction, prediction, "give each class a number, 1 for the right one");
    detail::check_truth_values(name, truth, "probabilities of the classes, within 0 .. 1", 0, 1,
                               "write 1 for the right class");
  }
  void check_output(const OutputFacts& output) const { detail::check_categorical(name, output, options_.from_logits); }
  bool takes_logits() const { return options_.from_logits; }
  void check() const { detail::check_focal(name, options_); }
  void fields(auto&& f) { detail::focal_fields(options_, f); }

 private:
  /// -t alpha (1 - p)^gamma log(p), and p times its derivative by p.
  struct Term {
    double loss = 0, slope = 0;
  };
  Term term(double t, std::size_t classes, double p, double rest, double log_p) const {
    const double y =
        options_.alpha * (t * (1 - options_.label_smoothing) + options_.label_smoothing / static_cast<double>(classes));
    if (y == 0) return {};
    const double factor = options_.gamma == 0 ? 1 : std::pow(rest, options_.gamma);
    const double bend = options_.gamma == 0 || !(rest > 0) ? 0 : options_.gamma * factor / rest * p * log_p;
    return {-y * factor * log_p, y * (bend - factor)};
  }
  template <class T>
  double of_logits(std::size_t classes, const T* t, const T* z, T* g) const {
    const detail::LogSumExp all = detail::log_sum_exp(classes, z, static_cast<T*>(nullptr));
    const double log_rest = std::log1p(all.rest), whole = 1 + all.rest;
    double loss = 0, slopes = 0, top_slope = 0;
    const auto at = [&](std::size_t c) {
      const double log_p = c == all.place ? -log_rest : static_cast<double>(z[c]) - all.top - log_rest;
      const double p = c == all.place ? 1 / whole : std::exp(log_p);
      return std::pair(p,
                       term(static_cast<double>(t[c]), classes, p, c == all.place ? all.rest / whole : 1 - p, log_p));
    };
    for (std::size_t c = 0; c < classes; ++c) {
      if (t[c] == 0 && options_.label_smoothing == 0) continue;
      const Term now = at(c).second;
      loss += now.loss;
      (c == all.place ? top_slope : slopes) += now.slope;
    }
    if (g)  // s_c - p_c sum s, without a difference of near equals where one class has nearly all
      for (std::size_t c = 0; c < classes; ++c) {
        const auto [p, now] = at(c);
        g[c] = static_cast<T>(c == all.place ? now.slope * all.rest / whole - p * slopes
                                             : now.slope - p * (slopes + top_slope));
      }
    return loss;
  }
  template <class T>
  double of_probabilities(std::size_t classes, const T* t, const T* p, T* g) const {
    const double sum = kernels::sum(classes, p);
    double loss = 0, slopes = 0;
    for (std::size_t c = 0; c < classes; ++c) {
      const T share = static_cast<T>(static_cast<double>(p[c]) / sum), clipped = detail::clip_probability(share);
      const double q = static_cast<double>(clipped);
      const Term now = term(static_cast<double>(t[c]), classes, q, 1 - q, std::log(q));
      loss += now.loss;
      const bool inside = share == clipped;
      if (inside) slopes += now.slope;
      if (g) g[c] = inside ? static_cast<T>(now.slope / static_cast<double>(p[c])) : T(0);
    }
    if (g)
      for (std::size_t c = 0; c < classes; ++c) g[c] -= static_cast<T>(slopes / sum);
    return loss;
  }

  CategoricalFocalCrossentropyOptions options_;
};

}  // namespace foretell

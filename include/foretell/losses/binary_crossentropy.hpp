// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <string_view>

#include "foretell/losses/formula_loss.hpp"
#include "foretell/losses/probabilities.hpp"

namespace foretell {

struct BinaryCrossentropyOptions {
  bool from_logits = false;    ///< the model ends in a linear layer whose values go through a sigmoid here
  double label_smoothing = 0;  ///< truth t counts as t (1 - s) + s / 2
};

/// -t log(p) - (1 - t) log(1 - p), t within 0 .. 1. A final sigmoid is fused: max(z, 0) - t z + log(1 + exp(-|z|)),
/// exact for any z. Probabilities are clipped to 1e-7 .. 1 - 1e-7 as in Keras.
class BinaryCrossentropy : public detail::FormulaLoss<BinaryCrossentropy> {
 public:
  static constexpr std::string_view name = "binary_crossentropy";
  BinaryCrossentropy(BinaryCrossentropyOptions options = {}) : options_(options) {}

  bool fuses(ActivationFunction f) const {
    if (f != sigmoid) return false;
    if (options_.from_logits) detail::fail_logits(name, "sigmoid");
    return true;
  }
  template <class T>
  double operator()(const LossCall<T>& call) const {
    const kernels::formula::Logistic of_logits{1 - options_.label_smoothing, options_.label_smoothing / 2};
    if (options_.from_logits || call.fused == sigmoid) return sum(call, of_logits);
    return sum(call, kernels::formula::Focal{of_logits.keep, of_logits.base, 0, 1, 1});
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_truth_shape(name, truth, prediction, prediction,
                              "for several classes use CategoricalCrossentropy or SparseCategoricalCrossentropy");
    detail::check_truth_values(name, truth, "truth within 0 .. 1", 0, 1, "write the two classes as 0 and 1");
  }
  void check_output(const OutputFacts& output) const { detail::check_binary(name, output, options_.from_logits); }
  bool takes_logits() const { return options_.from_logits; }
  void check() const { detail::check_label_smoothing(name, options_.label_smoothing); }
  void fields(auto&& f) {
    f("from_logits", options_.from_logits);
    f("label_smoothing", options_.label_smoothing);
  }

 private:
  BinaryCrossentropyOptions options_;
};

}  // namespace foretell

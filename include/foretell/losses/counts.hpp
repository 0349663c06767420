// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <limits>
#include <string_view>

#include "foretell/kernels/activation.hpp"
#include "foretell/losses/formula_loss.hpp"

// Losses of amounts of at least 0 whose prediction is their mean, above 0: from exponential, which is fused, or
// softplus.

namespace foretell {

namespace detail {

template <class T>
void check_amounts(std::string_view loss, In<T> truth, const Shape& prediction, std::string_view expected) {
  check_truth_shape(loss, truth, prediction, prediction);
  check_truth_values(loss, truth, expected, 0, std::numeric_limits<double>::infinity(),
                     "choose another loss for numbers below 0");
}
/// Of a loss whose prediction is a mean above 0.
inline void check_mean(std::string_view loss, const OutputFacts& output, bool zero) {
  if (!output.activation || (zero && *output.activation == relu)) return;
  const Range range = range_of(output.activation->kind);
  if (range == Range::any || range == Range::around_zero || range == Range::logarithms || *output.activation == relu)
    fail_output(loss, "predictions above 0", output, "end the model in .activation = exponential or softplus");
}

}  // namespace detail

/// prediction - truth log(prediction): counts. As keras.losses.Poisson.
class Poisson : public detail::FormulaLoss<Poisson> {
 public:
  static constexpr std::string_view name = "poisson";

  bool fuses(ActivationFunction f) const { return f == exponential; }
  template <class T>
  double operator()(const LossCall<T>& call) const {
    return call.fused == exponential ? sum(call, kernels::formula::LogPoisson{})
                                     : sum(call, kernels::formula::Poisson{});
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_amounts(name, truth, prediction, "counts, at least 0");
  }
  void check_output(const OutputFacts& output) const { detail::check_mean(name, output, true); }
};

struct TweedieOptions {
  double power = 1.5;  ///< the variance grows with mean^power: near 1 counts, near 2 amounts without zeros
};

/// The unit deviance of the Tweedie distribution with 1 < power < 2: amounts that are often exactly 0, such as the
/// money spent in a week. As sklearn.metrics.mean_tweedie_deviance.
class Tweedie : public detail::FormulaLoss<Tweedie> {
 public:
  static constexpr std::string_view name = "tweedie";
  Tweedie(TweedieOptions options = {}) : options_(options) {}

  bool fuses(ActivationFunction f) const { return f == exponential; }
  template <class T>
  double operator()(const LossCall<T>& call) const {
    return call.fused == exponential ? sum(call, kernels::formula::LogTweedie{options_.power})
                                     : sum(call, kernels::formula::Tweedie{options_.power});
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_amounts(name, truth, prediction, "amounts, at least 0");
  }
  void check_output(const OutputFacts& output) const { detail::check_mean(name, output, false); }
  void check() const {
    if (!(options_.power > 1 && options_.power < 2))
      throw ConfigError(text("tweedie: expected a power between 1 and 2, received ", options_.power,
                             "; for counts use Poisson, for any numbers MeanSquaredError"));
  }
  void fields(auto&& f) { f("power", options_.power); }

 private:
  TweedieOptions options_;
};

}  // namespace foretell

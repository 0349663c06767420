// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string_view>

#include "foretell/core/error.hpp"
#include "foretell/losses/output_facts.hpp"

namespace foretell::detail {

/// Keras' epsilon: probabilities stay within 1e-7 .. 1 - 1e-7, so that their logarithms do.
inline constexpr double smallest_probability = 1e-7;

template <class T>
T clip_probability(T p, T highest = static_cast<T>(1 - smallest_probability)) {
  constexpr T lowest = static_cast<T>(smallest_probability);
  return p < lowest ? lowest : p > highest ? highest : p;  // NaN stays
}

inline void check_label_smoothing(std::string_view loss, double smoothing) {
  if (!(smoothing >= 0 && smoothing <= 1))
    throw ConfigError(text(loss, ": expected a label_smoothing within 0 .. 1, received ", smoothing));
}

/// What cross-entropies of single numbers ask of an output.
inline void check_binary(std::string_view loss, const OutputFacts& output, bool from_logits) {
  if (from_logits)
    check_logits(loss, output, true);
  else
    check_probabilities(loss, output,
                        "end the model in .activation = sigmoid, or give the loss .from_logits = true for logits");
}
/// What cross-entropies over the last axis ask of an output.
inline void check_categorical(std::string_view loss, const OutputFacts& output, bool from_logits) {
  if (from_logits)
    check_logits(loss, output, false);
  else
    check_shares(loss, output, true);
}

[[noreturn]] inline void fail_logits(std::string_view loss, std::string_view activation) {
  throw ConfigError(text(
      loss, ": expected a model that ends in a linear layer because of .from_logits = true, received one that ends in ",
      activation, "; leave .from_logits out, ", activation, " and loss are computed together anyway"));
}

}  // namespace foretell::detail

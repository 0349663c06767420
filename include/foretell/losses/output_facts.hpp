// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "foretell/core/error.hpp"
#include "foretell/kernels/activation.hpp"

namespace foretell {

/// What the layers say of an output before anything is computed. What cannot be known, such as how a user's layer ends,
/// is left out.
struct OutputFacts {
  std::optional<ActivationFunction> activation{};  ///< the last one; linear for what gives any number
  bool last = false;                               ///< nothing comes after that activation
  bool one = false;                                ///< it is a softmax over a single number
  std::size_t width = 0;                           ///< numbers on the last axis; 0: not known
  bool logits = false;   ///< the loss takes the numbers for logits or margins: 0 lies between no and yes
  std::string origin{};  ///< `layer 2 "hidden" (Dense)`, whose activation it is
};

namespace detail {

/// Where the values of an activation lie.
enum class Range { any, above_zero, unit, shares, logarithms, around_zero };

constexpr Range range_of(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::relu:
    case ActivationKind::softplus:
    case ActivationKind::squareplus:
    case ActivationKind::exponential:
      return Range::above_zero;
    case ActivationKind::sigmoid:
    case ActivationKind::hard_sigmoid:
      return Range::unit;
    case ActivationKind::softmax:
      return Range::shares;
    case ActivationKind::log_softmax:
      return Range::logarithms;
    case ActivationKind::tanh:
    case ActivationKind::softsign:
      return Range::around_zero;
    default:
      return Range::any;
  }
}

/// Throws ConfigError: `who` expected `expected` and has what this output gives.
[[noreturn]] inline void fail_output(std::string_view who, std::string_view expected, const OutputFacts& output,
                                     std::string_view advice) {
  throw ConfigError(text(who, ": expected ", expected, ", received what ", output.origin, " gives ",
                         *output.activation == linear ? text("without an activation")
                                                      : text("with activation ", name(output.activation->kind)),
                         "; ", advice));
}

/// Of a loss that takes logits (from_logits): what is bounded by an activation are none.
inline void check_logits(std::string_view loss, const OutputFacts& output, bool one_number) {
  if (!output.activation) return;
  const Range range = range_of(output.activation->kind);
  if (range == Range::unit || range == Range::shares)
    fail_output(loss, "logits because of .from_logits = true", output,
                "leave .from_logits out, the activation and the loss are computed together anyway");
  if (range == Range::around_zero || (one_number && (range == Range::above_zero || range == Range::logarithms)))
    fail_output(loss, "logits, any number, because of .from_logits = true", output, "leave the activation out");
}

/// Of a loss or metric that takes each number for a probability.
inline void check_probabilities(std::string_view who, const OutputFacts& output, std::string_view advice) {
  if (!output.activation) return;
  const Range range = range_of(output.activation->kind);
  if (range != Range::unit && range != Range::shares) fail_output(who, "probabilities", output, advice);
}

/// Of a loss that divides numbers of at least 0 by their sum; `fused`: a final log_softmax is left to it.
inline void check_shares(std::string_view loss, const OutputFacts& output, bool fused) {
  if (!output.activation) return;
  if (range_of(output.activation->kind) == Range::above_zero && *output.activation != relu) return;
  if (fused && output.last && *output.activation == log_softmax) return;
  check_probabilities(loss, output,
                      "end the model in .activation = softmax, or give the loss .from_logits = true for logits");
}

/// Of a loss whose predictions are raw parameters or scores, on both sides of 0.
inline void check_raw(std::string_view loss, const OutputFacts& output) {
  if (!output.activation) return;
  const Range range = range_of(output.activation->kind);
  if (range != Range::any && range != Range::around_zero)
    fail_output(loss, "numbers on both sides of 0", output, "end the model in a linear layer");
}

/// Of a metric that says yes above `threshold`.
inline void check_threshold(std::string_view metric, const OutputFacts& output, double threshold) {
  if (output.logits && threshold > 0 && threshold < 1)
    throw ConfigError(text("metric \"", metric, "\": expected a threshold for logits, which the loss takes, received ",
                           threshold,
                           "; write .threshold = 0, or end the model in sigmoid and leave .from_logits out"));
  if (output.logits || !output.activation) return;
  const Range range = range_of(output.activation->kind);
  if ((range == Range::unit || range == Range::shares) && !(threshold >= 0 && threshold < 1))
    fail_output(text("metric \"", metric, "\""), text("numbers on both sides of the threshold ", threshold), output,
                "write a threshold between 0 and 1");
}

/// Of a metric that compares the scores of classes or candidates.
inline void check_several(std::string_view metric, const OutputFacts& output, std::string_view advice) {
  if (output.width == 1)
    throw ConfigError(
        text("metric \"", metric, "\": expected scores of at least two on the last axis, received one; ", advice));
}

/// Of a metric of probabilities, where the loss takes logits.
inline void check_no_logits(std::string_view metric, const OutputFacts& output) {
  if (output.logits)
    throw ConfigError(text("metric \"", metric,
                           "\": expected probabilities, received logits, which the loss takes; end the model in "
                           "sigmoid or softmax and leave .from_logits out"));
}

}  // namespace detail

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace foretell {

/// The activation functions; formulas are those of keras.activations.
enum class ActivationKind : std::uint8_t {
  linear,
  relu,
  leaky_relu,
  elu,
  selu,
  gelu,
  silu,
  softplus,
  softsign,
  hard_sigmoid,
  mish,
  squareplus,
  exponential,
  tanh,
  sigmoid,
  softmax,
  log_softmax
};

/// An activation function as a value. `alpha` is the negative slope of leaky_relu and the scale of elu (alpha >= 0);
/// others ignore it.
struct ActivationFunction {
  ActivationKind kind = ActivationKind::linear;
  double alpha = 0;

  /// The same function with another parameter: `leaky_relu(0.01)`.
  constexpr ActivationFunction operator()(double new_alpha) const { return {kind, new_alpha}; }
  constexpr bool operator==(const ActivationFunction&) const = default;
};

inline constexpr ActivationFunction linear{ActivationKind::linear};
inline constexpr ActivationFunction relu{ActivationKind::relu};
inline constexpr ActivationFunction leaky_relu{ActivationKind::leaky_relu, 0.2};  ///< slope 0.2 for x < 0
inline constexpr ActivationFunction elu{ActivationKind::elu, 1.0};                ///< alpha (e^x - 1) for x < 0
inline constexpr ActivationFunction selu{ActivationKind::selu};
inline constexpr ActivationFunction gelu{ActivationKind::gelu};  ///< exact: x (1 + erf(x / sqrt 2)) / 2
inline constexpr ActivationFunction silu{ActivationKind::silu};  ///< x sigmoid(x)
inline constexpr ActivationFunction swish = silu;
inline constexpr ActivationFunction softplus{ActivationKind::softplus};          ///< log(1 + e^x)
inline constexpr ActivationFunction softsign{ActivationKind::softsign};          ///< x / (1 + |x|)
inline constexpr ActivationFunction hard_sigmoid{ActivationKind::hard_sigmoid};  ///< min(max(x + 3, 0), 6) / 6
inline constexpr ActivationFunction mish{ActivationKind::mish};                  ///< x tanh(softplus(x))
inline constexpr ActivationFunction squareplus{ActivationKind::squareplus};      ///< (x + sqrt(x^2 + 4)) / 2
inline constexpr ActivationFunction exponential{ActivationKind::exponential};
inline constexpr ActivationFunction tanh{ActivationKind::tanh};
inline constexpr ActivationFunction sigmoid{ActivationKind::sigmoid};
inline constexpr ActivationFunction softmax{ActivationKind::softmax};          ///< over the last axis
inline constexpr ActivationFunction log_softmax{ActivationKind::log_softmax};  ///< over the last axis

namespace kernels {

using foretell::ActivationFunction;
using foretell::ActivationKind;

inline constexpr double selu_scale = 1.0507009873554804934193349852946;
inline constexpr double selu_alpha = 1.6732632423543772848170429916717;

inline constexpr std::string_view activation_names[] = {
    "linear",       "relu", "leaky_relu", "elu",         "selu", "gelu",    "silu",    "softplus",   "softsign",
    "hard_sigmoid", "mish", "squareplus", "exponential", "tanh", "sigmoid", "softmax", "log_softmax"};

}  // namespace kernels

/// The name Keras uses, and the one in model files.
constexpr std::string_view name(ActivationKind kind) {
  return kernels::activation_names[static_cast<std::size_t>(kind)];
}

/// The function of that name with its default parameter ("swish" is silu); nothing when there is none.
constexpr std::optional<ActivationFunction> activation_by_name(std::string_view wanted) {
  if (wanted == "swish") return silu;
  for (std::size_t i = 0; i < std::size(kernels::activation_names); ++i) {
    if (kernels::activation_names[i] != wanted) continue;
    const auto kind = static_cast<ActivationKind>(i);
    return kind == ActivationKind::leaky_relu ? leaky_relu
           : kind == ActivationKind::elu      ? elu
                                              : ActivationFunction{kind};
  }
  return std::nullopt;
}

/// True where the derivative comes from the output alone. The others need the value before the activation: gelu, silu
/// and mish because they are not monotonic; elu, selu and softsign because near saturation their output has lost the
/// digits.
constexpr bool derivative_from_output(ActivationKind kind) {
  using enum ActivationKind;
  return kind != gelu && kind != silu && kind != mish && kind != elu && kind != selu && kind != softsign;
}

/// True for the functions of a whole row.
constexpr bool is_rowwise(ActivationKind kind) {
  return kind == ActivationKind::softmax || kind == ActivationKind::log_softmax;
}

namespace kernels {
using foretell::derivative_from_output;
using foretell::is_rowwise;
}  // namespace kernels

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/fields.hpp"
#include "foretell/core/random.hpp"
#include "foretell/core/shape.hpp"
#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/reduce.hpp"
#include "foretell/layers/call_text.hpp"

namespace foretell {

enum class InitializerKind : std::uint8_t {
  unset,
  zeros,
  ones,
  constant,
  glorot_uniform,
  glorot_normal,
  he_uniform,
  he_normal,
  lecun_uniform,
  lecun_normal,
  orthogonal,
  random_uniform,
  random_normal,
  truncated_normal
};

/// How a parameter starts: one of the types below, with the formulas of keras.initializers. Empty, it leaves the choice
/// to the layer; a parameter whose layer chose nothing starts as GlorotUniform.
class Initializer {
 public:
  constexpr Initializer() = default;
  constexpr explicit operator bool() const { return kind_ != InitializerKind::unset; }
  constexpr InitializerKind kind() const { return kind_; }
  constexpr bool operator==(const Initializer&) const = default;

  /// Values of a parameter of that shape (values.size() == shape.size()): a pure function of `random`, drawn in double.
  template <class T>
  void fill(std::span<T> values, const Shape& shape, const Random& random) const;

 protected:
  constexpr explicit Initializer(InitializerKind kind, double a = 0, double b = 0) : kind_(kind), a_(a), b_(b) {
    if (!problem().empty()) throw ConfigError(text("initializer ", description(), ": ", problem()));
  }

 private:
  struct Fans {
    double in, out;
  };
  static Fans fans(const Shape& shape);
  std::string description() const;
  constexpr std::size_t numbers() const {
    if (kind_ == InitializerKind::constant || kind_ == InitializerKind::orthogonal) return 1;
    return kind_ >= InitializerKind::random_uniform ? 2 : 0;
  }
  constexpr std::string_view problem() const {
    if (!(a_ - a_ == 0) || !(b_ - b_ == 0)) return "expected finite numbers";
    if (kind_ == InitializerKind::random_uniform && a_ > b_)
      return "expected a minimum that is not above the maximum; swap them";
    if (kind_ >= InitializerKind::random_normal && b_ < 0) return "expected a standard deviation of at least 0";
    return {};
  }
  friend void visit_field(FieldVisitor& visitor, std::string_view field, Initializer& initializer);

  InitializerKind kind_ = InitializerKind::unset;
  double a_ = 0, b_ = 0;  // value | gain | minimum, maximum | mean, standard deviation
};

struct Zeros : Initializer {
  constexpr Zeros() : Initializer(InitializerKind::zeros) {}
};
struct Ones : Initializer {
  constexpr Ones() : Initializer(InitializerKind::ones) {}
};
struct Constant : Initializer {
  template <class N>
  requires std::is_arithmetic_v<N>
  constexpr explicit Constant(N value) : Initializer(InitializerKind::constant, static_cast<double>(value)) {}
};
/// Within +-sqrt(6 / (fan_in + fan_out)).
struct GlorotUniform : Initializer {
  constexpr GlorotUniform() : Initializer(InitializerKind::glorot_uniform) {}
};
/// Standard deviation sqrt(2 / (fan_in + fan_out)), cut at two standard deviations.
struct GlorotNormal : Initializer {
  constexpr GlorotNormal() : Initializer(InitializerKind::glorot_normal) {}
};
/// Within +-sqrt(6 / fan_in).
struct HeUniform : Initializer {
  constexpr HeUniform() : Initializer(InitializerKind::he_uniform) {}
};
/// Standard deviation sqrt(2 / fan_in), cut.
struct HeNormal : Initializer {
  constexpr HeNormal() : Initializer(InitializerKind::he_normal) {}
};
/// Within +-sqrt(3 / fan_in).
struct LecunUniform : Initializer {
  constexpr LecunUniform() : Initializer(InitializerKind::lecun_uniform) {}
};
/// Standard deviation sqrt(1 / fan_in), cut.
struct LecunNormal : Initializer {
  constexpr LecunNormal() : Initializer(InitializerKind::lecun_normal) {}
};
/// Orthonormal columns (or rows, where there are fewer) of the matrix (all axes but the last, last), times `gain`.
struct Orthogonal : Initializer {
  constexpr explicit Orthogonal(double gain = 1) : Initializer(InitializerKind::orthogonal, gain) {}
};
struct RandomUniform : Initializer {
  constexpr explicit RandomUniform(double minimum = -0.05, double maximum = 0.05)
      : Initializer(InitializerKind::random_uniform, minimum, maximum) {}
};
struct RandomNormal : Initializer {
  constexpr explicit RandomNormal(double mean = 0, double stddev = 0.05)
      : Initializer(InitializerKind::random_normal, mean, stddev) {}
};
/// Normal; draws beyond two standard deviations are drawn again.
struct TruncatedNormal : Initializer {
  constexpr explicit TruncatedNormal(double mean = 0, double stddev = 0.05)
      : Initializer(InitializerKind::truncated_normal, mean, stddev) {}
};

namespace detail {

inline constexpr std::array<std::string_view, 14> initializer_names = {
    "default",   "zeros",         "ones",         "constant",   "glorot_uniform", "glorot_normal", "he_uniform",
    "he_normal", "lecun_uniform", "lecun_normal", "orthogonal", "random_uniform", "random_normal", "truncated_normal"};

/// Standard normal within +-2.
inline double truncated_normal(const Random& random, std::uint64_t counter) {
  for (std::uint64_t attempt = 0;; ++attempt) {
    const double z = random.normal(counter | attempt << 40);
    if (std::abs(z) <= 2) return z;
  }
}

/// The rows of the result are orthonormal: `count` vectors of `length` >= count numbers. Gram and Schmidt on normal
/// draws, a second time where cancellation took digits; the signs are those of a QR factorisation with a positive
/// diagonal.
inline std::vector<double> orthonormal_rows(std::size_t count, std::size_t length, const Random& random) {
  std::vector<double> q(count * length);
  for (std::size_t i = 0; i < q.size(); ++i) q[i] = random.normal(i);
  for (std::size_t i = 0; i < count; ++i) {
    double* row = q.data() + i * length;
    for (double before = 0, after = std::sqrt(kernels::sum_of_squares(length, row));
         after < 0.1 * before || before == 0;) {
      before = after;
      for (std::size_t k = 0; k < i; ++k)
        kernels::axpy(length, -kernels::dot(length, q.data() + k * length, row), q.data() + k * length, row);
      after = std::sqrt(kernels::sum_of_squares(length, row));
    }
    kernels::scale(length, 1 / std::sqrt(kernels::sum_of_squares(length, row)), row);
  }
  return q;
}

}  // namespace detail

inline Initializer::Fans Initializer::fans(const Shape& shape) {
  if (shape.rank() == 0) return {1, 1};
  if (shape.rank() == 1) return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
  double field = 1;  // positions that one output sees, as of a convolution kernel
  for (std::size_t axis = 0; axis + 2 < shape.rank(); ++axis) field *= static_cast<double>(shape[axis]);
  return {field * static_cast<double>(shape[shape.rank() - 2]), field * static_cast<double>(shape.back())};
}

template <class T>
void Initializer::fill(std::span<T> values, const Shape& shape, const Random& random) const {
  using enum InitializerKind;
  const auto draw = [&](auto number) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(number(i));
  };
  const auto uniform = [&](double low, double high) {
    draw([&](std::size_t i) { return random.uniform(i, low, high); });
  };
  const auto truncated = [&](double mean, double stddev) {
    draw([&](std::size_t i) { return mean + stddev * detail::truncated_normal(random, i); });
  };
  const auto [in, out] = fans(shape);
  const double mean_fan = std::max(1.0, (in + out) / 2), fan_in = std::max(1.0, in);
  constexpr double cut = 0.87962566103423978;  // standard deviation of the normal distribution cut at +-2
  switch (kind_) {
    case zeros:
      return std::fill(values.begin(), values.end(), T(0));
    case ones:
      return std::fill(values.begin(), values.end(), T(1));
    case constant:
      return std::fill(values.begin(), values.end(), static_cast<T>(a_));
    case unset:
    case glorot_uniform:
      return uniform(-std::sqrt(3 / mean_fan), std::sqrt(3 / mean_fan));
    case he_uniform:
      return uniform(-std::sqrt(6 / fan_in), std::sqrt(6 / fan_in));
    case lecun_uniform:
      return uniform(-std::sqrt(3 / fan_in), std::sqrt(3 / fan_in));
    case glorot_normal:
      return truncated(0, std::sqrt(1 / mean_fan) / cut);
    case he_normal:
      return truncated(0, std::sqrt(2 / fan_in) / cut);
    case lecun_normal:
      return truncated(0, std::sqrt(1 / fan_in) / cut);
    case random_uniform:
      return uniform(a_, b_);
    case random_normal:
      return draw([&](std::size_t i) { return a_ + b_ * random.normal(i); });
    case truncated_normal:
      return truncated(a_, b_);
    case orthogonal:
      break;
  }
  if (shape.rank() < 2)
    throw ShapeError(text("initializer ", description(), ": expected a parameter of at least two axes, received ",
                          to_string(shape), "; choose another initializer for it"));
  if (values.empty()) return;
  const std::size_t cols = shape.back(), rows = values.size() / cols;
  const bool tall = rows >= cols;
  const std::vector<double> q = detail::orthonormal_rows(tall ? cols : rows, tall ? rows : cols, random);
  draw([&](std::size_t i) { return a_ * (tall ? q[i % cols * rows + i / cols] : q[i]); });
}

inline std::string Initializer::description() const {
  const double values[] = {a_, b_};
  return detail::call_text(detail::initializer_names[static_cast<std::size_t>(kind_)],
                           std::span(values).first(numbers()));
}

/// Stored by name: "glorot_uniform", "constant(0.5)", "random_uniform(-0.05, 0.05)"; an empty one is "default".
inline void visit_field(FieldVisitor& visitor, std::string_view field, Initializer& initializer) {
  std::string stored = initializer.description();
  visitor.value(field, stored);
  if (!visitor.reading()) return;
  const auto& names = detail::initializer_names;
  const auto found = std::find(names.begin(), names.end(), std::string_view(stored).substr(0, stored.find('(')));
  Initializer read;
  double values[] = {0, 0};
  if (found != names.end()) read.kind_ = static_cast<InitializerKind>(found - names.begin());
  if (found == names.end() || !detail::read_call_numbers(stored, std::span(values).first(read.numbers())))
    visitor.fail(field, text("expected an initializer such as \"glorot_uniform\" or \"constant(0.5)\", received \"",
                             stored, "\""));
  read.a_ = values[0];
  read.b_ = values[1];
  if (!read.problem().empty()) visitor.fail(field, text("\"", stored, "\": ", read.problem()));
  initializer = read;
}

}  // namespace foretell

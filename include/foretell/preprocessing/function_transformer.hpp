// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "foretell/preprocessing/transformer.hpp"

namespace foretell {

/// A function of one number, stored by its name.
enum class CellFunction : std::uint8_t {
  identity,
  log,
  log1p,
  exp,
  expm1,
  sqrt,
  square,
  cbrt,
  reciprocal,
  logit,
  logistic,
  asinh,
  abs,
  sign,
  sin,
  cos,
};
constexpr auto enum_names(CellFunction) {
  return std::array<std::string_view, 16>{"identity",   "log",   "log1p",    "exp",   "expm1", "sqrt", "square", "cbrt",
                                          "reciprocal", "logit", "logistic", "asinh", "abs",   "sign", "sin",    "cos"};
}

struct FunctionTransformerOptions {
  CellFunction function = CellFunction::identity;
};

namespace detail {

inline double value_of(CellFunction function, double x) {
  switch (function) {
    case CellFunction::identity:
      return x;
    case CellFunction::log:
      return std::log(x);
    case CellFunction::log1p:
      return std::log1p(x);
    case CellFunction::exp:
      return std::exp(x);
    case CellFunction::expm1:
      return std::expm1(x);
    case CellFunction::sqrt:
      return std::sqrt(x);
    case CellFunction::square:
      return x * x;
    case CellFunction::cbrt:
      return std::cbrt(x);
    case CellFunction::reciprocal:
      return 1 / x;
    case CellFunction::logit:
      return std::log(x / (1 - x));
    case CellFunction::logistic:
      return 1 / (1 + std::exp(-x));
    case CellFunction::asinh:
      return std::asinh(x);
    case CellFunction::abs:
      return std::abs(x);
    case CellFunction::sign:
      return x > 0 ? 1 : x < 0 ? -1 : x;
    case CellFunction::sin:
      return std::sin(x);
    case CellFunction::cos:
      return std::cos(x);
  }
  return x;
}

/// The way back; throws StateError for a function that has none.
inline double inverse_of(CellFunction function, double y) {
  switch (function) {
    case CellFunction::identity:
      return y;
    case CellFunction::log:
      return std::exp(y);
    case CellFunction::log1p:
      return std::expm1(y);
    case CellFunction::exp:
      return std::log(y);
    case CellFunction::expm1:
      return std::log1p(y);
    case CellFunction::sqrt:
      return y * y;
    case CellFunction::square:
      return std::sqrt(y);
    case CellFunction::cbrt:
      return y * y * y;
    case CellFunction::reciprocal:
      return 1 / y;
    case CellFunction::logit:
      return value_of(CellFunction::logistic, y);
    case CellFunction::logistic:
      return value_of(CellFunction::logit, y);
    case CellFunction::asinh:
      return std::sinh(y);
    case CellFunction::abs:
    case CellFunction::sign:
    case CellFunction::sin:
    case CellFunction::cos:
      break;
  }
  throw StateError(
      text("FunctionTransformer: ", enum_names(function)[static_cast<std::size_t>(function)], " has no inverse."));
}

class FunctionApplying {
 public:
  static constexpr std::string_view type = "FunctionTransformer";

  explicit FunctionApplying(const FunctionTransformerOptions& options = {}) : options_(options) {}

  Schema learn(const Frame& x) {
    need_numbers(x.schema(), type);
    return as_numbers(x.schema());
  }
  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c) out(r, c) = value_of(options_.function, in(r, c));
  }
  void invert(Block out, MutableBlock in, Scratch&) const {
    for (std::size_t r = 0; r < out.rows; ++r)
      for (std::size_t c = 0; c < out.columns; ++c) in(r, c) = inverse_of(options_.function, out(r, c));
  }
  bool fits(std::size_t in, std::size_t out) const { return in == out; }
  void fields(auto&& f) { f("function", options_.function); }

 private:
  FunctionTransformerOptions options_;
};

template <class F>
class FunctorApplying {
 public:
  static constexpr std::string_view type = F::type;

  explicit FunctorApplying(F function = {}) : function_(std::move(function)) {}

  Schema learn(const Frame& x) {
    need_numbers(x.schema(), type);
    return as_numbers(x.schema());
  }
  void apply(Block in, MutableBlock out, Scratch&) const {
    for (std::size_t r = 0; r < in.rows; ++r)
      for (std::size_t c = 0; c < in.columns; ++c) out(r, c) = function_(in(r, c));
  }
  void invert(Block out, MutableBlock in, Scratch&) const requires(requires(const F& f) { f.inverse(0.0); }) {
    for (std::size_t r = 0; r < out.rows; ++r)
      for (std::size_t c = 0; c < out.columns; ++c) in(r, c) = function_.inverse(out(r, c));
  }
  bool fits(std::size_t in, std::size_t out) const { return in == out; }
  void fields(auto&& f) {
    if constexpr (HasFields<F>) function_.fields(f);
  }

 private:
  F function_;
};

}  // namespace detail

/// A named function of every cell. Outside the domain of the function the answer is missing or infinite, and missing
/// stays missing. `square` comes back as the positive root.
template <class T = float>
class FunctionTransformer : public Estimator<FunctionTransformer<T>, detail::FunctionApplying, T> {
 public:
  explicit FunctionTransformer(FunctionTransformerOptions options = {}) : FunctionTransformer::Estimator(options) {}
};

/// A function of your own for every cell:
///
///   struct Cents {
///     static constexpr std::string_view type = "shop.Cents";
///     double operator()(double x) const { return std::round(x * 100); }
///     double inverse(double y) const { return y / 100; }      optional
///     void fields(auto&& f) { f("name", member); }            optional: its options
///   };
///   FunctorTransformer<Cents> cents;                          registry.add<FunctorTransformer<Cents, float>>() for
///   load
template <class F, class T = float>
class FunctorTransformer : public Estimator<FunctorTransformer<F, T>, detail::FunctorApplying<F>, T> {
 public:
  explicit FunctorTransformer(F function = {}) : FunctorTransformer::Estimator(std::move(function)) {}
};

}  // namespace foretell

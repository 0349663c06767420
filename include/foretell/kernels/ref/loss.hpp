// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>

#include "foretell/kernels/formula.hpp"

namespace foretell::kernels::ref {

/// A loss of truth t and prediction p, and its slope by p.
struct LossOfOne {
  double loss, slope;
};

inline LossOfOne loss(const formula::Squared&, double t, double p) { return {(p - t) * (p - t), 2 * (p - t)}; }

inline LossOfOne loss(const formula::Absolute&, double t, double p) {
  return {std::abs(p - t), p > t ? 1.0 : p < t ? -1.0 : 0.0};
}

inline LossOfOne loss(const formula::Huber& f, double t, double p) {
  const double e = p - t, d = f.delta;
  if (std::abs(e) <= d) return {e * e / 2, e};
  return {d * std::abs(e) - d * d / 2, e > 0 ? d : -d};
}

inline LossOfOne loss(const formula::LogCosh&, double t, double p) {
  const double size = std::abs(p - t);
  const double far = size + std::log1p(std::exp(-2 * size)) - std::log(2.0);
  return {size < 1 ? std::log1p(2 * std::sinh(size / 2) * std::sinh(size / 2)) : far, std::tanh(p - t)};
}

inline LossOfOne loss(const formula::Quantile& f, double t, double p) {
  const double slope = p > t ? 1 - f.quantile : p < t ? -f.quantile : 0;
  return {slope * (p - t), slope};
}

inline LossOfOne loss(const formula::Poisson&, double t, double p) {
  return {p - t * std::log(p + 1e-7), 1 - t / (p + 1e-7)};
}

inline LossOfOne loss(const formula::LogPoisson&, double t, double p) { return {std::exp(p) - t * p, std::exp(p) - t}; }

inline LossOfOne loss(const formula::Tweedie& f, double t, double p) {
  const double a = 1 - f.power, b = 2 - f.power;
  return {2 * (std::pow(t, b) / (a * b) - t * std::pow(p, a) / a + std::pow(p, b) / b),
          2 * (std::pow(p, a) - t * std::pow(p, -f.power))};
}

inline LossOfOne loss(const formula::LogTweedie& f, double t, double p) {
  const LossOfOne of_mean = loss(formula::Tweedie{f.power}, t, std::exp(p));
  return {of_mean.loss, of_mean.slope * std::exp(p)};
}

inline LossOfOne loss(const formula::Hinge&, double t, double p) {
  const double side = t == 0 ? -1 : t;
  if (side * p >= 1) return {0, 0};
  return {1 - side * p, -side};
}

inline LossOfOne loss(const formula::SquaredHinge&, double t, double p) {
  const LossOfOne h = loss(formula::Hinge{}, t, p);
  return {h.loss * h.loss, 2 * h.loss * h.slope};
}

/// sigmoid(z) and what is left to 1.
struct Chance {
  double yes, no;
};
inline Chance chance_of(double z) {
  const double small = std::exp(-std::abs(z)) / (1 + std::exp(-std::abs(z)));
  return z > 0 ? Chance{1 - small, small} : Chance{small, 1 - small};
}
inline double log_loss(double y, double log_yes, double log_no) { return -(y * log_yes + (1 - y) * log_no); }

inline LossOfOne loss(const formula::Logistic& f, double t, double z) {
  const double y = t * f.keep + f.base;
  const double log_no = -std::fmax(z, 0) - std::log1p(std::exp(-std::abs(z)));
  return {log_loss(y, z + log_no, log_no), chance_of(z).yes * (1 - y) - chance_of(z).no * y};
}

/// The slope is by the logit of the chance.
inline LossOfOne focused(const formula::Focal& f, double y, Chance c, LossOfOne plain) {
  const double miss = y * c.no + (1 - y) * c.yes;
  const double factor = (y * f.yes + (1 - y) * f.no) * std::pow(miss, f.gamma);
  const double bend = miss > 0 ? f.gamma / miss * (1 - 2 * y) * c.yes * c.no : 0;
  return {factor * plain.loss, factor * (plain.slope + bend * plain.loss)};
}

inline LossOfOne loss(const formula::LogitFocal& f, double t, double z) {
  return focused(f, t * f.keep + f.base, chance_of(z), loss(formula::Logistic{f.keep, f.base}, t, z));
}

inline LossOfOne loss(const formula::Focal& f, double t, double given) {
  const double y = t * f.keep + f.base;
  const double p = std::fmin(std::fmax(given, 1e-7), 1 - 1e-7);
  const LossOfOne all = focused(f, y, {p, 1 - p}, {log_loss(y, std::log(p), std::log1p(-p)), p - y});
  return {all.loss, p == given ? all.slope / (p * (1 - p)) : 0};
}

}  // namespace foretell::kernels::ref

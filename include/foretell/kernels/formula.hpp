// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/// Losses of one truth t and one prediction p, e = p - t: what each computes stands in isa/loss.inl.
namespace foretell::kernels::formula {

struct Squared {};   ///< e^2
struct Absolute {};  ///< |e|, with slope 0 at 0
/// e^2 / 2 up to |e| = delta, delta |e| - delta^2 / 2 beyond
struct Huber {
  double delta;
};
struct LogCosh {};  ///< log(cosh(e))
/// (1 - quantile) e above the truth, -quantile e below, with slope 0 at 0
struct Quantile {
  double quantile;
};
struct Poisson {};     ///< p - t log(p + 1e-7)
struct LogPoisson {};  ///< the same of exp(p), without the 1e-7
/// 2 (t^(2 - power) / ((1 - power)(2 - power)) - t p^(1 - power) / (1 - power) + p^(2 - power) / (2 - power))
struct Tweedie {
  double power;
};
/// the same of exp(p)
struct LogTweedie {
  double power;
};
struct Hinge {};         ///< max(0, 1 - t p), where a truth 0 counts as -1
struct SquaredHinge {};  ///< its square
/// Binary cross-entropy of sigmoid(p) against t keep + base: max(p, 0) - t p + log(1 + exp(-|p|))
struct Logistic {
  double keep, base;
};
/// Binary cross-entropy of the probability p against y = t keep + base, times (y yes + (1 - y) no) miss^gamma, where
/// miss = y (1 - p) + (1 - y) p
struct Focal {
  double keep, base, gamma, yes, no;
};
/// the same of sigmoid(p)
struct LogitFocal : Focal {};

}  // namespace foretell::kernels::formula

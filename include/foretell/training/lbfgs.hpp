// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include "foretell/core/arena.hpp"
#include "foretell/core/error.hpp"
#include "foretell/kernels/elementwise.hpp"
#include "foretell/kernels/reduce.hpp"

namespace foretell {

struct LBFGSOptions {
  std::size_t max_iterations = 200;
  std::size_t history = 10;          ///< pairs of steps and changes of the gradient that are kept
  double tolerance_gradient = 1e-5;  ///< done when no number of the gradient is larger
  double tolerance_change = 1e-9;    ///< done when the function falls by less, relative to its size
};

struct LBFGSResult {
  double value = 0;  ///< of the function at the end
  std::size_t iterations = 0, evaluations = 0;
  bool converged = false;  ///< a tolerance was met
};

/// Finds a minimum of a smooth function of many numbers: L-BFGS (Nocedal 1980) with a line search for the strong Wolfe
/// conditions (Nocedal and Wright, Numerical Optimization, algorithms 3.5 and 3.6). `value(x, gradient)` assigns the
/// gradient and returns the function's value. x is where to start, then the best that was found.
template <class T>
class LBFGS {
 public:
  explicit LBFGS(LBFGSOptions options = {}) : options_(options) {
    if (options_.history == 0 || !(options_.tolerance_gradient >= 0) || !(options_.tolerance_change >= 0))
      throw ConfigError("LBFGS: expected a history of at least 1 and tolerances of at least 0");
  }

  template <class F>
  LBFGSResult minimize(Arena<T>& x, F value) {
    const std::size_t n = x.size();
    gradient_ = direction_ = start_ = start_gradient_ = Arena<T>(n);
    pairs_.clear();
    LBFGSResult result;
    const auto at = [&](const Arena<T>& point) {
      ++result.evaluations;
      return value(point, gradient_);
    };
    double f = at(x);
    if (!std::isfinite(f)) throw NumericError(text("LBFGS: expected a finite value at the start, received ", f));
    while (result.iterations < options_.max_iterations) {
      double largest = 0;
      for (const T g : gradient_) largest = std::max(largest, std::abs(static_cast<double>(g)));
      result.converged = largest <= options_.tolerance_gradient;
      if (result.converged) break;
      descend();
      const double slope = kernels::dot(n, gradient_.data(), direction_.data());
      start_ = x;
      start_gradient_ = gradient_;
      const double first = pairs_.empty() ? std::min(1.0, 1 / std::sqrt(std::abs(slope))) : 1;
      const double next = slope < 0 ? search(x, f, slope, first, at) : f;
      if (!(next < f)) {  // rounding: once more without what was kept, or the end
        x = start_;
        gradient_ = start_gradient_;
        if (pairs_.empty()) break;
        pairs_.clear();
        continue;
      }
      ++result.iterations;
      keep(x);
      const double change = f - next;
      f = next;
      result.converged = change <= options_.tolerance_change * std::max(1.0, std::abs(f));
      if (result.converged) break;
    }
    result.value = f;
    return result;
  }

 private:
  struct Pair {
    Arena<T> step, change;
    double product;
  };
  /// A place on the line of a search: how far, the value and its slope there.
  struct Place {
    double t, f, slope;
    bool known = true;
  };

  /// direction = -H gradient, by two loops over the kept pairs.
  void descend() {
    const std::size_t n = gradient_.size();
    direction_ = gradient_;
    std::vector<double> shares(pairs_.size());
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      shares[i] = kernels::dot(n, pairs_[i].step.data(), direction_.data()) / pairs_[i].product;
      kernels::axpy(n, -shares[i], pairs_[i].change.data(), direction_.data());
    }
    if (!pairs_.empty())
      kernels::scale(n, pairs_.back().product / kernels::sum_of_squares(n, pairs_.back().change.data()),
                     direction_.data());
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const double share = kernels::dot(n, pairs_[i].change.data(), direction_.data()) / pairs_[i].product;
      kernels::axpy(n, shares[i] - share, pairs_[i].step.data(), direction_.data());
    }
    kernels::scale(n, -1, direction_.data());
  }
  void keep(const Arena<T>& x) {
    const std::size_t n = x.size();
    Pair pair{x, gradient_, 0};
    kernels::axpy(n, -1, start_.data(), pair.step.data());
    kernels::axpy(n, -1, start_gradient_.data(), pair.change.data());
    pair.product = kernels::dot(n, pair.step.data(), pair.change.data());
    if (!(pair.product > 1e-10 * kernels::sum_of_squares(n, pair.change.data()))) return;
    if (pairs_.size() == options_.history) pairs_.pop_front();
    pairs_.push_back(std::move(pair));
  }
  /// Moves x along the direction from start_; returns the function's value there.
  template <class At>
  double search(Arena<T>& x, double f0, double slope0, double length, const At& at) {
    constexpr double falls = 1e-4, flattens = 0.9;
    const auto go = [&](double t) {
      x = start_;
      kernels::axpy(x.size(), t, direction_.data(), x.data());
      const double f = at(x);
      return Place{t, f, kernels::dot(x.size(), gradient_.data(), direction_.data()), std::isfinite(f)};
    };
    const auto too_high = [&](const Place& p) { return !p.known || p.f > f0 + falls * p.t * slope0; };
    const auto flat = [&](const Place& p) { return std::abs(p.slope) <= -flattens * slope0; };
    Place low{0, f0, slope0}, high = low;
    double t = length;
    for (int i = 0; i < 20 && high.t == low.t; ++i, t *= 2) {  // until a minimum lies between low and high
      const Place now = go(t);
      if (too_high(now) || (i > 0 && now.f >= low.f))
        high = now;
      else if (flat(now))
        return now.f;
      else if (now.slope >= 0)
        high = std::exchange(low, now);
      else
        low = high = now;
    }
    for (int i = 0; i < 30 && high.t != low.t; ++i) {
      const double width = high.t - low.t, bend = high.known ? high.f - low.f - low.slope * width : 0;
      t = low.t - low.slope * width * width / (2 * bend);  // the lowest point of a parabola through both
      const double margin = 0.1 * std::abs(width);
      if (!(t >= std::min(low.t, high.t) + margin && t <= std::max(low.t, high.t) - margin)) t = low.t + width / 2;
      const Place now = go(t);
      if (too_high(now) || now.f >= low.f) {
        high = now;
        continue;
      }
      if (flat(now)) return now.f;
      if (now.slope * width >= 0) high = low;
      low = now;
    }
    return go(low.t).f;
  }

  LBFGSOptions options_;
  Arena<T> gradient_, direction_, start_, start_gradient_;
  std::deque<Pair> pairs_;
};

}  // namespace foretell

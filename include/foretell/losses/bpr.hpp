// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>

#include "foretell/losses/raw_parameters.hpp"
#include "foretell/losses/sum.hpp"
#include "foretell/losses/truth.hpp"

namespace foretell {

/// Bayesian personalised ranking (Rendle and others 2009): the mean of log(1 + exp(s_j - s_i)) over all pairs of a
/// relevant candidate i and another j along the last axis, whose predictions are scores. The truth has the same shape,
/// above 0 for the relevant candidates. Without both kinds the loss is 0.
class BPR {
 public:
  static constexpr std::string_view name = "bpr";

  template <class T>
  double operator()(const LossCall<T>& call) const {
    const std::size_t items = call.prediction.back();
    return detail::sum_losses(
        name, call, items, items, [&](std::size_t n, const T* truth, const T* scores, T* losses, T* gradient) {
          for (std::size_t i = 0; i < n; ++i)
            losses[i] = static_cast<T>(
                pairs(items, truth + i * items, scores + i * items, gradient ? gradient + i * items : nullptr));
        });
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    if (prediction.rank() == 0 || prediction.back() < 2)
      throw ShapeError(text(name, ": expected scores of at least two candidates on the last axis, received ",
                            rows_text(prediction), "; score what was chosen beside what was not"));
    detail::check_truth_shape(name, truth, prediction, prediction, "write 1 for relevant candidates, 0 for the others");
    detail::check_truth_values(name, truth, "1 for relevant candidates, 0 for the others", 0,
                               std::numeric_limits<double>::infinity(), "write 0 for what is not relevant");
  }
  void fields(auto&&) {}

 private:
  template <class T>
  static double pairs(std::size_t items, const T* truth, const T* scores, T* g) {
    const auto relevant = static_cast<double>(std::count_if(truth, truth + items, [](T t) { return t > 0; }));
    const double count = relevant * (static_cast<double>(items) - relevant);
    if (g) std::fill_n(g, items, T(0));
    if (count == 0) return 0;
    double loss = 0;
    for (std::size_t i = 0; i < items; ++i) {
      if (!(truth[i] > 0)) continue;
      double pull = 0;
      for (std::size_t j = 0; j < items; ++j) {
        if (truth[j] > 0) continue;
        const double behind = static_cast<double>(scores[j]) - static_cast<double>(scores[i]);
        loss += detail::stable_softplus(behind);
        if (!g) continue;
        const double slope = detail::stable_sigmoid(behind) / count;
        g[j] += static_cast<T>(slope);
        pull += slope;
      }
      if (g) g[i] -= static_cast<T>(pull);
    }
    return loss / count;
  }
};

}  // namespace foretell

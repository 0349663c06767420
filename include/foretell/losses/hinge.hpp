// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "foretell/losses/formula_loss.hpp"
#include "foretell/losses/softmax_row.hpp"

// Losses of margins, formulas as keras.losses.

namespace foretell {

namespace detail {

template <class L>
class BinaryHinge : public FormulaLoss<L> {
 public:
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    check_truth_shape(L::name, truth, prediction, prediction, "for several classes use CategoricalHinge");
    check_truth_values(L::name, truth, expected, -1, 1, advice);
    bool zero = false, below = false;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const T t = truth.data()[i];
      zero = zero || t == 0;
      below = below || t == -1;
      if ((t != 0 && t != -1 && t != 1) || (zero && below))
        throw DataError(text(L::name, ": expected ", expected, ", received ", t,
                             zero && below ? " beside the other of 0 and -1" : "", " in row ", i / truth.row_size(),
                             ", counted from 0; ", advice));
    }
  }
  void check_output(const OutputFacts& output) const { check_raw(L::name, output); }
  bool takes_logits() const { return true; }

 private:
  static constexpr std::string_view expected = "classes -1 and 1, or 0 and 1",
                                    advice = "write the two classes as 0 and 1";
};

}  // namespace detail

/// max(0, 1 - t p), t -1 or 1; a truth 0 counts as -1, in whatever batch it stands.
class Hinge : public detail::BinaryHinge<Hinge> {
 public:
  static constexpr std::string_view name = "hinge";
  kernels::formula::Hinge formula() const { return {}; }
};

/// max(0, 1 - t p)^2, t as in Hinge.
class SquaredHinge : public detail::BinaryHinge<SquaredHinge> {
 public:
  static constexpr std::string_view name = "squared_hinge";
  kernels::formula::SquaredHinge formula() const { return {}; }
};

/// max(0, 1 + the largest (1 - t_c) p_c - sum t_c p_c) over the last axis, t one-hot. Of equal largest the first has
/// the slope.
class CategoricalHinge {
 public:
  static constexpr std::string_view name = "categorical_hinge";
  static constexpr bool signed_weights = true;

  template <class T>
  double operator()(const LossCall<T>& call) const {
    const std::size_t classes = call.prediction.back();
    return detail::sum_losses(name, call, classes, classes,
                              [&](std::size_t n, const T* truth, const T* prediction, T* losses, T* gradient) {
                                for (std::size_t i = 0; i < n; ++i)
                                  losses[i] = margin(classes, truth + i * classes, prediction + i * classes,
                                                     gradient ? gradient + i * classes : nullptr);
                              });
  }
  template <class T>
  void validate(In<T> truth, const Shape& prediction) const {
    detail::check_classes(name, prediction);
    detail::check_truth_shape(name, truth, prediction, prediction, "give each class a number, 1 for the right one");
    detail::check_truth_values(name, truth, "one-hot classes, within 0 .. 1", 0, 1, "write 1 for the right class");
  }
  void fields(auto&&) {}

 private:
  template <class T>
  static T margin(std::size_t classes, const T* t, const T* p, T* g) {
    std::size_t rival = 0;
    T largest = (1 - t[0]) * p[0];
    for (std::size_t c = 1; c < classes; ++c)
      if (const T other = (1 - t[c]) * p[c]; !(other <= largest)) largest = other, rival = c;
    const T loss = static_cast<T>(1 + static_cast<double>(largest) - kernels::dot(classes, t, p));
    const bool met = loss <= 0;
    if (g) {
      for (std::size_t c = 0; c < classes; ++c) g[c] = met ? T(0) : -t[c];
      if (!met) g[rival] += 1 - t[rival];
    }
    return met ? T(0) : loss;
  }
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

#include "foretell/core/view.hpp"
#include "foretell/losses/output_facts.hpp"
#include "foretell/metrics/mean.hpp"
#include "foretell/metrics/mode.hpp"
#include "foretell/metrics/positions.hpp"

namespace foretell {

struct LogLossOptions {
  std::string name = "log_loss";
};

/// Mean of -log(probability of what was true), from probabilities clipped to [eps, 1 - eps] with the eps of the scalar
/// type, as log_loss and scikit-learn's. Throws DataError for numbers that are no probabilities and for classes whose
/// probabilities do not sum to 1; NaN after a NaN. One output is the probability of yes. Of several outputs with truth
/// of the same shape, all are classes of which the truth is a (one-hot or soft) distribution; with one class id a
/// position, the id names the true one.
class LogLoss : public detail::MeanMetric<LogLossOptions> {
 public:
  static constexpr Mode mode = Mode::min;
  using MeanMetric::MeanMetric;

  template <class T>
  void update(In<T> truth, In<T> prediction, const T* weights) {
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    const auto cost = [eps](double p) { return -std::log(std::min(std::max(p, eps), 1 - eps)); };
    const std::size_t classes = prediction.back();
    const bool ids = truth.row_size() * classes == prediction.row_size();
    if (truth.rows() != prediction.rows() || !(ids || truth.row_size() == prediction.row_size()))
      detail::wrong_truth(options_.name,
                          "truth in the shape of the predictions, or one class id for each vector of them", truth,
                          prediction);
    detail::for_each_position(prediction, classes, weights, [&](std::size_t i, double weight) {
      const T* p = prediction.data() + i * classes;
      double loss = 0;
      if (classes == 1) {
        const double t = static_cast<double>(truth.data()[i]);
        const double yes = detail::probability(options_.name, static_cast<double>(p[0]));
        if (!(t >= 0 && t <= 1)) (void)detail::class_id(options_.name, t, 2);
        loss = t * cost(yes) + (1 - t) * cost(1 - yes);
      } else if (const double sum = checked_sum(p, classes); std::isnan(sum)) {
        loss = sum;
      } else if (ids) {
        loss = cost(
            static_cast<double>(p[detail::class_id(options_.name, static_cast<double>(truth.data()[i]), classes)]));
      } else {
        for (std::size_t c = 0; c < classes; ++c)
          if (const double t = static_cast<double>(truth.data()[i * classes + c]); t != 0)
            loss += t * cost(static_cast<double>(p[c]));
      }
      mean_.add(loss, weight);
    });
  }
  void check_output(const OutputFacts& output) const { detail::check_no_logits(options_.name, output); }
  void fields(auto&& f) { f("name", options_.name); }

 private:
  template <class T>
  double checked_sum(const T* p, std::size_t classes) const {
    double sum = 0;
    for (std::size_t c = 0; c < classes; ++c) sum += detail::probability(options_.name, static_cast<double>(p[c]));
    if (std::abs(sum - 1) > 1e-3)
      throw DataError(text("metric \"", options_.name, "\": expected probabilities that sum to 1, received ", sum,
                           "; end the model in softmax, or take BinaryCrossentropy for outputs that stand alone."));
    return sum;
  }
};

}  // namespace foretell

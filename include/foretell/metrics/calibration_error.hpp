// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/view.hpp"
#include "foretell/losses/output_facts.hpp"
#include "foretell/metrics/calibration.hpp"
#include "foretell/metrics/mode.hpp"
#include "foretell/metrics/positions.hpp"

namespace foretell {

struct ExpectedCalibrationErrorOptions {
  std::size_t n_bins = 10;
  std::string name = "expected_calibration_error";
};

/// As expected_calibration_error with bins of equal width, over a data set that is seen batch by batch: of single
/// probabilities (truth above 0.5 is yes), or of the greatest one along the last axis (truth as class ids or one-hot).
/// NaN of no rows and after a NaN. Throws DataError for a number that is no probability.
class ExpectedCalibrationError {
 public:
  static constexpr Mode mode = Mode::min;
  explicit ExpectedCalibrationError(ExpectedCalibrationErrorOptions options = {})
      : options_(std::move(options)), sums_{detail::uniform_edges(options_.name, options_.n_bins)} {}

  std::string name() const { return options_.name; }
  template <class T>
  void update(In<T> truth, In<T> prediction, const T* weights) {
    const std::size_t classes = prediction.back();
    const bool ids = truth.row_size() * classes == prediction.row_size();
    if (truth.rows() != prediction.rows() || !(ids || truth.row_size() == prediction.row_size()))
      detail::wrong_truth(options_.name, "one class id for each vector of probabilities, or one-hot truth", truth,
                          prediction);
    detail::for_each_position(prediction, classes, weights, [&](std::size_t i, double weight) {
      const T *p = prediction.data() + i * classes, *t = truth.data() + i * (ids ? 1 : classes);
      const std::size_t best = detail::argmax(p, classes),
                        label = ids ? best : detail::labelled_class(options_.name, t, classes);
      if (label == classes) return;
      const double confidence = static_cast<double>(p[best]);
      broken_ = broken_ || std::isnan(detail::probability(options_.name, confidence));
      const bool right = classes == 1 ? detail::says_yes(options_.name, static_cast<double>(*t))
                         : ids        ? detail::class_id(options_.name, static_cast<double>(*t), classes) == best
                                      : label == best;
      sums_.add(confidence, right, weight);
    });
  }
  double result() const {
    return broken_ ? std::numeric_limits<double>::quiet_NaN() : detail::calibration_error(bins());
  }
  /// The reliability table: what was predicted and what came true in each bin.
  std::vector<CalibrationBin> bins() const { return sums_.bins(); }
  void reset() {
    for (CalibrationBin& bin : sums_.sums) bin = {};
    broken_ = false;
  }
  /// Throws ConfigError when the other has another number of bins.
  void merge(const ExpectedCalibrationError& other) {
    if (other.sums_.sums.size() != sums_.sums.size())
      throw ConfigError(text("metric \"", options_.name, "\": expected ", sums_.sums.size(),
                             " bins to merge, received ", other.sums_.sums.size(), "."));
    for (std::size_t b = 0; b < sums_.sums.size(); ++b) {
      sums_.sums[b].predicted += other.sums_.sums[b].predicted;
      sums_.sums[b].observed += other.sums_.sums[b].observed;
      sums_.sums[b].count += other.sums_.sums[b].count;
    }
    broken_ = broken_ || other.broken_;
  }
  void check_output(const OutputFacts& output) const { detail::check_no_logits(options_.name, output); }
  void fields(auto&& f) {
    f("n_bins", options_.n_bins);
    f("name", options_.name);
    if (options_.n_bins != sums_.sums.size()) sums_ = {detail::uniform_edges(options_.name, options_.n_bins)};
  }

 private:
  ExpectedCalibrationErrorOptions options_;
  detail::CalibrationSums sums_;
  bool broken_ = false;
};

}  // namespace foretell

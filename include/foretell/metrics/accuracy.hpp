// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <string>

#include "foretell/core/view.hpp"
#include "foretell/losses/output_facts.hpp"
#include "foretell/metrics/mean.hpp"
#include "foretell/metrics/mode.hpp"
#include "foretell/metrics/positions.hpp"

namespace foretell {

struct BinaryAccuracyOptions {
  double threshold = 0.5;  ///< a prediction above it says yes
  std::string name = "binary_accuracy";
};

/// Share of the numbers in the prediction that lie on the same side as the truth: prediction > threshold where truth >
/// 0.5. Where the loss takes logits a threshold between 0 and 1 is refused, which keras.metrics compares with them.
/// This and the next two are NaN after a NaN among the scores.
class BinaryAccuracy : public detail::MeanMetric<BinaryAccuracyOptions> {
 public:
  static constexpr Mode mode = Mode::max;
  using MeanMetric::MeanMetric;

  template <class T>
  void update(In<T> truth, In<T> prediction, const T* weights) {
    detail::for_each_pair(options_.name, truth, prediction, weights, [&](double t, double p, double weight) {
      mean_.add(std::isnan(p) ? p : detail::says_yes(options_.name, t) == (p > options_.threshold), weight);
    });
  }
  void check_output(const OutputFacts& output) const {
    detail::check_threshold(options_.name, output, options_.threshold);
  }
  void fields(auto&& f) {
    f("threshold", options_.threshold);
    f("name", options_.name);
  }
};

struct CategoricalAccuracyOptions {
  std::string name = "categorical_accuracy";
};

/// Share of the positions whose greatest score stands where the one-hot truth has its greatest value. A truth of zeros
/// alone does not count, one of several labels throws DataError; keras.metrics takes class 0 and the first label.
class CategoricalAccuracy : public detail::MeanMetric<CategoricalAccuracyOptions> {
 public:
  static constexpr Mode mode = Mode::max;
  using MeanMetric::MeanMetric;

  template <class T>
  void update(In<T> truth, In<T> prediction, const T* weights) {
    if (truth.rows() != prediction.rows() || truth.row_size() != prediction.row_size())
      detail::wrong_truth(options_.name,
                          "one-hot truth in the shape of the predictions (class ids go with SparseCategoricalAccuracy)",
                          truth, prediction);
    const std::size_t classes = prediction.back();
    detail::for_each_position(prediction, classes, weights, [&](std::size_t i, double weight) {
      const T* p = prediction.data() + i * classes;
      const std::size_t id = detail::labelled_class(options_.name, truth.data() + i * classes, classes);
      if (id == classes) return;
      const std::size_t best = detail::argmax(p, classes);
      mean_.add(std::isnan(p[best]) ? std::nan("") : id == best, weight);
    });
  }
  void check_output(const OutputFacts& output) const {
    detail::check_several(options_.name, output, "for one number use BinaryAccuracy");
  }
  void fields(auto&& f) { f("name", options_.name); }
};

struct SparseCategoricalAccuracyOptions {
  std::string name = "sparse_categorical_accuracy";
};

/// Share of the positions whose greatest score stands at the class id that is the truth. Throws DataError for an id out
/// of range.
class SparseCategoricalAccuracy : public detail::MeanMetric<SparseCategoricalAccuracyOptions> {
 public:
  static constexpr Mode mode = Mode::max;
  using MeanMetric::MeanMetric;

  template <class T>
  void update(In<T> truth, In<T> prediction, const T* weights) {
    const std::size_t classes = prediction.back();
    if (truth.rows() != prediction.rows() || truth.row_size() * classes != prediction.row_size())
      detail::wrong_truth(options_.name, "one class id for each vector of scores", truth, prediction);
    detail::for_each_position(prediction, classes, weights, [&](std::size_t i, double weight) {
      const std::size_t id = detail::class_id(options_.name, static_cast<double>(truth.data()[i]), classes);
      const T* p = prediction.data() + i * classes;
      const std::size_t best = detail::argmax(p, classes);
      mean_.add(std::isnan(p[best]) ? std::nan("") : id == best, weight);
    });
  }
  void check_output(const OutputFacts& output) const {
    detail::check_several(options_.name, output, "for one number use BinaryAccuracy");
  }
  void fields(auto&& f) { f("name", options_.name); }
};

}  // namespace foretell

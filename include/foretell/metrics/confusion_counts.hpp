// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/metrics/class_counts.hpp"
#include "foretell/metrics/positions.hpp"

namespace foretell::detail {

/// A confusion matrix that is collected batch by batch. The predicted class of a position is the one of the greatest
/// score along the last axis, the first of equals; or, of a single number, whether it is above the threshold.
class ConfusionCounts {
 public:
  /// The truth has the prediction's shape, one-hot, or one class id for each position; zeros alone do not count. Throws
  /// ShapeError, also for another number of classes than before, and DataError for an id out of range and for several
  /// labels.
  template <class T>
  void update(std::string_view metric, In<T> truth, In<T> prediction, const T* weights, double threshold) {
    const std::size_t width = prediction.back(), classes = std::max<std::size_t>(width, 2);
    const bool ids = truth.row_size() * width == prediction.row_size();
    if (truth.rows() != prediction.rows() || !(ids || truth.row_size() == prediction.row_size()))
      wrong_truth(metric, "one class id for each vector of scores, or one-hot truth", truth, prediction);
    grow(metric, classes);
    for_each_position(prediction, width, weights, [&](std::size_t i, double weight) {
      std::size_t t, p;
      if (width == 1) {
        t = says_yes(metric, static_cast<double>(truth.data()[i]));
        broken_ = broken_ || std::isnan(prediction.data()[i]);
        p = static_cast<double>(prediction.data()[i]) > threshold;
      } else {
        t = ids ? class_id(metric, static_cast<double>(truth.data()[i]), classes)
                : labelled_class(metric, truth.data() + i * width, width);
        if (t == width) return;
        p = argmax(prediction.data() + i * width, width);
        broken_ = broken_ || std::isnan(prediction.data()[i * width + p]);
      }
      counts_[t * classes_ + p] += weight;
    });
  }
  void merge(std::string_view metric, const ConfusionCounts& other) {
    if (other.classes_ == 0) return;
    broken_ = broken_ || other.broken_;
    grow(metric, other.classes_);
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  }
  void reset() { *this = {}; }

  std::size_t classes() const { return classes_; }
  /// A score was NaN.
  bool broken() const { return broken_; }
  double operator()(std::size_t truth, std::size_t prediction) const { return counts_[truth * classes_ + prediction]; }
  std::vector<ClassCount> by_class() const {
    std::vector<ClassCount> all(classes_);
    for (std::size_t t = 0; t < classes_; ++t)
      for (std::size_t p = 0; p < classes_; ++p) {
        all[t].truth += (*this)(t, p);
        all[p].prediction += (*this)(t, p);
        if (t == p) all[t].both += (*this)(t, p);
      }
    return all;
  }
  /// Those that occur in truth or prediction.
  std::vector<ClassCount> by_seen_class() const {
    std::vector<ClassCount> all = by_class();
    std::erase_if(all, [](const ClassCount& c) { return !(c.truth > 0 || c.prediction > 0); });
    return all;
  }

 private:
  void grow(std::string_view metric, std::size_t classes) {
    if (classes_ != 0 && classes_ != classes)
      throw ShapeError(text("metric \"", metric, "\": expected scores of ", classes_, " classes as before, received ",
                            classes, "; reset it before it sees another model."));
    classes_ = classes;
    counts_.resize(classes * classes);
  }

  std::size_t classes_ = 0;
  bool broken_ = false;
  std::vector<double> counts_;
};

}  // namespace foretell::detail

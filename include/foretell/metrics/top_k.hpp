// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/view.hpp"
#include "foretell/losses/output_facts.hpp"
#include "foretell/metrics/arguments.hpp"
#include "foretell/metrics/mean.hpp"
#include "foretell/metrics/mode.hpp"
#include "foretell/metrics/positions.hpp"

namespace foretell {

namespace detail {

inline void check_k(std::string_view metric, std::size_t k) {
  if (k == 0) throw ConfigError(text("metric \"", metric, "\": expected k of at least 1, received 0."));
}

/// 1 when fewer than k scores stand before score `id`: greater ones, and equal ones of earlier classes, as in argmax. 0
/// of a class left out by the score -infinity. NaN when a score is NaN.
template <class T>
double in_top_k(const T* scores, std::size_t classes, std::size_t id, std::size_t k) {
  std::size_t before = 0, broken = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    before += scores[c] > scores[id] || (c < id && scores[c] == scores[id]) ? 1 : 0;
    broken += scores[c] != scores[c];
  }
  return broken ? std::nan("") : before < k && scores[id] != -std::numeric_limits<T>::infinity();
}

}  // namespace detail

struct TopKCategoricalAccuracyOptions {
  std::size_t k = 5;
  std::string name = "top_k_categorical_accuracy";
};

/// Share of the positions whose true class, the greatest value of the one-hot truth, has one of the k greatest scores.
/// Of equal scores the earlier class is greater, as for CategoricalAccuracy: of three equal scores class 0 alone is
/// found for k = 1. keras.metrics finds all three, sklearn.metrics.top_k_accuracy_score the last. A class of score
/// -infinity is found at no k. Truth of zeros or several labels as for CategoricalAccuracy. NaN after a NaN.
class TopKCategoricalAccuracy : public detail::MeanMetric<TopKCategoricalAccuracyOptions> {
 public:
  static constexpr Mode mode = Mode::max;
  explicit TopKCategoricalAccuracy(TopKCategoricalAccuracyOptions options = {}) : MeanMetric(std::move(options)) {
    detail::check_k(options_.name, options_.k);
  }

  template <class T>
  void update(In<T> truth, In<T> prediction, const T* weights) {
    if (truth.rows() != prediction.rows() || truth.row_size() != prediction.row_size())
      detail::wrong_truth(
          options_.name,
          "one-hot truth in the shape of the predictions (class ids go with SparseTopKCategoricalAccuracy)", truth,
          prediction);
    const std::size_t classes = prediction.back();
    detail::for_each_position(prediction, classes, weights, [&](std::size_t i, double weight) {
      const std::size_t id = detail::labelled_class(options_.name, truth.data() + i * classes, classes);
      if (id == classes) return;
      mean_.add(detail::in_top_k(prediction.data() + i * classes, classes, id, options_.k), weight);
    });
  }
  void check_output(const OutputFacts& output) const {
    detail::check_several(options_.name, output, "for one number use BinaryAccuracy");
  }
  void fields(auto&& f) {
    f("k", options_.k);
    f("name", options_.name);
  }
};

struct SparseTopKCategoricalAccuracyOptions {
  std::size_t k = 5;
  std::string name = "sparse_top_k_categorical_accuracy";
};

/// Share of the positions whose class id has one of the k greatest scores, equal ones as above. Throws DataError for an
/// id out of range.
class SparseTopKCategoricalAccuracy : public detail::MeanMetric<SparseTopKCategoricalAccuracyOptions> {
 public:
  static constexpr Mode mode = Mode::max;
  explicit SparseTopKCategoricalAccuracy(SparseTopKCategoricalAccuracyOptions options = {})
      : MeanMetric(std::move(options)) {
    detail::check_k(options_.name, options_.k);
  }

  template <class T>
  void update(In<T> truth, In<T> prediction, const T* weights) {
    const std::size_t classes = prediction.back();
    if (truth.rows() != prediction.rows() || truth.row_size() * classes != prediction.row_size())
      detail::wrong_truth(options_.name, "one class id for each vector of scores", truth, prediction);
    detail::for_each_position(prediction, classes, weights, [&](std::size_t i, double weight) {
      const std::size_t id = detail::class_id(options_.name, static_cast<double>(truth.data()[i]), classes);
      mean_.add(detail::in_top_k(prediction.data() + i * classes, classes, id, options_.k), weight);
    });
  }
  void check_output(const OutputFacts& output) const {
    detail::check_several(options_.name, output, "for one number use BinaryAccuracy");
  }
  void fields(auto&& f) {
    f("k", options_.k);
    f("name", options_.name);
  }
};

struct TopKAccuracyOptions {
  std::size_t k = 2;
  SampleWeight sample_weight{};
};

/// Share of rows whose true class has one of the k greatest of the (n, classes) scores, equal ones as above; truth as
/// class ids or one-hot rows. Throws ShapeError and DataError.
template <detail::Numbers Truth, detail::Numbers Score>
double top_k_accuracy_score(const Truth& truth, const Score& score, const TopKAccuracyOptions& options = {}) {
  detail::check_k("top_k_accuracy_score", options.k);
  const Array<double> s = detail::numbers("top_k_accuracy_score", "score", score),
                      t = detail::numbers("top_k_accuracy_score", "truth", truth);
  detail::same_rows("top_k_accuracy_score", t, s);
  detail::check_weights("top_k_accuracy_score", options.sample_weight, s.rows());
  const std::size_t classes = s.row_size();
  const std::vector<std::size_t> ids = detail::class_ids("top_k_accuracy_score", t, classes);
  detail::WeightedMean mean;
  for (std::size_t row = 0; row < s.rows(); ++row)
    mean.add(detail::in_top_k(s.data() + row * classes, classes, ids[row], options.k), options.sample_weight[row]);
  return mean.result();
}

}  // namespace foretell

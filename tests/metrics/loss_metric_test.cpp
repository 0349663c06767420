// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "foretell/core/random.hpp"
#include "foretell/losses/catalog.hpp"
#include "foretell/metrics/catalog.hpp"
#include "foretell/xt/tensor.hpp"

using namespace foretell;

namespace {

struct Batch {
  std::size_t rows;
  Shape truth_shape, shape;
  std::vector<double> truth, prediction, weights;
  std::vector<std::uint8_t> mask;  ///< empty for none

  /// Rows first .. last - 1 shown to a metric.
  void show(Metric<double>& metric, std::size_t first, std::size_t last) const {
    const std::size_t t = truth_shape.size(), p = shape.size(), n = last - first;
    metric.update(In<double>(truth.data() + first * t, n, truth_shape),
                  In<double>(prediction.data() + first * p, n, shape,
                             mask.empty() ? nullptr : mask.data() + first * shape.front()),
                  weights.empty() ? nullptr : weights.data() + first);
  }
};

double result(const Loss<double>& loss, const Batch& batch, std::size_t size) {
  Metric<double> metric = loss;
  for (std::size_t i = 0; i < batch.rows; i += size) batch.show(metric, i, std::min(i + size, batch.rows));
  return metric.result();
}

/// Two sequences of three steps: errors of 1 in one real step, of 2 in three.
Batch padded() { return {2, {3, 1}, {3, 1}, std::vector<double>(6, 0.0), {1, 0, 0, 2, 2, 2}, {}, {1, 0, 0, 1, 1, 1}}; }

}  // namespace

TEST_CASE("LossMetric: the mean over real steps at any batch size, with the weights of rows, as Keras") {
  Batch batch = padded();
  struct Expected {
    Loss<double> loss;
    double plain, weighted;  // keras 3.15.1: evaluate's weighted_metrics, weights 1 and 3
  };
  for (const Expected& expected : {Expected{MeanSquaredError(), 3.25, 3.7}, Expected{MeanAbsoluteError(), 1.75, 1.9},
                                   Expected{SquaredHinge(), 7.75, 8.5}, Expected{Loss<double>(Huber()), 1.25, 1.4}}) {
    CAPTURE(std::string(expected.loss.name()));
    for (const std::size_t size : {1u, 2u}) {
      batch.weights = {};
      CHECK(result(expected.loss, batch, size) == doctest::Approx(expected.plain));
      batch.weights = {1, 3};
      CHECK(result(expected.loss, batch, size) == doctest::Approx(expected.weighted));
    }
    batch.weights = {0, 1};
    CHECK(result(expected.loss, batch, 2) == result(expected.loss, batch, 1));
    batch.weights = {0, 0};
    CHECK(std::isnan(result(expected.loss, batch, 1)));
  }
  batch.weights = {};
  batch.mask.assign(6, 0);
  CHECK(std::isnan(result(MeanSquaredError(), batch, 1)));
}

TEST_CASE(
    "LossMetric: every loss of positions is the weighted mean over the real ones, in whatever parts it sees them") {
  constexpr std::size_t rows = 23, steps = 5, width = 3;
  const std::vector<Loss<double>> numbers{
      MeanSquaredError(),   MeanAbsoluteError(),       LogCosh(), Huber(),       Quantile(), Poisson(), Tweedie(),
      BinaryCrossentropy(), BinaryFocalCrossentropy(), Hinge(),   SquaredHinge()},
      vectors{CategoricalCrossentropy(),
              CategoricalFocalCrossentropy(),
              KLDivergence(),
              CosineSimilarity(),
              CategoricalHinge(),
              BPR()},
      ids{SparseCategoricalCrossentropy(), SparseCategoricalCrossentropy({.from_logits = true})};
  std::vector<Loss<double>> all = numbers;
  all.insert(all.end(), vectors.begin(), vectors.end());
  all.insert(all.end(), ids.begin(), ids.end());
  const Random random(5);
  for (std::size_t l = 0; l < all.size(); ++l) {
    CAPTURE(std::string(all[l].name()));
    const bool sparse = l >= numbers.size() + vectors.size();
    for (const bool masked : {true, false})
      for (const bool weighted : {true, false}) {
        const Random draws = random.stream(4 * l + 2 * masked + weighted);
        const std::size_t truths = sparse ? 1 : width;
        Batch batch{rows, sparse ? Shape{steps} : Shape{steps, width}, {steps, width}, {}, {}, {}, {}};
        for (std::size_t i = 0; i < rows * steps * truths; ++i)
          batch.truth.push_back(sparse ? static_cast<double>(draws.below(i, width)) : draws.uniform(i, 0, 1));
        for (std::size_t i = 0; i < rows * steps * width; ++i)
          batch.prediction.push_back(draws.stream("p").uniform(i, 0.05, 0.95));
        for (std::size_t i = 0; weighted && i < rows; ++i)
          batch.weights.push_back(static_cast<double>(draws.stream("w").below(i, 3)));
        for (std::size_t i = 0; masked && i < rows * steps; ++i)
          batch.mask.push_back(draws.stream("m").below(i, 4) > 0 ? 1 : 0);
        const Shape one_truth = sparse ? Shape{} : Shape{width}, one_prediction{width};
        double sum = 0, weight = 0;
        for (std::size_t i = 0; i < rows * steps; ++i) {  // the slow rule: a call for each step
          if (masked && !batch.mask[i]) continue;
          const double w = weighted ? batch.weights[i / steps] : 1;
          const LossCall<double> call{In<double>(batch.truth.data() + i * truths, 1, one_truth),
                                      In<double>(batch.prediction.data() + i * width, 1, one_prediction)};
          sum += w * all[l](call);
          weight += w;
        }
        for (const std::size_t size : {1u, 2u, 7u, 23u})
          CHECK(result(all[l], batch, size) == doctest::Approx(sum / weight));
        Metric<double> left = all[l], right = all[l];
        batch.show(left, 0, 9);
        batch.show(right, 9, rows);
        left.merge(right);
        CHECK(left.result() == doctest::Approx(sum / weight));
      }
  }
}

TEST_CASE("LossMetric: a loss of whole rows stays a mean over rows where there is a mask") {
  Batch batch{2, {2}, {4, 3}, {1, 2, 2, 0}, {}, {1, 3}, {1, 1, 1, 1, 1, 1, 0, 0}};
  for (std::size_t i = 0; i < 24; ++i) batch.prediction.push_back(static_cast<double>(i * 7 % 5));
  const auto row = [&](std::size_t i) {
    return CTC()(LossCall<double>{In<double>(batch.truth.data() + 2 * i, 1, {2}),
                                  In<double>(batch.prediction.data() + 12 * i, 1, {4, 3}, batch.mask.data() + 4 * i)});
  };
  for (const std::size_t size : {1u, 2u})
    CHECK(result(CTC(), batch, size) == doctest::Approx((row(0) + 3 * row(1)) / 4));
}

namespace {
struct Silent {
  static constexpr std::string_view name = "silent";
  template <class T>
  void update(In<T>, In<T>, const T*) {}
  double result() const { return 0; }
  void reset() {}
  void merge(const Silent&) {}
};
struct Rising : Silent {
  static constexpr std::string_view name = "rising";
  static constexpr Mode mode = Mode::max;
};
struct Chosen : Silent {
  static constexpr std::string_view name = "chosen";
  Mode chosen = Mode::min;
  Mode mode() const { return chosen; }
};
struct Worded : Silent {  // a member of another type is not meant
  static constexpr std::string_view name = "worded", mode = "max";
};
}  // namespace

TEST_CASE("Metric: says whether it rises or falls when it gets better") {
  const auto function = [](const Tensor<float>&, const Tensor<float>&) { return 0.0; };
  for (const Metric<float>& metric : std::vector<Metric<float>>{BinaryAccuracy(),
                                                                CategoricalAccuracy(),
                                                                SparseCategoricalAccuracy(),
                                                                TopKCategoricalAccuracy(),
                                                                SparseTopKCategoricalAccuracy(),
                                                                BalancedAccuracy(),
                                                                MatthewsCorrelation(),
                                                                CohenKappa(),
                                                                Precision(),
                                                                Recall(),
                                                                F1Score({.name = "loss"}),
                                                                AUC(),
                                                                AUC({.curve = Curve::pr, .name = "error"}),
                                                                R2Score(),
                                                                HitRate(),
                                                                RecallAtK(),
                                                                PrecisionAtK(),
                                                                MRR(),
                                                                MAP(),
                                                                NDCG(),
                                                                CatalogCoverage(),
                                                                Rising(),
                                                                metric("f", function, Mode::max)}) {
    CAPTURE(metric.name());
    CHECK(metric.mode() == Mode::max);
  }
  for (const Metric<float>& metric : std::vector<Metric<float>>{
           LogLoss(), BrierScore(), ExpectedCalibrationError(), RootMeanSquaredError({.name = "accuracy"}),
           RootMeanSquaredLogError(), MeanAbsolutePercentageError(), SymmetricMeanAbsolutePercentageError(),
           MeanAbsoluteScaledError(), RootMeanSquaredScaledError(), MeanSquaredError(), CosineSimilarity(),
           Loss<float>(Poisson()), Chosen()}) {
    CAPTURE(metric.name());
    CHECK(metric.mode() == Mode::min);
  }
  CHECK(Metric<float>(Silent()).mode() == Mode::automatic);
  CHECK(Metric<float>(Worded()).mode() == Mode::automatic);
  CHECK(Metric<float>(metric("f", function)).mode() == Mode::automatic);
}

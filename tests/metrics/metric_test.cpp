// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/core/random.hpp>
#include <foretell/losses/regression.hpp>
#include <foretell/metrics/accuracy.hpp>
#include <foretell/metrics/agreement.hpp>
#include <foretell/metrics/auc.hpp>
#include <foretell/metrics/calibration_error.hpp>
#include <foretell/metrics/errors.hpp>
#include <foretell/metrics/log_loss_metric.hpp>
#include <foretell/metrics/metric.hpp>
#include <foretell/metrics/precision_recall.hpp>
#include <foretell/metrics/ranking_at_k.hpp>
#include <foretell/metrics/top_k.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

using namespace foretell;

namespace {

/// Rows with owned values, to be seen through a view.
template <class T>
struct Rows {
  std::size_t rows;
  Shape shape;
  std::vector<T> values;
  std::vector<std::uint8_t> mask{};
  operator In<T>() const { return In<T>(values.data(), rows, shape, mask.empty() ? nullptr : mask.data()); }
  Rows slice(std::size_t first, std::size_t last) const {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first * shape.size());
    return {last - first,
            shape,
            std::vector<T>(begin, begin + static_cast<std::ptrdiff_t>((last - first) * shape.size())),
            {}};
  }
};

template <class M, class T>
double once(M metric, const Rows<T>& truth, const Rows<T>& prediction, const std::vector<T>& weights = {}) {
  Metric<T> erased(std::move(metric));
  erased.update(truth, prediction, weights.empty() ? nullptr : weights.data());
  return erased.result();
}

/// The truth and a score that says something about it, with many ties.
template <class T>
std::pair<Rows<T>, Rows<T>> sample(std::size_t rows, std::size_t outputs = 1) {
  const Random random(7);
  Rows<T> truth{rows, {outputs}, std::vector<T>(rows * outputs)}, score = truth;
  for (std::size_t i = 0; i < rows * outputs; ++i) {
    truth.values[i] = random.uniform(2 * i) < 0.3 ? T(1) : T(0);
    score.values[i] = T(std::floor(10 * random.uniform(2 * i + 1)) / 20 + 0.4 * static_cast<double>(truth.values[i]));
  }
  return {truth, score};
}

}  // namespace

TEST_CASE("BinaryAccuracy: a prediction on the threshold says no, every output counts") {
  const Rows<float> truth{3, {2}, {1, 0, 1, 0, 0, 1}}, p{3, {2}, {0.9f, 0.1f, 0.5f, 0.5f, 0.51f, 0.51f}};
  CHECK(once(BinaryAccuracy(), truth, p) == doctest::Approx(4.0 / 6));
  CHECK(once(BinaryAccuracy({.threshold = 0.4}), truth, p) == doctest::Approx(4.0 / 6));
  CHECK(once(BinaryAccuracy({.threshold = 0.505}), truth, p) == doctest::Approx(4.0 / 6));
  CHECK(once(BinaryAccuracy(), truth, p, {1.f, 3.f, 0.f}) == doctest::Approx((2.0 + 3.0) / 8));
}

TEST_CASE("Accuracy: one-hot and class ids agree, the first of equal scores wins") {
  const Rows<double> p{4, {3}, {0.2, 0.5, 0.3, 0.4, 0.4, 0.2, 0.1, 0.1, 0.8, 1, 0, 0}};
  const Rows<double> one_hot{4, {3}, {0, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0}}, ids{4, {1}, {1, 1, 2, 0}};
  CHECK(once(CategoricalAccuracy(), one_hot, p) == 0.75);
  CHECK(once(SparseCategoricalAccuracy(), ids, p) == 0.75);
  CHECK(once(SparseCategoricalAccuracy(), ids, p, {1.0, 2.0, 1.0, 0.0}) == 0.5);
  CHECK_THROWS_AS(once(SparseCategoricalAccuracy(), Rows<double>{4, {1}, {1, 1, 3, 0}}, p), DataError);
  CHECK_THROWS_AS(once(SparseCategoricalAccuracy(), Rows<double>{4, {1}, {1, 0.5, 2, 0}}, p), DataError);
  CHECK_THROWS_AS(once(SparseCategoricalAccuracy(), one_hot, p), ShapeError);
  CHECK_THROWS_AS(once(CategoricalAccuracy(), ids, p), ShapeError);
}

TEST_CASE("Metric: masked steps do not count") {
  Rows<float> truth{2, {3, 1}, {1, 1, 0, 0, 1, 1}}, p{2, {3, 1}, {0.9f, 0.2f, 0.9f, 0.1f, 0.8f, 0.1f}};
  p.mask = {1, 1, 0, 1, 1, 0};
  CHECK(once(BinaryAccuracy(), truth, p) == 0.75);
  CHECK(once(AUC(), truth, p) == 1.0);
  Rows<float> scores{2, {2, 2}, {1, 0, 0, 1, 1, 0, 1, 0}}, ids{2, {2}, {0, 0, 1, 0}};
  scores.mask = {1, 0, 0, 1};
  CHECK(once(SparseCategoricalAccuracy(), ids, scores) == 1.0);
}

TEST_CASE("AUC: ties count one half, weights count") {
  const Rows<float> truth{4, {1}, {0, 0, 1, 1}};
  CHECK(once(AUC(), truth, Rows<float>{4, {1}, {0.1f, 0.4f, 0.35f, 0.8f}}) == 0.75);
  CHECK(once(AUC(), truth, Rows<float>{4, {1}, {0.5f, 0.5f, 0.5f, 0.5f}}) == 0.5);
  CHECK(once(AUC(), truth, Rows<float>{4, {1}, {0.1f, 0.4f, 0.35f, 0.8f}}, {1.f, 3.f, 1.f, 1.f}) ==
        doctest::Approx(5.0 / 8));
  CHECK(once(AUC({.curve = Curve::pr}), truth, Rows<float>{4, {1}, {0.1f, 0.4f, 0.35f, 0.8f}}) ==
        doctest::Approx(0.5 + 1.0 / 3));
}

TEST_CASE("AUC: undefined with one class, without rows and after NaN") {
  const Rows<float> p{3, {1}, {0.1f, 0.2f, 0.3f}};
  CHECK(std::isnan(once(AUC(), Rows<float>{3, {1}, {1, 1, 1}}, p)));
  CHECK(std::isnan(once(AUC(), Rows<float>{3, {1}, {0, 0, 0}}, p)));
  CHECK(std::isnan(once(AUC(), Rows<float>{3, {1}, {0, 1, 0}}, p, {1.f, 0.f, 1.f})));
  CHECK(once(AUC({.curve = Curve::pr}), Rows<float>{3, {1}, {1, 1, 1}}, p) == 1.0);
  CHECK(std::isnan(once(AUC({.curve = Curve::pr}), Rows<float>{3, {1}, {0, 0, 0}}, p)));
  CHECK(std::isnan(once(AUC(), Rows<float>{0, {1}, {}}, Rows<float>{0, {1}, {}})));
  CHECK(std::isnan(once(AUC(), Rows<float>{3, {1}, {0, 1, 0}}, Rows<float>{3, {1}, {0.1f, std::nanf(""), 0.3f}})));
  CHECK(std::isnan(once(BinaryAccuracy(), Rows<float>{0, {1}, {}}, Rows<float>{0, {1}, {}})));
}

TEST_CASE("AUC: the order of the rows does not change a bit") {
  auto [truth, score] = sample<double>(501);
  std::vector<double> weights(501);
  for (std::size_t i = 0; i < 501; ++i) weights[i] = 0.1 + Random(3).uniform(i);
  const double straight = once(AUC(), truth, score, weights);
  CHECK(straight > 0.9);
  const std::vector<std::size_t> order = Random(5).permutation(501);
  auto t = truth, s = score;
  auto w = weights;
  for (std::size_t i = 0; i < 501; ++i)
    t.values[i] = truth.values[order[i]], s.values[i] = score.values[order[i]], w[i] = weights[order[i]];
  CHECK(once(AUC(), t, s, w) == straight);
}

TEST_CASE_TEMPLATE("Metric: parts that are merged are the whole", T, float, double) {
  std::pair<Rows<T>, Rows<T>> three = sample<T>(97, 3);
  const std::pair<Rows<T>, Rows<T>> single = sample<T>(97);
  for (std::size_t row = 0; row < 97; ++row) {  // one label each
    T* t = three.first.values.data() + 3 * row;
    const std::size_t label = detail::argmax(t, 3);
    for (std::size_t c = 0; c < 3; ++c) t[c] = c == label;
  }
  std::vector<T> weights(97);
  for (std::size_t i = 0; i < 97; ++i) weights[i] = T(i % 5);
  const std::vector<Metric<T>> metrics{BinaryAccuracy(),
                                       CategoricalAccuracy(),
                                       AUC(),
                                       AUC({.curve = Curve::pr}),
                                       Precision(),
                                       Recall(),
                                       F1Score(),
                                       Precision({.average = AverageMode::macro}),
                                       F1Score({.average = AverageMode::weighted}),
                                       MatthewsCorrelation(),
                                       CohenKappa({.weights = KappaWeights::squared}),
                                       BalancedAccuracy(),
                                       TopKCategoricalAccuracy({.k = 2}),
                                       ExpectedCalibrationError(),
                                       BrierScore(),
                                       MeanAbsolutePercentageError(),
                                       SymmetricMeanAbsolutePercentageError(),
                                       RootMeanSquaredError(),
                                       RootMeanSquaredLogError(),
                                       MeanAbsoluteScaledError({.scale = 0.5}),
                                       RootMeanSquaredScaledError({.scale = 0.5}),
                                       R2Score(),
                                       HitRate({.k = 1}),
                                       RecallAtK({.k = 2}),
                                       PrecisionAtK({.k = 2}),
                                       MRR(),
                                       MAP(),
                                       NDCG({.k = 2}),
                                       CatalogCoverage({.k = 1}),
                                       LogLoss(),
                                       MeanSquaredError(),
                                       Loss<T>(MeanAbsoluteError())};
  for (const Metric<T>& empty : metrics) {
    CAPTURE(empty.name());
    const auto& [truth, score] = empty.template as<LogLoss>() ? single : three;
    Metric<T> whole = empty, merged = empty, batches = empty;
    whole.reserve(97);
    whole.update(truth, score, weights.data());
    for (const auto& [first, last] :
         std::vector<std::pair<std::size_t, std::size_t>>{{0, 1}, {1, 40}, {40, 40}, {40, 97}}) {
      Metric<T> part = empty;
      part.update(truth.slice(first, last), score.slice(first, last), weights.data() + first);
      batches.update(truth.slice(first, last), score.slice(first, last), weights.data() + first);
      merged.merge(part);
    }
    CHECK(merged.result() == doctest::Approx(whole.result()).epsilon(1e-14));
    CHECK(batches.result() == doctest::Approx(whole.result()).epsilon(1e-14));
    CHECK(std::abs(whole.result()) > 0);
    whole.reset();
    const bool counts =
        (empty.template as<Precision>() || empty.template as<Recall>() || empty.template as<F1Score>()) &&
        whole.result() == 0;
    CHECK((counts ? whole.result() == 0 : std::isnan(whole.result())));
    CHECK(std::abs(merged.result()) > 0);
  }
}

TEST_CASE("Precision, Recall, F1Score: counts of what lies above the threshold, 0 of nothing") {
  const Rows<float> truth{6, {1}, {1, 1, 1, 0, 0, 0}}, p{6, {1}, {0.9f, 0.8f, 0.1f, 0.7f, 0.5f, 0.2f}};
  CHECK(once(Precision(), truth, p) == doctest::Approx(2.0 / 3));
  CHECK(once(Recall(), truth, p) == doctest::Approx(2.0 / 3));
  CHECK(once(F1Score(), truth, p) == doctest::Approx(2.0 / 3));
  CHECK(once(Precision({.threshold = 0.75}), truth, p) == 1.0);
  CHECK(once(F1Score({.threshold = 0.75}), truth, p) == doctest::Approx(0.8));
  CHECK(once(Precision({.threshold = 0.4}), truth, p) == 0.5);
  const std::vector<float> weights{2, 1, 3, 1, 1, 1};
  CHECK(once(Precision(), truth, p, weights) == 0.75);
  CHECK(once(Recall(), truth, p, weights) == 0.5);
  CHECK(once(F1Score(), truth, p, weights) == doctest::Approx(0.6));
  for (const double threshold : {0.95, 0.5}) {
    const Rows<float> none{6, {1}, std::vector<float>(6)};
    CHECK(once(Precision({.threshold = threshold}), none, p) == 0);
    CHECK(once(Recall({.threshold = threshold}), none, p) == 0);
    CHECK(once(F1Score({.threshold = threshold}), none, p) == 0);
  }
  CHECK(once(Precision({.threshold = 0.95}), truth, p) == 0);
}

TEST_CASE("LogLoss: yes and no, one-hot rows and class ids") {
  const double a = -std::log(0.9), b = -std::log(0.4);
  CHECK(once(LogLoss(), Rows<double>{2, {1}, {1, 0}}, Rows<double>{2, {1}, {0.9, 0.6}}) ==
        doctest::Approx((a + b) / 2));
  CHECK(once(LogLoss(), Rows<double>{2, {1}, {1, 0}}, Rows<double>{2, {1}, {0.9, 0.6}}, {1.0, 3.0}) ==
        doctest::Approx((a + 3 * b) / 4));
  const Rows<double> p{2, {3}, {0.9, 0.05, 0.05, 0.3, 0.3, 0.4}};
  CHECK(once(LogLoss(), Rows<double>{2, {1}, {0, 2}}, p) == doctest::Approx((a + b) / 2));
  CHECK(once(LogLoss(), Rows<double>{2, {3}, {1, 0, 0, 0, 0, 1}}, p) == doctest::Approx((a + b) / 2));
  CHECK(once(LogLoss(), Rows<double>{1, {1}, {0}}, Rows<double>{1, {1}, {1}}) ==
        doctest::Approx(-std::log(std::numeric_limits<double>::epsilon())));
  CHECK(once(LogLoss(), Rows<float>{1, {1}, {0}}, Rows<float>{1, {1}, {1}}) ==
        doctest::Approx(-std::log(static_cast<double>(std::numeric_limits<float>::epsilon()))));
  CHECK_THROWS_AS(once(LogLoss(), Rows<double>{2, {1}, {0, 3}}, p), DataError);
  CHECK_THROWS_AS(once(LogLoss(), Rows<double>{2, {2}, {0, 1, 0, 1}}, p), ShapeError);
}

TEST_CASE("Metric: a loss, erased or not, is its mean over the rows") {
  const Rows<double> truth{2, {2}, {1, 2, 3, 4}}, p{2, {2}, {2, 4, 3, 3}};
  CHECK(Metric<double>(MeanAbsoluteError()).name() == "mean_absolute_error");
  CHECK(Metric<double>(Loss<double>(MeanSquaredError())).name() == "mean_squared_error");
  CHECK(once(MeanAbsoluteError(), truth, p) == 1.0);
  CHECK(once(Loss<double>(MeanSquaredError()), truth, p) == 1.5);
  CHECK(once(MeanSquaredError(), truth, p, {1.0, 3.0}) == doctest::Approx((2.5 + 3 * 0.5) / 4));
  CHECK_THROWS_AS(once(MeanSquaredError(), Rows<double>{2, {1}, {1, 2}}, p), ShapeError);
}

TEST_CASE("Metric: a copy goes its own way") {
  Metric<float> a = AUC();
  a.update(Rows<float>{2, {1}, {0, 1}}, Rows<float>{2, {1}, {0.1f, 0.9f}});
  Metric<float> b = a;
  b.update(Rows<float>{1, {1}, {0}}, Rows<float>{1, {1}, {1.5f}});
  CHECK(a.result() == 1.0);
  CHECK(b.result() == 0.5);
  CHECK(a.as<AUC>() != nullptr);
  CHECK(a.as<BinaryAccuracy>() == nullptr);
  CHECK_THROWS_AS(a.merge(BinaryAccuracy()), ConfigError);
}

TEST_CASE("Metric: names are Keras's, an option changes them") {
  CHECK(Metric<float>(BinaryAccuracy()).name() == "binary_accuracy");
  CHECK(Metric<float>(CategoricalAccuracy()).name() == "categorical_accuracy");
  CHECK(Metric<float>(SparseCategoricalAccuracy()).name() == "sparse_categorical_accuracy");
  CHECK(Metric<float>(AUC()).name() == "auc");
  CHECK(Metric<float>(AUC({.curve = Curve::pr})).name() == "pr_auc");
  CHECK(Metric<float>(AUC({.name = "area"})).name() == "area");
  CHECK(Metric<float>(Precision()).name() == "precision");
  CHECK(Metric<float>(Recall()).name() == "recall");
  CHECK(Metric<float>(F1Score()).name() == "f1_score");
  CHECK(Metric<float>(LogLoss()).name() == "log_loss");
}

TEST_CASE("Metric: truth of another shape is refused with both shapes") {
  const Rows<float> p{4, {1}, {0, 0, 0, 0}};
  try {
    once(AUC(), Rows<float>{4, {2}, {0, 0, 0, 0, 0, 0, 0, 0}}, p);
    FAIL("no error");
  } catch (const ShapeError& error) {
    const std::string message = error.what();
    CHECK(message.find("\"auc\"") != std::string::npos);
    CHECK(message.find("(2)") != std::string::npos);
    CHECK(message.find("(1)") != std::string::npos);
  }
  CHECK_THROWS_AS(once(BinaryAccuracy(), Rows<float>{3, {1}, {0, 0, 0}}, p), ShapeError);
}

namespace {
struct CountsRows {  // a user's metric
  static constexpr std::string_view name = "rows";
  double seen = 0;
  template <class T>
  void update(In<T>, In<T> prediction, const T*) {
    seen += static_cast<double>(prediction.rows());
  }
  double result() const { return seen; }
  void reset() { seen = 0; }
  void merge(const CountsRows& other) { seen += other.seen; }
};
struct Halves {  // a user's loss
  static constexpr std::string_view name = "halves";
  template <class T>
  double operator()(const LossCall<T>& call) const {
    double sum = 0;
    for (std::size_t i = 0; i < call.prediction.rows(); ++i)
      sum += call.weights ? 0.5 * static_cast<double>(call.weights[i]) : 0.5;
    return sum;
  }
};
struct Unrelated {
  std::string name;
};
}  // namespace

TEST_CASE("Metric: a user's metric and a user's loss convert, other things do not") {
  Metric<double> rows = CountsRows{}, halves = Halves{};
  const auto [truth, score] = sample<double>(11);
  rows.update(truth, score);
  halves.update(truth, score, std::vector<double>(11, 2.0).data());
  CHECK(rows.name() == "rows");
  CHECK(rows.result() == 11);
  CHECK(halves.name() == "halves");
  CHECK(halves.result() == 0.5);
  Metric<double> more = halves;
  more.merge(halves);
  CHECK(more.result() == 0.5);
  static_assert(std::is_convertible_v<AUC, Metric<float>>);
  static_assert(!std::is_convertible_v<Unrelated, Metric<float>>);
  static_assert(!std::is_convertible_v<std::string, Metric<float>>);
  static_assert(!std::is_constructible_v<Metric<float>, std::string, AUC>);
}

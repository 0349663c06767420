// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/losses/regression.hpp>
#include <foretell/metrics/accuracy.hpp>
#include <foretell/metrics/agreement.hpp>
#include <foretell/metrics/auc.hpp>
#include <foretell/metrics/calibration_error.hpp>
#include <foretell/metrics/errors.hpp>
#include <foretell/metrics/forecast.hpp>
#include <foretell/metrics/log_loss_metric.hpp>
#include <foretell/metrics/metric.hpp>
#include <foretell/metrics/precision_recall.hpp>
#include <foretell/metrics/ranking_at_k.hpp>
#include <foretell/metrics/regression.hpp>
#include <foretell/metrics/report.hpp>
#include <foretell/metrics/top_k.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "support/golden.hpp"

using namespace foretell;
using golden::close;
using Numbers = std::vector<double>;

namespace {

Array<double> array(const golden::Tensor& t) { return {t.data, t.shape}; }

SampleWeight weights_of(const golden::Case& c) {
  if (!c.has_tensor("sample_weight")) return {};
  return c.tensor("sample_weight").data;
}

/// NaN where scikit-learn leaves a score undefined and we throw.
template <class F>
double or_nan(F score) {
  try {
    return score();
  } catch (const DataError&) {
    return std::nan("");
  }
}

void check(const golden::Case& c, const std::string& name, double actual) {
  CAPTURE(name);
  CHECK(close(actual, c.scalar(name), 1e-9, 1e-15));
}

void check_curve(const golden::Case& c, const std::string& name, const Numbers& actual) {
  CAPTURE(name);
  CHECK(close(actual, c.tensor(name), 1e-9, 1e-15));
}

void check_report(const golden::Case& c, const ClassificationReport& r) {
  const auto line = [&](const std::string& name, const ClassReport& row) {
    check(c, "report/" + name + "/precision", row.precision);
    check(c, "report/" + name + "/recall", row.recall);
    check(c, "report/" + name + "/f1-score", row.f1);
    check(c, "report/" + name + "/support", row.support);
  };
  for (const ClassReport& row : r.classes) line(row.name, row);
  line("macro avg", r.macro_average);
  line("weighted avg", r.weighted_average);
  check(c, "accuracy", r.accuracy);
  CHECK(close(Numbers(r.confusion.begin(), r.confusion.end()), c.tensor("confusion_matrix"), 1e-9));
  check(c, "log_loss", r.log_loss);
}

/// The result of a metric that saw the rows in uneven batches, some of them merged from another metric.
double streamed(Metric<double> metric, const golden::Tensor& truth, const golden::Tensor& p, const golden::Case& c) {
  const std::size_t rows = truth.shape[0];
  const Shape truth_shape(truth.shape.begin() + 1, truth.shape.end()), shape(p.shape.begin() + 1, p.shape.end());
  const Numbers weights = c.has_tensor("sample_weight") ? c.tensor("sample_weight").data : Numbers();
  Metric<double> other = metric;
  for (std::size_t first = 0, size = 1; first < rows; first += size, size = size % 7 + 2) {
    const std::size_t n = std::min(size, rows - first);
    (size % 2 ? metric : other)
        .update(In<double>(truth.data.data() + first * truth_shape.size(), n, truth_shape),
                In<double>(p.data.data() + first * shape.size(), n, shape),
                weights.empty() ? nullptr : weights.data() + first);
  }
  metric.merge(other);
  return metric.result();
}

void check_averages(const golden::Case& c, const golden::Tensor& truth, const golden::Tensor& p) {
  for (const auto& [average, name] : {std::pair(AverageMode::macro, "macro"), std::pair(AverageMode::micro, "micro"),
                                      std::pair(AverageMode::weighted, "weighted")}) {
    check(c, std::string("precision_") + name, streamed(Precision({.average = average}), truth, p, c));
    check(c, std::string("recall_") + name, streamed(Recall({.average = average}), truth, p, c));
    check(c, std::string("f1_") + name, streamed(F1Score({.average = average}), truth, p, c));
  }
}

}  // namespace

TEST_CASE("Metrics of two classes: scikit-learn's values") {
  const golden::File file("metrics");
  for (const golden::Case& c : file.group("binary")) {
    CAPTURE(c.name());
    const golden::Tensor truth = c.tensor("y_true"), p = c.tensor("y_prob");
    const Array<double> t = array(truth), s = array(p);
    const SampleWeight w = weights_of(c);
    Numbers guess;
    for (const double x : p.data) guess.push_back(x > 0.5 ? 1 : 0);

    check(c, "accuracy", accuracy_score(t, guess, {.sample_weight = w}));
    check(c, "balanced_accuracy", balanced_accuracy_score(t, guess, {.sample_weight = w}));
    check(c, "precision", precision_score(t, guess, {.sample_weight = w}));
    check(c, "recall", recall_score(t, guess, {.sample_weight = w}));
    check(c, "f1", f1_score(t, guess, {.sample_weight = w}));
    check(c, "matthews_corrcoef", matthews_corrcoef(t, guess, {.sample_weight = w}));
    check(c, "cohen_kappa", cohen_kappa_score(t, guess, {.sample_weight = w}));
    for (const auto& [average, name] : {std::pair(AverageMode::macro, "macro"), std::pair(AverageMode::micro, "micro"),
                                        std::pair(AverageMode::weighted, "weighted")}) {
      check(c, std::string("precision_") + name, precision_score(t, guess, {.average = average, .sample_weight = w}));
      check(c, std::string("recall_") + name, recall_score(t, guess, {.average = average, .sample_weight = w}));
      check(c, std::string("f1_") + name, f1_score(t, guess, {.average = average, .sample_weight = w}));
    }
    check(c, "log_loss", log_loss(t, s, {.sample_weight = w}));
    check(c, "brier_score", brier_score_loss(t, s, {.sample_weight = w}));
    check(c, "roc_auc", or_nan([&] { return roc_auc_score(t, s, {.sample_weight = w}); }));
    check(c, "average_precision", or_nan([&] { return average_precision_score(t, s, {.sample_weight = w}); }));
    check(c, "expected_calibration_error_10", expected_calibration_error(t, s, {.n_bins = 10, .sample_weight = w}));
    check(c, "expected_calibration_error_5", expected_calibration_error(t, s, {.n_bins = 5, .sample_weight = w}));

    const ConfusionMatrix matrix = confusion_matrix(t, guess, {.labels = {0, 1}, .sample_weight = w});
    check_curve(c, "confusion_matrix", Numbers(matrix.begin(), matrix.end()));
    if (c.has_tensor("roc_fpr")) {
      for (const bool drop : {false, true}) {
        const std::string tag = drop ? "_dropped" : "";
        const RocCurve roc = roc_curve(t, s, {.drop_intermediate = drop, .sample_weight = w});
        check_curve(c, "roc_fpr" + tag, roc.false_positive_rate);
        check_curve(c, "roc_tpr" + tag, roc.true_positive_rate);
        check_curve(c, "roc_thresholds" + tag, roc.thresholds);
      }
      const PrecisionRecallCurve pr = precision_recall_curve(t, s, {.sample_weight = w});
      check_curve(c, "pr_precision", pr.precision);
      check_curve(c, "pr_recall", pr.recall);
      check_curve(c, "pr_thresholds", pr.thresholds);
    }
    for (const auto& [strategy, name] :
         {std::pair(BinStrategy::uniform, "uniform_"), std::pair(BinStrategy::quantile, "quantile_")})
      for (const std::size_t n_bins : {5u, 10u}) {
        const std::string tag = "calibration_" + std::string(name) + std::to_string(n_bins);
        if (!c.has_tensor(tag + "_true")) continue;
        const CalibrationCurve curve = calibration_curve(t, s, {.n_bins = n_bins, .strategy = strategy});
        check_curve(c, tag + "_true", curve.prob_true);
        check_curve(c, tag + "_pred", curve.prob_pred);
      }

    const ClassificationReport report = classification_report(t, s, {.sample_weight = w});
    check_report(c, report);
    check(c, "f1", report.f1);
    check(c, "roc_auc", report.auc);
    check(c, "average_precision", report.average_precision);
    check(c, "brier_score", report.brier);
    check(c, "expected_calibration_error_10", report.calibration_error);

    check(c, "accuracy", streamed(BinaryAccuracy(), truth, p, c));
    check(c, "precision", streamed(Precision(), truth, p, c));
    check(c, "recall", streamed(Recall(), truth, p, c));
    check(c, "f1", streamed(F1Score(), truth, p, c));
    check(c, "log_loss", streamed(LogLoss(), truth, p, c));
    check(c, "roc_auc", streamed(AUC(), truth, p, c));
    check(c, "average_precision", streamed(AUC({.curve = Curve::pr}), truth, p, c));
    check(c, "matthews_corrcoef", streamed(MatthewsCorrelation(), truth, p, c));
    check(c, "cohen_kappa", streamed(CohenKappa(), truth, p, c));
    check(c, "balanced_accuracy", streamed(BalancedAccuracy(), truth, p, c));
    check(c, "brier_score", streamed(BrierScore(), truth, p, c));
    check(c, "expected_calibration_error_10", streamed(ExpectedCalibrationError(), truth, p, c));
    check(c, "expected_calibration_error_5", streamed(ExpectedCalibrationError({.n_bins = 5}), truth, p, c));
    check_averages(c, truth, p);
  }
}

TEST_CASE("Metrics of several classes: scikit-learn's values") {
  const golden::File file("metrics");
  for (const golden::Case& c : file.group("multiclass")) {
    CAPTURE(c.name());
    const golden::Tensor truth = c.tensor("y_true"), p = c.tensor("y_prob"), one_hot = c.tensor("y_one_hot");
    const Array<double> t = array(truth), s = array(p), hot = array(one_hot);
    const SampleWeight w = weights_of(c);
    const std::size_t classes = s.row_size();
    Numbers guess;
    for (std::size_t row = 0; row < s.rows(); ++row)
      guess.push_back(static_cast<double>(std::max_element(s.data() + row * classes, s.data() + (row + 1) * classes) -
                                          (s.data() + row * classes)));
    const ClassScores scores = precision_recall_fscore_support(t, guess, {.sample_weight = w});
    const bool all_present = scores.labels.size() == classes;

    check(c, "accuracy", accuracy_score(t, guess, {.sample_weight = w}));
    check(c, "balanced_accuracy", balanced_accuracy_score(t, guess, {.sample_weight = w}));
    check(c, "matthews_corrcoef", matthews_corrcoef(t, guess, {.sample_weight = w}));
    check(c, "cohen_kappa", cohen_kappa_score(t, guess, {.sample_weight = w}));
    check(c, "log_loss", log_loss(t, s, {.sample_weight = w}));
    check(c, "log_loss", log_loss(hot, s, {.sample_weight = w}));
    if (all_present) {
      check_curve(c, "precision_per_class", scores.precision);
      check_curve(c, "recall_per_class", scores.recall);
      check_curve(c, "f1_per_class", scores.f1);
      check(c, "precision_macro", precision_score(t, guess, {.average = AverageMode::macro, .sample_weight = w}));
      check(c, "recall_weighted", recall_score(t, guess, {.average = AverageMode::weighted, .sample_weight = w}));
      check(c, "f1_macro", f1_score(t, guess, {.average = AverageMode::macro, .sample_weight = w}));
      check(c, "f1_micro", f1_score(t, guess, {.average = AverageMode::micro, .sample_weight = w}));
      check(c, "average_precision_macro", average_precision_score(hot, s, {.sample_weight = w}));
    }
    if (c.has_scalar("roc_auc_ovr_macro")) {
      check(c, "roc_auc_ovr_macro", roc_auc_score(t, s, {.sample_weight = w}));
      check(c, "roc_auc_ovr_macro", roc_auc_score(hot, s, {.sample_weight = w}));
      check(c, "roc_auc_ovr_weighted", roc_auc_score(t, s, {.average = AverageMode::weighted, .sample_weight = w}));
    }
    const ClassificationReport report = classification_report(t, s, {.sample_weight = w});
    check_report(c, report);
    if (classes > 2) check(c, "f1_macro", report.f1);
    if (c.has_scalar("roc_auc_ovr_macro")) check(c, "roc_auc_ovr_macro", report.auc);

    check(c, "accuracy", streamed(SparseCategoricalAccuracy(), truth, p, c));
    check(c, "accuracy", streamed(CategoricalAccuracy(), one_hot, p, c));
    check(c, "log_loss", streamed(LogLoss(), truth, p, c));
    check(c, "log_loss", streamed(LogLoss(), one_hot, p, c));
    for (const golden::Tensor& y : {truth, one_hot}) {
      check(c, "matthews_corrcoef", streamed(MatthewsCorrelation(), y, p, c));
      check(c, "cohen_kappa", streamed(CohenKappa(), y, p, c));
      check(c, "balanced_accuracy", streamed(BalancedAccuracy(), y, p, c));
      if (all_present) check_averages(c, y, p);
    }
  }
}

TEST_CASE("Metrics of numbers: scikit-learn's values") {
  const golden::File file("metrics");
  for (const golden::Case& c : file.group("regression")) {
    CAPTURE(c.name());
    const Array<double> t = array(c.tensor("y_true")), p = array(c.tensor("y_pred"));
    const SampleWeight w = weights_of(c);
    check(c, "mean_squared_error", mean_squared_error(t, p, {.sample_weight = w}));
    check(c, "mean_absolute_error", mean_absolute_error(t, p, {.sample_weight = w}));
    check(c, "r2", r2_score(t, p, {.sample_weight = w}));
  }
}

TEST_CASE("Errors of numbers: scikit-learn's values, at once and streamed") {
  const golden::File file("metrics_more");
  for (const golden::Case& c : file.group("regression")) {
    CAPTURE(c.name());
    const golden::Tensor truth = c.tensor("y_true"), guess = c.tensor("y_pred");
    const Array<double> t = array(truth), p = array(guess);
    const SampleWeight w = weights_of(c);
    check(c, "root_mean_squared_error", root_mean_squared_error(t, p, {.sample_weight = w}));
    check(c, "mean_squared_log_error", mean_squared_log_error(t, p, {.sample_weight = w}));
    check(c, "root_mean_squared_log_error", root_mean_squared_log_error(t, p, {.sample_weight = w}));
    check(c, "mean_absolute_percentage_error", mean_absolute_percentage_error(t, p, {.sample_weight = w}));
    check(c, "symmetric_mean_absolute_percentage_error",
          symmetric_mean_absolute_percentage_error(t, p, {.sample_weight = w}));
    check(c, "r2", r2_score(t, p, {.sample_weight = w}));
    for (const auto& [alpha, name] : {std::pair(0.1, "0.1"), std::pair(0.5, "0.5"), std::pair(0.9, "0.9")}) {
      const std::string label = std::string("mean_pinball_loss_") + name;
      check(c, label, mean_pinball_loss(t, p, {.alpha = alpha, .sample_weight = w}));
      check(c, label, streamed(Quantile({.quantile = alpha}), truth, guess, c));
    }
    check(c, "root_mean_squared_error_pooled", streamed(RootMeanSquaredError(), truth, guess, c));
    check(c, "root_mean_squared_log_error_pooled", streamed(RootMeanSquaredLogError(), truth, guess, c));
    check(c, "r2", streamed(R2Score(), truth, guess, c));
    check(c, "symmetric_mean_absolute_percentage_error",
          streamed(SymmetricMeanAbsolutePercentageError(), truth, guess, c));
    if (c.name() != "regression_zeros")  // the smallest truth is another one
      check(c, "mean_absolute_percentage_error", streamed(MeanAbsolutePercentageError(), truth, guess, c) / 100);
    if (!c.has_tensor("training")) continue;
    const Array<double> series = array(c.tensor("training"));
    for (const std::size_t m : {1u, 7u}) {
      const std::string tag = "_" + std::to_string(m);
      const NaiveErrors naive = naive_error(series, m);
      check(c, "mean_absolute_scaled_error" + tag,
            mean_absolute_scaled_error(t, p, series, {.seasonality = m, .sample_weight = w}));
      check(c, "root_mean_squared_scaled_error" + tag,
            root_mean_squared_scaled_error(t, p, series, {.seasonality = m, .sample_weight = w}));
      check(c, "mean_absolute_scaled_error" + tag,
            streamed(MeanAbsoluteScaledError({.scale = naive.absolute}), truth, guess, c));
      check(c, "root_mean_squared_scaled_error" + tag,
            streamed(RootMeanSquaredScaledError({.scale = naive.squared}), truth, guess, c));
    }
  }
}

TEST_CASE("The k greatest scores: scikit-learn's values, at once and streamed") {
  const golden::File file("metrics_more");
  for (const golden::Case& c : file.group("top_k")) {
    CAPTURE(c.name());
    const golden::Tensor truth = c.tensor("y_true"), one_hot = c.tensor("y_one_hot"), p = c.tensor("y_prob");
    const SampleWeight w = weights_of(c);
    for (std::size_t k = 1; k < p.shape[1]; ++k) {
      const std::string name = "top_" + std::to_string(k);
      check(c, name, top_k_accuracy_score(array(truth), array(p), {.k = k, .sample_weight = w}));
      check(c, name, top_k_accuracy_score(array(one_hot), array(p), {.k = k, .sample_weight = w}));
      check(c, name, streamed(TopKCategoricalAccuracy({.k = k}), one_hot, p, c));
      check(c, name, streamed(SparseTopKCategoricalAccuracy({.k = k}), truth, p, c));
    }
    check(c, "brier_score", streamed(BrierScore(), truth, p, c));
    check(c, "brier_score", streamed(BrierScore(), one_hot, p, c));
  }
}

TEST_CASE("Rankings: scikit-learn's values") {
  const golden::File file("metrics_more");
  for (const golden::Case& c : file.group("ranking")) {
    CAPTURE(c.name());
    const golden::Tensor gains = c.tensor("y_true"), scores = c.tensor("y_score");
    for (const std::size_t k : {std::size_t(1), std::size_t(3), std::size_t(5), scores.shape[1]}) {
      const RankingAtKOptions o{.k = k};
      for (const Metric<double>& metric : std::vector<Metric<double>>{HitRate(o), RecallAtK(o), PrecisionAtK(o), MRR(o),
                                                                      MAP(o), NDCG(o), CatalogCoverage(o)}) {
        const std::string name = metric.name();
        const std::string stored = name.substr(0, name.find('['));
        CHECK(name == stored + "[full]");
        check(c, stored, streamed(metric, gains, scores, c));
        if (c.has_tensor("id")) check(c, stored, streamed(metric, c.tensor("id"), scores, c));
      }
    }
  }
}

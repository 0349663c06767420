// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/print.hpp"
#include "foretell/data/table_text.hpp"
#include "foretell/metrics/arguments.hpp"
#include "foretell/metrics/calibration.hpp"
#include "foretell/metrics/classification.hpp"
#include "foretell/metrics/confusion_matrix.hpp"
#include "foretell/metrics/curves.hpp"
#include "foretell/metrics/fixed.hpp"
#include "foretell/metrics/probability.hpp"

namespace foretell {

struct ClassificationReportOptions {
  double threshold = 0.5;                   ///< a probability above it is the positive class; of two classes only
  std::vector<std::string> target_names{};  ///< names of the classes, in ascending order of their labels
  std::size_t n_bins = 10;                  ///< of the calibration table
  std::optional<double> positive{};  ///< the label of the positive class when the truth is not 0 and 1 (or -1 and 1)
  SampleWeight sample_weight{};
};

/// One line of the table: a class, or an average over the classes.
struct ClassReport {
  std::string name;
  double precision = 0, recall = 0, f1 = 0, support = 0;
};

/// How good predicted probabilities are. Of two classes, precision, recall, f1, auc and average_precision are those of
/// the positive one; of more, the plain mean over the classes, each against the rest. auc and average_precision are
/// NaN, undefined, when a class is missing in the truth. A class that is neither true nor predicted has precision,
/// recall and f1 of 0, which count in the means, as in scikit-learn with `labels` of all classes; F1Score leaves it
/// out.
struct ClassificationReport {
  double accuracy = 0, precision = 0, recall = 0, f1 = 0, auc = 0, average_precision = 0, log_loss = 0, brier = 0;
  double calibration_error = 0;        ///< as expected_calibration_error with n_bins bins of equal width
  ConfusionMatrix confusion{};         ///< truth downwards, prediction across
  std::vector<ClassReport> classes{};  ///< in ascending order of the labels
  ClassReport macro_average{}, weighted_average{};
  std::vector<CalibrationBin> calibration{};
  std::optional<double> threshold{};  ///< none for more than two classes
  double rows = 0;                    ///< their number, or their weight

  std::string to_string() const;
};

namespace detail {

/// The score, or NaN where it is undefined.
template <class F>
double defined_or_nan(F score) {
  try {
    return score();
  } catch (const DataError&) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace detail

/// Report on predicted probabilities: of the positive class, (n) or (n, 1), or of all classes, (n, k), where the truth
/// is class ids or one-hot rows and the predicted class is the most probable one; two columns count as the second one
/// alone. Throws ShapeError, DataError and ConfigError as the scores.
template <detail::Numbers Truth, detail::Numbers Probability>
ClassificationReport classification_report(const Truth& truth, const Probability& probability,
                                           const ClassificationReportOptions& options = {}) {
  constexpr std::string_view who = "classification_report";
  Array<double> p = detail::numbers(who, "probability", probability), t = detail::numbers(who, "truth", truth);
  const SampleWeight& weights = options.sample_weight;
  detail::same_rows(who, t, p);
  detail::check_probabilities(who, p);
  detail::check_weights(who, weights, p.rows());
  const std::size_t rows = p.rows();
  const bool two_columns = p.row_size() == 2, binary = two_columns || p.row_size() == 1;
  if (two_columns) {
    const std::vector<std::size_t> which = detail::class_ids(who, t, 2);
    std::vector<double> second(rows);
    for (std::size_t row = 0; row < rows; ++row) second[row] = p[2 * row + 1];
    t = Array<double>(std::vector<double>(which.begin(), which.end()), {rows});
    p = Array<double>(std::move(second), {rows});
  }

  // Classes are 0 .. k - 1 from here on; `labels` are what the truth calls them.
  std::vector<std::size_t> ids(rows), guess(rows);
  std::vector<double> labels;
  if (binary) {
    const std::vector<char> yes = detail::positives(who, detail::column(who, "truth", t), options.positive);
    double negative = options.positive.value_or(1.0) == 0 ? 1 : 0;
    for (std::size_t row = 0; row < rows; ++row) {
      ids[row] = yes[row] ? 1 : 0;
      guess[row] = p[row] > options.threshold ? 1 : 0;
      if (!yes[row]) negative = t[row];
    }
    labels = {negative, options.positive.value_or(1.0)};
  } else {
    ids = detail::class_ids(who, t, p.row_size());
    for (std::size_t row = 0; row < rows; ++row)
      guess[row] = detail::argmax(p.data() + row * p.row_size(), p.row_size());
    for (std::size_t c = 0; c < p.row_size(); ++c) labels.push_back(static_cast<double>(c));
  }
  const std::size_t k = labels.size();
  if (!options.target_names.empty() && options.target_names.size() != k)
    throw ConfigError(text(who, ": ", options.target_names.size(), " target_names for ", k, " classes."));

  ClassificationReport report;
  report.confusion = ConfusionMatrix(labels);
  std::vector<detail::ClassCount> counts(k);
  for (std::size_t row = 0; row < rows; ++row) {
    report.confusion(ids[row], guess[row]) += weights[row];
    counts[ids[row]].truth += weights[row];
    counts[guess[row]].prediction += weights[row];
    if (ids[row] == guess[row]) counts[ids[row]].both += weights[row];
  }
  const detail::ClassCount total = detail::sum(counts);
  report.rows = total.truth;
  report.accuracy = total.both / total.truth;
  report.macro_average = {"macro avg", 0, 0, 0, total.truth};
  report.weighted_average = {"weighted avg", 0, 0, 0, total.truth};
  for (std::size_t c = 0; c < k; ++c) {
    const std::string name = options.target_names.empty() ? detail::short_number(labels[c]) : options.target_names[c];
    const ClassReport line{name, counts[c].precision(0), counts[c].recall(0), counts[c].f1(0), counts[c].truth};
    const auto add = [&line](ClassReport& average, double share) {
      average.precision += share * line.precision;
      average.recall += share * line.recall;
      average.f1 += share * line.f1;
    };
    add(report.macro_average, 1 / static_cast<double>(k));
    add(report.weighted_average, line.support / total.truth);
    report.classes.push_back(line);
  }
  const ClassReport& whole = binary ? report.classes[1] : report.macro_average;
  report.precision = whole.precision;
  report.recall = whole.recall;
  report.f1 = whole.f1;
  if (binary) report.threshold = options.threshold;

  const std::vector<double> id_values(ids.begin(), ids.end());
  const RankingOptions ranking{.sample_weight = weights};
  report.auc = detail::defined_or_nan([&] { return roc_auc_score(id_values, p, ranking); });
  report.average_precision = detail::defined_or_nan([&] { return average_precision_score(id_values, p, ranking); });
  const ProbabilityOptions costs{.sample_weight = weights};
  report.log_loss = foretell::log_loss(id_values, probability, costs);
  report.brier = brier_score_loss(id_values, p, costs);
  const detail::Confidence confidence = detail::confidence(who, id_values, p, {});
  report.calibration =
      detail::calibration_bins(who, confidence.p, confidence.right, weights, options.n_bins, BinStrategy::uniform);
  report.calibration_error = detail::calibration_error(report.calibration);
  return report;
}

/// Tables for people: scores by class, the confusion matrix, scores of the probabilities, and calibration.
inline std::string ClassificationReport::to_string() const {
  using Cells = std::vector<std::vector<std::string>>;
  Cells scores{{""}, {"precision"}, {"recall"}, {"f1-score"}, {"support"}};
  const auto line = [&scores](const std::array<std::string, 5>& cells) {
    for (std::size_t c = 0; c < 5; ++c) scores[c].push_back(cells[c]);
  };
  const auto class_line = [&line](const ClassReport& c) {
    line({c.name, detail::fixed(c.precision), detail::fixed(c.recall), detail::fixed(c.f1),
          detail::short_number(c.support)});
  };
  for (const ClassReport& c : classes) class_line(c);
  line({});
  line({"accuracy", "", "", detail::fixed(accuracy), detail::short_number(rows)});
  class_line(macro_average);
  class_line(weighted_average);
  std::string out = detail::aligned(scores, {true, true, true, true, true});

  std::vector<std::string> names;
  for (const ClassReport& c : classes) names.push_back(c.name);
  out += text("\nConfusion matrix", threshold ? text(" at threshold ", *threshold) : "", "\n",
              confusion.to_string(names), "\n");

  out += detail::aligned({{threshold ? "AUC" : "AUC (macro)", threshold ? "PR-AUC" : "PR-AUC (macro)",
                           threshold ? "F1" : "F1 (macro)", "log loss", "Brier score", "calibration error"},
                          {detail::fixed(auc), detail::fixed(average_precision), detail::fixed(f1),
                           detail::fixed(log_loss), detail::fixed(brier), detail::fixed(calibration_error)}},
                         {false, true});

  Cells bins{{threshold ? "probability" : "highest probability"}, {"predicted"}, {"observed"}, {"count"}};
  for (const CalibrationBin& bin : calibration) {
    if (!(bin.count > 0)) continue;
    bins[0].push_back(text(detail::fixed(bin.low, 2), " - ", detail::fixed(bin.high, 2)));
    bins[1].push_back(detail::fixed(bin.predicted));
    bins[2].push_back(detail::fixed(bin.observed));
    bins[3].push_back(detail::short_number(bin.count));
  }
  return out + "\nCalibration\n" + detail::aligned(bins, {false, true, true, true});
}

}  // namespace foretell

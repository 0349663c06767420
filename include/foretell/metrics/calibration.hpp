// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string_view>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/metrics/arguments.hpp"

namespace foretell {

/// Bins of equal width on 0 .. 1, or of about equally many rows.
enum class BinStrategy { uniform, quantile };
constexpr auto enum_names(BinStrategy) { return std::array<std::string_view, 2>{"uniform", "quantile"}; }

struct CalibrationCurveOptions {
  std::size_t n_bins = 5;
  BinStrategy strategy = BinStrategy::uniform;
  std::optional<double> positive{};  ///< the label of the positive class
};

struct CalibrationErrorOptions {
  std::size_t n_bins = 10;
  BinStrategy strategy = BinStrategy::uniform;
  std::optional<double> positive{};
  SampleWeight sample_weight{};
};

/// For each bin with rows in it: the share of positives, the mean predicted probability, the number of rows.
struct CalibrationCurve {
  std::vector<double> prob_true, prob_pred, count;
};

/// Rows whose predicted probability p is in low < p <= high (or 0, in the first bin).
struct CalibrationBin {
  double low = 0, high = 0;
  double predicted = 0, observed = 0;  ///< mean probability and share of positives; NaN without rows
  double count = 0;                    ///< rows, or their weight
};

namespace detail {

/// n_bins + 1 edges of equal width on 0 .. 1.
inline std::vector<double> uniform_edges(std::string_view who, std::size_t n_bins) {
  if (n_bins == 0) throw ConfigError(text(who, ": n_bins is at least 1, received 0."));
  std::vector<double> edges(n_bins + 1);
  for (std::size_t i = 0; i < n_bins; ++i) edges[i] = static_cast<double>(i) * (1.0 / static_cast<double>(n_bins));
  edges[n_bins] = 1;
  return edges;
}

/// Sums of probabilities, positives and weights within edges, which `bins` turns into means.
struct CalibrationSums {
  std::vector<double> edges;
  std::vector<CalibrationBin> sums = std::vector<CalibrationBin>(edges.size() - 1);

  void add(double p, bool yes, double weight) {
    CalibrationBin& bin =
        sums[static_cast<std::size_t>(std::lower_bound(edges.begin() + 1, edges.end() - 1, p) - (edges.begin() + 1))];
    bin.predicted += weight * p;
    bin.observed += yes ? weight : 0;
    bin.count += weight;
  }
  std::vector<CalibrationBin> bins() const {
    std::vector<CalibrationBin> out = sums;
    for (std::size_t b = 0; b < out.size(); ++b) {
      out[b].low = edges[b];
      out[b].high = edges[b + 1];
      out[b].predicted /= out[b].count;
      out[b].observed /= out[b].count;
    }
    return out;
  }
};

/// Probabilities with what came true, and their weights, in n_bins bins.
inline std::vector<CalibrationBin> calibration_bins(std::string_view who, const std::vector<double>& p,
                                                    const std::vector<char>& yes, const SampleWeight& weights,
                                                    std::size_t n_bins, BinStrategy strategy) {
  CalibrationSums sums{uniform_edges(who, n_bins)};
  if (strategy == BinStrategy::quantile) {
    std::vector<double> sorted = p;
    std::sort(sorted.begin(), sorted.end());
    for (double& edge : sums.edges) {
      const double percent =
          edge * 100;  // through percents, whose rounding decides on which side of an edge a row falls
      const double place = percent / 100 * static_cast<double>(sorted.size() - 1), share = place - std::floor(place);
      const auto below = static_cast<std::size_t>(place);
      const double a = sorted[below], b = sorted[std::min(below + 1, sorted.size() - 1)];
      edge = share < 0.5 ? a + (b - a) * share : b - (b - a) * (1 - share);
    }
  }
  for (std::size_t row = 0; row < p.size(); ++row) sums.add(p[row], yes[row] != 0, weights[row]);
  return sums.bins();
}

/// sum over bins of count |observed - predicted| / sum of counts
inline double calibration_error(const std::vector<CalibrationBin>& bins) {
  double sum = 0, count = 0;
  for (const CalibrationBin& bin : bins) {
    if (bin.count > 0) sum += bin.count * std::abs(bin.observed - bin.predicted);
    count += bin.count;
  }
  return sum / count;
}

/// The probability that calibration looks at, and whether it came true: of the positive class, or with several columns
/// of the class with the greatest probability.
struct Confidence {
  std::vector<double> p;
  std::vector<char> right;
};

template <Numbers Truth, Numbers Probability>
Confidence confidence(std::string_view who, const Truth& truth, const Probability& probability,
                      const std::optional<double>& positive) {
  const Array<double> p = numbers(who, "probability", probability);
  check_probabilities(who, p);
  const std::size_t rows = p.rows(), classes = p.row_size();
  if (classes == 1) {
    const Array<double> t = column(who, "truth", truth);
    same_rows(who, t, p);
    return {{p.begin(), p.end()}, positives(who, t, positive)};
  }
  const Array<double> t = numbers(who, "truth", truth);
  same_rows(who, t, p);
  const std::vector<std::size_t> ids = class_ids(who, t, classes);
  Confidence out{std::vector<double>(rows), std::vector<char>(rows)};
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t best = argmax(p.data() + row * classes, classes);
    out.p[row] = p[row * classes + best];
    out.right[row] = best == ids[row] ? 1 : 0;
  }
  return out;
}

}  // namespace detail

/// How often what was predicted with probability p came true. Bins without rows are left out. Truth of 0 and 1,
/// probabilities (n) or (n, 1). Throws ShapeError, and DataError for NaN and for numbers that are no probabilities.
template <detail::Numbers Truth, detail::Numbers Probability>
CalibrationCurve calibration_curve(const Truth& truth, const Probability& probability,
                                   const CalibrationCurveOptions& options = {}) {
  const Array<double> p = detail::column("calibration_curve", "probability", probability);
  const auto pairs = detail::confidence("calibration_curve", truth, p, options.positive);
  CalibrationCurve curve;
  for (const auto& bin :
       detail::calibration_bins("calibration_curve", pairs.p, pairs.right, {}, options.n_bins, options.strategy)) {
    if (!(bin.count > 0)) continue;
    curve.prob_true.push_back(bin.observed);
    curve.prob_pred.push_back(bin.predicted);
    curve.count.push_back(bin.count);
  }
  return curve;
}

/// Expected calibration error: the sum over bins of (rows in the bin / all rows) |share that came true - mean
/// probability|. The probability is that of the positive class; with (n, k) of k > 1 classes it is the greatest one of
/// the row, and came true when that class is the true one (Guo, Pleiss, Sun, Weinberger 2017). Truth as class ids or
/// one-hot rows. Throws as calibration_curve.
template <detail::Numbers Truth, detail::Numbers Probability>
double expected_calibration_error(const Truth& truth, const Probability& probability,
                                  const CalibrationErrorOptions& options = {}) {
  const auto pairs = detail::confidence("expected_calibration_error", truth, probability, options.positive);
  detail::check_weights("expected_calibration_error", options.sample_weight, pairs.p.size());
  return detail::calibration_error(detail::calibration_bins("expected_calibration_error", pairs.p, pairs.right,
                                                            options.sample_weight, options.n_bins, options.strategy));
}

}  // namespace foretell

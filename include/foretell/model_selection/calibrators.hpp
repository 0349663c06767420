// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foretell/core/array.hpp"
#include "foretell/core/error.hpp"
#include "foretell/io/calibration.hpp"

// Scores made into probabilities by rows that the model has not learned from: out-of-fold predictions, a validation
// part.

namespace foretell {

namespace detail {

struct ScoredLabels {
  std::vector<double> scores;
  std::vector<bool> positive;
};

/// Throws ShapeError for another number of labels, DataError for no rows, a score that is not finite or a label that is
/// not 0 or 1.
template <ArrayLike S, ArrayLike Y>
ScoredLabels scored_labels(const S& scores, const Y& labels, std::string_view who) {
  const Array<double> s = as_array<double>(scores), y = as_array<double>(labels);
  if (s.size() != y.size() || s.size() == 0)
    throw ShapeError(text(who, ": expected a score and a label for each row, received ", s.size(), " and ", y.size()));
  ScoredLabels out{{s.begin(), s.end()}, std::vector<bool>(s.size())};
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (!std::isfinite(s[i]) || (y[i] != 0 && y[i] != 1))
      throw DataError(
          text(who, ": expected finite scores and labels of 0 or 1, received ", s[i], " and ", y[i], " in row ", i));
    out.positive[i] = y[i] == 1;
  }
  return out;
}

/// Throws DataError when the rows are all of one class.
inline void need_both(const ScoredLabels& rows, std::string_view who) {
  const auto yes = std::count(rows.positive.begin(), rows.positive.end(), true);
  if (yes == 0 || yes == static_cast<std::ptrdiff_t>(rows.positive.size()))
    throw DataError(text(who, ": expected rows of both classes, received ", rows.positive.size(), " of ",
                         yes ? "1" : "0", " alone; use more rows, or a stratified split"));
}

[[noreturn]] inline void not_fitted(std::string_view who) {
  throw StateError(text(who, ": expected fit before transform"));
}

}  // namespace detail

/// A logistic curve over the scores: p = 1 / (1 + exp(A s + B)), fitted by Newton's method with Platt's targets (Platt
/// 1999; Lin, Lin and Weng 2007). As scikit-learn's sigmoid calibration. This and the next throw DataError when all
/// labels are the same, where scikit-learn answers (n + 1) / (n + 2) or 1 / (n + 2), and 1 or 0.
class PlattCalibrator {
 public:
  static constexpr std::string_view type = "PlattCalibrator";
  template <ArrayLike S, ArrayLike Y>
  PlattCalibrator& fit(const S& scores, const Y& labels) {
    const detail::ScoredLabels rows = detail::scored_labels(scores, labels, type);
    detail::need_both(rows, type);
    double positive = 0, middle = 0, spread = 0;
    for (const bool p : rows.positive) positive += p;
    const auto n = static_cast<double>(rows.scores.size());
    for (const double score : rows.scores) middle += score / n;
    for (const double score : rows.scores) spread = std::max(spread, std::abs(score - middle));
    if (!std::isfinite(spread)) throw DataError(text(type, ": expected scores whose differences are finite"));
    std::vector<double> x;  // the scores about 0, at most 1: the same curve, found wherever they lie
    for (const double score : rows.scores) x.push_back((score - middle) / (spread > 0 ? spread : 1));
    const double negative = n - positive, high = (positive + 1) / (positive + 2), low = 1 / (negative + 2);
    double slope = 0, offset = std::log((negative + 1) / (positive + 1));
    const auto loss = [&](double a, double b) {
      double sum = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double f = a * x[i] + b, t = rows.positive[i] ? high : low;
        sum += f >= 0 ? t * f + std::log1p(std::exp(-f)) : (t - 1) * f + std::log1p(std::exp(f));
      }
      return sum;
    };
    double now = loss(slope, offset);
    for (int step = 0; step < 100; ++step) {
      double h11 = 1e-12, h22 = 1e-12, h21 = 0, g1 = 0, g2 = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double p = PlattCurve{slope, offset}(x[i]), d2 = p * (1 - p), d1 = (rows.positive[i] ? high : low) - p;
        h11 += x[i] * x[i] * d2;
        h22 += d2;
        h21 += x[i] * d2;
        g1 += x[i] * d1;
        g2 += d1;
      }
      if (std::abs(g1) < 1e-10 && std::abs(g2) < 1e-10) break;
      const double det = h11 * h22 - h21 * h21;
      const double da = -(h22 * g1 - h21 * g2) / det, db = -(-h21 * g1 + h11 * g2) / det;
      double size = 1;
      for (; size >= 1e-10; size /= 2) {
        const double next = loss(slope + size * da, offset + size * db);
        if (!(next < now + 1e-4 * size * (g1 * da + g2 * db))) continue;
        slope += size * da;
        offset += size * db;
        now = next;
        break;
      }
      if (size < 1e-10) break;
    }
    curve_.a = spread > 0 ? slope / spread : 0;
    curve_.b = offset - curve_.a * middle;
    return *this;
  }
  /// NaN of NaN. Throws StateError before fit, as do the others.
  double operator()(double score) const { return curve()(score); }
  template <ArrayLike S>
  std::vector<double> transform(const S& scores) const {
    (void)curve();
    std::vector<double> out;
    for (const double s : as_array<double>(scores)) out.push_back((*this)(s));
    return out;
  }
  /// NaN before fit.
  double a() const { return curve_.a; }
  double b() const { return curve_.b; }
  /// Throws StateError before fit.
  const PlattCurve& curve() const {
    if (!curve_.fitted()) detail::not_fitted(type);
    return curve_;
  }
  void fields(auto&& f) {
    f("a", curve_.a);
    f("b", curve_.b);
  }

 private:
  PlattCurve curve_;
};

/// The step function that never falls and is nearest to the labels, straight between its knots (pool adjacent
/// violators): any monotone relation, given a thousand rows or more. As
/// sklearn.isotonic.IsotonicRegression(out_of_bounds="clip").
class IsotonicCalibrator {
 public:
  static constexpr std::string_view type = "IsotonicCalibrator";
  template <ArrayLike S, ArrayLike Y>
  IsotonicCalibrator& fit(const S& scores, const Y& labels) {
    const detail::ScoredLabels rows = detail::scored_labels(scores, labels, type);
    detail::need_both(rows, type);
    std::vector<std::pair<double, double>> sorted;
    for (std::size_t i = 0; i < rows.scores.size(); ++i) sorted.emplace_back(rows.scores[i], rows.positive[i]);
    std::sort(sorted.begin(), sorted.end());
    // One knot a score, then levels of knots that would fall.
    struct Level {
      double sum, weight;
      std::size_t first, last;
    };
    std::vector<double> x;
    std::vector<Level> levels;
    for (std::size_t i = 0, end = 0; i < sorted.size(); i = end) {
      Level level{0, 0, x.size(), x.size()};
      for (; end < sorted.size() && sorted[end].first == sorted[i].first; ++end)
        level.sum += sorted[end].second, ++level.weight;
      x.push_back(sorted[i].first);
      while (!levels.empty() && levels.back().sum * level.weight >= level.sum * levels.back().weight) {
        level.sum += levels.back().sum;
        level.weight += levels.back().weight;
        level.first = levels.back().first;
        levels.pop_back();
      }
      levels.push_back(level);
    }
    curve_ = {};
    for (const Level& level : levels) {
      curve_.x.push_back(x[level.first]);
      curve_.y.push_back(level.sum / level.weight);
      if (level.last == level.first) continue;
      curve_.x.push_back(x[level.last]);
      curve_.y.push_back(curve_.y.back());
    }
    return *this;
  }
  /// NaN of NaN.
  double operator()(double score) const { return curve()(score); }
  template <ArrayLike S>
  std::vector<double> transform(const S& scores) const {
    (void)curve();
    std::vector<double> out;
    for (const double s : as_array<double>(scores)) out.push_back((*this)(s));
    return out;
  }
  /// Throws StateError before fit.
  const StepCurve& curve() const {
    if (!curve_.fitted()) detail::not_fitted(type);
    return curve_;
  }
  void fields(auto&& f) {
    f("x", curve_.x);
    f("y", curve_.y);
    if (curve_.x.size() != curve_.y.size() || !std::is_sorted(curve_.x.begin(), curve_.x.end()))
      throw FormatError("IsotonicCalibrator: expected as many ascending x as y");
  }

 private:
  StepCurve curve_;
};

/// One number that all logits are divided by before softmax (or sigmoid, for one logit a row), so that the log loss of
/// the rows given is least: calibrates without changing which class wins (Guo et al. 2017). It is looked for from e^-14
/// to e^6 times the greatest logit; rows that are all right by their logits lead to the lower end, certainty.
class TemperatureScaling {
 public:
  static constexpr std::string_view type = "TemperatureScaling";
  /// logits: (rows, classes), labels the class numbers; or (rows), labels 0 and 1. Throws ShapeError for another number
  /// of labels, DataError for a label that is no class or a logit that is not finite.
  template <ArrayLike L, ArrayLike Y>
  TemperatureScaling& fit(const L& logits, const Y& labels) {
    const Array<double> z = as_array<double>(logits), y = as_array<double>(labels);
    const std::size_t rows = y.size(), classes = rows ? z.size() / rows : 0;
    if (rows == 0 || z.rows() != rows || classes * rows != z.size())
      throw ShapeError(
          text(type, ": expected logits (rows, classes) and a label a row, received ", z.size(), " and ", rows));
    const auto most = static_cast<double>(classes < 2 ? 1 : classes - 1);
    for (std::size_t r = 0; r < rows; ++r)
      if (!(y[r] >= 0 && y[r] <= most) || y[r] != std::floor(y[r]))
        throw DataError(text(type, ": expected a class from 0 to ", most, ", received ", y[r], " in row ", r));
    for (const double v : z)
      if (!std::isfinite(v)) throw DataError(text(type, ": expected finite logits, received ", v));
    const auto loss = [&](double log_t) {
      const double scale = std::exp(-log_t);
      double sum = 0;
      for (std::size_t r = 0; r < rows; ++r) {
        const double* row = z.data() + r * classes;
        if (classes == 1) {
          const double f = (y[r] == 1 ? -1 : 1) * row[0] * scale;
          sum += f > 0 ? f + std::log1p(std::exp(-f)) : std::log1p(std::exp(f));
          continue;
        }
        const double top = *std::max_element(row, row + classes);
        double total = 0;
        for (std::size_t c = 0; c < classes; ++c) total += std::exp((row[c] - top) * scale);
        sum += std::log(total) - (row[static_cast<std::size_t>(y[r])] - top) * scale;
      }
      return sum;
    };
    double most_logit = 0;
    bool differ = classes == 1;
    for (std::size_t i = 0; i < z.size(); ++i) {
      most_logit = std::max(most_logit, std::abs(z[i]));
      differ = differ || z[i] != z[i - i % classes];
    }
    if (!(most_logit > 0) || !differ)
      throw DataError(text(type, ": expected logits that tell the classes apart in some row, received ",
                           most_logit > 0 ? "the same for all classes of each" : "zeros alone"));
    // The loss is convex in 1 / T, so it has one valley in log T.
    constexpr double golden = 0.6180339887498949;
    const double size = std::log(most_logit);
    double low = size - 14, high = size + 6, a = high - golden * (high - low), b = low + golden * (high - low),
           fa = loss(a), fb = loss(b);
    while (high - low > 1e-9) {
      if (fa <= fb) {
        high = b, b = a, fb = fa, a = high - golden * (high - low), fa = loss(a);
      } else {
        low = a, a = b, fa = fb, b = low + golden * (high - low), fb = loss(b);
      }
    }
    temperature_ = std::exp((low + high) / 2);
    return *this;
  }
  /// NaN before fit.
  double temperature() const { return temperature_; }
  /// The logits divided: softmax or sigmoid of them are the probabilities.
  template <ArrayLike L>
  std::vector<double> transform(const L& logits) const {
    if (std::isnan(temperature_)) detail::not_fitted(type);
    std::vector<double> out;
    for (const double v : as_array<double>(logits)) out.push_back(v / temperature_);
    return out;
  }
  void fields(auto&& f) { f("temperature", temperature_); }

 private:
  double temperature_ = std::nan("");
};

}  // namespace foretell

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/random.hpp"
#include "foretell/data/key_index.hpp"
#include "foretell/data/table.hpp"
#include "foretell/metrics/curves.hpp"

namespace foretell {

struct LeakageOptions {
  double too_good = 0.95;      ///< a column that alone has such an AUC, or R2 for a target of numbers
  double missing_tells = 0.8;  ///< a column of which being missing alone has such an AUC
  std::uint64_t seed = 0;
};

/// One suspicion: about a column, or about the split when there is none.
struct Leak {
  std::string column, sentence;
  double value = 0;
};

struct LeakageReport {
  std::vector<Leak> leaks;

  bool empty() const { return leaks.empty(); }
  bool names(std::string_view column) const {
    return std::any_of(leaks.begin(), leaks.end(), [&](const Leak& leak) { return leak.column == column; });
  }
  std::string to_string() const {
    std::string out;
    for (const Leak& leak : leaks) out += leak.sentence + "\n";
    return out.empty() ? "No leak found.\n" : out;
  }
  Table table() const {
    std::vector<std::string> column, sentence;
    std::vector<double> value;
    for (const Leak& leak : leaks)
      column.push_back(leak.column), sentence.push_back(leak.sentence), value.push_back(leak.value);
    return Table{{"column", column}, {"value", value}, {"sentence", sentence}};
  }
};

namespace detail {

/// A number for each row that says how the column alone sees the target: its numbers (missing and infinite: the mean of
/// the others), or for texts the mean of the target over the rows of the same text in the other half of the data.
inline std::vector<double> alone(const Column& column, const std::vector<double>& target, const Random& random) {
  std::vector<double> out(column.size());
  if (column.kind() != Kind::category) {
    double most = 0, sum = 0, count = 0;
    const auto finite = [&](std::size_t row) { return std::isfinite(column.number(row)); };
    for (std::size_t row = 0; row < out.size(); ++row)
      if (finite(row)) most = std::max(most, std::abs(column.number(row)));
    for (std::size_t row = 0; row < out.size(); ++row)
      if (finite(row)) sum += out[row] = most > 0 ? column.number(row) / most : 0, ++count;
    for (std::size_t row = 0; row < out.size(); ++row)
      if (!finite(row)) out[row] = count > 0 ? sum / count : 0;
    return out;
  }
  const std::size_t values = column.dictionary().size() + 1;
  std::vector<double> sum(2 * values), count(2 * values);
  double all = 0;
  const auto half = [&](std::size_t row) { return static_cast<std::size_t>(random.below(row, 2)); };
  const auto value = [&](std::size_t row) { return static_cast<std::size_t>(column.code(row) + 1); };
  for (std::size_t row = 0; row < out.size(); ++row) {
    sum[half(row) * values + value(row)] += target[row];
    ++count[half(row) * values + value(row)];
    all += target[row] / static_cast<double>(out.size());
  }
  for (std::size_t row = 0; row < out.size(); ++row) {
    const std::size_t other = (1 - half(row)) * values + value(row);
    out[row] = (sum[other] + all) / (count[other] + 1);
  }
  return out;
}

/// The squared correlation.
inline double shared_variance(const std::vector<double>& a, const std::vector<double>& b) {
  double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
  const auto n = static_cast<double>(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) mean_a += a[i] / n, mean_b += b[i] / n;
  for (std::size_t i = 0; i < a.size(); ++i) {
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
    ab += (a[i] - mean_a) * (b[i] - mean_b);
  }
  return aa > 0 && bb > 0 ? ab * ab / (aa * bb) : 0;
}

}  // namespace detail

/// What makes results too good to be true: columns that alone predict the target too well, or by being missing; columns
/// that are different in every row, which can only be learned by heart; constant columns; rows of the training part
/// that the test part has too. A target of two values is judged by AUC, another by R2. A suspicion is not a proof: ask
/// whether the column is known at the time of the prediction.
///
/// Transforms cannot leak: cross_validate fits them on the training rows of each fold. Throws DataError for a target
/// that is missing, infinite, text or the same in every row, and for tables of different columns.
inline LeakageReport leakage_report(const Table& train, const Table& test, const std::string& target,
                                    const LeakageOptions& options = {}) {
  const Column& answers = train.column(target);
  std::vector<double> y(train.rows());
  for (std::size_t row = 0; row < y.size(); ++row) {
    y[row] = answers.number(row);
    if (!std::isfinite(y[row]))
      throw DataError(text("leakage_report: expected a number as target in every row, received ",
                           std::isnan(y[row]) ? "none" : "an infinite one", " in row ", row,
                           "; number the classes first, see LabelEncoder"));
  }
  std::vector<double> classes = y;
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  if (classes.size() < 2)
    throw DataError(text("leakage_report: expected a target of two values or more, received ", classes.size(),
                         ", which says nothing about any column"));
  const bool binary = classes.size() == 2;
  std::vector<double> positive(y.size());
  for (std::size_t row = 0; row < y.size(); ++row) positive[row] = binary && y[row] == classes[1];
  const auto area = [&](const std::vector<double>& score) {
    const double auc = roc_auc_score(positive, score);
    return std::max(auc, 1 - auc);
  };
  LeakageReport report;
  const auto add = [&](const std::string& column, double value, auto... sentence) {
    report.leaks.push_back({column, text("\"", column, "\" ", sentence...), value});
  };
  const Random random = Random(options.seed).stream("leakage_report");
  for (const Column& column : train) {
    if (column.name() == target) continue;
    const std::size_t missing = column.count_missing(), present = column.size() - missing, distinct = column.distinct();
    if (distinct < 2 && (missing == 0 || present == 0)) {
      add(column.name(), 0, "has the same value in every row; leave it out");
      continue;
    }
    bool whole = column.kind() != Kind::number;
    if (column.kind() == Kind::number) {
      whole = true;
      for (const double v : column.numbers()) whole &= std::isnan(v) || v == std::floor(v);
    }
    if (distinct == present && present > 20 && whole) {
      add(column.name(), 1, "is different in every row", missing ? " that has it" : "",
          ", as an identifier is; leave it out");
      if (column.kind() == Kind::category) continue;
    }
    if (present > 0 && distinct >= 2) {
      const std::vector<double> seen = detail::alone(column, binary ? positive : y, random);
      const double value = binary ? area(seen) : detail::shared_variance(seen, y);
      if (value >= options.too_good)
        add(column.name(), value, "alone predicts the target with ", binary ? "an AUC of " : "an R2 of ",
            std::round(value * 1e4) / 1e4, "; is it known before the target is?");
    }
    if (binary && missing > 0 && present > 0) {
      std::vector<double> absent(y.size());
      for (std::size_t row = 0; row < y.size(); ++row) absent[row] = column.missing(row);
      if (const double value = area(absent); value >= options.missing_tells)
        add(column.name(), value, "is missing where the target says so, with an AUC of ", std::round(value * 1e4) / 1e4,
            "; is it filled in after the target is known?");
    }
  }
  if (test.rows() > 0 && train.rows() > 0) {
    const detail::KeyIndex rows("leakage_report", train, train.names(), detail::MissingKeys::keep);
    const std::vector<std::int32_t> found = rows.find(test.select(train.names()), train.names());
    const auto shared =
        static_cast<double>(std::count_if(found.begin(), found.end(), [](std::int32_t id) { return id >= 0; }));
    if (shared > 0)
      report.leaks.push_back({"",
                              text(shared, " of ", test.rows(),
                                   " test rows are training rows too; split by group, or see drop_duplicates"),
                              shared});
  }
  return report;
}

}  // namespace foretell

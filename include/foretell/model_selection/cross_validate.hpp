// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "foretell/core/parallel.hpp"
#include "foretell/core/whole_rows.hpp"
#include "foretell/data/table.hpp"
#include "foretell/metrics/scores.hpp"
#include "foretell/model_selection/splitters.hpp"
#include "foretell/training/options.hpp"

namespace foretell {

struct CrossValidateOptions {
  std::string groups{};  ///< the column of the groups, for splitters that keep them whole; no feature
  std::function<Table(const Table&)> resample{};  ///< makes the training rows of a fold anew, over_sample say
  bool return_train_score = false;
  /// Folds at a time; the results are the same for any number. `build` and `resample` are called from all threads.
  std::size_t threads = 1;
};

/// What cross-validation found, a value a fold.
struct CrossValidation {
  Scores scores;        ///< of the rows held out: the loss and every metric
  Scores train_scores;  ///< of the training rows, when asked for
  std::vector<double> fit_seconds, score_seconds;
  std::size_t width = 0;  ///< numbers a row that the model answers
  std::vector<double>
      predictions;  ///< out of fold, rows x width; the mean where folds overlap, NaN where none tests the row
};

namespace detail {

template <class Splitter>
auto folds_of(const Splitter& splitter, const std::vector<double>& labels, const std::vector<double>& groups) {
  if constexpr (requires { splitter.split(labels, groups); })
    return splitter.split(labels, groups);
  else if constexpr (requires { splitter.split(labels); })
    return splitter.split(labels);
  else
    return splitter.split(labels.size());
}

/// The labels of a table's target, all there.
inline std::vector<double> labels_of(const Table& table, const std::string& target, std::string_view who) {
  const Column& column = table.column(target);
  std::vector<double> labels(table.rows());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    labels[i] = column.number(i);
    if (!std::isnan(labels[i])) continue;
    throw DataError(text(who, ": expected a target in every row, received ",
                         column.missing(i) ? "a missing value" : text("the text \"", column.text(i), "\""),
                         " in column \"", target, "\", row ", i,
                         column.missing(i) ? "" : "; number the classes first, see LabelEncoder"));
  }
  return labels;
}

/// The groups as numbers: places in the column's dictionary, or its numbers.
inline std::vector<double> groups_of(const Table& table, const std::string& name) {
  if (name.empty()) return {};
  const Column& column = table.column(name);
  std::vector<double> groups(table.rows());
  for (std::size_t i = 0; i < groups.size(); ++i)
    groups[i] = column.missing(i)               ? std::numeric_limits<double>::quiet_NaN()
                : column.kind() == Kind::number ? column.number(i)
                                                : static_cast<double>(column.code(i));
  return groups;
}

/// Throws for what cannot be meant for each of several folds.
template <class T>
void check_fold_options(const FitOptions<T>& options, std::size_t rows, std::string_view who) {
  if (!options.validation_data.empty())
    throw ConfigError(
        text(who, ": expected no validation_data, which would be the same in every fold; use validation_split"));
  if (!options.resume_from.empty())
    throw ConfigError(
        text(who, ": expected no resume_from, which is of one run, received \"", options.resume_from, "\""));
  if (!options.sample_weight.empty() && options.sample_weight.size() != rows)
    throw ShapeError(text(who, ": expected one sample_weight a row, received ", options.sample_weight.size(), " for ",
                          rows, " rows"));
}
/// The options with the weights of those rows.
template <class T>
FitOptions<T> options_of_rows(FitOptions<T> options, const std::vector<std::size_t>& rows) {
  std::vector<double> all;
  all.swap(options.sample_weight);
  for (const std::size_t row : rows)
    if (!all.empty()) options.sample_weight.push_back(all[row]);
  return options;
}

/// The features of training rows; the target is none of them, but supervised transformers learn from it.
template <class P>
auto fit_features(P& preprocessing, const Table& train, const std::string& target) {
  const Table x = train.drop(target);
  if constexpr (requires { preprocessing.fit_transform(x, train.column(target)); })
    return preprocessing.fit_transform(x, train.column(target));
  else
    return preprocessing.fit_transform(x);
}

}  // namespace detail

/// Cross-validation of preprocessing and model together: in each fold a copy of `preprocessing` is fitted on the
/// training rows only, without the target among its columns; `build()` makes a compiled model, which is trained and
/// scored on the rows held out. As sklearn.model_selection.cross_validate and cross_val_predict of a pipeline.
///
/// Throws DataError for a missing target, ConfigError for validation_data; what the parts throw passes through.
template <class P, class Build, class Splitter, class T = float>
CrossValidation cross_validate(const P& preprocessing, Build&& build, const Table& table, const std::string& target,
                               const Splitter& splitter, const FitOptions<T>& options,
                               const CrossValidateOptions& how) {
  const std::vector<double> labels = detail::labels_of(table, target, "cross_validate");
  detail::check_fold_options(options, table.rows(), "cross_validate");
  if (!options.sample_weight.empty() && how.resample)
    throw ConfigError(
        "cross_validate: expected sample_weight or resample, received both; resampled rows have no weights");
  const auto folds = detail::folds_of(splitter, labels, detail::groups_of(table, how.groups));
  struct Fold {
    Scores test, train;
    double fit = 0, score = 0;
    std::size_t width = 0;
    std::vector<double> predictions;
  };
  std::vector<Fold> results(folds.size());
  const auto seconds_since = [](std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  Executor(how.threads).run(folds.size(), [&](std::size_t f) {
    const Table all = how.groups.empty() ? table : table.drop(how.groups);
    Table train = all.take(folds[f].train);
    const Table test = all.take(folds[f].test);
    if (how.resample) train = how.resample(train);
    P features = preprocessing;
    auto model = build();
    auto start = std::chrono::steady_clock::now();
    const auto x = detail::fit_features(features, train, target);
    const auto y = train.column(target).template to_array<T>();
    model.fit(x, y, detail::options_of_rows(options, folds[f].train));
    results[f].fit = seconds_since(start);
    start = std::chrono::steady_clock::now();
    const auto x_test = features.transform(test.drop(target));
    results[f].test = model.evaluate(x_test, test.column(target).template to_array<T>());
    results[f].score = seconds_since(start);
    if (how.return_train_score) results[f].train = model.evaluate(x, y);
    const auto answers = model.predict(x_test);
    results[f].width = test.rows() ? answers.size() / test.rows() : 0;
    results[f].predictions.assign(answers.begin(), answers.end());
  });
  CrossValidation out;
  for (const Fold& fold : results) {
    for (const auto& [name, values] : fold.test) out.scores.add(name, values.front());
    for (const auto& [name, values] : fold.train) out.train_scores.add(name, values.front());
    out.fit_seconds.push_back(fold.fit);
    out.score_seconds.push_back(fold.score);
    out.width = std::max(out.width, fold.width);
  }
  std::vector<double> times(table.rows());
  out.predictions.assign(table.rows() * out.width, 0);
  for (std::size_t f = 0; f < folds.size(); ++f)
    for (std::size_t i = 0; i < folds[f].test.size(); ++i) {
      const std::size_t row = folds[f].test[i];
      ++times[row];
      for (std::size_t k = 0; k < out.width; ++k)
        out.predictions[row * out.width + k] += results[f].predictions[i * out.width + k];
    }
  for (std::size_t i = 0; i < out.predictions.size(); ++i) out.predictions[i] /= times[i / out.width];  // 0 / 0 is NaN
  return out;
}

/// The scores alone: scores["auc"] is the mean, scores.values("auc") the folds.
template <class P, class Build, class Splitter, class T = float>
Scores cross_validate(const P& preprocessing, Build&& build, const Table& table, const std::string& target,
                      const Splitter& splitter, const FitOptions<T>& options = {}) {
  return cross_validate(preprocessing, build, table, target, splitter, options, CrossValidateOptions{}).scores;
}

/// How the score on rows held out grows with the rows trained on: for each share of a fold's training rows, taken from
/// the front of a random order, a row of `rows`, `fold` and the named score, on the training rows and on those held
/// out. As sklearn.model_selection.learning_curve, which takes 28 of 100 rows for 0.29, here 29.
template <class P, class Build, class Splitter, class T = float>
Table learning_curve(const P& preprocessing, Build&& build, const Table& table, const std::string& target,
                     const Splitter& splitter, const std::string& score, const FitOptions<T>& options = {},
                     const std::vector<double>& shares = {0.1, 0.325, 0.55, 0.775, 1.0}, std::uint64_t seed = 0) {
  const std::vector<double> labels = detail::labels_of(table, target, "learning_curve");
  detail::check_fold_options(options, table.rows(), "learning_curve");
  for (const double share : shares)
    if (!(share > 0 && share <= 1))
      throw ConfigError(text("learning_curve: expected shares above 0 and at most 1, received ", share));
  const auto folds = detail::folds_of(splitter, labels, {});
  std::vector<double> rows, fold, train_score, test_score;
  for (const double share : shares)
    for (std::size_t f = 0; f < folds.size(); ++f) {
      std::vector<std::size_t> chosen = folds[f].train;
      Random(seed).stream("learning_curve").stream(f).shuffle(chosen);
      chosen.resize(std::max<std::size_t>(1, detail::rows_down(share * static_cast<double>(chosen.size()))));
      const Table train = table.take(chosen), test = table.take(folds[f].test);
      P features = preprocessing;
      auto model = build();
      const auto x = detail::fit_features(features, train, target);
      const auto y = train.column(target).template to_array<T>();
      model.fit(x, y, detail::options_of_rows(options, chosen));
      rows.push_back(static_cast<double>(chosen.size()));
      fold.push_back(static_cast<double>(f));
      train_score.push_back(model.evaluate(x, y)[score]);
      test_score.push_back(
          model.evaluate(features.transform(test.drop(target)), test.column(target).template to_array<T>())[score]);
    }
  return Table{{"rows", rows}, {"fold", fold}, {"train_" + score, train_score}, {"test_" + score, test_score}};
}

}  // namespace foretell

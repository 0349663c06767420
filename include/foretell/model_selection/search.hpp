// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "foretell/core/error.hpp"
#include "foretell/core/parallel.hpp"
#include "foretell/core/random.hpp"
#include "foretell/core/whole_rows.hpp"
#include "foretell/data/csv.hpp"
#include "foretell/data/table.hpp"

namespace foretell {

/// A number or a text.
using ParameterValue = std::variant<double, std::string>;

/// The parameters of one trial by name.
class Parameters {
 public:
  void set(std::string name, ParameterValue value) { values_.emplace_back(std::move(name), std::move(value)); }
  /// Throw ConfigError when there is none of that name and sort.
  double number(std::string_view name) const { return get<double>(name, "number"); }
  /// Also for a number that is not whole, or below 0.
  std::size_t count(std::string_view name) const {
    const double value = number(name);
    if (!(value >= 0 && value <= 9007199254740992.0) || value != std::floor(value))
      throw ConfigError(foretell::text("Parameters: expected a whole number of at least 0 as \"", name, "\", received ",
                                       value, "; draw it with ParameterRange::integers"));
    return static_cast<std::size_t>(value);
  }
  const std::string& text(std::string_view name) const { return get<std::string>(name, "text"); }
  const std::vector<std::pair<std::string, ParameterValue>>& values() const { return values_; }
  /// "units=64 activation=relu"
  std::string to_string() const {
    std::string out;
    for (const auto& [name, value] : values_)
      out += foretell::text(out.empty() ? "" : " ", name, "=",
                            std::holds_alternative<double>(value) ? foretell::text(std::get<double>(value))
                                                                  : std::get<std::string>(value));
    return out;
  }
  friend bool operator==(const Parameters&, const Parameters&) = default;

 private:
  template <class V>
  const V& get(std::string_view name, std::string_view sort) const {
    std::vector<std::string> names;
    for (const auto& [n, value] : values_) {
      if (n == name && std::holds_alternative<V>(value)) return std::get<V>(value);
      names.push_back(n);
    }
    throw ConfigError(
        foretell::text("Parameters: expected a ", sort, " \"", name, "\", received ", quoted_list(names)));
  }
  std::vector<std::pair<std::string, ParameterValue>> values_;
};

/// What a parameter may be: one of some values, or a number of a range.
class ParameterRange {
 public:
  /// {16, 32, 64} or {"relu", "tanh"}.
  template <class V>
  requires(std::is_arithmetic_v<V> || std::convertible_to<V, std::string_view>)
      ParameterRange(std::initializer_list<V> choices) {
    for (const V& choice : choices) {
      if constexpr (std::is_arithmetic_v<V>)
        choices_.emplace_back(static_cast<double>(choice));
      else
        choices_.emplace_back(std::string(std::string_view(choice)));
    }
  }
  static ParameterRange uniform(double low, double high) { return {low, high, false, false}; }
  /// As often between 0.001 and 0.01 as between 0.01 and 0.1.
  static ParameterRange log_uniform(double low, double high) { return {low, high, true, false}; }
  /// Whole numbers, both ends among them.
  static ParameterRange integers(double low, double high) {
    if (low != std::floor(low) || high != std::floor(high) || !(high - low < 9007199254740992.0))
      throw ConfigError(
          text("ParameterRange: expected whole numbers as the ends of integers, received ", low, " and ", high));
    return {low, high, false, true};
  }

  const std::vector<ParameterValue>& choices() const { return choices_; }
  ParameterValue draw(const Random& random, std::uint64_t i) const {
    if (!choices_.empty()) return choices_[random.below(i, choices_.size())];
    if (whole_) return low_ + static_cast<double>(random.below(i, static_cast<std::uint64_t>(high_ - low_) + 1));
    return log_ ? std::exp(random.uniform(i, std::log(low_), std::log(high_))) : random.uniform(i, low_, high_);
  }

 private:
  ParameterRange(double low, double high, bool log, bool whole) : low_(low), high_(high), log_(log), whole_(whole) {
    if (!(low <= high) || !std::isfinite(low) || !std::isfinite(high) || (log && !(low > 0)))
      throw ConfigError(
          text("ParameterRange: expected finite low <= high, above 0 for log_uniform, received ", low, " and ", high));
  }
  std::vector<ParameterValue> choices_;
  double low_ = 0, high_ = 0;
  bool log_ = false, whole_ = false;
};

/// {{"units", {16, 32}}, {"rate", ParameterRange::log_uniform(1e-4, 1e-1)}}
using ParameterSpace = std::vector<std::pair<std::string, ParameterRange>>;

struct Trial {
  Parameters parameters;
  double budget = 0, score = std::numeric_limits<double>::quiet_NaN(), seconds = 0;
  std::string error{};  ///< what the trial threw, or that its score was not finite; it has no score then
};

struct SearchOptions {
  bool maximize = true;     ///< a greater score is better; false for a loss or an error
  std::size_t threads = 1;  ///< trials at a time; which trials there are is the same for any number
  std::uint64_t seed = 0;
  std::string journal{};  ///< a CSV file of the trials, written after each; those that stand in it are not done again
};

/// The trials of a search, in the order they were drawn up.
struct SearchResult {
  std::vector<Trial> trials;
  bool maximize = true;

  /// The trial of the best score among those of the greatest budget. Throws StateError when none has a score.
  const Trial& best() const {
    const Trial* found = nullptr;
    for (const Trial& trial : trials) {
      if (std::isnan(trial.score)) continue;
      const bool better =
          !found || trial.budget > found->budget ||
          (trial.budget == found->budget && (maximize ? trial.score > found->score : trial.score < found->score));
      if (better) found = &trial;
    }
    if (!found)
      throw StateError(text("Search: expected a trial with a score, received ", trials.size(), " without",
                            trials.empty() ? "" : text("; the first said: ", trials[0].error)));
    return *found;
  }
  /// One row a trial: the parameters, budget, score, seconds, error.
  Table table() const {
    Table out;
    if (trials.empty()) return out;
    for (std::size_t p = 0; p < trials[0].parameters.values().size(); ++p) {
      const auto& [name, first] = trials[0].parameters.values()[p];
      std::vector<double> numbers;
      std::vector<std::string> texts;
      for (const Trial& trial : trials) {
        const ParameterValue& value = trial.parameters.values()[p].second;
        if (std::holds_alternative<double>(first))
          numbers.push_back(std::get<double>(value));
        else
          texts.push_back(std::get<std::string>(value));
      }
      std::holds_alternative<double>(first) ? out.add(name, numbers) : out.add(name, texts);
    }
    std::vector<double> budget, score, seconds;
    Dictionary errors;
    std::vector<std::int32_t> error;
    for (const Trial& trial : trials) {
      budget.push_back(trial.budget);
      score.push_back(trial.score);
      seconds.push_back(trial.seconds);
      error.push_back(trial.error.empty() ? -1 : errors.add(trial.error));
    }
    return out.add("budget", budget)
        .add("score", score)
        .add("seconds", seconds)
        .add("error", Column::from_codes(error, std::move(errors).values()));
  }
};

/// What is searched over: how good parameters are, given a budget (epochs, rows: what the search hands on). It may
/// throw: the trial is then without a score. Called from several threads when asked for.
using Score = std::function<double(const Parameters&, double budget)>;

namespace detail {

inline void check_space(const ParameterSpace& space, std::string_view who) {
  std::vector<std::string> names;
  for (const auto& [name, range] : space) {
    if (name == "budget" || name == "score" || name == "seconds" || name == "error" ||
        std::find(names.begin(), names.end(), name) != names.end())
      throw ConfigError(
          text(who, ": expected parameters of different names, none of budget, score, seconds and error, received \"",
               name, "\""));
    names.push_back(name);
  }
  if (space.empty()) throw ConfigError(text(who, ": expected parameters, received none"));
}

inline Parameters drawn(const ParameterSpace& space, const Random& random) {
  Parameters out;
  for (std::size_t p = 0; p < space.size(); ++p) out.set(space[p].first, space[p].second.draw(random, p));
  return out;
}

/// Does trials, several at a time, and keeps the journal.
class Trials {
 public:
  Trials(const ParameterSpace& space, const Score& score, const SearchOptions& options)
      : score_(score), options_(options), executor_(options.threads) {
    result_.maximize = options.maximize;
    if (!options.journal.empty() && std::filesystem::exists(options.journal)) read(space);
  }
  /// Does those parameters with a budget; returns their scores.
  std::vector<double> run(const std::vector<Parameters>& all, double budget) {
    const std::size_t first = result_.trials.size();
    for (const Parameters& parameters : all) result_.trials.push_back({parameters, budget});
    executor_.run(all.size(), [&](std::size_t i) {
      Trial trial{all[i], budget};
      const Trial* done = nullptr;
      for (const Trial& old : earlier_)
        if (old.budget == budget && old.parameters == all[i] && old.error.empty()) done = &old;
      if (done) {
        trial = *done;
      } else {
        const auto start = std::chrono::steady_clock::now();
        try {
          trial.score = score_(all[i], budget);
          if (!std::isfinite(trial.score)) {
            trial.error = text("expected a finite score, received ", trial.score);
            trial.score = std::numeric_limits<double>::quiet_NaN();
          }
        } catch (const std::exception& problem) {
          trial.error = problem.what();
        }
        trial.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      }
      const std::lock_guard lock(mutex_);
      result_.trials[first + i] = std::move(trial);
      if (!options_.journal.empty()) write_csv(options_.journal, result_.table());
    });
    std::vector<double> scores;
    for (std::size_t i = 0; i < all.size(); ++i) scores.push_back(result_.trials[first + i].score);
    return scores;
  }
  /// The best share of parameters by their scores; those without are the last.
  std::vector<Parameters> best(const std::vector<Parameters>& all, const std::vector<double>& scores,
                               std::size_t keep) const {
    std::vector<std::size_t> order(all.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      if (std::isnan(scores[a]) || std::isnan(scores[b])) return !std::isnan(scores[a]) && std::isnan(scores[b]);
      return options_.maximize ? scores[a] > scores[b] : scores[a] < scores[b];
    });
    std::vector<Parameters> kept;
    for (std::size_t i = 0; i < std::min(keep, order.size()); ++i) kept.push_back(all[order[i]]);
    return kept;
  }
  SearchResult finish() && { return std::move(result_); }

 private:
  void read(const ParameterSpace& space) {
    CsvOptions csv{.missing = {""}, .missing_numbers = {}};
    for (const auto& [name, range] : space)
      csv.dtypes.emplace_back(name, range.choices().empty() || std::holds_alternative<double>(range.choices()[0])
                                        ? Kind::number
                                        : Kind::category);
    for (const char* name : {"budget", "score", "seconds"}) csv.dtypes.emplace_back(name, Kind::number);
    csv.dtypes.emplace_back("error", Kind::category);
    const Table table = read_csv(options_.journal, csv);
    for (std::size_t row = 0; row < table.rows(); ++row) {
      Trial trial{{},
                  table.column("budget").number(row),
                  table.column("score").number(row),
                  table.column("seconds").number(row),
                  std::string(table.column("error").text(row))};
      if (std::isnan(trial.score)) continue;  // not begun, or failed: to be done again
      for (const auto& [name, range] : space) {
        const Column& column = table.column(name);
        if (column.kind() == Kind::number)
          trial.parameters.set(name, column.number(row));
        else
          trial.parameters.set(name, std::string(column.text(row)));
      }
      earlier_.push_back(std::move(trial));
    }
  }

  const Score& score_;
  const SearchOptions& options_;
  Executor executor_;
  SearchResult result_;
  std::vector<Trial> earlier_;
  std::mutex mutex_;
};

}  // namespace detail

/// Every combination of the choices, the last parameter changing fastest. Throws ConfigError for a parameter that is a
/// range. As sklearn.model_selection.GridSearchCV's trials.
inline SearchResult grid_search(const ParameterSpace& space, const Score& score, const SearchOptions& options = {},
                                double budget = 1) {
  detail::check_space(space, "grid_search");
  std::vector<Parameters> all(1);
  for (const auto& [name, range] : space) {
    if (range.choices().empty())
      throw ConfigError(text("grid_search: expected choices for \"", name, "\", received a range; use random_search"));
    std::vector<Parameters> longer;
    for (const Parameters& so_far : all)
      for (const ParameterValue& choice : range.choices()) {
        longer.push_back(so_far);
        longer.back().set(name, choice);
      }
    all = std::move(longer);
  }
  detail::Trials trials(space, score, options);
  trials.run(all, budget);
  return std::move(trials).finish();
}

/// `count` combinations drawn at random.
inline SearchResult random_search(const ParameterSpace& space, const Score& score, std::size_t count,
                                  const SearchOptions& options = {}, double budget = 1) {
  detail::check_space(space, "random_search");
  const Random random = Random(options.seed).stream("search");
  std::vector<Parameters> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(detail::drawn(space, random.stream(i)));
  detail::Trials trials(space, score, options);
  trials.run(all, budget);
  return std::move(trials).finish();
}

struct HalvingOptions {
  std::size_t count = 27;  ///< combinations to begin with
  double min_budget = 1, max_budget = 27;
  double factor = 3;  ///< how many times fewer combinations, and more budget, each round has
};

namespace detail {

inline void check_halving(double low, double high, double factor, std::string_view who) {
  if (!(low > 0) || !(high >= low) || !(factor > 1) || !std::isfinite(high))
    throw ConfigError(text(who, ": expected 0 < min_budget <= max_budget and a factor above 1, received ", low, ", ",
                           high, " and ", factor));
}
inline void halve(Trials& trials, std::vector<Parameters> all, double budget, double most, double factor) {
  for (;;) {
    const std::vector<double> scores = trials.run(all, budget);
    if (budget >= most || all.empty()) return;
    all = trials.best(all, scores, std::max<std::size_t>(1, rows_down(static_cast<double>(all.size()) / factor)));
    budget = std::min(most, budget * factor);
  }
}

}  // namespace detail

/// Many combinations with a small budget, the best of them with more, until one round has the whole (Karnin et al.
/// 2013). Throws ConfigError for options out of range.
inline SearchResult successive_halving(const ParameterSpace& space, const Score& score, const HalvingOptions& how = {},
                                       const SearchOptions& options = {}) {
  detail::check_space(space, "successive_halving");
  detail::check_halving(how.min_budget, how.max_budget, how.factor, "successive_halving");
  const Random random = Random(options.seed).stream("search");
  std::vector<Parameters> all;
  for (std::size_t i = 0; i < how.count; ++i) all.push_back(detail::drawn(space, random.stream(i)));
  detail::Trials trials(space, score, options);
  detail::halve(trials, std::move(all), how.min_budget, how.max_budget, how.factor);
  return std::move(trials).finish();
}

struct HyperbandOptions {
  double max_budget = 27;  ///< of one trial; the smallest is about 1
  double factor = 3;
};

/// Successive halving several times, from many combinations with little to few with all (Li et al. 2018).
inline SearchResult hyperband(const ParameterSpace& space, const Score& score, const HyperbandOptions& how = {},
                              const SearchOptions& options = {}) {
  detail::check_space(space, "hyperband");
  detail::check_halving(1, how.max_budget, how.factor, "hyperband");
  const auto most = static_cast<std::size_t>(std::floor(std::log(how.max_budget) / std::log(how.factor) + 1e-9));
  const Random random = Random(options.seed).stream("search");
  detail::Trials trials(space, score, options);
  std::uint64_t draw = 0;
  for (std::size_t s = most + 1; s-- > 0;) {
    const auto count = static_cast<std::size_t>(std::ceil(static_cast<double>(most + 1) / static_cast<double>(s + 1) *
                                                              std::pow(how.factor, static_cast<double>(s)) -
                                                          1e-9));
    std::vector<Parameters> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(detail::drawn(space, random.stream(draw++)));
    detail::halve(trials, std::move(all), how.max_budget * std::pow(how.factor, -static_cast<double>(s)),
                  how.max_budget, how.factor);
  }
  return std::move(trials).finish();
}

}  // namespace foretell

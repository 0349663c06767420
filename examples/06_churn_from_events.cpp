// SPDX-License-Identifier: BSD-3-Clause
// From a log of events to who will leave: what is known of each customer at several cut-offs, whether they bought
// within the month after, and a model that is trained on early cut-offs and tested on a later one. No feature sees what
// a label sees. Prints: auc at the last cut-off: 0\.[789]
//   06_churn_from_events                                  a log that is made up here
//   06_churn_from_events EVENTS.csv USER TIME VALUE [%m/%d/%Y]     purchases of your own, and how their times are
//   written
#include <foretell/foretell.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace ft = foretell;

namespace {

constexpr double day = 86400;

/// A year of purchases: every customer has a pace of their own, and most stop one day.
ft::Table purchases(std::size_t customers, std::uint64_t seed) {
  std::vector<double> user, time, value;
  for (std::size_t c = 0; c < customers; ++c) {
    const ft::Random random = ft::Random(seed).stream(c);
    std::uint64_t draw = 0;
    const auto wait = [&](double mean) { return -mean * std::log(1 - random.uniform(draw++)); };
    const double pace = 5 + wait(20), end = 180 * random.uniform(draw++) + wait(200);
    for (double t = 180 * random.uniform(draw++); t < std::min(end, 365.0); t += wait(pace)) {
      user.push_back(static_cast<double>(c));
      time.push_back(t * day);
      value.push_back(std::round(5 + wait(30)));
    }
  }
  return ft::Table{{"user", user}, {"time", time}, {"value", value}};
}

int run(int count, char** arguments) {
  const bool own = count >= 5;
  const ft::EventColumns names =
      own ? ft::EventColumns{.user = arguments[2], .time = arguments[3], .value = arguments[4]}
          : ft::EventColumns{.value = "value"};
  const std::string format = count >= 6 ? arguments[5] : "";
  const ft::EventLog log(
      own ? ft::read_csv(arguments[1], {.delimiter = '\0', .dates = {{names.time, format}}}) : purchases(3000, 1),
      names);
  const std::vector<double>& times = log.times();
  const double last = *std::max_element(times.begin(), times.end()),
               first = *std::min_element(times.begin(), times.end());
  std::printf("%zu events of %zu customers in %.0f days\n", log.rows(), log.users(), (last - first) / day);

  // At each cut-off: what the customers did before it, and how many purchases came in the month after it.
  const double month = std::min(30 * day, (last - first) / 8);
  const auto seen_at = [&](std::vector<double> cutoffs) {
    const ft::Table window = ft::windows(log, {.cutoffs = std::move(cutoffs), .horizon = month},
                                         {{"purchases", ft::agg::size()},
                                          {"spent", ft::agg::sum(names.value)},
                                          {"largest", ft::agg::max(names.value)},
                                          {"first", ft::agg::min(names.time)},
                                          {"last", ft::agg::max(names.time)}},
                                         {{"later", ft::agg::size()}});
    const ft::Column &cutoff = window.column("cutoff"), &from = window.column("first"), &to = window.column("last"),
                     &later = window.column("later");
    return window.select({"purchases", "spent", "largest"})
        .derive("recency", [&](std::size_t row) { return (cutoff.number(row) - to.number(row)) / day; })
        .derive("age", [&](std::size_t row) { return (cutoff.number(row) - from.number(row)) / day; })
        .derive("stays", [&](std::size_t row) { return later.number(row) > 0 ? 1.0 : 0.0; });
  };
  // The labels of the last cut-off of training end where the test begins.
  const double test_at = last - month;
  const ft::Table train = seen_at({test_at - 3 * month, test_at - 2 * month, test_at - month}),
                  test = seen_at({test_at});
  std::printf("%s", ft::leakage_report(train, test, "stays").to_string().c_str());

  auto features = ft::make_pipeline<float>(ft::QuantileTransformer<float>({.n_quantiles = 100}));
  const auto x = features.fit_transform(train.drop("stays")), x_test = features.transform(test.drop("stays"));
  const auto y = train.column("stays").to_array<float>(), y_test = test.column("stays").to_array<float>();
  ft::Sequential<float> model{ft::Dense(32, {.activation = ft::relu}), ft::Dense(16, {.activation = ft::relu}),
                              ft::Dense(1, {.activation = ft::sigmoid})};
  model.compile(ft::Adam({.learning_rate = 3e-3}), ft::BinaryCrossentropy(), {ft::AUC()});
  model.fit(x, y, {.batch_size = 64, .epochs = 15, .seed = 1, .verbose = 0});

  const auto silence =
      test.column("recency").to_array<float>();  // the rule of thumb: whoever was silent longest leaves
  const double by_silence = 1 - ft::roc_auc_score(y_test, silence);
  const ft::Scores scores = model.evaluate(x_test, y_test);
  std::printf("auc at the last cut-off: %.4f (by recency alone %.4f, %zu customers)\n", scores["auc"], by_silence,
              test.rows());
  ft::save("churn.safetensors", features, model);
  return 0;
}

}  // namespace

int main(int count, char** arguments) try { return run(count, arguments); } catch (const ft::Error& problem) {
  std::fprintf(stderr, "%s\n", problem.what());
  return 1;
}

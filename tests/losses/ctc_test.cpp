// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/core/random.hpp>
#include <foretell/losses/ctc.hpp>
#include <foretell/losses/ctc_decode.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "losses/rows.hpp"
#include "support/golden.hpp"
#include "support/message.hpp"
#include "support/stored_fields.hpp"

using namespace foretell;
using losses_test::Result;
using losses_test::Rows;
using losses_test::run;
using Labels = std::vector<std::size_t>;
using support::has;
using support::message_of;

namespace {

template <class T>
Rows<T> rows_of(const golden::Tensor& tensor) {
  return {tensor.shape[0], Shape(tensor.shape.begin() + 1, tensor.shape.end()), tensor.template as<T>()};
}

/// The probability of every labelling, by all paths.
std::map<Labels, double> by_all_paths(const std::vector<double>& p, std::size_t steps, std::size_t classes) {
  std::map<Labels, double> sums;
  std::size_t paths = 1;
  for (std::size_t t = 0; t < steps; ++t) paths *= classes;
  for (std::size_t path = 0; path < paths; ++path) {
    Labels labels;
    double probability = 1;
    std::size_t before = 0;
    for (std::size_t t = 0, rest = path; t < steps; ++t, rest /= classes) {
      const std::size_t c = rest % classes;
      probability *= p[t * classes + c];
      if (c != 0 && c != before) labels.push_back(c);
      before = c;
    }
    sums[labels] += probability;
  }
  return sums;
}

}  // namespace

TEST_CASE_TEMPLATE("CTC: losses and gradients are those of PyTorch", T, float, double) {
  const golden::File file("ctc");
  const double allowed = std::is_same_v<T, double> ? 1e-10 : 1e-5, small = std::is_same_v<T, double> ? 1e-13 : 1e-6;
  for (const golden::Case& c : file.cases()) {
    CAPTURE(c.name());
    const Loss<T> loss = CTC({.blank = c.option<std::size_t>("blank")});
    const Rows<T> truth = rows_of<T>(c.tensor("y_true"));
    Rows<T> logits = rows_of<T>(c.tensor("y_pred"));
    if (c.has_tensor("mask")) {
      const std::vector<double> mask = c.tensor("mask").data;
      logits.mask.assign(mask.begin(), mask.end());
    }
    losses_test::How how;
    if (c.has_tensor("sample_weight")) how.weights = c.tensor("sample_weight").data;
    loss.validate(truth.in(), logits.shape);
    const Result<T> result = run(loss, truth, logits, how);
    CHECK(golden::close(result.sum, c.scalar("sum"), allowed));
    CHECK(golden::close(result.gradient, c.tensor("dy_pred"), allowed, small));
    how.scale = 0.5;
    how.fused = log_softmax;
    CHECK(run(loss, truth, logits, how).gradient[0] == doctest::Approx(static_cast<double>(result.gradient[0]) / 2));
  }
}

TEST_CASE("CTC: gradients are those of finite differences, padding has none") {
  const Random random(4);
  Rows<double> logits{3, {6, 4}, std::vector<double>(72)};
  for (std::size_t i = 0; i < 72; ++i) logits.values[i] = random.normal(i);
  logits.mask.assign(18, 1);
  logits.mask[11] = logits.mask[16] = logits.mask[17] = 0;
  const Rows<double> truth{3, {3}, {1, 1, 0, 3, 2, 1, 2, 0, 0}};
  const Loss<double> loss = CTC();
  const losses_test::How how{{}, {2, 1, 0.5}, 0.25};
  const Result<double> result = run(loss, truth, logits, how);
  for (std::size_t i = 0; i < 72; ++i) {
    Rows<double> moved = logits;
    moved.values[i] += 1e-6;
    const double up = run(loss, truth, moved, how).sum;
    moved.values[i] -= 2e-6;
    CHECK(std::abs(0.25 * (up - run(loss, truth, moved, how).sum) / 2e-6 - result.gradient[i]) < 1e-8);
    if (logits.mask[i / 4] == 0) CHECK(result.gradient[i] == 0);
  }
  Rows<double> dirty = logits;
  for (std::size_t i = 0; i < 72; ++i)
    if (logits.mask[i / 4] == 0) dirty.values[i] = std::nan("");
  CHECK(run(loss, truth, dirty, how).gradient == result.gradient);
}

TEST_CASE("CTC: labels that do not fit are infinitely far, or count 0; rows of weight 0 do not count") {
  const Rows<double> truth{2, {2}, {1, 1, 1, 0}}, logits{2, {2, 2}, {0, 0, 0, 0, 0, 0, 0, 0}};
  CHECK(run(Loss<double>(CTC()), truth, logits).sum == std::numeric_limits<double>::infinity());
  const Result<double> zero = run(Loss<double>(CTC({.zero_infinity = true})), truth, logits);
  CHECK(zero.sum == doctest::Approx(-std::log(0.75)));
  for (std::size_t i = 0; i < 4; ++i) CHECK(zero.gradient[i] == 0);
  CHECK(run(Loss<double>(CTC()), truth, logits, {{}, {0, 1}, 1}).sum == zero.sum);
  const double nan = std::nan("");
  CHECK(std::isnan(run(Loss<double>(CTC()), Rows<double>{1, {1}, {5}}, Rows<double>{1, {2, 2}, {0, 0, 0, 0}}).sum));
  CHECK(std::isnan(run(Loss<double>(CTC()), Rows<double>{1, {1}, {1}}, Rows<double>{1, {2, 2}, {nan, 0, 0, 0}}).sum));
  CHECK(run(Loss<double>(CTC()), Rows<double>{0, {1}, {}}, Rows<double>{0, {2, 2}, {}}).sum == 0);
  const Rows<double> far{1, {3, 2}, {500, -500, -500, 500, 500, -500}};
  CHECK(run(Loss<double>(CTC()), Rows<double>{1, {1}, {1}}, far).sum == 0);
  CHECK(run(Loss<double>(CTC()), Rows<double>{1, {1}, {0}}, far).sum == 1000);
  Rows<double> none = far;
  none.mask = {0, 0, 0};
  CHECK(run(Loss<double>(CTC()), Rows<double>{1, {1}, {0}}, none).sum == 0);
  CHECK(run(Loss<double>(CTC()), Rows<double>{1, {1}, {1}}, none).sum == std::numeric_limits<double>::infinity());
}

TEST_CASE("CTC: a truth that cannot be learnt is refused, options are shown") {
  const auto refused = [](CTCOptions options, const Rows<float>& truth, const Shape& prediction) {
    return message_of<Error>([&] { Loss<float>(CTC(options)).validate(truth.in(), prediction); });
  };
  CHECK(has(refused({}, {2, {2}, {1, 2, 3, 0}}, {5, 3}), "expected labels 0 to 2, received 3 in row 1"));
  CHECK(has(refused({}, {1, {2}, {0.5f, 0}}, {5, 3}), "received 0.5 in row 0"));
  CHECK(has(refused({}, {1, {3}, {1, 0, 2}}, {5, 3}), "received 2 after the blank 0 in row 0"));
  CHECK(has(refused({}, {1, {3}, {1, 1, 2}}, {3, 3}), "fit into 3 steps, received some that need 4"));
  CHECK(has(refused({.zero_infinity = true}, {1, {3}, {1, 1, 2}}, {3, 3}), "nothing thrown"));
  CHECK(has(refused({}, {1, {1}, {1}}, {3}), "expected predictions of shape (*, steps, classes), received (*, 3)"));
  CHECK(has(refused({.blank = 3}, {1, {1}, {1}}, {3, 3}), "expected a blank below the 3 classes, received 3"));
  CHECK(has(refused({.blank = 2}, {2, {2}, {0, 1, 1, 2}}, {3, 3}), "nothing thrown"));
  CHECK(Loss<float>(CTC()).fuses(softmax));
  CHECK(!Loss<float>(CTC()).fuses(sigmoid));
  Loss<float> from = CTC({.blank = 2, .zero_infinity = true}), to = CTC();
  support::StoredFields stored;
  stored.write(from);
  stored.read(to);
  CHECK_NOTHROW(to.validate(Rows<float>{1, {3}, {1, 1, 0}}.in(), {3, 3}));
}

TEST_CASE("CTC decoding: a beam that keeps all prefixes finds the most probable labels, and their probability") {
  const Random random(7);
  const std::size_t steps = 5, classes = 3;
  int better = 0;
  for (std::uint64_t trial = 0; trial < 40; ++trial) {
    std::vector<double> p(steps * classes);
    for (std::size_t t = 0; t < steps; ++t) {
      double sum = 0;
      for (std::size_t c = 0; c < classes; ++c)
        sum += p[t * classes + c] = random.stream(trial).uniform(t * classes + c, 0.05, 1);
      for (std::size_t c = 0; c < classes; ++c) p[t * classes + c] /= sum;
    }
    const std::map<Labels, double> all = by_all_paths(p, steps, classes);
    const auto best =
        std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    const Array<double> scores(p, {1, steps, classes});
    const CTCDecoded beam = ctc_beam_decode(scores, {.beam_width = 1000})[0], greedy = ctc_greedy_decode(scores)[0];
    CHECK(beam.labels == best->first);
    CHECK(std::exp(beam.log_probability) == doctest::Approx(best->second).epsilon(1e-12));
    CHECK(std::exp(greedy.log_probability) <= best->second);
    better += greedy.labels != beam.labels;

    Rows<double> logits{1, {steps, classes}, p}, truth{1, {steps}, std::vector<double>(steps)};
    for (double& x : logits.values) x = std::log(x);
    std::copy(beam.labels.begin(), beam.labels.end(), truth.values.begin());
    CHECK(run(Loss<double>(CTC()), truth, logits).sum == doctest::Approx(-beam.log_probability).epsilon(1e-12));
    CHECK(
        ctc_beam_decode(Array<double>(logits.values, {1, steps, classes}), {.from_logits = true, .beam_width = 1000})[0]
            .labels == beam.labels);
  }
  CHECK(better > 0);
}

TEST_CASE("CTC decoding: repeats, blanks, lengths, another blank, and wrong arguments") {
  const auto scores = [](const Labels& path, std::size_t classes) {
    std::vector<double> p(path.size() * classes, 0.1 / static_cast<double>(classes - 1));
    for (std::size_t t = 0; t < path.size(); ++t) p[t * classes + path[t]] = 0.9;
    return p;
  };
  const Array<double> x(scores({0, 1, 1, 0, 1, 2, 2, 0}, 3), {1, 8, 3});
  CHECK(ctc_greedy_decode(x)[0].labels == Labels{1, 1, 2});
  CHECK(ctc_greedy_decode(x)[0].log_probability == doctest::Approx(8 * std::log(0.9)));
  CHECK(ctc_beam_decode(x)[0].labels == Labels{1, 1, 2});
  CHECK(ctc_greedy_decode(x, {.lengths = {3}})[0].labels == Labels{1});
  CHECK(ctc_greedy_decode(x, {.lengths = {0}})[0].labels.empty());
  CHECK(ctc_beam_decode(x, {.lengths = {0}})[0].labels.empty());
  CHECK(ctc_greedy_decode(x, {.blank = 2})[0].labels == Labels{0, 1, 0, 1, 0});
  CHECK(ctc_beam_decode(x, {.beam_width = 1})[0].labels.size() <= 8);
  const Array<float> two(std::vector<float>(2 * 3 * 2, 0.5f), {2, 3, 2});
  CHECK(ctc_greedy_decode(two).size() == 2);
  CHECK_THROWS_AS(ctc_greedy_decode(Array<double>({1, 2}, {1, 2})), ShapeError);
  CHECK_THROWS_AS(ctc_greedy_decode(x, {.blank = 3}), ConfigError);
  CHECK_THROWS_AS(ctc_greedy_decode(x, {.lengths = {3, 4}}), ShapeError);
  CHECK_THROWS_AS(ctc_greedy_decode(x, {.lengths = {9}}), DataError);
  CHECK_THROWS_AS(ctc_beam_decode(x, {.beam_width = 0}), ConfigError);
  CHECK_THROWS_AS(ctc_greedy_decode(Array<double>({-1, 2}, {1, 1, 2})), DataError);
}

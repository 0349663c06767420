// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/core/random.hpp>
#include <foretell/losses/bpr.hpp>
#include <foretell/losses/info_nce.hpp>
#include <foretell/losses/sampled_softmax.hpp>
#include <foretell/losses/triplet.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "losses/rows.hpp"
#include "support/golden.hpp"
#include "support/message.hpp"
#include "support/stored_fields.hpp"

using namespace foretell;
using losses_test::Result;
using losses_test::run;
using support::has;
using support::message_of;

namespace {

template <class T>
Loss<T> loss_of(const golden::Case& c) {
  const std::string kind = c.json().at("group").get<std::string>();
  const std::size_t vocabulary = c.option("vocabulary", std::size_t(0));
  if (kind == "bpr") return BPR();
  if (kind == "sampled_softmax") return SampledSoftmax({.vocabulary = vocabulary});
  if (kind == "triplet") return Triplet({.margin = c.option("margin", 1.0)});
  return InfoNCE({.temperature = c.option("temperature", 0.1),
                  .normalize = c.option("normalize", true),
                  .vocabulary = vocabulary});
}

template <class T>
losses_test::Rows<T> rows_of(const golden::Tensor& tensor) {
  return {tensor.shape[0], Shape(tensor.shape.begin() + 1, tensor.shape.end()), tensor.template as<T>()};
}

}  // namespace

TEST_CASE_TEMPLATE("Contrastive losses: values and gradients are those of formulas in PyTorch", T, float, double) {
  const golden::File file("contrastive");
  for (const golden::Case& c : file.cases()) {
    CAPTURE(c.name());
    const Loss<T> loss = loss_of<T>(c);
    const losses_test::Rows<T> truth = rows_of<T>(c.tensor("y_true")), prediction = rows_of<T>(c.tensor("y_pred"));
    losses_test::How how;
    if (c.has_tensor("sample_weight")) how.weights = c.tensor("sample_weight").data;
    loss.validate(truth.in(), prediction.shape);
    const Result<T> result = run(loss, truth, prediction, how);
    const double small = std::is_same_v<T, double> ? 1e-13 : 3e-6;
    CHECK(golden::close(result.sum, c.scalar("sum"), golden::rtol<T>));
    CHECK(golden::close(result.gradient, c.tensor("dy_pred"), golden::rtol<T>, small));
  }
}

TEST_CASE("Contrastive losses: gradients are those of finite differences, over odd sizes") {
  const Random random(3);
  const std::vector<Loss<double>> losses{BPR(), SampledSoftmax({.vocabulary = 30}), InfoNCE(),
                                         InfoNCE({.temperature = 2, .normalize = false, .vocabulary = 30}),
                                         Triplet({.margin = 3})};
  for (const Loss<double>& loss : losses)
    for (const std::size_t rows : {std::size_t(1), std::size_t(2), std::size_t(5)})
      for (const std::size_t width : {std::size_t(2), std::size_t(6), std::size_t(14)}) {
        CAPTURE(loss.name());
        CAPTURE(rows);
        CAPTURE(width);
        const bool one = loss.name() == InfoNCE::name || loss.name() == Triplet::name;
        losses_test::Rows<double> truth{rows, one ? Shape{} : Shape{width},
                                        std::vector<double>(rows * (one ? 1 : width))},
            prediction{rows, {width}, std::vector<double>(rows * width)};
        for (std::size_t i = 0; i < truth.values.size(); ++i)
          truth.values[i] = static_cast<double>(random.stream(width).below(i, loss.name() == BPR::name ? 2 : 3));
        for (std::size_t i = 0; i < prediction.values.size(); ++i) prediction.values[i] = random.stream(rows).normal(i);
        losses_test::How how;
        how.scale = 0.5;
        for (std::size_t r = 0; r < rows; ++r) how.weights.push_back(0.5 * static_cast<double>(r % 3) + 0.5);
        const Result<double> result = run(loss, truth, prediction, how);
        CHECK(std::isfinite(result.sum));
        double worst = 0;
        for (std::size_t i = 0; i < prediction.values.size(); ++i) {
          losses_test::Rows<double> moved = prediction;
          moved.values[i] += 1e-6;
          const double up = run(loss, truth, moved, how).sum;
          moved.values[i] -= 2e-6;
          worst = std::max(worst, std::abs(0.5 * (up - run(loss, truth, moved, how).sum) / 2e-6 - result.gradient[i]));
        }
        CHECK(worst < 1e-7);
      }
}

TEST_CASE("Contrastive losses: corners") {
  for (const Loss<double>& loss : std::vector<Loss<double>>{InfoNCE(), Triplet()}) {
    CHECK(run(loss, losses_test::Rows<double>{0, {}, {}}, losses_test::Rows<double>{0, {4}, {}}).sum == 0);
    const Result<double> alone =
        run(loss, losses_test::Rows<double>{1, {}, {3}}, losses_test::Rows<double>{1, {4}, {1, 2, 3, 4}});
    CHECK(alone.sum == 0);
    CHECK(alone.gradient == std::vector<double>(4));
    CHECK(std::isnan(run(loss, losses_test::Rows<double>{3, {}, {0, 0, 1}},
                         losses_test::Rows<double>{3, {2}, {std::nan(""), 1, 1, 1, 2, 2}})
                         .sum));
  }
  CHECK(Loss<double>(InfoNCE()).whole_batch());
  CHECK(Loss<double>(Triplet()).whole_batch());
  CHECK(!Loss<double>(BPR()).whole_batch());
  CHECK(run(Loss<double>(BPR()), losses_test::Rows<double>{1, {2}, {1, 0}},
            losses_test::Rows<double>{1, {2}, {-500, 500}})
            .sum == 1000);
  CHECK(run(Loss<double>(BPR()), losses_test::Rows<double>{1, {3}, {0, 0, 0}},
            losses_test::Rows<double>{1, {3}, {1, 2, 3}})
            .gradient == std::vector<double>(3));
  // Equal embeddings have no direction to move in.
  const Result<double> equal = run(Loss<double>(Triplet()), losses_test::Rows<double>{3, {}, {0, 0, 1}},
                                   losses_test::Rows<double>{3, {1}, {1, 1, 1}});
  CHECK(equal.sum == 2);
  CHECK(equal.gradient == std::vector<double>(3));
  // All keys are the same item: there is nothing to tell apart.
  CHECK(run(Loss<double>(InfoNCE()), losses_test::Rows<double>{2, {}, {5, 5}},
            losses_test::Rows<double>{2, {2}, {1, 2, 3, 4}})
            .sum == 0);
  CHECK(std::exp(log_uniform_share(0, 9)) == doctest::Approx(std::log10(2)));
  double whole = 0;
  for (int id = 0; id < 9; ++id) whole += std::exp(log_uniform_share(id, 9));
  CHECK(whole == doctest::Approx(1));
}

TEST_CASE("Contrastive losses: wrong truths, shapes and options are refused; options are shown") {
  const auto says = [](const Loss<float>& loss, const losses_test::Rows<float>& truth, const Shape& prediction) {
    return message_of([&] { loss.validate(truth.in(), prediction); });
  };
  CHECK(has(says(BPR(), {1, {1}, {1}}, {1}), "at least two candidates"));
  CHECK(has(says(BPR(), {1, {1}, {1}}, {3}), "write 1 for relevant candidates"));
  CHECK(has(says(BPR(), {1, {2}, {1, -1}}, {2}), "received -1"));
  CHECK(has(says(SampledSoftmax(), {1, {1}, {1}}, {3}), "the true item first"));
  CHECK(has(says(SampledSoftmax({.vocabulary = 5}), {1, {2}, {1, 5}}, {2}), "whole numbers from 0 to 4, received 5"));
  CHECK(has(says(SampledSoftmax(), {2, {2}, {1, 5, 2, 0.5f}}, {2}), "received 0.5 in row 1"));
  CHECK(says(SampledSoftmax(), {1, {2}, {1, 16777215}}, {2}) == "(nothing thrown)");
  CHECK(has(says(SampledSoftmax(), {1, {2}, {1, 16777216}}, {2}), "need a network of double"));
  CHECK(has(says(SampledSoftmax(), {1, {1}, {1}}, {1}), "at least two classes"));
  CHECK(has(says(InfoNCE(), {1, {1}, {1}}, {3}), "a query and a key of equal length, received (*, 3)"));
  CHECK(has(says(InfoNCE(), {1, {1}, {1}}, {2, 4}), "received (*, 2, 4)"));
  CHECK(has(says(InfoNCE(), {1, {2}, {1, 2}}, {4}), "give each row the id of its item"));
  CHECK(has(says(InfoNCE({.vocabulary = 3}), {1, {1}, {3}}, {4}), "received 3"));
  CHECK(has(says(Triplet(), {1, {2}, {1, 2}}, {4}), "give each row its class"));
  CHECK(has(says(Triplet(), {1, {1}, {std::nanf("")}}, {4}), "finite truth"));
  CHECK(has(says(Triplet(), {1, {1}, {7}}, {4}), "nothing thrown"));
  CHECK(has(message_of([] { (void)Loss<float>(InfoNCE({.temperature = 0})); }), "temperature above 0, received 0"));
  CHECK(has(message_of([] { (void)Loss<float>(Triplet({.margin = 0})); }), "margin above 0, received 0"));
  CHECK_THROWS_AS((void)run(Loss<double>(Triplet()), losses_test::Rows<double>{1, {2}, {1, 2}},
                            losses_test::Rows<double>{1, {2}, {1, 2}}),
                  ShapeError);

  const losses_test::Rows<double> ids{3, {}, {0, 0, 4}}, x{3, {2}, {1, 2, 0.5, -1, 2, 1}},
      candidates{3, {2}, {0, 1, 2, 3, 4, 1}};
  std::vector<std::pair<Loss<double>, Loss<double>>> pairs{
      {InfoNCE({.temperature = 2, .normalize = false, .vocabulary = 7}), InfoNCE()},
      {Triplet({.margin = 4}), Triplet()},
      {SampledSoftmax({.vocabulary = 9}), SampledSoftmax()}};
  for (auto& [one, two] : pairs) {
    Loss<double> from = one, to = two;
    const losses_test::Rows<double>& truth = from.name() == SampledSoftmax::name ? candidates : ids;
    CHECK(run(to, truth, x).sum != run(from, truth, x).sum);
    support::StoredFields stored;
    stored.write(from);
    stored.read(to);
    CHECK(run(to, truth, x).sum == run(from, truth, x).sum);
  }
}

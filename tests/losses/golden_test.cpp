// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/losses/binary_crossentropy.hpp>
#include <foretell/losses/categorical_crossentropy.hpp>
#include <foretell/losses/cosine_similarity.hpp>
#include <foretell/losses/counts.hpp>
#include <foretell/losses/focal_crossentropy.hpp>
#include <foretell/losses/hinge.hpp>
#include <foretell/losses/kl_divergence.hpp>
#include <foretell/losses/negative_binomial.hpp>
#include <foretell/losses/regression.hpp>
#include <foretell/losses/sparse_categorical_crossentropy.hpp>
#include <foretell/losses/zero_inflated_lognormal.hpp>

#include <cstddef>
#include <type_traits>
#include <vector>

#include "losses/rows.hpp"
#include "support/golden.hpp"

using namespace foretell;
using losses_test::Result;
using losses_test::Rows;
using losses_test::run;

namespace {

template <class T>
Loss<T> loss_of(const golden::Case& c) {
  const std::string kind = c.json().at("group").get<std::string>();
  const bool logits = c.option("from_logits", false);
  const double smoothing = c.option("label_smoothing", 0.0);
  if (kind == "mean_squared_error") return MeanSquaredError();
  if (kind == "mean_absolute_error") return MeanAbsoluteError();
  if (kind == "log_cosh") return LogCosh();
  if (kind == "huber") return Huber({.delta = c.option("delta", 1.0)});
  if (kind == "poisson") return Poisson();
  if (kind == "kl_divergence") return KLDivergence();
  if (kind == "binary_crossentropy") return BinaryCrossentropy({.from_logits = logits, .label_smoothing = smoothing});
  if (kind == "categorical_crossentropy")
    return CategoricalCrossentropy({.from_logits = logits, .label_smoothing = smoothing});
  if (kind == "sparse_categorical_crossentropy") return SparseCategoricalCrossentropy({.from_logits = logits});
  if (kind == "hinge") return Hinge();
  if (kind == "squared_hinge") return SquaredHinge();
  if (kind == "categorical_hinge") return CategoricalHinge();
  if (kind == "cosine_similarity") return CosineSimilarity();
  if (kind == "quantile") return Quantile({.quantile = c.option<double>("quantile")});
  if (kind == "tweedie") return Tweedie({.power = c.option<double>("power")});
  if (kind == "negative_binomial") return NegativeBinomial();
  if (kind == "zero_inflated_lognormal") return ZeroInflatedLognormal();
  const double gamma = c.option("gamma", 2.0), alpha = c.option("alpha", 0.25);
  if (kind == "binary_focal_crossentropy")
    return BinaryFocalCrossentropy({.apply_class_balancing = c.option("apply_class_balancing", false),
                                    .alpha = alpha,
                                    .gamma = gamma,
                                    .from_logits = logits,
                                    .label_smoothing = smoothing});
  if (kind == "categorical_focal_crossentropy")
    return CategoricalFocalCrossentropy(
        {.alpha = alpha, .gamma = gamma, .from_logits = logits, .label_smoothing = smoothing});
  FAIL("no loss for golden group ", kind);
  return {};
}

template <class T>
Rows<T> rows_of(const golden::Tensor& tensor, std::size_t axes_of_rows) {
  Rows<T> rows{1, Shape(tensor.shape.begin() + static_cast<std::ptrdiff_t>(axes_of_rows), tensor.shape.end()),
               tensor.template as<T>()};
  for (std::size_t axis = 0; axis < axes_of_rows; ++axis) rows.rows *= tensor.shape[axis];
  return rows;
}

/// In float, 1 - 1e-7 is 1 - 1.19e-7, and probabilities below 1e-7 have a place of their own: the clip is another one.
bool clips(const golden::Case& c) {
  return c.name().find("extreme") != std::string::npos && !c.option("from_logits", false) &&
         c.name().find("huber") == std::string::npos && c.name().find("log_cosh") == std::string::npos;
}

template <class T>
void compare(const std::string& family) {
  const golden::File file(family);
  for (const golden::Case& c : file.cases()) {
    if (std::is_same_v<T, float> && clips(c)) continue;
    CAPTURE(c.name());
    const golden::Tensor losses = c.tensor("losses");
    const Loss<T> loss = loss_of<T>(c);
    losses_test::How how;
    if (c.has_tensor("sample_weight")) how.weights = c.tensor("sample_weight").data;
    // A weight for each step instead of each row: then a step is a row.
    const bool stepwise = how.weights.size() > losses.shape[0];
    Rows<T> truth = rows_of<T>(c.tensor("y_true"), stepwise ? 2 : 1),
            prediction = rows_of<T>(c.tensor("y_pred"), stepwise ? 2 : 1);
    double rows = static_cast<double>(prediction.rows);
    if (c.has_tensor("mask")) {
      const std::vector<double> mask = c.tensor("mask").data;
      if (stepwise) {
        rows = 0;
        for (std::size_t i = 0; i < mask.size(); ++i) {
          how.weights[i] *= mask[i];
          rows += mask[i];
        }
      } else {
        prediction.mask.assign(mask.begin(), mask.end());
      }
    }
    how.scale = 1 / rows;
    const Result<T> result = run(loss, truth, prediction, how);
    // Sure and right predictions have lost their digits in Keras: sigmoid(40) - 1 is 0 there.
    const double small = std::is_same_v<T, double> ? 1e-15 : 1e-7;
    CHECK(golden::close(result.sum / rows, c.scalar("loss"), golden::rtol<T>, small));
    std::vector<double> gradient = c.tensor("dy_pred").data;
    if (c.name() == "kl_divergence_extreme")
      gradient.back() *= 2;  // a prediction of 1, where the clip begins: Keras takes half the slope
    CHECK(golden::close(result.gradient, gradient, golden::rtol<T>, small));
    if (losses.shape.size() != 1) continue;
    const std::size_t truth_size = truth.shape.size(), size = prediction.shape.size();
    for (std::size_t i = 0; i < losses.data.size(); ++i) {
      const auto cut = [i](const std::vector<T>& v, std::size_t n) { return std::vector<T>(&v[i * n], &v[i * n] + n); };
      const Result<T> one = run(loss, Rows<T>{1, truth.shape, cut(truth.values, truth_size)},
                                Rows<T>{1, prediction.shape, cut(prediction.values, size)});
      CHECK(golden::close(one.sum, losses.data[i], golden::rtol<T>, small));
    }
  }
}

}  // namespace

TEST_CASE_TEMPLATE("Loss: values and gradients are those of Keras", T, float, double) { compare<T>("losses"); }

TEST_CASE_TEMPLATE("Loss: margins, angles, quantiles, counts and amounts are those of Keras and PyTorch", T, float,
                   double) {
  compare<T>("losses_more");
}

// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include "foretell/losses/catalog.hpp"
#include "foretell/metrics/catalog.hpp"
#include "foretell/xt/tensor.hpp"

using namespace foretell;

namespace {

const std::vector<ActivationFunction> activations{
    linear,       relu, leaky_relu, elu,         selu,           gelu,    silu,    softplus,   softsign,
    hard_sigmoid, mish, squareplus, exponential, foretell::tanh, sigmoid, softmax, log_softmax};
const std::vector<ActivationFunction> any_number{linear, leaky_relu, elu, selu, gelu, silu, mish};

OutputFacts ends_in(ActivationFunction f, bool last = true) {
  OutputFacts facts;
  facts.activation = f;
  facts.last = last;
  facts.origin = "layer 1 \"dense\" (Dense)";
  return facts;
}
/// The loss takes these last activations, and no others.
void takes(const Loss<double>& loss, std::initializer_list<ActivationFunction> some, bool any = false) {
  CAPTURE(std::string(loss.name()));
  std::vector<ActivationFunction> right(some);
  if (any) right.insert(right.end(), any_number.begin(), any_number.end());
  for (const ActivationFunction f : activations) {
    CAPTURE(std::string(name(f.kind)));
    if (std::find(right.begin(), right.end(), f) != right.end())
      CHECK_NOTHROW(loss.check_output(ends_in(f)));
    else
      CHECK_THROWS_AS(loss.check_output(ends_in(f)), ConfigError);
  }
  CHECK_NOTHROW(loss.check_output(OutputFacts()));  // what cannot be known is taken
}

}  // namespace

TEST_CASE("Loss: the last activations it can be meant for") {
  takes(BinaryCrossentropy(), {sigmoid, hard_sigmoid, softmax});
  takes(BinaryFocalCrossentropy(), {sigmoid, hard_sigmoid, softmax});
  takes(BinaryCrossentropy({.from_logits = true}), {}, true);
  takes(BinaryFocalCrossentropy({.from_logits = true}), {}, true);
  for (const Loss<double>& loss : std::vector<Loss<double>>{CategoricalCrossentropy(), SparseCategoricalCrossentropy(),
                                                            CategoricalFocalCrossentropy()})
    takes(loss, {softmax, sigmoid, hard_sigmoid, softplus, squareplus, exponential, log_softmax});
  for (const Loss<double>& loss : std::vector<Loss<double>>{CategoricalCrossentropy({.from_logits = true}),
                                                            SparseCategoricalCrossentropy({.from_logits = true}),
                                                            CategoricalFocalCrossentropy({.from_logits = true})})
    takes(loss, {relu, softplus, squareplus, exponential, log_softmax}, true);
  takes(KLDivergence(), {sigmoid, hard_sigmoid, softmax});
  takes(Poisson(), {exponential, softplus, squareplus, relu, sigmoid, hard_sigmoid, softmax});
  takes(Tweedie(), {exponential, softplus, squareplus, sigmoid, hard_sigmoid, softmax});
  takes(Hinge(), {foretell::tanh, softsign}, true);
  takes(SquaredHinge(), {foretell::tanh, softsign}, true);
  takes(NegativeBinomial(), {foretell::tanh, softsign}, true);
  takes(ZeroInflatedLognormal(), {foretell::tanh, softsign}, true);
  takes(SampledSoftmax(), {foretell::tanh, softsign}, true);
  takes(CTC(), {softmax, log_softmax, relu, softplus, squareplus, exponential}, true);
  for (const Loss<double>& loss :
       std::vector<Loss<double>>{MeanSquaredError(), MeanAbsoluteError(), Huber(), LogCosh(), Quantile(),
                                 CosineSimilarity(), CategoricalHinge(), BPR(), InfoNCE(), Triplet()})
    for (const ActivationFunction f : activations) CHECK_NOTHROW(loss.check_output(ends_in(f)));
  CHECK_THROWS_AS(Loss<double>(CTC()).check_output(ends_in(softmax, false)), ConfigError);
  CHECK_THROWS_AS(Loss<double>(CategoricalCrossentropy()).check_output(ends_in(log_softmax, false)), ConfigError);
}

TEST_CASE("Loss: says what the last layer gives and what to write") {
  CHECK_THROWS_WITH_AS(Loss<float>(BinaryCrossentropy()).check_output(ends_in(linear)),
                       "binary_crossentropy: expected probabilities, received what layer 1 \"dense\" (Dense) gives "
                       "without an activation; end the model in .activation = sigmoid, or give the loss .from_logits = "
                       "true for logits",
                       ConfigError);
  CHECK_THROWS_WITH_AS(
      Loss<float>(SparseCategoricalCrossentropy({.from_logits = true})).check_output(ends_in(softmax)),
      "sparse_categorical_crossentropy: expected logits because of .from_logits = true, received what "
      "layer 1 \"dense\" (Dense) gives with activation softmax; leave .from_logits out, the activation "
      "and the loss are computed together anyway",
      ConfigError);
  CHECK_THROWS_WITH_AS(Loss<float>(Poisson()).check_output(ends_in(linear)),
                       doctest::Contains("end the model in .activation = exponential or softplus"), ConfigError);
}

TEST_CASE("Hinge: labels are two classes") {
  const auto check = [](std::vector<float> labels) {
    Loss<float>(Hinge()).validate(In<float>(labels.data(), labels.size(), {1}), {1});
  };
  CHECK_NOTHROW(check({0, 1, 1, 0}));
  CHECK_NOTHROW(check({-1, 1, -1}));
  CHECK_NOTHROW(check({1, 1}));
  CHECK_THROWS_WITH_AS(check({1, 0.5f}),
                       "hinge: expected classes -1 and 1, or 0 and 1, received 0.5 in row 1, counted from 0; write the "
                       "two classes as 0 and 1",
                       DataError);
  CHECK_THROWS_WITH_AS(check({-1, 1, 0}), doctest::Contains("received 0 beside the other of 0 and -1 in row 2"),
                       DataError);
  CHECK_THROWS_AS(check({2}), DataError);
}

TEST_CASE("Metric: a threshold of probabilities is refused where the loss takes logits, and one of logits elsewhere") {
  OutputFacts logits = ends_in(linear), yes = ends_in(sigmoid), plain = ends_in(linear);
  logits.logits = true;
  logits.width = yes.width = plain.width = 1;
  for (const Metric<float>& metric : std::vector<Metric<float>>{BinaryAccuracy(), Precision(), Recall(), F1Score(),
                                                                MatthewsCorrelation(), CohenKappa(), BalancedAccuracy(),
                                                                LogLoss(), BrierScore(), ExpectedCalibrationError()}) {
    CAPTURE(metric.name());
    CHECK_THROWS_AS(metric.check_output(logits), ConfigError);
    CHECK_NOTHROW(metric.check_output(yes));
    CHECK_NOTHROW(metric.check_output(plain));  // such as probabilities by least squares
    CHECK_NOTHROW(metric.check_output(OutputFacts()));
  }
  CHECK_THROWS_WITH_AS(
      Metric<float>(BinaryAccuracy()).check_output(logits),
      "metric \"binary_accuracy\": expected a threshold for logits, which the loss takes, received 0.5; "
      "write .threshold = 0, or end the model in sigmoid and leave .from_logits out",
      ConfigError);
  CHECK_NOTHROW(Metric<float>(AUC()).check_output(logits));
  CHECK_NOTHROW(Metric<float>(BinaryAccuracy({.threshold = 0})).check_output(logits));
  CHECK_THROWS_AS(Metric<float>(BinaryAccuracy({.threshold = -1})).check_output(yes), ConfigError);
  CHECK_THROWS_AS(Metric<float>(Precision({.threshold = 1})).check_output(yes), ConfigError);
  OutputFacts classes = logits;
  classes.width = 3;
  CHECK_NOTHROW(Metric<float>(CohenKappa()).check_output(classes));
  CHECK_NOTHROW(Metric<float>(Precision({.average = AverageMode::macro})).check_output(classes));
  CHECK_THROWS_AS(Metric<float>(Precision()).check_output(classes), ConfigError);
  CHECK_THROWS_AS(Metric<float>(BinaryCrossentropy()).check_output(plain), ConfigError);  // a loss in its place
}

TEST_CASE("Metric: one that compares scores is refused where there is one") {
  OutputFacts one = ends_in(sigmoid), several = ends_in(softmax);
  one.width = 1;
  several.width = 3;
  for (const Metric<float>& metric :
       std::vector<Metric<float>>{CategoricalAccuracy(), SparseCategoricalAccuracy(), TopKCategoricalAccuracy(),
                                  SparseTopKCategoricalAccuracy(), NDCG(), MRR(), MAP(), HitRate(), RecallAtK()}) {
    CAPTURE(metric.name());
    CHECK_THROWS_AS(metric.check_output(one), ConfigError);
    CHECK_NOTHROW(metric.check_output(several));
    CHECK_NOTHROW(metric.check_output(OutputFacts()));
  }
}

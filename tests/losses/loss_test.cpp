// SPDX-License-Identifier: BSD-3-Clause
#include <doctest/doctest.h>

#include <foretell/core/random.hpp>
#include <foretell/kernels/dispatch.hpp>
#include <foretell/kernels/elementwise.hpp>
#include <foretell/losses/binary_crossentropy.hpp>
#include <foretell/losses/categorical_crossentropy.hpp>
#include <foretell/losses/cosine_similarity.hpp>
#include <foretell/losses/counts.hpp>
#include <foretell/losses/elementwise_loss.hpp>
#include <foretell/losses/focal_crossentropy.hpp>
#include <foretell/losses/hinge.hpp>
#include <foretell/losses/kl_divergence.hpp>
#include <foretell/losses/negative_binomial.hpp>
#include <foretell/losses/regression.hpp>
#include <foretell/losses/sparse_categorical_crossentropy.hpp>
#include <foretell/losses/zero_inflated_lognormal.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "losses/rows.hpp"
#include "support/message.hpp"
#include "support/stored_fields.hpp"

using namespace foretell;
using losses_test::Result;
using losses_test::Rows;
using losses_test::run;
using support::has;
using support::message_of;

namespace {

enum class Kind {
  number,
  count,
  count_log,
  amount_raw,
  label,
  label_logit,
  probability,
  one_hot_logit,
  one_hot,
  id_logit,
  id,
  distribution
};

/// A truth and a prediction such as the loss expects.
template <class T>
std::pair<Rows<T>, Rows<T>> sample(Kind kind, std::size_t rows, const Shape& shape, std::uint64_t seed = 1) {
  const Random random = Random(seed).stream("loss");
  const std::size_t size = rows * shape.size(), classes = shape.back();
  Rows<T> truth{rows, shape, std::vector<T>(size)}, prediction{rows, shape, std::vector<T>(size)};
  const auto set = [](T& x, double value) { x = static_cast<T>(static_cast<float>(value)); };
  for (std::size_t i = 0; i < size; ++i) {
    T &t = truth.values[i], &p = prediction.values[i];
    set(p, 2 * random.normal(2 * i));
    switch (kind) {
      case Kind::number:
        set(t, random.normal(2 * i + 1));
        break;
      case Kind::count:
        set(t, static_cast<double>(random.below(2 * i + 1, 5))), set(p, random.uniform(2 * i, 0.1, 4));
        break;
      case Kind::count_log:
        set(t, static_cast<double>(random.below(2 * i + 1, 5))), set(p, random.normal(2 * i));
        break;
      case Kind::amount_raw:
        set(t, static_cast<double>(random.below(2 * i + 1, 9)));
        break;
      case Kind::label_logit:
        set(t, random.uniform(2 * i + 1) < 0.4 ? 1 : 0);
        break;
      case Kind::label:
        set(t, random.uniform(2 * i + 1)), set(p, random.uniform(2 * i, 0.02, 0.98));
        break;
      case Kind::probability:
      case Kind::one_hot:
      case Kind::id:
      case Kind::distribution:
        set(p, random.uniform(2 * i, 0.1, 1)), set(t, random.uniform(2 * i + 1, 0.1, 1));
        break;
      case Kind::one_hot_logit:
      case Kind::id_logit:
        break;
    }
  }
  const bool ids = kind == Kind::id || kind == Kind::id_logit;
  for (std::size_t position = 0; position * classes < size; ++position) {
    T* t = truth.values.data() + position * classes;
    const std::size_t id = random.below(position + 1000000, classes);
    if (kind == Kind::one_hot || kind == Kind::one_hot_logit)
      for (std::size_t c = 0; c < classes; ++c) t[c] = c == id ? T(1) : T(0);
    if (ids) truth.values[position] = static_cast<T>(id);
  }
  if (ids || kind == Kind::amount_raw) {
    truth.values.resize(size / classes);
    truth.shape = Shape(shape.begin(), shape.end() - 1);
  }
  return {truth, prediction};
}

struct Subject {
  std::string label;
  Loss<double> loss;
  Loss<float> single;
  Kind kind;
  ActivationFunction fused{};
};

struct Pinball {
  static constexpr std::string_view name = "test.pinball";
  double quantile = 0.9;
  template <class T>
  T operator()(T truth, T prediction, T& gradient) const {
    const T q = static_cast<T>(quantile), e = truth - prediction;
    gradient = e > 0 ? -q : 1 - q;
    return e > 0 ? q * e : (q - 1) * e;
  }
  void fields(auto&& f) { f("quantile", quantile); }
};

/// The whole batch at once, without any of the library's help.
struct HalfSquares {
  static constexpr std::string_view name = "test.half_squares";
  template <class T>
  double operator()(const LossCall<T>& call) const {
    double sum = 0;
    for (std::size_t i = 0; i < call.prediction.size(); ++i) {
      const T e = call.prediction.data()[i] - call.truth.data()[i];
      sum += static_cast<double>(e * e) / 2;
      if (call.gradient) call.gradient.data()[i] = static_cast<T>(call.scale) * e;
    }
    return sum;
  }
};

template <class L>
Subject subject(std::string label, L loss, Kind kind, ActivationFunction fused = {}) {
  return {std::move(label), loss, loss, kind, fused};
}

std::vector<Subject> subjects() {
  return {
      subject("mean_squared_error", MeanSquaredError(), Kind::number),
      subject("mean_absolute_error", MeanAbsoluteError(), Kind::number),
      subject("log_cosh", LogCosh(), Kind::number),
      subject("huber", Huber(), Kind::number),
      subject("huber, delta 0.4", Huber({.delta = 0.4}), Kind::number),
      subject("poisson", Poisson(), Kind::count),
      subject("kl_divergence", KLDivergence(), Kind::distribution),
      subject("binary_crossentropy", BinaryCrossentropy(), Kind::label),
      subject("binary_crossentropy, smoothed", BinaryCrossentropy({.label_smoothing = 0.2}), Kind::label),
      subject("binary_crossentropy, fused", BinaryCrossentropy(), Kind::label_logit, sigmoid),
      subject("binary_crossentropy, logits, smoothed",
              BinaryCrossentropy({.from_logits = true, .label_smoothing = 0.2}), Kind::label_logit),
      subject("categorical_crossentropy", CategoricalCrossentropy(), Kind::one_hot),
      subject("categorical_crossentropy, soft truth", CategoricalCrossentropy(), Kind::probability),
      subject("categorical_crossentropy, smoothed", CategoricalCrossentropy({.label_smoothing = 0.2}), Kind::one_hot),
      subject("categorical_crossentropy, fused", CategoricalCrossentropy(), Kind::one_hot_logit, softmax),
      subject("categorical_crossentropy, fused, soft truth", CategoricalCrossentropy(), Kind::probability, log_softmax),
      subject("categorical_crossentropy, logits, smoothed",
              CategoricalCrossentropy({.from_logits = true, .label_smoothing = 0.2}), Kind::one_hot_logit),
      subject("sparse_categorical_crossentropy", SparseCategoricalCrossentropy(), Kind::id),
      subject("sparse_categorical_crossentropy, fused", SparseCategoricalCrossentropy(), Kind::id_logit, softmax),
      subject("sparse_categorical_crossentropy, logits", SparseCategoricalCrossentropy({.from_logits = true}),
              Kind::id_logit),
      subject("poisson, fused", Poisson(), Kind::count_log, exponential),
      subject("quantile", Quantile({.quantile = 0.9}), Kind::number),
      subject("tweedie", Tweedie({.power = 1.2}), Kind::count),
      subject("tweedie, fused", Tweedie(), Kind::count_log, exponential),
      subject("hinge", Hinge(), Kind::label_logit),
      subject("squared_hinge", SquaredHinge(), Kind::label_logit),
      subject("categorical_hinge", CategoricalHinge(), Kind::one_hot_logit),
      subject("cosine_similarity", CosineSimilarity(), Kind::number),
      subject("binary_focal_crossentropy", BinaryFocalCrossentropy(), Kind::label),
      subject("binary_focal_crossentropy, gamma 0.5",
              BinaryFocalCrossentropy({.apply_class_balancing = true, .gamma = 0.5}), Kind::label),
      subject("binary_focal_crossentropy, fused", BinaryFocalCrossentropy({.label_smoothing = 0.2}), Kind::label_logit,
              sigmoid),
      subject("binary_focal_crossentropy, logits, gamma 0.5",
              BinaryFocalCrossentropy({.gamma = 0.5, .from_logits = true}), Kind::label_logit),
      subject("categorical_focal_crossentropy", CategoricalFocalCrossentropy(), Kind::one_hot),
      subject("categorical_focal_crossentropy, smoothed", CategoricalFocalCrossentropy({.label_smoothing = 0.2}),
              Kind::one_hot),
      subject("categorical_focal_crossentropy, fused", CategoricalFocalCrossentropy(), Kind::one_hot_logit, softmax),
      subject("categorical_focal_crossentropy, fused, soft truth, gamma 0.5",
              CategoricalFocalCrossentropy({.gamma = 0.5}), Kind::probability, log_softmax),
      subject("negative_binomial", NegativeBinomial(), Kind::amount_raw),
      subject("zero_inflated_lognormal", ZeroInflatedLognormal(), Kind::amount_raw),
      subject("elementwise", elementwise_loss(Pinball{}), Kind::number),
  };
}

/// Whether the loss takes predictions of that shape.
bool takes(const Subject& s, const Shape& shape) {
  if (s.label.find("categorical") != std::string::npos) return shape.back() > 1;
  if (s.label == NegativeBinomial::name) return shape.back() == 2;
  if (s.label == ZeroInflatedLognormal::name) return shape.back() == 3;
  return true;
}

std::vector<double> row_weights(std::size_t rows) {
  std::vector<double> weights(rows);
  for (std::size_t i = 0; i < rows; ++i) weights[i] = 0.25 * static_cast<double>(i % 5);
  return weights;
}

}  // namespace

TEST_CASE("Loss: gradients are those of finite differences, with weights, scale and masks") {
  for (const Subject& s : subjects())
    for (const Shape& shape : {Shape{1}, Shape{4}, Shape{3}, Shape{3, 2}, Shape{2, 3, 2}})
      for (const bool weighted : {false, true})
        for (const bool masked : {false, true}) {
          if (!takes(s, shape)) continue;
          if (masked && shape.rank() < 2) continue;
          CAPTURE(s.label);
          CAPTURE(to_string(shape));
          CAPTURE(weighted);
          CAPTURE(masked);
          auto [truth, prediction] = sample<double>(s.kind, 3, shape);
          if (masked) {
            prediction.mask.assign(3 * shape.front(), 1);
            prediction.mask[0] = prediction.mask[2 * shape.front() + 1] = 0;
          }
          losses_test::How how{s.fused};
          if (weighted) how.weights = {0.5, 0, 2};
          how.scale = 0.37;
          const Result<double> result = run(s.loss, truth, prediction, how);
          CHECK(std::isfinite(result.sum));
          CHECK(result.gradient.size() == prediction.values.size());
          double worst = 0;
          for (std::size_t i = 0; i < prediction.values.size(); ++i) {
            const double h = 1e-6, x = prediction.values[i];
            Rows<double> moved = prediction;
            moved.values[i] = x + h;
            const double up = run(s.loss, truth, moved, how).sum;
            moved.values[i] = x - h;
            const double down = run(s.loss, truth, moved, how).sum;
            worst = std::max(worst, std::abs(how.scale * (up - down) / (2 * h) - result.gradient[i]));
          }
          CHECK(worst < 1e-8);
        }
}

TEST_CASE("Loss: float agrees with double over many blocks of rows and classes") {
  for (const Subject& s : subjects())
    for (const Shape& shape : {Shape{3}, Shape{2}, Shape{700}})
      for (const bool weighted : {false, true}) {
        if (!takes(s, shape)) continue;
        const std::size_t rows = shape.back() == 700 ? 3 : 997;
        CAPTURE(s.label);
        CAPTURE(to_string(shape));
        const auto [truth, prediction] = sample<double>(s.kind, rows, shape);
        const auto [truth_f, prediction_f] = sample<float>(s.kind, rows, shape);
        losses_test::How how{s.fused};
        if (weighted) how.weights = row_weights(rows);
        const Result<double> exact = run(s.loss, truth, prediction, how);
        const Result<float> single = run(s.single, truth_f, prediction_f, how);
        CHECK(single.sum == doctest::Approx(exact.sum).epsilon(2e-6));
        double worst = 0, largest = 0;
        for (std::size_t i = 0; i < exact.gradient.size(); ++i) {
          worst = std::max(worst, std::abs(exact.gradient[i] - static_cast<double>(single.gradient[i])));
          largest = std::max(largest, std::abs(exact.gradient[i]));
        }
        CHECK(worst < 3e-6 * largest);
      }
}

TEST_CASE("Loss: every instruction set gives the same to rounding, and a row the same bits wherever it stands") {
  const kernels::Isa before = kernels::active_isa();
  for (const Subject& s : subjects()) {
    CAPTURE(s.label);
    if (!takes(s, Shape{3})) continue;
    const auto [truth, prediction] = sample<float>(s.kind, 70, Shape{3});
    kernels::force_isa(kernels::Isa::portable);
    const Result<float> portable = run(s.single, truth, prediction, {s.fused});
    for (const kernels::Isa isa : {kernels::Isa::sse2, kernels::Isa::avx2, kernels::Isa::avx512}) {
      if (!kernels::force_isa(isa)) continue;
      const Result<float> result = run(s.single, truth, prediction, {s.fused});
      CHECK(result.sum == doctest::Approx(portable.sum).epsilon(1e-6));
      for (std::size_t i = 0; i < result.gradient.size(); ++i)
        CHECK(result.gradient[i] == doctest::Approx(portable.gradient[i]).epsilon(1e-5));
      for (const std::size_t r : {std::size_t(0), std::size_t(41), std::size_t(69)}) {
        const auto row = [r](const Rows<float>& all) {
          const std::size_t n = all.shape.size();
          return Rows<float>{1, all.shape, std::vector<float>(&all.values[r * n], &all.values[r * n] + n)};
        };
        const Result<float> alone = run(s.single, row(truth), row(prediction), {s.fused});
        CHECK(std::vector<float>(&result.gradient[3 * r], &result.gradient[3 * r] + 3) == alone.gradient);
      }
    }
  }
  kernels::force_isa(before);
}

TEST_CASE("Loss: a batch is the sum of its rows, weights multiply, no rows give 0") {
  for (const Subject& s : subjects()) {
    CAPTURE(s.label);
    if (!takes(s, Shape{3})) continue;
    const std::size_t rows = 300;
    const auto [truth, prediction] = sample<double>(s.kind, rows, Shape{3});
    const std::vector<double> weights = row_weights(rows);
    const Result<double> whole = run(s.loss, truth, prediction, {s.fused, weights, 1});
    double sum = 0, worst = 0;
    const std::size_t width = truth.shape.size();
    for (std::size_t r = 0; r < rows; ++r) {
      const auto cut = [r](const std::vector<double>& v, std::size_t w) {
        return std::vector<double>(v.begin() + static_cast<std::ptrdiff_t>(r * w),
                                   v.begin() + static_cast<std::ptrdiff_t>((r + 1) * w));
      };
      const Result<double> one = run(s.loss, Rows<double>{1, truth.shape, cut(truth.values, width)},
                                     Rows<double>{1, prediction.shape, cut(prediction.values, 3)}, {s.fused});
      sum += weights[r] * one.sum;
      for (std::size_t c = 0; c < 3; ++c)
        worst = std::max(worst, std::abs(weights[r] * one.gradient[c] - whole.gradient[3 * r + c]));
    }
    CHECK(whole.sum == doctest::Approx(sum).epsilon(1e-12));
    CHECK(worst < 1e-14);
    CHECK(run(s.loss, Rows<double>{0, truth.shape, {}}, Rows<double>{0, prediction.shape, {}}, {s.fused}).sum == 0);
  }
}

TEST_CASE("Loss: rows of weight 0 and masked steps do not count, whatever stands in them") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Loss<double> mse = MeanSquaredError();
  const Result<double> rows =
      run(mse, Rows<double>{2, {2}, {0, 0, nan, 1}}, Rows<double>{2, {2}, {1, 3, 5, nan}}, {{}, {2, 0}, 1});
  CHECK(rows.sum == 2 * (1 + 9) / 2.0);
  CHECK(rows.gradient == std::vector<double>{2, 6, 0, 0});

  // Three real steps of four: the mean over them times the rows; steps of two numbers.
  const Rows<double> truth{2, {2, 2}, {0, 0, 0, 0, 0, 0, 7, nan}},
      prediction{2, {2, 2}, {1, 1, 2, 2, 3, 3, nan, nan}, {1, 1, 1, 0}};
  const Result<double> masked = run(mse, truth, prediction);
  CHECK(masked.sum == doctest::Approx(2 * (1 + 4 + 9) / 3.0));
  CHECK(masked.gradient[4] == doctest::Approx(2 * 6 / 6.0));
  CHECK(masked.gradient[6] == 0);
  CHECK(masked.gradient[7] == 0);

  const Rows<double> ids{1, {3}, {1, -1, 5}};
  const Rows<double> logits{1, {3, 2}, {0, 0, 1, 2, 3, 4}, {1, 0, 0}};
  const Result<double> sparse = run(Loss<double>(SparseCategoricalCrossentropy()), ids, logits, {softmax});
  CHECK(sparse.sum == doctest::Approx(std::log(2.0)));
  CHECK(sparse.gradient == std::vector<double>{0.5, -0.5, 0, 0, 0, 0});

  const Rows<double> nothing{1, {2, 1}, {1, 1}, {0, 0}};
  CHECK(run(mse, Rows<double>{1, {2, 1}, {5, 5}}, nothing).sum == 0);
}

TEST_CASE("Loss: a batch with a mask that is cut into parts is the whole, when each part is told of it") {
  for (const Subject& s : subjects()) {
    if (!takes(s, Shape{3})) continue;
    CAPTURE(s.label);
    const auto [truth, prediction] = sample<double>(s.kind, 5, Shape{4, 3});
    const auto part = [](const Rows<double>& all, std::size_t first, std::size_t last) {
      const std::size_t n = all.shape.size();
      return Rows<double>{last - first, all.shape,
                          std::vector<double>(all.values.data() + first * n, all.values.data() + last * n)};
    };
    std::vector<std::uint8_t> mask(20, 1);
    for (const std::size_t padding : {2u, 3u, 6u, 7u, 13u, 14u, 15u, 19u}) mask[padding] = 0;
    Rows<double> whole = prediction;
    whole.mask = mask;
    const Result<double> expected = run(s.loss, truth, whole, {s.fused});
    double sum = 0;
    std::vector<double> gradient;
    for (const auto& [first, last] : {std::pair(0, 2), std::pair(2, 5)}) {
      const auto a = static_cast<std::size_t>(first), b = static_cast<std::size_t>(last);
      Rows<double> t = part(truth, a, b), p = part(prediction, a, b), g = p;
      p.mask.assign(mask.begin() + first * 4, mask.begin() + last * 4);
      LossCall<double> call{t.in(), p.in(), s.fused};
      call.rows_per_real_step = 5 / 12.0;
      call.gradient = g.out();
      sum += s.loss(call);
      gradient.insert(gradient.end(), g.values.begin(), g.values.end());
    }
    CHECK(sum == doctest::Approx(expected.sum).epsilon(1e-13));
    for (std::size_t i = 0; i < gradient.size(); ++i)
      CHECK(gradient[i] == doctest::Approx(expected.gradient[i]).epsilon(1e-13));
  }
}

TEST_CASE("Loss: fused and unfused agree where probabilities have digits") {
  {
    const auto [truth, logits] = sample<double>(Kind::label_logit, 200, {3});
    Rows<double> p = logits;
    kernels::activate(sigmoid, p.values.size(), logits.values.data(), p.values.data());
    const Loss<double> loss = BinaryCrossentropy({.label_smoothing = 0.1});
    const Result<double> fused = run(loss, truth, logits, {sigmoid}), plain = run(loss, truth, p);
    CHECK(fused.sum == doctest::Approx(plain.sum).epsilon(1e-12));
    std::vector<double> chained(p.values.size());
    kernels::activate_backward(sigmoid, p.values.size(), p.values.data(), static_cast<const double*>(nullptr),
                               plain.gradient.data(), chained.data());
    for (std::size_t i = 0; i < chained.size(); ++i)
      CHECK(fused.gradient[i] == doctest::Approx(chained[i]).epsilon(1e-9));
    const Result<double> told =
        run(Loss<double>(BinaryCrossentropy({.from_logits = true, .label_smoothing = 0.1})), truth, logits);
    CHECK(told.sum == fused.sum);
    CHECK(told.gradient == fused.gradient);
  }
  for (const bool sparse : {false, true}) {
    const auto [truth, logits] = sample<double>(sparse ? Kind::id_logit : Kind::one_hot_logit, 100, {2, 5});
    const Loss<double> loss =
        sparse ? Loss<double>(SparseCategoricalCrossentropy()) : Loss<double>(CategoricalCrossentropy());
    Rows<double> p = logits, log_p = logits;
    kernels::activate_rows(softmax, 200, 5, logits.values.data(), p.values.data());
    kernels::activate_rows(log_softmax, 200, 5, logits.values.data(), log_p.values.data());
    const Result<double> fused = run(loss, truth, logits, {softmax}), plain = run(loss, truth, p);
    CHECK(fused.sum == doctest::Approx(plain.sum).epsilon(1e-12));
    CHECK(run(loss, truth, log_p, {log_softmax}).sum == doctest::Approx(plain.sum).epsilon(1e-12));
    std::vector<double> chained(p.values.size());
    kernels::activate_rows_backward(softmax, 200, 5, p.values.data(), plain.gradient.data(), chained.data());
    for (std::size_t i = 0; i < chained.size(); ++i) CHECK(std::abs(fused.gradient[i] - chained[i]) < 1e-12);
  }
}

TEST_CASE_TEMPLATE("Loss: logits far out give finite numbers with all their digits", T, float, double) {
  const double eps = std::is_same_v<T, double> ? 1e-14 : 1e-6;
  const Loss<T> bce = BinaryCrossentropy();
  const auto one = [&](double truth, double logit) {
    return run(bce, Rows<T>{1, {1}, {T(truth)}}, Rows<T>{1, {1}, {T(logit)}}, {sigmoid});
  };
  for (const double side : {1.0, -1.0}) {
    const double truth = side > 0 ? 1 : 0;
    CHECK(one(truth, -200 * side).sum == 200);
    CHECK(one(truth, -200 * side).gradient[0] == T(-side));
    CHECK(one(truth, 30 * side).sum == doctest::Approx(std::log1p(std::exp(-30.0))).epsilon(eps));
    CHECK(static_cast<double>(one(truth, 30 * side).gradient[0]) ==
          doctest::Approx(-side / (1 + std::exp(30.0))).epsilon(eps));
    CHECK(one(truth, 200 * side).sum < 1e-30);
    CHECK(std::abs(one(truth, 200 * side).gradient[0]) < T(1e-30));
  }
  const Loss<T> losses[] = {CategoricalCrossentropy(), SparseCategoricalCrossentropy()};
  for (const Loss<T>& loss : losses) {
    const bool sparse = loss.name() == SparseCategoricalCrossentropy::name;
    const auto three = [&](std::size_t id, std::vector<T> logits) {
      const std::vector<T> truth = sparse ? std::vector<T>{T(id)} : std::vector<T>{T(id == 0), T(id == 1), T(id == 2)};
      return run(loss, Rows<T>{1, sparse ? Shape{} : Shape{3}, truth}, Rows<T>{1, {3}, logits}, {softmax});
    };
    CHECK(three(0, {200, -200, 0}).sum < 1e-80);
    CHECK(three(1, {200, -200, 0}).sum == 400);
    CHECK(three(1, {200, -200, 0}).gradient == std::vector<T>{1, -1, three(1, {200, -200, 0}).gradient[2]});
    CHECK(three(0, {30, 0, 0}).sum == doctest::Approx(2 * std::exp(-30.0)).epsilon(eps));
    CHECK(static_cast<double>(three(0, {30, 0, 0}).gradient[0]) == doctest::Approx(-2 * std::exp(-30.0)).epsilon(eps));
    CHECK(three(2, {10000, 10000, 10000}).sum == doctest::Approx(std::log(3.0)).epsilon(eps));
    CHECK(std::isnan(three(0, {std::numeric_limits<T>::quiet_NaN(), 0, 0}).sum));
  }
  // Sure and wrong probabilities stop at Keras' clip.
  CHECK(run(bce, Rows<T>{1, {1}, {1}}, Rows<T>{1, {1}, {0}}).sum == doctest::Approx(-std::log(1e-7)).epsilon(1e-6));
  CHECK(run(bce, Rows<T>{1, {1}, {1}}, Rows<T>{1, {1}, {0}}).gradient[0] == 0);
}

TEST_CASE("Loss: an id that is no class gives NaN, never a read out of bounds") {
  const Loss<float> loss = SparseCategoricalCrossentropy();
  for (const float id : {-1.f, 3.f, 0.5f, 1e30f, std::numeric_limits<float>::quiet_NaN()}) {
    const Result<float> result = run(loss, Rows<float>{1, {}, {id}}, Rows<float>{1, {3}, {1, 2, 3}}, {softmax});
    CHECK(std::isnan(result.sum));
    for (const float g : result.gradient) CHECK(std::isnan(g));
  }
}

TEST_CASE("LogCosh: keeps its digits near 0 and far from it") {
  const auto at = [](double e) {
    return run(Loss<double>(LogCosh()), Rows<double>{1, {1}, {0}}, Rows<double>{1, {1}, {e}}).sum;
  };
  for (const double e : {1e-5, -1e-5, 1e-3})
    CHECK(at(e) == doctest::Approx(e * e / 2 - e * e * e * e / 12).epsilon(1e-12));
  for (const double e : {0.49, 0.51, 3.0}) CHECK(at(e) == doctest::Approx(std::log(std::cosh(e))).epsilon(1e-13));
  CHECK(at(-1000) == doctest::Approx(1000 - std::log(2.0)).epsilon(1e-15));
}

TEST_CASE("Loss: focal losses with gamma 0 are the cross-entropies, and far logits keep their digits") {
  const auto [truth, logits] = sample<double>(Kind::label_logit, 50, {3});
  const Result<double> plain = run(Loss<double>(BinaryCrossentropy()), truth, logits, {sigmoid});
  const Result<double> focal = run(Loss<double>(BinaryFocalCrossentropy({.gamma = 0})), truth, logits, {sigmoid});
  CHECK(focal.sum == plain.sum);
  CHECK(focal.gradient == plain.gradient);
  const auto at = [](Loss<double> loss, double logit, double other) {
    return other == other ? run(loss, Rows<double>{1, {2}, {1, 0}}, Rows<double>{1, {2}, {logit, other}}, {softmax})
                          : run(loss, Rows<double>{1, {1}, {1}}, Rows<double>{1, {1}, {logit}}, {sigmoid});
  };
  const double none = std::nan(""), q = std::exp(-30.0) / (1 + std::exp(-30.0));
  for (const bool categorical : {false, true}) {
    const Loss<double> loss = categorical ? Loss<double>(CategoricalFocalCrossentropy({.alpha = 1}))
                                          : Loss<double>(BinaryFocalCrossentropy());
    const Result<double> sure = at(loss, 30, categorical ? 0 : none), wrong = at(loss, -800, categorical ? 0 : none);
    CHECK(sure.sum == doctest::Approx(q * q * std::log1p(std::exp(-30.0))).epsilon(1e-12));
    CHECK(sure.gradient[0] == doctest::Approx(-3 * q * q * q).epsilon(1e-11));
    CHECK(wrong.sum == 800);
    CHECK(wrong.gradient[0] == doctest::Approx(-1).epsilon(1e-12));
    CHECK(at(loss, 800, categorical ? 0 : none).sum == 0);
    CHECK(std::isnan(at(loss, none, categorical ? 0 : none).sum));
  }
}

TEST_CASE("NegativeBinomial: small dispersions lead to Poisson, and all digits stay") {
  const auto at = [](double y, double first, double second) {
    return run(Loss<double>(NegativeBinomial()), Rows<double>{1, {1}, {y}}, Rows<double>{1, {2}, {first, second}});
  };
  // 50-digit values: dispersion 1e-6 and 0.001, mean 20.
  const double first = std::log(std::expm1(20.0));
  for (const double dispersion : {1e-3, 1e-6}) {
    const double second = std::log(std::expm1(dispersion));
    const Result<double> result = at(25, first, second);
    double exact = 0;  // the product form of the likelihood
    for (int k = 0; k < 25; ++k) exact += std::log(k + 1.0) - std::log1p(k * dispersion) - std::log(20.0);
    exact += (1 / dispersion + 25) * std::log1p(20 * dispersion);
    CHECK(result.sum == doctest::Approx(exact).epsilon(1e-12));
    double slope = 25 * 20 / (1 + 20 * dispersion);
    for (int k = 0; k < 25; ++k) slope -= k / (1 + k * dispersion);
    slope += (20 * dispersion / (1 + 20 * dispersion) - std::log1p(20 * dispersion)) / (dispersion * dispersion);
    const double allowed = dispersion > 1e-4 ? 1e-9 : 1e-3;  // of the formula above, not of the loss
    CHECK(result.gradient[1] == doctest::Approx(slope * -std::expm1(-dispersion)).epsilon(allowed));
  }
  const double poisson = 20 - 25 * std::log(20.0) + std::lgamma(26.0);
  CHECK(at(25, first, -100).sum == doctest::Approx(poisson).epsilon(1e-6));
  CHECK(at(25, first, -100).gradient[1] == 0);
  CHECK(at(0, -100, 0).sum == doctest::Approx(std::exp(-100.0)));
  CHECK(at(3, -1000, 0).gradient[0] == -3);
  CHECK(std::isfinite(at(3, -1000, -1000).sum));
  CHECK(std::isfinite(at(1e6, 1e6, 1e3).gradient[1]));
  CHECK(std::isnan(at(3, std::nan(""), 0).sum));
  CHECK(std::isnan(at(3, 1, std::nan("")).sum));
}

TEST_CASE("ZeroInflatedLognormal: an expected amount from raw outputs, and a floor under the scale") {
  CHECK(ZeroInflatedLognormal::mean(0, 1, 0.5) ==
        doctest::Approx(0.5 * std::exp(1 + std::pow(std::log1p(std::exp(0.5)), 2) / 2)));
  const auto at = [](double y, double third) {
    return run(Loss<double>(ZeroInflatedLognormal()), Rows<double>{1, {1}, {y}}, Rows<double>{1, {3}, {0, 0, third}});
  };
  CHECK(at(1, -100).gradient[2] == 0);
  CHECK(at(1, -100).sum == doctest::Approx(std::log(2.0) + std::log(1e-7) / 2 + std::log(2 * std::acos(-1.0)) / 2));
  CHECK(at(0, 5).gradient == std::vector<double>{0.5, 0, 0});
  CHECK_THROWS_AS(
      (void)run(Loss<double>(ZeroInflatedLognormal()), Rows<double>{1, {1}, {1}}, Rows<double>{1, {2}, {0, 0}}),
      ShapeError);
}

TEST_CASE("Loss: knows which final activations it takes over") {
  CHECK(Loss<float>(BinaryCrossentropy()).fuses(sigmoid));
  CHECK(!Loss<float>(BinaryCrossentropy()).fuses(softmax));
  CHECK(!Loss<float>(BinaryCrossentropy()).fuses(foretell::tanh));
  CHECK(Loss<float>(CategoricalCrossentropy()).fuses(softmax));
  CHECK(Loss<float>(CategoricalCrossentropy()).fuses(log_softmax));
  CHECK(!Loss<float>(CategoricalCrossentropy()).fuses(sigmoid));
  CHECK(Loss<float>(SparseCategoricalCrossentropy()).fuses(softmax));
  CHECK(!Loss<float>(MeanSquaredError()).fuses(sigmoid));
  CHECK(Loss<float>(BinaryFocalCrossentropy()).fuses(sigmoid));
  CHECK(Loss<float>(CategoricalFocalCrossentropy()).fuses(softmax));
  CHECK(Loss<float>(Poisson()).fuses(exponential));
  CHECK(Loss<float>(Tweedie()).fuses(exponential));
  CHECK(!Loss<float>(Tweedie()).fuses(softplus));
  CHECK_THROWS_AS((void)Loss<float>(BinaryFocalCrossentropy({.from_logits = true})).fuses(sigmoid), ConfigError);
  CHECK(!Loss<float>(HalfSquares()).fuses(sigmoid));
  const auto confused = [] { (void)Loss<float>(BinaryCrossentropy({.from_logits = true})).fuses(sigmoid); };
  CHECK(has(message_of<ConfigError>(confused), "from_logits"));
  CHECK_THROWS_AS((void)Loss<float>(SparseCategoricalCrossentropy({.from_logits = true})).fuses(softmax), ConfigError);
  CHECK(Loss<float>(CategoricalCrossentropy({.from_logits = true})).fuses(log_softmax));
}

TEST_CASE("Loss: options that make no sense are refused when the loss is given to a model") {
  CHECK_THROWS_AS(Loss<float>(Huber({.delta = 0})), ConfigError);
  CHECK_THROWS_AS(Loss<float>(Huber({.delta = -1})), ConfigError);
  CHECK_THROWS_AS(Loss<float>(BinaryCrossentropy({.label_smoothing = 1.5})), ConfigError);
  CHECK_THROWS_AS(Loss<float>(CategoricalCrossentropy({.label_smoothing = std::nan("")})), ConfigError);
  CHECK_NOTHROW(Loss<float>(CategoricalCrossentropy({.label_smoothing = 1})));
  CHECK_THROWS_AS(Loss<float>(Quantile({.quantile = 1})), ConfigError);
  CHECK_THROWS_AS(Loss<float>(Quantile({.quantile = std::nan("")})), ConfigError);
  CHECK_THROWS_AS(Loss<float>(Tweedie({.power = 1})), ConfigError);
  CHECK_THROWS_AS(Loss<float>(Tweedie({.power = 2})), ConfigError);
  CHECK_THROWS_AS(Loss<float>(BinaryFocalCrossentropy({.alpha = 1.5})), ConfigError);
  CHECK_THROWS_AS(Loss<float>(BinaryFocalCrossentropy({.gamma = -1})), ConfigError);
  CHECK_THROWS_AS(Loss<float>(CategoricalFocalCrossentropy({.label_smoothing = 2})), ConfigError);
}

TEST_CASE("Loss: a truth that cannot be learnt is refused with the row and the reason") {
  const Loss<float> mse = MeanSquaredError(), bce = BinaryCrossentropy(), cce = CategoricalCrossentropy(),
                    sparse = SparseCategoricalCrossentropy();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto refused = [](const Loss<float>& loss, const Rows<float>& truth, const Shape& prediction) {
    return message_of<Error>([&] { loss.validate(truth.in(), prediction); });
  };
  CHECK(has(refused(mse, {2, {1}, {1, nan}}, {1}), "received nan in row 1"));
  CHECK(has(refused(mse, {1, {3}, {1, 2, 3}}, {1}),
            "expected truth of shape (*, 1) for predictions of shape (*, 1), received (*, 3)"));
  CHECK(has(refused(bce, {3, {1}, {1, 0, -1}}, {1}), "received -1 in row 2"));
  CHECK(has(refused(bce, {1, {3}, {0, 1, 0}}, {1}), "CategoricalCrossentropy"));
  CHECK(has(refused(cce, {1, {1}, {2}}, {3}), "SparseCategoricalCrossentropy"));
  CHECK(has(refused(cce, {1, {3}, {0, 2, 0}}, {3}), "within 0 .. 1, received 2"));
  CHECK(has(refused(cce, {1, {1}, {1}}, {1}), "at least two classes"));
  CHECK(has(refused(sparse, {2, {1}, {0, 3}}, {3}), "expected class ids 0 to 2, received 3 in row 1"));
  CHECK(has(refused(sparse, {2, {1}, {0, 0.5f}}, {3}), "received 0.5 in row 1"));
  CHECK(has(refused(sparse, {1, {3}, {0, 1, 0}}, {3}), "CategoricalCrossentropy"));
  CHECK(has(refused(Poisson(), {1, {1}, {-2}}, {1}), "at least 0"));
  CHECK(has(refused(KLDivergence(), {1, {2}, {3, 1}}, {2}), "within 0 .. 1"));
  CHECK(has(refused(Tweedie(), {1, {1}, {-2}}, {1}), "amounts, at least 0"));
  CHECK(has(refused(Hinge(), {1, {1}, {2}}, {1}), "0 and 1, received 2"));
  CHECK(has(refused(SquaredHinge(), {1, {3}, {0, 1, 0}}, {1}), "CategoricalHinge"));
  CHECK(has(refused(CategoricalHinge(), {1, {1}, {1}}, {1}), "at least two classes"));
  CHECK(has(refused(CosineSimilarity(), {1, {2}, {nan, 1}}, {2}), "finite truth"));
  CHECK(has(refused(Quantile(), {1, {2}, {0, 1}}, {1}), "expected truth of shape (*, 1)"));
  CHECK(has(refused(BinaryFocalCrossentropy(), {1, {1}, {2}}, {1}), "within 0 .. 1"));
  CHECK(has(refused(CategoricalFocalCrossentropy(), {1, {1}, {2}}, {3}), "1 for the right one"));
  CHECK(has(refused(NegativeBinomial(), {1, {1}, {2}}, {1}), "linear layer of 2 units"));
  CHECK(has(refused(NegativeBinomial(), {1, {2}, {2, 1}}, {2}), "expected truth of shape (*)"));
  CHECK(has(refused(ZeroInflatedLognormal(), {1, {1}, {-1}}, {3}), "amounts, at least 0"));
  CHECK_NOTHROW(Loss<float>(NegativeBinomial()).validate(Rows<float>{2, {1}, {0, 3}}.in(), {2}));
  CHECK(has(refused(elementwise_loss(Pinball{}), {1, {1}, {nan}}, {1}), "test.pinball"));

  CHECK_NOTHROW(sparse.validate(Rows<float>{2, {}, {0, 2}}.in(), {3}));
  CHECK_NOTHROW(sparse.validate(Rows<float>{2, {2, 1}, {0, 2, 1, 1}}.in(), {2, 3}));
  CHECK_NOTHROW(bce.validate(Rows<float>{2, {}, {0, 0.25f}}.in(), {1}));
  CHECK_NOTHROW(Loss<float>(HalfSquares()).validate(Rows<float>{1, {1}, {nan}}.in(), {3}));
  CHECK_THROWS_AS((void)run(mse, Rows<float>{2, {1}, {1, 2}}, Rows<float>{2, {3}, {1, 2, 3, 4, 5, 6}}), ShapeError);
}

TEST_CASE("Loss: takes the user's losses, copies them, and shows their options") {
  const Rows<double> truth{2, {1}, {1, 2}}, prediction{2, {1}, {0, 4}};
  Loss<double> pinball = elementwise_loss(Pinball{.quantile = 0.8});
  CHECK(pinball.name() == "test.pinball");
  CHECK(run(pinball, truth, prediction).sum == doctest::Approx(0.8 + 0.4));
  CHECK(run(pinball, truth, prediction, {{}, {}, 10}).gradient[0] == doctest::Approx(-8));
  const Loss<double> half = HalfSquares();
  CHECK(run(half, truth, prediction).sum == doctest::Approx(0.5 + 2));

  const Loss<double> empty;
  CHECK(!empty);
  Loss<double> copy = pinball;
  support::StoredFields stored{{"quantile", "0.25"}};
  stored.read(copy);
  CHECK(run(copy, truth, prediction).sum == doctest::Approx(0.25 + 1.5));
  CHECK(run(pinball, truth, prediction).sum == doctest::Approx(0.8 + 0.4));
  CHECK(copy.as<ElementwiseLoss<Pinball>>() != nullptr);
  CHECK(copy.as<Huber>() == nullptr);

  Loss<double> huber = Huber({.delta = 0.5});
  stored.write(huber);
  CHECK(stored["delta"] == "0.5");
  Loss<double> other = Huber();
  stored.read(other);
  CHECK(run(other, truth, prediction).sum == run(huber, truth, prediction).sum);
  stored["delta"] = "-1";
  CHECK_THROWS_AS(stored.read(other), ConfigError);

  Loss<double> options[][2] = {
      {Quantile({.quantile = 0.9}), Quantile()},
      {Tweedie({.power = 1.25}), Tweedie()},
      {BinaryFocalCrossentropy({true, 0.5, 3, true, 0.125}), BinaryFocalCrossentropy()},
      {CategoricalFocalCrossentropy({0.5, 3, true, 0.125}), CategoricalFocalCrossentropy()},
  };
  for (auto& pair : options) {
    Loss<double>&from = pair[0], &to = pair[1];
    support::StoredFields fields;
    fields.write(from);
    fields.read(to);
    const Rows<double> t{2, {2}, {1, 0, 0, 1}}, p{2, {2}, {0.5, 4, 0.25, 0.75}};
    CAPTURE(from.name());
    CHECK(run(to, t, p).sum == run(from, t, p).sum);
  }
  static_assert(std::is_nothrow_move_constructible_v<Loss<float>>);
  static_assert(!std::is_constructible_v<Loss<float>, Loss<double>> && !std::is_constructible_v<Loss<float>, int>);
}

// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "foretell/core/erased.hpp"
#include "foretell/core/error.hpp"
#include "foretell/core/fields.hpp"
#include "foretell/core/view.hpp"
#include "foretell/losses/output_facts.hpp"
#include "foretell/metrics/loss_metric.hpp"
#include "foretell/metrics/mode.hpp"

// The contract of a metric: a small copyable value that sees a data set batch by batch.
//
//   static constexpr std::string_view name = "acme_metric";            or  std::string name() const;
//   template <class T> void update(In<T> truth, In<T> prediction, const T* weights);
//   double result() const;                                             of all rows since the last reset
//   void reset();
//   void merge(const Self& other);                                     as if the other's rows had been seen here
//   static constexpr Mode mode = Mode::max;                            optional: rises when better; or a function
//   void reserve(std::size_t rows);                                    optional: how many rows one pass has
//   void check_output(const OutputFacts&) const;                       optional: ConfigError when not meant for it
//   void fields(auto&& f);                                             optional: its options
//
// truth has the prediction's shape, or one class id for each position (each vector along the last axis of the
// prediction). weights: one for each row, or null. A masked step of the prediction does not count.

namespace foretell {

namespace detail {

template <class M, class T>
concept UpdatesFor = requires(M& metric, In<T> x, const T* weights) {
  metric.update(x, x, weights);
};
template <class M>
concept Resets = requires(M& metric) {
  metric.reset();
};
template <class M>
concept Merges = requires(M& metric, const M& other) {
  metric.merge(other);
};

}  // namespace detail

/// Any metric as one value type. Any loss, built-in, erased or the user's own, converts too: its mean over the rows.
template <class T>
class Metric {
 public:
  Metric() = default;
  template <class M>
  requires(!std::same_as<std::remove_cvref_t<M>, Metric> && detail::MetricTag<std::remove_cvref_t<M>>)
      Metric(M&& metric) {  // NOLINT(google-explicit-constructor): {AUC(), Precision()} is the point
    using Plain = std::remove_cvref_t<M>;
    if constexpr (requires { metric.result(); }) {
      self_ = std::make_unique<Model<Plain>>(std::forward<M>(metric));
    } else {
      static_assert(
          requires(const Plain& loss, const LossCall<T>& call) { loss(call); },
          "foretell: a metric needs `double result() const`, a loss `double operator()(const LossCall<T>&) const`");
      self_ = std::make_unique<Model<LossMetric<Plain>>>(LossMetric<Plain>(std::forward<M>(metric)));
    }
  }
  explicit operator bool() const { return static_cast<bool>(self_); }
  std::string name() const { return self_->name(); }
  void update(In<T> truth, In<T> prediction, const T* weights = nullptr) { self_->update(truth, prediction, weights); }
  double result() const { return self_->result(); }
  /// Whether it rises or falls when it gets better; automatic where it does not say.
  Mode mode() const { return self_->mode(); }
  /// Throws ConfigError when the metric means nothing of such an output.
  void check_output(const OutputFacts& output) const { self_->check_output(output); }
  void reset() { self_->reset(); }
  /// Throws ConfigError when the other holds another type of metric.
  void merge(const Metric& other) { self_->merge(*other.self_); }
  void reserve(std::size_t rows) { self_->reserve(rows); }
  void visit(FieldVisitor& visitor) { self_->visit(visitor); }

  /// The metric inside when it is an M, else null.
  template <class M>
  const M* as() const {
    return self_.template as<M>();
  }

 private:
  struct Concept : detail::Erasable<Concept> {
    virtual std::string name() const = 0;
    virtual void update(In<T>, In<T>, const T*) = 0;
    virtual double result() const = 0;
    virtual Mode mode() const = 0;
    virtual void check_output(const OutputFacts&) const = 0;
    virtual void reset() = 0;
    virtual void merge(const Concept&) = 0;
    virtual void reserve(std::size_t) = 0;
    virtual void visit(FieldVisitor&) = 0;
  };

  template <class M>
  struct Model final : detail::Held<Concept, Model<M>, M> {
    using Held = detail::Held<Concept, Model<M>, M>;
    using Held::Held;
    using Held::value;
    static_assert(std::copy_constructible<M>, "foretell: a metric must be copyable");
    static_assert(detail::UpdatesFor<M, T>,
                  "foretell: a metric needs `void update(In<T> truth, In<T> prediction, const T* weights)` for the "
                  "model's scalar type T");
    static_assert(detail::Resets<M>, "foretell: a metric needs `void reset()`");
    static_assert(detail::Merges<M>, "foretell: a metric needs `void merge(const Self& other)`");

    std::string name() const override { return detail::name_of(value); }
    void update(In<T> truth, In<T> prediction, const T* weights) override { value.update(truth, prediction, weights); }
    double result() const override { return static_cast<double>(value.result()); }
    Mode mode() const override { return detail::mode_of(value); }
    void check_output(const OutputFacts& output) const override {
      if constexpr (requires { value.check_output(output); }) value.check_output(output);
    }
    void reset() override { value.reset(); }
    void merge(const Concept& other) override {
      if (other.key() != this->key())
        throw ConfigError(
            text("Metric \"", name(), "\": merge expects a metric of the same type, received \"", other.name(), "\"."));
      value.merge(static_cast<const Model&>(other).value);
    }
    void reserve(std::size_t rows) override {
      if constexpr (requires { value.reserve(rows); }) value.reserve(rows);
    }
    void visit(FieldVisitor& visitor) override {
      if constexpr (HasFields<M>) visit_fields(visitor, value);
    }
  };

  detail::Erased<Concept> self_;
};

}  // namespace foretell

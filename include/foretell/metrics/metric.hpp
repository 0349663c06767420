// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <concepts>
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

/// What a type of metric does; null where it does nothing.
template <class T>
struct MetricOps : ValueOps {
  std::string (*name_of)(const void*) = nullptr;
  void (*update)(void*, In<T> truth, In<T> prediction, const T* weights) = nullptr;
  double (*result)(const void*) = nullptr;
  Mode (*mode)(const void*) = nullptr;
  void (*check_output)(const void*, const OutputFacts&) = nullptr;
  void (*reset)(void*) = nullptr;
  void (*merge)(void*, const void* other) = nullptr;
  void (*reserve)(void*, std::size_t rows) = nullptr;
};

template <class M, class T>
struct MetricFunctions {
  static_assert(std::copy_constructible<M>, "foretell: a metric must be copyable");
  static_assert(UpdatesFor<M, T>,
                "foretell: a metric needs `void update(In<T> truth, In<T> prediction, const T* weights)` for the "
                "model's scalar type T");
  static_assert(Resets<M>, "foretell: a metric needs `void reset()`");
  static_assert(Merges<M>, "foretell: a metric needs `void merge(const Self& other)`");

  static M& of(void* metric) { return *static_cast<M*>(metric); }
  static const M& of(const void* metric) { return *static_cast<const M*>(metric); }
  static std::string name_of(const void* metric) { return detail::name_of(of(metric)); }
  static void update(void* metric, In<T> truth, In<T> prediction, const T* weights) {
    of(metric).update(truth, prediction, weights);
  }
  static double result(const void* metric) { return static_cast<double>(of(metric).result()); }
  static Mode mode(const void* metric) { return mode_of(of(metric)); }
  static void check_output(const void* metric, const OutputFacts& output) { of(metric).check_output(output); }
  static void reset(void* metric) { of(metric).reset(); }
  static void merge(void* metric, const void* other) { of(metric).merge(of(other)); }
  static void reserve(void* metric, std::size_t rows) { of(metric).reserve(rows); }
};

template <class M, class T>
constexpr MetricOps<T> make_metric_ops() {
  using F = MetricFunctions<M, T>;
  auto ops = begin_ops<MetricOps<T>, M>();
  ops.name_of = F::name_of;
  ops.update = F::update;
  ops.result = F::result;
  ops.mode = F::mode;
  if constexpr (requires(const M& m, const OutputFacts& output) { m.check_output(output); })
    ops.check_output = F::check_output;
  ops.reset = F::reset;
  ops.merge = F::merge;
  if constexpr (requires(M & m) { m.reserve(std::size_t()); }) ops.reserve = F::reserve;
  return ops;
}
/// The table of a type of metric.
template <class M, class T>
const ValueOps& metric_ops() {
  static constexpr MetricOps<T> ops = make_metric_ops<M, T>();
  return ops;
}

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
      self_ = Self(hold(std::forward<M>(metric)));
    } else {
      static_assert(
          requires(const Plain& loss, const LossCall<T>& call) { loss(call); },
          "foretell: a metric needs `double result() const`, a loss `double operator()(const LossCall<T>&) const`");
      self_ = Self(hold(LossMetric<Plain>(std::forward<M>(metric))));
    }
  }
  explicit operator bool() const { return static_cast<bool>(self_); }
  std::string name() const { return self_->name_of(self_.get()); }
  void update(In<T> truth, In<T> prediction, const T* weights = nullptr) {
    self_->update(self_.get(), truth, prediction, weights);
  }
  double result() const { return self_->result(self_.get()); }
  /// Whether it rises or falls when it gets better; automatic where it does not say.
  Mode mode() const { return self_->mode(self_.get()); }
  /// Throws ConfigError when the metric means nothing of such an output.
  void check_output(const OutputFacts& output) const {
    if (self_->check_output) self_->check_output(self_.get(), output);
  }
  void reset() { self_->reset(self_.get()); }
  /// Throws ConfigError when the other holds another type of metric.
  void merge(const Metric& other) {
    if (self_->key != other.self_->key)
      throw ConfigError(
          text("Metric \"", name(), "\": merge expects a metric of the same type, received \"", other.name(), "\"."));
    self_->merge(self_.get(), other.self_.get());
  }
  void reserve(std::size_t rows) {
    if (self_->reserve) self_->reserve(self_.get(), rows);
  }
  void visit(FieldVisitor& visitor) { self_.visit(visitor); }

  /// The metric inside when it is an M, else null.
  template <class M>
  const M* as() const {
    return self_.template as<M>();
  }

 private:
  using Self = detail::Erased<detail::MetricOps<T>>;

  template <class M>
  static detail::ErasedValue hold(M&& metric) {
    return detail::ErasedValue::of(detail::metric_ops<std::remove_cvref_t<M>, T>(), std::forward<M>(metric));
  }

  Self self_;
};

}  // namespace foretell
